/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* A frontend that changes its RX requests while they are used. */
#define XENNET_ENV_H "shim_env.h"

#include "../../libxennet/back_rx.c"

#include "back_rig.h"

static unsigned copies;
static uint32_t other; /* the reference that it would rather have used */

static void change_the_request(enum shim_access access, const void *where)
{
	struct xennet_rx_req *req = (void *)(uintptr_t)where;

	if (access != SHIM_COPIED)
		return;
	copies++;
	req->gref = other;
	req->id = 0xffff;
}

static void X3_request_is_copied_and_its_reference_read_once(void **state)
{
	static unsigned char bytes[9000];
	struct back_rig *r = *state;
	struct xennet_frag frag = { bytes, sizeof(bytes) };
	struct xennet_pkt pkt = { .frag = &frag,
				  .len = sizeof(bytes),
				  .nfrags = 1 };
	struct xennet_rx_rsp rsp;
	unsigned i;

	memset(bytes, 0x5a, sizeof(bytes));
	for (i = 0; i < 3; i++)
		peer_post(&r->front, (uint16_t)(40 + i), i);
	other = r->front.rx_grant[100].gref;
	copies = 0;
	shim_hook = change_the_request;

	assert_int_equal(xennet_back_send(r->q, &pkt, 1), 1);

	shim_hook = NULL;
	assert_int_equal(copies, 3);
	for (i = 0; i < 3; i++) {
		assert_true(peer_take_rx(&r->front, &rsp));
		assert_int_equal(rsp.id, 40 + i);
		assert_int_equal(r->front.rx_data[i * XENNET_PAGE], 0x5a);
	}
	assert_int_equal(r->front.rx_data[100 * XENNET_PAGE], 0);
}

static const uint32_t *watched;
static unsigned loads;

static void count_loads(enum shim_access access, const void *where)
{
	if (access != SHIM_LOADED || where != watched)
		return;
	loads++;
	*(uint32_t *)(uintptr_t)watched += 0x10000000;
}

static void R9_index_is_read_once_for_all_that_was_posted(void **state)
{
	static unsigned char bytes[100];
	struct back_rig *r = *state;
	struct xennet_frag frag = { bytes, sizeof(bytes) };
	struct xennet_pkt pkt[20];
	unsigned i;

	for (i = 0; i < 20; i++)
		pkt[i] = (struct xennet_pkt){ .frag = &frag,
					      .len = sizeof(bytes),
					      .nfrags = 1 };
	peer_post_many(&r->front, 20);
	watched = r->q->rx.ring.peer_prod;
	loads = 0;
	shim_hook = count_loads;

	assert_int_equal(xennet_back_send(r->q, pkt, 20), 20);

	shim_hook = NULL;
	assert_int_equal(loads, 1);
	assert_int_equal(xennet_back_send(r->q, pkt, 1), -XENNET_ERING_AHEAD);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		BACK_TESTS(X3_request_is_copied_and_its_reference_read_once),
		BACK_TESTS(R9_index_is_read_once_for_all_that_was_posted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
