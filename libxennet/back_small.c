/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#include "back_small.h"

#include <xennet/batch.h>

#include "back_answer.h"
#include "back_fetch.h"
#include "chain.h"
#include "internal.h"

/* How many packets before its turn a packet's bytes are fetched. */
#define DATA_AHEAD 8u

/* A shorter run is better off in one batch with what follows it. */
#define SHORT 8u

static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

static void fill_pkt(struct xennet_pkt *pkt, struct xennet_frag *frag,
		     struct xennet_tx_words w, unsigned char *head,
		     uint16_t token)
{
	frag->addr = head;
	frag->len = w.id_size >> 16;
	pkt->frag = frag;
	pkt->len = frag->len;
	pkt->nfrags = 1;
	pkt->flags = xennet_csum_flags((uint16_t)(w.offset_flags >> 16));
	pkt->gso_type = XENNET_GSO_NONE;
	pkt->gso_size = 0;
	pkt->token = token;
}

/* Fetches what the request at this index names, if it is in this page. */
static inline void fetch_data(const struct xennet_ring *r, uint32_t index,
			      uint32_t gref, const unsigned char *page)
{
	uint32_t w[2];

	xennet_copy_once(w, xennet_tx_slot_req(r, index), sizeof(w));
	if (w[0] == gref)
		xennet_prefetch(page + w[1] % XENNET_PAGE);
}

/* A whole line of the guest's page is as good as a part, and quicker. */
static inline void copy_small(unsigned char *head, const unsigned char *data,
			      uint32_t len)
{
	if (len <= 64 && ((uintptr_t)data & 63) == 0)
		memcpy(head, data, 64);
	else
		xennet_copy_bytes(head, data, len);
}

/* Answers a small packet, or leaves that to done, after those before it. */
static inline void answer_small(struct xennet_back_tx *tx,
				struct xennet_tx_words w, uint16_t s, bool now)
{
	uint16_t id = (uint16_t)w.id_size;

	if (now) {
		xennet_back_put_rsp(&tx->ring, id, XENNET_RSP_OKAY);
	} else {
		tx->slot[s].key = xennet_back_key(tx, tx->ring.cons, id);
		tx->slot[s].next = s;
	}
}

/* Pages that stay mapped are looked for in one table here: that of the static
 * ones, if there are any. */
static inline struct xennet_pgrants *table(struct xennet_back_queue *q)
{
	return q->tx.keeps & XENNET_KEEPS_STATIC ? &q->statics : &q->tx.grants;
}

/* Where a page is that stays mapped. NULL: it does not. */
XENNET_NOINLINE static const unsigned char *
find_page(struct xennet_back_queue *q, uint32_t gref)
{
	const struct xennet_pgrant *g = xennet_pgrant_find(table(q), gref);

	return g ? (const unsigned char *)g->addr : NULL;
}

/*
 * Takes up to n small packets off the ring, as long as they lie in pages that
 * stay mapped. They are copied whole, and the caller holds no more
 * than a head. now: they are answered at once. Inlined for where that is by the
 * index alone, and nothing of the ring is written, and little else.
 */
static inline __attribute__((always_inline)) unsigned
take_small_as(struct xennet_back_queue *q, struct xennet_pkt *pkt,
	      struct xennet_frag *frag, unsigned n, bool now, bool by_index)
{
	struct xennet_back_tx *tx = &q->tx;
	const struct xennet_ring r = tx->ring;
	const uint16_t *spare = tx->spare + tx->nspare;
	const unsigned char *page = NULL;
	uint32_t gref = XENNET_GREF_INVALID, bytes = 0, i;

	for (i = 0; i < n; i++, frag++, pkt++) {
		struct xennet_tx_words w = xennet_tx_look_words(&r, r.cons + i);
		unsigned char *head;
		uint16_t s = *--spare;

		if (!xennet_tx_is_small(w))
			break;
		if (XENNET_UNLIKELY(w.gref != gref || !page)) {
			page = find_page(q, w.gref);
			if (!page)
				break;
			gref = w.gref;
		}
		fetch_data(&r, r.cons + i + DATA_AHEAD, gref, page);
		head = xennet_back_head(tx, s);
		fill_pkt(pkt, frag, w, head, now ? XENNET_ANSWERED | s : s);
		bytes += pkt->len;
		copy_small(head, page + (w.offset_flags & 0xffff), pkt->len);
		if (!by_index) {
			answer_small(tx, w, s, now);
			tx->ring.cons++;
		}
	}
	if (by_index)
		tx->ring.prod = tx->ring.cons += i;
	tx->nspare -= i;
	q->stats.tx_packets += i;
	q->stats.tx_bytes += bytes;
	q->stats.copied += bytes;
	return i;
}

unsigned xennet_back_take_small(struct xennet_back_queue *q,
				struct xennet_burst *out, unsigned n,
				unsigned nfrags, unsigned budget)
{
	struct xennet_back_tx *tx = &q->tx;
	struct xennet_pkt *pkt = &out->pkt[n];
	struct xennet_frag *frag = &out->frag[nfrags];
	unsigned max = least(budget - n, xennet_ring_known(&tx->ring));
	bool now;

	if (!tx->keeps)
		return 0;
	max = least(max, tx->nspare);
	max = least(max, XENNET_BURST_FRAGS - nfrags);
	now = tx->ring.prod == tx->ring.cons;
	return now && tx->in_order
		       ? take_small_as(q, pkt, frag, max, true, true)
		       : take_small_as(q, pkt, frag, max, now, false);
}

/* Takes one off the ring, all but the head's bytes; false: it is no such. */
static inline bool take_page(struct xennet_back_queue *q,
			     struct xennet_pkt *pkt, struct xennet_frag *frag)
{
	struct xennet_back_tx *tx = &q->tx;
	struct xennet_tx_words w =
		xennet_tx_look_words(&tx->ring, tx->ring.cons);
	uint32_t len = w.id_size >> 16;
	uint16_t s = tx->spare[tx->nspare - 1];
	struct xennet_back_slot *slot = &tx->slot[s];
	struct xennet_pgrant *g;
	unsigned char *data;

	if (len <= XENNET_HEAD || !xennet_tx_is_single(w, XENNET_PAGE))
		return false;
	g = xennet_pgrant_find(table(q), w.gref);
	if (!g || !g->addr)
		return false;
	data = (unsigned char *)g->addr + (w.offset_flags & 0xffff);
	xennet_prefetch(data);
	xennet_prefetch(data + XENNET_HEAD / 2);
	fill_pkt(pkt, frag, w, xennet_back_head(tx, s), s);
	frag[0].len = XENNET_HEAD;
	frag[1].addr = data + XENNET_HEAD;
	frag[1].len = len - XENNET_HEAD;
	pkt->nfrags = 2;
	pkt->flags |= XENNET_PKT_SHARED;
	g->holds++;
	slot->page = g;
	slot->kept = 1;
	slot->key = xennet_back_key(tx, tx->ring.cons, (uint16_t)w.id_size);
	slot->next = s;
	tx->nspare--;
	tx->ring.cons++;
	return true;
}

unsigned xennet_back_take_single(struct xennet_back_queue *q,
				 struct xennet_burst *b, unsigned n,
				 unsigned nfrags, unsigned budget)
{
	struct xennet_back_tx *tx = &q->tx;
	struct xennet_pkt *pkt = &b->pkt[n];
	struct xennet_frag *frag = &b->frag[nfrags];
	unsigned max = least(budget - n, xennet_ring_known(&tx->ring)), i, got;
	uint64_t bytes = 0;

	if (!tx->keeps)
		return 0;
	max = least(max, tx->nspare);
	max = least(max, (XENNET_BURST_FRAGS - nfrags) / 2);
	for (got = 0; got < max; got++)
		if (!take_page(q, &pkt[got], &frag[2 * got]))
			break;
	for (i = 0; i < got; i++, frag += 2) {
		memcpy(frag[0].addr,
		       (unsigned char *)frag[1].addr - XENNET_HEAD,
		       XENNET_HEAD);
		bytes += pkt[i].len;
	}
	q->stats.tx_packets += got;
	q->stats.tx_bytes += bytes;
	q->stats.copied += got * XENNET_HEAD;
	return got;
}

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
		fill_pkt(&b->pkt[i], &b->frag[i], w, head,
			 XENNET_ANSWERED | slot[i]);
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
			xennet_back_put_rsp(&r, id[i], XENNET_RSP_ERROR);
			tx->spare[tx->nspare++] =
				pkt->token & (XENNET_ANSWERED - 1);
			continue;
		}
		xennet_back_put_rsp(&r, id[i], XENNET_RSP_OKAY);
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
	if (tx->in_order || n < SHORT || tx->ring.cons != tx->ring.prod ||
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
