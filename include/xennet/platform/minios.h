/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Mini-OS: a unikernel that is a frontend, a backend, or both. It is compiled
 * with the application: libxennet/platform/minios/xennet.mk.
 *
 *	config.platform = xennet_minios_platform();
 *	config.domid = xenbus_get_self_id();
 *	...
 *	xennet_minios_wait(ports, nports, timeout_ms);
 *
 * A Mini-OS has one grant table, one set of ports and one store: there is
 * nothing to open, and no context. It has one processor, and threads that give
 * way by themselves: a worker that polls calls schedule() now and then, or the
 * store's thread never runs. Everything here is called from a thread, not from
 * app_main, which runs before there are any.
 *
 * Mini-OS waits for ever for a free grant, so this platform takes at most
 * XENNET_MINIOS_GRANTS of its 2040, then says -XENNET_ENOSPC; a queue of one
 * page per ring has 514. And as a grant may sleep, grant and ungrant do not
 * exist: pages are shared for the connection's life.
 *
 * Mapping, and with it a backend, is for PV guests on x86.
 */
#ifndef XENNET_PLATFORM_MINIOS_H
#define XENNET_PLATFORM_MINIOS_H

#include <xennet/ops.h>

#define XENNET_MINIOS_GRANTS 1600u

#ifdef __cplusplus
extern "C" {
#endif

struct xennet_platform xennet_minios_platform(void);

/*
 * Sleeps until a port has an event or a watch has fired, at most timeout_ms
 * (-1: for ever; 0: only looks). Bit i says that ports[i] has an event, and
 * XENNET_MINIOS_STORE that a watch has fired: n is 30 at most. 0: nothing is
 * there. -XENNET_ENOENT: no such port. A port that had an event is masked, and
 * ends each wait, until it is rearmed.
 */
int xennet_minios_wait(const uint32_t *ports, unsigned n, int timeout_ms);

#define XENNET_MINIOS_STORE (1 << 30)

#ifdef __cplusplus
}
#endif
#endif
