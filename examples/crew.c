/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#include "crew.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int make_sums(struct crew *c, unsigned n)
{
	struct worker_sum *sum;

	if (n <= c->nsums)
		return 0;
	sum = realloc(c->sum, n * sizeof(*sum));
	if (!sum)
		return -ENOMEM;
	memset(sum + c->nsums, 0, (n - c->nsums) * sizeof(*sum));
	c->sum = sum;
	c->nsums = n;
	return 0;
}

static int start_one(struct crew *c, void *queues, uint32_t flags)
{
	struct worker *w = &c->worker[c->n];
	int err;

	w->end = c->end;
	w->end->describe(queues, c->n, w);
	w->port_fd[0] = xennet_host_evtchn_fd(c->host, w->port[0]);
	w->port_fd[1] = xennet_host_evtchn_fd(c->host, w->port[1]);
	w->peer_flags = flags;
	w->policy = c->policy;
	w->tap = c->tap.fd[c->n];
	w->taps = c->tap.fd;
	w->back = c->back;
	w->report = c->report;
	w->platform = &c->host->platform;
	w->vif = c->vif;
	w->index = c->n;
	w->sum = &c->sum[c->n];
	w->announce = c->announces && c->n == 0 ? c->tap.name : NULL;
	err = worker_start(w);
	if (!err)
		c->n++;
	return err;
}

int crew_start(struct crew *c, void *queues, unsigned n, uint32_t flags)
{
	int err = tap_set_queues(&c->tap, n);

	if (!err)
		err = tap_set_offload(&c->tap, flags);
	if (!err)
		err = make_sums(c, n);
	if (err)
		return err;
	c->worker = calloc(n, sizeof(*c->worker));
	if (!c->worker)
		return -ENOMEM;
	while (!err && c->n < n)
		err = start_one(c, queues, flags);
	if (!err)
		err = tap_set_carrier(&c->tap, true);
	if (err)
		crew_stop(c);
	return err;
}

int crew_set_mtu(struct crew *c, uint32_t mtu, uint32_t flags)
{
	if (mtu > XENNET_MTU_USUAL && !(flags & XENNET_F_SG))
		mtu = XENNET_MTU_USUAL;
	return mtu == XENNET_MTU_USUAL ? 0 : tap_set_mtu(&c->tap, mtu);
}

void crew_stop(struct crew *c)
{
	if (!c->worker)
		return;
	tap_set_carrier(&c->tap, false);
	while (c->n > 0)
		worker_stop(&c->worker[--c->n]);
	free(c->worker);
	c->worker = NULL;
}

void crew_pause(struct crew *c)
{
	unsigned i;

	for (i = 0; i < c->n; i++)
		worker_pause(&c->worker[i]);
	for (i = 0; i < c->n; i++)
		worker_paused(&c->worker[i]);
}

void crew_go_on(struct crew *c)
{
	unsigned i;

	for (i = 0; i < c->n; i++)
		worker_go_on(&c->worker[i]);
}

void crew_print(struct crew *c)
{
	unsigned i;

	for (i = 0; i < c->nsums; i++)
		if (i < c->n)
			worker_print(&c->worker[i]);
		else
			worker_sum_print(&c->sum[i], c->vif, i);
}

void crew_end(struct crew *c)
{
	crew_stop(c);
	crew_print(c);
	free(c->sum);
	c->sum = NULL;
	c->nsums = 0;
}

/* One is enough: whoever knows that it is down waits for it. */
void crew_look(struct crew *c)
{
	if (c->n)
		worker_look(&c->worker[0]);
}

/* By any of them: each looks when it is awake. */
bool crew_port_down(const struct crew *c)
{
	unsigned i;

	for (i = 0; i < c->n; i++)
		if (atomic_load(&c->worker[i].port_down))
			return true;
	return false;
}

int crew_ended(struct crew *c)
{
	unsigned i;
	int err = 0;

	for (i = 0; i < c->n && !err; i++)
		err = atomic_load(&c->worker[i].ended);
	return err;
}
