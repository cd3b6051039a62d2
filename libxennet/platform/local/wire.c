/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Messages over the meeting socket: packets, each at most a struct message,
 * with up to MSG_FDS descriptors. Whatever else arrives is an error.
 */
#include "internal.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

union control {
	char buf[CMSG_SPACE(sizeof(int) * MSG_FDS)];
	struct cmsghdr align;
};

void xennet_local_close_fds(struct fds *fds)
{
	for (unsigned i = 0; i < fds->n; i++)
		close(fds->fd[i]);
	fds->n = 0;
}

/* 0, -XENNET_EAGAIN (MSG_DONTWAIT only) or -XENNET_EGONE. */
int xennet_local_send(int sock, const struct message *m, size_t len,
		      const struct fds *fds, int flags)
{
	struct iovec iov = { (void *)(uintptr_t)m, len };
	struct msghdr h = { .msg_iov = &iov, .msg_iovlen = 1 };
	union control c;
	ssize_t r;

	if (fds && fds->n) {
		memset(&c, 0, sizeof(c));
		h.msg_control = c.buf;
		h.msg_controllen = CMSG_SPACE(sizeof(int) * fds->n);
		CMSG_FIRSTHDR(&h)->cmsg_level = SOL_SOCKET;
		CMSG_FIRSTHDR(&h)->cmsg_type = SCM_RIGHTS;
		CMSG_FIRSTHDR(&h)->cmsg_len = CMSG_LEN(sizeof(int) * fds->n);
		memcpy(CMSG_DATA(CMSG_FIRSTHDR(&h)), fds->fd,
		       sizeof(int) * fds->n);
	}
	do
		r = sendmsg(sock, &h, flags | MSG_NOSIGNAL);
	while (r < 0 && errno == EINTR);
	if (r >= 0)
		return 0;
	return errno == EAGAIN ? -XENNET_EAGAIN : -XENNET_EGONE;
}

static void take_fds(struct msghdr *h, struct fds *fds)
{
	struct cmsghdr *c;

	for (c = CMSG_FIRSTHDR(h); c; c = CMSG_NXTHDR(h, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		fds->n = (unsigned)((c->cmsg_len - CMSG_LEN(0)) / sizeof(int));
		memcpy(fds->fd, CMSG_DATA(c), fds->n * sizeof(int));
	}
}

/*
 * The length, at least MSG_HEAD. -XENNET_EAGAIN; -XENNET_EGONE: closed;
 * -XENNET_EINVAL: too short, too long or too many descriptors.
 */
int xennet_local_recv(int sock, struct message *m, struct fds *fds, int flags)
{
	struct iovec iov = { m, sizeof(*m) };
	union control c;
	struct msghdr h = { .msg_iov = &iov,
			    .msg_iovlen = 1,
			    .msg_control = c.buf,
			    .msg_controllen = sizeof(c.buf) };
	ssize_t r;

	fds->n = 0;
	do
		r = recvmsg(sock, &h, flags | MSG_CMSG_CLOEXEC);
	while (r < 0 && errno == EINTR);
	if (r < 0)
		return errno == EAGAIN ? -XENNET_EAGAIN : -XENNET_EGONE;
	take_fds(&h, fds);
	if (r == 0 && fds->n == 0)
		return -XENNET_EGONE;
	if (r >= (ssize_t)MSG_HEAD && !(h.msg_flags & (MSG_TRUNC | MSG_CTRUNC)))
		return (int)r;
	xennet_local_close_fds(fds);
	return -XENNET_EINVAL;
}
