/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * What DPDK's own program says of its devices: one testpmd sends ("txonly":
 * headers from a template, the rest of the buffer as it is), the other receives
 * and frees ("rxonly"). Nobody fills a packet, nobody looks at one; what does
 * not fit the ring is dropped by the sender and not counted. The figure is the
 * receiver's Rx-pps.
 */
#include "peers_dpdk.h"

#include <poll.h>
#include <pty.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define PATIENCE_MS 10000
#define PROMPT "testpmd> "

/* On a terminal: into a pipe it would not write its figures at once. */
struct testpmd {
	pid_t pid;
	int tty;
	char said[1 << 16]; /* since the last command */
};

struct plan {
	const struct peers_place *place;
	const struct dpdk_peer *peer;
	const struct peers_cell *cell;
	unsigned core;
	const char *device, *mode;
};

static void become(const struct plan *p)
{
	char lcores[32], device[256], burst[16], ring[2][16], packet[24];
	const char *argv[] = {
		p->place->testpmd,
		lcores,
		device,
		"--in-memory",
		"--no-pci",
		"--no-telemetry",
		"--iova-mode=va",
		"-m",
		DPDK_MEMORY,
		dpdk_pages(p->place),
		"--",
		"-i",
		p->mode,
		burst,
		packet,
		ring[0],
		ring[1],
		"--total-num-mbufs=4096",
		"--no-mlockall",
		NULL,
	};
	int cpu;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	cores_pin(p->core);
	cpu = sched_getcpu();
	/* one sleeps at the prompt, the other forwards */
	snprintf(lcores, sizeof(lcores), "--lcores=0@%d,1@%d", cpu, cpu);
	snprintf(device, sizeof(device), "--vdev=%s", p->device);
	snprintf(burst, sizeof(burst), "--burst=%u", p->cell->burst);
	snprintf(packet, sizeof(packet), "--txpkts=%u", p->cell->size);
	snprintf(ring[0], sizeof(ring[0]), "--txd=%u", p->peer->ring);
	snprintf(ring[1], sizeof(ring[1]), "--rxd=%u", p->peer->ring);
	execv(argv[0], (char *const *)(uintptr_t)argv);
	_exit(1);
}

/* Reads up to the next prompt. */
static int listen(struct testpmd *t)
{
	struct pollfd fd = { t->tty, POLLIN, 0 };
	size_t n = 0;

	t->said[0] = 0;
	while (!strstr(t->said, PROMPT)) {
		ssize_t got;

		if (n + 1 == sizeof(t->said) || poll(&fd, 1, PATIENCE_MS) != 1)
			return -1;
		got = read(t->tty, t->said + n, sizeof(t->said) - 1 - n);
		if (got <= 0)
			return -1;
		n += (size_t)got;
		t->said[n] = 0;
	}
	return 0;
}

static int tell(struct testpmd *t, const char *command)
{
	size_t n = strlen(command);

	return write(t->tty, command, n) == (ssize_t)n ? listen(t) : -1;
}

static int begin(struct testpmd *t, const struct plan *p)
{
	t->pid = forkpty(&t->tty, NULL, NULL, NULL);
	if (t->pid == 0)
		become(p);
	return t->pid < 0 ? -1 : listen(t);
}

static void end(struct testpmd *t)
{
	if (t->pid <= 0)
		return;
	kill(t->pid, SIGKILL);
	waitpid(t->pid, NULL, 0);
	close(t->tty);
}

/* The second time it says what came since the first. */
static int rate(struct testpmd *back, unsigned ms, double *mega)
{
	const char *said;

	clock_sleep_ms(ms / 4 + 1);
	if (tell(back, "show port stats all\n"))
		return -1;
	clock_sleep_ms(ms);
	if (tell(back, "show port stats all\n"))
		return -1;
	said = strstr(back->said, "Rx-pps:");
	*mega = said ? strtod(said + strlen("Rx-pps:"), NULL) / 1e6 : 0;
	return *mega > 0 ? 0 : -1;
}

static int measure(const struct contender *c, const struct peers_place *p,
		   const struct peers_cell *cell, unsigned ms,
		   struct pair_result *r)
{
	static struct testpmd front, back;
	struct dpdk_option device;
	struct plan plan = { p, c->with,     cell,
			     1, device.back, "--forward-mode=rxonly" };
	int err;

	dpdk_describe(&device, c->with, p, cell);
	front.pid = 0;
	err = begin(&back, &plan);
	plan.core = 0;
	plan.device = device.front;
	plan.mode = "--forward-mode=txonly";
	err = err || begin(&front, &plan) || tell(&back, "start\n") ||
	      tell(&front, "start\n") || rate(&back, ms, &r->mega);
	if (err)
		fprintf(stderr, "xennet-bench: %s: gives no figure\n", c->name);
	end(&front);
	end(&back);
	dpdk_clear(p);
	r->events = (double)NAN;
	return err ? BENCH_FAILED : 0;
}

static const char *missing(const struct contender *c,
			   const struct peers_place *p,
			   const struct peers_cell *cell)
{
	const struct dpdk_peer *peer = c->with;

	if (!p->testpmd[0])
		return "no dpdk-testpmd: apt install dpdk-dev";
	if (cell->size > 4096)
		return "asked for packets of one buffer only";
	if (peer->device->zero_copy && !p->huge)
		return DPDK_NO_HUGE;
	return NULL;
}

#define WITH(device)                                                           \
	&(const struct dpdk_peer)                                              \
	{                                                                      \
		device, 256                                                    \
	}

const struct contender peers_testpmd[] = {
	{ "testpmd, memif", PEERS_TESTPMD, measure, missing,
	  WITH(&dpdk_memif) },
	{ "testpmd, memif zc", PEERS_TESTPMD, measure, missing,
	  WITH(&dpdk_memif_zc) },
	{ "testpmd, vhost packed", PEERS_TESTPMD, measure, missing,
	  WITH(&dpdk_packed) },
};

const unsigned peers_ntestpmd = BENCH_COUNT(peers_testpmd);
