/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* A pair of Unix datagram sockets: a burst is one system call at each end. */
#include <sys/socket.h>

#include "pair_peers.h"
#include "sink.h"

#define SEND_BUFFER (8 << 20) /* a burst of the largest, and more */

/* The privileged way passes the system's limit; the other goes up to it. */
static int open_sockets(struct pair *p)
{
	static const int size = SEND_BUFFER;

	if (socketpair(AF_UNIX, SOCK_DGRAM, 0, p->wire))
		return -1;
	if (setsockopt(p->wire[0], SOL_SOCKET, SO_SNDBUFFORCE, &size,
		       sizeof(size)) == 0)
		return 0;
	return setsockopt(p->wire[0], SOL_SOCKET, SO_SNDBUF, &size,
			  sizeof(size));
}

/* A message is a packet: the kernel gathers what source.c has in two pieces. */
static void describe(struct source *src, struct mmsghdr *message,
		     struct iovec (*piece)[2])
{
	unsigned i, k;

	for (i = 0; i < src->burst; i++) {
		struct msghdr *m = &message[i].msg_hdr;

		for (k = 0; k < src->pkt[i].nfrags; k++) {
			piece[i][k].iov_base = src->frag[i][k].addr;
			piece[i][k].iov_len = src->frag[i][k].len;
		}
		m->msg_iov = piece[i];
		m->msg_iovlen = k;
	}
}

static int front(void *arg)
{
	struct pair *p = arg;
	struct iovec piece[XENNET_BURST][2];
	struct mmsghdr message[XENNET_BURST] = { 0 };
	struct source src;
	int n;

	if (source_init(&src, p->size, p->batch))
		return 1;
	describe(&src, message, piece);
	stage_enter(&p->stage, 0);
	while (stage_phase(&p->stage) != PHASE_STOP) {
		if (src.from == src.burst)
			source_stamp(&src, 0);
		n = sendmmsg(p->wire[0], message + src.from,
			     src.burst - src.from, 0);
		if (n < 0)
			return 1;
		if (n > 0)
			source_sent(&src, (unsigned)n);
	}
	source_end(&src, p);
	return send(p->wire[0], "", 0, 0) < 0;
}

static int back(void *arg)
{
	struct pair *p = arg;
	struct sink sink = { .received = 0 };
	struct iovec piece[XENNET_BURST];
	struct mmsghdr message[XENNET_BURST] = { 0 };
	unsigned char *buffer = malloc((size_t)p->batch * p->size);
	unsigned i;
	int n;

	if (!buffer)
		return 1;
	for (i = 0; i < p->batch; i++) {
		piece[i].iov_base = buffer + (size_t)i * p->size;
		piece[i].iov_len = p->size;
		message[i].msg_hdr.msg_iov = &piece[i];
		message[i].msg_hdr.msg_iovlen = 1;
	}
	stage_enter(&p->stage, 1);
	for (;;) {
		n = recvmmsg(p->wire[1], message, p->batch, MSG_WAITFORONE,
			     NULL);
		if (n < 0)
			return 1;
		for (i = 0; i < (unsigned)n && message[i].msg_len; i++)
			sink_begin(&sink, piece[i].iov_base,
				   message[i].msg_len);
		meter_look(&sink.meter, &p->stage, sink.received);
		if (i < (unsigned)n) /* of no length: the last */
			break;
	}
	sink_end(&sink, p);
	free(buffer);
	return 0;
}

const struct pair_case pair_dgram = { .name = "Unix datagrams",
				      .front = front,
				      .back = back,
				      .open = open_sockets };
