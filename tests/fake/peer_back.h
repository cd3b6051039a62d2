/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * A backend driven by hand, which may say anything: the other end of the
 * library's frontend. It reads and writes granted pages where they are.
 */
#ifndef PEER_BACK_H
#define PEER_BACK_H

#include <xennet/wire.h>

#include "peer.h"

#define PEER_QUEUES 4u

struct peer_back_queue {
	struct xennet_ring tx, rx;
	uint32_t tx_port, rx_port;
};

struct peer_back {
	struct fake *f;
	struct xennet_platform platform;
	unsigned nqueues;
	struct peer_back_queue q[PEER_QUEUES];
};

/* Writes the keys of a modern backend; its state becomes InitWait. */
void peer_back_offer(struct peer_back *p, struct fake *f, bool persistent);
void peer_back_state(struct peer_back *p, unsigned state);
/* Takes up what the frontend has published; the state becomes Connected. */
void peer_back_connect(struct peer_back *p);
void peer_back_disconnect(struct peer_back *p);

/* Whoever works on queue 0. */
bool peer_take_req(struct peer_back *p, struct xennet_tx_req *req);
bool peer_take_extra(struct peer_back *p, struct xennet_extra *e);
void peer_answer(struct peer_back *p, uint16_t id, int16_t status);
/* The bytes of a request. */
const unsigned char *peer_data(struct peer_back *p,
			       const struct xennet_tx_req *req);

/* The next buffer of the frontend's; false: none. */
bool peer_take_buffer(struct peer_back *p, struct xennet_rx_req *req);
/* Answers it; nothing is told before the push. */
void peer_put_rx(struct peer_back *p, uint16_t id, uint16_t offset,
		 uint16_t flags, int16_t status);
void peer_put_rx_extra(struct peer_back *p, uint8_t type, uint8_t flags,
		       uint8_t gso_type, uint16_t gso_size);
void peer_push_rx(struct peer_back *p);

/* A packet of n slots of this many bytes each, written with peer_byte(slot)
 * from this offset on. The last slot has these flags. */
void peer_deliver(struct peer_back *p, unsigned n, uint16_t offset,
		  uint16_t size, uint16_t last_flags);

#endif
