/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Where a packet's TCP or UDP header is, and its checksum (T14, E5, E6).
 *
 *	if (pkt->flags & XENNET_PKT_CSUM_BLANK)
 *		err = xennet_csum_complete(pkt);    in software, or
 *		err = xennet_csum_locate(pkt, &start, &offset);
 *					    and leave it to hardware
 *
 * Headers are read in frag[0] alone, which is private memory; one that does
 * not lie in it whole is refused. Every error is -XENNET_EINVAL: there is no
 * such header, it is cut off, or its lengths contradict each other; the packet
 * is unchanged. Nothing here sleeps.
 */
#ifndef XENNET_CSUM_H
#define XENNET_CSUM_H

#include <xennet/err.h>
#include <xennet/pkt.h>

#ifdef __cplusplus
extern "C" {
#endif

#define XENNET_PROTO_TCP 6u
#define XENNET_PROTO_UDP 17u

struct xennet_l4 {
	uint16_t l3, l4;  /* offsets of the two headers in the packet */
	uint16_t end;	  /* of the IP packet: Ethernet may pad after it */
	uint8_t version;  /* 4, 6 */
	uint8_t proto;	  /* the first that is no extension header */
	uint8_t fragment; /* of a longer datagram: its checksum is not here */
	uint8_t routed; /* IPv6: the last destination is in a routing header */
};

/* Past Ethernet, up to two VLAN tags, IPv4 or IPv6 with what follows it. */
int xennet_csum_l4(const struct xennet_pkt *pkt, struct xennet_l4 *l4);

/* start: of the L4 header in the packet; offset: of the field in that header.
 * Only of a whole TCP or UDP header of a packet that is not a fragment. */
int xennet_csum_locate(const struct xennet_pkt *pkt, uint16_t *start,
		       uint16_t *offset);

/* Makes the checksum, whose field holds the pseudo-header's sum, whole; clears
 * XENNET_PKT_CSUM_BLANK. */
int xennet_csum_complete(struct xennet_pkt *pkt);

/* The way back: the pseudo-header's sum into the field, and CSUM_BLANK. */
int xennet_csum_blank(struct xennet_pkt *pkt);

#ifdef __cplusplus
}
#endif
#endif
