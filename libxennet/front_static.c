/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#include "front_static.h"

#include "front_ctrl.h"
#include "internal.h"

/* In one page. */
#define LIST_MAX (XENNET_PAGE / sizeof(struct xennet_ctrl_gref))

XENNET_COLD bool xennet_front_static_wanted(const struct xennet_front *f)
{
	uint32_t ours = f->config.offer.flags, both = ours & f->back.flags;

	return ours & XENNET_F_STATIC && both & XENNET_F_CTRL_RING &&
	       !(both & XENNET_F_PERSISTENT);
}

XENNET_COLD void xennet_front_static_end(struct xennet_front *f)
{
	const struct xennet_platform *p = &f->config.platform;
	struct xennet_front_statics *s = &f->statics;

	if (s->list)
		p->ops->unshare(p->ctx, s->list, 1, &s->gref);
	s->list = NULL;
}

static void ask(struct xennet_front *f, uint16_t type, uint32_t gref,
		uint32_t n)
{
	if (xennet_front_ctrl_send(f, type, f->statics.queue, gref, n))
		xennet_front_static_end(f);
}

static void ask_size(struct xennet_front *f)
{
	f->statics.ntx = f->statics.nrx = f->statics.listed = 0;
	ask(f, XENNET_CTRL_GET_GREF_MAPPING_SIZE, 0, 0);
}

XENNET_COLD void xennet_front_static_begin(struct xennet_front *f)
{
	const struct xennet_platform *p = &f->config.platform;
	struct xennet_front_statics *s = &f->statics;
	void *page;

	if (!xennet_front_static_wanted(f))
		return;
	if (p->ops->share(p->ctx, f->peer, 1, false, &page, &s->gref))
		return;
	s->list = (struct xennet_ctrl_gref *)page;
	s->queue = 0;
	ask_size(f);
}

static uint32_t least(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

/* Half of the quota for each ring, and what one has no use for to the other. */
static void share_out(struct xennet_front_statics *s,
		      const struct xennet_front_queue *q, uint32_t quota)
{
	s->nrx = least(q->rx.ring.size, quota / 2);
	s->ntx = least(q->tx.ring.size, quota - s->nrx);
	s->nrx = least(q->rx.ring.size, quota - s->ntx);
}

static void ask_list(struct xennet_front *f, const struct xennet_front_queue *q)
{
	struct xennet_front_statics *s = &f->statics;
	uint32_t left = s->ntx + s->nrx - s->listed, i;

	s->asked = least(left, LIST_MAX);
	for (i = 0; i < s->asked; i++) {
		uint32_t at = s->listed + i;
		struct xennet_ctrl_gref e = { 0 };

		if (at < s->ntx) {
			e.gref = q->tx.gref[at];
			e.flags = XENNET_CTRL_GREFF_READONLY;
		} else {
			e.gref = q->rx.gref[at - s->ntx];
		}
		s->list[i] = e;
	}
	ask(f, XENNET_CTRL_ADD_GREF_MAPPING, s->gref, s->asked);
}

XENNET_COLD void xennet_front_static_answer(struct xennet_front *f,
					    const struct xennet_ctrl_req *req,
					    const struct xennet_ctrl_rsp *rsp)
{
	struct xennet_front_statics *s = &f->statics;
	struct xennet_front_queue *q = &f->queue[s->queue];
	bool yes = rsp->status == XENNET_CTRL_SUCCESS;

	if (req->type == XENNET_CTRL_GET_GREF_MAPPING_SIZE) {
		share_out(s, q, yes ? rsp->data : 0);
	} else if (yes) {
		s->listed += s->asked;
		q->statics = s->listed;
	} else {
		/* none of them was listed, and no other would be */
		s->ntx = s->nrx = s->listed = 0;
	}
	if (s->listed < s->ntx + s->nrx)
		ask_list(f, q);
	else if (++s->queue < f->nqueues)
		ask_size(f);
	else
		xennet_front_static_end(f);
}
