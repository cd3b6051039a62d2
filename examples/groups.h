/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * The multicast groups that a TAP's interface has joined, which netfront has
 * its backend spare it all others of. The kernel tells of them by being asked.
 */
#ifndef GROUPS_H
#define GROUPS_H

#include "crew.h"

#define GROUPS_EVERY_MS 1000

struct groups {
	unsigned char mac[XENNET_MCAST_MAX][6];
	unsigned n;
	/* more than a backend lists, or nobody knows: it may want any */
	bool all;
};

/* What the interface has joined now. */
void groups_read(struct groups *g, const char *interface);

/* Asks for what has changed since `asked`, and for the filter. The crew of this
 * frontend pauses for it. A new connection begins with none asked. */
void groups_follow(struct groups *asked, struct crew *c,
		   struct xennet_front *f);

#endif
