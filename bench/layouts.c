/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * The layout of the rings alone: the same packets through the same code by the
 * number of packets in a burst, in every layout, told of and polled for. Every
 * ring has the same number of slots.
 */
#include <stdio.h>
#include <stdlib.h>

#include "link_rows.h"
#include "plot.h"

#define REPS 5u
#define REPS_FULL 15u
#define WARM_MS 5u
#define SLICE_MS 40u
#define SIZE 64u

static const char *const names[] = { "standard", "split", "sequenced" };
static const enum link_direction directions[] = { LINK_TX, LINK_RX };
static const unsigned bursts[] = { 1, 4, 8, 32, 64 };

#define LAYOUTS BENCH_COUNT(names)
#define BURSTS BENCH_COUNT(bursts)
#define GROUPS (2 * BENCH_COUNT(directions) * BURSTS)

/* What differs in the layout only. */
struct group {
	enum link_direction direction;
	unsigned burst;
	bool polling;
	struct bench_series mpps[LAYOUTS], notified[LAYOUTS];
};

struct run {
	unsigned ngroups;
	struct group group[GROUPS];
	struct site site;
};

static int measure(void *ctx, unsigned number, unsigned rep)
{
	static const struct link_times times = { WARM_MS, SLICE_MS, 0 };
	struct run *run = ctx;
	struct group *g = &run->group[number / LAYOUTS];
	unsigned layout = number % LAYOUTS;
	struct link_cell cell = {
		.direction = g->direction,
		.strategy = &link_strategies[LINK_PERSISTENT],
		.size = SIZE,
		.queues = 1,
		.burst = g->burst,
		.layout = layout,
		/* slots of a page; those of 16 bytes want two */
		.ring_order = layout == XENNET_STANDARD ? 0 : 1,
		.policy = { .mode = g->polling ? XENNET_NOTIFY_POLL
					       : XENNET_NOTIFY_EXACT },
	};
	struct link_result r;

	(void)rep;
	if (link_run(&cell, &times, &run->site, &r))
		return BENCH_FAILED;
	bench_series_add(&g->mpps[layout], r.mpps);
	bench_series_add(&g->notified[layout], r.notifications);
	return 0;
}

static const struct bench_column columns[] = {
	{ "dir", "dir", 0 },
	{ "notice", "notice", 0 },
	{ "burst", "burst", 0 },
	{ "layout", "layout", 0 },
	{ "mpps", "Mpps", 2 },
	{ "spread", "spread %", 1 },
	{ "ratio_standard", "/standard", 2 },
	{ "ratio_spread", "spread %", 1 },
	{ "notifications", "notif/p", 4 },
	{ "reps", "reps", 0 },
};

/* Of the ratios in each repetition. */
static struct bench_series ratios(const struct bench_series *a,
				  const struct bench_series *b)
{
	struct bench_series s = { 0 };
	unsigned i;

	for (i = 0; i < a->n; i++)
		bench_series_add(&s, a->value[i] / b->value[i]);
	return s;
}

static void tabulate(struct bench_table *t, const struct group *g)
{
	unsigned i;

	for (i = 0; i < LAYOUTS; i++) {
		struct bench_series ratio =
			ratios(&g->mpps[i], &g->mpps[XENNET_STANDARD]);

		bench_table_text(t, g->direction == LINK_TX ? "tx" : "rx");
		bench_table_text(t, g->polling ? "polled" : "events");
		bench_table_number(t, g->burst);
		bench_table_text(t, names[i]);
		bench_table_number(t, bench_series_median(&g->mpps[i]));
		bench_table_number(t, bench_series_spread(&g->mpps[i]));
		bench_table_number(t, bench_series_median(&ratio));
		bench_table_number(t, bench_series_spread(&ratio));
		bench_table_number(t, bench_series_median(&g->notified[i]));
		bench_table_number(t, g->mpps[i].n);
	}
}

static const struct plot plot = {
	.title = "The layout of the rings alone: 64-byte packets, one queue",
	.panel = { {
		.title = "{}, {}",
		.by = { "dir", "notice" },
		.x = "burst",
		.x_label = "packets in a burst",
		.y_label = "rate over the standard layout's",
		.series = "layout",
		.line = { { "ratio_standard", "ratio_spread", NULL } },
	} },
};

static void lay_out(struct run *run, bool full)
{
	unsigned d, p, b;

	for (d = 0; d < BENCH_COUNT(directions); d++)
		for (p = 0; p < 2; p++)
			for (b = 0; b < BURSTS; b++) {
				if (!full && bursts[b] != 1 && bursts[b] != 8 &&
				    bursts[b] != 32)
					continue;
				run->group[run->ngroups++] = (struct group){
					.direction = directions[d],
					.burst = bursts[b],
					.polling = p,
				};
			}
}

static int print(const struct bench_opts *o, const struct run *run)
{
	struct bench_table *t = bench_table_new(columns, BENCH_COUNT(columns));
	unsigned i;
	int err;

	for (i = 0; i < run->ngroups; i++)
		tabulate(t, &run->group[i]);
	err = bench_table_finish(t, o);
	err |= plot_finish(&plot, t, o);
	bench_table_free(t);
	return err;
}

int bench_layouts(const struct bench_opts *o)
{
	struct run *run = calloc(1, sizeof(*run));
	struct bench_plan plan = {
		.verb = o->verb,
		.reps = o->reps	  ? o->reps
			: o->full ? REPS_FULL
				  : REPS,
		.run = measure,
		.ctx = run,
	};
	int err = BENCH_FAILED;

	if (!run)
		return err;
	lay_out(run, o->full);
	plan.rows = run->ngroups * LAYOUTS;
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
