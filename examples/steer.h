/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Which queue of the TAP a packet of the guest's is written to, so that the
 * answers come from the queue that the guest wants them on.
 *
 * The kernel remembers of each flow which queue of the TAP last wrote a packet
 * of it, and lets the other direction come out there. So a packet is written
 * to the queue that its answer belongs to, by the guest's hash and mapping; any
 * worker may write to any queue's descriptor, and no lock is needed. What the
 * guest never sent a packet of comes from where the kernel's own hash puts it.
 */
#ifndef STEER_H
#define STEER_H

#include <xennet/back.h>

/* Whether the guest has asked for any of this. */
bool steer_asked(const struct xennet_back *b);

/* Of the guest's packet: the queue of an answer to it. */
unsigned steer_answer(const struct xennet_back *b,
		      const struct xennet_pkt *pkt);

#endif
