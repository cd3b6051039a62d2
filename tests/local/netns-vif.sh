#!/bin/bash
# SPDX-License-Identifier: MIT OR GPL-2.0-only
#
# What netback and netfront make of a vif's rate and carrier, and what a guest
# announces when it is connected.
. "$(dirname "$0")/netns.bash"
namespaces

carrier_is() { # 0 or 1
	[ "$(in_a cat /sys/class/net/xf0/carrier)" = "$1" ]
}

sent() { # SECONDS: Mbit/s that arrive of what the guest sends without mercy
	local before after
	before=$(in_b cat /sys/class/net/vif1.0/statistics/rx_bytes)
	in_a timeout "$1" python3 -c '
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
while True:
    try:
        s.sendto(bytes(1400), ("10.9.0.1", 9))
    except OSError:
        pass'
	after=$(in_b cat /sys/class/net/vif1.0/statistics/rx_bytes)
	echo $(((after - before) * 8 / $1 / 1000000))
}

listen() { # prints the announcements that come to the bridge
	in_b timeout 20 python3 -uc '
import socket
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
s.bind(("xb0", 0))
print("listening")
while True:
    frame = s.recv(2048)
    if frame[12:14] == b"\x80\x35":
        print("rarp", frame[22:28].hex(":"))
    if frame[12:14] == b"\x08\x06" and frame[28:32] == frame[38:42]:
        print("arp", frame[22:28].hex(":"), socket.inet_ntoa(frame[28:32]))'
}

start_back --bridge xb0 --queues 2
start_front --queues 2
reachable
free=$(sent 2)

# the cable
soon 5 carrier_is 1 || fail "no carrier to begin with"
in_b ip link set vif1.0 down
soon 10 carrier_is 0 || fail "netback's TAP is down, and netfront's has a carrier"
in_b ip link set vif1.0 up
soon 10 carrier_is 1 || fail "no carrier any more"
reachable
say "carrier follows"

# the next backend: the guest says where it is
mac=$(in_a cat /sys/class/net/xf0/address)
listen >"$work/heard" &
soon 5 grep -q listening "$work/heard" || fail "no listener"
end "$back"
start_back --bridge xb0 --queues 2 --rate 1250000,50000 --explain
reachable
soon 5 grep -q "rarp $mac" "$work/heard" || fail "the MAC is not announced"
soon 5 grep -q "arp $mac 10.9.0.2" "$work/heard" || fail "the address is not announced"
say "announced"

# 200 Mbit/s, if each of the two queues is used; one flow has half of it
grep -q "vif1.0: rate: 625000 bytes" "$work/back.err" || fail "no rate"
limited=$(sent 3)
[ "$limited" -gt 60 ] || fail "$limited Mbit/s with a rate of 100"
[ "$limited" -lt 115 ] || fail "$limited Mbit/s with a rate of 100"
[ "$free" -gt "$limited" ] || say "this machine is too slow to tell: $free Mbit/s"
finish
say "without a rate $free Mbit/s, with one $limited; $accounted"
say passed
