/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* What a receiver has to be able to do for a packet. */
#include <xennet/csum.h>

#include "internal.h"

bool xennet_lacks_csum(uint32_t flags, const struct xennet_pkt *pkt)
{
	const uint32_t both = XENNET_F_CSUM_V4 | XENNET_F_CSUM_V6;
	struct xennet_l4 l4;

	if (!(pkt->flags & XENNET_PKT_CSUM_BLANK) || (flags & both) == both)
		return false;
	if (xennet_csum_l4(pkt, &l4))
		return true;
	return !(flags & (l4.version == 4 ? XENNET_F_CSUM_V4
					  : XENNET_F_CSUM_V6));
}

int xennet_unfit(uint32_t flags, const struct xennet_pkt *pkt)
{
	static const uint32_t gso[] = { 0, XENNET_F_GSO_TCPV4,
					XENNET_F_GSO_TCPV6 };

	if (pkt->gso_type >= sizeof(gso) / sizeof(gso[0]) ||
	    (flags & gso[pkt->gso_type]) != gso[pkt->gso_type])
		return XENNET_EGSO_TYPE;
	if (pkt->len < XENNET_ETH_HEADER)
		return XENNET_EPKT_SHORT;
	if (pkt->len > XENNET_PAGE && !(flags & XENNET_F_SG))
		return XENNET_EPKT_NO_SG;
	return xennet_lacks_csum(flags, pkt) ? XENNET_EPKT_NO_CSUM : 0;
}
