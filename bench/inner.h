/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* A backend and its guest in one process, on the local platform, connected:
 * both ends of each queue for whoever wants to drive them himself. Everything
 * is persistent. */
#ifndef INNER_H
#define INNER_H

#include <xennet/platform/local.h>
#include <xennet/xennet.h>

#include "site.h"

struct inner {
	struct site site;
	struct xennet_local *back_local, *front_local;
	struct xennet_back back;
	struct xennet_front front;
};

/* 0, or BENCH_FAILED: what is wrong has been said. */
int inner_begin(struct inner *v, const struct bench_opts *o, unsigned queues);
void inner_end(struct inner *v);

#endif
