/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Event channels: masked on delivery, as in Xen's user space library. */
#include <stdlib.h>

#include "machine.h"

static struct fake_port *port_of(struct fake_domain *d, uint32_t port)
{
	if (port == 0 || port >= FAKE_PORTS || !d->port[port].open)
		return NULL;
	return &d->port[port];
}

static uint32_t open_port(struct fake_domain *d, uint16_t peer)
{
	uint32_t port = 1;

	while (port < FAKE_PORTS && d->port[port].open)
		port++;
	if (port == FAKE_PORTS)
		abort();
	d->port[port] = (struct fake_port){ .open = true,
					    .pending = true,
					    .peer = peer };
	return port;
}

int fake_op_evtchn_alloc(void *ctx, uint16_t domid, uint32_t *port)
{
	int err = fake_sleeping(fake_of(ctx), FAKE_EVTCHN_ALLOC);

	*port = ~0u;
	if (err)
		return err;
	*port = open_port(ctx, domid);
	return 0;
}

int fake_op_evtchn_bind(void *ctx, uint16_t domid, uint32_t remote,
			uint32_t *port)
{
	struct fake_domain *d = ctx;
	int err = fake_sleeping(d->fake, FAKE_EVTCHN_BIND);
	struct fake_port *peer;

	*port = ~0u;
	if (err)
		return err;
	if (domid >= FAKE_DOMAINS)
		return -XENNET_ENOENT;
	peer = port_of(&d->fake->domain[domid], remote);
	if (!peer || peer->bound || peer->peer != d->id)
		return -XENNET_ENOENT;
	*port = open_port(d, domid);
	d->port[*port].bound = true;
	d->port[*port].peer_port = remote;
	peer->bound = true;
	peer->peer_port = *port;
	return 0;
}

void fake_op_evtchn_close(void *ctx, uint32_t port)
{
	struct fake_domain *d = ctx;
	struct fake_port *p = port_of(d, port);

	fake_sleeping(d->fake, FAKE_EVTCHN_CLOSE);
	if (!p) {
		fake_misuse(d->fake, "close of port %u, not open",
			    (unsigned)port);
		return;
	}
	if (p->bound)
		d->fake->domain[p->peer].port[p->peer_port].bound = false;
	p->open = false;
}

int fake_op_notify(void *ctx, uint32_t port)
{
	struct fake_domain *d = ctx;
	struct fake_port *p = port_of(d, port);
	int err;

	fake_call(d->fake, FAKE_NOTIFY);
	err = fake_status(d->fake, FAKE_NOTIFY, 0);
	if (!p) {
		fake_misuse(d->fake, "notify on port %u, not open",
			    (unsigned)port);
		return -XENNET_ENOENT;
	}
	if (err)
		return err;
	p->sent++;
	if (p->bound)
		d->fake->domain[p->peer].port[p->peer_port].pending = true;
	return 0;
}

int fake_op_rearm(void *ctx, uint32_t port, bool spurious)
{
	struct fake_domain *d = ctx;
	struct fake_port *p = port_of(d, port);
	bool came;

	fake_call(d->fake, FAKE_REARM);
	fake_status(d->fake, FAKE_REARM, 0);
	if (!p) {
		fake_misuse(d->fake, "rearm of port %u, not open",
			    (unsigned)port);
		return -XENNET_ENOENT;
	}
	came = p->masked;
	p->masked = false;
	p->spurious += spurious;
	return came;
}

bool fake_event(struct fake *f, uint16_t domid, uint32_t port)
{
	struct fake_port *p = port_of(&f->domain[domid], port);

	if (!p || !p->pending || p->masked)
		return false;
	p->pending = false;
	p->masked = true;
	return true;
}

unsigned fake_ports(const struct fake *f)
{
	unsigned d, i, n = 0;

	for (d = 0; d < FAKE_DOMAINS; d++)
		for (i = 0; i < FAKE_PORTS; i++)
			n += f->domain[d].port[i].open;
	return n;
}
