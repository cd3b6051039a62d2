/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#include "back_live.h"

#include "store.h"

#define FILTER "request-multicast-control"
#define HEADROOM "xdp-headroom"

static bool offers(const struct xennet_back *b, uint32_t flags)
{
	return (b->config.offer.flags & flags) == flags;
}

static bool filter_is_live(const struct xennet_back *b)
{
	return offers(b, XENNET_F_MCAST | XENNET_F_MCAST_DYNAMIC);
}

XENNET_COLD int xennet_live_watch(struct xennet_back *b)
{
	if (!filter_is_live(b))
		return 0;
	return xennet_store_watch(&b->config.platform, b->peer_dir, FILTER);
}

XENNET_COLD void xennet_live_unwatch(struct xennet_back *b)
{
	if (filter_is_live(b))
		xennet_store_unwatch(&b->config.platform, b->peer_dir, FILTER);
}

/* A number of the frontend's, 0 if it is missing or none. */
XENNET_COLD static int read_filter(struct xennet_back *b)
{
	uint32_t asked = 0;
	int err;

	err = xennet_store_get_in(&b->config.platform, b->txn, b->peer_dir,
				  FILTER, &asked);
	if (err && err != -XENNET_ENOENT && err != -XENNET_EKEY_VALUE)
		return err;
	xennet_store(&b->mcast.filter, asked && !b->taken_over);
	return 0;
}

XENNET_COLD int xennet_live_begin(struct xennet_back *b)
{
	int err =
		xennet_store_mtu(&b->config.platform, b->txn, b->dir, &b->mtu);

	memset(&b->mcast, 0, sizeof(b->mcast));
	return err || !offers(b, XENNET_F_MCAST) ? err : read_filter(b);
}

bool xennet_live_stays(const struct xennet_back *b, enum xennet_state peer)
{
	return peer == XENNET_STATE_INITIALISED ||
	       peer == XENNET_STATE_CONNECTED ||
	       (peer == XENNET_STATE_RECONFIGURING &&
		offers(b, XENNET_F_XDP_HEADROOM));
}

/* Its workers go by it from their next send on. */
XENNET_COLD static int read_headroom(struct xennet_back *b)
{
	uint32_t headroom = 0;
	unsigned i;
	int err;

	err = xennet_store_get(&b->config.platform, b->peer_dir, HEADROOM,
			       &headroom);
	if (err == -XENNET_ENOENT)
		err = 0;
	if (!err && headroom >= XENNET_PAGE)
		err = -XENNET_EKEY_VALUE;
	if (err)
		return err;
	b->front.headroom = headroom;
	for (i = 0; i < b->nqueues; i++)
		xennet_store(&b->queue[i].rx.headroom, headroom);
	return 0;
}

/*
 * Linux's netfront writes Reconfiguring, then the key, waits for our
 * Reconfigured, and writes Connected: only then the key is sure to be there.
 */
XENNET_COLD static int reconfigure(struct xennet_back *b,
				   enum xennet_state state)
{
	int err;

	if (b->state == state)
		return XENNET_VIF_IDLE;
	err = read_headroom(b);
	if (err == -XENNET_EKEY_VALUE) {
		b->refused = err;
		b->refused_key = HEADROOM;
		return XENNET_VIF_STOP;
	}
	if (!err)
		err = xennet_store_set_state(&b->config.platform, 0, b->dir,
					     state);
	if (!err)
		b->state = state;
	return err;
}

XENNET_COLD int xennet_live_event(struct xennet_back *b, enum xennet_state peer)
{
	int err = filter_is_live(b) ? read_filter(b) : 0;

	if (err)
		return err;
	return reconfigure(b, peer == XENNET_STATE_RECONFIGURING
				      ? XENNET_STATE_RECONFIGURED
				      : XENNET_STATE_CONNECTED);
}
