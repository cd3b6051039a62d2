/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* What fairness measures, and what came of it. */
#ifndef FAIRNESS_ROWS_H
#define FAIRNESS_ROWS_H

#include "bench.h"

/*
 * overload: every vif offers more than the processor could serve of it alone.
 * light: as that, but the first vif sends single small packets now and then.
 * pauses: as overload, but the bursts come at twice their fair share on
 * average, with nothing between them (only in the full run).
 */
enum fairness_part {
	FAIRNESS_OVERLOAD,
	FAIRNESS_ONE_LIGHT,
	FAIRNESS_PAUSES,
	FAIRNESS_PARTS
};

/* Who serves: the first is judged, against the others. */
enum { FAIRNESS_ONE_TO_ONE, FAIRNESS_POOL_1, FAIRNESS_POOL_2, FAIRNESS_MODELS };

struct fairness_model {
	const char *name;
	unsigned workers; /* of the pool; 0: one per queue */
};

extern const struct fairness_model fairness_models[FAIRNESS_MODELS];

struct fairness_row {
	enum fairness_part part;
	unsigned nvifs;
	const struct fairness_model *model;
	struct bench_series jain, least, most; /* of what each vif got */
	struct bench_series work, mpps, gbps, busy;
	struct bench_series light_p50, light_p99, all_p99; /* us */
};

/* Prints, writes JSON, judges, draws n rows: all models of the first part and
 * number of vifs, and so on. The exit status. */
int fairness_report(const struct fairness_row *row, unsigned n,
		    const struct bench_opts *o);

#endif
