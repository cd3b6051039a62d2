/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * When a queue asks its peer to be woken, and what is left to do when it is:
 * the same at both ends, which wait for messages on one ring, and on the other
 * for room if their last send found too little.
 */
#ifndef XENNET_NOTIFY_H
#define XENNET_NOTIFY_H

#include <xennet/queue.h>

struct xennet_awaited {
	struct xennet_ring *ring, *room;
	uint32_t port, room_port; /* may be one */
	bool wanting;		  /* room */
};

/* The worker runs. */
void xennet_notify_set(struct xennet_notifier *n,
		       const struct xennet_awaited *a,
		       const struct xennet_policy *policy,
		       const struct xennet_platform *p);

/*
 * All that is known to be there has been taken. 1: look again; 0: sleep, for
 * n->usec at most; negative: the peer is broken.
 */
int xennet_notify_arm(struct xennet_notifier *n, const struct xennet_awaited *a,
		      const struct xennet_platform *p, struct xennet_stats *s);

/* progress: whether the wake-up before this one brought any; where no event came,
 * it has: that is nobody's fault. */
void xennet_notify_wake(const struct xennet_awaited *a,
			const struct xennet_platform *p, bool *progress,
			struct xennet_stats *s);

#endif
