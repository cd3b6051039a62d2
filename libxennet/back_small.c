/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#include "back_small.h"

#include <xennet/batch.h>

#include "back_fetch.h"
#include "chain.h"
#include "internal.h"

/* A shorter run is better off in one batch with what follows it. */
#define SHORT 8u

static void fill_op(const struct xennet_back_queue *q,
		    struct xennet_copy_op *op, struct xennet_tx_words w,
		    unsigned char *head)
{
	op->src.addr = NULL;
	op->src.gref = w.gref;
	op->src.domid = q->peer;
	op->src.offset = (uint16_t)w.offset_flags;
	op->dst.addr = head;
	op->len = (uint16_t)(w.id_size >> 16);
	op->status = XENNET_GNTST_GENERAL;
}

static void fill_pkt(struct xennet_pkt *pkt, struct xennet_frag *frag,
		     struct xennet_tx_words w, unsigned char *head,
		     uint16_t slot)
{
	frag->addr = head;
	frag->len = w.id_size >> 16;
	pkt->frag = frag;
	pkt->len = frag->len;
	pkt->nfrags = 1;
	pkt->flags = xennet_csum_flags((uint16_t)(w.offset_flags >> 16));
	pkt->gso_type = XENNET_GSO_NONE;
	pkt->gso_size = 0;
	pkt->token = XENNET_ANSWERED | slot;
}

/*
 * The slots are taken from below, since done puts them back in their order:
 * heads stay neighbours, for the caches, and since Xen looks up a page once.
 */
static unsigned gather(struct xennet_back_queue *q, struct xennet_burst *b,
		       uint16_t *id, unsigned n)
{
	const struct xennet_back_tx *tx = &q->tx;
	const uint16_t *slot = tx->spare + tx->nspare - n;
	const struct xennet_ring r = tx->ring;
	unsigned i;

	for (i = 0; i < n; i++) {
		struct xennet_tx_words w = xennet_tx_look_words(&r, r.cons + i);
		unsigned char *head = xennet_back_head(tx, slot[i]);

		if (!xennet_tx_is_small(w))
			break;
		id[i] = (uint16_t)w.id_size;
		fill_op(q, &q->copy[i], w, head);
		fill_pkt(&b->pkt[i], &b->frag[i], w, head, slot[i]);
	}
	return i;
}

/* Of the n slots that gather had, only so many are in use. */
static void take_slots(struct xennet_back_tx *tx, unsigned used, unsigned n)
{
	uint16_t *slot = tx->spare + tx->nspare - n;

	if (used < n)
		memmove(slot, slot + used, (n - used) * sizeof(*slot));
	tx->nspare -= used;
}

static void answer(struct xennet_ring *r, uint16_t id, int16_t status)
{
	struct xennet_tx_rsp rsp;

	rsp.id = id;
	rsp.status = status;
	xennet_tx_put_rsp(r, &rsp);
}

static unsigned deliver(struct xennet_back_queue *q, struct xennet_burst *b,
			const uint16_t *id, unsigned n)
{
	struct xennet_back_tx *tx = &q->tx;
	struct xennet_ring r = tx->ring;
	uint64_t bytes = 0;
	unsigned i, kept = 0;

	for (i = 0; i < n; i++) {
		struct xennet_pkt *pkt = &b->pkt[i];

		if (XENNET_UNLIKELY(q->copy[i].status != XENNET_GNTST_OKAY)) {
			xennet_count(&q->stats, XENNET_EPKT_GREF);
			answer(&r, id[i], XENNET_RSP_ERROR);
			tx->spare[tx->nspare++] =
				pkt->token & (XENNET_ANSWERED - 1);
			continue;
		}
		answer(&r, id[i], XENNET_RSP_OKAY);
		bytes += pkt->len;
		if (kept != i)
			b->pkt[kept] = *pkt;
		kept++;
	}
	tx->ring.prod = r.prod;
	q->stats.tx_packets += kept;
	q->stats.tx_bytes += bytes;
	q->stats.copied += bytes;
	return kept;
}

static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/*
 * They are answered at once, which must not be while an answer to one before
 * is to come: it takes the place of the oldest request, which a successor would
 * not find any more if we were killed now.
 */
int xennet_back_poll_small(struct xennet_back_queue *q, struct xennet_burst *b,
			   unsigned budget)
{
	struct xennet_back_tx *tx = &q->tx;
	unsigned known = xennet_ring_known(&tx->ring), n, run;
	uint16_t id[XENNET_BURST];

	n = least(budget, least(known, tx->nspare));
	if (tx->late || n < SHORT || tx->ring.cons != tx->ring.prod ||
	    tx->skip_extra || tx->skip_data)
		return -1;
	run = gather(q, b, id, n);
	if (run < SHORT)
		return -1;
	take_slots(tx, run, n);
	tx->ring.cons += run;
	q->stats.copy_calls++;
	q->stats.copy_ops += run;
	xennet_copy_run(q->platform, q->copy, run);
	q->progress = true;
	n = deliver(q, b, id, run);
	xennet_publish(q->platform, &tx->ring, tx->port, &q->stats,
		       xennet_polls(&q->notify));
	return (int)n;
}
