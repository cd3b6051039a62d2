/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* A frontend's control plane and a backend whose keys and states may lie. */
#include <stdio.h>
#include <stdlib.h>

#include "front_rig.h"

static struct front_rig *new_rig(const struct front_setting *s)
{
	struct front_rig *r = calloc(1, sizeof(*r));

	front_rig_open(r, s);
	return r;
}

static void close_rig(struct front_rig *r)
{
	front_rig_close(r);
}

static unsigned front_state(struct front_rig *r)
{
	return peer_get_uint(&r->f, FRONT_DIR, "state");
}

static bool has_key(struct front_rig *r, const char *key)
{
	char path[160];

	snprintf(path, sizeof(path), FRONT_DIR "/%s", key);
	return fake_node(&r->f, path) != NULL;
}

static void V1_R1_all_is_ready_before_the_backend_is_told(void **state)
{
	static const unsigned char fresh[64] = { [4] = 1, [12] = 1 };
	struct front_rig *r = new_rig(&front_granting);
	unsigned char *tx, *rx;

	(void)state;
	assert_int_equal(front_state(r), XENNET_STATE_INITIALISING);
	assert_int_equal(front_rig_event(r), XENNET_VIF_IDLE);
	assert_int_equal(front_state(r), XENNET_STATE_CONNECTED);

	tx = fake_granted(&r->f, FRONT,
			  peer_get_uint(&r->f, FRONT_DIR, "tx-ring-ref"));
	rx = fake_granted(&r->f, FRONT,
			  peer_get_uint(&r->f, FRONT_DIR, "rx-ring-ref"));
	assert_non_null(tx);
	assert_non_null(rx);
	/* nothing is sent; every RX buffer is posted already */
	assert_memory_equal(tx, fresh, sizeof(fresh));
	assert_int_equal(((struct xennet_sring *)(void *)rx)->req_prod, RING);
	assert_memory_equal(rx + 4, fresh + 4, sizeof(fresh) - 4);
	peer_back_connect(&r->back);
	assert_int_equal(front_rig_event(r), XENNET_VIF_CONNECTED);
	assert_int_equal(front_rig_event(r), XENNET_VIF_IDLE);
	close_rig(r);
}

static void S4_one_queue_has_its_keys_on_top(void **state)
{
	struct front_rig *r = new_rig(&front_granting);

	(void)state;
	front_rig_event(r);
	assert_true(has_key(r, "tx-ring-ref"));
	assert_true(has_key(r, "rx-ring-ref"));
	assert_false(has_key(r, "queue-0/tx-ring-ref"));
	close_rig(r);
}

static void S4_several_queues_have_theirs_below(void **state)
{
	static const struct front_setting three = { .queues = 3 };
	static const char *const keys[] = { "tx-ring-ref", "rx-ring-ref",
					    "event-channel-tx",
					    "event-channel-rx" };
	struct front_rig *r = new_rig(&three);
	unsigned q, k;

	(void)state;
	/* what an earlier connection left behind */
	for (k = 0; k < COUNT(keys); k++)
		peer_set(&r->f, FRONT_DIR, keys[k], "9");
	peer_set(&r->f, FRONT_DIR, "event-channel", "9");
	front_rig_event(r);

	assert_int_equal(
		peer_get_uint(&r->f, FRONT_DIR, "multi-queue-num-queues"), 3);
	for (k = 0; k < COUNT(keys); k++) {
		assert_false(has_key(r, keys[k]));
		for (q = 0; q < 3; q++) {
			char key[40];

			snprintf(key, sizeof(key), "queue-%u/%s", q, keys[k]);
			assert_true(has_key(r, key));
		}
	}
	assert_false(has_key(r, "event-channel"));
	close_rig(r);
}

/* Or the next frontend, if it knows less, would seem to have said it. */
static void S1_what_others_do_not_write_goes_with_the_frontend(void **state)
{
	static const char *const keys[] = {
		"ctrl-ring-ref",      "event-channel-ctrl",
		"feature-persistent", "multi-queue-num-queues",
		"ring-page-order",    "request-multicast-control",
		"xdp-headroom",	      "xennet-alive-ref",
		"xennet-max-slots",   "xennet-sequenced-rings",
		"xennet-split-rings",
	};
	struct front_rig *r = new_rig(&front_granting);
	unsigned k;

	(void)state;
	front_rig_event(r);
	for (k = 0; k < COUNT(keys); k++)
		peer_set(&r->f, FRONT_DIR, keys[k], "1");
	xennet_front_close(&r->front);
	for (k = 0; k < COUNT(keys); k++)
		assert_false(has_key(r, keys[k]));
	assert_true(has_key(r, "feature-sg"));
	assert_int_equal(front_state(r), XENNET_STATE_CLOSED);
	close_rig(r);
}

static void S3_no_more_queues_than_the_backend_offers(void **state)
{
	static const struct front_setting many = { .queues = 8 };
	struct front_rig *r = new_rig(&many);

	(void)state;
	front_rig_event(r);
	assert_int_equal(
		peer_get_uint(&r->f, FRONT_DIR, "multi-queue-num-queues"),
		PEER_QUEUES);
	assert_int_equal(r->front.nqueues, PEER_QUEUES);
	close_rig(r);
}

static void S5_split_only_when_the_backend_offers_it(void **state)
{
	struct front_rig *r = new_rig(&front_granting);

	(void)state;
	peer_set(&r->f, BACK_DIR, "feature-split-event-channels", "0");
	peer_set(&r->f, FRONT_DIR, "event-channel-tx", "9");
	peer_set(&r->f, FRONT_DIR, "event-channel-rx", "9");
	front_rig_event(r);

	assert_true(has_key(r, "event-channel"));
	assert_false(has_key(r, "event-channel-tx"));
	assert_false(has_key(r, "event-channel-rx"));
	close_rig(r);
}

static void assert_refused(struct front_rig *r, int why, const char *key)
{
	assert_int_equal(front_rig_event(r), why);
	assert_int_equal(r->front.refused, why);
	assert_string_equal(r->front.refused_key, key);
	assert_null(r->front.queue);
	assert_int_equal(front_state(r), XENNET_STATE_CLOSED);
	assert_int_equal(fake_pages(&r->f), 0);
	assert_int_equal(fake_grants(&r->f, FRONT), 0);
	assert_int_equal(r->f.nallocs, 0);
	assert_int_equal(front_rig_event(r), XENNET_VIF_IDLE);
}

static void S2_backend_without_rx_copy_is_refused(void **state)
{
	struct front_rig *r = new_rig(&front_granting);

	(void)state;
	peer_set(&r->f, BACK_DIR, "feature-rx-copy", NULL);
	assert_refused(r, -XENNET_EKEY_RX_COPY, "feature-rx-copy");
	close_rig(r);
}

static void S3_impossible_offer_is_refused(void **state)
{
	static const struct {
		const char *key, *value;
		int why;
	} bad[] = {
		{ "multi-queue-max-queues", "0", -XENNET_EKEY_QUEUES },
		{ "multi-queue-max-queues", "x", -XENNET_EKEY_QUEUES },
		{ "max-ring-page-order", "-1", -XENNET_EKEY_VALUE },
		{ "xennet-max-slots", "5", -XENNET_EKEY_VALUE },
		{ "feature-sg", "yes", -XENNET_EKEY_VALUE },
	};
	unsigned i;

	(void)state;
	for (i = 0; i < COUNT(bad); i++) {
		struct front_rig *r = new_rig(&front_granting);

		peer_set(&r->f, BACK_DIR, bad[i].key, bad[i].value);
		assert_refused(r, bad[i].why, bad[i].key);
		/* a mended offer is taken */
		peer_back_state(&r->back, XENNET_STATE_CLOSED);
		front_rig_event(r);
		peer_back_offer(&r->back, &r->f, false);
		peer_set(&r->f, BACK_DIR, "xennet-max-slots", NULL);
		assert_int_equal(front_rig_event(r), XENNET_VIF_IDLE);
		assert_int_equal(front_state(r), XENNET_STATE_CONNECTED);
		close_rig(r);
	}
}

static void impossible_configurations_are_refused(void **state)
{
	static const struct xennet_offer offers[] = {
		{ .queues = XENNET_QUEUES_MAX + 1 },
		{ .ring_order = XENNET_RING_ORDER_MAX + 1 },
		{ .slots = XENNET_SLOTS_MIN - 1 },
		{ .slots = XENNET_SLOTS_MAX + 1 },
	};
	struct xennet_front_config c = { .domid = FRONT, .handle = HANDLE };
	struct xennet_front front;
	struct fake f;
	unsigned i;

	(void)state;
	fake_open(&f);
	peer_toolstack(&f);
	c.platform = fake_platform(&f, FRONT);
	for (i = 0; i < COUNT(offers); i++) {
		c.offer = offers[i];
		assert_int_equal(xennet_front_open(&front, &c), -XENNET_EINVAL);
	}
	assert_int_equal(f.calls[FAKE_WRITE], 0);
	fake_check_clean(&f);
	fake_close(&f);
}

static void spoiled_toolstack_nodes_are_refused(void **state)
{
	static char huge[1000];
	static const struct {
		const char *key, *value;
		int why;
	} bad[] = {
		{ "backend-id", NULL, -XENNET_ENOENT },
		{ "backend-id", "70000", -XENNET_EKEY_VALUE },
		{ "backend-id", "zero", -XENNET_EKEY_VALUE },
		{ "backend", NULL, -XENNET_ENOENT },
		{ "backend", huge, -XENNET_EKEY_VALUE },
	};
	struct xennet_front_config c = { .domid = FRONT, .handle = HANDLE };
	struct xennet_front front;
	unsigned i;

	(void)state;
	memset(huge, 'x', sizeof(huge) - 1);
	for (i = 0; i < COUNT(bad); i++) {
		struct fake f;

		fake_open(&f);
		peer_toolstack(&f);
		c.platform = fake_platform(&f, FRONT);
		peer_set(&f, FRONT_DIR, bad[i].key, bad[i].value);
		assert_int_equal(xennet_front_open(&front, &c), bad[i].why);
		fake_check_clean(&f);
		fake_close(&f);
	}
}

static void G9_backends_domain_comes_from_the_toolstack(void **state)
{
	struct front_rig *r = new_rig(&front_granting);
	unsigned gref;

	(void)state;
	peer_set(&r->f, BACK_DIR, "backend-id", "3");
	front_rig_event(r);
	for (gref = 0; gref < FAKE_GRANTS; gref++)
		if (fake_grant(&r->f, FRONT, gref))
			assert_int_equal(fake_grant(&r->f, FRONT, gref)->peer,
					 BACK);
	close_rig(r);
}

/* Whatever the backend's state does, nothing leaks and nothing gets stuck. */
static void S7_backend_may_jump_from_any_state_to_any(void **state)
{
	unsigned from, to;

	(void)state;
	for (from = 0; from <= 9; from++)
		for (to = 0; to <= 9; to++) {
			struct front_rig *r = new_rig(&front_granting);
			int event;

			peer_back_state(&r->back, from);
			event = front_rig_event(r);
			peer_back_state(&r->back, to);
			event = front_rig_event(r);
			if (event == XENNET_VIF_STOP) {
				xennet_front_disconnect(&r->front);
				event = front_rig_event(r);
			}
			assert_true(event >= 0);

			/* and then it means it */
			peer_back_state(&r->back, XENNET_STATE_CLOSED);
			if (front_rig_event(r) == XENNET_VIF_STOP)
				xennet_front_disconnect(&r->front);
			front_rig_event(r);
			peer_back_state(&r->back, XENNET_STATE_INIT_WAIT);
			front_rig_event(r);
			assert_int_equal(front_state(r),
					 XENNET_STATE_CONNECTED);
			close_rig(r);
		}
}

static void S7_random_states_leak_nothing(void **state)
{
	struct front_rig *r = new_rig(&front_persistent);
	uint32_t seed = 7, turn;

	(void)state;
	for (turn = 0; turn < 600; turn++) {
		peer_back_state(&r->back, test_below(&seed, 3)
						  ? 2 + 2 * test_below(&seed, 2)
						  : test_below(&seed, 12));
		if (front_rig_event(r) == XENNET_VIF_STOP)
			xennet_front_disconnect(&r->front);
		if (!r->front.queue)
			continue;
		r->q = &r->front.queue[0];
		front_rig_send(r, turn, 60 + turn);
		front_rig_poll(r);
	}
	close_rig(r);
}

static void S7_G6_disconnect_while_the_backend_holds_everything(void **state)
{
	struct front_rig *r = new_rig(&front_persistent);
	struct xennet_platform p = r->back.platform;
	struct xennet_map_op map[20];
	unsigned i;

	(void)state;
	front_rig_event(r);
	peer_back_connect(&r->back);
	assert_int_equal(front_rig_event(r), XENNET_VIF_CONNECTED);
	for (i = 0; i < 20; i++) {
		struct xennet_rx_req req;

		assert_true(peer_take_buffer(&r->back, &req));
		map[i] = (struct xennet_map_op){ .gref = req.gref,
						 .domid = FRONT };
	}
	p.ops->map(p.ctx, map, 20);
	xennet_front_disconnect(&r->front);
	/* pages and rings outlive the frontend, not the mappings */
	memset(map[7].addr, 1, XENNET_PAGE);
	assert_true(fake_pages(&r->f) > 0);

	p.ops->unmap(p.ctx, map, 20);
	close_rig(r);
}

static void broken_queue_stops_its_own_vif_with_a_reason(void **state)
{
	static const struct front_setting two = { .queues = 2 };
	struct front_rig *r = new_rig(&two);

	(void)state;
	front_rig_event(r);
	peer_back_connect(&r->back);
	assert_int_equal(front_rig_event(r), XENNET_VIF_CONNECTED);
	xennet_store(r->back.q[1].rx.my_prod, 0x80000000);
	assert_true(xennet_front_poll(&r->front.queue[1], &r->in, 4) < 0);
	assert_int_equal(xennet_front_poll(&r->front.queue[0], &r->in, 4), 0);
	assert_int_equal(front_rig_event(r), XENNET_VIF_STOP);

	xennet_front_disconnect(&r->front);

	assert_int_equal(xennet_err_kind(r->front.refused), XENNET_KIND_PEER);
	assert_int_equal(front_rig_event(r), XENNET_VIF_IDLE);
	close_rig(r);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(V1_R1_all_is_ready_before_the_backend_is_told),
		TEST(S4_one_queue_has_its_keys_on_top),
		TEST(S4_several_queues_have_theirs_below),
		TEST(S1_what_others_do_not_write_goes_with_the_frontend),
		TEST(S3_no_more_queues_than_the_backend_offers),
		TEST(S5_split_only_when_the_backend_offers_it),
		TEST(S2_backend_without_rx_copy_is_refused),
		TEST(S3_impossible_offer_is_refused),
		TEST(impossible_configurations_are_refused),
		TEST(spoiled_toolstack_nodes_are_refused),
		TEST(G9_backends_domain_comes_from_the_toolstack),
		TEST(S7_backend_may_jump_from_any_state_to_any),
		TEST(S7_random_states_leak_nothing),
		TEST(S7_G6_disconnect_while_the_backend_holds_everything),
		TEST(broken_queue_stops_its_own_vif_with_a_reason),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
