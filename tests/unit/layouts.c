/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Which layout two ends agree on, answers in order, and peers that scribble. */
#include "back_rig.h"
#include "front_rig.h"
#include "link.h"

#define SPLIT XENNET_F_SPLIT_RINGS
#define SEQUENCED XENNET_F_SEQUENCED_RINGS
#define NEITHER (XENNET_F_ALL & ~(SPLIT | SEQUENCED))

static struct link l;

static enum xennet_layout layout_of(const struct xennet_ring *r,
				    const void *pages)
{
	size_t head = (size_t)(r->slots - (const unsigned char *)pages);

	if (head == 64)
		return XENNET_STANDARD;
	assert_int_equal(head, 512);
	return r->put_stamps | r->get_stamps ? XENNET_SEQUENCED : XENNET_SPLIT;
}

static void assert_layout(enum xennet_layout layout)
{
	const struct xennet_front_queue *f = &l.front.queue[0];
	const struct xennet_back_queue *b = &l.back.queue[0];

	assert_int_equal(layout_of(&f->tx.ring, f->tx.pages), layout);
	assert_int_equal(layout_of(&f->rx.ring, f->rx.pages), layout);
	assert_int_equal(layout_of(&b->tx.ring, b->tx.pages), layout);
	assert_int_equal(layout_of(&b->rx.ring, b->rx.pages), layout);
}

static void every_pair_of_offers_agrees(void **state)
{
	static const uint32_t offers[] = { 0, SPLIT, SEQUENCED,
					   SPLIT | SEQUENCED };
	static const enum xennet_layout agreed[4][4] = {
		{ XENNET_STANDARD, XENNET_STANDARD, XENNET_STANDARD,
		  XENNET_STANDARD },
		{ XENNET_STANDARD, XENNET_SPLIT, XENNET_STANDARD,
		  XENNET_SPLIT },
		{ XENNET_STANDARD, XENNET_STANDARD, XENNET_SEQUENCED,
		  XENNET_SEQUENCED },
		{ XENNET_STANDARD, XENNET_SPLIT, XENNET_SEQUENCED,
		  XENNET_SEQUENCED },
	};
	unsigned f, b;

	(void)state;
	for (f = 0; f < COUNT(offers); f++)
		for (b = 0; b < COUNT(offers); b++) {
			struct link_setting s = {
				.strategy = XENNET_PERSISTENT,
				.front_flags = NEITHER | offers[f],
				.back_flags = NEITHER | offers[b],
			};

			link_open(&l, &s);
			assert_int_equal(peer_get_uint(&l.f, FRONT_DIR,
						       "xennet-split-rings"),
					 (offers[f] & offers[b] & SPLIT) != 0);
			assert_int_equal(
				peer_get_uint(&l.f, BACK_DIR,
					      "xennet-sequenced-rings"),
				(offers[b] & SEQUENCED) != 0);
			assert_layout(agreed[f][b]);
			link_run(&l, 0, LINK_TX, 300);
			link_run(&l, 0, LINK_RX, 300);
			assert_int_equal(l.flow[0][LINK_TX].received, 300);
			assert_int_equal(l.flow[0][LINK_RX].received, 300);
			link_close(&l);
		}
}

static void old_frontend_gets_standard_rings(void **state)
{
	struct back_rig *r = *state;

	assert_null(fake_node(&r->f, FRONT_DIR "/xennet-split-rings"));
	assert_null(fake_node(&r->f, FRONT_DIR "/xennet-sequenced-rings"));
	assert_int_equal(peer_get_uint(&r->f, BACK_DIR, "xennet-split-rings"),
			 1);
	assert_int_equal(layout_of(&r->q->tx.ring, r->q->tx.pages),
			 XENNET_STANDARD);
	assert_int_equal(layout_of(&r->q->rx.ring, r->q->rx.pages),
			 XENNET_STANDARD);
}

static void old_backend_gets_standard_rings(void **state)
{
	struct front_rig *r = *state;

	assert_null(fake_node(&r->f, BACK_DIR "/xennet-split-rings"));
	assert_int_equal(peer_get_uint(&r->f, FRONT_DIR, "xennet-split-rings"),
			 0);
	assert_int_equal(layout_of(&r->q->tx.ring, r->q->tx.pages),
			 XENNET_STANDARD);
	assert_int_equal(layout_of(&r->q->rx.ring, r->q->rx.pages),
			 XENNET_STANDARD);
}

static uint32_t answered(const struct back_rig *r)
{
	return *r->front.q[0].tx.peer_prod;
}

static uint32_t prefix(const bool *done, uint32_t n)
{
	uint32_t i = 0;

	while (i < n && done[i])
		i++;
	return i;
}

/* Handed back in any order. Small packets may be answered by the poll. */
static void T7_index_passes_what_is_answered_and_nothing_else(void **state)
{
	struct back_rig *r = *state;
	unsigned round, i, j, n, which[32];
	bool done[32], could[32];
	uint32_t seed = 7, base;

	for (round = 0; round < 300; round++) {
		base = answered(r);
		n = 1 + test_below(&seed, 32);
		for (i = 0; i < n; i++) {
			which[i] = i;
			done[i] = false;
			could[i] = test_below(&seed, 2);
			peer_put_req(&r->front, (uint16_t)i, i, 0,
				     could[i] ? 100 : 3000, 0);
		}
		peer_push_tx(&r->front);
		assert_int_equal(back_rig_poll(r), n);
		for (i = n; i > 0; i--) {
			assert_in_range(answered(r) - base, prefix(done, n),
					prefix(could, n));
			j = test_below(&seed, i);
			xennet_back_done(r->q, &r->in.pkt[which[j]], 1);
			done[which[j]] = could[which[j]] = true;
			which[j] = which[i - 1];
		}
		assert_int_equal(answered(r) - base, n);
		assert_int_equal(*xennet_ring_mark(&r->q->tx.ring), 0);
		r->front.q[0].tx.cons = base + n;
	}
}

/* Between two things that the other end does, its ring changes. */
static void scribble(uint32_t *seed, void *pages, const struct xennet_ring *r)
{
	uint32_t *word = pages, i;

	for (i = test_below(seed, 6); i > 0; i--)
		word[test_below(seed, r->size * r->stride / 4)] =
			test_random(seed);
	/* such as could be believed */
	i = r->seen + test_below(seed, 3);
	for (; r->get_stamps && test_below(seed, 6); i++)
		*xennet_ring_stamp(r, i) = i + 1;
	if (test_below(seed, 3))
		*(uint32_t *)(uintptr_t)r->peer_prod =
			r->seen + test_below(seed, 12);
	if (test_below(seed, 4) == 0)
		*(uint32_t *)(uintptr_t)r->peer_event = test_random(seed);
	if (r->slots - (unsigned char *)pages != 64)
		*xennet_ring_mark(r) = r->seen + test_below(seed, 600) - 100;
}

static const struct link_setting settings[] = {
	{ .strategy = XENNET_COPY },
	{ .strategy = XENNET_MAP, .order = 1 },
	{ .strategy = XENNET_PERSISTENT },
	{ .strategy = XENNET_PERSISTENT, .order = 2, .longest = 400 },
	{ .strategy = XENNET_COPY,
	  .front_flags = XENNET_F_ALL & ~XENNET_F_PERSISTENT },
	{ .strategy = XENNET_COPY, .sharing = true },
};

#define LIVES 8u
#define TURNS 100u

enum victim { THE_BACK, THE_FRONT };

static unsigned char data[4][3000];

static unsigned some_packets(uint32_t *seed, struct xennet_frag *frag,
			     struct xennet_pkt *pkt)
{
	unsigned n = 1 + test_below(seed, 4), i;

	memset(pkt, 0, 4 * sizeof(*pkt));
	for (i = 0; i < n; i++) {
		frag[i].addr = data[i];
		frag[i].len = 60 + test_below(seed, 2900);
		pkt[i].frag = &frag[i];
		pkt[i].nfrags = 1;
		pkt[i].len = frag[i].len;
	}
	return n;
}

static void back_turn(uint32_t *seed)
{
	struct xennet_back_queue *q = &l.back.queue[0];
	struct xennet_frag frag[4];
	struct xennet_pkt pkt[4];
	int n;

	scribble(seed, q->tx.pages, &q->tx.ring);
	scribble(seed, q->rx.pages, &q->rx.ring);
	n = xennet_back_poll(q, &l.in, 1 + test_below(seed, XENNET_BURST));
	assert_true(n <= (int)XENNET_BURST);
	/* the last packets stay where they are, until the end */
	if (n > 0)
		xennet_back_done(q, l.in.pkt, (unsigned)n - (n > 40));
	xennet_back_send(q, pkt, some_packets(seed, frag, pkt));
	xennet_back_arm(q);
	/* never further than what was taken, nor back */
	assert_true(q->tx.ring.cons - q->tx.ring.prod <= q->tx.ring.size);
	assert_true(q->tx.nspare <= q->tx.ring.size);
}

static void front_turn(uint32_t *seed)
{
	struct xennet_front_queue *q = &l.front.queue[0];
	struct xennet_frag frag[4];
	struct xennet_pkt pkt[4];
	int n;

	scribble(seed, q->tx.pages, &q->tx.ring);
	scribble(seed, q->rx.pages, &q->rx.ring);
	n = xennet_front_poll(q, &l.in, XENNET_BURST);
	assert_true(n <= (int)XENNET_BURST);
	if (n > 0)
		xennet_front_done(q, l.in.pkt, (unsigned)n);
	xennet_front_send(q, pkt, some_packets(seed, frag, pkt));
	xennet_front_arm(q);
	assert_true(q->stats.tx_acked <= q->stats.tx_packets);
	assert_true(xennet_ring_free(&q->tx.ring) <= q->tx.ring.size);
	assert_true(q->tx.nspare <= q->tx.ring.size);
}

/* What is left of the link after that is closed without a leak. */
static unsigned suffer(const struct link_setting *s, enum victim victim,
		       uint32_t *seed)
{
	const int *broken;
	unsigned i;

	link_open(&l, s);
	broken = victim == THE_BACK ? &l.back.queue[0].broken
				    : &l.front.queue[0].broken;
	link_run(&l, 0, LINK_TX, 100);
	link_run(&l, 0, LINK_RX, 100);
	for (i = 0; i < TURNS && !*broken; i++) {
		l.f.atomic = true;
		(victim == THE_BACK ? back_turn : front_turn)(seed);
		l.f.atomic = false;
	}
	assert_true(!*broken || xennet_err_kind(*broken) == XENNET_KIND_PEER);
	i = *broken != 0;
	link_close(&l);
	return i;
}

static void suffer_all(enum victim victim)
{
	unsigned i, life, broken = 0;
	uint32_t seed = 66;

	for (i = 0; i < COUNT(settings); i++)
		for (life = 0; life < LIVES; life++)
			broken += suffer(&settings[i], victim, &seed);
	assert_true(broken > 0);
}

static void R11_R12_R13_back_bears_a_frontend_that_scribbles(void **state)
{
	(void)state;
	suffer_all(THE_BACK);
}

static void R11_R12_R13_front_bears_a_backend_that_scribbles(void **state)
{
	(void)state;
	suffer_all(THE_FRONT);
}

static const struct back_setting in_order[] = {
	{ .strategy = XENNET_COPY, .layout = XENNET_SEQUENCED },
	{ .strategy = XENNET_MAP, .layout = XENNET_SEQUENCED, .order = 1 },
	{ .strategy = XENNET_PERSISTENT, .layout = XENNET_SEQUENCED },
};

#define IN_ORDER_TEST(f, i) BACK_TEST_WITH(f, in_order[i])
#define IN_ORDER_TESTS(f)                                                      \
	IN_ORDER_TEST(f, 0), IN_ORDER_TEST(f, 1), IN_ORDER_TEST(f, 2)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		LINK_TEST_WITH(every_pair_of_offers_agrees, link_sequenced),
		BACK_TEST(old_frontend_gets_standard_rings),
		FRONT_TEST(old_backend_gets_standard_rings),
		IN_ORDER_TESTS(
			T7_index_passes_what_is_answered_and_nothing_else),
		LINK_TESTS(R11_R12_R13_back_bears_a_frontend_that_scribbles),
		LINK_TESTS(R11_R12_R13_front_bears_a_backend_that_scribbles),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
