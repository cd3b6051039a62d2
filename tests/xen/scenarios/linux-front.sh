# SPDX-License-Identifier: MIT OR GPL-2.0-only
# what: Linux's netfront on our netback: the same, unbind and bind
# machine: small
# seconds: 400
. /job/lib.sh
modprobe tun
modprobe vhost_net
modprobe xen-netfront max_queues=4
peer
rest=$(left)
vif=0

# The frontend's interface, before it goes to the peer.
interface() { ls "/sys/bus/xen/devices/vif-$vif/net"; }

join() { # NAME
	check "$1: connect" both_reach $vif 4 || exit
	front=$(interface)
	check "$1: meet" meet vif0.$vif "$front"
}

# begin NAME BACK-ARG...
begin() {
	name=$1
	shift
	vif=$((vif + 1))
	start netback "$@"
	plug $vif
	join "$name"
}

# finish STRATEGY QUEUES
finish() {
	check "$name: agreed" grep "connected, $2 queue" /tmp/netback.err
	check "$name: unplug" unplug $vif
	check "$name: netback ends" ends_clean netback
	check "$name: strategy" strategy_is "$1" "$2" 1
	check "$name: every queue is used" used_queues "$2" /tmp/netback.out
	check "$name: nothing left" nothing_left
}

# How often netback's threads, all of them, have run and stopped.
switches() {
	cat /proc/"$netback"/task/*/status |
		awk '/ctxt_switches/ { n += $2 } END { print n }'
}

sleeps() {
	local was
	was=$(switches)
	sleep 3
	[ "$was" -gt 0 ] && is "$was" switches
}

driver() { # unbind or bind
	echo vif-$vif >"/sys/bus/xen/drivers/vif/$1"
}

begin "copy" --strategy copy --queues 1
exercise "$name"
check "$name: unbind" driver unbind
check "$name: unbound" soon 5 grep -q disconnected /tmp/netback.err
check "$name: bind" driver bind
join "copy, bound again"
exercise "copy, bound again"
finish copy 1
check "$name: segments" segments /tmp/netback.out

begin "map" --strategy map --queues 1
exercise "$name"
finish map 1

begin "persistent, which Linux does not know" --strategy persistent --queues 1
exercise "$name"
finish copy 1

begin "4 queues" --strategy copy --queues 4
exercise "$name"
check "$name: idle, no thread wakes" soon 60 sleeps
finish copy 4

begin "map, combined channels" --strategy map --queues 1 --no-split
check "$name: one key" xenstore-read "$(front_of $vif)/event-channel"
exercise "$name"
finish map 1

begin "no sg" --strategy copy --queues 1 --no-sg
exercise "$name"
finish copy 1

begin "no checksum offload" --strategy copy --queues 1 --no-csum
exercise "$name"
finish copy 1

begin "Linux without offloads" --strategy copy --queues 1
check "$name: ethtool" in_peer ethtool -K "$front" \
	tx off sg off tso off gso off
exercise "$name"
finish copy 1
