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

#include "chain.h"
#include "internal.h"

#define LAST(q, s) ((q)->tx.slot[s].next == (s))

/* Between take and deliver: which slot each noted operation is for. */
struct fetch {
	unsigned ncopy, nmap;
	uint16_t copy_slot[XENNET_BATCH];
	uint16_t map_slot[XENNET_BATCH];
};

static void put_rsp(struct xennet_back_queue *q, uint16_t id, int16_t status)
{
	struct xennet_tx_rsp rsp;

	rsp.id = id;
	rsp.status = status;
	xennet_tx_put_rsp(&q->tx.ring, &rsp);
}

/* Answers a refused chain, and has the rest of it skipped. */
static void refuse(struct xennet_back_queue *q, const struct xennet_chain *c)
{
	unsigned i;

	xennet_count(&q->stats, c->err);
	for (i = 0; i < c->ndata; i++)
		put_rsp(q, c->data[i].id, XENNET_RSP_ERROR);
	for (i = 0; i < c->extras; i++)
		put_rsp(q, 0, XENNET_RSP_NULL);
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
		put_rsp(q, 0, XENNET_RSP_NULL);
	} else {
		struct xennet_tx_req req;

		xennet_tx_get_req(&tx->ring, &req);
		tx->skip_data = req.flags & XENNET_TXF_MORE_DATA;
		put_rsp(q, req.id, XENNET_RSP_ERROR);
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
	struct xennet_map_op *op = &q->map[f->nmap];

	op->addr = NULL;
	op->gref = gref;
	op->domid = q->peer;
	op->readonly = true;
	op->status = XENNET_GNTST_GENERAL;
	f->map_slot[f->nmap++] = s;
}

static void unmap(struct xennet_back_queue *q, struct xennet_map_op *op,
		  unsigned n)
{
	q->stats.unmap_calls++;
	q->stats.unmap_ops += n;
	if (xennet_unmap_run(q->platform, op, n))
		xennet_count(&q->stats, XENNET_EIO);
}

/* Makes room among the persistent pages; false: all of them are in use. */
static bool purge(struct xennet_back_queue *q)
{
	struct xennet_map_op op[16];
	unsigned n = xennet_pgrant_purge(&q->tx.grants, op, 16), i, mapped = 0;

	for (i = 0; i < n; i++)
		if (op[i].addr)
			op[mapped++] = op[i];
	if (mapped)
		unmap(q, op, mapped);
	return n > 0;
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
		g = xennet_pgrant_insert(&q->tx.grants, gref);
		if (!g && purge(q))
			g = xennet_pgrant_insert(&q->tx.grants, gref);
		note_map(q, f, s, gref);
		if (!g)
			return;
	}
	g->holds++;
	slot->grant = (uint16_t)(g - q->tx.grants.node);
	if (XENNET_LIKELY(g->addr != NULL))
		XENNET_PREFETCH((unsigned char *)g->addr + slot->offset);
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
		 const struct xennet_chain *c, struct xennet_pkt *pkt)
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
	pkt->token = first;
	pkt->len = c->len;
	pkt->flags = c->flags;
	pkt->gso_type = c->gso_type;
	pkt->gso_size = c->gso_size;
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
	if (f->nmap) {
		q->stats.map_calls++;
		q->stats.map_ops += f->nmap;
		xennet_map_run(q->platform, q->map, f->nmap);
	}
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

static void add_frag(struct xennet_pkt *pkt, unsigned char *addr, uint32_t len)
{
	struct xennet_frag *f = pkt->frag + pkt->nfrags;

	if (pkt->nfrags && (unsigned char *)f[-1].addr + f[-1].len == addr) {
		f[-1].len += len;
		return;
	}
	f->addr = addr;
	f->len = len;
	pkt->nfrags++;
}

/* Moves the head of a packet out of the guest's reach. */
static void copy_head(struct xennet_back_queue *q, unsigned char *head,
		      uint32_t done, const unsigned char *data, uint32_t len)
{
	/* a whole line of the guest's page is as good, and quicker */
	if (done == 0 && len <= 64 && ((uintptr_t)data & 63) == 0)
		memcpy(head, data, 64);
	else
		memcpy(head + done, data, len);
	q->stats.copied += len;
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
		add_frag(pkt, head, want);
	for (;; s = tx->slot[s].next) {
		const struct xennet_back_slot *slot = &tx->slot[s];

		data = data_of(tx, s);
		if (slot->bad || (slot->grant && !data))
			return false;
		h = slot->size < want - done ? slot->size : want - done;
		if (h && tx->strategy == XENNET_PERSISTENT)
			copy_head(q, head, done, data, h);
		done += h;
		if (slot->size > h && tx->strategy == XENNET_COPY)
			add_frag(pkt, page_of(tx, s), slot->size - h);
		else if (slot->size > h)
			add_frag(pkt, data + h, slot->size - h);
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
				struct xennet_map_op *op = &q->map[nops++];

				op->addr = tx->slot[s].addr;
				op->handle = tx->slot[s].handle;
				op->domid = q->peer;
				tx->slot[s].addr = NULL;
				tx->mapped--;
			}
			if (nops == XENNET_BATCH) {
				unmap(q, q->map, nops);
				nops = 0;
			}
			if (LAST(q, s))
				break;
		}
	}
	if (nops)
		unmap(q, q->map, nops);
}

static void drop_hold(struct xennet_back_tx *tx, uint16_t grant)
{
	struct xennet_pgrant *g = &tx->grants.node[grant];

	g->holds--;
	if (!g->addr && !g->holds)
		xennet_pgrant_remove(&tx->grants, g);
}

/* Answers every slot of a packet. */
static void answer(struct xennet_back_queue *q, uint16_t s, int16_t status)
{
	struct xennet_back_tx *tx = &q->tx;

	for (;;) {
		struct xennet_back_slot *slot = &tx->slot[s];
		uint16_t next = slot->next;

		if (slot->grant)
			drop_hold(tx, slot->grant);
		put_rsp(q, slot->id, slot->extra ? XENNET_RSP_NULL : status);
		tx->spare[tx->nspare++] = s;
		if (next == s)
			break;
		s = next;
	}
}

/* Keeps the packets that are whole, and answers the others. */
static unsigned deliver(struct xennet_back_queue *q, struct xennet_burst *b,
			unsigned n)
{
	struct xennet_frag *frag = b->frag;
	unsigned i, kept = 0;

	for (i = 0; i < n; i++) {
		struct xennet_pkt *pkt = &b->pkt[i];
		int err = 0;

		pkt->frag = frag;
		if (!assemble(q, pkt))
			err = XENNET_EPKT_GREF;
		else if (pkt->gso_type)
			err = check_gso(pkt);
		if (err) {
			xennet_count(&q->stats, err);
			unmap_slots(q, pkt, 1);
			answer(q, pkt->token, XENNET_RSP_ERROR);
			continue;
		}
		frag += pkt->nfrags;
		q->stats.tx_packets++;
		q->stats.tx_bytes += pkt->len;
		if (kept != i)
			b->pkt[kept] = *pkt;
		kept++;
	}
	return kept;
}

/* Whether this packet fits the batches and the fragments of this poll. */
static bool fits(const struct xennet_chain *c, const struct fetch *f,
		 unsigned nfrags)
{
	return f->ncopy + 2 * c->ndata <= XENNET_BATCH &&
	       f->nmap + c->ndata <= XENNET_BATCH &&
	       nfrags + c->ndata + 1 <= XENNET_BURST_FRAGS;
}

int xennet_back_poll(struct xennet_back_queue *q, struct xennet_burst *b,
		     unsigned budget)
{
	struct xennet_back_tx *tx = &q->tx;
	struct xennet_chain_rules rules = { tx->slots_max, tx->gso_mask };
	struct xennet_chain c;
	struct fetch f;
	unsigned n = 0, nfrags = 0;

	if (q->broken)
		return q->broken;
	q->broken = xennet_ring_peek(&tx->ring);
	if (q->broken <= 0)
		return q->broken;
	q->broken = 0;
	q->progress = true;
	f.ncopy = f.nmap = 0;
	if (budget > XENNET_BURST)
		budget = XENNET_BURST;
	xennet_pgrant_tick(&tx->grants);
	while (n < budget && xennet_ring_known(&tx->ring)) {
		if (tx->skip_extra || tx->skip_data) {
			skip(q);
			continue;
		}
		tx->partial = !xennet_chain_tx(&tx->ring, &rules, &c);
		if (tx->partial)
			break;
		if (c.err) {
			refuse(q, &c);
			continue;
		}
		if (!fits(&c, &f, nfrags))
			break;
		take(q, &f, &c, &b->pkt[n++]);
		nfrags += c.ndata + 1;
	}
	fetch(q, &f);
	n = deliver(q, b, n);
	xennet_publish(q->platform, &tx->ring, tx->port, &q->stats);
	return (int)n;
}

void xennet_back_done(struct xennet_back_queue *q,
		      const struct xennet_pkt *pkt, unsigned n)
{
	unsigned i;

	unmap_slots(q, pkt, n);
	for (i = 0; i < n; i++)
		answer(q, pkt[i].token, XENNET_RSP_OKAY);
	xennet_publish(q->platform, &q->tx.ring, q->tx.port, &q->stats);
}
