/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Domain 0: the meeting socket and the thread that serves it. Only that
 * thread makes and buries guests; all it does is under the platform's lock,
 * which it does not hold while it sleeps.
 */
#include "internal.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static bool alive(const struct sockaddr_un *at)
{
	int sock = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	bool yes;

	if (sock < 0)
		return true;
	yes = connect(sock, (const struct sockaddr *)at, sizeof(*at)) == 0 ||
	      (errno != ECONNREFUSED && errno != ENOENT);
	close(sock);
	return yes;
}

static int listen_at(const struct sockaddr_un *at)
{
	int sock = socket(AF_UNIX,
			  SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (sock < 0)
		return -XENNET_EIO;
	/* before bind it is the mode that bind gives */
	if (fchmod(sock, 0600) == 0 &&
	    bind(sock, (const struct sockaddr *)at, sizeof(*at)) == 0 &&
	    listen(sock, 64) == 0)
		return sock;
	close(sock);
	return -XENNET_EIO;
}

/* The directory's lock: of two that start at once, one sees the other. */
static int meet(const struct sockaddr_un *at)
{
	char copy[sizeof(at->sun_path)];
	int dir, sock = -XENNET_EBUSY;
	struct stat st;

	memcpy(copy, at->sun_path, sizeof(copy));
	dir = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return -XENNET_EIO;
	flock(dir, LOCK_EX);
	if (!alive(at)) {
		if (lstat(at->sun_path, &st) == 0 && S_ISSOCK(st.st_mode))
			unlink(at->sun_path);
		sock = listen_at(at);
	}
	close(dir);
	return sock;
}

/* Without a descriptor left, the one spared turns the caller away. */
static void accept_one(struct xennet_local *p)
{
	struct server *s = p->server;
	int sock =
		accept4(s->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (sock < 0 && (errno == EMFILE || errno == ENFILE)) {
		close(s->spare);
		sock = accept4(s->listener, NULL, NULL, SOCK_CLOEXEC);
		if (sock >= 0)
			close(sock);
		s->spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
		return;
	}
	if (sock >= 0)
		xennet_local_guest_accept(p, sock);
}

static void *serve(void *arg)
{
	struct xennet_local *p = arg;
	struct server *s = p->server;
	struct epoll_event ev[16];
	int n;

	for (;;) {
		n = epoll_wait(s->epoll, ev, 16, -1);
		pthread_mutex_lock(&p->lock);
		for (int i = 0; i < n; i++) {
			if (ev[i].data.ptr == &s->stop) {
				pthread_mutex_unlock(&p->lock);
				return NULL;
			}
			if (ev[i].data.ptr == &s->listener)
				accept_one(p);
			else if (!xennet_local_guest_ready(ev[i].data.ptr))
				xennet_local_guest_bury(ev[i].data.ptr);
		}
		pthread_mutex_unlock(&p->lock);
	}
}

static int start(struct xennet_local *p)
{
	struct server *s = p->server;
	struct epoll_event on_listen = { .events = EPOLLIN,
					 .data.ptr = &s->listener };
	struct epoll_event on_stop = { .events = EPOLLIN,
				       .data.ptr = &s->stop };
	sigset_t all, old;
	int err;

	s->epoll = epoll_create1(EPOLL_CLOEXEC);
	s->stop = eventfd(0, EFD_CLOEXEC);
	s->spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (epoll_ctl(s->epoll, EPOLL_CTL_ADD, s->listener, &on_listen) != 0 ||
	    epoll_ctl(s->epoll, EPOLL_CTL_ADD, s->stop, &on_stop) != 0)
		return -XENNET_EIO;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	err = pthread_create(&s->thread, NULL, serve, p);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return err ? -XENNET_ENOMEM : 0;
}

static void kick(struct client *c)
{
	struct xennet_local *p =
		(struct xennet_local *)(void *)((char *)c -
						offsetof(struct xennet_local,
							 self));

	eventfd_write(p->event_fd, 1);
}

static void free_server(struct xennet_local *p)
{
	struct server *s = p->server;

	while (s->guests)
		xennet_local_guest_bury(s->guests);
	if (s->listener >= 0) {
		unlink(s->path);
		close(s->listener);
	}
	if (s->epoll >= 0)
		close(s->epoll);
	if (s->stop >= 0)
		close(s->stop);
	if (s->spare >= 0)
		close(s->spare);
	xennet_local_domains_free(&s->domains);
	xennet_local_client_clear(&p->self);
	xennet_local_tree_free(&s->store);
}

int xennet_local_serve(struct xennet_local **out, const char *socket_path)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	struct xennet_local *p;
	struct server *s;
	int err = -XENNET_ENOMEM;

	if (strlen(socket_path) >= sizeof(at.sun_path))
		return -XENNET_EINVAL;
	memcpy(at.sun_path, socket_path, strlen(socket_path));
	p = xennet_local_new(0, XENNET_LOCAL_PORTS);
	s = calloc(1, sizeof(*s));
	if (!p || !s)
		goto free_both;
	s->epoll = s->stop = s->spare = -1;
	memcpy(s->path, at.sun_path, sizeof(s->path));
	p->server = s;
	p->ops = &xennet_local_back_ops;
	xennet_local_singles_init(p);
	p->fd = p->event_fd;
	xennet_local_client_init(&p->self, 0, kick);
	xennet_local_client_add(&s->store, &p->self);
	err = xennet_local_tree_init(&s->store);
	s->listener = err ? err : meet(&at);
	err = s->listener < 0 ? s->listener : start(p);
	if (err)
		goto free_server;
	*out = p;
	return 0;
free_server:
	free_server(p);
free_both:
	free(s);
	if (p)
		xennet_local_delete(p);
	return err;
}

void xennet_local_leave(struct xennet_local *p)
{
	struct server *s = p->server;

	xennet_local_ports_close(p);
	xennet_local_rings_unmap(p);
	if (s) {
		eventfd_write(s->stop, 1);
		pthread_join(s->thread, NULL);
		free_server(p);
		free(s);
		if (p->memory.base)
			xennet_local_memory_free(&p->memory);
	} else {
		close(p->sock);
		close(p->fd);
		xennet_local_memory_free(&p->memory);
	}
	xennet_local_delete(p);
}
