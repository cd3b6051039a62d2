// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* Opening and closing, the ops that need no file of their own, and what
 * drivers may link to. */
#include "internal.h"

#include <linux/delay.h>
#include <linux/ktime.h>
#include <linux/log2.h>
#include <linux/module.h>
#include <xen/xen.h>
#include <xennet/csum.h>
#include <xennet/xennet.h>

int xennet_linux_err(int error)
{
	switch (error) {
	case 0:
		return 0;
	case -EINVAL:
		return -XENNET_EINVAL;
	case -ENOMEM:
		return -XENNET_ENOMEM;
	case -ENOSPC:
	case -E2BIG:
		return -XENNET_ENOSPC;
	case -EAGAIN:
		return -XENNET_EAGAIN;
	case -ENOENT:
		return -XENNET_ENOENT;
	case -EBUSY:
		return -XENNET_EBUSY;
	case -EACCES:
	case -EPERM:
		return -XENNET_EACCESS;
	case -ESRCH:
		return -XENNET_EGONE;
	default:
		return -XENNET_EIO;
	}
}

/* A power of two of kmalloc's is aligned to itself. */
static void *alloc(void *ctx, size_t size)
{
	if (size >= XENNET_PAGE)
		return vzalloc(size);
	return kzalloc(
		roundup_pow_of_two(max_t(size_t, size, XENNET_CACHE_LINE)),
		GFP_KERNEL);
}

static void release(void *ctx, void *p, size_t size)
{
	kvfree(p);
}

/* In the linear map: a copy finds its frame without a walk. */
static void *copy_alloc(void *ctx, unsigned int pages)
{
	return alloc_pages_exact((size_t)pages * XENNET_PAGE,
				 GFP_KERNEL | __GFP_ZERO | __GFP_NOWARN |
					 __GFP_NORETRY);
}

static void copy_free(void *ctx, void *addr, unsigned int pages)
{
	free_pages_exact(addr, (size_t)pages * XENNET_PAGE);
}

/* A worker may be one that must not sleep: in NAPI it has softirqs off. */
static void delay(void *ctx, unsigned int usec)
{
	if (in_interrupt() || irqs_disabled())
		udelay(usec);
	else
		usleep_range(usec, 2 * usec);
}

static uint64_t clock(void *ctx)
{
	return ktime_get_ns();
}

const struct xennet_ops xennet_linux_ops = {
	.alloc = alloc,
	.free = release,
	.alloc_pages = xennet_linux_alloc_pages,
	.free_pages = xennet_linux_free_pages,
	.share = xennet_linux_share,
	.unshare = xennet_linux_unshare,
	.grant = xennet_linux_grant,
	.ungrant = xennet_linux_ungrant,
	.map_ring = xennet_linux_map_ring,
	.unmap_ring = xennet_linux_unmap_ring,
	.map = xennet_linux_map,
	.unmap = xennet_linux_unmap,
	.copy = xennet_linux_copy,
	.copy_alloc = copy_alloc,
	.copy_free = copy_free,
	.evtchn_alloc = xennet_linux_evtchn_alloc,
	.evtchn_bind = xennet_linux_evtchn_bind,
	.evtchn_close = xennet_linux_evtchn_close,
	.evtchn_notify = xennet_linux_evtchn_notify,
	.evtchn_rearm = xennet_linux_evtchn_rearm,
	.store_read = xennet_linux_store_read,
	.store_write = xennet_linux_store_write,
	.store_remove = xennet_linux_store_remove,
	.store_watch = xennet_linux_store_watch,
	.store_unwatch = xennet_linux_store_unwatch,
	.txn_begin = xennet_linux_txn_begin,
	.txn_end = xennet_linux_txn_end,
	.delay = delay,
	.clock = clock,
};

/* Our own number is at a path relative to our own home. */
static int read_domid(struct xennet_linux *p)
{
	unsigned int domid;
	int n = xenbus_scanf(XBT_NIL, "domid", "", "%u", &domid);

	if (n != 1 || domid > U16_MAX)
		return n < 0 ? xennet_linux_err(n) : -XENNET_EIO;
	p->domid = domid;
	return 0;
}

int xennet_linux_open(struct xennet_linux **out, struct xenbus_device *dev,
		      void (*changed)(void *arg), void *arg)
{
	struct xennet_linux *p = kzalloc(sizeof(*p), GFP_KERNEL);
	int err;

	BUILD_BUG_ON(PAGE_SIZE != XENNET_PAGE);
	if (!p)
		return -XENNET_ENOMEM;
	p->dev = dev;
	p->changed = changed;
	p->arg = arg;
	xa_init(&p->ports);
	spin_lock_init(&p->lock);
	err = read_domid(p);
	if (!err)
		err = xennet_linux_watch(p);
	if (err)
		kfree(p);
	else
		*out = p;
	return err;
}
EXPORT_SYMBOL_GPL(xennet_linux_open);

void xennet_linux_close(struct xennet_linux *p)
{
	xennet_linux_unwatch(p);
	xennet_linux_pool_free(p);
	WARN_ON(!xa_empty(&p->ports));
	kfree(p);
}
EXPORT_SYMBOL_GPL(xennet_linux_close);

struct xennet_platform xennet_linux_platform(struct xennet_linux *p)
{
	return (struct xennet_platform){ &xennet_linux_ops, p };
}
EXPORT_SYMBOL_GPL(xennet_linux_platform);

uint16_t xennet_linux_domid(const struct xennet_linux *p)
{
	return p->domid;
}
EXPORT_SYMBOL_GPL(xennet_linux_domid);

int xennet_linux_resume(struct xennet_linux *p)
{
	int err = read_domid(p);

	return err ? err : xennet_linux_watch_again(p);
}
EXPORT_SYMBOL_GPL(xennet_linux_resume);

void xennet_linux_leave(struct xennet_linux *p)
{
	p->left = true;
}
EXPORT_SYMBOL_GPL(xennet_linux_leave);

static int __init begin(void)
{
	return xen_domain() ? xennet_linux_scratch_init() : -ENODEV;
}

static void __exit end(void)
{
	xennet_linux_scratch_exit();
}

module_init(begin);
module_exit(end);
MODULE_DESCRIPTION("Xen's network protocol, netif: both ends");
MODULE_LICENSE("Dual MIT/GPL");

EXPORT_SYMBOL_GPL(xennet_back_open);
EXPORT_SYMBOL_GPL(xennet_back_event);
EXPORT_SYMBOL_GPL(xennet_back_set_carrier);
EXPORT_SYMBOL_GPL(xennet_back_disconnect);
EXPORT_SYMBOL_GPL(xennet_back_close);
EXPORT_SYMBOL_GPL(xennet_back_ctrl);
EXPORT_SYMBOL_GPL(xennet_back_ctrl_event);
EXPORT_SYMBOL_GPL(xennet_back_poll);
EXPORT_SYMBOL_GPL(xennet_back_drop);
EXPORT_SYMBOL_GPL(xennet_back_swap);
EXPORT_SYMBOL_GPL(xennet_back_done);
EXPORT_SYMBOL_GPL(xennet_back_send);
EXPORT_SYMBOL_GPL(xennet_back_select_queue);
EXPORT_SYMBOL_GPL(xennet_back_set_policy);
EXPORT_SYMBOL_GPL(xennet_back_arm);
EXPORT_SYMBOL_GPL(xennet_back_wake);
EXPORT_SYMBOL_GPL(xennet_front_open);
EXPORT_SYMBOL_GPL(xennet_front_event);
EXPORT_SYMBOL_GPL(xennet_front_disconnect);
EXPORT_SYMBOL_GPL(xennet_front_close);
EXPORT_SYMBOL_GPL(xennet_front_resume);
EXPORT_SYMBOL_GPL(xennet_front_filter);
EXPORT_SYMBOL_GPL(xennet_front_mcast_add);
EXPORT_SYMBOL_GPL(xennet_front_mcast_del);
EXPORT_SYMBOL_GPL(xennet_front_poll);
EXPORT_SYMBOL_GPL(xennet_front_done);
EXPORT_SYMBOL_GPL(xennet_front_send);
EXPORT_SYMBOL_GPL(xennet_front_select_queue);
EXPORT_SYMBOL_GPL(xennet_front_set_hash);
EXPORT_SYMBOL_GPL(xennet_front_set_policy);
EXPORT_SYMBOL_GPL(xennet_front_arm);
EXPORT_SYMBOL_GPL(xennet_front_wake);
EXPORT_SYMBOL_GPL(xennet_csum_locate);
EXPORT_SYMBOL_GPL(xennet_csum_complete);
EXPORT_SYMBOL_GPL(xennet_csum_blank);
EXPORT_SYMBOL_GPL(xennet_err_name);
EXPORT_SYMBOL_GPL(xennet_err_text);
EXPORT_SYMBOL_GPL(xennet_err_kind);
