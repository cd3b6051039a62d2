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

# give DOMID: to Linux's netback, which lacks what its guest and ours agreed on: it
# is told to begin anew.
give() {
	echo "vif-$1-0" >"$drivers/xennet_back/unbind" &&
		xenstore-write "/local/domain/0/backend/vif/$1/0/state" 6 &&
		echo "vif-$1-0" >"$drivers/vif/bind" && soon 5 bridged "vif$1.0"
}

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
check "persistent: nothing is granted anew" is 0 guest_counts 2 grant_calls

ping -i 0.02 -s 3000 10.9.0.2 >/tmp/ping.out 2>&1 &
load=$!
# pools too long to lie in one piece
check "the frontend reloaded $reloads times" guest_reloads 2 "$reloads" \
	ring_order=3 || exit
for n in $(seq "$reloads"); do
	check "the backend reloaded $n" reload "$id" || exit
done
kill $load
exercise_guest "reloaded" 2
modprobe xen-netback
check "the backend given to Linux's" give "$id"
check "given: it answers" soon 20 ping -c 1 -W 1 10.9.0.2
check "the backend taken again" move xennet_back "$id"
check "taken: it answers" soon 20 ping -c 1 -W 1 10.9.0.2
rmmod xen-netback

check "create another" create 3 pv $checked driver=xennet_front \
	netfront=static=1 || exit
check "it answers, too" answers 3 || exit
exercise_guest "static" 3
check "static: nothing is granted anew" is 0 guest_counts 3 grant_calls
check "guest to guest" in_guest 2 traffic ask 10.9.0.3 7 1024
check "saved and restored" guest_saved 3
check "restored: it answers" answers 3
exercise_guest "restored" 3
check "the guests are well" guest_well 2
check "the guests are well, both" guest_well 3

destroy_under_load 3
check "the first is unaffected" ping -c 20 -i 0.05 -W 2 10.9.0.2
check "destroy" asked 6 destroy g2
check "destroyed, too" soon 5 gone "$id"
check "rmmod" rmmod xennet_back
check "rmmod, all" rmmod xennet
check "no complaints" is "" complaints
check "untainted" untainted
check "nothing left" nothing_left
