/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xennet/platform/local.h>

#include "clock.h"
#include "site_xen.h"

#define PATIENCE_MS 5000u

int site_begin(struct site *s, const struct bench_opts *o, unsigned pages)
{
	memset(s, 0, sizeof(*s));
	if (o->xen)
		return site_xen_begin(s, o, pages);
	strcpy(s->dir, "/tmp/xennet-bench.XXXXXX");
	if (!mkdtemp(s->dir)) {
		fprintf(stderr, "xennet-bench %s: ", o->verb);
		perror("a directory in /tmp");
		return BENCH_FAILED;
	}
	snprintf(s->socket, sizeof(s->socket), "%s/socket", s->dir);
	return 0;
}

void site_end(const struct site *s)
{
	if (s->xen)
		return;
	unlink(s->socket);
	rmdir(s->dir);
}

int site_plug(const struct site *s, unsigned n)
{
	return s->xen ? site_xen_plug(s, n) : 0;
}

void site_unplug(const struct site *s, unsigned n)
{
	if (s->xen)
		site_xen_unplug(s, n);
}

int site_back(const struct site *s, struct xennet_host *h)
{
	struct xennet_local *local;
	int err;

	if (s->xen)
		return site_xen_back(h);
	err = xennet_local_serve(&local, s->socket);
	if (!err)
		*h = xennet_local_host(local);
	return err;
}

int site_front(const struct site *s, struct xennet_host *h)
{
	struct xennet_local *local;
	unsigned ms;
	int err = 0;

	if (s->xen)
		return site_xen_front(h);
	for (ms = 0; ms < PATIENCE_MS; ms++) {
		err = xennet_local_join(&local, s->socket, NULL);
		if (err != -XENNET_EGONE)
			break;
		clock_sleep_ms(1);
	}
	if (!err)
		*h = xennet_local_host(local);
	return err;
}

/* A local guest is a domain with one vif; one domain's have other numbers. */
uint32_t site_handle(const struct site *s, unsigned i)
{
	return s->xen ? s->vif + i : 0;
}

void site_calls(const struct site *s, const struct xennet_host *h,
		struct site_calls *c)
{
	memset(c, 0, sizeof(*c));
	if (s->xen)
		site_xen_calls(h, c);
}
