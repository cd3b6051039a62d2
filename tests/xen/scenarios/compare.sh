# SPDX-License-Identifier: MIT OR GPL-2.0-only
# what: measures our netback and the kernel's, side by side under one guest
# machine: counted
# seconds: 600
# modules: yes
#
# pair=kernel: ours is xennet_back.ko.
#
# Time is counted in instructions, one a nanosecond, so that what else the
# machine does changes nothing. eth0 of the guest is the kernel's, eth1 ours.
#
# receive: to a program in domain 0. nobody: to a MAC address that nobody has,
# which domain 0's stack drops. drop: the same, but our TAP is down. back: to the
# guest; its datagrams are to nobody there.
. /job/lib.sh
. /job/kmod.sh
pair=${pair:-user}
ROUNDS=${rounds:-5}
PACKETS=${packets:-4000}
KIB=${kib:-8192}
BACK=/local/domain/0/backend/vif
modprobe tun
modprobe vhost_net
modprobe xen-netback
echo 0 >/sys/bus/xen-backend/drivers_autoprobe

# give DOMID VIF DRIVER: which no driver takes by itself.
give() {
	soon 20 xenstore-read "$BACK/$1/$2/state" &&
		echo "vif-$1-$2" >"$drivers/$3/bind" &&
		xenstore-write "$BACK/$1/$2/hotplug-status" connected
}

cat >/tmp/guest.cfg <<'END'
name = "guest"
kernel = "/guest/kernel"
ramdisk = "/guest/initrd"
extra = "console=hvc0 quiet loglevel=4 mitigations=off nokaslr do=nc+-ll+-p+9+-e+sh"
memory = 192
vif = [ "mac=00:16:3e:00:00:01,script=vif-none" ]
END

begin() {
	xl create /tmp/guest.cfg &
	soon 30 xl domid guest || return 1
	id=$(xl domid guest)
	give "$id" 0 vif && wait $! && soon 20 ip link show "vif$id.0"
}

# in_guest COMMAND...
in_guest() { echo "$*" | nc 10.9.0.2 9; }

# join K: 10.9.K.1 here, .2 there; .9 is nobody's, and what goes there is dropped
join() {
	soon 20 ip link show "vif$id.$1" || return 1
	ip addr add "10.9.$1.1/24" dev "vif$id.$1"
	ip link set "vif$id.$1" up
	[ "$1" = 0 ] || in_guest "until ip link show eth$1; do sleep 0.2; done;
		ip addr add 10.9.$1.2/24 dev eth$1; ip link set eth$1 up"
	arp -i "vif$id.$1" -s "10.9.$1.9" 02:00:00:00:00:09
	soon 20 ping -c 1 -W 1 "10.9.$1.2" &&
		in_guest "arp -i eth$1 -s 10.9.$1.9 02:00:00:00:00:09"
}

attach() {
	if [ "$pair" = user ]; then
		start netback
	else
		insmod /modules/xennet.ko
		insmod /modules/xennet_back.ko
	fi
	xl network-attach guest mac=00:16:3e:00:00:02 script=vif-none &
	[ "$pair" = user ] || give "$id" 1 xennet_back || return 1
	wait $!
}

# run SINK PROTOCOL SIZE K: prints packets (or KiB) a second, and the CPU time
# of domain 0 and of the guest for each.
run() {
	local to=10.9.$4.1 n=$PACKETS before after took
	[ "$1" = receive ] || to=10.9.$4.9
	[ "$1$4" != drop1 ] || ip link set "vif$id.1" down
	before=$(cputime 0 "$id")
	if [ "$1 $2" = "back udp" ]; then
		took=$(load udp "$to" 10 "$PACKETS" "$3")
	elif [ "$1" = back ]; then
		n=$KIB
		took=$(load tcp "10.9.$4.2" 10 "$KIB")
	elif [ "$2" = tcp ]; then
		n=$KIB
		took=$(in_guest load tcp "$to" 10 "$KIB")
	else
		took=$(in_guest load udp "$to" 10 "$PACKETS" "$3")
	fi
	after=$(cputime 0 "$id")
	[ "$1$4" != drop1 ] || ip link set "vif$id.1" up
	arrived "$1" "$2" || echo "lost: $1 $2 $3 $4" >>/tmp/lost
	echo "run $1 $2 $3 $4 $n $took $before $after"
}

# Every datagram that was to be read has been.
arrived() {
	[ "$1 $2" = "receive udp" ] || return 0
	sleep 0.2
	: >/tmp/sink
	kill -USR1 "$sink"
	soon 2 is "$PACKETS" cat /tmp/sink
}

# The calls of netback's threads, but those to the TAP and sleep, for each
# packet, counted by domain 0's kernel.
calls() {
	local trace=/sys/kernel/tracing/events/raw_syscalls/sys_enter
	mount -t tracefs none /sys/kernel/tracing 2>/dev/null
	echo 'hist:keys=common_pid,id' >$trace/trigger || return 1
	run receive udp "$1" 1 >/dev/null
	ls /proc/"$netback"/task >/tmp/tasks
	sed -nE 's/.*common_pid: +([0-9]+), id: +([0-9]+) .*hitcount: +([0-9]+).*/\1 \2 \3/p' \
		$trace/hist >/tmp/hist
	echo '!hist:keys=common_pid,id' >$trace/trigger
	# read, write and ioctl, and so what vhost is told and tells; readv
	# and writev are the TAP's
	awk -v n="$PACKETS" 'NR == FNR { mine[$1]; next }
		$1 in mine { n_of[$2] += $3 }
		END { printf "%.4f: %.4f read, %.4f write, %.4f ioctl\n",
			(n_of[0] + n_of[1] + n_of[16]) / n,
			n_of[0] / n, n_of[1] / n, n_of[16] / n
		}' /tmp/tasks /tmp/hist
}

few_calls() {
	local each
	each=$(calls "$1") || return 1
	echo "calls for each packet of $1 B: $each" >>/tmp/calls
	awk -v each="${each%%:*}" 'BEGIN { exit !(each > 0 && each <= 1 / 10) }'
}

# Down, the kernel's vif takes nothing, and the guest waits.
waits() {
	local said
	ip link set "vif$id.0" down
	said=$(echo "timeout 1 load udp 10.9.0.9 10 $PACKETS 64 || echo waits" |
		nc 10.9.1.2 9)
	ip link set "vif$id.0" up
	is waits echo "$said"
}

measure() {
	local round to size sinks="receive nobody drop"
	[ "$pair" = user ] || sinks="receive nobody back"
	for round in $(seq "$ROUNDS"); do
		for to in $sinks; do
			for size in 64 1400; do
				run $to udp $size 0
				run $to udp $size 1
			done
		done
		run receive tcp 0 0
		run receive tcp 0 1
		run back tcp 0 0
		run back tcp 0 1
	done
}

report() {
	awk '
	function median(key, n,  i, j, t) {
		for (i = 1; i <= n; i++)
			for (j = i + 1; j <= n; j++)
				if (v[key, j] < v[key, i]) {
					t = v[key, i]; v[key, i] = v[key, j]
					v[key, j] = t
				}
		return v[key, int((n + 1) / 2)]
	}
	function put(what, row, k, value) {
		v[what " " row " " k, count[row " " k]] = value
	}
	$1 == "run" {
		row = $2 " " $3 " " $4
		if (!(row in seen)) { seen[row]; order[++rows] = row }
		count[row " " $5]++
		put("rate", row, $5, $6 / $7 * 1e9)
		put("back", row, $5, ($10 - $8) / $6)
		put("guest", row, $5, ($11 - $9) / $6)
	}
	END {
		print "                    kernel     ours  ratio |" \
			" domain 0, ns each | guest, ns each"
		print "                  a second a second       |" \
			"  kernel    ours   | kernel    ours"
		for (i = 1; i <= rows; i++) {
			r = order[i]; n = count[r " 0"]
			a = median("rate " r " 0", n)
			b = median("rate " r " 1", n)
			low = 9; high = 0
			for (j = 1; j <= n; j++) {
				q = v["rate " r " 1", j] / v["rate " r " 0", n + 1 - j]
				if (q < low) low = q
				if (q > high) high = q
			}
			printf "%-17s %8.0f %8.0f  %.2f (%.2f-%.2f) | %6.0f %6.0f | %6.0f %6.0f\n", r, a, b,
				b / a, low, high, median("back " r " 0", n),
				median("back " r " 1", n),
				median("guest " r " 0", n),
				median("guest " r " 1", n)
		}
	}' /tmp/runs
	[ "$pair" = kernel ] || cat /tmp/calls
}

check "a guest on the kernel's netback" begin
check "joined" join 0
check "attached to ours" attach
check "joined" join 1
load sink 10 >/tmp/sink &
sink=$!
in_guest "load sink 10 >/dev/null 2>&1 &"
run receive udp 64 1
measure >/tmp/runs
if [ "$pair" = user ]; then
	check "every packet of 64 B few calls" few_calls 64
	check "every packet of 1400 B few calls" few_calls 1400
fi
report
check "the kernel's vif that is down takes nothing" waits
check "all arrived" [ ! -e /tmp/lost ]
