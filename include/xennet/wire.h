/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * The messages of netif.h as they lie in shared memory, in its field names.
 * Little-endian, as on every architecture that Xen has. tests/unit/wire.c
 * holds each against Xen's own header.
 */
#ifndef XENNET_WIRE_H
#define XENNET_WIRE_H

#include <xennet/ring.h>

/* A frontend may always send this many slots per packet. */
#define XENNET_SLOTS_MIN 18u
#define XENNET_MAX_TX_SIZE 0xFFFFu

/* No packet is shorter. */
#define XENNET_ETH_HEADER 14u

/* What a toolstack's `mtu` may be (IPv4's least), and when there is none. */
#define XENNET_MTU_MIN 68u
#define XENNET_MTU_MAX (XENNET_MAX_TX_SIZE - XENNET_ETH_HEADER)
#define XENNET_MTU_USUAL 1500u

struct xennet_tx_req {
	uint32_t gref;
	uint16_t offset;
	uint16_t flags; /* XENNET_TXF_* */
	uint16_t id;
	uint16_t size; /* the first slot's: of the whole packet */
};

struct xennet_tx_rsp {
	uint16_t id;
	int16_t status; /* XENNET_RSP_* */
};

struct xennet_rx_req {
	uint16_t id;
	uint16_t pad;
	uint32_t gref;
};

struct xennet_rx_rsp {
	uint16_t id;
	uint16_t offset;
	uint16_t flags; /* XENNET_RXF_* */
	int16_t status; /* bytes in this slot, or XENNET_RSP_* below 0 */
};

/* Lies in a slot of either ring, after the first slot of its packet. */
struct xennet_extra {
	uint8_t type;  /* XENNET_EXTRA_* */
	uint8_t flags; /* XENNET_EXTRAF_MORE */
	union {
		struct {
			uint16_t size;
			uint8_t type; /* XENNET_GSO_* */
			uint8_t pad;
			uint16_t features;
		} gso;
		struct {
			uint8_t addr[6];
		} mcast;
		struct {
			uint8_t type;
			uint8_t algorithm;
			uint8_t value[4]; /* low byte first */
		} hash;
		struct {
			uint16_t headroom;
			uint16_t pad[2];
		} xdp;
		uint8_t bytes[6];
	} u;
};

/* The two low bits are swapped between the directions. */
enum {
	XENNET_TXF_CSUM_BLANK = 1,
	XENNET_TXF_DATA_VALIDATED = 2,
	XENNET_TXF_MORE_DATA = 4,
	XENNET_TXF_EXTRA_INFO = 8,

	XENNET_RXF_DATA_VALIDATED = 1,
	XENNET_RXF_CSUM_BLANK = 2,
	XENNET_RXF_MORE_DATA = 4,
	XENNET_RXF_EXTRA_INFO = 8,
	XENNET_RXF_GSO_PREFIX = 16
};

enum {
	XENNET_RSP_DROPPED = -2,
	XENNET_RSP_ERROR = -1,
	XENNET_RSP_OKAY = 0,
	XENNET_RSP_NULL = 1 /* answers an extra info slot */
};

enum {
	XENNET_EXTRA_NONE,
	XENNET_EXTRA_GSO,
	XENNET_EXTRA_MCAST_ADD,
	XENNET_EXTRA_MCAST_DEL,
	XENNET_EXTRA_HASH,
	XENNET_EXTRA_XDP, /* Linux only */
	XENNET_EXTRA_TYPES
};

enum { XENNET_EXTRAF_MORE = 1 };

enum { XENNET_GSO_NONE, XENNET_GSO_TCPV4, XENNET_GSO_TCPV6 };

/* What a frontend asks of its backend beside the packets: ctrl.h. */
struct xennet_ctrl_req {
	uint16_t id;
	uint16_t type; /* XENNET_CTRL_* */
	uint32_t data[3];
};

struct xennet_ctrl_rsp {
	uint16_t id, type; /* of the request */
	uint32_t status;   /* XENNET_CTRL_SUCCESS ... */
	uint32_t data;
};

enum {
	XENNET_CTRL_GET_HASH_FLAGS = 1,
	XENNET_CTRL_SET_HASH_FLAGS,
	XENNET_CTRL_SET_HASH_KEY,
	XENNET_CTRL_GET_HASH_MAPPING_SIZE,
	XENNET_CTRL_SET_HASH_MAPPING_SIZE,
	XENNET_CTRL_SET_HASH_MAPPING,
	XENNET_CTRL_SET_HASH_ALGORITHM,
	XENNET_CTRL_GET_GREF_MAPPING_SIZE,
	XENNET_CTRL_ADD_GREF_MAPPING,
	XENNET_CTRL_DEL_GREF_MAPPING,
	XENNET_CTRL_TYPES
};

enum {
	XENNET_CTRL_SUCCESS,
	XENNET_CTRL_NOT_SUPPORTED,
	XENNET_CTRL_INVALID_PARAMETER,
	XENNET_CTRL_BUFFER_OVERFLOW
};

/* Of a page full of them, for messages 9 and 10. */
struct xennet_ctrl_gref {
	uint32_t gref;
	uint16_t flags;	 /* XENNET_CTRL_GREFF_READONLY */
	uint16_t status; /* out: XENNET_CTRL_SUCCESS ... */
};

enum { XENNET_CTRL_GREFF_READONLY = 1 };

enum { XENNET_HASH_NONE, XENNET_HASH_TOEPLITZ };

/* As numbers in extra info, as bits (1 << type) in messages 1 and 2. */
enum {
	XENNET_HASH_IPV4,
	XENNET_HASH_IPV4_TCP,
	XENNET_HASH_IPV6,
	XENNET_HASH_IPV6_TCP,
	XENNET_HASH_TYPES
};

/* xenbus.h: the value of a state key. */
enum xennet_state {
	XENNET_STATE_UNKNOWN,
	XENNET_STATE_INITIALISING,
	XENNET_STATE_INIT_WAIT,
	XENNET_STATE_INITIALISED,
	XENNET_STATE_CONNECTED,
	XENNET_STATE_CLOSING,
	XENNET_STATE_CLOSED,
	XENNET_STATE_RECONFIGURING,
	XENNET_STATE_RECONFIGURED
};

XENNET_RING_MESSAGES(xennet_tx, struct xennet_tx_req, struct xennet_tx_rsp)
XENNET_RING_MESSAGES(xennet_rx, struct xennet_rx_req, struct xennet_rx_rsp)
XENNET_RING_MESSAGES(xennet_ctrl, struct xennet_ctrl_req,
		     struct xennet_ctrl_rsp)

/* TX carries packets in its requests, RX in its responses. */
static inline struct xennet_ring_shape
xennet_tx_shape(unsigned npages, enum xennet_layout layout)
{
	struct xennet_ring_shape s = { npages, xennet_tx_slot_size, layout,
				       false };
	return s;
}

static inline struct xennet_ring_shape
xennet_rx_shape(unsigned npages, enum xennet_layout layout)
{
	struct xennet_ring_shape s = { npages, xennet_rx_slot_size, layout,
				       true };
	return s;
}

/* Always one page in Xen's layout. */
static inline struct xennet_ring_shape xennet_ctrl_shape(void)
{
	struct xennet_ring_shape s = { 1, xennet_ctrl_slot_size,
				       XENNET_STANDARD, false };
	return s;
}

/* An extra in place of a request (TX) or a response (RX). */
XENNET_RING_MESSAGE(xennet_tx, extra, struct xennet_extra)
XENNET_RING_MESSAGE(xennet_rx, extra, struct xennet_extra)

#endif
