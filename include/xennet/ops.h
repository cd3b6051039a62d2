/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * What a platform does for the library: one const table of functions, each
 * taking a batch, and a context. The data path makes no call here but grant
 * operations (a batch each) and notify; everything else is connect time.
 *
 * "sleeps" says that a call may block, so that it comes from the control
 * thread only; the others may come from any thread that owns a queue, several
 * at once on different queues. Every call returns 0, a count where it says
 * so, or -XENNET_E* with nothing done, unless it says otherwise.
 *
 * Pages are 4096 bytes whatever the kernel's page size (grant_table.h).
 */
#ifndef XENNET_OPS_H
#define XENNET_OPS_H

#include <xennet/env.h>
#include <xennet/err.h>

#define XENNET_PAGE 4096u

/* grant_table.h: success is 0 and nothing else (XSA-316: not "not negative"). */
#define XENNET_GNTST_OKAY 0
#define XENNET_GNTST_GENERAL (-1)
#define XENNET_GNTST_BAD_GREF (-3)
#define XENNET_GNTST_EAGAIN (-12)

/* References 0 to 7 are reserved (grant_table.h); 0 never names a grant. */
#define XENNET_GREF_INVALID 0u
#define XENNET_GREF_FIRST 8u

/* One side of a grant copy: local memory if addr is set, else a grant. Local
 * memory, too, may not cross a page. */
struct xennet_copy_end {
	void *addr;
	uint32_t gref;
	uint16_t domid;
	uint16_t offset; /* within the granted page */
};

/* len bytes, crossing no page on either side: offset + len <= 4096. */
struct xennet_copy_op {
	struct xennet_copy_end src, dst;
	uint16_t len;
	int16_t status; /* out: XENNET_GNTST_* */
};

struct xennet_map_op {
	void *addr;	 /* out of map, into unmap: where the page is */
	uint64_t handle; /* out of map, into unmap: the platform's own */
	uint32_t gref;
	uint16_t domid;
	int16_t status; /* out: XENNET_GNTST_* */
	bool readonly;
};

struct xennet_grant_op {
	void *addr;	/* a page that alloc_pages gave */
	uint32_t gref;	/* out of grant, into ungrant */
	int16_t status; /* out: 0, or -XENNET_E* (ungrant: -XENNET_EBUSY) */
	bool readonly;
};

/* A store transaction; 0 means none. */
typedef uint32_t xennet_txn;

struct xennet_ops {
	/*
	 * Memory of our own: zeroed, aligned to XENNET_CACHE_LINE; page
	 * aligned when size is a multiple of XENNET_PAGE. NULL: none left.
	 * Sleeps.
	 */
	void *(*alloc)(void *ctx, size_t size);
	void (*free)(void *ctx, void *p, size_t size);

	/*
	 * n zeroed pages, contiguous here, that grant() accepts. free_pages
	 * takes pages with grants that could not be revoked as well: they stay
	 * out of use until the peer lets go. Sleeps.
	 * alloc_pages, free_pages, grant and ungrant are NULL together where a
	 * program cannot grant memory that it has (Xen user space): the
	 * library then shares pages for the connection's life.
	 */
	void *(*alloc_pages)(void *ctx, unsigned n);
	void (*free_pages)(void *ctx, void *p, unsigned n);

	/*
	 * n zeroed pages, contiguous here, granted to domid until unshare;
	 * grefs[n] is filled. Sleeps.
	 */
	int (*share)(void *ctx, uint16_t domid, unsigned n, bool readonly,
		     void **addr, uint32_t *grefs);

	/*
	 * Ends that. Pages that the peer still uses are kept out of use by the
	 * platform until it lets go: then the result is -XENNET_EBUSY, and the
	 * caller forgets the pages all the same. Sleeps.
	 */
	int (*unshare)(void *ctx, void *addr, unsigned n,
		       const uint32_t *grefs);

	/*
	 * Grants n pages to domid, each with its status; -XENNET_ENOSPC for
	 * all of them when there are too few references.
	 */
	void (*grant)(void *ctx, uint16_t domid, struct xennet_grant_op *op,
		      unsigned n);

	/*
	 * Revokes n grants, each with its status: -XENNET_EBUSY when the peer
	 * has the page mapped or is copying; that grant stays.
	 */
	void (*ungrant)(void *ctx, struct xennet_grant_op *op, unsigned n);

	/*
	 * Maps the n pages of a ring, writable and one after another, all or
	 * none; for the control plane. Sleeps.
	 */
	int (*map_ring)(void *ctx, uint16_t domid, const uint32_t *grefs,
			unsigned n, void **addr);
	void (*unmap_ring)(void *ctx, void *addr, unsigned n);

	/*
	 * One zeroed page shared with domid, writable, in which the platform
	 * clears the byte at `offset`, and then sends an event to port of ours,
	 * when the share ends: by unshare, or with this process, however it
	 * dies. NULL where there is no such thing. Sleeps.
	 */
	int (*share_notify)(void *ctx, uint16_t domid, uint32_t offset,
			    uint32_t port, void **addr, uint32_t *gref);

	/* Each operation reports in its own status; all are attempted. */
	void (*map)(void *ctx, struct xennet_map_op *op, unsigned n);
	void (*unmap)(void *ctx, struct xennet_map_op *op, unsigned n);
	void (*copy)(void *ctx, struct xennet_copy_op *op, unsigned n);

	/*
	 * Whole zeroed pages that copy reaches at less cost than other memory
	 * of ours, which is pinned for it (Xen's user space). NULL where there
	 * are no such; may fail, and what alloc gives does as well. Sleep.
	 */
	void *(*copy_alloc)(void *ctx, unsigned pages);
	void (*copy_free)(void *ctx, void *addr, unsigned pages);

	/*
	 * Event channels (event_channel.h). alloc makes an unbound port that
	 * domid may bind; bind binds the peer's port, and leaves an event
	 * pending on ours (-XENNET_ENOENT: no such port, -XENNET_EBUSY: it is
	 * bound already). Both sleep. notify and rearm do not: notify of a port
	 * that the peer has closed is -XENNET_EGONE or 0; rearm takes the event
	 * that came, if one did, which is 1, and lets the next one through; until
	 * then a wait for the port returns at once;
	 * spurious says that it brought no work, so that a platform may
	 * throttle its sender.
	 */
	int (*evtchn_alloc)(void *ctx, uint16_t domid, uint32_t *port);
	int (*evtchn_bind)(void *ctx, uint16_t domid, uint32_t remote_port,
			   uint32_t *port);
	void (*evtchn_close)(void *ctx, uint32_t port);
	int (*evtchn_notify)(void *ctx, uint32_t port);
	int (*evtchn_rearm)(void *ctx, uint32_t port, bool spurious);

	/*
	 * XenStore, absolute paths. read copies at most cap - 1 bytes, ends
	 * them with 0 and returns the length of the whole value, which may be
	 * more; -XENNET_ENOENT without the key. remove of a missing key is
	 * success. A watch fires through the platform's own event loop, and
	 * once when it is set. txn_end returns -XENNET_EAGAIN when it must be
	 * done again. All sleep.
	 */
	int (*store_read)(void *ctx, xennet_txn txn, const char *path,
			  char *value, size_t cap);
	int (*store_write)(void *ctx, xennet_txn txn, const char *path,
			   const char *value);
	int (*store_remove)(void *ctx, xennet_txn txn, const char *path);
	int (*store_watch)(void *ctx, const char *path);
	void (*store_unwatch)(void *ctx, const char *path);
	int (*txn_begin)(void *ctx, xennet_txn *txn);
	int (*txn_end)(void *ctx, xennet_txn txn, bool abort);

	/* Waits about usec microseconds; NULL: cannot. Any thread's, for a
	 * worker waits when a page of the peer's is paged out: sleeps where
	 * that one may. */
	void (*delay)(void *ctx, unsigned usec);

	/* Nanoseconds since some moment, never backwards; NULL: unknown. */
	uint64_t (*clock)(void *ctx);
};

struct xennet_platform {
	const struct xennet_ops *ops;
	void *ctx;
};

#endif
