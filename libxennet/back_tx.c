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
#include <xennet/csum.h>

#include "back_fetch.h"
#include "back_grant.h"
#include "back_queue.h"
#include "chain.h"
#include "internal.h"

/* Whole slots on one cache line. */
#define PER_LINE (XENNET_CACHE_LINE / xennet_tx_slot_size)

/* In a token: its request is answered, and it stands for a head alone. */
#define ANSWERED 0x8000u

/* What a poll gathers. */
struct gather {
	struct xennet_burst *out;
	unsigned n, budget;	   /* packets */
	unsigned nfrags;	   /* of out's, spoken for */
	uint64_t small;		   /* bit per packet: see take_small */
	bool held;		   /* requests of before are not answered */
	uint16_t id[XENNET_BURST]; /* of small packets */
	struct xennet_fetch fetch; /* for the others */
};

static void put_rsp(struct xennet_ring *r, uint16_t id, int16_t status)
{
	struct xennet_tx_rsp rsp;

	rsp.id = id;
	rsp.status = status;
	xennet_tx_put_rsp(r, &rsp);
}

/* Answers a refused chain, and has the rest of it skipped. */
static void refuse(struct xennet_back_queue *q, const struct xennet_chain *c)
{
	unsigned i;

	xennet_count(&q->stats, c->err);
	for (i = 0; i < c->ndata; i++)
		put_rsp(&q->tx.ring, c->data[i].id, XENNET_RSP_ERROR);
	for (i = 0; i < c->extras; i++)
		put_rsp(&q->tx.ring, 0, XENNET_RSP_NULL);
	q->tx.ring.cons += c->slots;
	q->tx.skip_extra = c->rest_extra;
	q->tx.skip_data = c->rest_data;
}

/* Answers one slot of a chain that was refused before its end was there. */
static void skip(struct xennet_back_queue *q)
{
	struct xennet_back_tx *tx = &q->tx;

	if (tx->skip_extra) {
		struct xennet_extra extra;

		xennet_tx_get_extra(&tx->ring, &extra);
		tx->skip_extra = extra.flags & XENNET_EXTRAF_MORE;
		put_rsp(&tx->ring, 0, XENNET_RSP_NULL);
	} else {
		struct xennet_tx_req req;

		xennet_tx_get_req(&tx->ring, &req);
		tx->skip_data = req.flags & XENNET_TXF_MORE_DATA;
		put_rsp(&tx->ring, req.id, XENNET_RSP_ERROR);
	}
}

static uint16_t take_slot(struct xennet_back_tx *tx, uint16_t id)
{
	uint16_t s = tx->spare[--tx->nspare];
	struct xennet_back_slot *slot = &tx->slot[s];

	slot->addr = NULL;
	slot->id = id;
	slot->next = s;
	slot->grant = 0;
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

	tx->ring.cons += c->slots;
	for (i = 0; i < c->ndata; i++) {
		const struct xennet_chain_data *d = &c->data[i];
		uint32_t h = d->size < left ? d->size : left;

		s = take_slot(tx, d->id);
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
		s = take_slot(tx, 0);
		tx->slot[s].extra = 1;
		tx->slot[last].next = s;
		last = s;
	}
	fill_pkt(pkt, &g->out->frag[g->nfrags], c, first);
	g->nfrags += c->ndata + 1u;
}

/* Whether a request is the whole of a packet that fits a head. */
static bool is_small(const struct xennet_tx_req *req)
{
	return !(req->flags & (XENNET_TXF_MORE_DATA | XENNET_TXF_EXTRA_INFO)) &&
	       req->size >= XENNET_ETH_HEADER && req->size <= XENNET_HEAD &&
	       req->offset + req->size <= XENNET_PAGE;
}

static void fill_small(struct xennet_pkt *pkt, struct xennet_frag *frag,
		       const struct xennet_tx_req *req, uint16_t slot)
{
	pkt->frag = frag;
	pkt->len = req->size;
	pkt->nfrags = 1;
	pkt->flags = xennet_chain_tx_flags(req->flags);
	pkt->gso_type = XENNET_GSO_NONE;
	pkt->gso_size = 0;
	pkt->token = slot;
}

/* Slots that are read now, and then hold the responses. */
static void fetch_slots(const struct xennet_ring *r, unsigned budget)
{
	unsigned known = xennet_ring_known(r), i;
	unsigned n = known < budget ? known : budget;

	for (i = 0; i < n; i += PER_LINE)
		xennet_prefetch_write(xennet_tx_slot_req(r, r->cons + i));
	if (n)
		xennet_prefetch_write(xennet_tx_slot_req(r, r->cons + n - 1));
}

/*
 * The fast path: takes small packets off the ring as long as they lie in
 * persistent pages that are mapped. They are copied whole, and so answered by
 * this very poll; the caller holds no more than a head. Until then their
 * fragment is in the guest's page, on its way into the cache.
 */
static void take_small(struct xennet_back_queue *q, struct gather *g)
{
	struct xennet_back_tx *tx = &q->tx;
	struct xennet_ring r = tx->ring;
	struct xennet_tx_req req;

	if (tx->strategy != XENNET_PERSISTENT)
		return;
	fetch_slots(&r, g->budget - g->n);
	for (; g->n < g->budget && xennet_ring_known(&r) && tx->nspare &&
	       g->nfrags < XENNET_BURST_FRAGS;
	     g->n++) {
		struct xennet_frag *frag = &g->out->frag[g->nfrags];
		uint16_t s = tx->spare[tx->nspare - 1];
		const struct xennet_pgrant *page;

		xennet_tx_look_req(&r, r.cons, &req);
		if (!is_small(&req))
			break;
		page = xennet_pgrant_find(&tx->grants, req.gref);
		if (!page || !page->addr)
			break;
		r.cons++;
		tx->nspare--;
		frag->addr = (unsigned char *)page->addr + req.offset;
		frag->len = req.size;
		xennet_prefetch(frag->addr);
		fill_small(&g->out->pkt[g->n], frag, &req, ANSWERED | s);
		g->id[g->n] = req.id;
		g->small |= 1ull << g->n;
		g->nfrags++;
	}
	tx->ring.cons = r.cons;
}

/* E5, E6: the packet is what its GSO type says, and has a partial checksum. */
static int check_gso(struct xennet_pkt *pkt)
{
	uint16_t start, field;
	struct xennet_l4 l4;

	if (xennet_csum_l4(pkt, &l4) ||
	    xennet_csum_locate(pkt, &start, &field) ||
	    l4.proto != XENNET_PROTO_TCP || l4.fragment ||
	    l4.version != (pkt->gso_type == XENNET_GSO_TCPV4 ? 4 : 6))
		return XENNET_EGSO_PROTO;
	if (pkt->flags & XENNET_PKT_CSUM_BLANK)
		return 0;
	return xennet_csum_blank(pkt) ? XENNET_EGSO_PROTO : 0;
}

/* Ends the mappings that were made for these packets alone. */
static void unmap_slots(struct xennet_back_queue *q,
			const struct xennet_pkt *pkt, unsigned n)
{
	struct xennet_back_tx *tx = &q->tx;
	unsigned nops = 0, i;
	uint16_t s;

	for (i = 0; i < n && tx->mapped; i++) {
		if (pkt[i].token & ANSWERED)
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
	if (slot->grant) {
		struct xennet_pgrant *g = &tx->grants.node[slot->grant];

		if (!--g->holds && !g->addr)
			xennet_pgrant_remove(&tx->grants, g);
	}
	slot->grant = 0;
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
		put_rsp(r, slot->id, slot->extra ? XENNET_RSP_NULL : status);
		if (slot->grant | slot->extra | slot->bad)
			clear_slot(tx, slot);
		tx->spare[tx->nspare++] = s;
		if (next == s)
			break;
	}
}

/* A small packet leaves the guest's page. */
static void copy_small(struct xennet_back_tx *tx, struct xennet_pkt *pkt)
{
	unsigned char *head = xennet_back_head(tx, pkt->token & ~ANSWERED);
	const void *data = pkt->frag->addr;

	/* a whole line of the guest's page is as good as a part, and quicker */
	if (pkt->len <= 64 && ((uintptr_t)data & 63) == 0)
		memcpy(head, data, 64);
	else
		xennet_copy_bytes(head, data, pkt->len);
	pkt->frag->addr = head;
}

/* What is wrong with a packet that take left to be fetched; or 0. */
static int finish(struct xennet_back_queue *q, struct xennet_pkt *pkt)
{
	if (!xennet_fetch_assemble(q, pkt))
		return XENNET_EPKT_GREF;
	return pkt->gso_type ? check_gso(pkt) : 0;
}

static void reject(struct xennet_back_queue *q, struct xennet_ring *r,
		   const struct xennet_pkt *pkt, int err)
{
	xennet_count(&q->stats, err);
	unmap_slots(q, pkt, 1);
	answer(&q->tx, r, pkt->token, XENNET_RSP_ERROR);
}

/* A small packet that must not be answered before those it came after. */
static void hold(struct xennet_back_tx *tx, struct xennet_pkt *pkt, uint16_t id)
{
	pkt->token &= ANSWERED - 1;
	tx->slot[pkt->token].id = id;
	tx->slot[pkt->token].next = pkt->token;
}

/*
 * Keeps the packets that are whole, and answers the others; and the small, as
 * long as none before them is kept: an answer takes the place of the oldest
 * request, which a successor would not find any more if we were killed now.
 */
static unsigned deliver(struct xennet_back_queue *q, const struct gather *g)
{
	struct xennet_ring r = q->tx.ring;
	uint64_t bytes = 0, copied = 0;
	unsigned i, kept = 0;
	bool held = g->held;

	for (i = 0; i < g->n; i++) {
		struct xennet_pkt *pkt = &g->out->pkt[i];

		if (g->small >> i & 1) {
			copy_small(&q->tx, pkt);
			copied += pkt->len;
			if (XENNET_UNLIKELY(held))
				hold(&q->tx, pkt, g->id[i]);
			else
				put_rsp(&r, g->id[i], XENNET_RSP_OKAY);
		} else {
			int err = finish(q, pkt);

			if (err) {
				reject(q, &r, pkt, err);
				continue;
			}
			held = true;
		}
		bytes += pkt->len;
		if (kept != i)
			g->out->pkt[kept] = *pkt;
		kept++;
	}
	q->tx.ring.prod = r.prod;
	q->stats.tx_packets += kept;
	q->stats.tx_bytes += bytes;
	q->stats.copied += copied;
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

static void take_all(struct xennet_back_queue *q, struct gather *g)
{
	struct xennet_back_tx *tx = &q->tx;
	struct xennet_chain_rules rules = { tx->slots_max, tx->gso_mask };
	struct xennet_chain c;

	tx->partial = false;
	for (;;) {
		while (xennet_ring_known(&tx->ring) &&
		       (tx->skip_extra || tx->skip_data))
			skip(q);
		take_small(q, g);
		if (g->n == g->budget || !xennet_ring_known(&tx->ring))
			break;
		tx->partial = !xennet_chain_tx(&tx->ring, &rules, &c);
		if (tx->partial)
			break;
		if (c.err) {
			refuse(q, &c);
			continue;
		}
		if (!fits(tx, &c, g))
			break;
		take(q, g, &c);
	}
}

/* An answer is told from a request by the zeroes after it (R16). */
void xennet_back_tx_resume(struct xennet_back_queue *q)
{
	struct xennet_ring *r = &q->tx.ring;
	struct xennet_tx_req req;

	if (xennet_ring_peek(r) <= 0)
		return;
	for (; xennet_ring_known(r); r->cons++, r->prod++) {
		xennet_tx_look_req(r, r->cons, &req);
		if (req.offset | req.flags | req.id | req.size)
			break;
	}
	xennet_publish(q->platform, r, q->tx.port, &q->stats);
}

int xennet_back_poll(struct xennet_back_queue *q, struct xennet_burst *b,
		     unsigned budget)
{
	struct gather g;
	uint32_t taken = q->tx.ring.cons;
	unsigned n;
	int known;

	if (q->broken)
		return q->broken;
	known = xennet_ring_peek(&q->tx.ring);
	if (known < 0)
		return xennet_break(&q->broken, known);
	if (known == 0)
		return 0;
	g.out = b;
	g.budget = budget < XENNET_BURST ? budget : XENNET_BURST;
	g.n = g.nfrags = 0;
	g.small = 0;
	g.held = q->tx.ring.cons != q->tx.ring.prod;
	g.fetch.ncopy = g.fetch.nmap = 0;
	xennet_pgrant_tick(&q->tx.grants);
	take_all(q, &g);
	xennet_fetch_run(q, &g.fetch);
	n = deliver(q, &g);
	q->progress |= q->tx.ring.cons != taken;
	xennet_publish(q->platform, &q->tx.ring, q->tx.port, &q->stats);
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

		if (token & ANSWERED)
			tx->spare[tx->nspare++] = token & (ANSWERED - 1);
		else
			answer(tx, &r, token, XENNET_RSP_OKAY);
	}
	q->tx.ring.prod = r.prod;
	xennet_publish(q->platform, &q->tx.ring, q->tx.port, &q->stats);
}
