/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#include <stdio.h>
#include <stdlib.h>

#include "peer_front.h"

static void *open_ring(struct peer_front *p, struct xennet_ring *ring,
		       uint32_t *grefs, struct xennet_ring_shape shape)
{
	const struct xennet_ops *ops = p->platform.ops;
	void *pages;

	if (ops->share(p->platform.ctx, BACK, p->npages, false, &pages, grefs))
		abort();
	xennet_ring_format(pages, &shape);
	xennet_ring_front(ring, pages, &shape);
	return pages;
}

static void open_queue(struct peer_front *p, struct peer_front_queue *q)
{
	const struct xennet_ops *ops = p->platform.ops;

	q->tx_page = open_ring(p, &q->tx, q->tx_gref,
			       xennet_tx_shape(p->npages, p->layout));
	q->rx_page = open_ring(p, &q->rx, q->rx_gref,
			       xennet_rx_shape(p->npages, p->layout));
	if (ops->evtchn_alloc(p->platform.ctx, BACK, &q->tx_port))
		abort();
	q->rx_port = q->tx_port;
	if (p->split && ops->evtchn_alloc(p->platform.ctx, BACK, &q->rx_port))
		abort();
}

static unsigned char *open_data(struct peer_front *p,
				struct xennet_grant_op *op, unsigned n,
				bool readonly)
{
	const struct xennet_ops *ops = p->platform.ops;
	unsigned char *pages = ops->alloc_pages(p->platform.ctx, n);
	unsigned i, j;

	for (i = 0; i < n; i++) {
		op[i].addr = pages + i * XENNET_PAGE;
		op[i].readonly = readonly;
		for (j = 0; readonly && j < XENNET_PAGE; j++)
			pages[i * XENNET_PAGE + j] = peer_byte(i, j);
	}
	ops->grant(p->platform.ctx, BACK, op, n);
	return pages;
}

void peer_front_open(struct peer_front *p, struct fake *f, unsigned nqueues,
		     unsigned order, bool split, enum xennet_layout layout)
{
	unsigned i;

	memset(p, 0, sizeof(*p));
	p->f = f;
	p->platform = fake_platform(f, FRONT);
	p->nqueues = nqueues;
	p->npages = 1u << order;
	p->split = split;
	p->layout = layout;
	for (i = 0; i < nqueues; i++)
		open_queue(p, &p->q[i]);
	p->tx_data = open_data(p, p->tx_grant, PAGES, true);
	p->rx_data = open_data(p, p->rx_grant, RING, false);
}

void peer_front_close(struct peer_front *p)
{
	const struct xennet_ops *ops = p->platform.ops;
	void *ctx = p->platform.ctx;
	unsigned i;

	for (i = 0; i < p->nqueues; i++) {
		struct peer_front_queue *q = &p->q[i];

		if (q->rx_port != q->tx_port)
			ops->evtchn_close(ctx, q->rx_port);
		ops->evtchn_close(ctx, q->tx_port);
		ops->unshare(ctx, q->tx_page, p->npages, q->tx_gref);
		ops->unshare(ctx, q->rx_page, p->npages, q->rx_gref);
	}
	ops->ungrant(ctx, p->tx_grant, PAGES);
	ops->ungrant(ctx, p->rx_grant, RING);
	ops->free_pages(ctx, p->tx_data, PAGES);
	ops->free_pages(ctx, p->rx_data, RING);
}

static void publish_ring(struct peer_front *p, const char *dir, const char *key,
			 const uint32_t *grefs)
{
	char name[40];
	unsigned i;

	if (p->npages == 1) {
		peer_set_uint(p->f, dir, key, grefs[0]);
		return;
	}
	for (i = 0; i < p->npages; i++) {
		snprintf(name, sizeof(name), "%s%u", key, i);
		peer_set_uint(p->f, dir, name, grefs[i]);
	}
}

static void publish_queue(struct peer_front *p, unsigned i)
{
	struct peer_front_queue *q = &p->q[i];
	char dir[80] = FRONT_DIR;

	if (p->nqueues > 1)
		snprintf(dir, sizeof(dir), FRONT_DIR "/queue-%u", i);
	publish_ring(p, dir, "tx-ring-ref", q->tx_gref);
	publish_ring(p, dir, "rx-ring-ref", q->rx_gref);
	if (p->split) {
		peer_set_uint(p->f, dir, "event-channel-tx", q->tx_port);
		peer_set_uint(p->f, dir, "event-channel-rx", q->rx_port);
	} else {
		peer_set_uint(p->f, dir, "event-channel", q->tx_port);
	}
}

void peer_front_publish(struct peer_front *p)
{
	static const char *const yes[] = {
		"request-rx-copy",
		"feature-rx-notify",
		"feature-sg",
		"feature-gso-tcpv4",
		"feature-gso-tcpv6",
		"feature-persistent",
		"feature-ipv6-csum-offload",
	};
	unsigned i, order = 0;

	for (i = 0; i < sizeof(yes) / sizeof(yes[0]); i++)
		peer_set_uint(p->f, FRONT_DIR, yes[i], 1);
	if (p->layout == XENNET_SPLIT)
		peer_set_uint(p->f, FRONT_DIR, "xennet-split-rings", 1);
	if (p->layout == XENNET_SEQUENCED)
		peer_set_uint(p->f, FRONT_DIR, "xennet-sequenced-rings", 1);
	while (1u << order < p->npages)
		order++;
	if (order)
		peer_set_uint(p->f, FRONT_DIR, "ring-page-order", order);
	if (p->nqueues > 1)
		peer_set_uint(p->f, FRONT_DIR, "multi-queue-num-queues",
			      p->nqueues);
	for (i = 0; i < p->nqueues; i++)
		publish_queue(p, i);
}

void peer_front_state(struct peer_front *p, unsigned state)
{
	peer_set_uint(p->f, FRONT_DIR, "state", state);
}

void peer_put_req(struct peer_front *p, uint16_t id, unsigned page,
		  uint16_t offset, uint16_t size, uint16_t flags)
{
	struct xennet_tx_req req = { .gref = p->tx_grant[page % PAGES].gref,
				     .offset = offset,
				     .flags = flags,
				     .id = id,
				     .size = size };

	xennet_tx_put_req(&p->q[0].tx, &req);
}

void peer_put_extra(struct peer_front *p, uint8_t type, uint8_t flags)
{
	struct xennet_extra e = { .type = type, .flags = flags };

	memset(&e.u, 0xa5, sizeof(e.u));
	xennet_tx_put_extra(&p->q[0].tx, &e);
}

void peer_put_gso(struct peer_front *p, uint8_t type, uint16_t size)
{
	struct xennet_extra e = { .type = XENNET_EXTRA_GSO };

	e.u.gso.type = type;
	e.u.gso.size = size;
	xennet_tx_put_extra(&p->q[0].tx, &e);
}

void peer_push_tx(struct peer_front *p)
{
	if (xennet_ring_push(&p->q[0].tx))
		p->platform.ops->evtchn_notify(p->platform.ctx,
					       p->q[0].tx_port);
}

unsigned peer_take_answers(struct peer_front *p, struct peer_answers *a)
{
	int n = xennet_ring_peek(&p->q[0].tx), i;

	if (n < 0)
		abort();
	memset(a, 0, sizeof(*a));
	for (i = 0; i < n; i++) {
		struct xennet_tx_rsp rsp;

		xennet_tx_get_rsp(&p->q[0].tx, &rsp);
		a->okay += rsp.status == XENNET_RSP_OKAY;
		a->error += rsp.status == XENNET_RSP_ERROR;
		a->dropped += rsp.status == XENNET_RSP_DROPPED;
		a->null += rsp.status == XENNET_RSP_NULL;
		a->other += rsp.status < -2 || rsp.status > 1;
		if (rsp.status != XENNET_RSP_NULL)
			a->of[rsp.id]++;
	}
	return (unsigned)n;
}

void peer_post(struct peer_front *p, uint16_t id, unsigned page)
{
	struct xennet_rx_req req = { id, 0, p->rx_grant[page].gref };

	xennet_rx_put_req(&p->q[0].rx, &req);
	if (xennet_ring_push(&p->q[0].rx))
		p->platform.ops->evtchn_notify(p->platform.ctx,
					       p->q[0].rx_port);
}

void peer_post_many(struct peer_front *p, unsigned n)
{
	while (n-- > 0)
		peer_post(p, (uint16_t)(p->q[0].rx.prod % RING),
			  p->q[0].rx.prod % RING);
}

bool peer_take_rx(struct peer_front *p, struct xennet_rx_rsp *rsp)
{
	int n = xennet_ring_peek(&p->q[0].rx);

	if (n < 0)
		abort();
	if (n > 0)
		xennet_rx_get_rsp(&p->q[0].rx, rsp);
	return n > 0;
}
