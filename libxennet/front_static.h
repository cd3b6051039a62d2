/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Static grants, asked for: once the backend is connected, each queue's pages
 * are listed to it, a list at a time. Packets do not wait for any of it: a page
 * that is not listed is reached in another way.
 */
#ifndef XENNET_FRONT_STATIC_H
#define XENNET_FRONT_STATIC_H

#include <xennet/front.h>

/* Whether this connection is one to ask in. */
bool xennet_front_static_wanted(const struct xennet_front *f);

/* Asks, if so: of the first queue how many pages it may list. Sleeps. */
void xennet_front_static_begin(struct xennet_front *f);

/* What was asked is answered: ask for more, or be done. Sleeps. */
void xennet_front_static_answer(struct xennet_front *f,
				const struct xennet_ctrl_req *req,
				const struct xennet_ctrl_rsp *rsp);

/* The page of the list goes: all is answered, or nothing will be. Sleeps. */
void xennet_front_static_end(struct xennet_front *f);

#endif
