/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Static grants between two processes: listed while packets are on their way,
 * each of which is compared byte by byte. */
#include "link_run.h"

#define ASKING ((XENNET_F_ALL & ~XENNET_F_PERSISTENT) | XENNET_F_STATIC)

static void both_end_well(const struct plan *plan)
{
	pid_t back = start(run_back, plan);

	both_end(back, start(run_front, plan));
}

static struct plan asking(enum xennet_strategy strategy, unsigned queues)
{
	struct plan p = standard;

	p.strategy = strategy;
	p.front_queues = queues;
	p.front_flags = ASKING;
	return p;
}

/* What both rings of a queue have slots for. */
static uint32_t pages(const struct plan *p)
{
	return (128u + 128u) << p->order;
}

static void every_way(enum xennet_strategy strategy, unsigned queues)
{
	struct plan p = asking(strategy, queues);

	for (p.order = 0; p.order <= 2; p.order++) {
		/* many more than are sent before all is listed */
		p.packets = 2000u << p.order;
		p.quota = 0;
		p.statics = pages(&p);
		both_end_well(&p);
		/* fewer than there are pages: the others as ever */
		p.quota = p.statics = 77;
		both_end_well(&p);
	}
}

static void C13_pages_not_listed_are_copied(void **state)
{
	(void)state;
	every_way(XENNET_COPY, 1);
	every_way(XENNET_COPY, 4);
}

static void C13_pages_not_listed_are_mapped(void **state)
{
	(void)state;
	every_way(XENNET_MAP, 1);
	every_way(XENNET_MAP, 4);
}

static void C13_pages_not_listed_go_by_cost(void **state)
{
	(void)state;
	every_way(XENNET_BY_COST, 2);
}

static void S14_each_connection_lists_its_own(void **state)
{
	struct plan p = asking(XENNET_COPY, 1);

	(void)state;
	p.packets = 50;
	p.connects = 20;
	p.statics = pages(&p);
	both_end_well(&p);
}

static void C12_backend_that_keeps_none_is_sent_to_all_the_same(void **state)
{
	struct plan p = asking(XENNET_COPY, 2);

	(void)state;
	p.quota = XENNET_NO_STATICS;
	both_end_well(&p);
	p.back_flags = XENNET_F_ALL & ~XENNET_F_CTRL_RING;
	both_end_well(&p);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(C13_pages_not_listed_are_copied),
		cmocka_unit_test(C13_pages_not_listed_are_mapped),
		cmocka_unit_test(C13_pages_not_listed_go_by_cost),
		cmocka_unit_test(S14_each_connection_lists_its_own),
		cmocka_unit_test(
			C12_backend_that_keeps_none_is_sent_to_all_the_same),
	};

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
