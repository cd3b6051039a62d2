/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#include "pace.h"

#include <time.h>

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000ll + t.tv_nsec / 1000000;
}

bool pace_has(struct pace *p)
{
	int64_t now = now_ms(), back = (now - p->since) / PACE_MS;

	if (back >= p->taken) {
		p->taken = 0;
		p->since = now;
	} else {
		p->taken -= (unsigned)back;
		p->since += back * PACE_MS;
	}
	return p->taken < PACE_BURST;
}

bool pace_take(struct pace *p)
{
	if (!pace_has(p))
		return false;
	p->taken++;
	return true;
}
