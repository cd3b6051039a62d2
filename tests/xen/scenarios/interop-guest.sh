# SPDX-License-Identifier: MIT OR GPL-2.0-only
# what: an XDP program in a Linux guest on our netback: a table's lines
# machine: guests
# seconds: 600
#
# In a kernel of its own: it waits for its backend with a lock in hand that
# whoever has a TAP needs.
. /job/lib.sh
. /job/guests.sh
. /job/interop.sh
ours=netback
vif=0
bridge
rest=$(left)
in_peer() { in_guest 2 "$@"; }

how="Linux: an XDP program"
start netback --explain --bridge br0 --queues 2
check "create" create 2 pv || exit
check "it answers" answers 2 || exit
domid=$(xl domid g2)
back_of() { echo "/local/domain/0/backend/vif/$domid/$1"; }
front_of() { echo "/local/domain/$domid/device/vif/$1"; }

# it takes no packet of more than a slot
check "no segments" ethtool -K "vif$domid.0" tso off gso off
check "attach" in_guest 2 "xdp eth0 >/tmp/xdp 2>&1 &"
check "attached" soon 10 in_guest 2 grep attached /tmp/xdp
check "headroom" soon 10 is 256 key "$(front_of 0)" xdp-headroom
content
# which it says last, once its backend has left the room
check "connected again" both_reach 0 4
row xdp-headroom on
check "detach" in_guest 2 killall xdp
check "no headroom" soon 10 is 0 key "$(front_of 0)" xdp-headroom
how="Linux: and detached"
content
row xdp-headroom off

check "destroy" asked 6 destroy g2
check "netback ends" ends_clean netback
check "nothing left" nothing_left
