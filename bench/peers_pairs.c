/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* The contenders that are no programs of their own, the library first. */
#include "link_rows.h"
#include "pair_peers.h"
#include "peers.h"

static int measure_ours(const struct contender *c, const struct peers_place *p,
			const struct peers_cell *cell, unsigned ms,
			struct pair_result *r)
{
	const struct link_times times = { ms / 4 + 1, ms, 0 };
	struct link_cell link = *(const struct link_cell *)c->with;
	struct link_result result;

	link.strategy = &link_strategies[LINK_PERSISTENT];
	link.size = cell->size;
	link.burst = cell->burst;
	if (link_run(&link, &times, &p->site, &result))
		return BENCH_FAILED;
	r->mega = result.mpps;
	r->events = result.notifications;
	return 0;
}

static int measure_pair(const struct contender *c, const struct peers_place *p,
			const struct peers_cell *cell, unsigned ms,
			struct pair_result *r)
{
	(void)p;
	return pair_measure(c->with, cell->burst, cell->size, ms, r);
}

/* Blocks, counted as packets. */
static int measure_stream(const struct contender *c,
			  const struct peers_place *p,
			  const struct peers_cell *cell, unsigned ms,
			  struct pair_result *r)
{
	int err = measure_pair(c, p, cell, ms, r);

	r->mega *= (double)STREAM_BLOCK / cell->size;
	return err;
}

static const char *missing_ck(const struct contender *c,
			      const struct peers_place *p,
			      const struct peers_cell *cell)
{
	(void)p, (void)cell;
	return c->with ? NULL
		       : "built without it: apt install libck-dev, and "
			 "build again";
}

#ifdef WITH_CK
#define CK &pair_ck
#define CK_GROUPED &pair_ck_grouped
#else
#define CK NULL
#define CK_GROUPED NULL
#endif

/* Polls, as everybody does here who is not said to do otherwise. */
#define OURS(the_layout, order)                                                \
	&(const struct link_cell)                                              \
	{                                                                      \
		.direction = LINK_TX, .queues = 1, .layout = the_layout,       \
		.ring_order = order, .policy = { .mode = XENNET_NOTIFY_POLL }, \
	}

const struct contender peers_pairs[] = {
	{ "xennet, standard", PEERS_STANDARD, measure_ours, NULL,
	  OURS(XENNET_STANDARD, 0) },
	{ "xennet, standard, 4 pages", PEERS_WIDE, measure_ours, NULL,
	  OURS(XENNET_STANDARD, 2) },
	{ "xennet, split", PEERS_SPLIT, measure_ours, NULL,
	  OURS(XENNET_SPLIT, 0) },
	{ "xennet, split, 4 pages", PEERS_WIDE, measure_ours, NULL,
	  OURS(XENNET_SPLIT, 2) },
	{ "xennet, sequenced", PEERS_SEQUENCED, measure_ours, NULL,
	  OURS(XENNET_SEQUENCED, 0) },
	{ "xennet, sequenced, 4 pages", PEERS_WIDE, measure_ours, NULL,
	  OURS(XENNET_SEQUENCED, 2) },
	{ "ring.h", PEERS_RING_H, measure_pair, NULL, &pair_canonical_bare },
	{ "ring.h, driver", PEERS_RING_H_DRIVER, measure_pair, NULL,
	  &pair_canonical_driver },
	{ "ring.h, events asked", PEERS_RING_H_ASKED, measure_pair, NULL,
	  &pair_canonical_asked },
	{ "ring.h, events sent", PEERS_RING_H_WOKEN, measure_pair, NULL,
	  &pair_canonical_woken },
	{ "Concurrency Kit", PEERS_CK, measure_pair, missing_ck, CK },
	{ "Concurrency Kit, grouped", PEERS_CK_GROUPED, measure_pair,
	  missing_ck, CK_GROUPED },
	{ "Unix datagrams", PEERS_LINUX, measure_pair, NULL, &pair_dgram },
	{ "pipe and eventfd", PEERS_LINUX, measure_pair, NULL, &pair_pipe },
	{ "limit: lines", PEERS_LIMIT, measure_pair, NULL, &pair_limit },
	{ "limit: memcpy", PEERS_STREAM, measure_stream, NULL, &pair_stream },
};

const unsigned peers_npairs = BENCH_COUNT(peers_pairs);
