/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Event channels, sleep, and the table. The handler masks its port and notes
 * the event; it wakes who waits for the store, so that one queue does for both.
 */
#include "internal.h"

#include <mini-os/os.h>
#include <mini-os/hypervisor.h>
#include <mini-os/events.h>
#include <mini-os/sched.h>
#include <mini-os/time.h>
#include <mini-os/wait.h>
#include <mini-os/xenbus.h>

#define PORTS 1024u /* Mini-OS has handlers for so many */

enum { CLOSED, OPEN, CAME };
static volatile uint8_t state[PORTS];

static uint8_t state_of(uint32_t port)
{
	return port < PORTS ? state[port] : (uint8_t)CLOSED;
}

static void on_event(evtchn_port_t port, struct pt_regs *regs, void *data)
{
	mask_evtchn(port);
	state[port] = CAME;
	wake_up(&xenbus_watch_queue);
}

static int opened(int error, evtchn_port_t at, uint32_t *port)
{
	if (error)
		return xennet_minios_err(NULL, error);
	if (at >= PORTS) {
		unbind_evtchn(at);
		return -XENNET_ENOSPC;
	}
	*port = at;
	state[at] = OPEN;
	unmask_evtchn(at);
	return 0;
}

static int evtchn_alloc(void *ctx, uint16_t domid, uint32_t *port)
{
	evtchn_port_t at = 0;
	int error = evtchn_alloc_unbound(domid, on_event, NULL, &at);

	return opened(error, at, port);
}

static int evtchn_bind(void *ctx, uint16_t domid, uint32_t remote,
		       uint32_t *port)
{
	evtchn_port_t at = 0;
	int error = evtchn_bind_interdomain(domid, remote, on_event, NULL, &at);
	int err = opened(error, at, port);

	/* not there, bound already or not for us: Xen says EINVAL to each */
	return err == -XENNET_EINVAL ? -XENNET_ENOENT : err;
}

static void evtchn_close(void *ctx, uint32_t port)
{
	if (state_of(port) == CLOSED)
		return;
	unbind_evtchn(port);
	state[port] = CLOSED;
}

static int evtchn_notify(void *ctx, uint32_t port)
{
	if (state_of(port) == CLOSED)
		return -XENNET_ENOENT;
	return notify_remote_via_evtchn(port) ? -XENNET_EGONE : 0;
}

static int evtchn_rearm(void *ctx, uint32_t port, bool spurious)
{
	uint8_t now = state_of(port);

	if (now != CAME)
		return now == OPEN ? 0 : -XENNET_ENOENT;
	state[port] = OPEN;
	unmask_evtchn(port);
	return 1;
}

static int ready(const uint32_t *ports, unsigned n)
{
	int came = xennet_minios_fired() ? XENNET_MINIOS_STORE : 0;

	for (unsigned i = 0; i < n; i++) {
		if (state_of(ports[i]) == CLOSED)
			return -XENNET_ENOENT;
		came |= (state_of(ports[i]) == CAME) << i;
	}
	return came;
}

int xennet_minios_wait(const uint32_t *ports, unsigned n, int timeout_ms)
{
	s_time_t end = timeout_ms < 0 ? 0 : NOW() + MILLISECS(timeout_ms);
	int came;

	if (timeout_ms)
		wait_event_deadline(xenbus_watch_queue, ready(ports, n), end);
	came = ready(ports, n);
	if (came >= XENNET_MINIOS_STORE)
		xennet_minios_forget();
	return came;
}

static void delay(void *ctx, unsigned usec)
{
	msleep((usec + 999) / 1000);
}

static uint64_t nanoseconds(void *ctx)
{
	return monotonic_clock();
}

struct xennet_platform xennet_minios_platform(void)
{
	static const struct xennet_ops ops = {
		.alloc = xennet_minios_alloc,
		.free = xennet_minios_free,
		.share = xennet_minios_share,
		.unshare = xennet_minios_unshare,
		.map_ring = xennet_minios_map_ring,
		.unmap_ring = xennet_minios_unmap_ring,
		.map = xennet_minios_map,
		.unmap = xennet_minios_unmap,
		.copy = xennet_minios_copy,
		.evtchn_alloc = evtchn_alloc,
		.evtchn_bind = evtchn_bind,
		.evtchn_close = evtchn_close,
		.evtchn_notify = evtchn_notify,
		.evtchn_rearm = evtchn_rearm,
		.store_read = xennet_minios_read,
		.store_write = xennet_minios_write,
		.store_remove = xennet_minios_remove,
		.store_watch = xennet_minios_watch,
		.store_unwatch = xennet_minios_unwatch,
		.txn_begin = xennet_minios_txn_begin,
		.txn_end = xennet_minios_txn_end,
		.delay = delay,
		.clock = nanoseconds,
	};

	return (struct xennet_platform){ &ops, NULL };
}
