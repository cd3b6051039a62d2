# SPDX-License-Identifier: MIT OR GPL-2.0-only
# what: PV guests are checkpointed, saved and restored, our modules at one end or both
# machine: checked
# seconds: 600
# modules: yes
. /job/lib.sh
. /job/guests.sh
. /job/kmod.sh
move_pairs pv "checkpointed saved" "checkpointed saved"
