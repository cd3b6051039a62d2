/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Packets to a frontend that may post anything, by each strategy. */
#include <stdlib.h>

#include "back_rig.h"
#include "frame.h"

#define LONGEST 70000u

static unsigned char bytes[LONGEST];

static struct xennet_pkt packet(struct xennet_frag *frag, uint32_t len)
{
	struct xennet_pkt pkt = { .frag = frag, .len = len, .nfrags = 1 };
	uint32_t i;

	for (i = 0; i < len; i++)
		bytes[i] = (unsigned char)(i * 13 + (i >> 8) + 1);
	frag->addr = bytes;
	frag->len = len;
	return pkt;
}

static int send_one(struct back_rig *r, uint32_t len)
{
	struct xennet_frag frag;
	struct xennet_pkt pkt = packet(&frag, len);

	return xennet_back_send(r->q, &pkt, 1);
}

static const unsigned char *rx_page(struct back_rig *r, unsigned page)
{
	return r->front.rx_data + page * XENNET_PAGE;
}

/* The next responses are one packet; page_of says where each slot's data is. */
static void assert_arrived(struct back_rig *r, uint32_t len, uint16_t flags,
			   unsigned (*page_of)(unsigned id))
{
	struct xennet_rx_rsp rsp;
	uint32_t at = 0;
	bool first = true;

	do {
		assert_true(peer_take_rx(&r->front, &rsp));
		assert_true(rsp.status > 0);
		assert_true(rsp.offset + rsp.status <= (int)XENNET_PAGE);
		assert_memory_equal(rx_page(r, page_of(rsp.id)) + rsp.offset,
				    bytes + at, rsp.status);
		if (first)
			assert_int_equal(rsp.flags & 3, flags);
		else
			assert_int_equal(rsp.flags & ~4, 0);
		first = false;
		at += (uint32_t)rsp.status;
	} while (rsp.flags & XENNET_RXF_MORE_DATA);
	assert_int_equal(at, len);
}

static unsigned same(unsigned id)
{
	return id;
}

static void X1_each_slot_has_its_own_length(void **state)
{
	static const uint32_t lengths[] = { 14,	   60,	  1514,	       4095,
					    4096,  4097,  8192,	       8193,
					    65535, 65536, 73728 - 4096 };
	struct back_rig *r = *state;
	unsigned i;

	for (i = 0; i < COUNT(lengths); i++) {
		peer_post_many(&r->front, 18);
		assert_int_equal(send_one(r, lengths[i]), 1);
		assert_arrived(r, lengths[i], 0, same);
		/* what was not used waits for the next */
		while (xennet_ring_free(&r->front.q[0].rx) < RING)
			assert_int_equal(send_one(r, 60), 1),
				assert_arrived(r, 60, 0, same);
	}
	assert_int_equal(back_rig_refused(r), 0);
}

static unsigned shuffled(unsigned id)
{
	return id * 77 % RING;
}

static void X2_response_takes_the_place_of_its_request(void **state)
{
	struct back_rig *r = *state;
	uint16_t posted[RING];
	unsigned i, round;

	for (round = 0; round < 4; round++) {
		uint32_t at = r->front.q[0].rx.prod;

		for (i = 0; i < 64; i++) {
			posted[i] = (uint16_t)((round * 64 + i) * 101 % RING);
			peer_post(&r->front, posted[i], shuffled(posted[i]));
		}
		for (i = 0; i < 64; i += 4)
			assert_int_equal(send_one(r, 3 * 4096 + 50), 1);
		for (i = 0; i < 64; i++) {
			struct xennet_rx_rsp rsp;

			xennet_rx_look_rsp(&r->front.q[0].rx, at + i, &rsp);
			assert_int_equal(rsp.id, posted[i]);
		}
		for (i = 0; i < 64; i += 4)
			assert_arrived(r, 3 * 4096 + 50, 0, shuffled);
	}
}

static int send_gso(struct back_rig *r, uint32_t len, uint8_t type)
{
	struct xennet_frag frag;
	struct xennet_pkt pkt = packet(&frag, len);

	pkt.gso_type = type;
	pkt.gso_size = 1000;
	pkt.flags = XENNET_PKT_CSUM_BLANK;
	return xennet_back_send(r->q, &pkt, 1);
}

static void X2_E9_extra_takes_the_second_place(void **state)
{
	static const unsigned char extra[8] = { 1, 0, 0xe8, 3, 2, 0, 0, 0 };
	struct back_rig *r = *state;
	struct xennet_rx_rsp first, last;
	unsigned char *slot;

	peer_post_many(&r->front, 3);
	assert_int_equal(send_gso(r, 5000, XENNET_GSO_TCPV6), 1);

	slot = xennet_rx_slot_extra(&r->front.q[0].rx, 1);
	assert_memory_equal(slot, extra, sizeof(extra));
	xennet_rx_look_rsp(&r->front.q[0].rx, 0, &first);
	xennet_rx_look_rsp(&r->front.q[0].rx, 2, &last);
	assert_int_equal(first.flags,
			 XENNET_RXF_CSUM_BLANK | XENNET_RXF_DATA_VALIDATED |
				 XENNET_RXF_EXTRA_INFO | XENNET_RXF_MORE_DATA);
	assert_int_equal(first.status, 4096);
	assert_int_equal(last.flags, 0);
	assert_int_equal(last.status, 904);
}

static void X4_packet_waits_until_all_its_slots_are_posted(void **state)
{
	struct back_rig *r = *state;
	unsigned slots, gso;

	for (slots = 1; slots <= 17; slots++)
		for (gso = 0; gso < 2; gso++) {
			uint32_t len = slots * XENNET_PAGE - 10;
			unsigned need = slots + gso, used;

			used = r->front.q[0].rx_page->rsp_prod;
			peer_post_many(&r->front, need - 1);
			assert_int_equal(gso ? send_gso(r, len, 1)
					     : send_one(r, len),
					 0);
			assert_int_equal(r->front.q[0].rx_page->rsp_prod, used);
			peer_post_many(&r->front, 1);
			assert_int_equal(gso ? send_gso(r, len, 1)
					     : send_one(r, len),
					 1);
			assert_int_equal(r->front.q[0].rx_page->rsp_prod,
					 used + need);
			while (xennet_ring_peek(&r->front.q[0].rx) > 0)
				r->front.q[0].rx.cons++;
		}
}

static void X4_nothing_posted_nothing_taken(void **state)
{
	struct back_rig *r = *state;
	struct xennet_frag frag;
	struct xennet_pkt pkt[3];
	unsigned i;

	for (i = 0; i < 3; i++)
		pkt[i] = packet(&frag, 5000);
	assert_int_equal(xennet_back_send(r->q, pkt, 3), 0);
	peer_post_many(&r->front, 5);
	assert_int_equal(xennet_back_send(r->q, pkt, 3), 2);
	assert_int_equal(r->q->stats.rx_packets, 2);
}

static void X5_impossible_index_breaks_the_queue(void **state)
{
	static const uint32_t lies[] = { RING + 1, 0x80000000, 0xffffffff };
	struct back_rig *r = *state;
	unsigned i;

	for (i = 0; i < COUNT(lies); i++) {
		r->q->broken = 0;
		r->front.q[0].rx_page->req_prod = lies[i];
		assert_true(send_one(r, 60) < 0);
		r->front.q[0].rx_page->req_prod = 0;
		assert_int_equal(back_rig_poll(r), r->q->broken);
		assert_int_equal(xennet_err_kind(r->q->broken),
				 XENNET_KIND_PEER);
	}
	assert_int_equal(back_rig_event(r), XENNET_VIF_STOP);
}

/* Buffers of which number `bad` cannot be written to; 5 slots are used. */
static void assert_error_in(struct back_rig *r, unsigned bad)
{
	unsigned i;

	for (i = 0; i < 5; i++) {
		struct xennet_rx_rsp rsp;

		assert_true(peer_take_rx(&r->front, &rsp));
		assert_int_equal(rsp.id, i);
		assert_int_equal(rsp.flags, i < 4 ? XENNET_RXF_MORE_DATA : 0);
		if (i == bad)
			assert_int_equal(rsp.status, XENNET_RSP_ERROR);
		else
			assert_int_equal(rsp.status, i < 4 ? 4096 : 100);
	}
}

static void X6_unusable_grant_is_answered_with_error(void **state)
{
	struct back_rig *r = *state;
	uint32_t grefs[6];
	unsigned bad, i, k;

	grefs[0] = 4000;		      /* no such grant */
	grefs[1] = r->front.tx_grant[3].gref; /* read-only */
	grefs[2] = 0;
	grefs[3] = 7;
	grefs[4] = UINT32_MAX;
	grefs[5] = FAKE_GRANTS;
	for (k = 0; k < COUNT(grefs); k++)
		for (bad = 0; bad < 5; bad++) {
			for (i = 0; i < 5; i++) {
				struct xennet_rx_req req = {
					(uint16_t)i, 0,
					i == bad ? grefs[k]
						 : r->front.rx_grant[i].gref
				};

				xennet_rx_put_req(&r->front.q[0].rx, &req);
			}
			xennet_ring_push(&r->front.q[0].rx);
			assert_int_equal(send_one(r, 4 * 4096 + 100), 1);
			assert_error_in(r, bad);
		}
	assert_int_equal(r->q->stats.reason[XENNET_EPKT_GREF],
			 5 * COUNT(grefs));
	assert_int_equal(r->q->stats.rx_packets, 0);
	assert_int_equal(r->q->broken, 0);
}

static void X6_G2_each_failed_operation_is_seen(void **state)
{
	static const int statuses[] = { -1, -3, -13, 1, 13 };
	struct back_rig *r = *state;
	unsigned k, i;

	for (k = 0; k < COUNT(statuses); k++)
		for (i = 0; i < 5; i++) {
			bool copied = r->q->rx.map_from > (i < 4 ? 4096 : 100);
			/* by cost the last slot alone is */
			bool alone = copied && r->q->rx.map_from <= 4096;
			unsigned n, errors = 0;
			struct xennet_rx_rsp rsp;

			for (n = 0; n < 5; n++)
				peer_post(&r->front, (uint16_t)n,
					  k * 25 + i * 5 + n);
			fake_fail(&r->f, copied ? FAKE_COPY : FAKE_MAP,
				  alone ? 1 : i + 1, statuses[k]);
			assert_int_equal(send_one(r, 4 * 4096 + 100), 1);
			assert_true(fake_failed(&r->f));
			while (peer_take_rx(&r->front, &rsp)) {
				errors += rsp.status == XENNET_RSP_ERROR;
				assert_true(rsp.status >= 100 ||
					    rsp.status == XENNET_RSP_ERROR);
			}
			assert_int_equal(errors, 1);
		}
}

static void X11_without_scatter_gather_one_slot_is_used(void **state)
{
	struct back_rig *r = *state;

	r->q->rx.flags &= ~(uint32_t)XENNET_F_SG;
	peer_post_many(&r->front, 10);

	assert_int_equal(send_one(r, 4097), 1);
	assert_int_equal(r->q->stats.reason[XENNET_EPKT_NO_SG], 1);
	assert_int_equal(r->front.q[0].rx_page->rsp_prod, 0);
	assert_int_equal(send_one(r, 4096), 1);
	assert_arrived(r, 4096, 0, same);
}

static void X11_E5_gso_is_not_sent_to_who_cannot_take_it(void **state)
{
	struct back_rig *r = *state;

	r->q->rx.flags &= ~(uint32_t)XENNET_F_GSO_TCPV6;
	peer_post_many(&r->front, 10);

	assert_int_equal(send_gso(r, 3000, XENNET_GSO_TCPV6), 1);
	assert_int_equal(send_gso(r, 3000, 77), 1);
	assert_int_equal(r->q->stats.reason[XENNET_EGSO_TYPE], 2);
	assert_int_equal(r->front.q[0].rx_page->rsp_prod, 0);
	assert_int_equal(send_gso(r, 3000, XENNET_GSO_TCPV4), 1);
	assert_int_equal(r->front.q[0].rx_page->rsp_prod, 2);
}

static void X10_packet_the_frontend_can_never_take_is_counted(void **state)
{
	struct back_rig *r = *state;

	peer_post_many(&r->front, 40);
	r->q->rx.slots_max = 3;

	assert_int_equal(send_one(r, 3 * 4096 + 1), 1);
	assert_int_equal(send_one(r, 13), 1);

	assert_int_equal(r->q->stats.reason[XENNET_EPKT_LONG], 1);
	assert_int_equal(r->q->stats.reason[XENNET_EPKT_SHORT], 1);
	assert_int_equal(r->q->stats.rx_packets, 0);
	assert_int_equal(send_one(r, 3 * 4096), 1);
	assert_arrived(r, 3 * 4096, 0, same);
}

static void X15_full_ring_takes_nothing_and_costs_nothing(void **state)
{
	struct back_rig *r = *state;
	unsigned i, calls;

	peer_post_many(&r->front, 2);
	assert_int_equal(send_one(r, 60), 1);
	assert_int_equal(send_one(r, 60), 1);
	calls = r->f.calls[FAKE_COPY] + r->f.calls[FAKE_MAP] +
		r->f.calls[FAKE_NOTIFY];
	for (i = 0; i < 1000; i++)
		assert_int_equal(send_one(r, 60), 0);

	assert_int_equal(r->q->stats.rx_packets, 2);
	assert_int_equal(r->f.calls[FAKE_COPY] + r->f.calls[FAKE_MAP] +
				 r->f.calls[FAKE_NOTIFY],
			 calls);

	/* it asks to be told, and goes on */
	while (fake_event(&r->f, BACK, r->q->rx.port))
		xennet_back_wake(r->q);
	assert_int_equal(xennet_back_arm(r->q), 0);
	peer_post_many(&r->front, 1);
	assert_true(fake_event(&r->f, BACK, r->q->rx.port));
	assert_int_equal(send_one(r, 60), 1);
}

static void T14_checksum_flags_are_carried_down(void **state)
{
	static const struct {
		uint8_t flags;
		uint16_t down;
	} flags[] = {
		{ 0, 0 },
		{ XENNET_PKT_DATA_VALIDATED, XENNET_RXF_DATA_VALIDATED },
		{ XENNET_PKT_CSUM_BLANK,
		  XENNET_RXF_CSUM_BLANK | XENNET_RXF_DATA_VALIDATED },
		{ XENNET_PKT_CSUM_BLANK | XENNET_PKT_DATA_VALIDATED,
		  XENNET_RXF_CSUM_BLANK | XENNET_RXF_DATA_VALIDATED },
	};
	struct back_rig *r = *state;
	unsigned i;

	for (i = 0; i < COUNT(flags); i++) {
		struct xennet_frag frag;
		struct xennet_pkt pkt = packet(&frag, 9000);

		pkt.flags = flags[i].flags;
		peer_post_many(&r->front, 3);
		assert_int_equal(xennet_back_send(r->q, &pkt, 1), 1);
		assert_arrived(r, 9000, flags[i].down, same);
	}
}

static void T14_blank_checksum_needs_a_frontend_that_takes_it(void **state)
{
	static const struct {
		unsigned (*frame)(unsigned char *to, uint32_t len);
		uint32_t feature;
	} frames[] = { { frame_tcp4, XENNET_F_CSUM_V4 },
		       { frame_udp4, XENNET_F_CSUM_V4 },
		       { frame_tcp6, XENNET_F_CSUM_V6 } };
	struct back_rig *r = *state;
	uint32_t all = r->q->rx.flags;
	unsigned i;

	peer_post_many(&r->front, 20);
	for (i = 0; i < COUNT(frames); i++) {
		struct xennet_frag frag;
		struct xennet_pkt pkt = packet(&frag, 6000);
		uint32_t before = r->q->rx.ring.prod;

		frames[i].frame(bytes, 6000);
		pkt.flags = XENNET_PKT_CSUM_BLANK;
		r->q->rx.flags = all & ~frames[i].feature;
		assert_int_equal(xennet_back_send(r->q, &pkt, 1), 1);
		assert_int_equal(r->q->rx.ring.prod, before);
		assert_int_equal(r->q->stats.reason[XENNET_EPKT_NO_CSUM],
				 i + 1);
		pkt.flags = 0;
		assert_int_equal(xennet_back_send(r->q, &pkt, 1), 1);
		pkt.flags = XENNET_PKT_CSUM_BLANK;
		r->q->rx.flags = frames[i].feature | XENNET_F_SG;
		assert_int_equal(xennet_back_send(r->q, &pkt, 1), 1);
		assert_int_equal(r->q->rx.ring.prod, before + 4);
	}
	r->q->rx.flags = all;
}

/* A burst of many kinds, some of which are refused on the way. */
static void X1_X2_burst_keeps_its_order(void **state)
{
	struct back_rig *r = *state;
	struct xennet_frag frag[40];
	struct xennet_pkt pkt[40];
	struct xennet_rx_rsp rsp;
	unsigned i, got = 0;

	for (i = 0; i < 40; i++) {
		pkt[i] = packet(&frag[i], 100 + i * 200);
		if (i % 7 == 3)
			pkt[i].len = frag[i].len = 5;
	}
	peer_post_many(&r->front, 100);

	assert_int_equal(xennet_back_send(r->q, pkt, 40), 40);

	for (i = 0; i < 40; i++) {
		if (i % 7 != 3)
			assert_arrived(r, pkt[i].len, 0, same);
		got += i % 7 != 3;
	}
	assert_false(peer_take_rx(&r->front, &rsp));
	assert_int_equal(r->q->stats.rx_packets, got);
	assert_int_equal(r->q->stats.rx_packets +
				 r->q->stats.reason[XENNET_EPKT_SHORT],
			 40);
}

/* One packet to each of 64 pages from this one on, or so many times to it; all
 * are answered. */
static void send_64(struct back_rig *r, unsigned page, bool one)
{
	struct xennet_frag frag[64];
	struct xennet_pkt pkt[64];
	struct xennet_rx_rsp rsp;
	unsigned i;

	for (i = 0; i < 64; i++) {
		pkt[i] = packet(&frag[i], XENNET_PAGE);
		peer_post(&r->front, (uint16_t)i, one ? page : page + i);
	}
	assert_int_equal(xennet_back_send(r->q, pkt, 64), 64);
	for (i = 0; i < 64; i++)
		assert_true(peer_take_rx(&r->front, &rsp));
}

/* Their page is paged out: that is waited for by a batch, not by each of it. */
static void G3_eagain_for_ever_holds_a_batch_up_once(void **state)
{
	struct back_rig *r = *state;
	enum fake_op op =
		r->q->rx.map_from > XENNET_PAGE ? FAKE_COPY : FAKE_MAP;
	uint64_t before = r->f.now;

	fake_fail_times(&r->f, op, 1, 1000000, XENNET_GNTST_EAGAIN);
	send_64(r, 0, true);
	assert_true(r->f.failure.hits > 0);
	assert_true(r->f.now - before <= 32 * 64 * 1000);
	assert_true(r->q->stats.reason[XENNET_EPKT_GREF] > 0);
	r->f.failure.times = 0;
	before = r->q->stats.rx_packets;
	send_64(r, 0, true);
	assert_int_equal(r->q->stats.rx_packets - before, 64);
}

static void G6_new_pages_are_mapped_with_one_call(void **state)
{
	struct back_rig *r = *state;
	struct xennet_frag frag[3];
	struct xennet_pkt pkt[3];
	struct xennet_rx_rsp rsp;
	unsigned i;

	send_64(r, 0, false);
	assert_int_equal(r->q->stats.map_calls, 1);
	assert_int_equal(r->q->stats.map_ops, 64);
	/* one of them twice, and one of those that are there */
	for (i = 0; i < 3; i++) {
		pkt[i] = packet(&frag[i], XENNET_PAGE);
		peer_post(&r->front, (uint16_t)i, i ? 64 : 63);
	}
	assert_int_equal(xennet_back_send(r->q, pkt, 3), 3);
	for (i = 0; i < 3; i++) {
		assert_true(peer_take_rx(&r->front, &rsp));
		assert_int_equal(rsp.status, XENNET_PAGE);
		assert_memory_equal(rx_page(r, i ? 64 : 63), bytes, rsp.status);
	}
	assert_int_equal(r->q->stats.map_calls, 2);
	assert_int_equal(r->q->stats.map_ops, 65);
}

static const struct back_setting small_quota = { .strategy = XENNET_PERSISTENT,
						 .pgrants = XENNET_BATCH };

/* For that many there are pages to map in. */
static void G6_never_more_than_the_quota_is_mapped(void **state)
{
	struct back_rig *r = *state;
	unsigned turn;

	for (turn = 0; turn < 4; turn++) {
		send_64(r, turn * 64, false);
		assert_int_equal(r->f.most_maps,
				 2 + (turn ? XENNET_BATCH : 64));
	}
	assert_int_equal(r->q->stats.rx_packets, 4 * 64);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		BACK_TESTS(X1_each_slot_has_its_own_length),
		BACK_TESTS(X2_response_takes_the_place_of_its_request),
		BACK_TESTS(X2_E9_extra_takes_the_second_place),
		BACK_TESTS(X4_packet_waits_until_all_its_slots_are_posted),
		BACK_TESTS(X4_nothing_posted_nothing_taken),
		BACK_TESTS(X5_impossible_index_breaks_the_queue),
		BACK_TESTS(X6_unusable_grant_is_answered_with_error),
		BACK_TESTS(X6_G2_each_failed_operation_is_seen),
		BACK_TESTS(X11_without_scatter_gather_one_slot_is_used),
		BACK_TESTS(X11_E5_gso_is_not_sent_to_who_cannot_take_it),
		BACK_TESTS(X10_packet_the_frontend_can_never_take_is_counted),
		BACK_TESTS(X15_full_ring_takes_nothing_and_costs_nothing),
		BACK_TESTS(T14_checksum_flags_are_carried_down),
		BACK_TESTS(T14_blank_checksum_needs_a_frontend_that_takes_it),
		BACK_TESTS(X1_X2_burst_keeps_its_order),
		BACK_TESTS(G3_eagain_for_ever_holds_a_batch_up_once),
		BACK_TEST_WITH(G6_new_pages_are_mapped_with_one_call,
			       back_persistent),
		BACK_TEST_WITH(G6_never_more_than_the_quota_is_mapped,
			       small_quota),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
