/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#include <stdio.h>
#include <stdlib.h>

#include "peer_back.h"

void peer_back_offer(struct peer_back *p, struct fake *f, bool persistent)
{
	static const char *const yes[] = {
		"feature-rx-copy",	     "feature-sg",
		"feature-gso-tcpv4",	     "feature-gso-tcpv6",
		"feature-ipv6-csum-offload", "feature-split-event-channels",
	};
	unsigned i;

	memset(p, 0, sizeof(*p));
	p->f = f;
	p->platform = fake_platform(f, BACK);
	for (i = 0; i < sizeof(yes) / sizeof(yes[0]); i++)
		peer_set_uint(f, BACK_DIR, yes[i], 1);
	peer_set_uint(f, BACK_DIR, "feature-persistent", persistent);
	peer_set_uint(f, BACK_DIR, "multi-queue-max-queues", PEER_QUEUES);
	peer_set_uint(f, BACK_DIR, "max-ring-page-order", 4);
	peer_back_state(p, XENNET_STATE_INIT_WAIT);
}

void peer_back_state(struct peer_back *p, unsigned state)
{
	peer_set_uint(p->f, BACK_DIR, "state", state);
}

static void map_ring(struct peer_back *p, const char *dir, const char *key,
		     struct xennet_ring *ring, struct xennet_ring_shape shape)
{
	unsigned order = peer_get_uint(p->f, FRONT_DIR, "ring-page-order"), i;
	uint32_t gref[16];
	char name[40];
	void *pages;

	for (i = 0; i < 1u << order; i++) {
		snprintf(name, sizeof(name), order ? "%s%u" : "%s", key, i);
		gref[i] = peer_get_uint(p->f, dir, name);
	}
	if (p->platform.ops->map_ring(p->platform.ctx, FRONT, gref, 1u << order,
				      &pages))
		abort();
	shape.npages = 1u << order;
	if (xennet_ring_back(ring, pages, &shape))
		abort();
}

static uint32_t bind(struct peer_back *p, const char *dir, const char *key)
{
	uint32_t remote = peer_get_uint(p->f, dir, key), port;

	if (!remote)
		return 0;
	if (p->platform.ops->evtchn_bind(p->platform.ctx, FRONT, remote, &port))
		abort();
	return port;
}

void peer_back_connect(struct peer_back *p)
{
	unsigned i;

	p->nqueues = peer_get_uint(p->f, FRONT_DIR, "multi-queue-num-queues");
	if (!p->nqueues)
		p->nqueues = 1;
	for (i = 0; i < p->nqueues; i++) {
		struct peer_back_queue *q = &p->q[i];
		char dir[80] = FRONT_DIR;

		if (p->nqueues > 1)
			snprintf(dir, sizeof(dir), FRONT_DIR "/queue-%u", i);
		map_ring(p, dir, "tx-ring-ref", &q->tx,
			 xennet_tx_shape(1, XENNET_STANDARD));
		map_ring(p, dir, "rx-ring-ref", &q->rx,
			 xennet_rx_shape(1, XENNET_STANDARD));
		q->tx_port = bind(p, dir, "event-channel-tx");
		q->rx_port = bind(p, dir, "event-channel-rx");
		if (!q->tx_port)
			q->tx_port = q->rx_port = bind(p, dir, "event-channel");
	}
	peer_back_state(p, XENNET_STATE_CONNECTED);
}

static void unmap_ring(struct peer_back *p, struct xennet_ring *ring)
{
	unsigned order = peer_get_uint(p->f, FRONT_DIR, "ring-page-order");

	p->platform.ops->unmap_ring(p->platform.ctx, ring->slots - 64,
				    1u << order);
}

void peer_back_disconnect(struct peer_back *p)
{
	while (p->nqueues > 0) {
		struct peer_back_queue *q = &p->q[--p->nqueues];

		if (q->rx_port != q->tx_port)
			p->platform.ops->evtchn_close(p->platform.ctx,
						      q->rx_port);
		p->platform.ops->evtchn_close(p->platform.ctx, q->tx_port);
		unmap_ring(p, &q->tx);
		unmap_ring(p, &q->rx);
	}
}

static bool next(struct xennet_ring *r)
{
	int n = xennet_ring_peek(r);

	if (n < 0)
		abort();
	return n > 0;
}

bool peer_take_req(struct peer_back *p, struct xennet_tx_req *req)
{
	if (!next(&p->q[0].tx))
		return false;
	xennet_tx_get_req(&p->q[0].tx, req);
	return true;
}

bool peer_take_extra(struct peer_back *p, struct xennet_extra *e)
{
	if (!next(&p->q[0].tx))
		return false;
	xennet_tx_get_extra(&p->q[0].tx, e);
	return true;
}

void peer_answer(struct peer_back *p, uint16_t id, int16_t status)
{
	struct xennet_tx_rsp rsp = { id, status };

	xennet_tx_put_rsp(&p->q[0].tx, &rsp);
	if (xennet_ring_push(&p->q[0].tx))
		p->platform.ops->evtchn_notify(p->platform.ctx,
					       p->q[0].tx_port);
}

const unsigned char *peer_data(struct peer_back *p,
			       const struct xennet_tx_req *req)
{
	const unsigned char *page = fake_granted(p->f, FRONT, req->gref);

	return page ? page + req->offset : NULL;
}

bool peer_take_buffer(struct peer_back *p, struct xennet_rx_req *req)
{
	if (!next(&p->q[0].rx))
		return false;
	xennet_rx_get_req(&p->q[0].rx, req);
	return true;
}

void peer_put_rx(struct peer_back *p, uint16_t id, uint16_t offset,
		 uint16_t flags, int16_t status)
{
	struct xennet_rx_rsp rsp = { id, offset, flags, status };

	xennet_rx_put_rsp(&p->q[0].rx, &rsp);
}

void peer_put_rx_extra(struct peer_back *p, uint8_t type, uint8_t flags,
		       uint8_t gso_type, uint16_t gso_size)
{
	struct xennet_extra e = { .type = type, .flags = flags };

	memset(&e.u, 0xa5, sizeof(e.u));
	e.u.gso.type = gso_type;
	e.u.gso.size = gso_size;
	xennet_rx_put_extra(&p->q[0].rx, &e);
}

void peer_push_rx(struct peer_back *p)
{
	if (xennet_ring_push(&p->q[0].rx))
		p->platform.ops->evtchn_notify(p->platform.ctx,
					       p->q[0].rx_port);
}

void peer_deliver(struct peer_back *p, unsigned n, uint16_t offset,
		  uint16_t size, uint16_t last_flags)
{
	struct xennet_rx_req req;
	unsigned i, j;

	for (i = 0; i < n; i++) {
		unsigned char *page;

		if (!peer_take_buffer(p, &req))
			abort();
		page = fake_granted(p->f, FRONT, req.gref);
		for (j = 0; j < size && offset + j < XENNET_PAGE; j++)
			page[offset + j] = peer_byte(i, offset + j);
		peer_put_rx(p, req.id, offset,
			    i + 1 < n ? XENNET_RXF_MORE_DATA : last_flags,
			    (int16_t)size);
	}
}
