/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#include "link.h"

#include <stdio.h>
#include <stdlib.h>

#include "compare.h"
#include "link_rows.h"

#define REPS 5u

struct run {
	struct link_times times;
	struct link_rows rows;
	struct compare compare;
	struct site site;
};

/* After the cells, the rows of the comparison. */
static int measure(void *ctx, unsigned number, unsigned rep)
{
	struct run *run = ctx;
	struct link_result r;
	struct link_row *row;

	(void)rep;
	if (number >= run->rows.n)
		return compare_measure(&run->compare, number - run->rows.n,
				       run->times.run_ms);
	row = &run->rows.row[number];
	if (link_run(&row->cell, &run->times, &run->site, &r))
		return BENCH_FAILED;
	link_row_add(row, &r);
	return 0;
}

static int print(const struct bench_opts *o, const struct run *run)
{
	struct link_cell cell = {
		.direction = LINK_TX,
		.strategy = &link_strategies[LINK_PERSISTENT],
		.size = COMPARE_SIZE,
		.queues = 1,
		.burst = COMPARE_BURST,
	};
	const struct bench_series *limit = &run->compare.mega[COMPARE_LIMIT];
	int err = link_rows_finish(&run->rows, o, bench_series_median(limit));

	link_study_print(&run->rows);
	if (limit->n)
		compare_print(&run->compare,
			      &link_rows_find(&run->rows, &cell)->mpps);
	return err;
}

/* Of the cell that grants the most. */
static unsigned most_pages(const struct link_rows *rows)
{
	unsigned i, most = 0;

	for (i = 0; i < rows->n; i++)
		if (most < link_pages(&rows->row[i].cell))
			most = link_pages(&rows->row[i].cell);
	return most;
}

static void lay_out(struct run *run, const struct bench_opts *o)
{
	if (o->full) {
		link_rows_all(&run->rows);
		run->times = (struct link_times){ 20, 200, 60 };
	} else {
		link_rows_quick(&run->rows);
		run->times = (struct link_times){ 15, 90, 30 };
	}
	/* a page is mapped in a millisecond perhaps: all, before it counts */
	if (o->xen)
		run->times = (struct link_times){ 400, 300, 100 };
}

int bench_link(const struct bench_opts *o)
{
	struct run *run;
	struct bench_plan plan = {
		.verb = o->verb,
		.reps = o->reps ? o->reps : REPS,
		.run = measure,
	};
	int err;

	if (o->pcap)
		return link_replay(o);
	run = calloc(1, sizeof(*run));
	if (!run)
		return BENCH_FAILED;
	lay_out(run, o);
	plan.ctx = run;
	plan.rows = run->rows.n;
	if (cores_count() == 2)
		plan.rows += o->xen ? 0 : COMPARE_ROWS;
	else
		fprintf(stderr, "xennet-bench link: only one processor may be "
				"used: both processes share it\n");
	err = site_begin(&run->site, o, most_pages(&run->rows));
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
