/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#include "back_ctrl.h"

#include "back_hash.h"
#include "back_static.h"
#include "internal.h"
#include "store.h"

#define REF "ctrl-ring-ref"
#define PORT "event-channel-ctrl"

/* Serves a request: a XENNET_CTRL_ status, and *data of the answer, which is
 * zero. */
typedef uint32_t serve_fn(struct xennet_back *b, const uint32_t data[3],
			  uint32_t *answer);

/* By type, those that are supported. */
static serve_fn *const serves[XENNET_CTRL_TYPES] = {
	[XENNET_CTRL_GET_HASH_FLAGS] = xennet_back_hash_get_flags,
	[XENNET_CTRL_SET_HASH_FLAGS] = xennet_back_hash_set_flags,
	[XENNET_CTRL_SET_HASH_KEY] = xennet_back_hash_key,
	[XENNET_CTRL_GET_HASH_MAPPING_SIZE] = xennet_back_hash_get_size,
	[XENNET_CTRL_SET_HASH_MAPPING_SIZE] = xennet_back_hash_set_size,
	[XENNET_CTRL_SET_HASH_MAPPING] = xennet_back_hash_mapping,
	[XENNET_CTRL_SET_HASH_ALGORITHM] = xennet_back_hash_algorithm,
	[XENNET_CTRL_GET_GREF_MAPPING_SIZE] = xennet_back_static_size,
	[XENNET_CTRL_ADD_GREF_MAPPING] = xennet_back_static_add,
	[XENNET_CTRL_DEL_GREF_MAPPING] = xennet_back_static_del,
};

static int blame(struct xennet_back *b, int err, const char *key, int fault)
{
	b->refused_key = key;
	return xennet_platforms_fault(err) ? err : fault;
}

static int attach(struct xennet_back *b, uint32_t gref, uint32_t remote)
{
	const struct xennet_platform *p = &b->config.platform;
	struct xennet_ring_shape shape = xennet_ctrl_shape();
	struct xennet_back_ctrl *c = &b->ctrl;
	void *page;
	int err;

	err = p->ops->map_ring(p->ctx, b->config.peer, &gref, 1, &page);
	if (err)
		return blame(b, err, REF, -XENNET_EKEY_RING);
	b->refused_key = REF;
	err = xennet_attach_back(&c->ring, page, &shape);
	if (err)
		goto unmap;
	err = p->ops->evtchn_bind(p->ctx, b->config.peer, remote, &c->port);
	if (err) {
		err = blame(b, err, PORT, -XENNET_EKEY_EVTCHN);
		goto unmap;
	}
	c->page = page;
	return 0;

unmap:
	p->ops->unmap_ring(p->ctx, page, 1);
	return err;
}

XENNET_COLD int xennet_back_ctrl_connect(struct xennet_back *b)
{
	const struct xennet_platform *p = &b->config.platform;
	uint32_t gref, remote;
	int err;

	memset(&b->ctrl, 0, sizeof(b->ctrl));
	if (!(b->config.offer.flags & XENNET_F_CTRL_RING))
		return 0;
	err = xennet_store_get_in(p, b->txn, b->peer_dir, REF, &gref);
	if (err == -XENNET_ENOENT)
		return 0;
	b->refused_key = REF;
	/* reserved references are granted to others than a backend (G8) */
	if (!err && gref < XENNET_GREF_FIRST)
		err = -XENNET_EKEY_VALUE;
	if (err)
		return err;
	b->refused_key = PORT;
	err = xennet_store_get_in(p, b->txn, b->peer_dir, PORT, &remote);
	if (err)
		return err == -XENNET_ENOENT ? -XENNET_EKEY_MISSING : err;
	return attach(b, gref, remote);
}

XENNET_COLD void xennet_back_ctrl_disconnect(struct xennet_back *b)
{
	const struct xennet_platform *p = &b->config.platform;
	struct xennet_back_ctrl *c = &b->ctrl;

	if (!c->page)
		return;
	p->ops->evtchn_close(p->ctx, c->port);
	p->ops->unmap_ring(p->ctx, c->page, 1);
	xennet_back_hash_close(b);
	c->page = NULL;
	c->broken = 0;
}

static void notify(struct xennet_back *b)
{
	const struct xennet_platform *p = &b->config.platform;

	p->ops->evtchn_notify(p->ctx, b->ctrl.port);
}

XENNET_COLD int xennet_back_ctrl_event(struct xennet_back *b)
{
	const struct xennet_platform *p = &b->config.platform;
	struct xennet_back_ctrl *c = &b->ctrl;
	int n, came;

	if (!c->page || c->broken)
		return c->broken ? XENNET_VIF_STOP : XENNET_VIF_IDLE;
	came = p->ops->evtchn_rearm(p->ctx, c->port, c->idle);
	/* what an earlier backend answered and may not have told of */
	if (xennet_ring_settle(&c->ring))
		notify(b);
	n = (int)xennet_ring_known(&c->ring);
	if (n == 0)
		n = xennet_arm(&c->ring, 1);
	if (came > 0)
		c->idle = n == 0;
	if (n > 0)
		return XENNET_VIF_PAUSE;
	c->broken = n;
	return n ? XENNET_VIF_STOP : XENNET_VIF_IDLE;
}

/* Messages 1 to 7 are the hash's, which has memory from the first of them on. */
static bool is_served(struct xennet_back *b, uint16_t type)
{
	if (type >= XENNET_CTRL_TYPES || !serves[type])
		return false;
	return type > XENNET_CTRL_SET_HASH_ALGORITHM ||
	       xennet_back_hash_open(b);
}

/* An answer is published before the next request is served: what a killed
 * backend leaves is served again, and that is one at most. */
static void serve(struct xennet_back *b)
{
	struct xennet_back_ctrl *c = &b->ctrl;
	struct xennet_ctrl_req req;
	struct xennet_ctrl_rsp rsp;

	xennet_ctrl_get_req(&c->ring, &req);
	rsp.id = req.id;
	rsp.type = req.type;
	rsp.status = XENNET_CTRL_NOT_SUPPORTED;
	rsp.data = 0;
	if (is_served(b, req.type))
		rsp.status = serves[req.type](b, req.data, &rsp.data);
	xennet_ctrl_put_rsp(&c->ring, &rsp);
	if (xennet_ring_push(&c->ring))
		notify(b);
	c->served++;
	c->pages += XENNET_CTRL_PAGES / XENNET_CTRL_BUDGET;
}

XENNET_COLD int xennet_back_ctrl(struct xennet_back *b)
{
	struct xennet_back_ctrl *c = &b->ctrl;
	int n;

	if (!c->page || c->broken)
		return c->broken;
	c->pages = 0;
	for (n = 0; c->pages < XENNET_CTRL_PAGES; n++) {
		int known = xennet_peek(&c->ring);

		if (known < 0)
			return c->broken = known;
		if (known == 0)
			break;
		serve(b);
	}
	return n;
}
