/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * The frontend's end of a vif; the mirror image of back.h.
 *
 *	xennet_front_open(&f, &config);
 *	on every event of the store or of f.ctrl.port:
 *		xennet_front_event(&f), as in back.h; it never says PAUSE
 *
 *	a worker, on its queue q:
 *		xennet_front_send(q, pkts, m);                to the backend
 *		n = xennet_front_poll(q, &in, XENNET_BURST);  from the backend
 *		use in.pkt[0 .. n-1]
 *		xennet_front_done(q, in.pkt, n);
 *		if nothing came: if (!xennet_front_arm(q))
 *			wait for q->tx.port and q->rx.port,
 *			xennet_front_wake(q)
 *
 * Packets are sent from pages of the library's own, several small ones to a
 * page, and received in place. Threads as in back.h.
 *
 * A page that the backend holds on to longer than it may is tried again by
 * each send, poll and done, and no event tells when it is free: who has
 * packets in hand and sees stats.reason[XENNET_EBUSY] grow, or packets refused
 * as XENNET_EPKT_PAGE_BUSY, sleeps with a timeout.
 */
#ifndef XENNET_FRONT_H
#define XENNET_FRONT_H

#include <xennet/ctrl.h>
#include <xennet/hash.h>
#include <xennet/queue.h>

struct xennet_front_config {
	struct xennet_platform platform;
	uint16_t domid; /* ours */
	uint32_t handle;
	/* zeroes: everything, 1 queue, 1 page. Without XENNET_F_PERSISTENT
	 * each page is granted when it is used and revoked afterwards, where
	 * the platform can grant. With XENNET_F_STATIC in its place pages stay
	 * granted, too, if there is a control ring; and the backend is asked to
	 * keep them mapped.
	 * headroom: each packet received has so many bytes before frag[0].addr
	 * that are its receiver's to write, until done. A backend that can
	 * (XENNET_F_XDP_HEADROOM) leaves them free in the page; where it does
	 * not, the head is copied. */
	struct xennet_offer offer;
	/* Pages stay granted, whatever the backend keeps: what it sends is
	 * XENNET_PKT_SHARED then, and costs no call. For who copies it. */
	bool keep_granted;
	/* how the backend is to choose the queue of each packet; zeroes: as
	 * it likes */
	struct xennet_hash_config hash;
};

/* Of what the configuration asks for over the control ring. */
enum xennet_hash_state {
	XENNET_HASH_OFF,
	XENNET_HASH_ASKING, /* or the backend is silent */
	XENNET_HASH_ON,
	XENNET_HASH_REFUSED /* there is no control ring, or see status */
};

struct xennet_front_hash {
	enum xennet_hash_state state;
	uint32_t status; /* XENNET_CTRL_*, of the last answer */
	uint32_t types;	 /* asked for, and known to the backend */
	unsigned step;
	bool again; /* the configuration changed on the way */
	void *page; /* for key and mapping; shared, or NULL */
	uint32_t gref;
};

/* What is asked for static grants, one thing at a time. */
struct xennet_front_statics {
	struct xennet_ctrl_gref *list; /* a page shared meanwhile, or NULL */
	uint32_t gref;
	unsigned queue;
	uint32_t ntx, nrx; /* pages that its quota has room for */
	uint32_t listed, asked;
};

/* A page of the TX pool. Free pages are bits in a map, the lowest first. */
struct xennet_front_page {
	uint16_t users; /* requests in it, not answered */
	uint16_t busy;	/* could not be revoked yet */
};

/* A request id. */
struct xennet_front_id {
	uint16_t page;
	uint8_t out;   /* whether the backend has it, and what it is */
	uint8_t first; /* of a packet */
};

struct xennet_front_tx {
	struct xennet_ring ring;
	void *pages; /* of the ring */
	uint32_t ring_gref[1u << XENNET_RING_ORDER_MAX];
	uint32_t port;
	unsigned char *pool;
	uint32_t *gref; /* per page; 0: not granted */
	struct xennet_front_page *page;
	uint64_t *avail; /* bit set: page free */
	unsigned npages, nbusy;
	uint16_t retry;		/* the next page to look for busy ones */
	uint32_t packing, fill; /* the page being packed, and how far */
	struct xennet_front_id *id;
	bool in_order;	 /* answers are: an id is a place in the ring */
	uint32_t polled; /* ring.pub at the last poll */
	uint16_t *spare; /* stack of free ids */
	unsigned nspare;
	unsigned extras; /* extra slots not answered */
	bool wanting;	 /* the last send found the ring or the pool full */
	bool answered;	 /* requests were, since then */
	uint32_t flags;	 /* XENNET_F_* that the backend can receive */
	uint32_t hashes; /* it takes hashes; set by the control thread */
};

/* A receive buffer: id i is page i. */
struct xennet_front_buf {
	uint16_t next; /* of the same packet; a packet's last is its own */
	uint16_t offset, size;
	uint8_t state; /* idle, posted, held by a packet, busy */
};

struct xennet_front_rx {
	struct xennet_ring ring;
	void *pages; /* of the ring */
	uint32_t ring_gref[1u << XENNET_RING_ORDER_MAX];
	uint32_t port;
	unsigned char *pool;
	uint32_t *gref; /* per buffer; 0: not granted */
	struct xennet_front_buf *buf;
	uint16_t *posted; /* ring position to id */
	uint16_t *spare;  /* ids to post: a stack */
	unsigned nspare, nbusy;
	uint16_t retry;	     /* the next buffer to look for busy ones */
	unsigned char *head; /* XENNET_HEAD bytes per buffer, each
				     * behind the headroom */
	uint32_t headroom;
	bool skip_extra, skip_data; /* of a chain that is refused */
	uint32_t slots_max;
	uint32_t gso_mask;
	uint32_t extras; /* as the backend's; set by the control thread */
};

struct xennet_front_queue {
	struct xennet_front_tx tx;
	struct xennet_front_rx rx;
	const struct xennet_platform *platform;
	uint16_t peer;
	bool persistent; /* pages stay granted */
	bool mcast;	 /* the backend keeps a list of groups */
	/* pages that the backend has listed as static grants */
	uint32_t statics;
	struct xennet_notifier notify;
	uint16_t npages; /* of each ring */
	int broken;
	bool progress;
	struct xennet_grant_op op[XENNET_BATCH];
	struct xennet_stats stats;
} XENNET_ALIGNED(XENNET_CACHE_LINE);

struct xennet_front {
	struct xennet_front_config config;
	struct xennet_offer back; /* what the backend wrote */
	uint16_t peer;		  /* the backend's domain */
	uint32_t ring_order;	  /* of this connection */
	enum xennet_state state;
	enum xennet_state peer_state;
	struct xennet_front_queue *queue;
	unsigned nqueues;
	bool live; /* the backend is connected too */
	/* by the backend's key, which may change with any event; true without */
	bool carrier;
	/* by the toolstack's key; no backend ever sees but its own packets */
	bool trusted;
	/* a page that tells the backend of our death, or NULL */
	uint32_t *alive;
	uint32_t alive_gref;
	struct xennet_front_ctrl ctrl;
	struct xennet_front_hash hash;
	bool filter;  /* only groups joined are wanted */
	uint32_t mtu; /* by the toolstack's key; larger ones need not arrive */
	struct xennet_front_statics statics;
	int refused;
	const char *refused_key;
	char dir[64], peer_dir[64];
};

#ifdef __cplusplus
extern "C" {
#endif

int xennet_front_open(struct xennet_front *f,
		      const struct xennet_front_config *config);
int xennet_front_event(struct xennet_front *f);
/* A backend that still serves us is told first, and, where the platform has a
 * delay, waited for: 200 ms at most. */
void xennet_front_disconnect(struct xennet_front *f);
/* No event may follow, as after an open that failed: it would begin anew. */
void xennet_front_close(struct xennet_front *f);

/*
 * After the domain was saved and restored, here or on another machine, now as
 * domid; the workers have been stopped. Whatever was granted and every port is
 * void: it lets go of them without a word to the backend that was, and begins
 * as open does, with the backend that the toolstack names now. What was sent
 * and not answered is lost, and nothing of it is answered twice. Events go on
 * as after open. An error, of the store or for want of a backend there: each
 * event tries again, and returns the same, until it is mended. Not after a
 * suspend that was cancelled: nothing has changed then.
 */
int xennet_front_resume(struct xennet_front *f, uint16_t domid);

/*
 * Whether the backend is to spare us multicast of groups that we have not
 * joined (E7; broadcast always comes). The control thread's; it sleeps. A
 * backend that keeps no lists never does. 0; -XENNET_ESTATE: this backend looks
 * once, so it holds from the next connection on; or the store's error.
 */
int xennet_front_filter(struct xennet_front *f, bool on);

/*
 * Joins or leaves a group, by its Ethernet address; on any queue, its worker's.
 * A new connection begins with none. 0: asked for; the answer comes to poll,
 * and is counted: stats.mcast_okay or reason[XENNET_EMCAST], where the list is
 * full (netback: 64). -XENNET_EINVAL: no group; -XENNET_ENOSYS: this backend
 * keeps no list; -XENNET_ENOSPC: the ring is full, arm waits for room. Negative
 * otherwise: the peer is broken.
 */
int xennet_front_mcast_add(struct xennet_front_queue *q,
			   const unsigned char mac[6]);
int xennet_front_mcast_del(struct xennet_front_queue *q,
			   const unsigned char mac[6]);

/*
 * Sends packets; their memory is the caller's again on return. Returns how
 * many were taken, fewer than n when the ring or the pool is full. A packet
 * that this backend can never take is counted under its reason and taken.
 * Negative: the peer is broken.
 */
int xennet_front_send(struct xennet_front_queue *q,
		      const struct xennet_pkt *pkt, unsigned n);

/* As xennet_back_poll; also collects the answers to what was sent. */
int xennet_front_poll(struct xennet_front_queue *q, struct xennet_burst *b,
		      unsigned budget);

/* Hands n packets back; their buffers are posted again. */
void xennet_front_done(struct xennet_front_queue *q,
		       const struct xennet_pkt *pkt, unsigned n);

/*
 * Another hash from now on, also for the connections to come; f->hash.state
 * says, after later events, whether the backend agreed. The control thread, at
 * any time; sleeps. -XENNET_EINVAL: config.
 */
int xennet_front_set_hash(struct xennet_front *f,
			  const struct xennet_hash_config *config);

/* Which of the queues a packet is to be sent on: that of its flow. For any
 * thread, while connected. */
unsigned xennet_front_select_queue(const struct xennet_front *f,
				   const struct xennet_pkt *pkt);

/* As those of the backend. */
void xennet_front_set_policy(struct xennet_front_queue *q,
			     const struct xennet_policy *policy);
int xennet_front_arm(struct xennet_front_queue *q);
void xennet_front_wake(struct xennet_front_queue *q);

#ifdef __cplusplus
}
#endif
#endif
