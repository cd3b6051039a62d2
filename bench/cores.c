/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"
#include "cores.h"

/* To set up, and to end; in sleeps, which do not go on while all of us are
 * stopped. */
#define PATIENCE_MS 10000u

void *cores_shared(size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED) {
		fprintf(stderr, "xennet-bench: no memory\n");
		exit(BENCH_FAILED);
	}
	return p;
}

void cores_unshared(void *p, size_t size)
{
	munmap(p, size);
}

/* Those that we might use when the program began: a pin narrows the mask. */
static const cpu_set_t *allowed(void)
{
	static cpu_set_t set;
	static bool known;

	if (!known)
		sched_getaffinity(0, sizeof(set), &set);
	known = true;
	return &set;
}

unsigned cores_count(void)
{
	return CPU_COUNT(allowed()) > 1 ? 2 : 1;
}

void cores_pin(unsigned which)
{
	cpu_set_t one;
	int cpu;

	for (cpu = 0; cpu < CPU_SETSIZE; cpu++)
		if (CPU_ISSET(cpu, allowed()) &&
		    (which-- == 0 || cores_count() == 1))
			break;
	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	sched_setaffinity(0, sizeof(one), &one);
}

/* The two children, as their parent sees them. */
struct cast {
	pid_t pid[2];
	int failed;
};

static void begin(struct cast *c, unsigned which, int (*run)(void *arg),
		  void *arg)
{
	pid_t parent = getpid();

	c->pid[which] = fork();
	if (c->pid[which] < 0) {
		c->failed = 1;
		return;
	}
	if (c->pid[which] > 0)
		return;
	/* nobody keeps spinning on a processor when the parent is gone */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	cores_pin(which);
	_exit(run(arg));
}

/* Takes the exit status of whoever has ended; true: both have. */
static bool reap(struct cast *c)
{
	unsigned i;

	for (i = 0; i < 2; i++) {
		int status;

		if (c->pid[i] <= 0)
			continue;
		if (waitpid(c->pid[i], &status, WNOHANG) == 0)
			continue;
		c->pid[i] = 0;
		if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
			c->failed = 1;
	}
	return c->pid[0] <= 0 && c->pid[1] <= 0;
}

static void end(struct cast *c)
{
	unsigned i;

	for (i = 0; i < 2; i++) {
		if (c->pid[i] <= 0)
			continue;
		kill(c->pid[i], SIGKILL);
		waitpid(c->pid[i], NULL, 0);
		c->failed = 1;
	}
}

static bool both_ready(const struct stage *s)
{
	return xennet_load_acquire(&s->ready[0]) &&
	       xennet_load_acquire(&s->ready[1]);
}

/* Nanoseconds for which a process could have run, but another did. */
static unsigned long long waited(pid_t pid)
{
	unsigned long long ran, wait = 0;
	char path[64];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/schedstat", (int)pid);
	f = fopen(path, "r");
	if (!f)
		return 0;
	if (fscanf(f, "%llu %llu", &ran, &wait) != 2)
		wait = 0;
	fclose(f);
	return wait;
}

static struct {
	double waited_ns, ns;
} shared_use;

double cores_lost(void)
{
	return shared_use.ns > 0 ? shared_use.waited_ns / shared_use.ns : 0;
}

static void show(struct cast *c, struct stage *s, enum phase phase, unsigned ms)
{
	unsigned long long before;

	if (c->failed)
		return;
	before = waited(c->pid[0]) + waited(c->pid[1]);
	xennet_store_release(&s->phase, phase);
	clock_sleep_ms(ms);
	if (phase == PHASE_RUN) {
		shared_use.waited_ns += (double)(waited(c->pid[0]) +
						 waited(c->pid[1]) - before);
		shared_use.ns += 2e6 * ms;
	}
	if (reap(c)) /* nobody ends before he is told to */
		c->failed = 1;
}

int duet_run(const struct duet *d)
{
	struct stage *s = d->stage;
	struct cast c = { { 0, 0 }, 0 };
	unsigned ms;

	s->phase = PHASE_SETUP;
	s->ready[0] = s->ready[1] = 0;
	begin(&c, 0, d->end[0], d->arg);
	begin(&c, 1, d->end[1], d->arg);
	for (ms = 0; !c.failed && !both_ready(s); ms++) {
		reap(&c);
		if (ms == PATIENCE_MS)
			c.failed = 1;
		clock_sleep_ms(1);
	}
	show(&c, s, PHASE_WARM, d->warm_ms);
	show(&c, s, PHASE_RUN, d->run_ms);
	if (d->latency_ms)
		show(&c, s, PHASE_LATENCY, d->latency_ms);
	xennet_store_release(&s->phase, PHASE_STOP);
	for (ms = 0; !c.failed && !reap(&c) && ms < PATIENCE_MS; ms++)
		clock_sleep_ms(1);
	end(&c);
	return c.failed;
}

int cores_both(int (*first)(void *arg), int (*second)(void *arg), void *arg)
{
	struct cast c = { { 0, 0 }, 0 };

	begin(&c, 0, first, arg);
	begin(&c, 1, second, arg);
	while (!reap(&c) && !c.failed)
		clock_sleep_ms(2);
	end(&c);
	return c.failed;
}
