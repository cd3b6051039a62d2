/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#include "scale.h"

#include <stdio.h>
#include <stdlib.h>

#include "plot.h"

#define REPS 3u
#define PAIRS 8u /* of slices: one alone, one among the idle */
#define ROWS_MAX 32u

#define WANT_CORES 1.95
#define WANT_KIB 24.0
#define WANT_IDLE 0.99

struct row {
	struct scale_shape shape;
	const char *limit; /* it meets, or NULL */
	struct bench_series mpps, idle, strangers, connect, disconnect;
	struct scale_result last;
};

struct run {
	const struct bench_opts *o;
	struct scale_limits limits;
	struct row row[ROWS_MAX];
	unsigned nrows, all_ms, one_ms;
	struct scale_cores cores;
};

/* One vif busy, alone and then among the idle, again and again. */
static int compare_idle(struct run *run, struct row *row,
			struct scale_crowd *crowd, struct scale_crowd *alone)
{
	struct bench_series ratio = { .n = 0 };
	double among, by_itself;
	unsigned i;

	/* the first time its pages are mapped */
	scale_crowd_run(alone, SCALE_RUN_ALL, run->one_ms);
	for (i = 0; i < PAIRS; i++) {
		by_itself = scale_crowd_run(alone, SCALE_RUN_ONE, run->one_ms);
		among = scale_crowd_run(crowd, SCALE_RUN_ONE, run->one_ms);
		if (by_itself < 0 || among < 0)
			return BENCH_FAILED;
		if (by_itself > 0) /* else somebody else ran */
			bench_series_add(&ratio, among / by_itself);
	}
	bench_series_add(&row->idle, bench_series_median(&ratio));
	return 0;
}

static int measure_crowd(struct run *run, struct row *row,
			 struct scale_crowd *crowd, struct scale_crowd *alone)
{
	if (scale_crowd_do(alone, SCALE_CONNECT) ||
	    scale_crowd_do(crowd, SCALE_CONNECT))
		return BENCH_FAILED;
	/* once so that pages are mapped, and once to be measured */
	scale_crowd_run(crowd, SCALE_RUN_ALL, run->all_ms);
	bench_series_add(&row->mpps,
			 scale_crowd_run(crowd, SCALE_RUN_ALL, run->all_ms));
	if (compare_idle(run, row, crowd, alone) ||
	    scale_crowd_do(crowd, SCALE_DISCONNECT) ||
	    scale_crowd_do(alone, SCALE_DISCONNECT))
		return BENCH_FAILED;
	return 0;
}

static int measure_row(struct run *run, struct row *row)
{
	struct scale_shape one = { .vifs = 1,
				   .queues = 1,
				   .channels = row->shape.channels,
				   .fronts = 1,
				   .strategy = row->shape.strategy };
	struct scale_crowd crowd, alone;
	int err;

	err = scale_crowd_begin(&alone, run->o, &one);
	err |= scale_crowd_begin(&crowd, run->o, &row->shape);
	if (!err)
		err = measure_crowd(run, row, &crowd, &alone);
	if (crowd.stage)
		row->last = crowd.stage->result;
	err |= scale_crowd_end(&crowd);
	err |= scale_crowd_end(&alone);
	if (err)
		return BENCH_FAILED;
	bench_series_add(&row->connect, row->last.connect_ms);
	bench_series_add(&row->disconnect, row->last.disconnect_ms);
	bench_series_add(&row->strangers, (double)row->last.strangers);
	return 0;
}

static int measure(void *ctx, unsigned number, unsigned rep)
{
	struct run *run = ctx;

	(void)rep;
	if (number == run->nrows)
		return scale_cores_measure(&run->cores, run->o, 8, 10);
	return run->row[number].limit ? 0 : measure_row(run, &run->row[number]);
}

static void add(struct run *run, unsigned vifs, unsigned queues,
		enum xennet_strategy strategy)
{
	struct row *row = &run->row[run->nrows++];

	row->shape.vifs = vifs;
	row->shape.queues = queues;
	row->shape.strategy = strategy;
	row->limit = scale_limits_meet(&run->limits, &row->shape);
}

static void lay_out(struct run *run)
{
	static const unsigned vifs[] = { 1, 16, 256, 1024, 4096 };
	static const struct {
		unsigned vifs, queues;
	} quick[] = { { 1, 1 }, { 16, 1 }, { 256, 1 }, { 1024, 1 }, { 4096, 1 },
		      { 1, 2 }, { 1, 4 },  { 1, 8 },   { 256, 8 } };
	unsigned i, q;

	if (!run->o->full) {
		for (i = 0; i < BENCH_COUNT(quick); i++)
			add(run, quick[i].vifs, quick[i].queues,
			    XENNET_PERSISTENT);
	} else {
		for (q = 1; q <= SCALE_QUEUES_MAX; q *= 2)
			for (i = 0; i < BENCH_COUNT(vifs); i++)
				add(run, vifs[i], q, XENNET_PERSISTENT);
	}
	add(run, 256, 1, XENNET_COPY);
	add(run, 256, 1, XENNET_MAP);
	run->all_ms = run->o->full ? 80 : 30;
	run->one_ms = run->o->full ? 15 : 8;
}

static const struct bench_column columns[] = {
	{ "vifs", "vifs", 0 },
	{ "queues", "queues", 0 },
	{ "strategy", "strategy", 0 },
	{ "event_channels", "channels", 0 },
	{ "mpps", "Mpps", 2 },
	{ "mpps_per_core", "Mpps/core", 2 },
	{ "spread", "spread %", 1 },
	{ "one_among_idle", "idle", 3 },
	{ "idle_wakeups", "wakes", 0 },
	{ "connect_ms", "conn. ms", 2 },
	{ "connect_all_s", "all s", 3 },
	{ "disconnect_ms", "disc. ms", 2 },
	{ "disconnect_all_s", "all s", 3 },
	{ "library_kib", "library", 1 },
	{ "platform_kib", "platform", 1 },
	{ "resident_kib", "resident", 1 },
	{ "busy_kib", "busy", 1 },
	{ "rings_kib", "rings", 1 },
	{ "buffers_kib", "buffers", 0 },
	{ "descriptors", "fds", 2 },
	{ "mappings", "maps", 2 },
	{ "mappings_busy", "busy", 2 },
	{ "limit", "limit", 0 },
	{ "reps", "reps", 0 },
};

static const struct plot plot = {
	.title = "Many vifs of one queue, persistent grants",
	.panel = { {
			   .title = "all busy, 64 bytes",
			   .where = { { "queues", "1" },
				      { "strategy", "persistent" },
				      { "limit", "-" } },
			   .x = "vifs",
			   .x_label = "vifs",
			   .y_label = "Mpps per core",
			   .line = { { "mpps_per_core", "spread", "all busy" } },
		   },
		   {
			   .title = "memory of an idle one",
			   .where = { { "queues", "1" },
				      { "strategy", "persistent" },
				      { "limit", "-" } },
			   .x = "vifs",
			   .x_label = "vifs",
			   .y_label = "KiB for each vif",
			   .line = { { "resident_kib", NULL, "resident" },
				     { "library_kib", NULL, "tables" } },
		   },
		   {
			   .title = "connecting all of them",
			   .where = { { "queues", "1" },
				      { "strategy", "persistent" },
				      { "limit", "-" } },
			   .x = "vifs",
			   .x_label = "vifs",
			   .y_label = "ms for each vif",
			   .line = { { "connect_ms", NULL, "connect" },
				     { "disconnect_ms", NULL, "disconnect" } },
		   } },
};

static const char *const strategies[] = {
	[XENNET_COPY] = "copy", [XENNET_MAP] = "map", [XENNET_PERSISTENT] = "persistent"
};

/* Of the backend's process and each vif; what 0 vifs take is taken off. */
static double each(const struct row *row, double with, double without)
{
	return row->limit ? (double)NAN : (with - without) / row->shape.vifs;
}

static void memory(struct bench_table *t, const struct row *row)
{
	const struct scale_result *r = &row->last;

	bench_table_number(t, each(row, r->asked.tables, 0));
	bench_table_number(t, each(row, r->joined.own, r->empty.own));
	bench_table_number(t, each(row, r->connected.own, r->empty.own));
	bench_table_number(t, each(row, r->busy.own, r->empty.own));
	bench_table_number(t, each(row, r->connected.guests, r->empty.guests));
	bench_table_number(t, each(row, r->asked.buffers, 0));
	bench_table_number(t, each(row, r->connected.fds, r->empty.fds));
	bench_table_number(t, each(row, r->connected.maps, r->empty.maps));
	bench_table_number(t, each(row, r->busy.maps, r->empty.maps));
}

static void tabulate(struct bench_table *t, const struct row *row)
{
	double mpps = bench_series_median(&row->mpps);
	double connect = bench_series_median(&row->connect);
	double disconnect = bench_series_median(&row->disconnect);

	bench_table_number(t, row->shape.vifs);
	bench_table_number(t, row->shape.queues);
	bench_table_text(t, strategies[row->shape.strategy]);
	bench_table_number(t, row->shape.channels);
	bench_table_number(t, mpps);
	bench_table_number(t, mpps / cores_count());
	bench_table_number(t, bench_series_spread(&row->mpps));
	bench_table_number(t, bench_series_median(&row->idle));
	bench_table_number(t, bench_series_median(&row->strangers));
	bench_table_number(t, connect / row->shape.vifs);
	bench_table_number(t, connect / 1e3);
	bench_table_number(t, disconnect / row->shape.vifs);
	bench_table_number(t, disconnect / 1e3);
	memory(t, row);
	bench_table_text(t, row->limit ? row->limit : "-");
	bench_table_number(t, row->mpps.n);
}

static const char *verdict(bool good)
{
	return good ? "met" : "missed";
}

static const struct row *find(const struct run *run, unsigned vifs,
			      enum xennet_strategy strategy)
{
	unsigned i;

	for (i = 0; i < run->nrows; i++)
		if (run->row[i].shape.vifs == vifs &&
		    run->row[i].shape.queues == 1 &&
		    run->row[i].shape.strategy == strategy)
			return &run->row[i];
	return NULL;
}

static void print_target(const char *what, double value, double want, bool good)
{
	printf("  %-52s  %8.3f  %6.2f  %s\n", what, value, want, verdict(good));
}

static void print_memory(const struct run *run, unsigned vifs,
			 enum xennet_strategy strategy)
{
	const struct row *row = find(run, vifs, strategy);
	double kib;
	char what[64];

	if (!row || row->limit)
		return;
	kib = each(row, row->last.connected.own, row->last.empty.own);
	snprintf(what, sizeof(what), "KiB of each of %u idle vifs, %s", vifs,
		 strategies[strategy]);
	print_target(what, kib, WANT_KIB, kib <= WANT_KIB);
}

static void print_targets(const struct run *run)
{
	const struct row *most = find(run, 4096, XENNET_PERSISTENT);
	double cores = bench_series_median(&run->cores.ratio[0]), idle;

	printf("\n  %-52s  %8s  %6s\n", "target", "here", "want");
	if (run->cores.ratio[0].n) {
		print_target("2 queues on 2 processors over 1 on 1", cores,
			     WANT_CORES, cores >= WANT_CORES);
		printf("  %-52s  %8.3f\n",
		       "  the same with nothing shared at all",
		       bench_series_median(&run->cores.ratio[1]));
		printf("  %-52s  %8.2f\n", "  Mpps of 1 queue, both ends on 1",
		       bench_series_median(&run->cores.one[0]));
	}
	if (!most->limit) {
		idle = bench_series_median(&most->idle);
		print_target("1 busy vif among 4095 idle over 1 alone", idle,
			     WANT_IDLE, idle >= WANT_IDLE);
		printf("  %-52s  %8.3f\n", "  1 among none over 1 alone",
		       bench_series_median(
			       &find(run, 1, XENNET_PERSISTENT)->idle));
		print_target("wake-ups of those 4095",
			     bench_series_median(&most->strangers), 0,
			     bench_series_median(&most->strangers) == 0);
	}
	print_memory(run, 4096, XENNET_PERSISTENT);
	print_memory(run, 256, XENNET_PERSISTENT);
	print_memory(run, 256, XENNET_COPY);
	print_memory(run, 256, XENNET_MAP);
}

static int print(const struct run *run)
{
	struct bench_table *t = bench_table_new(columns, BENCH_COUNT(columns));
	unsigned i;
	int err;

	for (i = 0; i < run->nrows; i++)
		tabulate(t, &run->row[i]);
	err = bench_table_finish(t, run->o);
	err |= plot_finish(&plot, t, run->o);
	bench_table_free(t);
	printf("\n  memory in KiB of the backend's process, for each vif: "
	       "what the library allocates in tables;\n"
	       "  what a guest that has joined takes; both, as resident when "
	       "idle and after it was busy;\n"
	       "  rings and grant tables, which are the guest's; buffers, "
	       "which are there when touched\n");
	scale_limits_print(&run->limits);
	print_targets(run);
	return err;
}

int bench_scale(const struct bench_opts *o)
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
	run->o = o;
	scale_limits_look(&run->limits);
	lay_out(run);
	plan.rows = run->nrows;
	if (cores_count() == 2)
		plan.rows++;
	else
		fprintf(stderr, "xennet-bench scale: only one processor may be "
				"used: all processes share it\n");
	err = bench_plan_run(&plan);
	if (!err)
		err = print(run);
	free(run);
	return err;
}
