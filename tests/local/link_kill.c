/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* One end is killed in the middle of traffic; the other goes on. */
#include <poll.h>
#include "link_run.h"

#define FOREVER 0xffffffffu
#define ASKING ((XENNET_F_ALL & ~XENNET_F_PERSISTENT) | XENNET_F_STATIC)

static void await(int fd, char wanted, int ms)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	char what;

	do {
		assert_int_equal(poll(&p, 1, ms), 1);
		assert_int_equal(read(fd, &what, 1), 1);
	} while (what != wanted);
}

/* One end is killed in the middle of traffic; the other sees it in time, and
 * goes on with the next. */
static void kill_one(void (*victim)(const struct plan *),
		     void (*witness)(const struct plan *),
		     enum xennet_strategy strategy, bool statics)
{
	struct plan p = standard, busy;
	pid_t killed, other;
	int fd[2];

	assert_int_equal(pipe(fd), 0);
	p.strategy = strategy;
	if (statics) {
		p.front_flags = ASKING;
		p.statics = 2 * 128;
	}
	p.front_queues = 2;
	p.packets = 3000;
	p.report = fd[1];
	busy = p;
	busy.packets = FOREVER;
	other = start(witness, &p);
	killed = start(victim, &busy);
	await(fd[0], 'r', STALLED_MS);
	await(fd[0], 'r', STALLED_MS);

	assert_int_equal(kill(killed, SIGKILL), 0);
	await(fd[0], 'd', 1000);

	assert_int_equal(waitpid(killed, NULL, 0), killed);
	both_end(other, start(victim, &p));
	close(fd[0]);
	close(fd[1]);
}

static void killed_frontend_is_seen_within_a_second(void **state)
{
	int s;

	(void)state;
	for (s = XENNET_COPY; s <= XENNET_PERSISTENT; s++)
		kill_one(run_front, run_back, (enum xennet_strategy)s, false);
	kill_one(run_front, run_back, XENNET_COPY, true);
}

static void killed_backend_is_seen_within_a_second(void **state)
{
	int s;

	(void)state;
	for (s = XENNET_COPY; s <= XENNET_PERSISTENT; s++)
		kill_one(run_back, run_front, (enum xennet_strategy)s, false);
	kill_one(run_back, run_front, XENNET_COPY, true);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(killed_frontend_is_seen_within_a_second),
		cmocka_unit_test(killed_backend_is_seen_within_a_second),
	};

	if (argc > 1)
		cmocka_set_test_filter(argv[1]);
	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
