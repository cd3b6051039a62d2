# SPDX-License-Identifier: MIT OR GPL-2.0-only
# what: our netfront on xennet_back.ko: grants of each kind, queues, hash
# machine: checked
# seconds: 300
# modules: yes
. /job/lib.sh
. /job/kmod.sh
modprobe tun
mount -t debugfs none /sys/kernel/debug 2>/dev/null
peer
rest=$(left)
vif=0

counter() { ethtool -S "vif0.$vif" | sed -n "s/^ *$1: //p"; }

# at_most N COUNTER
at_most() {
	echo "$2: $(counter "$2")"
	[ "$(counter "$2")" -le "$1" ]
}

# shows WHAT N: of the pages that stay mapped.
shows() {
	awk -v what="$1:" -v least="$2" 'index($0, what) {
		sub(".*: ", ""); n += $1; print }
		END { exit !(n >= least) }' "/sys/kernel/debug/xennet_back/vif-0-$vif"
}

# begin NAME FRONT-ARG...
begin() {
	name=$1
	shift
	vif=$((vif + 1))
	plug $vif
	start netfront --vif $vif --tap xf$vif "$@"
	check "$name: connect" both_reach $vif 4 || exit
	check "$name: meet" meet vif0.$vif xf$vif
	exercise "$name"
}

finish() {
	check "$name: netfront ends" ends_clean netfront
	check "$name: Closed" reaches front $vif 6
	check "$name: unplug" unplug $vif
	check "$name: nothing left" nothing_left
}

check "insmod xennet" insmod /modules/xennet.ko || exit
check "insmod xennet_back" insmod /modules/xennet_back.ko queues=4 || exit

begin "persistent" --queues 1
check "$name: kept" shows "tx persistent" 10
check "$name: few copies" at_most 100 copy_ops
finish

begin "static" --queues 1 --static
check "$name: kept" shows "static" 256
check "$name: few copies" at_most 1000 copy_ops
finish

begin "copy" --queues 1 --no-persistent
check "$name: none is mapped" is 0 counter map_ops
finish

begin "4 queues, hash" --queues 4 --hash
check "$name: on" soon 10 grep "hash: on" /tmp/netfront.err
check "$name: 4 queues" sh -c "ethtool -l vif0.$vif | grep 'Combined:.*4'"
check "$name: ethtool's mapping" \
	sh -c "ethtool -x vif0.$vif | grep '8: *0 *1 *2 *3'"
exercise "$name on"
finish

begin "it is killed" --queues 2
kill -9 "$netfront"
check "$name: another" start netfront --vif $vif --tap xf$vif
check "$name: comes again" both_reach $vif 4
check "$name: meets again" meet vif0.$vif xf$vif
exercise "$name, again"
finish

check "rmmod" rmmod xennet_back
check "rmmod, all" rmmod xennet
check "no complaints" is "" complaints
check "untainted" untainted
