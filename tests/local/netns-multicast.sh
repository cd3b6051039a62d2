#!/bin/bash
# SPDX-License-Identifier: MIT OR GPL-2.0-only
#
# A frontend that wants only the groups that its interface has joined: the
# others stay with the backend, and one that is joined later comes. And it asks
# for headroom, which changes nothing of what arrives.
. "$(dirname "$0")/netns.bash"
namespaces
in_b ip link set xb0 type bridge mcast_snooping 0

# group.py say ADDRESS | group.py hear ADDRESS: prints once it has heard
cat >"$work/group.py" <<'END'
import socket, struct, sys
what, group = sys.argv[1:]
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
if what == "say":
    s.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF,
                 socket.inet_aton("10.9.0.1"))
    s.sendto(b"hello", (group, 7001))
else:
    s.bind(("", 7001))
    s.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP,
                 socket.inet_aton(group) + socket.inet_aton("10.9.0.2"))
    s.settimeout(20)
    print(s.recv(100).decode(), flush=True)
END

tell() { in_b python3 "$work/group.py" say "$1"; }

kept_back() { # packets of groups that were not joined
	local before
	before=$(grep -c tap_in "$work/back.out")
	kill -USR1 "$back"
	soon 5 eval "[ \$(grep -c tap_in $work/back.out) -gt $before ]" ||
		fail "no counters"
	grep refused_PKT_MCAST "$work/back.out" | tail -n 1 | cut -d' ' -f3
}

start_back --bridge xb0
start_front --multicast --headroom 256
reachable
asked() { [ "$(kept_back)" ]; }
soon 10 eval "tell 239.1.2.3; asked" || fail "nothing is filtered"
say "a group that nobody joined stays with the backend"

first=$(kept_back)
for ((i = 0; i < 5; i++)); do tell 239.1.2.4; done
soon 5 eval "[ \"\$(kept_back)\" -ge $((first + 5)) ]" ||
	fail "a group that was not joined was let through"

# IPv6 finds its neighbours by groups that the kernel joins
in_b ip -6 neigh flush dev xb0
soon 8 in_b ping -6 -c 1 -W 1 -q -s 3000 fd09::2 || fail "IPv6 is not reached"
say "IPv6 finds its neighbour"

in_a python3 "$work/group.py" hear 239.1.2.3 >"$work/heard" &
soon 10 eval "tell 239.1.2.3; grep -q hello $work/heard" ||
	fail "a group that was joined does not come"
say "a group joined later comes"

in_a ping -c 20 -i 0.02 -q -s 9000 10.9.0.1 | grep -q " 0% packet loss" ||
	fail "packets were lost"
: >"$work/back.out" # only what it says at the end counts
finish
[ "$(count mcast_okay "$work/front.out")" -ge 2 ] || fail "no group was joined"
[ "$(count refused_MCAST "$work/front.out")" = 0 ] || fail "a group was refused"
say "$accounted"
