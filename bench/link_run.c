/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#include <stdio.h>

#include "link.h"

static int front(void *arg)
{
	return link_front(arg, link_work_front);
}

static int back(void *arg)
{
	return link_back(arg, link_work_back);
}

static uint64_t drops(const struct xennet_stats *s)
{
	uint64_t n = 0;
	unsigned i;

	for (i = 0; i < XENNET_ERR_COUNT; i++)
		n += s->reason[i];
	return n;
}

/* Every packet arrived or was counted; none was changed or overtaken. */
static int check(const struct link_shared *s)
{
	uint64_t lost = drops(&s->report[0].all) + drops(&s->report[1].all);

	if (s->sent != s->received + lost)
		fprintf(stderr,
			"xennet-bench link: %llu packets sent, "
			"%llu received, %llu dropped and counted\n",
			(unsigned long long)s->sent,
			(unsigned long long)s->received,
			(unsigned long long)lost);
	else if (!lost && s->sent_sum != s->received_sum)
		fprintf(stderr, "xennet-bench link: packets were changed\n");
	else if (!lost && s->disorder)
		fprintf(stderr, "xennet-bench link: packets out of order\n");
	else if (s->received == 0)
		fprintf(stderr, "xennet-bench link: nothing came through\n");
	else
		return 0;
	return BENCH_FAILED;
}

static double per(uint64_t n, uint64_t m, double packets)
{
	return packets > 0 ? (double)(n + m) / packets : (double)NAN;
}

static void evaluate(struct link_shared *s, struct link_result *r)
{
	bool at_back = s->cell.direction == LINK_TX;
	const struct meter *m = &s->report[at_back].meter;
	const struct xennet_stats *a = &s->report[0].during;
	const struct xennet_stats *b = &s->report[1].during;
	double n = (double)m->count, sample[LINK_SAMPLES];
	unsigned i;

	r->mpps = meter_mega(m);
	r->gbps = r->mpps * s->cell.size * 8 / 1e3;
	r->copies = per(a->copy_calls, b->copy_calls, n);
	r->maps = per(a->map_calls, b->map_calls, n);
	r->unmaps = per(a->unmap_calls, b->unmap_calls, n);
	r->calls = r->copies + r->maps + r->unmaps;
	r->grants = per(a->grant_calls, b->grant_calls, n);
	r->ungrants = per(a->ungrant_calls, b->ungrant_calls, n);
	r->copied = per(a->copied, b->copied, n);
	r->notifications = per(a->notified, b->notified, n);
	r->drops =
		(double)(drops(&s->report[0].all) + drops(&s->report[1].all));
	r->grant_calls = r->event_calls = (double)NAN;
	if (s->site.xen) {
		const struct site_calls *f = &s->report[0].calls;
		const struct site_calls *g = &s->report[1].calls;

		r->grant_calls = per(f->grant, g->grant, n);
		r->event_calls = per(f->event, g->event, n);
	}
	for (i = 0; i < s->nsamples; i++)
		sample[i] = (double)s->sample_us[i];
	r->p50_us = bench_percentile(sample, s->nsamples, 0.5);
	r->p99_us = bench_percentile(sample, s->nsamples, 0.99);
}

int link_run(const struct link_cell *c, const struct link_times *t,
	     const struct site *site, struct link_result *r)
{
	struct link_shared *s = cores_shared(sizeof(*s));
	struct duet duet = {
		.stage = &s->stage,
		.end = { front, back },
		.arg = s,
		.warm_ms = t->warm_ms,
		.run_ms = t->run_ms,
		.latency_ms = t->latency_ms,
	};
	int err = BENCH_FAILED;

	s->site = *site;
	s->cell = *c;
	if (site_plug(site, link_guests(c)))
		goto unshare;
	if (duet_run(&duet) == 0)
		err = check(s);
	else
		fprintf(stderr, "xennet-bench link: an end failed\n");
	if (!err)
		evaluate(s, r);
	site_unplug(site, link_guests(c));
unshare:
	cores_unshared(s, sizeof(*s));
	return err;
}
