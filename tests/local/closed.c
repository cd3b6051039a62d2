/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* A port that its peer closes while both notify as fast as they can. */
#include "pair.h"

#include <pthread.h>
#include <stdatomic.h>

struct storm {
	struct xennet_local *p;
	uint32_t port;
	atomic_bool stop;
	atomic_uint sent;
	atomic_int err;
};

static void *blow(void *arg)
{
	struct storm *s = arg;
	const struct xennet_platform p = xennet_local_platform(s->p);
	int err;

	while (!atomic_load(&s->stop)) {
		err = p.ops->evtchn_notify(p.ctx, s->port);
		if (err && err != -XENNET_EGONE)
			atomic_store(&s->err, err);
		atomic_fetch_add(&s->sent, 1);
	}
	return NULL;
}

/* On a machine that may be busy. */
static void wait_for(struct storm *s, unsigned sent)
{
	unsigned i;

	for (i = 0; i < 100000 && atomic_load(&s->sent) < sent; i++)
		usleep(1000);
	assert_true(atomic_load(&s->sent) >= sent);
}

static bool readable(struct xennet_local *p, uint32_t port)
{
	struct pollfd fd = { .fd = xennet_local_evtchn_fd(p, port),
			     .events = POLLIN };

	return poll(&fd, 1, 0) > 0;
}

/* What came before is taken once; then it is quiet. */
static void assert_quiet(struct xennet_local *p, uint32_t port)
{
	const struct xennet_platform at = xennet_local_platform(p);
	unsigned i, events = 0;

	for (i = 0; i < 1000; i++)
		if (readable(p, port)) {
			at.ops->evtchn_rearm(at.ctx, port, false);
			events++;
		}
	assert_true(events <= 2);
	assert_false(readable(p, port));
}

static void run(struct pair *t, bool back_closes)
{
	struct storm storm = { .p = back_closes ? t->front : t->back };
	uint32_t front, back;
	pthread_t thread;

	assert_int_equal(t->fops->evtchn_alloc(t->front, 0, &front), 0);
	assert_int_equal(t->bops->evtchn_bind(t->back, t->domid, front, &back),
			 0);
	storm.port = back_closes ? front : back;
	assert_int_equal(pthread_create(&thread, NULL, blow, &storm), 0);
	wait_for(&storm, 1000);
	if (back_closes)
		t->bops->evtchn_close(t->back, back);
	else
		t->fops->evtchn_close(t->front, front);
	/* who is not told goes on notifying nobody */
	assert_quiet(storm.p, storm.port);
	wait_for(&storm, atomic_load(&storm.sent) + 1000);
	assert_int_equal(atomic_load(&storm.err), 0);
	atomic_store(&storm.stop, true);
	pthread_join(thread, NULL);
	if (back_closes)
		t->fops->evtchn_close(t->front, front);
	else
		t->bops->evtchn_close(t->back, back);
}

static void V5_closed_under_load_neither_spins_nor_fails(void **state)
{
	struct pair *t = *state;
	unsigned i;

	for (i = 0; i < 20; i++) {
		run(t, true);
		run(t, false);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(V5_closed_under_load_neither_spins_nor_fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
