/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * The toolstack's limit on what a guest sends, "BYTES,USEC" in the backend's
 * key `rate`, which may change at any time. Each queue has an equal part of it
 * to itself: nothing is shared.
 *
 * Bytes are credited in sixteenths of a period, up to those of one period. A
 * packet is taken while there is any credit, and pays its length: so no more
 * than one packet is owed. A poll counts what it may take by a look at the ring
 * before it takes it; what a guest makes longer in between is owed as well, a
 * burst at most.
 */
#ifndef XENNET_RATE_H
#define XENNET_RATE_H

#include <xennet/back.h>

#define XENNET_RATE_KEY "rate"

/* What the key says now is so for all queues; where it is missing or makes no
 * sense there is no limit. 0, or an error of the store. Sleeps. */
int xennet_rate_follow(struct xennet_back *b);

/* How many packets a poll may take now, where tx.unmetered is less than it asks
 * for; 0: none before so long as _wait says. */
unsigned xennet_rate_budget(struct xennet_back_queue *q, unsigned budget);

/* Microseconds until there is credit; 0: there is. */
uint32_t xennet_rate_wait(struct xennet_back_queue *q);

#endif
