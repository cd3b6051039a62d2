/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Both ends of the library joined: they connect, exchange and part. */
#include <stdlib.h>

#include "link.h"

#define NO_PERSISTENT (XENNET_F_ALL & ~XENNET_F_PERSISTENT)
#define NO_SPLIT (XENNET_F_ALL & ~XENNET_F_SPLIT_EVTCHN)

static const struct link_setting settings[] = {
	{ .strategy = XENNET_COPY },
	{ .strategy = XENNET_MAP },
	{ .strategy = XENNET_PERSISTENT },
	{ .strategy = XENNET_COPY, .queues = 2 },
	{ .strategy = XENNET_MAP, .queues = 2, .back_flags = NO_SPLIT },
	{ .strategy = XENNET_PERSISTENT, .queues = 2 },
	{ .strategy = XENNET_PERSISTENT, .queues = 8, .order = 1 },
	{ .strategy = XENNET_COPY, .front_flags = NO_PERSISTENT },
	{ .strategy = XENNET_MAP, .front_flags = NO_PERSISTENT },
	{ .strategy = XENNET_PERSISTENT, .front_flags = NO_PERSISTENT },
	{ .strategy = XENNET_MAP, .back_flags = NO_PERSISTENT, .queues = 2 },
	{ .strategy = XENNET_COPY, .front_flags = NO_SPLIT },
	{ .strategy = XENNET_PERSISTENT, .back_flags = NO_SPLIT },
	{ .strategy = XENNET_BY_COST,
	  .front_flags = NO_PERSISTENT,
	  .queues = 2 },
	{ .strategy = XENNET_COPY, .order = 4 },
	{ .strategy = XENNET_MAP, .order = 2 },
	{ .strategy = XENNET_PERSISTENT, .order = 1 },
	{ .strategy = XENNET_COPY, .sharing = true },
	{ .strategy = XENNET_COPY, .pinning = true, .order = 1 },
	{ .strategy = XENNET_MAP, .pinning = true, .queues = 2 },
	{ .strategy = XENNET_MAP, .sharing = true, .queues = 2 },
	{ .strategy = XENNET_PERSISTENT, .sharing = true },
	{ .strategy = XENNET_COPY,
	  .sharing = true,
	  .front_flags = NO_PERSISTENT },
};

static struct link l;

/* Everything that was sent has arrived. */
static void assert_nothing_lost(unsigned queue)
{
	const struct xennet_stats *front = &l.front.queue[queue].stats;
	const struct xennet_stats *back = &l.back.queue[queue].stats;
	const struct link_flow *tx = &l.flow[queue][LINK_TX];
	const struct link_flow *rx = &l.flow[queue][LINK_RX];

	assert_int_equal(tx->received, tx->sent);
	assert_int_equal(rx->received, rx->sent);
	assert_int_equal(front->tx_packets, tx->sent);
	assert_int_equal(back->tx_packets, tx->sent);
	assert_int_equal(front->tx_bytes, back->tx_bytes);
	assert_int_equal(back->rx_packets, rx->sent);
	assert_int_equal(front->rx_packets, rx->sent);
	assert_int_equal(front->rx_bytes, back->rx_bytes);
	assert_int_equal(link_refused(front), 0);
	assert_int_equal(link_refused(back), 0);
}

static void T1_T7_T8_X1_X2_packets_arrive_as_they_were_sent(void **state)
{
	unsigned i, q;

	(void)state;
	for (i = 0; i < COUNT(settings); i++) {
		link_open(&l, &settings[i]);
		for (q = 0; q < l.s.queues; q++) {
			link_run(&l, q, LINK_TX, 300);
			link_run(&l, q, LINK_RX, 300);
			link_run(&l, q, LINK_TX, 300);
			assert_nothing_lost(q);
		}
		link_close(&l);
	}
}

/* Per setting. XENNET_TEST_TURNS=12000 makes it a million packets a layout. */
static unsigned turns(void)
{
	const char *text = getenv("XENNET_TEST_TURNS");

	return text ? (unsigned)strtoul(text, NULL, 10) : 400;
}

/* Both directions of all queues at once, in changing turns. */
static void T7_X2_traffic_in_all_directions_at_once(void **state)
{
	uint32_t seed = 5;
	unsigned i, q, turn;

	(void)state;
	for (i = 0; i < COUNT(settings); i++) {
		link_open(&l, &settings[i]);
		for (turn = 0; turn < turns(); turn++) {
			enum link_direction d =
				test_below(&seed, 2) ? LINK_TX : LINK_RX;

			q = test_below(&seed, l.s.queues);
			if (test_below(&seed, 2))
				assert_true(link_send(&l, q, d,
						      1 + test_below(&seed,
								     16)) >= 0);
			else
				assert_true(link_receive(&l, q, d) >= 0);
		}
		for (q = 0; q < l.s.queues; q++) {
			link_run(&l, q, LINK_TX, 1);
			link_run(&l, q, LINK_RX, 1);
			assert_nothing_lost(q);
		}
		link_close(&l);
	}
}

static void R7_V4_sleepers_are_woken(void **state)
{
	unsigned i, round;

	(void)state;
	for (i = 0; i < COUNT(settings); i++) {
		struct xennet_front_queue *f;
		struct xennet_back_queue *b;

		link_open(&l, &settings[i]);
		f = &l.front.queue[0];
		b = &l.back.queue[0];
		for (round = 0; round < 50; round++) {
			fake_event(&l.f, BACK, b->tx.port);
			fake_event(&l.f, FRONT, f->rx.port);
			xennet_back_wake(b);
			xennet_front_wake(f);
			while (fake_event(&l.f, BACK, b->tx.port))
				xennet_back_wake(b);
			while (fake_event(&l.f, FRONT, f->rx.port))
				xennet_front_wake(f);
			assert_int_equal(xennet_back_arm(b), 0);
			assert_int_equal(xennet_front_arm(f), 0);

			assert_int_equal(link_send(&l, 0, LINK_TX, 1), 1);
			assert_true(fake_event(&l.f, BACK, b->tx.port));
			assert_int_equal(link_receive(&l, 0, LINK_TX), 1);
			assert_int_equal(link_send(&l, 0, LINK_RX, 1), 1);
			assert_true(fake_event(&l.f, FRONT, f->rx.port));
			assert_int_equal(link_receive(&l, 0, LINK_RX), 1);
		}
		link_close(&l);
	}
}

static void V2_split_and_combined_carry_the_same_packets(void **state)
{
	static const struct link_setting kinds[] = {
		{ .strategy = XENNET_PERSISTENT, .queues = 2 },
		{ .strategy = XENNET_PERSISTENT,
		  .queues = 2,
		  .back_flags = NO_SPLIT },
	};
	struct xennet_stats stats[COUNT(kinds)];
	unsigned i;

	(void)state;
	for (i = 0; i < COUNT(kinds); i++) {
		link_open(&l, &kinds[i]);
		assert_int_equal(l.back.queue[0].tx.port !=
					 l.back.queue[0].rx.port,
				 i == 0);
		assert_int_equal(l.front.queue[1].tx.port !=
					 l.front.queue[1].rx.port,
				 i == 0);
		link_run(&l, 1, LINK_TX, 500);
		link_run(&l, 1, LINK_RX, 500);
		assert_nothing_lost(1);
		stats[i] = l.back.queue[1].stats;
		link_close(&l);
	}
	assert_int_equal(stats[0].tx_bytes, stats[1].tx_bytes);
	assert_int_equal(stats[0].rx_bytes, stats[1].rx_bytes);
	assert_int_equal(stats[0].copied, stats[1].copied);
}

static void V1_an_event_right_after_binding_is_harmless(void **state)
{
	unsigned i;

	(void)state;
	for (i = 0; i < COUNT(settings); i++) {
		struct xennet_front_queue *f;
		struct xennet_back_queue *b;

		link_open(&l, &settings[i]);
		f = &l.front.queue[0];
		b = &l.back.queue[0];
		assert_true(fake_event(&l.f, BACK, b->tx.port));
		assert_true(fake_event(&l.f, FRONT, f->rx.port));
		xennet_back_wake(b);
		xennet_front_wake(f);
		assert_int_equal(link_receive(&l, 0, LINK_TX), 0);
		assert_int_equal(link_receive(&l, 0, LINK_RX), 0);
		link_run(&l, 0, LINK_TX, 20);
		assert_nothing_lost(0);
		link_close(&l);
	}
}

static void G9_V1_each_end_binds_what_the_other_offered(void **state)
{
	const struct fake_port *b, *f;

	(void)state;
	link_open(&l, &settings[0]);
	b = &l.f.domain[BACK].port[l.back.queue[0].tx.port];
	f = &l.f.domain[FRONT].port[l.front.queue[0].tx.port];

	assert_int_equal(b->peer, FRONT);
	assert_int_equal(b->peer_port, l.front.queue[0].tx.port);
	assert_int_equal(f->peer, BACK);
	assert_int_equal(f->peer_port, l.back.queue[0].tx.port);

	link_close(&l);
}

static void reconnect(void)
{
	xennet_front_close(&l.front);
	link_follow(&l);
	assert_false(l.connected);
	memset(l.flow, 0, sizeof(l.flow));
	assert_int_equal(link_open_front(&l), 0);
	link_follow(&l);
	assert_true(l.connected);
}

static void S8_a_frontend_may_come_back(void **state)
{
	unsigned i, round;

	(void)state;
	for (i = 0; i < COUNT(settings); i++) {
		link_open(&l, &settings[i]);
		for (round = 0; round < 3; round++) {
			link_run(&l, 0, LINK_TX, 30);
			link_run(&l, 0, LINK_RX, 30);
			assert_nothing_lost(0);
			reconnect();
		}
		link_close(&l);
	}
}

static void S8_a_backend_may_come_back(void **state)
{
	unsigned i, round;

	(void)state;
	for (i = 0; i < COUNT(settings); i++) {
		link_open(&l, &settings[i]);
		for (round = 0; round < 3; round++) {
			link_run(&l, 0, LINK_TX, 30);
			link_run(&l, 0, LINK_RX, 30);
			xennet_back_close(&l.back);
			link_follow(&l);
			assert_int_equal(link_open_back(&l), 0);
			link_follow(&l);
			assert_true(l.connected);
			memset(l.flow, 0, sizeof(l.flow));
		}
		link_close(&l);
	}
}

/* Nothing is allocated, granted or mapped for good after connect. */
static void data_path_calls_the_platform_once_per_batch(void **state)
{
	unsigned allocs, sends = 0;

	(void)state;
	link_open(&l, &settings[2]);
	link_run(&l, 0, LINK_TX, 2000);
	link_run(&l, 0, LINK_RX, 2000);
	/* as many pages as a full ring takes */
	for (; sends < 20; sends++) {
		while (link_send(&l, 0, LINK_TX, 300) > 0)
			continue;
		link_run(&l, 0, LINK_TX, 1);
	}
	allocs = l.f.calls[FAKE_ALLOC] + l.f.calls[FAKE_ALLOC_PAGES] +
		 l.f.calls[FAKE_SHARE] + l.f.calls[FAKE_MAP] +
		 l.f.calls[FAKE_COPY] + l.f.calls[FAKE_UNMAP] +
		 l.f.calls[FAKE_GRANT];
	for (sends = 0; sends < 20; sends++) {
		link_run(&l, 0, LINK_TX, 50);
		link_run(&l, 0, LINK_RX, 50);
	}

	assert_int_equal(l.f.calls[FAKE_ALLOC] + l.f.calls[FAKE_ALLOC_PAGES] +
				 l.f.calls[FAKE_SHARE] + l.f.calls[FAKE_MAP] +
				 l.f.calls[FAKE_COPY] + l.f.calls[FAKE_UNMAP] +
				 l.f.calls[FAKE_GRANT],
			 allocs);
	link_close(&l);
}

static void T12_transmit_pages_are_granted_read_only(void **state)
{
	unsigned i, gref, pages;

	(void)state;
	for (i = 0; i < COUNT(settings); i++) {
		const struct xennet_front_queue *q;

		link_open(&l, &settings[i]);
		assert_int_equal(link_send(&l, 0, LINK_TX, 1), 1);
		q = &l.front.queue[0];
		pages = 0;
		for (gref = 0; gref < FAKE_GRANTS; gref++) {
			const struct fake_grant *g =
				fake_grant(&l.f, FRONT, gref);
			unsigned char *at = fake_granted(&l.f, FRONT, gref);

			if (!g || (uintptr_t)at - (uintptr_t)q->tx.pool >=
					  q->tx.npages * XENNET_PAGE)
				continue;
			assert_true(g->readonly);
			pages++;
		}
		assert_true(pages > 0);
		link_receive(&l, 0, LINK_TX);
		link_close(&l);
	}
}

static void G8_grants_are_never_reserved_references(void **state)
{
	unsigned i, gref;

	(void)state;
	for (i = 0; i < COUNT(settings); i++) {
		link_open(&l, &settings[i]);
		link_run(&l, 0, LINK_TX, 100);
		link_run(&l, 0, LINK_RX, 100);
		for (gref = 0; gref < XENNET_GREF_FIRST; gref++)
			assert_null(fake_grant(&l.f, FRONT, gref));
		/* the fake calls any other use of one misuse */
		link_close(&l);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		LINK_TESTS(T1_T7_T8_X1_X2_packets_arrive_as_they_were_sent),
		LINK_POLLING_TESTS(
			T1_T7_T8_X1_X2_packets_arrive_as_they_were_sent),
		LINK_TESTS(T7_X2_traffic_in_all_directions_at_once),
		LINK_POLLING_TESTS(T7_X2_traffic_in_all_directions_at_once),
		LINK_TESTS(R7_V4_sleepers_are_woken),
		LINK_TESTS(V2_split_and_combined_carry_the_same_packets),
		LINK_TESTS(V1_an_event_right_after_binding_is_harmless),
		LINK_TESTS(G9_V1_each_end_binds_what_the_other_offered),
		LINK_TESTS(S8_a_frontend_may_come_back),
		LINK_POLLING_TESTS(S8_a_frontend_may_come_back),
		LINK_TESTS(S8_a_backend_may_come_back),
		LINK_POLLING_TESTS(S8_a_backend_may_come_back),
		LINK_TESTS(data_path_calls_the_platform_once_per_batch),
		LINK_TESTS(T12_transmit_pages_are_granted_read_only),
		LINK_TESTS(G8_grants_are_never_reserved_references),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
