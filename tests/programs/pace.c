/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* What one guest may have of the control thread. */
#include "pace.h"
#include "test.h"

#define LONG_MS 1000000

static int64_t now;

/* As much as there may be, each for so many milliseconds. */
static unsigned take(struct pace *p, unsigned each)
{
	unsigned n;

	for (n = 0; pace_has(p, now); n++) {
		assert_true(pace_begin(p, now));
		now += each;
		pace_end(p, now);
	}
	assert_false(pace_begin(p, now));
	return n;
}

static void V3_some_at_once_and_then_so_often(void **state)
{
	struct pace p = { 0 };
	unsigned i;

	(void)state;
	now = 123456;
	assert_int_equal(take(&p, 0), PACE_BURST);
	for (i = 0; i < 100; i++) {
		now += PACE_MS - 1;
		assert_int_equal(take(&p, 0), 0);
		now++;
		assert_int_equal(take(&p, 0), 1);
	}
	/* what was not used is kept, up to that */
	now += 3 * PACE_MS;
	assert_int_equal(take(&p, 0), 3);
	now += 1000 * PACE_MS;
	assert_int_equal(take(&p, 0), PACE_BURST);
}

static void V3_what_takes_long_has_a_tenth_of_the_time(void **state)
{
	static const unsigned each[] = { 1, 9, 10, 11, 99, 100, 101, 5000 };
	unsigned i;

	(void)state;
	for (i = 0; i < COUNT(each); i++) {
		struct pace p = { 0 };
		int64_t began = now, busy = 0;

		for (; now - began < LONG_MS; now++)
			busy += take(&p, each[i]) * each[i];
		assert_in_range(busy, 1,
				(now - began) / 10 + PACE_BURST * PACE_MS / 10 +
					each[i]);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(V3_some_at_once_and_then_so_often),
		cmocka_unit_test(V3_what_takes_long_has_a_tenth_of_the_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
