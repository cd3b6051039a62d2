/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* The control ring of a frontend driven by hand, with a page for what its
 * requests name. */
#ifndef PEER_CTRL_H
#define PEER_CTRL_H

#include "peer_front.h"

struct peer_ctrl {
	struct peer_front *front;
	struct xennet_sring *page;
	struct xennet_ring ring;
	uint32_t gref, port;
	struct xennet_grant_op data; /* read-only; addr: ours */
};

/* Shares all, and writes the keys: before the frontend is Connected. */
void peer_ctrl_open(struct peer_ctrl *c, struct peer_front *front);
void peer_ctrl_close(struct peer_ctrl *c);

/* Puts a request; push tells of all that were put. */
void peer_ctrl_put(struct peer_ctrl *c, uint16_t id, uint16_t type, uint32_t d0,
		   uint32_t d1, uint32_t d2);
void peer_ctrl_push(struct peer_ctrl *c);

/* The next answer, if there is one. */
bool peer_ctrl_take(struct peer_ctrl *c, struct xennet_ctrl_rsp *rsp);

#endif
