# SPDX-License-Identifier: MIT OR GPL-2.0-only
#
# Lines of docs/INTEROP.md: source it after lib.sh. $ours is netback or
# netfront, $vif the interface, $how what was changed for it.

# key DIR KEY...: of the first that is there, its value.
key() {
	local dir=$1 name
	shift
	for name; do
		xenstore-read "$dir/$name" 2>/dev/null && return
	done
	echo -
}

# What ours explains of a feature, without what follows from it.
explained() {
	sed -n "s/.* $ours: [^:]*: $1: offered [0-9]*, asked [0-9]*, //p" \
		"/tmp/$ours.err" | tail -n 1 | sed 's/;.*//; s/^agreed //; s/ (.*//' |
		grep . || echo -
}

# row FEATURE [AGREED]: what each end says of it in the store, what is agreed,
# by what ours explains, and what came of the content.
row() {
	local back front
	case $1 in
	gso-* | rx-notify | persistent | sg) back=feature-$1 ;;
	csum-ipv4) back=feature-no-csum-offload ;;
	csum-ipv6) back=feature-ipv6-csum-offload ;;
	rx-copy) back=feature-rx-copy front=request-rx-copy ;;
	split-event-channels) back=feature-$1
		front="event-channel-tx queue-0/event-channel-tx" ;;
	queues) back=multi-queue-max-queues front=multi-queue-num-queues ;;
	ring-page-order) back=max-ring-page-order front=ring-page-order ;;
	*-rings) back=xennet-$1 ;;
	slots) back=xennet-max-slots ;;
	ctrl-ring | hash | static-grants) back=feature-ctrl-ring
		front=ctrl-ring-ref ;;
	multicast-control) back=feature-multicast-control
		front=request-multicast-control ;;
	xdp-headroom) back=feature-xdp-headroom front=xdp-headroom ;;
	trusted) back=none front=trusted ;;
	esac
	front=$(key "$(front_of "$vif")" ${front:-$back})
	back=$(key "$(back_of "$vif")" $back)
	case $1:$front in # numbers that are another's every time
	split-event-channels:[0-9]* | ctrl-ring:[0-9]* | \
		hash:[0-9]* | static-grants:[0-9]*) front=given ;;
	esac
	echo "row|$1|$how|$back|$front|${2:-$(explained "$1")}|$same"
}

rows() {
	local feature
	for feature; do row "$feature"; done
}

all="sg gso-tcpv4 gso-tcpv6 csum-ipv4 csum-ipv6 rx-copy rx-notify
split-event-channels persistent split-rings sequenced-rings ctrl-ring hash
multicast-control xdp-headroom queues ring-page-order slots trusted"

# content: $same, and a check for each way.
content() {
	same=same
	check "${how:-all}: to the frontend" traffic ask 10.9.0.2 7 256 ||
		same=differs
	check "${how:-all}: from the frontend" in_peer traffic ask 10.9.0.1 7 256 ||
		same=differs
	check "${how:-all}: IPv6 to the frontend" traffic ask fd09::2 7 256 ||
		same=differs
	check "${how:-all}: IPv6 from the frontend" \
		in_peer traffic ask fd09::1 7 256 || same=differs
}
