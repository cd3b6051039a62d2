#!/bin/bash
# SPDX-License-Identifier: MIT OR GPL-2.0-only
#
# snapshot.sh MACHINE: packages, images, and a snapshot of the machine that
# waits for a job, in build/xen/MACHINE.state. What stands is not made again.
. "$(dirname "$0")/machine.bash"
"$tests/fetch.sh"
[ "${XENNET_KERNEL:-}" != debug ] || "$tests/debug.sh"
"$tests/images.sh"
[ "${1%2}" != counted ] || exit 0

state=$out/$1.state
key="$(cat "$images.key") $(sum "$0")"
key+=" $(qemu-system-x86_64 --version | head -n 1)"
! stands "$state" "$key" || exit 0

work=$(mktemp -d)
pid=
end() {
	[ -z "$pid" ] || kill "$pid" 2>/dev/null || true
	wait
	rm -rf "$work"
}
trap end EXIT

say "starting the machine '$1' for a snapshot"
rm -f "$state" "$state.key"
truncate -s "$disk_size" "$work/disk"
machine "$1" "$work/disk"
timeout $((300 * slow)) "${qemu[@]}" -serial "file:$work/console" \
	-qmp "unix:$work/monitor,server=on,wait=off" </dev/null &
pid=$!
until grep -q 'dom0 is ready' "$work/console" 2>/dev/null; do
	kill -0 "$pid" 2>/dev/null ||
		die "it did not start: $(tail -n 20 "$work/console")"
	sleep 0.2
done
sleep 1
"$tests/save.py" "$work/monitor" "$state"
wait "$pid"
pid=
echo "$key" >"$state.key"
