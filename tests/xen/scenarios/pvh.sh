# SPDX-License-Identifier: MIT OR GPL-2.0-only
# what: a Linux PVH guest on our netback: traffic, detach, attach, destroy
# machine: hvm
# seconds: 600
. /job/lib.sh
. /job/guests.sh
bridge
rest=$(left)
start netback --bridge br0 --queues 2

check "create" create 2 pvh || exit
check "it answers" answers 2 || exit
domid=$(xl domid g2)
check "it is a PVH guest" sh -c "xl list -l g2 | grep '\"type\": \"pvh\"'"
check "two queues" grep "vif$domid.0: connected, 2 queues" /tmp/netback.err
exercise_guest "first" 2

detach_and_attach 2

check "destroy is answered" asked 6 destroy g2
check "destroyed" soon 5 gone "$domid"
check "netback ends" ends_clean netback
check "nothing left" nothing_left
