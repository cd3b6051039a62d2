# SPDX-License-Identifier: MIT OR GPL-2.0-only
# what: our netfront on our netback: every strategy and shape, nothing left
# machine: small
# seconds: 400
. /job/lib.sh
modprobe tun
peer
rest=$(left)
vif=0

# run NAME STRATEGY QUEUES RING-PAGES [FRONT-ARG...] -- [BACK-ARG...]
run() {
	local name=$1 strategy=$2 queues=$3 ring=$4 front=''
	shift 4
	while [ "$1" != -- ]; do
		front="$front $1"
		shift
	done
	shift
	vif=$((vif + 1))
	start netback --strategy "${strategy/static/copy}" --queues "$queues" "$@"
	plug $vif
	start netfront --vif $vif --tap xf$vif --queues "$queues" $front
	check "$name: connect" both_reach $vif 4 || exit
	check "$name: agreed" grep "connected, $queues queue.* $ring-page" \
		/tmp/netback.err
	check "$name: meet" meet vif0.$vif xf$vif
	exercise "$name"
	check "$name: netfront ends" ends_clean netfront
	check "$name: unplug" unplug $vif
	check "$name: netback ends" ends_clean netback
	check "$name: strategy" strategy_is "$strategy" \
		"$queues" "$ring"
	check "$name: every queue is used" used_queues "$queues" \
		/tmp/netback.out
	check "$name: nothing left" nothing_left
}

run "copy" copy 1 1 --
run "map" map 1 1 --
run "persistent" persistent 1 1 --
run "copy, 4 queues" copy 4 1 --
run "map, combined channels" map 1 1 --no-split --
run "persistent, 4 queues of 4-page rings" persistent 4 4 --ring-order 2 -- \
	--ring-order 2
run "copy, no sg" copy 1 1 --no-sg -- --no-sg
run "copy, no checksum offload" copy 1 1 --no-csum -- --no-csum
run "persistent, 4 queues by hash" persistent 4 1 --hash --
check "hash: on" grep "hash: on" /tmp/netfront.err
check "hash: to the guest" test "$(count tap_hashed /tmp/netback.out)" -gt 100
run "a grant per packet" map 1 1 --no-persistent --
run "static grants" static 2 1 --static --
