/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#include "canonical_packets.h"

static int events_open(struct pair *p)
{
	p->wire[0] = eventfd(0, 0);
	p->wire[1] = eventfd(0, 0);
	return p->wire[0] < 0 || p->wire[1] < 0;
}

const struct pair_case pair_canonical_bare = {
	.name = "ring.h",
	.front = canonical_front,
	.back = canonical_back,
};

const struct pair_case pair_canonical_driver = {
	.name = "ring.h, driver",
	.front = canonical_front,
	.back = canonical_back,
	.how = CANONICAL_DRIVER,
};

const struct pair_case pair_canonical_asked = {
	.name = "ring.h, events asked",
	.front = canonical_front,
	.back = canonical_back,
	.how = CANONICAL_ASK,
};

const struct pair_case pair_canonical_woken = {
	.name = "ring.h, events sent",
	.front = canonical_front,
	.back = canonical_back,
	.how = CANONICAL_ASK | CANONICAL_WAKE,
	.open = events_open,
};
