/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * The backend ends of all vifs, in one process on one processor. Its worker
 * polls the queues that have something to do, one after another; a queue that
 * had nothing for a while is armed, and comes back when its event does. It is
 * not told which vifs are busy.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>
#include <xennet/platform/local.h>

#include "payload.h"
#include "scale.h"
#include "source.h"

#define SPIN_NS 500000u /* without packets, before it is armed */
#define LOOK_TURNS 64u	/* polls between looks for events */
#define DRAIN_NS 5000000000u
#define EVENTS 64
#define WARM_PACKETS 8192u
#define WARM_LANE_PACKETS 512u /* two rings: its pages are mapped by then */

struct lane {
	struct xennet_back_queue *q;
	uint64_t next;	     /* packets before this number have come */
	uint64_t idle_since; /* 0: it is not */
	bool active;
};

struct backend {
	struct scale_stage *s;
	struct xennet_host host;
	struct xennet_platform platform;
	struct xennet_back *vif;
	struct lane *lane; /* vif by vif */
	unsigned nlanes;
	unsigned *active, nactive;
	int epoll;
	uint64_t spin_ns;
	uint64_t received;
	struct payload_sum sum;
	struct xennet_burst in;
};

static unsigned vif_of(const struct backend *b, uint16_t domid)
{
	unsigned i = 0;

	/* they joined one after another, most likely */
	if (domid >= b->s->domid[0])
		i = domid - b->s->domid[0];
	if (i < b->s->shape.vifs && b->s->domid[i] == domid)
		return i;
	for (i = 0; i < b->s->shape.vifs; i++)
		if (b->s->domid[i] == domid)
			break;
	return i;
}

/* The connection of vif i has changed: 1, it has been made. */
static int follow(struct backend *b, unsigned i)
{
	int event, connected = 0;

	do {
		event = xennet_back_event(&b->vif[i]);
		connected |= event == XENNET_VIF_CONNECTED;
		if (event == XENNET_VIF_STOP)
			xennet_back_disconnect(&b->vif[i]);
	} while (event > XENNET_VIF_IDLE && event != XENNET_VIF_GONE);
	return event < 0 ? event : connected;
}

static int open_all(struct backend *b)
{
	const struct scale_shape *shape = &b->s->shape;
	struct xennet_back_config c = {
		.platform = b->platform,
		.offer = { .flags = XENNET_F_ALL, .queues = shape->queues },
		.tx = shape->strategy,
		.rx = shape->strategy,
	};
	unsigned i;
	int err;

	if (shape->channels == 1)
		c.offer.flags &=
			~(uint32_t)(XENNET_F_SPLIT_EVTCHN | XENNET_F_CTRL_RING);
	for (i = 0; i < shape->vifs; i++) {
		c.peer = b->s->domid[i];
		err = xennet_back_open(&b->vif[i], &c);
		if (err)
			return scale_complain("a backend cannot open", err);
	}
	return 0;
}

static int add_port(struct backend *b, uint32_t port, unsigned lane)
{
	struct epoll_event ev = { .events = EPOLLIN, .data.u32 = lane };
	int fd = xennet_host_evtchn_fd(&b->host, port);

	return epoll_ctl(b->epoll, EPOLL_CTL_ADD, fd, &ev);
}

static int add_lanes(struct backend *b)
{
	unsigned i, k;

	for (i = 0; i < b->s->shape.vifs; i++) {
		for (k = 0; k < b->vif[i].nqueues; k++) {
			struct lane *l = &b->lane[b->nlanes];

			l->q = &b->vif[i].queue[k];
			if (add_port(b, l->q->tx.port, b->nlanes) ||
			    (l->q->rx.port != l->q->tx.port &&
			     add_port(b, l->q->rx.port, b->nlanes)))
				return scale_complain("epoll", -XENNET_EIO);
			b->nlanes++;
		}
	}
	return 0;
}

static void activate(struct backend *b, unsigned i)
{
	struct lane *l = &b->lane[i];

	xennet_back_wake(l->q);
	l->idle_since = 0;
	if (!l->active)
		b->active[b->nactive++] = i;
	l->active = true;
}

/* Takes the events that have come. */
static void look(struct backend *b, int timeout_ms)
{
	struct epoll_event ev[EVENTS];
	unsigned strangers = 0;
	int n, i;

	do {
		n = epoll_wait(b->epoll, ev, EVENTS, timeout_ms);
		for (i = 0; i < n; i++) {
			strangers += ev[i].data.u32 > 0;
			activate(b, ev[i].data.u32);
		}
		timeout_ms = 0;
	} while (n == EVENTS);
	if (b->s->op == SCALE_RUN_ONE && scale_phase(b->s) == SCALE_MEASURE)
		b->s->result.strangers += strangers;
}

/* Puts a queue to sleep, as far as it has nothing to do. */
static bool rest(struct backend *b, unsigned at)
{
	struct lane *l = &b->lane[b->active[at]];

	if (xennet_back_arm(l->q))
		return false;
	l->active = false;
	b->active[at] = b->active[--b->nactive];
	return true;
}

/* Reads every byte once. The numbers of a queue's packets rise. */
static void use(struct backend *b, struct lane *l, const struct xennet_pkt *pkt)
{
	uint64_t number;

	memcpy(&number, (char *)pkt->frag[0].addr + SOURCE_NUMBER, 8);
	b->sum.at = 0;
	payload_add(&b->sum, pkt->frag[0].addr, pkt->frag[0].len);
	b->s->disorder += number < l->next || pkt->len != SCALE_SIZE;
	l->next = number + 1;
}

static int take(struct backend *b, struct lane *l)
{
	int n = xennet_back_poll(l->q, &b->in, SCALE_BURST), i;

	for (i = 0; i < n; i++)
		use(b, l, &b->in.pkt[i]);
	if (n > 0) {
		xennet_back_done(l->q, b->in.pkt, (unsigned)n);
		b->received += (unsigned)n;
	}
	return n;
}

/* Each that may have something once. */
static int turn(struct backend *b)
{
	uint64_t now = 0;
	unsigned i;
	int n;

	for (i = 0; i < b->nactive; i++) {
		struct lane *l = &b->lane[b->active[i]];

		n = take(b, l);
		if (n < 0)
			return n;
		if (n > 0) {
			l->idle_since = 0;
			continue;
		}
		now = now ? now : clock_ns();
		l->idle_since = l->idle_since ? l->idle_since : now;
		if (now - l->idle_since >= b->spin_ns && rest(b, i))
			i--;
	}
	return 0;
}

static uint64_t sent(const struct scale_stage *s, uint32_t order)
{
	uint64_t n = 0;
	unsigned i;

	for (i = 0; i < s->shape.fronts; i++) {
		if (xennet_load_acquire(&s->done[1 + i]) != order)
			return UINT64_MAX;
		n += s->sent[i];
	}
	return n;
}

static void meter(struct backend *b, struct meter *m, enum scale_phase now)
{
	uint64_t ns = clock_ns();

	if (now == SCALE_MEASURE) {
		m->count = b->received;
		m->ns = ns;
	} else if (m->phase == (enum phase)SCALE_MEASURE) {
		m->count = b->received - m->count;
		m->ns = ns - m->ns;
	}
	m->phase = (enum phase)now;
	xennet_store_release(&b->s->reached, now);
}

/* All that is busy has been for a while. */
static bool is_warm(const struct backend *b, uint64_t since)
{
	uint64_t n = WARM_PACKETS;

	if (b->s->op == SCALE_RUN_ALL)
		n += (uint64_t)b->nlanes * WARM_LANE_PACKETS;
	return b->received - since >= n;
}

/* Until all that was sent has come and every queue sleeps. */
static bool over(struct backend *b, uint32_t order, uint64_t *halted)
{
	*halted = *halted ? *halted : clock_ns();
	if (b->received != sent(b->s, order) && clock_ns() - *halted < DRAIN_NS)
		return false;
	while (b->nactive && rest(b, b->nactive - 1))
		;
	return b->nactive == 0;
}

static int run(struct backend *b, uint32_t order)
{
	struct meter m = { .phase = (enum phase)SCALE_WARM };
	uint64_t halted = 0, since = b->received;
	unsigned turns = 0;
	bool warm = false;
	int err;

	for (;;) {
		enum scale_phase now = scale_phase(b->s);

		if (XENNET_UNLIKELY(now != (enum scale_phase)m.phase))
			meter(b, &m, now);
		err = turn(b);
		if (err)
			return scale_complain("a queue stopped", err);
		if (!warm && is_warm(b, since)) {
			warm = true;
			xennet_store_release(&b->s->warm, order);
		}
		turns += b->nactive;
		if (!b->nactive)
			look(b, 1);
		else if (turns >= LOOK_TURNS)
			look(b, turns = 0);
		if (now == SCALE_HALT && over(b, order, &halted))
			break;
	}
	b->s->meter = m;
	b->s->received = b->received;
	b->s->received_sum = payload_total(&b->sum);
	return 0;
}

/* Until every vif is connected. */
static int connect_all(struct backend *b)
{
	struct epoll_event ev = { .events = EPOLLIN };
	char path[XENNET_HOST_PATH];
	unsigned connected = 0, domid;
	int epoll = epoll_create1(0), n;

	epoll_ctl(epoll, EPOLL_CTL_ADD, xennet_host_fd(&b->host), &ev);
	if (open_all(b))
		return BENCH_FAILED;
	while (connected < b->s->shape.vifs) {
		epoll_wait(epoll, &ev, 1, 100);
		while (xennet_host_event(&b->host, path, sizeof(path)) == 1) {
			if (sscanf(path, "/local/domain/%u/", &domid) != 1)
				continue;
			n = vif_of(b, (uint16_t)domid) < b->s->shape.vifs
				    ? follow(b, vif_of(b, (uint16_t)domid))
				    : 0;
			if (n < 0)
				return scale_complain("a vif does not connect",
						      n);
			connected += (unsigned)n;
		}
	}
	close(epoll);
	return add_lanes(b);
}

static void disconnect_all(struct backend *b)
{
	unsigned i;

	for (i = 0; i < b->s->shape.vifs; i++)
		xennet_back_close(&b->vif[i]);
}

static void await_fronts(const struct scale_stage *s, uint32_t order)
{
	unsigned i;

	for (i = 0; i < s->shape.fronts; i++)
		while (xennet_load_acquire(&s->done[1 + i]) != order)
			clock_sleep_ms(1);
}

static int begin(struct backend *b)
{
	unsigned n = b->s->shape.vifs, lanes = n * b->s->shape.queues;
	int err = site_back(&b->s->site, &b->host);

	if (err)
		return scale_complain("the backend cannot serve", err);
	b->platform = scale_counting(&b->host.platform);
	b->vif = calloc(n, sizeof(*b->vif));
	b->lane = calloc(lanes, sizeof(*b->lane));
	b->active = calloc(lanes, sizeof(*b->active));
	b->epoll = epoll_create1(0);
	b->spin_ns = cores_count() == 2 ? SPIN_NS : 0;
	if (!b->vif || !b->lane || !b->active)
		return scale_complain("the backend", -XENNET_ENOMEM);
	scale_memory_look(&b->s->result.empty);
	return 0;
}

static int obey(struct backend *b, enum scale_op op, uint32_t order)
{
	switch (op) {
	case SCALE_SERVE:
		return begin(b);
	case SCALE_JOIN:
		await_fronts(b->s, order);
		scale_memory_look(&b->s->result.joined);
		return 0;
	case SCALE_CONNECT:
		return connect_all(b);
	case SCALE_RUN_ALL:
	case SCALE_RUN_ONE:
		return run(b, order);
	case SCALE_DISCONNECT:
		disconnect_all(b);
		return 0;
	default:
		await_fronts(b->s, order);
		xennet_host_close(&b->host);
		return 0;
	}
}

/* What the parent asks for of memory is looked at between orders. */
static void look_at_memory(struct backend *b, enum scale_op op)
{
	if (op == SCALE_CONNECT) {
		scale_memory_look(&b->s->result.connected);
		b->s->result.asked = scale_asked();
	} else if (op == SCALE_RUN_ALL) {
		scale_memory_look(&b->s->result.busy);
	}
}

int scale_back(struct scale_stage *s)
{
	static struct backend b;
	uint32_t seen = 0;
	enum scale_op op;

	b.s = s;
	do {
		op = scale_order(s, &seen);
		if (obey(&b, op, seen))
			return BENCH_FAILED;
		scale_done(s, 0, seen);
		look_at_memory(&b, op);
	} while (op != SCALE_LEAVE);
	return 0;
}
