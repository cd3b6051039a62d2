/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Packets from a backend that may say anything. */
#include <stdlib.h>

#include "frame.h"
#include "front_rig.h"

#define MORE XENNET_RXF_MORE_DATA
#define EXTRA XENNET_RXF_EXTRA_INFO

/* Packet i of the last poll: n slots as peer_deliver makes them. */
static void assert_packet(struct front_rig *r, unsigned i, unsigned n,
			  uint16_t offset, uint16_t size)
{
	static unsigned char data[0x20000];
	const struct xennet_pkt *pkt = &r->in.pkt[i];
	unsigned slot, k;
	uint32_t at = 0;

	assert_int_equal(pkt->len, n * size);
	assert_int_equal(peer_gather(pkt, data, sizeof(data)), pkt->len);
	for (k = 0; k < pkt->nfrags; k++)
		assert_true(pkt->frag[k].len > 0);
	for (slot = 0; slot < n; slot++)
		for (k = 0; k < size; k++)
			assert_int_equal(data[at++],
					 peer_byte(slot, offset + k));
}

/* Every buffer is posted again. */
static void assert_buffers_complete(struct front_rig *r)
{
	assert_int_equal(r->q->rx.ring.prod - r->q->rx.ring.cons, RING);
	assert_int_equal(r->q->rx.nspare, 0);
	assert_int_equal(r->q->rx.nbusy, 0);
	assert_int_equal(r->q->broken, 0);
}

/* Nothing comes of it, for this reason, and nothing is lost. */
static void assert_dropped(struct front_rig *r, enum xennet_err why)
{
	uint64_t before = r->q->stats.reason[why];
	unsigned i;

	peer_push_rx(&r->back);
	for (i = 0; i < 8; i++)
		assert_int_equal(front_rig_poll(r), 0);

	assert_int_equal(r->q->stats.reason[why], before + 1);
	assert_buffers_complete(r);
}

/* A buffer answered as the test says. */
static void put(struct front_rig *r, uint16_t offset, uint16_t flags,
		int16_t status)
{
	struct xennet_rx_req req;

	assert_true(peer_take_buffer(&r->back, &req));
	peer_put_rx(&r->back, req.id, offset, flags, status);
}

/* Likewise with the beginning of a packet of 400 bytes. */
static void put_tcp(struct front_rig *r, uint8_t gso_type, uint16_t flags,
		    int16_t status)
{
	struct xennet_rx_req req;
	unsigned char *page;

	assert_true(peer_take_buffer(&r->back, &req));
	page = fake_granted(&r->f, FRONT, req.gref);
	if (gso_type == XENNET_GSO_TCPV4)
		frame_tcp4(page, 400);
	else
		frame_tcp6(page, 400);
	peer_put_rx(&r->back, req.id, 0, flags, status);
}

static void put_extra(struct front_rig *r, uint8_t type, uint8_t flags,
		      uint8_t gso_type, uint16_t gso_size)
{
	struct xennet_rx_req req;

	assert_true(peer_take_buffer(&r->back, &req));
	peer_put_rx_extra(&r->back, type, flags, gso_type, gso_size);
}

static void assert_good_packet_comes_through(struct front_rig *r)
{
	peer_deliver(&r->back, 3, 100, 500, 0);
	peer_push_rx(&r->back);
	assert_int_equal(front_rig_poll(r), 1);
	assert_packet(r, 0, 3, 100, 500);
	xennet_front_done(r->q, r->in.pkt, 1);
	assert_buffers_complete(r);
}

static void X1_each_slot_has_its_own_length(void **state)
{
	static const struct {
		unsigned n;
		uint16_t offset, size;
	} shapes[] = { { 1, 0, 14 },	{ 1, 0, 60 },	   { 1, 256, 1514 },
		       { 1, 0, 4096 },	{ 1, 4082, 14 },   { 2, 0, 4096 },
		       { 14, 5, 1 },	{ 18, 7, 1 },	   { 18, 454, 3642 },
		       { 18, 4095, 1 }, { 5, 2000, 2096 }, { 17, 1, 20 },
		       { 3, 64, 127 },	{ 2, 64, 128 },	   { 2, 3, 129 } };
	struct front_rig *r = *state;
	unsigned i, round;

	for (round = 0; round < 20; round++)
		for (i = 0; i < COUNT(shapes); i++) {
			peer_deliver(&r->back, shapes[i].n, shapes[i].offset,
				     shapes[i].size, 0);
			peer_push_rx(&r->back);
			assert_int_equal(front_rig_poll(r), 1);
			assert_packet(r, 0, shapes[i].n, shapes[i].offset,
				      shapes[i].size);
			xennet_front_done(r->q, r->in.pkt, 1);
			assert_buffers_complete(r);
		}
	assert_int_equal(front_rig_refused(r), 0);
	assert_int_equal(r->q->stats.rx_packets, 20 * COUNT(shapes));
}

static void X2_answer_out_of_its_place_breaks_the_queue(void **state)
{
	static const int wrong[] = { 1, 17, 255, 256, 30000 };
	struct front_rig *r = *state;
	struct xennet_rx_req req;
	unsigned i;

	for (i = 0; i < COUNT(wrong); i++) {
		r->q->broken = 0;
		assert_true(peer_take_buffer(&r->back, &req));
		peer_put_rx(&r->back, (uint16_t)(req.id + wrong[i]), 0, 0, 60);
		peer_push_rx(&r->back);
		assert_int_equal(front_rig_poll(r), -XENNET_ERSP_ID);
		assert_int_equal(front_rig_poll(r), -XENNET_ERSP_ID);
		assert_int_equal(front_rig_event(r), XENNET_VIF_STOP);
		/* put it right again for the next */
		r->q->rx.ring.cons = r->q->rx.ring.seen;
	}
}

static void X7_offset_and_length_are_checked_in_every_corner(void **state)
{
	static const struct {
		uint16_t offset;
		int16_t status;
		enum xennet_err why;
	} bad[] = {
		{ 0, 4097, XENNET_EPKT_RANGE },
		{ 1, 4096, XENNET_EPKT_RANGE },
		{ 4095, 60, XENNET_EPKT_RANGE },
		{ 4096, 60, XENNET_EPKT_RANGE },
		{ 4083, 14, XENNET_EPKT_RANGE },
		{ 0xffff, 60, XENNET_EPKT_RANGE },
		{ 0x8000, 60, XENNET_EPKT_RANGE },
		{ 0xffff, 0x7fff, XENNET_EPKT_RANGE },
		{ 0, 0x7fff, XENNET_EPKT_RANGE },
		{ 0, -1, XENNET_EPKT_STATUS },
		{ 0, -2, XENNET_EPKT_STATUS },
		{ 0, -3, XENNET_EPKT_STATUS },
		{ 0, -4096, XENNET_EPKT_STATUS },
		{ 4096, -1, XENNET_EPKT_STATUS },
		{ 0, INT16_MIN, XENNET_EPKT_STATUS },
	};
	struct front_rig *r = *state;
	unsigned i, slot, k;

	for (i = 0; i < COUNT(bad); i++) {
		put(r, bad[i].offset, 0, bad[i].status);
		assert_dropped(r, bad[i].why);
		for (slot = 0; slot < 4; slot++) {
			for (k = 0; k < 4; k++)
				if (k == slot)
					put(r, bad[i].offset, k < 3 ? MORE : 0,
					    bad[i].status);
				else
					put(r, 0, k < 3 ? MORE : 0, 100);
			assert_dropped(r, bad[i].why);
		}
	}
	assert_good_packet_comes_through(r);
}

static void X7_every_negative_status_is_an_error(void **state)
{
	struct front_rig *r = *state;
	int status;

	for (status = INT16_MIN; status < 0; status++) {
		put(r, 0, 0, (int16_t)status);
		peer_push_rx(&r->back);
		assert_int_equal(front_rig_poll(r), 0);
	}
	assert_int_equal(r->q->stats.reason[XENNET_EPKT_STATUS], 32768);
	assert_buffers_complete(r);
}

static void X7_empty_slots_make_no_segments(void **state)
{
	struct front_rig *r = *state;
	unsigned i;

	put(r, 0, MORE, 100);
	put(r, 4096, MORE, 0);
	put(r, 0, MORE, 100);
	put(r, 0, 0, 0);
	peer_push_rx(&r->back);

	assert_int_equal(front_rig_poll(r), 1);

	assert_int_equal(r->in.pkt[0].len, 200);
	for (i = 0; i < r->in.pkt[0].nfrags; i++)
		assert_true(r->in.pkt[0].frag[i].len > 0);
	xennet_front_done(r->q, r->in.pkt, 1);
	assert_buffers_complete(r);
}

static void X9_packet_cut_at_any_slot_is_dropped(void **state)
{
	struct front_rig *r = *state;
	unsigned n, cut, i;

	for (n = 2; n <= 18; n += 4)
		for (cut = 1; cut < n; cut++) {
			for (i = 0; i < n; i++) {
				put(r, 0, i + 1 < n ? MORE : 0, 100);
				if (i + 1 == cut)
					assert_dropped(r, XENNET_EPKT_TRUNC);
			}
			/* the rest is part of what was dropped */
			peer_push_rx(&r->back);
			assert_int_equal(front_rig_poll(r), 0);
			assert_buffers_complete(r);
			assert_good_packet_comes_through(r);
		}
	assert_int_equal(front_rig_refused(r),
			 r->q->stats.reason[XENNET_EPKT_TRUNC]);
}

static void X9_missing_extra_is_dropped(void **state)
{
	struct front_rig *r = *state;

	put(r, 0, EXTRA, 100);
	assert_dropped(r, XENNET_EPKT_TRUNC);
	put_extra(r, XENNET_EXTRA_GSO, 0, XENNET_GSO_TCPV4, 100);
	peer_push_rx(&r->back);
	assert_int_equal(front_rig_poll(r), 0);

	assert_good_packet_comes_through(r);
}

static void X10_more_than_18_slots_are_dropped(void **state)
{
	static const unsigned lengths[] = { 19, 20, 40, 100, 255, 256 };
	struct front_rig *r = *state;
	unsigned i, k;

	for (i = 0; i < COUNT(lengths); i++) {
		for (k = 0; k < lengths[i]; k++)
			put(r, 0, k + 1 < lengths[i] ? MORE : 0, 100);
		assert_dropped(r, XENNET_EPKT_SLOTS);
		assert_good_packet_comes_through(r);
	}
}

/* As much as IP can say, after a header with two tags. */
static void X10_T17_longer_than_any_packet_is_dropped(void **state)
{
	const uint32_t longest = 65535 + 14 + 8;
	static const unsigned more[] = { 0, 1, 2, 1000, 8171 };
	struct front_rig *r = *state;
	unsigned i, k;

	for (i = 0; i < COUNT(more); i++) {
		uint32_t left = longest + more[i] - 16 * XENNET_PAGE;

		for (k = 0; k < 16; k++)
			put(r, 0, MORE, XENNET_PAGE);
		put(r, 0, MORE, (int16_t)(left / 2));
		put(r, 0, 0, (int16_t)(left - left / 2));
		if (more[i]) {
			assert_dropped(r, XENNET_EPKT_LONG);
			continue;
		}
		peer_push_rx(&r->back);
		assert_int_equal(front_rig_poll(r), 1);
		assert_int_equal(r->in.pkt[0].len, longest);
		xennet_front_done(r->q, r->in.pkt, 1);
	}
	assert_good_packet_comes_through(r);
}

/* Where a page lies right after a head. */
static void T15_peers_page_is_no_part_of_a_head(void **state)
{
	struct front_rig *r = *state;
	struct xennet_front_rx *rx = &r->q->rx;
	unsigned char *head = rx->head;
	const struct xennet_pkt *pkt = &r->in.pkt[0];
	uint16_t first = rx->posted[rx->ring.cons & (RING - 1)];
	uint16_t next = rx->posted[(rx->ring.cons + 1) & (RING - 1)];

	rx->head = rx->pool + next * XENNET_PAGE - XENNET_HEAD * (first + 1u);
	peer_deliver(&r->back, 2, 0, XENNET_HEAD, 0);
	peer_push_rx(&r->back);
	assert_int_equal(front_rig_poll(r), 1);
	assert_packet(r, 0, 2, 0, XENNET_HEAD);
	assert_true(pkt->flags & XENNET_PKT_SHARED);
	assert_ptr_equal(pkt->frag[1].addr, rx->pool + next * XENNET_PAGE);
	assert_int_equal(pkt->frag[0].len, XENNET_HEAD);
	xennet_front_done(r->q, r->in.pkt, 1);
	rx->head = head;
}

static void X10_chain_without_end_is_dropped_once(void **state)
{
	struct front_rig *r = *state;
	unsigned i;

	for (i = 0; i < 1000; i++) {
		put(r, 0, MORE, 100);
		if (i % 100 == 99) {
			peer_push_rx(&r->back);
			while (xennet_front_arm(r->q) == 1)
				assert_int_equal(front_rig_poll(r), 0);
			assert_int_equal(front_rig_poll(r), 0);
		}
	}
	put(r, 0, 0, 100);
	peer_push_rx(&r->back);
	assert_int_equal(front_rig_poll(r), 0);

	assert_int_equal(front_rig_refused(r), 1);
	assert_good_packet_comes_through(r);
}

static const struct front_setting no_sg = { .flags = XENNET_F_ALL &
						     ~XENNET_F_SG };

static void X11_without_scatter_gather_one_slot_is_accepted(void **state)
{
	struct front_rig *r = *state;

	assert_int_equal(peer_get_uint(&r->f, FRONT_DIR, "feature-sg"), 0);
	put(r, 0, MORE, 100);
	put(r, 0, 0, 100);
	assert_dropped(r, XENNET_EPKT_SLOTS);

	put(r, 0, 0, 4096);
	peer_push_rx(&r->back);
	assert_int_equal(front_rig_poll(r), 1);
	xennet_front_done(r->q, r->in.pkt, 1);
}

static void X16_less_than_an_ethernet_header_is_dropped(void **state)
{
	struct front_rig *r = *state;
	int16_t len;

	for (len = 0; len < 14; len++) {
		put(r, 0, 0, len);
		assert_dropped(r, XENNET_EPKT_SHORT);
		put(r, 10, MORE, len);
		put(r, 20, 0, (int16_t)(13 - len));
		assert_dropped(r, XENNET_EPKT_SHORT);
		/* an empty or short first slot, and more after it */
		put(r, 10, MORE, len);
		put(r, 20, 0, 60);
		peer_push_rx(&r->back);
		assert_int_equal(front_rig_poll(r), 1);
		assert_int_equal(r->in.pkt[0].len, len + 60);
		assert_true(r->in.pkt[0].frag[0].len >= 14);
		xennet_front_done(r->q, r->in.pkt, 1);
		assert_buffers_complete(r);
	}
}

/* The backend keeps the pages of some packets mapped for writing. */
static void G5_G6_X13_page_still_in_use_is_set_aside(void **state)
{
	struct front_rig *r = *state;
	struct xennet_platform p = r->back.platform;
	struct xennet_map_op map[10];
	struct xennet_rx_req req;
	unsigned i;

	for (i = 0; i < 10; i++) {
		uint32_t at = r->back.q[0].rx.cons;

		assert_int_equal(xennet_ring_peek(&r->back.q[0].rx) > 0, 1);
		xennet_rx_look_req(&r->back.q[0].rx, at, &req);
		map[i] = (struct xennet_map_op){ .gref = req.gref,
						 .domid = FRONT };
		p.ops->map(p.ctx, &map[i], 1);
		peer_deliver(&r->back, 1, 0, 100, 0);
		peer_deliver(&r->back, 1, 0, 200, 0);
		peer_push_rx(&r->back);
		assert_int_equal(front_rig_poll(r), 1);
		assert_packet(r, 0, 1, 0, 200);
		xennet_front_done(r->q, r->in.pkt, 1);
	}
	assert_int_equal(r->q->rx.nbusy, 10);
	assert_int_equal(r->q->stats.reason[XENNET_EPKT_PAGE_BUSY], 10);
	assert_int_equal(r->q->rx.ring.prod - r->q->rx.ring.cons, RING - 10);

	p.ops->unmap(p.ctx, map, 10);
	peer_deliver(&r->back, 1, 0, 200, 0);
	peer_push_rx(&r->back);
	assert_int_equal(front_rig_poll(r), 1);
	xennet_front_done(r->q, r->in.pkt, 1);
	assert_buffers_complete(r);
}

static void X13_nothing_that_is_looked_at_can_be_changed(void **state)
{
	struct front_rig *r = *state;
	struct xennet_rx_req req;
	uint32_t at = r->back.q[0].rx.cons;
	unsigned i;

	xennet_ring_peek(&r->back.q[0].rx);
	xennet_rx_look_req(&r->back.q[0].rx, at, &req);
	peer_deliver(&r->back, 1, 64, 1000, 0);
	peer_push_rx(&r->back);
	assert_int_equal(front_rig_poll(r), 1);

	if (fake_grant(&r->f, FRONT, req.gref)) {
		/* it stays granted: the head is ours, the rest is marked */
		assert_true(r->in.pkt[0].flags & XENNET_PKT_SHARED);
		memset(fake_granted(&r->f, FRONT, req.gref), 0xee, 4096);
		for (i = 0; i < XENNET_HEAD; i++)
			assert_int_equal(
				((uint8_t *)r->in.pkt[0].frag[0].addr)[i],
				peer_byte(0, 64 + i));
	} else {
		assert_false(r->in.pkt[0].flags & XENNET_PKT_SHARED);
		assert_packet(r, 0, 1, 64, 1000);
	}
	xennet_front_done(r->q, r->in.pkt, 1);
}

static void pages_kept_granted_cost_no_call(void **state)
{
	struct front_rig *r = *state;
	struct xennet_tx_req req;
	unsigned i;

	for (i = 0; i < 2 * RING; i++) {
		peer_deliver(&r->back, 1, 0, 1000, 0);
		peer_push_rx(&r->back);
		assert_int_equal(front_rig_poll(r), 1);
		assert_true(r->in.pkt[0].flags & XENNET_PKT_SHARED);
		xennet_front_done(r->q, r->in.pkt, 1);
		assert_int_equal(front_rig_send(r, i, 1000), 1);
		assert_true(peer_take_req(&r->back, &req));
		peer_answer(&r->back, req.id, XENNET_RSP_OKAY);
	}
	assert_int_equal(r->q->stats.grant_calls, 0);
	assert_int_equal(r->q->stats.ungrant_calls, 0);
}

static void R12_responses_to_nothing_break_the_queue(void **state)
{
	static const uint32_t lies[] = { RING + 1, 0x80000000, 0xffffffff };
	struct front_rig *r = *state;
	struct xennet_sring *page =
		(void *)(r->q->rx.ring.slots - sizeof(struct xennet_sring));
	unsigned i;

	for (i = 0; i < COUNT(lies); i++) {
		r->q->broken = 0;
		page->rsp_prod = lies[i];
		assert_true(front_rig_poll(r) < 0);
		page->rsp_prod = 0;
		assert_int_equal(front_rig_poll(r), r->q->broken);
		assert_int_equal(xennet_err_kind(r->q->broken),
				 XENNET_KIND_PEER);
	}
}

static void E1_E9_gso_comes_with_an_extra(void **state)
{
	struct front_rig *r = *state;
	uint8_t type;

	for (type = XENNET_GSO_TCPV4; type <= XENNET_GSO_TCPV6; type++) {
		put_tcp(r, type, MORE | EXTRA | XENNET_RXF_CSUM_BLANK, 100);
		/* flags but MORE, pad and features are somebody else's */
		put_extra(r, XENNET_EXTRA_GSO, 0xfe, type, 1400);
		put(r, 0, 0, 300);
		peer_push_rx(&r->back);

		assert_int_equal(front_rig_poll(r), 1);

		assert_int_equal(r->in.pkt[0].len, 400);
		assert_int_equal(r->in.pkt[0].gso_type, type);
		assert_int_equal(r->in.pkt[0].gso_size, 1400);
		xennet_front_done(r->q, r->in.pkt, 1);
		assert_buffers_complete(r);
	}
}

static void E2_E4_E5_bad_extras_drop_the_packet(void **state)
{
	static const struct {
		uint8_t type, flags, gso;
		uint16_t size;
		enum xennet_err why;
	} bad[] = {
		{ 0, 0, 1, 100, XENNET_EEXTRA_TYPE },
		{ 2, 0, 1, 100, XENNET_EEXTRA_TYPE },
		{ 4, 0, 1, 100, XENNET_EEXTRA_TYPE },
		{ 5, 0, 1, 100, XENNET_EEXTRA_TYPE },
		{ 6, 0, 1, 100, XENNET_EEXTRA_TYPE },
		{ 255, 0, 1, 100, XENNET_EEXTRA_TYPE },
		{ XENNET_EXTRA_GSO, 0, 1, 0, XENNET_EGSO_SIZE },
		{ XENNET_EXTRA_GSO, 0, 1, 7, XENNET_EGSO_SIZE },
		{ XENNET_EXTRA_GSO, 0, 1, 65535, XENNET_EGSO_SIZE },
		{ XENNET_EXTRA_GSO, 0, 0, 100, XENNET_EGSO_TYPE },
		{ XENNET_EXTRA_GSO, 0, 3, 100, XENNET_EGSO_TYPE },
		{ XENNET_EXTRA_GSO, 0, 255, 100, XENNET_EGSO_TYPE },
		{ XENNET_EXTRA_GSO, 1, 1, 100, XENNET_EEXTRA_TWICE },
	};
	struct front_rig *r = *state;
	unsigned i;

	for (i = 0; i < COUNT(bad); i++) {
		put(r, 0, MORE | EXTRA, 100);
		put_extra(r, bad[i].type, bad[i].flags, bad[i].gso,
			  bad[i].size);
		if (bad[i].flags)
			put_extra(r, XENNET_EXTRA_GSO, 0, 1, 100);
		put(r, 0, 0, 300);
		assert_dropped(r, bad[i].why);
		assert_good_packet_comes_through(r);
	}
}

/* A page that holds no TCP of the kind that the extra says. */
static void E5_packet_must_be_what_its_type_says(void **state)
{
	struct front_rig *r = *state;
	uint8_t type;

	for (type = XENNET_GSO_TCPV4; type <= XENNET_GSO_TCPV6; type++) {
		put_tcp(r, 3 - type, EXTRA | XENNET_RXF_CSUM_BLANK, 400);
		put_extra(r, XENNET_EXTRA_GSO, 0, type, 100);
		assert_dropped(r, XENNET_EGSO_PROTO);
		put_tcp(r, type, EXTRA | XENNET_RXF_CSUM_BLANK, 53);
		put_extra(r, XENNET_EXTRA_GSO, 0, type, 100);
		assert_dropped(r, XENNET_EGSO_PROTO);
		assert_good_packet_comes_through(r);
	}
}

static void E6_missing_blank_flag_is_mended(void **state)
{
	static const uint16_t flags[] = { XENNET_RXF_CSUM_BLANK, 0,
					  XENNET_RXF_DATA_VALIDATED };
	struct front_rig *r = *state;
	unsigned i;

	for (i = 0; i < COUNT(flags); i++) {
		const unsigned char *sum;

		put_tcp(r, XENNET_GSO_TCPV4, EXTRA | flags[i], 400);
		put_extra(r, XENNET_EXTRA_GSO, 0, XENNET_GSO_TCPV4, 100);
		peer_push_rx(&r->back);
		assert_int_equal(front_rig_poll(r), 1);
		assert_true(r->in.pkt[0].flags & XENNET_PKT_CSUM_BLANK);
		sum = (const unsigned char *)r->in.pkt[0].frag[0].addr + 50;
		/* of 10.0.0.1, 10.0.0.2, 6 and 366, where it was not there */
		assert_int_equal(sum[0] << 8 | sum[1], i ? 0x1577 : 0);
		xennet_front_done(r->q, r->in.pkt, 1);
		assert_buffers_complete(r);
	}
}

static void E3_chain_of_extras_longer_than_the_ring_ends(void **state)
{
	struct front_rig *r = *state;
	unsigned i, k;

	put(r, 0, EXTRA, 100);
	for (i = 0; i < 300; i++) {
		put_extra(r, XENNET_EXTRA_GSO, i < 299, 1, 100);
		if (i % 50 != 49)
			continue;
		peer_push_rx(&r->back);
		for (k = 0; k < 3; k++)
			assert_int_equal(front_rig_poll(r), 0);
	}

	assert_int_equal(front_rig_refused(r), 1);
	assert_good_packet_comes_through(r);
}

static void T14_checksum_flags_are_carried_upward(void **state)
{
	static const struct {
		uint16_t flags;
		uint8_t up;
	} flags[] = {
		{ 0, 0 },
		{ XENNET_RXF_DATA_VALIDATED, XENNET_PKT_DATA_VALIDATED },
		{ XENNET_RXF_CSUM_BLANK,
		  XENNET_PKT_CSUM_BLANK | XENNET_PKT_DATA_VALIDATED },
		{ 3, XENNET_PKT_CSUM_BLANK | XENNET_PKT_DATA_VALIDATED },
		{ 0xffe0, 0 },
	};
	struct front_rig *r = *state;
	unsigned i;

	for (i = 0; i < COUNT(flags); i++) {
		peer_deliver(&r->back, 1, 0, 100, flags[i].flags);
		peer_push_rx(&r->back);
		assert_int_equal(front_rig_poll(r), 1);
		assert_int_equal(r->in.pkt[0].flags & ~XENNET_PKT_SHARED,
				 flags[i].up);
		xennet_front_done(r->q, r->in.pkt, 1);
	}
}

static void buffers_held_by_packets_are_not_posted(void **state)
{
	struct front_rig *r = *state;
	struct xennet_burst burst[4];
	struct xennet_rx_req req;
	unsigned i;

	for (i = 0; i < RING; i++)
		peer_deliver(&r->back, 1, 0, 100, 0);
	peer_push_rx(&r->back);
	for (i = 0; i < 4; i++)
		assert_int_equal(xennet_front_poll(r->q, &burst[i], 64), 64);
	assert_false(peer_take_buffer(&r->back, &req));

	for (i = 0; i < 4; i++)
		xennet_front_done(r->q, burst[i].pkt, 64);
	assert_buffers_complete(r);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		FRONT_TESTS(X1_each_slot_has_its_own_length),
		FRONT_TESTS(X2_answer_out_of_its_place_breaks_the_queue),
		FRONT_TESTS(X7_offset_and_length_are_checked_in_every_corner),
		FRONT_TESTS(X7_every_negative_status_is_an_error),
		FRONT_TESTS(X7_empty_slots_make_no_segments),
		FRONT_TESTS(X9_packet_cut_at_any_slot_is_dropped),
		FRONT_TESTS(X9_missing_extra_is_dropped),
		FRONT_TESTS(X10_more_than_18_slots_are_dropped),
		FRONT_TESTS(X10_T17_longer_than_any_packet_is_dropped),
		FRONT_TEST_WITH(T15_peers_page_is_no_part_of_a_head,
				front_persistent),
		FRONT_TESTS(X10_chain_without_end_is_dropped_once),
		FRONT_TEST_WITH(X11_without_scatter_gather_one_slot_is_accepted,
				no_sg),
		FRONT_TESTS(X16_less_than_an_ethernet_header_is_dropped),
		FRONT_TEST(G5_G6_X13_page_still_in_use_is_set_aside),
		FRONT_TESTS(X13_nothing_that_is_looked_at_can_be_changed),
		FRONT_TEST_WITH(pages_kept_granted_cost_no_call, front_keeping),
		FRONT_TESTS(R12_responses_to_nothing_break_the_queue),
		FRONT_TESTS(E1_E9_gso_comes_with_an_extra),
		FRONT_TESTS(E2_E4_E5_bad_extras_drop_the_packet),
		FRONT_TESTS(E5_packet_must_be_what_its_type_says),
		FRONT_TESTS(E6_missing_blank_flag_is_mended),
		FRONT_TESTS(E3_chain_of_extras_longer_than_the_ring_ends),
		FRONT_TESTS(T14_checksum_flags_are_carried_upward),
		FRONT_TESTS(buffers_held_by_packets_are_not_posted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
