/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#include "host.h"

#include <xennet/platform/local.h>
#ifdef WITH_XEN
#include <fcntl.h>
#include <sys/file.h>
#include <xennet/platform/xen.h>
#endif

#define PAGES_MAX (1u << 20)

#ifdef WITH_XEN
/* Two netbacks in a domain would take each other's vifs. The lock is this
 * process's for life; what is locked does not matter. */
static bool is_alone(void)
{
	int fd = open("/dev/xen/gntdev", O_RDWR | O_CLOEXEC);

	return fd < 0 || flock(fd, LOCK_EX | LOCK_NB) == 0;
}

static int open_xen(struct xennet_host *h, unsigned ends)
{
	struct xennet_xen *xen;
	int err = xennet_xen_open(&xen, ends);

	if (!err)
		*h = xennet_xen_host(xen);
	return err;
}
#else
enum { XENNET_XEN_BACK, XENNET_XEN_FRONT };

static bool is_alone(void)
{
	return true;
}

static int open_xen(struct xennet_host *h, unsigned ends)
{
	(void)h, (void)ends;
	return -XENNET_ENOSYS;
}
#endif

/* Twice what the queues take: a backend may be slow to let go of the pages of
 * an earlier connection. */
static unsigned memory_pages(const struct xennet_offer *o)
{
	unsigned n = 1u << o->ring_order;
	struct xennet_ring_shape tx = xennet_tx_shape(n, XENNET_STANDARD);
	struct xennet_ring_shape rx = xennet_rx_shape(n, XENNET_SPLIT);
	/* no layout has more slots than these */
	unsigned queue =
		2 * n + xennet_ring_slots(&tx) + xennet_ring_slots(&rx);
	unsigned pages = 1024 + 2 * o->queues * queue;

	return pages < PAGES_MAX ? pages : PAGES_MAX;
}

int host_open_back(struct xennet_host *h, const struct options *o)
{
	struct xennet_local *local;
	int err;

	if (o->xen)
		return is_alone() ? open_xen(h, XENNET_XEN_BACK)
				  : -XENNET_EBUSY;
	err = xennet_local_serve(&local, o->socket);
	if (!err)
		*h = xennet_local_host(local);
	return err;
}

int host_open_front(struct xennet_host *h, const struct options *o)
{
	struct xennet_local_guest guest = { .pages = memory_pages(&o->offer),
					    .mac = o->mac };
	struct xennet_local *local;
	int err;

	if (o->xen)
		return open_xen(h, XENNET_XEN_FRONT);
	err = xennet_local_join(&local, o->socket, &guest);
	if (!err)
		*h = xennet_local_host(local);
	return err;
}

const char *host_text(const struct options *o, int err)
{
	if (!o->xen)
		return xennet_err_text(err);
	switch (-err) {
	case XENNET_ENOSYS:
		return "this program was built without Xen's libraries";
	case XENNET_ENOENT:
		return "no domain of Xen, or /dev/xen lacks evtchn, gntdev or "
		       "gntalloc";
	case XENNET_EACCESS:
		return "the devices in /dev/xen may not be opened";
	case XENNET_EGONE:
		return "no xenstored answers";
	case XENNET_EIO:
		return "xenstored does not say which domain this is";
	default:
		return xennet_err_text(err);
	}
}
