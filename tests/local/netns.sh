#!/bin/bash
# SPDX-License-Identifier: MIT OR GPL-2.0-only
#
# netfront and netback between two network namespaces: ping, iperf3 both ways,
# transfers that are compared; each strategy with 1 and 2 queues, and features
# switched off.
. "$(dirname "$0")/netns.bash"
namespaces

cat >"$work/transfer.py" <<'PYTHON'
"""transfer.py serve ADDRESS SUMS | send ADDRESS SUMS: files of many sizes over
TCP; each end writes the SHA-256 of what it had."""
import hashlib, random, socket, sys

SIZES = [1, 2, 13, 64, 1447, 1448, 1449, 4096, 65535, 65536, 1000003, 24 << 20]
role, address, sums = sys.argv[1:]
family = socket.AF_INET6 if ":" in address else socket.AF_INET

def receive(connection):
    digest, n = hashlib.sha256(), 0
    while True:
        data = connection.recv(1 << 18)
        if not data:
            return f"{n} {digest.hexdigest()}"
        digest.update(data)
        n += len(data)

def send(connection, data):
    # every byte of the first in a packet of its own, the rest in bulk
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for i in range(min(len(data), 64)):
        connection.send(data[i:i + 1])
    connection.sendall(data[64:])
    connection.shutdown(socket.SHUT_WR)
    return f"{len(data)} {hashlib.sha256(data).hexdigest()}"

def both_ways(connection, seed):
    data = random.Random(seed).randbytes(SIZES[seed % len(SIZES)])
    out.write(send(connection, data) + "\n" if role == "send" else
              receive(connection) + "\n")

with open(sums, "w") as out:
    if role == "serve":
        listener = socket.create_server((address, 5301), family=family)
        listener.settimeout(10)
    for seed in range(len(SIZES)):
        if role == "serve":
            connection = listener.accept()[0]
        else:
            connection = socket.create_connection((address, 5301), 10)
        connection.settimeout(10)
        with connection:
            both_ways(connection, seed)
PYTHON

transfer() { # SENDER RECEIVER ADDRESS: in_a or in_b
	local server
	rm -f "$work"/sums.*
	"$2" python3 "$work/transfer.py" serve "$3" "$work/sums.got" &
	server=$!
	soon 5 eval "$2 ss -Hltn | grep -q :5301" || fail "no server"
	"$1" timeout 20 python3 "$work/transfer.py" send "$3" \
		"$work/sums.sent" || fail "transfer to $3"
	wait $server || fail "transfer to $3: receiver"
	# connections on different queues may overtake each other
	cmp -s <(sort "$work/sums.sent") <(sort "$work/sums.got") &&
		[ -s "$work/sums.got" ] || fail "transfer differs"
}

transfers() {
	transfer in_a in_b 10.9.0.1
	transfer in_b in_a 10.9.0.2
	transfer in_a in_b fd09::1
	transfer in_b in_a fd09::2
}

pings() {
	for size in 0 1 56 1472 1473 4000 9000 65507; do
		soon 3 ping_once 10.9.0.1 -s $size || fail "ping -s $size"
	done
	for size in 1 1452 1453 65487; do
		soon 3 ping_once fd09::1 -s $size || fail "ping -6 -s $size"
	done
}

iperf() { # ARG...: the receiver's rate in Mbit/s
	in_a timeout 20 iperf3 -c 10.9.0.1 -t 1 -f m "$@" >"$work/iperf" 2>&1 ||
		fail "iperf3 $*: $(tail -n 1 "$work/iperf")"
	rate=$(awk '/receiver/ { for (i = 2; i <= NF; i++)
			if ($i ~ "bits/sec") print int($(i - 1)) }' \
		"$work/iperf")
	[ "${rate:-0}" -gt 0 ] || fail "iperf3 $*: nothing arrived"
}

begin() { # FRONT-ARGS -- BACK-ARGS
	local front_args=()
	rm -f "$work"/*.out "$work"/*.err
	while [ "$1" != -- ]; do
		front_args+=("$1")
		shift
	done
	shift
	start_back --bridge xb0 "$@"
	start_front "${front_args[@]}"
	reachable
}

mean_size() { # of the packets that netback sent or netfront did
	echo $(($(count 'tx_bytes|rx_bytes' "$work/back.out") /
		$(count 'tx_packets|rx_packets' "$work/back.out")))
}

strategy_is() { # what the counters show of it
	local copies maps unmaps
	copies=$(count copy_ops "$work/back.out")
	maps=$(count map_ops "$work/back.out")
	unmaps=$(count unmap_ops "$work/back.out")
	case $1 in
	copy) [ "$copies" -gt 0 ] && [ "$maps" = 0 ] ;;
	map) [ "$maps" -gt 10000 ] && [ "$maps" = "$unmaps" ] ;;
	# every page once: 256 of each ring of two queues
	persistent) [ "$copies" = 0 ] && [ "$maps" -le 1024 ] ;;
	# all at once, 128 of each ring; their lists, and packets before
	static) [ "$copies" -lt 1000 ] && [ "$maps" = 512 ] ;;
	esac || fail "$1: $copies copies, $maps maps, $unmaps unmaps"
}

full() { # QUEUES STRATEGY
	local rates=''
	begin --queues "$1" -- --queues "$1" --strategy "$2"
	grep -q "connected, $1 queue" "$work/back.err" || fail "queues"
	pings
	for args in '' -R '-u -b 300M' '-u -b 300M -R'; do
		iperf $args
		rates="$rates $rate"
	done
	transfers
	finish
	strategy_is "$2"
	[ "$(mean_size)" -gt 1600 ] || fail "no segmentation was left to do"
	say "$2, $1 queue(s): TCP, TCP back, UDP, UDP back$rates Mbit/s;" \
		"$accounted"
}

short() { # WHAT FRONT-ARGS -- BACK-ARGS
	local what=$1
	shift
	begin "$@"
	pings
	iperf
	transfers
	finish
	say "$what: TCP $rate Mbit/s, $accounted," \
		"mean packet $(mean_size) bytes"
}

in_b iperf3 -s -D || fail "no iperf3"
for strategy in copy map persistent; do
	full 1 $strategy
	full 2 $strategy
done
short "no sg at either end" --no-sg -- --no-sg
[ "$(mean_size)" -lt 1600 ] || fail "a packet of many slots without sg"
short "no sg in netfront" --no-sg --
short "no checksum offload" --no-csum -- --no-csum
short "no checksum offload in netback" -- --no-csum
short "static grants" --static --queues 2 -- --strategy copy --queues 2
strategy_is static
short "no static grants in netback" --static -- --strategy copy --no-static
strategy_is copy
short "combined event channels" --no-split -- --strategy map
short "a grant per packet" --no-persistent --
short "4-page rings, 4 queues" --ring-order 2 --queues 4 -- \
	--ring-order 4 --queues 4
say passed
