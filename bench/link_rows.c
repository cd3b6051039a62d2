/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#include "link_rows.h"

#include "plot.h"

const struct link_strategy link_strategies[] = {
	[LINK_COPY] = { "copy", XENNET_COPY, XENNET_COPY, false, false },
	[LINK_MAP] = { "map", XENNET_MAP, XENNET_MAP, false, false },
	[LINK_PERSISTENT] = { "persistent", XENNET_PERSISTENT,
			      XENNET_PERSISTENT, true, false },
	/* guest to guest as the study's baseline: netback's own way */
	[LINK_STUDY] = { "study", XENNET_MAP, XENNET_COPY, false, false },
	/* neighbours are not mapped as one */
	[LINK_APART] = { "map apart", XENNET_MAP, XENNET_MAP, false, true },
	/* pages that are not listed would be copied */
	[LINK_STATIC] = { "static", XENNET_COPY, XENNET_COPY, false, false },
};

static const char *const directions[] = {
	[LINK_TX] = "tx", [LINK_RX] = "rx", [LINK_GUEST] = "guest"
};

static const unsigned sizes[] = { 64, 1496, 65535 };
static const unsigned bursts[] = { 1, 8, 32, 64 };

static void add_one(struct link_rows *rows, enum link_direction direction,
		    unsigned size, unsigned queues, unsigned burst,
		    unsigned strategy)
{
	rows->row[rows->n++].cell = (struct link_cell){
		.direction = direction,
		.strategy = &link_strategies[strategy],
		.size = size,
		.queues = queues,
		.burst = burst,
	};
}

/* The cell with each strategy that there is for its direction. */
static void add(struct link_rows *rows, enum link_direction direction,
		unsigned size, unsigned queues, unsigned burst)
{
	unsigned n = direction == LINK_GUEST ? LINK_STUDY : LINK_PERSISTENT, i;

	for (i = 0; i <= n; i++)
		add_one(rows, direction, size, queues, burst, i);
}

/* As persistent pages, but for how they come to be mapped. */
static void add_static(struct link_rows *rows)
{
	unsigned s;

	for (s = 0; s < BENCH_COUNT(sizes); s++) {
		add_one(rows, LINK_TX, sizes[s], 1, 32, LINK_STATIC);
		add_one(rows, LINK_RX, sizes[s], 1, 32, LINK_STATIC);
	}
}

void link_rows_all(struct link_rows *rows)
{
	unsigned d, s, q, b;

	for (d = LINK_TX; d <= LINK_GUEST; d++)
		for (s = 0; s < BENCH_COUNT(sizes); s++)
			for (q = 1; q <= LINK_QUEUES_MAX; q++)
				for (b = 0; b < BENCH_COUNT(bursts); b++)
					add(rows, (enum link_direction)d,
					    sizes[s], q, bursts[b]);
	add_one(rows, LINK_TX, 65535, 1, 32, LINK_APART);
	add_static(rows);
}

void link_rows_quick(struct link_rows *rows)
{
	unsigned d, s;

	for (d = LINK_TX; d <= LINK_GUEST; d++)
		for (s = 0; s < BENCH_COUNT(sizes); s++)
			add(rows, (enum link_direction)d, sizes[s], 1, 32);
	add(rows, LINK_TX, 64, 1, 1);
	add(rows, LINK_TX, 64, 1, 64);
	add(rows, LINK_RX, 64, 1, 64);
	add(rows, LINK_TX, 64, 2, 32);
	add_one(rows, LINK_TX, 65535, 1, 32, LINK_APART);
	add_static(rows);
}

void link_row_add(struct link_row *row, const struct link_result *r)
{
	bench_series_add(&row->mpps, r->mpps);
	bench_series_add(&row->gbps, r->gbps);
	bench_series_add(&row->calls, r->calls);
	bench_series_add(&row->copied, r->copied);
	bench_series_add(&row->notifications, r->notifications);
	bench_series_add(&row->copies, r->copies);
	bench_series_add(&row->maps, r->maps);
	bench_series_add(&row->unmaps, r->unmaps);
	bench_series_add(&row->grants, r->grants);
	bench_series_add(&row->ungrants, r->ungrants);
	bench_series_add(&row->p50_us, r->p50_us);
	bench_series_add(&row->p99_us, r->p99_us);
	bench_series_add(&row->drops, r->drops);
	bench_series_add(&row->grant_calls, r->grant_calls);
	bench_series_add(&row->event_calls, r->event_calls);
}

const struct link_row *link_rows_find(const struct link_rows *rows,
				      const struct link_cell *cell)
{
	unsigned i;

	for (i = 0; i < rows->n; i++) {
		const struct link_cell *c = &rows->row[i].cell;

		if (c->direction == cell->direction &&
		    c->strategy == cell->strategy && c->size == cell->size &&
		    c->queues == cell->queues && c->burst == cell->burst)
			return &rows->row[i];
	}
	return NULL;
}

const struct link_row *link_rows_other(const struct link_rows *rows,
				       const struct link_row *row,
				       unsigned strategy)
{
	struct link_cell cell = row->cell;

	cell.strategy = &link_strategies[strategy];
	return link_rows_find(rows, &cell);
}

/* The last two only where the platform counts them. */
#define COUNTED 2u

static const struct bench_column columns[] = {
	{ "direction", "dir", 0 },
	{ "size", "size", 0 },
	{ "strategy", "strategy", 0 },
	{ "queues", "queues", 0 },
	{ "burst", "burst", 0 },
	{ "mpps", "Mpps", 3 },
	{ "gbps", "Gbit/s", 2 },
	{ "ratio_copy", "/copy", 2 },
	{ "ratio_map", "/map", 2 },
	{ "calls_per_packet", "calls/p", 3 },
	{ "copied_per_packet", "copied/p", 0 },
	{ "notifications_per_packet", "notif/p", 4 },
	{ "p50_us", "p50 us", 1 },
	{ "p99_us", "p99 us", 1 },
	{ "spread", "spread %", 1 },
	{ "reps", "reps", 0 },
	{ "copy_calls_per_packet", NULL, 3 },
	{ "map_calls_per_packet", NULL, 3 },
	{ "unmap_calls_per_packet", NULL, 3 },
	{ "grants_per_packet", NULL, 3 },
	{ "ungrants_per_packet", NULL, 3 },
	{ "drops", NULL, 0 },
	{ "p99_spread", NULL, 1 },
	{ "grant_calls_per_packet", "grant/p", 3 },
	{ "event_calls_per_packet", "event/p", 3 },
};

static void tabulate(struct bench_table *t, const struct link_rows *rows,
		     const struct link_row *row, bool counted)
{
	const struct link_row *copy = link_rows_other(rows, row, LINK_COPY);
	const struct link_row *map = link_rows_other(rows, row, LINK_MAP);

	bench_table_text(t, directions[row->cell.direction]);
	bench_table_number(t, row->cell.size);
	bench_table_text(t, row->cell.strategy->name);
	bench_table_number(t, row->cell.queues);
	bench_table_number(t, row->cell.burst);
	bench_table_number(t, bench_series_median(&row->mpps));
	bench_table_number(t, bench_series_median(&row->gbps));
	bench_table_number(t, bench_series_ratio(&row->mpps, &copy->mpps));
	bench_table_number(t, bench_series_ratio(&row->mpps, &map->mpps));
	bench_table_number(t, bench_series_median(&row->calls));
	bench_table_number(t, bench_series_median(&row->copied));
	bench_table_number(t, bench_series_median(&row->notifications));
	bench_table_number(t, bench_series_median(&row->p50_us));
	bench_table_number(t, bench_series_median(&row->p99_us));
	bench_table_number(t, bench_series_spread(&row->mpps));
	bench_table_number(t, row->mpps.n);
	bench_table_number(t, bench_series_median(&row->copies));
	bench_table_number(t, bench_series_median(&row->maps));
	bench_table_number(t, bench_series_median(&row->unmaps));
	bench_table_number(t, bench_series_median(&row->grants));
	bench_table_number(t, bench_series_median(&row->ungrants));
	bench_table_number(t, bench_series_median(&row->drops));
	bench_table_number(t, bench_series_spread(&row->p99_us));
	if (!counted)
		return;
	bench_table_number(t, bench_series_median(&row->grant_calls));
	bench_table_number(t, bench_series_median(&row->event_calls));
}

static const struct plot plot = {
	.title = "Packets from a guest (tx), to it (rx) and from guest to "
		 "guest: "
		 "1 queue, bursts of 32",
	.panel = { {
			   .title = "rate, {}",
			   .by = { "direction" },
			   .where = { { "queues", "1" }, { "burst", "32" } },
			   .form = PLOT_AS_BARS,
			   .x = "size",
			   .x_label = "packet (bytes)",
			   .y_label = "million packets per second",
			   .series = "strategy",
			   .line = { { "mpps", "spread" } },
			   .log = true,
		   },
		   {
			   .title = "latency, {}",
			   .by = { "direction" },
			   .where = { { "queues", "1" }, { "burst", "32" } },
			   .form = PLOT_AS_BARS,
			   .x = "size",
			   .x_label = "packet (bytes)",
			   .y_label = "99th percentile of a burst (us)",
			   .series = "strategy",
			   .line = { { "p99_us", "p99_spread" } },
			   .log = true,
		   } },
};

/* The limit was measured for one size. */
static int draw(const struct bench_table *t, const struct bench_opts *o,
		double limit)
{
	struct plot limited = plot;

	limited.panel[0].mark[0] = (struct plot_mark){
		.name = "limit: a bare stream of cache lines",
		.y = limit,
		.in = "rate, tx",
		.at = "64",
	};
	return plot_finish(&limited, t, o);
}

int link_rows_finish(const struct link_rows *rows, const struct bench_opts *o,
		     double limit)
{
	unsigned n = BENCH_COUNT(columns) - (o->xen ? 0 : COUNTED);
	struct bench_table *t = bench_table_new(columns, n);
	unsigned i;
	int err;

	for (i = 0; i < rows->n; i++)
		tabulate(t, rows, &rows->row[i], o->xen);
	err = bench_table_finish(t, o);
	err |= draw(t, o, limit);
	bench_table_free(t);
	return err;
}
