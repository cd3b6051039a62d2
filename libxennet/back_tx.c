/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * From the guest: requests off the TX ring, checked, their data fetched by the
 * queue's strategy, delivered as packets, answered when they come back.
 *
 * A poll has three passes over its packets. take: read and check the slots,
 * note what the platform must do. fetch (back_fetch.h): let the platform do it,
 * in batches. deliver: put fragments together, refuse what could not be
 * fetched.
 */
#include <xennet/back.h>

#include "back_answer.h"
#include "back_fetch.h"
#include "back_grant.h"
#include "back_queue.h"
#include "back_small.h"
#include "chain.h"
#include "internal.h"
#include "mcast.h"
#include "rate.h"

/* What a poll gathers. */
struct gather {
	struct xennet_burst *out;
	unsigned n, budget; /* packets */
	unsigned nfrags;    /* of out's, spoken for */
	unsigned whole;	    /* so many of them, the first, are complete */
	uint64_t complete;  /* bit per packet: it is */
	struct xennet_fetch fetch; /* for the others */
};

void xennet_back_put_fault(struct xennet_ring *r, uint16_t place,
			   int16_t status)
{
	uint32_t ahead = (place - r->prod) & (r->size - 1);
	uint32_t *mark = xennet_ring_mark(r);
	uint32_t marked = xennet_load(mark) - r->prod;
	struct xennet_tx_rsp rsp;

	rsp.id = place;
	rsp.status = status;
	xennet_tx_fill_rsp(xennet_tx_slot_rsp(r, r->prod + ahead), &rsp);
	/* as far as any, unless it is of a time long past */
	if (marked <= ahead || marked > r->size)
		xennet_store(mark, r->prod + ahead + 1);
}

/* Of a chain's i-th data slot: the first, the extras, the others. */
static uint16_t data_key(const struct xennet_back_tx *tx,
			 const struct xennet_chain *c, unsigned i)
{
	return xennet_back_key(tx, tx->ring.cons + (i ? i + c->extras : 0),
			       c->data[i].id);
}

/* Takes a chain off the ring with the same answer for each of its slots. */
XENNET_COLD static void answer_chain(struct xennet_back_tx *tx,
				     const struct xennet_chain *c,
				     int16_t status)
{
	unsigned i;

	for (i = 0; i < c->ndata; i++)
		xennet_back_respond(tx, &tx->ring, data_key(tx, c, i), status);
	for (i = 0; i < c->extras; i++)
		xennet_back_respond(
			tx, &tx->ring,
			xennet_back_key(tx, tx->ring.cons + 1 + i, 0),
			XENNET_RSP_NULL);
	tx->ring.cons += c->slots;
	xennet_back_advance(tx, &tx->ring);
}

/* Answers a refused chain, and has the rest of it skipped. */
XENNET_COLD static void refuse(struct xennet_back_queue *q,
			       const struct xennet_chain *c)
{
	struct xennet_back_tx *tx = &q->tx;

	xennet_count(&q->stats, c->err);
	answer_chain(tx, c, XENNET_RSP_ERROR);
	tx->skip_extra = c->rest_extra;
	tx->skip_data = c->rest_data;
}

/*
 * A request to join or leave a group instead of a packet: done and answered
 * here, by who only drops packets too.
 */
static bool absorb(struct xennet_back_queue *q, const struct xennet_chain *c)
{
	int err = 0;

	if (XENNET_LIKELY(!(c->seen & XENNET_SEEN_MCAST)))
		return false;
	if (c->seen & XENNET_SEEN(MCAST_ADD))
		err = xennet_mcast_add(q->mcast, c->mcast);
	else
		xennet_mcast_del(q->mcast, c->mcast);
	if (err)
		xennet_count(&q->stats, XENNET_EMCAST);
	answer_chain(&q->tx, c, err ? XENNET_RSP_ERROR : XENNET_RSP_OKAY);
	return true;
}

/* Answers one slot of a chain that was refused before its end was there. */
XENNET_COLD static void skip(struct xennet_back_queue *q)
{
	struct xennet_back_tx *tx = &q->tx;
	uint32_t at = tx->ring.cons;

	if (tx->skip_extra) {
		struct xennet_extra extra;

		xennet_tx_get_extra(&tx->ring, &extra);
		tx->skip_extra = extra.flags & XENNET_EXTRAF_MORE;
		xennet_back_respond(tx, &tx->ring, xennet_back_key(tx, at, 0),
				    XENNET_RSP_NULL);
	} else {
		struct xennet_tx_req req;

		xennet_tx_get_req(&tx->ring, &req);
		tx->skip_data = req.flags & XENNET_TXF_MORE_DATA;
		xennet_back_respond(tx, &tx->ring,
				    xennet_back_key(tx, at, req.id),
				    XENNET_RSP_ERROR);
	}
	xennet_back_advance(tx, &tx->ring);
}

static uint16_t take_slot(struct xennet_back_tx *tx, uint16_t key)
{
	uint16_t s = tx->spare[--tx->nspare];
	struct xennet_back_slot *slot = &tx->slot[s];

	slot->addr = NULL;
	slot->key = key;
	slot->next = s;
	slot->kept = 0;
	slot->size = 0;
	slot->extra = 0;
	slot->bad = 0;
	return s;
}

static void fill_pkt(struct xennet_pkt *pkt, struct xennet_frag *frag,
		     const struct xennet_chain *c, uint16_t token)
{
	pkt->frag = frag;
	pkt->len = c->len;
	pkt->flags = c->flags;
	pkt->gso_type = c->gso_type;
	pkt->gso_size = c->gso_size;
	pkt->hash = c->hash;
	pkt->token = token;
}

/* Takes a good chain off the ring. */
static void take(struct xennet_back_queue *q, struct gather *g,
		 const struct xennet_chain *c)
{
	struct xennet_back_tx *tx = &q->tx;
	struct xennet_pkt *pkt = &g->out->pkt[g->n++];
	uint32_t left = xennet_fetch_head(tx, c->len, c->data[0].size);
	uint16_t first = 0, last = 0, s;
	unsigned char *head = NULL;
	unsigned i;

	for (i = 0; i < c->ndata; i++) {
		const struct xennet_chain_data *d = &c->data[i];
		uint32_t h = d->size < left ? d->size : left;

		s = take_slot(tx, data_key(tx, c, i));
		tx->slot[s].offset = d->offset;
		tx->slot[s].size = d->size;
		if (i == 0) {
			first = s;
			head = xennet_back_head(tx, s);
		} else {
			tx->slot[last].next = s;
		}
		last = s;
		xennet_fetch_note(q, &g->fetch, s, d->gref, head, h);
		head += h;
		left -= h;
	}
	for (i = 0; i < c->extras; i++) {
		s = take_slot(tx,
			      xennet_back_key(tx, tx->ring.cons + 1 + i, 0));
		tx->slot[s].extra = 1;
		tx->slot[last].next = s;
		last = s;
	}
	tx->ring.cons += c->slots;
	fill_pkt(pkt, &g->out->frag[g->nfrags], c, first);
	g->nfrags += c->ndata + 1u;
}

/* Slots that are read now, and then hold the responses. */
static void fetch_slots(const struct xennet_ring *r, unsigned budget)
{
	unsigned known = xennet_ring_known(r), i;
	unsigned n = known < budget ? known : budget;

	if (r->get_stamps) /* they are left alone */
		return;
	for (i = 0; i < n; i += XENNET_CACHE_LINE / r->stride)
		xennet_prefetch_write(xennet_tx_slot_req(r, r->cons + i));
	if (n)
		xennet_prefetch_write(xennet_tx_slot_req(r, r->cons + n - 1));
}

/* Ends the mappings that were made for these packets alone. */
static void unmap_slots(struct xennet_back_queue *q,
			const struct xennet_pkt *pkt, unsigned n)
{
	struct xennet_back_tx *tx = &q->tx;
	unsigned nops = 0, i;
	uint16_t s;

	for (i = 0; i < n && tx->mapped; i++) {
		if (pkt[i].token & XENNET_ANSWERED)
			continue;
		for (s = pkt[i].token;; s = tx->slot[s].next) {
			if (tx->slot[s].addr) {
				xennet_back_unmap_op(q, &q->map[nops++],
						     tx->slot[s].addr,
						     tx->slot[s].handle);
				tx->slot[s].addr = NULL;
				tx->mapped--;
			}
			if (nops == XENNET_BATCH) {
				xennet_back_unmap(q, q->map, nops);
				nops = 0;
			}
			if (XENNET_LAST(tx, s))
				break;
		}
	}
	xennet_back_unmap(q, q->map, nops);
}

/* A slot is as take_small wants it once more. */
static void clear_slot(struct xennet_back_tx *tx, struct xennet_back_slot *slot)
{
	if (slot->kept) {
		struct xennet_pgrant *g = slot->page;

		if (!--g->holds && !g->addr)
			xennet_pgrant_remove(&tx->grants, g);
	}
	slot->kept = 0;
	slot->extra = 0;
	slot->bad = 0;
}

/* Answers every slot of a packet, on the queue's ring or a copy of it. */
static void answer(struct xennet_back_tx *tx, struct xennet_ring *r, uint16_t s,
		   int16_t status)
{
	uint16_t next;

	for (;; s = next) {
		struct xennet_back_slot *slot = &tx->slot[s];

		next = slot->next;
		xennet_back_respond(tx, r, slot->key,
				    slot->extra ? XENNET_RSP_NULL : status);
		if (slot->kept | slot->extra | slot->bad)
			clear_slot(tx, slot);
		tx->spare[tx->nspare++] = s;
		if (next == s)
			break;
	}
}

/* What is wrong with a packet that take left to be fetched; or 0. */
static int finish(struct xennet_back_queue *q, struct xennet_pkt *pkt)
{
	if (!xennet_fetch_assemble(q, pkt))
		return XENNET_EPKT_GREF;
	return pkt->gso_type ? xennet_check_gso(pkt) : 0;
}

XENNET_COLD static void reject(struct xennet_back_queue *q,
			       const struct xennet_pkt *pkt, int err)
{
	struct xennet_back_tx *tx = &q->tx;

	xennet_count(&q->stats, err);
	unmap_slots(q, pkt, 1);
	answer(tx, &tx->ring, pkt->token, XENNET_RSP_ERROR);
	xennet_back_advance(tx, &tx->ring);
}

/* Keeps the packets that are whole, and answers the others. */
static unsigned deliver(struct xennet_back_queue *q, const struct gather *g)
{
	unsigned i, kept = g->whole;

	for (i = kept; i < g->n; i++) {
		struct xennet_pkt *pkt = &g->out->pkt[i];

		if (!(g->complete >> i & 1)) {
			int err = finish(q, pkt);

			if (err) {
				reject(q, pkt, err);
				continue;
			}
			q->stats.tx_packets++;
			q->stats.tx_bytes += pkt->len;
		}
		if (kept != i)
			g->out->pkt[kept] = *pkt;
		kept++;
	}
	return kept;
}

/* Whether there are slots for a chain, and room in this poll's batches. */
static bool fits(const struct xennet_back_tx *tx, const struct xennet_chain *c,
		 const struct gather *g)
{
	return c->slots <= tx->nspare &&
	       g->fetch.ncopy + 2 * c->ndata <= XENNET_BATCH &&
	       g->fetch.nmap + c->ndata <= XENNET_BATCH &&
	       g->nfrags + c->ndata + 1 <= XENNET_BURST_FRAGS;
}

/* n more packets of so many fragments each are complete. */
static void gathered(struct gather *g, unsigned n, unsigned nfrags)
{
	if (!n)
		return;
	g->complete |= ~0ull >> (64 - n) << g->n;
	g->n += n;
	g->nfrags += n * nfrags;
}

static void gather_single(struct xennet_back_queue *q, struct gather *g)
{
	unsigned before;

	do {
		before = g->n;
		gathered(g,
			 xennet_back_take_small(q, g->out, g->n, g->nfrags,
						g->budget),
			 1);
		gathered(g,
			 xennet_back_take_single(q, g->out, g->n, g->nfrags,
						 g->budget),
			 2);
	} while (g->n != before);
}

static void take_all(struct xennet_back_queue *q, struct gather *g)
{
	struct xennet_back_tx *tx = &q->tx;
	struct xennet_chain_rules rules = { tx->slots_max, tx->gso_mask,
					    tx->extras };
	struct xennet_chain c;

	for (;;) {
		while (xennet_ring_known(&tx->ring) &&
		       (tx->skip_extra || tx->skip_data))
			skip(q);
		gather_single(q, g);
		if (g->n == g->budget || !xennet_ring_known(&tx->ring))
			break;
		tx->partial = !xennet_chain_tx(&tx->ring, &rules, &c);
		if (tx->partial)
			break;
		if (c.err) {
			refuse(q, &c);
			continue;
		}
		if (absorb(q, &c))
			continue;
		if (!fits(tx, &c, g))
			break;
		take(q, g, &c);
	}
}

/* An answer is told from a request by the zeroes after it (R16). */
XENNET_COLD void xennet_back_tx_resume(struct xennet_back_queue *q)
{
	struct xennet_ring *r = &q->tx.ring;
	struct xennet_tx_req req;

	if (q->tx.in_order || xennet_peek(r) <= 0)
		return;
	for (; xennet_ring_known(r); r->cons++, r->prod++) {
		xennet_tx_look_req(r, r->cons, &req);
		if (req.offset | req.flags | req.id | req.size)
			break;
	}
	xennet_publish(q->platform, r, q->tx.port, &q->stats, false);
}

/* After n small packets something else is on the ring. Out of line: the fast
 * path needs neither its stack nor its registers. */
XENNET_NOINLINE static unsigned poll_rest(struct xennet_back_queue *q,
					  struct xennet_burst *b, unsigned n,
					  unsigned budget)
{
	struct gather g;

	g.out = b;
	g.budget = budget;
	g.n = g.nfrags = g.whole = n;
	g.complete = 0;
	g.fetch.ncopy = g.fetch.nmap = 0;
	take_all(q, &g);
	xennet_fetch_run(q, &g.fetch);
	return deliver(q, &g);
}

int xennet_back_poll(struct xennet_back_queue *q, struct xennet_burst *b,
		     unsigned budget)
{
	struct xennet_back_tx *tx = &q->tx;
	uint32_t taken = tx->ring.cons;
	unsigned n = 0;
	int known;

	if (q->broken)
		return q->broken;
	if (xennet_polls(&q->notify)) {
		xennet_look_again(q->platform, &tx->ring, tx->port, &q->stats);
		xennet_look_again(q->platform, &q->rx.ring, q->rx.port,
				  &q->stats);
	}
	known = (int)xennet_ring_known(&tx->ring);
	if ((unsigned)known < budget || tx->partial)
		known = xennet_ring_peek(&tx->ring);
	if (known < 0)
		return xennet_break(&q->broken, known);
	if (known == 0)
		return 0;
	if (XENNET_UNLIKELY(budget > xennet_load(&tx->unmetered))) {
		budget = xennet_rate_budget(q, budget);
		if (!budget)
			return 0;
	}
	tx->partial = false;
	if (!tx->keeps) {
		int small = xennet_back_poll_small(q, b, budget);

		if (small >= 0)
			return small;
	}
	xennet_pgrant_tick(&tx->grants);
	fetch_slots(&tx->ring, budget);
	if (!tx->skip_extra && !tx->skip_data)
		n = xennet_back_take_small(q, b, 0, 0, budget);
	if (n < budget && xennet_ring_known(&tx->ring))
		n = poll_rest(q, b, n, budget);
	q->progress |= tx->ring.cons != taken;
	xennet_publish(q->platform, &tx->ring, tx->port, &q->stats,
		       xennet_polls(&q->notify));
	return (int)n;
}

/* One packet, or none: 0. */
XENNET_COLD static unsigned drop(struct xennet_back_queue *q)
{
	struct xennet_back_tx *tx = &q->tx;
	struct xennet_chain_rules rules = { tx->slots_max, tx->gso_mask,
					    tx->extras };
	uint32_t at = tx->ring.cons;
	struct xennet_tx_words w = xennet_tx_look_words(&tx->ring, at);
	struct xennet_chain c;

	if (xennet_tx_is_small(w)) {
		xennet_back_respond(
			tx, &tx->ring,
			xennet_back_key(tx, at, (uint16_t)w.id_size),
			XENNET_RSP_DROPPED);
		tx->ring.cons++;
		xennet_back_advance(tx, &tx->ring);
		return 1;
	}
	tx->partial = !xennet_chain_tx(&tx->ring, &rules, &c);
	if (tx->partial)
		return 0;
	if (c.err)
		refuse(q, &c);
	else if (absorb(q, &c))
		return 0;
	else
		answer_chain(tx, &c, XENNET_RSP_DROPPED);
	return !c.err;
}

XENNET_COLD int xennet_back_drop(struct xennet_back_queue *q, unsigned budget)
{
	struct xennet_back_tx *tx = &q->tx;
	uint32_t taken = tx->ring.cons;
	unsigned n = 0;
	int known;

	if (q->broken)
		return q->broken;
	known = xennet_peek(&tx->ring);
	if (known < 0)
		return xennet_break(&q->broken, known);
	tx->partial = false;
	while (n < budget && xennet_ring_known(&tx->ring) && !tx->partial) {
		if (tx->skip_extra || tx->skip_data)
			skip(q);
		else
			n += drop(q);
	}
	q->progress |= tx->ring.cons != taken;
	xennet_publish(q->platform, &tx->ring, tx->port, &q->stats,
		       xennet_polls(&q->notify));
	return (int)n;
}

void xennet_back_done(struct xennet_back_queue *q, const struct xennet_pkt *pkt,
		      unsigned n)
{
	struct xennet_back_tx *tx = &q->tx;
	struct xennet_ring r = tx->ring;
	unsigned i;

	if (tx->mapped)
		unmap_slots(q, pkt, n);
	for (i = 0; i < n; i++) {
		uint16_t token = pkt[i].token;

		if (token & XENNET_ANSWERED)
			tx->spare[tx->nspare++] = token & (XENNET_ANSWERED - 1);
		else
			answer(tx, &r, token, XENNET_RSP_OKAY);
	}
	xennet_back_advance(tx, &r);
	tx->ring.prod = r.prod;
	xennet_publish(q->platform, &tx->ring, tx->port, &q->stats,
		       xennet_polls(&q->notify));
}
