# SPDX-License-Identifier: MIT OR GPL-2.0-only
# what: PV guests are checkpointed, saved and restored, our modules at one end or both
# machine: checked
# seconds: 600
# modules: yes
. /job/lib.sh
. /job/guests.sh
. /job/kmod.sh

bridging_script
bridge
rest=$(left)

check "insmod xennet" insmod /modules/xennet.ko || exit
check "insmod xennet_back" load_back || exit
check "both ours: create" create 2 pv $checked driver=xennet_front || exit
check "both ours: it answers" answers 2 || exit
moves "both ours" 2 checkpointed saved
check "Linux's netfront: create" create 3 pv $checked || exit
check "Linux's netfront: it answers" answers 3 || exit
moves "Linux's netfront" 3 checkpointed saved
check "rmmod" rmmod xennet_back
check "rmmod, all" rmmod xennet

modprobe xen-netback
check "Linux's netback: create" create 4 pv $checked driver=xennet_front || exit
check "Linux's netback: it answers" answers 4 || exit
moves "Linux's netback" 4 checkpointed saved
check "no complaints" is "" complaints
check "untainted" untainted
check "nothing left" nothing_left
