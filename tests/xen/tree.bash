# SPDX-License-Identifier: MIT OR GPL-2.0-only
#
# What a small Linux is made of. Source it after machine.bash.

# busybox_tree DIR: a root with busybox and empty directories.
busybox_tree() {
	local busybox=$debs/busybox-static/bin/busybox name
	mkdir -p "$1"/{bin,sbin,dev,proc,sys,tmp,run,root,lib,lib64} \
		"$1"/{etc,var/lib,usr/bin,usr/sbin}
	ln -s ../run "$1/var/run"
	for name in $("$busybox" --list); do
		ln -s busybox "$1/bin/$name"
	done
	cp --remove-destination "$busybox" "$1/bin"
}

# modules_into DIR MODULE...: and what those need, for modprobe.
modules_into() {
	local dir=$1 all=("$linux"/lib/modules/*) version name file
	version=${all[0]##*/}
	shift
	mkdir -p "$dir/lib/modules/$version"
	cp "${all[0]}"/modules.{order,builtin} "$dir/lib/modules/$version"
	for name in $(with_needed "$@"); do
		file=$(module_file "$name")
		cp "$file" "$dir/lib/modules/$version"
	done
	"$debs/busybox-static/bin/busybox" depmod -b "$dir" "$version"
}

module_file() { # NAME: with - or _
	find "$linux/lib/modules" -name "${1//[-_]/[-_]}.ko" | grep .
}

built_in() { # NAME
	grep -q "/${1//[-_]/[-_]}.ko" "$linux"/lib/modules/*/modules.builtin
}

with_needed() { # MODULE...
	local name
	for name; do
		! built_in "$name" || continue
		echo "$name"
		with_needed $(readelf -p .modinfo "$(module_file "$name")" |
			sed -n 's/.*depends=//p' | tr , ' ')
	done | sort -u
}

# libraries DIR PROGRAM...: those that this system runs them with, unless they
# are static.
libraries() {
	local dir=$1 lib needed
	shift
	needed=$(ldd "$@" 2>/dev/null || true)
	if grep 'not found' <<<"$needed"; then
		die "a library is missing"
	fi
	for lib in $(grep -o '/[^ :]* (0x' <<<"$needed" | cut -d ' ' -f 1 |
		sort -u); do
		mkdir -p "$dir$(dirname "$lib")"
		cp -L "$lib" "$dir$lib"
	done
}

# pack DIR: as an initramfs.
pack() {
	(cd "$1" && find . -print0 | LC_ALL=C sort -z |
		cpio --null -o -H newc -R 0:0 --quiet)
}
