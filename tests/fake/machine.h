/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#ifndef FAKE_MACHINE_H
#define FAKE_MACHINE_H

#include "fake.h"

static inline struct fake *fake_of(void *ctx)
{
	return ((struct fake_domain *)ctx)->fake;
}

static inline uint16_t fake_domid(void *ctx)
{
	return ((struct fake_domain *)ctx)->id;
}

/* Remembers the first. */
void fake_misuse(struct fake *f, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* One invocation. */
void fake_call(struct fake *f, enum fake_op op);

/* One operation; its injected status, or 0. */
int fake_status(struct fake *f, enum fake_op op, uint32_t gref);

/* An op that may sleep and is one operation. */
int fake_sleeping(struct fake *f, enum fake_op op);

/* Frames: n together, zeroed; their first number, or -1. */
int fake_frames_take(struct fake *f, uint16_t owner, unsigned n,
		     enum fake_page state);
void fake_frames_give(struct fake *f, uint32_t first);
int fake_frame_at(const struct fake *f, const void *addr);
unsigned char *fake_frame_addr(const struct fake *f, uint32_t frame);

/* Ends the grants of a run of pages and frees it, or does so when the last of
 * its mappings goes; false: only then. */
bool fake_pages_release(struct fake *f, uint32_t first);

void *fake_op_alloc(void *ctx, size_t size);
void fake_op_free(void *ctx, void *p, size_t size);
void *fake_op_alloc_pages(void *ctx, unsigned n);
void fake_op_free_pages(void *ctx, void *p, unsigned n);
/* Each of these pages may go alone, as Linux's may. */
void *fake_op_copy_alloc(void *ctx, unsigned n);
void fake_op_copy_free(void *ctx, void *p, unsigned n);

int fake_op_share(void *ctx, uint16_t domid, unsigned n, bool readonly,
		  void **addr, uint32_t *grefs);
int fake_op_share_notify(void *ctx, uint16_t domid, uint32_t offset,
			 uint32_t port, void **addr, uint32_t *gref);
int fake_op_unshare(void *ctx, void *addr, unsigned n, const uint32_t *grefs);
void fake_op_grant(void *ctx, uint16_t domid, struct xennet_grant_op *op,
		   unsigned n);
void fake_op_ungrant(void *ctx, struct xennet_grant_op *op, unsigned n);
int fake_op_map_ring(void *ctx, uint16_t domid, const uint32_t *grefs,
		     unsigned n, void **addr);
void fake_op_unmap_ring(void *ctx, void *addr, unsigned n);
void fake_op_map(void *ctx, struct xennet_map_op *op, unsigned n);
void fake_op_unmap(void *ctx, struct xennet_map_op *op, unsigned n);
void fake_op_copy(void *ctx, struct xennet_copy_op *op, unsigned n);

int fake_op_evtchn_alloc(void *ctx, uint16_t domid, uint32_t *port);
int fake_op_evtchn_bind(void *ctx, uint16_t domid, uint32_t remote,
			uint32_t *port);
void fake_op_evtchn_close(void *ctx, uint32_t port);
int fake_op_notify(void *ctx, uint32_t port);
int fake_op_rearm(void *ctx, uint32_t port, bool spurious);

int fake_op_read(void *ctx, xennet_txn txn, const char *path, char *value,
		 size_t cap);
int fake_op_write(void *ctx, xennet_txn txn, const char *path,
		  const char *value);
int fake_op_remove(void *ctx, xennet_txn txn, const char *path);
int fake_op_watch(void *ctx, const char *path);
void fake_op_unwatch(void *ctx, const char *path);
int fake_op_txn_begin(void *ctx, xennet_txn *txn);
int fake_op_txn_end(void *ctx, xennet_txn txn, bool abort);
void fake_store_free(struct fake *f);
const char *fake_store_unclean(struct fake *f);

#endif
