/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Copies, maps and unmaps in batches, some of which fail. */
#include "test.h"

#include <xennet/batch.h>

#define US 0
#define PEER 1
#define BATCH 40u
#define FOREVER 100000u

struct setting {
	struct fake f;
	struct xennet_platform us, peer;
	unsigned char *theirs, *ours;
	struct xennet_grant_op grant[BATCH];
};

static int setup(void **state)
{
	static struct setting s;
	unsigned i;

	fake_open(&s.f);
	s.us = fake_platform(&s.f, US);
	s.peer = fake_platform(&s.f, PEER);
	s.theirs = s.peer.ops->alloc_pages(s.peer.ctx, BATCH);
	s.ours = s.us.ops->alloc_pages(s.us.ctx, BATCH);
	for (i = 0; i < BATCH; i++) {
		s.grant[i] =
			(struct xennet_grant_op){ .addr = s.theirs +
							  i * XENNET_PAGE };
		memset(s.grant[i].addr, (int)i + 1, XENNET_PAGE);
	}
	s.peer.ops->grant(s.peer.ctx, US, s.grant, BATCH);
	*state = &s;
	return 0;
}

static int teardown(void **state)
{
	struct setting *s = *state;

	s->peer.ops->ungrant(s->peer.ctx, s->grant, BATCH);
	s->peer.ops->free_pages(s->peer.ctx, s->theirs, BATCH);
	s->us.ops->free_pages(s->us.ctx, s->ours, BATCH);
	fake_check_clean(&s->f);
	fake_close(&s->f);
	return 0;
}

/* Page i of theirs into page i of ours. */
static void fill_copies(struct setting *s, struct xennet_copy_op *op)
{
	unsigned i;

	memset(op, 0, BATCH * sizeof(*op));
	for (i = 0; i < BATCH; i++) {
		op[i].src.gref = s->grant[i].gref;
		op[i].src.domid = PEER;
		op[i].dst.addr = s->ours + i * XENNET_PAGE;
		op[i].len = XENNET_PAGE;
		op[i].status = 77;
	}
}

static void fill_maps(struct setting *s, struct xennet_map_op *op)
{
	unsigned i;

	memset(op, 0, BATCH * sizeof(*op));
	for (i = 0; i < BATCH; i++) {
		op[i].gref = s->grant[i].gref;
		op[i].domid = PEER;
		op[i].readonly = i % 2;
		op[i].status = 77;
	}
}

/* One side of a split: where, and what belongs there. */
static bool within_pages(const struct xennet_copy_end *e, uint32_t len)
{
	uint32_t offset = e->addr ? (uint32_t)((uintptr_t)e->addr % XENNET_PAGE)
				  : e->offset;

	return len > 0 && offset + len <= XENNET_PAGE;
}

static void check_split(const struct xennet_copy_op *op, unsigned n,
			const unsigned char *from, const unsigned char *to,
			uint32_t len)
{
	uint32_t done = 0;
	unsigned i;

	for (i = 0; i < n; i++) {
		assert_true(within_pages(&op[i].src, op[i].len));
		assert_true(within_pages(&op[i].dst, op[i].len));
		assert_ptr_equal(op[i].src.addr, from + done);
		assert_ptr_equal(op[i].dst.addr, to + done);
		done += op[i].len;
	}
	assert_int_equal(done, len);
}

static void G1_no_copy_crosses_a_page_on_either_side(void **state)
{
	struct setting *s = *state;
	struct xennet_copy_op op[BATCH];
	uint32_t seed = 1, i;

	for (i = 0; i < 20000; i++) {
		struct xennet_copy_end src = {
			.addr = s->theirs + test_below(&seed, 3 * XENNET_PAGE)
		};
		struct xennet_copy_end dst = {
			.addr = s->ours + test_below(&seed, 3 * XENNET_PAGE)
		};
		uint32_t len = test_below(&seed, 0x10000) + 1;
		unsigned n = xennet_copy_split(op, BATCH, &src, &dst, len);

		/* as few as the page boundaries on both sides allow */
		assert_in_range(n, 1, 2 * (len / XENNET_PAGE + 2));
		check_split(op, n, src.addr, dst.addr, len);
	}
}

static void G1_granted_side_stays_within_its_page(void **state)
{
	struct setting *s = *state;
	struct xennet_copy_op op[4];
	uint32_t offset;

	for (offset = 0; offset < XENNET_PAGE; offset += 111) {
		struct xennet_copy_end src = { .gref = s->grant[0].gref,
					       .domid = PEER,
					       .offset = (uint16_t)offset };
		struct xennet_copy_end dst = { .addr = s->ours + 4000 };
		uint32_t len = XENNET_PAGE - offset;
		unsigned n = xennet_copy_split(op, 4, &src, &dst, len);

		assert_int_equal(n, len > 96 ? 2 : 1);
		assert_int_equal(op[0].src.offset, offset);
		assert_int_equal(op[n - 1].src.offset + op[n - 1].len,
				 XENNET_PAGE);
		assert_int_equal(op[n - 1].src.gref, s->grant[0].gref);
		assert_int_equal(op[n - 1].src.domid, PEER);
		assert_int_equal(xennet_copy_run(&s->us, op, n), 0);
		assert_int_equal(s->ours[4000], 1);
		assert_int_equal(s->ours[4000 + len - 1], 1);
	}
}

static void G1_split_that_does_not_fit_is_refused(void **state)
{
	struct setting *s = *state;
	struct xennet_copy_end src = { .addr = s->theirs };
	struct xennet_copy_end dst = { .addr = s->ours };
	struct xennet_copy_op op[6];
	unsigned cap;

	memset(op, 0xdb, sizeof(op));
	for (cap = 0; cap < 5; cap++)
		assert_int_equal(
			xennet_copy_split(op, cap, &src, &dst, 5 * XENNET_PAGE),
			0);
	assert_int_equal(op[4].len, 0xdbdb);
	assert_int_equal(xennet_copy_split(op, 5, &src, &dst, 5 * XENNET_PAGE),
			 5);
	assert_int_equal(op[5].len, 0xdbdb);
}

static void G2_each_copy_is_judged_by_its_own_status(void **state)
{
	struct setting *s = *state;
	struct xennet_copy_op op[BATCH];
	unsigned k, i;

	for (k = 0; k < BATCH; k++) {
		fill_copies(s, op);
		fake_fail(&s->f, FAKE_COPY, k + 1, XENNET_GNTST_GENERAL);

		assert_int_equal(xennet_copy_run(&s->us, op, BATCH), 1);

		for (i = 0; i < BATCH; i++)
			assert_int_equal(op[i].status, i == k ? -1 : 0);
	}
}

static void G2_G4_each_map_is_judged_by_its_own_status(void **state)
{
	struct setting *s = *state;
	struct xennet_map_op op[BATCH];
	unsigned k, i;

	for (k = 0; k < BATCH; k++) {
		fill_maps(s, op);
		fake_fail(&s->f, FAKE_MAP, k + 1, XENNET_GNTST_GENERAL);

		assert_int_equal(xennet_map_run(&s->us, op, BATCH), 1);

		assert_null(op[k].addr);
		op[k] = op[BATCH - 1 - (k == BATCH - 1)];
		for (i = 0; i < BATCH - 1; i++)
			assert_int_equal(op[i].status, 0);
		if (k == BATCH - 1)
			assert_int_equal(xennet_unmap_run(&s->us, op, k), 0);
		else
			assert_int_equal(
				xennet_unmap_run(&s->us, op, BATCH - 1), 0);
		assert_int_equal(fake_maps(&s->f), 0);
	}
}

static void G2_each_unmap_is_judged_by_its_own_status(void **state)
{
	struct setting *s = *state;
	struct xennet_map_op op[BATCH];
	unsigned k;

	for (k = 0; k < BATCH; k++) {
		fill_maps(s, op);
		assert_int_equal(xennet_map_run(&s->us, op, BATCH), 0);
		fake_fail(&s->f, FAKE_UNMAP, k + 1, XENNET_GNTST_GENERAL);

		assert_int_equal(xennet_unmap_run(&s->us, op, BATCH), 1);

		assert_int_equal(op[k].status, XENNET_GNTST_GENERAL);
		assert_int_equal(xennet_unmap_run(&s->us, &op[k], 1), 0);
	}
}

/* XSA-316: a positive status is no success either. */
static void G2_G4_only_status_zero_is_success(void **state)
{
	struct setting *s = *state;
	struct xennet_copy_op copy[BATCH];
	struct xennet_map_op map[BATCH];
	int status;

	for (status = -13; status <= 13; status++) {
		fill_copies(s, copy);
		fill_maps(s, map);
		if (status == 0 || status == XENNET_GNTST_EAGAIN)
			continue;

		fake_fail(&s->f, FAKE_COPY, 1, status);
		assert_int_equal(xennet_copy_run(&s->us, copy, 1), 1);
		fake_fail(&s->f, FAKE_MAP, 1, status);
		assert_int_equal(xennet_map_run(&s->us, map, 1), 1);
		assert_null(map[0].addr);
	}
}

static void G3_eagain_is_tried_again(void **state)
{
	struct setting *s = *state;
	struct xennet_copy_op copy[BATCH];
	struct xennet_map_op map[BATCH];
	unsigned times;

	for (times = 1; times <= 10; times++) {
		fill_copies(s, copy);
		fake_fail_times(&s->f, FAKE_COPY, 3, times,
				XENNET_GNTST_EAGAIN);
		assert_int_equal(xennet_copy_run(&s->us, copy, BATCH), 0);
		assert_int_equal(s->f.failure.hits, times);
		assert_int_equal(s->ours[2 * XENNET_PAGE], 3);

		fill_maps(s, map);
		fake_fail_times(&s->f, FAKE_MAP, 3, times, XENNET_GNTST_EAGAIN);
		assert_int_equal(xennet_map_run(&s->us, map, BATCH), 0);
		assert_int_equal(s->f.failure.hits, times);
		assert_int_equal(xennet_unmap_run(&s->us, map, BATCH), 0);
	}
}

static void G3_each_new_try_waits_first(void **state)
{
	struct setting *s = *state;
	struct xennet_copy_op op[BATCH];

	fill_copies(s, op);
	fake_fail_times(&s->f, FAKE_COPY, 1, 5, XENNET_GNTST_EAGAIN);

	xennet_copy_run(&s->us, op, BATCH);

	assert_int_equal(s->f.calls[FAKE_DELAY], 5);
}

static void G3_eagain_for_ever_is_given_up(void **state)
{
	struct setting *s = *state;
	struct xennet_copy_op copy[BATCH];
	struct xennet_map_op map[BATCH];

	fill_copies(s, copy);
	fake_fail_times(&s->f, FAKE_COPY, 1, FOREVER, XENNET_GNTST_EAGAIN);
	assert_int_equal(xennet_copy_run(&s->us, copy, 2), 1);
	assert_int_equal(copy[0].status, XENNET_GNTST_EAGAIN);
	assert_int_equal(copy[1].status, 0);
	assert_in_range(s->f.failure.hits, 2, 1000);

	fill_maps(s, map);
	fake_fail_times(&s->f, FAKE_MAP, 1, FOREVER, XENNET_GNTST_EAGAIN);
	assert_int_equal(xennet_map_run(&s->us, map, 2), 1);
	assert_null(map[0].addr);
	assert_in_range(s->f.failure.hits, 2, 1000);
	assert_int_equal(xennet_unmap_run(&s->us, &map[1], 1), 0);
}

/* Until so many delays have passed. */
static unsigned paged_out;

static bool is_out(struct fake *f)
{
	return f->calls[FAKE_DELAY] < paged_out;
}

static struct setting *paging;

static void copy_paged(void *ctx, struct xennet_copy_op *op, unsigned n)
{
	if (!is_out(&paging->f))
		paging->us.ops->copy(ctx, op, n);
	else
		while (n--)
			op[n].status = XENNET_GNTST_EAGAIN;
}

static void map_paged(void *ctx, struct xennet_map_op *op, unsigned n)
{
	if (!is_out(&paging->f))
		paging->us.ops->map(ctx, op, n);
	else
		while (n--)
			op[n].status = XENNET_GNTST_EAGAIN;
}

/* All of a batch are fetched at the same time, and waited for as one. */
static void G3_a_batch_waits_no_longer_than_one_of_it(void **state)
{
	struct setting *s = *state;
	struct xennet_ops ops = *s->us.ops;
	struct xennet_platform p = { &ops, s->us.ctx };
	struct xennet_copy_op copy[BATCH];
	struct xennet_map_op map[BATCH];
	unsigned one, batch;

	paging = s;
	ops.copy = copy_paged;
	ops.map = map_paged;
	fill_copies(s, copy);
	fill_maps(s, map);
	paged_out = FOREVER;
	assert_int_equal(xennet_copy_run(&p, copy, 1), 1);
	one = s->f.calls[FAKE_DELAY];
	assert_int_equal(xennet_copy_run(&p, copy, BATCH), BATCH);
	assert_int_equal(xennet_map_run(&p, map, BATCH), BATCH);
	batch = s->f.calls[FAKE_DELAY] - one;
	assert_int_equal(batch, 2 * one);

	paged_out = s->f.calls[FAKE_DELAY] + one;
	assert_int_equal(xennet_copy_run(&p, copy, BATCH), 0);
	paged_out = s->f.calls[FAKE_DELAY] + one;
	assert_int_equal(xennet_map_run(&p, map, BATCH), 0);
	assert_int_equal(s->f.calls[FAKE_DELAY], 5 * one);
	assert_int_equal(xennet_unmap_run(&s->us, map, BATCH), 0);
}

static void G3_a_platform_that_cannot_wait_still_gives_up(void **state)
{
	struct setting *s = *state;
	struct xennet_ops hasty = *s->us.ops;
	struct xennet_platform p = { &hasty, s->us.ctx };
	struct xennet_copy_op op[BATCH];

	hasty.delay = NULL;
	fill_copies(s, op);
	fake_fail_times(&s->f, FAKE_COPY, 1, FOREVER, XENNET_GNTST_EAGAIN);

	assert_int_equal(xennet_copy_run(&p, op, BATCH), 1);
}

static void G7_a_batch_does_what_one_at_a_time_does(void **state)
{
	struct setting *s = *state;
	struct xennet_copy_op batch[BATCH], single[BATCH];
	unsigned char result[BATCH];
	unsigned i, failed = 0;

	fill_copies(s, batch);
	batch[7].src.gref = 4000;
	batch[9].src.domid = 2;
	batch[11].len = 100;
	memcpy(single, batch, sizeof(batch));

	assert_int_equal(xennet_copy_run(&s->us, batch, BATCH), 2);
	for (i = 0; i < BATCH; i++)
		result[i] = s->ours[i * XENNET_PAGE + 200];
	memset(s->ours, 0, BATCH * XENNET_PAGE);
	for (i = 0; i < BATCH; i++)
		failed += xennet_copy_run(&s->us, &single[i], 1);

	assert_int_equal(failed, 2);
	for (i = 0; i < BATCH; i++) {
		assert_int_equal(batch[i].status, single[i].status);
		assert_int_equal(result[i], s->ours[i * XENNET_PAGE + 200]);
	}
}

static void G7_a_batch_is_one_call(void **state)
{
	struct setting *s = *state;
	struct xennet_copy_op copy[BATCH];
	struct xennet_map_op map[BATCH];

	fill_copies(s, copy);
	fill_maps(s, map);

	xennet_copy_run(&s->us, copy, BATCH);
	xennet_map_run(&s->us, map, BATCH);
	xennet_unmap_run(&s->us, map, BATCH);

	assert_int_equal(s->f.calls[FAKE_COPY], 1);
	assert_int_equal(s->f.calls[FAKE_MAP], 1);
	assert_int_equal(s->f.calls[FAKE_UNMAP], 1);
}

#define BATCH_TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		BATCH_TEST(G1_no_copy_crosses_a_page_on_either_side),
		BATCH_TEST(G1_granted_side_stays_within_its_page),
		BATCH_TEST(G1_split_that_does_not_fit_is_refused),
		BATCH_TEST(G2_each_copy_is_judged_by_its_own_status),
		BATCH_TEST(G2_G4_each_map_is_judged_by_its_own_status),
		BATCH_TEST(G2_each_unmap_is_judged_by_its_own_status),
		BATCH_TEST(G2_G4_only_status_zero_is_success),
		BATCH_TEST(G3_eagain_is_tried_again),
		BATCH_TEST(G3_each_new_try_waits_first),
		BATCH_TEST(G3_eagain_for_ever_is_given_up),
		BATCH_TEST(G3_a_batch_waits_no_longer_than_one_of_it),
		BATCH_TEST(G3_a_platform_that_cannot_wait_still_gives_up),
		BATCH_TEST(G7_a_batch_does_what_one_at_a_time_does),
		BATCH_TEST(G7_a_batch_is_one_call),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
