/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Every pair of states that the two ends of a vif can be found in. */
#include "link.h"

static struct link l;

static const struct link_setting setting = { .strategy = XENNET_COPY };

#define STATES (XENNET_STATE_RECONFIGURED + 1u)

static void set_states(unsigned back, unsigned front)
{
	peer_set_uint(&l.f, BACK_DIR, "state", back);
	peer_set_uint(&l.f, FRONT_DIR, "state", front);
}

static void assert_works(void)
{
	link_run(&l, 0, LINK_TX, 20);
	link_run(&l, 0, LINK_RX, 20);
	assert_int_equal(l.flow[0][LINK_TX].received, 20);
	assert_int_equal(l.flow[0][LINK_RX].received, 20);
}

/* Whatever those before them left in the store: both find each other. */
static void open_both(bool back_first)
{
	if (back_first)
		assert_int_equal(link_open_back(&l), 0);
	assert_int_equal(link_open_front(&l), 0);
	if (!back_first)
		assert_int_equal(link_open_back(&l), 0);
	link_follow(&l);
	assert_true(l.connected);
}

static void S7_S8_any_two_states_are_begun_from(void **state)
{
	unsigned back, front, back_first;

	(void)state;
	for (back = 0; back < STATES; back++)
		for (front = 0; front < STATES; front++)
			for (back_first = 0; back_first < 2; back_first++) {
				link_prepare(&l, &setting);
				set_states(back, front);
				open_both(back_first);
				assert_works();
				link_close(&l);
			}
}

/* Or the backend alone, its frontend being of another kind: nothing leaks, and
 * once the frontend begins again it is served. */
static void S8_any_two_states_a_backend_opens_in(void **state)
{
	unsigned back, front;

	(void)state;
	for (back = 0; back < STATES; back++)
		for (front = 0; front < STATES; front++) {
			link_prepare(&l, &setting);
			set_states(back, front);
			assert_int_equal(link_open_back(&l), 0);
			link_follow(&l);
			assert_null(l.back.queue);
			assert_int_equal(fake_maps(&l.f), 0);
			assert_int_equal(link_open_front(&l), 0);
			link_follow(&l);
			assert_true(l.connected);
			assert_works();
			link_close(&l);
		}
}

static void S7_any_two_states_a_frontend_opens_in(void **state)
{
	unsigned back, front;

	(void)state;
	for (back = 0; back < STATES; back++)
		for (front = 0; front < STATES; front++) {
			link_prepare(&l, &setting);
			set_states(back, front);
			/* its backend has no features yet */
			assert_int_equal(link_open_front(&l), 0);
			link_follow(&l);
			assert_null(l.front.queue);
			assert_int_equal(fake_pages(&l.f), 0);
			xennet_front_close(&l.front);
			assert_int_equal(link_open_back(&l), 0);
			assert_int_equal(link_open_front(&l), 0);
			link_follow(&l);
			assert_true(l.connected);
			assert_works();
			link_close(&l);
		}
}

/* The toolstack takes the vif away, whatever the states. */
static void S7_S8_removal_in_any_two_states(void **state)
{
	unsigned back, front;

	(void)state;
	for (back = 0; back < STATES; back++)
		for (front = 0; front < STATES; front++) {
			link_open(&l, &setting);
			set_states(back, front);
			if (xennet_back_event(&l.back) == XENNET_VIF_STOP)
				xennet_back_disconnect(&l.back);
			if (xennet_front_event(&l.front) == XENNET_VIF_STOP)
				xennet_front_disconnect(&l.front);
			fake_remove(&l.f, BACK_DIR);
			fake_remove(&l.f, FRONT_DIR);
			link_follow(&l);
			assert_int_equal(xennet_back_event(&l.back),
					 XENNET_VIF_GONE);
			assert_int_equal(xennet_front_event(&l.front),
					 XENNET_VIF_GONE);
			link_close(&l);
			assert_null(fake_node(&l.f, BACK_DIR "/state"));
			assert_null(fake_node(&l.f, FRONT_DIR "/state"));
		}
}

/* From one connection to the next. */
static const struct link_setting kinds[] = {
	{ .strategy = XENNET_COPY, .queues = 4 },
	{ .strategy = XENNET_COPY, .queues = 1 },
	{ .strategy = XENNET_COPY, .queues = 8 },
	{ .strategy = XENNET_PERSISTENT, .queues = 2, .order = 2 },
	{ .strategy = XENNET_MAP,
	  .front_flags = XENNET_F_ALL & ~XENNET_F_PERSISTENT },
	{ .strategy = XENNET_COPY,
	  .front_flags = XENNET_F_RX_COPY,
	  .longest = 4096 },
	{ .strategy = XENNET_PERSISTENT,
	  .back_flags = XENNET_F_ALL & ~XENNET_F_SPLIT_EVTCHN },
};

static void assert_queues_work(unsigned n)
{
	unsigned q;

	assert_true(l.connected);
	assert_int_equal(l.front.nqueues, n);
	assert_int_equal(l.back.nqueues, n);
	memset(l.flow, 0, sizeof(l.flow));
	if (l.s.front_flags == XENNET_F_RX_COPY)
		return;
	for (q = 0; q < n; q++) {
		link_run(&l, q, LINK_TX, 20);
		link_run(&l, q, LINK_RX, 20);
		assert_int_equal(l.flow[q][LINK_TX].received, 20);
		assert_int_equal(l.flow[q][LINK_RX].received, 20);
	}
}

static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

static unsigned queues(unsigned i)
{
	return kinds[i].queues ? kinds[i].queues : 1;
}

static void back_comes_back(void)
{
	xennet_back_close(&l.back);
	link_follow(&l);
	assert_int_equal(link_open_back(&l), 0);
	link_follow(&l);
}

static void front_comes_back(void)
{
	xennet_front_close(&l.front);
	link_follow(&l);
	assert_int_equal(link_open_front(&l), 0);
	link_follow(&l);
}

/* One end comes back as another, and then the other end. */
static void S14_queues_and_features_change_between_connections(void **state)
{
	void (*const first[])(void) = { back_comes_back, front_comes_back };
	unsigned i, k;

	(void)state;
	for (k = 0; k < 2; k++) {
		link_open(&l, &kinds[0]);
		for (i = 1; i < 3 * COUNT(kinds); i++) {
			unsigned was = (i - 1) % COUNT(kinds);
			unsigned now = i % COUNT(kinds);

			assert_queues_work(queues(was));
			l.s = kinds[now];
			first[k]();
			assert_true(l.connected);
			assert_int_equal(l.front.nqueues,
					 least(queues(was), queues(now)));
			first[!k]();
		}
		link_close(&l);
	}
}

/* What the backend has mapped when our page goes is kept from us: so it is told
 * first. */
static void tell_back(struct fake *f, enum fake_op op, void *arg)
{
	(void)arg;
	if (op != FAKE_DELAY)
		return;
	f->before = NULL;
	if (xennet_back_event(&l.back) == XENNET_VIF_STOP)
		xennet_back_disconnect(&l.back);
}

static void S7_G6_backend_lets_go_before_the_frontend_does(void **state)
{
	static const struct link_setting settings[] = {
		{ .strategy = XENNET_PERSISTENT },
		{ .strategy = XENNET_COPY, .queues = 4 },
		{ .strategy = XENNET_MAP, .sharing = true },
	};
	unsigned i, unshares;

	(void)state;
	for (i = 0; i < COUNT(settings); i++) {
		link_open(&l, &settings[i]);
		assert_works();
		l.f.before = tell_back;
		unshares = l.f.calls[FAKE_UNSHARE];
		xennet_front_close(&l.front);
		assert_true(l.f.calls[FAKE_UNSHARE] > unshares);
		assert_null(l.f.before);
		/* none of them is in limbo */
		assert_int_equal(fake_pages(&l.f), 0);
		assert_int_equal(peer_get_uint(&l.f, FRONT_DIR, "state"),
				 XENNET_STATE_CLOSED);
		xennet_back_close(&l.back);
		fake_check_clean(&l.f);
		fake_close(&l.f);
	}
}

/* One that does not react is not waited for for ever. */
static void S7_frontend_that_closes_waits_for_a_bounded_time(void **state)
{
	uint64_t since;

	(void)state;
	link_open(&l, &setting);
	since = l.f.now;
	xennet_front_close(&l.front);
	assert_in_range(l.f.now - since, 1, 1000000000);
	since = l.f.now;
	link_follow(&l);
	assert_int_equal(link_open_front(&l), 0);
	link_follow(&l);
	/* it has closed already */
	xennet_back_close(&l.back);
	since = l.f.now;
	xennet_front_close(&l.front);
	assert_int_equal(l.f.now, since);
	fake_check_clean(&l.f);
	fake_close(&l.f);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(S7_S8_any_two_states_are_begun_from),
		TEST(S8_any_two_states_a_backend_opens_in),
		TEST(S7_any_two_states_a_frontend_opens_in),
		TEST(S7_S8_removal_in_any_two_states),
		TEST(S14_queues_and_features_change_between_connections),
		TEST(S7_G6_backend_lets_go_before_the_frontend_does),
		TEST(S7_frontend_that_closes_waits_for_a_bounded_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
