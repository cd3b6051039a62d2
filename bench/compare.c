/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#include "compare.h"

#include <stdio.h>

#include "pair.h"

#define WANTED_OVER_CANONICAL 1.6
#define WANTED_OF_LIMIT 0.35

int compare_measure(struct compare *c, unsigned row, unsigned ms)
{
	double rate = pair_run(row == COMPARE_LIMIT ? &pair_limit
						    : &pair_canonical_packets,
			       COMPARE_BURST, COMPARE_SIZE, ms);

	if (rate < 0)
		return BENCH_FAILED;
	if (row == COMPARE_LIMIT)
		rate *= 64.0 / COMPARE_BYTES;
	bench_series_add(&c->mega[row], rate);
	return 0;
}

void compare_print(const struct compare *c, const struct bench_series *ours)
{
	const struct bench_series *canonical = &c->mega[COMPARE_CANONICAL];
	const struct bench_series *limit = &c->mega[COMPARE_LIMIT];
	double over = bench_series_ratio(ours, canonical);
	double part = bench_series_ratio(ours, limit);

	printf("\nTX, %u bytes, burst %u, two processors\n", COMPARE_SIZE,
	       COMPARE_BURST);
	printf("  %-34s %8.2f Mpps, spread %.1f %%\n", "xennet, persistent",
	       bench_series_median(ours), bench_series_spread(ours));
	printf("  %-34s %8.2f Mpps, spread %.1f %%\n",
	       "Xen's macros, a page per packet",
	       bench_series_median(canonical), bench_series_spread(canonical));
	printf("  %-34s %8.2f Mpps, spread %.1f %%\n", "limit: a bare stream",
	       bench_series_median(limit), bench_series_spread(limit));
	printf("  %.2f times Xen's macros (wanted: %.1f): %s; %.0f %% of the "
	       "limit (wanted: %.0f): %s\n",
	       over, WANTED_OVER_CANONICAL,
	       over >= WANTED_OVER_CANONICAL ? "ahead" : "behind",
	       100 * part, 100 * WANTED_OF_LIMIT,
	       part >= WANTED_OF_LIMIT ? "ahead" : "behind");
}
