/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * How a burst's data is reached: what each slot needs is noted first, then the
 * platform does all of it, a batch per kind, then fragments are put together.
 */
#ifndef XENNET_BACK_FETCH_H
#define XENNET_BACK_FETCH_H

#include <xennet/back.h>

/* A packet's slots are linked; the last one points at itself. */
#define XENNET_LAST(tx, s) ((tx)->slot[s].next == (s))

/* In a token: its request is answered, and it stands for a head alone. */
#define XENNET_ANSWERED 0x8000u

struct xennet_fetch {
	unsigned ncopy, nmap;
	uint16_t copy_slot[XENNET_BATCH]; /* which slot each operation is for */
	uint16_t map_slot[XENNET_BATCH];
};

static inline unsigned char *xennet_back_head(const struct xennet_back_tx *tx,
					      uint16_t s)
{
	return tx->head + (size_t)s * XENNET_HEAD;
}

/*
 * How many of a packet's bytes go to its first slot's head. None when the
 * packet is copied to private pages anyway and its first page holds as much.
 * first_size: 0 where that page is none of those.
 */
uint32_t xennet_fetch_head(const struct xennet_back_tx *tx, uint32_t len,
			   uint32_t first_size);

/* Notes what it takes to reach a slot's data; h of its bytes go to `head`. At
 * most two copies and one map. */
void xennet_fetch_note(struct xennet_back_queue *q, struct xennet_fetch *f,
		       uint16_t s, uint32_t gref, unsigned char *head,
		       uint32_t h);

/* Lets the platform do what was noted. */
void xennet_fetch_run(struct xennet_back_queue *q, struct xennet_fetch *f);

/* Puts a packet's fragments together; false: some data could not be reached. */
bool xennet_fetch_assemble(struct xennet_back_queue *q, struct xennet_pkt *pkt);

#endif
