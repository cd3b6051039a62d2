/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#include "chain.h"

#include "internal.h"

#include <xennet/ops.h>
#include <xennet/pkt.h>

/* The first reason is the one that counts. */
static void refuse(struct xennet_chain *c, int err)
{
	if (!c->err)
		c->err = err;
}

/* A segment of less is none of TCP's: its headers would be most of the work. The
 * largest means to Linux that a packet is in segments already. */
#define GSO_SIZE_MIN 8u
#define GSO_SIZE_MAX (UINT16_MAX - 1u)

/* What a backend may send: as much as IP, after a header with two tags. 18 slots
 * could hold more, and nothing above us expects it. */
#define RX_LONGEST (XENNET_MAX_TX_SIZE + XENNET_ETH_HEADER + 8)

static void take_gso(struct xennet_chain *c, const struct xennet_extra *e,
		     uint32_t gso_mask)
{
	if (e->u.gso.size < GSO_SIZE_MIN || e->u.gso.size > GSO_SIZE_MAX)
		refuse(c, XENNET_EGSO_SIZE);
	if (e->u.gso.type > XENNET_GSO_TCPV6 ||
	    !(gso_mask & 1u << e->u.gso.type))
		refuse(c, XENNET_EGSO_TYPE);
	c->gso_type = e->u.gso.type;
	c->gso_size = e->u.gso.size;
}

/* A hash of no kind that we know is none. */
static void take_hash(struct xennet_chain *c, const struct xennet_extra *e)
{
	const uint8_t *v = e->u.hash.value;

	if (e->u.hash.algorithm != XENNET_HASH_TOEPLITZ ||
	    e->u.hash.type >= XENNET_HASH_TYPES)
		return;
	c->flags |= (uint8_t)((e->u.hash.type + 1) << 4);
	c->hash = v[0] | v[1] << 8 | v[2] << 16 | (uint32_t)v[3] << 24;
}

/* What the extra says, of a type that is agreed on. */
static void take_info(struct xennet_chain *c, const struct xennet_extra *e,
		      uint32_t gso_mask)
{
	switch (e->type) {
	case XENNET_EXTRA_GSO:
		take_gso(c, e, gso_mask);
		break;
	case XENNET_EXTRA_XDP:
		c->headroom = e->u.xdp.headroom;
		break;
	case XENNET_EXTRA_HASH:
		take_hash(c, e);
		break;
	default:
		memcpy(c->mcast, e->u.mcast.addr, sizeof(c->mcast));
	}
}

/* True: another extra follows. */
static bool take_extra(struct xennet_chain *c, const struct xennet_extra *e,
		       const struct xennet_chain_rules *rules)
{
	uint32_t bit = e->type < XENNET_EXTRA_TYPES ? 1u << e->type : 0;

	c->slots++;
	c->extras++;
	c->rest_extra = e->flags & XENNET_EXTRAF_MORE;
	if (!(bit & rules->extras))
		refuse(c, XENNET_EEXTRA_TYPE);
	else if (c->seen & bit ||
		 (c->seen && (c->seen | bit) & XENNET_SEEN_MCAST))
		refuse(c, XENNET_EEXTRA_TWICE);
	else
		take_info(c, e, rules->gso_mask);
	c->seen |= (uint8_t)bit;
	return c->rest_extra && !c->err;
}

static void take_data(struct xennet_chain *c, uint32_t gref, uint16_t id,
		      uint16_t offset, uint16_t size)
{
	struct xennet_chain_data *d = &c->data[c->ndata++];

	c->slots++;
	d->gref = gref;
	d->id = id;
	d->offset = offset;
	d->size = size;
}

static void check_range(struct xennet_chain *c,
			const struct xennet_chain_data *d)
{
	if ((uint32_t)d->offset + d->size > XENNET_PAGE)
		refuse(c, XENNET_EPKT_RANGE);
}

/* Reserved references are granted to others than a backend (G8). */
static void check_tx(struct xennet_chain *c, const struct xennet_chain_data *d)
{
	check_range(c, d);
	if (d->size && d->gref < XENNET_GREF_FIRST)
		refuse(c, XENNET_EPKT_GREF);
}

static void begin(struct xennet_chain *c)
{
	c->err = 0;
	c->len = c->hash = 0;
	c->slots = c->ndata = c->gso_size = c->headroom = 0;
	c->flags = c->extras = c->seen = c->gso_type = 0;
	c->rest_extra = c->rest_data = false;
}

/* The extras and further data slots of a TX packet; false: not all there. */
static bool tx_rest(const struct xennet_ring *r,
		    const struct xennet_chain_rules *rules,
		    struct xennet_chain *c, uint16_t flags)
{
	uint32_t known = xennet_ring_known(r), sum = 0;
	bool more = flags & XENNET_TXF_EXTRA_INFO;
	struct xennet_tx_req req;
	struct xennet_extra extra;

	c->rest_data = flags & XENNET_TXF_MORE_DATA;
	while (more) {
		if (c->slots == known)
			return false;
		xennet_tx_look_extra(r, r->cons + c->slots, &extra);
		more = take_extra(c, &extra, rules);
	}
	while (c->rest_data && !c->rest_extra) {
		if (c->ndata == rules->slots_max) {
			refuse(c, XENNET_EPKT_SLOTS);
			return true;
		}
		if (c->slots == known)
			return false;
		xennet_tx_look_req(r, r->cons + c->slots, &req);
		take_data(c, req.gref, req.id, req.offset, req.size);
		check_tx(c, &c->data[c->ndata - 1]);
		sum += req.size;
		c->rest_data = req.flags & XENNET_TXF_MORE_DATA;
	}
	if (sum && sum >= c->len)
		refuse(c, XENNET_EPKT_SUM);
	else
		c->data[0].size = (uint16_t)(c->len - sum);
	return true;
}

bool xennet_chain_tx(const struct xennet_ring *r,
		     const struct xennet_chain_rules *rules,
		     struct xennet_chain *c)
{
	struct xennet_tx_req req;

	begin(c);
	xennet_tx_look_req(r, r->cons, &req);
	take_data(c, req.gref, req.id, req.offset, req.size);
	c->len = req.size;
	c->flags = xennet_csum_flags(req.flags);
	if (req.flags & (XENNET_TXF_EXTRA_INFO | XENNET_TXF_MORE_DATA) &&
	    !tx_rest(r, rules, c, req.flags))
		return false;
	if (c->seen & XENNET_SEEN_MCAST)
		return true;
	if (c->len < XENNET_ETH_HEADER)
		refuse(c, XENNET_EPKT_SHORT);
	check_tx(c, &c->data[0]);
	return true;
}

static uint8_t rx_flags(uint16_t flags)
{
	if (flags & XENNET_RXF_CSUM_BLANK)
		return XENNET_PKT_CSUM_BLANK | XENNET_PKT_DATA_VALIDATED;
	if (flags & XENNET_RXF_DATA_VALIDATED)
		return XENNET_PKT_DATA_VALIDATED;
	return 0;
}

static void take_rsp(struct xennet_chain *c, const struct xennet_rx_rsp *rsp)
{
	uint16_t size = rsp->status < 0 ? 0 : (uint16_t)rsp->status;

	if (rsp->status < 0)
		refuse(c, XENNET_EPKT_STATUS);
	take_data(c, 0, rsp->id, rsp->offset, size);
	check_range(c, &c->data[c->ndata - 1]);
	c->len += size;
	c->rest_data = rsp->flags & XENNET_RXF_MORE_DATA;
}

/*
 * What lies below the headroom in its page is no data, whether the response
 * begins after it (we) or counts it too (Linux): see docs/EXTENSIONS.md.
 */
static void skip_headroom(struct xennet_chain *c)
{
	unsigned i;

	c->len = 0;
	for (i = 0; i < c->ndata; i++) {
		struct xennet_chain_data *d = &c->data[i];
		uint32_t end = (uint32_t)d->offset + d->size;

		if (d->offset < c->headroom)
			d->offset = c->headroom;
		if (end < d->offset) {
			refuse(c, XENNET_EPKT_RANGE);
			return;
		}
		d->size = (uint16_t)(end - d->offset);
		c->len += d->size;
	}
}

/* Whether the slot after those taken is there to be looked at. */
static bool rx_there(const struct xennet_ring *r, struct xennet_chain *c)
{
	if (c->slots < xennet_ring_known(r))
		return true;
	refuse(c, XENNET_EPKT_TRUNC);
	return false;
}

void xennet_chain_rx(const struct xennet_ring *r,
		     const struct xennet_chain_rules *rules,
		     struct xennet_chain *c)
{
	struct xennet_rx_rsp rsp;
	struct xennet_extra extra;

	begin(c);
	xennet_rx_look_rsp(r, r->cons, &rsp);
	take_rsp(c, &rsp);
	c->flags = rx_flags(rsp.flags);
	c->rest_extra = rsp.flags & XENNET_RXF_EXTRA_INFO;
	while (c->rest_extra) {
		if (!rx_there(r, c))
			return;
		xennet_rx_look_extra(r, r->cons + c->slots, &extra);
		if (!take_extra(c, &extra, rules))
			break;
	}
	while (c->rest_data && !c->rest_extra) {
		if (c->ndata == rules->slots_max) {
			refuse(c, XENNET_EPKT_SLOTS);
			return;
		}
		if (!rx_there(r, c))
			return;
		xennet_rx_look_rsp(r, r->cons + c->slots, &rsp);
		take_rsp(c, &rsp);
	}
	if (c->headroom)
		skip_headroom(c);
	if (c->len - XENNET_ETH_HEADER > RX_LONGEST - XENNET_ETH_HEADER)
		refuse(c, c->len > RX_LONGEST ? XENNET_EPKT_LONG
					      : XENNET_EPKT_SHORT);
}
