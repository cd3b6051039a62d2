/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Fairness among vifs that together want more than the backend's processor:
 * a worker per queue, scheduled by the OS, against static pools, as Linux's
 * netback had one before it went to a thread per vif.
 */
#include "fairness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fairness_rows.h"
#include "fairness_share.h"

#define REPS 3u
#define REPS_FULL 5u

/* Measured for as long for each vif: the OS gives turns of some milliseconds,
 * and its fairness is that of many turns. */
#define WARM_MS 50u
#define VIF_MS 60u
#define VIF_MS_FULL 120u
#define ALONE_MS 200u

/* Of the light one's packets, on average. */
#define LIGHT_NS 200000u

/* What a bursty vif offers, of what the processor could serve of it alone; or
 * of its fair share, where there are pauses. */
#define BURSTS_OVER_ALL 4.0
#define BURSTS_OVER_SHARE 2.0

/* Every fourth vif is alike. */
static const unsigned mix[] = { FAIRNESS_BULK, FAIRNESS_SMALL, FAIRNESS_MTU,
				FAIRNESS_BURSTY };

static const unsigned sizes[] = { 4, 16 };

#define ROWS (FAIRNESS_PARTS * BENCH_COUNT(sizes) * FAIRNESS_MODELS)

/* Alone, each load says what its packet costs the backend. */
static const unsigned alone[] = { FAIRNESS_BULK, FAIRNESS_SMALL, FAIRNESS_MTU,
				  FAIRNESS_LIGHT };

struct run {
	struct site site;
	unsigned run_ms;		/* for each vif */
	double cost_ns[FAIRNESS_LOADS]; /* of a packet, in this repetition */
	struct fairness_row row[ROWS];
	unsigned idle; /* times that a vif was not overloaded, but should be */
};

static int check(const struct fairness_shared *s)
{
	unsigned i;

	for (i = 0; i < s->cell.nvifs; i++) {
		const struct fairness_vif *v = &s->vif[i];

		if (v->sent != v->received + v->lost)
			return fairness_complain("packets were lost", 0);
		if (!v->lost && v->sent_sum != v->received_sum)
			return fairness_complain("packets were changed", 0);
		if (!v->lost && v->disorder)
			return fairness_complain("packets out of order", 0);
	}
	return 0;
}

/* s->cell is what to do. */
static int perform(const struct run *run, struct fairness_shared *s)
{
	struct duet duet = {
		.stage = &s->stage,
		.end = { fairness_back, fairness_front },
		.arg = s,
		.warm_ms = WARM_MS,
		.run_ms = s->cell.nvifs > 1 ? s->cell.nvifs * run->run_ms
					    : ALONE_MS,
	};

	s->site = run->site;
	if (duet_run(&duet))
		return fairness_complain("an end failed", 0);
	return check(s);
}

static double elapsed_ns(const struct fairness_shared *s)
{
	return (double)(s->look[1].ns - s->look[0].ns);
}

static double used_ns(const struct fairness_shared *s, unsigned vif)
{
	return (double)(s->look[1].cpu_ns[vif] - s->look[0].cpu_ns[vif]);
}

static double received(const struct fairness_shared *s, unsigned vif)
{
	return (double)(s->look[1].received[vif] - s->look[0].received[vif]);
}

static double offered(const struct fairness_shared *s, unsigned vif)
{
	return (double)(s->look[1].offered[vif] - s->look[0].offered[vif]);
}

static int measure_alone(struct run *run, struct fairness_shared *s,
			 unsigned load)
{
	s->cell.nvifs = 1;
	s->cell.load[0] = load;
	s->cell.gap_ns[0] = load == FAIRNESS_LIGHT ? LIGHT_NS : 0;
	if (perform(run, s))
		return BENCH_FAILED;
	if (received(s, 0) == 0)
		return fairness_complain("nothing came through", 0);
	run->cost_ns[load] = used_ns(s, 0) / received(s, 0);
	if (load == FAIRNESS_SMALL) /* the same packets */
		run->cost_ns[FAIRNESS_BURSTY] = run->cost_ns[load];
	return 0;
}

/* Between the bursts of a bursty vif. */
static uint64_t burst_gap(const struct run *run, const struct fairness_row *row)
{
	double all = fairness_loads[FAIRNESS_BURSTY].burst *
		     run->cost_ns[FAIRNESS_BURSTY];

	return (uint64_t)(row->part == FAIRNESS_PAUSES
				  ? all * row->nvifs / BURSTS_OVER_SHARE
				  : all / BURSTS_OVER_ALL);
}

static void load(const struct run *run, const struct fairness_row *row,
		 struct fairness_cell *c)
{
	unsigned i;

	c->nvifs = row->nvifs;
	c->workers = row->model->workers;
	for (i = 0; i < c->nvifs; i++) {
		c->load[i] = mix[i % BENCH_COUNT(mix)];
		if (c->load[i] == FAIRNESS_BURSTY)
			c->gap_ns[i] = burst_gap(run, row);
	}
	if (row->part == FAIRNESS_ONE_LIGHT) {
		c->load[0] = FAIRNESS_LIGHT;
		c->gap_ns[0] = LIGHT_NS;
	}
}

/* What the vif wants of the backend's processor, at what its packets cost. */
static double demand_ns(const struct fairness_shared *s, unsigned vif)
{
	if (!s->cell.gap_ns[vif] || received(s, vif) == 0)
		return (double)INFINITY;
	return offered(s, vif) * used_ns(s, vif) / received(s, vif);
}

/*
 * What each vif got over its max-min fair share. A share is time of the
 * backend's processor; of that which all vifs together were given. It is worth
 * to a vif what the vif makes of such time in this very run, so that the ratio
 * of throughputs is that of times.
 */
static void judge_shares(struct fairness_row *row,
			 const struct fairness_shared *s)
{
	double demand[FAIRNESS_VIFS_MAX], share[FAIRNESS_VIFS_MAX];
	double x[FAIRNESS_VIFS_MAX], all = 0, least = INFINITY, most = 0;
	unsigned i;

	for (i = 0; i < row->nvifs; i++)
		all += used_ns(s, i);
	for (i = 0; i < row->nvifs; i++)
		demand[i] = demand_ns(s, i) / all;
	max_min_shares(demand, share, row->nvifs);
	for (i = 0; i < row->nvifs; i++) {
		x[i] = used_ns(s, i) / (share[i] * all);
		least = x[i] < least ? x[i] : least;
		most = x[i] > most ? x[i] : most;
	}
	bench_series_add(&row->jain, jain_index(x, row->nvifs));
	bench_series_add(&row->least, least);
	bench_series_add(&row->most, most);
	bench_series_add(&row->busy, all / elapsed_ns(s));
}

/* What was done: also in the time that it takes when each vif is alone. */
static void add_up(const struct run *run, struct fairness_row *row,
		   const struct fairness_shared *s)
{
	struct latency all = { { 0 } };
	double packets = 0, bytes = 0, work = 0;
	unsigned i;

	for (i = 0; i < row->nvifs; i++) {
		packets += received(s, i);
		bytes += received(s, i) * fairness_loads[s->cell.load[i]].size;
		work += received(s, i) * run->cost_ns[s->cell.load[i]];
		latency_merge(&all, &s->vif[i].latency);
	}
	bench_series_add(&row->mpps, 1e3 * packets / elapsed_ns(s));
	bench_series_add(&row->gbps, 8 * bytes / elapsed_ns(s));
	bench_series_add(&row->work, work / elapsed_ns(s));
	bench_series_add(&row->all_p99, latency_us(&all, 0.99));
	if (row->part != FAIRNESS_ONE_LIGHT)
		return;
	bench_series_add(&row->light_p50, latency_us(&s->vif[0].latency, 0.5));
	bench_series_add(&row->light_p99, latency_us(&s->vif[0].latency, 0.99));
}

/* How many should have been overloaded, but all that they offered was taken. */
static unsigned count_idle(const struct fairness_shared *s)
{
	unsigned n = 0, i;

	for (i = 0; i < s->cell.nvifs; i++)
		n += s->cell.load[i] != FAIRNESS_LIGHT &&
		     s->look[1].refused[i] == s->look[0].refused[i];
	return n;
}

static int measure_row(struct run *run, struct fairness_shared *s,
		       struct fairness_row *row)
{
	load(run, row, &s->cell);
	if (perform(run, s))
		return BENCH_FAILED;
	run->idle += count_idle(s);
	judge_shares(row, s);
	add_up(run, row, s);
	return 0;
}

static int measure(void *ctx, unsigned number, unsigned rep)
{
	struct fairness_shared *s = cores_shared(sizeof(*s));
	struct run *run = ctx;
	int err;

	(void)rep;
	if (number < BENCH_COUNT(alone))
		err = measure_alone(run, s, alone[number]);
	else
		err = measure_row(run, s,
				  &run->row[number - BENCH_COUNT(alone)]);
	cores_unshared(s, sizeof(*s));
	return err;
}

static unsigned lay_out(struct run *run, const struct bench_opts *o)
{
	unsigned parts = o->full ? FAIRNESS_PARTS : FAIRNESS_PAUSES;
	unsigned n = 0, part, size, model;

	for (part = 0; part < parts; part++)
		for (size = 0; size < BENCH_COUNT(sizes); size++)
			for (model = 0; model < FAIRNESS_MODELS; model++)
				run->row[n++] = (struct fairness_row){
					.part = (enum fairness_part)part,
					.nvifs = sizes[size],
					.model = &fairness_models[model],
				};
	return n;
}

static int measure_all(const struct bench_opts *o, struct run *run)
{
	unsigned n = lay_out(run, o);
	struct bench_plan plan = {
		.verb = o->verb,
		.rows = BENCH_COUNT(alone) + n,
		.reps = o->reps	  ? o->reps
			: o->full ? REPS_FULL
				  : REPS,
		.run = measure,
		.ctx = run,
	};
	int err = site_begin(&run->site, o, 0);

	if (err)
		return err;
	err = bench_plan_run(&plan);
	site_end(&run->site);
	if (err)
		return err;
	err = fairness_report(run->row, n, o);
	if (run->idle)
		printf("(%u times a vif offered too little to be overloaded: "
		       "was all of this disturbed?)\n",
		       run->idle);
	return err;
}

int bench_fairness(const struct bench_opts *o)
{
	struct run *run;
	int err;

	if (cores_count() < 2) {
		fprintf(stderr, "xennet-bench fairness: wants two "
				"processors\n");
		return BENCH_FAILED;
	}
	run = calloc(1, sizeof(*run));
	if (!run)
		return BENCH_FAILED;
	run->run_ms = o->full ? VIF_MS_FULL : VIF_MS;
	err = measure_all(o, run);
	free(run);
	return err;
}
