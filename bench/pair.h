/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * A measurement beside the library: two processes on two processors and some
 * shared pages between them. `front` produces, `back` consumes.
 */
#ifndef PAIR_H
#define PAIR_H

#include "cores.h"

#define PAIR_PAGES 257u

struct pair {
	struct stage stage;
	uint32_t done XENNET_ALIGNED(128); /* the front will send no more */
	uint32_t open;			   /* the back can be reached */
	unsigned batch, size, how;
	struct meter meter; /* of the end that counts */
	uint64_t sent, sent_sum;
	uint64_t received, received_sum;
	uint64_t events[2]; /* that the front, the back had to send */
	int memory;	    /* a descriptor of all this */
	int wire[3];	    /* of the case, made before the two begin */
	void *area;	    /* as much shared memory as the case wants */
	const void *with;   /* of the case, where its memory is known */
	unsigned char page[PAIR_PAGES][4096] XENNET_ALIGNED(4096);
};

struct pair_case {
	const char *name;
	double (*alone)(struct pair *p, unsigned ms); /* on one, or NULL */
	int (*front)(void *pair);
	int (*back)(void *pair);
	unsigned how; /* between cases of one pair */
	const void *with;
	size_t (*area)(unsigned size); /* NULL: the pages are enough */
	int (*open)(struct pair *p);   /* 0: there are wires; or NULL */
};

extern const struct pair_case pair_ring;	     /* our ring.h */
extern const struct pair_case pair_canonical;	     /* Xen's */
extern const struct pair_case pair_canonical_bare;   /* and a page each */
extern const struct pair_case pair_canonical_driver; /* with its duties */
extern const struct pair_case pair_canonical_asked;  /* with its events */
extern const struct pair_case pair_canonical_woken;  /* really sent */
extern const struct pair_case pair_limit;	     /* a bare stream */

struct pair_result {
	double mega;   /* millions per second */
	double events; /* per packet, of both ends; from begin to end */
};

/* 0, or BENCH_FAILED: something got lost, which has been said. */
int pair_measure(const struct pair_case *c, unsigned batch, unsigned size,
		 unsigned ms, struct pair_result *r);

/* The same: millions per second, or negative. */
double pair_run(const struct pair_case *c, unsigned batch, unsigned size,
		unsigned ms);

#endif
