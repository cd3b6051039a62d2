/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * A pipe, each packet behind its length, and an eventfd that wakes the reader:
 * what a program does that waits for several things. Neither end blocks in the
 * pipe: the writer waits for room, the reader for the event.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/uio.h>

#include "pair_peers.h"
#include "sink.h"
#include "wire.h"

#define ROOM (1 << 20) /* what the kernel allows anybody */

enum { READ, WRITE, EVENT };

static int open_pipe(struct pair *p)
{
	if (pipe2(p->wire, O_NONBLOCK))
		return -1;
	p->wire[EVENT] = eventfd(0, 0);
	return p->wire[EVENT] < 0 ||
	       fcntl(p->wire[WRITE], F_SETPIPE_SZ, ROOM) < 0;
}

/* All pieces of a burst: length, head and body of each packet. */
struct burst {
	struct iovec piece[3 * XENNET_BURST];
	unsigned n, from;
	uint32_t len;
};

static void describe(struct burst *b, struct source *src, uint32_t len)
{
	unsigned i, k;

	b->len = len;
	b->n = b->from = 0;
	for (i = 0; i < src->burst; i++) {
		b->piece[b->n++] = (struct iovec){ &b->len, sizeof(b->len) };
		for (k = 0; k < src->pkt[i].nfrags; k++)
			b->piece[b->n++] =
				(struct iovec){ src->frag[i][k].addr,
						src->frag[i][k].len };
	}
}

/* What the pipe took is not to be written again. */
static void advance(struct burst *b, size_t n)
{
	while (n && n >= b->piece[b->from].iov_len)
		n -= b->piece[b->from++].iov_len;
	if (n) {
		struct iovec *v = &b->piece[b->from];

		v->iov_base = (char *)v->iov_base + n;
		v->iov_len -= n;
	}
}

/* The whole burst, in as many pieces as it takes. */
static int write_burst(struct burst *b, struct pair *p)
{
	while (b->from < b->n) {
		ssize_t n = writev(p->wire[WRITE], b->piece + b->from,
				   (int)(b->n - b->from));
		struct pollfd room = { p->wire[WRITE], POLLOUT, 0 };

		if (n > 0) {
			advance(b, (size_t)n);
			wire_wake(p->wire[EVENT]);
			p->events[0]++;
		} else if (errno != EAGAIN || poll(&room, 1, -1) < 0) {
			return -1;
		}
	}
	return 0;
}

static int front(void *arg)
{
	struct pair *p = arg;
	static struct burst burst;
	struct source src;

	if (source_init(&src, p->size, p->batch))
		return 1;
	stage_enter(&p->stage, 0);
	while (stage_phase(&p->stage) != PHASE_STOP) {
		source_stamp(&src, 0);
		describe(&burst, &src, p->size);
		if (write_burst(&burst, p))
			return 1;
		source_sent(&src, src.burst);
	}
	source_end(&src, p);
	wire_wake(p->wire[EVENT]);
	return 0;
}

/* Uses the whole packets among the n bytes; returns how many it left. */
static size_t use(struct sink *sink, unsigned char *data, size_t n)
{
	const unsigned char *at = data;
	uint32_t len;

	while (n >= sizeof(len)) {
		memcpy(&len, at, sizeof(len));
		if (n < sizeof(len) + len)
			break;
		sink_begin(sink, at + sizeof(len), len);
		at += sizeof(len) + len;
		n -= sizeof(len) + len;
	}
	memmove(data, at, n);
	return n;
}

static int back(void *arg)
{
	struct pair *p = arg;
	struct sink sink = { .received = 0 };
	size_t room = p->batch * (p->size + sizeof(uint32_t)), left = 0;
	unsigned char *data = malloc(room);

	if (!data)
		return 1;
	stage_enter(&p->stage, 1);
	for (;;) {
		bool last = xennet_load_acquire(&p->done);
		ssize_t n = read(p->wire[READ], data + left, room - left);

		meter_look(&sink.meter, &p->stage, sink.received);
		if (n > 0) {
			left = use(&sink, data, left + (size_t)n);
			continue;
		}
		if (n == 0 || errno != EAGAIN)
			return 1;
		if (last)
			break;
		wire_sleep(p->wire[EVENT]);
	}
	sink_end(&sink, p);
	free(data);
	return 0;
}

const struct pair_case pair_pipe = { .name = "pipe and eventfd",
				     .front = front,
				     .back = back,
				     .open = open_pipe };
