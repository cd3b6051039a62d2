/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * What becomes of the library with many queues and many vifs.
 *
 * A crowd mirrors a Xen host: one process is the driver domain and serves a
 * vif of each of many guests, and each guest is a domain of its own. The guests
 * share a process, or a few, when one has not descriptors enough: what they
 * cost there is nobody's.
 */
#ifndef SCALE_H
#define SCALE_H

#include <xennet/xennet.h>

#include "bench.h"
#include "cores.h"
#include "site.h"

#define SCALE_VIFS_MAX 4096u
#define SCALE_QUEUES_MAX 8u
#define SCALE_FRONTS_MAX 8u
#define SCALE_SIZE 64u
#define SCALE_BURST 32u

/* So many vifs; what they need of a process, and what it may have. */
struct scale_shape {
	unsigned vifs, queues;
	unsigned channels; /* event channels of a queue: 1, or split: 2 */
	unsigned fronts;   /* processes that hold the guests */
	enum xennet_strategy strategy;
};

/* Resident memory of a process by what is mapped, in KiB. */
struct scale_memory {
	double own;    /* anonymous: what it allocated */
	double guests; /* of guests' memory: rings, grant tables, packets */
	unsigned maps; /* mappings */
	unsigned fds;
};

/* What the library asked its platform for. */
struct scale_asked {
	double tables, buffers; /* KiB */
};

/* What came of one set-up. */
struct scale_result {
	double mpps;			  /* all vifs busy */
	double connect_ms, disconnect_ms; /* all of them */
	struct scale_memory empty, joined, connected, busy;
	struct scale_asked asked;
	uint64_t strangers; /* wake-ups of idle vifs while one was busy */
};

enum scale_op {
	SCALE_SERVE,
	SCALE_JOIN,
	SCALE_CONNECT,
	SCALE_RUN_ALL,
	SCALE_RUN_ONE, /* the first queue of the first vif */
	SCALE_DISCONNECT,
	SCALE_LEAVE
};

enum scale_phase { SCALE_WARM, SCALE_MEASURE, SCALE_HALT };

/* What the processes of a crowd share. */
struct scale_stage {
	uint32_t order XENNET_ALIGNED(128); /* counts orders; a futex */
	uint32_t op;
	uint32_t phase XENNET_ALIGNED(128);
	uint32_t warm XENNET_ALIGNED(128); /* the order of a run that is */
	uint32_t reached; /* the phase in which the backend is */
	/* who has carried out which order: the backend, then the fronts */
	uint32_t done[1 + SCALE_FRONTS_MAX] XENNET_ALIGNED(128);
	uint64_t when[1 + SCALE_FRONTS_MAX]; /* and when */
	uint64_t sent[SCALE_FRONTS_MAX], sent_sum[SCALE_FRONTS_MAX];
	uint64_t received, received_sum, disorder;
	struct meter meter; /* of the last run */
	struct scale_result result;
	struct scale_shape shape;
	struct site site;
	uint16_t domid[SCALE_VIFS_MAX];
};

struct scale_crowd {
	struct scale_stage *stage;
	pid_t pid[1 + SCALE_FRONTS_MAX];
	int failed;
};

/* Begins its processes; guests have joined when it returns. 0, or BENCH_FAILED:
 * what is wrong has been said. end is for both. */
int scale_crowd_begin(struct scale_crowd *c, const struct bench_opts *o,
		      const struct scale_shape *shape);
int scale_crowd_end(struct scale_crowd *c);

/* One order, carried out. The others run for ms and then stop: their rate. */
int scale_crowd_do(struct scale_crowd *c, enum scale_op op);
double scale_crowd_run(struct scale_crowd *c, enum scale_op op, unsigned ms);

/* The life of its processes: exit statuses. */
int scale_back(struct scale_stage *s);
int scale_front(struct scale_stage *s, unsigned which);

/* The next order, waited for; it has been carried out. */
enum scale_op scale_order(struct scale_stage *s, uint32_t *seen);
void scale_done(struct scale_stage *s, unsigned who, uint32_t order);
int scale_complain(const char *what, int err);

static inline enum scale_phase scale_phase(const struct scale_stage *s)
{
	return (enum scale_phase)xennet_load_acquire(&s->phase);
}

void scale_memory_look(struct scale_memory *m);

/* p, but what is allocated through it is counted. */
struct xennet_platform scale_counting(const struct xennet_platform *p);
struct scale_asked scale_asked(void);

/* Of either kind of process, for a shape. */
unsigned scale_back_fds(const struct scale_shape *s);
unsigned scale_front_fds(const struct scale_shape *s);
unsigned scale_guest_pages(const struct scale_shape *s);

/* Raises what may be raised, and chooses channels for the most vifs. */
struct scale_limits {
	unsigned fds, maps;
	double memory; /* available, KiB */
	unsigned channels;
};

void scale_limits_look(struct scale_limits *l);

/* NULL: the shape, which it completes, fits. Else the limit that it meets. */
const char *scale_limits_meet(const struct scale_limits *l,
			      struct scale_shape *s);
void scale_limits_print(const struct scale_limits *l);

/* Two queues, each with both ends on a processor of its own, over one queue.
 * [0]: queues of one vif; [1]: of two vifs on platforms of their own. */
struct scale_cores {
	struct bench_series one[2], two[2], ratio[2];
};

int scale_cores_measure(struct scale_cores *c, const struct bench_opts *o,
			unsigned rounds, unsigned ms);

#endif
