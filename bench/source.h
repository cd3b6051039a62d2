/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Packets to be sent, of one size: their bytes lie ready in source buffers.
 * Each burst stamps its packets with their number (and with the time, where
 * that is measured), whose sum is then known without reading the packet.
 */
#ifndef SOURCE_H
#define SOURCE_H

#include <xennet/pkt.h>

#include "payload.h"

#define SOURCE_HEAD 64u
#define SOURCE_NUMBER 16u /* offsets, after the Ethernet header */
#define SOURCE_TIME 24u

struct source {
	unsigned burst;
	unsigned from; /* the first packet of the burst not yet sent; all: burst */
	uint64_t number;
	uint64_t time;		     /* in the last packet of the burst */
	uint64_t sum;		     /* of all that were sent */
	uint64_t base[XENNET_BURST]; /* a packet's sum without its stamps */
	struct xennet_pkt pkt[XENNET_BURST];
	struct xennet_frag frag[XENNET_BURST][2];
};

/* 0, or -1: no memory. */
int source_init(struct source *s, unsigned size, unsigned burst);
void source_free(struct source *s);

/* Gives the packets of the next burst their numbers; the last also a time. */
void source_stamp(struct source *s, uint64_t time);

/* Copies len bytes of the burst's packet i, from byte `at` on. */
static inline void source_copy(const struct source *s, unsigned i, size_t at,
			       void *to, size_t len)
{
	const struct xennet_frag *head = &s->frag[i][0], *body = head + 1;
	size_t part = 0;

	if (at < head->len) {
		part = head->len - at < len ? head->len - at : len;
		payload_copy(to, (char *)head->addr + at, part);
	}
	if (part < len)
		memcpy((char *)to + part,
		       (char *)body->addr + (at + part - head->len),
		       len - part);
}

/* n more of the burst, one or more, were taken. */
void source_sent(struct source *s, unsigned n);

#endif
