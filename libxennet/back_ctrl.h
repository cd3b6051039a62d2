/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* A backend's control ring, as its vif sets it up. Both sleep. */
#ifndef XENNET_BACK_CTRL_H
#define XENNET_BACK_CTRL_H

#include <xennet/back.h>

/* Of a backend whose queues are connected: 0 too where there is no ring.
 * -XENNET_EKEY_*; b->refused_key is the key. On failure nothing is left. */
int xennet_back_ctrl_connect(struct xennet_back *b);
void xennet_back_ctrl_disconnect(struct xennet_back *b);

#endif
