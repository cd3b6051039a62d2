/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#include <stdio.h>

#include "compare.h"
#include "peers.h"

static const struct target {
	struct peers_cell cell;
	unsigned ours, theirs; /* families; the fastest of each */
	double want;	       /* ours over theirs */
} targets[] = {
	{ { 64, 32 }, PEERS_NARROW, PEERS(PEERS_RING_H), 2 },
	{ { 64, 32 }, PEERS_OURS, PEERS(PEERS_MEMIF), 3 },
	{ { 64, 32 }, PEERS_OURS, PEERS(PEERS_VHOST), 2.5 },
	{ { 64, 32 }, PEERS_NARROW, PEERS(PEERS_CK), 5 },
	{ { 64, 32 }, PEERS_NARROW, PEERS(PEERS_CK_GROUPED), 5 },
	{ { 64, 32 }, PEERS_OURS, PEERS(PEERS_LIMIT), 0.6 },
	{ { 64, 1 }, PEERS(PEERS_STANDARD), PEERS(PEERS_RING_H_ASKED), 1.3 },
	{ { 64, 1 }, PEERS(PEERS_SPLIT), PEERS(PEERS_RING_H_ASKED), 1.5 },
	{ { 64, 1 }, PEERS(PEERS_SEQUENCED), PEERS(PEERS_RING_H_ASKED), 3 },
	{ { 1496, 32 }, PEERS_OURS, PEERS(PEERS_MEMIF), 1.3 },
	{ { 65535, 32 }, PEERS_OURS, PEERS(PEERS_STREAM), 0.8 },
};

/* A packet counts, besides its own bytes, its request and its response. */
static double lines_per_packet(const struct peers_row *theirs)
{
	return theirs->contender->family == PEERS_LIMIT
		       ? COMPARE_BYTES / (double)COMPARE_SIZE
		       : 1;
}

static void print(const struct peers_rows *rows, const struct target *t)
{
	const char *missing;
	const struct peers_row *theirs =
		peers_rows_best(rows, t->theirs, &t->cell, &missing);
	const struct peers_row *ours =
		theirs ? peers_rows_best(rows, t->ours, &t->cell, &missing)
		       : NULL;
	double ratio;

	printf("  %5u B, burst %-2u  want %.2f  ", t->cell.size, t->cell.burst,
	       t->want);
	if (!ours) {
		printf("missing: %s\n", missing);
		return;
	}
	ratio = bench_series_ratio(&ours->mega, &theirs->mega) *
		lines_per_packet(theirs);
	printf("%s: %.2f  %s over %s\n", ratio >= t->want ? "there" : "SHORT",
	       ratio, ours->contender->name, theirs->contender->name);
}

void peers_targets_print(const struct peers_rows *rows)
{
	unsigned i;

	printf("\ntargets: medians of the ratios in each repetition\n");
	for (i = 0; i < BENCH_COUNT(targets); i++)
		print(rows, &targets[i]);
}
