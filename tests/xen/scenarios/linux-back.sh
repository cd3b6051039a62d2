# SPDX-License-Identifier: MIT OR GPL-2.0-only
# what: our netfront on Linux's netback: the same, a frontend that comes again
# machine: small
# seconds: 400
. /job/lib.sh
modprobe tun
modprobe xen-netback max_queues=4
peer
rest=$(left)
vif=0

join() { # NAME
	check "$1: connect" both_reach $vif 4 || exit
	check "$1: meet" meet vif0.$vif xf$vif
}

# begin NAME FRONT-ARG...
begin() {
	name=$1
	shift
	vif=$((vif + 1))
	plug $vif
	# as Linux's script for interfaces does
	reaches back $vif 2 &&
		xenstore-write "$(back_of $vif)/hotplug-status" connected
	start netfront --vif $vif --tap xf$vif "$@"
	join "$name"
}

# finish QUEUES
finish() {
	check "$name: agreed" grep "connected to domain 0, $1 queue" \
		/tmp/netfront.err
	check "$name: netfront ends" ends_clean netfront
	check "$name: every queue is used" used_queues "$1" /tmp/netfront.out
	check "$name: unplug" unplug $vif
	check "$name: nothing left" nothing_left
}

begin "1 queue" --queues 1
exercise "$name"
check "$name: netfront ends" ends_clean netfront
check "$name: Closed" reaches front $vif 6
check "$name: segments" segments /tmp/netfront.out
start netfront --vif $vif --tap xf$vif --queues 1
join "again"
exercise "again"
finish 1

begin "4 queues" --queues 4
exercise "$name"
finish 4

begin "combined channels" --queues 1 --no-split
check "$name: one key" xenstore-read "$(front_of $vif)/event-channel"
exercise "$name"
finish 1

begin "no gso" --queues 1 --no-gso
exercise "$name"
finish 1

begin "no sg" --queues 1 --no-sg
exercise "$name"
finish 1

begin "no checksum offload" --queues 1 --no-csum
exercise "$name"
finish 1

begin "hash" --queues 4 --hash
check "$name: on" soon 10 grep "hash: on" /tmp/netfront.err
mount -t debugfs none /sys/kernel/debug 2>/dev/null
ctrl=/sys/kernel/debug/xen-netback/vif0.$vif/ctrl
check "$name: Linux's algorithm" grep TOEPLITZ $ctrl
check "$name: Linux's types" is 4 grep -c "^- IPv" $ctrl
check "$name: Linux's mapping" grep "120 -  127]: *0 *1 *2 *3 *0 *1 *2 *3" $ctrl
exercise "$name"
finish 4

begin "Linux without offloads" --queues 1
check "$name: ethtool" ethtool -K vif0.$vif \
	tx off sg off tso off gso off
exercise "$name"
finish 1
