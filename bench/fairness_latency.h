/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* How long things took: how many in each 32nd of an octave of nanoseconds. */
#ifndef FAIRNESS_LATENCY_H
#define FAIRNESS_LATENCY_H

#include <math.h>
#include <stdint.h>

#define LATENCY_PARTS 32u
#define LATENCY_BINS (40u * LATENCY_PARTS)

struct latency {
	uint32_t n[LATENCY_BINS];
};

static inline void latency_add(struct latency *l, uint64_t ns)
{
	unsigned octave, bin;

	if (ns < LATENCY_PARTS)
		ns = LATENCY_PARTS;
	octave = 63u - (unsigned)__builtin_clzll(ns);
	bin = (octave - 5u) * LATENCY_PARTS +
	      (unsigned)(ns >> (octave - 5u)) % LATENCY_PARTS;
	l->n[bin < LATENCY_BINS ? bin : LATENCY_BINS - 1]++;
}

static inline void latency_merge(struct latency *to, const struct latency *from)
{
	unsigned i;

	for (i = 0; i < LATENCY_BINS; i++)
		to->n[i] += from->n[i];
}

/* Microseconds, in the middle of the bin; NAN: there are none. */
static inline double latency_us(const struct latency *l, double part)
{
	uint64_t all = 0, below = 0;
	unsigned i;

	for (i = 0; i < LATENCY_BINS; i++)
		all += l->n[i];
	if (all == 0)
		return (double)NAN;
	for (i = 0; i < LATENCY_BINS - 1; i++) {
		below += l->n[i];
		if ((double)below >= part * (double)all)
			break;
	}
	return ldexp((i % LATENCY_PARTS + LATENCY_PARTS + 0.5) / 1e3,
		     (int)(i / LATENCY_PARTS));
}

#endif
