/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * A frontend's control ring. A request waits for its answer as long as the
 * connection lasts, and whatever page it names stays granted and untouched
 * until then: nothing is ever taken back from a backend that is late (C16).
 */
#ifndef XENNET_FRONT_CTRL_H
#define XENNET_FRONT_CTRL_H

#include <xennet/front.h>

/* Makes the ring if the backend can use one. On failure nothing is left.
 * Sleeps, as disconnect. */
int xennet_front_ctrl_connect(struct xennet_front *f);
void xennet_front_ctrl_disconnect(struct xennet_front *f);

/* Writes its keys, or removes an earlier connection's. Sleeps. */
int xennet_front_ctrl_write(struct xennet_front *f, xennet_txn txn);

/*
 * Sends a request of this XENNET_CTRL_ type, where there is a ring. Its answer
 * comes to whom xennet_front_ctrl_look gives those of this type.
 * -XENNET_EAGAIN: as many as can be are on their way.
 */
int xennet_front_ctrl_send(struct xennet_front *f, uint16_t type, uint32_t d0,
			   uint32_t d1, uint32_t d2);

/* Takes the event of its port, and the answers. f->ctrl.broken: the backend
 * broke the ring (R12, T9). */
void xennet_front_ctrl_look(struct xennet_front *f);

#endif
