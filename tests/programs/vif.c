/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* netback's vifs, through restarts and errors that pass. */
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "front_ctrl.h"
#include "link.h"
#include "program.h"
#include "vifs.h"

#define TAP "vif1.3"
#define SKIPPED 77

static struct link l;
static struct netback nb;
static struct vifs all;
static int list_error;

/* The control ring's port tells without end, others never. */
static int kick;
static struct vif *the_vif(void);

static int evtchn_fd(void *p, uint32_t port)
{
	(void)p;
	return port == the_vif()->back.ctrl.port ? kick : -1;
}

/* Each name once for every node below it, which is as good. */
static int list(void *p, const char *path, char *names, size_t cap)
{
	size_t n = strlen(path), len, used = 0;
	struct fake_nodes *store = &l.f.store;
	const char *rest;
	unsigned i;
	int found = 0;

	(void)p;
	for (i = 0; i < store->n && !list_error; i++) {
		rest = store->node[i].path;
		if (strncmp(rest, path, n) != 0 || rest[n] != '/')
			continue;
		len = strcspn(rest += n + 1, "/");
		if (used + len + 1 > cap)
			return -XENNET_ENOSPC;
		snprintf(names + used, cap - used, "%.*s", (int)len, rest);
		used += len + 1;
		found++;
	}
	return found ? found : list_error ? list_error : -XENNET_ENOENT;
}

static const struct xennet_host_ops host_ops = {
	.evtchn_fd = evtchn_fd,
	.list = list,
};

static int shell(const char *command)
{
	return system(command);
}

static bool is_there(const char *tap)
{
	return if_nametoindex(tap) != 0;
}

static const char *back(const char *key)
{
	char path[128];

	snprintf(path, sizeof(path), BACK_DIR "/%s", key);
	return fake_node(&l.f, path);
}

static void netback_starts(void)
{
	memset(&all, 0, sizeof(all));
	vifs_start(&all, &nb);
	vifs_event(&all, nb.dir);
	while (vifs_turns(&all))
		continue;
	vifs_sweep(&all);
}

static struct vif *the_vif(void)
{
	unsigned i;

	for (i = 0; i < VIFS_BUCKETS; i++)
		if (all.bucket[i])
			return all.bucket[i];
	return NULL;
}

static void netback_is_killed(void)
{
	struct vif *v = the_vif();

	vifs_leave(&all);
	if (v)
		tap_leave(&v->crew.tap);
	free(v);
	fake_crash(&l.f, BACK);
}

static void ticks(void)
{
	vifs_tick(&all);
	while (vifs_turns(&all))
		continue;
}

static void follow(void)
{
	bool any;

	do {
		any = fake_changed(&l.f, BACK);
		if (any) {
			vifs_event(&all, nb.dir);
			while (vifs_turns(&all))
				continue;
		}
		if (fake_changed(&l.f, FRONT)) {
			any = true;
			xennet_front_event(&l.front);
		}
	} while (any);
}

static void guest_connects(void)
{
	assert_int_equal(link_open_front(&l), 0);
	follow();
	assert_int_equal(l.front.state, XENNET_STATE_CONNECTED);
}

/* No descriptor is free, but for so many. */
static void descriptors(int n)
{
	struct rlimit r = { 0 };
	int fd = open("/dev/null", O_RDONLY);

	getrlimit(RLIMIT_NOFILE, &r);
	r.rlim_cur = n < 0 ? r.rlim_max : (rlim_t)(fd + n);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &r), 0);
	close(fd);
}

static void a_restart_leaves_the_tap_in_its_bridge(void **state)
{
	unsigned tap;

	(void)state;
	nb.options.bridge = "br0";
	assert_int_equal(shell("ip link add br0 type bridge"), 0);
	netback_starts();
	guest_connects();
	tap = if_nametoindex(TAP);

	netback_is_killed();
	netback_starts();

	assert_int_equal(if_nametoindex(TAP), tap);
	assert_int_equal(shell("ip link show " TAP " | grep -q br0"), 0);
	assert_int_equal(the_vif()->life, VIF_OPEN);
	assert_int_equal(the_vif()->crew.n, 1);
}

static void a_restart_without_its_bridge_waits_for_it(void **state)
{
	(void)state;
	nb.options.bridge = "br0";
	assert_int_equal(shell("ip link add br0 type bridge"), 0);
	netback_starts();
	guest_connects();
	netback_is_killed();
	assert_int_equal(shell("ip link del br0"), 0);

	netback_starts();
	assert_true(is_there(TAP));
	assert_string_equal(back("xennet-tap"), TAP);
	assert_string_equal(back("state"), "4");

	assert_int_equal(shell("ip link add br0 type bridge"), 0);
	ticks();
	assert_int_equal(the_vif()->crew.n, 1);
}

static void a_vif_that_ends_while_it_waits_leaves_no_tap(void **state)
{
	(void)state;
	netback_starts();
	netback_is_killed();
	descriptors(0);
	netback_starts();
	descriptors(-1);
	assert_true(is_there(TAP));

	fake_remove(&l.f, BACK_DIR);
	follow();
	assert_null(the_vif());
	assert_false(is_there(TAP));
}

static void a_restart_short_of_descriptors_tries_again(void **state)
{
	(void)state;
	netback_starts();
	guest_connects();
	netback_is_killed();

	for (int n = 0; n < 3; n++) {
		descriptors(n);
		netback_starts();
		descriptors(-1);
		assert_true(is_there(TAP));
		assert_string_equal(back("xennet-tap"), TAP);
		assert_string_equal(back("state"), "4");
		netback_is_killed();
	}
	descriptors(0);
	netback_starts();
	ticks();
	descriptors(-1);
	ticks();
	assert_int_equal(the_vif()->life, VIF_OPEN);
	assert_int_equal(the_vif()->crew.n, 1);
}

static void a_vif_short_of_descriptors_is_taken_later(void **state)
{
	(void)state;
	descriptors(0);
	netback_starts();
	ticks();
	assert_string_equal(back("state"), "1");
	assert_null(back("xennet-tap"));

	descriptors(-1);
	ticks();
	assert_string_equal(back("state"), "2");
	assert_true(is_there(TAP));
}

static void a_connection_short_of_descriptors_is_served_later(void **state)
{
	(void)state;
	netback_starts();
	descriptors(0);
	guest_connects();
	assert_int_equal(the_vif()->crew.n, 0);
	assert_int_equal(the_vif()->life, VIF_OPEN);
	assert_true(all.restless);

	descriptors(-1);
	ticks();
	assert_int_equal(the_vif()->crew.n, 1);
	assert_int_equal(the_vif()->waits, 0);
}

static void guest_disconnects(void)
{
	xennet_front_close(&l.front);
	follow();
	assert_int_equal(the_vif()->crew.n, 0);
}

static void counters_are_those_of_all_connections(void **state)
{
	(void)state;
	netback_starts();
	guest_connects();
	the_vif()->crew.worker[0].count[WORKER_TAP_OUT] = 7;
	guest_disconnects();
	guest_connects();
	the_vif()->crew.worker[0].count[WORKER_TAP_OUT] = 5;
	guest_disconnects();

	assert_int_equal(the_vif()->crew.nsums, 1);
	assert_int_equal(the_vif()->crew.sum[0].count[WORKER_TAP_OUT], 12);
}

static void a_vif_that_cannot_be_served_is_given_up(void **state)
{
	(void)state;
	assert_int_equal(shell("ip link add " TAP " type bridge"), 0);

	netback_starts();
	assert_string_equal(back("state"), "6");
	assert_string_equal(back("hotplug-status"), "error");
	assert_null(back("xennet-tap"));
	assert_true(is_there(TAP));
	netback_is_killed();

	netback_starts();
	assert_null(the_vif());
}

static void a_tap_in_another_namespace_has_all_its_queues(void **state)
{
	(void)state;
	nb.options.offer.queues = l.s.queues = 4;
	netback_starts();
	assert_int_equal(shell("ip netns add xennet-other && "
			       "ip link set " TAP " netns xennet-other"),
			 0);

	guest_connects();
	assert_int_equal(the_vif()->crew.n, 4);
	assert_false(is_there(TAP));
}

static void a_tap_made_anew_is_set_up_as_a_new_one(void **state)
{
	(void)state;
	nb.options.wait_script = true;
	netback_starts();
	assert_string_equal(back("hotplug-status"), "");
	fake_set(&l.f, BACK_DIR "/hotplug-status", "connected");
	netback_is_killed();

	netback_starts();
	assert_string_equal(back("hotplug-status"), "connected");
	netback_is_killed();

	assert_int_equal(shell("ip link del " TAP), 0);
	netback_starts();
	assert_string_equal(back("hotplug-status"), "");
	assert_true(is_there(TAP));
	assert_int_equal(shell("ip link show " TAP " | grep -q noqueue"), 0);
}

static void a_renamed_tap_is_found_by_the_next(void **state)
{
	(void)state;
	nb.options.wait_script = true;
	netback_starts();
	assert_int_equal(shell("ip link set " TAP " name mail"), 0);
	fake_set(&l.f, BACK_DIR "/hotplug-status", "connected");
	follow();
	netback_is_killed();

	netback_starts();
	assert_true(is_there("mail"));
	assert_false(is_there(TAP));
	assert_string_equal(the_vif()->crew.tap.name, "mail");
}

static void only_taps_whose_vif_is_gone_for_certain_are_swept(void **state)
{
	(void)state;
	netback_starts();
	netback_is_killed();

	list_error = -XENNET_EIO;
	netback_starts();
	assert_true(is_there(TAP));
	assert_null(the_vif());

	list_error = 0;
	memset(&all, 0, sizeof(all));
	vifs_start(&all, &nb);
	vifs_sweep(&all);
	assert_true(is_there(TAP));

	fake_remove(&l.f, BACK_DIR);
	netback_starts();
	assert_false(is_there(TAP));
}

static int prepare(void **state)
{
	const struct link_setting setting = { .strategy = XENNET_COPY };

	(void)state;
	link_prepare(&l, &setting);
	memset(&nb, 0, sizeof(nb));
	nb.options.xen = true;
	nb.options.tap = "vif%d.%d";
	nb.options.strategy = XENNET_COPY;
	nb.options.offer.flags = XENNET_F_ALL;
	nb.options.offer.queues = 1;
	nb.host.ops = &host_ops;
	nb.host.platform = fake_platform(&l.f, BACK);
	nb.host.domid = BACK;
	nb.report = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	nb.ctrl = epoll_create1(EPOLL_CLOEXEC);
	kick = eventfd(1, EFD_CLOEXEC | EFD_NONBLOCK);
	snprintf(nb.dir, sizeof(nb.dir), "/local/domain/0/backend/vif");
	list_error = 0;
	return nb.report < 0 || nb.ctrl < 0 || kick < 0;
}

static int clear(void **state)
{
	(void)state;
	descriptors(-1);
	netback_is_killed();
	shell("for i in br0 " TAP " mail; do ip link del $i; done 2>/dev/null; "
	      "ip netns del xennet-other 2>/dev/null");
	close(nb.report);
	close(nb.ctrl);
	close(kick);
	fake_close(&l.f);
	return 0;
}

/* As much as one can ask for: a pause has time for no other. */
static void ask(void)
{
	xennet_front_ctrl_send(&l.front, XENNET_CTRL_DEL_GREF_MAPPING, 0, 4000,
			       512);
}

static uint64_t served(void)
{
	return the_vif()->back.ctrl.served;
}

/* What waits for its turn is not forgotten. */
static void await(const uint64_t *count, uint64_t to)
{
	unsigned i;

	for (i = 0; i < 1000 && *count < to; i++) {
		assert_true(all.restless);
		usleep(PACE_MS * 1000);
		ticks();
	}
	assert_true(*count >= to);
}

static void
V3_C3_a_guest_that_asks_without_end_is_served_at_a_pace(void **state)
{
	uint64_t before, most;
	int64_t began;
	unsigned i;

	(void)state;
	netback_starts();
	guest_connects();
	began = now_ms();
	for (i = 0; i < 2000; i++) {
		ask();
		vifs_event(&all, nb.dir);
		while (vifs_turns(&all))
			continue;
		xennet_front_event(&l.front);
	}
	most = PACE_BURST + 1 + (uint64_t)(now_ms() - began) / PACE_MS;
	before = served();
	assert_in_range(before, 1, most);
	assert_true(the_vif()->ctrl_waits);
	await(&the_vif()->back.ctrl.served, before + 1);
	assert_int_equal(the_vif()->crew.n, 1);
}

static void V3_others_have_their_turns_between_pauses(void **state)
{
	unsigned i;

	(void)state;
	netback_starts();
	guest_connects();
	for (i = 0; i < XENNET_CTRL_OUT; i++)
		ask();
	vifs_event(&all, nb.dir);
	for (i = 1; i <= XENNET_CTRL_OUT; i++) {
		memset(&the_vif()->pace, 0, sizeof(struct pace));
		assert_true(vifs_turns(&all));
		assert_int_equal(served(), i);
	}
	assert_false(vifs_turns(&all));
}

/* Ours: workers take their events, too. */
static void count_rearms(struct fake *f, enum fake_op op, void *count)
{
	(void)f;
	if (op == FAKE_REARM && gettid() == getpid())
		++*(unsigned *)count;
}

static void V3_C3_kicks_for_nothing_are_looked_at_at_a_pace(void **state)
{
	unsigned i, reads, rearms = 0;
	int64_t began;

	(void)state;
	netback_starts();
	guest_connects();
	reads = l.f.calls[FAKE_READ];
	l.f.before = count_rearms;
	l.f.arg = &rearms;
	began = now_ms();
	for (i = 0; i < 2000; i++) {
		vifs_ctrl(&all);
		assert_false(vifs_turns(&all));
	}
	l.f.before = NULL;
	assert_in_range(rearms, 1,
			PACE_BURST + 1 + (now_ms() - began) / PACE_MS);
	assert_int_equal(l.f.calls[FAKE_READ], reads);

	/* what is asked then is served */
	ask();
	await(&the_vif()->back.ctrl.served, 1);
}

/* Kicks that came too soon are forgotten when the guest is quiet again. */
static void V3_a_vif_that_asks_no_more_waits_for_nothing(void **state)
{
	eventfd_t kicks;
	unsigned i;

	(void)state;
	netback_starts();
	guest_connects();
	for (i = 0; i < 1000 && !the_vif()->ctrl_waits; i++)
		vifs_ctrl(&all);
	assert_true(the_vif()->ctrl_waits);
	eventfd_read(kick, &kicks);
	for (i = 0; i < 20 && all.restless; i++) {
		usleep(PACE_MS * 1000);
		ticks();
	}
	assert_false(all.restless);

	/* nor is its next one missed */
	ask();
	eventfd_write(kick, 1);
	vifs_ctrl(&all);
	assert_true(vifs_turns(&all));
	assert_int_equal(served(), 1);
}

static void V3_what_is_asked_is_served_at_a_kick(void **state)
{
	(void)state;
	netback_starts();
	guest_connects();
	ask();
	vifs_ctrl(&all);
	while (vifs_turns(&all))
		continue;
	assert_int_equal(served(), 1);
}

static void V3_a_vif_that_is_given_up_waits_for_nothing(void **state)
{
	unsigned i;

	(void)state;
	netback_starts();
	guest_connects();
	for (i = 0; i < 1000 && !the_vif()->ctrl_waits; i++)
		vifs_ctrl(&all);
	assert_true(the_vif()->ctrl_waits);
	assert_int_equal(shell("ip link del " TAP), 0);
	for (i = 0; i < 1000 && the_vif()->life != VIF_SHUT; i++) {
		usleep(1000);
		vifs_event(&all, nb.dir);
		vifs_turns(&all);
	}
	assert_int_equal(the_vif()->life, VIF_SHUT);
	ticks();
	assert_false(all.restless);
}

/* The ring that it armed is disarmed, whatever has woken it. */
static void a_worker_that_is_woken_says_so(void **state)
{
	const volatile uint64_t *woken;
	struct worker *w;
	uint64_t before;
	unsigned i, n;

	(void)state;
	netback_starts();
	guest_connects();
	w = &the_vif()->crew.worker[0];
	woken = &w->stats->woken;
	for (n = 0; n < 10; n++) {
		before = *woken;
		worker_look(w);
		for (i = 0; i < 10000 && *woken == before; i++)
			usleep(1000);
		assert_true(*woken > before);
	}
}

#define RESTART(function)                                                      \
	cmocka_unit_test_setup_teardown(function, prepare, clear)

int main(void)
{
	const struct CMUnitTest tests[] = {
		RESTART(a_restart_leaves_the_tap_in_its_bridge),
		RESTART(a_restart_without_its_bridge_waits_for_it),
		RESTART(a_vif_that_ends_while_it_waits_leaves_no_tap),
		RESTART(a_restart_short_of_descriptors_tries_again),
		RESTART(a_vif_short_of_descriptors_is_taken_later),
		RESTART(a_connection_short_of_descriptors_is_served_later),
		RESTART(counters_are_those_of_all_connections),
		RESTART(a_vif_that_cannot_be_served_is_given_up),
		RESTART(a_tap_in_another_namespace_has_all_its_queues),
		RESTART(a_tap_made_anew_is_set_up_as_a_new_one),
		RESTART(a_renamed_tap_is_found_by_the_next),
		RESTART(V3_C3_a_guest_that_asks_without_end_is_served_at_a_pace),
		RESTART(V3_others_have_their_turns_between_pauses),
		RESTART(V3_C3_kicks_for_nothing_are_looked_at_at_a_pace),
		RESTART(V3_a_vif_that_asks_no_more_waits_for_nothing),
		RESTART(V3_what_is_asked_is_served_at_a_kick),
		RESTART(a_worker_that_is_woken_says_so),
		RESTART(V3_a_vif_that_is_given_up_waits_for_nothing),
		RESTART(only_taps_whose_vif_is_gone_for_certain_are_swept),
	};

	program_start("netback");
	/* the kernel shows a namespace's interfaces in a sysfs of its own */
	if (unshare(CLONE_NEWNET | CLONE_NEWNS) ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("sysfs", "/sys", "sysfs", 0, NULL) ||
	    access(TAP_DEVICE, R_OK | W_OK))
		return SKIPPED;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
