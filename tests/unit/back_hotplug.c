/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* A backend waits for the hotplug script where there is one. */
#include <stdlib.h>

#include "back_rig.h"

#define KEY "hotplug-status"

static const struct back_setting setting = { .strategy = XENNET_COPY };

/* The frontend is connected in all but name; hotplug-status says this. */
static struct back_rig *ready_rig(const char *status)
{
	struct back_rig *r = calloc(1, sizeof(*r));

	back_rig_open(r, &setting);
	peer_set(&r->f, BACK_DIR, KEY, status);
	peer_front_publish(&r->front);
	peer_front_state(&r->front, XENNET_STATE_CONNECTED);
	return r;
}

static unsigned back_state(struct back_rig *r)
{
	return peer_get_uint(&r->f, BACK_DIR, "state");
}

static void assert_waits(struct back_rig *r, int refused)
{
	unsigned ports = fake_ports(&r->f);

	r->f.domain[BACK].changed = false;
	assert_int_equal(back_rig_event(r), XENNET_VIF_IDLE);
	assert_int_equal(r->back.refused, refused);
	assert_null(r->back.queue);
	assert_int_equal(fake_maps(&r->f), 0);
	assert_int_equal(fake_ports(&r->f), ports);
	assert_int_equal(back_state(r), XENNET_STATE_INIT_WAIT);
}

/* The platform's event loop tells of the write, so the vif connects. */
static void assert_connects(struct back_rig *r, const char *status)
{
	r->f.domain[BACK].changed = false;
	peer_set(&r->f, BACK_DIR, KEY, status);
	assert_true(r->f.domain[BACK].changed);
	assert_int_equal(back_rig_event(r), XENNET_VIF_CONNECTED);
	assert_int_equal(r->back.refused, 0);
	assert_null(r->back.refused_key);
	assert_int_equal(back_state(r), XENNET_STATE_CONNECTED);
}

static void S6_connected_before_the_frontend_is_not_waited_for(void **state)
{
	struct back_rig *r = ready_rig("connected");

	(void)state;
	assert_int_equal(back_rig_event(r), XENNET_VIF_CONNECTED);
	back_rig_close(r);
}

static void S6_anything_else_is_waited_out(void **state)
{
	static const char *const values[] = { "",
					      "busy",
					      "connecte",
					      "connected ",
					      "Connected",
					      "disconnected",
					      "connectedconnectedconnected" };
	unsigned i;

	(void)state;
	for (i = 0; i < COUNT(values); i++) {
		struct back_rig *r = ready_rig(values[i]);

		assert_waits(r, 0);
		assert_waits(r, 0);
		assert_connects(r, "connected");
		back_rig_close(r);
	}
}

static void S6_error_is_told_and_may_yet_be_mended(void **state)
{
	struct back_rig *r = ready_rig("error");

	(void)state;
	assert_waits(r, -XENNET_EKEY_HOTPLUG);
	assert_string_equal(r->back.refused_key, KEY);
	peer_set(&r->f, BACK_DIR, KEY, "");
	assert_waits(r, 0);
	peer_set(&r->f, BACK_DIR, KEY, "error");
	assert_waits(r, -XENNET_EKEY_HOTPLUG);
	assert_connects(r, "connected");
	back_rig_close(r);
}

static void S6_removed_key_is_nothing_to_wait_for(void **state)
{
	struct back_rig *r = ready_rig("");

	(void)state;
	assert_waits(r, 0);
	assert_connects(r, NULL);
	back_rig_close(r);
}

static void S6_S9_later_edits_have_no_effect(void **state)
{
	static const char *const values[] = { "error", "", NULL };
	struct back_rig *r = ready_rig("");
	unsigned i;

	(void)state;
	assert_waits(r, 0);
	assert_connects(r, "connected");
	for (i = 0; i < COUNT(values); i++) {
		r->f.domain[BACK].changed = false;
		peer_set(&r->f, BACK_DIR, KEY, values[i]);
		assert_false(r->f.domain[BACK].changed);
		assert_int_equal(back_rig_event(r), XENNET_VIF_IDLE);
		assert_int_equal(r->back.refused, 0);
	}
	back_rig_close(r);
}

static void S6_S8_frontend_may_change_its_mind_meanwhile(void **state)
{
	struct back_rig *r = ready_rig("");

	(void)state;
	assert_waits(r, 0);
	peer_front_state(&r->front, XENNET_STATE_CLOSING);
	assert_int_equal(back_rig_event(r), XENNET_VIF_IDLE);
	assert_int_equal(back_state(r), XENNET_STATE_CLOSING);
	peer_front_state(&r->front, XENNET_STATE_INITIALISING);
	assert_int_equal(back_rig_event(r), XENNET_VIF_IDLE);
	peer_front_state(&r->front, XENNET_STATE_CONNECTED);
	assert_waits(r, 0);
	assert_connects(r, "connected");
	back_rig_close(r);
}

static void S6_closed_while_it_waits_watches_nothing(void **state)
{
	struct back_rig *r = ready_rig("");

	(void)state;
	assert_waits(r, 0);
	back_rig_close(r);
}

/* Any call of the store may fail once; then the next event mends it. */
static void S6_failing_store_loses_no_wait(void **state)
{
	static const enum fake_op ops[] = { FAKE_READ, FAKE_WATCH };
	unsigned i, nth;
	int event;

	(void)state;
	for (i = 0; i < COUNT(ops); i++) {
		for (nth = 1; nth <= 3; nth++) {
			struct back_rig *r = ready_rig("");

			fake_fail(&r->f, ops[i], nth, -XENNET_EIO);
			event = back_rig_event(r);
			assert_true(event == -XENNET_EIO ||
				    event == XENNET_VIF_IDLE);
			fake_fail_nothing(&r->f);
			assert_waits(r, 0);
			assert_connects(r, "connected");
			back_rig_close(r);
		}
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(S6_connected_before_the_frontend_is_not_waited_for),
		TEST(S6_anything_else_is_waited_out),
		TEST(S6_error_is_told_and_may_yet_be_mended),
		TEST(S6_removed_key_is_nothing_to_wait_for),
		TEST(S6_S9_later_edits_have_no_effect),
		TEST(S6_S8_frontend_may_change_its_mind_meanwhile),
		TEST(S6_closed_while_it_waits_watches_nothing),
		TEST(S6_failing_store_loses_no_wait),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
