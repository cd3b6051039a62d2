/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Where two processes meet: on the local platform, or on Xen as one domain
 * that is both ends. The parent prepares the place and clears it; each process
 * opens its own end.
 */
#ifndef SITE_H
#define SITE_H

#include <xennet/platform/host.h>

#include "bench.h"

#define SITE_VIFS_MAX 2u

struct site {
	bool xen;
	unsigned vif;	 /* the first */
	char dir[32];	 /* local: of the socket */
	char socket[64]; /* and what it is called */
};

/*
 * At most `pages` will be granted at once. 0, or an exit status: what is
 * wrong, and what to do, has been said.
 */
int site_begin(struct site *s, const struct bench_opts *o, unsigned pages);
void site_end(const struct site *s);

/* The nodes that a toolstack writes, of the first n vifs, and away with them.
 * Where the local platform writes them itself this does nothing. */
int site_plug(const struct site *s, unsigned n);
void site_unplug(const struct site *s, unsigned n);

/* One end: 0, or -XENNET_E*. */
int site_back(const struct site *s, struct xennet_host *h);
int site_front(const struct site *s, struct xennet_host *h);

/* Of vif number i, as a guest counts them. */
uint32_t site_handle(const struct site *s, unsigned i);

/* System calls so far, if the platform counts them. */
struct site_calls {
	uint64_t grant; /* to share, map and take back; not copies */
	uint64_t event; /* to send, take and unmask */
};

void site_calls(const struct site *s, const struct xennet_host *h,
		struct site_calls *c);

#endif
