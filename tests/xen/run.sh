#!/bin/bash
# SPDX-License-Identifier: MIT OR GPL-2.0-only
#
# run.sh SCENARIO [KEY=VALUE...]: runs scenarios/SCENARIO.sh in domain 0 and
# prints its console, which stays in build/xen/logs/SCENARIO.log. Status 0: it
# made checks, all passed, and it came to its end.
# run.sh --list: the scenarios. run.sh shell [MACHINE]: domain 0's prompt.
#
# The programs are those of $XENNET_BIN, or of build/release. A scenario that
# needs a file is skipped, with status 77, where its variable names none.
. "$(dirname "$0")/machine.bash"
bin=${XENNET_BIN:-$root/build/release}

header() { # FILE WORD: what its "# WORD: ..." line says
	sed -n "s/^# $2: //p" "$1"
}

list() {
	local file
	for file in "$tests"/scenarios/*.sh; do
		printf '%-14s%s\n' "$(basename "$file" .sh)" \
			"$(header "$file" what)"
	done
}

# fill DIR: what is to be unpacked in domain 0.
fill() {
	local word program
	mkdir -p "$1"/{job,usr/bin,guest}
	cp "$script" "$1/job/main"
	cp "$tests"/dom0/*.sh "$1/job"
	for word in slow=$slow "slubs=$slubs" "${words[@]}"; do
		echo "${word%%=*}='${word#*=}'"
	done >"$1/job/arguments"
	for program in netback netfront traffic load cputime badring xdp \
		xennet-bench; do
		cp "$bin/$program" "$1/usr/bin"
	done
	libraries "$1" "$1"/usr/bin/*
	[ -z "$(header "$script" modules)" ] || modules "$1/modules"
	[ "$machine" = small ] || guest_image "$1"
}

# modules DIR: ours, built for the kernel that boots, and what loads them.
modules() {
	local all=("$linux"/lib/modules/*) version build
	version=${all[0]##*/}
	build=${all[0]}/build # a kernel made here knows where
	[ -e "$build" ] || build=/lib/modules/$version/build
	[ -e "$build" ] ||
		die "no headers of Linux $version: install linux-headers-$version"
	say "building the modules"
	make -s -C "$root/examples/linux" KERNEL="$version" \
		BUILD="$build" -j 2
	make -s -C "$tests/fail" KERNEL="$version" BUILD="$build"
	mkdir "$1"
	cp "$root/build/kmod/$version"/{examples/linux,fail}/*.ko "$1"
	cp "$(module_file pktgen)" "$(module_file dummy)" "$1"
	strip -g "$1"/*.ko
}

# The guests' initramfs: no snapshot knows it.
guest_image() {
	local word
	busybox_tree "$work/guest"
	modules_into "$work/guest" xen-netfront
	if [ -e "$1/modules" ]; then
		cp -r "$1/modules" "$work/guest"
		cp /sbin/ethtool "$work/guest/bin"
		libraries "$work/guest" /sbin/ethtool
	fi
	cp "$bin"/{traffic,load,xdp} "$work/guest/bin"
	cp "$tests/guest/init" "$work/guest/init"
	pack "$work/guest" >"$1/guest/initrd"
	for word in $needs; do
		cp "${!word}" "$1/guest/${word%_IMAGE}"
	done
}

run() {
	local begin=$EPOCHSECONDS log=$out/logs/$scenario.log line
	mkdir -p "$out/logs"
	timeout -k 5 "$((slow * ${limit:-300}))" "${qemu[@]}" -monitor none -serial stdio \
		</dev/null 2>&1 | while IFS= read -r line; do
		printf '%4d  %s\n' $((EPOCHSECONDS - begin)) "${line%$'\r'}"
	done | tee "$log" || true # the log tells
	verdict "$log"
}

verdict() { # LOG
	local ok bad
	ok=$(grep -cE '^ *[0-9]+  ok ' "$1" || true)
	bad=$(grep -cE '^ *[0-9]+  not ok ' "$1" || true)
	echo "$scenario: $ok checks passed, $bad failed"
	if ! grep -qE '^ *[0-9]+  scenario ended' "$1"; then
		die "$scenario did not come to its end"
	fi
	grep -qE '^ *[0-9]+  scenario ended 0' "$1" &&
		((ok > 0 && bad == 0))
}

needs=
case ${1:?a scenario} in
--list)
	list
	exit
	;;
shell)
	machine=${2:-small} script=$tests/dom0/shell.sh
	;;
*)
	scenario=$1 script=$tests/scenarios/$1.sh
	[ -e "$script" ] || die "no scenario '$1'; --list lists them"
	machine=$(header "$script" machine)
	limit=$(header "$script" seconds)
	needs=$(header "$script" needs)
	if [ "$(header "$script" kernel)" != "${XENNET_KERNEL:-}" ] &&
		[ -n "$(header "$script" kernel)" ]; then
		echo "$scenario: skipped: ./dev kdebug has its kernel"
		exit 77
	fi
	for word in $needs; do
		[ ! -f "${!word:-}" ] || continue
		echo "$scenario: skipped: $word names no file"
		exit 77
	done
	;;
esac
words=("${@:2}")
"$tests/snapshot.sh" "$machine"
. "$tests/tree.bash"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fill "$work/job"
tar -C "$work/job" -cf "$work/disk" .
truncate -s "$disk_size" "$work/disk"
machine "$machine" "$work/disk"
[ ! -e "$out/$machine.state" ] ||
	qemu+=(-incoming "exec:cat '$out/$machine.state'")
if [ "$1" = shell ]; then
	"${qemu[@]}" -serial mon:stdio
else
	run
fi
