/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* A backend's control ring, and the hash messages, with a frontend that may say
 * anything. */
#include <stdlib.h>

#include "back_rig.h"
#include "frame.h"
#include "peer_ctrl.h"

#define OKAY XENNET_CTRL_SUCCESS
#define INVALID XENNET_CTRL_INVALID_PARAMETER
#define OVERFLOW XENNET_CTRL_BUFFER_OVERFLOW
#define UNSUPPORTED XENNET_CTRL_NOT_SUPPORTED

static struct peer_ctrl ctrl;

static const struct back_setting four = { .strategy = XENNET_PERSISTENT,
					  .queues = 4 };
static const struct back_setting without = {
	.strategy = XENNET_COPY, .flags = XENNET_F_ALL & ~XENNET_F_CTRL_RING
};

static void prepare(void **state)
{
	struct back_rig *r = calloc(1, sizeof(*r));

	back_rig_open(r, *state);
	peer_front_publish(&r->front);
	peer_ctrl_open(&ctrl, &r->front);
	*state = r;
}

static int setup(void **state)
{
	struct back_rig *r;

	prepare(state);
	r = *state;
	peer_front_state(&r->front, XENNET_STATE_CONNECTED);
	assert_int_equal(back_rig_event(r), XENNET_VIF_CONNECTED);
	r->q = &r->back.queue[0];
	return 0;
}

static int teardown(void **state)
{
	struct back_rig *r = *state;

	xennet_back_disconnect(&r->back);
	peer_ctrl_close(&ctrl);
	back_rig_close(r);
	return 0;
}

/* Asks, and has the backend serve as its control thread does. */
static uint32_t ask3(struct back_rig *r, uint16_t type, uint32_t d0,
		     uint32_t d1, uint32_t d2, uint32_t *data)
{
	struct xennet_ctrl_rsp rsp = { 0 };

	peer_ctrl_put(&ctrl, 0x4711, type, d0, d1, d2);
	peer_ctrl_push(&ctrl);
	assert_int_equal(back_rig_event(r), XENNET_VIF_PAUSE);
	assert_int_equal(xennet_back_ctrl(&r->back), 1);
	assert_int_equal(back_rig_event(r), XENNET_VIF_IDLE);
	assert_true(peer_ctrl_take(&ctrl, &rsp));
	assert_false(peer_ctrl_take(&ctrl, &rsp));
	assert_int_equal(rsp.id, 0x4711);
	assert_int_equal(rsp.type, type);
	*data = rsp.data;
	return rsp.status;
}

static uint32_t ask(struct back_rig *r, uint16_t type, uint32_t d0)
{
	uint32_t data;

	return ask3(r, type, d0, 0, 0, &data);
}

static uint32_t set_key(struct back_rig *r, const void *key, uint32_t len)
{
	uint32_t data;

	memset(ctrl.data.addr, 0xee, XENNET_PAGE);
	if (key)
		memcpy(ctrl.data.addr, key, len);
	return ask3(r, XENNET_CTRL_SET_HASH_KEY, ctrl.data.gref, len, 0, &data);
}

static uint32_t map_queues(struct back_rig *r, const uint32_t *entry,
			   uint32_t n, uint32_t at)
{
	uint32_t data;

	if (entry)
		memcpy(ctrl.data.addr, entry, n * sizeof(*entry));
	return ask3(r, XENNET_CTRL_SET_HASH_MAPPING, ctrl.data.gref, n, at,
		    &data);
}

static void C1_keys_are_ignored_where_nothing_was_offered(void **state)
{
	struct back_rig *r = *state;

	assert_string_equal(fake_node(&r->f, BACK_DIR "/feature-ctrl-ring"),
			    "0");
	assert_null(r->back.ctrl.page);
	peer_ctrl_put(&ctrl, 1, XENNET_CTRL_GET_HASH_FLAGS, 0, 0, 0);
	peer_ctrl_push(&ctrl);
	assert_int_equal(back_rig_event(r), XENNET_VIF_IDLE);
	assert_int_equal(xennet_back_ctrl(&r->back), 0);
	assert_int_equal(xennet_ring_peek(&ctrl.ring), 0);
}

static void C1_without_keys_there_is_no_ring(void **state)
{
	struct back_rig *r = *state;

	assert_string_equal(fake_node(&r->f, BACK_DIR "/feature-ctrl-ring"),
			    "1");
	assert_null(r->back.ctrl.page);
	assert_int_equal(xennet_back_ctrl(&r->back), 0);
}

static void keys_that_make_no_sense_are_refused(void **state)
{
	static const struct {
		const char *key, *value;
		int err;
	} cases[] = {
		{ "ctrl-ring-ref", "7", -XENNET_EKEY_VALUE },
		{ "ctrl-ring-ref", "x", -XENNET_EKEY_VALUE },
		{ "ctrl-ring-ref", "9999", -XENNET_EKEY_RING },
		{ "event-channel-ctrl", NULL, -XENNET_EKEY_MISSING },
		{ "event-channel-ctrl", "x", -XENNET_EKEY_VALUE },
		{ "event-channel-ctrl", "250", -XENNET_EKEY_EVTCHN },
	};
	unsigned i;

	for (i = 0; i < COUNT(cases); i++) {
		void *rig = *state;
		struct back_rig *r;

		prepare(&rig);
		r = rig;
		peer_set(&r->f, FRONT_DIR, cases[i].key, cases[i].value);
		peer_front_state(&r->front, XENNET_STATE_CONNECTED);
		assert_int_equal(back_rig_event(r), cases[i].err);
		assert_int_equal(r->back.refused, cases[i].err);
		assert_string_equal(r->back.refused_key, cases[i].key);
		teardown(&rig);
	}
}

static void C2_one_response_to_each_with_its_id_and_type(void **state)
{
	struct back_rig *r = *state;
	struct xennet_ctrl_rsp rsp;
	uint16_t i;

	for (i = 0; i < 20; i++)
		peer_ctrl_put(&ctrl, (uint16_t)(0xfff0 + i), i, 1, 2, 3);
	peer_ctrl_push(&ctrl);
	assert_int_equal(back_rig_event(r), XENNET_VIF_PAUSE);
	assert_int_equal(xennet_back_ctrl(&r->back), 20);
	for (i = 0; i < 20; i++) {
		assert_true(peer_ctrl_take(&ctrl, &rsp));
		assert_int_equal(rsp.id, (uint16_t)(0xfff0 + i));
		assert_int_equal(rsp.type, i);
	}
	assert_false(peer_ctrl_take(&ctrl, &rsp));
	assert_int_equal(r->back.ctrl.served, 20);
}

/* A response has twelve bytes of a slot of sixteen. */
static void C2_R16_a_response_leaves_nothing_else_in_its_slot(void **state)
{
	struct back_rig *r = *state;
	const unsigned char *slot = xennet_ctrl_slot_rsp(&ctrl.ring, 0);
	uint32_t data;

	assert_int_equal(ask3(r, XENNET_CTRL_SET_HASH_KEY, 0xffffffff,
			      0xffffffff, 0xffffffff, &data),
			 OVERFLOW);
	assert_int_equal(data, 0);
	assert_memory_equal(slot + 12, "\0\0\0\0", 4);
}

static void C3_a_producer_that_cannot_be_breaks_the_vif(void **state)
{
	static const uint32_t lies[] = { 129, 0x80000000u, 0xffffffffu,
					 0x7fffffffu };
	unsigned i;

	for (i = 0; i < COUNT(lies); i++) {
		void *rig = *state;
		struct back_rig *r;

		setup(&rig);
		r = rig;
		xennet_store(&ctrl.page->req_prod, lies[i]);
		assert_int_equal(back_rig_event(r), XENNET_VIF_STOP);
		assert_true(r->back.ctrl.broken == -XENNET_ERING_AHEAD ||
			    r->back.ctrl.broken == -XENNET_ERING_BACK);
		assert_int_equal(xennet_back_ctrl(&r->back),
				 r->back.ctrl.broken);
		assert_int_equal(back_rig_event(r), XENNET_VIF_STOP);
		xennet_back_disconnect(&r->back);
		assert_int_not_equal(r->back.refused, 0);
		teardown(&rig);
	}
}

/* Between the event and the pause. */
static void
C3_a_producer_that_goes_bad_breaks_the_vif_in_the_pause(void **state)
{
	struct back_rig *r = *state;

	peer_ctrl_put(&ctrl, 1, 99, 0, 0, 0);
	peer_ctrl_push(&ctrl);
	assert_int_equal(back_rig_event(r), XENNET_VIF_PAUSE);
	xennet_store(&ctrl.page->req_prod, 0x80000000u);
	assert_int_equal(xennet_back_ctrl(&r->back), -XENNET_ERING_AHEAD);
	assert_int_equal(back_rig_event(r), XENNET_VIF_STOP);
	xennet_back_disconnect(&r->back);
	assert_int_equal(r->back.refused, -XENNET_ERING_AHEAD);
}

static void C3_the_loop_has_a_budget(void **state)
{
	struct back_rig *r = *state;
	unsigned i, served = 0, pauses = 0;

	for (i = 0; i < 128; i++)
		peer_ctrl_put(&ctrl, (uint16_t)i, 99, 0, 0, 0);
	peer_ctrl_push(&ctrl);
	while (back_rig_event(r) == XENNET_VIF_PAUSE) {
		int n = xennet_back_ctrl(&r->back);

		assert_in_range(n, 1, XENNET_CTRL_BUDGET);
		served += (unsigned)n;
		pauses++;
	}
	assert_int_equal(served, 128);
	assert_int_equal(pauses, 128 / XENNET_CTRL_BUDGET);
}

/* A frontend that asks as fast as it is answered keeps nobody for ever. */
static void ask_again(struct fake *f, enum fake_op op, void *arg)
{
	struct xennet_ctrl_rsp rsp;

	(void)f, (void)arg;
	if (op != FAKE_NOTIFY || !peer_ctrl_take(&ctrl, &rsp))
		return;
	peer_ctrl_put(&ctrl, 1, 99, 0, 0, 0);
	xennet_ring_push(&ctrl.ring);
	xennet_ring_arm(&ctrl.ring, 1);
}

static void
C3_who_asks_while_it_is_served_waits_for_the_next_pause(void **state)
{
	struct back_rig *r = *state;

	peer_ctrl_put(&ctrl, 1, 99, 0, 0, 0);
	peer_ctrl_push(&ctrl);
	r->f.before = ask_again;
	assert_int_equal(xennet_back_ctrl(&r->back), XENNET_CTRL_BUDGET);
	r->f.before = NULL;
	assert_int_equal(back_rig_event(r), XENNET_VIF_PAUSE);
}

static void
C3_no_event_is_lost_and_none_sent_that_nobody_asked_for(void **state)
{
	struct back_rig *r = *state;
	unsigned i;

	/* that of binding */
	fake_event(&r->f, BACK, r->back.ctrl.port);
	for (i = 0; i < 300; i++) {
		assert_int_equal(back_rig_event(r), XENNET_VIF_IDLE);
		assert_false(fake_event(&r->f, BACK, r->back.ctrl.port));
		peer_ctrl_put(&ctrl, 1, 99, 0, 0, 0);
		peer_ctrl_push(&ctrl);
		assert_true(fake_event(&r->f, BACK, r->back.ctrl.port));
		assert_int_equal(back_rig_event(r), XENNET_VIF_PAUSE);
		xennet_back_ctrl(&r->back);
		xennet_ring_peek(&ctrl.ring);
		ctrl.ring.cons = ctrl.ring.seen;
	}
}

static void C3_an_event_of_the_port_alone_reads_no_key(void **state)
{
	struct back_rig *r = *state;
	unsigned i, reads;

	assert_int_equal(back_rig_event(r), XENNET_VIF_IDLE);
	reads = r->f.calls[FAKE_READ];
	for (i = 0; i < 300; i++) {
		ctrl.front->platform.ops->evtchn_notify(
			ctrl.front->platform.ctx, ctrl.port);
		assert_true(fake_event(&r->f, BACK, r->back.ctrl.port));
		assert_int_equal(xennet_back_ctrl_event(&r->back),
				 XENNET_VIF_IDLE);
		assert_false(fake_event(&r->f, BACK, r->back.ctrl.port));
	}
	peer_ctrl_put(&ctrl, 1, 99, 0, 0, 0);
	peer_ctrl_push(&ctrl);
	assert_true(fake_event(&r->f, BACK, r->back.ctrl.port));
	assert_int_equal(xennet_back_ctrl_event(&r->back), XENNET_VIF_PAUSE);
	assert_int_equal(xennet_back_ctrl(&r->back), 1);
	xennet_store(&ctrl.page->req_prod, 0x80000000u);
	assert_int_equal(xennet_back_ctrl_event(&r->back), XENNET_VIF_STOP);
	assert_int_equal(xennet_back_ctrl_event(&r->back), XENNET_VIF_STOP);
	assert_int_equal(r->f.calls[FAKE_READ], reads);
	xennet_back_disconnect(&r->back);
	assert_int_equal(xennet_back_ctrl_event(&r->back), XENNET_VIF_IDLE);
}

/* What comes after an event that brought nothing is held against it; looks
 * without one make no difference. */
static void V3_only_kicks_for_nothing_are_spurious(void **state)
{
	struct back_rig *r = *state;
	const struct fake_port *port =
		&r->f.domain[BACK].port[r->back.ctrl.port];
	const struct xennet_platform *p = &ctrl.front->platform;
	struct xennet_ctrl_rsp rsp;
	unsigned before, i;

	/* that of binding */
	fake_event(&r->f, BACK, r->back.ctrl.port);
	assert_int_equal(back_rig_event(r), XENNET_VIF_IDLE);
	for (i = 0; i < 10; i++) {
		p->ops->evtchn_notify(p->ctx, ctrl.port);
		assert_true(fake_event(&r->f, BACK, r->back.ctrl.port));
		before = port->spurious;
		assert_int_equal(back_rig_event(r), XENNET_VIF_IDLE);
		assert_int_equal(port->spurious, before + 1);
	}
	for (i = 0; i < 10; i++) {
		peer_ctrl_put(&ctrl, 1, 99, 0, 0, 0);
		peer_ctrl_push(&ctrl);
		assert_true(fake_event(&r->f, BACK, r->back.ctrl.port));
		before = port->spurious;
		assert_int_equal(back_rig_event(r), XENNET_VIF_PAUSE);
		assert_int_equal(port->spurious, before + (i == 0));
		assert_int_equal(xennet_back_ctrl(&r->back), 1);
		assert_int_equal(back_rig_event(r), XENNET_VIF_IDLE);
		assert_true(peer_ctrl_take(&ctrl, &rsp));
	}
}

static void C4_unknown_types_are_not_supported(void **state)
{
	static const uint16_t types[] = { 0, 11, 12, 255, 256, 0x7fff, 0xffff };
	struct back_rig *r = *state;
	unsigned i;

	for (i = 0; i < COUNT(types); i++)
		assert_int_equal(ask(r, types[i], 1), UNSUPPORTED);
}

/* Its memory is for those who ask for one; without, nothing else is amiss. */
static void C2_a_hash_without_memory_is_not_supported(void **state)
{
	struct back_rig *r = *state;
	uint16_t type;

	for (type = 1; type <= XENNET_CTRL_SET_HASH_ALGORITHM; type++) {
		assert_null(r->back.hash);
		fake_fail(&r->f, FAKE_ALLOC, 1, -XENNET_ENOMEM);
		assert_int_equal(ask(r, type, 0), UNSUPPORTED);
		assert_true(fake_failed(&r->f));
		assert_int_equal(ask(r, XENNET_CTRL_GET_GREF_MAPPING_SIZE, 0),
				 OKAY);
	}
	assert_null(r->back.hash);
	assert_int_equal(ask(r, XENNET_CTRL_SET_HASH_ALGORITHM, 1), OKAY);
	assert_non_null(r->back.hash);
}

static void C5_hash_algorithm_is_none_or_toeplitz(void **state)
{
	struct back_rig *r = *state;
	const uint16_t type = XENNET_CTRL_SET_HASH_ALGORITHM;

	assert_int_equal(ask(r, type, 1), OKAY);
	assert_int_equal(r->back.hash->algorithm, XENNET_HASH_TOEPLITZ);
	assert_int_equal(ask(r, type, 2), INVALID);
	assert_int_equal(ask(r, type, UINT32_MAX), INVALID);
	assert_int_equal(r->back.hash->algorithm, XENNET_HASH_TOEPLITZ);
	assert_int_equal(ask(r, type, 0), OKAY);
	assert_int_equal(r->back.hash->algorithm, XENNET_HASH_NONE);
}

static void C6_flags_need_an_algorithm_and_are_known(void **state)
{
	struct back_rig *r = *state;
	uint32_t data;

	assert_int_equal(ask(r, XENNET_CTRL_GET_HASH_FLAGS, 0), UNSUPPORTED);
	assert_int_equal(ask(r, XENNET_CTRL_SET_HASH_FLAGS, 1), INVALID);
	assert_int_equal(r->back.hash->types, 0);
	ask(r, XENNET_CTRL_SET_HASH_ALGORITHM, 1);
	assert_int_equal(ask3(r, XENNET_CTRL_GET_HASH_FLAGS, 0, 0, 0, &data),
			 OKAY);
	assert_int_equal(data, 15);
	assert_int_equal(ask(r, XENNET_CTRL_SET_HASH_FLAGS, 5), OKAY);
	assert_int_equal(r->back.hash->types, 5);
	assert_int_equal(ask(r, XENNET_CTRL_SET_HASH_FLAGS, 16), INVALID);
	assert_int_equal(ask(r, XENNET_CTRL_SET_HASH_FLAGS, 0x80000001),
			 INVALID);
	assert_int_equal(r->back.hash->types, 5);
	assert_int_equal(r->q->rx.hash_types, 5);
	assert_int_equal(ask(r, XENNET_CTRL_SET_HASH_FLAGS, 0), OKAY);
	assert_int_equal(r->q->rx.hash_types, 0);
}

static uint32_t hash_of_ones(struct back_rig *r)
{
	uint8_t ones[XENNET_HASH_BYTES];

	memset(ones, 0xff, sizeof(ones));
	return xennet_hash_bytes(r->back.hash, ones, sizeof(ones));
}

static void C7_a_key_is_bounded_and_replaced_whole(void **state)
{
	struct back_rig *r = *state;
	struct xennet_hash alone;
	uint8_t key[XENNET_HASH_KEY + 1];
	uint32_t seed = 11, len, i, old;

	for (len = 0; len <= XENNET_HASH_KEY; len++) {
		for (i = 0; i < sizeof(key); i++)
			key[i] = (uint8_t)test_random(&seed);
		assert_int_equal(set_key(r, key, len), OKAY);
		xennet_hash_set_key(&alone, key, len);
		assert_memory_equal(alone.table, r->back.hash->table,
				    sizeof(alone.table));
	}
	old = hash_of_ones(r);
	assert_int_not_equal(old, 0);
	assert_int_equal(set_key(r, key, sizeof(key)), OVERFLOW);
	assert_int_equal(set_key(r, NULL, UINT32_MAX), OVERFLOW);
	assert_int_equal(hash_of_ones(r), old);
	/* cleared: every hash is zero */
	assert_int_equal(set_key(r, NULL, 0), OKAY);
	assert_int_equal(hash_of_ones(r), 0);
}

static void C7_a_key_that_cannot_be_read_changes_nothing(void **state)
{
	static const uint32_t grefs[] = { 0, 7, 9999, UINT32_MAX };
	struct back_rig *r = *state;
	uint32_t old, data, i;

	assert_int_equal(set_key(r, "secret", 6), OKAY);
	old = hash_of_ones(r);
	for (i = 0; i < COUNT(grefs); i++)
		assert_int_equal(ask3(r, XENNET_CTRL_SET_HASH_KEY, grefs[i], 6,
				      0, &data),
				 INVALID);
	/* one of its own rings, of another sort of memory: it may */
	assert_int_equal(hash_of_ones(r), old);
	fake_fail_times(&r->f, FAKE_COPY, 1, 1000, XENNET_GNTST_EAGAIN);
	assert_int_equal(set_key(r, "public", 6), INVALID);
	fake_fail(&r->f, FAKE_COPY, 1, 3);
	assert_int_equal(set_key(r, "public", 6), INVALID);
	fake_fail_nothing(&r->f);
	assert_int_equal(hash_of_ones(r), old);
}

static void C8_a_size_is_bounded_and_a_change_fills_with_zero(void **state)
{
	const uint16_t type = XENNET_CTRL_SET_HASH_MAPPING_SIZE;
	uint32_t entry[XENNET_HASH_MAPPING], i, data;
	struct back_rig *r = *state;

	assert_int_equal(
		ask3(r, XENNET_CTRL_GET_HASH_MAPPING_SIZE, 0, 0, 0, &data),
		OKAY);
	assert_int_equal(data, XENNET_HASH_MAPPING);
	assert_int_equal(ask(r, type, XENNET_HASH_MAPPING), OKAY);
	for (i = 0; i < XENNET_HASH_MAPPING; i++)
		entry[i] = 1 + i % 3;
	assert_int_equal(map_queues(r, entry, XENNET_HASH_MAPPING, 0), OKAY);
	assert_int_equal(r->back.hash->mapping[127], 1 + 127 % 3);
	assert_int_equal(ask(r, type, XENNET_HASH_MAPPING + 1), INVALID);
	assert_int_equal(ask(r, type, UINT32_MAX), INVALID);
	assert_int_equal(r->back.hash->size, XENNET_HASH_MAPPING);
	assert_int_equal(r->back.hash->mapping[127], 1 + 127 % 3);
	assert_int_equal(ask(r, type, 100), OKAY);
	assert_int_equal(r->back.hash->size, 100);
	for (i = 0; i < XENNET_HASH_MAPPING; i++)
		assert_int_equal(r->back.hash->mapping[i], 0);
	assert_int_equal(ask(r, type, 0), OKAY);
	assert_int_equal(r->back.hash->size, 0);
}

static void C9_parts_of_the_mapping_are_in_it_or_refused(void **state)
{
	static const struct {
		uint32_t n, at;
		bool okay;
	} cases[] = {
		{ 100, 0, true },
		{ 1, 99, true },
		{ 0, 100, true },
		{ 50, 50, true },
		{ 1, 100, false },
		{ 0, 101, false },
		{ 101, 0, false },
		{ 51, 50, false },
		{ 128, 0, false },
		{ 129, 0, false },
		{ 1, UINT32_MAX, false },
		{ UINT32_MAX, 1, false },
		{ UINT32_MAX, UINT32_MAX, false },
		{ 2, UINT32_MAX, false },
		{ 100, UINT32_MAX - 98, false },
		{ 0x40000001, 0, false },
		{ 0x40000000, 0xc0000000, false },
		{ 1, 0x80000000, false },
		{ 0x80000000, 0x80000000, false },
	};
	uint32_t entry[XENNET_HASH_MAPPING] = { 0 }, i;
	struct xennet_hash before;
	struct back_rig *r = *state;

	assert_int_equal(ask(r, XENNET_CTRL_SET_HASH_MAPPING_SIZE, 100), OKAY);
	for (i = 0; i < COUNT(cases); i++) {
		uint32_t n = cases[i].n < 128 ? cases[i].n : 128, j;

		for (j = 0; j < n; j++)
			entry[j] = (i + j) % 4;
		memcpy(ctrl.data.addr, entry, sizeof(entry));
		before = *r->back.hash;
		if (!cases[i].okay) {
			uint32_t status =
				map_queues(r, NULL, cases[i].n, cases[i].at);

			assert_true(status == INVALID || status == OVERFLOW);
			assert_memory_equal(&before, r->back.hash,
					    sizeof(before));
			continue;
		}
		assert_int_equal(map_queues(r, NULL, n, cases[i].at), OKAY);
		for (j = 0; j < XENNET_HASH_MAPPING; j++)
			assert_int_equal(r->back.hash->mapping[j],
					 j - cases[i].at < n
						 ? entry[j - cases[i].at]
						 : before.mapping[j]);
	}
}

static void C9_one_bad_entry_leaves_the_old_mapping(void **state)
{
	static const uint32_t bad[] = {
		4, 5, 256, 0x100, 0x80000000, UINT32_MAX
	};
	uint32_t entry[100] = { 0 }, i, at;
	struct back_rig *r = *state;
	struct xennet_hash before;

	assert_int_equal(ask(r, XENNET_CTRL_SET_HASH_MAPPING_SIZE, 100), OKAY);
	for (i = 0; i < 100; i++)
		entry[i] = 3 - i % 4;
	assert_int_equal(map_queues(r, entry, 100, 0), OKAY);
	before = *r->back.hash;
	memset(entry, 0, sizeof(entry));
	for (i = 0; i < COUNT(bad); i++)
		for (at = 0; at < 100; at += 33) {
			entry[at] = bad[i];
			assert_int_equal(map_queues(r, entry, 100, 0), INVALID);
			assert_memory_equal(&before, r->back.hash,
					    sizeof(before));
			entry[at] = 0;
		}
	fake_fail(&r->f, FAKE_COPY, 1, XENNET_GNTST_BAD_GREF);
	assert_int_equal(map_queues(r, entry, 100, 0), INVALID);
	fake_fail_nothing(&r->f);
	assert_memory_equal(&before, r->back.hash, sizeof(before));
}

/* By one copy, to memory that the frontend cannot reach. */
static void C9_the_table_is_read_once(void **state)
{
	uint32_t entry[100] = { 0 };
	struct back_rig *r = *state;
	unsigned copies;

	assert_int_equal(ask(r, XENNET_CTRL_SET_HASH_MAPPING_SIZE, 100), OKAY);
	copies = r->f.calls[FAKE_COPY];
	assert_int_equal(map_queues(r, entry, 100, 0), OKAY);
	assert_int_equal(r->f.calls[FAKE_COPY] - copies, 1);
}

static struct xennet_pkt packet(unsigned char *bytes, struct xennet_frag *frag,
				uint16_t port)
{
	struct xennet_pkt pkt = { .frag = frag, .len = 300, .nfrags = 1 };

	memset(bytes, 0, 300);
	frame_tcp4(bytes, 300);
	bytes[34] = (unsigned char)(port >> 8);
	bytes[35] = (unsigned char)port;
	frag->addr = bytes;
	frag->len = 300;
	return pkt;
}

static void the_queue_is_that_of_hash_and_mapping(void **state)
{
	uint32_t entry[7] = { 3, 1, 2, 0, 3, 2, 1 }, i, q;
	struct back_rig *r = *state;
	unsigned char bytes[300];
	struct xennet_frag frag;
	struct xennet_pkt pkt;

	/* as it likes, but a flow stays where it is; and no hash is told of */
	for (i = 0; i < 100; i++) {
		pkt = packet(bytes, &frag, (uint16_t)i);
		q = xennet_back_select_queue(&r->back, &pkt);
		assert_in_range(q, 0, 3);
		assert_int_equal(xennet_back_select_queue(&r->back, &pkt), q);
		assert_int_equal(xennet_pkt_hash_type(&pkt), -1);
	}
	ask(r, XENNET_CTRL_SET_HASH_ALGORITHM, 1);
	ask(r, XENNET_CTRL_SET_HASH_FLAGS, XENNET_HASH_ALL);
	set_key(r, "a key of some bytes", 19);
	for (i = 0; i < 100; i++) {
		pkt = packet(bytes, &frag, (uint16_t)i);
		q = xennet_back_select_queue(&r->back, &pkt);
		assert_int_equal(xennet_pkt_hash_type(&pkt),
				 XENNET_HASH_IPV4_TCP);
		assert_int_equal(q, pkt.hash % 4);
	}
	ask(r, XENNET_CTRL_SET_HASH_MAPPING_SIZE, 7);
	map_queues(r, entry, 7, 0);
	for (i = 0; i < 100; i++) {
		pkt = packet(bytes, &frag, (uint16_t)i);
		q = xennet_back_select_queue(&r->back, &pkt);
		assert_int_equal(q, entry[pkt.hash % 7]);
	}
	/* of no type that was asked for */
	bytes[13] = 6;
	assert_int_equal(xennet_back_select_queue(&r->back, &pkt), 3);
	assert_int_equal(xennet_pkt_hash_type(&pkt), -1);
}

/* What a killed backend left: a request that was not answered comes again, and
 * one that was answered and not published is one of no effect. */
static void R15_a_successor_takes_the_ring_up_where_it_stands(void **state)
{
	struct back_rig *r = *state;
	struct xennet_back_config config = r->back.config;
	struct xennet_ctrl_rsp rsp;
	uint16_t i;

	for (i = 0; i < 100; i++)
		assert_int_equal(ask(r, XENNET_CTRL_GET_HASH_MAPPING_SIZE, 0),
				 OKAY);
	for (i = 0; i < 50; i++)
		peer_ctrl_put(&ctrl, i, 99, 0, 0, 0);
	peer_ctrl_push(&ctrl);
	/* the answer to the first, before its index */
	memset(&rsp, 0, sizeof(rsp));
	rsp.type = 99;
	rsp.status = UNSUPPORTED;
	xennet_ctrl_fill_rsp(xennet_ctrl_slot_rsp(&ctrl.ring, 100), &rsp);
	fake_crash(&r->f, BACK);
	assert_int_equal(xennet_back_open(&r->back, &config), 0);
	assert_int_equal(back_rig_event(r), XENNET_VIF_CONNECTED);
	assert_null(r->back.hash);
	while (back_rig_event(r) == XENNET_VIF_PAUSE)
		xennet_back_ctrl(&r->back);
	for (i = 0; i < 50; i++) {
		assert_true(peer_ctrl_take(&ctrl, &rsp));
		assert_int_equal(rsp.id, i);
		assert_int_equal(rsp.status, UNSUPPORTED);
	}
	assert_false(peer_ctrl_take(&ctrl, &rsp));
}

static void R15_what_was_published_and_not_told_of_is_told_of(void **state)
{
	struct back_rig *r = *state;
	struct xennet_back_config config = r->back.config;
	struct xennet_ctrl_rsp rsp = { 7, 99, 1, 0 };

	peer_ctrl_put(&ctrl, 7, 99, 0, 0, 0);
	peer_ctrl_push(&ctrl);
	xennet_ctrl_fill_rsp(xennet_ctrl_slot_rsp(&ctrl.ring, 0), &rsp);
	xennet_store(&ctrl.page->rsp_prod, 1);
	/* that of making it */
	fake_event(&r->f, FRONT, ctrl.port);
	r->front.platform.ops->evtchn_rearm(r->front.platform.ctx, ctrl.port,
					    false);
	fake_crash(&r->f, BACK);
	assert_int_equal(xennet_back_open(&r->back, &config), 0);
	assert_int_equal(back_rig_event(r), XENNET_VIF_CONNECTED);
	assert_int_equal(back_rig_event(r), XENNET_VIF_IDLE);
	assert_true(fake_event(&r->f, FRONT, ctrl.port));
}

#define CTRL_TEST_WITH(f, setting)                                             \
	{                                                                      \
#f, f, setup, teardown, (void *)&(setting)                     \
	}
#define CTRL_TEST(f) CTRL_TEST_WITH(f, four)
#define PLAIN_TEST(f)                                                          \
	{                                                                      \
#f, f, NULL, NULL, (void *)&four                               \
	}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CTRL_TEST_WITH(C1_keys_are_ignored_where_nothing_was_offered,
			       without),
		BACK_TEST(C1_without_keys_there_is_no_ring),
		PLAIN_TEST(keys_that_make_no_sense_are_refused),
		CTRL_TEST(C2_one_response_to_each_with_its_id_and_type),
		CTRL_TEST(C2_R16_a_response_leaves_nothing_else_in_its_slot),
		PLAIN_TEST(C3_a_producer_that_cannot_be_breaks_the_vif),
		CTRL_TEST(
			C3_a_producer_that_goes_bad_breaks_the_vif_in_the_pause),
		CTRL_TEST(C3_the_loop_has_a_budget),
		CTRL_TEST(
			C3_who_asks_while_it_is_served_waits_for_the_next_pause),
		CTRL_TEST(
			C3_no_event_is_lost_and_none_sent_that_nobody_asked_for),
		CTRL_TEST(C3_an_event_of_the_port_alone_reads_no_key),
		CTRL_TEST(V3_only_kicks_for_nothing_are_spurious),
		CTRL_TEST(C4_unknown_types_are_not_supported),
		CTRL_TEST(C2_a_hash_without_memory_is_not_supported),
		CTRL_TEST(C5_hash_algorithm_is_none_or_toeplitz),
		CTRL_TEST(C6_flags_need_an_algorithm_and_are_known),
		CTRL_TEST(C7_a_key_is_bounded_and_replaced_whole),
		CTRL_TEST(C7_a_key_that_cannot_be_read_changes_nothing),
		CTRL_TEST(C8_a_size_is_bounded_and_a_change_fills_with_zero),
		CTRL_TEST(C9_parts_of_the_mapping_are_in_it_or_refused),
		CTRL_TEST(C9_one_bad_entry_leaves_the_old_mapping),
		CTRL_TEST(C9_the_table_is_read_once),
		CTRL_TEST(the_queue_is_that_of_hash_and_mapping),
		CTRL_TEST(R15_a_successor_takes_the_ring_up_where_it_stands),
		CTRL_TEST(R15_what_was_published_and_not_told_of_is_told_of),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
