/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Counters that queue threads add to without sharing a cache line. */
#include "internal.h"

static atomic_uint threads;
static _Thread_local unsigned mine; /* this thread's cell, plus one */

void xennet_local_count(struct counters *c, enum counter which, int64_t by)
{
	if (mine == 0)
		mine = atomic_fetch_add(&threads, 1) % COUNTER_CELLS + 1;
	atomic_fetch_add_explicit(&c->cell[mine - 1].n[which], (uint64_t)by,
				  memory_order_relaxed);
}

uint64_t xennet_local_counted(struct counters *c, enum counter which)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < COUNTER_CELLS; i++)
		sum += atomic_load_explicit(&c->cell[i].n[which],
					    memory_order_relaxed);
	return sum;
}

void xennet_local_stats(struct xennet_local *p, struct xennet_local_stats *s)
{
	struct counters *c = &p->counters;

	if (!p->server)
		xennet_local_sweep(&p->memory);
	memset(s, 0, sizeof(*s));
	s->grants = xennet_local_counted(c, COUNT_GRANTS);
	s->mapped = xennet_local_counted(c, COUNT_MAPPED);
	s->quarantined = xennet_local_counted(c, COUNT_QUARANTINED);
	s->ports = xennet_local_counted(c, COUNT_PORTS);
	s->guests = xennet_local_counted(c, COUNT_GUESTS);
	s->domains = xennet_local_counted(c, COUNT_DOMAINS);
	s->copies = xennet_local_counted(c, COUNT_COPIES);
	s->copy_calls = xennet_local_counted(c, COUNT_COPY_CALLS);
	s->mmaps = xennet_local_counted(c, COUNT_MMAPS);
	s->munmaps = xennet_local_counted(c, COUNT_MUNMAPS);
	s->notifies = xennet_local_counted(c, COUNT_NOTIFIES);
	s->refused = xennet_local_counted(c, COUNT_REFUSED);
	if (!p->server)
		return;
	pthread_mutex_lock(&p->lock);
	s->nodes = p->server->store.nodes;
	pthread_mutex_unlock(&p->lock);
}
