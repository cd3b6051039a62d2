/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* A guest that fills its eventfd, which it made to block. */
#include "pair.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>

#define FULL 0xfffffffffffffffeu

/* What the guest fills as soon as domain 0 has looked there, or -1. */
static atomic_int looked_at = -1;

static void fill(int fd)
{
	uint64_t count = FULL;

	assert_int_equal(write(fd, &count, sizeof(count)), sizeof(count));
}

/* The one that the platform calls. */
int poll(struct pollfd *fds, nfds_t n, int timeout_ms)
{
	const struct timespec timeout = { timeout_ms / 1000,
					  timeout_ms % 1000 * 1000000L };
	int r = ppoll(fds, n, timeout_ms < 0 ? NULL : &timeout, NULL);

	int fd = timeout_ms == 0 ? atomic_exchange(&looked_at, -1) : -1;

	if (fd >= 0)
		fill(fd);
	return r;
}

struct binding {
	struct pair *t;
	pthread_t thread;
	uint32_t remote, port;
	int fd, err; /* the guest's end */
	atomic_bool done;
};

static void *bind_it(void *arg)
{
	struct binding *b = arg;

	b->err = b->t->bops->evtchn_bind(b->t->back, b->t->domid, b->remote,
					 &b->port);
	atomic_store(&b->done, true);
	return NULL;
}

static void blocking_channel(struct binding *b)
{
	struct pair *t = b->t;

	assert_int_equal(t->fops->evtchn_alloc(t->front, 0, &b->remote), 0);
	b->fd = t->front->ports[b->remote].out;
	assert_int_equal(
		fcntl(b->fd, F_SETFL, fcntl(b->fd, F_GETFL) & ~O_NONBLOCK), 0);
}

static void begin(struct binding *b)
{
	assert_int_equal(pthread_create(&b->thread, NULL, bind_it, b), 0);
}

/* On a machine that may be busy. */
static bool done_soon(struct binding *b)
{
	for (int i = 0; i < 5000 && !atomic_load(&b->done); i++)
		usleep(1000);
	return atomic_load(&b->done);
}

/* What is written there no longer blocks. */
static void drain_fd(int fd)
{
	uint64_t count;

	assert_int_equal(read(fd, &count, sizeof(count)), sizeof(count));
}

static void close_both(struct binding *b)
{
	b->t->bops->evtchn_close(b->t->back, b->port);
	b->t->fops->evtchn_close(b->t->front, b->remote);
}

static void a_bind_does_not_write_where_an_event_is_pending(void **state)
{
	struct binding b = { .t = *state };
	bool done;

	blocking_channel(&b);
	fill(b.fd);
	begin(&b);
	done = done_soon(&b);
	if (!done)
		drain_fd(b.fd);
	pthread_join(b.thread, NULL);
	assert_true(done);
	assert_int_equal(b.err, 0);
	assert_int_equal(xennet_local_wait(b.t->back, &b.port, 1, 0), 1);
	close_both(&b);
}

struct reading {
	struct xennet_local *guest;
	atomic_int len;
};

static void *read_it(void *arg)
{
	struct reading *r = arg;
	char value[64];
	unsigned domid = xennet_local_domid(r->guest);

	atomic_store(&r->len,
		     read_key(r->guest, at(FRONT, domid, "mtu"), value));
	return NULL;
}

static void a_bind_that_blocks_stops_no_other_guest(void **state)
{
	struct binding b = { .t = *state };
	struct reading r = { .guest = join(b.t->path) };
	pthread_t reader;
	bool looked, done;
	int len;

	blocking_channel(&b);
	atomic_store(&looked_at, b.fd);
	begin(&b);
	for (int i = 0; i < 5000 && atomic_load(&looked_at) >= 0; i++)
		usleep(1000);
	looked = atomic_exchange(&looked_at, -1) < 0;
	assert_int_equal(pthread_create(&reader, NULL, read_it, &r), 0);
	for (int i = 0; i < 5000 && !atomic_load(&r.len); i++)
		usleep(1000);
	len = atomic_load(&r.len);
	done = atomic_load(&b.done);
	drain_fd(b.fd);
	pthread_join(reader, NULL);
	pthread_join(b.thread, NULL);
	assert_true(looked);
	assert_false(done);
	assert_int_equal(len, 4);
	assert_int_equal(b.err, 0);
	close_both(&b);
	xennet_local_leave(r.guest);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(a_bind_does_not_write_where_an_event_is_pending),
		TEST(a_bind_that_blocks_stops_no_other_guest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
