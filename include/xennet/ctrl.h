/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * The control ring: what a frontend asks of its backend beside the packets, one
 * page and one event channel per vif (netif.h). It belongs to the control
 * thread, which waits for its port as for the store:
 *
 *	on an event of the store, or of b.ctrl.port:
 *		case XENNET_VIF_PAUSE of xennet_back_event(&b):
 *			pause the workers, xennet_back_ctrl(&b),
 *			let them go on, xennet_back_event(&b) again
 *
 *	on an event of the store, or of f.ctrl.port:
 *		xennet_front_event(&f), which takes the answers
 *
 * A paused worker is in no function of its queue, and may have packets in hand.
 * So what requests change (how packets are hashed, which pages stay mapped) is
 * constant while workers run, and no lock is needed for it.
 *
 * Pausing has its price, and a guest decides how often it asks. So xennet_back_ctrl
 * does a limited amount of work, and who has workers, or other guests, gives
 * each vif a limited number of pauses, and of events of b.ctrl.port, in a time:
 * after those it leaves that port alone for a while, and calls event when that
 * is over. A frontend has no use for more than some ten requests per connection.
 */
#ifndef XENNET_CTRL_H
#define XENNET_CTRL_H

#include <xennet/wire.h>

/* What one pause serves: so many requests, or one that names so many pages, which
 * is as many as one can, or some of both. */
#define XENNET_CTRL_BUDGET 32u
#define XENNET_CTRL_PAGES 512u

/* Requests of a frontend on their way at once. */
#define XENNET_CTRL_OUT 8u

struct xennet_back_ctrl {
	struct xennet_ring ring;
	void *page; /* of the ring; NULL: there is none */
	uint32_t port;
	bool idle;  /* the last event brought nothing */
	int broken; /* 0, or the -XENNET_E* for which it stopped */
	uint64_t served;
	uint32_t pages; /* named in this pause, and what requests count as */
};

struct xennet_front_ctrl {
	struct xennet_ring ring;
	void *page; /* of the ring; NULL: there is none */
	uint32_t gref, port;
	bool idle;
	int broken;
	/* by id, what was asked and not answered; type 0: nothing */
	struct xennet_ctrl_req out[XENNET_CTRL_OUT];
};

struct xennet_back;

#ifdef __cplusplus
extern "C" {
#endif

/*
 * What xennet_back_event says where nothing has happened but an event of
 * b.ctrl.port, which it takes: XENNET_VIF_PAUSE, _STOP or _IDLE. It reads
 * nothing of the store. Sleeps.
 */
int xennet_back_ctrl_event(struct xennet_back *b);

/*
 * Serves the requests that are there, up to the budget, and answers each. After
 * XENNET_VIF_PAUSE, on the control thread, while no worker of this vif is in a
 * function of its queue; sleeps. How many they were, or negative: the frontend
 * broke the ring, and event says XENNET_VIF_STOP (R11, R13).
 */
int xennet_back_ctrl(struct xennet_back *b);

#ifdef __cplusplus
}
#endif
#endif
