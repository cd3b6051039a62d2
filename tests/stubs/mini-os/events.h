/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Event channels; errors are Xen's, negative. */
#ifndef STUB_MINI_OS_EVENTS_H
#define STUB_MINI_OS_EVENTS_H

#include <xen/xen.h>
#include <xen/event_channel.h>

struct pt_regs;
typedef void (*evtchn_handler_t)(evtchn_port_t port, struct pt_regs *regs,
				 void *data);

/* Both leave the port masked. */
int evtchn_alloc_unbound(domid_t pal, evtchn_handler_t handler, void *data,
			 evtchn_port_t *port);
int evtchn_bind_interdomain(domid_t pal, evtchn_port_t remote_port,
			    evtchn_handler_t handler, void *data,
			    evtchn_port_t *local_port);
void unbind_evtchn(evtchn_port_t port);
int notify_remote_via_evtchn(evtchn_port_t port);

#endif
