/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#include "pace.h"

#include <time.h>

/* A turn costs as many times what it took. */
#define SHARE 10

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000ll + t.tv_nsec / 1000000;
}

bool pace_has(const struct pace *p)
{
	return p->due - now_ms() <= (PACE_BURST - 1) * PACE_MS;
}

bool pace_begin(struct pace *p)
{
	if (!pace_has(p))
		return false;
	p->began = now_ms();
	if (p->due < p->began)
		p->due = p->began;
	return true;
}

void pace_end(struct pace *p)
{
	int64_t cost = (now_ms() - p->began) * SHARE;

	p->due += cost > PACE_MS ? cost : PACE_MS;
}
