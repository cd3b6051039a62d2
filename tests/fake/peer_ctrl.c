/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#include <stdlib.h>

#include "peer_ctrl.h"

void peer_ctrl_open(struct peer_ctrl *c, struct peer_front *front)
{
	const struct xennet_platform *p = &front->platform;
	struct xennet_ring_shape shape = xennet_ctrl_shape();
	void *page;

	memset(c, 0, sizeof(*c));
	c->front = front;
	if (p->ops->share(p->ctx, BACK, 1, false, &page, &c->gref) ||
	    p->ops->evtchn_alloc(p->ctx, BACK, &c->port))
		abort();
	xennet_ring_format(page, &shape);
	xennet_ring_front(&c->ring, page, &shape);
	c->page = page;
	c->data.addr = p->ops->alloc_pages(p->ctx, 1);
	c->data.readonly = true;
	p->ops->grant(p->ctx, BACK, &c->data, 1);
	peer_set_uint(front->f, FRONT_DIR, "ctrl-ring-ref", c->gref);
	peer_set_uint(front->f, FRONT_DIR, "event-channel-ctrl", c->port);
}

void peer_ctrl_close(struct peer_ctrl *c)
{
	const struct xennet_platform *p = &c->front->platform;

	p->ops->evtchn_close(p->ctx, c->port);
	p->ops->unshare(p->ctx, c->page, 1, &c->gref);
	p->ops->ungrant(p->ctx, &c->data, 1);
	p->ops->free_pages(p->ctx, c->data.addr, 1);
}

void peer_ctrl_put(struct peer_ctrl *c, uint16_t id, uint16_t type, uint32_t d0,
		   uint32_t d1, uint32_t d2)
{
	struct xennet_ctrl_req req = { id, type, { d0, d1, d2 } };

	xennet_ctrl_put_req(&c->ring, &req);
}

void peer_ctrl_push(struct peer_ctrl *c)
{
	const struct xennet_platform *p = &c->front->platform;

	if (xennet_ring_push(&c->ring))
		p->ops->evtchn_notify(p->ctx, c->port);
}

bool peer_ctrl_take(struct peer_ctrl *c, struct xennet_ctrl_rsp *rsp)
{
	int n = xennet_ring_peek(&c->ring);

	if (n < 0)
		abort();
	if (n > 0)
		xennet_ctrl_get_rsp(&c->ring, rsp);
	return n > 0;
}
