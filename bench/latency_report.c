/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#include <stdio.h>

#include "latency.h"
#include "plot.h"

#define WANTED_BUSY 2.5
#define WANTED_WOKEN 1.2

static const char *const parts[] = {
	[LATENCY_BUSY] = "polling",
	[LATENCY_WOKEN] = "woken",
	[LATENCY_LOAD] = "load",
};

static const struct bench_column columns[] = {
	{ "part", "part", 0 },	       { "name", "what", 0 },
	{ "offered", "offered/s", 0 }, { "kpps", "kpps", 1 },
	{ "p50_us", "p50 us", 3 },     { "p99_us", "p99 us", 3 },
	{ "ratio", "/bare", 2 },       { "asked", "asked/p", 4 },
	{ "sent", "sent/p", 4 },       { "spared", "spared/p", 4 },
	{ "woken", "woken/p", 4 },     { "woken_idle", "for nothing", 4 },
	{ "cpu_ns", "CPU ns/p", 0 },   { "spread", "spread %", 1 },
	{ "reps", "reps", 0 },
};

/* What a round trip is compared with: the first of its part. */
static const struct latency_row *bare(const struct latency_row *all,
				      const struct latency_row *row)
{
	while (all->what.part != row->what.part)
		all++;
	return all->what.bare[0] ? all : NULL;
}

static double ratio(const struct latency_row *all,
		    const struct latency_row *row)
{
	const struct latency_row *b = bare(all, row);

	return b ? bench_series_ratio(&row->p50, &b->p50) : (double)NAN;
}

static void show_offered(struct bench_table *t, const struct latency_case *c)
{
	if (c->part != LATENCY_LOAD)
		bench_table_text(t, "-");
	else if (isinf(c->kpps))
		bench_table_text(t, "all");
	else if (c->kpps < 1000)
		bench_table_text(t, c->kpps < 10    ? "1k"
				    : c->kpps < 100 ? "10k"
						    : "100k");
	else
		bench_table_text(t, "1M");
}

static void tabulate(struct bench_table *t, const struct latency_row *all,
		     const struct latency_row *row)
{
	bench_table_text(t, parts[row->what.part]);
	bench_table_text(t, row->what.name);
	show_offered(t, &row->what);
	bench_table_number(t, bench_series_median(&row->kpps));
	bench_table_number(t, bench_series_median(&row->p50));
	bench_table_number(t, bench_series_median(&row->p99));
	bench_table_number(t, ratio(all, row));
	bench_table_number(t, bench_series_median(&row->asked));
	bench_table_number(t, bench_series_median(&row->sent));
	bench_table_number(t, bench_series_median(&row->spared));
	bench_table_number(t, bench_series_median(&row->woken));
	bench_table_number(t, bench_series_median(&row->idle));
	bench_table_number(t, bench_series_median(&row->cpu));
	bench_table_number(t, bench_series_spread(&row->p50));
	bench_table_number(t, row->p50.n);
}

/* Both ways through the library; one ring alone is no packet's round trip. */
static void judge(const struct latency_row *all, unsigned n)
{
	unsigned i;

	for (i = 0; i < n; i++) {
		const struct latency_row *row = &all[i];
		bool busy = row->what.part == LATENCY_BUSY;
		double wanted = busy ? WANTED_BUSY : WANTED_WOKEN, r;

		if (row->what.part == LATENCY_LOAD || row->what.bare[0] ||
		    row->what.one_ring)
			continue;
		r = ratio(all, row);
		printf("  %s, %s: %.2f of %s (wanted: %.1f at most): %s\n",
		       parts[row->what.part], row->what.name, r,
		       bare(all, row)->what.name, wanted,
		       r <= wanted ? "reached" : "missed");
	}
}

static const struct plot plot = {
	.title = "One packet of 64 bytes between two processors",
	.columns = 2,
	.panel = { {
			   .title = "to and fro, both ends polling",
			   .where = { { "part", "polling" } },
			   .form = PLOT_AS_BARS,
			   .x = "name",
			   .x_label = "through what",
			   .y_label = "median round trip (us)",
			   .line = { { "p50_us", "spread", "round trip" } },
			   .decimals = 2,
		   },
		   {
			   .title = "to and fro, both ends asleep",
			   .where = { { "part", "woken" } },
			   .form = PLOT_AS_BARS,
			   .x = "name",
			   .x_label = "through what",
			   .y_label = "median round trip (us)",
			   .line = { { "p50_us", "spread", "round trip" } },
			   .decimals = 1,
		   },
		   {
			   .title = "one way, by policy: median",
			   .where = { { "part", "load" } },
			   .x = "offered",
			   .x_label = "packets offered per second",
			   .y_label = "latency (us)",
			   .series = "name",
			   .line = { { "p50_us", "spread", NULL } },
			   .log = true,
		   },
		   {
			   .title = "what it costs the receiver",
			   .where = { { "part", "load" } },
			   .x = "offered",
			   .x_label = "packets offered per second",
			   .y_label = "CPU time per packet (ns)",
			   .series = "name",
			   .line = { { "cpu_ns", NULL, NULL } },
			   .log = true,
		   } },
};

int latency_report(const struct latency_row *row, unsigned n,
		   const struct bench_opts *o)
{
	struct bench_table *t = bench_table_new(columns, BENCH_COUNT(columns));
	unsigned i;
	int err;

	for (i = 0; i < n; i++)
		tabulate(t, row, &row[i]);
	err = bench_table_finish(t, o);
	printf("\nmedian round trip against the bare one\n");
	judge(row, n);
	err |= plot_finish(&plot, t, o);
	bench_table_free(t);
	return err;
}
