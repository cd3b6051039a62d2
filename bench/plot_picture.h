/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* A picture: what a plot and its tables come to, and nothing of gnuplot. */
#ifndef PLOT_PICTURE_H
#define PLOT_PICTURE_H

#include <stdio.h>

#include "plot.h"

#define PICTURE_PANELS 24u
#define PICTURE_SERIES 16u
#define PICTURE_CATEGORIES 24u
#define PICTURE_TEXT 48u

struct picture_names {
	unsigned n;
	char name[PICTURE_CATEGORIES][PICTURE_TEXT];
};

struct picture_panel {
	const struct plot_panel *is;
	char title[2 * PICTURE_TEXT];
	struct picture_names category;
	/* NAN: no such row; the error goes both ways */
	double y[PICTURE_SERIES][PICTURE_CATEGORIES];
	double error[PICTURE_SERIES][PICTURE_CATEGORIES];
	double from, to; /* of the y axis */
};

struct picture {
	const char *title;
	unsigned columns, rows, npanels;
	bool error; /* there are error bars */
	struct picture_panel panel[PICTURE_PANELS];
	struct picture_names series, marks;
};

/* Whether it is drawn in this panel. */
bool picture_marked(const struct picture_panel *panel,
		    const struct plot_mark *mark);

/* 0, or non-zero: the plot does not suit the table, which has been said. */
int picture_make(struct picture *p, const struct plot *plot,
		 const struct bench_table *t);

/* In gnuplot's language, to be drawn as SVG. */
void picture_write(const struct picture *p, FILE *to);

#endif
