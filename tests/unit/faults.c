/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Connect, exchange, part; and once more with each platform operation failing
 * that this takes, one at a time. Nothing may crash, leak, get stuck or be lost
 * without being counted, and whatever is refused has a reason with a name.
 */
#include "link.h"

#define NO_PERSISTENT (XENNET_F_ALL & ~XENNET_F_PERSISTENT)
#define STATIC (NO_PERSISTENT | XENNET_F_STATIC)
#define NO_SPLIT (XENNET_F_ALL & ~XENNET_F_SPLIT_EVTCHN)

static const struct link_setting settings[] = {
	{ .strategy = XENNET_COPY, .longest = 9000 },
	{ .strategy = XENNET_MAP, .longest = 9000, .back_flags = NO_SPLIT },
	{ .strategy = XENNET_PERSISTENT, .longest = 9000 },
	{ .strategy = XENNET_COPY, .longest = 9000, .queues = 2, .order = 1 },
	{ .strategy = XENNET_MAP, .longest = 9000, .queues = 2 },
	{ .strategy = XENNET_PERSISTENT,
	  .longest = 9000,
	  .queues = 2,
	  .back_flags = NO_SPLIT },
	{ .strategy = XENNET_COPY,
	  .longest = 9000,
	  .front_flags = NO_PERSISTENT },
	{ .strategy = XENNET_MAP,
	  .longest = 9000,
	  .queues = 2,
	  .front_flags = NO_PERSISTENT },
	{ .strategy = XENNET_PERSISTENT, .longest = 9000, .sharing = true },
	{ .strategy = XENNET_COPY, .longest = 9000, .pinning = true },
	{ .strategy = XENNET_COPY,
	  .longest = 9000,
	  .queues = 2,
	  .hash = XENNET_HASH_ALL,
	  .hashed = true },
	{ .strategy = XENNET_BY_COST,
	  .longest = 9000,
	  .back_flags = NO_PERSISTENT },
	{ .strategy = XENNET_COPY, .longest = 9000, .front_flags = STATIC },
	{ .strategy = XENNET_MAP,
	  .longest = 9000,
	  .queues = 2,
	  .front_flags = STATIC,
	  .statics = 200 },
};

/* How each operation can fail; those that cannot are left out. */
static const struct way {
	enum fake_op op;
	int status;
	unsigned times;
} ways[] = {
	{ FAKE_ALLOC, -XENNET_ENOMEM, 1 },
	{ FAKE_ALLOC_PAGES, -XENNET_ENOMEM, 1 },
	{ FAKE_SHARE, -XENNET_ENOMEM, 1 },
	{ FAKE_UNSHARE, -XENNET_EBUSY, 1 },
	{ FAKE_SHARE_NOTIFY, -XENNET_ENOSPC, 1 },
	{ FAKE_GRANT, -XENNET_ENOSPC, 1 },
	{ FAKE_UNGRANT, -XENNET_EBUSY, 1 },
	{ FAKE_UNGRANT, -XENNET_EBUSY, 1000 },
	{ FAKE_MAP_RING, -XENNET_EIO, 1 },
	{ FAKE_MAP, XENNET_GNTST_GENERAL, 1 },
	{ FAKE_MAP, 3, 1 },
	{ FAKE_MAP, XENNET_GNTST_EAGAIN, 5 },
	{ FAKE_UNMAP, XENNET_GNTST_GENERAL, 1 },
	{ FAKE_COPY, XENNET_GNTST_BAD_GREF, 1 },
	{ FAKE_COPY, 3, 1 },
	{ FAKE_COPY, XENNET_GNTST_EAGAIN, 1000 },
	{ FAKE_EVTCHN_ALLOC, -XENNET_ENOSPC, 1 },
	{ FAKE_EVTCHN_BIND, -XENNET_ENOENT, 1 },
	{ FAKE_NOTIFY, -XENNET_EGONE, 1 },
	{ FAKE_READ, -XENNET_EIO, 1 },
	{ FAKE_WRITE, -XENNET_EIO, 1 },
	{ FAKE_REMOVE, -XENNET_EIO, 1 },
	{ FAKE_WATCH, -XENNET_ENOSPC, 1 },
	{ FAKE_TXN_BEGIN, -XENNET_ENOSPC, 1 },
	{ FAKE_TXN_END, -XENNET_EIO, 1 },
	{ FAKE_TXN_END, -XENNET_EAGAIN, 1 },
	{ FAKE_TXN_END, -XENNET_EAGAIN, 10 },
};

static struct link l;

static void assert_named(int err)
{
	if (err >= 0)
		return;
	assert_in_range(-err, 1, XENNET_ERR_COUNT - 1);
	assert_string_not_equal(xennet_err_name(err), "UNKNOWN");
}

static void assert_accounted(unsigned queue)
{
	const struct xennet_stats *front = &l.front.queue[queue].stats;
	const struct xennet_stats *back = &l.back.queue[queue].stats;
	const struct link_flow *tx = &l.flow[queue][LINK_TX];
	const struct link_flow *rx = &l.flow[queue][LINK_RX];
	uint64_t tx_lost = tx->sent - tx->received;
	uint64_t rx_lost = rx->sent - rx->received;

	assert_int_equal(front->tx_packets, tx->sent);
	assert_int_equal(back->tx_packets, tx->received);
	assert_int_equal(front->rx_packets, rx->received);
	/* what the backend refused, the frontend was told of */
	assert_int_equal(front->tx_acked, tx->sent);
	assert_int_equal(link_refused(back),
			 tx_lost + rx->sent - back->rx_packets);
	assert_int_equal(link_refused(front), tx_lost + rx_lost);
}

/* No request id and no buffer is lost: everything can be in flight again. */
static void assert_everything_is_back(unsigned queue)
{
	const struct xennet_front_queue *f = &l.front.queue[queue];
	const struct xennet_back_queue *b = &l.back.queue[queue];

	assert_int_equal(f->tx.nspare, f->tx.ring.size);
	assert_int_equal(b->tx.nspare, b->tx.ring.size);
	assert_int_equal(b->tx.mapped, 0);
	assert_int_equal(xennet_ring_free(&f->tx.ring), f->tx.ring.size);
	assert_int_equal(f->rx.nspare + f->rx.nbusy +
				 (f->rx.ring.prod - f->rx.ring.cons),
			 f->rx.ring.size);
}

static void exchange(unsigned queue)
{
	unsigned round;

	for (round = 0; round < 3; round++) {
		link_run(&l, queue, LINK_TX, 9);
		link_run(&l, queue, LINK_RX, 9);
	}
	assert_int_equal(l.front.queue[queue].broken, 0);
	assert_int_equal(l.back.queue[queue].broken, 0);
	assert_accounted(queue);
	assert_everything_is_back(queue);
}

/* A failed op may cost a connection, but not the next one. */
static void connect(void)
{
	unsigned try;

	while (link_open_back(&l) < 0)
		assert_true(fake_failed(&l.f));
	while (link_open_front(&l) < 0)
		assert_true(fake_failed(&l.f));
	for (try = 0; try < 4; try++) {
		l.f.domain[BACK].changed = l.f.domain[FRONT].changed = true;
		link_follow(&l);
	}
	assert_named(l.back_error);
	assert_named(l.front_error);
	if (l.connected)
		return;
	assert_true(fake_failed(&l.f));
	assert_true(l.back.refused < 0 || l.front.refused < 0 ||
		    l.back_error < 0 || l.front_error < 0);
	xennet_front_close(&l.front);
	link_follow(&l);
	while (link_open_front(&l) < 0)
		;
	link_follow(&l);
	assert_true(l.connected);
}

static void part(enum fake_op op)
{
	xennet_front_close(&l.front);
	link_follow(&l);
	xennet_back_close(&l.back);
	/* what could not be unmapped goes with its domain */
	if (op == FAKE_UNMAP)
		fake_unmap_all(&l.f, BACK);
	fake_check_clean(&l.f);
}

/* False: it took fewer than nth of these operations. */
static bool survive(const struct link_setting *s, const struct way *w,
		    unsigned nth)
{
	bool failed;
	unsigned q;

	link_prepare(&l, s);
	fake_fail_times(&l.f, w->op, nth, w->times, w->status);
	connect();
	for (q = 0; q < l.s.queues; q++)
		exchange(q);
	part(w->op);
	failed = fake_failed(&l.f);
	fake_close(&l.f);
	return failed;
}

/* The first ones all, then fewer and fewer. */
static unsigned after(unsigned nth)
{
	return nth + 1 + nth / 8;
}

static void survive_all(const struct link_setting *s)
{
	unsigned i, nth;

	for (i = 0; i < COUNT(ways); i++)
		for (nth = 1; survive(s, &ways[i], nth); nth = after(nth))
			;
}

static void G2_G4_every_operation_may_fail(void **state)
{
	unsigned i;

	(void)state;
	for (i = 0; i < COUNT(settings); i++)
		survive_all(&settings[i]);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		LINK_TESTS(G2_G4_every_operation_may_fail),
		LINK_TEST_WITH(G2_G4_every_operation_may_fail,
			       link_sequenced_polling),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
