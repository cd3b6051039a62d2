/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * From the guest: requests off the TX ring, checked, their data fetched by the
 * queue's strategy, delivered as packets, answered when they come back.
 *
 * A poll has three passes over its packets. take: read and check the slots,
 * note what the platform must do. fetch: let the platform do it, in batches.
 * deliver: put fragments together, refuse what could not be fetched.
 */
#include <xennet/back.h>
#include <xennet/csum.h>

#include "back_grant.h"
#include "chain.h"
#include "internal.h"

/* How many slots of the ring are fetched before they are written. */
#define AHEAD 32u

#define LAST(q, s) ((q)->tx.slot[s].next == (s))

/* Between take and deliver: which slot each noted operation is for. */
struct fetch {
	unsigned ncopy, nmap;
	unsigned nfrags; /* of the burst's, spoken for */
	uint64_t small;	 /* bit per packet: see take_small */
	uint16_t copy_slot[XENNET_BATCH];
	uint16_t map_slot[XENNET_BATCH];
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

static unsigned char *head_of(const struct xennet_back_tx *tx, uint16_t s)
{
	return tx->head + (size_t)s * XENNET_HEAD;
}

static unsigned char *page_of(const struct xennet_back_tx *tx, uint16_t s)
{
	return tx->page + (size_t)s * XENNET_PAGE;
}

/*
 * How many bytes go to the head buffer. None when the packet is copied to
 * private pages anyway and its first page holds as much.
 */
static uint32_t head_bytes(const struct xennet_back_tx *tx, uint32_t len,
			   uint32_t first_size)
{
	uint32_t head = len < XENNET_HEAD ? len : XENNET_HEAD;

	if (tx->strategy == XENNET_COPY && len > XENNET_HEAD &&
	    first_size >= head)
		return 0;
	return head;
}

static void note_copy(struct xennet_back_queue *q, struct fetch *f, uint16_t s,
		      uint32_t gref, uint32_t offset, void *to, uint32_t len)
{
	struct xennet_copy_op *op = &q->copy[f->ncopy];

	op->src.addr = NULL;
	op->src.gref = gref;
	op->src.domid = q->peer;
	op->src.offset = (uint16_t)offset;
	op->dst.addr = to;
	op->len = (uint16_t)len;
	op->status = XENNET_GNTST_GENERAL;
	f->copy_slot[f->ncopy++] = s;
}

static void note_map(struct xennet_back_queue *q, struct fetch *f, uint16_t s,
		     uint32_t gref)
{
	xennet_back_map_op(q, &q->map[f->nmap], gref, true);
	f->map_slot[f->nmap++] = s;
}

/*
 * Finds the page among the persistent ones, or notes that it has to be mapped:
 * to stay, or, when all are in use, for this packet only.
 */
static void want_persistent(struct xennet_back_queue *q, struct fetch *f,
			    uint16_t s, uint32_t gref)
{
	struct xennet_back_slot *slot = &q->tx.slot[s];
	struct xennet_pgrant *g = xennet_pgrant_find(&q->tx.grants, gref);

	if (XENNET_UNLIKELY(!g)) {
		g = xennet_back_insert(q, &q->tx.grants, gref);
		note_map(q, f, s, gref);
		if (!g)
			return;
	}
	g->holds++;
	slot->grant = (uint16_t)(g - q->tx.grants.node);
	if (XENNET_LIKELY(g->addr != NULL))
		xennet_prefetch((unsigned char *)g->addr + slot->offset);
}

/* Notes what it takes to reach a slot's data; h of its bytes go to `head`. */
static void want(struct xennet_back_queue *q, struct fetch *f, uint16_t s,
		 uint32_t gref, unsigned char *head, uint32_t h)
{
	struct xennet_back_slot *slot = &q->tx.slot[s];

	switch (q->tx.strategy) {
	case XENNET_PERSISTENT:
		if (slot->size)
			want_persistent(q, f, s, gref);
		break;
	case XENNET_COPY:
		if (h)
			note_copy(q, f, s, gref, slot->offset, head, h);
		if (slot->size > h)
			note_copy(q, f, s, gref, slot->offset + h,
				  page_of(&q->tx, s), slot->size - h);
		break;
	case XENNET_MAP:
		if (h)
			note_copy(q, f, s, gref, slot->offset, head, h);
		if (slot->size > h)
			note_map(q, f, s, gref);
		break;
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

/* Takes a good chain off the ring. */
static void take(struct xennet_back_queue *q, struct fetch *f,
		 const struct xennet_chain *c, struct xennet_pkt *pkt,
		 struct xennet_frag *frag)
{
	struct xennet_back_tx *tx = &q->tx;
	uint32_t head = head_bytes(tx, c->len, c->data[0].size), left = head;
	uint16_t first = 0, last = 0, s;
	unsigned i;

	tx->ring.cons += c->slots;
	for (i = 0; i < c->ndata; i++) {
		const struct xennet_chain_data *d = &c->data[i];
		uint32_t h = d->size < left ? d->size : left;

		s = take_slot(tx, d->id);
		tx->slot[s].offset = d->offset;
		tx->slot[s].size = d->size;
		if (i == 0)
			first = s;
		else
			tx->slot[last].next = s;
		last = s;
		want(q, f, s, d->gref, head_of(tx, first) + head - left, h);
		left -= h;
	}
	for (i = 0; i < c->extras; i++) {
		s = take_slot(tx, 0);
		tx->slot[s].extra = 1;
		tx->slot[last].next = s;
		last = s;
	}
	pkt->frag = frag;
	pkt->token = first;
	pkt->len = c->len;
	pkt->flags = c->flags;
	pkt->gso_type = c->gso_type;
	pkt->gso_size = c->gso_size;
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

/*
 * The fast path: takes small packets off the ring as long as they lie in
 * persistent pages that are mapped. They are copied whole, so that nothing is
 * left to hold on to but an id. Until then their fragment is in the guest's
 * page, on its way into the cache. Returns how many packets there are now.
 */
static unsigned take_small(struct xennet_back_queue *q, struct fetch *f,
			   struct xennet_burst *b, unsigned n, unsigned budget)
{
	struct xennet_back_tx *tx = &q->tx;
	struct xennet_ring r = tx->ring;
	const struct xennet_pgrant *g;
	struct xennet_tx_req req;

	if (tx->strategy != XENNET_PERSISTENT)
		return n;
	for (; n < budget && xennet_ring_known(&r) &&
	       f->nfrags < XENNET_BURST_FRAGS; n++) {
		struct xennet_frag *frag = &b->frag[f->nfrags];
		struct xennet_pkt *pkt = &b->pkt[n];
		uint16_t s = tx->spare[tx->nspare - 1];

		/* the responses go there */
		if (xennet_ring_known(&r) > AHEAD)
			xennet_prefetch_write(
				xennet_tx_slot_req(&r, r.cons + AHEAD));
		xennet_tx_look_req(&r, r.cons, &req);
		if (!is_small(&req))
			break;
		g = xennet_pgrant_find(&tx->grants, req.gref);
		if (!g || !g->addr)
			break;
		r.cons++;
		tx->nspare--;
		tx->slot[s].id = req.id;
		tx->slot[s].next = s;
		frag->addr = (unsigned char *)g->addr + req.offset;
		frag->len = req.size;
		xennet_prefetch(frag->addr);
		fill_small(pkt, frag, &req, s);
		f->small |= 1ull << n;
		f->nfrags++;
	}
	tx->ring.cons = r.cons;
	return n;
}

/* Lets the platform do what was noted. */
static void fetch(struct xennet_back_queue *q, struct fetch *f)
{
	struct xennet_back_tx *tx = &q->tx;
	unsigned i;

	if (f->ncopy) {
		q->stats.copy_calls++;
		q->stats.copy_ops += f->ncopy;
		xennet_copy_run(q->platform, q->copy, f->ncopy);
	}
	for (i = 0; i < f->ncopy; i++) {
		if (q->copy[i].status != XENNET_GNTST_OKAY)
			tx->slot[f->copy_slot[i]].bad = 1;
		q->stats.copied += q->copy[i].len;
	}
	xennet_back_map(q, q->map, f->nmap);
	for (i = 0; i < f->nmap; i++) {
		struct xennet_back_slot *slot = &tx->slot[f->map_slot[i]];

		if (slot->grant) {
			tx->grants.node[slot->grant].addr = q->map[i].addr;
			tx->grants.node[slot->grant].handle = q->map[i].handle;
		} else if (q->map[i].addr) {
			slot->addr = q->map[i].addr;
			slot->handle = q->map[i].handle;
			tx->mapped++;
		} else {
			slot->bad = 1;
		}
	}
}

/* Where the bytes of a slot are; NULL: they could not be reached. */
static unsigned char *data_of(const struct xennet_back_tx *tx, uint16_t s)
{
	const struct xennet_back_slot *slot = &tx->slot[s];
	unsigned char *page = (unsigned char *)slot->addr;

	if (slot->grant)
		page = (unsigned char *)tx->grants.node[slot->grant].addr;
	return page ? page + slot->offset : NULL;
}

/* Puts the fragments of a fetched packet together; false: it is incomplete. */
static bool assemble(struct xennet_back_queue *q, struct xennet_pkt *pkt)
{
	struct xennet_back_tx *tx = &q->tx;
	uint16_t s = pkt->token;
	unsigned char *head = head_of(tx, s), *data;
	uint32_t want = head_bytes(tx, pkt->len, tx->slot[s].size);
	uint32_t done = 0, h;

	pkt->nfrags = 0;
	if (want)
		xennet_add_frag(pkt, head, want);
	for (;; s = tx->slot[s].next) {
		const struct xennet_back_slot *slot = &tx->slot[s];

		data = data_of(tx, s);
		if (slot->bad || (slot->grant && !data))
			return false;
		h = slot->size < want - done ? slot->size : want - done;
		if (h && tx->strategy == XENNET_PERSISTENT) {
			memcpy(head + done, data, h);
			q->stats.copied += h;
		}
		done += h;
		if (slot->size > h && tx->strategy == XENNET_COPY)
			xennet_add_frag(pkt, page_of(tx, s), slot->size - h);
		else if (slot->size > h)
			xennet_add_frag(pkt, data + h, slot->size - h);
		if (LAST(q, s))
			break;
	}
	if (tx->strategy != XENNET_COPY && pkt->len > want)
		pkt->flags |= XENNET_PKT_SHARED;
	return true;
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
			if (LAST(q, s))
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
	unsigned char *head = head_of(tx, pkt->token);
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
	if (!assemble(q, pkt))
		return XENNET_EPKT_GREF;
	return pkt->gso_type ? check_gso(pkt) : 0;
}

static void reject(struct xennet_back_queue *q, const struct xennet_pkt *pkt,
		   int err)
{
	xennet_count(&q->stats, err);
	unmap_slots(q, pkt, 1);
	answer(&q->tx, &q->tx.ring, pkt->token, XENNET_RSP_ERROR);
}

/* Keeps the packets that are whole, and answers the others. */
static unsigned deliver(struct xennet_back_queue *q, const struct fetch *f,
			struct xennet_burst *b, unsigned n)
{
	uint64_t bytes = 0, copied = 0;
	unsigned i, kept = 0;

	for (i = 0; i < n; i++) {
		struct xennet_pkt *pkt = &b->pkt[i];

		if (f->small >> i & 1) {
			copy_small(&q->tx, pkt);
			copied += pkt->len;
		} else {
			int err = finish(q, pkt);

			if (err) {
				reject(q, pkt, err);
				continue;
			}
		}
		bytes += pkt->len;
		if (kept != i)
			b->pkt[kept] = *pkt;
		kept++;
	}
	q->stats.tx_packets += kept;
	q->stats.tx_bytes += bytes;
	q->stats.copied += copied;
	return kept;
}

/* Whether this packet fits the batches and the fragments of this poll. */
static bool fits(const struct xennet_chain *c, const struct fetch *f)
{
	return f->ncopy + 2 * c->ndata <= XENNET_BATCH &&
	       f->nmap + c->ndata <= XENNET_BATCH &&
	       f->nfrags + c->ndata + 1 <= XENNET_BURST_FRAGS;
}

static unsigned take_all(struct xennet_back_queue *q, struct fetch *f,
			 struct xennet_burst *b, unsigned budget)
{
	struct xennet_back_tx *tx = &q->tx;
	struct xennet_chain_rules rules = { tx->slots_max, tx->gso_mask };
	struct xennet_chain c;
	unsigned n = 0;

	for (;;) {
		while (xennet_ring_known(&tx->ring) &&
		       (tx->skip_extra || tx->skip_data))
			skip(q);
		n = take_small(q, f, b, n, budget);
		if (n == budget || !xennet_ring_known(&tx->ring))
			break;
		tx->partial = !xennet_chain_tx(&tx->ring, &rules, &c);
		if (tx->partial)
			break;
		if (c.err) {
			refuse(q, &c);
			continue;
		}
		if (!fits(&c, f))
			break;
		take(q, f, &c, &b->pkt[n++], &b->frag[f->nfrags]);
		f->nfrags += c.ndata + 1;
	}
	return n;
}

int xennet_back_poll(struct xennet_back_queue *q, struct xennet_burst *b,
		     unsigned budget)
{
	struct fetch f;
	uint32_t taken;
	unsigned n;
	int known;

	if (q->broken)
		return q->broken;
	known = xennet_ring_peek(&q->tx.ring);
	if (known < 0)
		return xennet_break(&q->broken, known);
	if (known == 0)
		return 0;
	taken = q->tx.ring.cons;
	f.ncopy = f.nmap = f.nfrags = 0;
	f.small = 0;
	xennet_pgrant_tick(&q->tx.grants);
	n = take_all(q, &f, b, budget < XENNET_BURST ? budget : XENNET_BURST);
	fetch(q, &f);
	n = deliver(q, &f, b, n);
	q->progress |= q->tx.ring.cons != taken;
	xennet_publish(q->platform, &q->tx.ring, q->tx.port, &q->stats);
	return (int)n;
}

void xennet_back_done(struct xennet_back_queue *q,
		      const struct xennet_pkt *pkt, unsigned n)
{
	struct xennet_ring r = q->tx.ring;
	unsigned i;

	if (q->tx.mapped)
		unmap_slots(q, pkt, n);
	for (i = 0; i < n; i++)
		answer(&q->tx, &r, pkt[i].token, XENNET_RSP_OKAY);
	q->tx.ring.prod = r.prod;
	xennet_publish(q->platform, &q->tx.ring, q->tx.port, &q->stats);
}
