/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#include "source.h"

#include <stdlib.h>

#include "payload.h"

/* Large packets have a head each and share these many bodies, so that what is
 * measured is the way and not the source's main memory. */
#define BODIES 4u
#define SHARE_FROM 4096u

static uint64_t sum_of(const struct xennet_pkt *pkt)
{
	struct payload_sum s = { .at = 0 };
	unsigned i;

	for (i = 0; i < pkt->nfrags; i++)
		payload_add(&s, pkt->frag[i].addr, pkt->frag[i].len);
	return payload_total(&s);
}

/* In one piece, or as a head and a body. */
static int make(struct source *s, unsigned i, unsigned size)
{
	unsigned first = size < SHARE_FROM ? size : SOURCE_HEAD;
	struct xennet_pkt *pkt = &s->pkt[i];
	struct xennet_frag *frag = s->frag[i];
	unsigned char *head = aligned_alloc(64, (first + 63) / 64 * 64);

	if (!head)
		return -1;
	payload_fill(head, first, i);
	memset(head + SOURCE_NUMBER, 0, 16);
	frag[0].addr = head;
	frag[0].len = first;
	pkt->frag = frag;
	pkt->len = size;
	pkt->nfrags = 1;
	if (first < size) {
		frag[1].len = size - first;
		frag[1].addr = i < BODIES ? malloc(frag[1].len)
					  : s->frag[i % BODIES][1].addr;
		if (!frag[1].addr)
			return -1;
		if (i < BODIES)
			payload_fill(frag[1].addr, frag[1].len, 1000 + i);
		pkt->nfrags = 2;
	}
	s->base[i] = sum_of(pkt);
	return 0;
}

int source_init(struct source *s, unsigned size, unsigned burst)
{
	unsigned i;

	memset(s, 0, sizeof(*s));
	s->burst = s->from = burst;
	for (i = 0; i < burst; i++) {
		if (make(s, i, size)) {
			source_free(s);
			return -1;
		}
	}
	return 0;
}

void source_free(struct source *s)
{
	unsigned i;

	for (i = 0; i < s->burst; i++) {
		free(s->frag[i][0].addr);
		if (i < BODIES)
			free(s->frag[i][1].addr);
	}
}

void source_stamp(struct source *s, uint64_t time)
{
	unsigned i;

	for (i = 0; i < s->burst; i++) {
		payload_lanes stamp = { s->number + i, 0 };

		if (i + 1 == s->burst)
			stamp[1] = time;
		memcpy((char *)s->frag[i][0].addr + SOURCE_NUMBER, &stamp, 16);
	}
	s->time = time;
	s->from = 0;
}

void source_sent(struct source *s, unsigned n)
{
	for (; n; n--)
		s->sum += s->base[s->from++] + s->number++;
	if (s->from == s->burst)
		s->sum += s->time;
}
