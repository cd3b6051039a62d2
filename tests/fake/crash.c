/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* What an operating system does for a process that is killed. */
#include <stdlib.h>

#include "machine.h"

static void close_ports(struct fake_domain *d)
{
	uint32_t port;

	for (port = 0; port < FAKE_PORTS; port++)
		if (d->port[port].open)
			fake_op_evtchn_close(d, port);
}

static void free_memory(struct fake *f, uint16_t domid)
{
	unsigned i = 0;

	while (i < f->nallocs) {
		if (f->alloc[i].owner == domid)
			fake_op_free(&f->domain[domid], f->alloc[i].p,
				     f->alloc[i].size);
		else
			i++;
	}
}

static void drop_watches(struct fake *f, uint16_t domid)
{
	unsigned i;

	for (i = 0; i < FAKE_WATCHES; i++)
		if (f->watch[i].path && f->watch[i].domid == domid)
			fake_op_unwatch(&f->domain[domid], f->watch[i].path);
}

static void take_pages(struct fake *f, uint16_t domid)
{
	uint32_t i;

	for (i = 0; i < f->frame_end; i++)
		if (f->frame[i].owner == domid && f->frame[i].run &&
		    (f->frame[i].state == FAKE_PAGE_SHARED ||
		     f->frame[i].state == FAKE_PAGE_OWNED))
			fake_pages_release(f, i);
}

void fake_crash(struct fake *f, uint16_t domid)
{
	fake_unmap_all(f, domid);
	close_ports(&f->domain[domid]);
	free_memory(f, domid);
	drop_watches(f, domid);
	take_pages(f, domid);
}
