/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#include "alive.h"

#include "internal.h"
#include "store.h"

#define KEY "xennet-alive-ref"

XENNET_COLD void xennet_alive_share(struct xennet_front *f)
{
	const struct xennet_platform *p = &f->config.platform;
	void *page;

	if (!p->ops->share_notify ||
	    p->ops->share_notify(p->ctx, f->peer, 0, f->queue[0].tx.port, &page,
				 &f->alive_gref))
		return;
	f->alive = (uint32_t *)page;
	xennet_store(f->alive, 1);
}

XENNET_COLD int xennet_alive_write(struct xennet_front *f, xennet_txn txn)
{
	const struct xennet_platform *p = &f->config.platform;

	if (!f->alive)
		return xennet_store_drop(p, txn, f->dir, KEY);
	return xennet_store_put(p, txn, f->dir, KEY, f->alive_gref);
}

XENNET_COLD void xennet_alive_unshare(struct xennet_front *f)
{
	const struct xennet_platform *p = &f->config.platform;

	if (f->alive)
		p->ops->unshare(p->ctx, f->alive, 1, &f->alive_gref);
	f->alive = NULL;
}

/*
 * The key may be of a frontend that was killed, left to one that does not know
 * it: a page that is gone, or something else by now, is nobody's death.
 */
XENNET_COLD int xennet_alive_map(struct xennet_back *b)
{
	const struct xennet_platform *p = &b->config.platform;
	uint32_t gref;
	void *page;
	int err;

	err = xennet_store_get_in(p, b->txn, b->peer_dir, KEY, &gref);
	if (err == -XENNET_ENOENT)
		return 0;
	b->refused_key = KEY;
	if (!err && gref < XENNET_GREF_FIRST)
		err = -XENNET_EKEY_VALUE;
	if (err)
		return err;
	err = p->ops->map_ring(p->ctx, b->config.peer, &gref, 1, &page);
	if (err)
		return xennet_platforms_fault(err) ? err : 0;
	b->alive = (uint32_t *)page;
	if (xennet_load(b->alive) == 1)
		b->queue[0].alive = b->alive;
	else
		xennet_alive_unmap(b);
	return 0;
}

XENNET_COLD void xennet_alive_unmap(struct xennet_back *b)
{
	const struct xennet_platform *p = &b->config.platform;

	if (b->alive)
		p->ops->unmap_ring(p->ctx, b->alive, 1);
	b->alive = NULL;
}
