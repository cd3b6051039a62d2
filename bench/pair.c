/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#include <stdio.h>

#include "pair.h"

double pair_run(const struct pair_case *c, unsigned batch, unsigned size,
		unsigned ms)
{
	struct pair *p = cores_shared(sizeof(*p));
	struct duet duet = {
		.stage = &p->stage,
		.end = { c->front, c->back },
		.arg = p,
		.warm_ms = ms / 4 + 1,
		.run_ms = ms,
	};
	double rate = -1;

	p->batch = batch;
	p->size = size;
	if (duet_run(&duet))
		fprintf(stderr, "xennet-bench: %s: an end failed\n", c->name);
	else if (p->sent != p->received || p->sent_sum != p->received_sum)
		fprintf(stderr,
			"xennet-bench: %s: what came out is not what "
			"went in\n",
			c->name);
	else
		rate = meter_mega(&p->meter);
	cores_unshared(p, sizeof(*p));
	return rate;
}
