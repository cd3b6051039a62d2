/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * What each end says of itself in XenStore, and what both agree on.
 *
 * An end offers what it can receive; the other end may then send it. The keys,
 * who writes which and what a missing one means are one table in feature.c.
 */
#ifndef XENNET_FEATURE_H
#define XENNET_FEATURE_H

#include <xennet/ops.h>
#include <xennet/ring.h>

enum {
	XENNET_F_SG = 1 << 0, /* more than one slot per packet */
	XENNET_F_GSO_TCPV4 = 1 << 1,
	XENNET_F_GSO_TCPV6 = 1 << 2,
	XENNET_F_CSUM_V4 = 1 << 3, /* not "feature-no-csum-offload" */
	XENNET_F_CSUM_V6 = 1 << 4,
	XENNET_F_RX_COPY = 1 << 5,
	XENNET_F_RX_NOTIFY = 1 << 6, /* frontend: tells of new buffers */
	XENNET_F_SPLIT_EVTCHN = 1 << 7,
	XENNET_F_PERSISTENT = 1 << 8, /* grants stay valid for the connection */
	XENNET_F_SPLIT_RINGS = 1 << 9, /* XENNET_SPLIT */
	XENNET_F_SEQUENCED_RINGS = 1 << 10,
	XENNET_F_CTRL_RING = 1 << 11, /* ctrl.h */
	/* of a backend; what a frontend asks for: front.h */
	XENNET_F_MCAST = 1 << 12,	  /* keeps a list of groups */
	XENNET_F_MCAST_DYNAMIC = 1 << 13, /* may be asked to at any time */
	XENNET_F_XDP_HEADROOM = 1 << 14,  /* leaves room before RX data */
	XENNET_F_ALL = (1 << 15) - 1,
	/* No key, and not among all: a frontend asks for static grants, where
	 * there is a control ring and grants are not persistent. */
	XENNET_F_STATIC = 1 << 30,
	/* of old frontends; ours never says so */
	XENNET_F_GSO_TCPV4_PREFIX = 1 << 28,
	XENNET_F_GSO_TCPV6_PREFIX = 1 << 29,
	XENNET_F_LEGACY = XENNET_F_GSO_TCPV4_PREFIX | XENNET_F_GSO_TCPV6_PREFIX,
	/* a frontend says 1 of these only where its backend does: what it says
	 * is so, also for a later process that takes the backend's place */
	XENNET_F_AGREED = XENNET_F_PERSISTENT | XENNET_F_SPLIT_RINGS |
			  XENNET_F_SEQUENCED_RINGS
};

struct xennet_offer {
	uint32_t flags;	     /* XENNET_F_* */
	uint32_t queues;     /* backend: at most; frontend: this many */
	uint32_t ring_order; /* ring pages, log2: backend at most, 0 to 4 */
	uint32_t slots;	     /* accepted per packet, XENNET_SLOTS_MIN or more */
	uint32_t headroom;   /* frontend: see front.h; below XENNET_PAGE */
};

#define XENNET_QUEUES_MAX 64u
#define XENNET_RING_ORDER_MAX 4u
#define XENNET_SLOTS_MAX 64u

enum xennet_end { XENNET_FRONT, XENNET_BACK };

/* The layout of both rings of every queue, from what the frontend says. */
static inline enum xennet_layout xennet_agreed_layout(uint32_t flags)
{
	if (flags & XENNET_F_SEQUENCED_RINGS)
		return XENNET_SEQUENCED;
	return flags & XENNET_F_SPLIT_RINGS ? XENNET_SPLIT : XENNET_STANDARD;
}

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Fills in what a configuration leaves zero: every feature, one queue, one ring
 * page, XENNET_SLOTS_MIN slots. -XENNET_EINVAL: more than the library can do.
 */
int xennet_offer_defaults(struct xennet_offer *o);

/*
 * Reads what `end` wrote below dir, within txn, or 0. -XENNET_EKEY_VALUE, -XENNET_EKEY_QUEUES or
 * the platform's error; *key then names the culprit. Sleeps.
 */
int xennet_offer_read(const struct xennet_platform *p, xennet_txn txn,
		      const char *dir, enum xennet_end end,
		      struct xennet_offer *o, const char **key);

/* Writes them, within txn. Sleeps. */
int xennet_offer_write(const struct xennet_platform *p, xennet_txn txn,
		       const char *dir, enum xennet_end end,
		       const struct xennet_offer *o);

#ifdef __cplusplus
}
#endif
#endif
