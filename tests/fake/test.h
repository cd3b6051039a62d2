/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* What every test program includes first. */
#ifndef TEST_H
#define TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* after the four that it needs */
#include <cmocka.h>

#include "fake.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* A row of a table of tests. */
#define TEST(function) cmocka_unit_test(function)

static inline void fake_check_clean(struct fake *f)
{
	const char *why = fake_unclean(f);

	if (why)
		fail_msg("%s", why);
}

/* The same numbers on every run: xorshift32. */
static inline uint32_t test_random(uint32_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 17;
	*seed ^= *seed << 5;
	return *seed;
}

/* From 0 to n - 1. */
static inline uint32_t test_below(uint32_t *seed, uint32_t n)
{
	return test_random(seed) % n;
}

#endif
