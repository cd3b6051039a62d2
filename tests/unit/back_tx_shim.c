/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* How often a backend's poll looks at what the guest can change. */
#define XENNET_ENV_H "shim_env.h"

#include "../../libxennet/back_tx.c"

#include "back_rig.h"

static const uint32_t *watched;
static unsigned loads;

static void count_loads(enum shim_access access, const void *where)
{
	if (access != SHIM_LOADED || where != watched)
		return;
	loads++;
	/* more than can be true, for whoever looks again */
	*(uint32_t *)(uintptr_t)watched += 0x10000000;
}

static void R9_index_is_read_once_per_poll(void **state)
{
	struct back_rig *r = *state;
	unsigned i;

	for (i = 0; i < 50; i++)
		peer_put_req(&r->front, (uint16_t)i, i, 0, 200, 0);
	peer_push_tx(&r->front);
	watched = r->q->tx.ring.peer_prod;
	loads = 0;
	shim_hook = count_loads;

	assert_int_equal(back_rig_poll(r), 50);

	shim_hook = NULL;
	assert_int_equal(loads, 1);
	xennet_back_done(r->q, r->in.pkt, 50);
	assert_int_equal(peer_take_answers(&r->front, &r->answers), 50);
	assert_int_equal(back_rig_poll(r), -XENNET_ERING_AHEAD);
}

/* The guest rewrites its page while the platform works for us. */
static void rewrite_page(struct fake *f, enum fake_op op, void *arg)
{
	struct back_rig *r = arg;

	(void)f;
	if (op == FAKE_NOTIFY)
		memset(r->front.tx_data, 0xee, XENNET_PAGE);
}

static void T15_header_is_not_read_again_once_it_was_copied(void **state)
{
	struct back_rig *r = *state;
	unsigned i;

	peer_put_req(&r->front, 1, 0, 0, 200, 0);
	/* refused, so that the poll itself notifies the guest */
	peer_put_req(&r->front, 2, 0, 0, 5, 0);
	peer_push_tx(&r->front);
	r->f.before = rewrite_page;
	r->f.arg = r;

	assert_int_equal(back_rig_poll(r), 1);

	r->f.before = NULL;
	assert_int_equal(r->front.tx_data[0], 0xee);
	for (i = 0; i < XENNET_HEAD; i++)
		assert_int_equal(((uint8_t *)r->in.pkt[0].frag[0].addr)[i],
				 peer_byte(0, i));
	xennet_back_done(r->q, r->in.pkt, 1);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		BACK_TESTS(R9_index_is_read_once_per_poll),
		BACK_TESTS(T15_header_is_not_read_again_once_it_was_copied),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
