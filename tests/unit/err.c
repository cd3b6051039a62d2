/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#include "test.h"

#include <xennet/err.h>

static void every_error_has_a_name_of_its_own(void **state)
{
	int i, j;

	(void)state;
	for (i = 0; i < XENNET_ERR_COUNT; i++)
		for (j = 0; j < i; j++)
			assert_string_not_equal(xennet_err_name(i),
						xennet_err_name(j));
}

static void every_error_has_a_text(void **state)
{
	int i;

	(void)state;
	for (i = 0; i < XENNET_ERR_COUNT; i++)
		assert_true(strlen(xennet_err_text(i)) > 5);
}

static void a_result_and_a_reason_name_the_same_error(void **state)
{
	(void)state;

	assert_string_equal(xennet_err_name(-XENNET_ERING_AHEAD), "RING_AHEAD");
	assert_string_equal(xennet_err_name(XENNET_ERING_AHEAD), "RING_AHEAD");
	assert_string_equal(xennet_err_item(-XENNET_ERING_AHEAD), "R11");
	assert_string_equal(xennet_err_name(0), "OK");
}

static void kinds_are_in_the_order_of_the_list(void **state)
{
	int i;

	(void)state;

	assert_int_equal(xennet_err_kind(XENNET_EINVAL), XENNET_KIND_CALL);
	for (i = XENNET_OK + 1; i < XENNET_ERR_COUNT; i++)
		assert_true(xennet_err_kind(i) >= xennet_err_kind(i - 1));
	assert_int_equal(xennet_err_kind(XENNET_EKEY_EVTCHN),
			 XENNET_KIND_STORE);
}

static void what_is_no_error_is_unknown(void **state)
{
	static const int no_error[] = {
		XENNET_ERR_COUNT, -XENNET_ERR_COUNT, 12345,
		-12345,		  INT32_MAX,	     INT32_MIN
	};
	unsigned i;

	(void)state;
	for (i = 0; i < COUNT(no_error); i++) {
		assert_string_equal(xennet_err_name(no_error[i]), "UNKNOWN");
		assert_non_null(xennet_err_text(no_error[i]));
		assert_non_null(xennet_err_item(no_error[i]));
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(every_error_has_a_name_of_its_own),
		TEST(every_error_has_a_text),
		TEST(a_result_and_a_reason_name_the_same_error),
		TEST(kinds_are_in_the_order_of_the_list),
		TEST(what_is_no_error_is_unknown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
