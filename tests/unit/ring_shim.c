/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* One ring and a peer that acts between any two accesses to it. */
#define XENNET_ENV_H "shim_env.h"

#include <pthread.h>

#include "test.h"

#include <xennet/wire.h>

static const struct xennet_ring_shape standard = { 1, xennet_tx_slot_size,
						   XENNET_STANDARD, false },
				      split = { 1, xennet_tx_slot_size,
						XENNET_SPLIT, false },
				      sequenced = { 1, xennet_tx_slot_size,
						    XENNET_SEQUENCED, false };

static unsigned char memory[XENNET_RING_PAGE]
	__attribute__((aligned(XENNET_RING_PAGE)));
static const struct xennet_ring_shape *shape;
static struct xennet_ring front, back;
static uint32_t *req_prod, *req_event;

static void open_ring(void)
{
	shim_hook = NULL;
	xennet_ring_format(memory, shape);
	xennet_ring_front(&front, memory, shape);
	assert_int_equal(xennet_ring_back(&back, memory, shape), 0);
	req_prod = front.my_prod;
	req_event = back.my_event;
}

static int setup(void **state)
{
	shape = *state;
	open_ring();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	shim_hook = NULL;
	return 0;
}

static void put_reqs(unsigned n)
{
	while (n-- > 0) {
		struct xennet_tx_req req = { .gref = front.prod + 1,
					     .id = (uint16_t)front.prod };

		xennet_tx_put_req(&front, &req);
	}
}

static unsigned published;

/* By their first stamp, or else by the index. */
static void slots_are_whole_when_published(enum shim_access access,
					   const void *where)
{
	const uint32_t *at = front.put_stamps
				     ? xennet_ring_stamp(&front, front.pub)
				     : req_prod;
	struct xennet_tx_req req;
	uint32_t i;

	if (access != SHIM_PUBLISH || (front.put_stamps && where == req_prod))
		return;
	assert_ptr_equal(where, at);
	for (i = front.pub; i != front.prod; i++) {
		memcpy(&req, front.slots + i % front.size * front.stride,
		       sizeof(req));
		assert_int_equal(req.gref, i + 1);
		assert_int_equal(req.id, (uint16_t)i);
		if (front.put_stamps && i != front.pub)
			assert_int_equal(*xennet_ring_stamp(&front, i), i + 1);
		published++;
	}
	assert_int_equal(*req_prod, front.pub);
}

static void R4_slots_are_written_before_they_are_published(void **state)
{
	unsigned batch;

	(void)state;
	published = 0;
	shim_hook = slots_are_whole_when_published;

	for (batch = 1; batch <= 20; batch++) {
		put_reqs(batch);
		xennet_ring_push(&front);
		front.cons = front.seen = front.prod;
	}

	assert_int_equal(published, 210);
}

static enum shim_access order[16];
static unsigned naccesses;

static void note_order(enum shim_access access, const void *where)
{
	(void)where;
	if (naccesses < COUNT(order) && access != SHIM_LOADED &&
	    access != SHIM_COPIED)
		order[naccesses++] = access;
}

static void R5_barrier_stands_between_publishing_and_the_event(void **state)
{
	static const enum shim_access right[] = { SHIM_PUBLISH, SHIM_PUBLISH,
						  SHIM_BARRIER, SHIM_LOAD };
	unsigned first = front.put_stamps ? 0 : 1;

	(void)state;
	put_reqs(1);
	naccesses = 0;
	shim_hook = note_order;

	xennet_ring_push(&front);

	assert_int_equal(naccesses, COUNT(right) - first);
	assert_memory_equal(order, right + first, naccesses * sizeof(right[0]));
}

/* The lazy push has none; settle has the one for all of them. */
static void R5_settle_looks_at_the_event_after_a_barrier(void **state)
{
	static const enum shim_access right[] = { SHIM_PUBLISH, SHIM_PUBLISH,
						  SHIM_LOAD, SHIM_BARRIER,
						  SHIM_LOAD };
	unsigned first = front.put_stamps ? 0 : 1;

	(void)state;
	*req_event = 0;
	put_reqs(1);
	naccesses = 0;
	shim_hook = note_order;

	xennet_ring_push_lazily(&front);
	xennet_ring_settle(&front);

	assert_int_equal(naccesses, COUNT(right) - first);
	assert_memory_equal(order, right + first, naccesses * sizeof(right[0]));
}

static void R7_barrier_stands_between_the_event_and_the_last_look(void **state)
{
	static const enum shim_access right[] = { SHIM_STORE, SHIM_BARRIER,
						  SHIM_LOAD };

	(void)state;
	naccesses = 0;
	shim_hook = note_order;

	xennet_ring_arm(&back, 1);

	assert_int_equal(naccesses, COUNT(right));
	assert_memory_equal(order, right, sizeof(right));
}

/*
 * R7: every interleaving of a producer that pushes once with a consumer that
 * arms. Each is a thread; a step is one access, and the schedule's next bit
 * says whose it is.
 */
#define STEPS 10

static struct {
	pthread_mutex_t lock;
	pthread_cond_t moved;
	unsigned schedule, step;
	bool done[2];
} turn = { .lock = PTHREAD_MUTEX_INITIALIZER,
	   .moved = PTHREAD_COND_INITIALIZER };

static _Thread_local int me = -1;

static int whose_turn(void)
{
	int next = turn.step < STEPS ? turn.schedule >> turn.step & 1 : 0;

	return turn.done[next] ? !next : next;
}

static void wait_for_turn(enum shim_access access, const void *where)
{
	(void)where;
	if (me < 0 || access == SHIM_LOADED || access == SHIM_COPIED)
		return;
	pthread_mutex_lock(&turn.lock);
	while (whose_turn() != me)
		pthread_cond_wait(&turn.moved, &turn.lock);
	turn.step++;
	pthread_cond_broadcast(&turn.moved);
	pthread_mutex_unlock(&turn.lock);
}

static void finish(void)
{
	pthread_mutex_lock(&turn.lock);
	turn.done[me] = true;
	pthread_cond_broadcast(&turn.moved);
	pthread_mutex_unlock(&turn.lock);
}

static void *producer(void *notified)
{
	me = 0;
	put_reqs(1);
	*(int *)notified = xennet_ring_push(&front);
	finish();
	return NULL;
}

static void *lazy_producer(void *notified)
{
	me = 0;
	put_reqs(1);
	*(int *)notified = xennet_ring_push_lazily(&front);
	*(int *)notified += xennet_ring_settle(&front);
	finish();
	return NULL;
}

static void *consumer(void *found)
{
	me = 1;
	*(int *)found = xennet_ring_arm(&back, 1);
	finish();
	return NULL;
}

/* By its stamps if it has any, or by the index alone. */
static void interleave(void *(*produce)(void *), bool single)
{
	unsigned schedule;

	for (schedule = 0; schedule < 1u << STEPS; schedule++) {
		int notified = 0, found = -1;
		pthread_t p, c;

		open_ring();
		back.single = single;
		*req_event = 0; /* the consumer is awake */
		turn.schedule = schedule;
		turn.step = 0;
		turn.done[0] = turn.done[1] = false;
		shim_hook = wait_for_turn;
		assert_int_equal(pthread_create(&p, NULL, produce, &notified),
				 0);
		assert_int_equal(pthread_create(&c, NULL, consumer, &found), 0);
		pthread_join(p, NULL);
		pthread_join(c, NULL);
		shim_hook = NULL;
		assert_true(notified || found == 1);
		assert_in_range(notified, 0, 1);
	}
}

static void R7_no_interleaving_loses_a_wake_up(void **state)
{
	(void)state;
	interleave(producer, false);
	interleave(producer, true);
}

static void R5_R7_none_of_a_lazy_push_and_settle_does(void **state)
{
	(void)state;
	interleave(lazy_producer, false);
	interleave(lazy_producer, true);
}

/*
 * A consumer that acts, all of it, at any access of a lazy producer: it takes
 * what there is and sleeps, until it is notified.
 */
static struct {
	uint32_t seed;
	bool asleep, busy;
	unsigned asked, notified;
} peer;

static void peer_acts(enum shim_access access, const void *where)
{
	(void)access;
	(void)where;
	if (peer.busy || peer.asleep || test_below(&peer.seed, 6))
		return;
	peer.busy = true;
	assert_true(xennet_ring_peek(&back) >= 0);
	back.cons = back.pub = back.prod = back.seen;
	if (test_below(&peer.seed, 2)) {
		peer.asleep = xennet_ring_arm(&back, 1) == 0;
		peer.asked++;
	}
	peer.busy = false;
}

static void notify_peer(bool asked)
{
	peer.notified += asked;
	peer.asleep &= !asked;
}

static void R5_R7_settle_wakes_who_is_asleep_once_and_no_other(void **state)
{
	unsigned i, slept = 0;

	(void)state;
	memset(&peer, 0, sizeof(peer));
	peer.seed = 57;
	shim_hook = peer_acts;
	for (i = 0; i < 100000; i++) {
		unsigned n;

		front.cons = front.seen = back.pub;
		for (n = test_below(&peer.seed, 4); n > 0; n--) {
			put_reqs(1 + test_below(&peer.seed, 3));
			notify_peer(xennet_ring_push_lazily(&front));
		}
		notify_peer(xennet_ring_settle(&front));
		/* whoever sleeps has seen everything */
		slept += peer.asleep;
		if (peer.asleep)
			assert_int_equal(back.seen, front.pub);
		assert_true(peer.notified <= peer.asked + 1);
	}
	shim_hook = NULL;
	assert_true(slept > 1000 && peer.notified > 1000);
}

static unsigned loads;

static void count_and_move_the_index(enum shim_access access, const void *where)
{
	if (access != SHIM_LOADED || where != req_prod)
		return;
	loads++;
	*req_prod = loads % 2 ? 0x80000000 : *req_prod + 1;
}

static void R9_producer_index_is_read_once_per_batch(void **state)
{
	struct xennet_tx_req req;
	int n;

	(void)state;
	put_reqs(10);
	xennet_ring_push(&front);
	loads = 0;
	shim_hook = count_and_move_the_index;

	n = xennet_ring_peek(&back);

	assert_int_equal(n, 10);
	while (n-- > 0)
		xennet_tx_get_req(&back, &req);
	assert_int_equal(xennet_ring_known(&back), 0);
	assert_int_equal(loads, 1);
	assert_true(xennet_ring_peek(&back) < 0);
	assert_int_equal(loads, 2);
}

static unsigned stamp_loads[64];

/* Each stamp is gone once it was seen. */
static void count_and_change_the_stamp(enum shim_access access,
				       const void *where)
{
	size_t at = (size_t)((const unsigned char *)where - front.slots);

	if (access != SHIM_LOADED)
		return;
	assert_int_equal(at % front.stride, front.stride - 4);
	stamp_loads[at / front.stride]++;
	*(uint32_t *)(uintptr_t)where = 0x12345678;
}

static void R9_each_stamp_is_read_once_and_the_index_not_at_all(void **state)
{
	struct xennet_tx_req req;
	unsigned i;

	(void)state;
	put_reqs(20);
	xennet_ring_push(&front);
	back.single = true;
	shim_hook = count_and_change_the_stamp;

	assert_int_equal(xennet_ring_peek(&back), 20);
	for (i = 0; i < 20; i++)
		xennet_tx_get_req(&back, &req);

	shim_hook = NULL;
	for (i = 0; i < 20; i++)
		assert_int_equal(stamp_loads[i], 1);
	assert_int_equal(stamp_loads[20], 1);
	assert_int_equal(stamp_loads[21], 0);
}

static unsigned copies;

static void change_what_was_copied(enum shim_access access, const void *where)
{
	if (access != SHIM_COPIED)
		return;
	copies++;
	memset(memory + ((const unsigned char *)where - memory), 0xff, 12);
}

static void R10_slot_is_copied_once_and_the_copy_is_ours(void **state)
{
	struct xennet_tx_req req;
	unsigned i;

	(void)state;
	put_reqs(10);
	xennet_ring_push(&front);
	xennet_ring_peek(&back);
	copies = 0;
	shim_hook = change_what_was_copied;

	for (i = 0; i < 10; i++) {
		xennet_tx_get_req(&back, &req);
		assert_int_equal(req.gref, i + 1);
		assert_int_equal(req.id, i);
	}

	assert_int_equal(copies, 10);
}

#define SHIM_TEST(f, shape)                                                    \
	{                                                                      \
#f, f, setup, teardown, (void *)&(shape)                       \
	}
#define SHIM_TESTS(f)                                                          \
	SHIM_TEST(f, standard), SHIM_TEST(f, split), SHIM_TEST(f, sequenced)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		SHIM_TESTS(R4_slots_are_written_before_they_are_published),
		SHIM_TESTS(R5_barrier_stands_between_publishing_and_the_event),
		SHIM_TESTS(R5_settle_looks_at_the_event_after_a_barrier),
		SHIM_TESTS(
			R7_barrier_stands_between_the_event_and_the_last_look),
		SHIM_TESTS(R7_no_interleaving_loses_a_wake_up),
		SHIM_TESTS(R5_R7_none_of_a_lazy_push_and_settle_does),
		SHIM_TESTS(R5_R7_settle_wakes_who_is_asleep_once_and_no_other),
		SHIM_TESTS(R9_producer_index_is_read_once_per_batch),
		SHIM_TEST(R9_each_stamp_is_read_once_and_the_index_not_at_all,
			  sequenced),
		SHIM_TESTS(R10_slot_is_copied_once_and_the_copy_is_ours),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
