/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#include "inner.h"

#include <stdio.h>

#include "clock.h"

#define PATIENCE_MS 5000u
#define QUEUE_PAGES 520u /* rings, pools and what the table takes */

static int open_ends(struct inner *v, unsigned queues)
{
	struct xennet_local_guest opts = { .pages = QUEUE_PAGES * queues + 16 };
	struct xennet_back_config b = { .offer = { .queues = queues },
					.tx = XENNET_PERSISTENT,
					.rx = XENNET_PERSISTENT };
	struct xennet_front_config f = { .offer = { .queues = queues } };
	int err = xennet_local_serve(&v->back_local, v->site.socket);

	if (!err)
		err = xennet_local_join(&v->front_local, v->site.socket, &opts);
	if (err)
		return err;
	b.platform = xennet_local_platform(v->back_local);
	b.peer = f.domid = xennet_local_domid(v->front_local);
	f.platform = xennet_local_platform(v->front_local);
	err = xennet_back_open(&v->back, &b);
	return err ? err : xennet_front_open(&v->front, &f);
}

static int connect_ends(struct inner *v)
{
	bool back = false, front = false;
	unsigned ms;

	for (ms = 0; ms < PATIENCE_MS && !(back && front); ms++) {
		back |= xennet_back_event(&v->back) == XENNET_VIF_CONNECTED;
		front |= xennet_front_event(&v->front) == XENNET_VIF_CONNECTED;
		clock_sleep_ms(1);
	}
	return back && front ? 0 : -XENNET_ESTATE;
}

int inner_begin(struct inner *v, const struct bench_opts *o, unsigned queues)
{
	int err;

	if (site_begin(&v->site, o, 0))
		return BENCH_FAILED;
	err = open_ends(v, queues);
	if (!err)
		err = connect_ends(v);
	if (!err)
		return 0;
	fprintf(stderr, "xennet-bench %s: two ends in one process: %s\n",
		o->verb, xennet_err_text(err));
	return BENCH_FAILED;
}

void inner_end(struct inner *v)
{
	xennet_back_close(&v->back);
	xennet_front_close(&v->front);
	xennet_local_leave(v->front_local);
	xennet_local_leave(v->back_local);
	site_end(&v->site);
}
