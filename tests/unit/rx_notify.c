/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* A frontend that does not tell of the buffers that it posts. */
#include <stdlib.h>

#include "back_rig.h"

/* Nanoseconds after which such buffers are seen, and then some. */
#define BOUND 2000000u

static struct back_rig *new_rig(const char *rx_notify, const char *rate)
{
	struct back_rig *r = calloc(1, sizeof(*r));

	back_rig_open(r, &back_copy);
	peer_set(&r->f, BACK_DIR, "rate", rate);
	peer_front_publish(&r->front);
	peer_set(&r->f, FRONT_DIR, "feature-rx-notify", rx_notify);
	peer_front_state(&r->front, XENNET_STATE_CONNECTED);
	assert_int_equal(back_rig_event(r), XENNET_VIF_CONNECTED);
	r->q = &r->back.queue[0];
	r->f.atomic = true;
	while (fake_event(&r->f, BACK, r->q->tx.port))
		xennet_back_wake(r->q);
	return r;
}

static int send_one(struct back_rig *r)
{
	static unsigned char bytes[100];
	struct xennet_frag frag = { bytes, sizeof(bytes) };
	struct xennet_pkt pkt = { .frag = &frag,
				  .len = sizeof(bytes),
				  .nfrags = 1 };

	return xennet_back_send(r->q, &pkt, 1);
}

/* Without a word to the backend. */
static void post_silently(struct back_rig *r)
{
	struct xennet_ring *ring = &r->front.q[0].rx;
	struct xennet_rx_req req = {
		.id = ring->prod % RING,
		.gref = r->front.rx_grant[ring->prod % RING].gref
	};

	xennet_rx_put_req(ring, &req);
	xennet_ring_push(ring);
}

/* More is there to be taken than may be. */
static void use_up_credit(struct back_rig *r)
{
	unsigned i;

	for (i = 0; i < 4; i++)
		peer_put_req(&r->front, (uint16_t)i, i, 0, 1500, 0);
	peer_push_tx(&r->front);
	while (back_rig_serve(r) == 0) {
		assert_int_equal(xennet_back_arm(r->q), 0);
		r->f.now += r->q->notify.usec * 1000ull;
		xennet_back_wake(r->q);
	}
	assert_int_equal(back_rig_serve(r), 0);
}

static void X14_packets_flow_without_kicks(void **state)
{
	static const enum xennet_notify_mode modes[] = { XENNET_NOTIFY_EXACT,
							 XENNET_NOTIFY_MODERATE,
							 XENNET_NOTIFY_ADAPT };
	/* no limit; one that lets next to nothing through */
	static const char *const rates[] = { NULL, "1,100000" };
	unsigned m, i;

	(void)state;
	for (m = 0; m < 2 * COUNT(modes); m++) {
		struct xennet_policy policy = { .mode = modes[m / 2],
						.usec = 20000 };
		struct back_rig *r = new_rig(NULL, rates[m % 2]);

		/* which the guest would like to have */
		if (rates[m % 2])
			use_up_credit(r);
		xennet_back_set_policy(r->q, &policy);
		for (i = 0; i < 600; i++) {
			uint64_t since = r->f.now;
			unsigned looks;

			/* the buffer comes when nobody looks for it any more */
			for (looks = 0; send_one(r) == 0; looks++) {
				int n = xennet_back_arm(r->q);

				assert_true(n >= 0);
				if (looks == 0)
					post_silently(r);
				assert_true(n > 0 || r->q->notify.usec > 0);
				r->f.now += n ? 1000 : r->q->notify.usec * 1000;
				if (n == 0)
					xennet_back_wake(r->q);
				assert_true(r->f.now - since < BOUND);
			}
			assert_int_equal(looks, 1);
			while (peer_take_rx(&r->front,
					    &(struct xennet_rx_rsp){ 0 }))
				continue;
		}
		back_rig_close(r);
	}
}

/* Nobody looks who waits for nothing, or is told. */
static void X14_sleeps_as_long_as_it_may(void **state)
{
	static const char *const values[] = { NULL, "0", "1" };
	unsigned i;

	(void)state;
	for (i = 0; i < COUNT(values); i++) {
		struct back_rig *r = new_rig(values[i], NULL);
		bool told = i == 2;

		assert_int_equal(xennet_back_arm(r->q), 0);
		assert_int_equal(r->q->notify.usec, 0);
		assert_int_equal(send_one(r), 0);
		assert_int_equal(xennet_back_arm(r->q), 0);
		assert_int_equal(r->q->notify.usec == 0, told);
		/* not so often that it costs anything */
		assert_true(told || r->q->notify.usec >= 500);
		post_silently(r);
		assert_int_equal(send_one(r), 1);
		assert_int_equal(xennet_back_arm(r->q), 0);
		assert_int_equal(r->q->notify.usec, 0);
		back_rig_close(r);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(X14_packets_flow_without_kicks),
		TEST(X14_sleeps_as_long_as_it_may),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
