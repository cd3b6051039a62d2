# SPDX-License-Identifier: MIT OR GPL-2.0-only
# what: the modules' allocations fail, at both ends, as they connect and carry
# machine: checked
# kernel: debug
# seconds: 600
# modules: yes
#
# Only what is allocated from the modules' own text, by the stack: what Linux
# does of itself succeeds. rounds=N of each, ways="persistent=1" of both.
. /job/lib.sh
. /job/guests.sh
. /job/kmod.sh
rounds=${rounds:-5}
# what is refused, and where memory ended, is told, and is no complaint here
complaint="BUG|WARNING|Oops|overwritten|corrupt|INFO:|ODEBUG|unreferenced object"

# For here and for guests.
# failing PERCENT: of the modules' allocations from here on, in slabs and of
# pages, also those that may sleep. have_failed: some since it was last asked.
failing='
failing() {
	set -- $1 $(grep "^xennet" /proc/modules | sort -k 6 |
		awk "{ print \$6, \$2 }")
	percent=$1 from=$2
	while [ $# -gt 3 ]; do shift 2; done
	for kind in failslab fail_page_alloc; do
		cd /sys/kernel/debug/$kind || return 1
		echo 0 >probability
		echo 0 >verbose
		echo N >ignore-gfp-wait
		[ ! -e min-order ] || echo 0 >min-order
		[ ! -e ignore-gfp-highmem ] || echo N >ignore-gfp-highmem
		echo 16 >stacktrace-depth
		echo $from >require-start
		printf "0x%x" $(($2 + $3)) >require-end
		echo $percent >probability
	done
	cd /
}
have_failed() {
	nfailed=0
	for times in /sys/kernel/debug/fail*/times; do
		nfailed=$((nfailed + 1000000 - $(cat $times)))
		echo 1000000 >$times
	done
	echo "$nfailed allocations failed"
	[ $nfailed -gt 0 ]
}
mount -t debugfs none /sys/kernel/debug 2>/dev/null
'
eval "$failing"

bound() { [ -e "$drivers/xennet_back/vif-$id-0" ]; }

# backend_rebinds PERCENT: ten times at most, then without failures; it comes to
# itself when there are none.
backend_rebinds() {
	local n m
	for n in $(seq "$rounds"); do
		failing "$1"
		echo "vif-$id-0" >"$drivers/xennet_back/unbind"
		for m in 1 2 3 4 5 6 7 8 9 10 11; do
			[ $m -lt 11 ] || failing 0
			bound || echo "vif-$id-0" >"$drivers/xennet_back/bind"
		done 2>/dev/null
		sleep 1
		failing 0
		bound || return 1
		bridged "vif$id.0"
		soon 20 ping -c 1 -W 1 10.9.0.2 || return 1
	done
	have_failed
}

# The same of the frontend, which does it all by itself.
frontend_rebinds() {
	told 2 "$failing
		driver=/sys/bus/xen/drivers/xennet_front; n=0
		until [ \$n = $rounds ]; do
			failing $1
			echo vif-0 >\$driver/unbind
			for m in 1 2 3 4 5 6 7 8 9 10 11; do
				[ \$m -lt 11 ] || failing 0
				[ -e \$driver/vif-0 ] ||
					echo vif-0 >\$driver/bind
			done 2>/dev/null
			sleep 1
			failing 0
			timeout $((20 * slow)) sh -c 'until ping -c 1 -W 1 10.9.0.1; do
				sleep 0.1; done' >/dev/null || break
			n=\$((n + 1))
		done
		have_failed && echo rebound \$n times
		echo that is all"
	soon 300 in_guest 2 grep "that.is.all" /tmp/told &&
		in_guest 2 "grep 'rebound $rounds times' /tmp/told || ! cat /tmp/told"
}

# loses PERCENT: at both ends, under traffic.
loses() {
	in_guest 2 "$failing
		failing $1" && failing "$1" || return 1
	ping -i 0.02 -c 200 -s 3000 10.9.0.2 | tail -n 2
	ping -i 0.02 -c 200 -s 100 10.9.0.2 | tail -n 2
	failing 0
	soon 20 in_guest 2 "$failing
		failing 0; have_failed" && have_failed
}

bridging_script
bridge
rest=$(left)
have_failed >/dev/null
check "insmod" insmod /modules/xennet.ko || exit
check "insmod xennet_back" load_back || exit
for way in ${ways:-persistent=1 static=1}; do
	check "$way: create" create 2 pv $checked driver=xennet_front \
		netfront="$way" || exit
	check "$way: it answers" answers 2 || exit
	in_guest 2 "$failing
		have_failed"
	id=$(xl domid g2)
	check "$way: some of its traffic fails" loses 10
	exercise_guest "$way: after that" 2
	ping -i 0.02 -s 3000 10.9.0.2 >/tmp/ping.out 2>&1 &
	load=$!
	check "$way: the backend is bound again" backend_rebinds 2
	check "$way: the frontend is bound again" frontend_rebinds 2
	kill $load
	exercise_guest "$way: bound again" 2
	check "$way: the guest is well" guest_well 2
	check "$way: nearly every allocation fails" backend_rebinds 50
	exercise_guest "$way: after that, too" 2
	failing 20
	check "$way: destroy" asked 6 destroy g2
	failing 0
	check "$way: destroyed" soon 5 gone "$id"
done
check "rmmod" rmmod xennet_back
check "rmmod, all" rmmod xennet
check "no complaints" is "" complaints
check "untainted" untainted
check "nothing left" nothing_left
