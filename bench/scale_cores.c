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
#include <xennet/platform/local.h>

#include "payload.h"
#include "scale.h"
#include "source.h"

#define THREADS 2u
#define PATIENCE_MS 5000u

/* A guest and its backend in this process. */
struct vif {
	struct site site;
	struct xennet_local *local[2];
	struct xennet_back back;
	struct xennet_front front;
};

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
	struct vif shared, own[THREADS];
	pthread_barrier_t barrier;
	/* the run that comes */
	unsigned kind, who; /* who: a bit for each thread that takes part */
	unsigned ms;
	bool over;
	int failed;
};

static int open_vif(struct vif *v, unsigned queues)
{
	struct xennet_local_guest opts = {
		.pages = scale_guest_pages(
			&(struct scale_shape){ .vifs = 1, .queues = queues })
	};
	struct xennet_back_config b = { .offer = { .queues = queues },
					.tx = XENNET_PERSISTENT,
					.rx = XENNET_PERSISTENT };
	struct xennet_front_config f = { .offer = { .queues = queues } };
	int err = xennet_local_serve(&v->local[0], v->site.socket);

	if (!err)
		err = xennet_local_join(&v->local[1], v->site.socket, &opts);
	if (err)
		return err;
	b.platform = xennet_local_platform(v->local[0]);
	b.peer = f.domid = xennet_local_domid(v->local[1]);
	f.platform = xennet_local_platform(v->local[1]);
	err = xennet_back_open(&v->back, &b);
	return err ? err : xennet_front_open(&v->front, &f);
}

static int connect_vif(struct vif *v)
{
	bool back = false, front = false;
	unsigned ms;

	for (ms = 0; ms < PATIENCE_MS && !(back && front); ms++) {
		back |= xennet_back_event(&v->back) == XENNET_VIF_CONNECTED;
		front |= xennet_front_event(&v->front) == XENNET_VIF_CONNECTED;
		clock_sleep_ms(1);
	}
	return back && front ? 0 : -XENNET_ESTATE;
}

static int make_vif(struct vif *v, const struct bench_opts *o, unsigned queues)
{
	int err;

	if (site_begin(&v->site, o, 0))
		return BENCH_FAILED;
	err = open_vif(v, queues);
	if (!err)
		err = connect_vif(v);
	return err ? scale_complain("two queues", err) : 0;
}

static void end_vif(struct vif *v)
{
	xennet_back_close(&v->back);
	xennet_front_close(&v->front);
	xennet_local_leave(v->local[1]);
	xennet_local_leave(v->local[0]);
	site_end(&v->site);
}

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

	if (make_vif(&r->shared, o, THREADS))
		return BENCH_FAILED;
	pthread_barrier_init(&r->barrier, NULL, THREADS + 1);
	for (i = 0; i < THREADS; i++) {
		struct driver *d = &r->driver[i];

		if (make_vif(&r->own[i], o, 1) ||
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
	end_vif(&r.shared);
	end_vif(&r.own[0]);
	end_vif(&r.own[1]);
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
