/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * 64-byte packets in bursts of 32: the library against the same work done with
 * Xen's own macros and a page per packet, and against the bare stream.
 */
#ifndef COMPARE_H
#define COMPARE_H

#include "plot.h"

#define COMPARE_SIZE 64u
#define COMPARE_BURST 32u

/* Bytes of the stream that a packet counts: itself, request, response. */
#define COMPARE_BYTES 84u

/* Xen's macros alone, or with what a driver cannot do without. */
enum { COMPARE_BARE, COMPARE_DRIVER, COMPARE_LIMIT, COMPARE_ROWS };

struct compare {
	struct bench_series mega[COMPARE_ROWS]; /* Mpps */
};

/* Measures one of the rows once more. 0, or BENCH_FAILED. */
int compare_measure(struct compare *c, unsigned row, unsigned ms);

/* ours: the library's Mpps, from the same repetitions. */
void compare_print(const struct compare *c, const struct bench_series *ours);

/* The same as a panel, of the table that is returned. */
struct bench_table *compare_panel(const struct compare *c,
				  const struct bench_series *ours,
				  struct plot_panel *panel);

#endif
