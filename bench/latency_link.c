/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* The ends of a packet's way through the library. */
#include <poll.h>
#include <stdio.h>
#include <sys/prctl.h>

#include "latency.h"

#define NUMBER 16u /* in a packet, after the Ethernet header */
#define TIME 24u
#define LOOKS 64u	   /* in vain, before arm is called */
#define LIMIT_NS 20000000u /* of sleep, so that the end is noticed */
#define DRAIN_NS 500000000u

struct end {
	struct latency_shared *s;
	const struct link_queue *q;
	struct xennet_burst in;
	struct latency_counts *counts;
	enum phase phase;
	uint64_t packets;
	unsigned vain;
	int err;

	struct xennet_pkt pkt[XENNET_BURST];
	struct xennet_frag frag[XENNET_BURST];
	unsigned char bytes[XENNET_BURST][LATENCY_SIZE];
};

static const struct xennet_stats *stats(const struct end *e)
{
	return e->q->front ? &e->q->front->stats : &e->q->back->stats;
}

static uint64_t cpu_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void subtract(struct xennet_stats *from, const struct xennet_stats *less)
{
	uint64_t *a = (uint64_t *)from;
	const uint64_t *b = (const uint64_t *)less;
	unsigned i;

	for (i = 0; i < sizeof(*from) / sizeof(*a); i++)
		a[i] -= b[i];
}

/* Notes what is counted when rates begin and end to be taken. */
static void look(struct end *e)
{
	enum phase now = stage_phase(&e->s->link.stage);
	struct latency_counts *c = e->counts, here;

	if (XENNET_LIKELY(now == e->phase))
		return;
	here.stats = *stats(e);
	here.packets = e->packets;
	here.cpu_ns = cpu_ns();
	here.ns = clock_ns();
	if (now == PHASE_RUN) {
		*c = here;
	} else if (e->phase == PHASE_RUN) {
		subtract(&here.stats, &c->stats);
		here.packets -= c->packets;
		here.cpu_ns -= c->cpu_ns;
		here.ns -= c->ns;
		*c = here;
	}
	e->phase = now;
}

/* Nothing has come: sleeps, if the queue's policy says so. */
static void rest(struct end *e)
{
	const struct link_queue *q = e->q;
	struct timespec limit = { 0, LIMIT_NS };
	uint32_t usec, tx, rx;
	struct pollfd fd[2];
	int armed;

	if (e->s->what.mode == XENNET_NOTIFY_POLL && ++e->vain % LOOKS)
		return;
	armed = link_arm(q);
	if (armed) {
		e->err = armed < 0 ? armed : e->err;
		return;
	}
	usec = q->front ? q->front->notify.usec : q->back->notify.usec;
	tx = q->front ? q->front->tx.port : q->back->tx.port;
	rx = q->front ? q->front->rx.port : q->back->rx.port;
	if (usec)
		limit.tv_nsec = (long)usec * 1000;
	fd[0] = (struct pollfd){ xennet_host_evtchn_fd(q->host, tx), POLLIN,
				 0 };
	fd[1] = (struct pollfd){ xennet_host_evtchn_fd(q->host, rx), POLLIN,
				 0 };
	ppoll(fd, 2, &limit, NULL);
	link_wake(q);
}

static void stamp(struct end *e, unsigned i, uint64_t number, uint64_t time)
{
	memcpy(e->bytes[i] + NUMBER, &number, sizeof(number));
	memcpy(e->bytes[i] + TIME, &time, sizeof(time));
}

static void prepare(struct end *e, struct latency_shared *s,
		    const struct link_queue *q, unsigned which)
{
	unsigned i;

	memset(e, 0, sizeof(*e));
	e->s = s;
	e->q = q;
	e->counts = &s->counts[which];
	for (i = 0; i < XENNET_BURST; i++) {
		e->frag[i].addr = e->bytes[i];
		e->frag[i].len = LATENCY_SIZE;
		e->pkt[i].frag = &e->frag[i];
		e->pkt[i].nfrags = 1;
		e->pkt[i].len = LATENCY_SIZE;
	}
	prctl(PR_SET_TIMERSLACK, 1000);
	stage_enter(&s->link.stage, which);
}

static int finish(const struct end *e)
{
	if (!e->err)
		return 0;
	fprintf(stderr, "xennet-bench latency: a queue stopped: %s\n",
		xennet_err_text(e->err));
	return BENCH_FAILED;
}

static bool over(const struct end *e)
{
	return xennet_load_acquire(&e->s->over);
}

/* To and fro. */

/* Whether the packet sent last has come back, or its answer has. */
static bool is_back(struct end *e)
{
	int n = link_poll(e->q, &e->in, XENNET_BURST);
	uint64_t number;

	if (n < 0)
		e->err = n;
	if (e->s->what.one_ring)
		return e->q->front->stats.tx_acked == e->packets;
	if (n <= 0)
		return false;
	memcpy(&number, (char *)e->in.pkt[0].frag[0].addr + NUMBER,
	       sizeof(number));
	if (number != e->packets)
		e->err = -XENNET_EIO;
	link_done(e->q, e->in.pkt, (unsigned)n);
	return true;
}

static void ping(struct end *e)
{
	uint64_t since = clock_ns(), now = since;

	while (!e->err && stage_phase(&e->s->link.stage) != PHASE_STOP) {
		stamp(e, 0, ++e->packets, 0);
		if (link_send(e->q, e->pkt, 1) != 1)
			e->err = -XENNET_EIO;
		while (!e->err && !is_back(e))
			rest(e);
		now = latency_note(e->s, now);
	}
	xennet_store_release(&e->s->over, 1);
}

static void pong(struct end *e)
{
	int n;

	while (!e->err) {
		n = link_poll(e->q, &e->in, XENNET_BURST);
		if (n == 0 && over(e))
			break;
		if (n == 0)
			rest(e);
		if (n < 0)
			e->err = n;
		if (n <= 0)
			continue;
		if (!e->s->what.one_ring &&
		    link_send(e->q, e->in.pkt, (unsigned)n) != n)
			e->err = -XENNET_EIO;
		link_done(e->q, e->in.pkt, (unsigned)n);
	}
}

/* One way, at a rate. */

/* How many are due now, the first of them at *due. */
static unsigned owed(const struct end *e, uint64_t *due, double gap_ns)
{
	uint64_t now = clock_ns();
	unsigned n = 0;

	if (isinf(e->s->what.kpps)) {
		*due = now;
		return 32;
	}
	while (n < 32 && (double)*due + n * gap_ns <= (double)now)
		n++;
	return n;
}

/* Packets bear the time at which they were due, so that those held up by one
 * that waits are late too. */
static void offer(struct end *e)
{
	double gap_ns = 1e6 / e->s->what.kpps;
	uint64_t due = clock_ns();
	unsigned n, i;
	double at = (double)due;
	int taken;

	while (!e->err && stage_phase(&e->s->link.stage) != PHASE_STOP) {
		look(e);
		due = (uint64_t)at;
		n = owed(e, &due, gap_ns);
		for (i = 0; i < n; i++)
			stamp(e, i, e->packets + i,
			      due + (uint64_t)(i * (isinf(e->s->what.kpps)
							    ? 0
							    : gap_ns)));
		taken = n ? link_send(e->q, e->pkt, n) : 0;
		if (taken < 0)
			e->err = taken;
		if (taken > 0) {
			e->packets += (unsigned)taken;
			at += taken * gap_ns;
			continue;
		}
		taken = link_poll(e->q, &e->in, XENNET_BURST);
		if (taken < 0)
			e->err = taken;
		/* full; and who waits for the time does not sleep */
		if (n)
			rest(e);
	}
	look(e);
	e->s->link.sent = e->packets;
	xennet_store_release(&e->s->over, 1);
}

static void take(struct end *e)
{
	uint64_t now, stamps[2], since = 0;
	int n, i;

	while (!e->err) {
		look(e);
		n = link_poll(e->q, &e->in, XENNET_BURST);
		if (n < 0)
			e->err = n;
		if (n == 0 && over(e)) {
			if (e->packets == e->s->link.sent)
				break;
			since = since ? since : clock_ns();
			if (clock_ns() - since > DRAIN_NS)
				e->err = -XENNET_EIO;
		}
		if (n == 0)
			rest(e);
		if (n <= 0)
			continue;
		now = clock_ns();
		for (i = 0; i < n; i++) {
			memcpy(stamps,
			       (char *)e->in.pkt[i].frag[0].addr + NUMBER, 16);
			if (stamps[0] != e->packets++)
				e->err = -XENNET_EIO;
			if (e->phase == PHASE_RUN)
				latency_add(&e->s->latency,
					    now > stamps[1] ? now - stamps[1]
							    : 0);
		}
		link_done(e->q, e->in.pkt, (unsigned)n);
	}
}

static int work_front(struct link_shared *link, struct link_end *all)
{
	struct latency_shared *s = (struct latency_shared *)link;
	static struct end e;

	prepare(&e, s, &all->queue[0], 0);
	if (s->what.part == LATENCY_LOAD)
		offer(&e);
	else
		ping(&e);
	return finish(&e);
}

static int work_back(struct link_shared *link, struct link_end *all)
{
	struct latency_shared *s = (struct latency_shared *)link;
	static struct end e;

	prepare(&e, s, &all->queue[0], 1);
	if (s->what.part == LATENCY_LOAD)
		take(&e);
	else
		pong(&e);
	return finish(&e);
}

int latency_front(void *shared)
{
	struct latency_shared *s = shared;

	return link_front(&s->link, work_front);
}

int latency_back(void *shared)
{
	struct latency_shared *s = shared;

	return link_back(&s->link, work_back);
}
