/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#include "compare.h"

#include <stdio.h>

#include "pair.h"

#define WANTED_OVER_CANONICAL 1.6
#define WANTED_OF_LIMIT 0.35

static const struct {
	const struct pair_case *run;
	const char *what;
} rows[COMPARE_ROWS] = {
	[COMPARE_BARE] = { &pair_canonical_bare,
			   "Xen's macros, a page per packet" },
	[COMPARE_DRIVER] = { &pair_canonical_driver,
			     "the same, with a driver's duties" },
	[COMPARE_LIMIT] = { &pair_limit, "limit: a bare stream" },
};

int compare_measure(struct compare *c, unsigned row, unsigned ms)
{
	double rate = pair_run(rows[row].run, COMPARE_BURST, COMPARE_SIZE, ms);

	if (rate < 0)
		return BENCH_FAILED;
	if (row == COMPARE_LIMIT)
		rate *= 64.0 / COMPARE_BYTES;
	bench_series_add(&c->mega[row], rate);
	return 0;
}

static void print_rate(const char *what, const struct bench_series *mega)
{
	printf("  %-34s %8.2f Mpps, spread %.1f %%\n", what,
	       bench_series_median(mega), bench_series_spread(mega));
}

static void print_verdict(const char *what, double ratio, double wanted)
{
	printf("  %.2f of %s (wanted: %.2f): %s\n", ratio, what, wanted,
	       ratio >= wanted ? "ahead" : "behind");
}

void compare_print(const struct compare *c, const struct bench_series *ours)
{
	unsigned i;

	printf("\nTX, %u bytes, burst %u, two processors\n", COMPARE_SIZE,
	       COMPARE_BURST);
	print_rate("xennet, persistent", ours);
	for (i = 0; i < COMPARE_ROWS; i++)
		print_rate(rows[i].what, &c->mega[i]);
	print_verdict("Xen's macros with a driver's duties",
		      bench_series_ratio(ours, &c->mega[COMPARE_DRIVER]),
		      WANTED_OVER_CANONICAL);
	print_verdict("Xen's macros alone",
		      bench_series_ratio(ours, &c->mega[COMPARE_BARE]),
		      WANTED_OVER_CANONICAL);
	print_verdict("the limit",
		      bench_series_ratio(ours, &c->mega[COMPARE_LIMIT]),
		      WANTED_OF_LIMIT);
}

static const struct bench_column columns[] = {
	{ "size", NULL, 0 },
	{ "who", NULL, 0 },
	{ "mpps", NULL, 2 },
	{ "spread", NULL, 1 },
};

static const struct plot_panel in_bars = {
	.title = "64-byte packets, bursts of 32",
	.form = PLOT_AS_BARS,
	.x = "size",
	.x_label = "packet (bytes), between two processors",
	.y_label = "million packets per second",
	.series = "who",
	.line = { { "mpps", "spread" } },
};

static void tabulate(struct bench_table *t, const char *who,
		     const struct bench_series *mega)
{
	bench_table_number(t, COMPARE_SIZE);
	bench_table_text(t, who);
	bench_table_number(t, bench_series_median(mega));
	bench_table_number(t, bench_series_spread(mega));
}

struct bench_table *compare_panel(const struct compare *c,
				  const struct bench_series *ours,
				  struct plot_panel *panel)
{
	struct bench_table *t = bench_table_new(columns, BENCH_COUNT(columns));
	double driver = bench_series_median(&c->mega[COMPARE_DRIVER]);
	double limit = bench_series_median(&c->mega[COMPARE_LIMIT]);

	tabulate(t, "xennet", ours);
	tabulate(t, "canonical", &c->mega[COMPARE_BARE]);
	tabulate(t, "canonical driver", &c->mega[COMPARE_DRIVER]);
	*panel = in_bars;
	panel->table = t;
	panel->mark[0] = (struct plot_mark){
		.name = "limit: a bare stream of cache lines",
		.y = limit,
	};
	panel->mark[1] = (struct plot_mark){
		.name = "wanted: 1.6 times the canonical driver",
		.y = WANTED_OVER_CANONICAL * driver,
	};
	return t;
}
