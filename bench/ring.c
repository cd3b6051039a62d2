/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Rings alone: request and response round trips, on one processor and between
 * two; and 64-byte packets through the library against Xen's own macros and
 * against the bare stream.
 */
#include <stdio.h>
#include <stdlib.h>

#include "compare.h"
#include "link_rows.h"
#include "pair.h"

#define REPS 7u
#define SLICE_MS 40u

static const struct pair_case *const kinds[] = { &pair_ring, &pair_canonical };
static const unsigned batches[] = { 1, 8, 32, 64 };

#define KINDS BENCH_COUNT(kinds)
#define ROWS (2 * BENCH_COUNT(batches))

struct row {
	unsigned cores, batch;
	struct bench_series mega[KINDS];
};

struct run {
	unsigned rows;
	struct row row[ROWS];
	struct compare compare;
	struct bench_series ours; /* to be compared */
	struct site site;
};

static double measure_alone(const struct pair_case *c, unsigned batch,
			    unsigned ms)
{
	struct pair *p = cores_shared(sizeof(*p));
	double rate;

	p->batch = batch;
	rate = c->alone(p, ms);
	cores_unshared(p, sizeof(*p));
	return rate;
}

static int measure_row(struct row *row)
{
	unsigned i;

	for (i = 0; i < KINDS; i++) {
		double rate =
			row->cores == 1
				? measure_alone(kinds[i], row->batch, SLICE_MS)
				: pair_run(kinds[i], row->batch, 64, SLICE_MS);

		if (rate < 0)
			return BENCH_FAILED;
		bench_series_add(&row->mega[i], rate);
	}
	return 0;
}

static int measure_ours(struct run *run)
{
	static const struct link_times times = { SLICE_MS / 4, SLICE_MS, 0 };
	struct link_cell cell = {
		.direction = LINK_TX,
		.strategy = &link_strategies[LINK_PERSISTENT],
		.size = COMPARE_SIZE,
		.queues = 1,
		.burst = COMPARE_BURST,
	};
	struct link_result r;

	if (link_run(&cell, &times, &run->site, &r))
		return BENCH_FAILED;
	bench_series_add(&run->ours, r.mpps);
	return 0;
}

/* After the rings' rows come those of the comparison, the library's last. */
static int measure(void *ctx, unsigned number, unsigned rep)
{
	struct run *run = ctx;

	(void)rep;
	if (number < run->rows)
		return measure_row(&run->row[number]);
	if (number < run->rows + COMPARE_ROWS)
		return compare_measure(&run->compare, number - run->rows,
				       SLICE_MS);
	return measure_ours(run);
}

static const struct bench_column columns[] = {
	{ "ring", "ring", 0 },
	{ "cores", "cores", 0 },
	{ "batch", "batch", 0 },
	{ "mega_per_second", "M round trips/s", 2 },
	{ "ns", "ns each", 2 },
	{ "ratio_canonical", "/canonical", 2 },
	{ "spread", "spread %", 1 },
	{ "reps", "reps", 0 },
};

static void tabulate(struct bench_table *t, const struct row *row)
{
	unsigned i;

	for (i = 0; i < KINDS; i++) {
		double rate = bench_series_median(&row->mega[i]);

		bench_table_text(t, kinds[i]->name);
		bench_table_number(t, row->cores);
		bench_table_number(t, row->batch);
		bench_table_number(t, rate);
		bench_table_number(t, 1e3 / rate);
		bench_table_number(
			t, bench_series_ratio(&row->mega[i], &row->mega[1]));
		bench_table_number(t, bench_series_spread(&row->mega[i]));
		bench_table_number(t, row->mega[i].n);
	}
}

static unsigned lay_out(struct run *run)
{
	unsigned n = 0, cores, i;

	for (cores = 1; cores <= cores_count(); cores++)
		for (i = 0; i < BENCH_COUNT(batches); i++)
			run->row[n++] = (struct row){ .cores = cores,
						      .batch = batches[i] };
	return n;
}

static const struct plot plot = {
	.title = "Rings alone: the library's and Xen's own macros (canonical)",
	.panel = { {
		.title = "round trips, processors: {}",
		.by = { "cores" },
		.form = PLOT_AS_BARS,
		.x = "batch",
		.x_label = "requests in a batch",
		.y_label = "million round trips per second",
		.series = "ring",
		.line = { { "mega_per_second", "spread" } },
	} },
};

static int draw(const struct bench_opts *o, const struct run *run,
		const struct bench_table *t)
{
	struct bench_table *compared = NULL;
	struct plot all = plot;
	int err;

	if (run->ours.n)
		compared =
			compare_panel(&run->compare, &run->ours, &all.panel[1]);
	err = plot_finish(&all, t, o);
	if (compared)
		bench_table_free(compared);
	return err;
}

static int print(const struct bench_opts *o, const struct run *run)
{
	struct bench_table *t = bench_table_new(columns, BENCH_COUNT(columns));
	unsigned i;
	int err;

	for (i = 0; i < run->rows; i++)
		tabulate(t, &run->row[i]);
	err = bench_table_finish(t, o);
	if (run->ours.n)
		compare_print(&run->compare, &run->ours);
	err |= draw(o, run, t);
	bench_table_free(t);
	return err;
}

int bench_ring(const struct bench_opts *o)
{
	struct run *run = calloc(1, sizeof(*run));
	struct bench_plan plan = {
		.verb = o->verb,
		.reps = o->reps	  ? o->reps
			: o->full ? 3 * REPS
				  : REPS,
		.run = measure,
		.ctx = run,
	};
	int err = BENCH_FAILED;

	if (!run)
		return err;
	plan.rows = run->rows = lay_out(run);
	if (cores_count() == 2)
		plan.rows += COMPARE_ROWS + 1;
	else
		fprintf(stderr, "xennet-bench ring: only one processor may be "
				"used: nothing between two is measured\n");
	err = site_begin(&run->site, o, 0);
	if (err)
		goto free;
	err = bench_plan_run(&plan);
	site_end(&run->site);
	if (!err)
		err = print(o, run);
free:
	free(run);
	return err;
}
