/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* What a guest may have us do some times at once, and then so often. All zeroes
 * to begin with. */
#ifndef PACE_H
#define PACE_H

#include <stdbool.h>
#include <stdint.h>

#define PACE_BURST 16u
#define PACE_MS 100

struct pace {
	int64_t since; /* ms, of some clock */
	unsigned taken;
};

/* False: not now. */
bool pace_take(struct pace *p);

/* Whether take would say true. */
bool pace_has(struct pace *p);

#endif
