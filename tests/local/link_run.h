/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* The two processes of a test: what each does, and that both end well. */
#ifndef LINK_RUN_H
#define LINK_RUN_H

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <cmocka.h>
#include "link_end.h"

#define VIFS "/local/domain/0/backend/vif"
#define NOBODY 65534

static char dir[64], path[80];

static void be_nobody(const struct plan *p)
{
	if (p->as_nobody && getuid() == 0)
		must(setgid(NOBODY) == 0 && setuid(NOBODY) == 0);
	/* after setuid nobody may trace us, unless we say so */
	must(prctl(PR_SET_DUMPABLE, !p->undumpable, 0, 0, 0) == 0);
}

/* The domain of the first vif there that is online, waiting for one. */
static uint16_t wait_vif(struct side *s)
{
	struct xennet_platform p = xennet_local_platform(s->local);
	char names[XENNET_LOCAL_VALUE], key[80], value[8], *d;
	int i, n;

	for (;; usleep(2000)) {
		store_events(s);
		n = xennet_local_list(s->local, VIFS, names, sizeof(names));
		for (d = names, i = 0; i < n; i++, d += strlen(d) + 1) {
			snprintf(key, sizeof(key), VIFS "/%.8s/0/online", d);
			if (p.ops->store_read(p.ctx, 0, key, value,
					      sizeof(value)) == 1 &&
			    value[0] == '1')
				return (uint16_t)atoi(d);
		}
	}
}

/* The backend's process: guest after guest, until one ended well. */
static void run_back(const struct plan *plan)
{
	static struct side s = { .is_back = true, .random = 1 };
	struct xennet_back_config c = {
		.tx = plan->strategy,
		.rx = plan->strategy,
		.costs = plan->costs,
		.statics = plan->quota,
		.offer = { plan->back_flags, plan->back_queues, plan->order,
			   0 },
	};
	bool ended_well = false;
	int event;

	be_nobody(plan);
	s.plan = plan;
	must(xennet_local_serve(&s.local, path) == 0);
	xennet_local_copy_by(s.local, plan->copy_by);
	while (!ended_well) {
		s.told = false;
		c.platform = xennet_local_platform(s.local);
		c.peer = wait_vif(&s);
		must(xennet_back_open(&s.back, &c) == 0);
		s.connection = 0;
		for (;;) {
			event = wait_event(&s, XENNET_VIF_CONNECTED);
			if (event == XENNET_VIF_GONE)
				break;
			s.nqueues = s.back.nqueues;
			event = exchange(&s);
			must(event == XENNET_VIF_STOP);
			ended_well = finished(&s);
			if (ended_well)
				check_counters(&s);
			s.connection++;
			xennet_back_disconnect(&s.back);
		}
		xennet_back_close(&s.back);
		nothing_left(&s);
		if (!ended_well)
			report(&s, 'd');
	}
	xennet_local_leave(s.local);
	_exit(0);
}

/* Every memfd of ours, as a guest that wishes harm has it. */
static void try_to_shrink_memory(void)
{
	char link[64], name[128];
	unsigned found = 0;
	ssize_t n;
	int fd;

	for (fd = 3; fd < 64; fd++) {
		snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
		n = readlink(link, name, sizeof(name) - 1);
		if (n < 0)
			continue;
		name[n] = '\0';
		if (!strstr(name, "memfd:"))
			continue;
		found++;
		must(ftruncate(fd, 0) == -1 && errno == EPERM);
		must(ftruncate(fd, 4096) == -1 && errno == EPERM);
	}
	must(found > 0);
}

/* One guest's life. True: it ended well; false: the backend died. */
static bool run_guest(struct side *s)
{
	const struct plan *plan = s->plan;
	struct xennet_front_config c = {
		.offer = { plan->front_flags, plan->front_queues, plan->order,
			   0, plan->headroom },
		.hash.types = plan->hash ? XENNET_HASH_ALL : 0,
	};
	const struct xennet_local_guest guest = { .pages = 65536 };
	uint64_t until = now_ms() + STALLED_MS;
	int event = XENNET_VIF_IDLE;

	while (xennet_local_join(&s->local, path, &guest)) {
		must(now_ms() < until);
		usleep(2000);
	}
	c.platform = xennet_local_platform(s->local);
	c.domid = xennet_local_domid(s->local);
	s->told = false;
	for (s->connection = 0; s->connection < plan->connects;
	     s->connection++) {
		if (plan->connects > 1)
			c.offer.queues = 1 + s->connection % 4;
		must(xennet_front_open(&s->front, &c) == 0);
		event = wait_event(s, XENNET_VIF_CONNECTED);
		must(event == XENNET_VIF_CONNECTED);
		s->nqueues = s->front.nqueues;
		must(plan->connects == 1 || s->nqueues == c.offer.queues);
		if (plan->truncate)
			try_to_shrink_memory();
		event = exchange(s);
		if (event != XENNET_VIF_IDLE)
			break;
		check_counters(s);
		xennet_front_close(&s->front);
		nothing_left(s);
	}
	if (event == XENNET_VIF_IDLE) {
		xennet_local_leave(s->local);
		return true;
	}
	must(event == -XENNET_EGONE || event == XENNET_VIF_STOP ||
	     event == XENNET_VIF_GONE);
	report(s, 'd');
	xennet_front_close(&s->front);
	xennet_local_leave(s->local);
	return false;
}

static void run_front(const struct plan *plan)
{
	static struct side s = { .random = 2 };

	be_nobody(plan);
	s.plan = plan;
	while (!run_guest(&s))
		;
	_exit(0);
}

static pid_t start(void (*run)(const struct plan *), const struct plan *plan)
{
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		signal(SIGABRT, SIG_DFL);
		signal(SIGSEGV, SIG_DFL);
		alarm(plan->seconds ? plan->seconds : 60);
		run(plan);
	}
	return pid;
}

/* The one that ends badly first is at fault; the other is not waited for. */
static void both_end(pid_t a, pid_t b)
{
	int status, failed = 0, left;
	pid_t pid;

	for (left = 2; left > 0; left--) {
		pid = waitpid(0, &status, 0);
		assert_true(pid == a || pid == b);
		if (status == 0 || failed)
			continue;
		failed = status;
		kill(pid == a ? b : a, SIGKILL);
	}
	assert_int_equal(failed, 0);
}

static const struct plan standard = {
	.strategy = XENNET_PERSISTENT,
	.back_queues = 4,
	.front_queues = 1,
	.packets = 150,
	.connects = 1,
};

static int make_dir(void **state)
{
	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/xennet-link.XXXXXX");
	if (!mkdtemp(dir))
		return -1;
	snprintf(path, sizeof(path), "%s/socket", dir);
	return getuid() == 0 ? chown(dir, NOBODY, NOBODY) : 0;
}

static int remove_dir(void **state)
{
	(void)state;
	unlink(path);
	return rmdir(dir);
}

#endif
