/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Packets from a frontend that may say anything, by each strategy. */
#include <stdlib.h>

#include "back_rig.h"

#define MORE XENNET_TXF_MORE_DATA

/* A packet of these data slots: slot i lies in page i at this offset. */
struct slots {
	unsigned n;
	uint16_t offset[64], size[64];
};

static struct slots equal_slots(unsigned n, uint16_t size)
{
	struct slots s = { .n = n };
	unsigned i;

	for (i = 0; i < n; i++) {
		s.offset[i] = (uint16_t)(i * 3);
		s.size[i] = size;
	}
	return s;
}

static uint32_t total(const struct slots *s)
{
	uint32_t sum = 0;
	unsigned i;

	for (i = 0; i < s->n; i++)
		sum += s->size[i];
	return sum;
}

/* Slot i under id + i; the first says `len`, whatever the sum is. */
static void put_saying(struct back_rig *r, uint16_t id, const struct slots *s,
		       uint32_t len)
{
	unsigned i;

	for (i = 0; i < s->n; i++)
		peer_put_req(&r->front, (uint16_t)(id + i), i, s->offset[i],
			     i ? s->size[i] : (uint16_t)len,
			     i + 1 < s->n ? MORE : 0);
}

static void put(struct back_rig *r, uint16_t id, const struct slots *s)
{
	put_saying(r, id, s, total(s));
}

static void assert_data(const struct xennet_pkt *pkt, const struct slots *s)
{
	static unsigned char data[0x10000];
	uint32_t len = peer_gather(pkt, data, sizeof(data)), at = 0;
	unsigned i, j;

	assert_int_equal(pkt->len, total(s));
	assert_int_equal(len, pkt->len);
	for (i = 0; i < s->n; i++)
		for (j = 0; j < s->size[i]; j++, at++)
			assert_int_equal(data[at], peer_byte(i % PAGES,
							     s->offset[i] + j));
}

/* The peer cannot write where this is. */
static bool is_private(struct back_rig *r, const void *addr)
{
	uintptr_t at = (uintptr_t)addr - (uintptr_t)r->f.frames;

	if (at < FAKE_FRAMES * XENNET_PAGE)
		return r->f.frame[at / XENNET_PAGE].owner == BACK;
	return (uintptr_t)addr - (uintptr_t)r->f.window >=
	       FAKE_MAPS * XENNET_PAGE;
}

static void assert_well_formed(struct back_rig *r, const struct xennet_pkt *pkt)
{
	uint32_t sum = 0,
		 head = pkt->len < XENNET_HEAD ? pkt->len : XENNET_HEAD;
	unsigned i;

	assert_in_range(pkt->len, 14, 0xffff);
	assert_true(pkt->frag[0].len >= head);
	assert_true(is_private(r, pkt->frag[0].addr));
	assert_true(is_private(r, (char *)pkt->frag[0].addr + head - 1));
	for (i = 0; i < pkt->nfrags; i++) {
		assert_true(pkt->frag[i].len > 0);
		sum += pkt->frag[i].len;
		if (!is_private(r, pkt->frag[i].addr))
			assert_true(pkt->flags & XENNET_PKT_SHARED);
	}
	assert_int_equal(sum, pkt->len);
}

/*
 * The chain is delivered as it was sent, and answered when handed back; a small
 * packet, which nothing of the guest's is held for, as soon as it is copied.
 */
static void assert_delivered(struct back_rig *r, const struct slots *s)
{
	unsigned early, i;

	put(r, 100, s);
	peer_push_tx(&r->front);

	assert_int_equal(back_rig_poll(r), 1);
	assert_well_formed(r, &r->in.pkt[0]);
	assert_data(&r->in.pkt[0], s);
	early = peer_take_answers(&r->front, &r->answers);
	assert_true(early == 0 || (early == 1 && s->n == 1 &&
				   r->in.pkt[0].len <= XENNET_HEAD));
	xennet_back_done(r->q, r->in.pkt, 1);
	if (!early)
		peer_take_answers(&r->front, &r->answers);
	assert_int_equal(xennet_ring_peek(&r->front.q[0].tx), 0);
	assert_int_equal(r->answers.okay, s->n);
	for (i = 0; i < s->n; i++)
		assert_int_equal(r->answers.of[100 + i], 1);
}

/* n slots are there; all are answered with an error, for this reason. */
static void assert_refused(struct back_rig *r, unsigned n, enum xennet_err why)
{
	uint64_t before = r->q->stats.reason[why];

	peer_push_tx(&r->front);

	assert_int_equal(back_rig_serve(r), 0);
	assert_int_equal(r->answers.error, n);
	assert_int_equal(r->answers.okay + r->answers.other, 0);
	assert_int_equal(r->q->stats.reason[why], before + 1);
	assert_int_equal(r->q->broken, 0);
}

static void T1_first_slot_carries_the_length_of_all(void **state)
{
	struct back_rig *r = *state;
	uint32_t seed = 1;
	unsigned n, i;

	for (n = 1; n <= XENNET_SLOTS_MIN; n++) {
		struct slots s = { .n = n };

		for (i = 0; i < n; i++) {
			s.offset[i] = (uint16_t)test_below(&seed, 500);
			s.size[i] = (uint16_t)(14 + test_below(&seed, 3500));
		}
		assert_delivered(r, &s);
	}
	assert_int_equal(r->q->stats.tx_packets, XENNET_SLOTS_MIN);
	assert_int_equal(back_rig_refused(r), 0);
}

static void T2_fragments_as_long_as_the_whole_are_refused(void **state)
{
	struct back_rig *r = *state;
	static const struct {
		unsigned n;
		uint16_t size;
		uint32_t len;
	} bad[] = {
		{ 2, 100, 100 },      { 2, 101, 100 },	   { 3, 50, 100 },
		{ 3, 51, 100 },	      { 2, 4000, 14 },	   { 17, 4000, 64000 },
		{ 18, 4000, 0xffff }, { 16, 4096, 61440 },
	};
	unsigned i;

	for (i = 0; i < COUNT(bad); i++) {
		struct slots s = equal_slots(bad[i].n, bad[i].size);

		memset(s.offset, 0, sizeof(s.offset));
		put_saying(r, 7, &s, bad[i].len);
		assert_refused(r, bad[i].n, XENNET_EPKT_SUM);
	}
	assert_int_equal(r->q->stats.tx_packets, 0);
}

static void T2_T17_fragments_that_add_up_to_65535_are_refused(void **state)
{
	struct back_rig *r = *state;
	struct slots s = equal_slots(17, 4096);

	memset(s.offset, 0, sizeof(s.offset));
	s.size[16] = 4095;
	put_saying(r, 7, &s, 0xffff);

	assert_refused(r, 17, XENNET_EPKT_SUM);
}

static void T3_more_slots_than_accepted_are_all_answered(void **state)
{
	static const unsigned lengths[] = { 19, 21, 64, 255, 256 };
	struct back_rig *r = *state;
	unsigned i, k;

	for (i = 0; i < COUNT(lengths); i++) {
		for (k = 0; k < lengths[i]; k++)
			peer_put_req(&r->front, (uint16_t)k, k, 0,
				     k ? 100 : 60000,
				     k + 1 < lengths[i] ? MORE : 0);
		assert_refused(r, lengths[i], XENNET_EPKT_SLOTS);
		for (k = 0; k < lengths[i]; k++)
			assert_int_equal(r->answers.of[k], 1);
	}
	assert_int_equal(back_rig_refused(r), COUNT(lengths));
}

static void T3_chain_without_end_is_answered_for_ever(void **state)
{
	struct back_rig *r = *state;
	struct slots s = equal_slots(2, 50);
	unsigned i, answered = 0;

	for (i = 0; i < 1000; i++) {
		peer_put_req(&r->front, (uint16_t)(i % RING), i, 0, 60000,
			     MORE);
		peer_push_tx(&r->front);
		assert_int_equal(back_rig_serve(r), 0);
		answered += r->answers.error;
	}
	peer_put_req(&r->front, 0, 0, 0, 60000, 0);
	assert_int_equal(back_rig_refused(r), 1);
	peer_push_tx(&r->front);
	back_rig_serve(r);

	assert_int_equal(answered + r->answers.error, 1001);
	assert_delivered(r, &s);
}

static void T4_slot_over_the_end_of_its_page_is_refused(void **state)
{
	static const struct {
		uint16_t offset, size;
	} bad[] = { { 4095, 20 },	{ 1, 4096 },  { 4096, 14 },
		    { 0xffff, 0xffff }, { 0, 4097 },  { 0xffff, 14 },
		    { 0xfff2, 14 },	{ 4083, 14 }, { 0x8000, 100 } };
	struct back_rig *r = *state;
	unsigned i;

	for (i = 0; i < COUNT(bad); i++) {
		peer_put_req(&r->front, 9, 0, bad[i].offset, bad[i].size, 0);
		assert_refused(r, 1, XENNET_EPKT_RANGE);
		peer_put_req(&r->front, 9, 0, 0, 40000, MORE);
		peer_put_req(&r->front, 10, 1, bad[i].offset, bad[i].size, 0);
		peer_push_tx(&r->front);
		assert_int_equal(back_rig_serve(r), 0);
		assert_int_equal(r->answers.error, 2);
	}
	assert_int_equal(r->f.calls[FAKE_COPY] + r->f.calls[FAKE_MAP], 0);
}

static void T4_slot_may_end_with_its_page(void **state)
{
	struct back_rig *r = *state;
	struct slots s = { 3, { 4000, 0, 4095 }, { 96, 4096, 1 } };

	assert_delivered(r, &s);
}

static void T5_less_than_an_ethernet_header_is_refused(void **state)
{
	struct back_rig *r = *state;
	uint16_t len;

	for (len = 0; len < 14; len++) {
		peer_put_req(&r->front, len, 0, 0, len, 0);
		assert_refused(r, 1, XENNET_EPKT_SHORT);
	}
	assert_int_equal(r->q->stats.reason[XENNET_EPKT_SHORT], 14);
}

static void T5_header_in_crumbs_is_put_together(void **state)
{
	struct back_rig *r = *state;
	unsigned n;
	uint16_t size;

	for (n = 14; n <= XENNET_SLOTS_MIN; n++) {
		struct slots s = equal_slots(n, 1);

		assert_delivered(r, &s);
	}
	for (size = 2; size <= 20; size++) {
		struct slots s = equal_slots(XENNET_SLOTS_MIN, size);

		assert_delivered(r, &s);
	}
}

static void T6_empty_fragments_make_no_segments(void **state)
{
	static const struct slots vectors[] = {
		{ 3, { 0, 0, 0 }, { 60, 0, 60 } },
		{ 2, { 0, 4096 }, { 60, 0 } },
		{ 3, { 0, 0, 0 }, { 200, 0, 0 } },
		{ 4, { 0, 0, 0, 0 }, { 200, 0, 0, 60 } },
		{ 3, { 0, 4096, 0 }, { 14, 0, 3000 } },
	};
	struct back_rig *r = *state;
	unsigned i;

	for (i = 0; i < COUNT(vectors); i++)
		assert_delivered(r, &vectors[i]);
}

static void T6_empty_first_fragment_is_refused(void **state)
{
	struct back_rig *r = *state;
	struct slots first = { 2, { 0, 0 }, { 0, 60 } };
	struct slots all = { 3, { 0, 0, 0 }, { 0, 0, 0 } };

	put(r, 1, &first);
	assert_refused(r, 2, XENNET_EPKT_SUM);
	put(r, 1, &all);
	assert_refused(r, 3, XENNET_EPKT_SHORT);
}

static void T7_each_slot_is_answered_once(void **state)
{
	struct back_rig *r = *state;
	uint32_t seed = 7, turn;

	for (turn = 0; turn < 200; turn++) {
		unsigned slots = 0, extras = 0, id;

		while (slots + extras < RING - 30) {
			bool gso = test_below(&seed, 3) == 0;
			unsigned n = 1 + test_below(&seed, 22), i;

			for (i = 0; i < n; i++, slots++) {
				peer_put_req(&r->front, (uint16_t)slots, i,
					     test_below(&seed, 4090),
					     i ? 50 : 50 * n,
					     (i + 1 < n ? MORE : 0) |
						     (gso && !i ? 8 : 0));
				if (gso && !i)
					peer_put_extra(&r->front, 2, 0);
			}
			extras += gso;
		}
		peer_push_tx(&r->front);
		struct peer_answers sum = { 0 };
		while (sum.okay + sum.error + sum.null < slots + extras) {
			back_rig_serve(r);
			sum.okay += r->answers.okay;
			sum.error += r->answers.error;
			sum.null += r->answers.null;
			for (id = 0; id < slots; id++)
				sum.of[id] += r->answers.of[id];
		}
		assert_int_equal(sum.null, extras);
		for (id = 0; id < slots; id++)
			assert_int_equal(sum.of[id], 1);
	}
	assert_true(r->q->stats.tx_packets > 100);
	assert_true(back_rig_refused(r) > 100);
}

static void T7_packets_may_be_handed_back_in_any_order(void **state)
{
	struct back_rig *r = *state;
	struct slots s = equal_slots(3, 100);
	unsigned i;

	for (i = 0; i < 10; i++)
		put(r, (uint16_t)(i * 3), &s);
	peer_push_tx(&r->front);
	assert_int_equal(back_rig_poll(r), 10);

	for (i = 0; i < 10; i++) {
		unsigned which = i * 7 % 10, k;

		assert_data(&r->in.pkt[which], &s);
		xennet_back_done(r->q, &r->in.pkt[which], 1);
		assert_int_equal(peer_take_answers(&r->front, &r->answers), 3);
		for (k = 0; k < 3; k++)
			assert_int_equal(r->answers.of[which * 3 + k], 1);
	}
}

static void T14_checksum_flags_are_carried_upward(void **state)
{
	static const struct {
		uint16_t flags;
		uint8_t up;
	} flags[] = {
		{ 0, 0 },
		{ XENNET_TXF_CSUM_BLANK,
		  XENNET_PKT_CSUM_BLANK | XENNET_PKT_DATA_VALIDATED },
		{ XENNET_TXF_DATA_VALIDATED, XENNET_PKT_DATA_VALIDATED },
		{ XENNET_TXF_CSUM_BLANK | XENNET_TXF_DATA_VALIDATED,
		  XENNET_PKT_CSUM_BLANK | XENNET_PKT_DATA_VALIDATED },
		{ 0xfff0, 0 },
	};
	struct back_rig *r = *state;
	unsigned i;

	for (i = 0; i < COUNT(flags); i++) {
		peer_put_req(&r->front, 1, 0, 0, 100, flags[i].flags);
		peer_push_tx(&r->front);
		assert_int_equal(back_rig_serve(r), 1);
		assert_int_equal(r->in.pkt[0].flags & ~XENNET_PKT_SHARED,
				 flags[i].up);
	}
}

static void T15_head_is_out_of_the_guests_reach(void **state)
{
	static const unsigned sizes[] = { 14,  60,  63,	 64,  65,
					  127, 128, 129, 200, 4096 };
	struct back_rig *r = *state;
	unsigned i, j, offset;

	for (i = 0; i < COUNT(sizes); i++)
		for (offset = 0; offset <= 192 && offset + sizes[i] <= 4096;
		     offset += 64) {
			uint32_t head =
				sizes[i] < XENNET_HEAD ? sizes[i] : XENNET_HEAD;

			peer_put_req(&r->front, 1, 5, (uint16_t)offset,
				     (uint16_t)sizes[i], 0);
			peer_push_tx(&r->front);
			assert_int_equal(back_rig_poll(r), 1);

			/* the guest changes its mind */
			memset(r->front.tx_data + 5 * XENNET_PAGE, 0xee,
			       XENNET_PAGE);
			for (j = 0; j < head; j++)
				assert_int_equal(((uint8_t *)r->in.pkt[0]
							  .frag[0]
							  .addr)[j],
						 peer_byte(5, offset + j));
			for (j = 0; j < XENNET_PAGE; j++)
				r->front.tx_data[5 * XENNET_PAGE + j] =
					peer_byte(5, j);
			xennet_back_done(r->q, r->in.pkt, 1);
			peer_take_answers(&r->front, &r->answers);
		}
}

static void T16_packet_cut_at_any_slot_is_waited_for(void **state)
{
	struct back_rig *r = *state;
	unsigned cut, i;

	for (cut = 1; cut < XENNET_SLOTS_MIN; cut++) {
		struct slots s = equal_slots(XENNET_SLOTS_MIN, 90);

		put(r, 0, &s);
		r->front.q[0].tx.prod -= XENNET_SLOTS_MIN - cut;
		peer_push_tx(&r->front);
		for (i = 0; i < 3; i++) {
			assert_int_equal(back_rig_serve(r), 0);
			assert_int_equal(xennet_back_arm(r->q), 0);
		}
		assert_int_equal(r->answers.okay + r->answers.error, 0);

		r->front.q[0].tx.prod += XENNET_SLOTS_MIN - cut;
		peer_push_tx(&r->front);
		assert_int_equal(back_rig_poll(r), 1);
		assert_data(&r->in.pkt[0], &s);
		xennet_back_done(r->q, r->in.pkt, 1);
		peer_take_answers(&r->front, &r->answers);
		assert_int_equal(r->answers.okay, XENNET_SLOTS_MIN);
	}
}

/* As much of it is known as the worker takes at a time. */
static void T16_rest_is_looked_for_by_who_only_polls(void **state)
{
	static const struct xennet_policy poll = { .mode = XENNET_NOTIFY_POLL };
	struct back_rig *r = *state;

	xennet_back_set_policy(r->q, &poll);
	peer_put_req(&r->front, 0, 0, 0, 180, XENNET_TXF_MORE_DATA);
	peer_put_req(&r->front, 1, 1, 0, 60, XENNET_TXF_MORE_DATA);
	peer_push_tx(&r->front);
	assert_int_equal(xennet_back_poll(r->q, &r->in, 1), 0);

	peer_put_req(&r->front, 2, 2, 0, 60, 0);
	peer_push_tx(&r->front);

	assert_int_equal(xennet_back_poll(r->q, &r->in, 1), 1);
	xennet_back_done(r->q, r->in.pkt, 1);
}

static void T16_T3_refused_chain_cut_at_any_slot_is_answered(void **state)
{
	struct back_rig *r = *state;
	struct slots good = equal_slots(1, 60);
	unsigned cut, i, id;

	for (cut = 1; cut < 30; cut++) {
		uint8_t answered[30] = { 0 };

		for (i = 0; i < 30; i++) {
			peer_put_req(&r->front, (uint16_t)i, i, 0,
				     i ? 90 : 3000, i < 29 ? MORE : 0);
			if (i + 1 != cut && i + 1 != 30)
				continue;
			peer_push_tx(&r->front);
			assert_int_equal(back_rig_serve(r), 0);
			for (id = 0; id < 30; id++)
				answered[id] += r->answers.of[id];
		}
		for (id = 0; id < 30; id++)
			assert_int_equal(answered[id], 1);
		assert_delivered(r, &good);
	}
	assert_int_equal(back_rig_refused(r), 29);
}

static void T17_packet_of_65535_bytes_is_accepted(void **state)
{
	struct back_rig *r = *state;
	struct slots s = equal_slots(16, 4096);

	memset(s.offset, 0, sizeof(s.offset));
	s.size[15] = 4095;

	assert_delivered(r, &s);
	assert_int_equal(r->q->stats.tx_bytes, 0xffff);
}

/* Slots negotiated beyond 18, and none at all without scatter-gather. */
static const struct back_setting slots24 = { .slots = 24 };
static const struct back_setting no_sg = { .flags = XENNET_F_ALL &
						    ~XENNET_F_SG };

static void T3_as_many_slots_as_were_offered_are_accepted(void **state)
{
	struct back_rig *r = *state;
	struct slots most = equal_slots(24, 60), over = equal_slots(25, 60);

	assert_int_equal(peer_get_uint(&r->f, BACK_DIR, "xennet-max-slots"),
			 24);
	assert_delivered(r, &most);
	put(r, 0, &over);
	assert_refused(r, 25, XENNET_EPKT_SLOTS);
}

static void X11_without_scatter_gather_one_slot_is_accepted(void **state)
{
	struct back_rig *r = *state;
	struct slots one = equal_slots(1, 4096), two = equal_slots(2, 60);

	assert_int_equal(peer_get_uint(&r->f, BACK_DIR, "feature-sg"), 0);
	assert_delivered(r, &one);
	put(r, 0, &two);
	assert_refused(r, 2, XENNET_EPKT_SLOTS);
}

/* Of a chain that was cut: when the rest has not come, but no rest is due. */
static void T16_rewritten_chain_keeps_nobody_asleep(void **state)
{
	struct xennet_tx_req bad = { .gref = 5000, .size = 100 };
	struct back_rig *r = *state;
	struct xennet_ring *ring = &r->front.q[0].tx;
	unsigned i;

	peer_put_req(&r->front, 0, 0, 0, 3000, MORE);
	peer_push_tx(&r->front);
	assert_int_equal(back_rig_poll(r), 0);
	ring->prod--;
	for (i = 0; i < XENNET_BURST + 7; i++) {
		bad.id = (uint16_t)i;
		xennet_tx_put_req(ring, &bad);
	}
	peer_push_tx(&r->front);
	for (i = 0; i < 2; i++) {
		assert_int_equal(back_rig_poll(r), 0);
		assert_int_equal(xennet_back_arm(r->q), i == 0);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		BACK_TESTS(T1_first_slot_carries_the_length_of_all),
		BACK_TESTS(T2_fragments_as_long_as_the_whole_are_refused),
		BACK_TESTS(T2_T17_fragments_that_add_up_to_65535_are_refused),
		BACK_TESTS(T3_more_slots_than_accepted_are_all_answered),
		BACK_TESTS(T3_chain_without_end_is_answered_for_ever),
		BACK_TESTS(T4_slot_over_the_end_of_its_page_is_refused),
		BACK_TESTS(T4_slot_may_end_with_its_page),
		BACK_TESTS(T5_less_than_an_ethernet_header_is_refused),
		BACK_TESTS(T5_header_in_crumbs_is_put_together),
		BACK_TESTS(T6_empty_fragments_make_no_segments),
		BACK_TESTS(T6_empty_first_fragment_is_refused),
		BACK_TESTS(T7_each_slot_is_answered_once),
		BACK_TESTS(T7_packets_may_be_handed_back_in_any_order),
		BACK_TESTS(T14_checksum_flags_are_carried_upward),
		BACK_TESTS(T15_head_is_out_of_the_guests_reach),
		BACK_TESTS(T16_packet_cut_at_any_slot_is_waited_for),
		BACK_TESTS(T16_rest_is_looked_for_by_who_only_polls),
		BACK_TESTS(T16_T3_refused_chain_cut_at_any_slot_is_answered),
		BACK_TESTS(T16_rewritten_chain_keeps_nobody_asleep),
		BACK_TESTS(T17_packet_of_65535_bytes_is_accepted),
		BACK_TEST_WITH(T3_as_many_slots_as_were_offered_are_accepted,
			       slots24),
		BACK_TEST_WITH(X11_without_scatter_gather_one_slot_is_accepted,
			       no_sg),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
