/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* A backend is killed, and its successor goes on where it stood. */
#include "link.h"

static struct link l;

static const struct link_setting settings[] = {
	{ .strategy = XENNET_COPY },
	{ .strategy = XENNET_MAP, .queues = 2 },
	{ .strategy = XENNET_PERSISTENT, .queues = 2, .order = 1 },
	{ .strategy = XENNET_COPY, .sharing = true },
	{ .strategy = XENNET_MAP, .pinning = true },
};

static unsigned state_of(const char *dir)
{
	return peer_get_uint(&l.f, dir, "state");
}

static void kill_back(void)
{
	l.f.atomic = false;
	fake_crash(&l.f, BACK);
	memset(&l.back, 0, sizeof(l.back));
}

static void open_successor(void)
{
	assert_int_equal(link_open_back(&l), 0);
	assert_int_equal(state_of(BACK_DIR), XENNET_STATE_CONNECTED);
	assert_int_equal(xennet_back_event(&l.back), XENNET_VIF_CONNECTED);
	assert_int_equal(state_of(BACK_DIR), XENNET_STATE_CONNECTED);
}

/* With both directions under way, and nothing in the rings lost. */
static void R15_frontend_does_not_notice_the_next_backend(void **state)
{
	unsigned i, turn;

	(void)state;
	for (i = 0; i < COUNT(settings); i++) {
		link_open(&l, &settings[i]);
		for (turn = 0; turn < 5; turn++) {
			link_run(&l, 0, LINK_TX, 100 + turn);
			link_run(&l, 0, LINK_RX, 50);
			assert_int_equal(link_send(&l, 0, LINK_TX, 7), 7);
			kill_back();

			assert_int_equal(xennet_front_event(&l.front),
					 XENNET_VIF_IDLE);
			open_successor();
			assert_int_equal(xennet_front_event(&l.front),
					 XENNET_VIF_IDLE);
			assert_int_equal(state_of(FRONT_DIR),
					 XENNET_STATE_CONNECTED);
			assert_int_equal(link_receive(&l, 0, LINK_TX), 7);
		}
		link_run(&l, 0, LINK_TX, 600);
		link_run(&l, 0, LINK_RX, 600);
		assert_int_equal(link_refused(&l.front.queue[0].stats), 0);
		link_close(&l);
	}
}

/* A newer program, or one with other options, takes over. */
static void R15_successor_that_offers_something_else(void **state)
{
	static const uint32_t flags[] = {
		XENNET_F_ALL,
		XENNET_F_ALL & ~XENNET_F_SEQUENCED_RINGS,
		XENNET_F_ALL & ~XENNET_F_AGREED,
	};
	unsigned was, is;

	(void)state;
	for (was = 0; was < COUNT(flags); was++) {
		for (is = 0; is < COUNT(flags); is++) {
			struct link_setting s = settings[2];

			s.back_flags = flags[was];
			link_open(&l, &s);
			link_run(&l, 0, LINK_TX, 100);
			kill_back();
			l.s.back_flags = flags[is];
			open_successor();
			link_run(&l, 0, LINK_TX, 300);
			link_run(&l, 1, LINK_RX, 300);
			assert_int_equal(link_refused(&l.front.queue[0].stats),
					 0);
			link_close(&l);
		}
	}
}

static int poll_back(void)
{
	int n;

	l.f.atomic = true;
	n = xennet_back_poll(&l.back.queue[0], &l.in, XENNET_BURST);
	l.f.atomic = false;
	return n;
}

/* Whoever is served next answers each request once: the frontend is content. */
static void assert_front_content(void)
{
	struct xennet_front_queue *q = &l.front.queue[0];
	int i, n;

	for (i = 0; i < 10; i++) {
		n = poll_back();
		assert_true(n >= 0);
		if (n > 0)
			xennet_back_done(&l.back.queue[0], l.in.pkt,
					 (unsigned)n);
		n = xennet_front_poll(q, &l.in, XENNET_BURST);
		assert_int_equal(n, 0);
	}
	assert_int_equal(q->broken, 0);
	assert_int_equal(q->stats.tx_acked, q->stats.tx_packets);
	/* some came twice */
	l.flow[0][LINK_TX].next = l.flow[0][LINK_TX].sent;
	l.flow[0][LINK_TX].received = l.flow[0][LINK_TX].sent;
}

/* Each end of the backend is its own, once the pages are warm and packets
 * small and large are on the ring. */
static void for_all_settings(void (*end)(unsigned turn))
{
	struct link_setting s;
	unsigned i, turn;

	for (i = 0; i < COUNT(settings); i++) {
		s = settings[i];
		s.longest = 1400;
		link_open(&l, &s);
		for (turn = 0; turn < 50; turn++) {
			link_run(&l, 0, LINK_TX, 400);
			assert_true(link_send(&l, 0, LINK_TX, 12) > 0);
			end(turn);
			kill_back();
			open_successor();
			assert_front_content();
		}
		link_close(&l);
	}
}

/* The rest is in its hands, or even more. */
static void kill_between_poll_and_done(unsigned turn)
{
	assert_true(poll_back() > 0);
	if (turn % 3)
		xennet_back_done(&l.back.queue[0], l.in.pkt, turn % 3);
	else if (link_send(&l, 0, LINK_TX, 12) > 0)
		assert_true(poll_back() > 0);
}

static void R15_killed_between_poll_and_done(void **state)
{
	(void)state;
	for_all_settings(kill_between_poll_and_done);
}

/* The answers are in the ring, but their number is not. */
static void kill_before_publishing(unsigned turn)
{
	uint32_t *rsp_prod = l.back.queue[0].tx.ring.my_prod, was = *rsp_prod;
	int n = poll_back();

	(void)turn;
	assert_true(n > 0);
	xennet_back_done(&l.back.queue[0], l.in.pkt, (unsigned)n);
	*rsp_prod = was;
}

static void R15_killed_before_the_answers_are_published(void **state)
{
	(void)state;
	for_all_settings(kill_before_publishing);
}

/* Refused packets wait behind one in its hands: their faults are in the ring,
 * and the index is before them. */
static void kill_between_fault_and_index(unsigned turn)
{
	struct xennet_back_queue *q = &l.back.queue[0];
	uint32_t was = *q->tx.ring.my_prod;

	fake_fail_times(&l.f,
			l.s.strategy == XENNET_COPY ? FAKE_COPY : FAKE_MAP,
			2 + turn % 5, 2 + turn % 3, XENNET_GNTST_BAD_GREF);
	assert_true(poll_back() >= 0);
	fake_fail_nothing(&l.f);
	/* some turns are killed before it is written at all */
	if (turn & 1)
		*q->tx.ring.my_prod = was;
}

static void R15_killed_between_fault_and_index(void **state)
{
	(void)state;
	for_all_settings(kill_between_fault_and_index);
}

/* Sends to the guest, whose index never gets there; and the first stamp, the
 * last to be written, if it is said to. */
static void send_without_the_index(unsigned n, bool first_stamp)
{
	struct xennet_ring *r = &l.back.queue[0].rx.ring;
	uint32_t was = *r->my_prod;

	assert_int_equal(link_send(&l, 0, LINK_RX, n), n);
	*r->my_prod = was;
	if (!first_stamp)
		*xennet_ring_stamp(r, was) = was;
}

static const struct link_setting short_packets = {
	.strategy = XENNET_PERSISTENT,
	.longest = 200, /* none in segments: whose extras hide an id */
};

/* Sent again, or for the first time, they all arrive, in order and once. */
static void R15_killed_between_stamps_and_index(void **state)
{
	struct link_flow *rx = &l.flow[0][LINK_RX];
	unsigned turn, n;

	(void)state;
	link_open(&l, &short_packets);
	for (turn = 0; turn < 200; turn++) {
		n = 1 + turn % 12;
		link_run(&l, 0, LINK_RX, 1 + turn % 9);
		send_without_the_index(n, true);
		if (turn & 1) /* the frontend looks at once */
			assert_true(link_receive(&l, 0, LINK_RX) >= 0);
		kill_back();
		open_successor();
		link_run(&l, 0, LINK_RX, 3);
		assert_int_equal(rx->received, rx->sent);
	}
	assert_int_equal(l.front.queue[0].broken, 0);
	link_close(&l);
}

/* What the predecessor wrote and did not publish is nobody's. */
static void R15_killed_between_stamps_and_the_first_of_them(void **state)
{
	struct link_flow *rx = &l.flow[0][LINK_RX];
	unsigned turn;
	uint64_t lost;

	(void)state;
	link_open(&l, &short_packets);
	for (turn = 0; turn < 200; turn++) {
		link_run(&l, 0, LINK_RX, 1 + turn % 9);
		send_without_the_index(2 + turn % 5, false);
		/* responses are where requests were: those are spent */
		lost = rx->sent - rx->received;
		assert_int_equal(link_receive(&l, 0, LINK_RX), 0);
		kill_back();
		open_successor();
		rx->next = rx->sent;
		rx->received = rx->sent;
		assert_true(lost > 0);
		for (; lost > 0; lost--)
			link_run(&l, 0, LINK_RX, 2);
	}
	assert_int_equal(l.front.queue[0].broken, 0);
	link_close(&l);
}

/* Killed between the index and the event, with the frontend asleep. */
static void R15_V4_successor_notifies_who_was_not(void **state)
{
	struct xennet_front_queue *f;
	uint32_t event;

	(void)state;
	link_open(&l, &short_packets);
	link_run(&l, 0, LINK_RX, 10);
	f = &l.front.queue[0];
	while (fake_event(&l.f, FRONT, f->rx.port))
		xennet_front_wake(f);
	assert_int_equal(xennet_front_arm(f), 0);
	event = *f->rx.ring.my_event;
	*f->rx.ring.my_event = event + 1000; /* the event that never came */
	assert_int_equal(link_send(&l, 0, LINK_RX, 1), 1);
	*f->rx.ring.my_event = event;
	assert_false(fake_event(&l.f, FRONT, f->rx.port));
	kill_back();
	open_successor();
	fake_event(&l.f, FRONT, f->rx.port); /* as bind may give one */

	assert_int_equal(xennet_back_arm(&l.back.queue[0]), 0);

	assert_true(fake_event(&l.f, FRONT, f->rx.port));
	assert_int_equal(link_receive(&l, 0, LINK_RX), 1);
	link_close(&l);
}

/* A detach came while there was no backend. */
static void S8_vif_being_taken_away_is_not_offered_anew(void **state)
{
	unsigned nth;

	(void)state;
	link_open(&l, &settings[0]);
	kill_back();
	fake_set(&l.f, BACK_DIR "/online", "0");
	fake_set(&l.f, BACK_DIR "/state", "5");
	/* not knowing is no reason to offer */
	for (nth = 1; nth <= 3; nth++) {
		fake_fail(&l.f, FAKE_READ, nth, -XENNET_EIO);
		assert_int_equal(link_open_back(&l), -XENNET_EIO);
		assert_int_equal(state_of(BACK_DIR), XENNET_STATE_CLOSING);
	}
	fake_fail_nothing(&l.f);
	assert_int_equal(link_open_back(&l), 0);
	assert_int_equal(state_of(BACK_DIR), XENNET_STATE_CLOSING);
	assert_int_equal(xennet_back_event(&l.back), XENNET_VIF_IDLE);
	assert_int_equal(state_of(BACK_DIR), XENNET_STATE_CLOSING);
	xennet_front_close(&l.front);
	assert_int_equal(xennet_back_event(&l.back), XENNET_VIF_GONE);
	xennet_back_close(&l.back);
	fake_check_clean(&l.f);
	fake_close(&l.f);
}

/* Whoever is not connected on both sides begins anew. */
static void S8_half_a_connection_is_begun_again(void **state)
{
	static const unsigned fronts[] = { XENNET_STATE_INITIALISING,
					   XENNET_STATE_CLOSING,
					   XENNET_STATE_CLOSED };
	unsigned i;

	(void)state;
	for (i = 0; i < COUNT(fronts); i++) {
		link_open(&l, &settings[0]);
		kill_back();
		peer_set_uint(&l.f, FRONT_DIR, "state", fronts[i]);
		assert_int_equal(link_open_back(&l), 0);
		assert_int_equal(state_of(BACK_DIR), XENNET_STATE_INIT_WAIT);
		link_close(&l);
	}
}

/* A store that fails for a while does not make the successor begin anew. */
static void R15_successor_tries_again(void **state)
{
	(void)state;
	link_open(&l, &settings[0]);
	kill_back();
	assert_int_equal(link_open_back(&l), 0);
	fake_fail(&l.f, FAKE_MAP_RING, 2, -XENNET_ENOMEM);
	assert_int_equal(xennet_back_event(&l.back), -XENNET_ENOMEM);
	assert_int_equal(fake_maps(&l.f), 0);
	assert_int_equal(state_of(BACK_DIR), XENNET_STATE_CONNECTED);
	fake_fail_nothing(&l.f);
	assert_int_equal(xennet_back_event(&l.back), XENNET_VIF_CONNECTED);
	link_run(&l, 0, LINK_TX, 10);
	link_close(&l);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		LINK_TESTS(R15_frontend_does_not_notice_the_next_backend),
		LINK_POLLING_TESTS(
			R15_frontend_does_not_notice_the_next_backend),
		LINK_TEST_WITH(R15_successor_that_offers_something_else,
			       link_sequenced),
		LINK_TESTS(R15_killed_between_poll_and_done),
		LINK_POLLING_TESTS(R15_killed_between_poll_and_done),
		LINK_TESTS(R15_killed_before_the_answers_are_published),
		LINK_POLLING_TESTS(R15_killed_before_the_answers_are_published),
		LINK_TEST_WITH(R15_killed_between_fault_and_index,
			       link_sequenced),
		LINK_TEST_WITH(R15_killed_between_stamps_and_index,
			       link_sequenced),
		LINK_TEST_WITH(R15_killed_between_stamps_and_the_first_of_them,
			       link_sequenced),
		LINK_TESTS(R15_V4_successor_notifies_who_was_not),
		TEST(S8_vif_being_taken_away_is_not_offered_anew),
		TEST(S8_half_a_connection_is_begun_again),
		LINK_TESTS(R15_successor_tries_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
