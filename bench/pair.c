/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bench.h"
#include "pair.h"

/* In a file without a name, which a program that an end executes inherits. */
static struct pair *pair_new(void)
{
	int fd = memfd_create("xennet-bench", 0);
	struct pair *p;

	if (fd < 0 || ftruncate(fd, sizeof(*p)))
		goto none;
	p = mmap(NULL, sizeof(*p), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (p == MAP_FAILED)
		goto none;
	p->memory = fd;
	p->wire[0] = p->wire[1] = p->wire[2] = -1;
	return p;
none:
	fprintf(stderr, "xennet-bench: no memory\n");
	exit(BENCH_FAILED);
}

static void pair_free(struct pair *p)
{
	unsigned i;

	for (i = 0; i < BENCH_COUNT(p->wire); i++)
		if (p->wire[i] >= 0)
			close(p->wire[i]);
	close(p->memory);
	munmap(p, sizeof(*p));
}

static int measure(const struct pair_case *c, struct pair *p, unsigned ms)
{
	struct duet duet = {
		.stage = &p->stage,
		.end = { c->front, c->back },
		.arg = p,
		.warm_ms = ms / 4 + 1,
		.run_ms = ms,
	};

	if (c->open && c->open(p))
		fprintf(stderr, "xennet-bench: %s: cannot be set up\n",
			c->name);
	else if (duet_run(&duet))
		fprintf(stderr, "xennet-bench: %s: an end failed\n", c->name);
	else if (p->sent != p->received || p->sent_sum != p->received_sum)
		fprintf(stderr,
			"xennet-bench: %s: what came out is not what "
			"went in\n",
			c->name);
	else
		return 0;
	return BENCH_FAILED;
}

int pair_measure(const struct pair_case *c, unsigned batch, unsigned size,
		 unsigned ms, struct pair_result *r)
{
	size_t room = c->area ? c->area(size) : 0;
	struct pair *p = pair_new();
	int err;

	p->batch = batch;
	p->size = size;
	p->how = c->how;
	p->with = c->with;
	if (room)
		p->area = cores_shared(room);
	err = measure(c, p, ms);
	r->mega = meter_mega(&p->meter);
	r->events = p->sent ? (double)(p->events[0] + p->events[1]) /
				      (double)p->sent
			    : 0;
	if (room)
		cores_unshared(p->area, room);
	pair_free(p);
	return err;
}

double pair_run(const struct pair_case *c, unsigned batch, unsigned size,
		unsigned ms)
{
	struct pair_result r;

	return pair_measure(c, batch, size, ms, &r) ? -1 : r.mega;
}
