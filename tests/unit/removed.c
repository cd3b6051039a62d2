/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* The toolstack takes a vif away, or only seems to. */
#include "link.h"

#define BACK_STATE BACK_DIR "/state"
#define FRONT_STATE FRONT_DIR "/state"

static const struct link_setting setting = { .strategy = XENNET_COPY };
static struct link l;

static void remove_both(void)
{
	fake_remove(&l.f, BACK_DIR);
	fake_remove(&l.f, FRONT_DIR);
}

static void assert_nodes_gone(void)
{
	assert_null(fake_node(&l.f, BACK_STATE));
	assert_null(fake_node(&l.f, FRONT_STATE));
}

static void back_leaves(void)
{
	if (l.back.queue)
		assert_int_equal(xennet_back_event(&l.back), XENNET_VIF_STOP);
	xennet_back_disconnect(&l.back);
	assert_nodes_gone();
	assert_int_equal(xennet_back_event(&l.back), XENNET_VIF_GONE);
	xennet_back_close(&l.back);
	assert_nodes_gone();
}

static void front_leaves(void)
{
	if (l.front.queue)
		assert_int_equal(xennet_front_event(&l.front), XENNET_VIF_STOP);
	xennet_front_disconnect(&l.front);
	assert_nodes_gone();
	assert_int_equal(xennet_front_event(&l.front), XENNET_VIF_GONE);
	xennet_front_close(&l.front);
	assert_nodes_gone();
}

static void finish(void)
{
	fake_check_clean(&l.f);
	fake_close(&l.f);
}

static void S7_S8_removed_nodes_of_a_connection_stay_gone(void **state)
{
	int back_first;

	(void)state;
	for (back_first = 0; back_first <= 1; back_first++) {
		link_open(&l, &setting);
		remove_both();

		if (back_first)
			back_leaves();
		front_leaves();
		if (!back_first)
			back_leaves();

		finish();
	}
}

static void S7_S8_removed_nodes_of_ends_that_never_met_stay_gone(void **state)
{
	(void)state;
	link_prepare(&l, &setting);
	assert_int_equal(link_open_back(&l), 0);
	assert_int_equal(link_open_front(&l), 0);
	remove_both();

	back_leaves();
	front_leaves();

	finish();
}

/* The frontend has closed, and the backend waits for its return. */
static void wait_for_return(const char *online)
{
	link_open(&l, &setting);
	xennet_front_close(&l.front);
	assert_int_equal(xennet_back_event(&l.back), XENNET_VIF_STOP);
	xennet_back_disconnect(&l.back);
	fake_set(&l.f, BACK_DIR "/online", online);
}

static void S8_failed_read_is_not_taken_for_gone(void **state)
{
	unsigned nth = 0;
	bool failed;

	(void)state;
	do {
		wait_for_return("1");
		fake_fail(&l.f, FAKE_READ, ++nth, -XENNET_EIO);

		assert_int_not_equal(xennet_back_event(&l.back),
				     XENNET_VIF_GONE);

		failed = fake_failed(&l.f);
		fake_fail_nothing(&l.f);
		assert_int_equal(link_open_front(&l), 0);
		link_follow(&l);
		assert_true(l.connected);
		link_close(&l);
	} while (failed);
	assert_true(nth > 2);
}

static void S8_vif_that_went_offline_is_gone(void **state)
{
	static const char *const offline[] = { "0", NULL };
	unsigned i;

	(void)state;
	for (i = 0; i < COUNT(offline); i++) {
		wait_for_return("0");
		if (!offline[i])
			fake_remove(&l.f, BACK_DIR "/online");

		assert_int_equal(xennet_back_event(&l.back), XENNET_VIF_GONE);

		xennet_back_close(&l.back);
		finish();
	}
}

/* The toolstack was quicker than the guest that wants to connect again. */
static void S8_removed_directory_is_not_written_to(void **state)
{
	(void)state;
	link_open(&l, &setting);
	xennet_front_close(&l.front);
	assert_int_equal(xennet_back_event(&l.back), XENNET_VIF_STOP);
	xennet_back_disconnect(&l.back);
	assert_int_equal(xennet_back_event(&l.back), XENNET_VIF_IDLE);
	fake_remove(&l.f, BACK_DIR);
	peer_set_uint(&l.f, FRONT_DIR, "state", XENNET_STATE_INITIALISING);
	assert_int_equal(xennet_back_event(&l.back), XENNET_VIF_IDLE);
	assert_null(fake_node(&l.f, BACK_STATE));
	fake_remove(&l.f, FRONT_DIR);
	assert_int_equal(xennet_back_event(&l.back), XENNET_VIF_GONE);
	xennet_back_close(&l.back);
	assert_nodes_gone();
	finish();
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(S7_S8_removed_nodes_of_a_connection_stay_gone),
		TEST(S7_S8_removed_nodes_of_ends_that_never_met_stay_gone),
		TEST(S8_failed_read_is_not_taken_for_gone),
		TEST(S8_vif_that_went_offline_is_gone),
		TEST(S8_removed_directory_is_not_written_to),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
