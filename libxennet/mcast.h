/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * The multicast groups that a frontend has joined, one list per vif (E7).
 * Requests to join and leave come on any of its queues, packets for the guest
 * on any other: the list is words that are compared and exchanged, without a
 * lock. None of these sleeps.
 */
#ifndef XENNET_MCAST_H
#define XENNET_MCAST_H

#include <xennet/back.h>

/* -XENNET_EINVAL: no group address; -XENNET_ENOSPC: the list is full. Of a
 * group that is in the list: 0. */
int xennet_mcast_add(struct xennet_mcast *m, const unsigned char *mac);

void xennet_mcast_del(struct xennet_mcast *m, const unsigned char *mac);

/* The list that packets have to pass now; NULL: all pass. */
static inline const struct xennet_mcast *
xennet_mcast_filter(const struct xennet_mcast *m)
{
	return m && xennet_load(&m->filter) ? m : NULL;
}

/* Whether a packet is for this guest: everything is, but groups that it has
 * not joined. */
bool xennet_mcast_passes(const struct xennet_mcast *m,
			 const struct xennet_pkt *pkt);

#endif
