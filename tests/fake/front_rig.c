/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#include <stdlib.h>

#include "front_rig.h"

const struct front_setting front_granting = { .persistent = false };
const struct front_setting front_persistent = { .persistent = true };
const struct front_setting front_keeping = { .keep = true };
const struct front_setting front_sharing = { .sharing = true };

void front_rig_open(struct front_rig *r, const struct front_setting *s)
{
	struct xennet_front_config c = { 0 };

	fake_open(&r->f);
	peer_toolstack(&r->f);
	peer_back_offer(&r->back, &r->f, s->persistent);
	c.platform = s->sharing ? fake_sharing_platform(&r->f, FRONT)
				: fake_platform(&r->f, FRONT);
	c.domid = FRONT;
	c.handle = HANDLE;
	c.offer.flags = s->flags;
	c.offer.queues = s->queues;
	c.keep_granted = s->keep;
	c.offer.headroom = s->headroom;
	assert_int_equal(xennet_front_open(&r->front, &c), 0);
}

int front_rig_event(struct front_rig *r)
{
	bool atomic = r->f.atomic;
	int event;

	r->f.atomic = false;
	event = xennet_front_event(&r->front);
	r->f.atomic = atomic;
	return event;
}

int front_rig_setup(void **state)
{
	struct front_rig *r = calloc(1, sizeof(*r));

	front_rig_open(r, *state);
	assert_int_equal(front_rig_event(r), XENNET_VIF_IDLE);
	peer_back_connect(&r->back);
	assert_int_equal(front_rig_event(r), XENNET_VIF_CONNECTED);
	r->q = &r->front.queue[0];
	r->f.atomic = true;
	*state = r;
	return 0;
}

void front_rig_close(struct front_rig *r)
{
	r->f.atomic = false;
	xennet_front_close(&r->front);
	peer_back_disconnect(&r->back);
	fake_check_clean(&r->f);
	fake_close(&r->f);
	free(r);
}

int front_rig_teardown(void **state)
{
	front_rig_close(*state);
	return 0;
}

int front_rig_send(struct front_rig *r, unsigned seed, uint32_t len)
{
	static unsigned char bytes[0x20000];
	struct xennet_frag frag = { bytes, len };
	struct xennet_pkt pkt = { .frag = &frag, .len = len, .nfrags = 1 };
	uint32_t i;

	for (i = 0; i < len; i++)
		bytes[i] = peer_byte(seed, i);
	return xennet_front_send(r->q, &pkt, 1);
}

int front_rig_poll(struct front_rig *r)
{
	return xennet_front_poll(r->q, &r->in, XENNET_BURST);
}

uint64_t front_rig_refused(const struct front_rig *r)
{
	uint64_t n = 0;
	int i;

	for (i = 0; i < XENNET_ERR_COUNT; i++)
		if (xennet_err_kind(i) == XENNET_KIND_PACKET)
			n += r->q->stats.reason[i];
	return n;
}
