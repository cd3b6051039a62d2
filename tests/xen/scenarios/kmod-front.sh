# SPDX-License-Identifier: MIT OR GPL-2.0-only
# what: xennet_front.ko in PV guests, on Linux's netback and on ours
# machine: checked
# seconds: 600
# modules: yes
#
# reloads=50 for more than a minute's worth of them.
. /job/lib.sh
. /job/guests.sh
. /job/kmod.sh
reloads=${reloads:-5}

bridging_script
bridge
modprobe tun
modprobe xen-netback
rest=$(left)
check "create" create 2 pv $checked || exit
check "it answers" answers 2 || exit
check "insmod" in_guest 2 \
	"insmod /modules/xennet.ko && insmod /modules/xennet_front.ko"
check "taken over" guest_to xennet_front 2 || exit
exercise_guest "taken over" 2
check "counted" [ "$(guest_counts 2 tx_packets)" -gt 1000 ]
check "given back" guest_to vif 2 || exit
check "given back: ping" ping -c 5 -i 0.05 -W 2 10.9.0.2
check "taken again" guest_to xennet_front 2 || exit
check "rmmod xen-netfront" in_guest 2 rmmod xen-netfront

ping -i 0.02 -s 3000 10.9.0.2 >/tmp/ping.out 2>&1 &
load=$!
check "reloaded $reloads times" guest_reloads 2 "$reloads" || exit
kill $load
check "the guest is well" guest_well 2

was=$(xl domid g2)
in_guest 2 traffic ask 10.9.0.1 7 1000000 >/dev/null 2>&1 &
load=$!
ping -i 0.01 -s 8000 10.9.0.2 >/tmp/ping.out 2>&1 &
load="$load $!"
sleep 2
check "the load moves" grep -q "bytes from" /tmp/ping.out
check "destroy under load is answered" asked 6 destroy g2
check "destroyed" soon 5 gone "$was"
kill $load

rmmod xen-netback
start netback --bridge br0 --queues 2 --strategy persistent
check "on our netback: create" create 3 pv $checked driver=xennet_front \
	netfront=ring_order=0 || exit
check "on our netback: it answers" answers 3 || exit
check "on our netback: two queues" grep "connected, 2 queues" /tmp/netback.err
exercise_guest "on our netback" 3
check "on our netback: nothing is granted anew" is 0 guest_counts 3 grant_calls
check "on our netback: the guest is well" guest_well 3
check "on our netback: destroy" asked 6 destroy g3
check "netback ends" ends_clean netback
check "every page is mapped once" strategy_is persistent 2 1
check "no complaints" is "" complaints
check "nothing left" nothing_left
