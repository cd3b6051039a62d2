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
move_pairs pvh "migrated saved" migrated
