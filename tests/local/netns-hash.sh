#!/bin/bash
# SPDX-License-Identifier: MIT OR GPL-2.0-only
#
# A frontend that has its packets hashed, on two queues: flows are spread over
# both, and each comes on the queue of its hash, in order, once the guest has
# sent a packet of it. And a guest that asks for nothing is served as ever.
. "$(dirname "$0")/netns.bash"
namespaces

# flows.py serve | flows.py ask ADDRESS: UDP, 40 flows of 200 numbered packets,
# each sent back; one whose numbers go backwards is an error.
cat >"$work/flows.py" <<'END'
import socket, sys
FLOWS, PACKETS, WINDOW = 40, 200, 4
if sys.argv[1] == "serve":
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind(("0.0.0.0", 7000))
    while True:
        data, who = s.recvfrom(2048)
        s.sendto(data, who)
flows = []
for i in range(FLOWS):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.connect((sys.argv[2], 7000))
    s.settimeout(5)
    flows.append(s)
for n in range(0, PACKETS, WINDOW):
    for s in flows:
        for k in range(WINDOW):
            s.send(b"%d" % (n + k))
    for s in flows:
        for k in range(WINDOW):
            got = int(s.recv(2048))
            assert got == n + k, (got, n + k)
END

start_back --bridge xb0 --queues 2
start_front --queues 2 --hash
reachable
soon 5 grep -q "hash: on" "$work/front.err" || fail "the hash is not on"

# UDP is hashed by its addresses: one queue for all; TCP by its ports
in_b python3 "$work/flows.py" serve &
sleep 0.5
in_a python3 "$work/flows.py" ask 10.9.0.1 || fail "a flow lost its order"
say "40 flows of UDP in order"
in_b iperf3 -s -1 -B 10.9.0.1 >"$work/iperf.out" 2>&1 &
sleep 0.5
in_a iperf3 -c 10.9.0.1 -R -P 16 -t 2 >"$work/iperf.err" 2>&1 ||
	fail "iperf3"

kill -USR1 "$back"
soon 2 grep -q "q1 rx_packets" "$work/back.out" || fail "one queue for all"
hashed=$(count tap_hashed "$work/back.out")
astray=$(count tap_astray "$work/back.out")
for q in q0 q1; do
	n=$(awk -v q="$q" '$1 ~ q && $2 == "rx_packets" { print $3 }' \
		"$work/back.out")
	[ "${n:-0}" -gt 500 ] || fail "$q: ${n:-0} packets to the guest"
	say "$q: $n packets to the guest"
done
[ "$hashed" -gt 10000 ] || fail "only $hashed packets were hashed"
[ $((astray * 50)) -lt "$hashed" ] ||
	fail "$astray of $hashed packets came on another queue"
say "$hashed packets hashed, $astray of them on another queue"

end "$front" || fail "netfront ended with status $?"
: >"$work/back.out"
: >"$work/front.err"
start_front --queues 2
reachable
in_a python3 "$work/flows.py" ask 10.9.0.1 || fail "a flow lost its order"
kill -USR1 "$back"
sleep 0.5
grep -q "hash" "$work/front.err" && fail "a hash that nobody wants"
end "$front" || fail "netfront ended with status $?"
end "$back" || fail "netback ended with status $?"
say "passed"
