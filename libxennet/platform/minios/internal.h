/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* What the files of the Mini-OS platform share. There is no context, so ctx is
 * never used: the compiler is told not to mind. */
#ifndef XENNET_MINIOS_INTERNAL_H
#define XENNET_MINIOS_INTERNAL_H

#include <xennet/platform/minios.h>

/* -XENNET_E* for what xenstored or Xen says, by name or by number. */
int xennet_minios_err(const char *name, int number);

void *xennet_minios_alloc(void *ctx, size_t size);
void xennet_minios_free(void *ctx, void *p, size_t size);
int xennet_minios_share(void *ctx, uint16_t domid, unsigned n, bool readonly,
			void **addr, uint32_t *grefs);
int xennet_minios_unshare(void *ctx, void *addr, unsigned n,
			  const uint32_t *grefs);

int xennet_minios_map_ring(void *ctx, uint16_t domid, const uint32_t *grefs,
			   unsigned n, void **addr);
void xennet_minios_unmap_ring(void *ctx, void *addr, unsigned n);
void xennet_minios_map(void *ctx, struct xennet_map_op *op, unsigned n);
void xennet_minios_unmap(void *ctx, struct xennet_map_op *op, unsigned n);
void xennet_minios_copy(void *ctx, struct xennet_copy_op *op, unsigned n);

bool xennet_minios_fired(void);
void xennet_minios_forget(void);
int xennet_minios_read(void *ctx, xennet_txn txn, const char *path, char *value,
		       size_t cap);
int xennet_minios_write(void *ctx, xennet_txn txn, const char *path,
			const char *value);
int xennet_minios_remove(void *ctx, xennet_txn txn, const char *path);
int xennet_minios_watch(void *ctx, const char *path);
void xennet_minios_unwatch(void *ctx, const char *path);
int xennet_minios_txn_begin(void *ctx, xennet_txn *txn);
int xennet_minios_txn_end(void *ctx, xennet_txn txn, bool abort);

#endif
