# SPDX-License-Identifier: MIT OR GPL-2.0-only
#
# What scenarios are made of: checks, programs, and interfaces whose both ends
# are in domain 0, for which this is the toolstack.
#
#   here                         vif0.N: 10.9.0.1 and fd09::1
#   network namespace "peer"     the frontend: 10.9.0.2 and fd09::2
. /job/arguments

# The shell has an ip of its own, without namespaces.
ip() { /usr/sbin/ip "$@"; }

say() { echo "-- $(cut -d ' ' -f 1 /proc/uptime) $*"; }

# check NAME COMMAND...: one line for the result; what it printed if it failed,
# and then its status is 1: "|| exit" where there is no point in going on.
check() {
	local name=$1
	shift
	if "$@" >/tmp/check 2>&1; then
		echo "ok $name"
		grep '^traffic: ' /tmp/check
		return 0
	fi
	echo "not ok $name: $(tail -n 1 /tmp/check)"
	head -n 30 /tmp/check
	tail -n 12 /tmp/*.err /var/log/xen/guest-*.log 2>/dev/null
	dmesg | grep -v ADDRCONF | tail -n 5
	return 1
}

# soon SECONDS COMMAND...: until it succeeds; else what it last said.
soon() {
	local end=$(($(date +%s) + $1 * slow)) said
	shift
	until said=$("$@" 2>&1); do
		if [ "$(date +%s)" -gt "$end" ]; then
			echo "$said"
			return 1
		fi
		sleep 0.1
	done
}

# is WANTED COMMAND...: what it prints.
is() {
	local wanted=$1 got
	shift
	got=$("$@" 2>&1)
	[ "$got" = "$wanted" ] || { echo "$*: '$got', not '$wanted'"; return 1; }
}

# --- programs

# start PROGRAM ARG...: netback or netfront; its number is in $PROGRAM, what it
# says in /tmp/PROGRAM.err, what it counts in /tmp/PROGRAM.out.
start() {
	local program=$1
	shift
	rm -f "/tmp/$program.err" "/tmp/$program.out"
	"$program" --platform xen "$@" \
		2>"/tmp/$program.err" >"/tmp/$program.out" &
	eval "$program=$!"
}

# end PROGRAM: for good, which for netback is INT; has its status.
end() {
	local pid
	eval "pid=\$$1"
	kill -INT "$pid" && wait "$pid"
}

# count NAMES FILE: the sum over all queues; NAMES: a regular expression.
count() {
	awk -v names="^($1)\$" \
		'$2 ~ names { n += $3 } END { printf "%.0f\n", n }' "$2"
}

# ends_clean PROGRAM: with status 0, holding nothing.
ends_clean() {
	end "$1" || { echo "$1: status $?"; return 1; }
	grep -q "^$1 ports 0" "/tmp/$1.out" &&
		is 0 count 'grants|mapped|quarantined|ports' "/tmp/$1.out"
}

# --- the toolstack

back_of() { echo "/local/domain/0/backend/vif/0/$1"; }
front_of() { echo "/local/domain/0/device/vif/$1"; }

# plug N: an interface of domain 0, by domain 0.
plug() {
	local b f mac
	b=$(back_of "$1") f=$(front_of "$1")
	mac=$(printf '00:16:3e:00:00:%02x' "$1")
	xenstore-write "$f/backend" "$b" "$f/backend-id" 0 "$f/handle" "$1" \
		"$f/mac" "$mac" "$f/state" 1 \
		"$b/frontend" "$f" "$b/frontend-id" 0 "$b/online" 1 \
		"$b/handle" "$1" "$b/mac" "$mac" "$b/type" vif \
		"$b/script" /etc/xen/scripts/vif-none "$b/state" 1
}

# state END N: END is back or front.
state() { xenstore-read "$("$1_of" "$2")/state"; }

# reaches END N STATE
reaches() { soon 10 is "$3" state "$1" "$2"; }

both_reach() { reaches back "$1" "$2" && reaches front "$1" "$2"; }

# unplug N: as it takes an interface from a guest.
unplug() {
	local b
	b=$(back_of "$1")
	xenstore-write "$b/online" 0
	[ "$(state back "$1")" = 6 ] || xenstore-write "$b/state" 5
	reaches back "$1" 6 || return 1
	xenstore-rm "$b" && xenstore-rm "$(front_of "$1")"
}

# --- networks

# Once, before meet.
peer() {
	ip netns add peer
	ip -n peer link set lo up
	traffic serve 7 &
	ip netns exec peer traffic serve 7 &
}

in_peer() { ip netns exec peer "$@"; }

# meet BACK FRONT: their interfaces; the frontend's goes to the peer.
meet() {
	soon 5 ip link show "$1" && soon 5 ip link show "$2" || return 1
	ip link set "$2" netns peer
	ip addr add 10.9.0.1/24 dev "$1"
	ip addr add fd09::1/64 dev "$1" nodad
	ip link set "$1" up
	ip -n peer addr add 10.9.0.2/24 dev "$2"
	ip -n peer addr add fd09::2/64 dev "$2" nodad
	ip -n peer link set "$2" up
	soon 10 ping -c 1 -W 1 10.9.0.2
}

pings() {
	local size
	for size in 0 1 56 1472 1473 4000 9000 65507; do
		ping -c 1 -W $((2 * slow)) -s "$size" 10.9.0.2 || return 1
	done
	in_peer ping -c 20 -i 0.02 -W $((2 * slow)) 10.9.0.1 | grep ' 0% packet loss'
}

# exercise NAME: all there is to be sent and compared.
exercise() {
	check "$1: ping" pings
	check "$1: traffic" traffic ask 10.9.0.2 7
	check "$1: traffic from the frontend" in_peer traffic ask 10.9.0.1 7
	check "$1: traffic over IPv6" traffic ask fd09::2 7
}

# used_queues N FILE: so many had packets from the frontend.
used_queues() {
	is "$1" awk '$2 == "tx_packets" && $3 > 0 && !had[$1]++ { n++ }
		END { print n }' "$2"
}

# segments FILE: packets were larger than a frame on average.
segments() {
	local packets bytes
	packets=$(count 'tx_packets|rx_packets' "$1")
	bytes=$(count 'tx_bytes|rx_bytes' "$1")
	echo "$bytes bytes in $packets packets"
	[ "$bytes" -gt $((packets * 1600)) ]
}

# strategy_is NAME QUEUES RING-PAGES: what netback's counters show of it.
strategy_is() {
	local copies maps
	copies=$(count copy_ops /tmp/netback.out)
	maps=$(count map_ops /tmp/netback.out)
	echo "$1: $copies copies, $maps maps"
	case $1 in
	copy) [ "$copies" -gt 0 ] && [ "$maps" = 0 ] ;;
	map) [ "$maps" -gt 1000 ] ;;
	# every page at most once, and there are two rings of them
	persistent) [ "$copies" = 0 ] && [ "$maps" -gt 0 ] &&
		[ "$maps" -le $((512 * $2 * $3)) ] ;;
	# every page once, and packets before that
	static) [ "$copies" -lt 1000 ] && [ "$maps" = $((256 * $2 * $3)) ] ;;
	esac
}

# --- what is left

# Event channels of this domain, and grants that are in use; the kernel takes
# a second to let go of some.
left() {
	xl dmesg -c >/dev/null
	xl debug-keys g
	echo "$(lsevtchn 0 | wc -l) ports," \
		"$(xl dmesg | grep -cE '^\(XEN\) \[ *[0-9]') grants in use"
}

nothing_left() { soon 5 is "$rest" left; }
