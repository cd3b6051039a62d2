# SPDX-License-Identifier: MIT OR GPL-2.0-only
#
# Two network namespaces, the programs in them, and what tests do with both.
#
#   namespace $A            Unix socket            namespace $B
#   10.9.0.2 -- TAP xf0 -- netfront --- netback -- TAP -- bridge xb0, 10.9.0.1

set -u
bin=${XENNET_BIN:?the directory with the programs}
A=xennet-a.$$
B=xennet-b.$$
work=$(mktemp -d)
front='' back=''
began=$(date +%s)

say() { printf '%4ds  %s\n' $(($(date +%s) - began)) "$*"; }

fail() {
	say "FAILED: $*"
	tail -n 20 "$work"/*.err "$work"/*.out 2>/dev/null
	exit 1
}

in_a() { ip netns exec "$A" "$@"; }
in_b() { ip netns exec "$B" "$@"; }

end() { # PID: asks it to end; its status
	kill -TERM "$1" 2>/dev/null
	wait "$1"
}

clean() {
	local status=$?
	trap - EXIT
	for pid in $(jobs -p); do kill -KILL "$pid" 2>/dev/null; done
	for ns in "$A" "$B"; do
		for pid in $(ip netns pids "$ns" 2>/dev/null); do
			kill -KILL "$pid" 2>/dev/null
		done
		ip netns del "$ns" 2>/dev/null
	done
	rm -rf "$work"
	exit $status
}

namespaces() {
	if [ "$(id -u)" != 0 ] || [ ! -c /dev/net/tun ]; then
		echo "needs root and /dev/net/tun"
		exit 77
	fi
	trap clean EXIT
	trap 'exit 1' INT TERM
	ip netns add "$A" && ip netns add "$B" || exit 77
	in_a ip link set lo up
	in_b ip link set lo up
	in_b ip link add xb0 type bridge
	in_b ip addr add 10.9.0.1/24 dev xb0
	in_b ip addr add fd09::1/64 dev xb0 nodad
	in_b ip link set xb0 up
}

soon() { # SECONDS COMMAND...: until it succeeds
	local until=$(($(date +%s%N) + $1 * 1000000000))
	shift
	until "$@" >/dev/null 2>&1; do
		[ "$(date +%s%N)" -lt "$until" ] || return 1
		sleep 0.05
	done
}

start_back() { # ARG...
	ip netns exec "$B" "$bin/netback" --socket "$work/socket" "$@" \
		>>"$work/back.out" 2>>"$work/back.err" &
	back=$!
}

start_front() { # ARG...
	ip netns exec "$A" "$bin/netfront" --socket "$work/socket" --tap xf0 "$@" \
		>>"$work/front.out" 2>>"$work/front.err" &
	front=$!
	soon 5 in_a ip link show xf0 || fail "netfront made no TAP"
	in_a ip addr add 10.9.0.2/24 dev xf0
	in_a ip addr add fd09::2/64 dev xf0 nodad
}

ping_once() { in_a ping -c 1 -W 1 -q "${@:2}" "$1"; }

reachable() {
	soon 8 ping_once 10.9.0.1 || fail "10.9.0.1 cannot be reached"
}

count() { # NAMES FILE: their sum over all queues; NAMES: a regular expression
	awk -v names="^($1)\$" '$2 ~ names { n += $3 } END { printf "%.0f\n", n }' "$2"
}

# Whatever was read from a TAP was written to one, or is counted as dropped;
# and when both have ended nothing is held.
accounts() {
	local in out lost held
	in=$(($(count 'tap_in|announced' "$work/front.out") +
		$(count tap_in "$work/back.out")))
	out=$(($(count tap_out "$work/front.out") +
		$(count tap_out "$work/back.out")))
	lost=$(($(count 'drop_.*|refused_.*' "$work/front.out") +
		$(count 'drop_.*|refused_.*' "$work/back.out")))
	[ "$in" -gt 0 ] || fail "no packets were counted"
	[ "$in" = $((out + lost)) ] || fail "$in in, $out out, $lost dropped"
	for f in front back; do
		held=$(count 'grants|mapped|quarantined|ports' "$work/$f.out")
		[ "$held" = 0 ] || fail "net$f still holds something"
	done
	accounted="$in packets, $lost dropped"
}

# Both are asked to end, do so well, and leave nothing.
finish() {
	sleep 0.3
	end "$front" || fail "netfront ended with status $?"
	end "$back" || fail "netback ended with status $?"
	accounts
}
