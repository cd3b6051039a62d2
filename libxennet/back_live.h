/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * What a frontend may change while it is connected: whether multicast is
 * filtered (request-multicast-control), and the headroom of what it receives
 * (xdp-headroom, in state Reconfiguring). The control thread's; all sleep.
 */
#ifndef XENNET_BACK_LIVE_H
#define XENNET_BACK_LIVE_H

#include <xennet/back.h>

int xennet_live_watch(struct xennet_back *b);
void xennet_live_unwatch(struct xennet_back *b);

/* A connection begins, within b->txn: no groups; the filter, the MTU. */
int xennet_live_begin(struct xennet_back *b);

/* Whether the frontend is to stay connected in this state. */
bool xennet_live_stays(const struct xennet_back *b, enum xennet_state peer);

/* Follows such a frontend. XENNET_VIF_IDLE; XENNET_VIF_STOP: b->refused says
 * why; or an error, after which it is to be called again. */
int xennet_live_event(struct xennet_back *b, enum xennet_state peer);

#endif
