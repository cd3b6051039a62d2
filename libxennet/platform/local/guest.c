/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * A guest as domain 0 sees it: what comes over its socket is hostile. One
 * request is answered before the next is read, and nothing is sent that the
 * socket will not take at once, so that a guest that does not read costs a
 * reply and a bounded list of events.
 */
#include "internal.h"

#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

/* Thousands of guests wait for nothing: one is kept only while its guest's
 * socket is full. */
struct answer {
	size_t len;
	struct fds fds;
	struct message m;
};

static void want(struct guest *g, uint32_t interest)
{
	struct epoll_event ev = { .events = interest, .data.ptr = g };

	if (interest == g->interest)
		return;
	g->interest = interest;
	epoll_ctl(g->p->server->epoll, EPOLL_CTL_MOD, g->sock, &ev);
}

/* 0 when everything is sent. */
static int send_all(struct guest *g)
{
	struct message m = { .op = MSG_EVENT };
	const char *path;
	int err = 0;

	if (g->answer) {
		err = xennet_local_send(g->sock, &g->answer->m, g->answer->len,
					&g->answer->fds, MSG_DONTWAIT);
		if (err)
			return err;
		free(g->answer);
		g->answer = NULL;
	}
	while ((path = xennet_local_watch_peek(&g->client))) {
		size_t n = strlen(path) + 1;

		memcpy(m.data, path, n);
		err = xennet_local_send(g->sock, &m, MSG_HEAD + n, NULL,
					MSG_DONTWAIT);
		if (err)
			return err;
		xennet_local_watch_pop(&g->client);
	}
	return 0;
}

static int flush(struct guest *g)
{
	int err = send_all(g);
	uint32_t interest = g->answer ? 0 : EPOLLIN;

	if (err == -XENNET_EAGAIN)
		interest |= EPOLLOUT;
	want(g, interest);
	return err;
}

/* A send that fails for good is followed by a hang-up, which epoll tells. */
static void kick(struct client *c)
{
	flush((struct guest *)(void *)c);
}

void xennet_local_guest_accept(struct xennet_local *p, int sock)
{
	struct epoll_event ev = { .events = EPOLLIN };
	struct server *s = p->server;
	struct guest *g = NULL;

	if (s->nguests < GUESTS_MAX)
		g = calloc(1, sizeof(*g));
	ev.data.ptr = g;
	if (!g || epoll_ctl(s->epoll, EPOLL_CTL_ADD, sock, &ev) != 0) {
		close(sock);
		free(g);
		return;
	}
	g->p = p;
	g->sock = sock;
	g->interest = EPOLLIN;
	g->next = s->guests;
	if (g->next)
		g->next->prev = g;
	s->guests = g;
	s->nguests++;
}

static int join(struct guest *g, const struct message *rq, size_t len,
		struct fds *fds)
{
	struct server *s = g->p->server;
	char mac[24] = { 0 };
	struct domain *d;
	int err;

	if (len - MSG_HEAD >= sizeof(mac) || fds->n != 1 || rq->arg < 1 ||
	    rq->arg > 16 || rq->txn != MSG_VERSION)
		return -XENNET_EINVAL;
	memcpy(mac, rq->data, len - MSG_HEAD);
	err = xennet_local_domain_add(&s->domains, &g->p->counters, fds->fd[0],
				      false, &d);
	if (err)
		return err;
	fds->n = 0;
	err = xennet_local_toolstack_create(&s->store, &g->p->self, d->domid,
					    rq->arg, mac);
	if (err) {
		xennet_local_domain_kill(d);
		return err;
	}
	g->domain = d;
	d->guest = g;
	g->vifs = rq->arg;
	xennet_local_client_init(&g->client, d->domid, kick);
	xennet_local_client_add(&s->store, &g->client);
	xennet_local_count(&g->p->counters, COUNT_GUESTS, 1);
	return d->domid;
}

/* A port that is closed, 0: there is no room. */
static uint32_t closed_port(struct guest *g)
{
	uint32_t i = 1, n = g->nchannels ? 2 * g->nchannels : 4;
	struct channel **more;

	while (i < g->nchannels && g->channels[i])
		i++;
	if (i < g->nchannels)
		return i;
	if (n > XENNET_LOCAL_GUEST_PORTS)
		return 0;
	more = realloc(g->channels, n * sizeof(struct channel *));
	if (!more)
		return 0;
	memset(more + g->nchannels, 0,
	       (n - g->nchannels) * sizeof(struct channel *));
	g->channels = more;
	g->nchannels = n;
	return i;
}

static int channel_alloc(struct guest *g, struct fds *fds)
{
	uint32_t i = closed_port(g);
	struct channel *ch;

	if (!i)
		return -XENNET_ENOSPC;
	ch = xennet_local_channel_new();
	if (!ch)
		return -XENNET_ENOMEM;
	g->channels[i] = ch;
	*fds = (struct fds){ 2, { ch->to_front, ch->to_back } };
	return (int)i;
}

static void channel_close(struct guest *g, uint32_t port)
{
	struct channel *ch = g->channels[port];

	g->channels[port] = NULL;
	ch->gone = true;
	xennet_local_channel_put(ch);
}

static int close_request(struct guest *g, uint32_t port)
{
	if (port >= g->nchannels || !g->channels[port])
		return -XENNET_ENOENT;
	channel_close(g, port);
	return 0;
}

/* False: not a request of this protocol. */
static bool handle(struct guest *g, const struct message *rq, size_t len,
		   struct fds *fds, struct answer *a)
{
	bool bare = len == MSG_HEAD && fds->n == 0;

	a->fds.n = 0;
	a->len = MSG_HEAD;
	memset(&a->m, 0, MSG_HEAD);
	a->m.op = MSG_REPLY;
	if (!g->domain != (rq->op == MSG_JOIN))
		return false;
	switch (rq->op) {
	case MSG_JOIN:
		a->m.result = join(g, rq, len, fds);
		return true;
	case MSG_EVTCHN_ALLOC:
		a->m.result = bare ? channel_alloc(g, &a->fds) : 0;
		return bare;
	case MSG_EVTCHN_CLOSE:
		a->m.result = bare ? close_request(g, rq->arg) : 0;
		return bare;
	default:
		return fds->n == 0 &&
		       xennet_local_request(&g->p->server->store, &g->client,
					    rq, len, &a->m, &a->len);
	}
}

/* Sent at once or kept; false: neither. */
static bool answer(struct guest *g, const struct answer *a)
{
	int err = xennet_local_send(g->sock, &a->m, a->len, &a->fds,
				    MSG_DONTWAIT);

	if (err != -XENNET_EAGAIN)
		return !err;
	g->answer = malloc(sizeof(*a));
	if (g->answer)
		*g->answer = *a;
	return g->answer;
}

/* After epoll; under the lock. False: bury it. */
bool xennet_local_guest_ready(struct guest *g)
{
	struct message rq;
	struct answer a;
	struct fds fds;
	bool ok = false;
	int n;

	if (!g->answer) {
		n = xennet_local_recv(g->sock, &rq, &fds, MSG_DONTWAIT);
		if (n == -XENNET_EGONE)
			return false;
		ok = n >= 0 && handle(g, &rq, (size_t)n, &fds, &a);
		if (n >= 0)
			xennet_local_close_fds(&fds);
		if (n == -XENNET_EINVAL || (n >= 0 && !ok)) {
			xennet_local_count(&g->p->counters, COUNT_REFUSED, 1);
			return false;
		}
		if (ok && !answer(g, &a))
			return false;
	}
	return flush(g) != -XENNET_EGONE;
}

/* Its end, however it came; its memory goes when nothing of it is mapped. */
void xennet_local_guest_bury(struct guest *g)
{
	struct server *s = g->p->server;
	uint16_t domid;

	/* a child of this process may hold the socket: epoll would, too */
	epoll_ctl(s->epoll, EPOLL_CTL_DEL, g->sock, NULL);
	close(g->sock);
	for (uint32_t i = 0; i < g->nchannels; i++)
		if (g->channels[i])
			channel_close(g, i);
	free(g->channels);
	free(g->answer);
	if (g->prev)
		g->prev->next = g->next;
	else
		s->guests = g->next;
	if (g->next)
		g->next->prev = g->prev;
	s->nguests--;
	if (g->domain) {
		domid = g->domain->domid;
		g->domain->guest = NULL;
		xennet_local_client_remove(&s->store, &g->client);
		xennet_local_client_clear(&g->client);
		xennet_local_domain_kill(g->domain);
		xennet_local_toolstack_died(g->p, domid, g->vifs);
		xennet_local_count(&g->p->counters, COUNT_GUESTS, -1);
	}
	free(g);
}
