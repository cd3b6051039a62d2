#!/bin/bash
# SPDX-License-Identifier: MIT OR GPL-2.0-only
#
# Downloads Debian's packages into build/xen/debs and unpacks each there, with
# a package list of its own. Nothing is installed, and no root is needed. What
# is there stays: ./dev clean is the way to newer ones.
. "$(dirname "$0")/machine.bash"
[ ! -e "$debs" ] || exit 0

state=$out/apt
part=$out/debs.part
apt=(-qq -o Dir::State="$state" -o Dir::State::status=/dev/null
	-o Dir::Cache="$state/cache" -o APT::Sandbox::User="$(id -un)")

say "fetching Xen $xen and Linux"
rm -rf "$state" "$part"
mkdir -p "$state/lists/partial" "$state/cache/archives/partial" "$part"
apt-get "${apt[@]}" update 2>"$out/apt.log" || true # the download tells
kernel=$(apt-cache "${apt[@]}" depends linux-image-amd64 2>/dev/null |
	sed -n 's/.*Depends: \(linux-image-[^ ]*\)/\1/p' | head -n 1) || true
[ -n "$kernel" ] || die "no linux-image-amd64: $(cat "$out/apt.log")"

cd "$part"
apt-get "${apt[@]}" download "$kernel" busybox-static xenstore-utils \
	xen-hypervisor-$xen-amd64 xen-utils-$xen xen-utils-common
for deb in *.deb; do
	dpkg -x "$deb" "${deb%%_*}"
done
mv "$kernel" linux
printf '%s\n' *.deb >versions
rm -rf ./*.deb "$state"
mv "$part" "$debs"
