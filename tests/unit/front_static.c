/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * A frontend that asks for static grants, and a backend that may answer
 * anything, or never.
 */
#include <stdlib.h>

#include "front_rig.h"

#define ASKING ((XENNET_F_ALL & ~XENNET_F_PERSISTENT) | XENNET_F_STATIC)
#define GET XENNET_CTRL_GET_GREF_MAPPING_SIZE
#define ADD XENNET_CTRL_ADD_GREF_MAPPING
#define POOLS (2 * RING)

/* The backend's end of the control ring, and the request it has in hand. */
struct rig {
	struct front_rig *f;
	struct xennet_ring ring;
	void *page;
	uint32_t port;
	struct xennet_ctrl_req req;
};

static void open_ring(struct rig *r)
{
	struct xennet_ring_shape shape = xennet_ctrl_shape();
	const struct xennet_platform *p = &r->f->back.platform;
	uint32_t gref = peer_get_uint(&r->f->f, FRONT_DIR, "ctrl-ring-ref");
	uint32_t remote =
		peer_get_uint(&r->f->f, FRONT_DIR, "event-channel-ctrl");

	assert_int_equal(p->ops->map_ring(p->ctx, FRONT, &gref, 1, &r->page),
			 0);
	assert_int_equal(xennet_ring_back(&r->ring, r->page, &shape), 0);
	assert_int_equal(p->ops->evtchn_bind(p->ctx, FRONT, remote, &r->port),
			 0);
}

static void open_rig(struct rig *r, unsigned queues, uint32_t flags)
{
	const struct front_setting s = { .queues = queues, .flags = flags };

	r->f = calloc(1, sizeof(*r->f));
	front_rig_open(r->f, &s);
	peer_set_uint(&r->f->f, BACK_DIR, "feature-ctrl-ring", 1);
	assert_int_equal(front_rig_event(r->f), XENNET_VIF_IDLE);
	peer_back_connect(&r->f->back);
	open_ring(r);
	assert_int_equal(front_rig_event(r->f), XENNET_VIF_CONNECTED);
	r->f->q = &r->f->front.queue[0];
}

static void close_ring(struct rig *r)
{
	const struct xennet_platform *p = &r->f->back.platform;

	p->ops->evtchn_close(p->ctx, r->port);
	p->ops->unmap_ring(p->ctx, r->page, 1);
}

static void close_rig(struct rig *r)
{
	close_ring(r);
	front_rig_close(r->f);
}

/* The next request; false: there is none. */
static bool take(struct rig *r)
{
	int n = xennet_ring_peek(&r->ring);

	assert_in_range(n, 0, 1); /* one thing at a time */
	if (n)
		xennet_ctrl_get_req(&r->ring, &r->req);
	return n > 0;
}

static void answer(struct rig *r, uint32_t status, uint32_t data)
{
	struct xennet_ctrl_rsp rsp = { r->req.id, r->req.type, status, data };

	xennet_ctrl_put_rsp(&r->ring, &rsp);
	if (xennet_ring_push(&r->ring))
		r->f->back.platform.ops->evtchn_notify(r->f->back.platform.ctx,
						       r->port);
	assert_int_equal(front_rig_event(r->f), XENNET_VIF_IDLE);
}

static const struct xennet_ctrl_gref *listed(struct rig *r)
{
	return fake_granted(&r->f->f, FRONT, r->req.data[1]);
}

static void assert_asks(struct rig *r, uint16_t type, uint32_t queue)
{
	assert_true(take(r));
	assert_int_equal(r->req.type, type);
	assert_int_equal(r->req.data[0], queue);
}

static void assert_done(struct rig *r)
{
	assert_false(take(r));
	assert_null(r->f->front.statics.list);
}

/* Packets go both ways, whatever was answered. */
static void assert_traffic(struct rig *r)
{
	struct xennet_tx_req req;
	unsigned i;

	for (i = 0; i < 3 * RING; i++) {
		assert_int_equal(front_rig_send(r->f, i, 1500), 1);
		assert_true(peer_take_req(&r->f->back, &req));
		assert_int_equal(peer_data(&r->f->back, &req)[1499],
				 peer_byte(i, 1499));
		peer_answer(&r->f->back, req.id, XENNET_RSP_OKAY);
		peer_deliver(&r->f->back, 1, 0, 900, 0);
		peer_push_rx(&r->f->back);
		assert_int_equal(front_rig_poll(r->f), 1);
		assert_int_equal(r->f->in.pkt[0].len, 900);
		xennet_front_done(r->f->q, r->f->in.pkt, 1);
	}
	assert_int_equal(front_rig_refused(r->f), 0);
}

static void lists_both_pools_and_revokes_nothing(void **state)
{
	struct rig r;
	unsigned i, grants;
	bool seen[FAKE_GRANTS] = { false };

	(void)state;
	open_rig(&r, 1, ASKING);
	assert_asks(&r, GET, 0);
	assert_int_equal(r.req.data[1] | r.req.data[2], 0);
	answer(&r, XENNET_CTRL_SUCCESS, 10000);
	assert_asks(&r, ADD, 0);
	assert_int_equal(r.req.data[2], POOLS);
	for (i = 0; i < POOLS; i++) {
		const struct xennet_ctrl_gref *e = &listed(&r)[i];
		const struct fake_grant *g =
			fake_grant(&r.f->f, FRONT, e->gref);

		assert_non_null(g);
		assert_int_equal(e->flags, i < RING);
		assert_int_equal(g->readonly, i < RING);
		assert_false(seen[e->gref]);
		seen[e->gref] = true;
	}
	assert_false(fake_grant(&r.f->f, FRONT, r.req.data[1])->readonly);
	answer(&r, XENNET_CTRL_SUCCESS, 0);
	assert_done(&r);
	assert_int_equal(r.f->q->statics, POOLS);

	grants = r.f->f.calls[FAKE_GRANT] + r.f->f.calls[FAKE_UNGRANT];
	assert_traffic(&r);
	assert_int_equal(r.f->f.calls[FAKE_GRANT] + r.f->f.calls[FAKE_UNGRANT],
			 grants);
	/* what a request names is what was listed */
	assert_int_equal(front_rig_send(r.f, 1, 60), 1);
	{
		struct xennet_tx_req req;

		assert_true(peer_take_req(&r.f->back, &req));
		assert_true(seen[req.gref]);
	}
	close_rig(&r);
}

/* X13: the backend can write to what was listed. */
static void X13_head_of_a_listed_buffer_is_private(void **state)
{
	struct rig r;
	struct xennet_rx_req req;
	const struct xennet_pkt *pkt;
	unsigned char *page;

	(void)state;
	open_rig(&r, 1, ASKING);
	assert_true(peer_take_buffer(&r.f->back, &req));
	page = fake_granted(&r.f->f, FRONT, req.gref);
	memset(page, 7, 1000);
	peer_put_rx(&r.f->back, req.id, 0, 0, 1000);
	peer_push_rx(&r.f->back);
	assert_int_equal(front_rig_poll(r.f), 1);
	pkt = r.f->in.pkt;
	memset(page, 9, 1000);
	assert_true(pkt->flags & XENNET_PKT_SHARED);
	assert_int_equal(pkt->frag[0].len, XENNET_HEAD);
	assert_int_equal(((uint8_t *)pkt->frag[0].addr)[XENNET_HEAD - 1], 7);
	xennet_front_done(r.f->q, pkt, 1);
	close_rig(&r);
}

/* Half for each ring; what one has no use for goes to the other. */
static void list_is_no_longer_than_the_quota(void **state)
{
	static const struct {
		uint32_t quota, tx, rx;
	} shares[] = {
		{ 1, 1, 0 },	   { 2, 1, 1 },
		{ 3, 2, 1 },	   { 100, 50, 50 },
		{ 511, 256, 255 }, { 512, 256, 256 },
		{ 513, 256, 256 }, { UINT32_MAX, 256, 256 },
	};
	unsigned i, j, tx;

	(void)state;
	for (i = 0; i < COUNT(shares); i++) {
		struct rig r;

		open_rig(&r, 1, ASKING);
		assert_asks(&r, GET, 0);
		answer(&r, XENNET_CTRL_SUCCESS, shares[i].quota);
		assert_asks(&r, ADD, 0);
		assert_int_equal(r.req.data[2], shares[i].tx + shares[i].rx);
		for (j = tx = 0; j < r.req.data[2]; j++)
			tx += listed(&r)[j].flags;
		assert_int_equal(tx, shares[i].tx);
		answer(&r, XENNET_CTRL_SUCCESS, 0);
		assert_done(&r);
		assert_int_equal(r.f->q->statics, shares[i].tx + shares[i].rx);
		assert_traffic(&r);
		close_rig(&r);
	}
}

static void each_queue_is_asked_about_and_listed(void **state)
{
	struct rig r;
	unsigned q;

	(void)state;
	open_rig(&r, 4, ASKING);
	for (q = 0; q < 4; q++) {
		assert_asks(&r, GET, q);
		/* 1: none; 2: refuses the list */
		answer(&r, XENNET_CTRL_SUCCESS, q == 1 ? 0 : 200);
		if (q == 1)
			continue;
		assert_asks(&r, ADD, q);
		assert_int_equal(listed(&r)[0].gref,
				 r.f->front.queue[q].tx.gref[0]);
		answer(&r, q == 2 ? XENNET_CTRL_INVALID_PARAMETER : 0, 0);
	}
	assert_done(&r);
	assert_int_equal(r.f->front.queue[0].statics, 200);
	assert_int_equal(r.f->front.queue[1].statics, 0);
	assert_int_equal(r.f->front.queue[2].statics, 0);
	assert_int_equal(r.f->front.queue[3].statics, 200);
	close_rig(&r);
}

static void goes_on_without_whatever_is_answered(void **state)
{
	static const uint32_t statuses[] = {
		1, 2, 3, 4, 0x80000000, UINT32_MAX
	};
	unsigned i;

	(void)state;
	for (i = 0; i < COUNT(statuses); i++) {
		struct rig r;

		open_rig(&r, 1, ASKING);
		assert_asks(&r, GET, 0);
		answer(&r, statuses[i], 500);
		assert_done(&r);
		assert_int_equal(r.f->q->statics, 0);
		assert_traffic(&r);
		close_rig(&r);

		open_rig(&r, 1, ASKING);
		assert_asks(&r, GET, 0);
		answer(&r, XENNET_CTRL_SUCCESS, 500);
		assert_asks(&r, ADD, 0);
		answer(&r, statuses[i], 500);
		assert_done(&r);
		assert_int_equal(r.f->q->statics, 0);
		assert_traffic(&r);
		close_rig(&r);
	}
}

static void C16_page_of_the_list_stays_until_it_is_answered(void **state)
{
	struct rig r;
	struct xennet_map_op op = { .domid = FRONT };
	const struct xennet_platform *p;
	unsigned round;
	uint32_t first;

	(void)state;
	open_rig(&r, 1, ASKING);
	p = &r.f->back.platform;
	assert_asks(&r, GET, 0);
	assert_traffic(&r); /* nobody waits for it */
	answer(&r, XENNET_CTRL_SUCCESS, 500);
	assert_asks(&r, ADD, 0);
	first = listed(&r)[0].gref;
	for (round = 0; round < 3; round++) {
		assert_traffic(&r);
		assert_int_equal(front_rig_event(r.f), XENNET_VIF_IDLE);
		assert_int_equal(listed(&r)[0].gref, first);
		assert_int_equal(fake_grant(&r.f->f, FRONT, first)->live, 1);
	}
	/* the backend comes to it late, and is mapping it as we part */
	op.gref = r.req.data[1];
	p->ops->map(p->ctx, &op, 1);
	assert_int_equal(op.status, 0);
	xennet_front_disconnect(&r.f->front);
	assert_null(r.f->front.statics.list);
	assert_int_equal(((struct xennet_ctrl_gref *)op.addr)->gref, first);
	p->ops->unmap(p->ctx, &op, 1);
	assert_int_equal(op.status, 0);
	close_rig(&r);
}

/* Only where it was asked for, and where it is of use. */
static void nothing_is_asked_where_it_is_not_wanted(void **state)
{
	static const uint32_t flags[] = {
		0,
		XENNET_F_ALL,
		XENNET_F_ALL & ~XENNET_F_PERSISTENT,
		ASKING & ~XENNET_F_CTRL_RING,
	};
	unsigned i, persistent;

	(void)state;
	for (i = 0; i < COUNT(flags); i++) {
		struct rig r = { .f = NULL };

		r.f = calloc(1, sizeof(*r.f));
		front_rig_open(r.f,
			       &(struct front_setting){ .flags = flags[i] });
		peer_set_uint(&r.f->f, BACK_DIR, "feature-ctrl-ring", 1);
		front_rig_event(r.f);
		peer_back_connect(&r.f->back);
		assert_int_equal(front_rig_event(r.f), XENNET_VIF_CONNECTED);
		assert_null(r.f->front.statics.list);
		assert_false(r.f->front.queue[0].persistent);
		front_rig_close(r.f);
	}
	/* without a control ring; and with persistent grants agreed on */
	for (persistent = 0; persistent < 2; persistent++) {
		struct front_rig *f = calloc(1, sizeof(*f));

		front_rig_open(
			f, &(struct front_setting){ .persistent = persistent,
						    .flags = XENNET_F_ALL |
							     XENNET_F_STATIC });
		if (persistent)
			peer_set_uint(&f->f, BACK_DIR, "feature-ctrl-ring", 1);
		front_rig_event(f);
		peer_back_connect(&f->back);
		assert_int_equal(front_rig_event(f), XENNET_VIF_CONNECTED);
		assert_null(f->front.statics.list);
		assert_int_equal(f->front.queue[0].persistent, persistent);
		front_rig_close(f);
	}
}

/* No page for the list: then there is none. */
static void G4_list_without_a_page_is_not_sent(void **state)
{
	struct front_rig *f = calloc(1, sizeof(*f));
	struct rig r = { .f = f };

	(void)state;
	front_rig_open(f, &(struct front_setting){ .flags = ASKING });
	peer_set_uint(&f->f, BACK_DIR, "feature-ctrl-ring", 1);
	front_rig_event(f);
	peer_back_connect(&f->back);
	open_ring(&r);
	fake_fail(&f->f, FAKE_SHARE, 1, -XENNET_ENOMEM);
	assert_int_equal(front_rig_event(f), XENNET_VIF_CONNECTED);
	assert_true(fake_failed(&f->f));
	f->q = &f->front.queue[0];
	assert_done(&r);
	assert_traffic(&r);
	close_rig(&r);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(lists_both_pools_and_revokes_nothing),
		TEST(X13_head_of_a_listed_buffer_is_private),
		TEST(list_is_no_longer_than_the_quota),
		TEST(each_queue_is_asked_about_and_listed),
		TEST(goes_on_without_whatever_is_answered),
		TEST(C16_page_of_the_list_stays_until_it_is_answered),
		TEST(nothing_is_asked_where_it_is_not_wanted),
		TEST(G4_list_without_a_page_is_not_sent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
