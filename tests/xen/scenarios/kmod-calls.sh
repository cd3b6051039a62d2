# SPDX-License-Identifier: MIT OR GPL-2.0-only
# what: both modules, as what they call of the kernel and of Xen fails
# machine: checked
# seconds: 1200
# modules: yes
#
# more=yes: all functions. calls=N: of each also the first N calls, each alone.
# function=NAME: this one. static=0: with persistent grants instead.
. /job/lib.sh
. /job/kmod.sh
rule=/sys/kernel/debug/xennet_fail/rule
front=/sys/bus/xen/drivers/xennet_front
back=$drivers/xennet_back

# --- a vif that has both ends in domain 0

install() {
	insmod /modules/xennet.ko &&
		insmod /modules/xennet_back.ko queues=2 &&
		insmod /modules/xennet_front.ko queues=2 ring_order=0 \
			hash=1 static=${static:-1}
}

uninstall() {
	local module
	unbind
	for module in xennet_front xennet_back xennet; do
		[ ! -e /sys/module/$module ] || rmmod $module || return 1
	done
}

# What has no driver.
bind() {
	[ -e "$back/vif-0-1" ] || echo vif-0-1 >"$back/bind"
	[ -e "$front/vif-1" ] || echo vif-1 >"$front/bind"
}

unbind() {
	[ ! -e "$front/vif-1" ] || echo vif-1 >"$front/unbind"
	[ ! -e "$back/vif-0-1" ] || echo vif-0-1 >"$back/unbind"
}

# New interfaces have no address.
address() {
	ip link set eth0 netns peer
	ip addr add 10.9.0.1/24 dev vif0.1 && ip link set vif0.1 up
	ip -n peer addr add 10.9.0.2/24 dev eth0 &&
		ip -n peer link set eth0 up
} 2>/dev/null

connected() {
	address
	[ "$(state front 1) $(state back 1)" = "4 4" ]
}

carries() {
	soon 6 connected && soon 6 ping -c 1 -W 1 10.9.0.2 &&
		traffic ask 10.9.0.2 7 64
}

# --- calls that fail

fail() { echo "$*" >$rule; }
fail_no_more() { fail none 0 0 0; }

# What is done meanwhile; how it ends is no matter.
connect() {
	local n
	bind
	for n in 1 2 3 4 5; do
		connected && break
		sleep 0.1
	done
	connected && ping -c 2 -i 0.05 -s 3000 -W 1 10.9.0.2
} >/dev/null 2>&1

# try FUNCTION VALUE FIRST EVERY [CALLER]: afterwards it goes well by itself, or
# as soon as there are drivers again. A port that is gone is the other end's
# doing, which has to begin again.
try() {
	local up down
	fail "$@" || return 1
	connect
	up=$(cat $rule)
	fail_no_more
	bind
	case $5 in *notify) unbind && bind ;; esac
	carries || { echo "$*: $up"; return 1; }
	fail "$@"
	unbind 2>/dev/null
	down=$(cat $rule)
	fail_no_more
	echo "$*: $up; $down"
	! echo "$up $down" | grep -q '[^0-9]0 failed.*[^0-9]0 failed'
}

# all NAME VALUE [CALLER]: every third call, and perhaps each alone.
all() {
	local n
	try "$1" "$2" 1 3 "$3" || return 1
	for n in $(seq "${calls:-0}"); do
		try "$1" "$2" "$n" 0 "$3" && continue
		# it has not so many
		tail -n 1 /tmp/check | grep -q '[^0-9]0 failed.*[^0-9]0 failed'
		return
	done
}

# refused NAME VALUE: a module is not loaded, however often that is tried, and
# leaves nothing.
refused() {
	fail "$@" 1 1
	! install && ! grep ' 0 failed' $rule && fail_no_more && uninstall
}

# Pages that could not be unmapped, as our module says.
lost() {
	dmesg | awk '/pages stay mapped/ { n += $(NF - 3) } END { print n + 0 }'
}

mount -t debugfs debug /sys/kernel/debug
peer
rest=$(left)
check "insmod" insmod /modules/xennet_fail.ko || exit
plug 1
check "load" install || exit
check "connect" carries || exit
unbind

# The last of these is mapped still, and that for good.
# all_of: a list of NAME VALUE [CALLER].
all_of() {
	local name value caller
	while read -r name value caller; do
		[ "${function:-$name}" = "$name" ] || continue
		check "$name $caller" all "$name" "$value" $caller
		[ -z "$calls" ] || grep places /tmp/check
	done
}

all_of <<'END'
vzalloc 0
register_netdev -12
xenbus_write -28
xenbus_transaction_end -11
bind_evtchn_to_irq_lateeoi -28
xen_hypercall_pv -28 alloc_port
xen_hypercall_pv -22 notify
xen_hypercall_pv -14 copy
gnttab_alloc_grant_references -28
gnttab_try_end_foreign_access 0
xenbus_map_ring_valloc -12
gnttab_map_refs -14
END
[ -z "$more" ] || all_of <<'END'
alloc_pages_exact 0
kmalloc_trace 0
kstrdup 0
kvmalloc_node 0
xa_store -46
__alloc_percpu_gfp 0
alloc_netdev_mqs 0
alloc_etherdev_mqs 0
__napi_alloc_skb 0
xenbus_read -5
xenbus_scanf -5
xenbus_rm -5
xenbus_transaction_start -12
register_xenbus_watch -12
request_threaded_irq -12
xen_hypercall_pv -28 bind_port
gnttab_alloc_pages -12
END
check "nothing left" nothing_left
check "no page lost" is 0 lost
# of which some then stay mapped for good
all_of <<'END'
gnttab_unmap_refs -14
END
uninstall
while read -r name value; do
	[ "${function:-$name}" = "$name" ] || continue
	check "$name" refused "$name" "$value"
done <<'END'
__alloc_percpu 0
alloc_workqueue 0
__xenbus_register_backend -12
__xenbus_register_frontend -12
END
check "load again" install
check "carries" carries
check "unload" uninstall
check "unplug" unplug 1
check "no complaints" is "" complaints
check "untainted" untainted
check "nothing else left" \
	soon 5 is "${rest%,*}, $(lost) grants in use" left
