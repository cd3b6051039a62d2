/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Which of its queues a packet belongs to.
 *
 * A frontend may ask its backend to hash the packets that it sends there, by
 * Toeplitz (Microsoft's RSS hash) over the addresses, and the ports of TCP, and
 * to choose the queue by that. It is set up over the control ring, while no
 * worker runs (ctrl.h), and read by all of them. Of a packet only frag[0] is
 * read, which is private memory, or else a copy of its first bytes.
 *
 * Whoever was not asked chooses as it likes. So that a flow keeps its order, that
 * is by flow too: xennet_flow_queue. Nothing here sleeps.
 */
#ifndef XENNET_HASH_H
#define XENNET_HASH_H

#include <xennet/pkt.h>
#include <xennet/wire.h>

/* The longest key: what IPv6 with ports makes use of. */
#define XENNET_HASH_KEY 40u
#define XENNET_HASH_MAPPING 128u

/* The longest that is hashed: two IPv6 addresses, two ports. */
#define XENNET_HASH_BYTES 36u

/* Every bit of messages 1 and 2. */
#define XENNET_HASH_ALL ((1u << XENNET_HASH_TYPES) - 1)

struct xennet_hash {
	uint32_t algorithm; /* XENNET_HASH_NONE or _TOEPLITZ */
	uint32_t types;	    /* 1 << XENNET_HASH_IPV4 ... */
	uint32_t size;	    /* of the mapping; 0: hash modulo queues */
	uint8_t mapping[XENNET_HASH_MAPPING]; /* to queues */
	/* the key: what each half byte of the data adds, by its value */
	uint32_t table[2 * XENNET_HASH_BYTES][16];
};

/* What a frontend asks for. */
struct xennet_hash_config {
	uint32_t types; /* 1 << XENNET_HASH_IPV4 ...; 0: no hash */
	uint32_t key_len;
	uint8_t key[XENNET_HASH_KEY];
	/* entries, up to XENNET_HASH_MAPPING, of which each names a queue,
	 * modulo their number; 0: hash modulo queues */
	uint32_t mapping_size;
	uint8_t mapping[XENNET_HASH_MAPPING];
};

static inline bool xennet_hash_config_valid(const struct xennet_hash_config *c)
{
	return !(c->types & ~XENNET_HASH_ALL) &&
	       c->key_len <= XENNET_HASH_KEY &&
	       c->mapping_size <= XENNET_HASH_MAPPING;
}

#ifdef __cplusplus
extern "C" {
#endif

/* The key from now on: len bytes, up to XENNET_HASH_KEY, and zeroes. */
void xennet_hash_set_key(struct xennet_hash *h, const uint8_t *key,
			 unsigned len);

/* Of n bytes, up to XENNET_HASH_BYTES. */
uint32_t xennet_hash_bytes(const struct xennet_hash *h, const uint8_t *bytes,
			   unsigned n);

/*
 * Puts its hash into a packet, of the widest type of those asked for, or takes
 * one out that is there. False: it is of none of them.
 */
bool xennet_hash_packet(const struct xennet_hash *h, struct xennet_pkt *pkt);

/* Of nqueues, the one for a packet with its hash; 0 counts for none. */
unsigned xennet_hash_queue(const struct xennet_hash *h,
			   const struct xennet_pkt *pkt, unsigned nqueues);

/* The same for every packet of a flow, and for all that are of none. */
unsigned xennet_flow_queue(const struct xennet_pkt *pkt, unsigned nqueues);

#ifdef __cplusplus
}
#endif
#endif
