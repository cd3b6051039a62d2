# SPDX-License-Identifier: MIT OR GPL-2.0-only
# what: our netfront on Linux's netback, each feature on and off: a table
# machine: small
# seconds: 900
. /job/lib.sh
. /job/interop.sh
ours=netfront
modprobe tun
modprobe xen-netback max_queues=4
parameters=/sys/module/xen_netback/parameters
peer
rest=$(left)
vif=0

# begin HOW FRONT-ARG...
begin() {
	how=$1
	shift
	vif=$((vif + 1))
	plug $vif
	# as Linux's script for interfaces does
	reaches back $vif 2 &&
		xenstore-write "$(back_of $vif)/hotplug-status" connected
	start netfront --explain --vif $vif --tap xf$vif "$@"
	check "${how:-all}: connect" both_reach $vif 4 || exit
	check "${how:-all}: meet" meet $($ends vif0.$vif xf$vif)
}

# Where netfront has to see its TAP, Linux's end is the one to go away.
ends=echo
crossed() { echo "$2" "$1"; }

finish() {
	check "${how:-all}: netfront ends" ends_clean netfront
	check "${how:-all}: unplug" unplug $vif
}

# differently HOW FEATURE FRONT-ARG: with that.
differently() {
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
	check "${how:-all}: ethtool" ethtool -K "vif0.$vif" "$@"
	content
	rows $features
	finish
}

# module PARAMETER VALUE FEATURE FRONT-ARG...: Linux offers it not, or less.
module() {
	local was parameter=$1 value=$2 features=$3
	shift 3
	was=$(cat "$parameters/$parameter")
	echo "$value" >"$parameters/$parameter"
	begin "Linux: $parameter=$value" "$@"
	content
	rows $features
	finish
	echo "$was" >"$parameters/$parameter"
}

begin "" --queues 4 --ring-order 2
content
rows $all
check "all: long streams" traffic ask 10.9.0.2 7
check "all: long streams from the frontend" in_peer traffic ask 10.9.0.1 7
finish
check "segments" segments /tmp/netfront.out
check "every queue is used" used_queues 4 /tmp/netfront.out

differently "not offered" sg --no-sg
differently "not offered" gso-tcpv4 --no-gso4
differently "not offered" gso-tcpv6 --no-gso6
differently "not offered, nor gso-tcpv4" csum-ipv4 --no-csum4
differently "not offered, nor gso-tcpv6" csum-ipv6 --no-csum6
differently "not offered" rx-notify --no-rx-notify
differently "not used" split-event-channels --no-split
differently "not offered" persistent --no-persistent

begin "asked for" --hash --queues 4
# which it says later than the rest
check "$how: hash" soon 10 grep "hash: on" /tmp/netfront.err
content
row hash on
finish

differently "asked for" static-grants --static

ends=crossed
begin "asked for" --multicast
check "$how: groups alone" \
	soon 10 is 1 xenstore-read "$(front_of $vif)/request-multicast-control"
content
row multicast-control on
finish
ends=echo

begin "256 asked for" --headroom 256
content
row xdp-headroom
finish

xenstore-write "$(front_of $((vif + 1)))/trusted" 0
begin "trusted=0" --queues 2
content
row trusted
finish

linux "Linux: ethtool sg off" sg sg off
linux "Linux: ethtool tso off" gso-tcpv4 tso off
linux "Linux: ethtool tx off" csum-ipv4 tx off

module separate_tx_rx_irq 0 split-event-channels
module max_queues 1 queues --queues 4
module provides_xdp_headroom 0 xdp-headroom --headroom 256

check "nothing left" nothing_left
