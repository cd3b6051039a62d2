/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * The slots of one packet, from a ring that the peer writes, made into facts.
 * This is where everything a peer says about a packet is checked.
 */
#ifndef XENNET_CHAIN_H
#define XENNET_CHAIN_H

#include <xennet/feature.h>
#include <xennet/pkt.h>
#include <xennet/wire.h>

struct xennet_chain_rules {
	uint32_t slots_max; /* data slots per packet, 1 to XENNET_SLOTS_MAX */
	uint32_t gso_mask;  /* 1 << gso type, of those agreed */
	uint32_t extras;    /* 1 << XENNET_EXTRA_*, of those agreed */
};

/* Types of extra info, as bits of what is agreed on and what was seen. */
#define XENNET_SEEN(type) (1u << XENNET_EXTRA_##type)
/* They make a packet a request to the backend, with nothing else in it. */
#define XENNET_SEEN_MCAST (XENNET_SEEN(MCAST_ADD) | XENNET_SEEN(MCAST_DEL))

struct xennet_chain_data {
	uint32_t gref; /* TX only */
	uint16_t id;
	uint16_t offset;
	uint16_t size;
};

struct xennet_chain {
	int err;	/* 0, or the XENNET_E* for which it is refused */
	uint32_t len;	/* of the packet */
	uint32_t hash;	/* with XENNET_PKT_HASH */
	uint16_t slots; /* in the ring, extras too */
	uint16_t ndata;
	uint16_t gso_size;
	uint16_t headroom; /* in every slot, before its data */
	uint8_t flags;	   /* XENNET_PKT_* */
	uint8_t extras;
	uint8_t seen; /* XENNET_SEEN of each of them */
	uint8_t gso_type;
	/* what follows in the ring still belongs to this refused packet */
	bool rest_extra, rest_data;
	uint8_t mcast[6];
	struct xennet_chain_data data[XENNET_SLOTS_MAX];
};

/*
 * The packet at r->cons, of what peek has seen; nothing is consumed. False:
 * its end is not there yet (T16).
 */
bool xennet_chain_tx(const struct xennet_ring *r,
		     const struct xennet_chain_rules *rules,
		     struct xennet_chain *c);

/*
 * Likewise for responses. A missing end is an error (X9): a backend publishes
 * whole packets.
 */
void xennet_chain_rx(const struct xennet_ring *r,
		     const struct xennet_chain_rules *rules,
		     struct xennet_chain *c);

#endif
