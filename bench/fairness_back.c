/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * The backend of all vifs: a worker for each queue, or a pool in which worker w
 * of m serves the vifs w, w + m, ... in turn. Either kind does the same with a
 * queue: polls it with a budget, reads every byte, answers. Who finds nothing
 * in any queue of his asks for events and sleeps.
 */
#include <poll.h>
#include <pthread.h>
#include <stdio.h>

#include "fairness.h"
#include "payload.h"
#include "source.h"

#define PATIENCE_MS 5000u
#define DOZE_MS 10
#define DRAIN_DOZES 200u /* for what is under way at the end */

struct queue {
	struct xennet_back_queue *q;
	struct fairness_vif *vif;
	unsigned size;
	uint64_t received;
	struct payload_sum sum;
};

struct worker {
	pthread_t thread;
	struct fairness_shared *s;
	const struct xennet_host *host;
	struct queue queue[FAIRNESS_VIFS_MAX];
	unsigned n;
	uint64_t cpu_ns; /* as last looked at */
	struct xennet_burst in;
	int err;
};

struct backend {
	struct xennet_host host;
	struct xennet_back back[FAIRNESS_VIFS_MAX];
	struct worker worker[FAIRNESS_VIFS_MAX];
	unsigned nworkers;
};

/* Reads every byte of a packet once, and its stamps. */
static void use(struct worker *w, struct queue *q, const struct xennet_pkt *pkt)
{
	uint64_t words[2];
	unsigned i;

	memcpy(words, (char *)pkt->frag[0].addr + SOURCE_NUMBER, 16);
	q->sum.at = 0;
	for (i = 0; i < pkt->nfrags; i++)
		payload_add(&q->sum, pkt->frag[i].addr, pkt->frag[i].len);
	q->vif->disorder += words[0] != q->received++ || pkt->len != q->size;
	if (words[1] >= __atomic_load_n(&w->s->since_ns, __ATOMIC_RELAXED) &&
	    words[1] < __atomic_load_n(&w->s->until_ns, __ATOMIC_RELAXED))
		latency_add(&q->vif->latency, clock_ns() - words[1]);
}

/* What was used since the last look is this vif's, with the way to it. */
static void charge(struct worker *w, struct fairness_vif *vif)
{
	struct timespec t;
	uint64_t now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	now = (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
	__atomic_store_n(&vif->cpu_ns, vif->cpu_ns + now - w->cpu_ns,
			 __ATOMIC_RELAXED);
	w->cpu_ns = now;
}

static int serve(struct worker *w, struct queue *q)
{
	int n = xennet_back_poll(q->q, &w->in, XENNET_BURST), i;

	if (n <= 0)
		return n;
	for (i = 0; i < n; i++)
		use(w, q, &w->in.pkt[i]);
	xennet_back_done(q->q, w->in.pkt, (unsigned)n);
	charge(w, q->vif);
	__atomic_store_n(&q->vif->received, q->received, __ATOMIC_RELEASE);
	return n;
}

static int doze(struct worker *w)
{
	struct pollfd fd[FAIRNESS_VIFS_MAX];
	unsigned i, armed;
	int err = 0;

	for (armed = 0; armed < w->n; armed++) {
		struct xennet_back_queue *q = w->queue[armed].q;

		err = xennet_back_arm(q);
		if (err)
			break;
		fd[armed].fd = xennet_host_evtchn_fd(w->host, q->tx.port);
		fd[armed].events = POLLIN;
	}
	if (!err)
		poll(fd, w->n, DOZE_MS);
	for (i = 0; i < armed; i++)
		xennet_back_wake(w->queue[i].q);
	return err < 0 ? err : 0;
}

/* Whether all that the guests sent is here. */
static bool over(const struct worker *w)
{
	unsigned i;

	if (!xennet_load_acquire(&w->s->ended))
		return false;
	for (i = 0; i < w->n; i++)
		if (w->queue[i].received != w->queue[i].vif->sent)
			return false;
	return true;
}

static int work(struct worker *w)
{
	unsigned dozes = 0, i;

	while (!over(w)) {
		int did = 0, n;

		for (i = 0; i < w->n; i++) {
			n = serve(w, &w->queue[i]);
			if (n < 0)
				return n;
			did += n;
		}
		if (did)
			continue;
		n = doze(w);
		if (n < 0)
			return n;
		if (xennet_load_acquire(&w->s->ended) && ++dozes == DRAIN_DOZES)
			break; /* what is missing will be counted */
	}
	return 0;
}

static void *run(void *arg)
{
	struct worker *w = arg;
	unsigned i;

	w->err = work(w);
	for (i = 0; i < w->n; i++)
		w->queue[i].vif->received_sum = payload_total(&w->queue[i].sum);
	return NULL;
}

static int open_vif(struct fairness_shared *s, struct backend *b, unsigned i)
{
	struct xennet_back_config c = {
		.platform = b->host.platform,
		.domid = b->host.domid,
		.peer = s->domid[i],
		.handle = site_handle(&s->site, 0),
		.tx = XENNET_COPY,
		.rx = XENNET_COPY,
	};
	int err = xennet_back_open(&b->back[i], &c);

	return err ? fairness_complain("the backend cannot open", err) : 0;
}

static int connected(const struct xennet_host *h, struct xennet_back *b)
{
	unsigned ms;
	int event;

	for (ms = 0; ms < PATIENCE_MS; ms++) {
		event = xennet_back_event(b);
		if (event == XENNET_VIF_CONNECTED)
			return 0;
		if (event != XENNET_VIF_IDLE)
			break;
		fairness_store_events(h);
	}
	return fairness_complain("the backend does not connect", b->refused);
}

static int begin(struct fairness_shared *s, struct backend *b)
{
	unsigned n = s->cell.nvifs, i;
	int err = site_back(&s->site, &b->host);

	if (err)
		return fairness_complain("the backend cannot serve", err);
	if (!fairness_await(&s->domids_known))
		return BENCH_FAILED;
	for (i = 0; i < n; i++)
		if (open_vif(s, b, i))
			return BENCH_FAILED;
	b->nworkers = s->cell.workers ? s->cell.workers : n;
	for (i = 0; i < n; i++) {
		struct worker *w = &b->worker[i % b->nworkers];

		if (connected(&b->host, &b->back[i]))
			return BENCH_FAILED;
		w->s = s;
		w->host = &b->host;
		w->queue[w->n++] = (struct queue){
			.q = b->back[i].queue,
			.vif = &s->vif[i],
			.size = fairness_loads[s->cell.load[i]].size,
		};
	}
	return 0;
}

/* The threads are where the process is: on its processor. */
static int work_all(struct backend *b)
{
	unsigned i, n;
	int err = 0;

	for (n = 0; n < b->nworkers; n++)
		if (pthread_create(&b->worker[n].thread, NULL, run,
				   &b->worker[n]))
			return fairness_complain("no thread", 0);
	for (i = 0; i < n; i++) {
		pthread_join(b->worker[i].thread, NULL);
		if (b->worker[i].err)
			err = fairness_complain("a backend's queue stopped",
						b->worker[i].err);
	}
	return err;
}

static uint64_t lost(const struct xennet_stats *s)
{
	uint64_t n = 0;
	unsigned i;

	for (i = 0; i < XENNET_ERR_COUNT; i++)
		n += s->reason[i];
	return n;
}

int fairness_back(void *shared)
{
	static struct backend b;
	struct fairness_shared *s = shared;
	unsigned i;

	if (begin(s, &b))
		return BENCH_FAILED;
	stage_enter(&s->stage, 0);
	if (work_all(&b) || !fairness_await(&s->front_idle))
		return BENCH_FAILED;
	for (i = 0; i < s->cell.nvifs; i++) {
		s->vif[i].lost = lost(&b.back[i].queue->stats);
		xennet_back_close(&b.back[i]);
	}
	xennet_store_release(&s->back_closed, 1);
	fairness_await(&s->front_left);
	xennet_host_close(&b.host);
	return 0;
}
