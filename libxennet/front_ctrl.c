/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#include "front_ctrl.h"

#include "front_hash.h"
#include "front_static.h"
#include "internal.h"
#include "store.h"

#define REF "ctrl-ring-ref"
#define PORT "event-channel-ctrl"

XENNET_COLD int xennet_front_ctrl_connect(struct xennet_front *f)
{
	const struct xennet_platform *p = &f->config.platform;
	struct xennet_ring_shape shape = xennet_ctrl_shape();
	struct xennet_front_ctrl *c = &f->ctrl;
	void *page;
	int err;

	memset(c, 0, sizeof(*c));
	if (!(f->config.offer.flags & f->back.flags & XENNET_F_CTRL_RING))
		return 0;
	err = p->ops->share(p->ctx, f->peer, 1, false, &page, &c->gref);
	if (err)
		return err;
	err = p->ops->evtchn_alloc(p->ctx, f->peer, &c->port);
	if (err) {
		p->ops->unshare(p->ctx, page, 1, &c->gref);
		return err;
	}
	xennet_ring_format(page, &shape);
	xennet_attach_front(&c->ring, page, &shape);
	c->page = page;
	return 0;
}

XENNET_COLD void xennet_front_ctrl_disconnect(struct xennet_front *f)
{
	const struct xennet_platform *p = &f->config.platform;
	struct xennet_front_ctrl *c = &f->ctrl;

	xennet_front_hash_stop(f);
	if (!c->page)
		return;
	p->ops->evtchn_close(p->ctx, c->port);
	p->ops->unshare(p->ctx, c->page, 1, &c->gref);
	c->page = NULL;
	c->broken = 0;
}

XENNET_COLD int xennet_front_ctrl_write(struct xennet_front *f, xennet_txn txn)
{
	const struct xennet_platform *p = &f->config.platform;
	const struct xennet_front_ctrl *c = &f->ctrl;
	int err;

	if (!c->page) {
		err = xennet_store_drop(p, txn, f->dir, REF);
		return err ? err : xennet_store_drop(p, txn, f->dir, PORT);
	}
	err = xennet_store_put(p, txn, f->dir, REF, c->gref);
	return err ? err : xennet_store_put(p, txn, f->dir, PORT, c->port);
}

static void notify(struct xennet_front *f)
{
	const struct xennet_platform *p = &f->config.platform;

	p->ops->evtchn_notify(p->ctx, f->ctrl.port);
}

XENNET_COLD int xennet_front_ctrl_send(struct xennet_front *f, uint16_t type,
				       uint32_t d0, uint32_t d1, uint32_t d2)
{
	struct xennet_front_ctrl *c = &f->ctrl;
	struct xennet_ctrl_req req = { 0, type, { d0, d1, d2 } };

	while (req.id < XENNET_CTRL_OUT && c->out[req.id].type)
		req.id++;
	if (req.id == XENNET_CTRL_OUT)
		return -XENNET_EAGAIN;
	c->out[req.id] = req;
	xennet_ctrl_put_req(&c->ring, &req);
	if (xennet_ring_push(&c->ring))
		notify(f);
	return 0;
}

/* What was asked is answered; each type has its owner. */
static void answered(struct xennet_front *f, const struct xennet_ctrl_req *req,
		     const struct xennet_ctrl_rsp *rsp)
{
	switch (req->type) {
	case XENNET_CTRL_GET_GREF_MAPPING_SIZE:
	case XENNET_CTRL_ADD_GREF_MAPPING:
		xennet_front_static_answer(f, req, rsp);
		break;
	case XENNET_CTRL_GET_HASH_FLAGS:
	case XENNET_CTRL_SET_HASH_FLAGS:
	case XENNET_CTRL_SET_HASH_KEY:
	case XENNET_CTRL_SET_HASH_MAPPING_SIZE:
	case XENNET_CTRL_SET_HASH_MAPPING:
	case XENNET_CTRL_SET_HASH_ALGORITHM:
		xennet_front_hash_answered(f, rsp);
		break;
	default:
		break;
	}
}

/* Only what was asked is answered, and once (T9). */
static int take(struct xennet_front *f)
{
	struct xennet_front_ctrl *c = &f->ctrl;
	struct xennet_ctrl_req req;
	struct xennet_ctrl_rsp rsp;

	xennet_ctrl_get_rsp(&c->ring, &rsp);
	if (rsp.id >= XENNET_CTRL_OUT || !rsp.type ||
	    c->out[rsp.id].type != rsp.type)
		return -XENNET_ERSP_ID;
	req = c->out[rsp.id];
	c->out[rsp.id].type = 0;
	answered(f, &req, &rsp);
	return 0;
}

XENNET_COLD void xennet_front_ctrl_look(struct xennet_front *f)
{
	const struct xennet_platform *p = &f->config.platform;
	struct xennet_front_ctrl *c = &f->ctrl;
	bool idle = true;
	int n, came;

	if (!c->page || c->broken)
		return;
	came = p->ops->evtchn_rearm(p->ctx, c->port, c->idle);
	do {
		n = (int)xennet_ring_known(&c->ring);
		if (n == 0)
			n = xennet_arm(&c->ring, 1);
		if (n <= 0)
			break;
		idle = false;
		n = take(f);
	} while (n == 0);
	if (came > 0)
		c->idle = idle;
	c->broken = n;
}
