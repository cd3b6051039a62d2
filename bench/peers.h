/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * The library beside what a user would pick instead: each contender moves
 * packets one way between the two processors, the same work done on each byte.
 */
#ifndef PEERS_H
#define PEERS_H

#include "bench.h"
#include "pair.h"
#include "site.h"

#define PEERS_ROWS_MAX 256u

/* What a target is about; the fastest stands for a family. */
enum peers_family {
	PEERS_STANDARD, /* the library's layouts of the ring */
	PEERS_SPLIT,
	PEERS_SEQUENCED,
	PEERS_WIDE, /* any, on four pages */
	PEERS_RING_H,
	PEERS_RING_H_DRIVER,
	PEERS_RING_H_ASKED,
	PEERS_RING_H_WOKEN,
	PEERS_MEMIF,
	PEERS_VHOST,
	PEERS_TESTPMD,
	PEERS_CK, /* packet by packet, as it offers it */
	PEERS_CK_GROUPED,
	PEERS_LINUX,
	PEERS_LIMIT,
	PEERS_STREAM,
};

#define PEERS(family) (1u << (family))
/* The library with as many slots as a page has, which is what ring.h and
 * Concurrency Kit have here; and with any number. */
#define PEERS_NARROW                                                           \
	(PEERS(PEERS_STANDARD) | PEERS(PEERS_SPLIT) | PEERS(PEERS_SEQUENCED))
#define PEERS_OURS (PEERS_NARROW | PEERS(PEERS_WIDE))

struct peers_cell {
	unsigned size, burst;
};

/* Where they meet, and what of it there is. */
struct peers_place {
	struct site site;
	char dpdk[128], testpmd[128]; /* programs; empty: not found */
	bool huge;		      /* there are pages for DPDK */
	unsigned long huge_before;    /* how many, to be left as found */
};

int peers_place_begin(struct peers_place *p, const struct bench_opts *o);
void peers_place_end(const struct peers_place *p);

struct contender {
	const char *name;
	enum peers_family family;
	/* 0, or BENCH_FAILED */
	int (*measure)(const struct contender *c, const struct peers_place *p,
		       const struct peers_cell *cell, unsigned ms,
		       struct pair_result *r);
	/* Why it cannot be measured here, and what to do; NULL: it can. */
	const char *(*missing)(const struct contender *c,
			       const struct peers_place *p,
			       const struct peers_cell *cell);
	const void *with; /* of these functions */
};

extern const struct contender peers_pairs[], peers_dpdk[], peers_testpmd[];
extern const unsigned peers_npairs, peers_ndpdk, peers_ntestpmd;

struct peers_row {
	const struct contender *contender;
	struct peers_cell cell;
	const char *missing; /* NULL: it is there */
	struct bench_series mega, events;
};

struct peers_rows {
	unsigned n;
	struct peers_row row[PEERS_ROWS_MAX];
};

/* All, or those that the targets speak of and some more. */
void peers_rows_fill(struct peers_rows *rows, const struct peers_place *p,
		     bool full);

/* The fastest of these families in a cell, by its median. NULL: none was
 * measured; why not. */
const struct peers_row *peers_rows_best(const struct peers_rows *rows,
					unsigned families,
					const struct peers_cell *cell,
					const char **missing);

/* Prints, writes JSON. The exit status. */
int peers_rows_finish(const struct peers_rows *rows,
		      const struct bench_opts *o);

/* The fastest of each family in each cell, if a plot is wanted. */
int peers_plot(const struct peers_rows *rows, const struct bench_opts *o);

/* What is wanted, what is there. */
void peers_targets_print(const struct peers_rows *rows);

#endif
