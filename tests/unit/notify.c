/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* The four policies: who is woken, how often, and that nothing is slept over. */
#include "link.h"

#define MODES 4u
#define US 1000u

static const struct link_setting persistent = { .strategy = XENNET_PERSISTENT,
						.longest = 60 };
static struct link l;

static struct xennet_front_queue *front(void)
{
	return &l.front.queue[0];
}

static struct xennet_back_queue *back(void)
{
	return &l.back.queue[0];
}

static void set_back(enum xennet_notify_mode mode)
{
	const struct xennet_policy p = { .mode = mode };

	xennet_back_set_policy(back(), &p);
}

static void set_front(enum xennet_notify_mode mode)
{
	const struct xennet_policy p = { .mode = mode };

	xennet_front_set_policy(front(), &p);
}

/* A wait for either port of the backend would return at once. */
static bool back_is_woken(void)
{
	const struct fake_port *port = l.f.domain[BACK].port;

	return port[back()->tx.port].pending || port[back()->rx.port].pending ||
	       port[back()->tx.port].masked || port[back()->rx.port].masked;
}

static void back_wakes(void)
{
	fake_event(&l.f, BACK, back()->tx.port);
	fake_event(&l.f, BACK, back()->rx.port);
	xennet_back_wake(back());
}

/* As a worker: takes all there is and arms. What arm said. */
static int back_turn(void)
{
	int n;

	do {
		while (link_receive(&l, 0, LINK_TX) > 0)
			;
		n = xennet_back_arm(back());
	} while (n == 1 && back()->tx.ring.seen != back()->tx.ring.cons);
	return n;
}

/* The events of connecting are spent, and the frontend's answers taken. */
static void begin(enum xennet_notify_mode mode)
{
	link_open(&l, &persistent);
	set_back(mode);
	while (back_is_woken())
		back_wakes();
}

static uint64_t sent(void)
{
	return front()->stats.notified;
}

static uint64_t asked(void)
{
	return back()->stats.notify_asked;
}

static void send(unsigned n)
{
	assert_int_equal(link_send(&l, 0, LINK_TX, n), n);
	link_receive(&l, 0, LINK_RX);
}

static void R5_R7_exact_is_one_event_for_each_sleep(void **state)
{
	uint64_t events, asks;
	unsigned i;

	(void)state;
	begin(XENNET_NOTIFY_EXACT);
	assert_int_equal(back_turn(), 0);
	events = sent();
	asks = asked();
	for (i = 0; i < 100; i++) {
		assert_false(back_is_woken());
		send(1 + i % 3);
		assert_true(back_is_woken());
		assert_int_equal(sent(), events + i + 1);
		send(2); /* it is on its way already */
		assert_int_equal(sent(), events + i + 1);
		back_wakes();
		assert_int_equal(back_turn(), 0);
		assert_int_equal(back()->notify.usec, 0);
	}
	assert_int_equal(asked(), asks + 100);
	link_close(&l);
}

/* A TAP, a timer: the guest need not wake who runs. */
static void R5_who_was_woken_by_something_else_is_not_notified(void **state)
{
	uint64_t events;
	unsigned i;

	(void)state;
	begin(XENNET_NOTIFY_EXACT);
	events = sent();
	for (i = 0; i < 100; i++) {
		assert_int_equal(back_turn(), 0);
		back_wakes();
		send(1);
		assert_int_equal(sent(), events);
	}
	assert_int_equal(back_turn(), 0);
	send(1);
	assert_int_equal(sent(), events + 1);
	link_close(&l);
}

static void R5_look_that_finds_work_leaves_no_event_behind(void **state)
{
	uint64_t events;

	(void)state;
	begin(XENNET_NOTIFY_EXACT);
	set_front(XENNET_NOTIFY_POLL); /* pushes without a barrier */
	events = sent();
	send(1);
	assert_int_equal(xennet_back_arm(back()), 1);
	send(1);
	assert_int_equal(sent(), events);
	link_close(&l);
}

static void R8_moderate_is_an_event_for_as_many_as_asked(void **state)
{
	const struct xennet_policy p = { XENNET_NOTIFY_MODERATE, 20, 70 };
	uint64_t events;
	unsigned i, k;

	(void)state;
	begin(XENNET_NOTIFY_EXACT);
	xennet_back_set_policy(back(), &p);
	send(1);
	assert_int_equal(back_turn(), 0);
	events = sent();
	for (i = 0; i < 50; i++) {
		assert_int_equal(back()->notify.usec, 70);
		for (k = 1; k <= 20; k++) {
			send(1);
			assert_int_equal(sent(), events + i + k / 20);
		}
		assert_true(back_is_woken());
		back_wakes();
		assert_int_equal(back_turn(), 0);
	}
	link_close(&l);
}

/* Fewer than asked for have come: the wait ends by time, and no event is on
 * its way to who is awake. */
static void R8_moderate_sleeps_no_longer_than_it_may(void **state)
{
	uint64_t events;

	(void)state;
	begin(XENNET_NOTIFY_MODERATE);
	send(1);
	assert_int_equal(back_turn(), 0);
	assert_int_equal(back()->notify.usec, XENNET_POLICY_USEC);
	events = sent();
	send(3);
	assert_false(back_is_woken());
	back_wakes();
	send(16);
	send(16);
	assert_int_equal(sent(), events);
	assert_int_equal(back_turn(), 0);
	assert_int_equal(l.flow[0][LINK_TX].received, 36);
	assert_int_equal(back()->notify.usec, XENNET_POLICY_USEC);

	/* nothing came meanwhile: as long as it takes, and the first wakes */
	back_wakes();
	assert_int_equal(back_turn(), 0);
	assert_int_equal(back()->notify.usec, 0);
	send(1);
	assert_int_equal(sent(), events + 1);
	link_close(&l);
}

/* No more is asked for than can come while we sleep. */
static void R8_moderate_asks_for_what_can_come(void **state)
{
	const struct xennet_policy p = { XENNET_NOTIFY_MODERATE, 1000000, 50 };
	struct xennet_ring *r;

	(void)state;
	begin(XENNET_NOTIFY_EXACT);
	xennet_back_set_policy(back(), &p);
	r = &back()->tx.ring;
	send(1);
	assert_int_equal(back_turn(), 0);
	assert_int_equal(r->event - r->seen, r->size / 2);
	link_close(&l);
}

static void R7_poll_asks_for_nothing_and_says_nothing(void **state)
{
	uint64_t asks[2];
	unsigned i;

	(void)state;
	begin(XENNET_NOTIFY_POLL);
	set_front(XENNET_NOTIFY_POLL);
	asks[0] = sent() + back()->stats.notified;
	asks[1] = asked() + front()->stats.notify_asked;
	for (i = 0; i < 500; i++) {
		send(i % 16 + 1);
		assert_int_equal(back_turn(), 1);
		assert_int_equal(xennet_front_arm(front()), 1);
		link_send(&l, 0, LINK_RX, i % 16 + 1);
		while (link_receive(&l, 0, LINK_RX) > 0)
			;
	}
	assert_int_equal(sent() + back()->stats.notified, asks[0]);
	assert_int_equal(asked() + front()->stats.notify_asked, asks[1]);
	assert_true(front()->stats.notify_spared >= 500);
	assert_int_equal(l.flow[0][LINK_TX].received, l.flow[0][LINK_TX].sent);
	link_close(&l);
}

/* A guest that dies is seen by who never sleeps, too. */
static void poll_sees_a_dead_frontend(void **state)
{
	uint32_t ref;

	(void)state;
	link_open(&l, &(struct link_setting){ .strategy = XENNET_COPY,
					      .longest = 60,
					      .sharing = true });
	set_back(XENNET_NOTIFY_POLL);
	assert_int_equal(xennet_back_arm(back()), 1);
	assert_int_equal(link_send(&l, 0, LINK_TX, 5), 5);
	ref = peer_get_uint(&l.f, FRONT_DIR, "xennet-alive-ref");
	memset(fake_granted(&l.f, FRONT, ref), 0, 1);
	assert_int_equal(xennet_back_arm(back()), 1);
	assert_int_equal(link_receive(&l, 0, LINK_TX), 5);
	assert_int_equal(xennet_back_arm(back()), -XENNET_EGONE);
	link_close(&l);
}

/* n messages, so much time from each to the next; the backend takes its turn
 * after each, or when it is woken, or when its sleep is over. */
static void load(unsigned n, uint64_t ns)
{
	uint64_t due = UINT64_MAX;
	bool asleep = false;

	while (n--) {
		l.f.now += ns;
		send(1);
		if (asleep && !back_is_woken() && l.f.now < due)
			continue;
		if (asleep)
			back_wakes();
		asleep = back_turn() == 0;
		due = back()->notify.usec ? l.f.now + back()->notify.usec * US
					  : UINT64_MAX;
	}
}

/* Nothing comes: how much time passes until it sleeps without limit. */
static uint64_t silence(void)
{
	uint64_t begin = l.f.now;

	while (back_turn() == 1)
		l.f.now += US;
	while (back()->notify.usec) {
		l.f.now += back()->notify.usec * US;
		back_wakes();
		assert_int_equal(back_turn(), 0);
	}
	return l.f.now - begin;
}

static void adapt_does_what_the_load_asks_for(void **state)
{
	static const struct {
		uint64_t ns;
		enum xennet_notify_mode mode;
	} loads[] = {
		{ 1000 * US, XENNET_NOTIFY_EXACT },
		{ 100 * US, XENNET_NOTIFY_EXACT },
		{ 10 * US, XENNET_NOTIFY_MODERATE },
		{ 1 * US, XENNET_NOTIFY_POLL },
		{ 10 * US, XENNET_NOTIFY_MODERATE },
		{ 100 * US, XENNET_NOTIFY_EXACT },
		{ 1 * US, XENNET_NOTIFY_POLL },
		{ 100 * US, XENNET_NOTIFY_EXACT },
	};
	uint64_t events;
	unsigned i;

	(void)state;
	begin(XENNET_NOTIFY_ADAPT);
	for (i = 0; i < COUNT(loads); i++) {
		load(2000, loads[i].ns);
		assert_int_equal(back()->notify.now, loads[i].mode);
		events = sent();
		load(1000, loads[i].ns);
		assert_int_equal(back()->notify.now, loads[i].mode);
		if (loads[i].mode == XENNET_NOTIFY_EXACT)
			assert_int_equal(sent(), events + 1000);
		else if (loads[i].mode == XENNET_NOTIFY_POLL)
			assert_int_equal(sent(), events);
		else
			assert_true(sent() <= events + 1000 / 4);
	}
	link_close(&l);
}

static void adapt_polls_no_longer_than_it_pays(void **state)
{
	uint64_t events;

	(void)state;
	begin(XENNET_NOTIFY_ADAPT);
	load(2000, 1 * US);
	assert_int_equal(back()->notify.now, XENNET_NOTIFY_POLL);
	assert_in_range(silence(), 10 * US, 100 * US);
	assert_int_equal(back()->notify.usec, 0);
	events = sent();
	send(1);
	assert_int_equal(sent(), events + 1);
	link_close(&l);
}

/* Between two limits, and in bursts with pauses too long to wait for. */
static void adapt_does_not_go_back_and_forth(void **state)
{
	unsigned i, changes = 0, polls = 0;
	enum xennet_notify_mode was;

	(void)state;
	begin(XENNET_NOTIFY_ADAPT);
	for (was = back()->notify.now, i = 0; i < 200; i++) {
		load(64, i % 2 ? 4500 : 5500);
		changes += back()->notify.now != was;
		was = back()->notify.now;
	}
	assert_true(changes <= 2);
	for (i = 0; i < 320; i++) {
		load(256, 1 * US);
		polls += back()->notify.now == XENNET_NOTIFY_POLL;
		silence();
		l.f.now += 100 * US;
	}
	assert_true(polls <= 320 / 3);
	link_close(&l);
}

static void adapt_without_a_clock_is_exact(void **state)
{
	struct xennet_ops ops;

	(void)state;
	begin(XENNET_NOTIFY_EXACT);
	ops = *l.back.config.platform.ops;
	ops.clock = NULL;
	l.back.config.platform.ops = &ops;
	set_back(XENNET_NOTIFY_ADAPT);
	load(1000, 1 * US);
	assert_int_equal(back()->notify.now, XENNET_NOTIFY_EXACT);
	link_close(&l);
}

/* From every policy to every other, before each step of an exchange: whoever
 * sleeps at its end is woken for what came, or wakes by itself. */
enum { STEPS = 6 };

static void exchange(unsigned step, enum xennet_notify_mode to, bool at_back)
{
	uint32_t before;
	unsigned i;
	int n = 1;

	for (i = 0; i < STEPS; i++) {
		if (i == step && at_back)
			set_back(to);
		else if (i == step)
			set_front(to);
		switch (i) {
		case 0:
		case 2:
		case 4:
			send(1 + i);
			break;
		case 1:
			link_receive(&l, 0, LINK_TX);
			break;
		case 3:
			n = xennet_back_arm(back());
			break;
		case 5:
			/* it must settle before it sleeps itself */
			xennet_front_arm(front());
			break;
		}
	}
	before = l.flow[0][LINK_TX].received;
	if (n == 0 && step < 4) /* asleep since then */
		assert_true(back_is_woken() || back()->notify.usec);
	back_wakes();
	while (back_turn() == 1 && back()->notify.now != XENNET_NOTIFY_POLL)
		;
	assert_int_equal(l.flow[0][LINK_TX].received, l.flow[0][LINK_TX].sent);
	assert_true(l.flow[0][LINK_TX].received > before || n == 1);
	while (back_is_woken())
		back_wakes();
}

static void R7_no_wake_up_is_lost_when_a_policy_changes(void **state)
{
	unsigned from, to, peer, step, at_back;

	(void)state;
	for (from = 0; from < MODES; from++)
		for (to = 0; to < MODES; to++)
			for (peer = 0; peer < MODES; peer++) {
				begin((enum xennet_notify_mode)from);
				set_front((enum xennet_notify_mode)peer);
				for (step = 0; step < 2 * STEPS; step++) {
					at_back = step % 2;
					exchange(step / 2,
						 (enum xennet_notify_mode)to,
						 at_back);
					set_back((enum xennet_notify_mode)from);
					set_front(
						(enum xennet_notify_mode)peer);
				}
				link_close(&l);
			}
}

/* A push without a barrier came too early to see that the frontend goes to
 * sleep; the worker never does, for the other ring keeps it busy. */
static void R5_poll_looks_again_on_both_rings(void **state)
{
	const struct fake_port *port;

	(void)state;
	link_open(&l, &persistent);
	set_back(XENNET_NOTIFY_POLL);
	port = &l.f.domain[FRONT].port[front()->rx.port];
	/* the first is asked for from the beginning */
	assert_int_equal(link_send(&l, 0, LINK_RX, 1), 1);
	assert_int_equal(link_send(&l, 0, LINK_RX, 1), 1);
	fake_event(&l.f, FRONT, front()->rx.port);
	assert_false(port->pending);

	*front()->rx.ring.my_event = back()->rx.ring.pub;
	assert_int_equal(link_send(&l, 0, LINK_TX, 4), 4);
	assert_int_equal(link_receive(&l, 0, LINK_TX), 4);

	assert_true(port->pending);
	link_close(&l);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(R5_R7_exact_is_one_event_for_each_sleep),
		TEST(R5_who_was_woken_by_something_else_is_not_notified),
		TEST(R5_look_that_finds_work_leaves_no_event_behind),
		TEST(R8_moderate_is_an_event_for_as_many_as_asked),
		TEST(R8_moderate_sleeps_no_longer_than_it_may),
		TEST(R8_moderate_asks_for_what_can_come),
		TEST(R7_poll_asks_for_nothing_and_says_nothing),
		TEST(R5_poll_looks_again_on_both_rings),
		TEST(poll_sees_a_dead_frontend),
		TEST(adapt_does_what_the_load_asks_for),
		TEST(adapt_polls_no_longer_than_it_pays),
		TEST(adapt_does_not_go_back_and_forth),
		TEST(adapt_without_a_clock_is_exact),
		TEST(R7_no_wake_up_is_lost_when_a_policy_changes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
