/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* What the files of the Linux kernel's platform share. */
#ifndef XENNET_LINUX_INTERNAL_H
#define XENNET_LINUX_INTERNAL_H

#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>
#include <linux/xarray.h>
#include <xen/events.h>
#include <xen/grant_table.h>
#include <xen/page.h>
#include <xen/xenbus.h>
#include <xennet/platform/linux.h>

struct watch {
	struct xenbus_watch watch;
	struct xennet_linux *p;
};

struct xennet_linux {
	struct xenbus_device *dev;
	uint16_t domid;
	bool left;
	void (*changed)(void *arg);
	void *arg;
	struct watch ours, theirs;
	struct xarray ports; /* struct port, by number */

	/* pages to map in */
	struct gnttab_page_cache pool;
	atomic_t nfree; /* that it has */
	unsigned int reserved;
};

static inline struct page *page_of(const void *addr)
{
	return is_vmalloc_addr(addr) ? vmalloc_to_page(addr)
				     : virt_to_page(addr);
}

/* -XENNET_E* for a negative errno; 0 for 0. */
int xennet_linux_err(int error);

/* Each file fills in its own, as the module is loaded. */
void xennet_linux_evtchn_init(struct xennet_ops *ops);
void xennet_linux_grant_init(struct xennet_ops *ops);
int xennet_linux_map_init(struct xennet_ops *ops);
void xennet_linux_store_init(struct xennet_ops *ops);

void xennet_linux_pool_free(struct xennet_linux *p);

int xennet_linux_watch(struct xennet_linux *p);
void xennet_linux_unwatch(struct xennet_linux *p);

#endif
