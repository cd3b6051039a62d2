/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Hashes between both ends of the library, and who is told of them. */
#include <stdlib.h>

#include "frame.h"
#include "link.h"

#define ALL XENNET_HASH_ALL
#define NO_CTRL (XENNET_F_ALL & ~XENNET_F_CTRL_RING)

static struct link l;

static void exchange(void)
{
	unsigned q, round;

	for (q = 0; q < l.s.queues; q++)
		for (round = 0; round < 5; round++) {
			link_run(&l, q, LINK_TX, 60);
			link_run(&l, q, LINK_RX, 60);
		}
	for (q = 0; q < l.s.queues; q++) {
		assert_int_equal(l.flow[q][LINK_TX].received,
				 l.flow[q][LINK_TX].sent);
		assert_int_equal(l.flow[q][LINK_RX].received,
				 l.flow[q][LINK_RX].sent);
		assert_int_equal(link_refused(&l.front.queue[q].stats), 0);
		assert_int_equal(link_refused(&l.back.queue[q].stats), 0);
	}
}

/* Asked for or not, by whom and of whom; link.c knows what then arrives. */
static void E8_hashes_go_where_they_were_agreed_on(void **state)
{
	static const enum xennet_strategy strategies[] = { XENNET_COPY,
							   XENNET_MAP,
							   XENNET_PERSISTENT };
	static const struct link_setting settings[] = {
		{ .hashed = true, .hash = ALL },
		{ .hashed = true, .hash = ALL, .queues = 3, .order = 1 },
		{ .hashed = true, .hash = 1u << XENNET_HASH_IPV4_TCP },
		{ .hashed = true, .hash = 1u << XENNET_HASH_IPV6 },
		{ .hashed = true },
		{ .hashed = true, .hash = ALL, .back_flags = NO_CTRL },
		{ .hashed = true, .hash = ALL, .front_flags = NO_CTRL },
		{ .hash = ALL },
		{ .hashed = true, .hash = ALL, .sharing = true },
	};
	struct link_setting s;
	unsigned i, j;
	bool on;

	(void)state;
	for (i = 0; i < COUNT(settings); i++)
		for (j = 0; j < COUNT(strategies); j++) {
			s = settings[i];
			s.strategy = strategies[j];
			link_open(&l, &s);
			link_follow(&l);
			on = s.hash && !s.back_flags && !s.front_flags;
			assert_int_equal(l.front.hash.state,
					 on	  ? XENNET_HASH_ON
					 : s.hash ? XENNET_HASH_REFUSED
						  : XENNET_HASH_OFF);
			assert_int_equal(l.front.queue[0].tx.hashes, on);
			assert_int_equal(l.back.queue[0].rx.hash_types,
					 on ? s.hash : 0);
			exchange();
			link_close(&l);
		}
}

/* GSO and hash are two slots more than the data. */
static void X4_E8_extras_count_among_the_slots(void **state)
{
	static const struct link_setting s = { .strategy = XENNET_COPY,
					       .hash = ALL };
	static unsigned char bytes[8192];
	struct xennet_frag frag = { bytes, sizeof(bytes) };
	struct xennet_pkt pkt = { .frag = &frag,
				  .len = sizeof(bytes),
				  .nfrags = 1,
				  .gso_type = XENNET_GSO_TCPV4,
				  .gso_size = 1000,
				  .flags = XENNET_PKT_CSUM_BLANK };
	struct xennet_back_queue *q;
	unsigned free;

	(void)state;
	link_open(&l, &s);
	link_follow(&l);
	q = &l.back.queue[0];
	frame_tcp4(bytes, sizeof(bytes));
	xennet_pkt_set_hash(&pkt, XENNET_HASH_IPV4_TCP, 1);
	/* a frontend that polls no more: what it has posted is all there is */
	for (free = 256; free >= 4; free -= 4)
		assert_int_equal(xennet_back_send(q, &pkt, 1), 1);
	assert_int_equal(xennet_back_send(q, &pkt, 1), 0);
	assert_int_equal(free, xennet_ring_known(&q->rx.ring));
	link_close(&l);
}

static void X4_E8_a_packet_waits_for_its_last_extra(void **state)
{
	static const struct link_setting s = { .strategy = XENNET_COPY,
					       .hash = ALL };
	static unsigned char bytes[100];
	struct xennet_frag frag = { bytes, sizeof(bytes) };
	struct xennet_pkt pkt = { .frag = &frag, .len = 100, .nfrags = 1 };
	struct xennet_back_queue *q;
	unsigned i;

	(void)state;
	link_open(&l, &s);
	link_follow(&l);
	q = &l.back.queue[0];
	frame_tcp4(bytes, sizeof(bytes));
	for (i = 0; i < 255; i++)
		assert_int_equal(xennet_back_send(q, &pkt, 1), 1);
	xennet_pkt_set_hash(&pkt, XENNET_HASH_IPV4_TCP, 1);
	/* one buffer is left, and it takes two */
	assert_int_equal(xennet_back_send(q, &pkt, 1), 0);
	pkt.flags = 0;
	assert_int_equal(xennet_back_send(q, &pkt, 1), 1);
	assert_int_equal(link_receive(&l, 0, LINK_TX), 0);
	link_close(&l);
}

/* What a frontend asks for is not acted upon before its workers are paused. */
static void C11_the_hash_is_constant_until_workers_pause(void **state)
{
	static const struct link_setting s = { .strategy = XENNET_COPY,
					       .queues = 4,
					       .hash = ALL };
	struct xennet_hash_config other = { .types = ALL,
					    .key_len = 5,
					    .mapping_size = 5 };
	struct xennet_hash before;
	unsigned i, pauses = 0, changes = 0, types[4];
	int event;

	(void)state;
	link_open(&l, &s);
	link_follow(&l);
	memcpy(other.key, "other", 5);
	assert_int_equal(xennet_front_set_hash(&l.front, &other), 0);
	do {
		before = *l.back.hash;
		for (i = 0; i < 4; i++)
			types[i] = l.back.queue[i].rx.hash_types;
		event = xennet_back_event(&l.back);
		assert_memory_equal(&before, l.back.hash, sizeof(before));
		for (i = 0; i < 4; i++)
			assert_int_equal(l.back.queue[i].rx.hash_types,
					 types[i]);
		if (event != XENNET_VIF_PAUSE)
			break;
		pauses++;
		assert_int_equal(xennet_back_ctrl(&l.back), 1);
		changes += memcmp(&before, l.back.hash, sizeof(before)) != 0;
		assert_int_equal(xennet_front_event(&l.front), XENNET_VIF_IDLE);
	} while (pauses < 100);
	assert_int_equal(l.front.hash.state, XENNET_HASH_ON);
	assert_int_equal(pauses, 7);
	assert_in_range(changes, 2, 6); /* of key and size, at least */
	link_close(&l);
}

/* How many of 1000 flows go to the queue that has the fewest. */
static unsigned fewest(void)
{
	unsigned char bytes[100] = { 0 };
	struct xennet_frag frag = { bytes, sizeof(bytes) };
	unsigned got[4] = { 0 }, least = 1000, i;

	frame_tcp4(bytes, sizeof(bytes));
	for (i = 0; i < 1000; i++) {
		struct xennet_pkt pkt = { .frag = &frag,
					  .len = sizeof(bytes),
					  .nfrags = 1 };

		bytes[34] = (unsigned char)(i >> 8);
		bytes[35] = (unsigned char)i;
		got[xennet_back_select_queue(&l.back, &pkt)]++;
	}
	for (i = 0; i < 4; i++)
		least = got[i] < least ? got[i] : least;
	return least;
}

/* Whatever becomes of a second hash, and all the way there. */
static void C5_C9_no_flow_goes_by_half_of_a_hash(void **state)
{
	static const struct link_setting s = { .strategy = XENNET_COPY,
					       .queues = 4,
					       .hash = ALL };
	struct xennet_hash_config config = { .types = ALL,
					     .key_len = XENNET_HASH_KEY,
					     .mapping_size = 128 };
	unsigned fail, i, answers;

	(void)state;
	for (i = 0; i < XENNET_HASH_MAPPING; i++)
		config.mapping[i] = (uint8_t)i;
	for (i = 0; i < XENNET_HASH_KEY; i++)
		config.key[i] = (uint8_t)(i * i + 77);
	/* the key cannot be fetched, the mapping cannot, all is well */
	for (fail = 1; fail <= 3; fail++) {
		link_open(&l, &s);
		link_follow(&l);
		assert_int_equal(xennet_front_set_hash(&l.front, &config), 0);
		link_follow(&l);
		assert_int_equal(l.front.hash.state, XENNET_HASH_ON);
		config.key[0]++;
		assert_int_equal(xennet_front_set_hash(&l.front, &config), 0);
		/* (one that goes to two pages is two operations) */
		if (fail < 3)
			fake_fail(&l.f, FAKE_COPY, fail, XENNET_GNTST_GENERAL);
		for (answers = 0; answers < 100; answers++) {
			assert_true(fewest() > 100);
			if (xennet_back_event(&l.back) != XENNET_VIF_PAUSE)
				break;
			xennet_back_ctrl(&l.back);
			assert_int_equal(xennet_front_event(&l.front),
					 XENNET_VIF_IDLE);
		}
		assert_in_range(answers, 1, 7);
		assert_int_equal(l.front.hash.state,
				 fail < 3 ? XENNET_HASH_REFUSED
					  : XENNET_HASH_ON);
		fake_fail_nothing(&l.f);
		link_close(&l);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LINK_TESTS(E8_hashes_go_where_they_were_agreed_on),
		LINK_POLLING_TESTS(E8_hashes_go_where_they_were_agreed_on),
		LINK_TEST_WITH(X4_E8_extras_count_among_the_slots,
			       link_standard),
		LINK_TEST_WITH(X4_E8_a_packet_waits_for_its_last_extra,
			       link_standard),
		LINK_TEST_WITH(C11_the_hash_is_constant_until_workers_pause,
			       link_standard),
		LINK_TEST_WITH(C5_C9_no_flow_goes_by_half_of_a_hash,
			       link_standard),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
