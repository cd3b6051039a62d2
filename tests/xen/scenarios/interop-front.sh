# SPDX-License-Identifier: MIT OR GPL-2.0-only
# what: Linux's netfront on our netback, each feature on and off: a table
# machine: small
# seconds: 900
. /job/lib.sh
. /job/interop.sh
ours=netback
modprobe tun
modprobe xen-netfront max_queues=4
parameters=/sys/module/xen_netfront/parameters
peer
rest=$(left)
vif=0

# begin HOW BACK-ARG...
begin() {
	how=$1
	shift
	vif=$((vif + 1))
	start netback --explain "$@"
	plug $vif
	check "${how:-all}: connect" both_reach $vif 4 || exit
	front=$(ls "/sys/bus/xen/devices/vif-$vif/net")
	check "${how:-all}: meet" meet vif0.$vif "$front"
}

finish() {
	check "${how:-all}: unplug" unplug $vif
	check "${how:-all}: netback ends" ends_clean netback
}

# without HOW FEATURE BACK-ARG: it is not offered.
without() {
	begin "$1" "$3"
	content
	rows $2
	finish
}

# linux HOW FEATURE ETHTOOL-ARG...: Linux does without.
linux() {
	local features=$2
	begin "$1"
	shift 2
	check "${how:-all}: ethtool" in_peer ethtool -K "$front" "$@"
	content
	rows $features
	finish
}

begin "" --queues 4 --ring-order 2
content
rows $all
check "all: long streams" traffic ask 10.9.0.2 7
check "all: long streams from the frontend" in_peer traffic ask 10.9.0.1 7
finish
check "segments" segments /tmp/netback.out
check "every queue is used" used_queues 4 /tmp/netback.out

without "not offered" sg --no-sg
without "not offered" gso-tcpv4 --no-gso4
without "not offered" gso-tcpv6 --no-gso6
without "not offered, nor gso-tcpv4" csum-ipv4 --no-csum4
without "not offered, nor gso-tcpv6" csum-ipv6 --no-csum6
without "not offered" split-event-channels --no-split
without "not offered" persistent --no-persistent

linux "Linux: ethtool sg off" sg sg off
linux "Linux: ethtool tso off" gso-tcpv4 tso off
linux "Linux: ethtool tx off" csum-ipv4 tx off

echo 1 >$parameters/max_queues
begin "Linux: max_queues=1" --queues 4
content
rows queues
finish
echo 4 >$parameters/max_queues

how="trusted=0"
xenstore-write "$(front_of $((vif + 1)))/trusted" 0
begin "$how" --queues 2
content
rows trusted
finish

check "nothing left" nothing_left
