/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* The same store of grants on libbsd's sys/tree.h, and as a linear list. */
#ifndef TREE_RB_H
#define TREE_RB_H

#include <bsd/sys/tree.h>

#include <stdint.h>

struct rb_grant {
	RB_ENTRY(rb_grant) entry;
	void *addr;
	uint64_t handle;
	uint32_t gref;
	uint32_t used;
	uint16_t holds;
};

static inline int rb_order(const struct rb_grant *a, const struct rb_grant *b)
{
	return a->gref < b->gref ? -1 : a->gref > b->gref;
}

RB_HEAD(rb_grants, rb_grant);
RB_PROTOTYPE_INTERNAL(rb_grants, rb_grant, entry, rb_order, static inline)
RB_GENERATE_INTERNAL(rb_grants, rb_grant, entry, rb_order, static inline)

#endif
