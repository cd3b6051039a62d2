/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* What a cache line costs on its way to the other processor. */
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "model.h"
#include "pair.h"
#include "payload.h"

#define STREAM_MS 12u
#define LINES_MAX 16384u
#define ROUNDS 20000u
#define TRIES 20u

/*
 * As the limit of `ring`, but in pieces: the larger ones are copied by other
 * instructions, and what they cross is more than the first caches hold.
 */
static const struct pieces {
	unsigned lines, piece, batch; /* there, of a piece; pieces published */
	unsigned sources;	      /* where they come from, as in `link` */
} pieces[] = {
	{ 256, 1, 32, 32 },	 /* packets of 64 bytes */
	{ 4094, 23, 32, 32 },	 /* of 1472 */
	{ LINES_MAX, 64, 4, 64 } /* pages */
};

#define SOURCES 64u

struct stream {
	uint32_t prod XENNET_ALIGNED(128);
	uint32_t cons XENNET_ALIGNED(128);
	unsigned char rest[4096 - 256];
	unsigned char line[LINES_MAX][64];
};

_Static_assert(sizeof(struct stream) <= PAIR_PAGES * 4096u, "there is room");

static struct stream *stream(struct pair *p)
{
	return (struct stream *)(void *)p->page;
}

static int front(void *arg)
{
	struct pair *p = arg;
	struct stream *s = stream(p);
	const struct pieces *k = &pieces[p->how];
	struct payload_sum one = { .at = 0 };
	static unsigned char source[SOURCES][64 * 64];
	uint32_t prod = 0, step = k->piece * k->batch, next = 0, i;

	for (i = 0; i < k->sources; i++)
		payload_fill(source[i], sizeof(source[i]), 1);
	payload_words(&one, source[0], 64 * k->piece);
	stage_enter(&p->stage, 0);
	while (stage_phase(&p->stage) != PHASE_STOP) {
		while (k->lines - (prod - xennet_load_acquire(&s->cons)) < step)
			xennet_relax();
		for (i = 0; i < k->batch; i++, prod += k->piece)
			memcpy(s->line[prod % k->lines],
			       source[next++ % k->sources], 64 * k->piece);
		xennet_store_release(&s->prod, prod);
		p->sent += step;
		p->sent_sum += k->batch * payload_total(&one);
	}
	xennet_store_release(&p->done, 1);
	return 0;
}

static int back(void *arg)
{
	struct pair *p = arg;
	struct stream *s = stream(p);
	const struct pieces *k = &pieces[p->how];
	struct meter meter = { .phase = PHASE_SETUP };
	struct payload_sum sum = { .at = 0 };
	uint64_t received = 0;
	uint32_t cons = 0, step = k->piece * k->batch, i;

	stage_enter(&p->stage, 1);
	for (;;) {
		bool last = xennet_load_acquire(&p->done);

		meter_look(&meter, &p->stage, received);
		if (xennet_load_acquire(&s->prod) - cons < step) {
			if (last)
				break;
			xennet_relax();
			continue;
		}
		for (i = 0; i < k->batch; i++, cons += k->piece)
			payload_words(&sum, s->line[cons % k->lines],
				      64 * k->piece);
		received += step;
		xennet_store_release(&s->cons, cons);
	}
	p->meter = meter;
	p->received = received;
	p->received_sum = payload_total(&sum);
	return 0;
}

/* One word there and back, by two processes on these processors; ns one way.
 * Negative: they could not be had. */
static double ping(int here, int there)
{
	struct words {
		uint32_t ping XENNET_ALIGNED(128);
		uint32_t pong XENNET_ALIGNED(128);
	} *w = cores_shared(sizeof(*w));
	cpu_set_t set, old;
	uint64_t since;
	uint32_t i;
	double ns;
	pid_t pid;

	sched_getaffinity(0, sizeof(old), &old);
	pid = fork();
	CPU_ZERO(&set);
	CPU_SET(pid ? here : there, &set);
	if (pid < 0 || sched_setaffinity(0, sizeof(set), &set)) {
		if (pid == 0)
			_exit(0);
		cores_unshared(w, sizeof(*w));
		return -1;
	}
	for (i = 1; pid == 0; i++) {
		while (xennet_load_acquire(&w->ping) < i)
			xennet_relax();
		xennet_store_release(&w->pong, i);
		if (i == 2 * ROUNDS)
			_exit(0);
	}
	since = clock_ns();
	for (i = 1; i <= 2 * ROUNDS; i++) {
		if (i == ROUNDS)
			since = clock_ns();
		xennet_store_release(&w->ping, i);
		while (xennet_load_acquire(&w->pong) < i)
			xennet_relax();
	}
	ns = (double)(clock_ns() - since) / (2 * ROUNDS);
	waitpid(pid, NULL, 0);
	sched_setaffinity(0, sizeof(old), &old);
	cores_unshared(w, sizeof(*w));
	return ns;
}

static int socket_of(int cpu)
{
	char path[96];
	int id = -1;
	FILE *f;

	snprintf(path, sizeof(path),
		 "/sys/devices/system/cpu/cpu%d/topology/physical_package_id",
		 cpu);
	f = fopen(path, "r");
	if (f && fscanf(f, "%d", &id) != 1)
		id = -1;
	if (f)
		fclose(f);
	return id;
}

/* The next processor after cpu that we may use, in its socket or in another;
 * -1: none. */
static int next_cpu(int cpu, bool same)
{
	cpu_set_t may;
	int i;

	sched_getaffinity(0, sizeof(may), &may);
	for (i = cpu + 1; i < CPU_SETSIZE; i++)
		if (CPU_ISSET(i, &may) &&
		    (cpu < 0 || (socket_of(i) == socket_of(cpu)) == same))
			return i;
	return -1;
}

double model_far_measured(void)
{
	int first = next_cpu(-1, true);
	int near = next_cpu(first, true), far = next_cpu(first, false);
	double within, between;

	if (near < 0 || far < 0)
		return 0;
	within = ping(first, near);
	between = ping(first, far);
	return within > 0 && between > 0 ? between / within : 0;
}

/* Again, where others took all of the time. */
static double stream_rate(unsigned kind)
{
	const struct pair_case stream = {
		.name = "model", .front = front, .back = back, .how = kind
	};
	double mega = 0;
	unsigned i;

	for (i = 0; i < TRIES && mega == 0; i++)
		mega = pair_run(&stream, 1, 0, STREAM_MS);
	if (mega == 0)
		fprintf(stderr, "xennet-bench model: no processor is left for "
				"a stream of lines\n");
	return mega;
}

int model_price_lines(struct model_prices *p)
{
	int first = next_cpu(-1, true), second = next_cpu(first, true);
	unsigned i;
	double mega;

	second = second < 0 ? next_cpu(first, false) : second;
	for (i = 0; i < BENCH_COUNT(pieces); i++) {
		mega = stream_rate(i);
		if (mega <= 0)
			return BENCH_FAILED;
		p->ns[MODEL_LINE_SMALL + i] = 1e3 / mega;
	}
	p->ns[MODEL_LINE_PING] = second < 0 ? (double)NAN : ping(first, second);
	return 0;
}
