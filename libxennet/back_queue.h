/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* A backend's queue, as its vif sets it up and takes it down. */
#ifndef XENNET_BACK_QUEUE_H
#define XENNET_BACK_QUEUE_H

#include <xennet/back.h>

/* What the frontend published of one queue. */
struct xennet_back_link {
	uint32_t tx_gref[1u << XENNET_RING_ORDER_MAX];
	uint32_t rx_gref[1u << XENNET_RING_ORDER_MAX];
	uint32_t tx_port, rx_port; /* equal: one event channel for both */
};

/* How many pages a queue may keep mapped. */
static inline uint32_t xennet_back_share(const struct xennet_back *b)
{
	return b->config.maps ? b->config.maps / b->front.queues : UINT32_MAX;
}

/* Maps, binds and allocates. On failure nothing is left. q is zeroed. */
int xennet_back_queue_connect(struct xennet_back_queue *q,
			      struct xennet_back *b,
			      const struct xennet_back_link *link);
void xennet_back_queue_disconnect(struct xennet_back_queue *q);

/* Publishes what a killed predecessor had answered and not published. */
void xennet_back_tx_resume(struct xennet_back_queue *q);

#endif
