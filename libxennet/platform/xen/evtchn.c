/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Event channels: a handle for each port, so that each has a descriptor and
 * no thread takes another's events.
 */
#include "internal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>

#define WAIT_MAX 256u

static xenevtchn_handle *handle_of(const struct xennet_xen *p, uint32_t port)
{
	if (port >= PORTS)
		return NULL;
	return atomic_load_explicit(&p->port[port], memory_order_acquire);
}

static xenevtchn_handle *open_handle(void)
{
	xenevtchn_handle *h = xenevtchn_open(&xennet_xen_quiet, 0);
	int fd, flags;

	if (!h)
		return NULL;
	/* a rearm without an event must not sleep */
	fd = xenevtchn_fd(h);
	flags = fcntl(fd, F_GETFL);
	if (flags >= 0 && fcntl(fd, F_SETFL, flags | O_NONBLOCK) == 0)
		return h;
	xenevtchn_close(h);
	return NULL;
}

static int keep(struct xennet_xen *p, xenevtchn_handle *h, int number,
		uint32_t *port)
{
	if (number <= 0 || (uint32_t)number >= PORTS) {
		xenevtchn_close(h);
		return -XENNET_EIO;
	}
	atomic_store_explicit(&p->port[number], h, memory_order_release);
	p->ports++;
	*port = (uint32_t)number;
	return 0;
}

int xennet_xen_evtchn_alloc(void *ctx, uint16_t domid, uint32_t *port)
{
	xenevtchn_handle *h = open_handle();
	int number, err;

	if (!h)
		return xennet_xen_err(errno);
	number = xenevtchn_bind_unbound_port(h, domid);
	if (number >= 0)
		return keep(ctx, h, number, port);
	err = xennet_xen_err(errno);
	xenevtchn_close(h);
	return err;
}

int xennet_xen_evtchn_bind(void *ctx, uint16_t domid, uint32_t remote,
			   uint32_t *port)
{
	xenevtchn_handle *h = open_handle();
	int number, err;

	if (!h)
		return xennet_xen_err(errno);
	number = xenevtchn_bind_interdomain(h, domid, remote);
	if (number >= 0)
		return keep(ctx, h, number, port);
	/* not there, bound already or not for us: Xen says EINVAL to each */
	err = errno == EINVAL ? -XENNET_ENOENT : xennet_xen_err(errno);
	xenevtchn_close(h);
	return err;
}

void xennet_xen_evtchn_close(void *ctx, uint32_t port)
{
	struct xennet_xen *p = ctx;
	xenevtchn_handle *h;

	if (port >= PORTS)
		return;
	h = atomic_exchange(&p->port[port], NULL);
	if (!h)
		return;
	xenevtchn_close(h);
	p->ports--;
}

void xennet_xen_ports_close(struct xennet_xen *p)
{
	for (uint32_t i = 0; i < PORTS && p->ports; i++)
		xennet_xen_evtchn_close(p, i);
}

int xennet_xen_evtchn_notify(void *ctx, uint32_t port)
{
	xenevtchn_handle *h = handle_of(ctx, port);

	if (!h)
		return -XENNET_ENOENT;
	return xenevtchn_notify(h, port) ? -XENNET_EGONE : 0;
}

/* The port is masked from the event until here: a storm of them costs one
 * wake-up for each rearm. The kernel takes no hint that it was for nothing. */
void xennet_xen_evtchn_rearm(void *ctx, uint32_t port, bool spurious)
{
	xenevtchn_handle *h = handle_of(ctx, port);

	(void)spurious;
	if (h && xenevtchn_pending(h) == (int)port)
		xenevtchn_unmask(h, port);
}

int xennet_xen_evtchn_fd(const struct xennet_xen *p, uint32_t port)
{
	xenevtchn_handle *h = handle_of(p, port);

	return h ? xenevtchn_fd(h) : -XENNET_ENOENT;
}

int xennet_xen_wait(struct xennet_xen *p, const uint32_t *ports, unsigned n,
		    int timeout_ms)
{
	struct pollfd fds[WAIT_MAX + 1];
	int r;

	if (n > WAIT_MAX)
		return -XENNET_EINVAL;
	for (unsigned i = 0; i < n; i++) {
		fds[i].fd = xennet_xen_evtchn_fd(p, ports[i]);
		fds[i].events = POLLIN;
		if (fds[i].fd < 0)
			return -XENNET_ENOENT;
	}
	fds[n].fd = xennet_xen_fd(p);
	fds[n].events = POLLIN;
	r = poll(fds, n + 1, timeout_ms);
	if (r < 0)
		return errno == EINTR ? 0 : -XENNET_EIO;
	return r > 0;
}
