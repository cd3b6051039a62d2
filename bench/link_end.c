/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* How the two processes of a link meet and part. */
#include <poll.h>
#include <stdio.h>

#include "link_rows.h"

#define PATIENCE_MS 5000u

static unsigned guests(const struct link_shared *s)
{
	return link_guests(&s->cell);
}

static int complain(const char *what, int err)
{
	fprintf(stderr, "xennet-bench link: %s: %s\n", what,
		xennet_err_text(err));
	return BENCH_FAILED;
}

/* Waits until the other process has set the flag; false: it never did. */
static bool await(const uint32_t *flag)
{
	unsigned ms;

	for (ms = 0; ms < PATIENCE_MS && !xennet_load_acquire(flag); ms++)
		clock_sleep_ms(1);
	return xennet_load_acquire(flag);
}

static void take_events(const struct xennet_host *h)
{
	char path[XENNET_HOST_PATH];

	while (xennet_host_event(h, path, sizeof(path)) == 1)
		;
}

/* Sleeps until a watch fires, a millisecond at most. */
static void await_event(const struct xennet_host *h)
{
	struct pollfd fd = { .fd = xennet_host_fd(h), .events = POLLIN };

	poll(&fd, 1, 1);
}

void link_calls(const struct link_end *e, struct site_calls *sum)
{
	struct site_calls one;
	unsigned i;

	memset(sum, 0, sizeof(*sum));
	for (i = 0; i < e->nhosts; i++) {
		site_calls(e->site, e->host[i], &one);
		sum->grant += one.grant;
		sum->event += one.event;
	}
}

void link_stats(const struct link_end *e, struct xennet_stats *sum)
{
	uint64_t *to = (uint64_t *)sum;
	unsigned i, k;

	memset(sum, 0, sizeof(*sum));
	for (i = 0; i < e->nqueues; i++) {
		const struct link_queue *q = &e->queue[i];
		const uint64_t *from =
			(const uint64_t *)(q->front ? &q->front->stats
						    : &q->back->stats);

		for (k = 0; k < sizeof(*sum) / sizeof(*to); k++)
			to[k] += from[k];
	}
}

int link_doze(struct link_end *e)
{
	struct pollfd fd[2 * BENCH_COUNT(e->queue)];
	unsigned i, n = 0;

	for (i = 0; i < e->nqueues; i++) {
		const struct link_queue *q = &e->queue[i];
		uint32_t tx = q->front ? q->front->tx.port : q->back->tx.port;
		uint32_t rx = q->front ? q->front->rx.port : q->back->rx.port;
		int armed = link_arm(q);

		if (armed)
			return armed < 0 ? armed : 0;
		fd[n++].fd = xennet_host_evtchn_fd(q->host, tx);
		fd[n++].fd = xennet_host_evtchn_fd(q->host, rx);
	}
	for (i = 0; i < n; i++)
		fd[i].events = POLLIN;
	poll(fd, n, 1);
	for (i = 0; i < e->nqueues; i++)
		link_wake(&e->queue[i]);
	return 0;
}

static uint32_t layout_flags(const struct link_cell *c)
{
	static const uint32_t without[] = {
		[XENNET_STANDARD] =
			XENNET_F_SPLIT_RINGS | XENNET_F_SEQUENCED_RINGS,
		[XENNET_SPLIT] = XENNET_F_SEQUENCED_RINGS,
		[XENNET_SEQUENCED] = 0,
	};

	return XENNET_F_ALL & ~without[c->layout];
}

static bool lists(const struct link_shared *s)
{
	return s->cell.strategy == &link_strategies[LINK_STATIC];
}

/* The frontends' process. */

struct guest {
	struct xennet_host host;
	struct xennet_front front;
};

static int join(struct link_shared *s, struct guest *g, unsigned number)
{
	struct xennet_front_config c = {
		.handle = site_handle(&s->site, number),
		.offer = { .flags = layout_flags(&s->cell),
			   .queues = s->cell.queues,
			   .ring_order = s->cell.ring_order },
	};
	int err = site_front(&s->site, &g->host);

	if (err)
		return complain("a guest cannot join", err);
	if (!s->cell.strategy->persistent)
		c.offer.flags &= ~(uint32_t)XENNET_F_PERSISTENT;
	if (lists(s))
		c.offer.flags |= XENNET_F_STATIC;
	c.platform = g->host.platform;
	c.domid = g->host.domid;
	err = xennet_front_open(&g->front, &c);
	return err ? complain("a frontend cannot open", err) : 0;
}

static int front_connected(struct guest *g)
{
	unsigned ms;
	int event;

	for (ms = 0; ms < PATIENCE_MS; ms++) {
		take_events(&g->host);
		event = xennet_front_event(&g->front);
		if (event == XENNET_VIF_CONNECTED)
			return 0;
		if (event != XENNET_VIF_IDLE)
			break;
		await_event(&g->host);
	}
	return complain("a frontend does not connect", g->front.refused);
}

/* Until all that it has to ask of its backend is answered. */
static int front_listed(const struct link_shared *s, struct guest *g)
{
	unsigned ms, i;

	for (ms = 0; ms < PATIENCE_MS && g->front.statics.list; ms++) {
		xennet_front_event(&g->front);
		clock_sleep_ms(1);
	}
	for (i = 0; lists(s) && i < g->front.nqueues; i++)
		if (!g->front.queue[i].statics)
			return complain("static grants", -XENNET_ENOSPC);
	return 0;
}

static void add_front(struct link_end *e, struct guest *g,
		      const struct xennet_policy *policy)
{
	unsigned i;

	for (i = 0; i < g->front.nqueues; i++) {
		xennet_front_set_policy(&g->front.queue[i], policy);
		e->queue[e->nqueues++] =
			(struct link_queue){ .front = &g->front.queue[i],
					     .host = &g->host };
	}
	e->host[e->nhosts++] = &g->host;
}

int link_front(struct link_shared *s,
	       int (*work)(struct link_shared *s, struct link_end *e))
{
	static struct guest guest[LINK_GUESTS_MAX];
	struct link_end e = { .site = &s->site };
	unsigned i;

	for (i = 0; i < guests(s); i++) {
		if (join(s, &guest[i], i))
			return BENCH_FAILED;
		s->domid[i] = guest[i].host.domid;
	}
	xennet_store_release(&s->domids_known, 1);
	for (i = 0; i < guests(s); i++) {
		if (front_connected(&guest[i]))
			return BENCH_FAILED;
		add_front(&e, &guest[i], &s->cell.policy);
	}
	for (i = 0; i < guests(s); i++)
		if (front_listed(s, &guest[i]))
			return BENCH_FAILED;
	xennet_store_release(&s->listed, 1);
	if (work(s, &e))
		return BENCH_FAILED;
	xennet_store_release(&s->front_idle, 1);
	await(&s->back_closed);
	for (i = 0; i < guests(s); i++) {
		xennet_front_close(&guest[i].front);
		xennet_host_close(&guest[i].host);
	}
	xennet_store_release(&s->front_left, 1);
	return 0;
}

/* The backend's process. */

/* The platform's operations, but for maps of one page each. */
static const struct xennet_ops *whole;
static struct xennet_ops apart;

static void map_apart(void *ctx, struct xennet_map_op *op, unsigned n)
{
	unsigned i;

	for (i = 0; i < n; i++)
		whole->map(ctx, &op[i], 1);
}

static struct xennet_platform maps_apart(struct xennet_platform p)
{
	whole = p.ops;
	apart = *p.ops;
	apart.map = map_apart;
	p.ops = &apart;
	return p;
}

static int back_open(struct link_shared *s, const struct xennet_host *h,
		     struct xennet_back *b, unsigned number)
{
	struct xennet_back_config c = {
		.platform = h->platform,
		.domid = h->domid,
		.peer = s->domid[number],
		.handle = site_handle(&s->site, number),
		.offer = { .queues = s->cell.queues,
			   .ring_order = s->cell.ring_order },
		.tx = s->cell.strategy->tx,
		.rx = s->cell.strategy->rx,
	};
	int err;

	if (s->cell.strategy->apart)
		c.platform = maps_apart(c.platform);
	err = xennet_back_open(b, &c);

	return err ? complain("the backend cannot open", err) : 0;
}

static int back_connected(const struct xennet_host *h, struct xennet_back *b)
{
	unsigned ms;
	int event;

	for (ms = 0; ms < PATIENCE_MS; ms++) {
		take_events(h);
		event = xennet_back_event(b);
		if (event == XENNET_VIF_CONNECTED)
			return 0;
		if (event != XENNET_VIF_IDLE)
			break;
		await_event(h);
	}
	return complain("the backend does not connect", b->refused);
}

/* Serves what the frontends ask, before there are workers to pause. */
static void back_serve(struct link_shared *s, struct xennet_back *back)
{
	unsigned ms, i;

	for (ms = 0; ms < PATIENCE_MS && !xennet_load_acquire(&s->listed);
	     ms++) {
		for (i = 0; i < guests(s); i++)
			if (xennet_back_event(&back[i]) == XENNET_VIF_PAUSE)
				xennet_back_ctrl(&back[i]);
		clock_sleep_ms(1);
	}
}

static void add_back(struct link_end *e, const struct xennet_host *h,
		     struct xennet_back *b, const struct xennet_policy *policy)
{
	unsigned i;

	for (i = 0; i < b->nqueues; i++) {
		xennet_back_set_policy(&b->queue[i], policy);
		e->queue[e->nqueues++] =
			(struct link_queue){ .back = &b->queue[i], .host = h };
	}
}

int link_back(struct link_shared *s,
	      int (*work)(struct link_shared *s, struct link_end *e))
{
	static struct xennet_back back[LINK_GUESTS_MAX];
	struct link_end e = { .site = &s->site };
	struct xennet_host h;
	unsigned i;
	int err = site_back(&s->site, &h);

	if (err)
		return complain("the backend cannot serve", err);
	if (!await(&s->domids_known))
		return BENCH_FAILED;
	for (i = 0; i < guests(s); i++)
		if (back_open(s, &h, &back[i], i))
			return BENCH_FAILED;
	for (i = 0; i < guests(s); i++) {
		if (back_connected(&h, &back[i]))
			return BENCH_FAILED;
		add_back(&e, &h, &back[i], &s->cell.policy);
	}
	back_serve(s, back);
	e.host[e.nhosts++] = &h;
	if (work(s, &e) || !await(&s->front_idle))
		return BENCH_FAILED;
	for (i = 0; i < guests(s); i++)
		xennet_back_close(&back[i]);
	xennet_store_release(&s->back_closed, 1);
	await(&s->front_left);
	xennet_host_close(&h);
	return 0;
}
