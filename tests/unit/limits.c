/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* What a queue pair takes at most, and that its peer cannot change that. */
#include <stdlib.h>

#include "back_rig.h"
#include "front_rig.h"
#include "link.h"

#define QUEUE_PAIR (24u * 1024)
#define PER_GRANT 64u
#define NO_PERSISTENT (XENNET_F_ALL & ~XENNET_F_PERSISTENT)

static struct link l;

/* Everything that an end allocated: its queue struct and the queue's tables. */
static size_t allocated(uint16_t domid)
{
	size_t n = 0;
	unsigned i;

	for (i = 0; i < l.f.nallocs; i++)
		if (l.f.alloc[i].owner == domid)
			n += l.f.alloc[i].size;
	return n;
}

static const struct link_setting settings[] = {
	{ .strategy = XENNET_COPY },
	{ .strategy = XENNET_MAP },
	{ .strategy = XENNET_PERSISTENT },
	{ .strategy = XENNET_COPY, .front_flags = NO_PERSISTENT },
	{ .strategy = XENNET_PERSISTENT, .sharing = true },
	{ .strategy = XENNET_COPY,
	  .front_flags = NO_PERSISTENT | XENNET_F_STATIC },
	{ .strategy = XENNET_COPY, .hash = XENNET_HASH_ALL },
};

static void queue_pair_takes_24_KiB_besides_its_packets(void **state)
{
	size_t packets, heads, front_heads, grants;
	unsigned i;

	(void)state;
	for (i = 0; i < COUNT(settings); i++) {
		link_open(&l, &settings[i]);
		heads = l.back.queue[0].tx.ring.size * (size_t)XENNET_HEAD;
		front_heads =
			l.front.queue[0].rx.ring.size * (size_t)XENNET_HEAD;
		packets = heads;
		if (settings[i].hash)
			packets += sizeof(*l.back.hash);
		if (l.back.queue[0].tx.strategy == XENNET_COPY)
			packets += l.back.queue[0].tx.ring.size *
				   (size_t)XENNET_PAGE;
		grants = l.back.queue[0].tx.grants.cap +
			 l.back.queue[0].statics.cap +
			 l.back.queue[0].rx.grants.cap;

		assert_in_range(allocated(BACK),
				packets + sizeof(*l.back.queue),
				packets + QUEUE_PAIR + grants * PER_GRANT);
		assert_in_range(allocated(FRONT),
				front_heads + sizeof(*l.front.queue),
				front_heads + QUEUE_PAIR);

		link_close(&l);
	}
}

static void persistent_grant_takes_64_bytes(void **state)
{
	unsigned n;

	(void)state;
	for (n = XENNET_BATCH; n <= XENNET_PGRANTS_MAX; n++)
		assert_true(XENNET_PGRANTS_SIZE(n) <= (size_t)n * PER_GRANT);
}

static unsigned calls_for_memory(void)
{
	static const enum fake_op ops[] = {
		FAKE_ALLOC, FAKE_FREE,	  FAKE_ALLOC_PAGES, FAKE_FREE_PAGES,
		FAKE_SHARE, FAKE_UNSHARE, FAKE_MAP_RING,    FAKE_UNMAP_RING,
	};
	unsigned i, n = 0;

	for (i = 0; i < COUNT(ops); i++)
		n += l.f.calls[ops[i]];
	return n;
}

static void nothing_is_allocated_or_shared_after_connect(void **state)
{
	unsigned i, round, before;

	(void)state;
	for (i = 0; i < COUNT(settings); i++) {
		link_open(&l, &settings[i]);
		before = calls_for_memory();
		assert_true(before > 0);

		for (round = 0; round < 20; round++) {
			link_run(&l, 0, LINK_TX, 200);
			link_run(&l, 0, LINK_RX, 200);
			/* and with the rings full */
			while (link_send(&l, 0, LINK_TX, 16) > 0)
				;
			while (link_send(&l, 0, LINK_RX, 16) > 0)
				;
		}

		assert_true(l.flow[0][LINK_TX].received > 4000);
		assert_true(l.flow[0][LINK_RX].received > 4000);
		assert_int_equal(calls_for_memory(), before);
		link_close(&l);
	}
}

static const char *const huge[] = { "64", "65", "1048576", "4294967295" };

static void T3_frontends_huge_slot_limit_is_capped(void **state)
{
	static unsigned char bytes[XENNET_SLOTS_MAX * XENNET_PAGE + 1];
	struct xennet_frag frag = { bytes, 0 };
	struct xennet_pkt pkt = { .frag = &frag, .nfrags = 1 };
	unsigned i;

	(void)state;
	for (i = 0; i < COUNT(huge); i++) {
		struct back_rig *r = calloc(1, sizeof(*r));
		struct xennet_rx_rsp rsp;

		back_rig_open(r, &back_copy);
		peer_front_publish(&r->front);
		peer_set(&r->f, FRONT_DIR, "xennet-max-slots", huge[i]);
		peer_front_state(&r->front, XENNET_STATE_CONNECTED);
		assert_int_equal(back_rig_event(r), XENNET_VIF_CONNECTED);
		r->q = &r->back.queue[0];
		assert_int_equal(r->q->rx.slots_max, XENNET_SLOTS_MAX);

		peer_post_many(&r->front, 20);
		pkt.len = frag.len = 5000;
		assert_int_equal(xennet_back_send(r->q, &pkt, 1), 1);
		assert_int_equal(r->q->stats.rx_packets, 1);
		assert_true(peer_take_rx(&r->front, &rsp));
		assert_int_equal(rsp.status, XENNET_PAGE);
		assert_true(peer_take_rx(&r->front, &rsp));
		assert_int_equal(rsp.status, 5000 - XENNET_PAGE);

		pkt.len = frag.len = sizeof(bytes);
		assert_int_equal(xennet_back_send(r->q, &pkt, 1), 1);
		assert_int_equal(r->q->stats.reason[XENNET_EPKT_LONG], 1);

		back_rig_close(r);
	}
}

static void T3_backends_huge_slot_limit_stops_no_packet(void **state)
{
	unsigned i;

	(void)state;
	for (i = 0; i < COUNT(huge); i++) {
		struct front_rig *r = calloc(1, sizeof(*r));

		front_rig_open(r, &front_granting);
		peer_set(&r->f, BACK_DIR, "xennet-max-slots", huge[i]);
		assert_int_equal(front_rig_event(r), XENNET_VIF_IDLE);
		peer_back_connect(&r->back);
		assert_int_equal(front_rig_event(r), XENNET_VIF_CONNECTED);
		r->q = &r->front.queue[0];

		assert_int_equal(front_rig_send(r, 1, XENNET_MAX_TX_SIZE), 1);
		assert_int_equal(front_rig_send(r, 1, XENNET_MAX_TX_SIZE + 1),
				 1);

		assert_int_equal(r->q->stats.tx_packets, 1);
		assert_int_equal(r->q->stats.reason[XENNET_EPKT_LONG], 1);
		front_rig_close(r);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		LINK_TESTS(queue_pair_takes_24_KiB_besides_its_packets),
		TEST(persistent_grant_takes_64_bytes),
		LINK_TESTS(nothing_is_allocated_or_shared_after_connect),
		LINK_POLLING_TESTS(
			nothing_is_allocated_or_shared_after_connect),
		LINK_TESTS(T3_frontends_huge_slot_limit_is_capped),
		LINK_TESTS(T3_backends_huge_slot_limit_stops_no_packet),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
