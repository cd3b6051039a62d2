#!/bin/bash
# SPDX-License-Identifier: MIT OR GPL-2.0-only
#
# examples/echo: frames of every size come back as they were; it ends with its
# guest, however that ends.
. "$(dirname "$0")/netns.bash"
namespaces

start_echo() {
	ip netns exec "$B" "$bin/echo" "$work/socket" &
	back=$!
	rm -f "$work/front.err"
	start_front "$@"
	soon 5 grep -q connected "$work/front.err" || fail "no connection"
}

frames_come_back() {
	in_a timeout 30 python3 - <<'PYTHON' || fail "frames differ"
import random, socket, time

s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x88b5))
s.bind(("xf0", 0x88b5))
s.settimeout(2)
for size in [14, 15, 60, 64, 127, 128, 129, 1000, 1514]:
    for n in range(20):
        frame = bytes(12) + b"\x88\xb5" + random.randbytes(size - 14)
        for _ in range(50):  # until the TAP has its carrier
            try:
                s.send(frame)
                break
            except OSError:
                time.sleep(0.1)
        while True:
            back, address = s.recvfrom(65536)
            if address[2] != socket.PACKET_OUTGOING:
                break
        assert back == frame, (size, len(back))
PYTHON
	end "$front" || fail "netfront ended with status $?"
	ended
}

ended() {
	soon 2 eval "! kill -0 $back" || fail "echo did not end with its guest"
	wait "$back" || fail "echo ended with status $?"
}

start_echo
frames_come_back

start_echo --static
frames_come_back
! grep "grant_calls" "$work/front.out" || fail "pages were granted one by one"

start_echo
kill -KILL "$front"
ended
say passed
