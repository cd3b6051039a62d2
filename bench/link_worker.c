/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * The worker of a process: makes packets, takes packets, passes them on, or
 * two of these, on each of its queues in turn. It polls; when nothing has come
 * for a while it asks for events and sleeps.
 */
#include <stdio.h>
#include <stdlib.h>

#include "link.h"
#include "payload.h"
#include "source.h"

#define SPIN_NS 500000u	     /* without work, before sleeping */
#define DRAIN_NS 2000000000u /* for what is under way at the end */

/* What one queue number is about, in this process. */
struct lane {
	const struct link_queue *out; /* where packets are made, or passed to */
	const struct link_queue *in;  /* where they are taken */
	struct source source;
	uint64_t next;		  /* the number expected */
	struct xennet_burst held; /* polled, to be passed on */
	unsigned nheld, passed;
};

struct worker {
	struct link_shared *s;
	struct link_end *end;
	struct link_report *report;
	struct lane lane[LINK_QUEUES_MAX];
	unsigned nlanes;
	bool makes, takes;
	enum phase phase;
	uint64_t sent;
	uint64_t received;
	struct payload_sum sum;
	struct xennet_burst in;
	int err; /* -XENNET_E* that stopped a queue */
};

/* Where the next burst may begin: in the latency phase, when none is left. */
static bool may_begin(const struct worker *w)
{
	return w->phase != PHASE_LATENCY ||
	       __atomic_load_n(&w->s->received, __ATOMIC_ACQUIRE) == w->sent;
}

static unsigned make(struct worker *w, struct lane *l)
{
	struct source *src = &l->source;
	int n;

	if (src->from == src->burst) {
		if (w->phase == PHASE_STOP || !may_begin(w))
			return 0;
		source_stamp(src, w->phase == PHASE_LATENCY ? clock_ns() : 0);
	}
	n = link_send(l->out, src->pkt + src->from, src->burst - src->from);
	if (n < 0)
		w->err = n;
	if (n > 0) {
		source_sent(src, (unsigned)n);
		w->sent += (unsigned)n;
	}
	return n > 0 ? (unsigned)n : 0;
}

/* Collects the answers to what was sent; no packets come this way. */
static void collect(struct worker *w, const struct link_queue *q)
{
	int n = q->front ? link_poll(q, &w->in, XENNET_BURST) : 0;

	if (n < 0)
		w->err = n;
}

static void note_latency(struct worker *w, uint64_t time)
{
	struct link_shared *s = w->s;

	if (s->nsamples < LINK_SAMPLES)
		s->sample_us[s->nsamples++] = (float)(clock_ns() - time) / 1e3f;
}

/* Reads every byte of a packet once, and its stamps. */
static void use(struct worker *w, struct lane *l, const struct xennet_pkt *pkt)
{
	uint64_t stamp[2];
	unsigned i;

	memcpy(stamp, (char *)pkt->frag[0].addr + SOURCE_NUMBER, 16);
	w->sum.at = 0;
	for (i = 0; i < pkt->nfrags; i++)
		payload_add(&w->sum, pkt->frag[i].addr, pkt->frag[i].len);
	w->s->disorder += stamp[0] != l->next || pkt->len != w->s->cell.size;
	l->next = stamp[0] + 1;
	if (XENNET_UNLIKELY(stamp[1]))
		note_latency(w, stamp[1]);
}

static unsigned take(struct worker *w, struct lane *l)
{
	int n = link_poll(l->in, &w->in, w->s->cell.burst), i;

	if (n <= 0) {
		w->err = n < 0 ? n : w->err;
		return 0;
	}
	for (i = 0; i < n; i++)
		use(w, l, &w->in.pkt[i]);
	link_done(l->in, w->in.pkt, (unsigned)n);
	w->received += (unsigned)n;
	__atomic_store_n(&w->s->received, w->received, __ATOMIC_RELEASE);
	return (unsigned)n;
}

/* From one guest to the other; what does not fit yet is held. */
static unsigned pass(struct worker *w, struct lane *l)
{
	int n;

	if (l->passed == l->nheld) {
		n = link_poll(l->in, &l->held, w->s->cell.burst);
		if (n <= 0) {
			w->err = n < 0 ? n : w->err;
			return 0;
		}
		l->nheld = (unsigned)n;
		l->passed = 0;
	}
	n = link_send(l->out, l->held.pkt + l->passed, l->nheld - l->passed);
	if (n < 0)
		w->err = n;
	if (n <= 0)
		return 0;
	link_done(l->in, l->held.pkt + l->passed, (unsigned)n);
	l->passed += (unsigned)n;
	return (unsigned)n;
}

static unsigned turn(struct worker *w)
{
	unsigned did = 0, i;

	for (i = 0; i < w->nlanes; i++) {
		struct lane *l = &w->lane[i];

		if (!w->makes && !w->takes) {
			did += pass(w, l);
			continue;
		}
		if (w->makes) {
			did += make(w, l);
			if (l->source.from < l->source.burst ||
			    w->phase >= PHASE_LATENCY)
				collect(w, l->out);
		}
		if (w->takes)
			did += take(w, l);
	}
	return did;
}

static void subtract(struct xennet_stats *from, const struct xennet_stats *less)
{
	uint64_t *a = (uint64_t *)from;
	const uint64_t *b = (const uint64_t *)less;
	unsigned i;

	for (i = 0; i < sizeof(*from) / sizeof(*a); i++)
		a[i] -= b[i];
}

/* Notes the counters when the phase in which rates are taken begins, ends. */
static void look(struct worker *w)
{
	struct link_report *r = w->report;
	enum phase now = meter_look(&r->meter, &w->s->stage, w->received);
	struct xennet_stats stats;
	struct site_calls calls;

	if (XENNET_LIKELY(now == w->phase))
		return;
	link_stats(w->end, &stats);
	link_calls(w->end, &calls);
	if (now == PHASE_RUN) {
		r->during = stats;
		r->calls = calls;
	} else if (w->phase == PHASE_RUN) {
		subtract(&stats, &r->during);
		r->during = stats;
		r->calls.grant = calls.grant - r->calls.grant;
		r->calls.event = calls.event - r->calls.event;
	}
	w->phase = now;
}

/* Tells the others when the last packet is made, and when it is taken. */
static void conclude(struct worker *w)
{
	struct link_shared *s = w->s;
	unsigned i;

	if (w->makes && !s->ended) {
		for (i = 0; i < w->nlanes; i++)
			if (w->lane[i].source.from < w->lane[i].source.burst)
				return;
		s->sent = w->sent;
		for (i = 0; i < w->nlanes; i++)
			s->sent_sum += w->lane[i].source.sum;
		xennet_store_release(&s->ended, 1);
	}
	if (w->takes && xennet_load_acquire(&s->ended) &&
	    w->received == s->sent) {
		s->received_sum = payload_total(&w->sum);
		xennet_store_release(&s->finished, 1);
	}
}

/* Whether all is over for this process; a frontend waits for its answers. */
static bool over(struct worker *w)
{
	unsigned i;

	if (!xennet_load_acquire(&w->s->finished))
		return false;
	for (i = 0; w->makes && i < w->nlanes; i++) {
		const struct xennet_front_queue *q = w->lane[i].out->front;

		if (q && q->stats.tx_acked < q->stats.tx_packets)
			return false;
	}
	return true;
}

static int run(struct worker *w)
{
	/* on one processor nothing comes while we spin */
	uint64_t spin_ns = cores_count() == 2 ? SPIN_NS : 0;
	uint64_t idle_since = 0, stopped = 0, now;

	for (;;) {
		look(w);
		if (turn(w)) {
			idle_since = 0;
			if (w->phase != PHASE_STOP)
				continue;
		}
		if (w->err < 0)
			return w->err;
		now = clock_ns();
		if (w->phase == PHASE_STOP) {
			conclude(w);
			if (over(w))
				return 0;
			stopped = stopped ? stopped : now;
			if (now - stopped > DRAIN_NS)
				return 0; /* link_run sees what is missing */
		}
		idle_since = idle_since ? idle_since : now;
		if (now - idle_since < spin_ns)
			xennet_relax();
		else
			w->err = link_doze(w->end);
	}
}

static int work(struct worker *w)
{
	const struct link_cell *c = &w->s->cell;
	unsigned i;
	int err = 0;

	w->nlanes = c->queues;
	for (i = 0; w->makes && i < w->nlanes; i++)
		if (source_init(&w->lane[i].source, c->size, c->burst))
			return BENCH_FAILED;
	stage_enter(&w->s->stage, w->report == &w->s->report[1]);
	err = run(w);
	if (err)
		fprintf(stderr, "xennet-bench link: a queue stopped: %s\n",
			xennet_err_text(err));
	link_stats(w->end, &w->report->all);
	for (i = 0; w->makes && i < w->nlanes; i++)
		source_free(&w->lane[i].source);
	return err ? BENCH_FAILED : 0;
}

/* The frontends make or take, or the first makes what the second takes. */
int link_work_front(struct link_shared *s, struct link_end *e)
{
	static struct worker w;
	unsigned n = s->cell.queues, i;

	w.s = s;
	w.end = e;
	w.report = &s->report[0];
	w.makes = s->cell.direction != LINK_RX;
	w.takes = s->cell.direction != LINK_TX;
	for (i = 0; i < n; i++) {
		w.lane[i].out = &e->queue[i];
		w.lane[i].in = &e->queue[e->nqueues - n + i];
	}
	return work(&w);
}

/* The backend does the opposite, or passes on from vif to vif. */
int link_work_back(struct link_shared *s, struct link_end *e)
{
	static struct worker w;
	unsigned n = s->cell.queues, i;

	w.s = s;
	w.end = e;
	w.report = &s->report[1];
	w.makes = s->cell.direction == LINK_RX;
	w.takes = s->cell.direction == LINK_TX;
	for (i = 0; i < n; i++) {
		w.lane[i].in = &e->queue[i];
		w.lane[i].out = &e->queue[e->nqueues - n + i];
	}
	return work(&w);
}
