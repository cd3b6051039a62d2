# SPDX-License-Identifier: MIT OR GPL-2.0-only
#
# The kernel modules, in /modules: source it after lib.sh.
drivers=/sys/bus/xen-backend/drivers

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

complaints() {
	dmesg | grep -E 'BUG|WARNING|Call Trace|Oops|refused|overwritten|corrupt|INFO:'
}

# Out of tree and without a signature, but nothing else.
untainted() {
	echo "tainted: $(cat /proc/sys/kernel/tainted)"
	[ $(($(cat /proc/sys/kernel/tainted) & ~0x3000)) = 0 ]
}
