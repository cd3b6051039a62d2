# SPDX-License-Identifier: MIT OR GPL-2.0-only
# what: bad keys, states and rings cost the vif they are of, and no other
# machine: small
# seconds: 180
. /job/lib.sh

one_line() { # TEXT COMMAND...: status 1, and one line that has TEXT
	local text=$1 status=0
	shift
	timeout 5 "$@" >/tmp/said 2>&1 || status=$?
	cat /tmp/said
	[ $status = 1 ] && [ "$(wc -l </tmp/said)" = 1 ] &&
		grep -q "$text" /tmp/said
}

without() { # FILE COMMAND...: while it is not there
	local file=$1 status=0
	shift
	mv "$file" "$file.away"
	"$@" || status=$?
	mv "$file.away" "$file"
	return $status
}

netback="netback --platform xen"
check "no TAP device" one_line tun $netback
modprobe tun
check "no gntdev" without /dev/xen/gntdev one_line Xen $netback
check "no evtchn" without /dev/xen/evtchn one_line Xen $netback
check "no gntalloc" without /dev/xen/gntalloc \
	one_line Xen netfront --platform xen
# its socket and its device are one of two, and both go by this
check "no xenstored" one_line Xen env XENSTORED_PATH=/none $netback

peer
rest=$(left)
start netback --queues 4
plug 1
start netfront --vif 1 --tap xf1
check "the good one: connect" both_reach 1 4 || exit
check "the good one: meet" meet vif0.1 xf1
/usr/sbin/ip netns exec peer ping -i 0.1 10.9.0.1 >/tmp/pings 2>&1 &
pings=$!
plug 2
check "the bad one: offered" reaches back 2 2

reason() { xenstore-read "$(back_of 2)/hotplug-error"; }
reason_has() { reason | grep "$1"; }
logged() { tail -n +$((lines + 1)) /tmp/netback.err | grep "vif0.2.*$1"; }
good() { ping -c 3 -i 0.1 -W 2 10.9.0.2 | grep ' 0% packet loss'; }

# offend NAME REASON KEY VALUE...: over keys that name nothing of ours.
offend() {
	local f name=$1 reason=$2 pairs=
	f=$(front_of 2)
	shift 2
	xenstore-write "$f/state" 1
	xenstore-rm "$f/multi-queue-num-queues" 2>/dev/null
	check "$name: begins anew" reaches back 2 2
	lines=$(wc -l </tmp/netback.err)
	xenstore-write "$f/request-rx-copy" 1 "$f/feature-rx-notify" 1 \
		"$f/tx-ring-ref" 9 "$f/rx-ring-ref" 10 "$f/event-channel" 9
	while [ $# -gt 0 ]; do
		xenstore-write "$f/$1" "$2"
		shift 2
	done
	xenstore-write "$f/state" 4
	check "$name: logged" soon 3 logged "$reason"
	check "$name: in the store" soon 3 reason_has "$reason"
	check "$name: closed" reaches back 2 6
	check "$name: the good one" good
}

offend "no copy" KEY_RX_COPY request-rx-copy 0
offend "words" "KEY_VALUE.*tx-ring-ref" tx-ring-ref garbage
offend "no queue" KEY_QUEUES multi-queue-num-queues 0
offend "a huge number" "KEY_VALUE.*rx-ring-ref" \
	rx-ring-ref 99999999999999999999
offend "9999 queues" KEY_QUEUES multi-queue-num-queues 9999
offend "nothing" "KEY_VALUE.*event-channel" event-channel ""
offend "a page that is not granted" KEY_RING tx-ring-ref 4000000

# As fast as the store takes it, two offences in turn, so that each is news.
oscillate() {
	local f i=0
	f=$(front_of 2)
	lines=$(wc -l </tmp/netback.err)
	while [ $i -lt 30 ]; do
		xenstore-write "$f/tx-ring-ref" 9 "$f/state" 4
		xenstore-write "$f/state" 1
		xenstore-write "$f/tx-ring-ref" garbage "$f/state" 4
		xenstore-write "$f/state" 1
		i=$((i + 1))
	done
	lines=$(($(wc -l </tmp/netback.err) - lines))
	echo "$lines lines"
	[ $lines -ge 5 ] && [ $lines -le 25 ]
}
check "oscillation is logged in bounds" oscillate
check "oscillation: the good one" good

for key in $(xenstore-list "$(front_of 2)"); do
	case $key in
	backend* | handle | mac | state) ;;
	*) xenstore-rm "$(front_of 2)/$key" ;;
	esac
done
xenstore-write "$(front_of 2)/state" 1
check "the bad one: offered again" reaches back 2 2
sleep 10 # until its lines are not held back any more
lines=$(wc -l </tmp/netback.err)
check "a broken ring is let go of" badring 2
check "a broken ring: logged" soon 3 logged RING_AHEAD
check "a broken ring: in the store" soon 3 reason_has RING_AHEAD
check "a broken ring: the good one" good
netfront --platform xen --vif 2 --tap xf2 2>/tmp/mended.err >/tmp/mended.out &
mended=$!
check "the bad one, mended: connected" both_reach 2 4
check "the bad one, mended: no error" soon 3 eval '! reason'
kill -INT $pings
wait $pings
check "no ping of the good one was lost" grep ' 0% packet loss' /tmp/pings
check "the good one: traffic" traffic ask 10.9.0.2 7
kill $mended && wait $mended
check "the bad one: unplug" unplug 2
check "the good one: netfront ends" ends_clean netfront
check "the good one: unplug" unplug 1
check "netback ends" ends_clean netback
check "nothing left" nothing_left
