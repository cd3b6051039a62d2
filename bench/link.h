/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * One cell of the link benchmark: packets of one size through the library
 * between two processes, by one strategy, in bursts.
 *
 * The frontends' process holds one guest, or two when packets go from guest to
 * guest; the backend's process serves each with a vif. One worker thread per
 * process serves all its queues in turn.
 */
#ifndef LINK_H
#define LINK_H

#include <xennet/xennet.h>

#include "bench.h"
#include "cores.h"
#include "site.h"

#define LINK_GUESTS_MAX 2u
#define LINK_QUEUES_MAX 2u
#define LINK_SAMPLES 16384u

enum link_direction { LINK_TX, LINK_RX, LINK_GUEST };

/* By name, what the backend does with a guest's TX and RX pages. */
struct link_strategy {
	const char *name;
	enum xennet_strategy tx, rx;
	bool persistent; /* the frontends offer it */
	bool apart;	 /* a platform call for every page that is mapped */
};

struct link_cell {
	enum link_direction direction;
	const struct link_strategy *strategy;
	unsigned size, queues, burst;
	enum xennet_layout layout; /* of the rings */
	unsigned ring_order;
	struct xennet_policy policy; /* of both ends */
};

struct link_times {
	unsigned warm_ms, run_ms, latency_ms;
};

struct link_result {
	double mpps, gbps;
	double calls, copied, notifications;	       /* per packet */
	double copies, maps, unmaps, grants, ungrants; /* calls per packet */
	double p50_us, p99_us;
	double drops;
	double grant_calls, event_calls; /* system calls per packet */
};

/* 0, or BENCH_FAILED when a packet got lost, was changed or came out of
 * order, or when there was no link: what is wrong has been said. */
int link_run(const struct link_cell *c, const struct link_times *t,
	     const struct site *site, struct link_result *r);

/* Pages that the guests of a cell of so many queues grant: rings and buffers;
 * besides, its control ring, a list of static grants, and one that tells of its
 * death. */
#define LINK_QUEUE_PAGES 514u
#define LINK_GUEST_PAGES 3u

static inline unsigned link_guests(const struct link_cell *c)
{
	return c->direction == LINK_GUEST ? LINK_GUESTS_MAX : 1;
}

static inline unsigned link_pages(const struct link_cell *c)
{
	return link_guests(c) *
	       (c->queues * LINK_QUEUE_PAGES + LINK_GUEST_PAGES);
}

/* What one process counted while the rate was taken. */
struct link_report {
	struct meter meter; /* packets that came out here */
	struct xennet_stats during, all;
	struct site_calls calls; /* during it */
};

/* What the two processes share. */
struct link_shared {
	struct stage stage;
	struct link_cell cell;
	struct site site;

	/* the producer's, once `ended` says that there will be no more */
	uint64_t sent XENNET_ALIGNED(128);
	uint64_t sent_sum;
	uint32_t ended;

	/* the consumer's */
	uint64_t received XENNET_ALIGNED(128);
	uint64_t received_sum;
	uint64_t disorder;
	uint32_t finished; /* as many as were sent */
	unsigned nsamples;

	/* to begin and to part */
	uint32_t domids_known XENNET_ALIGNED(128);
	uint32_t listed, front_idle, back_closed, front_left;
	uint16_t domid[LINK_GUESTS_MAX];

	struct link_report report[2];
	float sample_us[LINK_SAMPLES];
};

/* Either end of a queue. */
struct link_queue {
	struct xennet_front_queue *front;
	struct xennet_back_queue *back;
	const struct xennet_host *host;
};

static inline int link_poll(const struct link_queue *q, struct xennet_burst *b,
			    unsigned budget)
{
	return q->front ? xennet_front_poll(q->front, b, budget)
			: xennet_back_poll(q->back, b, budget);
}

static inline void link_done(const struct link_queue *q,
			     const struct xennet_pkt *pkt, unsigned n)
{
	if (q->front)
		xennet_front_done(q->front, pkt, n);
	else
		xennet_back_done(q->back, pkt, n);
}

static inline int link_send(const struct link_queue *q,
			    const struct xennet_pkt *pkt, unsigned n)
{
	return q->front ? xennet_front_send(q->front, pkt, n)
			: xennet_back_send(q->back, pkt, n);
}

static inline int link_arm(const struct link_queue *q)
{
	return q->front ? xennet_front_arm(q->front) : xennet_back_arm(q->back);
}

static inline void link_wake(const struct link_queue *q)
{
	if (q->front)
		xennet_front_wake(q->front);
	else
		xennet_back_wake(q->back);
}

/* All queues of one process, in use. */
struct link_end {
	struct link_queue queue[LINK_GUESTS_MAX * LINK_QUEUES_MAX];
	unsigned nqueues; /* guest by guest */
	const struct site *site;
	const struct xennet_host *host[LINK_GUESTS_MAX];
	unsigned nhosts;
};

/*
 * A process's life: connects, lets work() have the queues, parts in an order
 * that leaves nothing behind. work() and these return an exit status.
 */
int link_front(struct link_shared *s,
	       int (*work)(struct link_shared *s, struct link_end *e));
int link_back(struct link_shared *s,
	      int (*work)(struct link_shared *s, struct link_end *e));

/* The sum of an end's counters. */
void link_stats(const struct link_end *e, struct xennet_stats *sum);

/* Of this process, with what both ends need for life as well. */
void link_calls(const struct link_end *e, struct site_calls *sum);

/* Asks for events and sleeps until one comes or 1 ms has passed. */
int link_doze(struct link_end *e);

/* The workers of either process, as link_front and link_back want them. */
int link_work_front(struct link_shared *s, struct link_end *e);
int link_work_back(struct link_shared *s, struct link_end *e);

/* Replays a capture both ways and compares. The exit status. */
int link_replay(const struct bench_opts *o);

#endif
