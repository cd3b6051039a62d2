/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Two threads, two rings, a policy each that changes every few thousand
 * messages. Who is told to sleep sleeps until an event comes, or as long as it
 * was told to; were a wake-up lost, both would sleep and the alarm would end
 * the program.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <time.h>
#include <unistd.h>

#include "internal.h"
#include "notify.h"
#include "test.h"

#define PATIENCE 100 /* seconds */
#define MESSAGES 400000u
#define TURN 5000u /* messages from one policy to the next */

struct bell {
	pthread_mutex_t lock;
	pthread_cond_t rung;
	bool pending;
	unsigned rings;
};

/* Port 0 is ours: an event to the other's. */
struct end {
	struct bell bell;
	struct end *other;
	struct xennet_ring tx, rx;
	struct xennet_notifier notify;
	struct xennet_stats stats;
	bool progress;
	unsigned errors, slept, limited;
};

static int notify(void *ctx, uint32_t port)
{
	struct bell *b = &((struct end *)ctx)->other->bell;

	(void)port;
	pthread_mutex_lock(&b->lock);
	b->pending = true;
	b->rings++;
	pthread_cond_signal(&b->rung);
	pthread_mutex_unlock(&b->lock);
	return 0;
}

static int rearm(void *ctx, uint32_t port, bool spurious)
{
	struct bell *b = &((struct end *)ctx)->bell;
	int came;

	(void)port, (void)spurious;
	pthread_mutex_lock(&b->lock);
	came = b->pending;
	b->pending = false;
	pthread_mutex_unlock(&b->lock);
	return came;
}

static uint64_t monotonic(void *ctx)
{
	struct timespec t;

	(void)ctx;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static const struct xennet_ops ops = {
	.evtchn_notify = notify,
	.evtchn_rearm = rearm,
	.clock = monotonic,
};

static void sleep_well(struct end *e)
{
	struct bell *b = &e->bell;
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_nsec += (long)e->notify.usec * 1000;
	until.tv_sec += until.tv_nsec / 1000000000;
	until.tv_nsec %= 1000000000;
	e->slept++;
	e->limited += e->notify.usec > 0;
	pthread_mutex_lock(&b->lock);
	while (!b->pending)
		if (!e->notify.usec)
			pthread_cond_wait(&b->rung, &b->lock);
		else if (pthread_cond_timedwait(&b->rung, &b->lock, &until))
			break;
	pthread_mutex_unlock(&b->lock);
}

static struct end ends[2];

/* Messages to be got on one ring, room on the other. */
static void rest(struct end *e, struct xennet_ring *get,
		 struct xennet_ring *room, bool wanting)
{
	const struct xennet_platform p = { &ops, e };
	struct xennet_awaited a = { get, room, 0, 0, wanting };
	int n;

	xennet_settle(&p, &e->tx, 0, &e->stats);
	xennet_settle(&p, &e->rx, 0, &e->stats);
	if (xennet_ring_known(get))
		return;
	n = xennet_notify_arm(&e->notify, &a, &p, &e->stats);
	e->errors += n < 0;
	if (n)
		return;
	sleep_well(e);
	xennet_notify_wake(&a, &p, &e->progress, &e->stats);
}

static void change(struct end *e, struct xennet_ring *get,
		   struct xennet_ring *room, unsigned *turn, uint32_t done,
		   unsigned step)
{
	const struct xennet_platform p = { &ops, e };
	struct xennet_awaited a = { get, room, 0, 0, false };
	struct xennet_policy policy = { .ahead = 8, .usec = 100 };

	if (done / TURN < *turn)
		return;
	policy.mode = (enum xennet_notify_mode)(*turn * step % 4);
	++*turn;
	xennet_notify_set(&e->notify, &a, &policy, &p);
}

/* Sends requests on tx, and collects answers. */
static void *frontend(void *arg)
{
	struct end *e = arg;
	const struct xennet_platform p = { &ops, e };
	uint32_t sent = 0, got = 0;
	struct xennet_tx_rsp rsp;
	unsigned turn = 0;
	int n;

	while (got < MESSAGES && !e->errors) {
		uint32_t room = xennet_ring_free(&e->tx), i;

		change(e, &e->rx, &e->tx, &turn, got, 1);
		/* bursts of many lengths */
		if (room > 1 + (sent & sent >> 5 & 31))
			room = 1 + (sent & sent >> 5 & 31);
		for (i = 0; i < room && sent < MESSAGES; i++, sent++) {
			struct xennet_tx_req req = { .gref = sent };

			xennet_tx_put_req(&e->tx, &req);
		}
		xennet_publish(&p, &e->tx, 0, &e->stats,
			       xennet_polls(&e->notify));
		n = xennet_ring_peek(&e->tx);
		e->errors += n < 0;
		for (; n > 0; n--, got++) {
			xennet_tx_get_rsp(&e->tx, &rsp);
			e->errors += rsp.id != (uint16_t)got;
		}
		if (got < MESSAGES &&
		    (sent == MESSAGES || !xennet_ring_free(&e->tx)) &&
		    !xennet_ring_known(&e->tx))
			rest(e, &e->rx, &e->tx, true);
	}
	return NULL;
}

static void *backend(void *arg)
{
	struct end *e = arg;
	const struct xennet_platform p = { &ops, e };
	struct xennet_tx_req req;
	unsigned turn = 0;
	uint32_t done = 0;
	int n;

	while (done < MESSAGES && !e->errors) {
		change(e, &e->tx, &e->rx, &turn, done, 3);
		n = xennet_ring_peek(&e->tx);
		e->errors += n < 0;
		if (n == 0)
			rest(e, &e->tx, &e->rx, false);
		for (; n > 0; n--, done++) {
			struct xennet_tx_rsp rsp = { (uint16_t)done, 0 };

			xennet_tx_get_req(&e->tx, &req);
			e->errors += req.gref != done;
			xennet_tx_put_rsp(&e->tx, &rsp);
		}
		xennet_publish(&p, &e->tx, 0, &e->stats,
			       xennet_polls(&e->notify));
	}
	/* the last answers may have gone without a barrier */
	xennet_settle(&p, &e->tx, 0, &e->stats);
	return NULL;
}

static unsigned char memory[2][XENNET_RING_PAGE]
	__attribute__((aligned(XENNET_RING_PAGE)));

static void R7_V4_policies_change_without_a_lost_wake_up(void **state)
{
	const struct xennet_ring_shape tx = xennet_tx_shape(1, XENNET_STANDARD);
	const struct xennet_ring_shape rx = xennet_rx_shape(1, XENNET_STANDARD);
	struct end *f = &ends[0], *b = &ends[1];
	pthread_t thread[2];
	unsigned i;

	(void)state;
	xennet_ring_format(memory[0], &tx);
	xennet_ring_format(memory[1], &rx);
	xennet_ring_front(&f->tx, memory[0], &tx);
	xennet_ring_front(&f->rx, memory[1], &rx);
	assert_int_equal(xennet_ring_back(&b->tx, memory[0], &tx), 0);
	assert_int_equal(xennet_ring_back(&b->rx, memory[1], &rx), 0);
	for (i = 0; i < 2; i++) {
		ends[i].other = &ends[!i];
		pthread_mutex_init(&ends[i].bell.lock, NULL);
		pthread_cond_init(&ends[i].bell.rung, NULL);
	}
	alarm(PATIENCE);

	assert_int_equal(pthread_create(&thread[0], NULL, frontend, f), 0);
	assert_int_equal(pthread_create(&thread[1], NULL, backend, b), 0);
	pthread_join(thread[0], NULL);
	pthread_join(thread[1], NULL);

	alarm(0);
	assert_int_equal(f->errors + b->errors, 0);
	assert_int_equal(f->tx.cons, MESSAGES);
	assert_true(f->slept > 0 && b->slept > 0);
	/* no event that was not asked for */
	assert_true(f->bell.rings <= f->stats.notify_asked + 2);
	assert_true(b->bell.rings <= b->stats.notify_asked + 2);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(R7_V4_policies_change_without_a_lost_wake_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
