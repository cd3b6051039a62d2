/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#include "peers.h"
#include "plot.h"

static const char *const names[] = {
	[PEERS_STANDARD] = "xennet, standard",
	[PEERS_SPLIT] = "xennet, split",
	[PEERS_SEQUENCED] = "xennet, sequenced",
	[PEERS_WIDE] = "xennet, 4 pages",
	[PEERS_RING_H] = "ring.h",
	[PEERS_RING_H_DRIVER] = "ring.h, driver",
	[PEERS_RING_H_ASKED] = "ring.h, events asked",
	[PEERS_RING_H_WOKEN] = "ring.h, events sent",
	[PEERS_MEMIF] = "memif",
	[PEERS_VHOST] = "virtio-user, vhost",
	[PEERS_TESTPMD] = "testpmd",
	[PEERS_CK] = "Concurrency Kit",
	[PEERS_CK_GROUPED] = "Concurrency Kit, grouped",
	[PEERS_LINUX] = "Linux: socket, pipe",
	[PEERS_LIMIT] = "limit: lines",
	[PEERS_STREAM] = "limit: memcpy",
};

static const struct bench_column columns[] = {
	{ "size", NULL, 0 }, { "burst", NULL, 0 },  { "who", NULL, 0 },
	{ "mpps", NULL, 3 }, { "spread", NULL, 1 },
};

static const struct plot plot = {
	.title = "Packets from one processor to another: the fastest of a kind",
	.columns = 2,
	.panel = { {
		.title = "{} bytes, burst {}",
		.by = { "size", "burst" },
		.form = PLOT_AS_BARS,
		.x = "size",
		.x_label = "packet (bytes)",
		.y_label = "million packets per second",
		.series = "who",
		.line = { { "mpps", "spread" } },
		.log = true,
	} },
};

static bool is_first_of_cell(const struct peers_rows *rows, unsigned i)
{
	const struct peers_cell *cell = &rows->row[i].cell;

	return i == 0 || cell->size != rows->row[i - 1].cell.size ||
	       cell->burst != rows->row[i - 1].cell.burst;
}

static void tabulate(struct bench_table *t, const struct peers_rows *rows,
		     const struct peers_cell *cell)
{
	const struct peers_row *row;
	const char *missing;
	unsigned i;

	for (i = 0; i < BENCH_COUNT(names); i++) {
		row = peers_rows_best(rows, PEERS(i), cell, &missing);
		if (!row)
			continue;
		bench_table_number(t, cell->size);
		bench_table_number(t, cell->burst);
		bench_table_text(t, names[i]);
		bench_table_number(t, bench_series_median(&row->mega));
		bench_table_number(t, bench_series_spread(&row->mega));
	}
}

int peers_plot(const struct peers_rows *rows, const struct bench_opts *o)
{
	struct bench_table *t = bench_table_new(columns, BENCH_COUNT(columns));
	unsigned i;
	int err;

	for (i = 0; i < rows->n; i++)
		if (is_first_of_cell(rows, i))
			tabulate(t, rows, &rows->row[i].cell);
	err = plot_finish(&plot, t, o);
	bench_table_free(t);
	return err;
}
