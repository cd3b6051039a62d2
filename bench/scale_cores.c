/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Two queues on two processors: a thread on each drives both ends of its own
 * queue in turn, so that what is left to share is what the queues share. Once
 * the two are queues of one vif; once each thread has a platform, a guest and a
 * vif of its own, which is what these two processors can do at all.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "inner.h"
#include "payload.h"
#include "scale.h"
#include "source.h"

#define THREADS 2u

struct driver {
	struct xennet_front_queue *front[2]; /* of the shared vif, of its own */
	struct xennet_back_queue *back[2];
	struct source source;
	struct xennet_burst in;
	struct payload_sum sum;
	uint64_t received, sent;
	double mega; /* of the last run */
	struct rig *rig;
	unsigned number;
	pthread_t thread;
} XENNET_ALIGNED(128);

struct rig {
	struct driver driver[THREADS];
	struct inner shared, own[THREADS];
	pthread_barrier_t barrier;
	/* the run that comes */
	unsigned kind, who; /* who: a bit for each thread that takes part */
	unsigned ms;
	bool over;
	int failed;
};

/* A burst through the queue, from end to end. */
static int drive(struct driver *d, unsigned kind)
{
	struct source *src = &d->source;
	int n, i;

	if (src->from == src->burst)
		source_stamp(src, 0);
	n = xennet_front_send(d->front[kind], src->pkt + src->from,
			      src->burst - src->from);
	if (n < 0)
		return n;
	if (n > 0)
		source_sent(src, (unsigned)n);
	d->sent += (unsigned)n;
	n = xennet_back_poll(d->back[kind], &d->in, SCALE_BURST);
	for (i = 0; i < n; i++) {
		d->sum.at = 0;
		payload_add(&d->sum, d->in.pkt[i].frag[0].addr,
			    d->in.pkt[i].frag[0].len);
	}
	if (n > 0) {
		xennet_back_done(d->back[kind], d->in.pkt, (unsigned)n);
		d->received += (unsigned)n;
	}
	return n < 0 ? n : 0;
}

static void run(struct driver *d, const struct rig *r)
{
	uint64_t since = clock_ns(), now, count = d->received;
	unsigned i;

	do {
		for (i = 0; i < 64 && !r->failed; i++)
			if (drive(d, r->kind))
				d->rig->failed = 1;
		now = clock_ns();
	} while (now - since < r->ms * 1000000ull && !r->failed);
	d->mega = 1e3 * (double)(d->received - count) / (double)(now - since);
}

static void *work(void *arg)
{
	struct driver *d = arg;
	struct rig *r = d->rig;

	cores_pin(d->number);
	for (;;) {
		pthread_barrier_wait(&r->barrier);
		if (r->over)
			return NULL;
		if (r->who >> d->number & 1)
			run(d, r);
		pthread_barrier_wait(&r->barrier);
	}
}

static double rate(struct rig *r, unsigned kind, unsigned who)
{
	double sum = 0;
	unsigned i;

	r->kind = kind;
	r->who = who;
	pthread_barrier_wait(&r->barrier);
	pthread_barrier_wait(&r->barrier);
	for (i = 0; i < THREADS; i++)
		if (who >> i & 1)
			sum += r->driver[i].mega;
	return sum;
}

static void measure(struct rig *r, struct scale_cores *c)
{
	unsigned kind;
	double one, two;

	for (kind = 0; kind < 2; kind++) {
		one = rate(r, kind, 1);
		two = rate(r, kind, 3);
		one = (one + rate(r, kind, 2)) / 2;
		bench_series_add(&c->one[kind], one);
		bench_series_add(&c->two[kind], two);
		bench_series_add(&c->ratio[kind], two / one);
	}
}

static int check(const struct rig *r)
{
	unsigned i;

	for (i = 0; i < THREADS; i++) {
		const struct driver *d = &r->driver[i];

		if (r->failed || d->sent != d->received ||
		    d->source.sum != payload_total(&d->sum)) {
			fprintf(stderr, "xennet-bench scale: two queues: what "
					"came out is not what went in\n");
			return BENCH_FAILED;
		}
	}
	return 0;
}

static int make_rig(struct rig *r, const struct bench_opts *o)
{
	unsigned i;

	if (inner_begin(&r->shared, o, THREADS))
		return BENCH_FAILED;
	pthread_barrier_init(&r->barrier, NULL, THREADS + 1);
	for (i = 0; i < THREADS; i++) {
		struct driver *d = &r->driver[i];

		if (inner_begin(&r->own[i], o, 1) ||
		    source_init(&d->source, SCALE_SIZE, SCALE_BURST))
			return BENCH_FAILED;
		d->rig = r;
		d->number = i;
		d->front[0] = &r->shared.front.queue[i];
		d->back[0] = &r->shared.back.queue[i];
		d->front[1] = &r->own[i].front.queue[0];
		d->back[1] = &r->own[i].back.queue[0];
		if (pthread_create(&d->thread, NULL, work, d))
			return BENCH_FAILED;
	}
	return 0;
}

struct request {
	struct scale_cores *c;
	const struct bench_opts *o;
	unsigned rounds, ms;
};

static int perform(const struct request *q)
{
	static struct rig r;
	unsigned i;

	r.ms = q->ms;
	if (make_rig(&r, q->o))
		return BENCH_FAILED;
	for (i = 0; i < q->rounds && !r.failed; i++)
		measure(&r, q->c);
	r.over = true;
	pthread_barrier_wait(&r.barrier);
	for (i = 0; i < THREADS; i++)
		pthread_join(r.driver[i].thread, NULL);
	inner_end(&r.shared);
	inner_end(&r.own[0]);
	inner_end(&r.own[1]);
	return check(&r);
}

/* In a process of its own, whose threads end with it. */
int scale_cores_measure(struct scale_cores *c, const struct bench_opts *o,
			unsigned rounds, unsigned ms)
{
	struct scale_cores *shared = cores_shared(sizeof(*shared));
	struct request q = { shared, o, rounds, ms };
	pid_t pid;
	int status = 0;

	*shared = *c;
	pid = fork();
	if (pid == 0)
		_exit(perform(&q));
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status) {
		cores_unshared(shared, sizeof(*shared));
		return BENCH_FAILED;
	}
	*c = *shared;
	cores_unshared(shared, sizeof(*shared));
	return 0;
}
