/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * A thread per queue that carries packets between it and a queue of a TAP.
 *
 * Nothing is queued here but one burst: while the ring is full the TAP is not
 * read, and its own queue, which is bounded, fills. A burst that waited for
 * WORKER_PATIENCE milliseconds is dropped and counted.
 */
#ifndef WORKER_H
#define WORKER_H

#include <pthread.h>
#include <stdatomic.h>
#include <xennet/platform/host.h>
#include <xennet/xennet.h>
#include "tapvhost.h"

#define WORKER_BATCH 32u
/* Four of the longest frames, or a batch of short ones. */
#define WORKER_PAGES 80u
#define WORKER_FLIGHTS 5u
#define WORKER_PATIENCE 1000
#define WORKER_NICE (-10)

struct worker;

/* The same calls of a front's queue and of a back's. */
struct worker_end {
	void (*describe)(void *queues, unsigned i, struct worker *w);
	int (*poll)(void *q, struct xennet_burst *b, unsigned budget);
	void (*done)(void *q, const struct xennet_pkt *pkt, unsigned n);
	int (*drop)(void *q, unsigned budget);
	int (*send)(void *q, const struct xennet_pkt *pkt, unsigned n);
	int (*arm)(void *q);
	void (*wake)(void *q);
	void (*set_policy)(void *q, const struct xennet_policy *policy);
};

/* drop: at a frontend, whose packets are here already, is NULL. */
#define WORKER_END(end, drop_)                                                 \
	static void worker_describe(void *queues, unsigned i,                  \
				    struct worker *w)                          \
	{                                                                      \
		struct xennet_##end##_queue *q = queues;                       \
		w->queue = q + i;                                              \
		w->stats = &q[i].stats;                                        \
		w->sleep_usec = &q[i].notify.usec;                             \
		w->port[0] = q[i].tx.port;                                     \
		w->port[1] = q[i].rx.port;                                     \
	}                                                                      \
	static int worker_poll(void *q, struct xennet_burst *b, unsigned n)    \
	{                                                                      \
		return xennet_##end##_poll(q, b, n);                           \
	}                                                                      \
	static void worker_done(void *q, const struct xennet_pkt *p,           \
				unsigned n)                                    \
	{                                                                      \
		xennet_##end##_done(q, p, n);                                  \
	}                                                                      \
	static int worker_send(void *q, const struct xennet_pkt *p,            \
			       unsigned n)                                     \
	{                                                                      \
		return xennet_##end##_send(q, p, n);                           \
	}                                                                      \
	static int worker_arm(void *q)                                         \
	{                                                                      \
		return xennet_##end##_arm(q);                                  \
	}                                                                      \
	static void worker_wake(void *q)                                       \
	{                                                                      \
		xennet_##end##_wake(q);                                        \
	}                                                                      \
	static void worker_set_policy(void *q, const struct xennet_policy *p)  \
	{                                                                      \
		xennet_##end##_set_policy(q, p);                               \
	}                                                                      \
	static const struct worker_end worker_end = {                          \
		worker_describe, worker_poll, worker_done, drop_,              \
		worker_send,	 worker_arm,  worker_wake, worker_set_policy   \
	};

enum worker_count {
	WORKER_TAP_IN,
	WORKER_TAP_OUT,
	WORKER_TAP_HASHED, /* with a hash of the kind that the guest wants */
	WORKER_TAP_ASTRAY, /* of them, those that belong to another queue */
	WORKER_ANNOUNCED,  /* sent, and never in the TAP */
	WORKER_DROP_TAP_WRITE,	 /* the TAP refused it */
	WORKER_DROP_PORT_DOWN,	 /* the TAP was down: never fetched */
	WORKER_DROP_CSUM_PLACE,	 /* blank checksum where none is known */
	WORKER_DROP_RING_FULL,	 /* the peer took none for too long */
	WORKER_DROP_QUEUE_ENDED, /* in hand when the queue stopped */
	WORKER_COUNTS
};

/* What was counted of a queue, over all its connections. */
struct worker_sum {
	uint64_t count[WORKER_COUNTS];
	struct xennet_stats stats;
};

/* A burst from the peer on its way into the TAP. */
struct worker_flight {
	struct xennet_burst in;
	unsigned n;
	uint16_t place; /* of its last packet, in the vhost's queue */
};

struct worker {
	const struct worker_end *end;
	void *queue;
	const struct xennet_stats *stats;
	const uint32_t *sleep_usec; /* the queue's, after arm */
	struct xennet_policy policy;
	uint32_t peer_flags; /* XENNET_F_* that the peer can receive */
	uint32_t port[2];
	int port_fd[2];
	int tap;
	const int *taps;		/* of all queues */
	const struct xennet_back *back; /* of a backend's worker */
	int report; /* eventfd, written when the worker ends by itself */
	const struct xennet_platform *platform;
	const char *vif;
	unsigned index;
	struct worker_sum *sum; /* of earlier connections, while it runs */
	const char *announce;	/* first, for the interface of this name */

	pthread_t thread;
	pthread_mutex_t lock; /* of the pause */
	pthread_cond_t change;
	bool resting;
	bool hashes; /* the guest asks for that; see steer.h */
	int kick;    /* eventfd: look at command */
	atomic_int command;
	atomic_int ended;      /* -XENNET_E*, once it ended by itself */
	atomic_bool port_down; /* the TAP; a change is reported */
	uint64_t count[WORKER_COUNTS];
	struct worker_flight flight[WORKER_FLIGHTS];
	unsigned oldest, nflights;
	struct tap_vhost *vhost; /* or NULL */
	bool asked;		 /* for it */
	bool down;		 /* the TAP */
	unsigned until_look;	 /* bursts, before that is looked at again */
	struct xennet_pkt out[WORKER_BATCH];
	struct xennet_frag frag[WORKER_BATCH];
	unsigned char *buffer; /* WORKER_PAGES of it, for them */
	bool near;	       /* the platform's copy_alloc gave it */
	unsigned first, nout;  /* of out[], not sent yet */
	int64_t stuck;	       /* they are since then, in ms; or 0 */
};

/* Everything above the thread is the caller's to set. 0 or -errno. */
int worker_start(struct worker *w);

/* Ends the thread, adds its counters to the sum, and frees what start made. */
void worker_stop(struct worker *w);

/*
 * Pauses the thread: once paused says so it is in no function of its queue,
 * with what it has in hand, until it may go on. One that has ended rests, too.
 */
void worker_pause(struct worker *w);
void worker_paused(struct worker *w);
void worker_go_on(struct worker *w);
/* Has the thread look whether the TAP is up. */
void worker_look(struct worker *w);

/* Has the thread print its counters with the sum, one "VIF.qN NAME VALUE" per
 * line. */
void worker_print(struct worker *w);

/* The same of a queue that has no worker. */
void worker_sum_print(const struct worker_sum *sum, const char *vif,
		      unsigned index);

#endif
