/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * The backend's end of a vif.
 *
 *	struct xennet_back b;
 *	struct xennet_burst in;
 *
 *	xennet_back_open(&b, &config);             offers features
 *	on every event of the store or of b.ctrl.port:
 *		switch (xennet_back_event(&b)) {
 *		case XENNET_VIF_CONNECTED: start a worker per b.queue[i]
 *		case XENNET_VIF_PAUSE: pause the workers, xennet_back_ctrl(&b),
 *				       let them go on, event again (ctrl.h)
 *		case XENNET_VIF_STOP: stop the workers,
 *				      xennet_back_disconnect(&b), event again
 *		case XENNET_VIF_GONE: xennet_back_close(&b)
 *		}
 *
 *	a worker, on its queue q:
 *		n = xennet_back_poll(q, &in, XENNET_BURST);   from the guest
 *		use in.pkt[0 .. n-1]
 *		xennet_back_done(q, in.pkt, n);
 *		xennet_back_send(q, pkts, m);                 to the guest
 *		if nothing came: if (!xennet_back_arm(q))
 *			wait for q->tx.port and q->rx.port,
 *			xennet_back_wake(q)
 *
 * The vif's functions belong to one control thread and sleep; a queue's
 * functions belong to its worker and never sleep. Connect and disconnect only
 * while no worker uses a queue.
 */
#ifndef XENNET_BACK_H
#define XENNET_BACK_H

#include <xennet/cost.h>
#include <xennet/ctrl.h>
#include <xennet/hash.h>
#include <xennet/queue.h>

#define XENNET_NO_STATICS UINT32_MAX

struct xennet_back_config {
	struct xennet_platform platform;
	uint16_t domid; /* ours */
	uint16_t peer;	/* the frontend's domain, from the toolstack (G9) */
	uint32_t handle;
	struct xennet_offer offer; /* zeroes: everything, 1 queue, 1 page */
	enum xennet_strategy tx, rx;
	struct xennet_costs costs; /* measured, or zeroes: the usual ones */
	/* kept mapped per ring, XENNET_BATCH or more; 0: one per ring slot */
	uint32_t pgrants;
	/* static grants per queue, besides those; 0: one per slot of both its
	 * rings; XENNET_NO_STATICS: there are none */
	uint32_t statics;
	/* kept mapped of all the vif's queues together; 0: no limit but those.
	 * Each queue has an equal part. Where that is not enough for the
	 * persistent pages of both its rings, none are kept, and they are
	 * copied; static ones have what is left */
	uint32_t maps;
};

/* A request in our hands: taken, not answered. */
struct xennet_back_slot {
	void *addr; /* of a mapping that ends with the packet, or NULL */
	union {
		uint64_t handle;	    /* of that */
		struct xennet_pgrant *page; /* kept: it stays mapped */
	};
	uint16_t key;  /* see xennet_back_respond in back_answer.h */
	uint16_t next; /* of the same packet; a packet's last points at itself */
	uint16_t offset, size;
	uint8_t kept;
	uint8_t extra; /* holds extra info: no id, no data */
	uint8_t bad;   /* its page could not be reached */
};

/* The frontend's pages that a ring finds mapped already. */
enum { XENNET_KEEPS_PERSISTENT = 1, XENNET_KEEPS_STATIC = 2 };

/* The toolstack's limit, of each queue: its bytes per period, of which a slice
 * is a sixteenth, in 64 ns; 0: none. Written while workers run: odd versions
 * are half written. */
struct xennet_back_rate {
	uint32_t version;
	uint32_t bytes, slice;
};

/* How a queue stands to it, when it last looked. */
struct xennet_back_credit {
	uint32_t version;
	uint32_t bytes, slice;
	int64_t left;	  /* sixteenths of bytes; negative: owed */
	uint64_t since;	  /* of the clock, in 64 ns */
	uint64_t charged; /* of stats.tx_bytes */
};

struct xennet_back_tx {
	struct xennet_ring ring;
	void *pages; /* of the ring */
	uint32_t port;
	enum xennet_strategy strategy;
	unsigned keeps; /* XENNET_KEEPS_* */
	/* packets that any poll may take; 0: as the credit has it */
	uint32_t unmetered;
	struct xennet_back_credit credit;
	struct xennet_pgrants grants;
	struct xennet_back_slot *slot;
	uint16_t *spare; /* stack of free slots */
	unsigned nspare;
	unsigned char *head;	    /* XENNET_HEAD bytes per slot */
	unsigned char **page;	    /* copies: a page per slot */
	uint32_t map_from;	    /* shorter slots are copied, not mapped */
	bool head_near, page_near;  /* copy_alloc gave them */
	bool swapped;		    /* pages no longer lie in one piece */
	unsigned mapped;	    /* slots whose addr is set */
	bool skip_extra, skip_data; /* of a chain that is refused */
	bool partial;		    /* the ring ends within a chain */
	bool in_order; /* answers are: an id is a place in the ring */
	/* then: by place, the answered requests that others before them keep
	 * from being published; and how many they are */
	uint8_t *late;
	unsigned nlate;
	uint32_t slots_max;
	uint32_t gso_mask; /* 1 << gso type, of those agreed */
	uint32_t extras;   /* 1 << XENNET_EXTRA_*, of those agreed */
};

struct xennet_back_rx {
	struct xennet_ring ring;
	void *pages; /* of the ring */
	uint32_t port;
	enum xennet_strategy strategy;
	unsigned keeps; /* XENNET_KEEPS_* */
	struct xennet_pgrants grants;
	uint32_t map_from; /* fewer bytes of a slot are copied */
	bool wanting;	   /* the last send found too few buffers */
	uint32_t slots_max;
	uint32_t flags;	     /* XENNET_F_* that the frontend can receive */
	uint32_t hash_types; /* 1 << XENNET_HASH_*, which it asked for */
	/* free bytes at the beginning of each page; the control thread's */
	uint32_t headroom;
};

/* Of the slot before a packet, that old frontends have its segment size in. */
#define XENNET_FILL_PREFIX 0xffu

/* One RX slot of a send, until it is answered. */
struct xennet_back_fill {
	void *addr;
	uint64_t handle;
	uint32_t gref;
	struct xennet_rx_rsp rsp;
	uint8_t first; /* of a packet */
	uint8_t extra; /* XENNET_EXTRA_* or XENNET_FILL_PREFIX; 0: data */
};

#define XENNET_MCAST_MAX 64u

/* The groups of a frontend; and whether it wants to be spared all others. */
struct xennet_mcast {
	uint64_t group[XENNET_MCAST_MAX] XENNET_ALIGNED(8); /* a MAC; 0: none */
	uint32_t filter;
};

struct xennet_back_queue {
	struct xennet_back_tx tx;
	struct xennet_back_rx rx;
	const struct xennet_platform *platform;
	uint16_t domid, peer;
	uint16_t npages;       /* of each ring */
	const uint32_t *alive; /* the vif's, in its first queue; else NULL */
	const struct xennet_back_rate *rate; /* the vif's */
	struct xennet_mcast *mcast;	     /* the vif's; NULL: not offered */
	int broken; /* 0, or the -XENNET_E* for which the queue stopped */
	bool progress;
	struct xennet_notifier notify;
	struct xennet_pgrants statics; /* cap 0: none yet */
	struct xennet_copy_op copy[XENNET_BATCH];
	struct xennet_map_op map[XENNET_BATCH];
	struct xennet_back_fill fill[XENNET_BATCH / 2];
	struct xennet_stats stats;
} XENNET_ALIGNED(XENNET_CACHE_LINE);

struct xennet_back {
	struct xennet_back_config config;
	struct xennet_offer front;    /* what the frontend wrote */
	enum xennet_state state;      /* what we wrote */
	enum xennet_state peer_state; /* as last acted upon */
	xennet_txn txn;		      /* while connecting; else 0 */
	struct xennet_back_queue *queue;
	unsigned nqueues;
	int refused;		 /* 0, or why there is no connection */
	const char *refused_key; /* the key at fault, or NULL */
	struct xennet_back_rate rate;
	uint32_t *alive; /* 0 once the frontend has died, or NULL */
	struct xennet_back_ctrl ctrl;
	/* how the frontend wants its packets hashed; NULL: it never said */
	struct xennet_hash *hash;
	struct xennet_mcast mcast;
	/* begun by another backend, which knew the groups: none is filtered */
	bool taken_over;
	uint32_t mtu;	      /* by the toolstack's key */
	bool hotplug_watched; /* while hotplug-status says to wait */
	bool carrier;	      /* as we said last */
	char dir[64], peer_dir[64];
};

#ifdef __cplusplus
extern "C" {
#endif

/* Offers our features and waits for the frontend. Where the store has both ends
 * connected, by a backend that is no more, the state stays, and the next event
 * takes the rings up where they stand. -XENNET_EINVAL: config. */
int xennet_back_open(struct xennet_back *b,
		     const struct xennet_back_config *config);

/* Looks at the frontend's nodes and does what they ask. XENNET_VIF_*, or an
 * error: of XENNET_KIND_CALL, nothing changed, call again after a while; else a
 * frontend that cannot be served is refused: the state becomes Closed, and
 * b->refused says why. Where there is a hotplug-status it waits for "connected"
 * (S6); when that says "error", b->refused does too, and the wait goes on. */
int xennet_back_event(struct xennet_back *b);

/* Tells the frontend whether there is a carrier; as long as nothing is said,
 * there is. In any state; 0, or an error of the store. Sleeps. */
int xennet_back_set_carrier(struct xennet_back *b, bool on);

/* Unmaps and unbinds everything. After XENNET_VIF_STOP; before it, the vif
 * comes back only when the frontend begins again. */
void xennet_back_disconnect(struct xennet_back *b);

/* Disconnects and leaves the state Closed. No event may follow, as after an open
 * that failed: it would offer anew. */
void xennet_back_close(struct xennet_back *b);

/*
 * At most budget (up to XENNET_BURST) packets that the guest sent, and those
 * refused are answered and counted on the way. Who keeps packets gets no new
 * ones once they take as many slots as the ring has. A negative result is
 * final: the peer is broken (q->broken), or dead (-XENNET_EGONE).
 */
int xennet_back_poll(struct xennet_back_queue *q, struct xennet_burst *b,
		     unsigned budget);

/*
 * Takes as many, up to budget, and answers that they are dropped; their bytes
 * are never fetched. For who has nowhere to put them, and none in hand.
 */
int xennet_back_drop(struct xennet_back_queue *q, unsigned budget);

/* Hands n polled packets back; the guest gets its answers. In whatever order;
 * but who is killed leaves to a successor what the guest cannot miss only if
 * that was the order of poll. */
void xennet_back_done(struct xennet_back_queue *q, const struct xennet_pkt *pkt,
		      unsigned n);

/*
 * Takes a page away from a polled packet whose bytes at addr were copied to it,
 * and leaves another, which the next packet's will be: what was copied once need
 * not be again. The caller owns what addr points into from then on. Only where
 * the platform's copy_free takes single pages, of copy_alloc's and of the
 * caller's alike. False: no such page is there (a head, or the guest's own), and
 * the caller keeps his. Before the packet is handed back.
 */
bool xennet_back_swap(struct xennet_back_queue *q, const struct xennet_pkt *pkt,
		      const void *addr, void *page);

/*
 * Sends packets to the guest; they are copied when it returns. Returns how
 * many were taken, which is fewer than n when the guest has posted too few
 * buffers (keep or drop the rest; arm then waits for buffers too, but a
 * frontend without XENNET_F_RX_NOTIFY need not tell of them: arm then limits
 * the sleep). A packet that this guest can never take is counted under its
 * reason and taken.
 * Negative: the peer is broken.
 */
int xennet_back_send(struct xennet_back_queue *q, const struct xennet_pkt *pkt,
		     unsigned n);

/*
 * Which of its queues a packet to the guest goes to: by the hash that the
 * frontend asked for, which is left in the packet, and its mapping; else by
 * flow. For any thread that sends to a connected vif, but not while it is
 * paused (ctrl.h).
 */
unsigned xennet_back_select_queue(const struct xennet_back *b,
				  struct xennet_pkt *pkt);

/* When the guest is to wake this worker; exact, to begin with. Its own thread,
 * at any time. */
void xennet_back_set_policy(struct xennet_back_queue *q,
			    const struct xennet_policy *policy);

/*
 * Before sleeping: 0, sleep; 1, there may be work; negative: broken. Where
 * q->notify.usec is not zero then, for so many microseconds at most: by another
 * policy than the exact one fewer messages than were asked for may have come;
 * the guest may have sent all that the toolstack's rate allows for now (then in
 * every policy); or send waits for buffers that this guest does not tell of.
 */
int xennet_back_arm(struct xennet_back_queue *q);

/* After a wake-up, before polling: lets the next event through. */
void xennet_back_wake(struct xennet_back_queue *q);

#ifdef __cplusplus
}
#endif
#endif
