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
	if (link_run(&row->cell, &run->times, &r))
		return BENCH_FAILED;
	link_row_add(row, &r);
	return 0;
}

static int print(const struct bench_opts *o, const struct run *run)
{
	struct link_cell cell = { LINK_TX, &link_strategies[LINK_PERSISTENT],
				  COMPARE_SIZE, 1, COMPARE_BURST };
	int err = link_rows_finish(&run->rows, o);

	link_study_print(&run->rows);
	if (run->compare.mega[COMPARE_LIMIT].n)
		compare_print(&run->compare,
			      &link_rows_find(&run->rows, &cell)->mpps);
	return err;
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
	if (o->full) {
		link_rows_all(&run->rows);
		run->times = (struct link_times){ 20, 200, 60 };
	} else {
		link_rows_quick(&run->rows);
		run->times = (struct link_times){ 15, 90, 30 };
	}
	plan.ctx = run;
	plan.rows = run->rows.n;
	if (cores_count() == 2)
		plan.rows += COMPARE_ROWS;
	else
		fprintf(stderr, "xennet-bench link: only one processor may be "
				"used: both processes share it\n");
	err = bench_plan_run(&plan);
	if (!err)
		err = print(o, run);
	free(run);
	return err;
}
