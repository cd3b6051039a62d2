/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#include "fairness_rows.h"

#include <stdio.h>

#include "plot.h"

#define WANTED_JAIN 0.99

const struct fairness_model fairness_models[FAIRNESS_MODELS] = {
	[FAIRNESS_ONE_TO_ONE] = { "1:1", 0 },
	[FAIRNESS_POOL_1] = { "pool of 1", 1 },
	[FAIRNESS_POOL_2] = { "pool of 2", 2 },
};

static const char *const parts[FAIRNESS_PARTS] = {
	[FAIRNESS_OVERLOAD] = "all overloaded",
	[FAIRNESS_ONE_LIGHT] = "one light",
	[FAIRNESS_PAUSES] = "bursts with pauses",
};

static const struct bench_column columns[] = {
	{ "part", "part", 0 },
	{ "vifs", "vifs", 0 },
	{ "model", "model", 0 },
	{ "jain", "Jain", 4 },
	{ "least", "least", 2 },
	{ "most", "most", 2 },
	{ "work", "work", 3 },
	{ "mpps", "Mpps", 3 },
	{ "gbps", "Gbit/s", 2 },
	{ "light_p50_us", "light p50 us", 0 },
	{ "light_p99_us", "p99 us", 0 },
	{ "all_p99_us", "all p99 us", 0 },
	{ "jain_spread", "Jain's spread %", 1 },
	{ "work_spread", "work's", 1 },
	{ "reps", "reps", 0 },
	{ "busy", NULL, 3 },
	{ "light_p99_spread", NULL, 1 },
	{ "all_p99_spread", NULL, 1 },
};

static void tabulate(struct bench_table *t, const struct fairness_row *row)
{
	bench_table_text(t, parts[row->part]);
	bench_table_number(t, row->nvifs);
	bench_table_text(t, row->model->name);
	bench_table_number(t, bench_series_median(&row->jain));
	bench_table_number(t, bench_series_median(&row->least));
	bench_table_number(t, bench_series_median(&row->most));
	bench_table_number(t, bench_series_median(&row->work));
	bench_table_number(t, bench_series_median(&row->mpps));
	bench_table_number(t, bench_series_median(&row->gbps));
	bench_table_number(t, bench_series_median(&row->light_p50));
	bench_table_number(t, bench_series_median(&row->light_p99));
	bench_table_number(t, bench_series_median(&row->all_p99));
	bench_table_number(t, bench_series_spread(&row->jain));
	bench_table_number(t, bench_series_spread(&row->work));
	bench_table_number(t, row->work.n);
	bench_table_number(t, bench_series_median(&row->busy));
	bench_table_number(t, bench_series_spread(&row->light_p99));
	bench_table_number(t, bench_series_spread(&row->all_p99));
}

/* The ratio of what was done, repetition by repetition. Less was done if most
 * repetitions say so: three of four. */
static void judge_work(const struct fairness_row *row,
		       const struct fairness_row *pool)
{
	struct bench_series r = { .n = 0 };
	double quarter, middle, most;
	unsigned i;

	for (i = 0; i < row->work.n; i++)
		bench_series_add(&r, row->work.value[i] / pool->work.value[i]);
	quarter = bench_percentile(r.value, r.n, 0.25);
	middle = bench_percentile(r.value, r.n, 0.5);
	most = bench_percentile(r.value, r.n, 0.75);
	printf("    %.3f of the work of a %s (%.3f to %.3f): %s", middle,
	       pool->model->name, quarter, most,
	       most < 1 ? "lost" : "not lost");
	if (row->light_p99.n)
		printf("; p99 of the light vif %.2f of its",
		       bench_series_ratio(&row->light_p99, &pool->light_p99));
	printf("\n");
}

/* row: those of every model, for one part and one number of vifs. */
static void judge(const struct fairness_row *row)
{
	double jain = bench_series_median(&row->jain);
	unsigned i;

	printf("  %s, %u vifs: Jain's index %.4f (wanted: %.2f): %s\n",
	       parts[row->part], row->nvifs, jain, WANTED_JAIN,
	       jain >= WANTED_JAIN ? "reached" : "missed");
	for (i = FAIRNESS_POOL_1; i < FAIRNESS_MODELS; i++)
		judge_work(row, &row[i]);
}

static const struct plot plot = {
	.title = "Vifs that want more than the backend's processor: "
		 "a worker per queue (1:1) and static pools",
	.panel = { {
			   .title = "fairness: {}",
			   .by = { "part" },
			   .form = PLOT_AS_BARS,
			   .x = "vifs",
			   .x_label = "vifs",
			   .y_label = "Jain's index of throughput / fair share",
			   .series = "model",
			   .line = { { "jain", "jain_spread" } },
			   .mark = { { "wanted: 0.99", WANTED_JAIN, NULL,
				       NULL } },
			   .to = 1.15,
			   .decimals = 3,
		   },
		   {
			   .title = "throughput: {}",
			   .by = { "part" },
			   .form = PLOT_AS_BARS,
			   .x = "vifs",
			   .x_label = "vifs",
			   .y_label = "work done (processors' worth)",
			   .series = "model",
			   .line = { { "work", "work_spread" } },
		   },
		   {
			   .title = "latency of the light vif",
			   .where = { { "part", "one light" } },
			   .form = PLOT_AS_BARS,
			   .x = "vifs",
			   .x_label = "vifs",
			   .y_label = "99th percentile (us)",
			   .series = "model",
			   .line = { { "light_p99_us", "light_p99_spread" } },
			   .log = true,
		   },
		   {
			   .title = "latency of all packets: all overloaded",
			   .where = { { "part", "all overloaded" } },
			   .form = PLOT_AS_BARS,
			   .x = "vifs",
			   .x_label = "vifs",
			   .y_label = "99th percentile (us)",
			   .series = "model",
			   .line = { { "all_p99_us", "all_p99_spread" } },
			   .log = true,
		   } },
};

int fairness_report(const struct fairness_row *row, unsigned n,
		    const struct bench_opts *o)
{
	struct bench_table *t = bench_table_new(columns, BENCH_COUNT(columns));
	struct plot in_columns = plot;
	unsigned i;
	int err;

	for (i = 0; i < n; i++)
		tabulate(t, &row[i]);
	err = bench_table_finish(t, o);
	printf("\none worker per queue (wanted: no work lost to it)\n");
	for (i = 0; i < n; i += FAIRNESS_MODELS)
		judge(&row[i]);
	in_columns.columns = row[n - 1].part + 1; /* a column for each */
	err |= plot_finish(&in_columns, t, o);
	bench_table_free(t);
	return err;
}
