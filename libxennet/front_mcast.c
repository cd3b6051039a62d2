/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* What a frontend asks of a backend that keeps a list of groups (E7). */
#include "front_mcast.h"

#include "front_queue.h"
#include "store.h"

XENNET_COLD int xennet_front_filter_write(const struct xennet_front *f,
					  xennet_txn txn)
{
	return xennet_store_put(&f->config.platform, txn, f->dir,
				"request-multicast-control", f->filter);
}

XENNET_COLD int xennet_front_filter(struct xennet_front *f, bool on)
{
	f->filter = on;
	if (!f->queue)
		return 0;
	if (!(f->back.flags & XENNET_F_MCAST_DYNAMIC))
		return -XENNET_ESTATE;
	return xennet_front_filter_write(f, 0);
}

XENNET_COLD static int ask(struct xennet_front_queue *q, uint8_t type,
			   const unsigned char *mac)
{
	struct xennet_extra e = { 0 };

	if (!(mac[0] & 1))
		return -XENNET_EINVAL;
	if (!q->mcast)
		return -XENNET_ENOSYS;
	e.type = type;
	memcpy(e.u.mcast.addr, mac, sizeof(e.u.mcast.addr));
	return xennet_front_ask(q, &e);
}

XENNET_COLD int xennet_front_mcast_add(struct xennet_front_queue *q,
				       const unsigned char mac[6])
{
	return ask(q, XENNET_EXTRA_MCAST_ADD, mac);
}

XENNET_COLD int xennet_front_mcast_del(struct xennet_front_queue *q,
				       const unsigned char mac[6])
{
	return ask(q, XENNET_EXTRA_MCAST_DEL, mac);
}
