/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#include <stdio.h>
#include <stdlib.h>

#include "peers.h"

#define REPS 5u
#define REPS_QUICK 3u
#define SLICE_MS 100u
#define SLICE_MS_QUICK 40u

struct run {
	struct peers_place place;
	struct peers_rows rows;
	unsigned ms;
};

static int measure(void *ctx, unsigned number, unsigned rep)
{
	struct run *run = ctx;
	struct peers_row *row = &run->rows.row[number];
	struct pair_result r;

	(void)rep;
	if (row->missing)
		return 0;
	if (row->contender->measure(row->contender, &run->place, &row->cell,
				    run->ms, &r)) {
		fprintf(stderr,
			"xennet-bench peers: %s failed: %u bytes, "
			"bursts of %u\n",
			row->contender->name, row->cell.size, row->cell.burst);
		return BENCH_FAILED;
	}
	bench_series_add(&row->mega, r.mega);
	bench_series_add(&row->events, r.events);
	return 0;
}

static int run_all(struct run *run, const struct bench_opts *o)
{
	struct bench_plan plan = {
		.verb = o->verb,
		.reps = o->reps	  ? o->reps
			: o->full ? REPS
				  : REPS_QUICK,
		.run = measure,
		.ctx = run,
	};
	int err;

	run->ms = o->full ? SLICE_MS : SLICE_MS_QUICK;
	peers_rows_fill(&run->rows, &run->place, o->full);
	plan.rows = run->rows.n;
	err = bench_plan_run(&plan);
	if (err)
		return err;
	err = peers_rows_finish(&run->rows, o);
	err |= peers_plot(&run->rows, o);
	peers_targets_print(&run->rows);
	return err;
}

int bench_peers(const struct bench_opts *o)
{
	struct run *run;
	int err;

	if (cores_count() < 2) {
		fprintf(stderr, "xennet-bench peers: wants two processors\n");
		return BENCH_FAILED;
	}
	run = calloc(1, sizeof(*run));
	if (!run)
		return BENCH_FAILED;
	err = peers_place_begin(&run->place, o);
	if (!err) {
		err = run_all(run, o);
		peers_place_end(&run->place);
	}
	free(run);
	return err;
}
