/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Static grants of a backend: lists that may say anything, and traffic through
 * the pages that they name, by each strategy for those that they do not.
 */
#include <stdlib.h>

#include "back_rig.h"
#include "back_static.h"
#include "peer_ctrl.h"

#define MORE XENNET_TXF_MORE_DATA
#define READONLY XENNET_CTRL_GREFF_READONLY
#define INVALID XENNET_CTRL_INVALID_PARAMETER
#define BUSY XENNET_CTRL_NOT_SUPPORTED
#define LISTS 512u

/* A page of the frontend's with a list, and the last answer's data. */
static struct xennet_grant_op page;
static struct xennet_ctrl_gref *list;
static uint32_t answer;

static void make_page(struct back_rig *r)
{
	const struct xennet_platform *p = &r->front.platform;

	page.addr = p->ops->alloc_pages(p->ctx, 1);
	page.readonly = false;
	p->ops->grant(p->ctx, BACK, &page, 1);
	list = page.addr;
}

static void drop_page(struct back_rig *r)
{
	const struct xennet_platform *p = &r->front.platform;

	p->ops->ungrant(p->ctx, &page, 1);
	p->ops->free_pages(p->ctx, page.addr, 1);
}

static int setup(void **state)
{
	struct back_rig *r;

	assert_int_equal(back_rig_setup(state), 0);
	r = *state;
	r->f.atomic = false;
	make_page(r);
	r->f.atomic = true;
	return 0;
}

static int teardown(void **state)
{
	struct back_rig *r = *state;

	r->f.atomic = false;
	drop_page(r);
	return back_rig_teardown(state);
}

#define STATIC_TEST_WITH(f, setting)                                           \
	{                                                                      \
#f, f, setup, teardown, (void *)&(setting)                     \
	}
#define STATIC_TEST(f) STATIC_TEST_WITH(f, back_copy)
#define STATIC_TESTS(f)                                                        \
	STATIC_TEST_WITH(f, back_copy), STATIC_TEST_WITH(f, back_map),         \
		STATIC_TEST_WITH(f, back_persistent),                          \
		STATIC_TEST_WITH(f, back_by_cost),                             \
		STATIC_TEST_WITH(f, back_pinning)

typedef uint32_t serve_fn(struct xennet_back *b, const uint32_t data[3],
			  uint32_t *data_of);

/* As the control ring calls it: the worker is paused, so it may sleep. */
static uint32_t ask(struct back_rig *r, serve_fn *serve, uint32_t queue,
		    uint32_t gref, uint32_t n)
{
	const uint32_t data[3] = { queue, gref, n };
	uint32_t status;

	answer = 0;
	r->f.atomic = false;
	status = serve(&r->back, data, &answer);
	r->f.atomic = true;
	return status;
}

static uint32_t add(struct back_rig *r, uint32_t n)
{
	return ask(r, xennet_back_static_add, 0, page.gref, n);
}

static uint32_t del(struct back_rig *r, uint32_t n)
{
	return ask(r, xennet_back_static_del, 0, page.gref, n);
}

/* What was never written says nothing of what is wanted: status is out. */
static void put(unsigned i, uint32_t gref, uint16_t flags)
{
	list[i].gref = gref;
	list[i].flags = flags;
	list[i].status = 0xa5a5;
}

static uint32_t tx_gref(struct back_rig *r, unsigned i)
{
	return r->front.tx_grant[i].gref;
}

static uint32_t rx_gref(struct back_rig *r, unsigned i)
{
	return r->front.rx_grant[i].gref;
}

/* Lists ntx TX pages, read-only, and nrx RX pages. */
static uint32_t put_pages(struct back_rig *r, unsigned ntx, unsigned nrx)
{
	unsigned i;

	for (i = 0; i < ntx; i++)
		put(i, tx_gref(r, i), READONLY);
	for (i = 0; i < nrx; i++)
		put(ntx + i, rx_gref(r, i), 0);
	return ntx + nrx;
}

static void add_pages(struct back_rig *r, unsigned ntx, unsigned nrx)
{
	assert_int_equal(add(r, put_pages(r, ntx, nrx)), XENNET_CTRL_SUCCESS);
}

/* Nothing is listed, and nothing more is mapped than before. */
static void assert_none(struct back_rig *r, unsigned maps)
{
	assert_int_equal(fake_maps(&r->f), maps);
	assert_int_equal(r->q->statics.count, 0);
	assert_false(r->q->tx.keeps & XENNET_KEEPS_STATIC);
	assert_false(r->q->rx.keeps & XENNET_KEEPS_STATIC);
}

static void C12_size_is_what_a_queue_keeps(void **state)
{
	static const struct back_setting two = { .queues = 2, .order = 1 };
	struct back_rig *r;
	void *rig = (void *)(uintptr_t)&two;

	(void)state;
	assert_int_equal(setup(&rig), 0);
	r = rig;
	assert_int_equal(ask(r, xennet_back_static_size, 0, 0, 0), 0);
	assert_int_equal(answer, 1024);
	assert_int_equal(ask(r, xennet_back_static_size, 1, 0, 0), 0);
	assert_int_equal(answer, 1024);
	r->back.config.statics = 33;
	assert_int_equal(ask(r, xennet_back_static_size, 1, 0, 0), 0);
	assert_int_equal(answer, 33);
	/* it is the most there can be, not what is left of it */
	add_pages(r, 2, 2);
	assert_int_equal(ask(r, xennet_back_static_size, 0, 0, 0), 0);
	assert_int_equal(answer, 33);
	teardown(&rig);
}

static void C12_queue_out_of_range_is_invalid(void **state)
{
	static const uint32_t queues[] = { 1, 2, 64, 0x80000000, UINT32_MAX };
	struct back_rig *r = *state;
	unsigned i, maps = fake_maps(&r->f);

	put_pages(r, 1, 1);
	for (i = 0; i < COUNT(queues); i++) {
		assert_int_equal(
			ask(r, xennet_back_static_size, queues[i], 0, 0),
			INVALID);
		assert_int_equal(answer, 0);
		assert_int_equal(
			ask(r, xennet_back_static_add, queues[i], page.gref, 2),
			INVALID);
		assert_int_equal(
			ask(r, xennet_back_static_del, queues[i], page.gref, 2),
			INVALID);
	}
	assert_none(r, maps);
}

static void C12_size_is_zero_where_it_is_not_offered(void **state)
{
	struct back_rig *r = *state;
	unsigned maps = fake_maps(&r->f);

	r->back.config.statics = XENNET_NO_STATICS;
	assert_int_equal(ask(r, xennet_back_static_size, 0, 0, 0), 0);
	assert_int_equal(answer, 0);
	put_pages(r, 1, 1);
	assert_int_equal(add(r, 2), XENNET_CTRL_NOT_SUPPORTED);
	assert_int_equal(del(r, 2), XENNET_CTRL_NOT_SUPPORTED);
	assert_none(r, maps);
}

static void C13_pages_are_mapped_when_they_are_listed(void **state)
{
	struct back_rig *r = *state;
	unsigned maps = fake_maps(&r->f), n = PAGES + RING;
	unsigned map_calls, copy_calls;

	map_calls = r->f.calls[FAKE_MAP];
	copy_calls = r->f.calls[FAKE_COPY];
	add_pages(r, PAGES, RING);

	assert_int_equal(fake_maps(&r->f), maps + n);
	assert_int_equal(r->q->statics.count, n);
	/* in batches, and the list is read in one piece */
	assert_int_equal(r->f.calls[FAKE_MAP] - map_calls,
			 (n + XENNET_BATCH - 1) / XENNET_BATCH);
	assert_int_equal(r->f.calls[FAKE_COPY] - copy_calls, 1);
	/* the status is not for adding: the page may be read-only then */
	assert_int_equal(list[0].status, 0xa5a5);

	/* and all the longest list can hold goes in one, too */
	assert_int_equal(del(r, n), XENNET_CTRL_SUCCESS);
	assert_int_equal(answer, n);
	assert_none(r, maps);
}

static void C13_list_page_may_be_readonly(void **state)
{
	struct back_rig *r = *state;
	const struct xennet_platform *p = &r->front.platform;

	r->f.atomic = false;
	p->ops->ungrant(p->ctx, &page, 1);
	page.readonly = true;
	p->ops->grant(p->ctx, BACK, &page, 1);
	add_pages(r, 3, 3);
	assert_int_equal(r->q->statics.count, 6);
}

/* Lists that are refused as a whole; the k-th entry is at fault. */
static const struct fault {
	const char *what;
	uint32_t gref; /* 0: of the entry before */
	uint16_t flags;
} faults[] = {
	{ "reserved", 1, 0 },	       { "reserved", 7, READONLY },
	{ "unknown", 4000, 0 },	       { "unknown", UINT32_MAX, 0 },
	{ "no such flag", 0, 2 },      { "no such flag", 0, 0x8001 },
	{ "twice in the list", 0, 0 },
};

static void C13_one_bad_entry_refuses_the_list(void **state)
{
	struct back_rig *r = *state;
	unsigned maps = fake_maps(&r->f), i, k, n;

	for (i = 0; i < COUNT(faults); i++) {
		for (k = 1; k < 200; k += 1 + k / 4) {
			n = put_pages(r, 20, 180);
			list[k].flags = faults[i].flags;
			list[k].gref = faults[i].gref;
			if (!faults[i].gref)
				list[k].gref = faults[i].flags > 1
						       ? rx_gref(r, 199)
						       : list[k - 1].gref;
			assert_int_equal(add(r, n), INVALID);
			assert_none(r, maps);
		}
	}
	/* a page that is granted read-only cannot be listed as writable */
	n = put_pages(r, 20, 20);
	list[5].flags = 0;
	assert_int_equal(add(r, n), INVALID);
	assert_none(r, maps);
	add_pages(r, 20, 180);
	assert_int_equal(r->f.misuse[0], 0);
}

static void C13_what_is_listed_cannot_be_listed_again(void **state)
{
	struct back_rig *r = *state;
	unsigned maps = fake_maps(&r->f);

	add_pages(r, 4, 4);
	put(0, rx_gref(r, 100), 0);
	put(1, rx_gref(r, 3), 0);
	assert_int_equal(add(r, 2), INVALID);
	assert_int_equal(fake_maps(&r->f), maps + 8);
	assert_int_equal(r->q->statics.count, 8);
	/* the first one is not left behind */
	assert_int_equal(add(r, 1), XENNET_CTRL_SUCCESS);
}

static void C13_list_has_1_to_512_entries_of_a_grant(void **state)
{
	static const uint32_t sizes[] = { 0,	      513,	  0x10000,
					  0x20000000, 0x20000001, UINT32_MAX };
	static const uint32_t grefs[] = { 0, 1, 7, 5000, UINT32_MAX };
	struct back_rig *r = *state;
	unsigned maps = fake_maps(&r->f), i;

	put_pages(r, 4, 4);
	for (i = 0; i < COUNT(sizes); i++) {
		assert_int_equal(add(r, sizes[i]), INVALID);
		assert_int_equal(del(r, sizes[i]), INVALID);
	}
	for (i = 0; i < COUNT(grefs); i++) {
		assert_int_equal(ask(r, xennet_back_static_add, 0, grefs[i], 8),
				 INVALID);
		assert_int_equal(ask(r, xennet_back_static_del, 0, grefs[i], 8),
				 INVALID);
	}
	assert_none(r, maps);
	assert_int_equal(r->f.misuse[0], 0);
}

static void C13_more_than_the_quota_is_refused(void **state)
{
	struct back_rig *r = *state;
	unsigned maps = fake_maps(&r->f);

	r->back.config.statics = 20;
	assert_int_equal(add(r, put_pages(r, 10, 11)), INVALID);
	assert_none(r, maps);
	add_pages(r, 10, 9);
	put(0, rx_gref(r, 30), 0);
	put(1, rx_gref(r, 31), 0);
	assert_int_equal(add(r, 2), INVALID);
	assert_int_equal(add(r, 1), XENNET_CTRL_SUCCESS);
	put(0, rx_gref(r, 32), 0);
	assert_int_equal(add(r, 1), INVALID);
	assert_int_equal(fake_maps(&r->f), maps + 20);
	/* room is made only by taking off */
	put(0, rx_gref(r, 30), 0);
	assert_int_equal(del(r, 1), XENNET_CTRL_SUCCESS);
	put(0, rx_gref(r, 32), 0);
	assert_int_equal(add(r, 1), XENNET_CTRL_SUCCESS);
}

/* As soon as a list was read it says something else. */
static void turn(struct fake *f, enum fake_op op, void *arg)
{
	unsigned *copies = arg, i;

	(void)f;
	*copies += op == FAKE_COPY;
	for (i = 0; i < LISTS && op != FAKE_COPY && *copies; i++)
		put(i, i % 9, 0xffff);
}

static void C13_list_is_read_once(void **state)
{
	struct back_rig *r = *state;
	unsigned maps = fake_maps(&r->f), copies = 0;

	put_pages(r, PAGES, RING);
	r->f.before = turn;
	r->f.arg = &copies;
	assert_int_equal(add(r, PAGES + RING), XENNET_CTRL_SUCCESS);
	assert_int_equal(list[8].gref, 8); /* it was overwritten */
	assert_int_equal(fake_maps(&r->f), maps + PAGES + RING);
	assert_int_equal(copies, 1);

	copies = 0;
	put_pages(r, PAGES, RING);
	assert_int_equal(del(r, PAGES + RING), XENNET_CTRL_SUCCESS);
	assert_int_equal(answer, PAGES + RING);
	assert_int_equal(copies, 2); /* and once back */
	r->f.before = NULL;
	assert_none(r, maps);
}

static void G4_C13_each_map_may_fail_and_none_stays(void **state)
{
	static const int statuses[] = { XENNET_GNTST_GENERAL, 3, -13 };
	struct back_rig *r = *state;
	unsigned maps = fake_maps(&r->f), k;

	for (k = 1; k <= 280; k += 1 + k / 8) {
		put_pages(r, 30, 250);
		fake_fail(&r->f, FAKE_MAP, k, statuses[k % 3]);
		assert_int_equal(add(r, 280), INVALID);
		assert_true(fake_failed(&r->f));
		assert_none(r, maps);
	}
	fake_fail_times(&r->f, FAKE_MAP, 7, 5, XENNET_GNTST_EAGAIN);
	add_pages(r, 30, 250);
	fake_fail_nothing(&r->f);
}

static void G2_C13_list_that_cannot_be_read_is_refused(void **state)
{
	static const int statuses[] = { XENNET_GNTST_GENERAL, 3, -13 };
	struct back_rig *r = *state;
	unsigned maps = fake_maps(&r->f), i;

	put_pages(r, 4, 4);
	for (i = 0; i < COUNT(statuses); i++) {
		fake_fail(&r->f, FAKE_COPY, 1, statuses[i]);
		assert_int_equal(add(r, 8), INVALID);
		fake_fail(&r->f, FAKE_COPY, 1, statuses[i]);
		assert_int_equal(del(r, 8), INVALID);
		assert_none(r, maps);
	}
	assert_int_equal(list[0].status, 0xa5a5);
}

static void C13_C14_without_memory_nothing_changes(void **state)
{
	struct back_rig *r = *state;
	unsigned maps = fake_maps(&r->f);

	put_pages(r, 4, 4);
	fake_fail(&r->f, FAKE_ALLOC, 1, -XENNET_ENOMEM); /* the list */
	assert_int_equal(add(r, 8), INVALID);
	fake_fail(&r->f, FAKE_ALLOC, 2, -XENNET_ENOMEM); /* the table */
	assert_int_equal(add(r, 8), INVALID);
	assert_none(r, maps);
	assert_int_equal(add(r, 8), XENNET_CTRL_SUCCESS);
	fake_fail(&r->f, FAKE_ALLOC, 1, -XENNET_ENOMEM);
	assert_int_equal(del(r, 8), INVALID);
	assert_int_equal(answer, 0);
	assert_int_equal(fake_maps(&r->f), maps + 8);
}

static void C14_each_entry_says_what_became_of_it(void **state)
{
	struct back_rig *r = *state;
	unsigned maps = fake_maps(&r->f), i;

	/* before any is listed, none is known */
	put_pages(r, 2, 2);
	assert_int_equal(del(r, 4), XENNET_CTRL_SUCCESS);
	assert_int_equal(answer, 0);
	for (i = 0; i < 4; i++)
		assert_int_equal(list[i].status, INVALID);

	add_pages(r, 4, 4);
	put(0, tx_gref(r, 1), 0); /* flags say nothing here */
	put(1, rx_gref(r, 200), 0);
	put(2, rx_gref(r, 2), 0xffff);
	put(3, 0, 0);
	put(4, 7, 0);
	put(5, UINT32_MAX, 0);
	put(6, tx_gref(r, 1), 0); /* again: it is gone by now */
	assert_int_equal(del(r, 7), XENNET_CTRL_SUCCESS);

	assert_int_equal(answer, 2);
	assert_int_equal(list[0].status, XENNET_CTRL_SUCCESS);
	assert_int_equal(list[2].status, XENNET_CTRL_SUCCESS);
	for (i = 1; i < 7; i++)
		if (i != 2)
			assert_int_equal(list[i].status, INVALID);
	assert_int_equal(list[5].gref, UINT32_MAX);
	assert_int_equal(list[2].flags, 0xffff);
	assert_int_equal(list[7].status, 0xa5a5);
	assert_int_equal(fake_maps(&r->f), maps + 6);
	assert_int_equal(r->f.misuse[0], 0);
}

static void put_packet(struct back_rig *r, unsigned i, uint16_t size)
{
	peer_put_req(&r->front, (uint16_t)i, i, 0, size, 0);
}

static void C14_page_of_a_packet_in_hand_stays(void **state)
{
	struct back_rig *r = *state;
	unsigned maps = fake_maps(&r->f), i;

	add_pages(r, 4, 0);
	put_packet(r, 1, 1000);
	/* one page, two packets */
	put_packet(r, 2, 1000);
	peer_put_req(&r->front, 3, 2, 1000, 2000, 0);
	peer_push_tx(&r->front);
	assert_int_equal(back_rig_poll(r), 3);

	for (i = 0; i < 3; i++) {
		put_pages(r, 4, 0);
		assert_int_equal(del(r, 4), XENNET_CTRL_SUCCESS);
		assert_int_equal(answer, i == 0 ? 2 : i == 1);
		assert_int_equal(list[0].status, i ? INVALID : 0);
		assert_int_equal(list[2].status, BUSY);
		/* the bytes in hand are still to be read */
		assert_int_equal(((uint8_t *)r->in.pkt[2].frag[1].addr)[1800],
				 peer_byte(2, 1000 + XENNET_HEAD + 1800));
		if (i == 0) {
			xennet_back_done(r->q, &r->in.pkt[0], 1);
		} else if (i == 1) {
			assert_int_equal(list[1].status, 0);
			xennet_back_done(r->q, &r->in.pkt[1], 1);
		}
	}
	assert_int_equal(fake_maps(&r->f), maps + 1);
	xennet_back_done(r->q, &r->in.pkt[2], 1);
	put_pages(r, 4, 0);
	assert_int_equal(del(r, 4), XENNET_CTRL_SUCCESS);
	assert_int_equal(answer, 1);
	assert_none(r, maps);
}

static void G4_C14_page_that_cannot_be_unmapped_stays_listed(void **state)
{
	struct back_rig *r = *state;
	unsigned maps = fake_maps(&r->f), k;

	for (k = 0; k < 8; k++) {
		add_pages(r, 4, 4);
		fake_fail(&r->f, FAKE_UNMAP, k + 1, XENNET_GNTST_GENERAL);
		assert_int_equal(del(r, 8), XENNET_CTRL_SUCCESS);
		assert_int_equal(answer, 7);
		assert_int_equal(list[k].status, BUSY);
		assert_int_equal(r->q->statics.count, 1);
		assert_int_equal(fake_maps(&r->f), maps + 1);

		put_pages(r, 4, 4);
		assert_int_equal(del(r, 8), XENNET_CTRL_SUCCESS);
		assert_int_equal(answer, 1);
		assert_int_equal(list[k].status, XENNET_CTRL_SUCCESS);
		assert_none(r, maps);
	}
	assert_int_equal(r->q->stats.reason[XENNET_EIO], 8);
}

static void C14_statuses_that_cannot_be_written_are_told_of(void **state)
{
	struct back_rig *r = *state;
	unsigned maps = fake_maps(&r->f);

	add_pages(r, 4, 4);
	fake_fail(&r->f, FAKE_COPY, 2, XENNET_GNTST_GENERAL);
	assert_int_equal(del(r, 8), INVALID);
	assert_int_equal(answer, 8);
	assert_none(r, maps);
}

/* Bytes of a packet of `n` slots of size bytes each, page i on. */
static void assert_bytes(const struct xennet_pkt *pkt, unsigned first,
			 unsigned n, uint32_t size, uint32_t offset)
{
	static unsigned char got[0x20000];
	uint32_t i;

	assert_int_equal(peer_gather(pkt, got, sizeof(got)), n * size);
	for (i = 0; i < n * size; i++)
		assert_int_equal(
			got[i], peer_byte(first + i / size, offset + i % size));
}

/* Packets of n slots, of which those whose bit is set lie in static pages. */
static void put_mixed(struct back_rig *r, unsigned n, uint32_t size)
{
	unsigned i;

	for (i = 0; i < n; i++)
		peer_put_req(&r->front, (uint16_t)i, i, 7,
			     (uint16_t)(i ? size : size * n),
			     i + 1 < n ? MORE : 0);
	peer_push_tx(&r->front);
}

static void static_slots_and_others_make_one_packet(void **state)
{
	static const uint32_t sizes[] = { 16, 60, 127, 128, 129, 1000, 4000 };
	struct back_rig *r = *state;
	unsigned mask, i, s, listed;

	for (mask = 0; mask < 16; mask++) {
		for (i = listed = 0; i < 4; i++)
			if (mask & 1u << i)
				put(listed++, tx_gref(r, i), READONLY);
		if (listed)
			assert_int_equal(add(r, listed), 0);
		for (s = 0; s < COUNT(sizes) * 4; s++) {
			uint32_t size = sizes[s / 4];
			unsigned n = s % 4 + 1;
			const struct xennet_pkt *pkt = r->in.pkt;

			put_mixed(r, n, size);
			assert_int_equal(back_rig_poll(r), 1);
			assert_bytes(pkt, 0, n, size, 7);
			/* the head is nobody else's */
			assert_true(pkt->frag[0].len >= XENNET_HEAD ||
				    pkt->nfrags == 1);
			if (mask == 15 && pkt->len > XENNET_HEAD)
				assert_true(pkt->flags & XENNET_PKT_SHARED);
			xennet_back_done(r->q, pkt, 1);
			peer_take_answers(&r->front, &r->answers);
			assert_int_equal(r->answers.okay, n);
		}
		if (listed) {
			assert_int_equal(del(r, listed), 0);
			assert_int_equal(answer, listed);
		}
	}
	assert_int_equal(back_rig_refused(r), 0);
	assert_int_equal(r->q->tx.nspare, RING);
}

/* What the guest writes after the poll is not in the head. */
static void T15_head_in_a_static_page_is_private(void **state)
{
	static const uint16_t sizes[] = { 14, 60, 128, 129, 200, 1500, 4000 };
	struct back_rig *r = *state;
	unsigned i, j;

	add_pages(r, 8, 0);
	for (i = 0; i < COUNT(sizes); i++) {
		put_packet(r, i, sizes[i]);
		peer_push_tx(&r->front);
		assert_int_equal(back_rig_poll(r), 1);
		memset(r->front.tx_data + i * XENNET_PAGE, 0xee, XENNET_PAGE);
		for (j = 0; j < XENNET_HEAD && j < sizes[i]; j++)
			assert_int_equal(
				((uint8_t *)r->in.pkt[0].frag[0].addr)[j],
				peer_byte(i, j));
		if (sizes[i] > XENNET_HEAD)
			assert_true(r->in.pkt[0].flags & XENNET_PKT_SHARED);
		xennet_back_done(r->q, r->in.pkt, 1);
	}
}

static unsigned platform_calls(const struct fake *f)
{
	return f->calls[FAKE_COPY] + f->calls[FAKE_MAP] + f->calls[FAKE_UNMAP];
}

static void send(struct back_rig *r, uint32_t len)
{
	static unsigned char bytes[0x10000];
	struct xennet_frag frag = { bytes, len };
	struct xennet_pkt pkt = { .frag = &frag, .len = len, .nfrags = 1 };
	uint32_t i;

	for (i = 0; i < len; i++)
		bytes[i] = peer_byte(77, i);
	assert_int_equal(xennet_back_send(r->q, &pkt, 1), 1);
}

/* Takes a packet of n slots; all that it says is in its pages. */
static void assert_came(struct back_rig *r, uint32_t len)
{
	struct xennet_rx_rsp rsp;
	uint32_t at = 0, i;

	while (at < len) {
		assert_true(peer_take_rx(&r->front, &rsp));
		assert_true(rsp.status > 0);
		assert_true(rsp.offset + rsp.status <= (int)XENNET_PAGE);
		for (i = 0; i < (uint32_t)rsp.status; i++)
			assert_int_equal(r->front.rx_data[rsp.id * XENNET_PAGE +
							  rsp.offset + i],
					 peer_byte(77, at + i));
		at += (uint32_t)rsp.status;
	}
}

static void static_pages_cost_no_platform_call(void **state)
{
	static const uint32_t sizes[] = { 60, 128, 129, 1500, 4096, 9000 };
	struct back_rig *r = *state;
	unsigned calls, i, round;

	add_pages(r, PAGES, RING);
	calls = platform_calls(&r->f);
	for (round = 0; round < 100; round++) {
		for (i = 0; i < PAGES; i++)
			put_packet(r, i, (uint16_t)(i % 3 ? 60 : 1400));
		peer_push_tx(&r->front);
		assert_int_equal(back_rig_serve(r), PAGES);
		assert_int_equal(r->answers.okay, PAGES);
		for (i = 0; i < COUNT(sizes); i++) {
			peer_post_many(&r->front, 3);
			send(r, sizes[i]);
			assert_came(r, sizes[i]);
		}
		while (xennet_ring_free(&r->front.q[0].rx) < RING) {
			send(r, 60);
			assert_came(r, 60);
		}
	}
	assert_int_equal(platform_calls(&r->f), calls);
	assert_int_equal(back_rig_refused(r), 0);
}

static void small_packets_in_static_pages_are_answered_at_once(void **state)
{
	struct back_rig *r = *state;
	unsigned i;

	add_pages(r, PAGES, 0);
	for (i = 0; i < PAGES; i++)
		put_packet(r, i, 60);
	peer_push_tx(&r->front);
	assert_int_equal(back_rig_poll(r), PAGES);
	peer_take_answers(&r->front, &r->answers);
	assert_int_equal(r->answers.okay, PAGES);
	for (i = 0; i < PAGES; i++)
		assert_bytes(&r->in.pkt[i], i, 1, 60, 0);
	xennet_back_done(r->q, r->in.pkt, PAGES);
}

static void references_that_are_not_listed_go_on_as_before(void **state)
{
	struct back_rig *r = *state;
	unsigned i, round;

	add_pages(r, 5, 5);
	for (round = 0; round < 20; round++) {
		for (i = 0; i < PAGES; i++)
			put_packet(r, i, (uint16_t)(i % 2 ? 60 : 2000));
		peer_push_tx(&r->front);
		assert_int_equal(back_rig_poll(r), PAGES);
		for (i = 0; i < PAGES; i++)
			assert_bytes(&r->in.pkt[i], i, 1, i % 2 ? 60 : 2000, 0);
		xennet_back_done(r->q, r->in.pkt, PAGES);
		for (i = 0; i < 12; i++)
			peer_post(&r->front, (uint16_t)i, i);
		for (i = 0; i < 4; i++) {
			send(r, i % 2 ? 60 : 5 * XENNET_PAGE);
			assert_came(r, i % 2 ? 60 : 5 * XENNET_PAGE);
		}
		peer_take_answers(&r->front, &r->answers);
	}
	/* and once they are listed no more */
	put_pages(r, 5, 5);
	assert_int_equal(del(r, 10), 0);
	for (i = 0; i < PAGES; i++)
		put_packet(r, i, (uint16_t)(i % 2 ? 60 : 2000));
	peer_push_tx(&r->front);
	assert_int_equal(back_rig_serve(r), PAGES);
	for (i = 0; i < 5; i++)
		peer_post(&r->front, (uint16_t)i, i);
	send(r, 5 * XENNET_PAGE);
	assert_came(r, 5 * XENNET_PAGE);
	assert_int_equal(back_rig_refused(r), 0);
}

/* Whatever the frontend granted: it said that this page is only read. */
static void C15_page_listed_readonly_never_receives(void **state)
{
	struct back_rig *r = *state;
	struct xennet_rx_rsp rsp;
	unsigned i;

	put(0, rx_gref(r, 1), READONLY);
	put(1, rx_gref(r, 2), 0);
	assert_int_equal(add(r, 2), XENNET_CTRL_SUCCESS);
	for (i = 0; i < 4; i++)
		peer_post(&r->front, (uint16_t)i, i);
	for (i = 0; i < 4; i++)
		send(r, 500);

	for (i = 0; i < 4; i++) {
		assert_true(peer_take_rx(&r->front, &rsp));
		assert_int_equal(rsp.id, i);
		assert_int_equal(rsp.status, i == 1 ? XENNET_RSP_ERROR : 500);
	}
	for (i = 0; i < XENNET_PAGE; i++)
		assert_int_equal(r->front.rx_data[XENNET_PAGE + i], 0);
	assert_int_equal(r->q->stats.reason[XENNET_EPKT_GREF], 1);
	/* as one of a packet's slots, too */
	for (i = 0; i < 4; i++)
		peer_post(&r->front, (uint16_t)i, i);
	send(r, 4 * XENNET_PAGE);
	for (i = 0; i < 4; i++) {
		assert_true(peer_take_rx(&r->front, &rsp));
		assert_int_equal(rsp.status, i == 1 ? -1 : 4096);
	}
	for (i = 0; i < XENNET_PAGE; i++)
		assert_int_equal(r->front.rx_data[XENNET_PAGE + i], 0);
	/* it may be sent from, and so may the writable one */
	for (i = 1; i < 3; i++) {
		struct xennet_tx_req req = { rx_gref(r, i), 0, 0, 0, 300 };

		xennet_tx_put_req(&r->front.q[0].tx, &req);
		peer_push_tx(&r->front);
		assert_int_equal(back_rig_serve(r), 1);
	}
}

/* The guest has a packet in the page that it posts for it (ASan looks on). */
static void C15_a_page_is_sent_from_and_received_into_at_once(void **state)
{
	struct xennet_tx_req req = { .offset = 100, .size = 3000 };
	struct back_rig *r = *state;
	unsigned char *bytes = r->front.rx_data + XENNET_PAGE;
	struct xennet_rx_rsp rsp;
	uint32_t i;

	put(0, rx_gref(r, 1), 0);
	assert_int_equal(add(r, 1), XENNET_CTRL_SUCCESS);
	for (i = 0; i < 3000; i++)
		bytes[100 + i] = peer_byte(5, i);
	req.gref = rx_gref(r, 1);
	xennet_tx_put_req(&r->front.q[0].tx, &req);
	peer_push_tx(&r->front);
	assert_int_equal(back_rig_poll(r), 1);
	peer_post(&r->front, 1, 1);
	assert_int_equal(xennet_back_send(r->q, r->in.pkt, 1), 1);
	xennet_back_done(r->q, r->in.pkt, 1);
	assert_true(peer_take_rx(&r->front, &rsp));
	assert_int_equal(rsp.status, 3000);
	for (i = 0; i < 3000; i++)
		assert_int_equal(bytes[rsp.offset + i], peer_byte(5, i));
}

/* What a vif keeps mapped, whatever its guest asks for. */
static void C12_a_vif_keeps_no_more_than_its_maps(void **state)
{
	static const struct {
		uint32_t maps, left; /* of a queue, for static pages */
		enum xennet_strategy strategy;
		enum xennet_layout layout; /* sequenced: half the slots */
	} cases[] = {
		{ 0, 2 * RING, XENNET_PERSISTENT, 0 },
		{ 8 * RING, 2 * RING, XENNET_PERSISTENT, 0 },
		{ 4 * RING + 20, 10, XENNET_PERSISTENT, 0 },
		{ 4 * RING, 0, XENNET_PERSISTENT, 0 },
		{ 4 * RING - 2, 2 * RING - 1, XENNET_COPY, 0 },
		{ 2 * RING, 0, XENNET_PERSISTENT, XENNET_SEQUENCED },
		{ 2 * RING - 2, RING - 1, XENNET_COPY, XENNET_SEQUENCED },
		{ 2, 1, XENNET_COPY, 0 },
		{ 1, 0, XENNET_COPY, 0 },
	};
	unsigned i, maps, left;

	(void)state;
	for (i = 0; i < COUNT(cases); i++) {
		struct back_setting two = { .strategy = XENNET_PERSISTENT,
					    .queues = 2,
					    .maps = cases[i].maps,
					    .layout = cases[i].layout };
		void *rig = &two;
		struct back_rig *r;

		assert_int_equal(setup(&rig), 0);
		r = rig;
		left = cases[i].left;
		assert_int_equal(r->q->tx.strategy, cases[i].strategy);
		assert_int_equal(r->q->rx.strategy, cases[i].strategy);
		assert_int_equal(ask(r, xennet_back_static_size, 1, 0, 0), 0);
		assert_int_equal(answer, left);
		maps = fake_maps(&r->f);
		if (left < 20) {
			put_pages(r, 10, 10);
			assert_int_equal(add(r, left + 1), INVALID);
			assert_int_equal(fake_maps(&r->f), maps);
			assert_int_equal(left ? add(r, left) : 0, 0);
			assert_int_equal(fake_maps(&r->f), maps + left);
		}
		put_packet(r, 20, 1000);
		peer_push_tx(&r->front);
		assert_int_equal(back_rig_serve(r), 1);
		teardown(&rig);
	}
}

static void disconnect_unmaps_what_is_listed(void **state)
{
	struct back_rig *r = *state;

	add_pages(r, PAGES, RING);
	put_packet(r, 1, 1000);
	peer_push_tx(&r->front);
	assert_int_equal(back_rig_poll(r), 1); /* and never handed back */
	r->f.atomic = false;
	xennet_back_disconnect(&r->back);
	assert_int_equal(fake_maps(&r->f), 0);
}

static void listed_pages_are_never_purged(void **state)
{
	static const struct back_setting few = { .strategy = XENNET_PERSISTENT,
						 .pgrants = XENNET_BATCH };
	void *rig = (void *)(uintptr_t)&few;
	struct back_rig *r;
	unsigned i, calls;

	(void)state;
	assert_int_equal(setup(&rig), 0);
	r = rig;
	add_pages(r, 4, 4);
	/* dynamic ones come and go; all that there can be fit beside them */
	for (i = 0; i < 3 * RING; i++) {
		struct xennet_tx_req req = { rx_gref(r, 4 + i % 250), 0, 0, 0,
					     200 };

		xennet_tx_put_req(&r->front.q[0].tx, &req);
		peer_push_tx(&r->front);
		assert_int_equal(back_rig_serve(r), 1);
	}
	assert_true(r->f.calls[FAKE_UNMAP] > 0);
	assert_int_equal(r->q->tx.grants.count, XENNET_BATCH);
	assert_int_equal(r->q->statics.count, 8);
	calls = platform_calls(&r->f);
	for (i = 0; i < 4; i++)
		put_packet(r, i, 1000);
	peer_push_tx(&r->front);
	assert_int_equal(back_rig_serve(r), 4);
	assert_int_equal(platform_calls(&r->f), calls);
	teardown(&rig);
}

/* An undo that cannot unmap leaves the page to the end of the domain. */
static void G4_C13_undo_keeps_what_cannot_be_unmapped(void **state)
{
	struct back_rig *r = *state;
	unsigned maps = fake_maps(&r->f);

	put_pages(r, 8, 8);
	list[15].gref = rx_gref(r, 0) == 4000 ? 4001 : 4000;
	fake_fail(&r->f, FAKE_UNMAP, 3, XENNET_GNTST_GENERAL);
	assert_int_equal(add(r, 16), INVALID);
	assert_true(fake_failed(&r->f));
	assert_int_equal(r->q->stats.reason[XENNET_EIO], 1);
	assert_int_equal(r->q->statics.count, 1);
	assert_int_equal(fake_maps(&r->f), maps + 1);
	/* it is tried again, with its queue */
	r->f.atomic = false;
	xennet_back_disconnect(&r->back);
	assert_int_equal(fake_maps(&r->f), 0);
}

static struct peer_ctrl ctrl;

static struct back_rig *open_with_ctrl(void)
{
	struct back_rig *r = calloc(1, sizeof(*r));

	back_rig_open(r, &back_copy);
	peer_front_publish(&r->front);
	peer_ctrl_open(&ctrl, &r->front);
	make_page(r);
	peer_front_state(&r->front, XENNET_STATE_CONNECTED);
	assert_int_equal(back_rig_event(r), XENNET_VIF_CONNECTED);
	r->q = &r->back.queue[0];
	return r;
}

static void close_with_ctrl(struct back_rig *r)
{
	xennet_back_disconnect(&r->back);
	peer_ctrl_close(&ctrl);
	drop_page(r);
	back_rig_close(r);
}

/* What a request costs is its list's to say. */
static void C3_C13_long_lists_end_the_pause(void **state)
{
	static const uint32_t sizes[] = { 1, 16, 17, 511, 512 };
	struct back_rig *r = open_with_ctrl();
	struct xennet_ctrl_rsp rsp;
	unsigned i, k, maps = fake_maps(&r->f), before;
	int n;

	(void)state;
	for (i = 0; i < COUNT(sizes); i++) {
		put_pages(r, PAGES, RING);
		for (k = PAGES + RING; k < LISTS; k++)
			put(k, 4000 + k, 0);
		put(sizes[i] - 1, 4000, 0);
		for (k = 0; k < 2 * XENNET_CTRL_BUDGET; k++)
			peer_ctrl_put(&ctrl, (uint16_t)k,
				      XENNET_CTRL_ADD_GREF_MAPPING, 0,
				      page.gref, sizes[i]);
		peer_ctrl_push(&ctrl);
		for (k = 0; k < 2 * XENNET_CTRL_BUDGET; k += (unsigned)n) {
			before = r->f.ops[FAKE_MAP];
			assert_int_equal(back_rig_event(r), XENNET_VIF_PAUSE);
			n = xennet_back_ctrl(&r->back);
			assert_in_range(n, 1, XENNET_CTRL_BUDGET);
			assert_true((unsigned)(n - 1) * sizes[i] <
				    XENNET_CTRL_PAGES);
			assert_in_range(r->f.ops[FAKE_MAP] - before, 1,
					2 * XENNET_CTRL_PAGES);
		}
		for (k = 0; k < 2 * XENNET_CTRL_BUDGET; k++) {
			assert_true(peer_ctrl_take(&ctrl, &rsp));
			assert_int_equal(rsp.id, k);
			assert_int_equal(rsp.status, INVALID);
		}
		assert_none(r, maps);
	}
	close_with_ctrl(r);
}

static void C12_C13_C14_messages_come_over_the_control_ring(void **state)
{
	static const uint16_t type[] = { 8, 9, 10, 10 };
	static const uint32_t data[] = { 2 * RING, 0, 4, 0 };
	struct back_rig *r = open_with_ctrl();
	struct xennet_ctrl_rsp rsp;
	unsigned i, maps = fake_maps(&r->f);

	(void)state;
	put_pages(r, 2, 2);
	for (i = 0; i < COUNT(type); i++) {
		peer_ctrl_put(&ctrl, (uint16_t)(70 + i), type[i], 0,
			      i ? page.gref : 0, i ? 4 : 0);
		peer_ctrl_push(&ctrl);
		assert_int_equal(back_rig_event(r), XENNET_VIF_PAUSE);
		assert_int_equal(xennet_back_ctrl(&r->back), 1);
		assert_true(peer_ctrl_take(&ctrl, &rsp));
		assert_int_equal(rsp.id, 70 + i);
		assert_int_equal(rsp.type, type[i]);
		assert_int_equal(rsp.status, XENNET_CTRL_SUCCESS);
		assert_int_equal(rsp.data, data[i]);
		assert_int_equal(fake_maps(&r->f), maps + (i == 1 ? 4 : 0));
	}
	close_with_ctrl(r);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(C12_size_is_what_a_queue_keeps),
		TEST(C12_a_vif_keeps_no_more_than_its_maps),
		STATIC_TEST(C12_queue_out_of_range_is_invalid),
		STATIC_TEST(C12_size_is_zero_where_it_is_not_offered),
		STATIC_TESTS(C13_pages_are_mapped_when_they_are_listed),
		STATIC_TEST(C13_list_page_may_be_readonly),
		STATIC_TESTS(C13_one_bad_entry_refuses_the_list),
		STATIC_TEST(C13_what_is_listed_cannot_be_listed_again),
		STATIC_TEST(C13_list_has_1_to_512_entries_of_a_grant),
		STATIC_TEST(C13_more_than_the_quota_is_refused),
		STATIC_TEST(C13_list_is_read_once),
		STATIC_TESTS(G4_C13_each_map_may_fail_and_none_stays),
		STATIC_TEST(G4_C13_undo_keeps_what_cannot_be_unmapped),
		STATIC_TEST(G2_C13_list_that_cannot_be_read_is_refused),
		STATIC_TEST(C13_C14_without_memory_nothing_changes),
		STATIC_TEST(C14_each_entry_says_what_became_of_it),
		STATIC_TESTS(C14_page_of_a_packet_in_hand_stays),
		STATIC_TESTS(G4_C14_page_that_cannot_be_unmapped_stays_listed),
		STATIC_TEST(C14_statuses_that_cannot_be_written_are_told_of),
		STATIC_TESTS(static_slots_and_others_make_one_packet),
		STATIC_TESTS(T15_head_in_a_static_page_is_private),
		STATIC_TESTS(static_pages_cost_no_platform_call),
		STATIC_TESTS(
			small_packets_in_static_pages_are_answered_at_once),
		STATIC_TESTS(references_that_are_not_listed_go_on_as_before),
		STATIC_TESTS(C15_page_listed_readonly_never_receives),
		STATIC_TESTS(C15_a_page_is_sent_from_and_received_into_at_once),
		STATIC_TESTS(disconnect_unmaps_what_is_listed),
		TEST(listed_pages_are_never_purged),
		TEST(C3_C13_long_lists_end_the_pause),
		TEST(C12_C13_C14_messages_come_over_the_control_ring),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
