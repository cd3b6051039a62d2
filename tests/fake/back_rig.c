/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#include <stdlib.h>

#include "back_rig.h"

const struct back_setting back_copy = { .strategy = XENNET_COPY };
const struct back_setting back_map = { .strategy = XENNET_MAP };
const struct back_setting back_persistent = { .strategy = XENNET_PERSISTENT };
const struct back_setting back_by_cost = {
	.strategy = XENNET_BY_COST, .flags = XENNET_F_ALL & ~XENNET_F_PERSISTENT
};
const struct back_setting back_pinning = { .strategy = XENNET_COPY,
					   .pinning = true };

void back_rig_open(struct back_rig *r, const struct back_setting *s)
{
	struct xennet_back_config c = { 0 };

	fake_open(&r->f);
	peer_toolstack(&r->f);
	peer_front_open(&r->front, &r->f, s->queues ? s->queues : 1, s->order,
			s->split, s->layout);
	c.platform = s->pinning ? fake_pinning_platform(&r->f, BACK)
				: fake_platform(&r->f, BACK);
	c.domid = BACK;
	c.peer = FRONT;
	c.handle = HANDLE;
	c.offer.flags = s->flags;
	c.offer.queues = PEER_QUEUES;
	c.offer.ring_order = XENNET_RING_ORDER_MAX;
	c.offer.slots = s->slots;
	c.tx = c.rx = s->strategy;
	c.pgrants = s->pgrants;
	c.maps = s->maps;
	c.costs = fake_costs;
	assert_int_equal(xennet_back_open(&r->back, &c), 0);
}

int back_rig_event(struct back_rig *r)
{
	bool atomic = r->f.atomic;
	int event;

	r->f.atomic = false;
	event = xennet_back_event(&r->back);
	r->f.atomic = atomic;
	return event;
}

int back_rig_setup(void **state)
{
	struct back_rig *r = calloc(1, sizeof(*r));

	back_rig_open(r, *state);
	peer_front_publish(&r->front);
	peer_front_state(&r->front, XENNET_STATE_CONNECTED);
	assert_int_equal(back_rig_event(r), XENNET_VIF_CONNECTED);
	r->q = &r->back.queue[0];
	r->f.atomic = true;
	*state = r;
	return 0;
}

void back_rig_close(struct back_rig *r)
{
	r->f.atomic = false;
	xennet_back_close(&r->back);
	peer_front_close(&r->front);
	fake_check_clean(&r->f);
	fake_close(&r->f);
	free(r);
}

int back_rig_teardown(void **state)
{
	back_rig_close(*state);
	return 0;
}

int back_rig_poll(struct back_rig *r)
{
	return xennet_back_poll(r->q, &r->in, XENNET_BURST);
}

int back_rig_serve(struct back_rig *r)
{
	int n = back_rig_poll(r);

	if (n > 0)
		xennet_back_done(r->q, r->in.pkt, (unsigned)n);
	peer_take_answers(&r->front, &r->answers);
	return n;
}

uint64_t back_rig_refused(const struct back_rig *r)
{
	uint64_t n = 0;
	unsigned i;

	for (i = 0; i < XENNET_ERR_COUNT; i++)
		n += r->q->stats.reason[i];
	return n;
}
