/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Packets of one slot: small ones, no longer than a head, and up to a page. */
#ifndef XENNET_BACK_SMALL_H
#define XENNET_BACK_SMALL_H

#include <xennet/back.h>

#include "internal.h"

/* Whether a request is the whole of a packet, no longer than max, and needs no
 * refusal (chain.c). */
static inline bool xennet_tx_is_single(struct xennet_tx_words w, uint32_t max)
{
	uint32_t size = w.id_size >> 16;

	return w.gref >= XENNET_GREF_FIRST &&
	       !(w.offset_flags &
		 (uint32_t)(XENNET_TXF_MORE_DATA | XENNET_TXF_EXTRA_INFO)
			 << 16) &&
	       size - XENNET_ETH_HEADER <= max - XENNET_ETH_HEADER &&
	       (w.offset_flags & 0xffff) + size <= XENNET_PAGE;
}

static inline bool xennet_tx_is_small(struct xennet_tx_words w)
{
	return xennet_tx_is_single(w, XENNET_HEAD);
}

/*
 * Persistent pages: the fast path. Takes packets to the n-th and nfrags-th of
 * b, until there are `budget`. Returns how many more there are.
 *
 * They are answered at once, unless the answer to one before is still to come:
 * an answer takes the place of the oldest request, which a successor would not
 * find any more if we were killed now.
 */
unsigned xennet_back_take_small(struct xennet_back_queue *q,
				struct xennet_burst *b, unsigned n,
				unsigned nfrags, unsigned budget);

/*
 * Likewise packets that are longer than a head, each in a head and the rest
 * where it lies: two fragments. Returns how many more there are.
 */
unsigned xennet_back_take_single(struct xennet_back_queue *q,
				 struct xennet_burst *b, unsigned n,
				 unsigned nfrags, unsigned budget);

/*
 * Without them: takes a run of packets of one slot that fit a head, at most budget, copies
 * them there, and answers their requests. Returns how many there are in b.
 * Negative: there is no such run, or it is too short; nothing was taken.
 */
int xennet_back_poll_small(struct xennet_back_queue *q, struct xennet_burst *b,
			   unsigned budget);

#endif
