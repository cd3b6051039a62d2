/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#include "bench.h"
#include "clock.h"

#define QUIET_PER_SECOND 40

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
		fprintf(stderr, "xennet-bench %s: repetition %u of %u, %u rows\n",
			p->verb, rep + 1, p->reps, p->rows);
}

/* How often we or our children were made to give a processor away. */
static double preempted(void)
{
	struct rusage self, children;

	getrusage(RUSAGE_SELF, &self);
	getrusage(RUSAGE_CHILDREN, &children);
	return (double)(self.ru_nivcsw + children.ru_nivcsw);
}

/* What is measured while others compute says little of either. */
static void warn_of_others(const struct bench_plan *p, double times,
			   double seconds)
{
	if (times > QUIET_PER_SECOND * seconds)
		fprintf(stderr, "xennet-bench %s: not alone: preempted %.0f "
				"times a second; trust ratios, not rates\n",
			p->verb, times / seconds);
}

int bench_plan_run(const struct bench_plan *p)
{
	bool tty = isatty(STDERR_FILENO);
	double before = preempted();
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
	warn_of_others(p, preempted() - before,
		       (double)(clock_ns() - since) / 1e9);
	return err;
}
