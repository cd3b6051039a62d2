/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * A packet, as every poll gives it and every send takes it.
 *
 * What a poll gives has been checked: its fragments are real, add up to len,
 * and the first holds at least the Ethernet header. The first 128 bytes
 * (XENNET_HEAD, or all of a shorter packet) are at frag[0].addr, in memory that
 * the peer cannot reach. With XENNET_PKT_SHARED the bytes after them lie in
 * pages that the peer can still write: copy before you check, as the kernel
 * does for a write to a TAP.
 *
 * Its bytes may be written in place, with what its sender may see: a frontend
 * grants the page again as it is, but for the headroom, which is wiped.
 *
 * Whoever polls hands the packet back with _done, in any order, once; its
 * memory is valid until then.
 */
#ifndef XENNET_PKT_H
#define XENNET_PKT_H

#include <xennet/env.h>

enum {
	/* the L4 checksum field holds only the pseudo-header's sum; a peer
	 * without checksum offload is not sent this: see csum.h */
	XENNET_PKT_CSUM_BLANK = 1,
	/* the L4 checksum was checked, or never left this host */
	XENNET_PKT_DATA_VALIDATED = 2,
	/* the peer can change what follows the head */
	XENNET_PKT_SHARED = 4,
	/* three bits: a hash type, plus one; 0: there is no hash. It goes along
	 * where both ends agreed on that, and else is left out (E8). A hint: a
	 * peer's hash need not be that of its packet. */
	XENNET_PKT_HASH = 7 << 4
};

struct xennet_frag {
	void *addr;
	uint32_t len;
};

struct xennet_pkt {
	struct xennet_frag *frag;
	uint32_t len; /* of all fragments together */
	uint16_t nfrags;
	uint8_t flags;	  /* XENNET_PKT_* */
	uint8_t gso_type; /* XENNET_GSO_* */
	uint16_t gso_size;
	uint16_t token; /* the library's, between poll and done */
	uint32_t hash;	/* with XENNET_PKT_HASH */
};

/* type: XENNET_HASH_IPV4 ... of wire.h. */
static inline void xennet_pkt_set_hash(struct xennet_pkt *pkt, unsigned type,
				       uint32_t hash)
{
	pkt->flags =
		(uint8_t)((pkt->flags & ~XENNET_PKT_HASH) | (type + 1) << 4);
	pkt->hash = hash;
}

/* Its type, or -1: none. */
static inline int xennet_pkt_hash_type(const struct xennet_pkt *pkt)
{
	return (pkt->flags & XENNET_PKT_HASH) / 16 - 1;
}

/* Room for one poll; the caller's. */
#define XENNET_BURST 64u
#define XENNET_BURST_FRAGS 256u

struct xennet_burst {
	struct xennet_pkt pkt[XENNET_BURST];
	struct xennet_frag frag[XENNET_BURST_FRAGS];
};

#endif
