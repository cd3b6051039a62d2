/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Many vifs that want more than one processor can give, and who gets it.
 *
 * One process is the backend of all vifs, on one processor: with a worker for
 * each queue, or with a pool of a few to which the vifs are dealt out for good.
 * Another process is all the guests, on the other processor: one thread, which
 * keeps every vif's offer up and never waits.
 */
#ifndef FAIRNESS_H
#define FAIRNESS_H

#include <xennet/xennet.h>

#include "cores.h"
#include "fairness_latency.h"
#include "site.h"

#define FAIRNESS_VIFS_MAX 16u

/* What a guest sends: `burst` packets every gap_ns, or whenever they fit. */
struct fairness_load {
	const char *name;
	unsigned size, burst;
};

enum {
	FAIRNESS_BULK,
	FAIRNESS_SMALL,
	FAIRNESS_MTU,
	FAIRNESS_BURSTY,
	FAIRNESS_LIGHT,
	FAIRNESS_LOADS
};

extern const struct fairness_load fairness_loads[FAIRNESS_LOADS];

struct fairness_cell {
	unsigned nvifs, workers; /* workers: of a pool; 0: one per queue */
	unsigned load[FAIRNESS_VIFS_MAX];
	uint64_t gap_ns[FAIRNESS_VIFS_MAX]; /* 0: whenever they fit */
};

/* A vif, as the two processes share it. */
struct fairness_vif {
	/* the guest's */
	uint64_t sent XENNET_ALIGNED(128);
	uint64_t sent_sum;

	/* the worker's */
	uint64_t received XENNET_ALIGNED(128);
	uint64_t cpu_ns; /* of the backend's processor, for this vif */
	uint64_t received_sum, disorder, lost;
	struct latency latency;
};

/* What the guests' process saw when rates began to count, and when no more. */
struct fairness_look {
	uint64_t ns;
	uint64_t received[FAIRNESS_VIFS_MAX], cpu_ns[FAIRNESS_VIFS_MAX];
	uint64_t offered[FAIRNESS_VIFS_MAX], refused[FAIRNESS_VIFS_MAX];
};

struct fairness_shared {
	struct stage stage;
	struct fairness_cell cell;
	struct site site;
	struct fairness_look look[2];

	/* packets posted from the one to the other count for latency */
	uint64_t since_ns XENNET_ALIGNED(128);
	uint64_t until_ns;

	uint32_t ended XENNET_ALIGNED(128); /* no guest will send any more */
	uint32_t domids_known, front_idle, back_closed, front_left;
	uint16_t domid[FAIRNESS_VIFS_MAX];

	struct fairness_vif vif[FAIRNESS_VIFS_MAX];
};

/* The two processes, as a duet wants them. */
int fairness_front(void *shared);
int fairness_back(void *shared);

/* Says what, and why, as an exit status. err: -XENNET_E*, or 0. */
int fairness_complain(const char *what, int err);

/* Waits until the other process has set the flag; false: it never did. */
bool fairness_await(const uint32_t *flag);

/* Takes what a store has to say, or waits for it, a millisecond at most. */
void fairness_store_events(const struct xennet_host *h);

#endif
