/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* How a backend's queue maps its frontend's pages, and counts it. */
#ifndef XENNET_BACK_GRANT_H
#define XENNET_BACK_GRANT_H

#include <xennet/back.h>

/* One operation, to be run with others. */
void xennet_back_map_op(const struct xennet_back_queue *q,
			struct xennet_map_op *op, uint32_t gref, bool readonly);
void xennet_back_unmap_op(const struct xennet_back_queue *q,
			  struct xennet_map_op *op, void *addr,
			  uint64_t handle);

/* Run n of them; n may be 0. */
void xennet_back_map(struct xennet_back_queue *q, struct xennet_map_op *op,
		     unsigned n);
void xennet_back_unmap(struct xennet_back_queue *q, struct xennet_map_op *op,
		       unsigned n);

/* A node for a page to keep, others purged if need be. NULL: all in use. */
struct xennet_pgrant *xennet_back_insert(struct xennet_back_queue *q,
					 struct xennet_pgrants *t,
					 uint32_t gref);

#endif
