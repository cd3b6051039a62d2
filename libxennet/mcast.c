/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#include "mcast.h"

#include "internal.h"

#define BROADCAST 0xffffffffffffull

/* Never 0, which is a free entry, of an address with the group bit. */
static uint64_t word(const unsigned char *mac)
{
	uint64_t w = 0;
	unsigned i;

	for (i = 0; i < 6; i++)
		w = w << 8 | mac[i];
	return w;
}

static bool has(const struct xennet_mcast *m, uint64_t w)
{
	unsigned i;

	for (i = 0; i < XENNET_MCAST_MAX; i++)
		if (xennet_load64(&m->group[i]) == w)
			return true;
	return false;
}

/*
 * Two workers that add the same group meet at the first free entry. Only where
 * a third leaves another group meanwhile it is listed twice, until it is left.
 */
XENNET_COLD int xennet_mcast_add(struct xennet_mcast *m,
				 const unsigned char *mac)
{
	uint64_t w = word(mac), was;
	unsigned i;

	if (!(mac[0] & 1))
		return -XENNET_EINVAL;
	if (has(m, w))
		return 0;
	for (i = 0; i < XENNET_MCAST_MAX; i++) {
		was = xennet_load64(&m->group[i]);
		if (!was)
			was = xennet_exchange64(&m->group[i], 0, w);
		if (!was || was == w)
			return 0;
	}
	return -XENNET_ENOSPC;
}

XENNET_COLD void xennet_mcast_del(struct xennet_mcast *m,
				  const unsigned char *mac)
{
	uint64_t w = word(mac);
	unsigned i;

	for (i = 0; i < XENNET_MCAST_MAX; i++)
		if (xennet_load64(&m->group[i]) == w)
			xennet_exchange64(&m->group[i], w, 0);
}

bool xennet_mcast_passes(const struct xennet_mcast *m,
			 const struct xennet_pkt *pkt)
{
	struct xennet_cursor c = { pkt->frag, 0 };
	unsigned char mac[6];
	uint64_t w;

	xennet_cursor_copy(&c, mac, sizeof(mac));
	w = word(mac);
	return !(mac[0] & 1) || w == BROADCAST || has(m, w);
}
