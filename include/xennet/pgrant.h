/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * The pages of a peer that stay mapped (persistent grants), found by grant
 * reference: a red-black tree over the caller's nodes, and in front of it a
 * table that remembers, for the low bits of a reference, the node it led to
 * last. A frontend's references are consecutive, so the table nearly always
 * answers; a peer that picks references to defeat it still gets the tree.
 *
 * At most `cap` pages are kept; room is made by purging the least recently
 * used that is not in use: held, or found since the last tick. One tree belongs
 * to one ring of one queue: no locks.
 */
#ifndef XENNET_PGRANT_H
#define XENNET_PGRANT_H

#include <xennet/ops.h>

#define XENNET_PGRANTS_MAX 65534u

struct xennet_pgrant {
	void *addr; /* NULL: not mapped yet */
	uint64_t handle;
	uint32_t gref;
	uint32_t used;	/* the tree's clock when last found */
	uint16_t holds; /* packets that refer to the page now */
	uint16_t red;
	uint16_t left, right, parent;
	uint16_t readonly; /* of a static grant: as it was added */
};

/* Bytes that the caller provides for cap grants, nodes and table. */
#define XENNET_PGRANTS_SIZE(cap)                                               \
	(((size_t)(cap) + 1) * sizeof(struct xennet_pgrant) +                  \
	 2 * xennet_pgrants_hints(cap))

struct xennet_pgrants {
	struct xennet_pgrant *node; /* [0] is the leaf below every leaf */
	uint16_t *hint;
	uint32_t hint_mask;
	uint32_t clock;
	uint16_t root;
	uint16_t spare; /* first free node, linked by right */
	uint16_t count;
	uint16_t cap;
};

static inline size_t xennet_pgrants_hints(unsigned cap)
{
	size_t n = 1;

	while (n < cap)
		n *= 2;
	return n;
}

#ifdef __cplusplus
extern "C" {
#endif

/* memory: XENNET_PGRANTS_SIZE(cap) zeroed bytes, 1 <= cap <= PGRANTS_MAX. */
void xennet_pgrants_init(struct xennet_pgrants *t, void *memory, unsigned cap);

struct xennet_pgrant *xennet_pgrant_lookup(struct xennet_pgrants *t,
					   uint32_t gref);

/* A new node for gref, which is not in the tree; NULL: full, purge first. */
struct xennet_pgrant *xennet_pgrant_insert(struct xennet_pgrants *t,
					   uint32_t gref);

void xennet_pgrant_remove(struct xennet_pgrants *t, struct xennet_pgrant *g);

/*
 * Takes up to n of the least recently used grants that are not in use out of
 * the tree; op[] says what to unmap. Returns how many; 0: all are in use.
 */
unsigned xennet_pgrant_purge(struct xennet_pgrants *t, struct xennet_map_op *op,
			     unsigned n);

#ifdef __cplusplus
}
#endif

/* Once per batch: what earlier batches found may be purged from here on. */
static inline void xennet_pgrant_tick(struct xennet_pgrants *t)
{
	t->clock++;
}

/* The node of gref, or NULL. */
static inline struct xennet_pgrant *xennet_pgrant_find(struct xennet_pgrants *t,
						       uint32_t gref)
{
	struct xennet_pgrant *g = &t->node[t->hint[gref & t->hint_mask]];

	if (XENNET_UNLIKELY(g->gref != gref || g == t->node)) {
		g = xennet_pgrant_lookup(t, gref);
		if (!g)
			return NULL;
	}
	g->used = t->clock;
	return g;
}

#endif
