/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * A frontend that may not trust its backend: whatever page it grants, the
 * backend sees its own packets there, and zeroes.
 */
#include <stdlib.h>

#include "front_queue.h"
#include "link.h"

#define POISON 0xa5
#define AROUND 256u
#define NO_PERSISTENT (XENNET_F_ALL & ~XENNET_F_PERSISTENT)

static struct link l;

static void open(const struct link_setting *s, const char *trusted)
{
	link_prepare(&l, s);
	if (trusted)
		fake_set(&l.f, FRONT_DIR "/trusted", trusted);
	assert_int_equal(link_open_back(&l), 0);
	assert_int_equal(link_open_front(&l), 0);
	link_follow(&l);
	assert_true(l.connected);
}

static void assert_no_poison(void)
{
	unsigned pages = 0, i;
	uint32_t g;

	for (g = 0; g < l.f.domain[FRONT].grant_end; g++) {
		const unsigned char *page = fake_granted(&l.f, FRONT, g);

		if (!page)
			continue;
		/* one alone may be a number in a ring */
		for (i = 0; i + 1 < XENNET_PAGE; i++)
			assert_false(page[i] == POISON &&
				     page[i + 1] == POISON);
		pages++;
	}
	assert_true(pages > 2 * 16);
}

/* Packets of every length out of memory full of other data. */
static void send_all(uint32_t longest)
{
	struct xennet_front_queue *q = &l.front.queue[0];
	unsigned char *memory = malloc(2 * AROUND + longest);
	struct xennet_frag frag[2];
	struct xennet_pkt pkt = { .frag = frag };
	uint32_t len;
	int n;

	assert_non_null(memory);
	for (len = XENNET_ETH_HEADER; len <= longest; len += 1 + len / 97) {
		memset(memory, POISON, 2 * AROUND + longest);
		memset(memory + AROUND, 1, len);
		frag[0].addr = memory + AROUND;
		frag[0].len = len % 3 ? len : len / 2;
		frag[1].addr = memory + AROUND + frag[0].len;
		frag[1].len = len - frag[0].len;
		pkt.nfrags = len % 3 ? 1 : 2;
		pkt.len = len;
		assert_int_equal(xennet_front_send(q, &pkt, 1), 1);
		assert_no_poison();
		n = xennet_back_poll(&l.back.queue[0], &l.in, XENNET_BURST);
		assert_int_equal(n, 1);
		xennet_back_done(&l.back.queue[0], l.in.pkt, 1);
		assert_true(xennet_front_reap(q) >= 0);
	}
	free(memory);
}

static void T13_only_bytes_of_packets_are_visible(void **state)
{
	open(*state, "0");
	assert_false(l.front.trusted);
	send_all(9000);
	link_close(&l);
}

/* Each page that a grant shows, right after connecting. */
static void X12_buffers_are_posted_empty(void **state)
{
	static const unsigned char zeroes[XENNET_PAGE];
	unsigned round, i;

	open(*state, "0");
	for (round = 0; round < 2; round++) {
		const struct xennet_front_queue *q = &l.front.queue[0];

		for (i = 0; i < q->rx.ring.size; i++) {
			assert_memory_equal(q->rx.pool +
						    (size_t)i * XENNET_PAGE,
					    zeroes, XENNET_PAGE);
			assert_memory_equal(q->tx.pool +
						    (size_t)i * XENNET_PAGE,
					    zeroes, XENNET_PAGE);
		}
		/* the same memory again, by another connection */
		link_run(&l, 0, LINK_TX, 40);
		link_run(&l, 0, LINK_RX, 40);
		if (round)
			break;
		xennet_front_close(&l.front);
		memset(l.flow, 0, sizeof(l.flow));
		link_follow(&l);
		assert_int_equal(link_open_front(&l), 0);
		link_follow(&l);
		assert_true(l.connected);
	}
	link_close(&l);
}

static void S15_trusted_is_the_toolstacks_word(void **state)
{
	static const struct {
		const char *value;
		bool trusted;
	} cases[] = { { NULL, true }, { "1", true },
		      { "0", false }, { "yes", false },
		      { "", false },  { "00000000000000000001", false } };
	unsigned i;

	for (i = 0; i < COUNT(cases); i++) {
		open(*state, cases[i].value);
		assert_int_equal(l.front.trusted, cases[i].trusted);
		link_close(&l);
	}
}

static const struct link_setting persistent = { .strategy = XENNET_PERSISTENT };
static const struct link_setting per_packet = { .strategy = XENNET_MAP,
						.front_flags = NO_PERSISTENT };

#define BOTH(f)                                                                \
	cmocka_unit_test_prestate(f, (void *)&persistent),                     \
		cmocka_unit_test_prestate(f, (void *)&per_packet)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		BOTH(T13_only_bytes_of_packets_are_visible),
		BOTH(X12_buffers_are_posted_empty),
		BOTH(S15_trusted_is_the_toolstacks_word),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
