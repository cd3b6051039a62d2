/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* All guests in one process: their offers, and the books of what was served. */
#include <math.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fairness.h"
#include "payload.h"
#include "source.h"

#define PATIENCE_MS 5000u
#define DRAIN_MS 2000u

const struct fairness_load fairness_loads[FAIRNESS_LOADS] = {
	[FAIRNESS_BULK] = { "bulk", 65535, 2 },
	[FAIRNESS_SMALL] = { "small", 64, 32 },
	[FAIRNESS_MTU] = { "mtu", 1496, 32 },
	[FAIRNESS_BURSTY] = { "bursty", 64, 128 },
	[FAIRNESS_LIGHT] = { "light", 64, 1 },
};

struct guest {
	struct xennet_host host;
	struct xennet_front front;
	struct xennet_front_queue *q;
	struct source source; /* its packets; numbers and sums are ours */
	const struct fairness_load *load;
	struct fairness_vif *vif;
	uint64_t gap_ns, due_ns;
	uint64_t sent, offered, refused, sum;
	unsigned short seed[3];
};

struct guests {
	struct fairness_shared *s;
	struct guest guest[FAIRNESS_VIFS_MAX];
	unsigned n;
	enum phase phase;
	struct xennet_burst answers;
	int err;
};

int fairness_complain(const char *what, int err)
{
	fprintf(stderr, "xennet-bench fairness: %s%s%s\n", what,
		err ? ": " : "", err ? xennet_err_text(err) : "");
	return BENCH_FAILED;
}

bool fairness_await(const uint32_t *flag)
{
	unsigned ms;

	for (ms = 0; ms < PATIENCE_MS && !xennet_load_acquire(flag); ms++)
		clock_sleep_ms(1);
	return xennet_load_acquire(flag);
}

void fairness_store_events(const struct xennet_host *h)
{
	struct pollfd fd = { .fd = xennet_host_fd(h), .events = POLLIN };
	char path[XENNET_HOST_PATH];

	poll(&fd, 1, 1);
	while (xennet_host_event(h, path, sizeof(path)) == 1)
		continue;
}

/* Each of n packets with its number and the time. */
static void stamp(struct guest *g, unsigned n, uint64_t now)
{
	unsigned i;

	for (i = 0; i < n; i++) {
		payload_lanes words = { g->sent + i, now };

		memcpy((char *)g->source.frag[i][0].addr + SOURCE_NUMBER,
		       &words, sizeof(words));
	}
}

/* Offers n packets, of which some are taken. */
static void post(struct guests *all, struct guest *g, unsigned n)
{
	uint64_t now = clock_ns();
	int took, i;

	stamp(g, n, now);
	took = xennet_front_send(g->q, g->source.pkt, n);
	if (took < 0) {
		all->err = took;
		return;
	}
	for (i = 0; i < took; i++)
		g->sum += g->source.base[i] + g->sent++ + now;
	g->offered += n;
	g->refused += n - (unsigned)took;
	if ((unsigned)took < n &&
	    xennet_front_poll(g->q, &all->answers, XENNET_BURST) < 0)
		all->err = -XENNET_EGONE;
}

/* Regular bursts, or single packets at random times with that mean. */
static uint64_t next_gap(struct guest *g)
{
	double gap = (double)g->gap_ns;

	return g->load->burst > 1 ? g->gap_ns
				  : (uint64_t)(-log1p(-erand48(g->seed)) * gap);
}

static void offer(struct guests *all, struct guest *g, uint64_t now)
{
	unsigned left = g->load->burst;

	if (g->gap_ns) {
		if (now < g->due_ns)
			return;
		g->due_ns += next_gap(g);
		if (now > g->due_ns + 10 * g->gap_ns)
			g->due_ns = now; /* we were away; that is not offered */
	}
	for (; left && !all->err;
	     left -= left < XENNET_BURST ? left : XENNET_BURST)
		post(all, g, left < XENNET_BURST ? left : XENNET_BURST);
}

static void look(struct guests *all, struct fairness_look *at)
{
	unsigned i;

	at->ns = clock_ns();
	for (i = 0; i < all->n; i++) {
		const struct guest *g = &all->guest[i];

		at->received[i] =
			__atomic_load_n(&g->vif->received, __ATOMIC_ACQUIRE);
		at->cpu_ns[i] =
			__atomic_load_n(&g->vif->cpu_ns, __ATOMIC_RELAXED);
		at->offered[i] = g->offered;
		at->refused[i] = g->refused;
	}
}

static void enter(struct guests *all, enum phase now)
{
	struct fairness_shared *s = all->s;

	if (now == PHASE_RUN) {
		look(all, &s->look[0]);
		__atomic_store_n(&s->since_ns, s->look[0].ns, __ATOMIC_RELEASE);
		__atomic_store_n(&s->until_ns, UINT64_MAX, __ATOMIC_RELEASE);
	} else if (all->phase == PHASE_RUN) {
		look(all, &s->look[1]);
		__atomic_store_n(&s->until_ns, s->look[1].ns, __ATOMIC_RELEASE);
	}
	all->phase = now;
}

static void offer_all(struct guests *all)
{
	enum phase now;
	unsigned i;

	while ((now = stage_phase(&all->s->stage)) != PHASE_STOP && !all->err) {
		if (XENNET_UNLIKELY(now != all->phase))
			enter(all, now);
		for (i = 0; i < all->n; i++)
			offer(all, &all->guest[i], clock_ns());
	}
	enter(all, PHASE_STOP);
}

/* Until every packet is answered, or nobody answers any more. */
static void collect_all(struct guests *all)
{
	unsigned open = 1, ms, i;

	for (ms = 0; open && !all->err && ms < DRAIN_MS; ms++) {
		clock_sleep_ms(1);
		for (open = 0, i = 0; i < all->n && !all->err; i++) {
			struct xennet_front_queue *q = all->guest[i].q;

			if (xennet_front_poll(q, &all->answers, 1) < 0)
				all->err = -XENNET_EGONE;
			open += q->stats.tx_acked < q->stats.tx_packets;
		}
	}
}

static int join(struct guests *all, unsigned number)
{
	struct fairness_shared *s = all->s;
	struct guest *g = &all->guest[number];
	struct xennet_front_config c = { .handle = site_handle(&s->site, 0) };
	int err = site_front(&s->site, &g->host);

	if (err)
		return fairness_complain("a guest cannot join", err);
	c.platform = g->host.platform;
	c.domid = g->host.domid;
	err = xennet_front_open(&g->front, &c);
	if (err)
		return fairness_complain("a frontend cannot open", err);
	s->domid[number] = g->host.domid;
	g->vif = &s->vif[number];
	g->load = &fairness_loads[s->cell.load[number]];
	g->gap_ns = s->cell.gap_ns[number];
	g->seed[0] = (unsigned short)number;
	all->n++;
	return source_init(&g->source, g->load->size,
			   g->load->burst < XENNET_BURST ? g->load->burst
							 : XENNET_BURST)
		       ? fairness_complain("no memory", 0)
		       : 0;
}

static int connected(struct guest *g)
{
	unsigned ms;
	int event;

	for (ms = 0; ms < PATIENCE_MS; ms++) {
		event = xennet_front_event(&g->front);
		if (event == XENNET_VIF_CONNECTED) {
			g->q = g->front.queue;
			g->due_ns = clock_ns();
			return 0;
		}
		if (event != XENNET_VIF_IDLE)
			break;
		fairness_store_events(&g->host);
	}
	return fairness_complain("a frontend does not connect",
				 g->front.refused);
}

static int begin(struct guests *all)
{
	unsigned i;

	for (i = 0; i < all->s->cell.nvifs; i++)
		if (join(all, i))
			return BENCH_FAILED;
	xennet_store_release(&all->s->domids_known, 1);
	for (i = 0; i < all->n; i++)
		if (connected(&all->guest[i]))
			return BENCH_FAILED;
	return 0;
}

int fairness_front(void *shared)
{
	static struct guests all;
	struct fairness_shared *s = shared;
	unsigned i;

	all.s = s;
	if (begin(&all))
		return BENCH_FAILED;
	stage_enter(&s->stage, 1);
	offer_all(&all);
	for (i = 0; i < all.n; i++) {
		s->vif[i].sent = all.guest[i].sent;
		s->vif[i].sent_sum = all.guest[i].sum;
	}
	xennet_store_release(&s->ended, 1);
	collect_all(&all);
	if (all.err)
		return fairness_complain("a guest's queue stopped", all.err);
	xennet_store_release(&s->front_idle, 1);
	fairness_await(&s->back_closed);
	for (i = 0; i < all.n; i++) {
		xennet_front_close(&all.guest[i].front);
		xennet_host_close(&all.guest[i].host);
		source_free(&all.guest[i].source);
	}
	xennet_store_release(&s->front_left, 1);
	return 0;
}
