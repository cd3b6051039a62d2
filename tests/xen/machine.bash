# SPDX-License-Identifier: MIT OR GPL-2.0-only
#
# Where everything is, and the machines that QEMU is. Source it.
#
#   small    domain 0 alone: it is both ends
#   guests   two processors and memory for PV guests
#   checked  the same, and Linux looks for memory that is misused
#   hvm      memory for PVH guests, and one processor: see README.md
#   counted  the same with time counted in instructions; has no snapshot
#   counted2 the same with two processors, which take turns
#
# With XENNET_KERNEL=debug their Linux is that of debug.sh, in domain 0 and guests;
# with XENNET_KERNEL=6.12 Debian's linux-image-6.12-amd64.
set -euo pipefail
tests=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$tests/../.." && pwd)
out=$root/build/xen
debs=$out/debs    # the packages, and what is in them
linux=$debs/linux # the one that boots: boot/ and lib/modules/
slow=1            # so many times as long as is usual may anything take
slubs=            # that are looked at: all
xen=4.17
if [ "${XENNET_KERNEL:-}" = debug ]; then
	out=$out/debug
	linux=$out/linux
	slow=10
	slubs=",kmalloc-*,skbuff*" # KASAN looks at all of them
elif [ -n "${XENNET_KERNEL:-}" ]; then
	out=$out/$XENNET_KERNEL
	linux=$out/linux
fi
images=$out/images # what boots
mkdir -p "$out"

say() { echo "== $*"; }

die() {
	echo "tests/xen: $*" >&2
	exit 1
}

# stands FILE KEY: it was made from what KEY says.
stands() { [ -e "$1" ] && [ "$(cat "$1.key" 2>/dev/null)" = "$2" ]; }

# sum FILE...: of their content.
sum() { cat "$@" | sha256sum | cut -c 1-32; }

# machine NAME DISK: sets qemu, the command without console and monitor.
machine() {
	local memory=512 dom0=320M processors=1 cpu=qemu64
	local accel=tcg,thread=single initrd=dom0 linux=
	qemu=()
	case $1 in
	small) ;;
	guests | checked)
		[ "$1" = guests ] || linux="slub_debug=FZP${slubs//,/,,} page_poison=1"
		memory=1536 dom0=768M processors=2 initrd=dom0-guests
		accel=tcg,thread=multi
		;;
	hvm)
		memory=1536 dom0=768M initrd=dom0-guests
		cpu=qemu64,+svm,+npt
		;;
	counted | counted2)
		memory=1536 dom0=768M initrd=dom0-guests
		[ "$1" = counted ] || processors=2
		cpu=qemu64,+svm,+npt,+rdrand
		qemu=(-icount shift=0,sleep=off)
		;;
	*) die "no machine '$1'" ;;
	esac
	if ((slow > 1)); then # an eighth of memory is KASAN's, and more others'
		memory=$((memory * 2))
		dom0=$((${dom0%M} * 3 / 2))M
		linux+=" nosoftlockup"
	fi
	qemu=(qemu-system-x86_64 "${qemu[@]}" -machine pc -accel "$accel"
		-cpu "$cpu" -smp "$processors" -m "$memory"
		-display none -vga none -nodefaults -no-user-config -no-reboot
		-drive "file=$2,format=raw,if=virtio,cache=unsafe"
		-kernel "$images/xen"
		-append "console=com1 com1=115200,8n1 spec-ctrl=no \
dom0_mem=$dom0,max:$dom0 dom0_max_vcpus=1 loglvl=warning guest_loglvl=warning"
		-initrd "$images/vmlinux console=hvc0 quiet loglevel=4 \
mitigations=off nokaslr $linux,$images/$initrd.cpio")
}

# The job's disk has this size in a snapshot and after.
disk_size=64M
