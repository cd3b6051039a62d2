/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Both ends of the library in two processes over the local platform, every
 * packet compared byte by byte, in its order on its queue.
 */
#include "link_run.h"

static void both_end_well(const struct plan *plan)
{
	pid_t back = start(run_back, plan);

	both_end(back, start(run_front, plan));
}

static void every_way(enum xennet_strategy strategy, unsigned queues)
{
	struct plan p = standard;

	p.strategy = strategy;
	p.front_queues = queues;
	for (p.order = 0; p.order <= XENNET_RING_ORDER_MAX; p.order++) {
		/* more slots than the ring has */
		p.packets = 150u << p.order;
		p.front_flags = 0;
		both_end_well(&p);
		p.front_flags = XENNET_F_ALL & ~XENNET_F_SPLIT_EVTCHN;
		both_end_well(&p);
	}
}

static void V2_copy_1_queue(void **state)
{
	(void)state;
	every_way(XENNET_COPY, 1);
}

static void V2_copy_2_queues(void **state)
{
	(void)state;
	every_way(XENNET_COPY, 2);
}

static void V2_copy_4_queues(void **state)
{
	(void)state;
	every_way(XENNET_COPY, 4);
}

static void V2_map_1_queue(void **state)
{
	(void)state;
	every_way(XENNET_MAP, 1);
}

static void V2_map_2_queues(void **state)
{
	(void)state;
	every_way(XENNET_MAP, 2);
}

static void V2_map_4_queues(void **state)
{
	(void)state;
	every_way(XENNET_MAP, 4);
}

static void V2_persistent_1_queue(void **state)
{
	(void)state;
	every_way(XENNET_PERSISTENT, 1);
}

static void V2_persistent_2_queues(void **state)
{
	(void)state;
	every_way(XENNET_PERSISTENT, 2);
}

static void V2_persistent_4_queues(void **state)
{
	(void)state;
	every_way(XENNET_PERSISTENT, 4);
}

/* Each page granted for a packet and revoked after it. */
static void G6_pages_are_revoked_after_each_packet(void **state)
{
	struct plan p = standard;

	(void)state;
	p.front_flags = XENNET_F_ALL & ~XENNET_F_PERSISTENT;
	p.packets = 1000;
	for (p.strategy = XENNET_COPY; p.strategy <= XENNET_PERSISTENT;
	     p.strategy++)
		both_end_well(&p);
}

static void S14_reconnects_with_other_queue_counts(void **state)
{
	struct plan p = standard;

	(void)state;
	p.packets = 20;
	p.connects = 20;
	for (p.strategy = XENNET_COPY; p.strategy <= XENNET_PERSISTENT;
	     p.strategy++)
		both_end_well(&p);
}

/* Whether or not one may look into the memory of the other, and where a
 * copy's own system call is forbidden. */
static void unprivileged_processes_exchange_packets(void **state)
{
	struct plan p = standard;
	int how;

	(void)state;
	p.as_nobody = true;
	p.packets = 500;
	for (how = 0; how < 12; how++) {
		p.strategy = (enum xennet_strategy)(how % 3);
		p.undumpable = how / 3 % 2;
		p.copy_by =
			how / 6 ? XENNET_LOCAL_COPY_FILE : XENNET_LOCAL_COPY_VM;
		both_end_well(&p);
	}
}

static void guest_cannot_shrink_its_memory(void **state)
{
	struct plan p = standard;

	(void)state;
	p.truncate = true;
	for (p.strategy = XENNET_COPY; p.strategy <= XENNET_PERSISTENT;
	     p.strategy++)
		both_end_well(&p);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(V2_copy_1_queue),
		cmocka_unit_test(V2_copy_2_queues),
		cmocka_unit_test(V2_copy_4_queues),
		cmocka_unit_test(V2_map_1_queue),
		cmocka_unit_test(V2_map_2_queues),
		cmocka_unit_test(V2_map_4_queues),
		cmocka_unit_test(V2_persistent_1_queue),
		cmocka_unit_test(V2_persistent_2_queues),
		cmocka_unit_test(V2_persistent_4_queues),
		cmocka_unit_test(G6_pages_are_revoked_after_each_packet),
		cmocka_unit_test(S14_reconnects_with_other_queue_counts),
		cmocka_unit_test(unprivileged_processes_exchange_packets),
		cmocka_unit_test(guest_cannot_shrink_its_memory),
	};

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
