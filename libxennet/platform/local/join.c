/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* A guest's side of the meeting socket, and what both kinds have. */
#include "internal.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define DEFAULT_PAGES 16384u
#define VIFS_MAX 16u

struct xennet_local *xennet_local_new(uint16_t domid, uint32_t nports)
{
	struct xennet_local *p;

	p = aligned_alloc(2 * XENNET_CACHE_LINE, sizeof(*p));
	if (!p)
		return NULL;
	memset(p, 0, sizeof(*p));
	p->domid = domid;
	p->pid = getpid();
	p->sock = p->fd = -1;
	p->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (p->event_fd >= 0 && xennet_local_ports_init(p, nports) == 0 &&
	    pthread_mutex_init(&p->lock, NULL) == 0)
		return p;
	if (p->event_fd >= 0)
		close(p->event_fd);
	free(p->ports);
	free(p);
	return NULL;
}

void xennet_local_delete(struct xennet_local *p)
{
	xennet_local_client_clear(&p->self);
	close(p->event_fd);
	pthread_mutex_destroy(&p->lock);
	xennet_local_index_free(&p->rings);
	free(p->ports);
	free(p);
}

static void kick(struct client *c)
{
	struct xennet_local *p =
		(struct xennet_local *)(void *)((char *)c -
						offsetof(struct xennet_local,
							 self));

	eventfd_write(p->event_fd, 1);
}

/* The next message, if it is the reply. 1: it is; 0: it was an event. */
static int take(struct xennet_local *p, struct message *m, struct fds *fds,
		int flags)
{
	int n = xennet_local_recv(p->sock, m, fds, flags);

	if (n == -XENNET_EAGAIN)
		return n;
	if (n < 0 || (m->op != MSG_REPLY && m->op != MSG_EVENT)) {
		xennet_local_close_fds(fds);
		p->gone = true;
		return -XENNET_EGONE;
	}
	if (m->op == MSG_REPLY) {
		m->arg = (uint32_t)n - MSG_HEAD;
		return 1;
	}
	xennet_local_close_fds(fds);
	if (memchr(m->data, 0, (size_t)n - MSG_HEAD))
		xennet_local_watch_tell(&p->self, m->data);
	return 0;
}

static int call_guest(struct xennet_local *p, const struct message *rq,
		      size_t len, struct message *rp, struct fds *fds,
		      const struct fds *sent)
{
	struct fds none;
	int r = p->gone ? -XENNET_EGONE : 0;

	if (!r)
		r = xennet_local_send(p->sock, rq, len, sent, 0);
	while (r == 0)
		r = take(p, rp, fds ? fds : &none, 0);
	if (r < 0) {
		p->gone = true;
		return -XENNET_EGONE;
	}
	if (!fds)
		xennet_local_close_fds(&none);
	return rp->result;
}

/*
 * Asks the store, in this process or over the socket. The reply's result;
 * rp->arg: how many bytes of data it has. fds may be NULL.
 */
int xennet_local_call(struct xennet_local *p, const struct message *rq,
		      size_t len, struct message *rp, struct fds *fds)
{
	size_t rp_len = MSG_HEAD;
	int r;

	if (fds)
		fds->n = 0;
	pthread_mutex_lock(&p->lock);
	if (!p->server) {
		r = call_guest(p, rq, len, rp, fds, NULL);
	} else {
		rp->result = -XENNET_EINVAL;
		xennet_local_request(&p->server->store, &p->self, rq, len, rp,
				     &rp_len);
		rp->arg = (uint32_t)(rp_len - MSG_HEAD);
		r = rp->result;
		if (rq->op == MSG_WRITE || rq->op == MSG_TXN_END)
			xennet_local_toolstack_reap(p);
	}
	pthread_mutex_unlock(&p->lock);
	return r;
}

/* Events on the socket to our own list. 0 or -XENNET_EGONE. */
int xennet_local_drain(struct xennet_local *p)
{
	struct message m;
	struct fds fds;
	int r = 0;

	if (p->server)
		return 0;
	if (p->gone)
		return -XENNET_EGONE;
	while (r == 0)
		r = take(p, &m, &fds, MSG_DONTWAIT);
	if (r > 0)
		xennet_local_close_fds(&fds);
	return r == -XENNET_EGONE ? r : 0;
}

static int connect_to(const char *path)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int sock;

	if (strlen(path) >= sizeof(at.sun_path))
		return -XENNET_EINVAL;
	memcpy(at.sun_path, path, strlen(path));
	sock = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (sock < 0)
		return -XENNET_EIO;
	if (connect(sock, (struct sockaddr *)&at, sizeof(at)) == 0)
		return sock;
	close(sock);
	return -XENNET_EGONE;
}

/* One descriptor for the socket and for events that we hold already. */
static int open_poll(struct xennet_local *p)
{
	struct epoll_event ev = { .events = EPOLLIN };

	p->fd = epoll_create1(EPOLL_CLOEXEC);
	if (p->fd >= 0 && epoll_ctl(p->fd, EPOLL_CTL_ADD, p->sock, &ev) == 0 &&
	    epoll_ctl(p->fd, EPOLL_CTL_ADD, p->event_fd, &ev) == 0)
		return 0;
	return -XENNET_EIO;
}

static int say_join(struct xennet_local *p, unsigned vifs, const char *mac)
{
	struct message rq = { .op = MSG_JOIN, .arg = vifs, .txn = MSG_VERSION };
	struct fds memfd = { 1, { p->memory.memfd } };
	struct message rp;
	int r;

	memcpy(rq.data, mac, strlen(mac));
	r = call_guest(p, &rq, MSG_HEAD + strlen(mac), &rp, NULL, &memfd);
	if (r > 0)
		p->domid = (uint16_t)r;
	return r > 0 ? 0 : r;
}

static int connect_guest(struct xennet_local *p, const char *socket_path,
			 unsigned vifs, const char *mac)
{
	int err;

	p->sock = connect_to(socket_path);
	if (p->sock < 0)
		return p->sock;
	err = open_poll(p);
	return err ? err : say_join(p, vifs, mac);
}

int xennet_local_join(struct xennet_local **out, const char *socket_path,
		      const struct xennet_local_guest *opts)
{
	unsigned pages = opts && opts->pages ? opts->pages : DEFAULT_PAGES;
	unsigned vifs = opts && opts->vifs ? opts->vifs : 1;
	const char *mac = opts && opts->mac ? opts->mac : "";
	struct xennet_local *p;
	int err;

	if (pages < PAGES_MIN || pages > PAGES_MAX || vifs > VIFS_MAX ||
	    strlen(mac) > 17)
		return -XENNET_EINVAL;
	p = xennet_local_new(0, XENNET_LOCAL_GUEST_PORTS);
	if (!p)
		return -XENNET_ENOMEM;
	p->ops = &xennet_local_guest_ops;
	xennet_local_client_init(&p->self, 0, kick);
	err = xennet_local_memory_init(&p->memory, pages, &p->counters);
	if (err)
		goto delete;
	err = connect_guest(p, socket_path, vifs, mac);
	if (err)
		goto close;
	*out = p;
	return 0;
close:
	if (p->sock >= 0)
		close(p->sock);
	if (p->fd >= 0)
		close(p->fd);
	xennet_local_memory_free(&p->memory);
	delete : xennet_local_delete(p);
	return err;
}
