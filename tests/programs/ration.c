/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Lines that a guest can cause: some at a time, and the sum of the others. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "program.h"
#include "ration.h"
#include "test.h"

static time_t seconds;
static unsigned said;
static char last[2 * RATION_TEXT];

/* In place of the C library's and of the program's. */
int clock_gettime(clockid_t clock, struct timespec *now)
{
	(void)clock;
	*now = (struct timespec){ .tv_sec = seconds };
	return 0;
}

void say(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(last, sizeof(last), format, args);
	va_end(args);
	said++;
}

static unsigned flood(struct ration *r, unsigned n)
{
	unsigned before = said, i;

	for (i = 0; i < n; i++)
		ration_say(r, "line %u", i);
	return said - before;
}

static void ration_says_so_many_lines(void **state)
{
	struct ration r = { 0 };

	(void)state;
	assert_int_equal(flood(&r, RATION_LINES), RATION_LINES);
	assert_false(ration_settle(&r));
	assert_int_equal(flood(&r, 1000), 0);
	assert_true(ration_settle(&r));
}

static void ration_sums_up_the_others_after_a_while(void **state)
{
	struct ration r = { 0 };

	(void)state;
	flood(&r, RATION_LINES + 3);
	seconds += RATION_SECONDS - 1;
	assert_true(ration_settle(&r));
	assert_string_equal(last, "line 9");

	seconds++;
	assert_false(ration_settle(&r));
	assert_string_equal(last, "line 12 (and 2 more in 10 s)");
	assert_int_equal(flood(&r, 1), 1);
}

static void ration_of_few_lines_says_nothing_more(void **state)
{
	struct ration r = { 0 };

	(void)state;
	assert_int_equal(flood(&r, 1), 1);
	seconds += RATION_SECONDS;
	said = 0;
	assert_false(ration_settle(&r));
	ration_end(&r);
	assert_int_equal(said, 0);
}

static void ration_sums_up_at_the_end(void **state)
{
	struct ration r = { 0 };

	(void)state;
	flood(&r, RATION_LINES + 1);
	seconds += 2;
	ration_end(&r);
	assert_string_equal(last, "line 10 (and 0 more in 2 s)");
	assert_false(ration_settle(&r));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(ration_says_so_many_lines),
		TEST(ration_sums_up_the_others_after_a_while),
		TEST(ration_of_few_lines_says_nothing_more),
		TEST(ration_sums_up_at_the_end),
	};

	seconds = 1000;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
