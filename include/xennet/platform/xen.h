/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Xen, from a program in a domain: libxengnttab, libxencall, libxenevtchn,
 * libxenstore.
 * In a library of its own, libxennet-xen.
 *
 *	xennet_xen_open(&p, XENNET_XEN_BACK);         or XENNET_XEN_FRONT
 *	plat = xennet_xen_platform(p);                give this to the library
 *	poll xennet_xen_fd(p) and xennet_xen_evtchn_fd(p, port), or
 *	xennet_xen_wait(p, ports, nports, timeout_ms);
 *	while (xennet_xen_event(p, path, sizeof(path)) == 1) ...
 *	xennet_xen_close(p);
 *
 * Each event channel has a descriptor of its own, so that a queue's thread
 * can sleep on its own ports alone. System calls: a batch of copies is one, a
 * notification one, a rearm two, or one when its port had no event; a map of a
 * page is two and its unmap three, because Xen's library takes back what one
 * call mapped only as a whole. Persistent pages cost that once.
 *
 * Pages that this program grants come from the kernel (gntalloc), at most
 * /sys/module/xen_gntalloc/parameters/limit of them; a queue of one page per
 * ring has 514, a vif one more. They stay granted until they are unshared.
 * Whether the peer still uses them is not told then: the kernel keeps such
 * pages back until the peer lets go, and unshare never says -XENNET_EBUSY.
 * grant and ungrant do not exist.
 *
 * A mapped page is a mapping of its own for the kernel too: a backend that
 * maps many needs vm.max_map_count.
 *
 * After fork a child may use nothing of this. Threads: the ops as ops.h says.
 * What is below is for the control thread, but evtchn_fd, wait and stats,
 * which any thread may call. The store's library has a thread of its own, which
 * keeps every event until it is taken, however many others cause: take them
 * all before looking at what they mean. Link the shared libxenstore: the static
 * one has no thread, and never tells.
 */
#ifndef XENNET_PLATFORM_XEN_H
#define XENNET_PLATFORM_XEN_H

#include <xennet/platform/host.h>

/* The longest path, with its 0, and the longest value, without. */
#define XENNET_XEN_PATH 3072u
#define XENNET_XEN_VALUE 4096u

/* Which end is to be made: what a backend and a frontend need of /dev/xen. */
#define XENNET_XEN_BACK 1u  /* gntdev; better with gntalloc, privcmd */
#define XENNET_XEN_FRONT 2u /* gntalloc */

struct xennet_xen;

struct xennet_xen_stats {
	uint64_t shared; /* pages granted now */
	uint64_t mapped; /* pages mapped now */
	uint64_t ports;	 /* open now */

	/* System calls since the start. Copies are in each queue's own
	 * xennet_stats, a call for each of its copy_calls. */
	uint64_t grant_calls;  /* to share, map and take back */
	uint64_t notify_calls; /* events sent */
	uint64_t read_calls;   /* a rearm's look for an event */
	uint64_t unmask_calls; /* and its letting the next one through */
	uint64_t store_calls; /* requests; each a write, and a read to answer */
};

#ifdef __cplusplus
extern "C" {
#endif

/*
 * -XENNET_ENOENT: /dev/xen has not what these ends need. -XENNET_EACCESS: it
 * may not be opened. -XENNET_EGONE: no xenstored answers. -XENNET_EIO: it does
 * not say which domain this is. -XENNET_EINVAL: ends. -XENNET_ENOMEM.
 */
int xennet_xen_open(struct xennet_xen **p, unsigned ends);

/* Unmap and close first: nothing may use p after it. */
void xennet_xen_close(struct xennet_xen *p);

struct xennet_platform xennet_xen_platform(struct xennet_xen *p);

/* For a program that does not care which platform it runs on. */
struct xennet_host xennet_xen_host(struct xennet_xen *p);

/* Ours, as the store says. */
uint16_t xennet_xen_domid(const struct xennet_xen *p);

/* Readable while a watch event waits. */
int xennet_xen_fd(const struct xennet_xen *p);

/*
 * 1 and the path that changed: the next fired watch, which may be
 * "@releaseDomain" if that is watched. 0: none. -XENNET_ENOSPC: the path is
 * longer than cap - 1; that event is dropped. -XENNET_EIO: the store is gone.
 */
int xennet_xen_event(struct xennet_xen *p, char *path, size_t cap);

/* Readable while the port has an event pending. -XENNET_ENOENT. */
int xennet_xen_evtchn_fd(const struct xennet_xen *p, uint32_t port);

/*
 * Sleeps until a port has an event, or xennet_xen_fd is readable, at most
 * timeout_ms (-1: for ever). At most 256 ports. 1: something is there.
 * 0: nothing. -XENNET_ENOENT: no such port.
 */
int xennet_xen_wait(struct xennet_xen *p, const uint32_t *ports, unsigned n,
		    int timeout_ms);

/*
 * The names below path, each ended by 0, in names; returns how many.
 * -XENNET_ENOENT; -XENNET_ENOSPC: more than cap bytes.
 */
int xennet_xen_list(struct xennet_xen *p, const char *path, char *names,
		    size_t cap);

void xennet_xen_stats(struct xennet_xen *p, struct xennet_xen_stats *s);

#ifdef __cplusplus
}
#endif
#endif
