# SPDX-License-Identifier: MIT OR GPL-2.0-only
# what: our netfront on our netback: every strategy and shape, nothing left
# machine: small
# seconds: 240
. /job/lib.sh
modprobe tun
peer
vif=0

# strategy_is NAME: what the counters show of it.
strategy_is() {
	local copies maps
	copies=$(count copy_ops /tmp/netback.out)
	maps=$(count map_ops /tmp/netback.out)
	echo "$copies copies, $maps maps"
	case $1 in
	copy) [ "$copies" -gt 0 ] && [ "$maps" = 0 ] ;;
	map) [ "$maps" -gt 1000 ] ;;
	# every page at most once
	persistent) [ "$copies" = 0 ] && [ "$maps" -gt 0 ] &&
		[ "$maps" -le "$pages" ] ;;
	esac
}

# run NAME STRATEGY QUEUES [FRONT-ARG...] -- [BACK-ARG...]
run() {
	local name=$1 strategy=$2 queues=$3 front= was
	shift 3
	while [ "$1" != -- ]; do
		front="$front $1"
		shift
	done
	shift
	vif=$((vif + 1))
	was=$(left)
	start netback --strategy "$strategy" --queues "$queues" "$@"
	plug $vif
	start netfront --vif $vif --tap xf$vif --queues "$queues" $front
	check "$name: connect" both_reach $vif 4
	check "$name: meet" meet vif0.$vif xf$vif
	exercise "$name"
	check "$name: netfront ends" ends_clean netfront
	check "$name: unplug" unplug $vif
	check "$name: netback ends" ends_clean netback
	check "$name: strategy" strategy_is "$strategy"
	check "$name: nothing left" soon 5 is "$was" left
}

run "copy" copy 1 -- 
