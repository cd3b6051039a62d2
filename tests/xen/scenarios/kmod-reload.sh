# SPDX-License-Identifier: MIT OR GPL-2.0-only
# what: xennet_back.ko unloaded and loaded 50 times under Linux's netfront's traffic
# machine: checked
# seconds: 300
# modules: yes
. /job/lib.sh
. /job/kmod.sh
reloads=${reloads:-50}
modprobe xen-netfront
peer
rest=$(left)

carrier_changes() { in_peer cat /sys/class/net/eth0/carrier_changes; }

# A new interface of the same vif.
reload() {
	echo vif-0-1 >"$drivers/xennet_back/unbind" && rmmod xennet_back &&
		load_back && soon 10 ip link show vif0.1 &&
		ip addr add 10.9.0.1/24 dev vif0.1 &&
		ip addr add fd09::1/64 dev vif0.1 nodad &&
		ip link set vif0.1 up && soon 10 ping -c 1 -W 1 10.9.0.2
}

all_reloaded() {
	local n
	for n in $(seq "$reloads"); do
		reload || { echo "reload $n failed"; return 1; }
	done
}

check "insmod xennet" insmod /modules/xennet.ko || exit
check "insmod xennet_back" load_back || exit
plug 1
check "connect" both_reach 1 4 || exit
check "meet" meet vif0.1 eth0 || exit
/usr/sbin/ip netns exec peer ping -i 0.01 -s 3000 10.9.0.1 >/tmp/ping.out 2>&1 &
there=$!
# this end goes away with its address
while :; do
	ping -c 20 -i 0.01 -s 8000 -W 1 10.9.0.2 || sleep 0.1
done >/tmp/ping.out 2>&1 &
here=$!
was=$(carrier_changes)
check "reloaded $reloads times" all_reloaded
check "state 4" both_reach 1 4
check "netfront did not notice" is "$was" carrier_changes
kill $here $there
exercise "after that"
check "unplug" unplug 1
check "rmmod" rmmod xennet_back
check "rmmod, all" rmmod xennet
check "no complaints" is "" complaints
check "untainted" untainted
check "nothing left" nothing_left
