# SPDX-License-Identifier: MIT OR GPL-2.0-only
# what: xennet_back.ko with zero copy: packets held by others, at every end
# machine: checked
# seconds: 900
# modules: yes
#
# A guest that is paused holds what another sends to it: 256 packets in its own
# buffers, and those that come after in its vif, for ten seconds at most.
. /job/lib.sh
. /job/guests.sh
. /job/kmod.sh

load_back() { insmod /modules/xennet_back.ko queues=1 zerocopy=1024; }

counts() { # DOMID NAME
	ethtool -S "vif$1.0" | sed -n "s/^ *$2: //p"
}

# mapped DOMID: pages of its packets.
mapped() { echo $(($(counts "$1" map_ops) - $(counts "$1" unmap_ops))); }

maps() { # DOMID
	echo "$(counts "$1" map_ops) maps"
	[ "$(counts "$1" map_ops)" -gt 1000 ]
}

holds() { # DOMID
	echo "$(mapped "$1") pages mapped"
	[ "$(mapped "$1")" -gt 10 ]
}

# hold_of N: its packets, in the vif of guest 3, which is paused.
hold_of() {
	in_guest "$1" ping -c 1 -W 2 10.9.0.3 &&
		xl pause g3 &&
		in_guest "$1" load udp 10.9.0.3 9 320 1400 &&
		holds "$(xl domid "g$1")"
}

let_go() { xl unpause g3 && answers 3; }

unbound() { echo "vif-$1-0" >"$drivers/xennet_back/unbind"; }

# No domain that only its pages keep.
no_zombie() { ! xl list | grep -E 'null|d  '; }

bridge
bridging_script
insmod /modules/xennet.ko
load_back
rest=$(left)
check "create" create 2 pv || exit
check "create another" create 3 pv || exit
check "it answers" answers 2 || exit
check "both answer" answers 3 || exit
id=$(xl domid g2)
exercise_guest "to domain 0" 2
check "guest to guest" in_guest 2 traffic ask 10.9.0.3 7 2048
check "by mappings" maps "$id"
check "which end with their packets" soon 5 is 0 mapped "$id"

say "to a socket that nobody reads"
traffic serve 8 &
reader=$!
check "who is there" soon 5 traffic ask 10.9.0.1 8 1
kill -STOP $reader
check "they are sent" in_guest 2 load udp 10.9.0.1 8 100 1400
check "nothing of them is mapped" soon 2 is 0 mapped "$id"
kill -KILL $reader

say "to a guest that is paused"
check "its packets are held" hold_of 2
check "not for ever" soon 15 is 0 mapped "$id"
check "it goes on" let_go
check "both answer" answers 2

check "held again" hold_of 2
begin=$(date +%s)
check "unbound meanwhile" unbound "$id"
check "which took no longer than they" [ $(($(date +%s) - begin)) -le 15 ]
check "the guest lost no page" no_zombie
check "bound again" sh -c "echo vif-$id-0 >$drivers/xennet_back/bind"
check "it goes on" let_go
check "bridged" soon 5 bridged "vif$id.0"
exercise_guest "bound again" 2

check "held once more" hold_of 2
xl destroy g2 &
check "destroyed, whose packets they are, and who has them" xl destroy g3
check "their vifs are gone" soon 30 gone "$id"
check "and all pages" soon 20 no_zombie
check "rmmod" rmmod xennet_back
check "rmmod, all" rmmod xennet
check "no complaints" is "" complaints
check "untainted" untainted
check "nothing left" nothing_left
