/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#include <xennet/hash.h>

#include <xennet/csum.h>

#include "internal.h"

#define PORTS_LEN 4u

/* What is hashed of a packet, as it lies in its headers: the addresses, then
 * the ports, of which there may be none. */
struct flow {
	uint8_t bytes[XENNET_HASH_BYTES];
	uint8_t addresses; /* bytes; 0: it is no IP */
	uint8_t ports;
	uint8_t proto;
};

/* Whole packets begin with that much in one piece, or have less. */
#define ENOUGH 128u

static bool find_l4(const struct xennet_pkt *pkt, struct xennet_pkt *head,
		    struct xennet_frag *frag, unsigned char *bytes,
		    struct xennet_l4 *l4)
{
	uint32_t n = pkt->len < ENOUGH ? pkt->len : ENOUGH;

	*head = *pkt;
	*frag = pkt->frag[0];
	head->frag = frag;
	if (XENNET_UNLIKELY(frag->len < n)) {
		struct xennet_cursor c = { pkt->frag, 0 };

		xennet_cursor_copy(&c, bytes, n);
		frag->addr = bytes;
		frag->len = n;
	}
	return xennet_csum_l4(head, l4) == 0;
}

static void find(const struct xennet_pkt *pkt, struct flow *f)
{
	unsigned char bytes[ENOUGH];
	const unsigned char *p;
	struct xennet_frag frag;
	struct xennet_pkt head;
	struct xennet_l4 l4;

	f->addresses = f->ports = f->proto = 0;
	if (!find_l4(pkt, &head, &frag, bytes, &l4))
		return;
	p = (const unsigned char *)frag.addr;
	f->addresses = l4.version == 4 ? 8 : 32;
	f->proto = l4.proto;
	memcpy(f->bytes, p + l4.l3 + (l4.version == 4 ? 12 : 8), f->addresses);
	if (l4.fragment ||
	    (l4.proto != XENNET_PROTO_TCP && l4.proto != XENNET_PROTO_UDP) ||
	    l4.l4 + PORTS_LEN > frag.len || l4.l4 + PORTS_LEN > l4.end)
		return;
	memcpy(f->bytes + f->addresses, p + l4.l4, PORTS_LEN);
	f->ports = PORTS_LEN;
}

/* 32 bits of the key, from this one on. */
static uint32_t window(const uint8_t *key, unsigned bit)
{
	unsigned at = bit / 8, i;
	uint64_t w = 0;

	for (i = 0; i < 5; i++)
		w = w << 8 | (at + i < XENNET_HASH_KEY ? key[at + i] : 0);
	return (uint32_t)(w >> (8 - bit % 8));
}

XENNET_COLD void xennet_hash_set_key(struct xennet_hash *h, const uint8_t *key,
				     unsigned len)
{
	uint8_t whole[XENNET_HASH_KEY] = { 0 };
	unsigned i, v, bit;

	memcpy(whole, key, len);
	memset(h->table, 0, sizeof(h->table));
	for (i = 0; i < 2 * XENNET_HASH_BYTES; i++)
		for (v = 0; v < 16; v++)
			for (bit = 0; bit < 4; bit++)
				if (v & 8u >> bit)
					h->table[i][v] ^=
						window(whole, 4 * i + bit);
}

uint32_t xennet_hash_bytes(const struct xennet_hash *h, const uint8_t *bytes,
			   unsigned n)
{
	uint32_t hash = 0;
	unsigned i;

	for (i = 0; i < n; i++)
		hash ^= h->table[2 * i][bytes[i] >> 4] ^
			h->table[2 * i + 1][bytes[i] & 15];
	return hash;
}

bool xennet_hash_packet(const struct xennet_hash *h, struct xennet_pkt *pkt)
{
	struct flow f;
	unsigned type, n;

	pkt->flags &= (uint8_t)~XENNET_PKT_HASH;
	if (h->algorithm == XENNET_HASH_NONE || !h->types)
		return false;
	find(pkt, &f);
	if (!f.addresses)
		return false;
	type = f.addresses == 8 ? XENNET_HASH_IPV4 : XENNET_HASH_IPV6;
	n = f.addresses;
	if (f.ports && f.proto == XENNET_PROTO_TCP && h->types & 2u << type) {
		type++;
		n += PORTS_LEN;
	}
	if (!(h->types & 1u << type))
		return false;
	xennet_pkt_set_hash(pkt, type, xennet_hash_bytes(h, f.bytes, n));
	return true;
}

unsigned xennet_hash_queue(const struct xennet_hash *h,
			   const struct xennet_pkt *pkt, unsigned nqueues)
{
	uint32_t hash = pkt->flags & XENNET_PKT_HASH ? pkt->hash : 0;

	return h->size ? h->mapping[hash % h->size] : hash % nqueues;
}

unsigned xennet_flow_queue(const struct xennet_pkt *pkt, unsigned nqueues)
{
	uint32_t mixed = 0, word;
	struct flow f;
	unsigned i;

	if (nqueues == 1)
		return 0;
	find(pkt, &f);
	for (i = 0; i < f.addresses + f.ports; i += 4) {
		memcpy(&word, f.bytes + i, 4);
		mixed = (mixed ^ word) * 0x9e3779b1u;
		mixed ^= mixed >> 15;
	}
	return (unsigned)((uint64_t)mixed * nqueues >> 32);
}
