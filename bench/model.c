/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#include "model.h"

#include <stdio.h>
#include <stdlib.h>

#include "cores.h"
#include "plot.h"

#define REPS 5u
#define CELLS_MAX 48u
#define CLOSE 25.0 /* percent */

/* Where there are no two sockets to measure: one way, half of the longest there
 * and back that was seen between two processors of one machine (PERFORMANCE.md,
 * "Where it runs matters"). */
#define FAR_ASSUMED_NS 250.0

const char *const model_cost_names[MODEL_COSTS] = {
	[MODEL_GRANT] = "grant and revoke",
	[MODEL_COPY_CALL] = "copy, call",
	[MODEL_COPY_OP] = "copy, operation",
	[MODEL_COPY_IN] = "copy in, byte",
	[MODEL_COPY_OUT] = "copy out, byte",
	[MODEL_MAP_CALL] = "map, call",
	[MODEL_MAP_PAGE] = "map, page",
	[MODEL_UNMAP_CALL] = "unmap, call",
	[MODEL_UNMAP_PAGE] = "unmap, page",
	[MODEL_SHOOT] = "unmap, 2 processors",
	[MODEL_EVENT_SEND] = "event, send",
	[MODEL_EVENT_WAKE] = "event, wake-up",
	[MODEL_LINE_PING] = "line, waited for",
	[MODEL_LINE_SMALL] = "line of 64 bytes",
	[MODEL_LINE_PACKET] = "line of 1472 bytes",
	[MODEL_LINE_PAGE] = "line of a page",
	[MODEL_MEMCPY] = "memcpy, byte",
	[MODEL_SUM] = "read and add, byte",
	[MODEL_TX_FRONT] = "tx packet, frontend",
	[MODEL_TX_BACK] = "tx packet, backend",
	[MODEL_RX_FRONT] = "rx packet, frontend",
	[MODEL_RX_BACK] = "rx packet, backend",
};

static const unsigned sizes[] = { 64, 1496, 65535 };
static const char *const directions[] = { "tx", "rx", "guest" };

struct cell {
	struct link_cell cell;
	struct bench_series measured, predicted, error;
	unsigned at_front; /* repetitions in which the frontend is slower */
};

struct run {
	const struct bench_opts *o;
	struct site site;
	struct model_prices now; /* of this repetition */
	struct bench_series price[MODEL_COSTS];
	struct cell cell[CELLS_MAX];
	unsigned ncells;
	double far;
	unsigned ms;
};

enum { ROW_LINES, ROW_GRANTS, ROW_ENDS, ROWS_BEFORE };

static int price(struct run *run, unsigned row)
{
	if (row == ROW_LINES)
		return model_price_lines(&run->now);
	if (row == ROW_GRANTS)
		return model_price_grants(&run->now, run->o);
	return model_price_ends(&run->now, run->o);
}

static int predict(struct run *run, struct cell *c)
{
	struct link_times times = { 15, run->ms, 0 };
	struct model_ends ends = model_predict(&run->now, &c->cell, 1);
	double mpps = 1e3 / model_slower(ends);
	struct link_result r;

	if (link_run(&c->cell, &times, &run->site, &r))
		return BENCH_FAILED;
	bench_series_add(&c->measured, r.mpps);
	bench_series_add(&c->predicted, mpps);
	if (r.mpps > 0) /* others may have taken all of the time */
		bench_series_add(&c->error, 100 * (mpps / r.mpps - 1));
	c->at_front += ends.front > ends.back;
	return 0;
}

static int measure(void *ctx, unsigned row, unsigned rep)
{
	struct run *run = ctx;
	unsigned i;
	int err;

	(void)rep;
	if (row >= ROWS_BEFORE)
		return predict(run, &run->cell[row - ROWS_BEFORE]);
	err = price(run, row);
	for (i = 0; !err && row == ROW_ENDS && i < MODEL_COSTS; i++)
		bench_series_add(&run->price[i], run->now.ns[i]);
	return err;
}

static void lay_out(struct run *run)
{
	unsigned d, s, k, strategies;

	for (d = LINK_TX; d <= LINK_GUEST; d++) {
		strategies = d == LINK_GUEST ? LINK_STUDY : LINK_PERSISTENT;
		for (s = 0; s < BENCH_COUNT(sizes); s++)
			for (k = 0; k <= strategies; k++)
				run->cell[run->ncells++].cell =
					(struct link_cell){
						.direction =
							(enum link_direction)d,
						.strategy = &link_strategies[k],
						.size = sizes[s],
						.queues = 1,
						.burst = 32,
					};
	}
	run->ms = run->o->full ? 150 : 50;
}

static const struct bench_column columns[] = {
	{ "kind", "", 0 },	     { "case", "case", 0 },
	{ "unit", "unit", 0 },	     { "measured", "measured", 4 },
	{ "model", "model", 4 },     { "error_percent", "error %", 0 },
	{ "spread", "spread %", 1 }, { "slower_end", "slower", 0 },
	{ "direction", NULL, 0 },
};

static void tabulate_price(struct bench_table *t, const struct run *run,
			   unsigned i)
{
	bench_table_text(t, "price");
	bench_table_text(t, model_cost_names[i]);
	bench_table_text(t, "ns");
	bench_table_number(t, bench_series_median(&run->price[i]));
	bench_table_number(t, (double)NAN);
	bench_table_number(t, (double)NAN);
	bench_table_number(t, bench_series_spread(&run->price[i]));
	bench_table_text(t, "-");
	bench_table_text(t, "-");
}

static void tabulate_cell(struct bench_table *t, const struct cell *c)
{
	char name[24];

	snprintf(name, sizeof(name), "%s %u %s", directions[c->cell.direction],
		 c->cell.size, c->cell.strategy->name);
	bench_table_text(t, "link");
	bench_table_text(t, name);
	bench_table_text(t, "Mpps");
	bench_table_number(t, bench_series_median(&c->measured));
	bench_table_number(t, bench_series_median(&c->predicted));
	bench_table_number(t, bench_series_median(&c->error));
	bench_table_number(t, bench_series_spread(&c->measured));
	bench_table_text(t, 2 * c->at_front > c->measured.n ? "frontend"
							    : "backend");
	bench_table_text(t, directions[c->cell.direction]);
}

static const struct plot plot = {
	.title = "The cost model and what was measured, one queue, burst 32",
	.panel = { { .title = "{}",
		     .by = { "direction" },
		     .where = { { "kind", "link" } },
		     .x = "case",
		     .x_label = "packet and strategy",
		     .y_label = "Mpps",
		     .log = true,
		     .line = { { "measured", "spread", "measured" },
			       { "model", NULL, "model" } } } },
};

/* Frames of 64 bytes are 84 on the wire; 1496 are 1520 with preamble, checksum
 * and gap; 65535 leave as segments, of which the wire's share is left out. */
static double needed_mpps(unsigned size)
{
	double wire = size == 64 ? 84 : size == 1496 ? 1520 : size;

	return 100e3 / 8 / wire;
}

static void print_needs(const struct run *run, const struct model_prices *p)
{
	unsigned i;

	printf("\nprocessors for 100 Gbit/s, by the model with these prices; "
	       "far: ends in two sockets,\n"
	       "where a line costs %.1f times as much (%s)\n"
	       "  %-22s  %8s  %8s  %8s  %8s  %8s\n",
	       p->far, run->far > 0 ? "measured" : "an assumption", "", "Mpps",
	       "backend", "guest", "far back", "far gst");
	for (i = 0; i < run->ncells; i++) {
		const struct link_cell *c = &run->cell[i].cell;
		struct model_ends near = model_predict(p, c, 1);
		struct model_ends far = model_predict(p, c, p->far);
		double mpps = needed_mpps(c->size);
		char name[24];

		if (c->direction == LINK_GUEST)
			continue;
		snprintf(name, sizeof(name), "%s %u %s",
			 directions[c->direction], c->size, c->strategy->name);
		printf("  %-22s  %8.2f  %8.1f  %8.1f  %8.1f  %8.1f\n", name,
		       mpps, mpps * near.back / 1e3, mpps * near.front / 1e3,
		       mpps * far.back / 1e3, mpps * far.front / 1e3);
	}
}

/* How far off, whichever way, half of the predictions are at most. */
static void print_verdict(const struct run *run)
{
	struct bench_series off = { .n = 0 };
	unsigned i, good = 0;
	double error;

	for (i = 0; i < run->ncells; i++) {
		error = fabs(bench_series_median(&run->cell[i].error));
		if (!isnan(error))
			bench_series_add(&off, error);
		good += error <= CLOSE;
	}
	printf("\nof %u rows of link %u are predicted within %.0f %%; the "
	       "median error is %.0f %%\n",
	       run->ncells, good, CLOSE, bench_series_median(&off));
}

static int print(const struct run *run)
{
	struct bench_table *t = bench_table_new(columns, BENCH_COUNT(columns));
	struct model_prices p;
	unsigned i;
	int err;

	for (i = 0; i < MODEL_COSTS; i++) {
		p.ns[i] = bench_series_median(&run->price[i]);
		tabulate_price(t, run, i);
	}
	p.far = run->far > 0 ? run->far
			     : fmax(1, FAR_ASSUMED_NS / p.ns[MODEL_LINE_PING]);
	for (i = 0; i < run->ncells; i++)
		tabulate_cell(t, &run->cell[i]);
	model_study_rows(t);
	err = bench_table_finish(t, run->o);
	err |= plot_finish(&plot, t, run->o);
	bench_table_free(t);
	print_verdict(run);
	model_study_notes();
	print_needs(run, &p);
	return err;
}

int bench_model(const struct bench_opts *o)
{
	struct run *run = calloc(1, sizeof(*run));
	struct bench_plan plan = {
		.verb = o->verb,
		.reps = o->reps ? o->reps : REPS,
		.run = measure,
		.ctx = run,
	};
	int err;

	if (!run)
		return BENCH_FAILED;
	if (cores_count() < 2) {
		fprintf(stderr, "xennet-bench model: two processors are "
				"needed, and one may be used\n");
		free(run);
		return BENCH_FAILED;
	}
	run->o = o;
	lay_out(run);
	run->far = model_far_measured();
	plan.rows = ROWS_BEFORE + run->ncells;
	err = site_begin(&run->site, o, 0);
	if (!err) {
		err = bench_plan_run(&plan);
		site_end(&run->site);
	}
	if (!err)
		err = print(run);
	free(run);
	return err;
}
