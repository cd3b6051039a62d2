/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * The store of persistent grants alone: the library's, with and without its
 * table of hints, against libbsd's red-black tree and a list.
 *
 * "ring" order is that of a frontend that uses its pages one after another,
 * "random" that of a peer which tries to defeat every guess. All four do the
 * same work on a hit: find the grant, note when it was used.
 */
#include <stdio.h>
#include <stdlib.h>

#include <xennet/pgrant.h>

#include "bench.h"
#include "clock.h"
#include "cores.h"
#include "plot.h"
#include "tree_rb.h"

#define GRANTS_MAX 4096u
#define LOOKUPS 16384u
#define GREF_BASE 1000u
#define REPS 9u

enum { HINTED, TREE, RB, LIST, STORES };

struct list_grant {
	struct list_grant *next;
	void *addr;
	uint64_t handle;
	uint32_t gref;
	uint32_t used;
	uint16_t holds;
};

struct world {
	unsigned grants;
	uint32_t clock;
	uint32_t ring[LOOKUPS], random[LOOKUPS]; /* references to look up */
	uint32_t shuffled[GRANTS_MAX];		 /* each reference once */

	struct xennet_pgrants tree;
	struct rb_grants rb;
	struct list_grant *list;

	void *tree_memory;
	struct rb_grant rb_node[GRANTS_MAX];
	struct list_grant list_node[GRANTS_MAX];
	struct xennet_map_op purged[GRANTS_MAX];
};

static uint64_t sink;

static void references(struct world *w, unsigned grants)
{
	unsigned i;

	w->grants = grants;
	for (i = 0; i < LOOKUPS; i++) {
		w->ring[i] = GREF_BASE + i % grants;
		w->random[i] = GREF_BASE + (uint32_t)rand() % grants;
	}
	for (i = 0; i < grants; i++) {
		unsigned other = (unsigned)rand() % (i + 1);

		w->shuffled[i] = w->shuffled[other];
		w->shuffled[other] = GREF_BASE + i;
	}
}

static void empty(struct world *w)
{
	memset(w->tree_memory, 0, XENNET_PGRANTS_SIZE(GRANTS_MAX));
	xennet_pgrants_init(&w->tree, w->tree_memory, w->grants);
	RB_INIT(&w->rb);
	w->list = NULL;
	w->clock = 0;
}

static void fill_tree(struct world *w, const uint32_t *gref)
{
	unsigned i;

	for (i = 0; i < w->grants; i++)
		xennet_pgrant_insert(&w->tree, gref[i])->addr = w;
}

static void fill_rb(struct world *w, const uint32_t *gref)
{
	unsigned i;

	for (i = 0; i < w->grants; i++) {
		struct rb_grant *g = &w->rb_node[i];

		*g = (struct rb_grant){ .gref = gref[i], .addr = w };
		RB_INSERT(rb_grants, &w->rb, g);
	}
}

static void fill_list(struct world *w, const uint32_t *gref)
{
	unsigned i;

	for (i = 0; i < w->grants; i++) {
		struct list_grant *g = &w->list_node[i];

		*g = (struct list_grant){ .gref = gref[i],
					  .addr = w,
					  .next = w->list };
		w->list = g;
	}
}

static void hit_hinted(struct world *w, const uint32_t *gref)
{
	unsigned i;

	for (i = 0; i < LOOKUPS; i++)
		sink += xennet_pgrant_find(&w->tree, gref[i])->gref;
}

static void hit_tree(struct world *w, const uint32_t *gref)
{
	unsigned i;

	for (i = 0; i < LOOKUPS; i++) {
		struct xennet_pgrant *g =
			xennet_pgrant_lookup(&w->tree, gref[i]);

		g->used = w->clock;
		sink += g->gref;
	}
}

static void hit_rb(struct world *w, const uint32_t *gref)
{
	unsigned i;

	for (i = 0; i < LOOKUPS; i++) {
		struct rb_grant key = { .gref = gref[i] };
		struct rb_grant *g = RB_FIND(rb_grants, &w->rb, &key);

		g->used = w->clock;
		sink += g->gref;
	}
}

static void hit_list(struct world *w, const uint32_t *gref)
{
	unsigned i;

	for (i = 0; i < LOOKUPS; i++) {
		struct list_grant *g = w->list;

		while (g->gref != gref[i])
			g = g->next;
		g->used = w->clock;
		sink += g->gref;
	}
}

static unsigned purge_tree(struct world *w, unsigned n)
{
	return xennet_pgrant_purge(&w->tree, w->purged, n);
}

/* As Linux's blkback does it: a walk that takes what this period left out. */
static unsigned purge_rb(struct world *w, unsigned n)
{
	struct rb_grant *g, *next;
	unsigned done = 0;

	RB_FOREACH_SAFE(g, rb_grants, &w->rb, next)
	{
		if (done == n)
			break;
		if (g->holds || g->used == w->clock)
			continue;
		RB_REMOVE(rb_grants, &w->rb, g);
		w->purged[done++].handle = g->handle;
	}
	return done;
}

static unsigned purge_list(struct world *w, unsigned n)
{
	struct list_grant **at = &w->list;
	unsigned done = 0;

	while (*at && done < n) {
		struct list_grant *g = *at;

		if (g->holds || g->used == w->clock) {
			at = &g->next;
			continue;
		}
		*at = g->next;
		w->purged[done++].handle = g->handle;
	}
	return done;
}

static const struct store {
	void (*fill)(struct world *w, const uint32_t *gref);
	void (*hit)(struct world *w, const uint32_t *gref);
	unsigned (*purge)(struct world *w, unsigned n);
} stores[STORES] = {
	[HINTED] = { fill_tree, hit_hinted, purge_tree },
	[TREE] = { fill_tree, hit_tree, purge_tree },
	[RB] = { fill_rb, hit_rb, purge_rb },
	[LIST] = { fill_list, hit_list, purge_list },
};

/* Each returns nanoseconds per grant. */
static double time_hit(struct world *w, const struct store *s, bool random)
{
	uint64_t since;

	empty(w);
	s->fill(w, w->ring);
	since = clock_ns();
	s->hit(w, random ? w->random : w->ring);
	return (double)(clock_ns() - since) / LOOKUPS;
}

static double time_insert(struct world *w, const struct store *s, bool random)
{
	unsigned rounds = LOOKUPS / w->grants, i;
	uint64_t spent = 0, since;

	for (i = 0; i < rounds; i++) {
		empty(w);
		since = clock_ns();
		s->fill(w, random ? w->shuffled : w->ring);
		spent += clock_ns() - since;
	}
	return (double)spent / rounds / w->grants;
}

/* A quarter of the grants goes; none of them was used in this period. */
static double time_purge(struct world *w, const struct store *s, bool random)
{
	unsigned rounds = LOOKUPS / w->grants / 4 + 1, n = 0, i;
	uint64_t spent = 0, since;

	for (i = 0; i < rounds; i++) {
		empty(w);
		s->fill(w, random ? w->shuffled : w->ring);
		xennet_pgrant_tick(&w->tree);
		w->clock++;
		since = clock_ns();
		n = s->purge(w, w->grants / 4);
		spent += clock_ns() - since;
	}
	return (double)spent / rounds / n;
}

static const struct operation {
	const char *name;
	double (*time)(struct world *w, const struct store *s, bool random);
} operations[] = { { "hit", time_hit },
		   { "insert", time_insert },
		   { "purge", time_purge } };

static const unsigned sizes[] = { 64, 256, 1024, 4096 };

struct row {
	unsigned grants;
	bool random;
	const struct operation *op;
	struct bench_series ns[STORES];
};

struct run {
	struct world world;
	struct row row[BENCH_COUNT(sizes) * BENCH_COUNT(operations) * 2];
};

static int measure(void *ctx, unsigned number, unsigned rep)
{
	struct run *run = ctx;
	struct row *row = &run->row[number];
	unsigned i;

	srand(rep + 1);
	references(&run->world, row->grants);
	for (i = 0; i < STORES; i++)
		bench_series_add(
			&row->ns[i],
			row->op->time(&run->world, &stores[i], row->random));
	return 0;
}

static const struct bench_column columns[] = {
	{ "operation", "operation", 0 },
	{ "order", "order", 0 },
	{ "grants", "grants", 0 },
	{ "hinted_ns", "hinted ns", 1 },
	{ "tree_ns", "tree ns", 1 },
	{ "rb_ns", "sys/tree.h ns", 1 },
	{ "list_ns", "list ns", 1 },
	{ "rb_over_hinted", "rb/hinted", 2 },
	{ "rb_over_tree", "rb/tree", 2 },
	{ "spread", "spread %", 1 },
	{ "reps", "reps", 0 },
	{ "tree_spread", NULL, 1 },
	{ "rb_spread", NULL, 1 },
	{ "list_spread", NULL, 1 },
};

static const struct plot plot = {
	.title = "The store of persistent grants: time per grant, by how many "
		 "there are",
	.panel = { {
		.title = "{} order: {}",
		.by = { "order", "operation" },
		.x = "grants",
		.x_label = "grants in the store",
		.y_label = "ns per grant",
		.line = { { "hinted_ns", "spread", "the library's" },
			  { "tree_ns", "tree_spread",
			    "its tree, without hints" },
			  { "rb_ns", "rb_spread", "red-black, sys/tree.h" },
			  { "list_ns", "list_spread", "list" } },
		.log = true,
	} },
};

static void tabulate(struct bench_table *t, const struct row *row)
{
	unsigned i;

	bench_table_text(t, row->op->name);
	bench_table_text(t, row->random ? "random" : "ring");
	bench_table_number(t, row->grants);
	for (i = 0; i < STORES; i++)
		bench_table_number(t, bench_series_median(&row->ns[i]));
	bench_table_number(t,
			   bench_series_ratio(&row->ns[RB], &row->ns[HINTED]));
	bench_table_number(t, bench_series_ratio(&row->ns[RB], &row->ns[TREE]));
	bench_table_number(t, bench_series_spread(&row->ns[HINTED]));
	bench_table_number(t, row->ns[HINTED].n);
	for (i = TREE; i < STORES; i++)
		bench_table_number(t, bench_series_spread(&row->ns[i]));
}

static unsigned lay_out(struct run *run)
{
	unsigned n = 0, op, order, size;

	for (op = 0; op < BENCH_COUNT(operations); op++)
		for (order = 0; order < 2; order++)
			for (size = 0; size < BENCH_COUNT(sizes); size++)
				run->row[n++] = (struct row){
					.grants = sizes[size],
					.random = order,
					.op = &operations[op],
				};
	return n;
}

/* What the library promises of the tree, from what was measured. */
#define WANTED_HINTED 3.0
#define WANTED_BARE 1.0

static void judge(const struct run *run)
{
	const struct row *ring = &run->row[2], *random = &run->row[6];
	double hinted = bench_series_ratio(&ring->ns[RB], &ring->ns[HINTED]);
	double bare = bench_series_ratio(&random->ns[RB], &random->ns[TREE]);

	printf("\nat %u grants: a hit in ring order %.1f times as fast as "
	       "RB_FIND (wanted: %g): %s;\nwithout the hint, at random, %.2f "
	       "times (wanted: %g): %s\n",
	       ring->grants, hinted, WANTED_HINTED,
	       hinted >= WANTED_HINTED ? "ahead" : "behind", bare, WANTED_BARE,
	       bare >= WANTED_BARE ? "ahead" : "behind");
}

/* What is wanted, below RB_FIND as it came out. */
static int draw(const struct bench_table *t, const struct bench_opts *o,
		const struct run *run)
{
	struct plot judged = plot;

	judged.panel[0].mark[0] = (struct plot_mark){
		.name = "wanted of the library's: a third of RB_FIND",
		.y = bench_series_median(&run->row[2].ns[RB]) / WANTED_HINTED,
		.in = "ring order: hit",
		.at = "1024",
	};
	return plot_finish(&judged, t, o);
}

int bench_tree(const struct bench_opts *o)
{
	struct run *run = calloc(1, sizeof(*run));
	struct bench_table *t;
	struct bench_plan plan = {
		.verb = o->verb,
		.reps = o->reps	  ? o->reps
			: o->full ? 3 * REPS
				  : REPS,
		.run = measure,
		.ctx = run,
	};
	unsigned i;
	int err = BENCH_FAILED;

	if (!run)
		return err;
	run->world.tree_memory = malloc(XENNET_PGRANTS_SIZE(GRANTS_MAX));
	if (!run->world.tree_memory)
		goto free_run;
	cores_pin(0);
	plan.rows = lay_out(run);
	bench_plan_run(&plan);
	t = bench_table_new(columns, BENCH_COUNT(columns));
	for (i = 0; i < plan.rows; i++)
		tabulate(t, &run->row[i]);
	err = bench_table_finish(t, o);
	judge(run);
	err |= draw(t, o, run);
	bench_table_free(t);
	free(run->world.tree_memory);
free_run:
	free(run);
	return err;
}
