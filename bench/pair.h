/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * A measurement below the library: two processes on two processors and some
 * shared pages between them. `front` produces, `back` consumes.
 */
#ifndef PAIR_H
#define PAIR_H

#include "cores.h"

#define PAIR_PAGES 257u

struct pair {
	struct stage stage;
	uint32_t done XENNET_ALIGNED(128); /* the front will send no more */
	unsigned batch, size;
	struct meter meter; /* of the end that counts */
	uint64_t sent, sent_sum;
	uint64_t received, received_sum;
	unsigned char page[PAIR_PAGES][4096] XENNET_ALIGNED(4096);
};

struct pair_case {
	const char *name;
	double (*alone)(struct pair *p, unsigned ms); /* on one, or NULL */
	int (*front)(void *pair);
	int (*back)(void *pair);
};

extern const struct pair_case pair_ring;	     /* our ring.h */
extern const struct pair_case pair_canonical;	     /* Xen's */
extern const struct pair_case pair_canonical_bare;   /* and a page each */
extern const struct pair_case pair_canonical_driver; /* with its duties */
extern const struct pair_case pair_limit;	     /* a bare stream */

/* Millions per second on two processors; negative: something got lost. */
double pair_run(const struct pair_case *c, unsigned batch, unsigned size,
		unsigned ms);

#endif
