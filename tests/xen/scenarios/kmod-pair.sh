# SPDX-License-Identifier: MIT OR GPL-2.0-only
# what: xennet_front.ko in PV guests on xennet_back.ko: persistent, static grants
# machine: checked
# seconds: 600
# modules: yes
#
# reloads=50 for more than a minute's worth of them.
. /job/lib.sh
. /job/guests.sh
. /job/kmod.sh
reloads=${reloads:-3}

# reload DOMID: the backend, under the feet of its guests.
reload() {
	for id; do
		echo "vif-$id-0" >"$drivers/xennet_back/unbind" || return 1
	done
	rmmod xennet_back && load_back || return 1
	for id; do
		soon 10 bridged "vif$id.0" || return 1
	done
	soon 20 ping -c 1 -W 1 10.9.0.2
}

# Of the frontend, until now.
connections() { in_guest 2 "dmesg | grep -c 'connected to domain'"; }

# rate_is_kept DOMID: 4 Mbit/s, for each of two queues.
rate_is_kept() {
	local bytes=/sys/class/net/vif$1.0/statistics/rx_bytes was t0 t1
	was=$(cat "$bytes") t0=$(date +%s)
	in_guest 2 traffic ask 10.9.0.1 7 1024 || return 1
	t1=$(date +%s)
	was=$((($(cat "$bytes") - was) / (t1 - t0 + 1)))
	echo "$was bytes a second"
	[ $was -le 1100000 ]
}

# give DOMID: to Linux's netback, which lacks what its guest and ours agreed on: it
# is told to begin anew, and has closed before anybody looks.
give() {
	echo "vif-$1-0" >"$drivers/xennet_back/unbind" &&
		xenstore-write "/local/domain/0/backend/vif/$1/0/state" 6 &&
		soon 10 is 6 xenstore-read "/local/domain/$1/device/vif/0/state" &&
		echo "vif-$1-0" >"$drivers/vif/bind" && soon 5 bridged "vif$1.0"
}

# Where an address is: known from what is said unasked, too.
forget() {
	echo 1 >/proc/sys/net/ipv4/conf/br0/arp_accept
	ip neigh flush to "$1" dev br0
}
known() { ip neigh show "$1" dev br0 | grep lladdr; }

bridging_script
bridge
rest=$(left)
check "insmod" insmod /modules/xennet.ko || exit
check "insmod xennet_back" load_back || exit
check "create" create 2 pv $checked driver=xennet_front || exit
check "it answers" answers 2 || exit
id=$(xl domid g2)
check "two queues" sh -c "dmesg | grep 'vif$id.0: connected, 2 queues'"
exercise_guest "persistent" 2
check "persistent: pages are kept" shows "vif-$id-0" "tx persistent" 10
check "persistent: nothing is granted anew" is 0 guest_counts 2 grant_calls

ping -i 0.02 -s 3000 10.9.0.2 >/tmp/ping.out 2>&1 &
load=$!
# pools too long to lie in one piece
check "the frontend reloaded $reloads times" guest_reloads 2 "$reloads" \
	ring_order=3 || exit
was=$(connections)
for n in $(seq "$reloads"); do
	check "the backend reloaded $n" reload "$id" || exit
done
check "the frontend did not notice" is "$was" connections
kill $load
exercise_guest "reloaded" 2
modprobe xen-netback
forget 10.9.0.2
check "the backend given to Linux's" give "$id"
check "given: the guest says where it is" soon 5 known 10.9.0.2
check "given: it answers" soon 20 ping -c 1 -W 1 10.9.0.2
check "the backend taken again" move xennet_back "$id"
check "taken: it answers" soon 20 ping -c 1 -W 1 10.9.0.2
rmmod xen-netback

check "create another" create 3 pv $checked driver=xennet_front \
	netfront=static=1,hash=1 || exit
check "it answers, too" answers 3 || exit
exercise_guest "static" 3
check "static: pages are kept" shows "vif-$(xl domid g3)-0" static 256
check "hash: ethtool's mapping" \
	sh -c "ethtool -x vif$(xl domid g3).0 | grep '8: *0 *1 *0 *1'"
check "static: nothing is granted anew" is 0 guest_counts 3 grant_calls
check "guest to guest" in_guest 2 traffic ask 10.9.0.3 7 1024
check "saved and restored" guest_saved 3
check "restored: it answers" answers 3
exercise_guest "restored" 3
check "the guests are well" guest_well 2
check "the guests are well, both" guest_well 3

check "detach" asked 6 network-detach g2 0
check "attach, with mtu and rate" asked 2 network-attach g2 \
	mac=00:16:3e:00:01:02 script=vif-none mtu=1400 rate=4Mb/s
check "attached: it answers" answers 2
check "mtu: the guest's" in_guest 2 "[ \$(cat /sys/class/net/eth0/mtu) = 1400 ]"
check "mtu: the backend's" is 1400 cat "/sys/class/net/vif$id.0/mtu"
check "rate: it is kept" rate_is_kept "$id"

destroy_under_load 3
check "the first is unaffected" ping -c 20 -i 0.05 -W 2 10.9.0.2
check "destroy" asked 6 destroy g2
check "destroyed, too" soon 5 gone "$id"
check "rmmod" rmmod xennet_back
check "rmmod, all" rmmod xennet
check "no complaints" is "" complaints
check "untainted" untainted
check "nothing left" nothing_left
