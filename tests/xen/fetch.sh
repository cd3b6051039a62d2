#!/bin/bash
# SPDX-License-Identifier: MIT OR GPL-2.0-only
#
# Downloads Debian's packages into build/xen/debs, and the Linux that was chosen
# into its place, and unpacks each there. What is there stays: ./dev clean is the
# way to newer ones.
. "$(dirname "$0")/machine.bash"
. "$tests/apt.bash"

# kernel_of PACKAGE: the one that it stands for.
kernel_of() {
	local kernel
	kernel=$(apt-cache "${apt[@]}" depends "$1" 2>/dev/null |
		sed -n 's/.*Depends: \(linux-image-[^ ]*\)/\1/p' | head -n 1) || true
	[ -n "$kernel" ] || die "no $1: $(cat "$out/apt.log")"
	echo "$kernel"
}

fetch_all() {
	local part=$debs.part kernel
	say "fetching Xen $xen and Linux"
	packages_known
	kernel=$(kernel_of linux-image-amd64)
	packages_into "$part" "$kernel" busybox-static xenstore-utils \
		xen-hypervisor-$xen-amd64 xen-utils-$xen xen-utils-common
	mv "$part/$kernel" "$part/linux"
	mv "$part" "$debs"
}

fetch_linux() {
	local part=$linux.part kernel
	say "fetching Linux $XENNET_KERNEL"
	packages_known
	kernel=$(kernel_of "linux-image-$XENNET_KERNEL-amd64")
	packages_into "$part" "$kernel"
	find "$part" -name '*.ko.xz' -exec unxz {} +
	mv "$part/versions" "$linux.key"
	mv "$part/$kernel" "$linux"
	rmdir "$part"
}

[ -e "$debs" ] || fetch_all
[ -e "$linux" ] || [ "$XENNET_KERNEL" = debug ] || fetch_linux
