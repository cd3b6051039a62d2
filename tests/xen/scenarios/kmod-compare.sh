# SPDX-License-Identifier: MIT OR GPL-2.0-only
# what: measures the kernel's pair of drivers and ours, in turn, under one guest
# machine: counted
# seconds: 900
# modules: yes
#
# The kernel's pktgen sends at one end, and what it sends, to a MAC address that
# nobody has, is dropped by the stack at the other: no socket hides the drivers.
# eth0 of the guest is of Linux's pair; eth1 of ours, with persistent grants;
# eth2 of ours, with static ones. Time is counted in instructions, one a
# nanosecond, of both domains and Xen together.
. /job/lib.sh
. /job/kmod.sh
. /job/vifs.sh
ROUNDS=${rounds:-5}
PACKETS=${packets:-20000}
SIZES=${sizes:-64 1496}
WAYS=${ways:-to-dom0 to-guest}
VIFS=${vifs:-0 1 2}
back=${back:-xennet_back} # or vif: our frontend on Linux's netback
insmod /modules/pktgen.ko

begin() {
	xl sched-credit2 -s -r 100
	xl create /tmp/guest.cfg &
	soon 30 xl domid guest || return 1
	id=$(xl domid guest)
	give vif 0 && give "$back" 1 && give "$back" 2 && wait $! &&
		soon 20 ip link show "vif$id.0" || return 1
	ip addr add 10.9.0.1/24 dev "vif$id.0"
	ip link set "vif$id.0" up
	soon 60 ping -c 1 -W 1 10.9.0.2 && soon 10 in_guest true
}

# take VIF OPTION: for our driver, with this kind of grants.
take() {
	local p=/sys/module/xennet_front/parameters
	ip link set "vif$id.$1" up
	in_guest "[ -e $p ] || { insmod /modules/xennet.ko
			insmod /modules/pktgen.ko
			insmod /modules/xennet_front.ko queues=1; }
		echo 0 >$p/persistent; echo 0 >$p/static; echo 1 >$p/$2
		cd /sys/bus/xen; echo vif-$1 >drivers/vif/unbind
		echo vif-$1 >drivers/xennet_front/bind
		until [ \$(cat /sys/class/net/eth$1/carrier) = 1 ]; do
			ip link set eth$1 up; sleep 0.1; done"
	soon 10 is 4 xenstore-read "$BACK/$id/$1/state"
}

# prefer WAY: whom it leads to, or pktgen, which never sleeps, would keep it off
# the one processor.
prefer() {
	local to=0 from=$id
	[ "$1" = to-dom0 ] || to=$id from=0
	xl sched-credit2 -d $to -w 65535
	xl sched-credit2 -d $from -w 64
}

# run WAY SIZE VIF: microseconds, and how many arrived.
run() {
	local vif=vif$id.$3 dev=eth$3 took before after t0 t1
	prefer "$1"
	t0=$(cputime 0 "$id")
	if [ "$1" = to-dom0 ]; then
		before=$(cat "/sys/class/net/$vif/statistics/rx_packets")
		took=$(in_guest "dev=$dev count=$PACKETS size=$2 clone=1000
			$(cat /tmp/pktgen)")
		sleep 0.3
		after=$(cat "/sys/class/net/$vif/statistics/rx_packets")
	else
		before=$(in_guest cat "/sys/class/net/$dev/statistics/rx_packets")
		took=$(dev=$vif count=$PACKETS size=$2 clone=0 sh /tmp/pktgen)
		sleep 0.3
		after=$(in_guest cat "/sys/class/net/$dev/statistics/rx_packets")
	fi
	t1=$(cputime 0 "$id")
	echo "run $1 $2 $3 $((after - before)) $took $t0 $t1"
}

measure() {
	local round way size vif
	for round in $(seq "$ROUNDS"); do
		for way in $WAYS; do
			for size in $SIZES; do
				for vif in $VIFS; do
					run "$way" "$size" "$vif"
				done
			done
		done
	done
}

# All that was sent arrived, and at which rate.
report() {
	awk -v packets="$PACKETS" '
	function median(row, k,  n, i, j, t) {
		n = count[row, k]
		for (i = 1; i <= n; i++)
			for (j = i + 1; j <= n; j++)
				if (v[row, k, j] < v[row, k, i]) {
					t = v[row, k, i]
					v[row, k, i] = v[row, k, j]
					v[row, k, j] = t
				}
		return v[row, k, int((n + 1) / 2)]
	}
	$1 == "run" {
		row = $2 " " $3
		if (!(row in seen)) { seen[row]; order[++rows] = row }
		v[row, $4, ++count[row, $4]] = $5 / $6 * 1e6
		if ($5 < packets) lost[row, $4] += packets - $5
		print
	}
	END {
		print "packets a second    Linux  persistent  ratio" \
			"      static  ratio    lost"
		for (i = 1; i <= rows; i++) {
			r = order[i]
			a = median(r, 0); b = median(r, 1); c = median(r, 2)
			printf "%-16s %8.0f    %8.0f  %5.2f    %8.0f  %5.2f    %d %d %d\n", r, a, b,
				b / a, c, c / a, lost[r, 0], lost[r, 1], lost[r, 2]
		}
	}' /tmp/runs
}

check "a guest on Linux's pair" begin || exit
check "persistent grants" take 1 persistent || exit
check "static grants" take 2 static || exit
run to-dom0 64 0 >/dev/null
measure >/tmp/runs
report
check "no complaints" is "" complaints
