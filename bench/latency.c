/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#include "latency.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "link_rows.h"
#include "wire.h"

#define REPS 5u
#define QUICK_MS 100u
#define FULL_MS 400u
#define ROWS_MAX 64u
#define CLOCKS 10000u

struct run {
	unsigned rows, ms;
	struct latency_row row[ROWS_MAX];
	struct site site;
};

static struct link_cell cell_of(const struct latency_case *c)
{
	struct link_cell cell = {
		.direction = LINK_TX,
		.strategy = &link_strategies[LINK_PERSISTENT],
		.size = LATENCY_SIZE,
		.queues = 1,
		.burst = 1,
		.layout = c->layout,
		.policy = { .mode = c->mode },
	};

	return cell;
}

/* What it takes to look at the clock, as each round trip does once. */
static double clock_us(void)
{
	static double us;
	uint64_t begin = clock_ns();
	unsigned i;

	for (i = 0; us == 0 && i < CLOCKS; i++)
		clock_ns();
	if (us == 0)
		us = (double)(clock_ns() - begin) / 1e3 / CLOCKS;
	return us;
}

/* Samples that were taken, the last of them if they are too many. */
static void percentiles(const struct latency_shared *s,
			struct latency_result *r)
{
	unsigned n =
		s->nsamples < LATENCY_SAMPLES ? s->nsamples : LATENCY_SAMPLES;
	double *sample = calloc(LATENCY_SAMPLES, sizeof(*sample));
	unsigned i;

	if (!sample)
		return;
	for (i = 0; i < n; i++)
		sample[i] = (double)s->sample_us[i];
	r->p50_us = bench_percentile(sample, n, 0.5) - clock_us();
	r->p99_us = bench_percentile(sample, n, 0.99) - clock_us();
	free(sample);
}

static void evaluate(const struct latency_shared *s, struct latency_result *r)
{
	const struct latency_counts *from = &s->counts[0], *to = &s->counts[1];
	const struct xennet_stats *a = &from->stats, *b = &to->stats;
	double n = (double)to->packets;

	r->p50_us = latency_us(&s->latency, 0.5);
	r->p99_us = latency_us(&s->latency, 0.99);
	if (n == 0)
		return;
	r->kpps = 1e6 * n / (double)to->ns;
	r->asked = (double)(a->notify_asked + b->notify_asked) / n;
	r->sent = (double)(a->notified + b->notified) / n;
	r->spared = (double)(a->notify_spared + b->notify_spared) / n;
	r->woken = (double)(a->woken + b->woken) / n;
	r->idle = (double)(a->woken_idle + b->woken_idle) / n;
	r->cpu_ns = (double)to->cpu_ns / n;
}

int latency_run(const struct latency_case *c, const struct site *site,
		unsigned ms, struct latency_result *r)
{
	struct latency_shared *s = cores_shared(sizeof(*s));
	struct duet duet = {
		.stage = &s->link.stage,
		.end = { latency_front, latency_back },
		.arg = s,
		.warm_ms = ms / 4 + 1,
		.run_ms = ms,
	};
	int err;

	s->what = *c;
	s->link.site = *site;
	s->link.cell = cell_of(c);
	if (c->bare[0]) {
		duet.end[0] = c->bare[0];
		duet.end[1] = c->bare[1];
	}
	s->wire[0] = eventfd(0, 0);
	s->wire[1] = eventfd(0, 0);
	err = duet_run(&duet) ? BENCH_FAILED : 0;
	if (err)
		fprintf(stderr, "xennet-bench latency: %s: an end failed\n",
			c->name);
	else if (c->part == LATENCY_LOAD)
		evaluate(s, r);
	else
		percentiles(s, r);
	close(s->wire[0]);
	close(s->wire[1]);
	cores_unshared(s, sizeof(*s));
	return err;
}

static int measure(void *ctx, unsigned number, unsigned rep)
{
	struct run *run = ctx;
	struct latency_row *row = &run->row[number];
	struct latency_result r = {
		.kpps = (double)NAN,
		.asked = (double)NAN,
		.sent = (double)NAN,
		.spared = (double)NAN,
		.woken = (double)NAN,
		.idle = (double)NAN,
		.cpu_ns = (double)NAN,
	};

	(void)rep;
	if (latency_run(&row->what, &run->site, run->ms, &r))
		return BENCH_FAILED;
	bench_series_add(&row->p50, r.p50_us);
	bench_series_add(&row->p99, r.p99_us);
	bench_series_add(&row->kpps, r.kpps);
	bench_series_add(&row->asked, r.asked);
	bench_series_add(&row->sent, r.sent);
	bench_series_add(&row->spared, r.spared);
	bench_series_add(&row->woken, r.woken);
	bench_series_add(&row->idle, r.idle);
	bench_series_add(&row->cpu, r.cpu_ns);
	return 0;
}

static const char *const layouts[] = {
	[XENNET_STANDARD] = "standard",
	[XENNET_SPLIT] = "split",
	[XENNET_SEQUENCED] = "sequenced",
};

static const char *const one_way[] = {
	[XENNET_STANDARD] = "standard, one ring",
	[XENNET_SPLIT] = "split, one ring",
	[XENNET_SEQUENCED] = "sequenced, one ring",
};

static const struct {
	const char *name;
	enum xennet_notify_mode mode;
} modes[] = {
	{ "exact", XENNET_NOTIFY_EXACT },
	{ "moderate", XENNET_NOTIFY_MODERATE },
	{ "poll", XENNET_NOTIFY_POLL },
	{ "adapt", XENNET_NOTIFY_ADAPT },
};

static void add(struct run *run, struct latency_case c)
{
	run->row[run->rows++].what = c;
}

static void add_bare(struct run *run, enum latency_part part, const char *name,
		     int (*const end[2])(void *))
{
	add(run, (struct latency_case){ .part = part,
					.name = name,
					.bare = { end[0], end[1] } });
}

static void add_round_trips(struct run *run, enum latency_part part,
			    enum xennet_notify_mode mode)
{
	unsigned one, i;

	for (one = 0; one < 2; one++)
		for (i = 0; i < BENCH_COUNT(layouts); i++)
			add(run, (struct latency_case){
					 .part = part,
					 .name = one ? one_way[i] : layouts[i],
					 .layout = (enum xennet_layout)i,
					 .one_ring = one,
					 .mode = mode });
}

static void lay_out(struct run *run)
{
	static const double kpps[] = { 1, 10, 100, 1000, (double)INFINITY };
	unsigned i, k;

	add_bare(run, LATENCY_BUSY, "two lines", latency_two_lines);
	add_bare(run, LATENCY_BUSY, "three each way", latency_three_lines);
	add_round_trips(run, LATENCY_BUSY, XENNET_NOTIFY_POLL);
	add_bare(run, LATENCY_WOKEN, "eventfds", latency_eventfds);
	for (i = 0; i < BENCH_COUNT(layouts); i++)
		add(run,
		    (struct latency_case){ .part = LATENCY_WOKEN,
					   .name = layouts[i],
					   .layout = (enum xennet_layout)i });
	for (i = 0; i < BENCH_COUNT(kpps); i++)
		for (k = 0; k < BENCH_COUNT(modes); k++)
			add(run,
			    (struct latency_case){ .part = LATENCY_LOAD,
						   .name = modes[k].name,
						   .layout = XENNET_SEQUENCED,
						   .mode = modes[k].mode,
						   .kpps = kpps[i] });
}

int bench_latency(const struct bench_opts *o)
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
	if (cores_count() != 2) {
		fprintf(stderr, "xennet-bench latency: only one processor may "
				"be used: nothing between two is measured\n");
		goto free;
	}
	lay_out(run);
	plan.rows = run->rows;
	run->ms = o->full ? FULL_MS : QUICK_MS;
	err = site_begin(&run->site, o, 0);
	if (err)
		goto free;
	err = bench_plan_run(&plan);
	site_end(&run->site);
	if (!err)
		err = latency_report(run->row, run->rows, o);
free:
	free(run);
	return err;
}
