/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Two processes on two processors, and what they share.
 *
 * The parent leads them through the phases by writing one word, which a worker
 * reads between bursts for next to nothing; it sleeps in between, so that it
 * takes no time from either.
 */
#ifndef CORES_H
#define CORES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <xennet/env.h>

#include "clock.h"

enum phase {
	PHASE_SETUP,
	PHASE_WARM,
	PHASE_RUN,     /* rates are taken here */
	PHASE_LATENCY, /* one burst in flight; only if latency_ms is set */
	PHASE_STOP
};

/* First in the memory that the two share. */
struct stage {
	uint32_t phase XENNET_ALIGNED(128);
	uint32_t ready[2] XENNET_ALIGNED(128);
};

/* Zeroed memory that children inherit as shared. Ends the program if none. */
void *cores_shared(size_t size);
void cores_unshared(void *p, size_t size);

/* How many of the processors that this process may use: 1 or 2 count. */
unsigned cores_count(void);

/* Runs the caller on the which-th of them (0 or 1) from now on. */
void cores_pin(unsigned which);

struct duet {
	struct stage *stage;
	int (*end[2])(void *arg); /* the result is the exit status */
	void *arg;
	unsigned warm_ms, run_ms, latency_ms;
};

/* 0, or non-zero when an end failed, died or did not come to an end. */
int duet_run(const struct duet *d);

/* Two processes in the same places that end by themselves. As duet_run. */
int cores_both(int (*first)(void *arg), int (*second)(void *arg), void *arg);

/* The part of their time, 0 to 1, that the ends of all duets so far lost to
 * other processes while rates were taken. */
double cores_lost(void);

static inline enum phase stage_phase(const struct stage *s)
{
	return (enum phase)xennet_load_acquire(&s->phase);
}

/* Called by an end when it is set up; waits for the curtain. */
static inline void stage_enter(struct stage *s, unsigned which)
{
	xennet_store_release(&s->ready[which], 1);
	while (stage_phase(s) == PHASE_SETUP)
		clock_sleep_ms(1);
}

/* Notes how often something happened while PHASE_RUN lasted. */
struct meter {
	enum phase phase;
	uint64_t count, ns;
};

/* total: how often since the beginning. Returns the phase. */
static inline enum phase meter_look(struct meter *m, const struct stage *s,
				    uint64_t total)
{
	enum phase now = stage_phase(s);

	if (XENNET_UNLIKELY(now != m->phase)) {
		uint64_t ns = clock_ns();

		if (now == PHASE_RUN) {
			m->count = total;
			m->ns = ns;
		} else if (m->phase == PHASE_RUN) {
			m->count = total - m->count;
			m->ns = ns - m->ns;
		}
		m->phase = now;
	}
	return now;
}

/* Millions per second. */
static inline double meter_mega(const struct meter *m)
{
	return m->ns ? 1e3 * (double)m->count / (double)m->ns : 0;
}

#endif
