/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#include "port.h"

#include "../clock.h"

#define PATIENCE_MS 10000u
#define CACHE 256u

/* What both rings, the cache and a burst may hold; no more, for its own good. */
static struct rte_mempool *make_pool(unsigned ring, unsigned size)
{
	unsigned n = 2 * ring + 2 * CACHE + 1024;

	return rte_pktmbuf_pool_create("packets", n, CACHE, 0,
				       RTE_PKTMBUF_HEADROOM + port_room(size),
				       SOCKET_ID_ANY);
}

/* Buffers of one pool, with one owner, may be freed without a look. */
static void ask_fast_free(struct rte_eth_conf *conf)
{
	struct rte_eth_dev_info info;

	if (rte_eth_dev_info_get(PORT, &info) == 0)
		conf->txmode.offloads = info.tx_offload_capa &
					RTE_ETH_TX_OFFLOAD_MBUF_FAST_FREE;
}

const char *port_start(unsigned ring, unsigned size, struct rte_mempool **pool)
{
	struct rte_eth_conf conf = { 0 };

	*pool = make_pool(ring, size);
	if (!*pool)
		return "no memory for packets";
	ask_fast_free(&conf);
	if (rte_eth_dev_configure(PORT, 1, 1, &conf) ||
	    rte_eth_rx_queue_setup(PORT, QUEUE, (uint16_t)ring, SOCKET_ID_ANY,
				   NULL, *pool) ||
	    rte_eth_tx_queue_setup(PORT, QUEUE, (uint16_t)ring, SOCKET_ID_ANY,
				   NULL))
		return "the device cannot be configured";
	return rte_eth_dev_start(PORT) ? "the device does not start" : NULL;
}

bool port_linked(void)
{
	struct rte_eth_link link = { .link_status = RTE_ETH_LINK_DOWN };
	unsigned ms;

	for (ms = 0; ms < PATIENCE_MS; ms++) {
		if (rte_eth_link_get_nowait(PORT, &link) == 0 &&
		    link.link_status == RTE_ETH_LINK_UP)
			return true;
		clock_sleep_ms(1);
	}
	return false;
}
