/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * What the queues of both ends have in common.
 *
 * A queue is a TX ring and an RX ring (tx and rx are always the frontend's
 * view) and belongs to one thread at a time; two queues share no cache line
 * that either writes. In the data path there is no allocation, no lock, and no
 * platform call but one per batch of grant operations and notify.
 */
#ifndef XENNET_QUEUE_H
#define XENNET_QUEUE_H

#include <xennet/batch.h>
#include <xennet/feature.h>
#include <xennet/pgrant.h>
#include <xennet/pkt.h>
#include <xennet/wire.h>

/* How a backend reaches the frontend's pages. */
enum xennet_strategy {
	XENNET_COPY,	   /* the hypervisor copies: one call per batch */
	XENNET_MAP,	   /* map, use, unmap: two calls per batch */
	XENNET_PERSISTENT, /* map once, if the frontend agrees; else copy */
	XENNET_BY_COST	   /* persistent; else copy or map, as it is cheaper */
};

/* Bytes of each packet that are private memory before anybody looks. */
#define XENNET_HEAD 128u

/* Grant operations in one platform call, at most. */
#define XENNET_BATCH 128u

/* When the peer is to wake us. docs/DESIGN.md says why there are four. */
enum xennet_notify_mode {
	XENNET_NOTIFY_EXACT,	/* at the next message */
	XENNET_NOTIFY_MODERATE, /* when several are there, or after a while */
	XENNET_NOTIFY_POLL,	/* never: the worker does not sleep */
	XENNET_NOTIFY_ADAPT /* as the load has it; exact without ops->clock */
};

/* A worker's choice for its queue, at any time. Zeroes: exact. */
struct xennet_policy {
	enum xennet_notify_mode mode;
	/* moderate, adapt: no event before so many messages, if as many can
	 * come; 0: XENNET_POLICY_AHEAD */
	uint32_t ahead;
	/* and no sleep longer than this, while messages come; 0:
	 * XENNET_POLICY_USEC */
	uint32_t usec;
};

#define XENNET_POLICY_AHEAD 32u
#define XENNET_POLICY_USEC 50u

/* Of a queue, how it goes by its policy. */
struct xennet_notifier {
	struct xennet_policy policy;
	enum xennet_notify_mode now; /* what adapt has come to, or the policy */
	/* after arm said 0: the caller sleeps so many microseconds at most;
	 * 0: without limit */
	uint32_t usec;
	uint32_t at; /* messages seen at the last arm */
	/* adapt: messages and time when the period began, the time of the
	 * last message, periods that must agree before it does more */
	uint32_t counted;
	uint64_t since, last;
	unsigned patience;
};

struct xennet_stats {
	uint64_t tx_packets, tx_bytes;
	uint64_t rx_packets, rx_bytes;
	uint64_t tx_acked;   /* frontend: packets the backend has answered */
	uint64_t mcast_okay; /* frontend: groups joined and left */
	uint64_t copied;     /* bytes moved, by us or by the hypervisor */
	uint64_t copy_calls, copy_ops;
	uint64_t map_calls, map_ops;
	uint64_t unmap_calls, unmap_ops;
	uint64_t grant_calls, ungrant_calls; /* table writes, no hypercall */
	uint64_t notified;		     /* events sent */
	uint64_t notify_spared;		     /* pushes that needed none */
	uint64_t notify_asked;		     /* events asked for */
	uint64_t woken;			     /* wake-ups */
	uint64_t woken_idle;		     /* by an event, for nothing */
	uint64_t reason[XENNET_ERR_COUNT];   /* refusals, by XENNET_E* */
};

/* What a vif's control thread is told by xennet_front_event, _back_event. */
enum xennet_vif_event {
	XENNET_VIF_IDLE,      /* nothing to do */
	XENNET_VIF_CONNECTED, /* just now: its queues may be used */
	XENNET_VIF_PAUSE, /* backend: pause the workers, and serve (ctrl.h) */
	XENNET_VIF_STOP,  /* stop using its queues, then disconnect */
	XENNET_VIF_GONE	  /* the peer or its nodes are gone: close */
};

#endif
