/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#include <stdio.h>
#include <unistd.h>

#include "bench.h"
#include "clock.h"
#include "cores.h"

#define QUIET 0.02 /* of the time: timers, our own parent process */

/* A line that moves on a terminal, a line per repetition elsewhere. */
static void progress(const struct bench_plan *p, bool tty, unsigned rep,
		     unsigned row, uint64_t since)
{
	unsigned done = rep * p->rows + row, all = p->reps * p->rows;
	double spent = (double)(clock_ns() - since) / 1e9;

	if (tty)
		fprintf(stderr, "\rxennet-bench %s: %u of %u, %.0f s to go   ",
			p->verb, done, all,
			done ? spent / done * (all - done) : 0.0);
	else if (row == 0)
		fprintf(stderr,
			"xennet-bench %s: repetition %u of %u, %u rows\n",
			p->verb, rep + 1, p->reps, p->rows);
}

/* What is measured while others compute says little of either. */
static void warn_of_others(const struct bench_plan *p)
{
	if (cores_count() == 2 && cores_lost() > QUIET)
		fprintf(stderr,
			"xennet-bench %s: not alone: other processes "
			"took %.0f %% of the time; trust ratios, not "
			"rates\n",
			p->verb, 100 * cores_lost());
}

int bench_plan_run(const struct bench_plan *p)
{
	bool tty = isatty(STDERR_FILENO);
	uint64_t since = clock_ns();
	unsigned rep, row;
	int err = 0;

	for (rep = 0; rep < p->reps && !err; rep++) {
		for (row = 0; row < p->rows && !err; row++) {
			progress(p, tty, rep, row, since);
			err = p->run(p->ctx, row, rep);
		}
	}
	if (tty)
		fprintf(stderr, "\r%60s\r", "");
	warn_of_others(p);
	return err;
}
