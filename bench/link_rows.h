/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* The rows of the link benchmark: which cells, and what was measured. */
#ifndef LINK_ROWS_H
#define LINK_ROWS_H

#include "link.h"

#define LINK_ROWS_MAX 256u

enum {
	LINK_COPY,
	LINK_MAP,
	LINK_PERSISTENT,
	LINK_STUDY,
	LINK_APART,
	LINK_STATIC
};

extern const struct link_strategy link_strategies[];

struct link_row {
	struct link_cell cell;
	struct bench_series mpps, gbps;
	struct bench_series calls, copied, notifications;
	struct bench_series copies, maps, unmaps, grants, ungrants;
	struct bench_series p50_us, p99_us, drops;
	struct bench_series grant_calls, event_calls;
};

struct link_rows {
	unsigned n;
	struct link_row row[LINK_ROWS_MAX];
};

/* Every combination, or those that the targets speak of and some more. */
void link_rows_all(struct link_rows *rows);
void link_rows_quick(struct link_rows *rows);

void link_row_add(struct link_row *row, const struct link_result *r);

/* NULL: this run has no such cell. */
const struct link_row *link_rows_find(const struct link_rows *rows,
				      const struct link_cell *cell);

/* The row that differs from this one in its strategy only, or NULL. */
const struct link_row *link_rows_other(const struct link_rows *rows,
				       const struct link_row *row,
				       unsigned strategy);

/* Prints, writes JSON, draws. limit: what 64 bytes on TX could come to, in
 * Mpps, or NAN. The exit status. */
int link_rows_finish(const struct link_rows *rows, const struct bench_opts *o,
		     double limit);

/* Our gain over each baseline beside that of the persistent-grant study. */
void link_study_print(const struct link_rows *rows);

#endif
