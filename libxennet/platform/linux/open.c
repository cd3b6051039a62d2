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
	static const u8 ours[] = {
		[EPERM] = XENNET_EACCESS,  [ENOENT] = XENNET_ENOENT,
		[ESRCH] = XENNET_EGONE,	   [E2BIG] = XENNET_ENOSPC,
		[EAGAIN] = XENNET_EAGAIN,  [ENOMEM] = XENNET_ENOMEM,
		[EACCES] = XENNET_EACCESS, [EBUSY] = XENNET_EBUSY,
		[EINVAL] = XENNET_EINVAL,  [ENOSPC] = XENNET_ENOSPC,
	};
	unsigned int i = -error;

	if (!error)
		return 0;
	return i < ARRAY_SIZE(ours) && ours[i] ? -ours[i] : -XENNET_EIO;
}

/* A power of two of kmalloc's is aligned to itself. */
static void *alloc(void *ctx, size_t size)
{
	if (size >= XENNET_PAGE)
		return vzalloc(size);
	size = max_t(size_t, size, XENNET_CACHE_LINE);
	return kzalloc(roundup_pow_of_two(size), GFP_KERNEL);
}

static void release(void *ctx, void *p, size_t size)
{
	kvfree(p);
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

static struct xennet_ops ops __ro_after_init = {
	.alloc = alloc,
	.free = release,
	.delay = delay,
	.clock = clock,
};

/* Our own number is at a path relative to our own home. */
static int read_domid(struct xennet_linux *p)
{
	int n = xenbus_scanf(XBT_NIL, "domid", "", "%hu", &p->domid);

	return n < 0 ? xennet_linux_err(n) : 0;
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
	gnttab_page_cache_init(&p->pool);
	err = read_domid(p) ?: xennet_linux_watch(p);
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
	return (struct xennet_platform){ &ops, p };
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

	xennet_linux_unwatch(p);
	return err ?: xennet_linux_watch(p);
}
EXPORT_SYMBOL_GPL(xennet_linux_resume);

void xennet_linux_leave(struct xennet_linux *p)
{
	p->left = true;
}
EXPORT_SYMBOL_GPL(xennet_linux_leave);

static int __init begin(void)
{
	if (!xen_domain())
		return -ENODEV;
	xennet_linux_evtchn_init(&ops);
	xennet_linux_grant_init(&ops);
	xennet_linux_store_init(&ops);
	return xennet_linux_map_init(&ops);
}

module_init(begin);
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
