/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Where things are in each layout, what stamps say, and the lazy push. */
#include "test.h"

#include <xennet/wire.h>

#define ORDERS 5u

static const struct xennet_ring_shape split = { 1, xennet_tx_slot_size,
						XENNET_SPLIT, false },
				      stamped_req = { 1, xennet_tx_slot_size,
						      XENNET_SEQUENCED, false },
				      stamped_rsp = { 1, xennet_tx_slot_size,
						      XENNET_SEQUENCED, true };

static const struct xennet_ring_shape *shape;

static unsigned char memory[XENNET_RING_PAGES_MAX * XENNET_RING_PAGE]
	__attribute__((aligned(XENNET_RING_PAGE)));
static struct xennet_ring front, back;

static uint32_t *shared(const uint32_t *p)
{
	return (uint32_t *)(uintptr_t)p;
}

/* An empty ring whose indices stand at `index`, with the last lap's stamps. */
static void open_at(uint32_t index)
{
	uint32_t i;

	xennet_ring_format(memory, shape);
	xennet_ring_front(&front, memory, shape);
	for (i = index - front.size; index && i != index; i++)
		if (shape->layout == XENNET_SEQUENCED)
			*xennet_ring_stamp(&front, i) = i + 1;
	*front.my_prod = *shared(front.peer_prod) = index;
	*front.my_event = *shared(front.peer_event) = index + 1;
	front.prod = front.pub = front.sure = front.cons = front.seen = index;
	assert_int_equal(xennet_ring_back(&back, memory, shape), 0);
	assert_false(xennet_ring_settle(&back));
}

static int setup(void **state)
{
	shape = *state;
	open_at(0);
	return 0;
}

/* The end whose messages are stamped, and the one that looks for them. */
static struct xennet_ring *producer(void)
{
	return front.put_stamps ? &front : &back;
}

static struct xennet_ring *consumer(void)
{
	return front.put_stamps ? &back : &front;
}

static void put(struct xennet_ring *r, unsigned n)
{
	struct xennet_tx_req req = { 0 };
	struct xennet_tx_rsp rsp = { 0 };

	for (; n > 0; n--) {
		req.gref = r->prod;
		rsp.id = (uint16_t)r->prod;
		if (r == &front)
			xennet_tx_put_req(r, &req);
		else
			xennet_tx_put_rsp(r, &rsp);
	}
}

static void get(struct xennet_ring *r, unsigned n)
{
	struct xennet_tx_req req;
	struct xennet_tx_rsp rsp;

	for (; n > 0; n--) {
		uint32_t index = r->cons;

		if (r == &front) {
			xennet_tx_get_rsp(r, &rsp);
			assert_int_equal(rsp.id, (uint16_t)index);
		} else {
			xennet_tx_get_req(r, &req);
			assert_int_equal(req.gref, index);
		}
	}
}

/* So that the stamped direction can carry n messages. */
static void let_pass(unsigned n)
{
	if (producer() == &front)
		return;
	put(&front, n);
	xennet_ring_push(&front);
	assert_int_equal(xennet_ring_peek(&back), n);
	get(&back, n);
}

/* And those n are answered, if they were requests. */
static void pass_back(unsigned n)
{
	if (producer() == &back)
		return;
	put(&back, n);
	xennet_ring_push(&back);
	assert_int_equal(xennet_ring_peek(&front), n);
	get(&front, n);
}

static void R2_slots_of_every_layout_size_and_order(void **state)
{
	static const struct {
		enum xennet_layout layout;
		uint32_t message, stride, slots[ORDERS];
	} rows[] = {
		{ XENNET_STANDARD, 4, 4, { 512, 1024, 2048, 4096, 8192 } },
		{ XENNET_STANDARD, 8, 8, { 256, 512, 1024, 2048, 4096 } },
		{ XENNET_STANDARD, 12, 12, { 256, 512, 1024, 2048, 4096 } },
		{ XENNET_STANDARD, 16, 16, { 128, 256, 512, 1024, 2048 } },
		{ XENNET_SPLIT, 4, 4, { 512, 1024, 2048, 4096, 8192 } },
		{ XENNET_SPLIT, 8, 8, { 256, 512, 1024, 2048, 4096 } },
		{ XENNET_SPLIT, 12, 16, { 128, 256, 512, 1024, 2048 } },
		{ XENNET_SPLIT, 16, 16, { 128, 256, 512, 1024, 2048 } },
		{ XENNET_SEQUENCED, 4, 8, { 256, 512, 1024, 2048, 4096 } },
		{ XENNET_SEQUENCED, 8, 16, { 128, 256, 512, 1024, 2048 } },
		{ XENNET_SEQUENCED, 12, 16, { 128, 256, 512, 1024, 2048 } },
		{ XENNET_SEQUENCED, 16, 32, { 64, 128, 256, 512, 1024 } },
	};
	unsigned i, order;

	(void)state;
	for (i = 0; i < COUNT(rows); i++)
		for (order = 0; order < ORDERS; order++) {
			struct xennet_ring_shape s = { 1u << order,
						       rows[i].message,
						       rows[i].layout, false };
			uint32_t end;

			assert_int_equal(xennet_ring_stride(&s),
					 rows[i].stride);
			assert_int_equal(xennet_ring_slots(&s),
					 rows[i].slots[order]);
			end = xennet_ring_head(&s) +
			      rows[i].slots[order] * rows[i].stride;
			assert_true(end <= s.npages * XENNET_RING_PAGE);
		}
}

static void R2_netif_rings_have_the_slots_of_the_table(void **state)
{
	unsigned order;

	(void)state;
	for (order = 0; order < ORDERS; order++) {
		unsigned n = 1u << order;
		const struct xennet_ring_shape of[] = {
			xennet_tx_shape(n, XENNET_STANDARD),
			xennet_rx_shape(n, XENNET_STANDARD),
			xennet_tx_shape(n, XENNET_SPLIT),
			xennet_rx_shape(n, XENNET_SPLIT),
			xennet_tx_shape(n, XENNET_SEQUENCED),
			xennet_rx_shape(n, XENNET_SEQUENCED),
		};
		static const uint32_t slots[] = { 256, 256, 128, 256, 128, 128 };
		unsigned i;

		for (i = 0; i < COUNT(of); i++)
			assert_int_equal(xennet_ring_slots(&of[i]),
					 slots[i] << order);
	}
}

static uint32_t at(const void *p)
{
	return (uint32_t)((const unsigned char *)p - memory);
}

static void each_index_has_its_own_128_bytes(void **state)
{
	(void)state;
	assert_int_equal(at(front.my_prod), 0);
	assert_int_equal(at(back.my_prod), 128);
	assert_int_equal(at(xennet_ring_mark(&back)), 132);
	assert_int_equal(at(back.my_event), 256);
	assert_int_equal(at(front.my_event), 384);
	assert_int_equal(at(front.slots), 512);
	assert_ptr_equal(front.my_prod, back.peer_prod);
	assert_ptr_equal(back.my_prod, front.peer_prod);
	assert_ptr_equal(front.my_event, back.peer_event);
	assert_ptr_equal(back.my_event, front.peer_event);
	assert_ptr_equal(front.slots, back.slots);
}

/* Of any size of message, in rings of any size. */
static void no_slot_is_on_two_lines(void **state)
{
	struct xennet_ring_shape s = *shape;
	uint32_t i;

	(void)state;
	for (s.npages = 1; s.npages <= XENNET_RING_PAGES_MAX; s.npages++)
		for (s.slot_size = 4; s.slot_size <= 16; s.slot_size += 4) {
			xennet_ring_front(&front, memory, &s);
			for (i = 0; i < front.size; i++) {
				uint32_t first =
					at(front.slots) + i * front.stride;
				uint32_t last = first + front.stride - 1;

				assert_int_equal(first / 64, last / 64);
				assert_true(last < s.npages * XENNET_RING_PAGE);
			}
		}
}

static void stamp_is_the_last_word_and_the_index_plus_one(void **state)
{
	struct xennet_ring *r = producer();
	uint32_t i, index = 0xfffffffe, stamp, stride, slots;

	(void)state;
	open_at(index);
	let_pass(4);
	stride = r->stride;
	slots = at(r->slots);
	put(r, 4);
	xennet_ring_push(r);

	for (i = 0; i < 4; i++) {
		memcpy(&stamp,
		       memory + slots + ((index + i) % r->size) * stride +
			       stride - 4,
		       4);
		assert_int_equal(stamp, index + i + 1);
	}
	assert_int_equal(*r->my_prod, index + 4);
}

/* Where the index is not looked at. */
static int peek_stamps(struct xennet_ring *r)
{
	r->single = true;
	return xennet_ring_peek(r);
}

static void R4_batch_is_seen_whole_or_not_at_all(void **state)
{
	unsigned n, i;

	(void)state;
	for (n = 1; n <= front.size; n = n * 2 + 1) {
		open_at(0 - n);
		let_pass(n);
		for (i = 0; i < n; i++) {
			assert_int_equal(peek_stamps(consumer()), 0);
			put(producer(), 1);
		}
		assert_int_equal(peek_stamps(consumer()), 0);
		xennet_ring_push(producer());
		assert_int_equal(peek_stamps(consumer()), n);
		get(consumer(), n);
	}
}

static void R3_stamps_of_earlier_laps_are_not_mistaken(void **state)
{
	unsigned i, n;

	(void)state;
	open_at(0 - 4 * front.size);
	for (i = 0; i < 1000; i++) {
		n = 1 + i % 7;
		let_pass(n);
		assert_int_equal(peek_stamps(consumer()), 0);
		put(producer(), n);
		xennet_ring_push(producer());
		assert_int_equal(peek_stamps(consumer()), n);
		get(consumer(), n);
		assert_int_equal(peek_stamps(consumer()), 0);
		pass_back(n);
	}
}

/* The producer was held up between a stamp and its index. */
static void R13_index_that_lags_behind_its_stamps_is_no_error(void **state)
{
	struct xennet_ring *p = producer(), *c = consumer();

	(void)state;
	open_at(0xfffffff8);
	let_pass(20);
	put(p, 20);
	xennet_ring_push(p);
	*p->my_prod = 0xfffffff8;

	assert_int_equal(peek_stamps(c), 20);
	assert_false(c->single); /* so the index is next */
	assert_int_equal(xennet_ring_peek(c), 20);
	get(c, 15);
	assert_int_equal(xennet_ring_peek(c), 5);
	get(c, 5);
	assert_int_equal(xennet_ring_arm(c, 1), 0);

	*p->my_prod = 0xfffffff8u + 20;
	assert_int_equal(xennet_ring_peek(c), 0);
	pass_back(20);
	let_pass(1);
	put(p, 1);
	assert_true(xennet_ring_push(p));
	assert_int_equal(xennet_ring_peek(c), 1);
}

static void peek_goes_from_stamps_to_the_index_and_back(void **state)
{
	static const unsigned batch[] = { 3, 40, 41, 2, 1, 8, 7, 7 };
	struct xennet_ring *c = consumer();
	unsigned i;

	(void)state;
	for (i = 0; i < COUNT(batch); i++) {
		let_pass(batch[i]);
		put(producer(), batch[i]);
		xennet_ring_push(producer());
		assert_int_equal(xennet_ring_peek(c), batch[i]);
		assert_int_equal(c->single, batch[i] < XENNET_RING_FEW);
		get(c, batch[i]);
		pass_back(batch[i]);
	}
}

/* The next backend of a ring that this one leaves here. */
static int succeed(void)
{
	return xennet_ring_back(&back, memory, shape);
}

static void R15_stamps_ahead_of_a_dead_backends_index_count(void **state)
{
	(void)state;
	open_at(0xffffff90);
	let_pass(30);
	put(&back, 12);
	xennet_ring_push(&back);
	*back.my_prod = 0xffffff90;

	assert_int_equal(succeed(), 0);

	assert_int_equal(back.cons, 0xffffff90u + 12);
	assert_int_equal(*back.my_prod, 0xffffff90u + 12);
	assert_int_equal(xennet_ring_peek(&back), 18);
	/* nobody knows whether the frontend was notified */
	assert_true(xennet_ring_settle(&back));
	assert_false(xennet_ring_settle(&back));
	assert_int_equal(xennet_ring_peek(&front), 12);
}

/* The frontend took them by their stamps, and asked for as much again. */
static void R15_index_a_whole_ring_and_more_behind_is_taken_up(void **state)
{
	uint32_t size = front.size;

	(void)state;
	let_pass(size);
	put(&back, 5);
	xennet_ring_push(&back);
	*back.my_prod = 0;
	assert_int_equal(peek_stamps(&front), 5);
	get(&front, 5);
	put(&front, 5);
	xennet_ring_push(&front);

	assert_int_equal(succeed(), 0);

	assert_int_equal(back.cons, 5);
	assert_int_equal(xennet_ring_peek(&back), size);
}

static void R15_stamps_of_a_batch_without_its_first_are_undone(void **state)
{
	struct xennet_tx_rsp rsp = { 0, 0 };

	(void)state;
	let_pass(10);
	put(&back, 6); /* and killed */

	assert_int_equal(succeed(), 0);
	assert_int_equal(back.cons, 0);
	assert_int_equal(xennet_ring_peek(&back), 10);
	back.cons = 1;
	xennet_tx_put_rsp(&back, &rsp);
	xennet_ring_push(&back);

	assert_int_equal(peek_stamps(&front), 1);
	get(&front, 1);
	assert_int_equal(peek_stamps(&front), 0);
}

static void R15_stamps_beyond_what_was_asked_for_do_not_count(void **state)
{
	uint32_t i;

	(void)state;
	let_pass(10);
	for (i = 0; i < front.size; i++)
		*xennet_ring_stamp(&front, i) = i + 1;

	assert_int_equal(succeed(), 0);
	assert_int_equal(back.cons, 10);
	/* and without end they are no loop without end */
	*front.my_prod = 0x80000000;
	assert_int_equal(succeed(), -XENNET_ERING_AHEAD);
}

/* Its indices, its stamps, its everything. */
static void write_anything(uint32_t *seed, const struct xennet_ring *r)
{
	uint32_t *word = (uint32_t *)(void *)memory, i;

	for (i = 0; i < 8; i++)
		word[test_below(seed, XENNET_RING_PAGE / 4)] =
			test_random(seed);
	/* such as could be believed */
	i = r->seen + test_below(seed, 40);
	for (; test_below(seed, 8); i++)
		*xennet_ring_stamp(r, i) = i + 1;
	if (test_below(seed, 3))
		*shared(r->peer_prod) =
			r->seen + test_below(seed, 2 * r->size) - r->size / 2;
}

static void assert_bounded(const struct xennet_ring *r, int n)
{
	if (n < 0) {
		assert_in_range(-n, 1, XENNET_ERR_COUNT - 1);
		return;
	}
	assert_in_range(n, 0, r->pub + r->credit - r->cons);
	assert_in_range(xennet_ring_known(r), 0, r->size);
}

static void
R11_R12_R14_no_stamp_or_index_makes_more_than_there_can_be(void **state)
{
	struct xennet_ring *c = consumer(), *p = producer();
	unsigned errors = 0, messages = 0, turn;
	uint32_t seed = 11;
	int n;

	(void)state;
	let_pass(p == &back ? front.size : 0);
	for (turn = 0; turn < 200000; turn++) {
		struct xennet_ring lost = *c;

		write_anything(&seed, c);
		n = test_below(&seed, 4) ? xennet_ring_peek(c)
					 : xennet_ring_arm(c, 1);
		assert_bounded(c, n);
		errors += n < 0;
		if (n < 0)
			assert_int_equal(c->seen, lost.seen);
		else
			messages += (unsigned)n;
		if (n > 0)
			c->cons += test_below(&seed, (uint32_t)n + 1);
		/* the backend answers, the frontend asks */
		n = (int)xennet_ring_free(c);
		assert_in_range(n, 0, c->size);
		put(c, test_below(&seed, (uint32_t)n + 1));
		xennet_ring_push(c);
	}
	assert_true(errors > 1000 && messages > 1000);
}

/* Whether pushing from old to old + n passes the event. */
static bool passes(uint32_t old, unsigned n, uint32_t event)
{
	return event - old - 1 < n;
}

/* With nobody at work in between, a lazy push is as good as the other. */
static void R5_lazy_push_notifies_past_the_event_index(void **state)
{
	uint32_t old, event;
	unsigned n;

	(void)state;
	for (old = 0xfffffff4; old != 12; old++)
		for (n = 1; n <= 12; n++)
			for (event = old - 16; event != old + 16; event++) {
				open_at(old);
				*back.my_event = event;
				put(&front, n);
				assert_int_equal(
					xennet_ring_push_lazily(&front),
					passes(old, n, event));
				assert_false(xennet_ring_push_lazily(&front));
				assert_false(xennet_ring_settle(&front));
			}
}

static void R5_each_event_is_answered_once(void **state)
{
	(void)state;
	open_at(0xfffffffe);
	*back.my_event = 1;
	put(&front, 2);
	assert_false(xennet_ring_push_lazily(&front)); /* 0 */
	put(&front, 1);
	assert_true(xennet_ring_push_lazily(&front)); /* 1 */
	put(&front, 2);
	assert_false(xennet_ring_push_lazily(&front)); /* 3 */

	*back.my_event = 2; /* the last push did not see it */
	assert_true(xennet_ring_settle(&front));
	assert_false(xennet_ring_settle(&front));
	*back.my_event = 3; /* too late to be missed: its arm finds 3 */
	assert_false(xennet_ring_settle(&front));
	*back.my_event = 5;
	put(&front, 1);
	assert_false(xennet_ring_push(&front)); /* 4 */
	put(&front, 1);
	assert_true(xennet_ring_push(&front)); /* 5 */
}

/* An exact push makes up for lazy ones before it. */
static void R5_push_after_lazy_ones_settles(void **state)
{
	(void)state;
	*back.my_event = 100;
	put(&front, 3);
	assert_false(xennet_ring_push_lazily(&front));
	*back.my_event = 2;
	put(&front, 1);
	assert_true(xennet_ring_push(&front));
	assert_false(xennet_ring_settle(&front));
}

/* 2^32 messages after the last event, somebody sleeps. */
static void R5_lazy_pushes_without_end_lose_no_event(void **state)
{
	uint32_t i;

	(void)state;
	*back.my_event = 0x70000000; /* of long ago */
	for (i = 0; i < 600; i++) {
		front.cons = front.seen = front.prod;
		front.sure -= 1u << 24; /* as if it had been so many more */
		put(&front, 1);
		assert_false(xennet_ring_push_lazily(&front));
		assert_true(front.pub - front.sure <= (1u << 31));
	}
	*back.my_event = front.pub; /* missed by the last push */
	assert_true(xennet_ring_settle(&front));
}

#define LAYOUT_TEST(f, shape)                                                  \
	{                                                                      \
#f, f, setup, NULL, (void *)&(shape)                           \
	}
#define STAMP_TESTS(f) LAYOUT_TEST(f, stamped_req), LAYOUT_TEST(f, stamped_rsp)
#define LAYOUT_TESTS(f) LAYOUT_TEST(f, split), STAMP_TESTS(f)
#define HEIR_TEST(f) LAYOUT_TEST(f, stamped_rsp)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(R2_slots_of_every_layout_size_and_order),
		TEST(R2_netif_rings_have_the_slots_of_the_table),
		LAYOUT_TESTS(each_index_has_its_own_128_bytes),
		LAYOUT_TESTS(no_slot_is_on_two_lines),
		STAMP_TESTS(stamp_is_the_last_word_and_the_index_plus_one),
		STAMP_TESTS(R4_batch_is_seen_whole_or_not_at_all),
		STAMP_TESTS(R3_stamps_of_earlier_laps_are_not_mistaken),
		STAMP_TESTS(R13_index_that_lags_behind_its_stamps_is_no_error),
		STAMP_TESTS(peek_goes_from_stamps_to_the_index_and_back),
		HEIR_TEST(R15_stamps_ahead_of_a_dead_backends_index_count),
		HEIR_TEST(R15_index_a_whole_ring_and_more_behind_is_taken_up),
		HEIR_TEST(R15_stamps_of_a_batch_without_its_first_are_undone),
		HEIR_TEST(R15_stamps_beyond_what_was_asked_for_do_not_count),
		LAYOUT_TESTS(
			R11_R12_R14_no_stamp_or_index_makes_more_than_there_can_be),
		LAYOUT_TESTS(R5_lazy_push_notifies_past_the_event_index),
		LAYOUT_TESTS(R5_each_event_is_answered_once),
		LAYOUT_TESTS(R5_push_after_lazy_ones_settles),
		LAYOUT_TESTS(R5_lazy_pushes_without_end_lose_no_event),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
