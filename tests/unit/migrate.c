/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * The frontend's domain is saved with packets under way, and restored: here, or
 * elsewhere, with another backend in another domain.
 */
#include <stdio.h>

#include "link.h"

#define THERE 2
#define THERE_DIR "/local/domain/2/backend/vif/1/3"

static struct link l;

static const struct link_setting settings[] = {
	{ .strategy = XENNET_COPY, .longest = 1400 },
	{ .strategy = XENNET_PERSISTENT, .queues = 2, .longest = 1400 },
	{ .strategy = XENNET_MAP, .sharing = true, .longest = 1400 },
	{ .strategy = XENNET_MAP,
	  .longest = 1400,
	  .front_flags = XENNET_F_ALL & ~XENNET_F_PERSISTENT },
};

/* What was granted to the domain that was our backend's is nobody's now. */
static void save(void)
{
	l.f.atomic = false;
	fake_crash(&l.f, BACK);
	memset(&l.back, 0, sizeof(l.back));
}

/* A toolstack's nodes, as for a new guest. */
static void restore_to(uint16_t domid, const char *dir)
{
	static const char *const keys[] = { "online", "frontend-id", "state" };
	unsigned i;

	fake_remove(&l.f, BACK_DIR);
	fake_remove(&l.f, FRONT_DIR);
	peer_set(&l.f, FRONT_DIR, "backend", dir);
	peer_set_uint(&l.f, FRONT_DIR, "backend-id", domid);
	peer_set_uint(&l.f, FRONT_DIR, "state", XENNET_STATE_INITIALISING);
	for (i = 0; i < COUNT(keys); i++)
		peer_set_uint(&l.f, dir, keys[i], 1);
}

static int open_back_at(uint16_t domid)
{
	struct xennet_back_config c = {
		.platform = fake_platform(&l.f, domid),
		.domid = domid,
		.peer = FRONT,
		.handle = HANDLE,
		.offer = { .flags = l.s.back_flags, .queues = l.s.queues },
		.tx = l.s.strategy,
		.rx = l.s.strategy,
	};

	return xennet_back_open(&l.back, &c);
}

static void follow(void)
{
	unsigned i;

	for (i = 0; i < 10; i++) {
		assert_true(xennet_back_event(&l.back) >= 0);
		assert_true(xennet_front_event(&l.front) >= 0);
	}
	assert_int_equal(l.front.state, XENNET_STATE_CONNECTED);
	assert_int_equal(l.back.state, XENNET_STATE_CONNECTED);
	assert_true(l.front.live);
}

/* Requests are on the ring, answered in part, and so are buffers filled. */
static void put_under_way(unsigned answered)
{
	int n;

	link_run(&l, 0, LINK_TX, 100);
	link_run(&l, 0, LINK_RX, 100);
	while (l.front.queue[0].tx.nspare > 0 &&
	       link_send(&l, 0, LINK_TX, 16) > 0)
		continue;
	for (; answered > 0; answered--) {
		l.f.atomic = true;
		n = xennet_back_poll(&l.back.queue[0], &l.in, 1);
		xennet_back_done(&l.back.queue[0], l.in.pkt, (unsigned)n);
		l.f.atomic = false;
	}
	assert_true(link_send(&l, 0, LINK_RX, 5) > 0);
}

/* All of the new connection is of itself: ids, pages, grants to the domain that
 * is there now. */
static void assert_anew(uint16_t domid)
{
	const struct xennet_front_queue *q = &l.front.queue[0];
	uint32_t gref;

	assert_int_equal(l.front.peer, domid);
	assert_int_equal(q->tx.nspare, q->tx.ring.size);
	assert_int_equal(q->stats.tx_packets, 0);
	assert_int_equal(q->stats.tx_acked, 0);
	for (gref = 0; gref < FAKE_GRANTS; gref++)
		if (fake_grant(&l.f, FRONT, gref))
			assert_int_equal(fake_grant(&l.f, FRONT, gref)->peer,
					 domid);
}

static void assert_works(void)
{
	unsigned q, d;

	/* link.c fails if a packet comes twice, or one from before */
	for (q = 0; q < l.s.queues; q++)
		for (d = LINK_TX; d <= LINK_RX; d++) {
			struct link_flow *flow = &l.flow[q][d];

			flow->next = flow->sent;
			flow->received = flow->sent;
			link_run(&l, q, d, 600);
			assert_int_equal(flow->received, flow->sent);
		}
	assert_int_equal(l.front.queue[0].stats.tx_acked,
			 l.front.queue[0].stats.tx_packets);
}

static void S13_everything_is_granted_and_published_anew(void **state)
{
	static const struct {
		uint16_t domid;
		const char *dir;
	} where[] = { { BACK, BACK_DIR }, { THERE, THERE_DIR } };
	unsigned i, w, answered;

	(void)state;
	for (i = 0; i < COUNT(settings); i++)
		for (w = 0; w < COUNT(where); w++)
			for (answered = 0; answered <= 64; answered += 32) {
				link_open(&l, &settings[i]);
				put_under_way(answered);
				save();
				restore_to(where[w].domid, where[w].dir);
				assert_int_equal(
					xennet_front_resume(&l.front, FRONT),
					0);
				assert_int_equal(fake_pages(&l.f), 0);
				assert_int_equal(fake_grants(&l.f, FRONT), 0);
				assert_int_equal(fake_ports(&l.f), 0);
				assert_int_equal(l.f.nallocs, 0);
				assert_int_equal(open_back_at(where[w].domid),
						 0);
				follow();
				assert_anew(where[w].domid);
				assert_works();
				link_close(&l);
			}
}

static void S13_with_255_in_flight_each_is_lost_once(void **state)
{
	/* a slot each: none in segments */
	static const struct link_setting small = { .strategy = XENNET_COPY,
						   .longest = 200 };
	struct xennet_front_queue *q;
	uint64_t lost;

	(void)state;
	link_open(&l, &small);
	q = &l.front.queue[0];
	while (q->tx.ring.size - q->tx.nspare < 255)
		assert_int_equal(link_send(&l, 0, LINK_TX, 1), 1);
	lost = q->stats.tx_packets - q->stats.tx_acked;
	assert_int_equal(lost, 255);
	save();
	restore_to(THERE, THERE_DIR);
	assert_int_equal(xennet_front_resume(&l.front, FRONT), 0);
	assert_int_equal(open_back_at(THERE), 0);
	follow();
	assert_anew(THERE);
	assert_works();
	assert_int_equal(l.front.queue[0].stats.tx_acked, 600);
	link_close(&l);
}

/* Wherever it is caught: waiting, connecting, or never having met a backend. */
static void S13_resume_in_any_state(void **state)
{
	unsigned back, front;

	(void)state;
	for (back = 0; back <= XENNET_STATE_RECONFIGURED; back++)
		for (front = 0; front < 3; front++) {
			link_prepare(&l, &settings[0]);
			assert_int_equal(link_open_back(&l), 0);
			assert_int_equal(link_open_front(&l), 0);
			if (front > 0)
				xennet_front_event(&l.front);
			if (front > 1)
				link_follow(&l);
			peer_set_uint(&l.f, BACK_DIR, "state", back);
			if (xennet_front_event(&l.front) == XENNET_VIF_STOP &&
			    back & 1)
				xennet_front_disconnect(&l.front);
			save();
			restore_to(THERE, THERE_DIR);
			assert_int_equal(xennet_front_resume(&l.front, FRONT),
					 0);
			assert_int_equal(open_back_at(THERE), 0);
			follow();
			assert_works();
			link_close(&l);
		}
}

/* The toolstack is late, or the store fails: events try it again. */
static void S13_resume_may_fail_and_is_tried_again(void **state)
{
	static const enum fake_op ops[] = { FAKE_READ, FAKE_WRITE, FAKE_WATCH };
	unsigned i, nth;
	bool failed;

	(void)state;
	for (i = 0; i < COUNT(ops); i++)
		for (nth = 1, failed = true; failed; nth++) {
			link_open(&l, &settings[0]);
			put_under_way(0);
			save();
			restore_to(THERE, THERE_DIR);
			fake_fail(&l.f, ops[i], nth, -XENNET_EIO);
			failed = xennet_front_resume(&l.front, FRONT) != 0;
			assert_int_equal(failed, fake_failed(&l.f));
			fake_fail_nothing(&l.f);
			assert_int_equal(open_back_at(THERE), 0);
			follow();
			assert_works();
			link_close(&l);
		}
	/* nothing there yet */
	link_open(&l, &settings[0]);
	save();
	fake_remove(&l.f, FRONT_DIR);
	fake_remove(&l.f, BACK_DIR);
	assert_int_equal(xennet_front_resume(&l.front, FRONT), -XENNET_ENOENT);
	assert_int_equal(xennet_front_event(&l.front), -XENNET_ENOENT);
	assert_int_equal(xennet_front_resume(&l.front, FRONT), -XENNET_ENOENT);
	restore_to(THERE, THERE_DIR);
	assert_int_equal(open_back_at(THERE), 0);
	follow();
	link_close(&l);
	/* and never */
	link_open(&l, &settings[0]);
	save();
	fake_remove(&l.f, FRONT_DIR);
	assert_int_equal(xennet_front_resume(&l.front, FRONT), -XENNET_ENOENT);
	xennet_front_close(&l.front);
	fake_check_clean(&l.f);
	fake_close(&l.f);
}

/* A restored domain has a new number, and its directory one in it. */
static void S13_domain_may_have_another_number(void **state)
{
	(void)state;
	link_open(&l, &settings[0]);
	save();
	/* the fake cannot rename a domain: what it had ends as domain 1's */
	xennet_front_close(&l.front);
	peer_set(&l.f, "/local/domain/3/device/vif/3", "backend", BACK_DIR);
	peer_set_uint(&l.f, "/local/domain/3/device/vif/3", "backend-id", BACK);
	l.front.config.platform = fake_platform(&l.f, 3);
	assert_int_equal(xennet_front_resume(&l.front, 3), 0);
	assert_string_equal(l.front.dir, "/local/domain/3/device/vif/3");
	assert_non_null(fake_node(&l.f, "/local/domain/3/device/vif/3/state"));
	xennet_front_close(&l.front);
	fake_check_clean(&l.f);
	fake_close(&l.f);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		LINK_TESTS(S13_everything_is_granted_and_published_anew),
		LINK_TEST_WITH(S13_with_255_in_flight_each_is_lost_once,
			       link_standard),
		TEST(S13_resume_in_any_state),
		TEST(S13_resume_may_fail_and_is_tried_again),
		TEST(S13_domain_may_have_another_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
