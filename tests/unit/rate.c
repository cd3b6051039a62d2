/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* What a guest may send, by the toolstack's key `rate`; by a fake clock. */
#include <stdlib.h>

#include "back_rig.h"
#include "peer_ctrl.h"

#define SECOND 1000000000ull

/* Bytes; with them a run has no limit, or one that nobody would notice. */
#define ENOUGH (1ull << 26)

static void connect(struct back_rig *r)
{
	peer_front_state(&r->front, XENNET_STATE_CONNECTED);
	assert_int_equal(back_rig_event(r), XENNET_VIF_CONNECTED);
	r->q = &r->back.queue[0];
	r->f.atomic = true;
	r->f.now = 12345678901234;
}

static struct back_rig *new_rig(const struct back_setting *s, const char *rate)
{
	struct back_rig *r = calloc(1, sizeof(*r));

	back_rig_open(r, s);
	peer_set(&r->f, BACK_DIR, "rate", rate);
	peer_front_publish(&r->front);
	connect(r);
	return r;
}

static void set_rate(struct back_rig *r, const char *rate)
{
	r->f.domain[BACK].changed = false;
	peer_set(&r->f, BACK_DIR, "rate", rate);
	assert_true(r->f.domain[BACK].changed);
	assert_int_equal(back_rig_event(r), XENNET_VIF_IDLE);
}

/* The guest always has more to send. */
static void refill(struct back_rig *r, unsigned size)
{
	peer_take_answers(&r->front, &r->answers);
	while (xennet_ring_free(&r->front.q[0].tx) > 0)
		peer_put_req(&r->front, 1, 0, 0, (uint16_t)size, 0);
	peer_push_tx(&r->front);
}

struct run {
	uint64_t bytes;
	unsigned polls, sleeps;
	int64_t owed; /* sixteenths of bytes, at most */
};

/* What comes through in so many nanoseconds, if each burst takes no time. */
static struct run run(struct back_rig *r, unsigned size, uint64_t ns)
{
	struct run run = { 0 };
	uint64_t end = r->f.now + ns;
	int n, i;

	while (r->f.now < end) {
		refill(r, size);
		run.polls++;
		n = back_rig_poll(r);
		assert_true(n >= 0);
		for (i = 0; i < n; i++)
			run.bytes += r->in.pkt[i].len;
		xennet_back_done(r->q, r->in.pkt, (unsigned)n);
		/* nothing but the clock can end a run without a limit */
		if (n > 0 && run.bytes > ENOUGH && !r->back.rate.slice)
			break;
		if (n > 0)
			continue;
		assert_int_equal(xennet_back_arm(r->q), 0);
		assert_in_range(r->q->notify.usec, 1, 100000);
		if (run.owed < -r->q->tx.credit.left)
			run.owed = -r->q->tx.credit.left;
		r->f.now += r->q->notify.usec * 1000ull;
		run.sleeps++;
		xennet_back_wake(r->q);
	}
	return run;
}

static const struct {
	const char *rate;
	uint64_t per_second;
} limits[] = {
	{ "625000,50000", 12500000 }, /* 100 Mbit/s, as libxl writes it */
	{ "6250000,50000", 125000000 },
	{ "6250,50000", 125000 },
	{ "125000,10000", 12500000 },
	{ "12500,1000", 12500000 },
	{ "1250,100", 12500000 },
	{ "13,1", 13000000 },
	{ "1250000,1000000", 1250000 },
	{ "100,50000", 2000 }, /* less than a packet per period */
	{ "1,1000", 1000 },
};

static void guest_gets_what_the_rate_says(void **state)
{
	static const unsigned sizes[] = { 60, 1500, 4096 };
	unsigned i, s;

	(void)state;
	for (i = 0; i < COUNT(limits); i++)
		for (s = 0; s < COUNT(sizes); s++) {
			struct back_rig *r =
				new_rig(&back_copy, limits[i].rate);
			/* so many periods, and so many packets */
			uint64_t period = (uint64_t)atoi(limits[i].rate);
			uint64_t want = 4 * period > 1000 * sizes[s]
						? 4 * period
						: 1000 * sizes[s];
			/* the end cuts off a part of a period */
			uint64_t slack = period / 16 + 2 * sizes[s] + 1000;
			struct run got =
				run(r, sizes[s],
				    want * SECOND / limits[i].per_second);

			assert_in_range(got.bytes, want - want / 500 - slack,
					want + want / 500 + slack);
			assert_true(got.owed < 16ll * sizes[s]);
			back_rig_close(r);
		}
}

/* As many to a poll as the credit of a sixteenth of the period pays for. */
static void a_rate_leaves_bursts_as_they_are(void **state)
{
	static const unsigned sizes[] = { 60, 200, 1500 };
	struct back_rig *r = new_rig(*state, "625000,50000");
	uint64_t slice = 625000 / 16;
	unsigned s;

	for (s = 0; s < COUNT(sizes); s++) {
		struct run got = run(r, sizes[s], SECOND);
		uint64_t each = got.bytes / sizes[s] / (got.polls - got.sleeps);

		assert_in_range(each, 16, XENNET_BURST);
		assert_true(each + 16 >= slice / sizes[s] || each >= 40);
	}
	back_rig_close(r);
}

/* Nor do long packets among short ones ever get more on credit. */
static void one_packet_is_owed_at_most(void **state)
{
	struct back_rig *r = new_rig(*state, "625000,50000");
	uint32_t seed = 7;
	unsigned i, k;
	int n;

	for (i = 0; i < 20000; i++) {
		peer_take_answers(&r->front, &r->answers);
		while (xennet_ring_free(&r->front.q[0].tx) > 16) {
			unsigned slots = test_below(&seed, 3)
						 ? 1
						 : 2 + test_below(&seed, 14);

			peer_put_req(&r->front, 1, 0, 0,
				     (uint16_t)(slots * 4000),
				     slots > 1 ? XENNET_TXF_MORE_DATA : 0);
			for (k = 1; k < slots; k++)
				peer_put_req(&r->front, 1, 0, 0, 4000,
					     k + 1 < slots
						     ? XENNET_TXF_MORE_DATA
						     : 0);
		}
		peer_push_tx(&r->front);
		n = back_rig_poll(r);
		assert_true(n >= 0);
		xennet_back_done(r->q, r->in.pkt, (unsigned)n);
		if (n > 0)
			continue;
		assert_int_equal(xennet_back_arm(r->q), 0);
		assert_true(r->q->tx.credit.left > -16ll * 60000);
		r->f.now += r->q->notify.usec * 1000ull;
		xennet_back_wake(r->q);
	}
	assert_true(r->q->stats.tx_packets > 10000);
	back_rig_close(r);
}

/* As long as it is quiet it saves up one period's worth, and no more. */
static void saved_credit_is_that_of_one_period(void **state)
{
	struct back_rig *r = new_rig(&back_copy, "600000,50000");
	struct run got;

	(void)state;
	run(r, 1500, SECOND);
	r->f.now += 100 * SECOND;
	got = run(r, 1500, 1);
	assert_in_range(got.bytes, 590000, 600000 + 1500);
	back_rig_close(r);
}

static void S1_no_rate_or_no_sense_is_no_limit(void **state)
{
	static const char *const values[] = {
		NULL,
		"",
		"0",
		"1",
		",",
		"1000,",
		",50000",
		"1000,0",
		"1000;50000",
		"1000,50000,1",
		"-1,50000",
		"1000, 50000",
		" 1000,50000",
		"1000,50000\n",
		"x,y",
		"%n%s,%n",
		"4294967296,1000",
		"1000,4294967296",
		"0x10,0x10",
		"99999999999999999999,1000",
	};
	unsigned i;

	(void)state;
	for (i = 0; i < COUNT(values); i++) {
		struct back_rig *r = new_rig(&back_copy, values[i]);

		assert_true(run(r, 4096, SECOND).bytes > ENOUGH);
		/* and the other way round: it ends one */
		set_rate(r, "625000,50000");
		assert_true(run(r, 1500, SECOND).bytes < 14000000);
		set_rate(r, values[i]);
		assert_true(run(r, 4096, SECOND).bytes > ENOUGH);
		back_rig_close(r);
	}
}

static void S1_rate_of_nothing_lets_nothing_through(void **state)
{
	struct back_rig *r = new_rig(&back_copy, "0,50000");

	(void)state;
	assert_int_equal(run(r, 60, 10 * SECOND).bytes, 0);
	set_rate(r, NULL);
	assert_true(run(r, 4096, SECOND).bytes > ENOUGH);
	back_rig_close(r);
}

static void S9_rate_may_change_at_any_time(void **state)
{
	struct back_rig *r = new_rig(&back_copy, "625000,50000");
	uint64_t bytes;
	unsigned i;

	(void)state;
	for (i = 0; i < 5; i++) {
		bytes = run(r, 1500, SECOND).bytes;
		assert_in_range(bytes, 12400000, 12600000);
		set_rate(r, "6250000,50000");
		bytes = run(r, 1500, SECOND).bytes;
		assert_in_range(bytes, 124000000, 126000000);
		set_rate(r, "6250,50000");
		bytes = run(r, 1500, 10 * SECOND).bytes;
		assert_in_range(bytes, 1240000, 1260000);
		set_rate(r, "625000,50000");
	}
	back_rig_close(r);
}

/* Nor does a guest escape it that asks something at every event. */
static void S9_rate_changes_while_the_control_ring_is_busy(void **state)
{
	struct back_rig *r = calloc(1, sizeof(*r));
	struct peer_ctrl ctrl;
	struct xennet_ctrl_rsp rsp;
	unsigned i;

	(void)state;
	back_rig_open(r, &back_copy);
	peer_front_publish(&r->front);
	peer_ctrl_open(&ctrl, &r->front);
	connect(r);
	for (i = 0; i < 8; i++) {
		peer_ctrl_put(&ctrl, 1, XENNET_CTRL_TYPES, 0, 0, 0);
		peer_ctrl_push(&ctrl);
		peer_set(&r->f, BACK_DIR, "rate",
			 i & 1 ? "6250000,50000" : "625000,50000");
		assert_int_equal(back_rig_event(r), XENNET_VIF_PAUSE);
		assert_in_range(run(r, 1500, SECOND).bytes,
				i & 1 ? 124000000 : 12400000,
				i & 1 ? 126000000 : 12600000);
		r->f.atomic = false;
		assert_int_equal(xennet_back_ctrl(&r->back), 1);
		assert_true(peer_ctrl_take(&ctrl, &rsp));
	}
	xennet_back_disconnect(&r->back);
	peer_ctrl_close(&ctrl);
	back_rig_close(r);
}

/* What came without a limit is not owed, even if a worker looks between the
 * first of two changes and the second. */
static void S9_rate_that_changes_twice_makes_no_debt(void **state)
{
	struct back_rig *r = new_rig(&back_copy, NULL);

	(void)state;
	assert_true(run(r, 4096, SECOND).bytes > ENOUGH);
	set_rate(r, "6250000,50000");
	xennet_store(&r->back.rate.version, r->back.rate.version + 1);
	assert_int_equal(run(r, 1500, SECOND).bytes, 0);
	xennet_store(&r->back.rate.version, r->back.rate.version + 1);
	assert_in_range(run(r, 1500, SECOND).bytes, 124000000, 126000000);
	back_rig_close(r);
}

static void rate_outlives_a_connection(void **state)
{
	struct back_rig *r = new_rig(&back_copy, "625000,50000");

	(void)state;
	run(r, 1500, SECOND);
	peer_front_state(&r->front, XENNET_STATE_CLOSED);
	assert_int_equal(back_rig_event(r), XENNET_VIF_STOP);
	r->f.atomic = false;
	xennet_back_disconnect(&r->back);
	back_rig_event(r);
	peer_front_state(&r->front, XENNET_STATE_INITIALISING);
	back_rig_event(r);
	peer_front_close(&r->front);
	peer_front_open(&r->front, &r->f, 1, 0, false, XENNET_STANDARD);
	peer_front_publish(&r->front);
	peer_front_state(&r->front, XENNET_STATE_CONNECTED);
	assert_int_equal(back_rig_event(r), XENNET_VIF_CONNECTED);
	r->q = &r->back.queue[0];
	assert_in_range(run(r, 1500, SECOND).bytes, 12400000, 12600000);
	back_rig_close(r);
}

static void each_queue_has_an_equal_part(void **state)
{
	static const struct back_setting four = { .strategy = XENNET_COPY,
						  .queues = 4 };
	struct back_rig *r = new_rig(&four, "625000,50000");

	(void)state;
	assert_in_range(run(r, 1500, 10 * SECOND).bytes,
			12500000 * 10 / 4 / 100 * 99,
			12500000 * 10 / 4 / 100 * 101);
	back_rig_close(r);
}

/* More requests do not wake it, buffers do if it waits for some. */
static void without_credit_only_buffers_wake(void **state)
{
	struct back_rig *r = new_rig(&back_copy, "10,50000");
	unsigned char bytes[100] = { 0 };
	struct xennet_frag frag = { bytes, sizeof(bytes) };
	struct xennet_pkt pkt = { .frag = &frag,
				  .len = sizeof(bytes),
				  .nfrags = 1 };
	uint32_t port = r->q->tx.port;
	unsigned i;

	(void)state;
	while (fake_event(&r->f, BACK, port))
		xennet_back_wake(r->q);
	run(r, 1500, SECOND);
	peer_take_answers(&r->front, &r->answers);
	assert_int_equal(xennet_back_arm(r->q), 0);
	peer_put_req(&r->front, 1, 0, 0, 100, 0);
	peer_push_tx(&r->front);
	assert_false(fake_event(&r->f, BACK, port));
	for (i = 0; i < 3; i++) {
		assert_int_equal(xennet_back_send(r->q, &pkt, 1), 0);
		assert_int_equal(xennet_back_arm(r->q), 0);
		assert_true(r->q->notify.usec > 0);
		peer_post_many(&r->front, 1);
		assert_true(fake_event(&r->f, BACK, port));
		xennet_back_wake(r->q);
		assert_int_equal(xennet_back_send(r->q, &pkt, 1), 1);
	}
	back_rig_close(r);
}

/* Nobody sleeps on credit that came since the last poll, nor on buffers. */
static void what_comes_before_sleep_is_not_slept_through(void **state)
{
	struct back_rig *r = new_rig(&back_copy, "600000,50000");
	unsigned char bytes[100] = { 0 };
	struct xennet_frag frag = { bytes, sizeof(bytes) };
	struct xennet_pkt pkt = { .frag = &frag,
				  .len = sizeof(bytes),
				  .nfrags = 1 };

	(void)state;
	run(r, 1500, SECOND);
	refill(r, 1500);
	while (back_rig_serve(r) > 0)
		continue;
	assert_int_equal(xennet_back_arm(r->q), 0);
	xennet_back_wake(r->q);
	r->f.now += SECOND;
	assert_int_equal(xennet_back_arm(r->q), 1);
	assert_true(back_rig_serve(r) > 0);

	while (back_rig_serve(r) > 0)
		refill(r, 1500);
	assert_int_equal(xennet_back_send(r->q, &pkt, 1), 0);
	peer_post_many(&r->front, 1);
	assert_int_equal(xennet_back_arm(r->q), 1);
	assert_int_equal(xennet_back_send(r->q, &pkt, 1), 1);
	back_rig_close(r);
}

/* A chain that was cut short is complete before the credit is there again. */
static void cut_chain_is_not_forgotten(void **state)
{
	struct back_rig *r = new_rig(&back_copy, "1000,50000");
	int i, n;

	(void)state;
	peer_put_req(&r->front, 0, 0, 0, 60, 0);
	peer_push_tx(&r->front);
	assert_int_equal(back_rig_serve(r), 0);
	r->f.now += SECOND;
	assert_int_equal(back_rig_serve(r), 1);
	peer_put_req(&r->front, 1, 0, 0, 1000, XENNET_TXF_MORE_DATA);
	peer_push_tx(&r->front);
	assert_int_equal(back_rig_serve(r), 0);
	assert_true(r->q->tx.partial);
	set_rate(r, "1000,40000"); /* which leaves nothing */
	peer_put_req(&r->front, 2, 0, 0, 500, 0);
	peer_push_tx(&r->front);
	assert_int_equal(back_rig_serve(r), 0);
	for (i = 0, n = 0; i < 20 && n == 0; i++) {
		assert_int_equal(xennet_back_arm(r->q), 0);
		assert_true(r->q->notify.usec > 0);
		r->f.now += r->q->notify.usec * 1000ull;
		xennet_back_wake(r->q);
		n = back_rig_serve(r);
	}
	assert_int_equal(n, 1);
	back_rig_close(r);
}

static void without_a_clock_there_is_no_limit(void **state)
{
	struct back_rig *r = new_rig(&back_copy, NULL);
	struct xennet_ops ops = *r->back.config.platform.ops;

	(void)state;
	ops.clock = NULL;
	r->back.config.platform.ops = &ops;
	set_rate(r, "1000,50000");
	assert_true(run(r, 4096, SECOND).bytes > ENOUGH);
	back_rig_close(r);
}

/* Polling or not, nobody spins for want of credit. */
static void policies_sleep_without_credit(void **state)
{
	static const enum xennet_notify_mode modes[] = { XENNET_NOTIFY_EXACT,
							 XENNET_NOTIFY_MODERATE,
							 XENNET_NOTIFY_POLL,
							 XENNET_NOTIFY_ADAPT };
	unsigned i;

	(void)state;
	for (i = 0; i < COUNT(modes); i++) {
		struct back_rig *r = new_rig(&back_copy, "625000,50000");
		struct xennet_policy policy = { .mode = modes[i] };
		struct run got;

		xennet_back_set_policy(r->q, &policy);
		got = run(r, 1500, SECOND);
		assert_in_range(got.bytes, 12400000, 12600000);
		assert_true(got.sleeps < 10000);
		back_rig_close(r);
	}
}

static void failing_store_is_told_and_changes_nothing(void **state)
{
	struct back_rig *r = new_rig(&back_copy, "625000,50000");

	(void)state;
	peer_set(&r->f, BACK_DIR, "rate", "6250,50000");
	fake_fail(&r->f, FAKE_READ, 2, -XENNET_EIO);
	assert_int_equal(back_rig_event(r), -XENNET_EIO);
	fake_fail_nothing(&r->f);
	assert_in_range(run(r, 1500, SECOND).bytes, 12400000, 12600000);
	assert_int_equal(back_rig_event(r), XENNET_VIF_IDLE);
	assert_in_range(run(r, 1500, 10 * SECOND).bytes, 1240000, 1260000);
	back_rig_close(r);
}

/* *state: a setting, by which it opens its rig itself. */
#define RATE_TEST(f, setting)                                                  \
	{                                                                      \
#f, f, NULL, NULL, (void *)&(setting)                          \
	}
#define RATE_TESTS(f)                                                          \
	RATE_TEST(f, back_copy), RATE_TEST(f, back_map),                       \
		RATE_TEST(f, back_persistent)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(guest_gets_what_the_rate_says),
		RATE_TESTS(a_rate_leaves_bursts_as_they_are),
		RATE_TESTS(one_packet_is_owed_at_most),
		TEST(saved_credit_is_that_of_one_period),
		TEST(S1_no_rate_or_no_sense_is_no_limit),
		TEST(S1_rate_of_nothing_lets_nothing_through),
		TEST(S9_rate_may_change_at_any_time),
		TEST(S9_rate_changes_while_the_control_ring_is_busy),
		TEST(S9_rate_that_changes_twice_makes_no_debt),
		TEST(rate_outlives_a_connection),
		TEST(each_queue_has_an_equal_part),
		TEST(without_credit_only_buffers_wake),
		TEST(what_comes_before_sleep_is_not_slept_through),
		TEST(cut_chain_is_not_forgotten),
		TEST(without_a_clock_there_is_no_limit),
		TEST(policies_sleep_without_credit),
		TEST(failing_store_is_told_and_changes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
