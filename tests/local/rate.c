/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* What comes through by the real clock, while the rate is changed under way. */
#include "pair.h"

#include <pthread.h>
#include <stdatomic.h>
#include <time.h>
#include <xennet/back.h>
#include <xennet/front.h>

static struct xennet_local *back_at, *front_at;
static struct xennet_back back;
static struct xennet_front front;
static atomic_bool stop;
static atomic_ullong bytes;
static atomic_uint idle; /* sleeps of the backend's worker */

static void doze(struct xennet_local *p, uint32_t port, uint32_t usec)
{
	struct pollfd fd = { .fd = xennet_local_evtchn_fd(p, port),
			     .events = POLLIN };
	struct timespec limit = { 0, 10000000 };

	if (usec && usec < 10000)
		limit.tv_nsec = usec * 1000L;
	ppoll(&fd, 1, &limit, NULL);
}

static void *serve(void *unused)
{
	static struct xennet_burst in;
	struct xennet_back_queue *q = &back.queue[0];
	int i, n;

	while (!atomic_load(&stop)) {
		n = xennet_back_poll(q, &in, XENNET_BURST);
		for (i = 0; i < n; i++)
			atomic_fetch_add(&bytes, in.pkt[i].len);
		if (n > 0) {
			xennet_back_done(q, in.pkt, (unsigned)n);
		} else if (xennet_back_arm(q) == 0) {
			atomic_fetch_add(&idle, 1);
			doze(back_at, q->tx.port, q->notify.usec);
			xennet_back_wake(q);
		}
	}
	return unused;
}

static void *send(void *unused)
{
	static unsigned char data[1500];
	static struct xennet_burst in;
	struct xennet_frag frag = { data, sizeof(data) };
	struct xennet_pkt pkt[16] = { 0 };
	struct xennet_front_queue *q = &front.queue[0];
	int i;

	for (i = 0; i < 16; i++) {
		pkt[i].frag = &frag;
		pkt[i].len = sizeof(data);
		pkt[i].nfrags = 1;
	}
	while (!atomic_load(&stop)) {
		i = xennet_front_send(q, pkt, 16);
		i += xennet_front_poll(q, &in, XENNET_BURST);
		if (i == 0 && xennet_front_arm(q) == 0) {
			doze(front_at, q->tx.port, q->notify.usec);
			xennet_front_wake(q);
		}
	}
	return unused;
}

static void follow(void)
{
	drain(back_at);
	drain(front_at);
	assert_true(xennet_back_event(&back) >= 0);
	assert_true(xennet_front_event(&front) >= 0);
}

static void connect_both(void)
{
	static struct xennet_back_config b = {
		.offer = { .flags = XENNET_F_ALL & ~XENNET_F_SPLIT_EVTCHN },
		.tx = XENNET_COPY,
	};
	static struct xennet_front_config f;
	struct xennet_local_guest guest = { .pages = 2048 };
	char path[64];
	int i;

	snprintf(path, sizeof(path), "/tmp/xennet-rate-%d.sock", (int)getpid());
	assert_int_equal(xennet_local_serve(&back_at, path), 0);
	assert_int_equal(xennet_local_join(&front_at, path, &guest), 0);
	b.platform = xennet_local_platform(back_at);
	b.peer = xennet_local_domid(front_at);
	f.platform = xennet_local_platform(front_at);
	f.domid = b.peer;
	assert_int_equal(xennet_back_open(&back, &b), 0);
	assert_int_equal(xennet_front_open(&front, &f), 0);
	for (i = 0; i < 1000 && !front.live; i++) {
		follow();
		usleep(1000);
	}
	assert_true(front.live);
}

static void set_rate(const char *text)
{
	const char *key = at(BACK, xennet_local_domid(front_at), "rate");

	if (text)
		assert_int_equal(write_key(back_at, key, text), 0);
	else
		back.config.platform.ops->store_remove(back_at, 0, key);
	follow();
}

/* A second, or what a busy machine makes of it; a first part does not count. */
static double per_second(void)
{
	struct timespec from, to;
	unsigned long long was;
	double s;

	usleep(200000);
	clock_gettime(CLOCK_MONOTONIC, &from);
	was = atomic_load(&bytes);
	usleep(1000000);
	clock_gettime(CLOCK_MONOTONIC, &to);
	s = (double)(to.tv_sec - from.tv_sec) +
	    (double)(to.tv_nsec - from.tv_nsec) / 1e9;
	return (double)(atomic_load(&bytes) - was) / s;
}

static void S9_rate_is_kept_and_changed_by_the_real_clock(void **state)
{
	static const struct {
		const char *rate;
		double per_second;
	} rates[] = {
		{ "500000,50000", 10e6 },
		{ "50000,1000", 50e6 },
		{ "100000,50000", 2e6 },
		{ "2000000,1000000", 2e6 },
	};
	enum { RATES = sizeof(rates) / sizeof(rates[0]) };
	pthread_t server, sender;
	double got, without;
	unsigned i;

	(void)state;
	connect_both();
	assert_int_equal(pthread_create(&server, NULL, serve, NULL), 0);
	assert_int_equal(pthread_create(&sender, NULL, send, NULL), 0);
	for (i = 0; i < RATES; i++) {
		set_rate(rates[i].rate);
		atomic_store(&idle, 0);
		got = per_second();
		/* a machine that is busy sends less, but never more */
		assert_true(got < rates[i].per_second * 1.2);
		assert_true(got > rates[i].per_second / 10);
		assert_true(atomic_load(&idle) < 30000);
		assert_true(atomic_load(&idle) > 5);
	}
	set_rate(NULL);
	without = per_second();
	assert_true(without > 2.4e6);
	/* over and over, under way */
	for (i = 0; i < 2000; i++)
		set_rate(i % 3 ? rates[i % RATES].rate : NULL);
	atomic_store(&stop, true);
	pthread_join(sender, NULL);
	pthread_join(server, NULL);
	xennet_front_close(&front);
	xennet_back_close(&back);
	xennet_local_leave(front_at);
	xennet_local_leave(back_at);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(S9_rate_is_kept_and_changed_by_the_real_clock),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
