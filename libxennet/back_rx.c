/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * To the guest: packets into the buffers that it posted on the RX ring.
 *
 * The response to a request lies in the request's own place (X2), so a send is
 * whole or not at all per packet: its slots are counted first (X4). Then, for
 * as many packets as fit: plan takes a buffer per slot, reach makes it
 * writable by the queue's strategy, fill moves the bytes, answer responds.
 */
#include <xennet/back.h>

#include "back_grant.h"
#include "internal.h"
#include "mcast.h"

#define FILLS (XENNET_BATCH / 2)

/* Whether its hash goes along: of no type that the guest did not ask for. */
static bool hashed(const struct xennet_back_rx *rx,
		   const struct xennet_pkt *pkt)
{
	return pkt->flags & XENNET_PKT_HASH &&
	       rx->hash_types & 1u << xennet_pkt_hash_type(pkt);
}

/* What a send goes by from its beginning to its end. */
struct terms {
	uint32_t room; /* for data, in a page */
	const struct xennet_mcast *filter;
	bool plain; /* whole pages, and no filter */
};

static struct terms terms_of(const struct xennet_back_queue *q)
{
	struct terms t;

	t.room = XENNET_PAGE - xennet_load(&q->rx.headroom);
	t.filter = xennet_mcast_filter(q->mcast);
	t.plain = t.room == XENNET_PAGE && !t.filter;
	return t;
}

/* With headroom, whose extra goes along, a slot holds less. */
static unsigned slots_of(const struct xennet_back_rx *rx, const struct terms *t,
			 const struct xennet_pkt *pkt)
{
	unsigned extras = pkt->gso_type != XENNET_GSO_NONE;

	if (XENNET_UNLIKELY(pkt->flags & XENNET_PKT_HASH))
		extras += hashed(rx, pkt);
	if (XENNET_LIKELY(t->room == XENNET_PAGE))
		return (pkt->len + XENNET_PAGE - 1) / XENNET_PAGE + extras;
	return (pkt->len + t->room - 1) / t->room + extras + 1;
}

static int unfit(const struct xennet_back_rx *rx, const struct terms *t,
		 const struct xennet_pkt *pkt, unsigned slots)
{
	int err = xennet_unfit(rx->flags, pkt);

	if (err)
		return err;
	if (pkt->len > t->room * rx->slots_max || slots > FILLS)
		return XENNET_EPKT_LONG;
	if (XENNET_LIKELY(t->plain))
		return 0;
	if (pkt->len > t->room && !(rx->flags & XENNET_F_SG))
		return XENNET_EPKT_NO_SG;
	if (t->filter && !xennet_mcast_passes(t->filter, pkt))
		return XENNET_EPKT_MCAST;
	return 0;
}

static uint16_t rx_flags(const struct xennet_pkt *pkt)
{
	uint16_t flags = 0;

	if (pkt->flags & XENNET_PKT_CSUM_BLANK)
		flags = XENNET_RXF_CSUM_BLANK | XENNET_RXF_DATA_VALIDATED;
	else if (pkt->flags & XENNET_PKT_DATA_VALIDATED)
		flags = XENNET_RXF_DATA_VALIDATED;
	return flags;
}

/* Takes the next buffer of the guest's. */
static inline struct xennet_back_fill *take(struct xennet_back_queue *q,
					    unsigned n)
{
	struct xennet_back_fill *f = &q->fill[n];
	struct xennet_rx_req req;

	xennet_rx_get_req(&q->rx.ring, &req);
	f->addr = NULL;
	f->gref = req.gref;
	f->rsp.id = req.id;
	f->rsp.offset = 0;
	f->rsp.flags = 0;
	f->rsp.status = 0;
	f->first = f->extra = 0;
	return f;
}

/*
 * A packet of one slot may lie anywhere in its page: at another cache set in
 * each, or the first lines of all pages push each other out of the cache.
 */
static uint16_t place(const struct xennet_back_queue *q, uint32_t len)
{
	uint32_t line = (q->rx.ring.cons & 15) * 128;

	if (q->rx.strategy != XENNET_PERSISTENT || len > XENNET_PAGE / 2)
		return 0;
	return (uint16_t)line;
}

/* Of old frontends: NETRXF_gso_prefix, as Linux 3's netback has it. */
static bool wants_prefix(const struct xennet_back_queue *q,
			 const struct xennet_pkt *pkt)
{
	return q->rx.flags &
	       (pkt->gso_type == XENNET_GSO_TCPV4 ? XENNET_F_GSO_TCPV4_PREFIX
						  : XENNET_F_GSO_TCPV6_PREFIX);
}

XENNET_COLD static void plan_prefix(struct xennet_back_queue *q,
				    const struct xennet_pkt *pkt, unsigned need,
				    unsigned n)
{
	struct xennet_back_fill *f = take(q, n);

	f->first = 1;
	f->extra = XENNET_FILL_PREFIX;
	f->rsp.flags = XENNET_RXF_GSO_PREFIX | XENNET_RXF_MORE_DATA;
	f->rsp.offset = pkt->gso_size;
	f->rsp.status = (int16_t)need;
}

/* Whatever extra info a packet has, after its first slot. */
XENNET_NOINLINE static unsigned plan_extras(struct xennet_back_queue *q,
					    const struct xennet_pkt *pkt,
					    uint16_t headroom, bool prefix,
					    unsigned n)
{
	struct xennet_back_fill *first = &q->fill[n - 1];

	if (pkt->gso_type && !prefix)
		take(q, n++)->extra = XENNET_EXTRA_GSO;
	if (hashed(&q->rx, pkt))
		take(q, n++)->extra = XENNET_EXTRA_HASH;
	if (headroom) {
		take(q, n)->extra = XENNET_EXTRA_XDP;
		q->fill[n++].rsp.offset = headroom;
	}
	if (&q->fill[n - 1] != first)
		first->rsp.flags |= XENNET_RXF_EXTRA_INFO;
	return n;
}

/* Takes the `need` slots of a packet, from the n-th fill on. */
static unsigned plan(struct xennet_back_queue *q, const struct terms *t,
		     const struct xennet_pkt *pkt, unsigned need, unsigned n)
{
	uint16_t headroom = (uint16_t)(XENNET_PAGE - t->room), offset;
	bool prefix = pkt->gso_type && wants_prefix(q, pkt);
	uint32_t left = pkt->len;
	struct xennet_back_fill *f;

	if (prefix)
		plan_prefix(q, pkt, need, n++);
	offset = headroom ? headroom : place(q, left);
	f = take(q, n++);
	f->first = !prefix;
	f->rsp.flags = rx_flags(pkt);
	f->rsp.offset = offset;
	if (XENNET_UNLIKELY(pkt->gso_type || pkt->flags & XENNET_PKT_HASH ||
			    headroom))
		n = plan_extras(q, pkt, headroom, prefix, n);
	for (;;) {
		uint32_t part = left < t->room ? left : t->room;

		f->rsp.status = (int16_t)part;
		left -= part;
		if (!left)
			return n;
		f->rsp.flags |= XENNET_RXF_MORE_DATA;
		f = take(q, n++);
		f->rsp.offset = headroom;
	}
}

/* Reserved references are granted to others than a backend (G8). */
static bool reachable(const struct xennet_back_fill *f)
{
	return !f->extra && f->gref >= XENNET_GREF_FIRST;
}

/* The whole of a short packet: the first slot of a longer one is full. */
static bool is_short(const struct xennet_back_fill *f)
{
	return f->first && f->rsp.status <= (int)XENNET_PAGE / 2;
}

/*
 * Finds the slots that lie in static pages. They have no use for their
 * references any more; nor do those whose page is not to be written (C15).
 * Returns how many lie elsewhere.
 */
static unsigned reach_static(struct xennet_back_queue *q, unsigned n)
{
	unsigned i, left = 0;

	for (i = 0; i < n; i++) {
		struct xennet_back_fill *f = &q->fill[i];
		struct xennet_pgrant *g;

		if (!reachable(f))
			continue;
		g = xennet_pgrant_find(&q->statics, f->gref);
		if (!g) {
			left++;
			continue;
		}
		f->addr = g->readonly ? NULL : g->addr;
		if (is_short(f) && !f->rsp.offset) /* see place */
			f->rsp.offset = (uint16_t)((f->gref & 15) * 128);
		f->gref = XENNET_GREF_INVALID;
	}
	return left;
}

/* Maps the nops pages that have nodes now, and finds everything again. */
XENNET_COLD static void map_persistent(struct xennet_back_queue *q,
				       unsigned nops, unsigned n)
{
	struct xennet_pgrants *t = &q->rx.grants;
	struct xennet_pgrant *g;
	unsigned i;

	xennet_back_map(q, q->map, nops);
	for (i = 0; i < nops; i++) {
		g = xennet_pgrant_find(t, q->map[i].gref);
		g->addr = q->map[i].addr;
		g->handle = q->map[i].handle;
		if (!g->addr)
			xennet_pgrant_remove(t, g);
	}
	for (i = 0; i < n; i++) {
		if (!reachable(&q->fill[i]))
			continue;
		g = xennet_pgrant_find(t, q->fill[i].gref);
		q->fill[i].addr = g ? g->addr : NULL;
	}
}

/* There are nodes for all: fewer pages than the tree holds are in use at once. */
static void reach_persistent(struct xennet_back_queue *q, unsigned n)
{
	unsigned i, nops = 0;

	xennet_pgrant_tick(&q->rx.grants);
	for (i = 0; i < n; i++) {
		struct xennet_back_fill *f = &q->fill[i];
		struct xennet_pgrant *g;

		if (!reachable(f))
			continue;
		g = xennet_pgrant_find(&q->rx.grants, f->gref);
		if (!g) {
			g = xennet_back_insert(q, &q->rx.grants, f->gref);
			xennet_back_map_op(q, &q->map[nops++], f->gref, false);
		}
		f->addr = g->addr;
	}
	if (XENNET_UNLIKELY(nops))
		map_persistent(q, nops, n);
}

/* Whether a slot is worth a map of its page. */
static bool is_mapped(const struct xennet_back_rx *rx,
		      const struct xennet_back_fill *f)
{
	return reachable(f) && (uint32_t)f->rsp.status >= rx->map_from;
}

static void reach_map(struct xennet_back_queue *q, unsigned n)
{
	unsigned i, nops = 0;

	for (i = 0; i < n; i++)
		if (is_mapped(&q->rx, &q->fill[i]))
			xennet_back_map_op(q, &q->map[nops++], q->fill[i].gref,
					   false);
	xennet_back_map(q, q->map, nops);
	for (i = nops = 0; i < n; i++) {
		if (!is_mapped(&q->rx, &q->fill[i]))
			continue;
		q->fill[i].addr = q->map[nops].addr;
		q->fill[i].handle = q->map[nops++].handle;
	}
}

static void leave_map(struct xennet_back_queue *q, unsigned n)
{
	unsigned i, nops = 0;

	for (i = 0; i < n; i++) {
		if (!q->fill[i].addr || !reachable(&q->fill[i]))
			continue;
		xennet_back_unmap_op(q, &q->map[nops++], q->fill[i].addr,
				     q->fill[i].handle);
	}
	xennet_back_unmap(q, q->map, nops);
}

/* Copies that have been noted, and the slot that each belongs to. */
struct copies {
	unsigned n;
	uint8_t slot[XENNET_BATCH];
};

static void flush(struct xennet_back_queue *q, struct copies *c)
{
	unsigned i;

	if (!c->n)
		return;
	q->stats.copy_calls++;
	q->stats.copy_ops += c->n;
	xennet_copy_run(q->platform, q->copy, c->n);
	for (i = 0; i < c->n; i++) {
		q->stats.copied += q->copy[i].len;
		if (q->copy[i].status != XENNET_GNTST_OKAY)
			q->fill[c->slot[i]].rsp.status = XENNET_RSP_ERROR;
	}
	c->n = 0;
}

static void note(struct xennet_back_queue *q, struct copies *c, unsigned slot,
		 void *from, uint32_t offset, uint32_t len)
{
	struct xennet_copy_end src = { 0 }, dst = { 0 };
	unsigned n;

	src.addr = from;
	dst.gref = q->fill[slot].gref;
	dst.domid = q->peer;
	dst.offset = (uint16_t)(q->fill[slot].rsp.offset + offset);
	/* at most 4096 bytes: two pages of ours */
	if (c->n + 2 > XENNET_BATCH)
		flush(q, c);
	n = xennet_copy_split(&q->copy[c->n], 2, &src, &dst, len);
	while (n--)
		c->slot[c->n++] = (uint8_t)slot;
}

/* Notes a slot's copies: its next `size` bytes. */
static void note_slot(struct xennet_back_queue *q, struct copies *c,
		      unsigned slot, struct xennet_cursor *at, uint32_t size)
{
	uint32_t done, part;
	void *from;

	for (done = 0; done < size; done += part) {
		part = xennet_cursor_take(at, size - done, &from);
		note(q, c, slot, from, done, part);
	}
}

/* Moves the bytes of n slots, those that are not copied by memcpy. */
static void fill(struct xennet_back_queue *q, unsigned n,
		 const struct xennet_pkt *pkt)
{
	struct xennet_cursor at = { 0 };
	struct copies c;
	unsigned i;

	c.n = 0;
	for (i = 0; i < n; i++) {
		struct xennet_back_fill *f = &q->fill[i];
		uint32_t size = (uint32_t)f->rsp.status;

		if (f->first) {
			at.frag = pkt++->frag;
			at.done = 0;
		}
		if (f->extra)
			continue;
		if (f->addr) {
			xennet_cursor_copy(
				&at, (unsigned char *)f->addr + f->rsp.offset,
				size);
			q->stats.copied += size;
		} else if (reachable(f) && size < q->rx.map_from) {
			note_slot(q, &c, i, &at, size);
		} else {
			xennet_cursor_skip(&at, size);
			f->rsp.status = XENNET_RSP_ERROR; /* X6 */
		}
	}
	flush(q, &c);
}

/* more: another one follows. */
static void put_extra(struct xennet_back_queue *q, const struct xennet_pkt *pkt,
		      const struct xennet_back_fill *f, bool more)
{
	struct xennet_extra e;

	if (f->extra == XENNET_EXTRA_GSO)
		xennet_extra_gso(&e, pkt, more);
	else if (f->extra == XENNET_EXTRA_HASH)
		xennet_extra_hash(&e, pkt, more);
	else
		xennet_extra_xdp(&e, f->rsp.offset);
	xennet_rx_put_extra(&q->rx.ring, &e);
}

/* Responds to one packet's slots and returns how many they are. */
static unsigned answer(struct xennet_back_queue *q, unsigned at, unsigned n,
		       const struct xennet_pkt *pkt)
{
	bool whole = true;
	unsigned i = at;

	do {
		const struct xennet_back_fill *f = &q->fill[i];

		if (f->extra && f->extra != XENNET_FILL_PREFIX)
			put_extra(q, pkt, f,
				  i + 1 < n && f[1].extra && !f[1].first);
		else
			xennet_rx_put_rsp(&q->rx.ring, &f->rsp);
		whole &= f->rsp.status >= 0;
	} while (++i < n && !q->fill[i].first);
	if (!whole) {
		xennet_count(&q->stats, XENNET_EPKT_GREF);
		return i - at;
	}
	q->stats.rx_packets++;
	q->stats.rx_bytes += pkt->len;
	return i - at;
}

/* Moves the n planned slots, which hold the packets from pkt on. */
static void move(struct xennet_back_queue *q, unsigned n,
		 const struct xennet_pkt *pkt)
{
	unsigned keeps = q->rx.keeps, left = n, i;

	if (keeps & XENNET_KEEPS_STATIC)
		left = reach_static(q, n);
	if (!left) {
		fill(q, n, pkt);
	} else if (keeps & XENNET_KEEPS_PERSISTENT) {
		reach_persistent(q, n);
		fill(q, n, pkt);
	} else {
		reach_map(q, n);
		fill(q, n, pkt);
		leave_map(q, n);
	}
	for (i = 0; i < n; pkt++)
		i += answer(q, i, n, pkt);
	xennet_publish_early(q->platform, &q->rx.ring, q->rx.port, &q->stats,
			     xennet_polls(&q->notify));
}

int xennet_back_send(struct xennet_back_queue *q, const struct xennet_pkt *pkt,
		     unsigned n)
{
	struct xennet_back_rx *rx = &q->rx;
	const struct terms t = terms_of(q);
	unsigned taken, planned = 0, moved = 0;
	int err;

	if (q->broken)
		return q->broken;
	rx->wanting = false;
	for (taken = 0; taken < n; taken++) {
		unsigned need = slots_of(rx, &t, &pkt[taken]);

		err = unfit(rx, &t, &pkt[taken], need);
		if (planned && (err || planned + need > FILLS)) {
			move(q, planned, &pkt[moved]);
			planned = 0;
		}
		if (!planned)
			moved = err ? taken + 1 : taken;
		if (err) {
			xennet_count(&q->stats, err);
			continue;
		}
		if (need > xennet_ring_known(&rx->ring)) {
			err = xennet_ring_peek(&rx->ring);
			if (err < 0) {
				xennet_break(&q->broken, err);
				break;
			}
			rx->wanting = need > (unsigned)err;
			if (rx->wanting)
				break;
		}
		planned = plan(q, &t, &pkt[taken], need, planned);
	}
	if (planned)
		move(q, planned, &pkt[moved]);
	xennet_publish(q->platform, &rx->ring, rx->port, &q->stats,
		       xennet_polls(&q->notify));
	q->progress |= taken > 0;
	return q->broken ? q->broken : (int)taken;
}
