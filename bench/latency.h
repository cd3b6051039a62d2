/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * How long one packet takes: to and fro between two processors, both ends
 * polling or both asleep; and one way, under a load that is offered at a rate,
 * by the policy of notification.
 */
#ifndef LATENCY_H
#define LATENCY_H

#include "fairness_latency.h"
#include "link.h"

#define LATENCY_SIZE 64u
#define LATENCY_SAMPLES 65536u

enum latency_part { LATENCY_BUSY, LATENCY_WOKEN, LATENCY_LOAD };

struct latency_case {
	enum latency_part part;
	const char *name;
	int (*bare[2])(void *shared); /* without the library, or NULL */
	enum xennet_layout layout;
	bool one_ring; /* the answer is the way back */
	enum xennet_notify_mode mode;
	double kpps; /* offered; INFINITY: all that goes */
};

struct latency_result {
	double p50_us, p99_us;
	/* load: per packet, of both ends; CPU time of the receiver */
	double kpps, asked, sent, spared, woken, idle, cpu_ns;
};

/* What was counted at the receiver, or at both, while rates were taken. */
struct latency_counts {
	struct xennet_stats stats;
	uint64_t packets, cpu_ns, ns;
};

/* A line and its neighbour. */
struct latency_line {
	uint32_t word;
	uint32_t pad[31];
};

struct latency_shared {
	struct link_shared link;
	struct latency_case what;

	/* bare: index, slot and payload of each way */
	struct latency_line line[2][3] XENNET_ALIGNED(128);
	int wire[2];

	/* the first end's: there will be no more */
	uint32_t over XENNET_ALIGNED(128);

	uint32_t nsamples XENNET_ALIGNED(128);
	float sample_us[LATENCY_SAMPLES];
	struct latency latency; /* load */
	struct latency_counts counts[2];
};

/* A round trip that began then has ended. Returns the time. */
static inline uint64_t latency_note(struct latency_shared *s, uint64_t since)
{
	uint64_t now = clock_ns();

	if (stage_phase(&s->link.stage) == PHASE_RUN)
		s->sample_us[s->nsamples++ % LATENCY_SAMPLES] =
			(float)(now - since) / 1e3f;
	return now;
}

/* The ends of the bare ones: of two lines, of three each way, of eventfds. */
extern int (*const latency_two_lines[2])(void *shared);
extern int (*const latency_three_lines[2])(void *shared);
extern int (*const latency_eventfds[2])(void *shared);

/* The ends through the library. */
int latency_front(void *shared);
int latency_back(void *shared);

/* 0, or BENCH_FAILED: what is wrong has been said. */
int latency_run(const struct latency_case *c, const struct site *site,
		unsigned ms, struct latency_result *r);

/* A case and what was measured of it. */
struct latency_row {
	struct latency_case what;
	struct bench_series p50, p99, kpps, asked, sent, spared, woken, idle,
		cpu;
};

/* Prints, writes JSON, draws, judges. The exit status. */
int latency_report(const struct latency_row *row, unsigned n,
		   const struct bench_opts *o);

#endif
