/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * A page per vif that tells the backend of its frontend's death, where the
 * frontend's platform can share one that does (docs/EXTENSIONS.md). All sleep,
 * but lost().
 */
#ifndef XENNET_ALIVE_H
#define XENNET_ALIVE_H

#include <xennet/back.h>
#include <xennet/front.h>

/* Of a frontend whose queues have their ports. Without the page there is a
 * connection all the same. */
void xennet_alive_share(struct xennet_front *f);

/* Writes its key, or removes an earlier connection's. */
int xennet_alive_write(struct xennet_front *f, xennet_txn txn);

void xennet_alive_unshare(struct xennet_front *f);

/* Of a backend whose queues are connected: 0 too where there is no page.
 * -XENNET_EKEY_VALUE: b->refused_key is the key; or the platform's fault. */
int xennet_alive_map(struct xennet_back *b);
void xennet_alive_unmap(struct xennet_back *b);

/* alive may be NULL: then it cannot be known. */
static inline bool xennet_alive_lost(const uint32_t *alive)
{
	return alive && !xennet_load(alive);
}

#endif
