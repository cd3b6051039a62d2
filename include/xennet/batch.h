/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Grant operations in batches, with every operation's own status looked at
 * (G2) and GNTST_eagain tried again a bounded number of times (G3).
 *
 * Afterwards only status 0 is success; of a failed map addr is NULL.
 */
#ifndef XENNET_BATCH_H
#define XENNET_BATCH_H

#include <xennet/ops.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Writes the operations that copy len bytes from src to dst, none of them
 * crossing a page on either side (G1), and returns how many. 0: more than cap
 * are needed, and what op[] holds is of no use. An end that is a grant must hold len bytes
 * within its page.
 */
unsigned xennet_copy_split(struct xennet_copy_op *op, unsigned cap,
			   const struct xennet_copy_end *src,
			   const struct xennet_copy_end *dst, uint32_t len);

/* Each returns the number of operations that failed. None sleeps, but for the
 * platform's delay() when the hypervisor says eagain. */
unsigned xennet_copy_run(const struct xennet_platform *p,
			 struct xennet_copy_op *op, unsigned n);
unsigned xennet_map_run(const struct xennet_platform *p,
			struct xennet_map_op *op, unsigned n);
unsigned xennet_unmap_run(const struct xennet_platform *p,
			  struct xennet_map_op *op, unsigned n);

#ifdef __cplusplus
}
#endif
#endif
