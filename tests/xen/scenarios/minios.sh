# SPDX-License-Identifier: MIT OR GPL-2.0-only
# what: Mini-OS guests of examples/minios on our netback and the kernel's
# machine: guests
# seconds: 240
# needs: MINIOS_IMAGE
#
# The rates are those of an emulated machine: for comparison, no more.
. /job/lib.sh
. /job/guests.sh
. /job/unikernel.sh
SECONDS_EACH=${seconds:-2}
MORE=${more:-}
bridge

pings_m() {
	ping -c 1 -W 2 -s 0 "10.9.0.$1" && ping -c 1 -W 2 -s 1472 "10.9.0.$1" &&
		ping -c 50 -i 0.02 -W 2 "10.9.0.$1" | grep ' 0% packet loss'
}

# rates N: what pktgen said; each size moved.
rates() {
	said "$1" '^pktgen ' >/tmp/rates
	cat /tmp/rates >>/tmp/table
	is 3 awk '$3 == "tx" && $4 > 0 { n++ } END { print n + 0 }' /tmp/rates
}

came_back() { awk '$6 == "rx" && $7 > 0 { n++ } END { print n + 0 }' /tmp/rates; }

scenes() { # BACK N
	check "$1: echo starts" a_guest "$1" "$2" "" echo "ip=10.9.0.$2" || return
	check "$1: echo answers" soon 20 ping -c 1 -W 1 "10.9.0.$2"
	check "$1: and goes on" pings_m "$2"
	check "$1: it is destroyed" xl destroy "m$2"
	check "$1: pktgen starts" \
		a_guest "$1" "$2" "" pktgen "seconds=$SECONDS_EACH" "$MORE" || return
	check "$1: pktgen ends" soon 60 said "$2" "pktgen: done"
	echo "-- $1" >>/tmp/table
	check "$1: all sizes went" rates "$2"
	check "$1: it is destroyed too" xl destroy "m$2"
}

# Both are Mini-OS: what the one sends the other sends back.
pair() { # STRATEGY
	check "pair $1: the backend starts" unikernel 4 none back \
		"strategy=$1" || return
	check "pair $1: pktgen starts" unikernel 5 ",backend=m4" pktgen \
		"seconds=$SECONDS_EACH" "$MORE" || return
	check "pair $1: pktgen ends" soon 60 said 5 "pktgen: done"
	echo "-- pair $1" >>/tmp/table
	check "pair $1: all sizes went" rates 5
	check "pair $1: and came back" is 3 came_back
	xl destroy m5
	soon 5 said 4 '^back '
	xl destroy m4
}

rest=$(left)
start netback --bridge br0 $netback_options
scenes ours 2
check "netback ends" ends_clean netback
check "nothing left" nothing_left
pair 0
pair 1
pair 2
modprobe xen-netback
scenes kernel 3
cat /tmp/table
