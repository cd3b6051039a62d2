# SPDX-License-Identifier: MIT OR GPL-2.0-only
# what: measures what xennet_back.ko gains by mapping what a guest sends
# machine: counted
# seconds: 1500
# modules: yes
#
# A guest with Linux's netfront three times: eth0 on Linux's netback, eth1 on
# ours as it is, eth2 on ours that maps slots of so many bytes: zerocopy=N.
# Each is in a bridge, through which frames of the kernel's pktgen go to a dummy,
# which drops them as they are; a program in domain 0 reads TCP and UDP, which
# the stack has copied for it. Time is counted in instructions: what a
# processor waits for when a page is unmapped is not in it, nor what a cache
# misses.
. /job/lib.sh
. /job/kmod.sh
. /job/vifs.sh
ROUNDS=${rounds:-5}
PACKETS=${packets:-4000}
KIB=${kib:-8192}
FRAMES=${frames:-1496 9000 60000}
insmod /modules/dummy.ko numdummies=0
modprobe bridge

# net VIF: its bridge, with the one whom nothing reaches.
net() {
	ip link add "br$1" type bridge
	ip link add "dummy$1" type dummy
	ip addr add "10.9.$1.1/24" dev "br$1"
	ip link set "dummy$1" mtu 65500 master "br$1" up
	ip link set "vif$id.$1" master "br$1" up
	ip link set "br$1" up
}

join() {
	[ "$1" = 0 ] || in_guest "ip addr add 10.9.$1.2/24 dev eth$1
		ip link set eth$1 up"
	soon 30 ping -c 1 -W 1 "10.9.$1.2"
}

begin() {
	xl create /tmp/guest.cfg &
	soon 30 xl domid guest || return 1
	id=$(xl domid guest)
	give vif 0 && give xennet_back 1 || return 1
	echo "${zerocopy:-1024}" >/sys/module/xennet_back/parameters/zerocopy
	give xennet_back 2 && wait $! && soon 20 ip link show "vif$id.2" &&
		net 0 && net 1 && net 2 && join 0 && soon 10 in_guest true &&
		in_guest insmod /modules/pktgen.ko && join 1 && join 2
}

counts() { # VIF: calls of the hypervisor, with their operations
	[ "$1" = 0 ] && echo 0 0 0 || ethtool -S "vif$id.$1" | awk '
		$1 ~ /^(copy|map|unmap)_calls:/ { calls += $2 }
		$1 == "copy_ops:" { copies = $2 }
		$1 == "map_ops:" { maps = $2 }
		END { print calls, copies, maps }'
}

arrived() { cat "/sys/class/net/$1/statistics/tx_packets"; }

# run WHAT SIZE VIF: N NANOSECONDS CPU0 GUEST0 CPU0 GUEST1 COUNTS...
run() {
	local n=$PACKETS size=$2 to=10.9.$3.1 took t0 t1 c0 c1 before
	[ "$1" != tcp ] || n=$KIB
	[ "$2" != fixed ] || n=1 size=64
	c0=$(counts "$3")
	before=$(arrived "dummy$3")
	t0=$(cputime 0 "$id")
	case $1 in
	drop) took=$(in_guest "dev=eth$3 count=$n size=$size
		frags=$((size / 4000 + 1)) clone=1000 $(cat /tmp/pktgen)")000 ;;
	udp) took=$(in_guest load udp "$to" 10 "$n" "$size") ;;
	tcp) took=$(in_guest load tcp "$to" 10 "$n") ;;
	esac
	t1=$(cputime 0 "$id")
	[ "$1" != drop ] || n=$(($(arrived "dummy$3") - before))
	c1=$(counts "$3")
	echo "run $1 $2 $3 $n $took $t0 $t1 $c0 $c1"
}

measure() {
	local round what vif
	for round in $(seq "$ROUNDS"); do
		for what in "drop fixed" $(printf 'drop-%s ' $FRAMES) \
			"udp fixed" "udp 1400" "tcp fixed" "tcp bulk"; do
			for vif in 0 1 2; do run ${what%[- ]*} ${what#*[- ]} $vif; done
		done
	done
}

# What a run takes that sends one packet is not the packets'.
report() {
	awk '
	function median(what, k,  n, i, j, t, a) {
		n = count[k]
		for (i = 1; i <= n; i++)
			a[i] = v[what, k, i]
		for (i = 1; i <= n; i++)
			for (j = i + 1; j <= n; j++)
				if (a[j] < a[i]) { t = a[i]; a[i] = a[j]; a[j] = t }
		return a[int((n + 1) / 2)]
	}
	function each(k,  word) {
		split(k, word, " ")
		return (median("cpu", k) - median("cpu", word[1] " fixed " word[3])) / median("n", k)
	}
	$1 == "run" && $5 > 0 {
		row = $2 " " $3
		if (!(row in seen)) { seen[row]; order[++rows] = row }
		k = row " " $4
		i = ++count[k]
		v["n", k, i] = $5
		v["rate", k, i] = $5 / $6 * 1e9
		v["cpu", k, i] = $9 - $7
		v["calls", k, i] = ($14 - $11) / $5
		v["copies", k, i] = ($15 - $12) / $5
		v["maps", k, i] = ($16 - $13) / $5
	}
	END {
		print "              a second: Linux     ours  mapped |" \
			" domain 0, ns each:  Linux     ours   mapped  mapped/ours (spread)" \
			" | calls, copies, maps each: ours; mapped"
		for (i = 1; i <= rows; i++) {
			r = order[i]
			if (r ~ /fixed/)
				continue
			low = 9; high = 0
			for (j = 1; j <= count[r " 2"]; j++) {
				q = v["cpu", r " 2", j] / v["cpu", r " 1", j]
				if (q < low) low = q
				if (q > high) high = q
			}
			printf "%-19s %9.0f %8.0f %8.0f | %24.0f %8.0f %8.0f  %5.3f (%.3f-%.3f) | %.3f %.2f %.2f; %.3f %.2f %.2f\n",
				r, median("rate", r " 0"), median("rate", r " 1"),
				median("rate", r " 2"), each(r " 0"), each(r " 1"),
				each(r " 2"), each(r " 2") / each(r " 1"), low, high,
				median("calls", r " 1"), median("copies", r " 1"),
				median("maps", r " 1"), median("calls", r " 2"),
				median("copies", r " 2"), median("maps", r " 2")
		}
	}' /tmp/runs
}

check "a guest on Linux's netback and ours" begin || exit
load sink 10 >/tmp/sink &
measure >/tmp/runs
cat /tmp/runs
report
check "no complaints" is "" complaints
