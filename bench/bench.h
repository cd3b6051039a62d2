/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * What every subcommand shares: options, a plan of interleaved repetitions,
 * statistics over them, and a table that is printed or written as JSON.
 */
#ifndef BENCH_H
#define BENCH_H

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BENCH_USAGE 2  /* exit status: bad arguments */
#define BENCH_FAILED 1 /* exit status: a row failed or could not run */
#define BENCH_REPS_MAX 101

#define BENCH_COUNT(a) (sizeof(a) / sizeof((a)[0]))

struct bench_opts {
	const char *verb;
	bool full;	  /* the whole matrix, not the quick selection */
	unsigned reps;	  /* 0: as many as the subcommand likes */
	const char *json; /* a file to write, or NULL */
	const char *plot; /* a picture to draw, or NULL: see plot.h */
	const char *pcap; /* a capture to replay, or NULL */
	bool xen;	  /* not the local platform */
	unsigned vif;	  /* Xen: the number of the first */
};

/* 0, or the exit status: what is wrong has been said. */
int bench_opts_parse(struct bench_opts *o, int argc, char **argv);

/* Each returns the exit status. */
int bench_link(const struct bench_opts *o);
int bench_ring(const struct bench_opts *o);
int bench_layouts(const struct bench_opts *o);
int bench_grants(const struct bench_opts *o);
int bench_tree(const struct bench_opts *o);
int bench_fairness(const struct bench_opts *o);
int bench_latency(const struct bench_opts *o);
int bench_scale(const struct bench_opts *o);
int bench_peers(const struct bench_opts *o);
int bench_model(const struct bench_opts *o);

/*
 * Measures every row once, then every row again, ...: a disturbance that lasts
 * meets all rows alike. run returns 0, or non-zero to give up. Says on stderr
 * how far it is.
 */
struct bench_plan {
	const char *verb;
	unsigned rows, reps;
	int (*run)(void *ctx, unsigned row, unsigned rep);
	void *ctx;
};

int bench_plan_run(const struct bench_plan *p);

/* The values of one figure, one per repetition. */
struct bench_series {
	unsigned n;
	double value[BENCH_REPS_MAX];
};

void bench_series_add(struct bench_series *s, double value);

/* NAN when there are none. */
double bench_series_median(const struct bench_series *s);

/* The middle half of the values, in percent of the median. */
double bench_series_spread(const struct bench_series *s);

/* The median of a / b, repetition by repetition. */
double bench_series_ratio(const struct bench_series *a,
			  const struct bench_series *b);

/* The value below which `part` (0 to 1) of the n values lie; sorts them. */
double bench_percentile(double *value, size_t n, double part);

/* A table: fixed columns, rows of cells that are text or a number. */
struct bench_column {
	const char *name; /* snake_case; the key in JSON */
	const char *head; /* above it on a terminal; NULL: only in JSON */
	int decimals;	  /* of a number */
};

struct bench_table;

struct bench_table *bench_table_new(const struct bench_column *columns,
				    unsigned ncolumns);
void bench_table_free(struct bench_table *t);

/* Fill the cells from left to right; the row after the last begins by itself.
 * NAN is no value: "-", null in JSON. */
void bench_table_text(struct bench_table *t, const char *text);
void bench_table_number(struct bench_table *t, double number);

/* What is in it: the number of a column, or -1; a cell, as it is printed. */
unsigned bench_table_rows(const struct bench_table *t);
int bench_table_column(const struct bench_table *t, const char *name);
double bench_table_value(const struct bench_table *t, unsigned row, int column);
void bench_table_show(const struct bench_table *t, unsigned row, int column,
		      char *text, size_t room);

/* To stdout, and to o->json if that is wanted. The exit status. */
int bench_table_finish(const struct bench_table *t, const struct bench_opts *o);

#endif
