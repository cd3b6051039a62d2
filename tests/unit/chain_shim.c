/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Chains of slots whose owner changes each slot as soon as it was read: what
 * was read first counts, in both directions, and nothing is read again.
 */
#define XENNET_ENV_H "shim_env.h"

#include "../../libxennet/chain.c"

#include "back_rig.h"
#include "front_rig.h"

#define MORE XENNET_TXF_MORE_DATA
#define EXTRA XENNET_TXF_EXTRA_INFO

static unsigned copies;
static unsigned char spoiled;

/* Longer, elsewhere, of another grant, and with other flags. */
static void change_what_was_copied(enum shim_access access, const void *where)
{
	if (access != SHIM_COPIED)
		return;
	copies++;
	memset((void *)(uintptr_t)where, spoiled, 8);
}

static int stop(int (*teardown)(void **state), void **state)
{
	shim_hook = NULL;
	return teardown(state);
}

static int stop_back(void **state)
{
	return stop(back_rig_teardown, state);
}

static int stop_front(void **state)
{
	return stop(front_rig_teardown, state);
}

static void R10_T15_back_uses_what_it_copied_first(void **state)
{
	static const unsigned char values[] = { 0x00, 0xff, 0x04, 0x0c, 0x80 };
	static unsigned char data[3000];
	struct back_rig *r = *state;
	unsigned v, i;

	for (v = 0; v < COUNT(values); v++) {
		peer_put_req(&r->front, 11, 0, 10, 1000, MORE);
		peer_put_req(&r->front, 12, 1, 20, 300, MORE);
		peer_put_req(&r->front, 13, 2, 30, 400, 0);
		peer_push_tx(&r->front);
		spoiled = values[v];
		copies = 0;
		shim_hook = change_what_was_copied;

		assert_int_equal(back_rig_poll(r), 1);

		shim_hook = NULL;
		assert_int_equal(copies, 3);
		assert_int_equal(r->in.pkt[0].len, 1000);
		assert_int_equal(peer_gather(&r->in.pkt[0], data, sizeof(data)),
				 1000);
		for (i = 0; i < 300; i++)
			assert_int_equal(data[i], peer_byte(0, 10 + i));
		for (i = 0; i < 300; i++)
			assert_int_equal(data[300 + i], peer_byte(1, 20 + i));
		for (i = 0; i < 400; i++)
			assert_int_equal(data[600 + i], peer_byte(2, 30 + i));
		xennet_back_done(r->q, r->in.pkt, 1);
		peer_take_answers(&r->front, &r->answers);
		assert_int_equal(r->answers.of[11] + r->answers.of[12] +
					 r->answers.of[13],
				 3);
	}
}

static void R10_back_refuses_by_what_it_copied_first(void **state)
{
	struct back_rig *r = *state;

	/* made right after it was read */
	peer_put_req(&r->front, 11, 0, 4000, 1000, 0);
	peer_push_tx(&r->front);
	spoiled = 0;
	shim_hook = change_what_was_copied;
	assert_int_equal(back_rig_serve(r), 0);
	shim_hook = NULL;

	assert_int_equal(r->answers.error, 1);
	assert_int_equal(r->q->stats.reason[XENNET_EPKT_RANGE], 1);
}

static void R10_extra_is_read_once(void **state)
{
	struct back_rig *r = *state;

	peer_put_req(&r->front, 11, 0, 0, 100, EXTRA | MORE);
	peer_put_extra(&r->front, XENNET_EXTRA_XDP, 0);
	peer_put_req(&r->front, 12, 1, 0, 50, 0);
	peer_push_tx(&r->front);
	spoiled = 1; /* would be GSO, and another to come */
	copies = 0;
	shim_hook = change_what_was_copied;
	assert_int_equal(back_rig_serve(r), 0);
	shim_hook = NULL;

	assert_int_equal(copies, 3);
	assert_int_equal(r->answers.error, 2);
	assert_int_equal(r->answers.null, 1);
	assert_int_equal(r->q->stats.reason[XENNET_EEXTRA_TYPE], 1);
}

static void X8_R10_front_uses_what_it_checked(void **state)
{
	static const unsigned char values[] = { 0x00, 0xff, 0x7f, 0x04, 0x0f };
	static unsigned char data[5000];
	struct front_rig *r = *state;
	unsigned v, i;

	for (v = 0; v < COUNT(values); v++) {
		peer_deliver(&r->back, 4, 100, 1000, 0);
		peer_push_rx(&r->back);
		spoiled = values[v];
		copies = 0;
		shim_hook = change_what_was_copied;

		assert_int_equal(front_rig_poll(r), 1);

		shim_hook = NULL;
		assert_int_equal(copies, 4);
		assert_int_equal(peer_gather(&r->in.pkt[0], data, sizeof(data)),
				 4000);
		for (i = 0; i < 4000; i++)
			assert_int_equal(data[i],
					 peer_byte(i / 1000, 100 + i % 1000));
		xennet_front_done(r->q, r->in.pkt, 1);
		assert_int_equal(r->q->broken, 0);
	}
}

#define BACK_SHIM(f, setting)                                                  \
	{                                                                      \
#f, f, back_rig_setup, stop_back, (void *)&(setting)           \
	}
#define FRONT_SHIM(f, setting)                                                 \
	{                                                                      \
#f, f, front_rig_setup, stop_front, (void *)&(setting)         \
	}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		BACK_SHIM(R10_T15_back_uses_what_it_copied_first, back_copy),
		BACK_SHIM(R10_T15_back_uses_what_it_copied_first, back_map),
		BACK_SHIM(R10_T15_back_uses_what_it_copied_first,
			  back_persistent),
		BACK_SHIM(R10_back_refuses_by_what_it_copied_first, back_copy),
		BACK_SHIM(R10_extra_is_read_once, back_copy),
		FRONT_SHIM(X8_R10_front_uses_what_it_checked, front_granting),
		FRONT_SHIM(X8_R10_front_uses_what_it_checked, front_persistent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
