# SPDX-License-Identifier: MIT OR GPL-2.0-only
# what: our netfront on xennet_back.ko: grants of each kind, queues, hash
# machine: checked
# seconds: 600
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
check "$name: kept" shows vif-0-$vif "tx persistent" 10
check "$name: few copies" at_most 100 copy_ops
finish

begin "static" --queues 1 --static
check "$name: kept" shows vif-0-$vif "static" 256
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

begin "one slot a packet" --queues 1 --no-sg
check "$name: no larger MTU" sh -c "! ip link set vif0.$vif mtu 1501"
check "$name: in fragments" ping -c 10 -i 0.05 -W 1 -s 6000 10.9.0.2
finish

# --- a guest that stops

has_carrier() { is "$1" cat "/sys/class/net/vif0.$vif/carrier"; }
told_carrier() { is "$1" xenstore-read "$(back_of $vif)/carrier"; }

# bytes_wait LEAST MOST: for the guest.
bytes_wait() {
	local n
	n=$(sed -n 's/^ *\([0-9]*\) bytes wait.*/\1/p' \
		"/sys/kernel/debug/xennet_back/vif-0-$vif")
	echo "$n bytes wait"
	[ "$n" -ge "$1" ] && [ "$n" -le "$2" ]
}

# flood: with much more than may wait, though nobody answers for the guest. A
# socket may have a fifth of that on its way.
flood() {
	local n
	ip neigh replace 10.9.0.2 lladdr 00:16:3e:00:00:99 nud permanent \
		dev "vif0.$vif"
	for n in $(seq 12); do
		ping -c 4 -i 0.01 -s 65000 -W 1 10.9.0.2 >/dev/null 2>&1 &
	done
}

check "rmmod, for shorter patience" rmmod xennet_back
check "insmod, for shorter patience" insmod /modules/xennet_back.ko queues=1 \
	rx_drain_timeout_msecs=6000 rx_stall_timeout_msecs=12000
begin "it stops" --queues 1
check "$name: up" told_carrier 1
check "$name: down" ip link set vif0.$vif down
check "$name: the guest is told" soon 5 told_carrier 0
check "$name: up again" ip link set vif0.$vif up
ip addr add fd09::1/64 dev vif0.$vif nodad
check "$name: the guest is told, too" soon 5 told_carrier 1
check "$name: it answers" soon 10 ping -c 1 -W 1 10.9.0.2
said=$(dmesg | wc -l)
kill -STOP "$netfront"
flood
check "$name: so much waits" soon 5 bytes_wait $((512 << 10)) $((580 << 10))
check "$name: dropped" soon 20 bytes_wait 0 0
check "$name: no carrier" soon 20 has_carrier 0
check "$name: quiet" is "$said" sh -c "dmesg | wc -l"
ip neigh del 10.9.0.2 dev vif0.$vif
kill -CONT "$netfront"
check "$name: a carrier" soon 10 has_carrier 1
check "$name: it answers again" soon 10 ping -c 1 -W 1 10.9.0.2
exercise "$name, goes on"
finish

check "rmmod, to be told more" rmmod xennet_back
check "insmod, few maps" insmod /modules/xennet_back.ko queues=2 \
	ring_order=1 maps=500

begin "more than it maps" --queues 2
check "$name: ring pages" is 1 xenstore-read "$(back_of $vif)/max-ring-page-order"
check "$name: none is mapped" is 0 counter map_ops
finish

begin "as many as it maps" --queues 2 --static
check "$name: some are mapped" shows vif-0-$vif "static" 200
check "$name: and no more" at_most 500 map_ops
finish

check "rmmod" rmmod xennet_back
check "rmmod, all" rmmod xennet
check "no complaints" is "" complaints
check "untainted" untainted
