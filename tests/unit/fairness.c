/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* The benchmark's arithmetic: shares, Jain's index, latencies. */
#include <math.h>
#include <stdlib.h>

#include "fairness_latency.h"
#include "fairness_share.h"
#include "test.h"

static void near(double a, double b, double part)
{
	if (fabs(a - b) > part * fabs(b))
		fail_msg("%g is not %g", a, b);
}

static void check_shares(const double *demand, const double *want, unsigned n)
{
	double share[4];
	unsigned i;

	max_min_shares(demand, share, n);
	for (i = 0; i < n; i++)
		near(share[i], want[i], 1e-12);
}

static void everybody_wants_all(void **state)
{
	static const double demand[] = { INFINITY, INFINITY, INFINITY,
					 INFINITY };
	static const double want[] = { .25, .25, .25, .25 };

	(void)state;
	check_shares(demand, want, 4);
}

/* What is too little for a level is found only when the next is known. */
static void who_wants_little_gets_it(void **state)
{
	static const double demand[] = { .1, .28, INFINITY, .29 };
	static const double want[] = { .1, .28, .33, .29 };

	(void)state;
	check_shares(demand, want, 4);
}

static void nobody_wants_all(void **state)
{
	static const double demand[] = { .1, .2, .3, .05 };

	(void)state;
	check_shares(demand, demand, 4);
}

static void jain(void **state)
{
	static const double equal[] = { 3, 3, 3, 3 }, one[] = { 7, 0, 0, 0 };
	static const double some[] = { 1, 3, 5 };

	(void)state;
	near(jain_index(equal, 4), 1, 1e-12);
	near(jain_index(one, 4), .25, 1e-12);
	near(jain_index(some, 3), 81.0 / 105, 1e-12);
}

static void latencies(void **state)
{
	static struct latency l, more;
	unsigned i;

	(void)state;
	assert_true(isnan(latency_us(&l, .5)));
	for (i = 1; i <= 1000; i++)
		latency_add(i % 2 ? &l : &more, i * 1000);
	latency_merge(&l, &more);
	near(latency_us(&l, .5), 500, .02);
	near(latency_us(&l, .99), 990, .02);
	latency_add(&l, 0);
	near(latency_us(&l, 0), .032, .02);
	latency_add(&l, UINT64_MAX);
	assert_true(latency_us(&l, 1) > 3e7);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(everybody_wants_all),
		cmocka_unit_test(who_wants_little_gets_it),
		cmocka_unit_test(nobody_wants_all),
		cmocka_unit_test(jain),
		cmocka_unit_test(latencies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
