/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * --plot FILE.svg: the rows of a table, drawn by gnuplot.
 *
 * A subcommand says once, by the names of its columns, what is to be seen:
 *
 *	static const struct plot plot = {
 *		.title = "Getting at a guest's bytes, in ns per packet",
 *		.panel = { {
 *			.title = "batches of {}",  a panel for each batch
 *			.by = { "batch" },
 *			.x = "size",
 *			.x_label = "packet (bytes)",
 *			.y_label = "ns per packet",
 *			.log = true,
 *			.line = { { "copy_ns", "copy_spread", "copy" },
 *				  { "map_ns", "map_spread", "map" } },
 *		} },
 *	};
 *
 *	err = bench_table_finish(t, o);
 *	err |= plot_finish(&plot, t, o);	nothing, without --plot
 *
 * Where rows and not columns are the series, one line and the column that
 * names them:
 *
 *			.series = "strategy",
 *			.line = { { "mpps", "spread" } },
 *
 * The x axis has the values of a column as categories, in the order in which
 * they come. A row that a panel does not want is left out by `where`; two rows
 * for one point are a mistake, which is said. A limit that is known only when
 * all is measured goes into a copy of the struct. Colours and the legend are
 * those of the series' names, over all panels.
 */
#ifndef PLOT_H
#define PLOT_H

#include "bench.h"

#define PLOT_PANELS 6u
#define PLOT_BY 2u
#define PLOT_WHERE 3u
#define PLOT_LINES 8u
#define PLOT_MARKS 3u

enum plot_form { PLOT_AS_LINES, PLOT_AS_BARS };

/* Columns: of values, of their spread in percent (or NULL); and the name of
 * the line, which without one is that of its series. */
struct plot_line {
	const char *value, *spread, *name;
};

/* A target or a limit: a broken line across every panel, or only in the one
 * with this title, or only over this category. Not drawn where y is NAN. */
struct plot_mark {
	const char *name;
	double y;
	const char *in, *at;
};

/* Only rows in which the column has this value, as it is printed. */
struct plot_where {
	const char *column, *value;
};

struct plot_panel {
	const struct bench_table *table; /* NULL: the one to be finished */
	const char *title;		 /* {}: the value of the next `by` */
	const char *by[PLOT_BY];	 /* a panel for all of their values */
	struct plot_where where[PLOT_WHERE];
	enum plot_form form;
	const char *x, *x_label, *y_label;
	const char *series; /* a column, or NULL */
	struct plot_line line[PLOT_LINES];
	struct plot_mark mark[PLOT_MARKS];
	bool log;	 /* the y axis */
	double from, to; /* of it; both 0: as the values are */
	int decimals;	 /* above bars; 0: as the values are */
};

struct plot {
	const char *title;
	unsigned columns; /* of panels; 0: up to 3 */
	struct plot_panel panel[PLOT_PANELS];
};

/* Draws to o->plot, if that is wanted. The exit status: what went wrong has
 * been said. */
int plot_finish(const struct plot *p, const struct bench_table *t,
		const struct bench_opts *o);

#endif
