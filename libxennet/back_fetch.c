/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#include "back_fetch.h"

#include "back_grant.h"
#include "internal.h"

static unsigned char *page_of(const struct xennet_back_tx *tx, uint16_t s)
{
	return tx->page[s];
}

uint32_t xennet_fetch_head(const struct xennet_back_tx *tx, uint32_t len,
			   uint32_t first_size)
{
	uint32_t head = len < XENNET_HEAD ? len : XENNET_HEAD;

	if (len > XENNET_HEAD && first_size >= head &&
	    first_size < tx->map_from)
		return 0;
	return head;
}

static void note_copy(struct xennet_back_queue *q, struct xennet_fetch *f,
		      uint16_t s, uint32_t gref, uint32_t offset, void *to,
		      uint32_t len)
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

static void note_map(struct xennet_back_queue *q, struct xennet_fetch *f,
		     uint16_t s, uint32_t gref)
{
	xennet_back_map_op(q, &q->map[f->nmap], gref, true);
	f->map_slot[f->nmap++] = s;
}

static void hold(struct xennet_back_slot *slot, struct xennet_pgrant *g)
{
	g->holds++;
	slot->page = g;
	slot->kept = 1;
	if (XENNET_LIKELY(g->addr != NULL))
		xennet_prefetch((unsigned char *)g->addr + slot->offset);
}

/*
 * Finds the page among the persistent ones, or notes that it has to be mapped:
 * to stay, or, when all are in use, for this packet only.
 */
static void want_persistent(struct xennet_back_queue *q, struct xennet_fetch *f,
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
	hold(slot, g);
}

/* Finds the page among the static ones. */
XENNET_NOINLINE static bool want_static(struct xennet_back_queue *q,
					struct xennet_back_slot *slot,
					uint32_t gref)
{
	struct xennet_pgrant *g = xennet_pgrant_find(&q->statics, gref);

	if (g)
		hold(slot, g);
	return g != NULL;
}

void xennet_fetch_note(struct xennet_back_queue *q, struct xennet_fetch *f,
		       uint16_t s, uint32_t gref, unsigned char *head,
		       uint32_t h)
{
	struct xennet_back_slot *slot = &q->tx.slot[s];
	unsigned keeps = q->tx.keeps;

	if (keeps & XENNET_KEEPS_STATIC && slot->size &&
	    want_static(q, slot, gref))
		return;
	if (keeps & XENNET_KEEPS_PERSISTENT) {
		if (slot->size)
			want_persistent(q, f, s, gref);
		return;
	}
	if (h)
		note_copy(q, f, s, gref, slot->offset, head, h);
	if (slot->size == h)
		return;
	if (slot->size - h < q->tx.map_from)
		note_copy(q, f, s, gref, slot->offset + h, page_of(&q->tx, s),
			  slot->size - h);
	else
		note_map(q, f, s, gref);
}

void xennet_fetch_run(struct xennet_back_queue *q, struct xennet_fetch *f)
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

		if (slot->kept) {
			slot->page->addr = q->map[i].addr;
			slot->page->handle = q->map[i].handle;
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
	void *page = slot->kept ? slot->page->addr : slot->addr;

	return page ? (unsigned char *)page + slot->offset : NULL;
}

bool xennet_fetch_assemble(struct xennet_back_queue *q, struct xennet_pkt *pkt)
{
	struct xennet_back_tx *tx = &q->tx;
	uint16_t s = pkt->token;
	unsigned char *head = xennet_back_head(tx, s), *data;
	uint32_t own = tx->slot[s].kept ? 0 : tx->slot[s].size;
	uint32_t want = xennet_fetch_head(tx, pkt->len, own);
	uint32_t done = 0, h;

	pkt->nfrags = 0;
	if (want)
		xennet_add_frag(pkt, head, want);
	for (;; s = tx->slot[s].next) {
		const struct xennet_back_slot *slot = &tx->slot[s];

		data = data_of(tx, s);
		if (slot->bad || (slot->kept && !data))
			return false;
		h = slot->size < want - done ? slot->size : want - done;
		if (h && (slot->kept || tx->strategy == XENNET_PERSISTENT)) {
			memcpy(head + done, data, h);
			q->stats.copied += h;
		}
		done += h;
		if (!slot->kept && slot->size > h &&
		    slot->size - h < tx->map_from) {
			xennet_add_frag(pkt, page_of(tx, s), slot->size - h);
		} else if (slot->size > h) {
			xennet_add_frag(pkt, data + h, slot->size - h);
			pkt->flags |= XENNET_PKT_SHARED;
		}
		if (XENNET_LAST(tx, s))
			break;
	}
	return true;
}

bool xennet_back_swap(struct xennet_back_queue *q, const struct xennet_pkt *pkt,
		      const void *addr, void *page)
{
	struct xennet_back_tx *tx = &q->tx;
	uint16_t s = pkt->token;

	if (!tx->page_near || s & XENNET_ANSWERED)
		return false;
	while ((uintptr_t)addr - (uintptr_t)tx->page[s] >= XENNET_PAGE) {
		if (XENNET_LAST(tx, s))
			return false;
		s = tx->slot[s].next;
	}
	tx->page[s] = (unsigned char *)page;
	tx->swapped = true;
	return true;
}
