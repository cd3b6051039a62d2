# SPDX-License-Identifier: MIT OR GPL-2.0-only
# what: measures pktgen against the same over Mini-OS's own netfront
# machine: counted2
# seconds: 1500
# needs: MINIOS_IMAGE NETFRONT_IMAGE
#
# NETFRONT_IMAGE is a Mini-OS that sends over its own netfront, takes size= and
# seconds=, and prints the lines of pktgen.c; it is nobody's here.
#
# Time is counted in instructions, one a nanosecond, whichever of the two
# processors does it: a rate says what both ends and Xen need for a packet.
. /job/lib.sh
. /job/guests.sh
. /job/unikernel.sh
ROUNDS=${rounds:-3}
BURST=${burst:-32}
bridge

# Meanwhile domain 0 does nothing.
ended() {
	local i
	for i in $(seq 40); do
		sleep 1.3
		said "$1" "pktgen: done" && return
	done
	said "$1" .
	return 1
}

# front BACK NAME SIZE IMAGE VIF-MORE: one line in /tmp/runs
front() {
	local back=$1 name=$2 size=$3 image=$4
	check "$back, $name $size: starts" a_guest "$back" 5 "$5" pktgen \
		"size=$size seconds=1 burst=$BURST" || return
	check "$back, $name $size: ends" ended 5
	# what an echo sends back is what counts
	said 5 "^pktgen $size tx " | sed "s/^pktgen/$back $name/
		/^echo/s/ tx .* rx / tx /" >>/tmp/runs
	xl destroy m5
}

# to BACK NAME SIZE IMAGE: a Mini-OS that drops it all, or sends it back; our
# netback; the kernel's
to() {
	case $1 in
	copy) set -- "$@" "drop=1 strategy=0" ;;
	copy-poll) set -- "$@" "drop=1 strategy=0 poll=1" ;;
	persistent) set -- "$@" "drop=1 strategy=2" ;;
	persistent-poll) set -- "$@" "drop=1 strategy=2 poll=1" ;;
	echo-poll) set -- "$@" "strategy=2 poll=1" ;;
	esac
	[ $# = 4 ] || unikernel 4 none back "$5"
	front "$1" "$2" "$3" "$4" "${5:+,backend=m4}"
	[ $# = 4 ] || xl destroy m4
}

measure() { # BACK...
	local round back
	for round in $(seq "$ROUNDS"); do
		for back; do
			to "$back" own 64 NETFRONT
			to "$back" ours 64 MINIOS
		done
	done
	for back; do
		to "$back" own 1496 NETFRONT
		to "$back" ours 1496 MINIOS
		to "$back" ours 65535 MINIOS
	done
}

report() {
	awk '{ key = $1 " " $3; if (!(key in seen)) { seen[key]; row[++rows] = key }
		v[key, $2, ++n[key, $2]] = $5 }
	function median(key, who,  i, j, t, m) {
		m = n[key, who]
		for (i = 1; i <= m; i++)
			for (j = i + 1; j <= m; j++)
				if (v[key, who, j] < v[key, who, i]) {
					t = v[key, who, i]
					v[key, who, i] = v[key, who, j]
					v[key, who, j] = t
				}
		return v[key, who, int((m + 1) / 2)]
	}
	END {
		print "backend          size  Mini-OS own       ours  ratio"
		for (i = 1; i <= rows; i++) {
			split(row[i], at)
			own = median(row[i], "own"); our = median(row[i], "ours")
			printf "%-15s %5d %12d %10d %6s\n", at[1], at[2], own,
				our, own ? sprintf("%.2f", our / own) : "-"
		}
	}' /tmp/runs
}

measure copy copy-poll persistent persistent-poll echo-poll
modprobe vhost_net
start netback --bridge br0
measure netback
check "netback ends" ends_clean netback
modprobe xen-netback
measure kernel
report
