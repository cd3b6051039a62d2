#!/bin/bash
# SPDX-License-Identifier: MIT OR GPL-2.0-only
#
# Bad arguments: one clear line and exit status 2. A system that lacks what it
# takes: one line and exit status 1.
bin=${XENNET_BIN:?the directory with the programs}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

expect() { # STATUS TEXT COMMAND...
	local status=$1 text=$2 got
	shift 2
	timeout 5 "$@" >"$work/out" 2>"$work/err"
	got=$?
	if [ $got != "$status" ] || [ -s "$work/out" ] ||
		[ "$(wc -l <"$work/err")" != 1 ] ||
		! grep -q -e "$text" "$work/err"; then
		echo "FAILED: $* ended with status $got and said:"
		cat "$work/out" "$work/err"
		failed=1
	fi
}

for p in netfront netback; do
	expect 2 "no option '--frob'" "$bin/$p" --frob
	expect 2 "no option" "$bin/$p" -x
	expect 2 "'more' is no option" "$bin/$p" more
	expect 2 "needs a value" "$bin/$p" --socket
	expect 2 "too long" "$bin/$p" --socket "/$(printf '%0200d' 0)"
	for n in 0 65 -1 '' x 1x 99999999999999999999; do
		expect 2 "--queues: '$n' is not a number from 1 to 64" \
			"$bin/$p" --queues "$n"
	done
	expect 2 "from 0 to 4" "$bin/$p" --ring-order 5
	expect 2 "cannot name an interface" "$bin/$p" --tap ''
	expect 2 "cannot name an interface" "$bin/$p" --tap a/b
	expect 2 "cannot name an interface" "$bin/$p" --tap 0123456789abcdef
	expect 2 "no option" "$bin/$p" --no-sg=1
done
for p in netfront netback; do
	expect 2 "is not local or xen" "$bin/$p" --platform kvm
	expect 2 "none with --platform xen" \
		"$bin/$p" --platform xen --socket /tmp/x
done
expect 2 "no option '--vif'" "$bin/netback" --vif 1
expect 2 "only with --platform xen" "$bin/netfront" --vif 1
expect 2 "only with --platform xen" "$bin/netback" --wait-script
expect 2 "that is the script's" \
	"$bin/netback" --platform xen --wait-script --bridge xb0
for tap in vif vif%d %d%d vif%d2%d; do
	expect 2 "is not one name for each vif" \
		"$bin/netback" --platform xen --tap "$tap"
done
expect 2 "is not copy, map, persistent or cost" "$bin/netback" --strategy flip
expect 2 "no option '--strategy'" "$bin/netfront" --strategy copy
expect 2 "no option '--mac'" "$bin/netback" --mac 00:16:3e:00:00:01
for mac in '' x 00:16:3e:00:00 01:16:3e:00:00:01 00:16:3e:00:00:01:02; do
	expect 2 "--mac: '$mac' is no unicast address" \
		"$bin/netfront" --mac "$mac"
done
for p in netfront netback; do
	"$bin/$p" --help | grep -q -- '--queues' || failed=1
done

if [ "$(id -u)" = 0 ] && [ -c /dev/net/tun ]; then
	expect 1 "No such device" "$bin/netback" --bridge nosuchbridge
	expect 1 "/nowhere/socket" "$bin/netback" --socket /nowhere/socket
	[ -e /dev/xen ] || for p in netfront netback; do
		expect 1 "no domain of Xen\|built without Xen" \
			"$bin/$p" --platform xen
	done
	for p in netfront netback; do
		expect 1 "/dev/net/tun: No such file\|TAP .*: No such file" \
			unshare -m sh -c \
			"mount --bind $work /dev/net && exec $bin/$p"
	done
fi
[ $failed = 0 ] && echo passed
exit $failed
