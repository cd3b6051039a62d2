/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#include "back_grant.h"

#include "internal.h"

/* Purged at once, when the tree is full. */
#define PURGE 16

void xennet_back_map_op(const struct xennet_back_queue *q,
			struct xennet_map_op *op, uint32_t gref, bool readonly)
{
	memset(op, 0, sizeof(*op));
	op->gref = gref;
	op->domid = q->peer;
	op->readonly = readonly;
	op->status = XENNET_GNTST_GENERAL;
}

void xennet_back_unmap_op(const struct xennet_back_queue *q,
			  struct xennet_map_op *op, void *addr, uint64_t handle)
{
	memset(op, 0, sizeof(*op));
	op->addr = addr;
	op->handle = handle;
	op->domid = q->peer;
	op->status = XENNET_GNTST_GENERAL;
}

void xennet_back_map(struct xennet_back_queue *q, struct xennet_map_op *op,
		     unsigned n)
{
	if (!n)
		return;
	q->stats.map_calls++;
	q->stats.map_ops += n;
	xennet_map_run(q->platform, op, n);
}

void xennet_back_unmap(struct xennet_back_queue *q, struct xennet_map_op *op,
		       unsigned n)
{
	if (!n)
		return;
	q->stats.unmap_calls++;
	q->stats.unmap_ops += n;
	if (xennet_unmap_run(q->platform, op, n))
		xennet_count(&q->stats, XENNET_EIO);
}

XENNET_COLD static void purge(struct xennet_back_queue *q,
			      struct xennet_pgrants *t)
{
	struct xennet_map_op op[PURGE];
	unsigned n = xennet_pgrant_purge(t, op, PURGE), i;

	for (i = 0; i < n; i++)
		xennet_back_unmap_op(q, &op[i], op[i].addr, op[i].handle);
	xennet_back_unmap(q, op, n);
}

struct xennet_pgrant *xennet_back_insert(struct xennet_back_queue *q,
					 struct xennet_pgrants *t,
					 uint32_t gref)
{
	if (t->count == t->cap)
		purge(q, t);
	return xennet_pgrant_insert(t, gref);
}
