/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * badring VIF: connects domain 0's interface, claims more requests in its TX
 * ring than that has slots, and waits until the backend lets go of it.
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <xennet/platform/xen.h>
#include <xennet/xennet.h>

#define PATIENCE_MS 10000

/* 0: the backend did something. */
static int wait_for_store(const struct xennet_host *h)
{
	struct pollfd fd = { .fd = xennet_host_fd(h), .events = POLLIN };
	char path[XENNET_HOST_PATH];

	if (poll(&fd, 1, PATIENCE_MS) != 1)
		return -1;
	while (xennet_host_event(h, path, sizeof(path)) == 1)
		continue;
	return 0;
}

/* 0: the event came. */
static int until(struct xennet_front *f, const struct xennet_host *h, int event)
{
	int got;

	while ((got = xennet_front_event(f)) != event)
		if (got <= XENNET_VIF_IDLE && wait_for_store(h))
			return -1;
	return 0;
}

static void break_ring(struct xennet_front *f, const struct xennet_platform *p)
{
	struct xennet_front_queue *q = f->queue;

	xennet_store_release(q->tx.ring.my_prod, q->tx.ring.size + 1);
	p->ops->evtchn_notify(p->ctx, q->tx.port);
}

int main(int argc, char **argv)
{
	static struct xennet_front front;
	struct xennet_front_config config = { .offer = { .queues = 1 } };
	struct xennet_xen *xen;
	struct xennet_host h;
	int err;

	if (argc != 2 || xennet_xen_open(&xen, XENNET_XEN_FRONT))
		return 2;
	h = xennet_xen_host(xen);
	config.platform = h.platform;
	config.domid = h.domid;
	config.handle = (uint32_t)atoi(argv[1]);
	if (xennet_front_open(&front, &config))
		return 2;
	err = until(&front, &h, XENNET_VIF_CONNECTED);
	if (err)
		fprintf(stderr, "no connection\n");
	if (!err) {
		break_ring(&front, &h.platform);
		err = until(&front, &h, XENNET_VIF_STOP);
		fprintf(stderr, err ? "nothing happens\n" : "let go of\n");
		xennet_front_disconnect(&front);
	}
	xennet_front_close(&front);
	xennet_host_close(&h);
	return err ? 1 : 0;
}
