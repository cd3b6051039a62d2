/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* What fails for a while and then no more leaves both ends able to go on. */
#include <stdlib.h>

#include "back_rig.h"
#include "front_rig.h"
#include "link.h"

#define FOR_EVER 100000u
#define TURNS 20u

static struct link l;

/* The backend maps pages of the frontend's that it should let go of. */
struct grip {
	struct xennet_map_op op[RING];
	unsigned n;
};

static void grip(struct front_rig *r, struct grip *g, uint32_t gref,
		 bool readonly)
{
	const struct xennet_platform *p = &r->back.platform;
	struct xennet_map_op *op = &g->op[g->n++];

	memset(op, 0, sizeof(*op));
	op->gref = gref;
	op->domid = FRONT;
	op->readonly = readonly;
	p->ops->map(p->ctx, op, 1);
	assert_int_equal(op->status, 0);
}

static void let_go(struct front_rig *r, struct grip *g)
{
	const struct xennet_platform *p = &r->back.platform;

	p->ops->unmap(p->ctx, g->op, g->n);
	g->n = 0;
}

static void front_turn(struct front_rig *r)
{
	int n = front_rig_poll(r);

	assert_true(n >= 0);
	if (n > 0)
		xennet_front_done(r->q, r->in.pkt, (unsigned)n);
	xennet_front_arm(r->q);
	xennet_front_wake(r->q);
}

static void front_turns(struct front_rig *r)
{
	unsigned i;

	for (i = 0; i < TURNS; i++)
		front_turn(r);
}

/* Answers every buffer and holds on to it, in `a` to those below `split`. */
static void hold_all_buffers(struct front_rig *r, unsigned split,
			     struct grip *a, struct grip *b)
{
	struct xennet_rx_req req;

	while (peer_take_buffer(&r->back, &req)) {
		grip(r, req.id < split ? a : b, req.gref, false);
		peer_put_rx(&r->back, req.id, 0, 0, 60);
	}
	peer_push_rx(&r->back);
	front_turns(r);
	assert_int_equal(r->q->rx.nbusy, RING);
}

static unsigned posted(struct front_rig *r)
{
	return (unsigned)xennet_ring_peek(&r->back.q[0].rx);
}

static void
G6_connect_without_any_buffer_is_none_and_leaks_nothing(void **state)
{
	struct front_rig *r = calloc(1, sizeof(*r));

	(void)state;
	front_rig_open(r, &front_granting);
	fake_fail_times(&r->f, FAKE_GRANT, 1, FOR_EVER, -XENNET_ENOSPC);

	assert_int_equal(front_rig_event(r), -XENNET_ENOSPC);

	assert_null(r->front.queue);
	assert_int_equal(fake_pages(&r->f), 0);
	assert_int_equal(fake_grants(&r->f, FRONT), 0);
	assert_int_equal(fake_ports(&r->f), 0);
	assert_int_equal(r->f.nallocs, 0);

	fake_fail_nothing(&r->f);
	assert_int_equal(front_rig_event(r), XENNET_VIF_IDLE);
	peer_back_connect(&r->back);
	assert_int_equal(front_rig_event(r), XENNET_VIF_CONNECTED);
	assert_int_equal(posted(r), RING);
	front_rig_close(r);
}

static void G6_X13_buffers_all_held_and_let_go_are_posted_again(void **state)
{
	struct front_rig *r = *state;
	struct grip all = { .n = 0 };

	hold_all_buffers(r, RING, &all, NULL);
	assert_int_equal(posted(r), 0);
	let_go(r, &all);

	front_turns(r);

	assert_int_equal(r->q->rx.nbusy, 0);
	assert_int_equal(posted(r), RING);
}

/* More than fit into one try are held for good. */
static void G6_X13_buffers_held_for_ever_do_not_starve_the_others(void **state)
{
	static const unsigned splits[] = { XENNET_BATCH + 20,
					   XENNET_BATCH - 20 };
	struct front_rig *r = *state;
	unsigned i;

	for (i = 0; i < COUNT(splits); i++) {
		struct grip low = { .n = 0 }, high = { .n = 0 };
		struct grip *for_ever = i ? &high : &low;

		hold_all_buffers(r, splits[i], &low, &high);
		assert_true(for_ever->n > XENNET_BATCH);
		let_go(r, i ? &low : &high);

		front_turns(r);
		assert_int_equal(posted(r), RING - for_ever->n);
		assert_int_equal(r->q->rx.nbusy, for_ever->n);

		let_go(r, for_ever);
		front_turns(r);
		assert_int_equal(posted(r), RING);
	}
}

/* A packet in every page; the backend answers all and holds on to the pages,
 * in `a` to the first `split`. */
static void hold_all_pages(struct front_rig *r, unsigned split, struct grip *a,
			   struct grip *b)
{
	struct xennet_tx_req req;
	unsigned i;

	for (i = 0; i < RING; i++) {
		assert_int_equal(front_rig_send(r, i, XENNET_PAGE), 1);
		assert_true(peer_take_req(&r->back, &req));
		grip(r, i < split ? a : b, req.gref, true);
		peer_answer(&r->back, req.id, XENNET_RSP_OKAY);
	}
	front_turn(r);
	/* the first one is still being packed */
	assert_int_equal(r->q->tx.nbusy, RING - 1);
}

static void G6_pages_held_for_ever_do_not_starve_the_others(void **state)
{
	struct front_rig *r = *state;
	struct grip for_ever = { .n = 0 }, others = { .n = 0 };
	unsigned i, sent = 0;

	hold_all_pages(r, XENNET_BATCH + 20, &for_ever, &others);
	let_go(r, &others);

	for (i = 0; i < RING; i++)
		sent += front_rig_send(r, i, XENNET_PAGE) == 1;

	assert_int_equal(r->q->tx.nbusy, for_ever.n - 1);
	assert_int_equal(sent, RING - r->q->tx.nbusy);
	let_go(r, &for_ever);
}

static const struct link_setting settings[] = {
	{ .strategy = XENNET_PERSISTENT },
	{ .strategy = XENNET_COPY, .queues = 2, .order = 1 },
	{ .strategy = XENNET_MAP,
	  .front_flags = XENNET_F_ALL & ~XENNET_F_PERSISTENT },
};

/* What connecting takes, and what the platform may lack just then. */
static const struct lack {
	enum fake_op op;
	int status;
} lacks[] = {
	{ FAKE_ALLOC, -XENNET_ENOMEM },
	{ FAKE_ALLOC_PAGES, -XENNET_ENOMEM },
	{ FAKE_SHARE, -XENNET_ENOMEM },
	{ FAKE_SHARE, -XENNET_ENOSPC },
	{ FAKE_GRANT, -XENNET_ENOSPC },
	{ FAKE_MAP_RING, -XENNET_EIO },
	{ FAKE_MAP_RING, -XENNET_ENOMEM },
	{ FAKE_EVTCHN_ALLOC, -XENNET_ENOSPC },
	{ FAKE_EVTCHN_BIND, -XENNET_EIO },
	{ FAKE_EVTCHN_BIND, -XENNET_ENOSPC },
	{ FAKE_READ, -XENNET_EIO },
	{ FAKE_WRITE, -XENNET_EIO },
	{ FAKE_REMOVE, -XENNET_EIO },
	{ FAKE_TXN_BEGIN, -XENNET_ENOSPC },
	{ FAKE_TXN_END, -XENNET_EIO },
};

/* As a program does that looks at its vif again from time to time. */
static void both_look_again(void)
{
	l.f.domain[BACK].changed = l.f.domain[FRONT].changed = true;
	link_follow(&l);
}

/* False: connecting takes fewer than nth of these. */
static bool connects(const struct link_setting *s, const struct lack *lack,
		     unsigned nth)
{
	bool failed;
	unsigned i;

	link_prepare(&l, s);
	assert_int_equal(link_open_back(&l), 0);
	assert_int_equal(link_open_front(&l), 0);
	fake_fail(&l.f, lack->op, nth, lack->status);

	for (i = 0; i < TURNS && !l.connected; i++)
		both_look_again();

	failed = fake_failed(&l.f);
	if (!l.connected)
		fail_msg("%s %u of %s: front %d back %d",
			 xennet_err_name(lack->status), nth,
			 fake_op_name(lack->op), (int)l.front.state,
			 (int)l.back.state);
	fake_fail_nothing(&l.f);
	link_run(&l, 0, LINK_TX, 5);
	link_run(&l, 0, LINK_RX, 5);
	link_close(&l);
	return failed;
}

static void S7_S8_one_failure_at_connect_is_got_over(void **state)
{
	unsigned i, j, nth;

	(void)state;
	for (i = 0; i < COUNT(settings); i++)
		for (j = 0; j < COUNT(lacks); j++)
			for (nth = 1; connects(&settings[i], &lacks[j], nth);
			     nth += 1 + nth / 16)
				;
}

static unsigned back_node(struct back_rig *r)
{
	return peer_get_uint(&r->f, BACK_DIR, "state");
}

static void S8_back_says_later_what_its_disconnect_could_not(void **state)
{
	struct back_rig *r = *state;

	r->front.q[0].tx_page->req_prod += 2 * RING;
	assert_int_equal(back_rig_poll(r), -XENNET_ERING_AHEAD);
	assert_int_equal(back_rig_event(r), XENNET_VIF_STOP);
	r->f.atomic = false;
	fake_fail_times(&r->f, FAKE_WRITE, 1, 2, -XENNET_EIO);
	xennet_back_disconnect(&r->back);
	assert_int_equal(back_node(r), XENNET_STATE_CONNECTED);

	assert_int_equal(back_rig_event(r), -XENNET_EIO);
	assert_int_equal(back_node(r), XENNET_STATE_CONNECTED);
	assert_int_equal(back_rig_event(r), XENNET_VIF_IDLE);

	assert_int_equal(back_node(r), XENNET_STATE_CLOSING);
	assert_int_equal(r->back.refused, -XENNET_ERING_AHEAD);
}

static unsigned front_node(struct front_rig *r)
{
	return peer_get_uint(&r->f, FRONT_DIR, "state");
}

static void S7_front_says_later_what_its_disconnect_could_not(void **state)
{
	struct front_rig *r = *state;

	peer_answer(&r->back, 0, XENNET_RSP_OKAY);
	assert_int_equal(front_rig_poll(r), -XENNET_ERING_UNASKED);
	assert_int_equal(front_rig_event(r), XENNET_VIF_STOP);
	r->f.atomic = false;
	/* Closing, Closed, and Closed once more */
	fake_fail_times(&r->f, FAKE_WRITE, 1, 3, -XENNET_EIO);
	xennet_front_disconnect(&r->front);
	assert_int_equal(front_node(r), XENNET_STATE_CONNECTED);

	assert_int_equal(front_rig_event(r), -XENNET_EIO);
	assert_int_equal(front_node(r), XENNET_STATE_CONNECTED);
	assert_int_equal(front_rig_event(r), XENNET_VIF_IDLE);

	assert_int_equal(front_node(r), XENNET_STATE_CLOSED);
	assert_int_equal(r->front.refused, -XENNET_ERING_UNASKED);
}

static void S7_front_is_not_left_at_closing(void **state)
{
	struct front_rig *r = *state;

	r->f.atomic = false;
	fake_fail_times(&r->f, FAKE_WRITE, 2, 1, -XENNET_EIO);
	xennet_front_disconnect(&r->front);
	assert_int_equal(front_node(r), XENNET_STATE_CLOSING);
	front_rig_event(r);
	assert_int_equal(front_node(r), XENNET_STATE_CLOSED);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(G6_connect_without_any_buffer_is_none_and_leaks_nothing),
		FRONT_TEST(G6_X13_buffers_all_held_and_let_go_are_posted_again),
		FRONT_TEST(
			G6_X13_buffers_held_for_ever_do_not_starve_the_others),
		FRONT_TEST(G6_pages_held_for_ever_do_not_starve_the_others),
		LINK_TESTS(S7_S8_one_failure_at_connect_is_got_over),
		BACK_TEST(S8_back_says_later_what_its_disconnect_could_not),
		FRONT_TESTS(S7_front_says_later_what_its_disconnect_could_not),
		FRONT_TESTS(S7_front_is_not_left_at_closing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
