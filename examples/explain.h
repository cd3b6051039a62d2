/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* What two ends agreed on, and why everything else is off: a line for each. */
#ifndef EXPLAIN_H
#define EXPLAIN_H

#include <xennet/cost.h>
#include <xennet/queue.h>

struct agreement {
	const char *vif;
	enum xennet_end end; /* ours */
	const struct xennet_offer *ours, *theirs;
	unsigned queues, ring_order; /* in use */
	bool split;
	bool trusted; /* netfront: the backend, by the toolstack */
	/* netback: wanted, in use */
	enum xennet_strategy wanted, tx, rx;
	uint32_t tx_map_from, rx_map_from; /* by cost */
};

void explain(const struct agreement *a);

/* What the platform's operations cost, and what follows from it. */
void explain_costs(const struct xennet_costs *c);

#endif
