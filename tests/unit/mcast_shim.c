/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* The list of groups, when another worker is at it between any two looks. */
#include <xennet/env.h>

/* Called before each exchange; then never again. */
static void (*meanwhile)(uint64_t *entry);

static uint64_t late_exchange(uint64_t *p, uint64_t from, uint64_t to)
{
	void (*other)(uint64_t * entry) = meanwhile;

	meanwhile = NULL;
	if (other)
		other(p);
	return xennet_exchange64(p, from, to);
}

#define xennet_exchange64 late_exchange
#define xennet_mcast_add late_add
#define xennet_mcast_del late_del
#define xennet_mcast_passes late_passes
#include "../../libxennet/mcast.c"

#include "test.h"

static struct xennet_mcast list;

static const unsigned char one[6] = { 1, 0, 0x5e, 0, 0, 1 };
static const unsigned char two[6] = { 1, 0, 0x5e, 0, 0, 2 };

static void puts_one(uint64_t *entry)
{
	*entry = word(one);
}

static void puts_two(uint64_t *entry)
{
	*entry = word(two);
}

static unsigned count(const unsigned char *mac)
{
	unsigned i, n = 0;

	for (i = 0; i < XENNET_MCAST_MAX; i++)
		n += list.group[i] == word(mac);
	return n;
}

static void E7_two_that_join_one_group_take_one_entry(void **state)
{
	(void)state;
	memset(&list, 0, sizeof(list));
	meanwhile = puts_one;
	assert_int_equal(late_add(&list, one), 0);
	assert_int_equal(count(one), 1);
}

static void E7_entry_taken_by_another_group_stays_its(void **state)
{
	unsigned i;

	(void)state;
	memset(&list, 0, sizeof(list));
	meanwhile = puts_two;
	assert_int_equal(late_add(&list, one), 0);
	assert_int_equal(count(one), 1);
	assert_int_equal(count(two), 1);

	/* the last one */
	for (i = 0; i < XENNET_MCAST_MAX; i++)
		list.group[i] = i != 9 ? i + 1 : 0;
	meanwhile = puts_two;
	assert_int_equal(late_add(&list, one), -XENNET_ENOSPC);
	assert_int_equal(count(one), 0);
}

static void E7_group_that_took_the_place_of_a_left_one_stays(void **state)
{
	(void)state;
	memset(&list, 0, sizeof(list));
	assert_int_equal(late_add(&list, one), 0);
	meanwhile = puts_two;
	late_del(&list, one);
	assert_int_equal(count(one), 0);
	assert_int_equal(count(two), 1);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(E7_two_that_join_one_group_take_one_entry),
		TEST(E7_entry_taken_by_another_group_stays_its),
		TEST(E7_group_that_took_the_place_of_a_left_one_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
