/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Packets to a backend that may answer anything. */
#include <stdlib.h>

#include "frame.h"
#include "front_queue.h"
#include "front_rig.h"

/* The requests of one packet; all of its bytes are compared. */
static unsigned take_packet(struct front_rig *r, unsigned seed, uint32_t len,
			    struct xennet_tx_req *req)
{
	uint32_t at = 0, sum = 0, i;
	unsigned n = 0, k;

	do {
		assert_true(peer_take_req(&r->back, &req[n]));
		assert_true(req[n].gref >= XENNET_GREF_FIRST);
		sum += n ? req[n].size : 0;
	} while (req[n++].flags & XENNET_TXF_MORE_DATA);
	assert_int_equal(req[0].size, len);
	for (k = 0; k < n; k++) {
		uint32_t size = k ? req[k].size : len - sum;
		const unsigned char *data = peer_data(&r->back, &req[k]);

		assert_non_null(data);
		assert_true(req[k].offset + size <= XENNET_PAGE);
		for (i = 0; i < size; i++, at++)
			assert_int_equal(data[i], peer_byte(seed, at));
	}
	assert_int_equal(at, len);
	return n;
}

static void answer_all(struct front_rig *r, const struct xennet_tx_req *req,
		       unsigned n, int16_t status)
{
	unsigned i;

	for (i = 0; i < n; i++)
		peer_answer(&r->back, req[i].id, status);
	front_rig_poll(r);
}

/* No id is lost: as many small packets fit as ever. */
static void assert_ids_complete(struct front_rig *r)
{
	struct xennet_tx_req req[18];
	unsigned i;

	assert_int_equal(r->q->tx.nspare, RING);
	for (i = 0; i < RING - 1; i++)
		assert_int_equal(front_rig_send(r, i, 60), 1);
	for (i = 0; i < RING - 1; i++)
		answer_all(r, req, take_packet(r, i, 60, req), XENNET_RSP_OKAY);
	assert_int_equal(r->q->tx.nspare, RING);
	assert_int_equal(r->q->broken, 0);
}

static void T1_T17_slots_add_up_to_the_first(void **state)
{
	static const uint32_t lengths[] = { 14,	  60,	1514, 4095,  4096,
					    4097, 8192, 9000, 65534, 65535 };
	struct front_rig *r = *state;
	struct xennet_tx_req req[18];
	unsigned i, n;

	for (i = 0; i < COUNT(lengths); i++) {
		assert_int_equal(front_rig_send(r, i, lengths[i]), 1);
		n = take_packet(r, i, lengths[i], req);
		assert_in_range(n, 1, XENNET_SLOTS_MIN);
		answer_all(r, req, n, XENNET_RSP_OKAY);
	}
	assert_int_equal(r->q->stats.tx_packets, COUNT(lengths));
	assert_int_equal(r->q->stats.tx_acked, COUNT(lengths));
	assert_int_equal(front_rig_refused(r), 0);
	assert_ids_complete(r);
}

static void T17_T5_impossible_lengths_are_counted_and_not_sent(void **state)
{
	static const uint32_t lengths[] = { 0, 1, 13, 65536, 100000 };
	struct front_rig *r = *state;
	struct xennet_tx_req req;
	unsigned i;

	for (i = 0; i < COUNT(lengths); i++)
		assert_int_equal(front_rig_send(r, 1, lengths[i]), 1);

	/* nor those whose sum with anything runs through 32 bits */
	assert_int_equal(front_rig_send(r, 1, 64), 1);
	assert_true(peer_take_req(&r->back, &req));
	for (i = 1; i <= 4096; i *= 2) {
		struct xennet_pkt pkt = { .len = 0u - i };

		assert_int_equal(xennet_front_send(r->q, &pkt, 1), 1);
	}

	assert_false(peer_take_req(&r->back, &req));
	assert_int_equal(r->q->stats.reason[XENNET_EPKT_SHORT], 3);
	assert_int_equal(r->q->stats.reason[XENNET_EPKT_LONG], 2 + 13);
	assert_int_equal(r->q->stats.tx_packets, 1);
}

static void X11_what_the_backend_cannot_take_is_not_sent(void **state)
{
	struct front_rig *r = *state;
	struct xennet_frag frag = { r->in.frag, 1000 };
	struct xennet_pkt gso = { .frag = &frag,
				  .len = 1000,
				  .nfrags = 1,
				  .gso_type = XENNET_GSO_TCPV6,
				  .gso_size = 500 };
	struct xennet_tx_req req;

	r->q->tx.flags &= ~(uint32_t)(XENNET_F_SG | XENNET_F_GSO_TCPV6);

	assert_int_equal(front_rig_send(r, 1, 4097), 1);
	assert_int_equal(xennet_front_send(r->q, &gso, 1), 1);
	gso.gso_type = 3;
	assert_int_equal(xennet_front_send(r->q, &gso, 1), 1);

	assert_false(peer_take_req(&r->back, &req));
	assert_int_equal(r->q->stats.reason[XENNET_EPKT_NO_SG], 1);
	assert_int_equal(r->q->stats.reason[XENNET_EGSO_TYPE], 2);
}

static void T7_E1_gso_goes_along_in_an_extra(void **state)
{
	static const unsigned char right[8] = { 1, 0, 0xf4, 1, 1, 0, 0, 0 };
	static unsigned char bytes[5000];
	struct front_rig *r = *state;
	struct xennet_frag frag = { bytes, sizeof(bytes) };
	struct xennet_pkt pkt = { .frag = &frag,
				  .len = sizeof(bytes),
				  .nfrags = 1,
				  .flags = XENNET_PKT_CSUM_BLANK,
				  .gso_type = XENNET_GSO_TCPV4,
				  .gso_size = 500 };
	struct xennet_tx_req first, second;
	struct xennet_extra extra;

	assert_int_equal(xennet_front_send(r->q, &pkt, 1), 1);

	assert_true(peer_take_req(&r->back, &first));
	assert_true(peer_take_extra(&r->back, &extra));
	assert_true(peer_take_req(&r->back, &second));
	assert_int_equal(first.flags,
			 XENNET_TXF_CSUM_BLANK | XENNET_TXF_DATA_VALIDATED |
				 XENNET_TXF_MORE_DATA | XENNET_TXF_EXTRA_INFO);
	assert_memory_equal(&extra, right, sizeof(right));
	assert_int_equal(second.flags, 0);

	peer_answer(&r->back, second.id, XENNET_RSP_OKAY);
	peer_answer(&r->back, 0xffff, XENNET_RSP_NULL);
	peer_answer(&r->back, first.id, XENNET_RSP_OKAY);
	assert_int_equal(front_rig_poll(r), 0);
	assert_int_equal(r->q->stats.tx_acked, 1);
	assert_int_equal(front_rig_refused(r), 0);
	assert_ids_complete(r);
}

static void R16_E9_extra_leaves_the_rest_of_its_slot_zero(void **state)
{
	static unsigned char bytes[1000];
	static const unsigned char zero[4];
	struct front_rig *r = *state;
	struct xennet_frag frag = { bytes, sizeof(bytes) };
	struct xennet_pkt pkt = { .frag = &frag,
				  .len = sizeof(bytes),
				  .nfrags = 1,
				  .gso_type = XENNET_GSO_TCPV4,
				  .gso_size = 500 };

	memset(xennet_tx_slot_req(&r->back.q[0].tx, 0), 0xdb, 24);
	assert_int_equal(xennet_front_send(r->q, &pkt, 1), 1);

	assert_memory_equal(xennet_tx_slot_req(&r->back.q[0].tx, 1) + 8, zero,
			    4);
}

/* Many packets out; their ids in the order of sending. */
static unsigned send_many(struct front_rig *r, uint16_t *id, unsigned n)
{
	struct xennet_tx_req req[18];
	unsigned i;

	for (i = 0; i < n; i++)
		assert_int_equal(front_rig_send(r, i, 60 + i), 1);
	for (i = 0; i < n; i++) {
		assert_int_equal(take_packet(r, i, 60 + i, req), 1);
		id[i] = req[0].id;
	}
	return n;
}

static void T8_answers_may_come_in_any_order(void **state)
{
	struct front_rig *r = *state;
	uint16_t id[200];
	uint32_t seed = 88, round, i;

	for (round = 0; round < 20; round++) {
		send_many(r, id, 200);
		for (i = 200; i-- > 0;) {
			/* the first round backwards, then at random */
			uint32_t k = round ? test_below(&seed, i + 1) : i;
			uint16_t chosen = id[k];

			id[k] = id[i];
			peer_answer(&r->back, chosen, XENNET_RSP_OKAY);
		}
		assert_int_equal(front_rig_poll(r), 0);
	}
	assert_int_equal(r->q->stats.tx_acked, 4000);
	assert_ids_complete(r);
}

static void T9_impossible_ids_break_the_queue(void **state)
{
	static const uint16_t ids[] = { RING, RING + 1, 0x7fff, 0xffff };
	struct front_rig *r = *state;
	uint16_t id[8];
	unsigned i;

	for (i = 0; i < COUNT(ids); i++) {
		r->q->broken = 0;
		send_many(r, id, 1);
		peer_answer(&r->back, ids[i], XENNET_RSP_OKAY);
		assert_int_equal(front_rig_poll(r), -XENNET_ERSP_ID);
		assert_int_equal(front_rig_send(r, 1, 60), -XENNET_ERSP_ID);
		assert_int_equal(xennet_front_arm(r->q), -XENNET_ERSP_ID);
	}
}

/* What lies behind the table of ids looks like one that is out. */
static void T9_first_id_that_does_not_exist_breaks_the_queue(void **state)
{
	struct front_rig *r = *state;
	struct xennet_front_id *beyond = &r->q->tx.id[RING], before;
	uint16_t id[1];

	send_many(r, id, 1);
	before = *beyond;
	beyond->page = 0;
	beyond->out = 1;
	peer_answer(&r->back, RING, XENNET_RSP_OKAY);

	assert_int_equal(front_rig_poll(r), -XENNET_ERSP_ID);
	*beyond = before;
}

static void T9_id_answered_twice_breaks_the_queue(void **state)
{
	struct front_rig *r = *state;
	uint16_t id[8];

	send_many(r, id, 8);
	peer_answer(&r->back, id[3], XENNET_RSP_OKAY);
	peer_answer(&r->back, id[3], XENNET_RSP_OKAY);

	assert_int_equal(front_rig_poll(r), -XENNET_ERSP_ID);
	assert_int_equal(front_rig_event(r), XENNET_VIF_STOP);
}

static void T9_free_id_breaks_the_queue(void **state)
{
	struct front_rig *r = *state;
	uint16_t id[8], other = 0;
	unsigned i;

	send_many(r, id, 8);
	for (i = 0; i < 8; i++)
		other += id[i] == other;
	peer_answer(&r->back, (uint16_t)(other + 100), XENNET_RSP_OKAY);

	assert_int_equal(front_rig_poll(r), -XENNET_ERSP_ID);
}

static void T10_null_for_a_request_keeps_the_id(void **state)
{
	struct front_rig *r = *state;
	struct xennet_tx_req req[18];
	unsigned i;

	for (i = 0; i < 300; i++) {
		assert_int_equal(front_rig_send(r, i, 200), 1);
		answer_all(r, req, take_packet(r, i, 200, req),
			   XENNET_RSP_NULL);
	}

	assert_int_equal(r->q->stats.reason[XENNET_EPKT_NULL], 300);
	assert_int_equal(r->q->stats.tx_acked, 300);
	assert_ids_complete(r);
}

static void T11_any_status_is_an_error_of_its_packet_only(void **state)
{
	struct front_rig *r = *state;
	struct xennet_tx_req req[18];
	int status;

	for (status = INT16_MIN; status <= INT16_MAX; status++) {
		assert_int_equal(front_rig_send(r, 1, 60), 1);
		assert_true(peer_take_req(&r->back, req));
		answer_all(r, req, 1, (int16_t)status);
		assert_int_equal(r->q->broken, 0);
	}

	assert_int_equal(r->q->stats.reason[XENNET_EPKT_NULL], 1);
	assert_int_equal(r->q->stats.reason[XENNET_EPKT_STATUS], 65534);
	assert_int_equal(r->q->stats.tx_packets, 65536);
	assert_ids_complete(r);
}

static void T11_packet_of_many_slots_is_counted_once(void **state)
{
	struct front_rig *r = *state;
	struct xennet_tx_req req[18];
	unsigned n, i;

	assert_int_equal(front_rig_send(r, 1, 20000), 1);
	n = take_packet(r, 1, 20000, req);
	for (i = 0; i < n; i++)
		peer_answer(&r->back, req[i].id, XENNET_RSP_ERROR);
	front_rig_poll(r);

	assert_int_equal(r->q->stats.reason[XENNET_EPKT_STATUS], 1);
	assert_int_equal(r->q->stats.tx_acked, 1);
}

static void T12_G8_every_page_sent_is_granted_read_only(void **state)
{
	struct front_rig *r = *state;
	struct xennet_tx_req req;
	unsigned i;

	for (i = 0; i < 12; i++)
		assert_int_equal(front_rig_send(r, i, 100 + i * 1000), 1);
	while (peer_take_req(&r->back, &req)) {
		assert_true(req.gref >= XENNET_GREF_FIRST);
		assert_true(fake_grant(&r->f, FRONT, req.gref)->readonly);
		assert_int_equal(fake_grant(&r->f, FRONT, req.gref)->peer,
				 BACK);
	}
}

static void T14_checksum_flags_are_carried_down(void **state)
{
	static const struct {
		uint8_t flags;
		uint16_t down;
	} flags[] = {
		{ 0, 0 },
		{ XENNET_PKT_DATA_VALIDATED, XENNET_TXF_DATA_VALIDATED },
		{ XENNET_PKT_CSUM_BLANK,
		  XENNET_TXF_CSUM_BLANK | XENNET_TXF_DATA_VALIDATED },
		{ XENNET_PKT_SHARED, 0 },
	};
	static unsigned char bytes[100];
	struct front_rig *r = *state;
	unsigned i;

	for (i = 0; i < COUNT(flags); i++) {
		struct xennet_frag frag = { bytes, sizeof(bytes) };
		struct xennet_pkt pkt = { .frag = &frag,
					  .len = sizeof(bytes),
					  .nfrags = 1,
					  .flags = flags[i].flags };
		struct xennet_tx_req req;

		assert_int_equal(xennet_front_send(r->q, &pkt, 1), 1);
		assert_true(peer_take_req(&r->back, &req));
		assert_int_equal(req.flags, flags[i].down);
	}
}

static void T14_blank_checksum_needs_a_backend_that_takes_it(void **state)
{
	static const struct {
		unsigned (*frame)(unsigned char *to, uint32_t len);
		uint32_t feature;
	} frames[] = { { frame_tcp4, XENNET_F_CSUM_V4 },
		       { frame_udp4, XENNET_F_CSUM_V4 },
		       { frame_tcp6, XENNET_F_CSUM_V6 } };
	static unsigned char bytes[6000];
	static const uint32_t lengths[] = { 100, 6000 };
	struct front_rig *r = *state;
	uint32_t all = r->q->tx.flags;
	unsigned i, k, refused = 0;

	for (i = 0; i < COUNT(frames); i++)
		for (k = 0; k < COUNT(lengths); k++) {
			struct xennet_frag frag = { bytes, lengths[k] };
			struct xennet_pkt pkt = {
				.frag = &frag,
				.len = lengths[k],
				.nfrags = 1,
				.flags = XENNET_PKT_CSUM_BLANK
			};
			uint32_t before = r->q->tx.ring.prod;

			frames[i].frame(bytes, lengths[k]);
			r->q->tx.flags = all & ~frames[i].feature;
			assert_int_equal(xennet_front_send(r->q, &pkt, 1), 1);
			assert_int_equal(r->q->tx.ring.prod, before);
			assert_int_equal(
				r->q->stats.reason[XENNET_EPKT_NO_CSUM],
				++refused);
			/* a whole one goes, and so does one of the other IP */
			pkt.flags = 0;
			assert_int_equal(xennet_front_send(r->q, &pkt, 1), 1);
			pkt.flags = XENNET_PKT_CSUM_BLANK;
			r->q->tx.flags = frames[i].feature | XENNET_F_SG;
			assert_int_equal(xennet_front_send(r->q, &pkt, 1), 1);
			assert_true(r->q->tx.ring.prod - before >= 2);
		}
	r->q->tx.flags = all;
}

static void R12_answers_to_nothing_break_the_queue(void **state)
{
	struct front_rig *r = *state;
	struct xennet_sring *page =
		(void *)(r->q->tx.ring.slots - sizeof(struct xennet_sring));
	uint16_t id[10];

	send_many(r, id, 10);
	page->rsp_prod = 11;
	assert_int_equal(front_rig_poll(r), -XENNET_ERING_UNASKED);
	page->rsp_prod = 0;
	assert_int_equal(front_rig_poll(r), -XENNET_ERING_UNASKED);
}

static void R17_full_ring_takes_no_more(void **state)
{
	struct front_rig *r = *state;
	struct xennet_tx_req req[18];
	unsigned sent = 0, i;

	while (front_rig_send(r, sent, 60) == 1)
		sent++;
	assert_in_range(sent, RING - 1, RING);
	assert_int_equal(front_rig_send(r, 0, 60), 0);

	/* an answer wakes whoever waits for room */
	while (fake_event(&r->f, FRONT, r->q->tx.port))
		xennet_front_wake(r->q);
	assert_int_equal(xennet_front_arm(r->q), 0);
	take_packet(r, 0, 60, req);
	peer_answer(&r->back, req[0].id, XENNET_RSP_OKAY);
	assert_true(fake_event(&r->f, FRONT, r->q->tx.port));
	assert_int_equal(front_rig_send(r, sent, 60), 1);
	for (i = 1; i <= sent; i++)
		answer_all(r, req, take_packet(r, i, 60, req), XENNET_RSP_OKAY);
	assert_ids_complete(r);
}

/* The backend maps what was sent in a page of its own and keeps it. */
static void answer_but_keep(struct front_rig *r, unsigned seed,
			    struct xennet_map_op *map)
{
	struct xennet_platform p = r->back.platform;
	struct xennet_tx_req req[18];

	assert_int_equal(take_packet(r, seed, XENNET_PAGE, req), 1);
	*map = (struct xennet_map_op){ .gref = req[0].gref,
				       .domid = FRONT,
				       .readonly = true };
	p.ops->map(p.ctx, map, 1);
	assert_int_equal(map->status, 0);
	answer_all(r, req, 1, XENNET_RSP_OKAY);
}

/* A small packet that is never answered keeps the page that is packed. */
static void begin_packing(struct front_rig *r)
{
	struct xennet_tx_req req[18];

	assert_int_equal(front_rig_send(r, 0, 64), 1);
	take_packet(r, 0, 64, req);
}

static void G5_G6_T9_page_still_in_use_is_set_aside(void **state)
{
	struct front_rig *r = *state;
	struct xennet_platform p = r->back.platform;
	struct xennet_map_op map[200];
	struct xennet_tx_req req[18];
	unsigned i, k;

	begin_packing(r);
	for (i = 0; i < 200; i++) {
		assert_int_equal(front_rig_send(r, i, XENNET_PAGE), 1);
		answer_but_keep(r, i, &map[i]);
	}
	assert_int_equal(r->q->tx.nbusy, 200);
	assert_int_equal(r->q->stats.reason[XENNET_EBUSY], 200);
	for (i = 0; i < 200; i++)
		for (k = 0; k < XENNET_PAGE; k += 97)
			assert_int_equal(((unsigned char *)map[i].addr)[k],
					 peer_byte(i, k));

	p.ops->unmap(p.ctx, map, 200);
	for (i = 0; i < 300; i++) {
		assert_int_equal(front_rig_send(r, i, XENNET_PAGE), 1);
		answer_all(r, req, take_packet(r, i, XENNET_PAGE, req),
			   XENNET_RSP_OKAY);
	}
	/* tried again only when it ran out of pages */
	while (r->q->tx.nbusy)
		assert_int_equal(front_rig_send(r, i, XENNET_PAGE), 1);
}

static void break_while_it_waits(struct front_rig *r)
{
	const struct xennet_extra join = { .type = XENNET_EXTRA_MCAST_ADD };
	struct xennet_sring *page =
		(void *)(r->q->tx.ring.slots - sizeof(struct xennet_sring));
	int asks, n;

	for (asks = 0; asks < 2; asks++) {
		assert_int_equal(front_rig_send(r, 1, XENNET_PAGE), 0);
		page->rsp_prod += RING + 1;
		n = asks ? xennet_front_ask(r->q, &join)
			 : front_rig_send(r, 1, XENNET_PAGE);
		assert_int_equal(xennet_err_kind(n), XENNET_KIND_PEER);
		assert_int_equal(n, r->q->broken);
		page->rsp_prod -= RING + 1;
		r->q->broken = 0;
	}
}

/* Found by a send that looks for pages, or for slots. */
static void R12_answers_that_cannot_be_end_a_search_for_room(void **state)
{
	struct front_rig *r = *state;
	struct xennet_platform p = r->back.platform;
	struct xennet_map_op map[RING];
	unsigned i;

	begin_packing(r);
	for (i = 0; i < RING - 1; i++) {
		assert_int_equal(front_rig_send(r, i, XENNET_PAGE), 1);
		answer_but_keep(r, i, &map[i]);
	}
	assert_int_equal(front_rig_send(r, i, XENNET_PAGE), 0);
	assert_int_equal(r->q->tx.nbusy, RING - 1);
	assert_int_equal(xennet_ring_free(&r->q->tx.ring), RING - 1);
	break_while_it_waits(r);
	p.ops->unmap(p.ctx, map, RING - 1);
	while (front_rig_send(r, i, XENNET_PAGE) == 1)
		continue;
	assert_int_equal(xennet_ring_free(&r->q->tx.ring), 0);
	break_while_it_waits(r);
}

static void G6_pages_in_use_for_ever_are_bounded(void **state)
{
	struct front_rig *r = *state;
	struct xennet_platform p = r->back.platform;
	struct xennet_map_op map[RING];
	unsigned i, n = 0;

	begin_packing(r);
	for (i = 0; i < 10000; i++)
		if (front_rig_send(r, i, XENNET_PAGE) == 1)
			answer_but_keep(r, i, &map[n++]);
		else
			front_rig_poll(r);

	assert_int_equal(n, RING - 1);
	assert_int_equal(r->q->tx.nbusy, RING - 1);
	r->f.atomic = false;
	xennet_front_disconnect(&r->front);
	assert_true(fake_pages(&r->f) >= RING - 1);
	p.ops->unmap(p.ctx, map, n);
}

static void small_packets_share_a_page(void **state)
{
	struct front_rig *r = *state;
	struct xennet_tx_req req[64];
	unsigned i, grefs = 1;

	for (i = 0; i < 64; i++)
		assert_int_equal(front_rig_send(r, i, 64), 1);
	for (i = 0; i < 64; i++) {
		take_packet(r, i, 64, &req[i]);
		grefs += i && req[i].gref != req[i - 1].gref;
	}

	assert_int_equal(grefs, 1);
	/* none lies over another, and the page is kept until all are back */
	for (i = 0; i < 64; i++) {
		assert_non_null(fake_grant(&r->f, FRONT, req[i].gref));
		answer_all(r, &req[i], 1, XENNET_RSP_OKAY);
	}
	assert_ids_complete(r);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		FRONT_TEST(R12_answers_that_cannot_be_end_a_search_for_room),
		FRONT_TESTS(T1_T17_slots_add_up_to_the_first),
		FRONT_TESTS(T17_T5_impossible_lengths_are_counted_and_not_sent),
		FRONT_TESTS(X11_what_the_backend_cannot_take_is_not_sent),
		FRONT_TESTS(T7_E1_gso_goes_along_in_an_extra),
		FRONT_TESTS(R16_E9_extra_leaves_the_rest_of_its_slot_zero),
		FRONT_TESTS(T8_answers_may_come_in_any_order),
		FRONT_TESTS(T9_impossible_ids_break_the_queue),
		FRONT_TESTS(T9_first_id_that_does_not_exist_breaks_the_queue),
		FRONT_TESTS(T9_id_answered_twice_breaks_the_queue),
		FRONT_TESTS(T9_free_id_breaks_the_queue),
		FRONT_TESTS(T10_null_for_a_request_keeps_the_id),
		FRONT_TESTS(T11_any_status_is_an_error_of_its_packet_only),
		FRONT_TESTS(T11_packet_of_many_slots_is_counted_once),
		FRONT_TESTS(T12_G8_every_page_sent_is_granted_read_only),
		FRONT_TESTS(T14_checksum_flags_are_carried_down),
		FRONT_TESTS(T14_blank_checksum_needs_a_backend_that_takes_it),
		FRONT_TESTS(R12_answers_to_nothing_break_the_queue),
		FRONT_TESTS(R17_full_ring_takes_no_more),
		FRONT_TEST(G5_G6_T9_page_still_in_use_is_set_aside),
		FRONT_TEST(G6_pages_in_use_for_ever_are_bounded),
		FRONT_TESTS(small_packets_share_a_page),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
