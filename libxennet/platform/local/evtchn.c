/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Event channels: two eventfds, made by domain 0 so that it need trust no
 * descriptor of a guest's. Domain 0's port shares the guest's channel and
 * keeps its descriptors open until it is closed, whatever the guest does.
 */
#include "internal.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/uio.h>
#include <unistd.h>

#define WAIT_MAX 256u

/* Domain 0 may have many: pages of the table that it never needed stay away. */
int xennet_local_ports_init(struct xennet_local *p, uint32_t n)
{
	p->ports = calloc(n, sizeof(*p->ports));
	p->nports = n;
	p->ports_low = p->ports_end = 1;
	return p->ports ? 0 : -XENNET_ENOMEM;
}

struct channel *xennet_local_channel_new(void)
{
	struct channel *ch = calloc(1, sizeof(*ch));

	if (!ch)
		return NULL;
	ch->refs = 1;
	ch->to_back = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	ch->to_front = eventfd(1, EFD_NONBLOCK | EFD_CLOEXEC);
	if (ch->to_back >= 0 && ch->to_front >= 0)
		return ch;
	xennet_local_channel_put(ch);
	return NULL;
}

void xennet_local_channel_put(struct channel *ch)
{
	if (--ch->refs)
		return;
	if (ch->to_back >= 0)
		close(ch->to_back);
	if (ch->to_front >= 0)
		close(ch->to_front);
	free(ch);
}

static struct port *port_of(const struct xennet_local *p, uint32_t port)
{
	return port < p->nports && p->ports[port].open ? &p->ports[port] : NULL;
}

static void open_port(struct xennet_local *p, uint32_t i, int in, int out,
		      struct channel *ch)
{
	p->ports[i] = (struct port){ in, out, true, ch };
	if (i >= p->ports_end)
		p->ports_end = i + 1;
	xennet_local_count(&p->counters, COUNT_PORTS, 1);
}

static int signal_fd(int fd)
{
	uint64_t one = 1;

	/* a counter that is full has an event pending already */
	if (write(fd, &one, sizeof(one)) == sizeof(one) || errno == EAGAIN)
		return 0;
	return -XENNET_EIO;
}

int xennet_local_evtchn_alloc(void *ctx, uint16_t domid, uint32_t *port)
{
	struct xennet_local *p = ctx;
	struct message rq = { .op = MSG_EVTCHN_ALLOC }, rp;
	struct fds fds;
	int r;

	if (p->server)
		return -XENNET_ENOSYS;
	if (domid != 0)
		return -XENNET_EGONE;
	r = xennet_local_call(p, &rq, MSG_HEAD, &rp, &fds);
	if (r < 0)
		return r;
	if (fds.n != 2 || rp.result <= 0 || (uint32_t)rp.result >= p->nports) {
		xennet_local_close_fds(&fds);
		return rp.result < 0 ? rp.result : -XENNET_EIO;
	}
	*port = (uint32_t)rp.result;
	open_port(p, *port, fds.fd[0], fds.fd[1], NULL);
	return 0;
}

static struct channel *find(struct server *s, uint16_t domid, uint32_t remote)
{
	struct domain *d = domid < DOMIDS ? s->domains.at[domid] : NULL;

	if (!d || !d->guest || remote >= d->guest->nchannels)
		return NULL;
	return d->guest->channels[remote];
}

/* The lowest; none below ports_low is closed. */
static uint32_t closed_port(struct xennet_local *p)
{
	while (p->ports_low < p->nports && p->ports[p->ports_low].open)
		p->ports_low++;
	return p->ports_low;
}

static int bind_locked(struct xennet_local *p, uint16_t domid, uint32_t remote,
		       uint32_t *port)
{
	struct channel *ch = find(p->server, domid, remote);
	uint32_t i = closed_port(p);

	if (!ch)
		return -XENNET_ENOENT;
	if (ch->bound)
		return -XENNET_EBUSY;
	if (i == p->nports)
		return -XENNET_ENOSPC;
	ch->bound = true;
	ch->refs++;
	open_port(p, i, ch->to_back, ch->to_front, ch);
	*port = i;
	return 0;
}

/*
 * The guest has this descriptor too, and may have filled it and made it
 * block: not written where an event is pending, and never under the lock.
 */
static int make_pending(int fd)
{
	struct pollfd pending = { .fd = fd, .events = POLLIN };

	return poll(&pending, 1, 0) > 0 ? 0 : signal_fd(fd);
}

int xennet_local_evtchn_bind(void *ctx, uint16_t domid, uint32_t remote,
			     uint32_t *port)
{
	struct xennet_local *p = ctx;
	int err;

	if (!p->server)
		return -XENNET_ENOSYS;
	pthread_mutex_lock(&p->lock);
	err = bind_locked(p, domid, remote, port);
	pthread_mutex_unlock(&p->lock);
	if (err)
		return err;
	err = make_pending(p->ports[*port].in);
	if (err)
		xennet_local_evtchn_close(p, *port);
	return err;
}

static void close_back(struct xennet_local *p, struct port *port)
{
	pthread_mutex_lock(&p->lock);
	port->channel->bound = false;
	xennet_local_channel_put(port->channel);
	port->channel = NULL;
	port->open = false;
	if ((uint32_t)(port - p->ports) < p->ports_low)
		p->ports_low = (uint32_t)(port - p->ports);
	pthread_mutex_unlock(&p->lock);
}

void xennet_local_evtchn_close(void *ctx, uint32_t number)
{
	struct message rq = { .op = MSG_EVTCHN_CLOSE, .arg = number }, rp;
	struct xennet_local *p = ctx;
	struct port *port = port_of(p, number);

	if (!port)
		return;
	if (p->server) {
		close_back(p, port);
	} else {
		xennet_local_call(p, &rq, MSG_HEAD, &rp, NULL);
		close(port->in);
		close(port->out);
	}
	port->open = false;
	xennet_local_count(&p->counters, COUNT_PORTS, -1);
}

int xennet_local_evtchn_notify(void *ctx, uint32_t number)
{
	struct xennet_local *p = ctx;
	struct port *port = port_of(p, number);

	if (!port)
		return -XENNET_ENOENT;
	if (port->channel ? port->channel->gone : p->gone)
		return -XENNET_EGONE;
	xennet_local_count(&p->counters, COUNT_NOTIFIES, 1);
	return signal_fd(port->out);
}

int xennet_local_evtchn_rearm(void *ctx, uint32_t number, bool spurious)
{
	struct port *port = port_of(ctx, number);
	struct iovec iov;
	uint64_t count;
	ssize_t n;

	(void)spurious;
	if (!port)
		return -XENNET_ENOENT;
	iov.iov_base = &count;
	iov.iov_len = sizeof(count);
	/* not read: the peer may have made the descriptor block */
	n = preadv2(port->in, &iov, 1, -1, RWF_NOWAIT);
	if (n < 0 && errno != EAGAIN)
		n = read(port->in, &count, sizeof(count)); /* before 5.8 */
	return n > 0;
}

int xennet_local_evtchn_fd(const struct xennet_local *p, uint32_t port)
{
	const struct port *at = port_of(p, port);

	return at ? at->in : -XENNET_ENOENT;
}

int xennet_local_wait(struct xennet_local *p, const uint32_t *ports, unsigned n,
		      int timeout_ms)
{
	struct pollfd fds[WAIT_MAX + 1];
	int r;

	if (n > WAIT_MAX)
		return -XENNET_EINVAL;
	for (unsigned i = 0; i < n; i++) {
		fds[i].fd = xennet_local_evtchn_fd(p, ports[i]);
		fds[i].events = POLLIN;
		if (fds[i].fd < 0)
			return -XENNET_ENOENT;
	}
	fds[n].fd = p->fd;
	fds[n].events = POLLIN;
	r = poll(fds, n + 1, timeout_ms);
	if (r < 0)
		return errno == EINTR ? 0 : -XENNET_EIO;
	return r > 0;
}

void xennet_local_ports_close(struct xennet_local *p)
{
	for (uint32_t i = 0; i < p->ports_end; i++)
		xennet_local_evtchn_close(p, i);
}
