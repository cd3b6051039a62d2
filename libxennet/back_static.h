/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Static grants: pages that the frontend lists over the control ring, and that
 * a queue of the backend keeps mapped until the frontend takes them off the
 * list again. Their table is a tree like that of persistent grants, but nothing
 * is ever purged from it.
 *
 * The first three serve control requests: data as netif.h has it. They sleep,
 * and no worker is in a function of the queue meanwhile.
 */
#ifndef XENNET_BACK_STATIC_H
#define XENNET_BACK_STATIC_H

#include <xennet/back.h>

/* Return XENNET_CTRL_*. *answer is 0 before: the number of references that a
 * queue keeps; nothing; the number that were taken off the list. */
uint32_t xennet_back_static_size(struct xennet_back *b, const uint32_t data[3],
				 uint32_t *answer);
uint32_t xennet_back_static_add(struct xennet_back *b, const uint32_t data[3],
				uint32_t *answer);
uint32_t xennet_back_static_del(struct xennet_back *b, const uint32_t data[3],
				uint32_t *answer);

/* The table itself, of a queue that is taken down. */
void xennet_back_static_free(struct xennet_back_queue *q);

#endif
