/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * The persistent-grant study of 2015 reported its gains over a baseline per
 * direction: TX with the header copied and the rest mapped and unmapped, RX
 * copied, guest to guest both. Ours over the same baselines, beside them.
 */
#include <stdio.h>

#include "link_rows.h"

static const struct claim {
	const char *what;
	enum link_direction direction;
	unsigned size, baseline;
	double gain;	  /* of the study, in percent */
	double over_best; /* ours to be, over the better of copy and map */
} claims[] = {
	{ "TX 64 B", LINK_TX, 64, LINK_MAP, 46, 1.4 },
	{ "TX 1496 B", LINK_TX, 1496, LINK_MAP, 150, 1.4 },
	{ "TX bulk", LINK_TX, 65535, LINK_MAP, 209, 1.0 },
	{ "TX bulk", LINK_TX, 65535, LINK_APART, 209, 1.0 },
	{ "RX 64 B", LINK_RX, 64, LINK_COPY, 109, 1.4 },
	{ "RX 1496 B", LINK_RX, 1496, LINK_COPY, 60, 1.4 },
	/* one queue: the study had a loss of 15 % */
	{ "RX bulk", LINK_RX, 65535, LINK_COPY, 86, 1.0 },
	{ "guest bulk", LINK_GUEST, 65535, LINK_STUDY, 52, 1.4 },
};

static const char *verdict(bool good)
{
	return good ? "ahead" : "behind";
}

static void print(const struct link_rows *rows, const struct claim *c)
{
	struct link_cell cell = {
		.direction = c->direction,
		.strategy = &link_strategies[LINK_PERSISTENT],
		.size = c->size,
		.queues = 1,
		.burst = 32,
	};
	const struct link_row *ours = link_rows_find(rows, &cell);
	const struct link_row *base = link_rows_other(rows, ours, c->baseline);
	double gain = 100 * (bench_series_ratio(&ours->mpps, &base->mpps) - 1);
	double copy = bench_series_ratio(
		&ours->mpps, &link_rows_other(rows, ours, LINK_COPY)->mpps);
	double map = bench_series_ratio(
		&ours->mpps, &link_rows_other(rows, ours, LINK_MAP)->mpps);
	double best = copy < map ? copy : map;

	printf("  %-10s  %-9s  %+5.0f %%  %+7.0f %%  %-6s  %6.2f  %5.1f  %s\n",
	       c->what, base->cell.strategy->name, c->gain, gain,
	       verdict(gain >= c->gain), best, c->over_best,
	       verdict(best >= c->over_best));
}

void link_study_print(const struct link_rows *rows)
{
	unsigned i;

	printf("\nagainst the study of 2015: persistent grants over its "
	       "baseline, burst 32, 1 queue\n"
	       "  %-10s  %-9s  %7s  %9s  %-6s  %6s  %5s\n",
	       "", "over", "study", "ours", "", "/best", "want");
	for (i = 0; i < BENCH_COUNT(claims); i++)
		print(rows, &claims[i]);
	printf("  (/best: over the better of copy and map)\n");
}
