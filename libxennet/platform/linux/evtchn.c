// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* Event channels, with a late end of each interrupt: a port that had an event
 * is masked until it is rearmed, whatever its sender does. */
#include "internal.h"

#include <asm/xen/hypercall.h>
#include <linux/interrupt.h>
#include <xen/interface/event_channel.h>

struct port {
	int irq;
	bool pending;
	void (*wake)(void *arg);
	void *arg;
};

static irqreturn_t event(int irq, void *arg)
{
	struct port *port = arg;
	void (*wake)(void *arg);

	smp_store_mb(port->pending, true);    /* xennet_linux_listen */
	wake = smp_load_acquire(&port->wake); /* likewise */
	if (wake)
		wake(port->arg);
	return IRQ_HANDLED;
}

static int keep(struct xennet_linux *p, uint32_t number)
{
	struct port *port = kzalloc(sizeof(*port), GFP_KERNEL);
	struct evtchn_close op = { .port = number };
	int err = -ENOMEM;

	if (!port)
		goto close;
	/* in two steps: of one it would not be known whether it closed the
	 * port, which may be another's by now */
	err = port->irq = bind_evtchn_to_irq_lateeoi(number);
	if (err < 0)
		goto close;
	err = request_irq(port->irq, event, 0, dev_name(&p->dev->dev), port);
	if (err) {
		evtchn_put(number); /* closes it */
		goto free;
	}
	err = xa_err(xa_store(&p->ports, number, port, GFP_KERNEL));
	if (!err)
		return 0;
	unbind_from_irqhandler(port->irq, port); /* closes it as well */
	goto free;
close:
	HYPERVISOR_event_channel_op(EVTCHNOP_close, &op);
free:
	kfree(port);
	return xennet_linux_err(err);
}

static int alloc_port(void *ctx, uint16_t domid, uint32_t *port)
{
	struct evtchn_alloc_unbound op = { .dom = DOMID_SELF,
					   .remote_dom = domid };
	int err = HYPERVISOR_event_channel_op(EVTCHNOP_alloc_unbound, &op);

	*port = op.port;
	return err ? xennet_linux_err(err) : keep(ctx, op.port);
}

static int bind_port(void *ctx, uint16_t domid, uint32_t remote, uint32_t *port)
{
	struct evtchn_bind_interdomain op = { .remote_dom = domid,
					      .remote_port = remote };
	int err = HYPERVISOR_event_channel_op(EVTCHNOP_bind_interdomain, &op);

	*port = op.local_port;
	/* not there, bound already or not for us: Xen says EINVAL to each */
	if (err == -EINVAL)
		return -XENNET_ENOENT;
	return err ? xennet_linux_err(err) : keep(ctx, op.local_port);
}

static void close_port(void *ctx, uint32_t number)
{
	struct xennet_linux *p = ctx;
	struct port *port = xa_erase(&p->ports, number);

	if (!port)
		return;
	unbind_from_irqhandler(port->irq, port);
	kfree(port);
}

static int notify(void *ctx, uint32_t number)
{
	struct evtchn_send op = { .port = number };

	return HYPERVISOR_event_channel_op(EVTCHNOP_send, &op) ? -XENNET_EGONE
							       : 0;
}

static int rearm(void *ctx, uint32_t number, bool spurious)
{
	struct xennet_linux *p = ctx;
	struct port *port = xa_load(&p->ports, number);

	if (!port)
		return -XENNET_ENOENT;
	if (!READ_ONCE(port->pending))
		return 0;
	WRITE_ONCE(port->pending, false);
	xen_irq_lateeoi(port->irq, spurious ? XEN_EOI_FLAG_SPURIOUS : 0);
	return 1;
}

void xennet_linux_listen(struct xennet_linux *p, uint32_t number,
			 void (*wake)(void *arg), void *arg)
{
	struct port *port = xa_load(&p->ports, number);

	if (!port)
		return;
	port->arg = arg;
	smp_store_release(&port->wake, wake); /* event() */
	smp_mb();
	if (READ_ONCE(port->pending))
		wake(arg);
}
EXPORT_SYMBOL_GPL(xennet_linux_listen);

void xennet_linux_evtchn_init(struct xennet_ops *ops)
{
	ops->evtchn_alloc = alloc_port;
	ops->evtchn_bind = bind_port;
	ops->evtchn_close = close_port;
	ops->evtchn_notify = notify;
	ops->evtchn_rearm = rearm;
}
