/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* What is measured of a platform, and what is made of it. */
#include <xennet/cost.h>

#include "front_queue.h"
#include "link.h"

#define NO_PERSISTENT (XENNET_F_ALL & ~XENNET_F_PERSISTENT)

static struct fake f;
static struct link l;

/* Every call takes its time, that of 32 operations. */
static void take_time(struct fake *fake, enum fake_op op, void *arg)
{
	(void)arg;
	if (op == FAKE_COPY)
		fake->now += 32 * 200;
	if (op == FAKE_MAP)
		fake->now += 32 * 700;
	if (op == FAKE_UNMAP)
		fake->now += 32 * 300;
}

static void measures_what_operations_take(void **state)
{
	struct xennet_platform p;
	struct xennet_costs c;

	(void)state;
	fake_open(&f);
	p = fake_platform(&f, BACK);
	f.before = take_time;
	assert_int_equal(xennet_costs_measure(&p, BACK, &c), 0);
	assert_int_equal(c.copy_few, c.copy_page);
	assert_int_equal(c.map, c.scattered);
	assert_int_equal(c.copy_page, 200);
	assert_int_equal(c.map, 1000);
	assert_null(fake_unclean(&f));
	fake_close(&f);
}

static void without_a_clock_nothing_is_known(void **state)
{
	struct xennet_costs c = { .map = 1 };
	struct xennet_platform p;
	struct xennet_ops ops;

	(void)state;
	fake_open(&f);
	p = fake_platform(&f, BACK);
	/* one that stands still */
	assert_int_equal(xennet_costs_measure(&p, BACK, &c), -XENNET_EINVAL);
	assert_int_equal(c.map | c.copy_page, 0);
	ops = *p.ops;
	ops.clock = NULL;
	p.ops = &ops;
	assert_int_equal(xennet_costs_measure(&p, BACK, &c), -XENNET_EINVAL);
	assert_null(fake_unclean(&f));
	fake_close(&f);
}

static void whatever_fails_is_cleaned_up(void **state)
{
	static const struct {
		enum fake_op op;
		int status;
	} ways[] = { { FAKE_ALLOC, -XENNET_ENOMEM },
		     { FAKE_SHARE, -XENNET_ENOSPC },
		     { FAKE_COPY, XENNET_GNTST_GENERAL },
		     { FAKE_MAP, XENNET_GNTST_GENERAL },
		     { FAKE_UNMAP, XENNET_GNTST_GENERAL } };
	struct xennet_platform p;
	struct xennet_costs c;
	unsigned i, nth;

	(void)state;
	for (i = 0; i < COUNT(ways); i++) {
		for (nth = 1;; nth++) {
			fake_open(&f);
			p = fake_platform(&f, BACK);
			f.before = take_time;
			fake_fail(&f, ways[i].op, nth, ways[i].status);
			if (!xennet_costs_measure(&p, BACK, &c))
				break;
			assert_true(fake_failed(&f));
			assert_int_equal(c.copy_page, 0);
			if (ways[i].op == FAKE_UNMAP)
				fake_unmap_all(&f, BACK);
			assert_null(fake_unclean(&f));
			fake_close(&f);
		}
		assert_false(fake_failed(&f));
		assert_true(nth > 1);
		fake_close(&f);
	}
}

static void breaks_even_where_the_prices_meet(void **state)
{
	/* one nanosecond for each byte, and none for an operation */
	struct xennet_costs c = { .copy_few = XENNET_COST_FEW,
				  .copy_page = XENNET_PAGE };

	(void)state;
	assert_int_equal(xennet_cost_map_from(&c, 1000, 0), 1001);
	assert_int_equal(xennet_cost_map_from(&c, XENNET_PAGE - 1, 0),
			 XENNET_PAGE);
	assert_int_equal(xennet_cost_map_from(&c, XENNET_PAGE, 0),
			 XENNET_COST_NEVER);
	assert_int_equal(xennet_cost_map_from(&c, 0, 0), 1);
	/* half of it is paid either way */
	assert_int_equal(xennet_cost_map_from(&c, 1000, XENNET_PAGE / 2), 2001);
	assert_int_equal(xennet_cost_map_from(&c, 1, XENNET_PAGE),
			 XENNET_COST_NEVER);
	/* a copy's call alone costs more */
	c.copy_few += 500;
	c.copy_page += 500;
	assert_int_equal(xennet_cost_map_from(&c, 400, 0), 0);
	assert_int_equal(xennet_cost_map_from(&c, 600, 0), 101);
	/* as fast for a page as for a few bytes */
	c.copy_few = c.copy_page;
	assert_int_equal(xennet_cost_map_from(&c, c.copy_page, 0),
			 XENNET_COST_NEVER);
	assert_int_equal(xennet_cost_tx(&xennet_costs_usual),
			 XENNET_COST_NEVER);
	assert_int_equal(xennet_cost_rx(&xennet_costs_usual),
			 XENNET_COST_NEVER);
}

static void one_poll_copies_and_maps(void **state)
{
	static const struct link_setting setting = { .strategy = XENNET_BY_COST,
						     .back_flags =
							     NO_PERSISTENT };
	/* in a page, or its copies are more */
	static unsigned char data[4000] __attribute__((aligned(XENNET_PAGE)));
	struct xennet_frag frag[] = { { data, 200 }, { data, 4000 } };
	struct xennet_pkt pkt[] = { { .frag = &frag[0], .len = 200 },
				    { .frag = &frag[1], .len = 4000 } };
	struct xennet_back_queue *q;

	(void)state;
	pkt[0].nfrags = pkt[1].nfrags = 1;
	link_open(&l, &setting);
	q = &l.back.queue[0];
	assert_int_equal(q->tx.strategy, XENNET_BY_COST);
	assert_in_range(q->tx.map_from, 201, 3999 - XENNET_HEAD);
	assert_int_equal(xennet_front_send(&l.front.queue[0], pkt, 2), 2);
	assert_int_equal(xennet_back_poll(q, &l.in, XENNET_BURST), 2);
	assert_int_equal(q->stats.copy_ops, 2); /* one of them a head */
	assert_int_equal(q->stats.map_ops, 1);
	assert_int_equal(q->stats.copy_calls, 1);
	assert_int_equal(q->stats.map_calls, 1);
	assert_false(l.in.pkt[0].flags & XENNET_PKT_SHARED);
	assert_true(l.in.pkt[1].flags & XENNET_PKT_SHARED);
	assert_int_equal(l.in.pkt[0].nfrags, 1);
	assert_int_equal(l.in.pkt[1].nfrags, 2);
	xennet_back_done(q, l.in.pkt, 2);
	assert_int_equal(q->stats.unmap_ops, 1);

	assert_in_range(q->rx.map_from, 201, 3999);
	assert_int_equal(xennet_back_send(q, pkt, 2), 2);
	assert_int_equal(q->stats.copy_ops, 3);
	assert_int_equal(q->stats.map_ops, 2);
	assert_int_equal(q->stats.unmap_ops, 2);
	link_close(&l);
}

static bool within(const void *addr, const void *from, size_t size)
{
	return (uintptr_t)addr - (uintptr_t)from < size;
}

/* Whichever way its bytes come, the guest cannot reach the first of them. */
static void heads_are_private_at_every_size(void **state)
{
	static const struct link_setting setting = { .strategy = XENNET_BY_COST,
						     .back_flags =
							     NO_PERSISTENT };
	static unsigned char data[XENNET_PAGE];
	struct xennet_frag frag = { data, 0 };
	struct xennet_pkt pkt = { .frag = &frag, .nfrags = 1 };
	struct xennet_back_queue *q;

	(void)state;
	link_open(&l, &setting);
	q = &l.back.queue[0];
	for (frag.len = 60; frag.len <= XENNET_PAGE; frag.len++) {
		const struct xennet_pkt *in = &l.in.pkt[0];
		bool shared;

		pkt.len = frag.len;
		xennet_front_reap(&l.front.queue[0]);
		assert_int_equal(xennet_front_send(&l.front.queue[0], &pkt, 1),
				 1);
		assert_int_equal(xennet_back_poll(q, &l.in, 1), 1);
		shared = in->flags & XENNET_PKT_SHARED;
		assert_int_equal(shared, q->tx.mapped);
		assert_true(within(in->frag[0].addr, q->tx.head,
				   q->tx.ring.size * XENNET_HEAD) ||
			    within(in->frag[0].addr, q->tx.page[0],
				   q->tx.ring.size * XENNET_PAGE));
		assert_true(in->frag[0].len >= XENNET_HEAD ||
			    in->frag[0].len == in->len);
		xennet_back_done(q, in, 1);
	}
	link_close(&l);
}

static void persistent_pages_are_never_weighed(void **state)
{
	static const struct link_setting setting = { .strategy =
							     XENNET_BY_COST };

	(void)state;
	link_open(&l, &setting);
	assert_int_equal(l.back.queue[0].tx.strategy, XENNET_PERSISTENT);
	assert_int_equal(l.back.queue[0].rx.strategy, XENNET_PERSISTENT);
	link_close(&l);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(measures_what_operations_take),
		cmocka_unit_test(without_a_clock_nothing_is_known),
		cmocka_unit_test(whatever_fails_is_cleaned_up),
		cmocka_unit_test(breaks_even_where_the_prices_meet),
		cmocka_unit_test(one_poll_copies_and_maps),
		cmocka_unit_test(heads_are_private_at_every_size),
		cmocka_unit_test(persistent_pages_are_never_weighed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
