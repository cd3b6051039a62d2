#!/bin/bash
# SPDX-License-Identifier: MIT OR GPL-2.0-only
#
# Makes what boots, in build/xen/images: xen, vmlinux, dom0.cpio, and with a
# kernel for guests in it dom0-guests.cpio. The programs under test are not in
# them: run.sh brings those.
. "$(dirname "$0")/machine.bash"

modules=(xen-privcmd xen-evtchn xen-gntdev xen-gntalloc xenfs
	xen-netback xen-netfront tun vhost_net bridge veth
	virtio_pci virtio_blk)
toolstack=(xl xenstored xenconsoled xenconsole xen-init-dom0
	libxl-save-helper lsevtchn)
system=(/sbin/ip /sbin/ethtool /bin/bash)
scripts=$debs/xen-utils-common/etc/xen/scripts
bin=$debs/xen-utils-$xen/usr/lib/xen-$xen/bin

key=$(sum "$0" "$tests"/{machine.bash,tree.bash,dom0/init} "$debs/versions" \
	"${system[@]}") && key+=$(cat "$linux.key" 2>/dev/null || true)
! stands "$images" "$key" || exit 0
. "$tests/tree.bash"

# The ELF in a bzImage, whose header says where it is: Xen starts it three seconds
# sooner.
unpack_kernel() {
	local sectors at length with=(xz -dc --single-stream)
	! grep -q '^CONFIG_KERNEL_ZSTD=y' "$linux"/boot/config-* ||
		with=(zstd -dcq)
	sectors=$(od -An -tu1 -j 497 -N 1 "$1")
	read -r at length < <(od -An -tu4 -j 584 -N 8 "$1")
	# what follows the kernel in there is no error
	tail -c +$((at + (sectors + 1) * 512 + 1)) "$1" | head -c "$length" |
		"${with[@]}" 2>/dev/null >"$2" || true
	strip -s "$2"
}

dom0_tree() {
	local libs
	busybox_tree dom0
	modules_into dom0 "${modules[@]}"
	mkdir -p dom0/{usr/sbin,etc/xen/scripts,var/log/xen,var/lib/xen}
	(cd "$bin" && cp "${toolstack[@]}" "$images.part/dom0/usr/sbin")
	cp -P "$debs"/xenstore-utils/usr/bin/xenstore* dom0/usr/bin
	cp -L "${system[@]}" dom0/usr/sbin
	ln -s ../usr/sbin/bash dom0/bin/bash
	cp "$scripts"/{*.sh,vif-bridge,vif-route} dom0/etc/xen/scripts
	libraries dom0 dom0/usr/sbin/* dom0/usr/bin/xenstore
	# which pthread_cancel looks for when it is called
	libs=$(dirname "$(find dom0 -name 'libc.so.6')")
	cp -L "${libs#dom0}/libgcc_s.so.1" "$libs"
	cp "$tests/dom0/init" dom0/init
}

say "making the images"
rm -rf "$images" "$images.part"
mkdir "$images.part"
cd "$images.part"
gzip -dc "$debs/xen-hypervisor-$xen-amd64/boot/xen-$xen-amd64.gz" >xen
if [ -e "$linux/boot/vmlinux" ]; then
	cp "$linux/boot/vmlinux" vmlinux
else
	unpack_kernel "$linux"/boot/vmlinuz-* vmlinux
fi
dom0_tree
pack dom0 >dom0.cpio
mkdir -p kernel/guest
ln vmlinux kernel/guest/kernel
{ cat dom0.cpio && pack kernel; } >dom0-guests.cpio
rm -rf dom0 kernel
mv "$images.part" "$images"
echo "$key" >"$images.key"
