/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * How a frontend has its packets hashed: what its configuration asks for, said
 * over the control ring, one request after another. No worker waits for it.
 */
#ifndef XENNET_FRONT_HASH_H
#define XENNET_FRONT_HASH_H

#include <xennet/front.h>

/* Of a frontend that is connected. Sleeps, as stop. */
void xennet_front_hash_start(struct xennet_front *f);
void xennet_front_hash_stop(struct xennet_front *f);

/* A request of one of the hash types has its answer. */
void xennet_front_hash_answered(struct xennet_front *f,
				const struct xennet_ctrl_rsp *rsp);

#endif
