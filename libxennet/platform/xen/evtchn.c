/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Event channels: a handle for each port, so that each has a descriptor and
 * no thread takes another's events.
 */
#include "../heap.h"
#include "internal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>

#define WAIT_MAX 256u

static struct port *find(const struct xennet_xen *p, uint32_t number)
{
	if (number >= PORTS)
		return NULL;
	return atomic_load_explicit(&p->port[number], memory_order_acquire);
}

/* Only the thread that owns the port adds: no locked instruction. */
static void count(_Atomic uint64_t *calls)
{
	uint64_t n = atomic_load_explicit(calls, memory_order_relaxed);

	atomic_store_explicit(calls, n + 1, memory_order_relaxed);
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
		uint32_t *out)
{
	struct port *port = NULL;
	int err = -XENNET_EIO;

	if (number <= 0 || (uint32_t)number >= PORTS)
		goto close;
	err = -XENNET_ENOMEM;
	port = xennet_heap_alloc(NULL, sizeof(*port)); /* on its own lines */
	if (!port)
		goto close;
	port->handle = h;
	*out = (uint32_t)number;
	pthread_mutex_lock(&p->lock);
	atomic_store_explicit(&p->port[*out], port, memory_order_release);
	p->nports++;
	if (p->end <= *out)
		p->end = *out + 1;
	pthread_mutex_unlock(&p->lock);
	return 0;
close:
	xenevtchn_close(h);
	return err;
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

void xennet_xen_evtchn_close(void *ctx, uint32_t number)
{
	struct xennet_xen *p = ctx;
	struct port *port;

	if (number >= PORTS)
		return;
	pthread_mutex_lock(&p->lock);
	port = atomic_exchange(&p->port[number], NULL);
	if (port) {
		p->nports--;
		p->notifies += port->notifies;
		p->reads += port->reads;
		p->unmasks += port->unmasks;
	}
	pthread_mutex_unlock(&p->lock);
	if (port)
		xenevtchn_close(port->handle);
	xennet_heap_free(NULL, port, sizeof(*port));
}

void xennet_xen_ports_close(struct xennet_xen *p)
{
	for (uint32_t i = 0; i < p->end; i++)
		xennet_xen_evtchn_close(p, i);
}

void xennet_xen_ports_count(struct xennet_xen *p, struct xennet_xen_stats *s)
{
	const struct port *port;

	pthread_mutex_lock(&p->lock);
	s->ports = p->nports;
	s->notify_calls = p->notifies;
	s->read_calls = p->reads;
	s->unmask_calls = p->unmasks;
	for (uint32_t i = 0; i < p->end; i++) {
		port = find(p, i);
		if (!port)
			continue;
		s->notify_calls += port->notifies;
		s->read_calls += port->reads;
		s->unmask_calls += port->unmasks;
	}
	pthread_mutex_unlock(&p->lock);
}

int xennet_xen_evtchn_notify(void *ctx, uint32_t number)
{
	struct port *port = find(ctx, number);

	if (!port)
		return -XENNET_ENOENT;
	count(&port->notifies);
	return xenevtchn_notify(port->handle, number) ? -XENNET_EGONE : 0;
}

/*
 * The port is masked from the event until here: a storm of them costs one
 * wake-up for each rearm. The kernel takes no hint that it was for nothing.
 * Without an event the read says so, and that is all.
 */
int xennet_xen_evtchn_rearm(void *ctx, uint32_t number, bool spurious)
{
	struct port *port = find(ctx, number);

	(void)spurious;
	if (!port)
		return -XENNET_ENOENT;
	count(&port->reads);
	if (xenevtchn_pending(port->handle) != (int)number)
		return 0;
	count(&port->unmasks);
	xenevtchn_unmask(port->handle, number);
	return 1;
}

int xennet_xen_evtchn_fd(const struct xennet_xen *p, uint32_t port)
{
	const struct port *open = find(p, port);

	return open ? xenevtchn_fd(open->handle) : -XENNET_ENOENT;
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
