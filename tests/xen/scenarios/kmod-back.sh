# SPDX-License-Identifier: MIT OR GPL-2.0-only
# what: Linux PV guests on xennet_back.ko: taken over, given back, load, unload
# machine: checked
# seconds: 700
# modules: yes
#
# reloads=N for more of them; kmod-reload has 50.
. /job/lib.sh
. /job/guests.sh
. /job/kmod.sh
reloads=${reloads:-3}

# reload DOMID: under the feet of its guest. A vif in use keeps its module.
reload() {
	echo "vif-$1-0" >"$drivers/xennet_back/unbind" &&
		rmmod xennet_back && load_back && soon 10 bridged "vif$1.0" &&
		soon 10 ping -c 1 -W 1 10.9.0.2
}

# remote: a namespace behind the bridge. Small segments come from there, and GRO
# makes lists of skbs of them.
remote() {
	modprobe veth && ip netns add remote
	ip link add near type veth peer name far
	ip link set far netns remote
	ethtool -K near gro on
	ip link set near master br0 up
	ip netns exec remote ethtool -K far tso off gso off sg off
	ip -n remote addr add 10.9.0.9/24 dev far
	ip -n remote link set far up
	soon 10 ip netns exec remote ping -c 1 -W 1 10.9.0.2
}

# aggregates DOMID: what the interface sends is longer than a frame, on average.
aggregates() {
	local s=/sys/class/net/vif$1.0/statistics packets bytes
	packets=$(cat $s/tx_packets) bytes=$(cat $s/tx_bytes)
	ip netns exec remote traffic ask 10.9.0.2 7 8192 || return 1
	packets=$(($(cat $s/tx_packets) - packets))
	bytes=$(($(cat $s/tx_bytes) - bytes))
	echo "$bytes bytes in $packets packets"
	[ "$bytes" -gt $((packets * 1600)) ]
}

bridging_script
bridge
modprobe xen-netback
rest=$(left)
check "create" create 2 pv || exit
check "it answers" answers 2 || exit
id=$(xl domid g2)
check "on Linux's netback" driver_is vif "vif-$id-0"

check "insmod xennet" insmod /modules/xennet.ko || exit
check "insmod xennet_back" load_back || exit
check "what is taken stays" driver_is vif "vif-$id-0"
check "taken over" move xennet_back "$id" || exit
check "taken over: it answers" soon 10 ping -c 1 -W 1 10.9.0.2 || exit
exercise_guest "taken over" 2
check "lists of skbs are taken" sh -c \
	"ethtool -k vif$id.0 | grep 'scatter-gather-fraglist: on'"
check "udev is told" sh -c "grep '^vif=vif$id.0\$' $drivers/../devices/vif-$id-0/uevent &&
	grep '^script=.*vif-none\$' $drivers/../devices/vif-$id-0/uevent"
check "a remote host" remote
check "lists of skbs: traffic" aggregates "$id"
check "given back" move vif "$id"
check "given back: it answers" soon 10 ping -c 1 -W 1 10.9.0.2
check "taken again" move xennet_back "$id"
check "rmmod xen-netback" rmmod xen-netback

ping -i 0.02 -s 3000 10.9.0.2 >/tmp/ping.out 2>&1 &
load=$!
for n in $(seq "$reloads"); do
	check "reloaded $n" reload "$id"
done
kill $load
exercise_guest "reloaded" 2

check "create another" create 3 pv || exit
check "both answer" answers 3
check "two queues" soon 5 \
	sh -c "dmesg | grep 'vif$(xl domid g3).0: connected, 2 queues'"
check "guest to guest" in_guest 2 traffic ask 10.9.0.3 7 1024
detach_and_attach 3

destroy_under_load 3
check "the first is unaffected" ping -c 20 -i 0.05 -W 2 10.9.0.2
check "destroy" asked 6 destroy g2
check "destroyed, too" soon 5 gone "$id"
check "rmmod" rmmod xennet_back
check "rmmod, all" rmmod xennet
check "no complaints" is "" complaints
check "untainted" untainted
check "nothing left" nothing_left
