/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* What a receiver has to be able to do for a packet, and what a packet has to
 * be. */
#include <xennet/csum.h>

#include "internal.h"

/* The feature that a packet's checksum belongs to; 0: neither IP. */
static uint32_t csum_feature(const struct xennet_pkt *pkt)
{
	struct xennet_cursor c = { pkt->frag, 0 };
	unsigned char head[22] = { 0 };
	unsigned at, type;

	xennet_cursor_copy(&c, head,
			   pkt->len < sizeof(head) ? pkt->len : sizeof(head));
	for (at = 12; at < sizeof(head); at += 4) {
		type = head[at] * 256u + head[at + 1];
		if (type == 0x0800)
			return XENNET_F_CSUM_V4;
		if (type == 0x86dd)
			return XENNET_F_CSUM_V6;
		if (type != 0x8100 && type != 0x88a8)
			break;
	}
	return 0;
}

bool xennet_lacks_csum(uint32_t flags, const struct xennet_pkt *pkt)
{
	const uint32_t both = XENNET_F_CSUM_V4 | XENNET_F_CSUM_V6;

	if (!(pkt->flags & XENNET_PKT_CSUM_BLANK) || (flags & both) == both)
		return false;
	return !(flags & csum_feature(pkt));
}

int xennet_unfit(uint32_t flags, const struct xennet_pkt *pkt)
{
	static const uint32_t gso[] = { 0, XENNET_F_GSO_TCPV4,
					XENNET_F_GSO_TCPV6 };

	if (pkt->gso_type >= sizeof(gso) / sizeof(gso[0]) ||
	    (flags & gso[pkt->gso_type]) != gso[pkt->gso_type])
		return XENNET_EGSO_TYPE;
	if (pkt->gso_type && !pkt->gso_size)
		return XENNET_EGSO_SIZE;
	if (pkt->len < XENNET_ETH_HEADER)
		return XENNET_EPKT_SHORT;
	if (pkt->len > XENNET_PAGE && !(flags & XENNET_F_SG))
		return XENNET_EPKT_NO_SG;
	return xennet_lacks_csum(flags, pkt) ? XENNET_EPKT_NO_CSUM : 0;
}

int xennet_check_gso(struct xennet_pkt *pkt)
{
	uint16_t start, field;
	struct xennet_l4 l4;

	if (xennet_csum_l4(pkt, &l4) ||
	    xennet_csum_locate(pkt, &start, &field) ||
	    l4.proto != XENNET_PROTO_TCP || l4.fragment ||
	    l4.version != (pkt->gso_type == XENNET_GSO_TCPV4 ? 4 : 6))
		return XENNET_EGSO_PROTO;
	if (pkt->flags & XENNET_PKT_CSUM_BLANK)
		return 0;
	return xennet_csum_blank(pkt) ? XENNET_EGSO_PROTO : 0;
}
