/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * A frontend driven by hand, which may say anything: the other end of the
 * library's backend. It has PAGES pages granted read-only for TX, filled with
 * peer_byte, and RING pages for RX.
 */
#ifndef PEER_FRONT_H
#define PEER_FRONT_H

#include <xennet/wire.h>

#include "peer.h"

#define PAGES 32u
#define PEER_QUEUES 4u

struct peer_front_queue {
	struct xennet_sring *tx_page, *rx_page; /* if standard */
	struct xennet_ring tx, rx;
	uint32_t tx_gref[16], rx_gref[16];
	uint32_t tx_port, rx_port;
};

struct peer_front {
	struct fake *f;
	struct xennet_platform platform;
	unsigned nqueues, npages; /* npages: of each ring */
	bool split;		  /* event channels */
	enum xennet_layout layout;
	struct peer_front_queue q[PEER_QUEUES];
	unsigned char *tx_data, *rx_data;
	struct xennet_grant_op tx_grant[PAGES], rx_grant[RING];
};

/* What one batch of TX answers said. */
struct peer_answers {
	unsigned okay, error, dropped, null, other;
	uint8_t of[65536]; /* answers but NULL, by id */
};

/* Ring pages, ports and data; nothing in the store yet. */
void peer_front_open(struct peer_front *p, struct fake *f, unsigned nqueues,
		     unsigned order, bool split, enum xennet_layout layout);
void peer_front_close(struct peer_front *p);

/* Keys as a modern frontend writes them; its state is still 1. */
void peer_front_publish(struct peer_front *p);
void peer_front_state(struct peer_front *p, unsigned state);

/* Whoever works on queue 0. */
void peer_put_req(struct peer_front *p, uint16_t id, unsigned page,
		  uint16_t offset, uint16_t size, uint16_t flags);
void peer_put_extra(struct peer_front *p, uint8_t type, uint8_t flags);
void peer_put_gso(struct peer_front *p, uint8_t type, uint16_t size);
void peer_push_tx(struct peer_front *p);
/* All that has come; returns how many. */
unsigned peer_take_answers(struct peer_front *p, struct peer_answers *a);

/* Posts buffers: page `page` under this id. */
void peer_post(struct peer_front *p, uint16_t id, unsigned page);
void peer_post_many(struct peer_front *p, unsigned n);
/* The next response, if there is one. */
bool peer_take_rx(struct peer_front *p, struct xennet_rx_rsp *rsp);

#endif
