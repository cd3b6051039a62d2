#!/bin/bash
# SPDX-License-Identifier: MIT OR GPL-2.0-only
#
# Downloads Debian's packages into build/xen/debs and unpacks each there. What is
# there stays: ./dev clean is the way to newer ones.
. "$(dirname "$0")/machine.bash"
[ ! -e "$debs" ] || exit 0
. "$tests/apt.bash"
part=$debs.part

say "fetching Xen $xen and Linux"
packages_known
kernel=$(apt-cache "${apt[@]}" depends linux-image-amd64 2>/dev/null |
	sed -n 's/.*Depends: \(linux-image-[^ ]*\)/\1/p' | head -n 1) || true
[ -n "$kernel" ] || die "no linux-image-amd64: $(cat "$out/apt.log")"
packages_into "$part" "$kernel" busybox-static xenstore-utils \
	xen-hypervisor-$xen-amd64 xen-utils-$xen xen-utils-common
mv "$part/$kernel" "$part/linux"
mv "$part" "$debs"
