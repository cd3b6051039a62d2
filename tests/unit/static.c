/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Static grants between both ends of the library. */
#include "link.h"

#define ASKING ((XENNET_F_ALL & ~XENNET_F_PERSISTENT) | XENNET_F_STATIC)

static struct link l;

static const struct link_setting settings[] = {
	{ .strategy = XENNET_COPY, .front_flags = ASKING },
	{ .strategy = XENNET_MAP, .front_flags = ASKING, .queues = 3 },
	{ .strategy = XENNET_BY_COST, .front_flags = ASKING, .order = 1 },
	{ .strategy = XENNET_PERSISTENT, .front_flags = ASKING, .order = 3 },
	{ .strategy = XENNET_COPY, .front_flags = ASKING, .sharing = true },
	{ .strategy = XENNET_COPY, .front_flags = ASKING, .pinning = true },
};

static uint32_t pages(unsigned queue)
{
	return l.front.queue[queue].tx.ring.size +
	       l.front.queue[queue].rx.ring.size;
}

static unsigned platform_calls(void)
{
	static const enum fake_op ops[] = { FAKE_COPY, FAKE_MAP, FAKE_UNMAP,
					    FAKE_GRANT, FAKE_UNGRANT };
	unsigned i, n = 0;

	for (i = 0; i < COUNT(ops); i++)
		n += l.f.calls[ops[i]];
	return n;
}

static void exchange(void)
{
	unsigned q, round;

	for (q = 0; q < l.s.queues; q++)
		for (round = 0; round < 5; round++) {
			link_run(&l, q, LINK_TX, 60);
			link_run(&l, q, LINK_RX, 60);
		}
	for (q = 0; q < l.s.queues; q++) {
		assert_int_equal(l.flow[q][LINK_TX].received,
				 l.flow[q][LINK_TX].sent);
		assert_int_equal(l.flow[q][LINK_RX].received,
				 l.flow[q][LINK_RX].sent);
		assert_int_equal(link_refused(&l.front.queue[q].stats), 0);
		assert_int_equal(link_refused(&l.back.queue[q].stats), 0);
	}
}

static void C13_packets_in_listed_pages_cost_no_platform_call(void **state)
{
	unsigned i, q, calls;

	(void)state;
	for (i = 0; i < COUNT(settings); i++) {
		link_open(&l, &settings[i]);
		for (q = 0; q < l.s.queues; q++) {
			assert_int_equal(l.front.queue[q].statics, pages(q));
			assert_int_equal(l.back.queue[q].statics.count,
					 pages(q));
		}
		assert_null(l.front.statics.list);
		calls = platform_calls();
		exchange();
		assert_int_equal(platform_calls(), calls);
		link_close(&l);
	}
}

static void C13_pages_beyond_the_quota_go_on_as_before(void **state)
{
	static const uint32_t quotas[] = { 1, 2, 99, 300 };
	struct link_setting s;
	unsigned i, j, q;

	(void)state;
	for (i = 0; i < COUNT(settings); i++) {
		for (j = 0; j < COUNT(quotas); j++) {
			s = settings[i];
			s.statics = quotas[j];
			link_open(&l, &s);
			for (q = 0; q < l.s.queues; q++)
				assert_int_equal(l.front.queue[q].statics,
						 quotas[j] < pages(q)
							 ? quotas[j]
							 : pages(q));
			exchange();
			link_close(&l);
		}
	}
}

static void C12_backend_that_keeps_none_is_sent_to_all_the_same(void **state)
{
	struct link_setting s;
	unsigned i, ctrl;

	(void)state;
	for (i = 0; i < COUNT(settings); i++) {
		for (ctrl = 0; ctrl < 2; ctrl++) {
			s = settings[i];
			s.statics = XENNET_NO_STATICS;
			if (!ctrl)
				s.back_flags =
					XENNET_F_ALL & ~XENNET_F_CTRL_RING;
			link_open(&l, &s);
			assert_int_equal(l.front.queue[0].statics, 0);
			assert_null(l.front.statics.list);
			exchange();
			link_close(&l);
		}
	}
}

static void each_connection_lists_its_own(void **state)
{
	unsigned i;

	(void)state;
	link_open(&l, &settings[1]);
	for (i = 0; i < 4; i++) {
		exchange();
		xennet_front_close(&l.front);
		link_follow(&l);
		assert_int_equal(fake_maps(&l.f), 0);
		assert_int_equal(link_open_front(&l), 0);
		link_follow(&l);
		assert_true(l.connected);
		assert_int_equal(l.front.queue[2].statics, pages(2));
		memset(l.flow, 0, sizeof(l.flow));
	}
	link_close(&l);
}

/* It knows of no list, and is not told: it reaches each page as it would. */
static void R15_successor_of_a_killed_backend_goes_on_without(void **state)
{
	unsigned i, q;

	(void)state;
	for (i = 0; i < COUNT(settings); i++) {
		link_open(&l, &settings[i]);
		exchange();
		fake_crash(&l.f, BACK);
		assert_int_equal(link_open_back(&l), 0);
		link_follow(&l);
		assert_true(l.connected);
		for (q = 0; q < l.s.queues; q++)
			assert_int_equal(l.back.queue[q].statics.count, 0);
		for (q = 0; q < l.s.queues; q++) {
			link_run(&l, q, LINK_TX, 100);
			link_run(&l, q, LINK_RX, 100);
			assert_int_equal(l.flow[q][LINK_TX].received,
					 l.flow[q][LINK_TX].sent);
			assert_int_equal(l.flow[q][LINK_RX].received,
					 l.flow[q][LINK_RX].sent);
		}
		link_close(&l);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		LINK_TESTS(C13_packets_in_listed_pages_cost_no_platform_call),
		LINK_POLLING_TESTS(
			C13_packets_in_listed_pages_cost_no_platform_call),
		LINK_TESTS(C13_pages_beyond_the_quota_go_on_as_before),
		LINK_TESTS(C12_backend_that_keeps_none_is_sent_to_all_the_same),
		LINK_TESTS(each_connection_lists_its_own),
		LINK_TESTS(R15_successor_of_a_killed_backend_goes_on_without),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
