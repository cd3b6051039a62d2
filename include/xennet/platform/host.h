/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * What a program needs of a user-space platform besides the ops, whichever it
 * is: for a program that is to run with Xen and without.
 *
 *	h = xennet_xen_host(p);                    or xennet_local_host(p)
 *	config.platform = h.platform;
 *	poll xennet_host_fd(&h), and xennet_host_evtchn_fd(&h, port) of each
 *	queue's ports in its own thread
 *	while (xennet_host_event(&h, path, sizeof(path)) == 1) ...
 *	xennet_host_close(&h);
 *
 * Descriptors suit any event loop: poll, epoll, libuv, glib. Each function is
 * the platform's own, whose header has its errors and threads. A copy of the
 * struct is as good as the struct.
 */
#ifndef XENNET_PLATFORM_HOST_H
#define XENNET_PLATFORM_HOST_H

#include <xennet/ops.h>

/* No platform has longer paths, with their 0, or values, without. */
#define XENNET_HOST_PATH 3072u
#define XENNET_HOST_VALUE 4096u

/* What is held now; all zero once every vif is closed. */
struct xennet_held {
	uint64_t shared; /* pages granted */
	uint64_t mapped; /* pages mapped */
	uint64_t kept;	 /* pages that a peer would not let go of */
	uint64_t ports;	 /* event channels open */
};

struct xennet_host_ops {
	int (*fd)(void *p);
	int (*event)(void *p, char *path, size_t cap);
	int (*evtchn_fd)(void *p, uint32_t port);
	int (*list)(void *p, const char *path, char *names, size_t cap);
	void (*held)(void *p, struct xennet_held *held);
	void (*close)(void *p);
};

struct xennet_host {
	const struct xennet_host_ops *ops;
	void *p;
	struct xennet_platform platform;
	uint16_t domid; /* ours */
};

/* Readable while a watch event waits, or there will be none any more. */
static inline int xennet_host_fd(const struct xennet_host *h)
{
	return h->ops->fd(h->p);
}

/* 1 and the path that changed; 0: none; -XENNET_ENOSPC: a path longer than
 * cap - 1; another negative: the store, or the peer with it, is gone. */
static inline int xennet_host_event(const struct xennet_host *h, char *path,
				    size_t cap)
{
	return h->ops->event(h->p, path, cap);
}

/* Readable while the port has an event pending. Any thread. */
static inline int xennet_host_evtchn_fd(const struct xennet_host *h,
					uint32_t port)
{
	return h->ops->evtchn_fd(h->p, port);
}

/* The names below path, each ended by 0; returns how many. */
static inline int xennet_host_list(const struct xennet_host *h,
				   const char *path, char *names, size_t cap)
{
	return h->ops->list(h->p, path, names, cap);
}

/* Any thread. */
static inline void xennet_host_held(const struct xennet_host *h,
				    struct xennet_held *held)
{
	h->ops->held(h->p, held);
}

/* Ends the platform: unmap and close first. */
static inline void xennet_host_close(const struct xennet_host *h)
{
	h->ops->close(h->p);
}

#endif
