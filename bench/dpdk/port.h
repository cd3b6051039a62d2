/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* The one port of this process, with one queue each way, and its buffers. */
#ifndef PORT_H
#define PORT_H

#include <stdbool.h>

#include <rte_ethdev.h>
#include <rte_mbuf.h>

#define PORT 0u
#define QUEUE 0u

/* Room for the packets of all benches but bulk, which comes in chains. */
#define PORT_ROOM 2048u
#define PORT_ROOM_BULK 4096u

static inline uint16_t port_room(unsigned size)
{
	return size <= PORT_ROOM ? PORT_ROOM : PORT_ROOM_BULK;
}

/* NULL, or what did not work. */
const char *port_start(unsigned ring, unsigned size, struct rte_mempool **pool);

/* Waits until there is a peer; false: none in ten seconds. */
bool port_linked(void);

#endif
