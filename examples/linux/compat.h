/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* What differs between kernels, from 6.1 on. */
#ifndef XENNET_EXAMPLES_LINUX_COMPAT_H
#define XENNET_EXAMPLES_LINUX_COMPAT_H

#include <linux/ethtool.h>
#include <linux/hrtimer.h>
#include <linux/skbuff.h>
#include <linux/version.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 13, 0)
static inline void
hrtimer_setup(struct hrtimer *timer,
	      enum hrtimer_restart (*function)(struct hrtimer *),
	      clockid_t clock, enum hrtimer_mode mode)
{
	hrtimer_init(timer, clock, mode);
	timer->function = function;
}
#endif

/* As a driver's uevent has its device. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 3, 0)
#define UEVENT_CONST
#else
#define UEVENT_CONST const
#endif

/* What is called when the last skb with a ubuf_info is gone. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 10, 0)
#define UBUF_OPS(NAME, COMPLETE)                                               \
	static void (*const NAME)(struct sk_buff *, struct ubuf_info *,        \
				  bool) = COMPLETE;
#define ubuf_set_ops(ubuf, NAME) ((ubuf)->callback = (NAME))
#else
#define UBUF_OPS(NAME, COMPLETE)                                               \
	static const struct ubuf_info_ops NAME = { .complete = (COMPLETE) };
#define ubuf_set_ops(ubuf, NAME) ((ubuf)->ops = &(NAME))
#endif

/* An ethtool operation by GET(dev, u32 *indir, u8 *func). */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 8, 0)
#define GET_RXFH(NAME, GET)                                                    \
	static int NAME(struct net_device *dev, u32 *indir, u8 *key, u8 *func) \
	{                                                                      \
		GET(dev, indir, func ?: &(u8){ 0 });                           \
		return 0;                                                      \
	}
#else
#define GET_RXFH(NAME, GET)                                                    \
	static int NAME(struct net_device *dev, struct ethtool_rxfh_param *p)  \
	{                                                                      \
		GET(dev, p->indir, &p->hfunc);                                 \
		return 0;                                                      \
	}
#endif

#endif
