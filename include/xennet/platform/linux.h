/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * The platform of a Linux kernel module: the ops over the kernel's grant table,
 * event channels and xenbus, for one vif of either end. xennet.ko has it, with
 * the core; a driver links to that.
 *
 *	err = xennet_linux_open(&p, dev, changed, vif);     in probe
 *	config.platform = xennet_linux_platform(p);
 *	config.domid = xennet_linux_domid(p);
 *	err = xennet_back_open(&vif->back, &config);
 *	...
 *	xennet_back_close(&vif->back);                      in remove
 *	xennet_linux_close(p);
 *
 * The control thread is a work item, which changed() queues. A worker is
 * whatever runs once at a time, NAPI for one: the functions of a queue neither
 * sleep nor care on which processor they are.
 */
#ifndef XENNET_PLATFORM_LINUX_H
#define XENNET_PLATFORM_LINUX_H

#include <xennet/ops.h>

struct xenbus_device;
struct xennet_linux;

/*
 * changed: something was written below dev's directory or its other end's; may
 * be called before this returns, and until xennet_linux_close does, in atomic
 * context, as it suits queue_work(). -XENNET_ENOMEM, or an error of the store.
 * Sleeps.
 */
int xennet_linux_open(struct xennet_linux **out, struct xenbus_device *dev,
		      void (*changed)(void *arg), void *arg);

/* Close the vif first. Sleeps. */
void xennet_linux_close(struct xennet_linux *p);

struct xennet_platform xennet_linux_platform(struct xennet_linux *p);

/* Our own. */
uint16_t xennet_linux_domid(const struct xennet_linux *p);

/*
 * Pages to be mapped in, as many at once: map() finds none without. Of a
 * backend that copies, none. -XENNET_ENOMEM. Sleeps; any number of times.
 */
int xennet_linux_reserve(struct xennet_linux *p, unsigned int pages);

/*
 * wake is called when the port has an event, in interrupt context, and at once
 * if one is pending (so with softirqs off, if it schedules NAPI); then not until
 * the port was rearmed. Of one that is not open: nothing. Not beside the opening
 * and closing of ports.
 */
void xennet_linux_listen(struct xennet_linux *p, uint32_t port,
			 void (*wake)(void *arg), void *arg);

/*
 * After the domain was restored, and xenbus knows the backend that it has now:
 * then xennet_linux_domid says our number, for xennet_front_resume. An error of
 * the store. Sleeps; not beside the control thread.
 */
int xennet_linux_resume(struct xennet_linux *p);

/*
 * From now on nothing is written to the store: what is closed after this is
 * left connected for the next driver, as by a process that is killed. The peer
 * does not notice.
 */
void xennet_linux_leave(struct xennet_linux *p);

#endif
