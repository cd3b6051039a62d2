/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* One end of a link, front or back, that sends and compares packets. */
#ifndef LINK_END_H
#define LINK_END_H

#include <stdlib.h>
#include <time.h>
#include <xennet/platform/local.h>
#include "link_packet.h"

#define SENDS 16u
#define STALLED_MS 5000

/* What the two processes of a test are to do. */
struct plan {
	enum xennet_strategy strategy;
	uint32_t back_flags, front_flags; /* 0: all */
	unsigned back_queues, front_queues, order;
	uint32_t packets;  /* each way on each queue */
	unsigned seed;	   /* other packets than those of another plan */
	unsigned connects; /* one after another; queues: 1, 2, ... again */
	bool as_nobody, undumpable, truncate;
	enum xennet_local_copy copy_by;
	struct xennet_costs costs; /* zeroes: the usual ones */
	unsigned seconds;	   /* it may take; 0: 60 */
	bool hash;		   /* packets carry theirs, if they have one */
	uint32_t headroom;	   /* of what the frontend receives */
	/* static grants per queue: what the backend keeps at most, and what the
	 * frontend is to come to */
	uint32_t quota, statics;
	int report; /* pipe: 'r' the first packets came, 'd' the peer died */
};

struct side {
	const struct plan *plan;
	bool is_back;
	struct xennet_local *local;
	struct xennet_back back;
	struct xennet_front front;
	unsigned nqueues, connection;
	uint32_t sent[XENNET_QUEUES_MAX], got[XENNET_QUEUES_MAX];
	uint64_t random;
	bool told;
};

static uint64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static const char *name_of(const struct side *s)
{
	return s->is_back ? "back" : "front";
}

static void *queue_of(struct side *s, unsigned i)
{
	return s->is_back ? (void *)&s->back.queue[i]
			  : (void *)&s->front.queue[i];
}

static int poll_end(struct side *s, unsigned i, struct xennet_burst *b,
		    unsigned n)
{
	return s->is_back ? xennet_back_poll(queue_of(s, i), b, n)
			  : xennet_front_poll(queue_of(s, i), b, n);
}

static void done_end(struct side *s, unsigned i, const struct xennet_pkt *pkt,
		     unsigned n)
{
	if (s->is_back)
		xennet_back_done(queue_of(s, i), pkt, n);
	else
		xennet_front_done(queue_of(s, i), pkt, n);
}

static int send_end(struct side *s, unsigned i, const struct xennet_pkt *pkt,
		    unsigned n)
{
	return s->is_back ? xennet_back_send(queue_of(s, i), pkt, n)
			  : xennet_front_send(queue_of(s, i), pkt, n);
}

static int arm_end(struct side *s, unsigned i)
{
	return s->is_back ? xennet_back_arm(queue_of(s, i))
			  : xennet_front_arm(queue_of(s, i));
}

static void wake_end(struct side *s, unsigned i)
{
	if (s->is_back)
		xennet_back_wake(queue_of(s, i));
	else
		xennet_front_wake(queue_of(s, i));
}

/* There is one thread, so no worker to pause. */
static int event_end(struct side *s)
{
	int event;

	if (!s->is_back)
		return xennet_front_event(&s->front);
	do
		event = xennet_back_event(&s->back);
	while (event == XENNET_VIF_PAUSE && xennet_back_ctrl(&s->back) >= 0);
	return event;
}

/* 0: it has no control ring. */
static uint32_t ctrl_port(const struct side *s)
{
	if (s->is_back)
		return s->back.ctrl.page ? s->back.ctrl.port : 0;
	return s->front.ctrl.page ? s->front.ctrl.port : 0;
}

static const struct xennet_stats *stats_of(struct side *s, unsigned i)
{
	return s->is_back ? &s->back.queue[i].stats : &s->front.queue[i].stats;
}

static void report(struct side *s, char what)
{
	if (s->plan->report)
		must(write(s->plan->report, &what, 1) == 1);
}

static unsigned print_reasons(struct side *s, unsigned i)
{
	const uint64_t *reason = stats_of(s, i)->reason;
	unsigned r, n = 0;

	for (r = 0; r < XENNET_ERR_COUNT; r++) {
		if (!reason[r])
			continue;
		fprintf(stderr, "%s queue %u: %s %u\n", name_of(s), i,
			xennet_err_name((int)r), (unsigned)reason[r]);
		n++;
	}
	return n;
}

static void compare(struct side *s, unsigned i, const struct xennet_pkt *pkt)
{
	static unsigned char expected[LONGEST + 8];
	struct xennet_pkt want;
	uint32_t at = 0, n = s->got[i]++;
	unsigned f;

	make(s->is_back ? TO_BACK : TO_FRONT, s->plan->seed + s->connection, i,
	     n, expected, &want);
	/* of a peer that was killed the grants are gone as well */
	if (s->plan->report && stats_of(s, i)->reason[XENNET_EPKT_GREF])
		return;
	if (pkt->len != want.len) {
		fprintf(stderr, "%s queue %u packet %u: %u bytes, not %u\n",
			name_of(s), i, n, pkt->len, want.len);
		print_reasons(s, i);
		_exit(1);
	}
	if (!s->plan->hash)
		want.flags &= (uint8_t)~XENNET_PKT_HASH;
	if (want.flags & XENNET_PKT_HASH)
		must(pkt->hash == want.hash);
	must(pkt->gso_type == want.gso_type);
	must(pkt->gso_size == want.gso_size);
	must((pkt->flags & ~XENNET_PKT_SHARED) == want.flags);
	must(pkt->frag[0].len >=
	     (want.len < XENNET_HEAD ? want.len : XENNET_HEAD));
	for (f = 0; f < pkt->nfrags; f++) {
		must(pkt->frag[f].len && pkt->frag[f].len <= want.len - at);
		must(memcmp(pkt->frag[f].addr, expected + at,
			    pkt->frag[f].len) == 0);
		at += pkt->frag[f].len;
	}
	must(at == want.len);
}

static int receive(struct side *s, unsigned i)
{
	static struct xennet_burst in;
	unsigned budget = 1 + (unsigned)(next_random(&s->random) % 64), half;
	int k, n = poll_end(s, i, &in, budget);

	must(n >= 0 && n <= (int)budget);
	for (k = 0; k < n && !s->is_back; k++)
		memset((unsigned char *)in.pkt[k].frag[0].addr -
			       s->plan->headroom,
		       0xee, s->plan->headroom);
	for (k = 0; k < n; k++)
		compare(s, i, &in.pkt[k]);
	half = (unsigned)n / 2;
	if ((unsigned)n > half)
		done_end(s, i, in.pkt + half, (unsigned)n - half);
	if (half)
		done_end(s, i, in.pkt, half);
	if (!s->told && s->got[i] > 30) {
		report(s, 'r');
		s->told = true;
	}
	return n;
}

/* A hash is left out until both ends know of it. */
static bool may_send(const struct side *s, unsigned i)
{
	if (!s->plan->hash)
		return true;
	return s->is_back ? s->back.queue[i].rx.hash_types
			  : s->front.hash.state == XENNET_HASH_ON;
}

static int transmit(struct side *s, unsigned i)
{
	static unsigned char bytes[SENDS][LONGEST + 64 + 8];
	static struct xennet_frag frag[SENDS][20];
	struct xennet_pkt pkt[SENDS];
	uint32_t left = s->plan->packets - s->sent[i];
	unsigned k, n = 1 + (unsigned)(next_random(&s->random) % SENDS);
	unsigned char *p;
	int sent;

	if (n > left)
		n = left;
	if (n == 0 || !may_send(s, i))
		return 0;
	for (k = 0; k < n; k++) {
		p = bytes[k] + next_random(&s->random) % 64;
		make(s->is_back ? TO_FRONT : TO_BACK,
		     s->plan->seed + s->connection, i, s->sent[i] + k, p,
		     &pkt[k]);
		cut(&s->random, p, &pkt[k], frag[k]);
	}
	sent = send_end(s, i, pkt, n);
	must(sent >= 0 && sent <= (int)n);
	s->sent[i] += (uint32_t)sent;
	return sent;
}

static bool all_there(struct side *s)
{
	unsigned i;

	for (i = 0; i < s->nqueues; i++)
		if (s->sent[i] < s->plan->packets ||
		    s->got[i] < s->plan->packets)
			return false;
	return true;
}

/* The frontend ends first, so it waits until all of its own was taken, and its
 * pages were listed. */
static bool finished(struct side *s)
{
	unsigned i;

	if (!s->is_back && s->front.statics.list)
		return false;
	for (i = 0; i < s->nqueues && !s->is_back; i++)
		if (stats_of(s, i)->tx_acked < s->sent[i])
			return false;
	return all_there(s);
}

static int store_events(struct side *s)
{
	char changed[XENNET_LOCAL_PATH];
	int n;

	do
		n = xennet_local_event(s->local, changed, sizeof(changed));
	while (n == 1);
	return n;
}

static void stalled(struct side *s)
{
	unsigned i;

	for (i = 0; i < s->nqueues; i++)
		fprintf(stderr, "%s queue %u stalled: sent %u, got %u, %u\n",
			name_of(s), i, s->sent[i], s->got[i],
			(unsigned)stats_of(s, i)->tx_acked);
	for (i = 0; i < s->nqueues; i++)
		print_reasons(s, i);
	_exit(1);
}

static void doze(struct side *s)
{
	uint32_t ports[2 * XENNET_QUEUES_MAX + 1];
	unsigned i, n = 0;

	if (ctrl_port(s))
		ports[n++] = ctrl_port(s);
	for (i = 0; i < s->nqueues; i++) {
		int armed = arm_end(s, i);

		must(armed >= 0);
		if (armed)
			return;
		ports[n++] = s->is_back ? s->back.queue[i].tx.port
					: s->front.queue[i].tx.port;
		ports[n++] = s->is_back ? s->back.queue[i].rx.port
					: s->front.queue[i].rx.port;
	}
	/* nobody is told of answers that it does not wait for in order to send */
	if (!s->is_back && all_there(s))
		usleep(200);
	else if (xennet_local_wait(s->local, ports, n, STALLED_MS) != 1)
		stalled(s);
	for (i = 0; i < s->nqueues; i++)
		wake_end(s, i);
}

/* Carries packets until all are there, or the peer is not. */
static int exchange(struct side *s)
{
	int event = XENNET_VIF_IDLE, did;
	unsigned i;
	bool held;

	memset(s->sent, 0, sizeof(s->sent));
	memset(s->got, 0, sizeof(s->got));
	while (s->is_back || !finished(s)) {
		for (did = 0, i = 0; i < s->nqueues; i++)
			did += receive(s, i) + transmit(s, i);
		if (did && next_random(&s->random) % 16)
			continue;
		if (store_events(s) < 0)
			return -XENNET_EGONE;
		held = !may_send(s, 0);
		event = event_end(s);
		if (event != XENNET_VIF_IDLE)
			return event;
		if (!did && (!held || !may_send(s, 0)))
			doze(s);
	}
	return event;
}

static void check_counters(struct side *s)
{
	const struct xennet_stats *st;
	unsigned i;

	for (i = 0; i < s->nqueues; i++) {
		st = stats_of(s, i);
		must(st->tx_packets == s->plan->packets);
		must(st->rx_packets == s->plan->packets);
		must(print_reasons(s, i) == 0);
	}
	for (i = 0; i < s->nqueues && !s->is_back; i++)
		must(s->front.queue[i].statics == s->plan->statics);
}

static void nothing_left(struct side *s)
{
	struct xennet_local_stats st;
	uint64_t until = now_ms() + 2000;

	do {
		xennet_local_stats(s->local, &st);
		if (!st.grants && !st.mapped && !st.quarantined && !st.ports)
			return;
		usleep(1000);
		store_events(s);
	} while (now_ms() < until);
	fprintf(stderr, "%s: %u grants, %u mapped, %u quarantined, %u ports\n",
		name_of(s), (unsigned)st.grants, (unsigned)st.mapped,
		(unsigned)st.quarantined, (unsigned)st.ports);
	_exit(1);
}

/* Until the event comes. */
static int wait_event(struct side *s, int wanted)
{
	uint64_t until = now_ms() + STALLED_MS;
	int event;

	for (;;) {
		if (store_events(s) < 0)
			return -XENNET_EGONE;
		event = event_end(s);
		if (event == wanted || event == XENNET_VIF_GONE)
			return event;
		if (event != XENNET_VIF_IDLE || now_ms() > until) {
			fprintf(stderr,
				"%s: event %d, wanted %d; states %u and %u\n",
				name_of(s), event, wanted,
				s->is_back ? s->back.state : s->front.state,
				s->is_back ? s->back.peer_state
					   : s->front.peer_state);
			_exit(1);
		}
		xennet_local_wait(s->local, NULL, 0, 100);
	}
}

#endif
