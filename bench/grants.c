/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * What it costs a backend to get at a guest's bytes, by size and batch, on the
 * local platform: one process is the guest and sleeps, the other fetches. The
 * break-even points are those that the copy-against-flip study of 2006 asked
 * for.
 */
#include "grants.h"

#include <stdio.h>

#include "bench.h"
#include "cores.h"
#include "plot.h"
#include "site.h"

#define REPS 7u
#define SLICE_NS 1500000u
#define PATIENCE_MS 5000u

static const unsigned quick_sizes[] = { 64, 256, 1024, 4096, 16384, 65536 };
static const unsigned quick_batches[] = { 1, 8, 64 };
static const unsigned all_sizes[] = { 64,   128,  256,	 512,	1024, 2048,
				      4096, 8192, 16384, 32768, 65536 };
static const unsigned all_batches[] = { 1, 2, 4, 8, 16, 32, 64 };

#define ROWS_MAX (BENCH_COUNT(all_sizes) * BENCH_COUNT(all_batches))

struct row {
	unsigned size, batch;
	struct bench_series ns[GRANTS_WAYS];
};

struct shared {
	const struct bench_opts *o;
	struct site site;
	uint16_t domid;
	uint32_t gref[GRANTS_PAGES];
	uint32_t granted, over;
	unsigned nsizes, nbatches;
	struct row row[ROWS_MAX]; /* batch by batch */
};

static int complain(const char *what, int err)
{
	fprintf(stderr, "xennet-bench grants: %s: %s\n", what,
		xennet_err_text(err));
	return BENCH_FAILED;
}

static int guest(void *arg)
{
	struct shared *s = arg;
	struct xennet_platform p;
	struct xennet_host h;
	void *pages;
	int err = site_front(&s->site, &h);

	if (err)
		return complain("the guest cannot join", err);
	p = h.platform;
	s->domid = h.domid;
	err = p.ops->share(p.ctx, 0, GRANTS_PAGES, false, &pages, s->gref);
	if (err)
		return complain("the guest cannot grant its pages", err);
	memset(pages, 1, (size_t)GRANTS_PAGES * XENNET_PAGE);
	xennet_store_release(&s->granted, 1);
	while (!xennet_load_acquire(&s->over))
		clock_sleep_ms(2);
	return 0;
}

/* Nanoseconds per item. */
static double time_way(struct grants_field *f, unsigned way, unsigned items,
		       unsigned size)
{
	uint64_t since = clock_ns(), now;
	unsigned rounds = 0;

	do {
		grants_ways[way].fetch(f, items, size);
		rounds++;
		now = clock_ns();
	} while (now - since < SLICE_NS);
	return (double)(now - since) / rounds / items;
}

struct run {
	struct shared *s;
	struct grants_field field;
};

static int measure(void *ctx, unsigned number, unsigned rep)
{
	struct run *run = ctx;
	struct row *row = &run->s->row[number];
	unsigned way;

	(void)rep;
	for (way = 0; way < GRANTS_WAYS; way++)
		bench_series_add(
			&row->ns[way],
			time_way(&run->field, way, row->batch, row->size));
	return run->field.failed
		       ? complain("a grant operation failed", XENNET_EIO)
		       : 0;
}

static int backend(void *arg)
{
	static struct run run;
	struct shared *s = arg;
	struct bench_plan plan = {
		.verb = s->o->verb,
		.rows = s->nsizes * s->nbatches,
		.reps = s->o->reps ? s->o->reps : REPS,
		.run = measure,
		.ctx = &run,
	};
	struct xennet_host h;
	unsigned ms;
	int err = site_back(&s->site, &h);

	if (err)
		return complain("the backend cannot serve", err);
	for (ms = 0; ms < PATIENCE_MS && !xennet_load_acquire(&s->granted);
	     ms++)
		clock_sleep_ms(1);
	run.s = s;
	run.field.platform = h.platform;
	run.field.guest = s->domid;
	memcpy(run.field.gref, s->gref, sizeof(s->gref));
	err = grants_field_init(&run.field);
	if (err)
		return complain("the guest's pages cannot be mapped", err);
	err = bench_plan_run(&plan);
	xennet_store_release(&s->over, 1);
	return err;
}

static const struct bench_column columns[] = {
	{ "size", "size", 0 },
	{ "batch", "batch", 0 },
	{ "copy_ns", "copy ns", 0 },
	{ "map_ns", "map ns", 0 },
	{ "map_scattered_ns", "scattered ns", 0 },
	{ "flip_ns", "flip ns", 0 },
	{ "memcpy_ns", "memcpy ns", 0 },
	{ "spread", "spread %", 1 },
	{ "reps", "reps", 0 },
	{ "map_spread", NULL, 1 },
	{ "map_scattered_spread", NULL, 1 },
	{ "flip_spread", NULL, 1 },
	{ "memcpy_spread", NULL, 1 },
};

static const struct plot plot = {
	.title = "A guest's bytes read once by its backend: time per packet, "
		 "by way and size",
	.panel = { {
		.title = "batches of {}",
		.by = { "batch" },
		.x = "size",
		.x_label = "packet (bytes)",
		.y_label = "ns per packet",
		.line = { { "copy_ns", "spread", "copy" },
			  { "map_ns", "map_spread", "map, neighbours" },
			  { "map_scattered_ns", "map_scattered_spread",
			    "map, scattered" },
			  { "flip_ns", "flip_spread", "page flip" },
			  { "memcpy_ns", "memcpy_spread",
			    "memcpy, mapped for good" } },
		.log = true,
	} },
};

static void tabulate(struct bench_table *t, const struct row *row)
{
	unsigned way;

	bench_table_number(t, row->size);
	bench_table_number(t, row->batch);
	for (way = 0; way < GRANTS_WAYS; way++)
		bench_table_number(t, bench_series_median(&row->ns[way]));
	bench_table_number(t, bench_series_spread(&row->ns[GRANTS_COPY]));
	bench_table_number(t, row->ns[GRANTS_COPY].n);
	for (way = GRANTS_MAP; way < GRANTS_WAYS; way++)
		bench_table_number(t, bench_series_spread(&row->ns[way]));
}

/* The size from which on `way` costs less than `than`, in rows of one batch;
 * 0: there is none. */
static unsigned break_even(const struct row *row, unsigned n, unsigned way,
			   unsigned than)
{
	unsigned size = 0;

	while (n-- > 0 && bench_series_median(&row[n].ns[way]) <
				  bench_series_median(&row[n].ns[than]))
		size = row[n].size;
	return size;
}

static void print_break_even(const struct shared *s)
{
	static const struct {
		const char *what;
		unsigned way, than;
	} pairs[] = {
		{ "map < copy", GRANTS_MAP, GRANTS_COPY },
		{ "scattered < copy", GRANTS_MAP_SCATTERED, GRANTS_COPY },
		{ "flip < copy", GRANTS_FLIP, GRANTS_COPY },
		{ "flip < map", GRANTS_FLIP, GRANTS_MAP },
		{ "memcpy < copy", GRANTS_MEMCPY, GRANTS_COPY },
		{ "map < memcpy", GRANTS_MAP, GRANTS_MEMCPY },
	};
	unsigned b, i;

	printf("\nbreak-even: the size in bytes from which on it is so\n"
	       "%-18s",
	       "batch");
	for (b = 0; b < s->nbatches; b++)
		printf("  %6u", s->row[b * s->nsizes].batch);
	printf("\n");
	for (i = 0; i < BENCH_COUNT(pairs); i++) {
		printf("%-18s", pairs[i].what);
		for (b = 0; b < s->nbatches; b++) {
			unsigned size =
				break_even(&s->row[b * s->nsizes], s->nsizes,
					   pairs[i].way, pairs[i].than);

			if (size)
				printf("  %6u", size);
			else
				printf("  %6s", "never");
		}
		printf("\n");
	}
}

static void lay_out(struct shared *s, const struct bench_opts *o)
{
	const unsigned *sizes = o->full ? all_sizes : quick_sizes;
	const unsigned *batches = o->full ? all_batches : quick_batches;
	unsigned b, i;

	s->o = o;
	s->nsizes = o->full ? BENCH_COUNT(all_sizes) : BENCH_COUNT(quick_sizes);
	s->nbatches =
		o->full ? BENCH_COUNT(all_batches) : BENCH_COUNT(quick_batches);
	for (b = 0; b < s->nbatches; b++) {
		for (i = 0; i < s->nsizes; i++) {
			struct row *row = &s->row[b * s->nsizes + i];

			row->size = sizes[i];
			row->batch = batches[b];
		}
	}
}

static int print(const struct bench_opts *o, const struct shared *s)
{
	struct bench_table *t = bench_table_new(columns, BENCH_COUNT(columns));
	unsigned i;
	int err;

	for (i = 0; i < s->nsizes * s->nbatches; i++)
		tabulate(t, &s->row[i]);
	err = bench_table_finish(t, o);
	print_break_even(s);
	err |= plot_finish(&plot, t, o);
	bench_table_free(t);
	return err;
}

int bench_grants(const struct bench_opts *o)
{
	struct shared *s = cores_shared(sizeof(*s));
	int err;

	lay_out(s, o);
	err = site_begin(&s->site, o, GRANTS_PAGES);
	if (err)
		goto unshare;
	err = cores_both(guest, backend, s) ? BENCH_FAILED : 0;
	if (!err)
		err = print(o, s);
	site_end(&s->site);
unshare:
	cores_unshared(s, sizeof(*s));
	return err;
}
