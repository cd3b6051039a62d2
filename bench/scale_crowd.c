/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* The processes of a crowd as their parent leads them. */
#include <linux/futex.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "scale.h"

#define PATIENCE_NS 120000000000u

int scale_complain(const char *what, int err)
{
	fprintf(stderr, "xennet-bench scale: %s: %s\n", what,
		xennet_err_text(err));
	return BENCH_FAILED;
}

/* Asleep until then, so that crowds can take turns. */
enum scale_op scale_order(struct scale_stage *s, uint32_t *seen)
{
	while (xennet_load_acquire(&s->order) == *seen)
		syscall(SYS_futex, &s->order, FUTEX_WAIT, *seen, NULL, NULL, 0);
	*seen = xennet_load_acquire(&s->order);
	return (enum scale_op)xennet_load(&s->op);
}

void scale_done(struct scale_stage *s, unsigned who, uint32_t order)
{
	s->when[who] = clock_ns();
	xennet_store_release(&s->done[who], order);
}

static unsigned members(const struct scale_crowd *c)
{
	return 1 + c->stage->shape.fronts;
}

static void begin(struct scale_crowd *c, unsigned who)
{
	pid_t parent = getpid();

	c->pid[who] = fork();
	if (c->pid[who] < 0)
		c->failed = 1;
	if (c->pid[who] != 0)
		return;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	cores_pin(who > 0);
	_exit(who ? scale_front(c->stage, who - 1) : scale_back(c->stage));
}

/* Of a member that has ended: false if it did so well. */
static void reap(struct scale_crowd *c, bool may_end)
{
	unsigned i;
	int status;

	for (i = 0; i < members(c); i++) {
		if (c->pid[i] <= 0 || waitpid(c->pid[i], &status, WNOHANG) == 0)
			continue;
		c->pid[i] = 0;
		if (!may_end || !WIFEXITED(status) || WEXITSTATUS(status))
			c->failed = 1;
	}
}

static void give(struct scale_crowd *c, enum scale_op op)
{
	struct scale_stage *s = c->stage;

	s->op = op;
	s->phase = s->reached = SCALE_WARM;
	xennet_store_release(&s->order, s->order + 1);
	syscall(SYS_futex, &s->order, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}

static bool carried_out(const struct scale_crowd *c)
{
	unsigned i;

	for (i = 0; i < members(c); i++)
		if (xennet_load_acquire(&c->stage->done[i]) != c->stage->order)
			return false;
	return true;
}

static int await(struct scale_crowd *c)
{
	uint64_t since = clock_ns();

	while (!c->failed && !carried_out(c)) {
		reap(c, c->stage->op == SCALE_LEAVE);
		if (clock_ns() - since > PATIENCE_NS) {
			fprintf(stderr, "xennet-bench scale: an order was not "
					"carried out\n");
			c->failed = 1;
		}
		clock_sleep_ms(1);
	}
	return c->failed ? BENCH_FAILED : 0;
}

static double took_ms(const struct scale_crowd *c, uint64_t since)
{
	uint64_t last = since;
	unsigned i;

	for (i = 0; i < members(c); i++)
		if (c->stage->when[i] > last)
			last = c->stage->when[i];
	return (double)(last - since) / 1e6;
}

int scale_crowd_do(struct scale_crowd *c, enum scale_op op)
{
	uint64_t since = clock_ns();

	if (c->failed)
		return BENCH_FAILED;
	give(c, op);
	if (await(c))
		return BENCH_FAILED;
	if (op == SCALE_CONNECT)
		c->stage->result.connect_ms = took_ms(c, since);
	if (op == SCALE_DISCONNECT)
		c->stage->result.disconnect_ms = took_ms(c, since);
	return 0;
}

static void await_word(struct scale_crowd *c, const uint32_t *word,
		       uint32_t value)
{
	uint64_t since = clock_ns();

	while (!c->failed && xennet_load_acquire(word) != value) {
		reap(c, false);
		if (clock_ns() - since > PATIENCE_NS)
			c->failed = 1;
		clock_sleep_ms(1);
	}
}

/* Millions per second; negative: failed. */
double scale_crowd_run(struct scale_crowd *c, enum scale_op op, unsigned ms)
{
	struct scale_stage *s = c->stage;

	if (c->failed)
		return -1;
	give(c, op);
	await_word(c, &s->warm, s->order);
	xennet_store_release(&s->phase, SCALE_MEASURE);
	await_word(c, &s->reached, SCALE_MEASURE);
	clock_sleep_ms(ms);
	xennet_store_release(&s->phase, SCALE_HALT);
	return await(c) ? -1 : meter_mega(&s->meter);
}

/* Every packet came, and none was changed or overtaken. */
static int check(const struct scale_stage *s)
{
	uint64_t sent = 0, sum = 0;
	unsigned i;

	for (i = 0; i < s->shape.fronts; i++) {
		sent += s->sent[i];
		sum += s->sent_sum[i];
	}
	if (sent == s->received && sum == s->received_sum && !s->disorder)
		return 0;
	fprintf(stderr,
		"xennet-bench scale: %llu packets sent, %llu received%s%s\n",
		(unsigned long long)sent, (unsigned long long)s->received,
		sum == s->received_sum ? "" : ", changed",
		s->disorder ? ", out of order" : "");
	return BENCH_FAILED;
}

int scale_crowd_begin(struct scale_crowd *c, const struct bench_opts *o,
		      const struct scale_shape *shape)
{
	unsigned i;

	memset(c, 0, sizeof(*c));
	c->stage = cores_shared(sizeof(*c->stage));
	c->stage->shape = *shape;
	if (site_begin(&c->stage->site, o, 0)) {
		cores_unshared(c->stage, sizeof(*c->stage));
		c->stage = NULL;
		return BENCH_FAILED;
	}
	for (i = 0; i < members(c); i++)
		begin(c, i);
	scale_crowd_do(c, SCALE_SERVE);
	return scale_crowd_do(c, SCALE_JOIN);
}

int scale_crowd_end(struct scale_crowd *c)
{
	unsigned i;
	int err;

	if (!c->stage)
		return BENCH_FAILED;
	scale_crowd_do(c, SCALE_LEAVE);
	for (i = 0; i < members(c); i++) {
		if (c->pid[i] <= 0)
			continue;
		if (c->failed)
			kill(c->pid[i], SIGKILL);
		waitpid(c->pid[i], NULL, 0);
	}
	err = c->failed ? BENCH_FAILED : check(c->stage);
	if (c->failed)
		fprintf(stderr, "xennet-bench scale: an end failed\n");
	site_end(&c->stage->site);
	cores_unshared(c->stage, sizeof(*c->stage));
	c->stage = NULL;
	return err;
}
