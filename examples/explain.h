/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* What two ends agreed on, and why everything else is off: a line for each. */
#ifndef EXPLAIN_H
#define EXPLAIN_H

#include <xennet/queue.h>

struct agreement {
	const char *vif;
	enum xennet_end end; /* ours */
	const struct xennet_offer *ours, *theirs;
	unsigned queues, ring_order; /* in use */
	bool split;
	/* netback: wanted, in use */
	enum xennet_strategy wanted, tx, rx;
};

void explain(const struct agreement *a);

#endif
