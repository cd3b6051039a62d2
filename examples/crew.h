/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* The workers of one connected vif: one per queue, and the TAP made to suit. */
#ifndef CREW_H
#define CREW_H

#include "worker.h"

struct crew {
	const struct worker_end *end;
	const struct xennet_host *host;
	const char *vif;
	int report; /* eventfd, written when a worker ends by itself */
	struct xennet_policy policy;
	struct tap tap;
	const struct xennet_back *back; /* of a backend */
	bool announces; /* what the TAP is, with every connection */

	struct worker *worker;
	unsigned n;
	struct worker_sum *sum; /* of each queue that there ever was */
	unsigned nsums;
};

/* For n queues and a peer that can receive what flags say. 0 or -errno. */
int crew_start(struct crew *c, void *queues, unsigned n, uint32_t flags);

/* What the toolstack says of the interface; without it, it is as it is. A peer
 * that takes one page of a packet gets no more than the usual. */
int crew_set_mtu(struct crew *c, uint32_t mtu, uint32_t flags);

/* Stops what there is; the TAP loses its carrier. */
void crew_stop(struct crew *c);

/* They are in no function of their queues, until they may go on. */
void crew_pause(struct crew *c);
void crew_go_on(struct crew *c);

/* Stops for good, and prints what was counted. */
void crew_end(struct crew *c);

void crew_print(struct crew *c);

/* Something is new about the TAP. */
void crew_look(struct crew *c);

/* Whether the TAP is down; a change is reported. */
bool crew_port_down(const struct crew *c);

/* The -XENNET_E* for which one of them ended, or 0. */
int crew_ended(struct crew *c);

#endif
