/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#include "tapburst.h"

#include <errno.h>
#include <stdlib.h>

static void write_each(int fd, const struct xennet_pkt *pkt, unsigned n,
		       int *err)
{
	for (unsigned i = 0; i < n; i++)
		err[i] = tap_write(fd, &pkt[i]);
}

#ifdef WITH_URING
#include <liburing.h>
#include <sched.h>

/* For fewer the ring costs more than it spares. */
#define WORTH_IT 3u

struct tap_burst {
	struct io_uring ring;
	bool failed; /* and is not asked again */
	struct virtio_net_hdr header[XENNET_BURST];
	struct iovec iov[XENNET_BURST + XENNET_BURST_FRAGS];
};

struct tap_burst *tap_burst_open(void)
{
	struct tap_burst *b = calloc(1, sizeof(*b));

	if (!b || io_uring_queue_init(XENNET_BURST, &b->ring, 0)) {
		free(b);
		return NULL;
	}
	return b;
}

void tap_burst_close(struct tap_burst *b)
{
	if (!b)
		return;
	io_uring_queue_exit(&b->ring);
	free(b);
}

/* Returns how many are on their way; err[] says which are not. */
static unsigned queue(struct tap_burst *b, int fd, const struct xennet_pkt *pkt,
		      unsigned n, int *err)
{
	struct iovec *iov = b->iov;
	struct io_uring_sqe *sqe;
	unsigned i, queued = 0;
	int pieces;

	for (i = 0; i < n; i++) {
		pieces = tap_frame(&pkt[i], &b->header[i], iov);
		err[i] = pieces < 0 ? pieces : -EIO;
		if (pieces < 0)
			continue;
		sqe = io_uring_get_sqe(&b->ring);
		/* no registered file: the ring would let go of the TAP only a
		 * while after both are closed, and its name with it */
		io_uring_prep_writev(sqe, fd, iov, (unsigned)pieces, 0);
		io_uring_sqe_set_data64(sqe, i);
		iov += pieces;
		queued++;
	}
	return queued;
}

/* All of it, unless the kernel refuses. */
static void submit(struct tap_burst *b)
{
	int n = 0;

	while (io_uring_sq_ready(&b->ring) && (n >= 0 || n == -EINTR))
		n = io_uring_submit(&b->ring);
	b->failed = io_uring_sq_ready(&b->ring);
}

/* To the last, whatever fails: the kernel reads from the buffers until then,
 * and writes without waiting. */
static void collect(struct tap_burst *b, unsigned queued, int *err)
{
	struct io_uring_cqe *cqe;
	int n;

	while (queued) {
		n = io_uring_wait_cqe(&b->ring, &cqe);
		if (n == -EINTR)
			continue;
		if (n) {
			b->failed = true;
			sched_yield();
			continue;
		}
		err[io_uring_cqe_get_data64(cqe)] = cqe->res < 0 ? cqe->res : 0;
		io_uring_cqe_seen(&b->ring, cqe);
		queued--;
	}
}

void tap_write_burst(struct tap_burst *b, int fd, const struct xennet_pkt *pkt,
		     unsigned n, int *err)
{
	unsigned queued;

	if (!b || b->failed || n < WORTH_IT) {
		write_each(fd, pkt, n, err);
		return;
	}
	queued = queue(b, fd, pkt, n, err);
	submit(b);
	collect(b, queued - io_uring_sq_ready(&b->ring), err);
}

#else

struct tap_burst *tap_burst_open(void)
{
	return NULL;
}

void tap_burst_close(struct tap_burst *b)
{
	(void)b;
}

void tap_write_burst(struct tap_burst *b, int fd, const struct xennet_pkt *pkt,
		     unsigned n, int *err)
{
	(void)b;
	write_each(fd, pkt, n, err);
}

#endif
