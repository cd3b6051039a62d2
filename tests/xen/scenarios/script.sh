# SPDX-License-Identifier: MIT OR GPL-2.0-only
# what: netback --wait-script: Xen's own vif-bridge, vif-route, vifname
# machine: guests
# seconds: 150
. /job/lib.sh
modprobe tun
modprobe bridge
ip link add xenbr0 address 00:16:3e:00:00:fe type bridge
ip addr add 10.9.0.1/24 dev xenbr0
ip link set xenbr0 up
rest=$(left)

# After each script: what it did, and for which interface.
hooks=/etc/xen/scripts/vif-post.d
mkdir $hooks
echo 'echo "$command $dev" >>/tmp/ran' >$hooks/note.hook
chmod +x $hooks/note.hook

cat >/tmp/guest.cfg <<END
name = "guest"
kernel = "/guest/kernel"
ramdisk = "/guest/initrd"
memory = 128
extra = "console=hvc0 quiet do=traffic+serve+7"
vif = [ "mac=00:16:3e:00:00:01,script=vif-bridge,bridge=xenbr0" ]
END

attach() { xl network-attach guest mac=00:16:3e:00:00:02 "$@"; }

attach_fails() { ! attach "$@"; }

in_bridge() { test -e "/sys/class/net/xenbr0/brif/$1"; }

serves() { # NAME TAP
	local b
	b=$(back_of 0)
	check "$1: connect" reaches back 0 4
	check "$1: the script ran" grep -x "online $2" /tmp/ran
	check "$1: hotplug-status" is connected \
		xenstore-read "$b/hotplug-status"
	check "$1: the TAP's name" is "$2" xenstore-read "$b/xennet-tap"
	check "$1: ping" soon 10 ping -c 1 -W 1 10.9.0.2
	check "$1: answers" soon 10 nc -w 1 10.9.0.2 7 </dev/null
	check "$1: traffic" traffic ask 10.9.0.2 7
}

gone() { # TAP N
	soon 5 test ! -e "/sys/class/net/$1" &&
		! xenstore-exists "$(back_of "$2")"
}

detach() { # NAME TAP
	check "$1: detach" xl network-detach guest 0
	check "$1: nothing left" gone "$2" 0
	check "$1: the script ran again" grep -x "offline $2" /tmp/ran
	rm /tmp/ran
}

start netback --wait-script
check "create" xl create -q /tmp/guest.cfg || exit
id=$(xl domid guest)
tap=vif$id.0
back_of() { echo "/local/domain/0/backend/vif/$id/$1"; }
check "vif-bridge: in the bridge" in_bridge "$tap"
serves "vif-bridge" "$tap"
detach "vif-bridge" "$tap"

check "vif-route: attach" \
	attach script=vif-route ip=10.9.0.2 gatewaydev=xenbr0
check "vif-route: route" grep "$tap" /proc/net/route
serves "vif-route" "$tap"
detach "vif-route" "$tap"

check "vifname: attach" attach script=vif-bridge bridge=xenbr0 vifname=lan0
check "vifname: in the bridge" in_bridge lan0
serves "vifname" lan0
kill -9 "$netback"
start netback --wait-script
check "restart" soon 5 grep "$tap: here again, TAP lan0" /tmp/netback.err
check "restart: connect" soon 5 grep "$tap: connected" /tmp/netback.err
check "restart: traffic" traffic ask 10.9.0.2 7

check "no bridge: attach fails" attach_fails script=vif-bridge bridge=nobr0
check "no bridge: refused" soon 5 \
	grep "vif$id.1: refused: KEY_HOTPLUG" /tmp/netback.err
check "no bridge: why" is "Could not find bridge device nobr0" \
	xenstore-read "$(back_of 1)/hotplug-error"
check "no bridge: not connected" is 2 state back 1
check "no bridge: the other serves on" traffic ask 10.9.0.2 7
check "no bridge: detach" xl network-detach guest 1
check "no bridge: nothing left" gone "vif$id.1" 1

check "destroy" xl destroy guest
check "destroy: nothing left" gone lan0 0
check "destroy: the script ran" grep -x "offline lan0" /tmp/ran
check "netback ends" ends_clean netback
check "nothing left" nothing_left
