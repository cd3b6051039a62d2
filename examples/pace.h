/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * What a guest may have of a thread that serves all: PACE_BURST turns at once,
 * and then one in PACE_MS, or one in PACE_SHARE times as long as the last took.
 * All zeroes to begin with; now is in milliseconds, of a clock that only goes
 * on. netback's and the kernel module's.
 */
#ifndef PACE_H
#define PACE_H

#include <xennet/env.h>

#define PACE_BURST 16
#define PACE_MS 100
#define PACE_SHARE 10

struct pace {
	int64_t due;   /* then all turns are paid for */
	int64_t began; /* the last one */
};

/* Whether begin would say true. */
static inline bool pace_has(const struct pace *p, int64_t now)
{
	return p->due - now <= (PACE_BURST - 1) * PACE_MS;
}

/* A turn begins, unless it is false: not now. */
static inline bool pace_begin(struct pace *p, int64_t now)
{
	if (!pace_has(p, now))
		return false;
	p->began = now;
	if (p->due < now)
		p->due = now;
	return true;
}

static inline void pace_end(struct pace *p, int64_t now)
{
	int64_t cost = (now - p->began) * PACE_SHARE;

	p->due += cost > PACE_MS ? cost : PACE_MS;
}

#endif
