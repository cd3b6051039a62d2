/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Packets into a TAP through the kernel's vhost-net: they are put into a
 * virtqueue in our own memory, and a thread of the kernel's takes them from
 * there in batches, without a system call or a request for each. It is told
 * only when it sleeps.
 *
 *	place = tap_vhost_put(v, pkt, n, err);
 *	... until tap_vhost_has(v, place) the packets' bytes must stay
 *
 * What the TAP then drops is in its own counters.
 */
#ifndef TAPVHOST_H
#define TAPVHOST_H

#include "tap.h"

struct tap_vhost;

/* For one queue of a TAP and one thread. NULL: there is none to be had. */
struct tap_vhost *tap_vhost_open(int tap);

/* What is not in the TAP yet is lost. v may be NULL. */
void tap_vhost_close(struct tap_vhost *v);

/* Whether put has room for a whole burst. */
bool tap_vhost_room(struct tap_vhost *v);

/*
 * Hands n packets over, in their order, at most XENNET_BURST with
 * XENNET_BURST_FRAGS in all; err[i]: 0, or as tap_header says. Returns the
 * place of the last whose bytes must stay; small ones are copied.
 */
uint16_t tap_vhost_put(struct tap_vhost *v, const struct xennet_pkt *pkt,
		       unsigned n, int *err);

/* Whether all up to that place is in the TAP; and whether all is. */
bool tap_vhost_has(struct tap_vhost *v, uint16_t place);
bool tap_vhost_idle(struct tap_vhost *v);

/* The place at which half of what is on its way will be there. */
uint16_t tap_vhost_half(struct tap_vhost *v);

/* Makes the descriptor readable once it has all up to that place, until wake
 * is called. False: it has. */
bool tap_vhost_arm(struct tap_vhost *v, uint16_t place);
int tap_vhost_fd(const struct tap_vhost *v);
void tap_vhost_wake(struct tap_vhost *v);

#endif
