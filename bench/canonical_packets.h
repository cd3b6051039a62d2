/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Packets over Xen's own macros, pages granted and mapped once and each packet
 * in pages of its own: what the library is compared with. The work on the
 * payload is that of `link`: each packet is stamped with its number, copied in
 * by the frontend, and by the backend added up and found to be the next.
 * Nothing is looked up or kept, page i is for slot i; unless as here.
 */
#ifndef CANONICAL_PACKETS_H
#define CANONICAL_PACKETS_H

#include "canonical.h"
#include "pair.h"
#include "wire.h"

enum {
	/* What the two ends of such a link cannot do without: the frontend
	 * takes ids from a free list and checks those that come back, the
	 * backend finds the page by its reference (in libbsd's tree, as
	 * Linux's blkback does in its own) and copies the header out of the
	 * guest's reach before it is looked at. */
	CANONICAL_DRIVER = 1,
	/* An event is asked for whenever the ring is found empty. */
	CANONICAL_ASK = 2,
	/* It is sent, and slept for. */
	CANONICAL_WAKE = 4,
	/* Packets of several slots; a compiler's case and no contender's. */
	CANONICAL_BULK = 8,
};

#define CANONICAL_SLOTS 256u
#define CANONICAL_GREF 8u /* the first */
#define CANONICAL_HEAD 128u

/* The loops are compiled for each way, without a question per packet. */
#define CANONICAL_ALWAYS static inline __attribute__((always_inline))
#define CANONICAL_CASE(run, how)                                               \
	case (how):                                                            \
		return run(p, how);                                            \
	case (how) | CANONICAL_BULK:                                           \
		return run(p, (how) | CANONICAL_BULK)

#define CANONICAL_CASES(run)                                                   \
	CANONICAL_CASE(run, 0);                                                \
	CANONICAL_CASE(run, CANONICAL_DRIVER);                                 \
	CANONICAL_CASE(run, CANONICAL_ASK);                                    \
	CANONICAL_CASE(run, CANONICAL_ASK | CANONICAL_WAKE)

static inline unsigned canonical_how(const struct pair *p)
{
	return p->how | (p->size > 4096 ? CANONICAL_BULK : 0);
}

static inline unsigned canonical_piece(unsigned rest)
{
	return rest < 4096 ? rest : 4096;
}

int canonical_front(void *pair);
int canonical_back(void *pair);

/* Counts an event, and sends it if events are sent. */
CANONICAL_ALWAYS void canonical_event(struct pair *p, unsigned from, int notify,
				      unsigned how)
{
	p->events[from] += (uint64_t)notify;
	if ((how & CANONICAL_WAKE) && notify)
		wire_wake(p->wire[!from]);
}

#endif
