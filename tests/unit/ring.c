/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* One ring, its two ends and a peer that writes what it likes; in each layout,
 * and where it has stamps, with those on either side. */
#include "test.h"

#include <xennet/wire.h>

static const struct xennet_ring_shape standard = { 1, xennet_tx_slot_size,
						   XENNET_STANDARD, false },
				      split = { 1, xennet_tx_slot_size,
						XENNET_SPLIT, false },
				      stamped_req = { 1, xennet_tx_slot_size,
						      XENNET_SEQUENCED, false },
				      stamped_rsp = { 1, xennet_tx_slot_size,
						      XENNET_SEQUENCED, true };

/* What the test at hand is about. */
static const struct xennet_ring_shape *shape;
static uint32_t ring;

/* The indices as the page has them. */
struct ends {
	uint32_t *req_prod, *req_event, *rsp_prod, *rsp_event;
	struct xennet_ring front, back;
};

static unsigned char memory[XENNET_RING_PAGE]
	__attribute__((aligned(XENNET_RING_PAGE)));

/* An empty TX ring of one page whose indices all stand at `index`. */
static struct ends ends_at(uint32_t index)
{
	struct ends e;

	xennet_ring_format(memory, shape);
	xennet_ring_front(&e.front, memory, shape);
	e.req_prod = e.front.my_prod;
	e.req_event = (uint32_t *)(uintptr_t)e.front.peer_event;
	e.rsp_prod = (uint32_t *)(uintptr_t)e.front.peer_prod;
	e.rsp_event = e.front.my_event;
	*e.req_prod = *e.rsp_prod = index;
	*e.req_event = *e.rsp_event = index + 1;
	e.front.prod = e.front.pub = e.front.sure = e.front.cons =
		e.front.seen = index;
	assert_int_equal(xennet_ring_back(&e.back, memory, shape), 0);
	assert_false(xennet_ring_settle(&e.back));
	return e;
}

static int setup(void **state)
{
	shape = *state;
	ring = xennet_ring_slots(shape);
	return 0;
}

/* What peek says of an index behind what was seen, of which `known` is left:
 * stamps may be ahead of the index, and else it is a lie. */
static void assert_behind(const struct xennet_ring *r, int n, unsigned known)
{
	assert_int_equal(n, r->get_stamps ? (int)known : -XENNET_ERING_BACK);
}

static void put_reqs(struct ends *e, unsigned n)
{
	while (n-- > 0) {
		struct xennet_tx_req req = { .gref = e->front.prod };

		xennet_tx_put_req(&e->front, &req);
	}
}

static void get_reqs(struct ends *e, unsigned n)
{
	struct xennet_tx_req req;

	while (n-- > 0) {
		uint32_t index = e->back.cons;

		xennet_tx_get_req(&e->back, &req);
		assert_int_equal(req.gref, index);
	}
}

static void put_rsps(struct ends *e, unsigned n)
{
	while (n-- > 0) {
		struct xennet_tx_rsp rsp = { (uint16_t)e->back.prod, 0 };

		xennet_tx_put_rsp(&e->back, &rsp);
	}
}

static void get_rsps(struct ends *e, unsigned n)
{
	struct xennet_tx_rsp rsp;

	while (n-- > 0) {
		uint32_t index = e->front.cons;

		xennet_tx_get_rsp(&e->front, &rsp);
		assert_int_equal(rsp.id, (uint16_t)index);
	}
}

/* n requests there and their responses back. */
static void exchange(struct ends *e, unsigned n)
{
	put_reqs(e, n);
	xennet_ring_push(&e->front);
	assert_int_equal(xennet_ring_peek(&e->back), n);
	get_reqs(e, n);
	put_rsps(e, n);
	xennet_ring_push(&e->back);
	assert_int_equal(xennet_ring_peek(&e->front), n);
	get_rsps(e, n);
}

static void R1_fresh_ring_is_zero_but_for_its_events(void **state)
{
	struct xennet_ring_shape two = *shape;
	bool is_standard = shape->layout == XENNET_STANDARD;
	uint32_t req_event = is_standard ? 4 : 256;
	uint32_t rsp_event = is_standard ? 12 : 384;
	unsigned char pages[2 * XENNET_RING_PAGE];
	unsigned i;

	(void)state;
	two.npages = 2;
	memset(pages, 0xdb, sizeof(pages));

	xennet_ring_format(pages, &two);

	for (i = 0; i < sizeof(pages); i++)
		assert_int_equal(pages[i], i == req_event || i == rsp_event);
}

static void R2_ring_holds_the_largest_power_of_two_of_slots(void **state)
{
	static const struct {
		uint32_t size, slots[5];
	} rings[] = {
		{ 12, { 256, 512, 1024, 2048, 4096 } }, /* TX */
		{ 8, { 256, 512, 1024, 2048, 4096 } },	/* RX */
		{ 16, { 128, 256, 512, 1024, 2048 } },	/* CTRL */
		{ 4, { 512, 1024, 2048, 4096, 8192 } },
		{ 112, { 32, 64, 128, 256, 512 } }, /* blkif */
	};
	unsigned i, order;

	(void)state;
	for (i = 0; i < COUNT(rings); i++)
		for (order = 0; order <= 4; order++) {
			struct xennet_ring_shape s = { 1u << order,
						       rings[i].size,
						       XENNET_STANDARD, false };

			assert_int_equal(xennet_ring_slots(&s),
					 rings[i].slots[order]);
		}
}

static void R3_indices_run_through_the_end_of_32_bits(void **state)
{
	struct ends e = ends_at(0xfffffff0);
	unsigned sent;

	(void)state;
	for (sent = 0; sent < 1000; sent += 8)
		exchange(&e, 8);

	assert_int_equal(*e.req_prod, 0xfffffff0u + 1000);
	assert_int_equal(*e.rsp_prod, 0xfffffff0u + 1000);
}

static void R3_slot_is_the_index_modulo_the_size(void **state)
{
	struct ends e = ends_at(0xfffffffe);

	(void)state;
	put_reqs(&e, 3);

	assert_int_equal(e.front.slots[(ring - 2) * e.front.stride], 0xfe);
	assert_int_equal(e.front.slots[(ring - 1) * e.front.stride], 0xff);
	assert_int_equal(e.front.slots[0], 0);
	assert_int_equal(e.front.slots[3], 0);
}

static void R4_nothing_is_seen_before_push(void **state)
{
	struct ends e = ends_at(7);

	(void)state;
	put_reqs(&e, 3);

	assert_int_equal(xennet_ring_peek(&e.back), 0);
	xennet_ring_push(&e.front);
	assert_int_equal(xennet_ring_peek(&e.back), 3);
}

/* Whether pushing from old to old + n passes the event. */
static bool passes(uint32_t old, unsigned n, uint32_t event)
{
	unsigned i;

	for (i = 1; i <= n; i++)
		if (old + i == event)
			return true;
	return false;
}

static void R5_producer_notifies_only_past_the_event_index(void **state)
{
	uint32_t old, event;
	unsigned n;

	(void)state;
	for (old = 0xfffffff4; old != 12; old++)
		for (n = 1; n <= 12; n++)
			for (event = old - 16; event != old + 16; event++) {
				struct ends e = ends_at(old);

				*e.req_event = event;
				put_reqs(&e, n);
				assert_int_equal(xennet_ring_push(&e.front),
						 passes(old, n, event));
			}
}

static void R5_backend_notifies_only_past_the_event_index(void **state)
{
	uint32_t event;
	unsigned n;

	(void)state;
	for (n = 1; n <= 12; n++)
		for (event = 0xffffffe0; event != 32; event++) {
			struct ends e = ends_at(0xfffffffa);

			put_reqs(&e, 12);
			xennet_ring_push(&e.front);
			xennet_ring_peek(&e.back);
			get_reqs(&e, 12);
			*e.rsp_event = event;
			put_rsps(&e, n);
			assert_int_equal(xennet_ring_push(&e.back),
					 passes(0xfffffffa, n, event));
		}
}

static void R5_pushing_nothing_asks_for_nothing(void **state)
{
	struct ends e = ends_at(100);

	(void)state;
	*e.req_event = 100;

	assert_false(xennet_ring_push(&e.front));
	assert_false(xennet_ring_push(&e.back));
}

static void R6_our_index_in_the_shared_page_is_never_read_back(void **state)
{
	static const uint32_t lies[] = { 0, 1, 49, 50, 51, 52, 99, 0x80000000 };
	unsigned i;

	(void)state;
	for (i = 0; i < COUNT(lies); i++) {
		struct ends e = ends_at(50);

		*e.req_prod = *e.rsp_prod = lies[i];
		put_reqs(&e, 2);
		assert_true(xennet_ring_push(&e.front));
		assert_int_equal(*e.req_prod, 52);

		*e.rsp_event = 51;
		xennet_ring_peek(&e.back);
		get_reqs(&e, 1);
		*e.rsp_prod = lies[i];
		put_rsps(&e, 1);
		assert_true(xennet_ring_push(&e.back));
		assert_int_equal(*e.rsp_prod, 51);
	}
}

static void R7_arm_asks_for_the_very_next_message(void **state)
{
	struct ends e = ends_at(0xffffffff);

	(void)state;
	assert_int_equal(xennet_ring_arm(&e.back, 1), 0);
	assert_int_equal(*e.req_event, 0);
	assert_int_equal(xennet_ring_arm(&e.front, 1), 0);
	assert_int_equal(*e.rsp_event, 0);

	put_reqs(&e, 1);
	assert_true(xennet_ring_push(&e.front));
}

static void R7_arm_finds_what_came_after_the_last_peek(void **state)
{
	struct ends e = ends_at(5);

	(void)state;
	assert_int_equal(xennet_ring_peek(&e.back), 0);
	put_reqs(&e, 2);
	xennet_ring_push(&e.front);

	assert_int_equal(xennet_ring_arm(&e.back, 1), 2);
}

static void R8_arm_asks_for_no_more_than_a_full_ring(void **state)
{
	const uint32_t impossible[] = { 0, ring + 1, 0x80000000, UINT32_MAX };
	unsigned i;

	(void)state;
	for (i = 0; i < COUNT(impossible); i++) {
		struct ends e = ends_at(77);

		assert_int_equal(xennet_ring_arm(&e.back, impossible[i]),
				 -XENNET_EINVAL);
		assert_int_equal(*e.req_event, 78);
	}
}

static void R8_full_ring_always_wakes(void **state)
{
	uint32_t ahead;

	(void)state;
	for (ahead = 1; ahead <= ring; ahead++) {
		struct ends e = ends_at(0xffffff80);

		assert_int_equal(xennet_ring_arm(&e.back, ahead), 0);
		put_reqs(&e, ring);
		assert_true(xennet_ring_push(&e.front));
	}
}

static void R8_fewer_than_asked_for_are_slept_upon(void **state)
{
	struct ends e = ends_at(9);

	(void)state;
	put_reqs(&e, 3);
	xennet_ring_push(&e.front);

	assert_int_equal(xennet_ring_arm(&e.back, 4), 0);
	put_reqs(&e, 1);
	assert_true(xennet_ring_push(&e.front));
	assert_int_equal(xennet_ring_arm(&e.back, 1), 4);
}

static void R11_index_further_ahead_than_the_ring_is_refused(void **state)
{
	static const uint32_t starts[] = { 0, 100, 0xffffff00, 0xffffffff };
	unsigned i;

	(void)state;
	for (i = 0; i < COUNT(starts); i++) {
		struct ends e = ends_at(starts[i]);

		*e.req_prod = starts[i] + ring + 1;
		assert_int_equal(xennet_ring_peek(&e.back),
				 -XENNET_ERING_AHEAD);
		*e.req_prod = starts[i] + 0x80000000;
		assert_int_equal(xennet_ring_peek(&e.back),
				 -XENNET_ERING_AHEAD);
		*e.req_prod = starts[i] - 1;
		assert_behind(&e.back, xennet_ring_peek(&e.back), 0);
		*e.req_prod = starts[i] + ring;
		assert_int_equal(xennet_ring_peek(&e.back), ring);
	}
}

static void R11_frontend_refuses_more_than_the_ring_holds(void **state)
{
	struct ends e = ends_at(0xffffff80);

	(void)state;
	put_reqs(&e, ring);
	xennet_ring_push(&e.front);

	*e.rsp_prod = 0xffffff80 + ring + 1;
	assert_int_equal(xennet_ring_peek(&e.front), -XENNET_ERING_UNASKED);
	*e.rsp_prod = 0xffffff80u - 1;
	assert_behind(&e.front, xennet_ring_peek(&e.front), 0);
}

static void R12_answers_to_nothing_asked_are_refused(void **state)
{
	struct ends e = ends_at(0xfffffffa);

	(void)state;
	put_reqs(&e, 10);
	xennet_ring_push(&e.front);
	put_reqs(&e, 1); /* not told of yet */

	*e.rsp_prod = 0xfffffffau + 11;
	assert_int_equal(xennet_ring_peek(&e.front), -XENNET_ERING_UNASKED);
	*e.rsp_prod = 0xfffffffau + 10;
	assert_int_equal(xennet_ring_peek(&e.front), 10);
}

static void R13_index_that_goes_back_is_refused(void **state)
{
	struct ends e = ends_at(0xfffffff8);
	unsigned taken;

	(void)state;
	put_reqs(&e, 10);
	xennet_ring_push(&e.front);
	assert_int_equal(xennet_ring_peek(&e.back), 10);

	for (taken = 0; taken <= 10; taken++) {
		*e.req_prod = 0xfffffff8u + 9;
		assert_behind(&e.back, xennet_ring_peek(&e.back), 10 - taken);
		*e.req_prod = 0xfffffff8u + 10;
		assert_int_equal(xennet_ring_peek(&e.back), 10 - taken);
		get_reqs(&e, taken < 10);
	}
}

static void R13_response_index_that_goes_back_is_refused(void **state)
{
	struct ends e = ends_at(0xfffffff8);

	(void)state;
	exchange(&e, 10);

	--*e.rsp_prod;
	assert_behind(&e.front, xennet_ring_peek(&e.front), 0);
}

static void R14_no_more_is_taken_than_can_be_answered(void **state)
{
	struct ends e = ends_at(0xffffff01);
	unsigned answered;

	(void)state;
	put_reqs(&e, ring);
	xennet_ring_push(&e.front);
	assert_int_equal(xennet_ring_peek(&e.back), ring);
	get_reqs(&e, ring);
	assert_int_equal(xennet_ring_free(&e.back), ring);

	/* everything is taken, nothing answered: one more cannot be true */
	++*e.req_prod;
	assert_int_equal(xennet_ring_peek(&e.back), -XENNET_ERING_AHEAD);

	/* an answer that was not told of makes no room either */
	for (answered = 1; answered <= 3; answered++) {
		put_rsps(&e, 1);
		assert_int_equal(xennet_ring_peek(&e.back),
				 -XENNET_ERING_AHEAD);
	}
	xennet_ring_push(&e.back);
	assert_int_equal(xennet_ring_peek(&e.back), 1);
	assert_int_equal(xennet_ring_free(&e.back), ring - 3);
}

static void R15_backend_takes_up_a_used_ring(void **state)
{
	uint32_t seed = 15, i;

	(void)state;
	for (i = 0; i < 1000; i++) {
		uint32_t rsp = test_random(&seed);
		uint32_t ahead = test_below(&seed, ring + 1);
		struct ends e = ends_at(rsp);

		*e.req_prod = rsp + ahead;
		assert_int_equal(xennet_ring_back(&e.back, memory, shape), 0);
		assert_int_equal(xennet_ring_peek(&e.back), ahead);
		assert_int_equal(e.back.cons, rsp);
		assert_int_equal(e.back.prod, rsp);
	}
}

static void R15_impossible_indices_are_refused_on_attach(void **state)
{
	uint32_t seed = 51, i;

	(void)state;
	for (i = 0; i < 1000; i++) {
		uint32_t rsp = test_random(&seed);
		uint32_t ahead = ring + 1 + test_random(&seed) % 0xfffffe00;
		struct ends e = ends_at(rsp);

		*e.req_prod = rsp + ahead;
		assert_int_equal(xennet_ring_back(&e.back, memory, shape),
				 -XENNET_ERING_AHEAD);
	}
}

static void R16_E9_nothing_but_the_message_reaches_the_slot(void **state)
{
	const struct xennet_tx_rsp rsp = { 0x1234, XENNET_RSP_OKAY };
	const struct xennet_extra extra = { .type = XENNET_EXTRA_GSO };
	static const unsigned char answer[12] = { 0x34, 0x12 };
	static const unsigned char info[12] = { XENNET_EXTRA_GSO };
	struct ends e = ends_at(0);
	unsigned char *slot = e.back.slots;
	uint32_t stride = e.back.stride, i;

	(void)state;
	memset(slot, 0xdb, 12);
	memset(slot + stride, 0xdb, 12);

	xennet_tx_put_rsp(&e.back, &rsp);
	xennet_tx_put_extra(&e.back, &extra);

	assert_memory_equal(slot, answer, sizeof(answer));
	assert_memory_equal(slot + stride, info, sizeof(info));
	for (i = 12; i < stride; i++)
		assert_int_equal(slot[i], 0);
	assert_int_equal(slot[2 * stride], 0);
}

/* Whatever both do in whatever order, each message arrives once, unharmed. */
static void R17_slots_are_not_overwritten_before_they_are_taken(void **state)
{
	struct ends e = ends_at(0xffffff00);
	uint32_t seed = 17, n;
	unsigned turn;

	(void)state;
	for (turn = 0; turn < 200000; turn++) {
		switch (test_below(&seed, 6)) {
		case 0:
			n = xennet_ring_free(&e.front);
			assert_in_range(n, 0, ring);
			put_reqs(&e, n ? test_below(&seed, n + 1) : 0);
			break;
		case 1:
			xennet_ring_push(&e.front);
			break;
		case 2:
			n = (uint32_t)xennet_ring_peek(&e.back);
			assert_in_range(n, 0, ring);
			get_reqs(&e, n ? test_below(&seed, n + 1) : 0);
			break;
		case 3:
			n = xennet_ring_free(&e.back);
			assert_in_range(n, 0, ring);
			put_rsps(&e, n ? test_below(&seed, n + 1) : 0);
			break;
		case 4:
			xennet_ring_push(&e.back);
			break;
		case 5:
			n = (uint32_t)xennet_ring_peek(&e.front);
			assert_in_range(n, 0, ring);
			get_rsps(&e, n ? test_below(&seed, n + 1) : 0);
			break;
		}
	}
	assert_true(e.front.cons - 0xffffff00u > 10 * ring);
}

static void R17_full_ring_has_no_room(void **state)
{
	struct ends e = ends_at(0xfffffff0);

	(void)state;
	assert_int_equal(xennet_ring_free(&e.front), ring);
	put_reqs(&e, ring);
	assert_int_equal(xennet_ring_free(&e.front), 0);

	xennet_ring_push(&e.front);
	xennet_ring_peek(&e.back);
	get_reqs(&e, ring);
	put_rsps(&e, 1);
	xennet_ring_push(&e.back);
	assert_int_equal(xennet_ring_free(&e.front), 0);
	xennet_ring_peek(&e.front);
	get_rsps(&e, 1);
	assert_int_equal(xennet_ring_free(&e.front), 1);
}

#define RING_TEST(f, shape)                                                    \
	{                                                                      \
#f, f, setup, NULL, (void *)&(shape)                           \
	}
#define RING_TESTS(f)                                                          \
	RING_TEST(f, standard), RING_TEST(f, split),                           \
		RING_TEST(f, stamped_req), RING_TEST(f, stamped_rsp)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		RING_TESTS(R1_fresh_ring_is_zero_but_for_its_events),
		TEST(R2_ring_holds_the_largest_power_of_two_of_slots),
		RING_TESTS(R3_indices_run_through_the_end_of_32_bits),
		RING_TESTS(R3_slot_is_the_index_modulo_the_size),
		RING_TESTS(R4_nothing_is_seen_before_push),
		RING_TESTS(R5_producer_notifies_only_past_the_event_index),
		RING_TESTS(R5_backend_notifies_only_past_the_event_index),
		RING_TESTS(R5_pushing_nothing_asks_for_nothing),
		RING_TESTS(R6_our_index_in_the_shared_page_is_never_read_back),
		RING_TESTS(R7_arm_asks_for_the_very_next_message),
		RING_TESTS(R7_arm_finds_what_came_after_the_last_peek),
		RING_TESTS(R8_arm_asks_for_no_more_than_a_full_ring),
		RING_TESTS(R8_full_ring_always_wakes),
		RING_TESTS(R8_fewer_than_asked_for_are_slept_upon),
		RING_TESTS(R11_index_further_ahead_than_the_ring_is_refused),
		RING_TESTS(R11_frontend_refuses_more_than_the_ring_holds),
		RING_TESTS(R12_answers_to_nothing_asked_are_refused),
		RING_TESTS(R13_index_that_goes_back_is_refused),
		RING_TESTS(R13_response_index_that_goes_back_is_refused),
		RING_TESTS(R14_no_more_is_taken_than_can_be_answered),
		RING_TESTS(R15_backend_takes_up_a_used_ring),
		RING_TESTS(R15_impossible_indices_are_refused_on_attach),
		RING_TESTS(R16_E9_nothing_but_the_message_reaches_the_slot),
		RING_TESTS(R17_slots_are_not_overwritten_before_they_are_taken),
		RING_TESTS(R17_full_ring_has_no_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
