/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Two threads, one ring that starts just before the wrap, many messages each
 * way, in each layout and with either push. Both sleep when there is nothing to do and are woken only by what
 * push says; if a wake-up were lost, both would sleep and the alarm would end
 * the program. Slots are plain memory: ThreadSanitizer sees any that is read
 * while it is written (R4, R9).
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <unistd.h>

#include "test.h"

#include <xennet/wire.h>

#define START 0xfffffff0u
#define PATIENCE 100 /* seconds */

#if defined(__x86_64__) && !defined(__SANITIZE_THREAD__)
#define MESSAGES 1000000u
#else
#define MESSAGES 200000u
#endif

/* An event channel: an event is remembered until it is waited for. */
struct bell {
	pthread_mutex_t lock;
	pthread_cond_t rung;
	bool pending;
	unsigned rings;
};

#define SILENT                                                                 \
	{                                                                      \
		PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, false, 0  \
	}

static struct bell to_back = SILENT, to_front = SILENT;

static void ring_bell(struct bell *b)
{
	pthread_mutex_lock(&b->lock);
	b->pending = true;
	b->rings++;
	pthread_cond_signal(&b->rung);
	pthread_mutex_unlock(&b->lock);
}

static void wait_bell(struct bell *b)
{
	pthread_mutex_lock(&b->lock);
	while (!b->pending)
		pthread_cond_wait(&b->rung, &b->lock);
	b->pending = false;
	pthread_mutex_unlock(&b->lock);
}

static unsigned char memory[XENNET_RING_PAGE]
	__attribute__((aligned(XENNET_RING_PAGE)));
static unsigned front_errors, back_errors;

static const struct run {
	struct xennet_ring_shape shape;
	bool lazy;
} runs[] = {
	{ { 1, xennet_tx_slot_size, XENNET_STANDARD, false }, false },
	{ { 1, xennet_tx_slot_size, XENNET_STANDARD, false }, true },
	{ { 1, xennet_tx_slot_size, XENNET_SPLIT, false }, false },
	{ { 1, xennet_tx_slot_size, XENNET_SPLIT, false }, true },
	{ { 1, xennet_tx_slot_size, XENNET_SEQUENCED, false }, false },
	{ { 1, xennet_tx_slot_size, XENNET_SEQUENCED, false }, true },
	{ { 1, xennet_tx_slot_size, XENNET_SEQUENCED, true }, false },
	{ { 1, xennet_tx_slot_size, XENNET_SEQUENCED, true }, true },
};

static const struct run *run;

static void push(struct xennet_ring *r, struct bell *to)
{
	if (run->lazy ? xennet_ring_push_lazily(r) : xennet_ring_push(r))
		ring_bell(to);
}

/* Before sleeping; what peek returns. */
static int arm(struct xennet_ring *r, struct bell *to)
{
	if (xennet_ring_settle(r))
		ring_bell(to);
	return xennet_ring_arm(r, 1);
}

static void *backend(void *arg)
{
	struct xennet_ring *r = arg;
	struct xennet_tx_req req;
	uint32_t done = 0;
	int n;

	while (done < MESSAGES && !back_errors) {
		n = xennet_ring_peek(r);
		if (n == 0) {
			n = arm(r, &to_front);
			if (n == 0)
				wait_bell(&to_back);
			continue;
		}
		back_errors += n < 0;
		while (n-- > 0) {
			uint32_t index = r->cons;
			struct xennet_tx_rsp rsp = { (uint16_t)index, 0 };

			xennet_tx_get_req(r, &req);
			back_errors +=
				req.gref != ~index || req.id != (uint16_t)index;
			xennet_tx_put_rsp(r, &rsp);
			done++;
			/* in batches of many sizes */
			if ((index & index >> 3 & 7) == 0)
				push(r, &to_front);
		}
		push(r, &to_front);
	}
	if (xennet_ring_settle(r))
		ring_bell(&to_front);
	return NULL;
}

static void put_some(struct xennet_ring *r, uint32_t *sent)
{
	uint32_t room = xennet_ring_free(r);

	while (room-- > 0 && *sent < MESSAGES) {
		struct xennet_tx_req req = { .gref = ~r->prod,
					     .id = (uint16_t)r->prod };

		xennet_tx_put_req(r, &req);
		++*sent;
		if ((req.id & 31) == 7)
			push(r, &to_back);
	}
	push(r, &to_back);
}

static void *frontend(void *arg)
{
	struct xennet_ring *r = arg;
	struct xennet_tx_rsp rsp;
	uint32_t sent = 0, got = 0;
	int n;

	while (got < MESSAGES && !front_errors) {
		put_some(r, &sent);
		n = xennet_ring_peek(r);
		if (n == 0) {
			n = arm(r, &to_back);
			if (n == 0)
				wait_bell(&to_front);
			continue;
		}
		front_errors += n < 0;
		while (n-- > 0) {
			uint32_t index = r->cons;

			xennet_tx_get_rsp(r, &rsp);
			front_errors += rsp.id != (uint16_t)index;
			got++;
		}
	}
	return NULL;
}

static void
R3_R4_R7_V4_two_threads_exchange_without_a_lost_wake_up(void **state)
{
	struct xennet_ring front, back;
	pthread_t f, b;

	run = *state;
	to_back.rings = to_front.rings = 0;
	to_back.pending = to_front.pending = false;
	xennet_ring_format(memory, &run->shape);
	xennet_ring_front(&front, memory, &run->shape);
	*front.my_prod = START;
	*front.my_event = START + 1;
	*(uint32_t *)(uintptr_t)front.peer_prod = START;
	*(uint32_t *)(uintptr_t)front.peer_event = START + 1;
	front.prod = front.pub = front.sure = front.cons = front.seen = START;
	assert_int_equal(xennet_ring_back(&back, memory, &run->shape), 0);
	alarm(PATIENCE);

	assert_int_equal(pthread_create(&b, NULL, backend, &back), 0);
	assert_int_equal(pthread_create(&f, NULL, frontend, &front), 0);
	pthread_join(f, NULL);
	pthread_join(b, NULL);

	alarm(0);
	assert_int_equal(front_errors, 0);
	assert_int_equal(back_errors, 0);
	assert_int_equal(*front.my_prod, START + MESSAGES);
	assert_int_equal(*back.my_prod, START + MESSAGES);
	assert_true(to_back.rings > 0 && to_front.rings > 0);
}

#define RUN(i)                                                                 \
	cmocka_unit_test_prestate(                                             \
		R3_R4_R7_V4_two_threads_exchange_without_a_lost_wake_up,       \
		(void *)&runs[i])

int main(void)
{
	static const struct CMUnitTest tests[] = {
		RUN(0), RUN(1), RUN(2), RUN(3), RUN(4), RUN(5), RUN(6), RUN(7),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
