#!/bin/bash
# SPDX-License-Identifier: MIT OR GPL-2.0-only
#
# Many guests of one netback, each in a namespace of its own, with its own
# queues and features: each reaches every other through the bridge, and the end
# of one, or its kill, is nothing to the others.
. "$(dirname "$0")/netns.bash"
namespaces
guests=5
pids=()

guest() { # I ARG...
	local i=$1 ns=$A-$1
	shift
	ip netns add "$ns"
	ip -n "$ns" link set lo up
	ip netns exec "$ns" "$bin/netfront" --socket "$work/socket" \
		--tap xf0 "$@" >"$work/front$i.out" 2>"$work/front$i.err" &
	pids[i]=$!
	soon 5 ip -n "$ns" link show xf0 || fail "guest $i made no TAP"
	ip -n "$ns" addr add "10.9.0.1$i/24" dev xf0
}

reach() { # FROM TO: by number
	soon 8 ip netns exec "$A-$1" ping -c 1 -W 1 -q -s 3000 "10.9.0.1$2" ||
		fail "guest $1 does not reach guest $2"
}

all_reach() { # I...
	local i j
	for i in "$@"; do
		for j in "$@"; do
			[ "$i" = "$j" ] || reach "$i" "$j"
		done
	done
}

clean_guests() {
	local status=$?
	for ((i = 1; i <= guests; i++)); do
		for pid in $(ip netns pids "$A-$i" 2>/dev/null); do
			kill -KILL "$pid"
		done
		ip netns del "$A-$i" 2>/dev/null
	done
	(exit $status)
	clean
}
trap clean_guests EXIT

start_back --bridge xb0 --queues 4 --explain
guest 1
guest 2 --queues 4
guest 3 --no-sg --no-split
guest 4 --no-persistent
guest 5 --no-csum --queues 2 --mac 00:16:3e:aa:bb:cc
all_reach 1 2 3 4 5
ip -n "$A-5" link show xf0 | grep -q 00:16:3e:aa:bb:cc || fail "--mac"
say "$guests guests reach each other"

explained() { # TEXT: how a line of netback's goes on after its time
	grep -q " netback: $1" "$work/back.err" || fail "not explained: $1"
}
explained "vif1.0: sg: offered 1, asked 1, on\$"
explained "vif2.0: queues: offered 4, asked 4, agreed 4"
explained "vif3.0: sg: offered 1, asked 0, on from the guest alone: the frontend"
explained "vif3.0: split-event-channels: offered 1, asked 0, off: the frontend"
explained "vif4.0: persistent: offered 1, asked 0, off: the frontend"
explained "vif4.0: strategy: tx by cost: "
explained "vif5.0: csum-ipv4: offered 1, asked 0, on from the guest alone"

kill -USR1 "$back"
soon 2 grep -q "vif5.0.q1 notified" "$work/back.out" || fail "no counters"
for ((i = 1; i <= guests; i++)); do
	grep -q "^vif$i.0.q0 tx_packets" "$work/back.out" ||
		fail "no counters of guest $i"
done

kill -KILL "${pids[2]}"
wait "${pids[2]}"
end "${pids[3]}" || fail "guest 3 ended with status $?"
soon 2 grep -q "vif2.0: closed" "$work/back.err" || fail "guest 2 is not gone"
soon 2 grep -q "vif3.0: closed" "$work/back.err" || fail "guest 3 is not gone"
[ "$(ip -n "$B" -o link show master xb0 | wc -l)" = 3 ] ||
	fail "the TAPs of the gone are still there"
all_reach 1 4 5
say "one was killed and one ended; the others go on"

for i in 1 4 5; do
	end "${pids[i]}" || fail "guest $i ended with status $?"
done
end "$back" || fail "netback ended with status $?"
[ "$(count 'mapped|ports|quarantined' "$work/back.out")" = 0 ] ||
	fail "netback still holds something"
say passed
