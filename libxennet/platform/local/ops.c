/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* The table of ops, and those that need no file of their own. */
#include "../heap.h"
#include "internal.h"

#include <sys/eventfd.h>

/* The length of the message, or -XENNET_EINVAL. */
static int fill(struct message *m, enum msg_op op, xennet_txn txn,
		const char *path, const char *value)
{
	size_t plen = strlen(path) + 1, vlen = value ? strlen(value) : 0;

	if (plen > XENNET_LOCAL_PATH || vlen > XENNET_LOCAL_VALUE)
		return -XENNET_EINVAL;
	m->op = op;
	m->result = 0;
	m->txn = txn;
	m->arg = 0;
	memcpy(m->data, path, plen);
	if (vlen)
		memcpy(m->data + plen, value, vlen);
	return (int)(MSG_HEAD + plen + vlen);
}

static int ask(struct xennet_local *p, enum msg_op op, xennet_txn txn,
	       const char *path, const char *value, struct message *rp)
{
	struct message rq;
	int len = fill(&rq, op, txn, path, value);

	if (len < 0)
		return len;
	return xennet_local_call(p, &rq, (size_t)len, rp, NULL);
}

static int store_read(void *ctx, xennet_txn txn, const char *path, char *value,
		      size_t cap)
{
	struct message rp;
	int len = ask(ctx, MSG_READ, txn, path, NULL, &rp);
	size_t n;

	if (len < 0 || cap == 0)
		return len;
	if ((uint32_t)len > rp.arg)
		return -XENNET_EIO;
	n = (size_t)len < cap ? (size_t)len : cap - 1;
	memcpy(value, rp.data, n);
	value[n] = 0;
	return len;
}

static int store_write(void *ctx, xennet_txn txn, const char *path,
		       const char *value)
{
	struct message rp;

	return ask(ctx, MSG_WRITE, txn, path, value, &rp);
}

static int store_remove(void *ctx, xennet_txn txn, const char *path)
{
	struct message rp;

	return ask(ctx, MSG_REMOVE, txn, path, NULL, &rp);
}

/*
 * A guest keeps its watches too, so that its own list of events is bounded
 * in the same way.
 */
static int store_watch(void *ctx, const char *path)
{
	struct xennet_local *p = ctx;
	struct message rp;
	int err;

	if (!p->server) {
		pthread_mutex_lock(&p->lock);
		err = xennet_local_watch_add(&p->self, path, false);
		pthread_mutex_unlock(&p->lock);
		if (err)
			return err;
	}
	err = ask(p, MSG_WATCH, 0, path, NULL, &rp);
	if (err && !p->server) {
		pthread_mutex_lock(&p->lock);
		xennet_local_watch_remove(&p->self, path);
		pthread_mutex_unlock(&p->lock);
	}
	return err;
}

static void store_unwatch(void *ctx, const char *path)
{
	struct xennet_local *p = ctx;
	struct message rp;

	ask(p, MSG_UNWATCH, 0, path, NULL, &rp);
	if (p->server)
		return;
	pthread_mutex_lock(&p->lock);
	xennet_local_watch_remove(&p->self, path);
	pthread_mutex_unlock(&p->lock);
}

static int txn_begin(void *ctx, xennet_txn *txn)
{
	struct message rq = { .op = MSG_TXN_BEGIN }, rp;
	int err = xennet_local_call(ctx, &rq, MSG_HEAD, &rp, NULL);

	if (!err)
		*txn = rp.txn;
	return err;
}

static int txn_end(void *ctx, xennet_txn txn, bool abort)
{
	struct message rq = { .op = MSG_TXN_END, .txn = txn, .arg = abort };
	struct message rp;

	return xennet_local_call(ctx, &rq, MSG_HEAD, &rp, NULL);
}

#define COMMON_OPS                                                             \
	.alloc = xennet_heap_alloc, .free = xennet_heap_free,                  \
	.map_ring = xennet_local_map_ring,                                     \
	.unmap_ring = xennet_local_unmap_ring, .map = xennet_local_map,        \
	.unmap = xennet_local_unmap, .copy = xennet_local_copy,                \
	.evtchn_alloc = xennet_local_evtchn_alloc,                             \
	.evtchn_bind = xennet_local_evtchn_bind,                               \
	.evtchn_close = xennet_local_evtchn_close,                             \
	.evtchn_notify = xennet_local_evtchn_notify,                           \
	.evtchn_rearm = xennet_local_evtchn_rearm, .store_read = store_read,   \
	.store_write = store_write, .store_remove = store_remove,              \
	.store_watch = store_watch, .store_unwatch = store_unwatch,            \
	.txn_begin = txn_begin, .txn_end = txn_end,                            \
	.delay = xennet_heap_delay, .clock = xennet_heap_clock

const struct xennet_ops xennet_local_guest_ops = {
	COMMON_OPS,
	.alloc_pages = xennet_local_alloc_pages,
	.free_pages = xennet_local_free_pages,
	.share = xennet_local_share,
	.unshare = xennet_local_unshare,
	.grant = xennet_local_grant,
	.ungrant = xennet_local_ungrant,
};

const struct xennet_ops xennet_local_back_ops = {
	COMMON_OPS,
	.share = xennet_local_own_share,
	.unshare = xennet_local_unshare,
};

struct xennet_platform xennet_local_platform(struct xennet_local *p)
{
	struct xennet_platform plat = { p->ops, p };

	return plat;
}

uint16_t xennet_local_domid(const struct xennet_local *p)
{
	return p->domid;
}

int xennet_local_fd(const struct xennet_local *p)
{
	return p->fd;
}

static int next_event(struct xennet_local *p, char *path, size_t cap)
{
	int gone = xennet_local_drain(p);
	const char *next = xennet_local_watch_peek(&p->self);
	eventfd_t count;

	if (next && strlen(next) >= cap)
		return -XENNET_ENOSPC;
	if (next) {
		memcpy(path, next, strlen(next) + 1);
		xennet_local_watch_pop(&p->self);
	}
	if (!xennet_local_watch_peek(&p->self))
		eventfd_read(p->event_fd, &count);
	return next ? 1 : gone;
}

int xennet_local_event(struct xennet_local *p, char *path, size_t cap)
{
	int r;

	pthread_mutex_lock(&p->lock);
	r = next_event(p, path, cap);
	pthread_mutex_unlock(&p->lock);
	return r;
}

int xennet_local_list(struct xennet_local *p, const char *path, char *names,
		      size_t cap)
{
	struct message rp;
	int n = ask(p, MSG_LIST, 0, path, NULL, &rp);

	if (n < 0)
		return n;
	if (rp.arg > cap)
		return -XENNET_ENOSPC;
	memcpy(names, rp.data, rp.arg);
	return n;
}
