/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* A peer that has closed its event channels, and goes on all the same. */
#include "link.h"

static struct link l;

#define ROUNDS 1000u

/* Ours are bound to nothing any more: what we send gets nowhere. */
static void close_ports_of(uint16_t peer)
{
	uint16_t us = peer == BACK ? FRONT : BACK;
	uint32_t port;

	for (port = 0; port < FAKE_PORTS; port++)
		if (l.f.domain[us].port[port].open) {
			l.f.domain[us].port[port].bound = false;
			l.f.domain[us].port[port].pending = false;
		}
}

/* One thing after another, and asleep until the next turn if that is said. */
static unsigned sleeps;
static bool back_sleeps, front_sleeps;

static void back_turn(void)
{
	struct xennet_back_queue *q = &l.back.queue[0];
	int n;

	l.f.atomic = true;
	if (back_sleeps)
		xennet_back_wake(q);
	assert_true(link_send(&l, 0, LINK_RX, 1) >= 0);
	assert_true(link_receive(&l, 0, LINK_TX) >= 0);
	l.f.atomic = true;
	n = xennet_back_arm(q);
	assert_true(n >= 0);
	back_sleeps = n == 0;
	sleeps += n == 0;
	l.f.atomic = false;
}

static void front_turn(void)
{
	struct xennet_front_queue *q = &l.front.queue[0];
	int n;

	l.f.atomic = true;
	if (front_sleeps)
		xennet_front_wake(q);
	assert_true(link_send(&l, 0, LINK_TX, 1) >= 0);
	assert_true(link_receive(&l, 0, LINK_RX) >= 0);
	l.f.atomic = true;
	n = xennet_front_arm(q);
	assert_true(n >= 0);
	front_sleeps = n == 0;
	sleeps += n == 0;
	l.f.atomic = false;
}

static void run(uint16_t closer, bool told)
{
	static const struct link_setting setting = { .strategy = XENNET_COPY,
						     .longest = 1000 };
	void (*const us)(void) = closer == BACK ? front_turn : back_turn;
	void (*const peer)(void) = closer == BACK ? back_turn : front_turn;
	const struct xennet_stats *s;
	unsigned i, notified;

	link_open(&l, &setting);
	back_sleeps = front_sleeps = false;
	s = closer == BACK ? &l.front.queue[0].stats : &l.back.queue[0].stats;
	for (i = 0; i < 10; i++) {
		peer();
		us();
	}
	close_ports_of(closer);
	if (told)
		fake_fail_times(&l.f, FAKE_NOTIFY, 1, 1u << 30, -XENNET_EGONE);
	notified = l.f.ops[FAKE_NOTIFY];
	sleeps = 0;
	for (i = 0; i < ROUNDS; i++) {
		us();
		peer();
	}
	/* each turn ends asleep, but for one that found something just then */
	assert_true(sleeps >= ROUNDS);
	/* and tells of what it did no more than once for each ring */
	assert_true(l.f.ops[FAKE_NOTIFY] - notified <= 4 * ROUNDS);
	assert_int_equal(s->reason[XENNET_EGONE] > 0, told);
	/* the rings work: nothing is lost for whoever polls */
	assert_true(l.flow[0][LINK_TX].received + 2 >= l.flow[0][LINK_TX].sent);
	assert_true(l.flow[0][LINK_RX].received + 2 >= l.flow[0][LINK_RX].sent);
	fake_fail_nothing(&l.f);
	link_close(&l);
}

static void V5_peer_that_closed_its_port_is_noticed_without_spinning(void **s)
{
	unsigned told;

	(void)s;
	for (told = 0; told < 2; told++) {
		run(BACK, told);
		run(FRONT, told);
	}
}

/* An idle end of such a vif costs nothing at all. */
static void V5_nothing_is_done_while_nothing_comes(void **state)
{
	static const struct link_setting setting = { .strategy = XENNET_COPY };
	unsigned calls = 0, before = 0, op;

	(void)state;
	link_open(&l, &setting);
	close_ports_of(FRONT);
	l.f.atomic = true;
	xennet_back_wake(&l.back.queue[0]);
	assert_int_equal(xennet_back_arm(&l.back.queue[0]), 0);
	assert_int_equal(l.back.queue[0].notify.usec, 0);
	for (op = 0; op < FAKE_OPS; op++)
		before += l.f.ops[op];
	assert_int_equal(xennet_back_arm(&l.back.queue[0]), 0);
	for (op = 0; op < FAKE_OPS; op++)
		calls += l.f.ops[op];
	assert_int_equal(calls, before);
	l.f.atomic = false;
	/* its state tells, as ever */
	peer_set_uint(&l.f, FRONT_DIR, "state", XENNET_STATE_CLOSED);
	assert_int_equal(xennet_back_event(&l.back), XENNET_VIF_STOP);
	link_close(&l);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		LINK_TESTS(
			V5_peer_that_closed_its_port_is_noticed_without_spinning),
		TEST(V5_nothing_is_done_while_nothing_comes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
