/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Packets made from their direction, connection, queue and number alone, so
 * that whoever receives one can make it again and compare all of it.
 */
#ifndef LINK_PACKET_H
#define LINK_PACKET_H

#include <stdio.h>
#include <unistd.h>
#include <xennet/xennet.h>

#define LONGEST 65535u

enum way { TO_BACK, TO_FRONT };

#define must(x)                                                                \
	do {                                                                   \
		if (!(x)) {                                                    \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__,     \
				#x);                                           \
			_exit(1);                                              \
		}                                                              \
	} while (0)

static uint64_t next_random(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

static uint32_t random_length(uint64_t *r)
{
	uint64_t kind = next_random(r) % 16;

	if (kind < 8)
		return 14 + (uint32_t)(next_random(r) % 200);
	if (kind < 13)
		return 14 + (uint32_t)(next_random(r) % 1500);
	if (kind < 15)
		return 14 + (uint32_t)(next_random(r) % 9000);
	return next_random(r) % 2
		       ? 14 + (uint32_t)(next_random(r) % (LONGEST - 13))
		       : LONGEST;
}

static void be16(unsigned char *p, uint32_t v)
{
	p[0] = (unsigned char)(v >> 8);
	p[1] = (unsigned char)v;
}

/* The headers that a GSO packet has to have. */
static void make_tcp(unsigned char *p, struct xennet_pkt *pkt, uint8_t type)
{
	unsigned char *ip = p + 14;

	pkt->gso_type = type;
	pkt->gso_size = 1448;
	pkt->flags = XENNET_PKT_CSUM_BLANK | XENNET_PKT_DATA_VALIDATED;
	be16(p + 12, type == XENNET_GSO_TCPV4 ? 0x0800 : 0x86dd);
	if (type == XENNET_GSO_TCPV4) {
		ip[0] = 0x45;
		be16(ip + 2, pkt->len - 14);
		be16(ip + 6, 0x4000);
		ip[9] = 6;
	} else {
		ip[0] = 0x60;
		be16(ip + 4, pkt->len - 54);
		ip[6] = 6;
	}
}

/* Packet number n of a queue in one direction, of this connection. */
static void make(enum way way, unsigned connection, unsigned queue, uint32_t n,
		 unsigned char *p, struct xennet_pkt *pkt)
{
	uint64_t r = (uint64_t)way << 62 ^ (uint64_t)connection << 48 ^
		     (uint64_t)queue << 40 ^ n,
		 v;
	uint32_t i;

	memset(pkt, 0, sizeof(*pkt));
	pkt->len = random_length(&r);
	for (i = 0; i < pkt->len; i += 8) {
		v = next_random(&r);
		memcpy(p + i, &v, pkt->len - i < 8 ? pkt->len - i : 8);
	}
	be16(p + 12, 0x88b5);
	switch (next_random(&r) % 8) {
	case 0:
		if (pkt->len > 1500)
			make_tcp(p, pkt, XENNET_GSO_TCPV4);
		break;
	case 1:
		if (pkt->len > 1500)
			make_tcp(p, pkt, XENNET_GSO_TCPV6);
		break;
	case 2:
		pkt->flags = XENNET_PKT_CSUM_BLANK | XENNET_PKT_DATA_VALIDATED;
		break;
	case 3:
		pkt->flags = XENNET_PKT_DATA_VALIDATED;
		break;
	case 4:
		xennet_pkt_set_hash(
			pkt, (unsigned)(next_random(&r) % XENNET_HASH_TYPES),
			(uint32_t)next_random(&r));
		break;
	}
}

/* Up to 20 fragments, some of them empty. */
static void cut(uint64_t *r, unsigned char *p, struct xennet_pkt *pkt,
		struct xennet_frag frag[20])
{
	uint32_t left = pkt->len, part;
	unsigned n = 0, want = 1 + (unsigned)(next_random(r) % 20);

	pkt->frag = frag;
	while (left) {
		part = (uint32_t)(next_random(r) % (left + 1));
		if (n + 1 >= want)
			part = left;
		frag[n].addr = p;
		frag[n++].len = part;
		p += part;
		left -= part;
	}
	pkt->nfrags = (uint16_t)n;
}

#endif
