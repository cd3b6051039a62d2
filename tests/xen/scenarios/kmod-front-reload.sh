# SPDX-License-Identifier: MIT OR GPL-2.0-only
# what: xennet_front.ko unloaded and loaded 50 times under traffic of Linux's netback
# machine: checked
# seconds: 300
# modules: yes
. /job/lib.sh
. /job/kmod.sh
reloads=${reloads:-50}
modprobe xen-netback
peer
rest=$(left)

# Pages of grants that this domain has come to have; memory in KiB, without
# what only waits to be used again.
frames() {
	xl dmesg -c >/dev/null
	xl debug-keys g
	xl dmesg | sed -n '/table for remote d0/{n;s/.*) *\([0-9]*\) frames.*/\1/p}'
}

used_memory() {
	sync
	echo 3 >/proc/sys/vm/drop_caches
	awk '/^MemFree/ { print -$2 }' /proc/meminfo
}

cat >/tmp/set-up <<'END'
addr add 10.9.0.2/24 dev eth0
addr add fd09::2/64 dev eth0 nodad
link set eth0 up
END

# The interface is a new one each time; the backend's stays.
load_front() {
	insmod /modules/xennet_front.ko "$@" &&
		soon 10 ip link show eth0 &&
		ip link set eth0 netns peer &&
		ip -n peer -batch /tmp/set-up &&
		soon 10 ping -c 1 -W 1 10.9.0.2
}

# reload N: with one kind of grants or the other.
reload() {
	echo vif-1 >/sys/bus/xen/drivers/xennet_front/unbind &&
		rmmod xennet_front && load_front persistent=$(($1 & 1))
}

all_reloaded() {
	local n
	for n in $(seq "$1"); do
		reload "$n" || { echo "reload $n failed"; return 1; }
	done
}

# Whatever becomes of its interface.
keep_on() {
	while :; do
		"$@" || sleep 0.1
	done >/tmp/ping.out 2>&1
}

no_more_memory() {
	local now
	now=$(used_memory)
	echo "$((now - memory)) KiB"
	[ $((now - memory)) -lt 1024 ]
}

check "insmod xennet" insmod /modules/xennet.ko || exit
plug 1
reaches back 1 2
xenstore-write "$(back_of 1)/hotplug-status" connected
ip addr add 10.9.0.1/24 dev vif0.1
ip addr add fd09::1/64 dev vif0.1 nodad
ip link set vif0.1 up
check "insmod xennet_front" load_front || exit
check "both kinds of grants" all_reloaded 2
keep_on ping -c 20 -i 0.01 -s 8000 -W 1 10.9.0.2 &
here=$!
keep_on /usr/sbin/ip netns exec peer ping -c 20 -i 0.01 -s 3000 -W 1 10.9.0.1 &
there=$!
frames=$(frames) memory=$(used_memory)
check "reloaded $reloads times" all_reloaded "$reloads"
check "no more grants" is "$frames" frames
check "no more memory" no_more_memory
kill $here $there
exercise "after that"
check "unplug" unplug 1
# the device goes a moment after its keys
check "rmmod" soon 10 rmmod xennet_front
check "rmmod, all" rmmod xennet
check "no complaints" is "" complaints
check "untainted" untainted
check "nothing left" nothing_left
