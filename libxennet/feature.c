/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#include <xennet/feature.h>

#include "store.h"

#define FRONT (1 << XENNET_FRONT)
#define BACK (1 << XENNET_BACK)

/* A key that says yes or no; `negative`: 1 means no. A missing one is 0. */
static const struct flag {
	const char *key;
	uint32_t flag;
	uint8_t writers;
	bool negative;
} flags[] = {
	{ "feature-sg", XENNET_F_SG, FRONT | BACK, false },
	{ "feature-gso-tcpv4", XENNET_F_GSO_TCPV4, FRONT | BACK, false },
	{ "feature-gso-tcpv6", XENNET_F_GSO_TCPV6, FRONT | BACK, false },
	{ "feature-no-csum-offload", XENNET_F_CSUM_V4, FRONT | BACK, true },
	{ "feature-ipv6-csum-offload", XENNET_F_CSUM_V6, FRONT | BACK, false },
	{ "feature-rx-copy", XENNET_F_RX_COPY, BACK, false },
	{ "feature-rx-flip", 0, BACK, false }, /* old guests want it said */
	{ "request-rx-copy", XENNET_F_RX_COPY, FRONT, false },
	{ "feature-rx-notify", XENNET_F_RX_NOTIFY, FRONT, false },
	{ "feature-split-event-channels", XENNET_F_SPLIT_EVTCHN, BACK, false },
	{ "feature-ctrl-ring", XENNET_F_CTRL_RING, BACK, false },
	{ "feature-multicast-control", XENNET_F_MCAST, BACK, false },
	{ "feature-dynamic-multicast-control", XENNET_F_MCAST_DYNAMIC, BACK,
	  false },
	{ "feature-xdp-headroom", XENNET_F_XDP_HEADROOM, BACK, false },
	{ "feature-gso-tcpv4-prefix", XENNET_F_GSO_TCPV4_PREFIX, FRONT, false },
	{ "feature-gso-tcpv6-prefix", XENNET_F_GSO_TCPV6_PREFIX, FRONT, false },
	{ "feature-persistent", XENNET_F_PERSISTENT, FRONT | BACK, false },
	{ "xennet-split-rings", XENNET_F_SPLIT_RINGS, FRONT | BACK, false },
	{ "xennet-sequenced-rings", XENNET_F_SEQUENCED_RINGS, FRONT | BACK,
	  false },
};

/* A key that says how much. */
static const struct number {
	const char *key;
	size_t field;
	uint32_t missing, min, max;
	int bad;
	uint8_t writers;
} numbers[] = {
	{ "multi-queue-max-queues", offsetof(struct xennet_offer, queues), 1, 1,
	  UINT32_MAX, XENNET_EKEY_QUEUES, BACK },
	{ "multi-queue-num-queues", offsetof(struct xennet_offer, queues), 1, 1,
	  XENNET_QUEUES_MAX, XENNET_EKEY_QUEUES, FRONT },
	{ "max-ring-page-order", offsetof(struct xennet_offer, ring_order), 0,
	  0, UINT32_MAX, XENNET_EKEY_VALUE, BACK },
	{ "ring-page-order", offsetof(struct xennet_offer, ring_order), 0, 0,
	  XENNET_RING_ORDER_MAX, XENNET_EKEY_VALUE, FRONT },
	{ "xennet-max-slots", offsetof(struct xennet_offer, slots),
	  XENNET_SLOTS_MIN, XENNET_SLOTS_MIN, UINT32_MAX, XENNET_EKEY_VALUE,
	  FRONT | BACK },
	{ "xdp-headroom", offsetof(struct xennet_offer, headroom), 0, 0,
	  UINT32_MAX, XENNET_EKEY_VALUE, FRONT },
};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

XENNET_COLD int xennet_offer_defaults(struct xennet_offer *o)
{
	if (!o->flags)
		o->flags = XENNET_F_ALL;
	if (!o->queues)
		o->queues = 1;
	if (!o->slots)
		o->slots = XENNET_SLOTS_MIN;
	if (o->queues > XENNET_QUEUES_MAX || o->slots < XENNET_SLOTS_MIN ||
	    o->slots > XENNET_SLOTS_MAX ||
	    o->ring_order > XENNET_RING_ORDER_MAX || o->headroom >= XENNET_PAGE)
		return -XENNET_EINVAL;
	return 0;
}

static uint32_t *field(struct xennet_offer *o, const struct number *n)
{
	return (uint32_t *)(void *)((unsigned char *)o + n->field);
}

static int read_number(const struct xennet_platform *p, xennet_txn txn,
		       const char *dir, const struct number *n, uint32_t *value)
{
	int err = xennet_store_get_in(p, txn, dir, n->key, value);

	if (err == -XENNET_ENOENT) {
		*value = n->missing;
		return 0;
	}
	if (err == -XENNET_EKEY_VALUE)
		return -n->bad;
	if (err)
		return err;
	return *value < n->min || *value > n->max ? -n->bad : 0;
}

static int read_flag(const struct xennet_platform *p, xennet_txn txn,
		     const char *dir, const struct flag *f, uint32_t *set)
{
	uint32_t value = 0;
	int err = xennet_store_get_in(p, txn, dir, f->key, &value);

	if (err && err != -XENNET_ENOENT)
		return err;
	if ((value != 0) != f->negative)
		*set |= f->flag;
	return 0;
}

XENNET_COLD int xennet_offer_read(const struct xennet_platform *p,
				  xennet_txn txn, const char *dir,
				  enum xennet_end end, struct xennet_offer *o,
				  const char **key)
{
	unsigned i;
	int err;

	memset(o, 0, sizeof(*o));
	for (i = 0; i < COUNT(numbers); i++) {
		if (!(numbers[i].writers & 1 << end))
			continue;
		*key = numbers[i].key;
		err = read_number(p, txn, dir, &numbers[i],
				  field(o, &numbers[i]));
		if (err)
			return err;
	}
	for (i = 0; i < COUNT(flags); i++) {
		if (!(flags[i].writers & 1 << end) || !flags[i].flag)
			continue;
		*key = flags[i].key;
		err = read_flag(p, txn, dir, &flags[i], &o->flags);
		if (err)
			return err;
	}
	*key = NULL;
	return 0;
}

XENNET_COLD int xennet_offer_write(const struct xennet_platform *p,
				   xennet_txn txn, const char *dir,
				   enum xennet_end end,
				   const struct xennet_offer *o)
{
	struct xennet_offer copy = *o;
	unsigned i;
	int err;

	for (i = 0; i < COUNT(numbers); i++) {
		if (!(numbers[i].writers & 1 << end))
			continue;
		err = xennet_store_put(p, txn, dir, numbers[i].key,
				       *field(&copy, &numbers[i]));
		if (err)
			return err;
	}
	for (i = 0; i < COUNT(flags); i++) {
		bool on = (o->flags & flags[i].flag) != 0;

		if (!(flags[i].writers & 1 << end) ||
		    flags[i].flag & XENNET_F_LEGACY)
			continue;
		err = xennet_store_put(p, txn, dir, flags[i].key,
				       on != flags[i].negative);
		if (err)
			return err;
	}
	return 0;
}
