/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#include "back_static.h"

#include <xennet/batch.h>

#include "back_grant.h"
#include "back_queue.h"
#include "internal.h"

/* In one page. */
#define LIST_MAX (XENNET_PAGE / sizeof(struct xennet_ctrl_gref))

/* What a request names: a queue, and a list, of which we have a copy. */
struct listed {
	struct xennet_back_queue *q;
	struct xennet_ctrl_gref *list;
	uint32_t gref, n;
};

static uint32_t quota(const struct xennet_back *b,
		      const struct xennet_back_queue *q)
{
	uint32_t left =
		xennet_back_share(b) - q->tx.grants.cap - q->rx.grants.cap;
	uint32_t n = b->config.statics ? b->config.statics
				       : q->tx.ring.size + q->rx.ring.size;

	if (b->config.statics == XENNET_NO_STATICS)
		return 0;
	return n < left ? n : left;
}

static struct xennet_back_queue *queue_of(struct xennet_back *b, uint32_t index)
{
	return index < b->nqueues ? &b->queue[index] : NULL;
}

XENNET_COLD uint32_t xennet_back_static_size(struct xennet_back *b,
					     const uint32_t data[3],
					     uint32_t *answer)
{
	struct xennet_back_queue *q = queue_of(b, data[0]);

	if (!q)
		return XENNET_CTRL_INVALID_PARAMETER;
	*answer = quota(b, q);
	return XENNET_CTRL_SUCCESS;
}

/* Copies the list, once, from the frontend's page or back to it. */
static bool copy_list(const struct listed *l, bool back)
{
	struct xennet_copy_op op = { 0 };
	struct xennet_copy_end *grant = back ? &op.dst : &op.src;
	struct xennet_copy_end *ours = back ? &op.src : &op.dst;
	struct xennet_back_queue *q = l->q;

	ours->addr = l->list;
	grant->gref = l->gref;
	grant->domid = q->peer;
	op.len = (uint16_t)(l->n * sizeof(*l->list));
	op.status = XENNET_GNTST_GENERAL;
	q->stats.copy_calls++;
	q->stats.copy_ops++;
	return xennet_copy_run(q->platform, &op, 1) == 0;
}

/* Both rings look into the table as long as it holds anything. */
static void set_keeps(struct xennet_back_queue *q)
{
	unsigned keeps = q->statics.count ? XENNET_KEEPS_STATIC : 0;

	q->tx.keeps = (q->tx.keeps & XENNET_KEEPS_PERSISTENT) | keeps;
	q->rx.keeps = (q->rx.keeps & XENNET_KEEPS_PERSISTENT) | keeps;
}

static void close_list(const struct listed *l)
{
	const struct xennet_platform *p = l->q->platform;

	set_keeps(l->q);
	p->ops->free(p->ctx, l->list, XENNET_PAGE);
}

static uint32_t open_list(struct xennet_back *b, const uint32_t data[3],
			  struct listed *l)
{
	const struct xennet_platform *p = &b->config.platform;

	if (b->config.statics == XENNET_NO_STATICS)
		return XENNET_CTRL_NOT_SUPPORTED;
	l->q = queue_of(b, data[0]);
	l->gref = data[1];
	l->n = data[2];
	if (!l->q || l->gref < XENNET_GREF_FIRST || !l->n || l->n > LIST_MAX)
		return XENNET_CTRL_INVALID_PARAMETER;
	b->ctrl.pages += l->n;
	l->list = (struct xennet_ctrl_gref *)p->ops->alloc(p->ctx, XENNET_PAGE);
	if (!l->list)
		return XENNET_CTRL_INVALID_PARAMETER;
	if (copy_list(l, false))
		return XENNET_CTRL_SUCCESS;
	close_list(l);
	return XENNET_CTRL_INVALID_PARAMETER;
}

/* The table is made for the first list. */
static bool make_table(struct xennet_back_queue *q, uint32_t cap)
{
	const struct xennet_platform *p = q->platform;
	void *memory;

	if (q->statics.cap)
		return true;
	if (!cap)
		return false;
	memory = p->ops->alloc(p->ctx, XENNET_PGRANTS_SIZE(cap));
	if (memory)
		xennet_pgrants_init(&q->statics, memory, cap);
	return memory != NULL;
}

XENNET_COLD void xennet_back_static_free(struct xennet_back_queue *q)
{
	const struct xennet_platform *p = q->platform;
	struct xennet_pgrants *t = &q->statics;

	if (t->cap)
		p->ops->free(p->ctx, t->node, XENNET_PGRANTS_SIZE(t->cap));
	t->cap = 0;
}

/* A node for each entry, up to the first that is refused; how many. */
static uint32_t insert_all(const struct listed *l)
{
	struct xennet_pgrants *t = &l->q->statics;
	uint32_t i;

	for (i = 0; i < l->n; i++) {
		const struct xennet_ctrl_gref *e = &l->list[i];
		struct xennet_pgrant *g;

		if (e->gref < XENNET_GREF_FIRST ||
		    e->flags & ~XENNET_CTRL_GREFF_READONLY ||
		    xennet_pgrant_lookup(t, e->gref))
			break;
		g = xennet_pgrant_insert(t, e->gref);
		if (!g)
			break;
		g->readonly = e->flags & XENNET_CTRL_GREFF_READONLY;
	}
	return i;
}

/* Maps the pages of n entries that have their nodes; false: one could not. */
static bool map_some(struct xennet_back_queue *q,
		     const struct xennet_ctrl_gref *e, unsigned n)
{
	bool all = true;
	unsigned i;

	for (i = 0; i < n; i++)
		xennet_back_map_op(q, &q->map[i], e[i].gref,
				   e[i].flags & XENNET_CTRL_GREFF_READONLY);
	xennet_back_map(q, q->map, n);
	for (i = 0; i < n; i++) {
		struct xennet_pgrant *g =
			xennet_pgrant_lookup(&q->statics, e[i].gref);

		g->addr = q->map[i].addr;
		g->handle = q->map[i].handle;
		all &= g->addr != NULL;
	}
	return all;
}

/*
 * Unmaps the pages of n entries, and takes those that were off the list; how
 * many. Entries say what became of them. A page in the hands of a packet stays,
 * and so does one that cannot be unmapped.
 */
static unsigned unmap_some(struct xennet_back_queue *q,
			   struct xennet_ctrl_gref *e, unsigned n)
{
	struct xennet_pgrants *t = &q->statics;
	uint8_t entry[XENNET_BATCH];
	unsigned i, nops = 0, gone = 0;

	for (i = 0; i < n; i++) {
		struct xennet_pgrant *g = xennet_pgrant_lookup(t, e[i].gref);

		e[i].status = g && g->holds ? XENNET_CTRL_NOT_SUPPORTED
					    : XENNET_CTRL_INVALID_PARAMETER;
		/* without an address: it was named before, in this list */
		if (!g || g->holds || !g->addr)
			continue;
		xennet_back_unmap_op(q, &q->map[nops], g->addr, g->handle);
		g->addr = NULL;
		entry[nops++] = (uint8_t)i;
	}
	xennet_back_unmap(q, q->map, nops);
	for (i = 0; i < nops; i++) {
		struct xennet_ctrl_gref *done = &e[entry[i]];
		struct xennet_pgrant *g = xennet_pgrant_lookup(t, done->gref);

		if (q->map[i].status == XENNET_GNTST_OKAY) {
			xennet_pgrant_remove(t, g);
			done->status = XENNET_CTRL_SUCCESS;
			gone++;
		} else {
			g->addr = q->map[i].addr;
			done->status = XENNET_CTRL_NOT_SUPPORTED;
		}
	}
	return gone;
}

static uint32_t unmap_all(const struct listed *l)
{
	uint32_t at, n, gone = 0;

	for (at = 0; at < l->n; at += n) {
		n = l->n - at < XENNET_BATCH ? l->n - at : XENNET_BATCH;
		gone += unmap_some(l->q, &l->list[at], n);
	}
	return gone;
}

/* Undoes what was done for the first n entries: what cannot be unmapped stays
 * listed, until the end. */
static void undo(struct listed *l, uint32_t n)
{
	struct xennet_pgrants *t = &l->q->statics;
	uint32_t i;

	l->n = n;
	unmap_all(l);
	for (i = 0; i < n; i++) {
		struct xennet_pgrant *g =
			xennet_pgrant_lookup(t, l->list[i].gref);

		if (g && !g->addr)
			xennet_pgrant_remove(t, g);
	}
}

/* All of the list, or none (C13). */
static bool add_all(struct listed *l)
{
	uint32_t inserted = insert_all(l), at, n;
	bool all = inserted == l->n;

	for (at = 0; at < l->n && all; at += n) {
		n = l->n - at < XENNET_BATCH ? l->n - at : XENNET_BATCH;
		all = map_some(l->q, &l->list[at], n);
	}
	if (!all)
		undo(l, inserted);
	return all;
}

XENNET_COLD uint32_t xennet_back_static_add(struct xennet_back *b,
					    const uint32_t data[3],
					    uint32_t *answer)
{
	struct listed l;
	uint32_t status = open_list(b, data, &l);

	(void)answer;
	if (status)
		return status;
	if (!make_table(l.q, quota(b, l.q)) || !add_all(&l))
		status = XENNET_CTRL_INVALID_PARAMETER;
	close_list(&l);
	return status;
}

XENNET_COLD uint32_t xennet_back_static_del(struct xennet_back *b,
					    const uint32_t data[3],
					    uint32_t *answer)
{
	struct listed l;
	uint32_t status = open_list(b, data, &l);

	if (status)
		return status;
	*answer = unmap_all(&l);
	if (!copy_list(&l, true))
		status = XENNET_CTRL_INVALID_PARAMETER;
	close_list(&l);
	return status;
}
