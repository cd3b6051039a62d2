/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#include "front_queue.h"

#include "chain.h"
#include "front_static.h"
#include "internal.h"
#include "notify.h"

/* A queue's tables and heads, in one piece of memory. */
struct layout {
	size_t id, tx_gref, page, avail, tx_spare;
	size_t buf, rx_gref, posted, rx_spare, head, total;
};

static struct layout layout(size_t tx_size, size_t rx_size, uint32_t headroom)
{
	struct layout l;

	l.id = 0;
	l.tx_gref = xennet_line_up(tx_size * sizeof(struct xennet_front_id));
	l.page = xennet_line_up(l.tx_gref + tx_size * sizeof(uint32_t));
	l.avail = xennet_line_up(l.page +
				 tx_size * sizeof(struct xennet_front_page));
	l.tx_spare = xennet_line_up(l.avail +
				    (tx_size + 63) / 64 * sizeof(uint64_t));
	l.buf = xennet_line_up(l.tx_spare + tx_size * sizeof(uint16_t));
	l.rx_gref = xennet_line_up(l.buf +
				   rx_size * sizeof(struct xennet_front_buf));
	l.posted = xennet_line_up(l.rx_gref + rx_size * sizeof(uint32_t));
	l.rx_spare = xennet_line_up(l.posted + rx_size * sizeof(uint16_t));
	l.head = xennet_line_up(l.rx_spare + rx_size * sizeof(uint16_t));
	l.total = l.head + rx_size * xennet_front_head_size(headroom);
	return l;
}

static int make_tables(struct xennet_front_queue *q)
{
	struct xennet_front_tx *tx = &q->tx;
	struct xennet_front_rx *rx = &q->rx;
	struct layout l = layout(tx->ring.size, rx->ring.size, rx->headroom);
	unsigned char *m;

	m = (unsigned char *)q->platform->ops->alloc(q->platform->ctx, l.total);
	if (!m)
		return -XENNET_ENOMEM;
	tx->id = (struct xennet_front_id *)(void *)(m + l.id);
	tx->gref = (uint32_t *)(void *)(m + l.tx_gref);
	tx->page = (struct xennet_front_page *)(void *)(m + l.page);
	tx->avail = (uint64_t *)(void *)(m + l.avail);
	tx->spare = (uint16_t *)(void *)(m + l.tx_spare);
	rx->buf = (struct xennet_front_buf *)(void *)(m + l.buf);
	rx->gref = (uint32_t *)(void *)(m + l.rx_gref);
	rx->posted = (uint16_t *)(void *)(m + l.posted);
	rx->spare = (uint16_t *)(void *)(m + l.rx_spare);
	rx->head =
		m + l.head + xennet_front_head_size(rx->headroom) - XENNET_HEAD;
	return 0;
}

static void drop_tables(struct xennet_front_queue *q)
{
	struct layout l =
		layout(q->tx.ring.size, q->rx.ring.size, q->rx.headroom);

	q->platform->ops->free(q->platform->ctx, q->tx.id, l.total);
}

static void fill_spare(struct xennet_front_queue *q)
{
	struct xennet_front_tx *tx = &q->tx;
	struct xennet_front_rx *rx = &q->rx;
	uint32_t i;

	for (i = 0; i < tx->ring.size; i++) {
		tx->spare[i] = (uint16_t)(tx->ring.size - 1 - i);
		tx->avail[i / 64] |= 1ull << i % 64;
	}
	tx->nspare = tx->npages = tx->ring.size;
	tx->packing = tx->npages;
	for (i = 0; i < rx->ring.size; i++)
		rx->spare[i] = (uint16_t)i;
	rx->nspare = rx->ring.size;
}

/* Pages for packets: shared for good, or to be granted one by one. */
static int make_pool(struct xennet_front_queue *q, unsigned n, bool readonly,
		     unsigned char **pool, uint32_t *gref)
{
	const struct xennet_platform *p = q->platform;
	void *pages = NULL;
	int err = 0;

	if (q->persistent)
		err = p->ops->share(p->ctx, q->peer, n, readonly, &pages, gref);
	else
		pages = p->ops->alloc_pages(p->ctx, n);
	*pool = (unsigned char *)pages;
	return err || pages ? err : -XENNET_ENOMEM;
}

/* What the backend still has in use the platform keeps out of use. */
static void drop_pool(struct xennet_front_queue *q, unsigned n,
		      unsigned char *pool, const uint32_t *gref)
{
	const struct xennet_platform *p = q->platform;
	unsigned i;

	if (q->persistent) {
		p->ops->unshare(p->ctx, pool, n, gref);
		return;
	}
	for (i = 0; i < n; i++) {
		struct xennet_grant_op op = { 0 };

		if (gref[i] == XENNET_GREF_INVALID)
			continue;
		op.addr = pool + (size_t)i * XENNET_PAGE;
		op.gref = gref[i];
		p->ops->ungrant(p->ctx, &op, 1);
	}
	p->ops->free_pages(p->ctx, pool, n);
}

static int make_pools(struct xennet_front_queue *q)
{
	struct xennet_front_tx *tx = &q->tx;
	struct xennet_front_rx *rx = &q->rx;
	int err;

	err = make_pool(q, tx->ring.size, true, &tx->pool, tx->gref);
	if (err)
		return err;
	err = make_pool(q, rx->ring.size, false, &rx->pool, rx->gref);
	if (err)
		drop_pool(q, tx->ring.size, tx->pool, tx->gref);
	return err;
}

static void drop_pools(struct xennet_front_queue *q)
{
	drop_pool(q, q->rx.ring.size, q->rx.pool, q->rx.gref);
	drop_pool(q, q->tx.ring.size, q->tx.pool, q->tx.gref);
}

static int share_ring(struct xennet_front_queue *q, struct xennet_ring *r,
		      uint32_t *gref, const struct xennet_ring_shape *shape,
		      void **pages)
{
	const struct xennet_platform *p = q->platform;
	int err;

	err = p->ops->share(p->ctx, q->peer, q->npages, false, pages, gref);
	if (err)
		return err;
	xennet_ring_format(*pages, shape);
	xennet_attach_front(r, *pages, shape);
	return 0;
}

static void unshare_ring(struct xennet_front_queue *q, void *pages,
			 const uint32_t *gref)
{
	const struct xennet_platform *p = q->platform;

	p->ops->unshare(p->ctx, pages, q->npages, gref);
}

static int share_rings(struct xennet_front_queue *q, enum xennet_layout layout)
{
	struct xennet_ring_shape tx = xennet_tx_shape(q->npages, layout);
	struct xennet_ring_shape rx = xennet_rx_shape(q->npages, layout);
	int err;

	err = share_ring(q, &q->tx.ring, q->tx.ring_gref, &tx, &q->tx.pages);
	if (err)
		return err;
	q->tx.in_order = q->tx.ring.put_stamps;
	err = share_ring(q, &q->rx.ring, q->rx.ring_gref, &rx, &q->rx.pages);
	if (err)
		unshare_ring(q, q->tx.pages, q->tx.ring_gref);
	return err;
}

static void unshare_rings(struct xennet_front_queue *q)
{
	unshare_ring(q, q->rx.pages, q->rx.ring_gref);
	unshare_ring(q, q->tx.pages, q->tx.ring_gref);
}

static int open_ports(struct xennet_front_queue *q, bool split)
{
	const struct xennet_platform *p = q->platform;
	int err;

	err = p->ops->evtchn_alloc(p->ctx, q->peer, &q->tx.port);
	if (err)
		return err;
	q->rx.port = q->tx.port;
	if (!split)
		return 0;
	err = p->ops->evtchn_alloc(p->ctx, q->peer, &q->rx.port);
	if (err)
		p->ops->evtchn_close(p->ctx, q->tx.port);
	return err;
}

static void close_ports(struct xennet_front_queue *q)
{
	const struct xennet_platform *p = q->platform;

	if (q->rx.port != q->tx.port)
		p->ops->evtchn_close(p->ctx, q->rx.port);
	p->ops->evtchn_close(p->ctx, q->tx.port);
}

static void agree(struct xennet_front_queue *q, const struct xennet_front *f)
{
	uint32_t ours = f->config.offer.flags;

	q->platform = &f->config.platform;
	q->peer = f->peer;
	q->npages = (uint16_t)(1u << f->ring_order);
	q->persistent = (ours & f->back.flags & XENNET_F_PERSISTENT) ||
			f->config.keep_granted ||
			xennet_front_static_wanted(f) ||
			!q->platform->ops->grant;
	q->tx.flags = f->back.flags;
	q->rx.slots_max = ours & XENNET_F_SG ? f->config.offer.slots : 1;
	q->rx.gso_mask = xennet_gso_mask(ours);
	q->rx.extras = XENNET_SEEN(GSO);
	q->rx.headroom = f->config.offer.headroom;
	if (q->rx.headroom && f->back.flags & XENNET_F_XDP_HEADROOM)
		q->rx.extras |= XENNET_SEEN(XDP);
	q->mcast = f->back.flags & XENNET_F_MCAST;
}

XENNET_COLD int xennet_front_queue_connect(struct xennet_front_queue *q,
					   const struct xennet_front *f)
{
	uint32_t both = f->config.offer.flags & f->back.flags;
	int err;

	agree(q, f);
	err = share_rings(q, xennet_agreed_layout(both));
	if (err)
		return err;
	err = make_tables(q);
	if (err)
		goto unshare;
	err = make_pools(q);
	if (err)
		goto drop_tables;
	err = open_ports(q, both & XENNET_F_SPLIT_EVTCHN);
	if (err)
		goto drop_pools;
	fill_spare(q);
	xennet_front_post(q);
	err = -XENNET_ENOSPC;
	if (q->rx.nspare)
		goto close_ports;
	return 0;

close_ports:
	close_ports(q);
drop_pools:
	drop_pools(q);
drop_tables:
	drop_tables(q);
unshare:
	unshare_rings(q);
	return err;
}

XENNET_COLD void xennet_front_queue_disconnect(struct xennet_front_queue *q)
{
	close_ports(q);
	drop_pools(q);
	drop_tables(q);
	unshare_rings(q);
}

static struct xennet_awaited awaited(struct xennet_front_queue *q)
{
	struct xennet_awaited a = { &q->rx.ring, &q->tx.ring, q->rx.port,
				    q->tx.port, q->tx.wanting };

	return a;
}

XENNET_COLD void xennet_front_set_policy(struct xennet_front_queue *q,
					 const struct xennet_policy *policy)
{
	struct xennet_awaited a = awaited(q);

	xennet_notify_set(&q->notify, &a, policy, q->platform);
}

XENNET_COLD int xennet_front_arm(struct xennet_front_queue *q)
{
	struct xennet_awaited a = awaited(q);
	int n;

	if (q->broken)
		return q->broken;
	xennet_settle(q->platform, &q->tx.ring, q->tx.port, &q->stats);
	xennet_settle(q->platform, &q->rx.ring, q->rx.port, &q->stats);
	if (xennet_ring_known(&q->rx.ring))
		return 1;
	/* a poll since the last send has taken the answers that it waits for */
	if (q->tx.wanting && q->tx.answered) {
		q->tx.answered = false;
		return 1;
	}
	n = xennet_notify_arm(&q->notify, &a, q->platform, &q->stats);
	return n < 0 ? xennet_break(&q->broken, n) : n;
}

void xennet_front_wake(struct xennet_front_queue *q)
{
	struct xennet_awaited a = awaited(q);

	q->notify.usec = 0;
	xennet_notify_wake(&a, q->platform, &q->progress, &q->stats);
}
