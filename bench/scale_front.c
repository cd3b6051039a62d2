/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Guests of a crowd: each a domain with one vif, all in one process. Those that
 * are busy send bursts in turn, as fast as there is room for them.
 */
#include <sched.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>
#include <xennet/platform/local.h>

#include "scale.h"
#include "source.h"

#define PATIENCE_MS 10000u
#define EVENTS 64

struct guest {
	struct xennet_local *local;
	struct xennet_front front;
};

struct guests {
	struct scale_stage *s;
	unsigned which, first, n;
	struct guest *guest;
	int epoll; /* of all their watch events */
	struct source source;
	struct xennet_burst in;
	uint64_t sent;
};

static int join(struct guests *g, unsigned i)
{
	struct xennet_local_guest opts = { .pages = scale_guest_pages(
						   &g->s->shape) };
	struct epoll_event ev = { .events = EPOLLIN, .data.u32 = i };
	unsigned ms;
	int err = 0;

	for (ms = 0; ms < PATIENCE_MS; ms++) {
		err = xennet_local_join(&g->guest[i].local, g->s->site.socket,
					&opts);
		if (err != -XENNET_EGONE)
			break;
		clock_sleep_ms(1);
	}
	if (err)
		return scale_complain("a guest cannot join", err);
	g->s->domid[g->first + i] = xennet_local_domid(g->guest[i].local);
	return epoll_ctl(g->epoll, EPOLL_CTL_ADD,
			 xennet_local_fd(g->guest[i].local), &ev);
}

static int join_all(struct guests *g)
{
	const struct scale_shape *shape = &g->s->shape;
	unsigned i;

	g->first = shape->vifs * g->which / shape->fronts;
	g->n = shape->vifs * (g->which + 1) / shape->fronts - g->first;
	g->guest = calloc(g->n, sizeof(*g->guest));
	g->epoll = epoll_create1(0);
	if (!g->guest || source_init(&g->source, SCALE_SIZE, SCALE_BURST))
		return scale_complain("guests", -XENNET_ENOMEM);
	for (i = 0; i < g->n; i++)
		if (join(g, i))
			return BENCH_FAILED;
	return 0;
}

static int open_front(struct guests *g, struct guest *guest)
{
	struct xennet_front_config c = {
		.platform = xennet_local_platform(guest->local),
		.domid = xennet_local_domid(guest->local),
		.offer = { .flags = XENNET_F_ALL,
			   .queues = g->s->shape.queues },
	};
	int err;

	if (g->s->shape.channels == 1)
		c.offer.flags &=
			~(uint32_t)(XENNET_F_SPLIT_EVTCHN | XENNET_F_CTRL_RING);
	if (g->s->shape.strategy != XENNET_PERSISTENT)
		c.offer.flags &= ~(uint32_t)XENNET_F_PERSISTENT;
	err = xennet_front_open(&guest->front, &c);
	return err ? scale_complain("a frontend cannot open", err) : 0;
}

/* What its vif says next; its queues are let go if it says so. */
static int follow(struct guest *guest)
{
	char path[XENNET_LOCAL_PATH];
	int event;

	while (xennet_local_event(guest->local, path, sizeof(path)) == 1)
		;
	event = xennet_front_event(&guest->front);
	if (event == XENNET_VIF_STOP)
		xennet_front_disconnect(&guest->front);
	return event;
}

/* Until each guest's vif has said this. */
static int await(struct guests *g, int event)
{
	struct epoll_event ev[EVENTS];
	unsigned left = g->n;
	int n, i, said;

	while (left) {
		n = epoll_wait(g->epoll, ev, EVENTS, 100);
		for (i = 0; i < n; i++) {
			said = follow(&g->guest[ev[i].data.u32]);
			if (said < 0)
				return scale_complain("a frontend", said);
			left -= said == event;
		}
	}
	return 0;
}

static int connect_all(struct guests *g)
{
	unsigned i;

	for (i = 0; i < g->n; i++)
		if (open_front(g, &g->guest[i]))
			return BENCH_FAILED;
	return await(g, XENNET_VIF_CONNECTED);
}

/* The backend lets go first, as when a vif is detached. */
static int disconnect_all(struct guests *g)
{
	unsigned i;

	if (await(g, XENNET_VIF_STOP))
		return BENCH_FAILED;
	for (i = 0; i < g->n; i++)
		xennet_front_close(&g->guest[i].front);
	return 0;
}

/* What there is room for of a burst, or of the rest of one. */
static int send_burst(struct guests *g, struct xennet_front_queue *q)
{
	struct source *src = &g->source;
	int n, polled;

	if (src->from == src->burst)
		source_stamp(src, 0);
	n = xennet_front_send(q, src->pkt + src->from, src->burst - src->from);
	if (n > 0) {
		source_sent(src, (unsigned)n);
		g->sent += (unsigned)n;
	}
	if (src->from < src->burst) {
		polled = xennet_front_poll(q, &g->in, XENNET_BURST);
		n = polled < 0 ? polled : n;
	}
	return n;
}

/* Each of the first n guests' first queues once. */
static int turn(struct guests *g, unsigned n, unsigned queues)
{
	unsigned i, k, did = 0;
	int sent;

	for (i = 0; i < n; i++) {
		for (k = 0; k < queues; k++) {
			sent = send_burst(g, &g->guest[i].front.queue[k]);
			if (sent < 0)
				return sent;
			did += (unsigned)sent;
		}
	}
	return did > 0;
}

static int run(struct guests *g, enum scale_op op)
{
	unsigned n = g->n, queues = g->s->shape.queues;
	bool alone = g->s->shape.fronts == 1;
	int did;

	if (op == SCALE_RUN_ONE) {
		n = g->which == 0;
		queues = 1;
		alone = true;
	}
	while (n && scale_phase(g->s) != SCALE_HALT) {
		did = turn(g, n, queues);
		if (did < 0)
			return scale_complain("a queue stopped", did);
		if (did == 0 && (cores_count() == 1 || !alone))
			sched_yield();
		else if (did == 0)
			xennet_relax();
	}
	g->s->sent[g->which] = g->sent;
	g->s->sent_sum[g->which] = g->source.sum;
	return 0;
}

static void leave_all(struct guests *g)
{
	unsigned i;

	for (i = 0; i < g->n; i++)
		xennet_local_leave(g->guest[i].local);
	source_free(&g->source);
}

static int obey(struct guests *g, enum scale_op op)
{
	switch (op) {
	case SCALE_SERVE:
		return 0;
	case SCALE_JOIN:
		return join_all(g);
	case SCALE_CONNECT:
		return connect_all(g);
	case SCALE_RUN_ALL:
	case SCALE_RUN_ONE:
		return run(g, op);
	case SCALE_DISCONNECT:
		return disconnect_all(g);
	default:
		leave_all(g);
		return 0;
	}
}

int scale_front(struct scale_stage *s, unsigned which)
{
	static struct guests g;
	uint32_t seen = 0;
	enum scale_op op;

	g.s = s;
	g.which = which;
	do {
		op = scale_order(s, &seen);
		if (obey(&g, op))
			return BENCH_FAILED;
		scale_done(s, 1 + which, seen);
	} while (op != SCALE_LEAVE);
	return 0;
}
