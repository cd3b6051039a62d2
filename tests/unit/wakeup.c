/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* When a worker may sleep, and which of its wake-ups were worth nothing. */
#include "back_rig.h"
#include "front_rig.h"
#include "link.h"

#define NO_PERSISTENT (XENNET_F_ALL & ~XENNET_F_PERSISTENT)
#define MANY 16u
#define ROUNDS 1000u

static const struct link_setting settings[] = {
	{ .strategy = XENNET_PERSISTENT, .longest = 60 },
	{ .strategy = XENNET_COPY, .longest = 60 },
	{ .strategy = XENNET_MAP },
	{ .strategy = XENNET_COPY, .front_flags = NO_PERSISTENT },
};

static struct link l;

/* A wait for this port would return at once. */
static bool front_is_woken(uint32_t port)
{
	return fake_event(&l.f, FRONT, port) ||
	       l.f.domain[FRONT].port[port].masked;
}

static void front_takes_its_events(void)
{
	struct xennet_front_queue *q = &l.front.queue[0];

	while (front_is_woken(q->tx.port) || front_is_woken(q->rx.port))
		xennet_front_wake(q);
}

static void front_sends_until_full(void)
{
	while (link_send(&l, 0, LINK_TX, MANY) == (int)MANY)
		;
	assert_true(l.front.queue[0].tx.wanting);
}

static void back_answers_all(void)
{
	while (link_receive(&l, 0, LINK_TX) > 0)
		;
}

/* Full, and the event that the first answers gave is spent. */
static void fill_for_the_second_time(const struct link_setting *s)
{
	link_open(&l, s);
	front_sends_until_full();
	back_answers_all();
	front_takes_its_events();
	front_sends_until_full();
	front_takes_its_events();
}

static void R7_V4_answers_that_a_poll_took_are_not_slept_over(void **state)
{
	unsigned i;

	(void)state;
	for (i = 0; i < COUNT(settings); i++) {
		fill_for_the_second_time(&settings[i]);

		back_answers_all();
		assert_int_equal(link_receive(&l, 0, LINK_RX), 0);

		assert_int_equal(xennet_front_arm(&l.front.queue[0]), 1);
		assert_int_equal(link_send(&l, 0, LINK_TX, 1), 1);
		link_close(&l);
	}
}

static void R7_V4_who_does_not_send_again_is_told_once(void **state)
{
	struct xennet_front_queue *q;

	(void)state;
	fill_for_the_second_time(&settings[0]);
	q = &l.front.queue[0];
	back_answers_all();
	link_receive(&l, 0, LINK_RX);
	assert_int_equal(xennet_front_arm(q), 1);

	assert_int_equal(xennet_front_arm(q), 0);

	link_close(&l);
}

static void R7_V4_full_ring_without_answers_sleeps_until_some_come(void **state)
{
	struct xennet_front_queue *q;

	(void)state;
	fill_for_the_second_time(&settings[0]);
	q = &l.front.queue[0];
	assert_int_equal(link_receive(&l, 0, LINK_RX), 0);
	assert_int_equal(xennet_front_arm(q), 0);

	back_answers_all();

	assert_true(fake_event(&l.f, FRONT, q->tx.port));
	link_close(&l);
}

static unsigned back_charged(const struct back_rig *r)
{
	return r->f.domain[BACK].port[r->q->tx.port].spurious;
}

/* An event comes to it, whether asked for or not. */
static void poke(struct fake *f, uint16_t domid, uint32_t port)
{
	f->domain[domid].port[port].pending = true;
	assert_true(fake_event(f, domid, port));
}

static void back_turn(struct back_rig *r)
{
	back_rig_serve(r);
	xennet_back_arm(r->q);
	poke(&r->f, BACK, r->q->tx.port);
	xennet_back_wake(r->q);
}

static void V3_chain_that_never_ends_makes_events_spurious(void **state)
{
	struct back_rig *r = *state;
	unsigned before, i;

	peer_put_req(&r->front, 1, 0, 0, 1000, XENNET_TXF_MORE_DATA);
	peer_push_tx(&r->front);
	back_turn(r);
	back_turn(r);
	before = back_charged(r);

	for (i = 0; i < ROUNDS; i++)
		back_turn(r);

	assert_int_equal(back_charged(r), before + ROUNDS);
}

/* What else wakes a worker, a packet to be sent for one, is not the peer's doing:
 * its next event has no more to wait for than any. */
static void V3_wake_without_an_event_is_not_held_against_the_peer(void **state)
{
	struct back_rig *r = *state;
	unsigned before, i;

	back_turn(r);
	for (i = 0; i < ROUNDS; i++) {
		back_rig_serve(r);
		xennet_back_arm(r->q);
		xennet_back_wake(r->q);
	}
	before = back_charged(r);
	back_turn(r);

	assert_int_equal(back_charged(r), before);
}

static void V3_event_that_ends_a_chain_is_not_spurious(void **state)
{
	struct back_rig *r = *state;
	unsigned before;

	peer_put_req(&r->front, 1, 0, 0, 1000, XENNET_TXF_MORE_DATA);
	peer_push_tx(&r->front);
	back_turn(r);
	before = back_charged(r);
	peer_put_req(&r->front, 2, 1, 0, 100, 0);
	peer_push_tx(&r->front);

	back_turn(r);

	assert_int_equal(r->answers.okay, 2);
	assert_int_equal(back_charged(r), before);
}

static void V3_front_is_not_kept_busy_by_events_alone(void **state)
{
	struct front_rig *r = *state;
	const struct fake_port *port = &r->f.domain[FRONT].port[r->q->rx.port];
	unsigned before, i;

	poke(&r->f, FRONT, r->q->rx.port);
	xennet_front_wake(r->q);
	before = port->spurious;

	for (i = 0; i < ROUNDS; i++) {
		assert_int_equal(front_rig_poll(r), 0);
		assert_int_equal(xennet_front_arm(r->q), 0);
		poke(&r->f, FRONT, r->q->rx.port);
		xennet_front_wake(r->q);
	}
	assert_int_equal(port->spurious, before + ROUNDS);

	peer_deliver(&r->back, 1, 0, 60, 0);
	peer_push_rx(&r->back);
	assert_int_equal(front_rig_poll(r), 1);
	xennet_front_wake(r->q);
	assert_int_equal(port->spurious, before + ROUNDS);
}

/* How many ports the backend rearms, woken on this one by the frontend. */
static unsigned rearmed_after(uint32_t front_port, uint32_t back_port)
{
	const struct xennet_platform *p = &l.front.config.platform;
	unsigned before = l.f.calls[FAKE_REARM];

	assert_int_equal(p->ops->evtchn_notify(p->ctx, front_port), 0);
	assert_true(fake_event(&l.f, BACK, back_port));
	xennet_back_wake(&l.back.queue[0]);
	return l.f.calls[FAKE_REARM] - before;
}

static void V4_wake_costs_what_it_must_and_no_port_stays_masked(void **state)
{
	static const struct link_setting setting = { .strategy = XENNET_COPY };
	const struct xennet_front_queue *f;
	struct xennet_back_queue *q;
	int i;

	(void)state;
	link_open(&l, &setting);
	f = &l.front.queue[0];
	q = &l.back.queue[0];
	assert_int_not_equal(q->tx.port, q->rx.port);
	fake_event(&l.f, BACK, q->tx.port);
	fake_event(&l.f, BACK, q->rx.port);
	xennet_back_wake(q);
	xennet_back_wake(q);
	for (i = 0; i < 3; i++) {
		assert_int_equal(rearmed_after(f->tx.port, q->tx.port), 1);
		assert_int_equal(rearmed_after(f->rx.port, q->rx.port), 2);
	}
	link_close(&l);
}

/* Both ends ask on both rings; which event comes is told by the rings. */
static void V4_of_two_ports_that_were_asked_for_the_one_that_came(void **state)
{
	struct xennet_front_queue *q;
	unsigned before;

	(void)state;
	fill_for_the_second_time(&settings[0]);
	q = &l.front.queue[0];
	assert_int_not_equal(q->tx.port, q->rx.port);
	assert_int_equal(link_receive(&l, 0, LINK_RX), 0);
	assert_int_equal(xennet_front_arm(q), 0);

	back_answers_all();
	assert_true(fake_event(&l.f, FRONT, q->tx.port));
	before = l.f.calls[FAKE_REARM];
	xennet_front_wake(q);
	assert_int_equal(l.f.calls[FAKE_REARM], before + 1);

	front_sends_until_full();
	assert_int_equal(link_receive(&l, 0, LINK_RX), 0);
	assert_int_equal(xennet_front_arm(q), 0);
	assert_int_equal(link_send(&l, 0, LINK_RX, 1), 1);
	assert_true(fake_event(&l.f, FRONT, q->rx.port));
	before = l.f.calls[FAKE_REARM];
	xennet_front_wake(q);
	assert_int_equal(l.f.calls[FAKE_REARM], before + 1);

	assert_int_equal(link_receive(&l, 0, LINK_RX), 1);
	assert_int_equal(link_receive(&l, 0, LINK_RX), 0);
	assert_int_equal(xennet_front_arm(q), 0);
	assert_int_equal(link_send(&l, 0, LINK_RX, 1), 1);
	back_answers_all();
	assert_true(fake_event(&l.f, FRONT, q->rx.port));
	assert_true(fake_event(&l.f, FRONT, q->tx.port));
	before = l.f.calls[FAKE_REARM];
	xennet_front_wake(q);
	assert_int_equal(l.f.calls[FAKE_REARM], before + 2);
	link_close(&l);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		LINK_TESTS(R7_V4_answers_that_a_poll_took_are_not_slept_over),
		LINK_TESTS(R7_V4_who_does_not_send_again_is_told_once),
		LINK_TESTS(
			R7_V4_full_ring_without_answers_sleeps_until_some_come),
		BACK_TESTS(V3_chain_that_never_ends_makes_events_spurious),
		BACK_TESTS(
			V3_wake_without_an_event_is_not_held_against_the_peer),
		BACK_TESTS(V3_event_that_ends_a_chain_is_not_spurious),
		FRONT_TESTS(V3_front_is_not_kept_busy_by_events_alone),
		LINK_TESTS(V4_wake_costs_what_it_must_and_no_port_stays_masked),
		LINK_TESTS(
			V4_of_two_ports_that_were_asked_for_the_one_that_came),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
