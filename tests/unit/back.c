/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* A backend's control plane and a frontend whose keys and states may lie. */
#include <stdio.h>
#include <stdlib.h>

#include "back_rig.h"

static struct back_rig *new_rig(unsigned queues, unsigned order, bool split)
{
	struct back_rig *r = calloc(1, sizeof(*r));
	struct back_setting s = { .strategy = XENNET_PERSISTENT,
				  .queues = queues,
				  .order = order,
				  .split = split };

	back_rig_open(r, &s);
	peer_front_publish(&r->front);
	return r;
}

static int connect(struct back_rig *r)
{
	peer_front_state(&r->front, XENNET_STATE_CONNECTED);
	return back_rig_event(r);
}

static unsigned back_state(struct back_rig *r)
{
	return peer_get_uint(&r->f, BACK_DIR, "state");
}

/* Refused for this reason and key, nothing kept, and told to the frontend. */
static void assert_refused(struct back_rig *r, int why, const char *key)
{
	unsigned maps = fake_maps(&r->f), ports = fake_ports(&r->f);

	assert_int_equal(connect(r), why);
	assert_int_equal(r->back.refused, why);
	assert_non_null(r->back.refused_key);
	assert_string_equal(r->back.refused_key, key);
	assert_null(r->back.queue);
	assert_int_equal(back_state(r), XENNET_STATE_CLOSED);
	assert_int_equal(fake_maps(&r->f), maps);
	assert_int_equal(fake_ports(&r->f), ports);
	assert_int_equal(r->f.nallocs, 0);
	/* a refusal is not repeated */
	assert_int_equal(back_rig_event(r), XENNET_VIF_IDLE);
}

/* The same frontend, having mended its keys, is served. */
static void assert_mended(struct back_rig *r)
{
	peer_front_state(&r->front, XENNET_STATE_CLOSED);
	back_rig_event(r);
	peer_front_state(&r->front, XENNET_STATE_INITIALISING);
	assert_int_equal(back_rig_event(r), XENNET_VIF_IDLE);
	assert_int_equal(back_state(r), XENNET_STATE_INIT_WAIT);
	peer_front_publish(&r->front);
	assert_int_equal(connect(r), XENNET_VIF_CONNECTED);
	assert_int_equal(back_state(r), XENNET_STATE_CONNECTED);
	assert_int_equal(r->back.refused, 0);
	assert_null(r->back.refused_key);
}

static void S2_without_rx_copy_there_is_no_connection(void **state)
{
	static const char *const values[] = { NULL, "0", "", "no", "-1" };
	unsigned i;

	(void)state;
	for (i = 0; i < COUNT(values); i++) {
		struct back_rig *r = new_rig(1, 0, false);

		peer_set(&r->f, FRONT_DIR, "request-rx-copy", values[i]);
		if (i < 2) {
			assert_refused(r, -XENNET_EKEY_RX_COPY,
				       "request-rx-copy");
			assert_mended(r);
		} else {
			assert_refused(r, -XENNET_EKEY_VALUE,
				       "request-rx-copy");
		}
		back_rig_close(r);
	}
}

static void S3_impossible_number_of_queues_is_refused(void **state)
{
	static const char *const values[] = { "0",
					      "5",
					      "-1",
					      "two",
					      "",
					      " 1",
					      "1 ",
					      "1x",
					      "0x1",
					      "65",
					      "4294967296",
					      "4294967297",
					      "99999999999999999999" };
	unsigned i;

	(void)state;
	for (i = 0; i < COUNT(values); i++) {
		struct back_rig *r = new_rig(1, 0, false);

		peer_set(&r->f, FRONT_DIR, "multi-queue-num-queues", values[i]);
		assert_refused(r, -XENNET_EKEY_QUEUES,
			       "multi-queue-num-queues");
		peer_set(&r->f, FRONT_DIR, "multi-queue-num-queues", NULL);
		assert_mended(r);
		back_rig_close(r);
	}
}

static void S3_offered_number_of_queues_is_served(void **state)
{
	unsigned n;

	(void)state;
	for (n = 1; n <= PEER_QUEUES; n++) {
		struct back_rig *r = new_rig(n, 0, true);

		assert_int_equal(peer_get_uint(&r->f, BACK_DIR,
					       "multi-queue-max-queues"),
				 PEER_QUEUES);
		assert_int_equal(connect(r), XENNET_VIF_CONNECTED);
		assert_int_equal(r->back.nqueues, n);
		back_rig_close(r);
	}
}

static void larger_rings_than_were_offered_are_refused(void **state)
{
	unsigned order, offered;

	(void)state;
	for (order = 0; order <= XENNET_RING_ORDER_MAX; order++)
		for (offered = 0; offered <= XENNET_RING_ORDER_MAX; offered++) {
			struct back_rig *r = new_rig(1, order, false);

			r->back.config.offer.ring_order = offered;
			if (order > offered)
				assert_refused(r, -XENNET_EKEY_VALUE,
					       "ring-page-order");
			else
				assert_int_equal(connect(r),
						 XENNET_VIF_CONNECTED);
			back_rig_close(r);
		}
}

static void S4_any_missing_key_of_any_queue_is_refused(void **state)
{
	static const char *const keys[] = { "tx-ring-ref", "rx-ring-ref",
					    "event-channel" };
	unsigned q, k;

	(void)state;
	for (q = 0; q < 3; q++)
		for (k = 0; k < COUNT(keys); k++) {
			struct back_rig *r = new_rig(3, 0, false);
			char dir[80];

			snprintf(dir, sizeof(dir), FRONT_DIR "/queue-%u", q);
			peer_set(&r->f, dir, keys[k], NULL);
			/* the top level is no substitute */
			peer_set(&r->f, FRONT_DIR, keys[k], "9");
			assert_refused(r, -XENNET_EKEY_MISSING, keys[k]);
			assert_mended(r);
			back_rig_close(r);
		}
}

static void S4_G8_any_bad_value_of_any_queue_is_refused(void **state)
{
	static const struct {
		const char *key, *value;
		int why;
	} bad[] = {
		{ "tx-ring-ref", "x", -XENNET_EKEY_VALUE },
		{ "tx-ring-ref", "", -XENNET_EKEY_VALUE },
		{ "rx-ring-ref", "-8", -XENNET_EKEY_VALUE },
		{ "rx-ring-ref", "4294967304", -XENNET_EKEY_VALUE },
		{ "tx-ring-ref", "0", -XENNET_EKEY_VALUE },
		{ "rx-ring-ref", "7", -XENNET_EKEY_VALUE },
		{ "event-channel", "%n%s", -XENNET_EKEY_VALUE },
	};
	unsigned q, k;

	(void)state;
	for (q = 0; q < 2; q++)
		for (k = 0; k < COUNT(bad); k++) {
			struct back_rig *r = new_rig(2, 0, false);
			char dir[80];

			snprintf(dir, sizeof(dir), FRONT_DIR "/queue-%u", q);
			peer_set(&r->f, dir, bad[k].key, bad[k].value);
			assert_refused(r, bad[k].why, bad[k].key);
			assert_mended(r);
			back_rig_close(r);
		}
}

static void S4_values_of_any_length_are_only_refused(void **state)
{
	static char huge[4096];
	struct back_rig *r = new_rig(1, 0, false);

	(void)state;
	memset(huge, '1', sizeof(huge) - 1);
	peer_set(&r->f, FRONT_DIR, "rx-ring-ref", huge);
	assert_refused(r, -XENNET_EKEY_VALUE, "rx-ring-ref");
	assert_mended(r);
	peer_set(&r->f, FRONT_DIR, "state", huge);
	assert_int_equal(back_rig_event(r), XENNET_VIF_STOP);
	back_rig_close(r);
}

static void G4_ring_that_cannot_be_mapped_is_refused(void **state)
{
	static const char *const keys[] = { "tx-ring-ref", "rx-ring-ref" };
	static const char *const values[] = { "8000", "20000", "4294967295" };
	unsigned k, v;

	(void)state;
	for (k = 0; k < COUNT(keys); k++)
		for (v = 0; v < COUNT(values); v++) {
			struct back_rig *r = new_rig(1, 0, false);

			peer_set(&r->f, FRONT_DIR, keys[k], values[v]);
			peer_front_state(&r->front, XENNET_STATE_CONNECTED);
			assert_int_equal(back_rig_event(r), -XENNET_EKEY_RING);
			assert_int_equal(fake_maps(&r->f), 0);
			assert_int_equal(r->f.nallocs, 0);
			assert_int_equal(back_state(r), XENNET_STATE_CLOSED);
			assert_mended(r);
			back_rig_close(r);
		}
}

static void G4_half_of_a_large_ring_is_not_mapped(void **state)
{
	unsigned page;

	(void)state;
	for (page = 0; page < 4; page++) {
		struct back_rig *r = new_rig(1, 2, false);
		char key[20];

		snprintf(key, sizeof(key), "rx-ring-ref%u", page);
		peer_set(&r->f, FRONT_DIR, key, "4000");
		peer_front_state(&r->front, XENNET_STATE_CONNECTED);
		assert_int_equal(back_rig_event(r), -XENNET_EKEY_RING);
		assert_int_equal(fake_maps(&r->f), 0);
		assert_mended(r);
		assert_int_equal(fake_maps(&r->f), 8);
		back_rig_close(r);
	}
}

static void S5_one_split_key_falls_back_to_the_common_one(void **state)
{
	static const char *const keys[] = { "event-channel-tx",
					    "event-channel-rx" };
	unsigned k;

	(void)state;
	for (k = 0; k < COUNT(keys); k++) {
		struct back_rig *r = new_rig(1, 0, false);

		peer_set(&r->f, FRONT_DIR, keys[k], "77");
		assert_int_equal(connect(r), XENNET_VIF_CONNECTED);
		assert_int_equal(r->back.queue[0].tx.port,
				 r->back.queue[0].rx.port);
		back_rig_close(r);
	}
}

static void S5_one_split_key_alone_is_refused(void **state)
{
	static const char *const keys[] = { "event-channel-tx",
					    "event-channel-rx" };
	unsigned k;

	(void)state;
	for (k = 0; k < COUNT(keys); k++) {
		struct back_rig *r = new_rig(1, 0, true);

		peer_set(&r->f, FRONT_DIR, keys[k], NULL);
		assert_refused(r, -XENNET_EKEY_MISSING, "event-channel");
		assert_mended(r);
		assert_true(r->back.queue[0].tx.port !=
			    r->back.queue[0].rx.port);
		back_rig_close(r);
	}
}

static void V1_port_that_cannot_be_bound_is_refused(void **state)
{
	static const char *const values[] = { "0", "200", "99999",
					      "4294967295" };
	unsigned v;

	(void)state;
	for (v = 0; v < COUNT(values); v++) {
		struct back_rig *r = new_rig(1, 0, true);

		peer_set(&r->f, FRONT_DIR, "event-channel-rx", values[v]);
		peer_front_state(&r->front, XENNET_STATE_CONNECTED);
		assert_int_equal(back_rig_event(r), -XENNET_EKEY_EVTCHN);
		assert_int_equal(fake_maps(&r->f), 0);
		assert_int_equal(fake_ports(&r->f), 2);
		assert_mended(r);
		back_rig_close(r);
	}
}

static void R15_used_ring_is_taken_up_where_it_stands(void **state)
{
	struct back_rig *r = new_rig(1, 0, false);
	struct peer_front_queue *q = &r->front.q[0];
	unsigned i;

	(void)state;
	q->tx_page->req_prod = q->tx_page->rsp_prod = 0xfffffff8;
	q->tx.prod = q->tx.pub = q->tx.cons = q->tx.seen = 0xfffffff8;
	for (i = 0; i < 20; i++)
		peer_put_req(&r->front, (uint16_t)i, i, 0, 100, 0);
	peer_push_tx(&r->front);
	assert_int_equal(connect(r), XENNET_VIF_CONNECTED);
	r->q = &r->back.queue[0];

	assert_int_equal(back_rig_serve(r), 20);

	assert_int_equal(r->answers.okay, 20);
	back_rig_close(r);
}

static void R15_impossible_ring_is_refused(void **state)
{
	static const uint32_t lies[] = { RING + 1, 0x80000000, 0xffffffff };
	unsigned i, which;

	(void)state;
	for (i = 0; i < COUNT(lies); i++)
		for (which = 0; which < 2; which++) {
			struct back_rig *r = new_rig(1, 0, false);
			struct peer_front_queue *q = &r->front.q[0];

			(which ? q->rx_page : q->tx_page)->req_prod = lies[i];
			peer_front_state(&r->front, XENNET_STATE_CONNECTED);
			assert_int_equal(back_rig_event(r),
					 -XENNET_ERING_AHEAD);
			assert_int_equal(fake_maps(&r->f), 0);
			back_rig_close(r);
		}
}

static void G9_frontends_own_words_about_domains_do_not_count(void **state)
{
	struct back_rig *r = new_rig(1, 0, false);

	(void)state;
	peer_set(&r->f, FRONT_DIR, "backend-id", "2");
	peer_set(&r->f, FRONT_DIR, "frontend-id", "2");
	assert_int_equal(connect(r), XENNET_VIF_CONNECTED);
	assert_int_equal(r->back.queue[0].peer, FRONT);
	back_rig_close(r);
}

/* Whatever a frontend does with its state, nothing leaks or is used late. */
static void S8_frontend_may_jump_from_any_state_to_any(void **state)
{
	unsigned from, to;
	bool stays;

	(void)state;
	for (from = 0; from <= 9; from++)
		for (to = 0; to <= 9; to++) {
			struct back_rig *r = new_rig(2, 0, true);
			int event;

			peer_front_state(&r->front, from);
			back_rig_event(r);
			peer_front_state(&r->front, to);
			event = back_rig_event(r);
			if (event == XENNET_VIF_STOP) {
				xennet_back_disconnect(&r->back);
				event = back_rig_event(r);
			}
			assert_true(event >= 0);
			/* Reconfiguring is of who is connected */
			stays = to == 3 || to == 4 ||
				(to == 7 && (from == 3 || from == 4));
			assert_int_equal(r->back.queue != NULL, stays);
			back_rig_close(r);
		}
}

static void S8_random_states_and_traffic_leak_nothing(void **state)
{
	struct back_rig *r = new_rig(2, 0, true);
	uint32_t seed = 8, turn;

	(void)state;
	for (turn = 0; turn < 3000; turn++) {
		unsigned next =
			test_below(&seed, 4) ? 4 : test_below(&seed, 12);
		int event;

		peer_front_state(&r->front, next);
		event = back_rig_event(r);
		if (event == XENNET_VIF_STOP)
			xennet_back_disconnect(&r->back);
		if (!r->back.queue)
			continue;
		r->q = &r->back.queue[0];
		if (xennet_ring_free(&r->front.q[0].tx) < 4)
			continue;
		peer_put_req(&r->front, 1, test_below(&seed, PAGES), 0, 100,
			     test_below(&seed, 16));
		peer_push_tx(&r->front);
		back_rig_poll(r); /* and never hands back */
	}
	back_rig_close(r);
}

static void S8_backend_closes_in_any_state(void **state)
{
	unsigned s;

	(void)state;
	for (s = 0; s <= 9; s++) {
		struct back_rig *r = new_rig(1, 0, false);

		peer_front_state(&r->front, s);
		back_rig_event(r);
		xennet_back_close(&r->back);
		assert_int_equal(back_state(r), XENNET_STATE_CLOSED);
		assert_int_equal(fake_maps(&r->f), 0);
		peer_front_close(&r->front);
		fake_check_clean(&r->f);
		fake_close(&r->f);
		free(r);
	}
}

static void S8_frontend_that_is_gone_is_let_go(void **state)
{
	struct back_rig *r = new_rig(1, 0, false);

	(void)state;
	assert_int_equal(connect(r), XENNET_VIF_CONNECTED);
	fake_remove(&r->f, FRONT_DIR);
	peer_set(&r->f, BACK_DIR, "online", "0");
	assert_int_equal(back_rig_event(r), XENNET_VIF_STOP);
	xennet_back_disconnect(&r->back);
	assert_int_equal(back_rig_event(r), XENNET_VIF_GONE);
	back_rig_close(r);
}

static void S8_frontend_that_waits_already_is_served(void **state)
{
	struct back_rig *r = new_rig(1, 0, false);
	struct xennet_back_config same = r->back.config;

	(void)state;
	xennet_back_close(&r->back);
	peer_front_state(&r->front, XENNET_STATE_CONNECTED);
	assert_int_equal(xennet_back_open(&r->back, &same), 0);
	assert_int_equal(back_rig_event(r), XENNET_VIF_CONNECTED);
	back_rig_close(r);
}

static void impossible_configurations_are_refused(void **state)
{
	static const struct xennet_offer offers[] = {
		{ .queues = XENNET_QUEUES_MAX + 1 },
		{ .ring_order = XENNET_RING_ORDER_MAX + 1 },
		{ .slots = XENNET_SLOTS_MIN - 1 },
		{ .slots = XENNET_SLOTS_MAX + 1 },
	};
	struct xennet_back_config c = { .domid = BACK, .peer = FRONT };
	struct xennet_back b;
	struct fake f;
	unsigned i;

	(void)state;
	fake_open(&f);
	c.platform = fake_platform(&f, BACK);
	for (i = 0; i < COUNT(offers); i++) {
		c.offer = offers[i];
		assert_int_equal(xennet_back_open(&b, &c), -XENNET_EINVAL);
	}
	c.offer = (struct xennet_offer){ 0 };
	c.pgrants = 65535;
	assert_int_equal(xennet_back_open(&b, &c), -XENNET_EINVAL);
	c.pgrants = 0;
	c.statics = XENNET_PGRANTS_MAX + 1;
	assert_int_equal(xennet_back_open(&b, &c), -XENNET_EINVAL);
	assert_int_equal(f.calls[FAKE_WRITE], 0);
	fake_check_clean(&f);
	fake_close(&f);
}

static void broken_queue_stops_its_own_vif_with_a_reason(void **state)
{
	struct back_rig *r = new_rig(2, 0, false);

	(void)state;
	assert_int_equal(connect(r), XENNET_VIF_CONNECTED);
	r->q = &r->back.queue[1];
	r->front.q[1].tx_page->req_prod = 0x80000000;

	assert_int_equal(back_rig_poll(r), -XENNET_ERING_AHEAD);
	assert_int_equal(xennet_back_poll(&r->back.queue[0], &r->in, 8), 0);
	assert_int_equal(back_rig_event(r), XENNET_VIF_STOP);
	xennet_back_disconnect(&r->back);

	assert_int_equal(r->back.refused, -XENNET_ERING_AHEAD);
	assert_int_equal(back_rig_event(r), XENNET_VIF_IDLE);
	assert_int_equal(fake_maps(&r->f), 0);
	back_rig_close(r);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(S2_without_rx_copy_there_is_no_connection),
		TEST(S3_impossible_number_of_queues_is_refused),
		TEST(S3_offered_number_of_queues_is_served),
		TEST(larger_rings_than_were_offered_are_refused),
		TEST(S4_any_missing_key_of_any_queue_is_refused),
		TEST(S4_G8_any_bad_value_of_any_queue_is_refused),
		TEST(S4_values_of_any_length_are_only_refused),
		TEST(G4_ring_that_cannot_be_mapped_is_refused),
		TEST(G4_half_of_a_large_ring_is_not_mapped),
		TEST(S5_one_split_key_falls_back_to_the_common_one),
		TEST(S5_one_split_key_alone_is_refused),
		TEST(V1_port_that_cannot_be_bound_is_refused),
		TEST(R15_used_ring_is_taken_up_where_it_stands),
		TEST(R15_impossible_ring_is_refused),
		TEST(G9_frontends_own_words_about_domains_do_not_count),
		TEST(S8_frontend_may_jump_from_any_state_to_any),
		TEST(S8_random_states_and_traffic_leak_nothing),
		TEST(S8_backend_closes_in_any_state),
		TEST(S8_frontend_that_is_gone_is_let_go),
		TEST(S8_frontend_that_waits_already_is_served),
		TEST(impossible_configurations_are_refused),
		TEST(broken_queue_stops_its_own_vif_with_a_reason),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
