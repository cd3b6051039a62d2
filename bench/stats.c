/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#include <stdlib.h>
#include <string.h>

#include "bench.h"

void bench_series_add(struct bench_series *s, double value)
{
	if (s->n < BENCH_REPS_MAX)
		s->value[s->n++] = value;
}

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* At `part` of the way through sorted values, between neighbours if need be. */
static double at(const double *sorted, size_t n, double part)
{
	double position = part * (double)(n - 1);
	size_t below = (size_t)position;
	double rest = position - (double)below;

	if (below + 1 >= n)
		return sorted[n - 1];
	return sorted[below] * (1 - rest) + sorted[below + 1] * rest;
}

double bench_percentile(double *value, size_t n, double part)
{
	if (n == 0)
		return NAN;
	qsort(value, n, sizeof(*value), ascending);
	return at(value, n, part);
}

double bench_series_median(const struct bench_series *s)
{
	struct bench_series copy = *s;

	return bench_percentile(copy.value, copy.n, 0.5);
}

double bench_series_spread(const struct bench_series *s)
{
	struct bench_series copy = *s;
	double middle = bench_percentile(copy.value, copy.n, 0.5);

	if (copy.n == 0 || middle == 0)
		return NAN;
	return 100 *
	       (at(copy.value, copy.n, 0.75) - at(copy.value, copy.n, 0.25)) /
	       middle;
}

double bench_series_ratio(const struct bench_series *a,
			  const struct bench_series *b)
{
	struct bench_series ratio = { .n = 0 };
	unsigned i;

	for (i = 0; i < a->n && i < b->n; i++)
		if (b->value[i] > 0)
			bench_series_add(&ratio, a->value[i] / b->value[i]);
	return bench_series_median(&ratio);
}
