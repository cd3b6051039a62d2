#!/bin/bash
# SPDX-License-Identifier: MIT OR GPL-2.0-only
#
# Either end is killed in the middle of traffic: the other says so within a
# second, and carries packets again with the next. A guest that stops taking
# packets costs a bounded number of them, counted, and no memory (X15).
. "$(dirname "$0")/netns.bash"
namespaces

traffic() {
	ip netns exec "$A" ping -i 0.002 -s 1400 -q 10.9.0.1 >/dev/null 2>&1 &
	noise=$!
	ip netns exec "$B" ping -i 0.002 -s 8000 -q 10.9.0.2 >/dev/null 2>&1 &
	noise="$noise $!"
	sleep 0.5
}

quiet() {
	kill $noise
	wait $noise
}

killed() { # PID
	kill -KILL "$1"
	died=$(date +%s.%N)
	wait "$1" 2>/dev/null
}

seen() { # TEXT FILE: the line came within a second of the death
	local line
	soon 2 grep -q "$1" "$2" || fail "not seen: $1"
	line=$(grep "$1" "$2" | tail -n 1)
	awk -v died="$died" -v at="${line%% *}" -v what="$1" 'BEGIN {
		printf "      \"%s\" after %.3f s\n", what, at - died
		exit at - died >= 1 }' || fail "seen too late"
}

for strategy in copy map persistent; do
	rm -f "$work"/*.err "$work"/*.out
	start_back --bridge xb0 --strategy $strategy
	start_front
	reachable
	traffic

	say "$strategy: kill -9 of netfront"
	killed "$front"
	seen "vif1.0: closed" "$work/back.err"
	quiet
	start_front
	reachable

	say "$strategy: kill -9 of netback"
	traffic
	killed "$back"
	seen "the backend is gone" "$work/front.err"
	quiet
	start_back --bridge xb0 --strategy $strategy
	reachable

	end "$front" || fail "netfront ended with status $?"
	end "$back" || fail "netback ended with status $?"
	for f in front back; do
		# what each said last
		tail -n 4 "$work/$f.out" >"$work/held"
		[ "$(grep -c ' 0$' "$work/held")" = 4 ] ||
			fail "net$f still holds something"
	done
done
rss() { awk '/VmRSS/ { print $2 }' "/proc/$back/status"; }

say "netfront stands still"
rm -f "$work"/*.err "$work"/*.out
start_back --bridge xb0
start_front
reachable
before=$(rss)
kill -STOP "$front"
in_b timeout 4 ping -i 0.001 -s 1400 -q 10.9.0.2 >/dev/null 2>&1
grown=$(($(rss) - before))
kill -CONT "$front"
reachable
finish
dropped=$(count drop_ring_full "$work/back.out")
[ "$dropped" -gt 0 ] || fail "nothing was dropped for a guest that stands still"
[ "$grown" -lt 4096 ] || fail "netback grew by $grown KiB"
say "$accounted; netback grew by $grown KiB"
say passed
