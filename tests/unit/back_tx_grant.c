/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * A backend's TX ring and the platform: grants that cannot be used, indices
 * that cannot be true, calls that are counted.
 */
#include "back_rig.h"

#define MORE XENNET_TXF_MORE_DATA
#define PACKETS 20u

/* Packet i: 200 bytes of page i under id i. */
static void put_packets(struct back_rig *r, unsigned n)
{
	unsigned i;

	for (i = 0; i < n; i++)
		peer_put_req(&r->front, (uint16_t)i, i, 0, 200, 0);
	peer_push_tx(&r->front);
}

static void put_gref(struct back_rig *r, uint16_t id, uint32_t gref)
{
	struct xennet_tx_req req = { gref, 0, 0, id, 200 };

	xennet_tx_put_req(&r->front.q[0].tx, &req);
	peer_push_tx(&r->front);
}

/* Those that arrived are what was sent, and the k-th did not. */
static void assert_all_but(struct back_rig *r, unsigned k)
{
	unsigned i, id = 0;

	for (i = 0; i < PACKETS - 1; i++, id++) {
		id += id == k;
		assert_int_equal(
			((uint8_t *)r->in.pkt[i]
				 .frag[0]
				 .addr)[199 % r->in.pkt[i].frag[0].len],
			peer_byte(id, 199 % r->in.pkt[i].frag[0].len));
	}
	peer_take_answers(&r->front, &r->answers);
	assert_int_equal(r->answers.error, 1);
	assert_int_equal(r->answers.of[k], 1);
	xennet_back_done(r->q, r->in.pkt, PACKETS - 1);
	peer_take_answers(&r->front, &r->answers);
	assert_int_equal(r->answers.okay, PACKETS - 1);
}

/* Statuses that an operation of the first packets may fail with, one by one. */
static void fail_each(struct back_rig *r, enum fake_op op, unsigned per_packet)
{
	unsigned k;

	for (k = 0; k < PACKETS * per_packet; k++) {
		put_packets(r, PACKETS);
		fake_fail(&r->f, op, k + 1, k % 2 ? XENNET_GNTST_GENERAL : 5);
		assert_int_equal(back_rig_poll(r), PACKETS - 1);
		assert_true(fake_failed(&r->f));
		assert_all_but(r, k / per_packet);
	}
	assert_int_equal(r->q->stats.reason[XENNET_EPKT_GREF],
			 PACKETS * per_packet);
}

static void G2_failed_copy_costs_its_own_packet_only(void **state)
{
	fail_each(*state, FAKE_COPY, 1);
}

/* Packets of 64 bytes, of which the k-th is refused; as often as it takes to
 * run out of slots, if one were lost. */
static void G2_failed_copy_costs_its_own_small_packet_only(void **state)
{
	struct back_rig *r = *state;
	unsigned round, i, k, id;

	for (round = 0; round < RING + PACKETS; round++) {
		k = round % PACKETS;
		for (i = 0; i < PACKETS; i++)
			peer_put_req(&r->front, (uint16_t)i, i, 5, 64, 0);
		peer_push_tx(&r->front);
		fake_fail(&r->f, FAKE_COPY, k + 1, XENNET_GNTST_GENERAL);
		assert_int_equal(back_rig_poll(r), PACKETS - 1);
		for (i = id = 0; i < PACKETS - 1; i++, id++) {
			const struct xennet_pkt *pkt = &r->in.pkt[i];

			id += id == k;
			assert_int_equal(pkt->len, 64);
			assert_int_equal(((uint8_t *)pkt->frag[0].addr)[63],
					 peer_byte(id, 5 + 63));
		}
		/* all at once, since all are copied */
		peer_take_answers(&r->front, &r->answers);
		assert_int_equal(r->answers.error, 1);
		assert_int_equal(r->answers.of[k], 1);
		assert_int_equal(r->answers.okay, PACKETS - 1);
		xennet_back_done(r->q, r->in.pkt, PACKETS - 1);
		assert_int_equal(r->q->tx.nspare, RING);
	}
}

/* Their heads are neighbours, each time the same. */
static void small_packets_lie_side_by_side(void **state)
{
	struct back_rig *r = *state;
	const unsigned char *first = NULL;
	unsigned round, i;

	for (round = 0; round < 3; round++) {
		for (i = 0; i < PACKETS; i++)
			peer_put_req(&r->front, (uint16_t)i, i, 5, 64, 0);
		peer_push_tx(&r->front);
		assert_int_equal(back_rig_poll(r), PACKETS);
		if (!first)
			first = r->in.pkt[0].frag[0].addr;
		for (i = 0; i < PACKETS; i++)
			assert_ptr_equal(r->in.pkt[i].frag[0].addr,
					 first - i * XENNET_HEAD);
		xennet_back_done(r->q, r->in.pkt, PACKETS);
	}
}

static void G2_G4_failed_map_costs_its_own_packet_only(void **state)
{
	fail_each(*state, FAKE_MAP, 1);
}

static void G2_G4_failed_head_copy_costs_its_own_packet_only(void **state)
{
	fail_each(*state, FAKE_COPY, 1);
}

/* Persistent pages that could be mapped stay; so only new ones can fail. */
static void G2_G4_failed_persistent_map_costs_its_own_packet(void **state)
{
	struct back_rig *r = *state;
	unsigned k;

	for (k = 0; k < PACKETS; k++) {
		put_gref(r, 0, r->front.rx_grant[k].gref);
		fake_fail(&r->f, FAKE_MAP, 1, XENNET_GNTST_BAD_GREF);
		assert_int_equal(back_rig_serve(r), 0);
		assert_int_equal(r->answers.error, 1);

		put_gref(r, 0, r->front.rx_grant[k].gref);
		assert_int_equal(back_rig_serve(r), 1);
		assert_int_equal(r->answers.okay, 1);
	}
	assert_int_equal(fake_maps(&r->f), 2 + PACKETS);
}

static void G4_packet_with_one_bad_slot_is_refused_whole(void **state)
{
	struct back_rig *r = *state;
	unsigned bad, i;

	for (bad = 0; bad < 5; bad++) {
		for (i = 0; i < 5; i++) {
			struct xennet_tx_req req = {
				i == bad ? 4000 : r->front.tx_grant[i].gref, 0,
				i < 4 ? MORE : 0, (uint16_t)i, i ? 300 : 1500
			};

			xennet_tx_put_req(&r->front.q[0].tx, &req);
		}
		peer_push_tx(&r->front);

		assert_int_equal(back_rig_serve(r), 0);

		assert_int_equal(r->answers.error, 5);
		assert_int_equal(r->q->stats.reason[XENNET_EPKT_GREF], bad + 1);
	}
}

static void G3_eagain_is_waited_out(void **state)
{
	struct back_rig *r = *state;
	enum fake_op op =
		r->q->tx.strategy == XENNET_PERSISTENT ? FAKE_MAP : FAKE_COPY;

	put_packets(r, PACKETS);
	fake_fail_times(&r->f, op, 3, 4, XENNET_GNTST_EAGAIN);

	assert_int_equal(back_rig_serve(r), PACKETS);

	assert_int_equal(r->f.failure.hits, 4);
	assert_int_equal(r->answers.okay, PACKETS);
	assert_int_equal(back_rig_refused(r), 0);
}

static void G3_eagain_for_ever_costs_its_own_packet_only(void **state)
{
	struct back_rig *r = *state;
	enum fake_op op =
		r->q->tx.strategy == XENNET_PERSISTENT ? FAKE_MAP : FAKE_COPY;

	put_packets(r, PACKETS);
	fake_fail_times(&r->f, op, 3, 100000, XENNET_GNTST_EAGAIN);

	assert_int_equal(back_rig_poll(r), PACKETS - 1);
	assert_all_but(r, 2);
}

static void G8_reserved_references_are_never_used(void **state)
{
	struct back_rig *r = *state;
	uint32_t gref;

	for (gref = 0; gref < XENNET_GREF_FIRST; gref++) {
		put_gref(r, 5, gref);
		assert_int_equal(back_rig_serve(r), 0);
		assert_int_equal(r->answers.of[5], 1);
		assert_int_equal(r->answers.error, 1);
	}
	assert_int_equal(r->q->stats.reason[XENNET_EPKT_GREF],
			 XENNET_GREF_FIRST);
	assert_int_equal(r->f.calls[FAKE_COPY] + r->f.calls[FAKE_MAP], 0);
}

/* Enough small packets at once to be taken the short way. */
static void G8_reserved_references_of_many_packets(void **state)
{
	struct back_rig *r = *state;
	unsigned i, n = 4 * XENNET_GREF_FIRST;

	for (i = 0; i < n; i++) {
		struct xennet_tx_req req = { i % XENNET_GREF_FIRST, 0, 0,
					     (uint16_t)i, 64 };

		xennet_tx_put_req(&r->front.q[0].tx, &req);
	}
	peer_push_tx(&r->front);

	assert_int_equal(back_rig_serve(r), 0);
	assert_int_equal(r->answers.error, n);
	assert_int_equal(r->q->stats.reason[XENNET_EPKT_GREF], n);
	assert_int_equal(r->f.calls[FAKE_COPY] + r->f.calls[FAKE_MAP], 0);
}

/* Of a packet that is small enough to be taken the short way. */
static void G8_reference_zero_is_nobodys_page(void **state)
{
	struct back_rig *r = *state;
	struct xennet_tx_req req = { .offset = 64, .id = 5, .size = 60 };
	unsigned i;

	for (i = 1; i <= 20; i++) {
		xennet_tx_put_req(&r->front.q[0].tx, &req);
		peer_push_tx(&r->front);
		assert_int_equal(back_rig_serve(r), 0);
		assert_int_equal(r->answers.error, 1);
	}
	assert_int_equal(r->q->stats.reason[XENNET_EPKT_GREF], 20);
}

static void G9_a_grant_of_another_domain_is_out_of_reach(void **state)
{
	struct back_rig *r = *state;
	struct xennet_platform other = fake_platform(&r->f, 2);
	uint32_t gref[200];
	void *page;

	r->f.atomic = false;
	assert_int_equal(
		other.ops->share(other.ctx, BACK, 200, false, &page, gref), 0);
	fake_set(&r->f, FRONT_DIR "/backend-id", "2");
	r->f.atomic = true;
	/* a reference that only the other domain has granted */
	put_gref(r, 1, 3000);
	assert_int_equal(back_rig_serve(r), 0);
	/* one that both have: the frontend's own is used */
	put_gref(r, 1, r->front.tx_grant[4].gref);
	assert_int_equal(back_rig_poll(r), 1);
	assert_int_equal(((uint8_t *)r->in.pkt[0].frag[0].addr)[7],
			 peer_byte(4, 7));
	xennet_back_done(r->q, r->in.pkt, 1);
	r->f.atomic = false;
	other.ops->unshare(other.ctx, page, 200, gref);
}

/* Of one slot, of three, segmented, and one that is refused all the same. */
static void dropped_packets_are_answered_and_never_fetched(void **state)
{
	struct back_rig *r = *state;
	unsigned i, calls;

	put_packets(r, 2);
	assert_int_equal(back_rig_serve(r), 2);
	calls = r->f.calls[FAKE_COPY] + r->f.calls[FAKE_MAP];
	for (i = 0; i < 5; i++)
		peer_put_req(&r->front, (uint16_t)i, i, 0, 64, 0);
	peer_put_req(&r->front, 5, 0, 0, 700, MORE);
	peer_put_req(&r->front, 6, 1, 0, 300, MORE);
	peer_put_req(&r->front, 7, 2, 0, 200, 0);
	peer_put_req(&r->front, 8, 2, 0, 4000,
		     XENNET_TXF_EXTRA_INFO | XENNET_TXF_CSUM_BLANK);
	peer_put_gso(&r->front, XENNET_GSO_TCPV4, 1400);
	peer_put_req(&r->front, 9, 2, 0, 5, 0);
	peer_put_req(&r->front, 10, 2, 0, 1400, 0);
	peer_push_tx(&r->front);

	assert_int_equal(xennet_back_drop(r->q, 3), 3);
	assert_int_equal(xennet_back_drop(r->q, 64), 5);

	peer_take_answers(&r->front, &r->answers);
	assert_int_equal(r->answers.dropped, 10);
	assert_int_equal(r->answers.null, 1);
	assert_int_equal(r->answers.error, 1);
	assert_int_equal(r->answers.of[9], 1);
	assert_int_equal(r->f.calls[FAKE_COPY] + r->f.calls[FAKE_MAP], calls);
	assert_int_equal(xennet_back_drop(r->q, 64), 0);
	put_packets(r, 2);
	assert_int_equal(back_rig_serve(r), 2);
	assert_int_equal(r->q->tx.nspare, RING);
}

/* Of a chain in parts what is there is answered, or none, by who drops too. */
static void T16_T3_dropped_chain_cut_at_any_slot_is_answered(void **state)
{
	struct back_rig *r = *state;
	unsigned cut, i, slots, id;

	/* one that is taken; one that is too long, whose rest looks like
	 * another */
	for (slots = 3; slots <= 30; slots += 27)
		for (cut = 1; cut < slots; cut++) {
			unsigned want = slots == 3, dropped = 0;
			uint8_t answered[30] = { 0 };

			for (i = 0; i < slots; i++) {
				peer_put_req(&r->front, (uint16_t)i, i, 0,
					     i % 18 ? 90 : 3000,
					     i + 1 < slots ? MORE : 0);
				if (i + 1 != cut && i + 1 != slots)
					continue;
				peer_push_tx(&r->front);
				dropped += (unsigned)xennet_back_drop(r->q, 64);
				peer_take_answers(&r->front, &r->answers);
				for (id = 0; id < slots; id++)
					answered[id] += r->answers.of[id];
			}
			assert_int_equal(dropped, want);
			for (id = 0; id < slots; id++)
				assert_int_equal(answered[id], 1);
		}
	put_packets(r, 2);
	assert_int_equal(back_rig_serve(r), 2);
}

static void R11_who_drops_finds_an_impossible_index_too(void **state)
{
	struct back_rig *r = *state;

	r->front.q[0].tx_page->req_prod = RING + 1;
	assert_int_equal(xennet_back_drop(r->q, 64), -XENNET_ERING_AHEAD);
	r->front.q[0].tx_page->req_prod = 0;
	assert_int_equal(xennet_back_drop(r->q, 64), -XENNET_ERING_AHEAD);
	assert_int_equal(back_rig_poll(r), -XENNET_ERING_AHEAD);
}

static void R11_impossible_request_index_breaks_the_queue(void **state)
{
	static const uint32_t lies[] = { RING + 1, 0x80000000, 0xffffffff,
					 0x7fffffff };
	struct back_rig *r = *state;
	unsigned i;

	for (i = 0; i < COUNT(lies); i++) {
		r->q->broken = 0;
		r->front.q[0].tx_page->req_prod = lies[i];
		assert_true(back_rig_poll(r) < 0);
		r->front.q[0].tx_page->req_prod = 0;
		/* it is final */
		assert_true(r->q->broken < 0);
		assert_int_equal(back_rig_poll(r), r->q->broken);
		assert_int_equal(xennet_back_arm(r->q), r->q->broken);
		assert_int_equal(xennet_back_send(r->q, r->in.pkt, 0),
				 r->q->broken);
		assert_int_equal(xennet_err_kind(r->q->broken),
				 XENNET_KIND_PEER);
	}
}

static void R13_request_index_that_goes_back_breaks_the_queue(void **state)
{
	struct back_rig *r = *state;

	put_packets(r, PACKETS);
	assert_int_equal(back_rig_serve(r), PACKETS);
	r->front.q[0].tx_page->req_prod--;

	assert_int_equal(back_rig_poll(r), -XENNET_ERING_BACK);
	assert_int_equal(back_rig_event(r), XENNET_VIF_STOP);
}

static void R14_no_more_is_taken_than_can_be_answered(void **state)
{
	struct back_rig *r = *state;
	struct xennet_burst burst[4];
	unsigned i, taken = 0;

	put_packets(r, RING);
	for (i = 0; i < 4; i++) {
		int n = xennet_back_poll(r->q, &burst[i], XENNET_BURST);

		assert_int_equal(n, 64);
		taken += (unsigned)n;
	}
	assert_int_equal(taken, RING);
	assert_int_equal(xennet_back_poll(r->q, &r->in, 1), 0);

	/* the frontend says there are more, though none was answered */
	r->front.q[0].tx_page->req_prod += 1;
	assert_int_equal(xennet_back_poll(r->q, &r->in, 1),
			 -XENNET_ERING_AHEAD);
	for (i = 0; i < 4; i++)
		xennet_back_done(r->q, burst[i].pkt, 64);
	r->front.q[0].tx_page->req_prod -= 1;
	assert_int_equal(peer_take_answers(&r->front, &r->answers), RING);
}

static void budget_is_kept(void **state)
{
	struct back_rig *r = *state;
	unsigned budget;

	put_packets(r, RING);
	for (budget = 0; budget < 10; budget++) {
		assert_int_equal(xennet_back_poll(r->q, &r->in, budget),
				 budget);
		xennet_back_done(r->q, r->in.pkt, budget);
	}
	assert_int_equal(xennet_back_poll(r->q, &r->in, 100000), XENNET_BURST);
	assert_int_equal(xennet_back_arm(r->q), 1);
	xennet_back_done(r->q, r->in.pkt, XENNET_BURST);
}

static void a_burst_is_one_platform_call(void **state)
{
	struct back_rig *r = *state;
	unsigned copies, maps, round;

	for (round = 0; round < 3; round++) {
		put_packets(r, 64);
		copies = r->f.calls[FAKE_COPY];
		maps = r->f.calls[FAKE_MAP];
		assert_int_equal(back_rig_serve(r), 64);
		copies = r->f.calls[FAKE_COPY] - copies;
		maps = r->f.calls[FAKE_MAP] - maps;
		switch (r->q->tx.strategy) {
		case XENNET_COPY:
			assert_int_equal(copies, 1);
			assert_int_equal(maps, 0);
			break;
		case XENNET_MAP:
		case XENNET_BY_COST:
			assert_true(copies <= 1 && maps <= 1);
			break;
		case XENNET_PERSISTENT:
			assert_int_equal(copies, 0);
			assert_int_equal(maps, round == 0);
			break;
		}
	}
	assert_int_equal(r->f.calls[FAKE_NOTIFY] - r->q->stats.notified,
			 1 /* the frontend's */);
}

static const struct back_setting small_quota = { .strategy = XENNET_PERSISTENT,
						 .pgrants = XENNET_BATCH };

static void G6_pages_kept_mapped_stay_within_the_quota(void **state)
{
	struct back_rig *r = *state;
	uint32_t seed = 6, turn;

	for (turn = 0; turn < 2000; turn++) {
		put_gref(r, 1, r->front.rx_grant[test_below(&seed, RING)].gref);
		assert_int_equal(back_rig_serve(r), 1);
		assert_true(fake_maps(&r->f) <= 2 + XENNET_BATCH);
	}
	assert_true(r->f.ops[FAKE_UNMAP] > 0);
	assert_int_equal(r->answers.okay, 1);
}

/* All pages of the quota are held by packets; more are mapped for once. */
static void G6_more_pages_than_the_quota_may_be_in_use(void **state)
{
	struct back_rig *r = *state;
	struct xennet_burst burst[3];
	unsigned i, k;

	for (i = 0; i < 3; i++) {
		for (k = 0; k < 64; k++)
			put_gref(r, (uint16_t)(i * 64 + k),
				 r->front.rx_grant[i * 64 + k].gref);
		assert_int_equal(xennet_back_poll(r->q, &burst[i], 64), 64);
	}
	assert_int_equal(fake_maps(&r->f), 2 + 192);
	for (i = 0; i < 3; i++)
		xennet_back_done(r->q, burst[i].pkt, 64);

	assert_true(fake_maps(&r->f) <= 2 + XENNET_BATCH);
	assert_int_equal(peer_take_answers(&r->front, &r->answers), 192);
	assert_int_equal(r->answers.okay, 192);
}

/* Small packets are read before the poll ends, though nothing holds a page. */
static void G4_page_that_a_poll_still_reads_is_not_purged(void **state)
{
	struct back_rig *r = *state;
	struct xennet_burst held;
	unsigned i;

	for (i = 0; i < XENNET_BATCH; i++) {
		put_gref(r, 1, r->front.rx_grant[i].gref);
		assert_int_equal(back_rig_serve(r), 1);
	}
	for (i = 0; i < 64; i++)
		put_gref(r, 1, r->front.rx_grant[i].gref);
	assert_int_equal(xennet_back_poll(r->q, &held, 64), 64);

	/* all of the rest are wanted, and one that there is no room for */
	for (i = 64; i < XENNET_BATCH; i++) {
		uint32_t gref = r->front.rx_grant[i < 127 ? i : 200].gref;
		struct xennet_tx_req req = { gref, 0, 0, 1,
					     i < 127 ? 60 : 200 };

		memset(r->front.rx_data + i * XENNET_PAGE, (int)i, 60);
		xennet_tx_put_req(&r->front.q[0].tx, &req);
	}
	peer_push_tx(&r->front);
	assert_int_equal(back_rig_poll(r), 64);

	for (i = 64; i < 127; i++)
		assert_int_equal(*(uint8_t *)r->in.pkt[i - 64].frag[0].addr, i);
	xennet_back_done(r->q, r->in.pkt, 64);
	xennet_back_done(r->q, held.pkt, 64);
}

/* Of one slot, in a page that was mapped before: the rest stays there. */
static void G4_page_of_a_packet_in_hand_is_not_purged(void **state)
{
	struct back_rig *r = *state;
	struct xennet_tx_req req = { r->front.rx_grant[0].gref, 100, 0, 1,
				     1000 };
	unsigned char *data = r->front.rx_data + 100;
	struct xennet_burst held;
	uint64_t copied;
	unsigned i;

	memset(data, 0x5a, 1000);
	for (i = 0; i < 2; i++) {
		copied = r->q->stats.copied;
		xennet_tx_put_req(&r->front.q[0].tx, &req);
		peer_push_tx(&r->front);
		assert_int_equal(xennet_back_poll(r->q, &held, 64), 1);
		if (i == 0)
			xennet_back_done(r->q, held.pkt, 1);
	}
	assert_int_equal(r->q->stats.copied - copied, XENNET_HEAD);
	assert_true(held.pkt[0].flags & XENNET_PKT_SHARED);
	assert_int_equal(held.pkt[0].len, 1000);
	assert_int_equal(held.pkt[0].nfrags, 2);

	for (i = 1; i < RING; i++) {
		put_gref(r, 2, r->front.rx_grant[i].gref);
		assert_int_equal(back_rig_serve(r), 1);
	}
	assert_true(r->f.ops[FAKE_UNMAP] > 0);
	assert_memory_equal(held.pkt[0].frag[0].addr, data, XENNET_HEAD);
	assert_memory_equal(held.pkt[0].frag[1].addr, data + XENNET_HEAD,
			    1000 - XENNET_HEAD);
	memset(data, 0xa5, 1000);
	assert_memory_equal(held.pkt[0].frag[1].addr, data + XENNET_HEAD,
			    1000 - XENNET_HEAD);
	xennet_back_done(r->q, held.pkt, 1);
}

static void G8_reserved_reference_does_not_spoil_the_tree(void **state)
{
	struct back_rig *r = *state;
	unsigned turn;

	/* fill, purge, and then ask for what a purged node looks like */
	for (turn = 0; turn < 1000; turn++) {
		put_gref(r, 1, r->front.rx_grant[turn % RING].gref);
		assert_int_equal(back_rig_serve(r), 1);
		put_gref(r, 2, XENNET_GREF_INVALID);
		assert_int_equal(back_rig_serve(r), 0);
	}
	assert_int_equal(r->q->stats.reason[XENNET_EPKT_GREF], 1000);
}

/* Packets that are never handed back do not keep anything for ever. */
static void G4_disconnect_unmaps_what_was_not_handed_back(void **state)
{
	struct back_rig *r = *state;

	put_packets(r, PACKETS);
	assert_int_equal(back_rig_poll(r), PACKETS);
	r->f.atomic = false;

	xennet_back_disconnect(&r->back);

	assert_int_equal(fake_maps(&r->f), 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		BACK_TEST(T16_T3_dropped_chain_cut_at_any_slot_is_answered),
		BACK_TEST(R11_who_drops_finds_an_impossible_index_too),
		BACK_TEST_WITH(G2_failed_copy_costs_its_own_packet_only,
			       back_copy),
		BACK_TEST_WITH(G2_failed_copy_costs_its_own_small_packet_only,
			       back_copy),
		BACK_TEST_WITH(G2_failed_copy_costs_its_own_small_packet_only,
			       back_pinning),
		BACK_TEST_WITH(small_packets_lie_side_by_side, back_copy),
		BACK_TEST_WITH(small_packets_lie_side_by_side, back_map),
		BACK_TEST_WITH(G2_G4_failed_map_costs_its_own_packet_only,
			       back_map),
		BACK_TEST_WITH(G2_G4_failed_head_copy_costs_its_own_packet_only,
			       back_map),
		BACK_TEST_WITH(G2_G4_failed_persistent_map_costs_its_own_packet,
			       back_persistent),
		BACK_TESTS(G4_packet_with_one_bad_slot_is_refused_whole),
		BACK_TESTS(G3_eagain_is_waited_out),
		BACK_TESTS(G3_eagain_for_ever_costs_its_own_packet_only),
		BACK_TESTS(G8_reserved_references_are_never_used),
		BACK_TESTS(G8_reserved_references_of_many_packets),
		BACK_TESTS(G8_reference_zero_is_nobodys_page),
		BACK_TESTS(G9_a_grant_of_another_domain_is_out_of_reach),
		BACK_TESTS(dropped_packets_are_answered_and_never_fetched),
		BACK_TESTS(R11_impossible_request_index_breaks_the_queue),
		BACK_TESTS(R13_request_index_that_goes_back_breaks_the_queue),
		BACK_TESTS(R14_no_more_is_taken_than_can_be_answered),
		BACK_TESTS(budget_is_kept),
		BACK_TESTS(a_burst_is_one_platform_call),
		BACK_TEST_WITH(G6_pages_kept_mapped_stay_within_the_quota,
			       small_quota),
		BACK_TEST_WITH(G6_more_pages_than_the_quota_may_be_in_use,
			       small_quota),
		BACK_TEST_WITH(G4_page_that_a_poll_still_reads_is_not_purged,
			       small_quota),
		BACK_TEST_WITH(G4_page_of_a_packet_in_hand_is_not_purged,
			       small_quota),
		BACK_TEST_WITH(G8_reserved_reference_does_not_spoil_the_tree,
			       small_quota),
		BACK_TESTS(G4_disconnect_unmaps_what_was_not_handed_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
