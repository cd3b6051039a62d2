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
		TEST(R15_frontend_does_not_notice_the_next_backend),
		TEST(S8_half_a_connection_is_begun_again),
		TEST(R15_successor_tries_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
