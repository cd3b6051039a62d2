# SPDX-License-Identifier: MIT OR GPL-2.0-only
# what: PVH guests are migrated, our modules at one end or both
# machine: hvm
# seconds: 900
# modules: yes
#
# Debian's Xen has no shadow page tables, without which no PV guest is migrated.
. /job/lib.sh
. /job/guests.sh
. /job/kmod.sh

bridging_script
bridge
rest=$(left)
check "insmod xennet" insmod /modules/xennet.ko || exit
check "insmod xennet_back" load_back || exit
check "both ours: create" create 2 pvh $checked driver=xennet_front || exit
check "both ours: it answers" answers 2 || exit
moves "both ours" 2 migrated saved
check "Linux's netfront: create" create 3 pvh $checked || exit
check "Linux's netfront: it answers" answers 3 || exit
moves "Linux's netfront" 3 migrated
check "rmmod" rmmod xennet_back
check "rmmod, all" rmmod xennet

modprobe xen-netback
check "Linux's netback: create" create 4 pvh $checked driver=xennet_front || exit
check "Linux's netback: it answers" answers 4 || exit
moves "Linux's netback" 4 migrated
check "no complaints" is "" complaints
check "untainted" untainted
check "nothing left" nothing_left
