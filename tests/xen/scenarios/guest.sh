# SPDX-License-Identifier: MIT OR GPL-2.0-only
# what: Linux PV guests on our netback: attach, detach, reboot, two, destroy
# machine: guests
# seconds: 240
. /job/lib.sh
. /job/guests.sh
bridge
rest=$(left)
start netback --bridge br0 --queues 2

domid() { xl domid "g$1"; }
another_domid() { [ "$(domid 2)" != "$was" ]; }
attached() { grep -q "$1" /tmp/netback.err; }

check "create" create 2 pv || exit
check "it answers" answers 2 || exit
check "two queues" attached "vif$(domid 2).0: connected, 2 queues"
exercise_guest "first" 2

detach_and_attach 2

was=$(domid 2)
check "reboot" in_guest 2 "(sleep 1; reboot -f) >/dev/null 2>&1 &"
check "reboot makes another domain" soon 30 another_domid
check "the old one's vif" soon 10 gone "$was"
check "rebooted" answers 2 || exit
exercise_guest "rebooted" 2

check "create another" create 3 pv || exit
check "both answer" answers 3
check "guest to guest" in_guest 2 traffic ask 10.9.0.3 7 1024

destroy_under_load 3
check "the other is unaffected" ping -c 20 -i 0.05 -W 2 10.9.0.2
check "with traffic" traffic ask 10.9.0.2 7 1024

check "destroy" asked 6 destroy g2
check "no backend left" soon 5 is "" \
	sh -c 'xenstore-list /local/domain/0/backend/vif/* 2>/dev/null'
check "netback ends" ends_clean netback
check "nothing left" nothing_left
