/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* What the files of the Xen platform share. */
#ifndef XENNET_XEN_INTERNAL_H
#define XENNET_XEN_INTERNAL_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <pthread.h>
#include <xencall.h>
#include <stdatomic.h>
#include <xenevtchn.h>
#include <xengnttab.h>
#include <xennet/platform/xen.h>
#include <xenstore.h>
#include <xentoollog.h>

#pragma GCC visibility push(hidden)

/* event_channel.h: as many as a domain can ever have. */
#define PORTS (1u << 17)

/* More than gntalloc gives. */
#define OWN_PAGES (1u << 14)

/* An open port, and the system calls of whoever owns it. */
struct port {
	xenevtchn_handle *handle;
	_Atomic uint64_t notifies, reads, unmasks;
};

struct xennet_xen {
	uint16_t domid;
	struct xs_handle *store;
	xengnttab_handle *gnttab; /* NULL: not asked for */
	xengntshr_handle *gntshr;
	xencall_handle *call; /* NULL: the kernel does every copy */
	atomic_bool call_refused;
	_Atomic uint64_t shared, mapped, grant_calls, store_calls;
	_Atomic(struct port *) *port; /* of each number, or NULL */
	unsigned char *own;	      /* a window of addresses: own.c */
	uint32_t *own_gref;	      /* of each of its pages, or 0 */

	/* what follows: who opens a port, closes it or counts them all, or
	 * has pages in the window */
	pthread_mutex_t lock;
	uint32_t nports, end; /* no port has the number `end` or a higher */
	uint64_t notifies, reads, unmasks; /* of ports that are closed */
	unsigned own_used, own_limit;
};

extern const struct xennet_ops xennet_xen_ops;
extern xentoollog_logger xennet_xen_quiet;

/* -XENNET_E* for an errno; -XENNET_EIO for those that have no name here. */
int xennet_xen_err(int error);

int xennet_xen_share(void *ctx, uint16_t domid, unsigned n, bool readonly,
		     void **addr, uint32_t *grefs);
int xennet_xen_unshare(void *ctx, void *addr, unsigned n,
		       const uint32_t *grefs);
int xennet_xen_map_ring(void *ctx, uint16_t domid, const uint32_t *grefs,
			unsigned n, void **addr);
void xennet_xen_unmap_ring(void *ctx, void *addr, unsigned n);
int xennet_xen_share_notify(void *ctx, uint16_t domid, uint32_t offset,
			    uint32_t port, void **addr, uint32_t *gref);
void xennet_xen_map(void *ctx, struct xennet_map_op *op, unsigned n);
void xennet_xen_unmap(void *ctx, struct xennet_map_op *op, unsigned n);
void xennet_xen_copy(void *ctx, struct xennet_copy_op *op, unsigned n);

int xennet_xen_own_open(struct xennet_xen *p);
void xennet_xen_own_close(struct xennet_xen *p);
void *xennet_xen_copy_alloc(void *ctx, unsigned pages);
void xennet_xen_copy_free(void *ctx, void *addr, unsigned pages);

/* The reference of a page that copy_alloc gave; 0: it is other memory. */
static inline uint32_t xennet_xen_own_gref(const struct xennet_xen *p,
					   const void *addr)
{
	uintptr_t at = ((uintptr_t)addr - (uintptr_t)p->own) / XENNET_PAGE;

	return at < OWN_PAGES ? p->own_gref[at] : 0;
}

int xennet_xen_evtchn_alloc(void *ctx, uint16_t domid, uint32_t *port);
int xennet_xen_evtchn_bind(void *ctx, uint16_t domid, uint32_t remote,
			   uint32_t *port);
void xennet_xen_evtchn_close(void *ctx, uint32_t port);
int xennet_xen_evtchn_notify(void *ctx, uint32_t port);
int xennet_xen_evtchn_rearm(void *ctx, uint32_t port, bool spurious);
void xennet_xen_ports_close(struct xennet_xen *p);
void xennet_xen_ports_count(struct xennet_xen *p, struct xennet_xen_stats *s);

bool xennet_xen_store_answers(void);
int xennet_xen_store_read(void *ctx, xennet_txn txn, const char *path,
			  char *value, size_t cap);
int xennet_xen_store_write(void *ctx, xennet_txn txn, const char *path,
			   const char *value);
int xennet_xen_store_remove(void *ctx, xennet_txn txn, const char *path);
int xennet_xen_store_watch(void *ctx, const char *path);
void xennet_xen_store_unwatch(void *ctx, const char *path);
int xennet_xen_txn_begin(void *ctx, xennet_txn *txn);
int xennet_xen_txn_end(void *ctx, xennet_txn txn, bool abort);

#pragma GCC visibility pop

#endif
