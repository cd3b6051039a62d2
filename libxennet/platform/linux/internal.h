/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* What the files of the Linux kernel's platform share. */
#ifndef XENNET_LINUX_INTERNAL_H
#define XENNET_LINUX_INTERNAL_H

#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/vmalloc.h>
#include <linux/xarray.h>
#include <xen/events.h>
#include <xen/grant_table.h>
#include <xen/page.h>
#include <xen/xenbus.h>
#include <xennet/platform/linux.h>

struct watch {
	struct xenbus_watch watch;
	struct xennet_linux *p;
};

struct xennet_linux {
	struct xenbus_device *dev;
	uint16_t domid;
	bool left;
	void (*changed)(void *arg);
	void *arg;
	struct watch ours, theirs;
	struct xarray ports; /* struct port, by number */

	/* pages to map in, a stack */
	spinlock_t lock;
	struct page **pool;
	unsigned int npool, pool_size;
};

extern const struct xennet_ops xennet_linux_ops;

/* -XENNET_E* for a negative errno; 0 for 0. */
int xennet_linux_err(int error);

void *xennet_linux_alloc_pages(void *ctx, unsigned int n);
void xennet_linux_free_pages(void *ctx, void *p, unsigned int n);
int xennet_linux_share(void *ctx, uint16_t domid, unsigned int n, bool readonly,
		       void **addr, uint32_t *grefs);
int xennet_linux_unshare(void *ctx, void *addr, unsigned int n,
			 const uint32_t *grefs);
void xennet_linux_grant(void *ctx, uint16_t domid, struct xennet_grant_op *op,
			unsigned int n);
void xennet_linux_ungrant(void *ctx, struct xennet_grant_op *op,
			  unsigned int n);

int xennet_linux_map_ring(void *ctx, uint16_t domid, const uint32_t *grefs,
			  unsigned int n, void **addr);
void xennet_linux_unmap_ring(void *ctx, void *addr, unsigned int n);
void xennet_linux_map(void *ctx, struct xennet_map_op *op, unsigned int n);
void xennet_linux_unmap(void *ctx, struct xennet_map_op *op, unsigned int n);
void xennet_linux_copy(void *ctx, struct xennet_copy_op *op, unsigned int n);
void xennet_linux_pool_free(struct xennet_linux *p);
int xennet_linux_scratch_init(void);
void xennet_linux_scratch_exit(void);

int xennet_linux_evtchn_alloc(void *ctx, uint16_t domid, uint32_t *port);
int xennet_linux_evtchn_bind(void *ctx, uint16_t domid, uint32_t remote,
			     uint32_t *port);
void xennet_linux_evtchn_close(void *ctx, uint32_t port);
int xennet_linux_evtchn_notify(void *ctx, uint32_t port);
int xennet_linux_evtchn_rearm(void *ctx, uint32_t port, bool spurious);

int xennet_linux_watch(struct xennet_linux *p);
int xennet_linux_watch_again(struct xennet_linux *p);
void xennet_linux_unwatch(struct xennet_linux *p);
int xennet_linux_store_read(void *ctx, xennet_txn txn, const char *path,
			    char *value, size_t cap);
int xennet_linux_store_write(void *ctx, xennet_txn txn, const char *path,
			     const char *value);
int xennet_linux_store_remove(void *ctx, xennet_txn txn, const char *path);
int xennet_linux_store_watch(void *ctx, const char *path);
void xennet_linux_store_unwatch(void *ctx, const char *path);
int xennet_linux_txn_begin(void *ctx, xennet_txn *txn);
int xennet_linux_txn_end(void *ctx, xennet_txn txn, bool abort);

#endif
