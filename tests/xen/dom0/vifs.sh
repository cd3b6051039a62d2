# SPDX-License-Identifier: MIT OR GPL-2.0-only
# For what is measured: a stock guest with three vifs, each given to a backend by
# the scenario, and the kernel's pktgen at either end.
BACK=/local/domain/0/backend/vif
modprobe xen-netback
insmod /modules/xennet.ko
insmod /modules/xennet_back.ko queues=1
echo 0 >/sys/bus/xen-backend/drivers_autoprobe

cat >/tmp/guest.cfg <<'END'
name = "guest"
kernel = "/guest/kernel"
ramdisk = "/guest/initrd"
extra = "console=hvc0 quiet loglevel=4 mitigations=off nokaslr do=nc+-ll+-p+9+-e+sh"
memory = 200
vif = [ "mac=00:16:3e:00:00:01,script=vif-none",
	"mac=00:16:3e:00:00:02,script=vif-none",
	"mac=00:16:3e:00:00:03,script=vif-none" ]
END

# give DRIVER VIF: a vif that nobody takes by himself.
give() {
	soon 20 xenstore-read "$BACK/$id/$2/state" &&
		echo "vif-$id-$2" >"$drivers/$1/bind" &&
		xenstore-write "$BACK/$id/$2/hotplug-status" connected
}

# in_guest COMMAND...
in_guest() { echo "$*" | nc 10.9.0.2 9; }

# What to do with pktgen, by here or in the guest: its time in microseconds.
cat >/tmp/pktgen <<'END'
cd /proc/net/pktgen
echo rem_device_all >kpktgend_0
echo add_device $dev >kpktgend_0
for word in "count $count" "pkt_size $size" "frags ${frags:-0}" \
	"clone_skb $clone" "delay 0" "dst 10.9.9.9" \
	"dst_mac 02:00:00:00:00:09"; do
	echo $word >$dev
done
echo start >pgctrl
sed -n 's/.*Result: OK: \([0-9]*\)(.*/\1/p' $dev
END
