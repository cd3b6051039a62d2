/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * What the library itself does for a packet: both ends of a queue on one
 * processor, in turn, so that nothing has to come from another.
 */
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "inner.h"
#include "model.h"
#include "payload.h"
#include "source.h"

#define SIZE 64u
#define BURST 32u
#define ROUNDS 6000u

struct bench_ends {
	struct inner vif;
	struct source source;
	struct xennet_burst in;
	struct payload_sum sum;
	uint64_t moved;
};

static unsigned use(struct bench_ends *e, int n)
{
	int i;

	for (i = 0; i < n; i++) {
		e->sum.at = 0;
		payload_add(&e->sum, e->in.pkt[i].frag[0].addr,
			    e->in.pkt[i].frag[0].len);
	}
	return n > 0 ? (unsigned)n : 0;
}

/* A burst to the backend: when it was sent, received, and answered. */
static void move_tx(struct bench_ends *e, uint64_t *at)
{
	struct xennet_front_queue *front = &e->vif.front.queue[0];
	struct xennet_back_queue *back = &e->vif.back.queue[0];
	unsigned n;

	source_stamp(&e->source, 0);
	at[0] = clock_ns();
	xennet_front_send(front, e->source.pkt, BURST);
	at[1] = clock_ns();
	n = use(e, xennet_back_poll(back, &e->in, BURST));
	xennet_back_done(back, e->in.pkt, n);
	at[2] = clock_ns();
	xennet_front_poll(front, &e->in, BURST);
	at[3] = clock_ns();
	e->moved += n;
}

static void move_rx(struct bench_ends *e, uint64_t *at)
{
	struct xennet_front_queue *front = &e->vif.front.queue[0];
	struct xennet_back_queue *back = &e->vif.back.queue[0];
	unsigned n;

	source_stamp(&e->source, 0);
	at[0] = clock_ns();
	xennet_back_send(back, e->source.pkt, BURST);
	at[1] = clock_ns();
	n = use(e, xennet_front_poll(front, &e->in, BURST));
	xennet_front_done(front, e->in.pkt, n);
	at[2] = at[3] = clock_ns();
	e->moved += n;
}

/* ns for a packet at its sender and at its receiver. */
static void price(struct bench_ends *e,
		  void (*move)(struct bench_ends *e, uint64_t *at),
		  double *from, double *to)
{
	double here = 0, there = 0;
	uint64_t at[4], clock;
	unsigned i;

	clock = clock_ns();
	for (i = 0; i < 64; i++)
		clock_ns();
	clock = (clock_ns() - clock) / 65;
	for (i = 0; i < ROUNDS; i++) {
		move(e, at);
		if (i < ROUNDS / 4)
			continue;
		here += (double)(at[1] - at[0]) + (double)(at[3] - at[2]);
		there += (double)(at[2] - at[1]) - (double)clock;
		here -= (double)clock * (at[3] > at[2] ? 2 : 1);
	}
	*from = here / (ROUNDS - ROUNDS / 4) / BURST;
	*to = there / (ROUNDS - ROUNDS / 4) / BURST;
}

static int measure(struct model_prices *p, const struct bench_opts *o)
{
	static struct bench_ends e;

	cores_pin(0);
	if (source_init(&e.source, SIZE, BURST) || inner_begin(&e.vif, o, 1))
		return BENCH_FAILED;
	price(&e, move_tx, &p->ns[MODEL_TX_FRONT], &p->ns[MODEL_TX_BACK]);
	price(&e, move_rx, &p->ns[MODEL_RX_BACK], &p->ns[MODEL_RX_FRONT]);
	inner_end(&e.vif);
	if (e.moved == 2ull * ROUNDS * BURST)
		return 0;
	fprintf(stderr, "xennet-bench model: packets got lost between two ends "
			"of one process\n");
	return BENCH_FAILED;
}

int model_price_ends(struct model_prices *p, const struct bench_opts *o)
{
	struct model_prices *shared = cores_shared(sizeof(*shared));
	pid_t pid = fork();
	int status = 1;

	*shared = *p;
	if (pid == 0) {
		_exit(measure(shared, o));
	}
	if (pid > 0)
		waitpid(pid, &status, 0);
	if (!status) {
		p->ns[MODEL_TX_FRONT] = shared->ns[MODEL_TX_FRONT];
		p->ns[MODEL_TX_BACK] = shared->ns[MODEL_TX_BACK];
		p->ns[MODEL_RX_FRONT] = shared->ns[MODEL_RX_FRONT];
		p->ns[MODEL_RX_BACK] = shared->ns[MODEL_RX_BACK];
	}
	cores_unshared(shared, sizeof(*shared));
	return status ? BENCH_FAILED : 0;
}
