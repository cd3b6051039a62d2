/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Pages that a packet was copied to, taken for good. */
#include "back_rig.h"

#define MORE XENNET_TXF_MORE_DATA

/* As a program has it: of copy_alloc, for one. */
static void *fresh(struct back_rig *r)
{
	void *page;

	r->f.atomic = false;
	page = r->q->platform->ops->copy_alloc(r->q->platform->ctx, 1);
	r->f.atomic = true;
	assert_non_null(page);
	return page;
}

static void let_go(struct back_rig *r, void *addr)
{
	uintptr_t page = (uintptr_t)addr & ~(uintptr_t)(XENNET_PAGE - 1);

	r->f.atomic = false;
	r->q->platform->ops->copy_free(r->q->platform->ctx, (void *)page, 1);
	r->f.atomic = true;
}

/* Its n bytes are of this page, from offset on. */
static void assert_bytes(const void *at, unsigned page, unsigned offset,
			 unsigned n)
{
	const unsigned char *b = at;
	unsigned i;

	for (i = 0; i < n; i++)
		assert_int_equal(b[i], peer_byte(page, offset + i));
}

/* One of two slots, 4000 bytes of page 0 and 3000 of page 1. */
static struct xennet_pkt *poll_two_slots(struct back_rig *r, uint16_t id)
{
	peer_put_req(&r->front, id, 0, 0, 7000, MORE);
	peer_put_req(&r->front, (uint16_t)(id + 1), 1, 8, 3000, 0);
	peer_push_tx(&r->front);
	assert_int_equal(back_rig_poll(r), 1);
	assert_int_equal(r->in.pkt[0].nfrags, 2);
	return &r->in.pkt[0];
}

static void taken_pages_stay_as_they_are(void **state)
{
	struct back_rig *r = *state;
	unsigned char *had[2];
	unsigned round, i;

	/* more often than there are slots: each page is replaced */
	for (round = 0; round < RING; round++) {
		struct xennet_pkt *pkt =
			poll_two_slots(r, (uint16_t)(2 * round));

		for (i = 0; i < 2; i++) {
			had[i] = pkt->frag[i].addr;
			assert_true(xennet_back_swap(r->q, pkt, had[i] + 99,
						     fresh(r)));
		}
		xennet_back_done(r->q, pkt, 1);
		assert_int_equal(
			poll_two_slots(r, (uint16_t)(2 * round + 600))->len,
			7000);
		assert_ptr_not_equal(r->in.pkt[0].frag[0].addr, had[0]);
		assert_bytes(r->in.pkt[0].frag[0].addr, 0, 0, 4000);
		assert_bytes(r->in.pkt[0].frag[1].addr, 1, 8, 3000);
		xennet_back_done(r->q, r->in.pkt, 1);
		assert_bytes(had[0], 0, 0, 4000);
		assert_bytes(had[1], 1, 8, 3000);
		let_go(r, had[0]);
		let_go(r, had[1]);
	}
	peer_take_answers(&r->front, &r->answers);
	assert_int_equal(r->q->tx.nspare, RING);
}

/* Of another packet, of a head, or taken already: there is no such page. */
static void only_a_packets_own_pages_are_taken(void **state)
{
	struct back_rig *r = *state;
	void *page = fresh(r), *had;
	struct xennet_pkt *pkt;

	peer_put_req(&r->front, 5, 2, 0, 64, 0);
	peer_put_req(&r->front, 6, 3, 0, 1000, 0);
	peer_put_req(&r->front, 7, 4, 0, 2000, 0);
	peer_push_tx(&r->front);
	assert_int_equal(back_rig_poll(r), 3);
	pkt = r->in.pkt;
	assert_false(
		xennet_back_swap(r->q, &pkt[0], pkt[0].frag[0].addr, page));
	assert_false(
		xennet_back_swap(r->q, &pkt[1], pkt[2].frag[0].addr, page));
	had = pkt[1].frag[0].addr;
	assert_true(xennet_back_swap(r->q, &pkt[1], had, page));
	page = fresh(r);
	assert_false(xennet_back_swap(r->q, &pkt[1], had, page));
	let_go(r, page);
	let_go(r, had);
	xennet_back_done(r->q, pkt, 3);
}

/* An answered packet's token names no chain. */
static void a_small_packet_has_none(void **state)
{
	struct back_rig *r = *state;
	void *page = fresh(r);
	unsigned i;

	for (i = 0; i < 20; i++)
		peer_put_req(&r->front, (uint16_t)i, i, 0, 64, 0);
	peer_push_tx(&r->front);
	assert_int_equal(back_rig_poll(r), 20);
	for (i = 0; i < 20; i++)
		assert_false(xennet_back_swap(r->q, &r->in.pkt[i],
					      r->in.pkt[i].frag[0].addr, page));
	let_go(r, page);
	xennet_back_done(r->q, r->in.pkt, 20);
}

/* What is mapped, kept, or not of copy_alloc. */
static void other_pages_are_not_given_away(void **state)
{
	struct back_rig *r = *state;
	unsigned char page[64];
	unsigned i;

	peer_put_req(&r->front, 1, 0, 0, 3000, 0);
	peer_push_tx(&r->front);
	assert_int_equal(back_rig_poll(r), 1);
	for (i = 0; i < r->in.pkt[0].nfrags; i++)
		assert_false(xennet_back_swap(r->q, &r->in.pkt[0],
					      r->in.pkt[0].frag[i].addr, page));
	xennet_back_done(r->q, r->in.pkt, 1);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		BACK_TEST_WITH(taken_pages_stay_as_they_are, back_pinning),
		BACK_TEST_WITH(only_a_packets_own_pages_are_taken,
			       back_pinning),
		BACK_TEST_WITH(a_small_packet_has_none, back_pinning),
		BACK_TEST_WITH(other_pages_are_not_given_away, back_copy),
		BACK_TEST_WITH(other_pages_are_not_given_away, back_map),
		BACK_TEST_WITH(other_pages_are_not_given_away, back_persistent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
