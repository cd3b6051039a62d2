/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#include "peers.h"

#include <string.h>

static const unsigned sizes[] = { 64, 1496, 65535 };
static const unsigned bursts[] = { 1, 32 };

/* Cells that the quick selection has, and whom it measures there. */
static const struct {
	struct peers_cell cell;
	unsigned families;
} quick[] = {
	{ { 64, 32 },
	  ~(PEERS(PEERS_RING_H_ASKED) | PEERS(PEERS_RING_H_WOKEN) |
	    PEERS(PEERS_STREAM)) },
	{ { 64, 1 },
	  ~(PEERS(PEERS_MEMIF) | PEERS(PEERS_VHOST) | PEERS(PEERS_TESTPMD) |
	    PEERS(PEERS_STREAM)) },
	{ { 1496, 32 },
	  PEERS_OURS | PEERS(PEERS_RING_H) | PEERS(PEERS_MEMIF) |
		  PEERS(PEERS_CK) | PEERS(PEERS_CK_GROUPED) |
		  PEERS(PEERS_LINUX) },
	{ { 65535, 32 },
	  PEERS_OURS | PEERS(PEERS_RING_H) | PEERS(PEERS_MEMIF) |
		  PEERS(PEERS_CK) | PEERS(PEERS_CK_GROUPED) |
		  PEERS(PEERS_LINUX) | PEERS(PEERS_STREAM) },
};

static void add(struct peers_rows *rows, const struct peers_place *p,
		const struct contender *c, const struct peers_cell *cell)
{
	struct peers_row *row = &rows->row[rows->n++];

	row->contender = c;
	row->cell = *cell;
	row->missing = c->missing ? c->missing(c, p, cell) : NULL;
}

/* What a contender is for: events are asked for between single packets, lines
 * are the limit of small packets, a stream of memcpy that of large ones. */
static bool sensible(const struct contender *c, const struct peers_cell *cell)
{
	switch (c->family) {
	case PEERS_RING_H_ASKED:
	case PEERS_RING_H_WOKEN:
		return cell->burst == 1;
	case PEERS_CK_GROUPED:
		return cell->burst > 1;
	case PEERS_LIMIT:
		return cell->size == 64;
	case PEERS_STREAM:
		return cell->size == 65535 && cell->burst == 32;
	default:
		return true;
	}
}

static void add_cell(struct peers_rows *rows, const struct peers_place *p,
		     const struct peers_cell *cell, unsigned families)
{
	const struct contender *const list[] = { peers_pairs, peers_dpdk,
						 peers_testpmd };
	const unsigned n[] = { peers_npairs, peers_ndpdk, peers_ntestpmd };
	unsigned i, k;

	for (i = 0; i < BENCH_COUNT(list); i++)
		for (k = 0; k < n[i]; k++)
			if ((families & PEERS(list[i][k].family)) &&
			    sensible(&list[i][k], cell))
				add(rows, p, &list[i][k], cell);
}

void peers_rows_fill(struct peers_rows *rows, const struct peers_place *p,
		     bool full)
{
	unsigned i, k;

	for (i = 0; !full && i < BENCH_COUNT(quick); i++)
		add_cell(rows, p, &quick[i].cell, quick[i].families);
	for (i = 0; full && i < BENCH_COUNT(sizes); i++)
		for (k = 0; k < BENCH_COUNT(bursts); k++)
			add_cell(rows, p,
				 &(struct peers_cell){ sizes[i], bursts[k] },
				 ~0u);
}

static bool same(const struct peers_cell *a, const struct peers_cell *b)
{
	return a->size == b->size && a->burst == b->burst;
}

const struct peers_row *peers_rows_best(const struct peers_rows *rows,
					unsigned families,
					const struct peers_cell *cell,
					const char **missing)
{
	const struct peers_row *best = NULL;
	unsigned i;

	*missing = "not measured";
	for (i = 0; i < rows->n; i++) {
		const struct peers_row *row = &rows->row[i];

		if (!(PEERS(row->contender->family) & families) ||
		    !same(&row->cell, cell))
			continue;
		if (row->missing)
			*missing = row->missing;
		else if (!best || bench_series_median(&row->mega) >
					  bench_series_median(&best->mega))
			best = row;
	}
	return best;
}

static const struct bench_column columns[] = {
	{ "contender", "contender", 0 },
	{ "size", "size", 0 },
	{ "burst", "burst", 0 },
	{ "mpps", "Mpps", 3 },
	{ "gbps", "Gbit/s", 2 },
	{ "ns_per_packet", "ns/p", 1 },
	{ "events_per_packet", "events/p", 4 },
	{ "ours_over_it", "ours/it", 2 },
	{ "spread", "spread %", 1 },
	{ "reps", "reps", 0 },
	{ "missing", NULL, 0 },
};

static void tabulate(struct bench_table *t, const struct peers_rows *rows,
		     const struct peers_row *row)
{
	double mega = bench_series_median(&row->mega);
	const char *missing;
	const struct peers_row *ours =
		peers_rows_best(rows, PEERS_OURS, &row->cell, &missing);

	bench_table_text(t, row->contender->name);
	bench_table_number(t, row->cell.size);
	bench_table_number(t, row->cell.burst);
	bench_table_number(t, mega);
	bench_table_number(t, mega * row->cell.size * 8 / 1e3);
	bench_table_number(t, mega > 0 ? 1e3 / mega : (double)NAN);
	bench_table_number(t, bench_series_median(&row->events));
	bench_table_number(t, bench_series_ratio(&ours->mega, &row->mega));
	bench_table_number(t, bench_series_spread(&row->mega));
	bench_table_number(t, row->mega.n);
	if (row->missing)
		bench_table_text(t, row->missing);
	else
		bench_table_number(t, NAN);
}

static bool any_missing(const struct peers_rows *rows)
{
	unsigned i;

	for (i = 0; i < rows->n; i++)
		if (rows->row[i].missing)
			return true;
	return false;
}

int peers_rows_finish(const struct peers_rows *rows, const struct bench_opts *o)
{
	struct bench_column shown[BENCH_COUNT(columns)];
	struct bench_table *t;
	unsigned i;
	int err;

	memcpy(shown, columns, sizeof(columns));
	if (any_missing(rows))
		shown[BENCH_COUNT(shown) - 1].head = "missing";
	t = bench_table_new(shown, BENCH_COUNT(shown));
	for (i = 0; i < rows->n; i++)
		tabulate(t, rows, &rows->row[i]);
	err = bench_table_finish(t, o);
	bench_table_free(t);
	return err;
}
