/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* One ring and a peer that acts between any two accesses to it. */
#define XENNET_ENV_H "shim_env.h"

#include <pthread.h>

#include "test.h"

#include <xennet/wire.h>

#define RING 256u

static const struct xennet_ring_shape shape = { 1, xennet_tx_slot_size,
						XENNET_STANDARD, false };

static unsigned char memory[XENNET_RING_PAGE]
	__attribute__((aligned(XENNET_RING_PAGE)));
static struct xennet_sring *const page = (void *)memory;
static struct xennet_ring front, back;

static int setup(void **state)
{
	(void)state;
	shim_hook = NULL;
	memset(memory, 0, sizeof(memory));
	xennet_ring_format(memory, &shape);
	xennet_ring_front(&front, memory, &shape);
	return xennet_ring_back(&back, memory, &shape);
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

static void slots_are_whole_when_published(enum shim_access access,
					   const void *where)
{
	struct xennet_tx_req req;
	uint32_t i;

	if (access != SHIM_PUBLISH)
		return;
	assert_ptr_equal(where, &page->req_prod);
	for (i = page->req_prod; i != front.prod; i++) {
		memcpy(&req, memory + 64 + (i % RING) * 12, sizeof(req));
		assert_int_equal(req.gref, i + 1);
		assert_int_equal(req.id, (uint16_t)i);
		published++;
	}
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
	static const enum shim_access right[] = { SHIM_PUBLISH, SHIM_BARRIER,
						  SHIM_LOAD };

	(void)state;
	put_reqs(1);
	naccesses = 0;
	shim_hook = note_order;

	xennet_ring_push(&front);

	assert_int_equal(naccesses, COUNT(right));
	assert_memory_equal(order, right, sizeof(right));
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
#define STEPS 8

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
	*(bool *)notified = xennet_ring_push(&front);
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

static void R7_no_interleaving_loses_a_wake_up(void **state)
{
	unsigned schedule;

	for (schedule = 0; schedule < 1u << STEPS; schedule++) {
		pthread_t p, c;
		bool notified = false;
		int found = -1;

		setup(state);
		page->req_event = 0; /* the consumer is awake */
		turn.schedule = schedule;
		turn.step = 0;
		turn.done[0] = turn.done[1] = false;
		shim_hook = wait_for_turn;
		assert_int_equal(pthread_create(&p, NULL, producer, &notified),
				 0);
		assert_int_equal(pthread_create(&c, NULL, consumer, &found), 0);
		pthread_join(p, NULL);
		pthread_join(c, NULL);
		assert_true(notified || found == 1);
	}
}

static unsigned loads;

static void count_and_move_the_index(enum shim_access access, const void *where)
{
	if (access != SHIM_LOADED || where != &page->req_prod)
		return;
	loads++;
	page->req_prod = loads % 2 ? 0x80000000 : page->req_prod + 1;
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

#define SHIM_TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		SHIM_TEST(R4_slots_are_written_before_they_are_published),
		SHIM_TEST(R5_barrier_stands_between_publishing_and_the_event),
		SHIM_TEST(
			R7_barrier_stands_between_the_event_and_the_last_look),
		SHIM_TEST(R7_no_interleaving_loses_a_wake_up),
		SHIM_TEST(R9_producer_index_is_read_once_per_batch),
		SHIM_TEST(R10_slot_is_copied_once_and_the_copy_is_ours),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
