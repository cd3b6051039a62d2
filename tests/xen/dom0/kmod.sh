# SPDX-License-Identifier: MIT OR GPL-2.0-only
#
# The kernel modules, in /modules: source it after lib.sh.
drivers=/sys/bus/xen-backend/drivers
dmesg -c >/dev/null # what was before is not ours to complain of

# Where the whole machine was stopped for a while, that is no stall of ours; who
# spins does not get to the end.
echo 1 >/sys/module/rcupdate/parameters/rcu_cpu_stall_suppress
echo 0 >/proc/sys/kernel/soft_watchdog

# Of the toolstack: to be in the bridge, and what Linux's own netback waits for.
bridging_script() {
	cat >/etc/xen/scripts/vif-none <<'END'
#!/bin/sh
[ "$1" = online ] || exit 0
ip link set "$vif" master br0 up
xenstore-write "$XENBUS_PATH/hotplug-status" connected
END
}

driver_is() { # NAME DEVICE
	is "$1" basename "$(readlink "$drivers/../devices/$2/driver")"
}

# to DRIVER DEVICE: from the driver that has it.
to() {
	echo "$2" >"$drivers/../devices/$2/driver/unbind" &&
		echo "$2" >"$drivers/$1/bind"
}

load_back() { insmod /modules/xennet_back.ko queues=2 ring_order=4; }

# shows DEVICE WHAT LEAST: of the pages that its vif keeps mapped.
shows() {
	mount -t debugfs none /sys/kernel/debug 2>/dev/null
	awk -v what="$2:" -v least="$3" 'index($0, what) {
		sub(".*: ", ""); n += $1; print }
		END { exit !(n >= least) }' "/sys/kernel/debug/xennet_back/$1"
}

# In this order: what its guest sends at once is to come through.
bridged() { ip link set "$1" master br0 && ip link set "$1" up; }

# move DRIVER DOMID: its vif.
move() { to "$1" "vif-$2-0" && soon 5 bridged "vif$2.0"; }

complaint="BUG|WARNING|Call Trace|Oops|refused|overwritten|corrupt|INFO:|ODEBUG|unreferenced object"

# What nothing leads to, if this kernel looks for that: it does twice, and not
# at what is younger than five seconds. It tells dmesg how many, and here which.
leaks='mount -t debugfs none /sys/kernel/debug 2>/dev/null
	if cd /sys/kernel/debug && [ -e kmemleak ]; then
		echo scan >kmemleak; sleep 6; echo scan >kmemleak; cat kmemleak
	fi'

# Without reports of Linux's own. Of a guest that is checkpointed or migrated, now
# and then and whatever its drivers: a timer that is a dummy is switched. Of the
# debugging one: a register that Xen does not have, as a guest boots; that its own
# netfront sleeps as it waits.
without_known='
	!report && /cut here/ { report = "end trace"; text = "" }
	!report && /Call Trace:/ { report = "</TASK>"; text = "" }
	!report
	report { text = text $0 ORS }
	report && index($0, report) {
		if (text !~ /clockevents_switch_state|arch_post_acpi_subsys_init|xennet_remove/)
			printf "%s", text
		report = ""
	}
	END { if (report) printf "%s", text }'

# Of this kernel, and of guests' on their consoles: of some it is the last word.
complaints() {
	(eval "$leaks")
	{ dmesg && cat /var/log/xen/guest-*.log 2>/dev/null; } |
		awk "$without_known" | grep -v ommand.line | grep -E "$complaint"
}

# Out of tree and without a signature, but nothing else.
untainted() {
	echo "tainted: $(cat /proc/sys/kernel/tainted)"
	[ $(($(cat /proc/sys/kernel/tainted) & ~0x3000)) = 0 ]
}

# --- in guests

# For their kernels: memory that is misused is looked for; a machine that stood
# still is no complaint.
checked="slub_debug=FZP$slubs page_poison=1 rcupdate.rcu_cpu_stall_suppress=1 nosoftlockup"

# told N COMMAND...: and does it though its network goes meanwhile.
told() {
	local n=$1
	shift
	in_guest "$n" "(sleep 0.2; $*) >/tmp/told 2>&1 </dev/null &"
	sleep 0.5
}

# guest_to DRIVER N: its eth0, from the driver that has it.
guest_to() {
	told "$2" "cd /sys/bus/xen; echo vif-0 >devices/vif-0/driver/unbind;
		echo vif-0 >drivers/$1/bind"
	soon 30 in_guest "$2" \
		"readlink /sys/bus/xen/devices/vif-0/driver | grep '/$1\$'"
}

# guest_reloads N TIMES [OPTION]: its driver, under the feet of its traffic.
guest_reloads() {
	told "$1" "n=0; driver=/sys/bus/xen/drivers/xennet_front
		until [ \$n = $2 ]; do
			echo vif-0 >\$driver/unbind && rmmod xennet_front &&
			insmod /modules/xennet_front.ko $3 &&
			timeout $((30 * slow)) sh -c 'until ping -c 1 -W 1 10.9.0.1; do
				sleep 0.1; done' >/dev/null || break
			n=\$((n + 1))
		done
		echo reloaded \$n times"
	soon 300 in_guest "$1" grep reloaded /tmp/told &&
		in_guest "$1" "grep 'reloaded $2 times' /tmp/told || ! cat /tmp/told"
}

# guest_counts N NAME: of ethtool.
guest_counts() {
	in_guest "$1" ethtool -S eth0 | sed -n "s/^ *$2: //p"
}

# xl looks for it there. A guest that is saved is larger than the other files.
mkdir -p /usr/lib/xen-4.17/bin /saved
ln -sf /usr/sbin/libxl-save-helper /usr/lib/xen-4.17/bin
mount -t tmpfs -o size=450m saved /saved

# another DOMID N: it is another domain now.
another() { [ "$(xl domid "g$2")" -gt "$1" ]; }

# guest_saved N: to a file, and back as another domain.
guest_saved() {
	local was
	was=$(xl domid "g$1")
	xl save "g$1" /saved/guest && xl restore /saved/guest &&
		rm /saved/guest && another "$was" "$1"
}

# guest_migrated N: while it runs, to this host.
guest_migrated() {
	local was
	was=$(xl domid "g$1")
	xl migrate -s "" "g$1" "xl migrate-receive" && another "$was" "$1"
}

# guest_checkpointed N: to a file, and goes on.
guest_checkpointed() {
	is "$(xl domid "g$1")" sh -c "xl save -c g$1 /saved/guest >/tmp/saved 2>&1 ||
		cat /tmp/saved; rm /saved/guest; xl domid g$1"
}

# talk N: over a connection that stays, until heard: all of it came back.
talk() {
	rm -f /tmp/hush
	local line=0
	until [ -e /tmp/hush ]; do
		line=$((line + 1))
		echo "line $line"
		sleep 0.1
	done | tee /tmp/said | nc "10.9.0.$1" 7 >/tmp/heard &
}

heard() {
	sleep 1
	touch /tmp/hush
	soon 60 cmp /tmp/said /tmp/heard && [ "$(wc -l </tmp/said)" -gt 10 ]
}

# guest_well N: has nothing to complain of.
guest_well() {
	is "status 0" in_guest "$1" "($leaks)
		dmesg | awk '$without_known' | grep -v ommand.line |
			grep -E '$complaint'
		[ \$((\$(cat /proc/sys/kernel/tainted) & ~0x3200)) = 0 ]"
}

# moves NAME N HOW...: a connection stays over each.
moves() {
	local name=$1 n=$2 how
	shift 2
	for how; do
		talk "$n"
		sleep 1
		check "$name: $how" "guest_$how" "$n" || exit
		check "$name, $how: it answers" answers "$n" || exit
		check "$name, $how: the connection goes on" heard
		check "$name, $how: traffic" traffic ask "10.9.0.$n" 7 256
		check "$name, $how: traffic from the guest" \
			in_guest "$n" traffic ask 10.9.0.1 7 256
	done
	check "$name: the guest is well" guest_well "$n"
	check "$name: destroy" asked 6 destroy "g$n"
}

# move_pairs KIND HOW HOW: guests whose both ends are ours, by each HOW of the
# first list, then such with one end, by those of the second.
move_pairs() {
	local kind=$1 both=$2 one=$3
	bridging_script
	bridge
	rest=$(left)
	check "insmod xennet" insmod /modules/xennet.ko || exit
	check "insmod xennet_back" load_back || exit
	check "both ours: create" create 2 "$kind" $checked driver=xennet_front || exit
	check "both ours: it answers" answers 2 || exit
	moves "both ours" 2 $both
	check "Linux's netfront: create" create 3 "$kind" $checked || exit
	check "Linux's netfront: it answers" answers 3 || exit
	moves "Linux's netfront" 3 $one
	check "rmmod" rmmod xennet_back
	check "rmmod, all" rmmod xennet

	modprobe xen-netback
	check "Linux's netback: create" create 4 "$kind" $checked driver=xennet_front || exit
	check "Linux's netback: it answers" answers 4 || exit
	moves "Linux's netback" 4 $one
	check "no complaints" is "" complaints
	check "untainted" untainted
	check "nothing left" nothing_left
}
