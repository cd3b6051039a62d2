# SPDX-License-Identifier: MIT OR GPL-2.0-only
# what: netback in a driver domain: xl devd, scripts, kill -9, destroy
# machine: guests
# seconds: 150
. /job/lib.sh

# A PV guest that is as this domain, and does what its console says.
cat >/netdom <<'END'
#!/bin/busybox sh
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
mkdir -p /proc /sys /dev /tmp /run/xen /run/lock /var/lib/xen /var/log/xen
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
for module in xen-privcmd xen-evtchn xen-gntdev tun bridge; do
	modprobe $module
done
. /job/lib.sh
stty -echo
traffic serve 7 &
xl devd -F >/tmp/devd.err 2>&1 &
echo "netdom is up"
while read -r command; do eval "$command"; done
END
chmod +x /netdom
(cd / && find netdom job bin sbin lib lib64 usr etc var/run |
	cpio -o -H newc) >/tmp/netdom.initrd 2>/dev/null
cat >/tmp/netdom.cfg <<END
name = "netdom"
kernel = "/guest/kernel"
ramdisk = "/tmp/netdom.initrd"
memory = 192
driver_domain = 1
extra = "console=hvc0 quiet rdinit=/netdom"
END
log=/var/log/xen/guest-netdom.log

# in_netdom COMMAND...: its output, and its status.
in_netdom() {
	local at
	at=$(($(wc -l <$log) + 1))
	echo "{ $*; } || { tail -n 9 /tmp/*.err; false; }; echo status \$?" \
		>"$console"
	soon 30 eval "tail -n +$at $log | grep -q '^status '" || return 1
	tail -n +$at $log | tr -d '\r'
	tail -n +$at $log | grep -q '^status 0'
}

check "netdom: create" xl create -q /tmp/netdom.cfg || exit
netdom=$(xl domid netdom)
check "netdom: up" soon 30 grep "netdom is up" $log || exit
console=$(xenstore-read "/local/domain/$netdom/console/tty")
check "netdom: a bridge" in_netdom \
	'ip link add xenbr0 type bridge && ip link set xenbr0 up'
check "netback" in_netdom start netback
check "netback: waits" in_netdom soon 5 grep waiting /tmp/netback.err

# What of netdom's and its guests' is in use.
left() {
	xl dmesg -c >/dev/null
	xl debug-keys g
	echo "$(lsevtchn "$netdom" | wc -l) ports," \
		"$(xl dmesg | grep -cE '^\(XEN\) \[ *[0-9]') grants in use"
}
rest=$(left)

cat >/tmp/guest.cfg <<END
name = "guest"
kernel = "/guest/kernel"
ramdisk = "/guest/initrd"
memory = 128
extra = "console=hvc0 quiet do=traffic+serve+7"
vif = [ "mac=00:16:3e:00:00:01,backend=netdom,script=vif-none" ]
END
check "create" xl create -q /tmp/guest.cfg || exit
id=$(xl domid guest)
tap=vif$id.0
back_of() { echo "/local/domain/$netdom/backend/vif/$id/$1"; }

serves() { # NAME INTERFACE
	check "$1: connect" reaches back 0 4
	check "$1: address" in_netdom ip addr replace 10.9.0.1/24 dev "$2"
	check "$1: ping" in_netdom soon 10 ping -c 1 -W 1 10.9.0.2
	check "$1: answers" in_netdom \
		'soon 10 nc -w 1 10.9.0.2 7 </dev/null'
	check "$1: traffic" in_netdom traffic ask 10.9.0.2 7
}

# quickly COMMAND...: before the toolstack gives up, which is after 10 s.
quickly() { timeout 8 "$@"; }

gone() {
	soon 5 eval '! xenstore-exists "$(back_of 0)"' &&
		in_netdom soon 5 test ! -e "/sys/class/net/$tap"
}

serves "vif-none" "$tap"
check "kill -9" in_netdom 'kill -9 $netback; start netback'
check "restart" in_netdom soon 5 grep "$tap:.connected" /tmp/netback.err
check "restart: traffic" in_netdom traffic ask 10.9.0.2 7
check "detach" quickly xl network-detach guest 0
check "detach: nothing left" gone
check "netback ends" in_netdom ends_clean netback

check "netback --wait-script" in_netdom start netback --wait-script
check "vif-bridge: attach" quickly xl network-attach guest \
	mac=00:16:3e:00:00:02 backend=netdom script=vif-bridge bridge=xenbr0
serves "vif-bridge" xenbr0
check "vif-bridge: in the bridge" in_netdom \
	test -e "/sys/class/net/xenbr0/brif/$tap"

check "destroy" quickly xl destroy guest
check "destroy: nothing left" gone
check "netback ends again" in_netdom ends_clean netback
check "nothing left" nothing_left
check "netdom: destroy" xl destroy netdom
