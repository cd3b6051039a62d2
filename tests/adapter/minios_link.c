/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Each end of the library on the Mini-OS platform, joined to the other. */
#include "link.h"

#include <xennet/platform/minios.h>

#include "minios.h"

static const enum xennet_strategy strategies[] = { XENNET_COPY, XENNET_MAP,
						   XENNET_PERSISTENT };
static struct link l;

static void exchange(void)
{
	link_follow(&l);
	assert_true(l.connected);
	for (unsigned q = 0; q < l.back.nqueues; q++) {
		link_run(&l, q, LINK_TX, 300);
		link_run(&l, q, LINK_RX, 300);
		link_run(&l, q, LINK_TX, 300);
		assert_int_equal(l.flow[q][LINK_TX].received, 600);
		assert_int_equal(l.flow[q][LINK_RX].received, 300);
		assert_int_equal(link_refused(&l.front.queue[q].stats), 0);
		assert_int_equal(link_refused(&l.back.queue[q].stats), 0);
	}
}

static void finish(void)
{
	l.f.atomic = false;
	/* the frontend's pages are let go of before they are given back */
	xennet_back_close(&l.back);
	xennet_front_close(&l.front);
	stub_close();
	fake_check_clean(&l.f);
	fake_close(&l.f);
}

static void T1_X1_a_frontend_on_mini_os(void **state)
{
	(void)state;
	for (unsigned i = 0; i < COUNT(strategies); i++) {
		const struct link_setting s = { .strategy = strategies[i],
						.queues = 2 };
		struct xennet_front_config c = {
			.platform = xennet_minios_platform(),
			.domid = FRONT,
			.handle = HANDLE,
			.offer = { .queues = 2 },
		};

		link_prepare(&l, &s);
		stub_open(&l.f, FRONT);
		assert_int_equal(link_open_back(&l), 0);
		assert_int_equal(xennet_front_open(&l.front, &c), 0);
		exchange();
		finish();
	}
}

static void T1_X1_a_backend_on_mini_os(void **state)
{
	(void)state;
	for (unsigned i = 0; i < COUNT(strategies); i++) {
		const struct link_setting s = { .queues = 2, .order = 1 };
		struct xennet_back_config c = {
			.platform = xennet_minios_platform(),
			.domid = BACK,
			.peer = FRONT,
			.handle = HANDLE,
			.offer = { .queues = 2, .ring_order = 1 },
			.tx = strategies[i],
			.rx = strategies[i],
			.costs = fake_costs,
		};

		link_prepare(&l, &s);
		stub_open(&l.f, BACK);
		assert_int_equal(xennet_back_open(&l.back, &c), 0);
		assert_int_equal(link_open_front(&l), 0);
		exchange();
		finish();
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		LINK_TESTS(T1_X1_a_frontend_on_mini_os),
		LINK_TESTS(T1_X1_a_backend_on_mini_os),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
