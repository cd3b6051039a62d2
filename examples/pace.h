/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* What a guest may have of a thread that serves all: PACE_BURST turns at once,
 * and then one in PACE_MS, or one in ten times as long as the last took. All
 * zeroes to begin with. */
#ifndef PACE_H
#define PACE_H

#include <stdbool.h>
#include <stdint.h>

#define PACE_BURST 16
#define PACE_MS 100

struct pace {
	int64_t due;   /* ms, of some clock: then all turns are paid for */
	int64_t began; /* the last one */
};

/* A turn begins, unless it is false: not now. */
bool pace_begin(struct pace *p);
void pace_end(struct pace *p);

/* Whether begin would say true. */
bool pace_has(const struct pace *p);

#endif
