/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Packets of random sizes from 14 to 65535, flags, fragments and extras through
 * every strategy and layout of the rings, in two processes over the local
 * platform: each arrives byte by byte as it was sent, in order on its queue.
 *
 * local.million [PACKETS [FILTER]]: so many through each strategy and layout,
 * half in each direction, spread over queues and sizes of rings.
 */
#include "link_run.h"

static uint32_t packets = 20000;

struct shape {
	unsigned queues, order;
	bool one_channel; /* for both rings of a queue */
	bool hash;
	uint32_t headroom;
};

static const struct shape shapes[] = {
	{ 1, 0, false, true, 0 },  { 2, 0, true, false, 256 },
	{ 1, 1, true, false, 0 },  { 3, 2, false, true, 100 },
	{ 1, 3, false, false, 0 }, { 1, XENNET_RING_ORDER_MAX, true, true, 0 },
};

/* By these a slot of half a page or more is mapped. */
static const struct xennet_costs costs = { 100, 4132, 2000, 2000, 100 };
#define SHAPES (sizeof(shapes) / sizeof(shapes[0]))

static double seconds(void)
{
	return (double)now_ms() / 1000;
}

/* All in the packets that a plan sends, made once more. */
struct sum {
	uint64_t packets, bytes, gso, csum, hash, least, most;
};

static void add(struct sum *sum, const struct plan *p, enum way way)
{
	static unsigned char bytes[LONGEST + 8];
	struct xennet_pkt pkt;
	unsigned q;
	uint32_t n;

	for (q = 0; q < p->front_queues; q++)
		for (n = 0; n < p->packets; n++) {
			make(way, p->seed, q, n, bytes, &pkt);
			sum->packets++;
			sum->bytes += pkt.len;
			sum->gso += pkt.gso_type != 0;
			sum->csum += (pkt.flags & XENNET_PKT_CSUM_BLANK) != 0;
			sum->hash += p->hash && pkt.flags & XENNET_PKT_HASH;
			if (pkt.len > sum->most)
				sum->most = pkt.len;
			if (pkt.len < sum->least)
				sum->least = pkt.len;
		}
}

/* What both rings of a queue have slots for. */
static uint32_t pages(const struct plan *p)
{
	enum xennet_layout layout = xennet_agreed_layout(p->front_flags);
	struct xennet_ring_shape tx = xennet_tx_shape(1u << p->order, layout);
	struct xennet_ring_shape rx = xennet_rx_shape(1u << p->order, layout);

	return xennet_ring_slots(&tx) + xennet_ring_slots(&rx);
}

static void everything_arrives(const char *name, enum xennet_strategy strategy,
			       uint32_t without, bool statics)
{
	struct plan p = standard;
	struct sum sum = { .least = LONGEST };
	static unsigned seed;
	double took = 0, begin;
	unsigned i;

	p.strategy = strategy;
	p.costs = costs;
	for (i = 0; i < SHAPES; i++) {
		pid_t back;

		p.front_queues = shapes[i].queues;
		p.order = shapes[i].order;
		p.hash = shapes[i].hash;
		p.headroom = shapes[i].headroom;
		p.front_flags = XENNET_F_ALL & ~without;
		if (shapes[i].one_channel)
			p.front_flags &= ~(uint32_t)XENNET_F_SPLIT_EVTCHN;
		/* what stays granted is mapped once, whatever it costs */
		if (strategy == XENNET_BY_COST ||
		    (strategy != XENNET_PERSISTENT && i % 2))
			p.front_flags &= ~(uint32_t)XENNET_F_PERSISTENT;
		if (statics) {
			p.front_flags &= ~(uint32_t)XENNET_F_PERSISTENT;
			p.front_flags |= XENNET_F_STATIC;
			/* half the time there is room for a few only */
			p.quota = i % 2 ? 77 : 0;
			p.statics = i % 2 ? 77 : pages(&p);
		}
		p.packets = packets / SHAPES / 2 / p.front_queues + 1;
		p.seconds = packets / 500 + 60;
		p.seed = ++seed;
		begin = seconds();
		back = start(run_back, &p);
		both_end(back, start(run_front, &p));
		took += seconds() - begin;
		add(&sum, &p, TO_BACK);
		add(&sum, &p, TO_FRONT);
	}
	printf("%-24s %9llu packets of %llu to %llu bytes, %5.1f GiB, "
	       "%llu gso, %llu csum, %llu hash, %.1f s\n",
	       name, (unsigned long long)sum.packets,
	       (unsigned long long)sum.least, (unsigned long long)sum.most,
	       (double)sum.bytes / (1u << 30), (unsigned long long)sum.gso,
	       (unsigned long long)sum.csum, (unsigned long long)sum.hash,
	       took);
	assert_true(sum.packets >= packets);
}

#define STANDARD (XENNET_F_SPLIT_RINGS | XENNET_F_SEQUENCED_RINGS)
#define SPLIT XENNET_F_SEQUENCED_RINGS
#define SEQUENCED 0

#define EVERYTHING(strategy, layout)                                           \
	static void V2_a_million_##strategy##_##layout(void **state)           \
	{                                                                      \
		(void)state;                                                   \
		everything_arrives(#strategy " " #layout, XENNET_##strategy,   \
				   layout, false);                             \
	}
#define STATICS(layout)                                                        \
	static void V2_a_million_STATIC_##layout(void **state)                 \
	{                                                                      \
		(void)state;                                                   \
		everything_arrives("STATIC " #layout, XENNET_BY_COST, layout,  \
				   true);                                      \
	}
#define EVERY_LAYOUT(strategy)                                                 \
	EVERYTHING(strategy, STANDARD)                                         \
	EVERYTHING(strategy, SPLIT)                                            \
	EVERYTHING(strategy, SEQUENCED)
#define TESTS(strategy)                                                        \
	cmocka_unit_test(V2_a_million_##strategy##_STANDARD),                  \
		cmocka_unit_test(V2_a_million_##strategy##_SPLIT),             \
		cmocka_unit_test(V2_a_million_##strategy##_SEQUENCED)

EVERY_LAYOUT(COPY)
EVERY_LAYOUT(MAP)
EVERY_LAYOUT(PERSISTENT)
EVERY_LAYOUT(BY_COST)
STATICS(STANDARD)
STATICS(SPLIT)
STATICS(SEQUENCED)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = { TESTS(COPY), TESTS(MAP),
					    TESTS(PERSISTENT), TESTS(BY_COST),
					    TESTS(STATIC) };

	if (argc > 1)
		packets = (uint32_t)strtoul(argv[1], NULL, 10);
	if (argc > 2)
		cmocka_set_test_filter(argv[2]);
	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
