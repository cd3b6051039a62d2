/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* netfront's filter, by the groups of its TAP, with a backend's list of them. */
#include <sched.h>
#include <string.h>
#include <unistd.h>

#include "groups.h"
#include "link.h"
#include "program.h"

#define SKIPPED 77

static struct link l;
static struct crew crew;
static struct groups asked;

static void follow(void)
{
	groups_follow(&asked, &crew, &l.front);
	link_receive(&l, 0, LINK_TX);
	link_receive(&l, 0, LINK_RX);
	link_follow(&l);
}

static void begin(void)
{
	static const struct link_setting s = { .strategy = XENNET_COPY };

	asked.n = 0;
	link_open(&l, &s);
	link_follow(&l);
}

static void E7_groups_that_are_joined_alone_are_let_through(void **state)
{
	(void)state;
	begin();
	follow();
	assert_true(asked.n > 0);
	assert_int_equal(l.front.queue[0].stats.mcast_okay, asked.n);
	follow();
	assert_true(l.front.filter);
	assert_int_equal(l.back.mcast.filter, 1);
	link_close(&l);
}

static void E7_with_a_group_refused_all_are_let_through(void **state)
{
	unsigned char mac[6] = { 1, 0, 0x5e, 1, 1, 0 };

	(void)state;
	begin();
	for (; mac[5] < XENNET_MCAST_MAX; mac[5]++)
		assert_int_equal(xennet_front_mcast_add(l.front.queue, mac), 0);
	follow();
	follow();
	assert_true(l.front.queue[0].stats.reason[XENNET_EMCAST] > 0);
	assert_false(l.front.filter);
	assert_int_equal(l.back.mcast.filter, 0);
	link_close(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			E7_groups_that_are_joined_alone_are_let_through),
		cmocka_unit_test(E7_with_a_group_refused_all_are_let_through),
	};
	int failed;

	program_start("netfront");
	if (unshare(CLONE_NEWNET) || access(TAP_DEVICE, R_OK | W_OK) ||
	    tap_open(&crew.tap, "xg0", 1) || tap_set_up(&crew.tap))
		return SKIPPED;
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	tap_close(&crew.tap);
	return failed;
}
