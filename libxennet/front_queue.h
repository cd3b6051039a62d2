/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* A frontend's queue, as its vif sets it up and takes it down. */
#ifndef XENNET_FRONT_QUEUE_H
#define XENNET_FRONT_QUEUE_H

#include <xennet/front.h>

#include "internal.h"

/* Shares, grants, allocates, and posts buffers. On failure nothing is left.
 * q is zeroed. */
int xennet_front_queue_connect(struct xennet_front_queue *q,
			       const struct xennet_front *f);
void xennet_front_queue_disconnect(struct xennet_front_queue *q);

/* Takes the answers to what was sent; their number, or q->broken. */
int xennet_front_reap(struct xennet_front_queue *q);

/*
 * Sends extra info that is a request to the backend, with no packet.
 * -XENNET_ENOSPC: the ring is full; q->broken.
 */
int xennet_front_ask(struct xennet_front_queue *q,
		     const struct xennet_extra *e);

/* Of a private head and the headroom before it. */
static inline uint32_t xennet_front_head_size(uint32_t headroom)
{
	return XENNET_HEAD + (uint32_t)xennet_line_up(headroom);
}

/* Posts every buffer that can be. */
void xennet_front_post(struct xennet_front_queue *q);

#endif
