/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Opening and closing, and the ops that need no file of their own. */
#include "../heap.h"
#include "internal.h"

#include <errno.h>
#include <stdlib.h>

/* What the libraries would say on stderr of every bad reference. */
static void swallow(xentoollog_logger *logger, xentoollog_level level,
		    int error, const char *context, const char *format,
		    va_list args)
{
	(void)logger, (void)level, (void)error, (void)context, (void)format,
		(void)args;
}

xentoollog_logger xennet_xen_quiet = { .vmessage = swallow };

int xennet_xen_err(int error)
{
	static const struct {
		int error, err;
	} table[] = {
		{ EINVAL, XENNET_EINVAL }, { ENOMEM, XENNET_ENOMEM },
		{ ENOSPC, XENNET_ENOSPC }, { E2BIG, XENNET_ENOSPC },
		{ EMFILE, XENNET_ENOSPC }, { ENFILE, XENNET_ENOSPC },
		{ EDQUOT, XENNET_ENOSPC }, { EAGAIN, XENNET_EAGAIN },
		{ ENOENT, XENNET_ENOENT }, { ENXIO, XENNET_ENOENT },
		{ ENODEV, XENNET_ENOENT }, { EBUSY, XENNET_EBUSY },
		{ ENOSYS, XENNET_ENOSYS }, { EACCES, XENNET_EACCESS },
		{ EPERM, XENNET_EACCESS }, { ESRCH, XENNET_EGONE },
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (table[i].error == error)
			return -table[i].err;
	return -XENNET_EIO;
}

const struct xennet_ops xennet_xen_ops = {
	.alloc = xennet_heap_alloc,
	.free = xennet_heap_free,
	.share = xennet_xen_share,
	.unshare = xennet_xen_unshare,
	.share_notify = xennet_xen_share_notify,
	.map_ring = xennet_xen_map_ring,
	.unmap_ring = xennet_xen_unmap_ring,
	.map = xennet_xen_map,
	.unmap = xennet_xen_unmap,
	.copy = xennet_xen_copy,
	.copy_alloc = xennet_xen_copy_alloc,
	.copy_free = xennet_xen_copy_free,
	.evtchn_alloc = xennet_xen_evtchn_alloc,
	.evtchn_bind = xennet_xen_evtchn_bind,
	.evtchn_close = xennet_xen_evtchn_close,
	.evtchn_notify = xennet_xen_evtchn_notify,
	.evtchn_rearm = xennet_xen_evtchn_rearm,
	.store_read = xennet_xen_store_read,
	.store_write = xennet_xen_store_write,
	.store_remove = xennet_xen_store_remove,
	.store_watch = xennet_xen_store_watch,
	.store_unwatch = xennet_xen_store_unwatch,
	.txn_begin = xennet_xen_txn_begin,
	.txn_end = xennet_xen_txn_end,
	.delay = xennet_heap_delay,
	.clock = xennet_heap_clock,
};

/* Our own number is at a path relative to our own home. */
static int read_domid(struct xennet_xen *p)
{
	char text[8];
	char *end;
	unsigned long id;
	int len = xennet_xen_store_read(p, 0, "domid", text, sizeof(text));

	if (len <= 0 || (size_t)len >= sizeof(text))
		return -XENNET_EIO;
	id = strtoul(text, &end, 10);
	if (*end || id > UINT16_MAX)
		return -XENNET_EIO;
	p->domid = (uint16_t)id;
	return 0;
}

/* That event channels can be had is seen here, not at the first one. */
static int open_devices(struct xennet_xen *p, unsigned ends)
{
	xenevtchn_handle *h = xenevtchn_open(&xennet_xen_quiet, 0);

	if (!h)
		return xennet_xen_err(errno);
	xenevtchn_close(h);
	if (ends & XENNET_XEN_BACK) {
		p->gnttab = xengnttab_open(&xennet_xen_quiet, 0);
		if (!p->gnttab)
			return xennet_xen_err(errno);
	}
	/* a backend can do without both */
	if (ends & XENNET_XEN_BACK)
		p->call = xencall_open(&xennet_xen_quiet, 0);
	p->gntshr = xengntshr_open(&xennet_xen_quiet, 0);
	if (!p->gntshr && ends & XENNET_XEN_FRONT)
		return xennet_xen_err(errno);
	return 0;
}

int xennet_xen_open(struct xennet_xen **out, unsigned ends)
{
	struct xennet_xen *p;
	int err = -XENNET_EINVAL;

	if (!ends || ends & ~(XENNET_XEN_BACK | XENNET_XEN_FRONT))
		return err;
	p = calloc(1, sizeof(*p));
	if (!p)
		return -XENNET_ENOMEM;
	pthread_mutex_init(&p->lock, NULL);
	err = -XENNET_ENOMEM;
	/* its pages are there only once they are written to */
	p->port = calloc(PORTS, sizeof(*p->port));
	if (!p->port)
		goto close;
	err = open_devices(p, ends);
	if (err)
		goto close;
	err = -XENNET_EGONE;
	if (xennet_xen_store_answers())
		p->store = xs_open(0);
	if (!p->store)
		goto close;
	err = read_domid(p);
	if (!err)
		err = xennet_xen_own_open(p);
	if (err)
		goto close;
	*out = p;
	return 0;
close:
	xennet_xen_close(p);
	return err;
}

void xennet_xen_close(struct xennet_xen *p)
{
	if (p->port)
		xennet_xen_ports_close(p);
	free(p->port);
	if (p->store)
		xs_close(p->store);
	if (p->gntshr)
		xengntshr_close(p->gntshr);
	xennet_xen_own_close(p);
	if (p->call)
		xencall_close(p->call);
	if (p->gnttab)
		xengnttab_close(p->gnttab);
	pthread_mutex_destroy(&p->lock);
	free(p);
}

struct xennet_platform xennet_xen_platform(struct xennet_xen *p)
{
	struct xennet_platform plat = { &xennet_xen_ops, p };

	return plat;
}

uint16_t xennet_xen_domid(const struct xennet_xen *p)
{
	return p->domid;
}

void xennet_xen_stats(struct xennet_xen *p, struct xennet_xen_stats *s)
{
	s->shared = p->shared;
	s->mapped = p->mapped;
	s->grant_calls = p->grant_calls;
	s->store_calls = p->store_calls;
	xennet_xen_ports_count(p, s);
}
