/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* The local platform's data plane: grants, maps, event channels. */
#include "pair.h"

#include <errno.h>
#include <xennet/cost.h>

static void G5_a_mapped_page_is_not_revoked(void **state)
{
	struct pair *t = *state;
	void *page = t->fops->alloc_pages(t->front, 1);
	struct xennet_grant_op g = grant(t, page, false);
	struct xennet_map_op m = map(t, g.gref, false);

	assert_int_equal(m.status, XENNET_GNTST_OKAY);
	assert_int_equal(ungrant(t, &g), -XENNET_EBUSY);
	unmap(t, &m);
	assert_int_equal(ungrant(t, &g), 0);
	assert_int_equal(ungrant(t, &g), -XENNET_ENOENT);
	assert_int_equal(map(t, g.gref, false).status, XENNET_GNTST_GENERAL);

	t->fops->free_pages(t->front, page, 1);
}

static void a_grant_is_used_until_its_last_user_ends(void **state)
{
	struct pair *t = *state;
	void *page = t->fops->alloc_pages(t->front, 1);
	struct xennet_grant_op g = grant(t, page, false);
	struct xennet_map_op ro = map(t, g.gref, true);
	struct xennet_map_op rw = map(t, g.gref, false);

	assert_int_equal(entry(t, g.gref)->word & (GTF_READING | GTF_WRITING),
			 GTF_READING | GTF_WRITING);
	unmap(t, &rw);
	assert_int_equal(entry(t, g.gref)->word & (GTF_READING | GTF_WRITING),
			 GTF_READING);
	assert_int_equal(ungrant(t, &g), -XENNET_EBUSY);
	unmap(t, &ro);
	assert_int_equal(ungrant(t, &g), 0);

	t->fops->free_pages(t->front, page, 1);
}

static void G8_references_are_never_reserved_ones_nor_given_twice(void **state)
{
	struct pair *t = *state;
	uint32_t n = t->front->memory.ngrants - XENNET_GREF_FIRST;
	void *page = t->fops->alloc_pages(t->front, 1);
	struct xennet_grant_op *op = calloc(n + 1, sizeof(*op));
	unsigned char *seen = calloc(t->front->memory.ngrants, 1);

	for (uint32_t i = 0; i <= n; i++)
		op[i].addr = page;
	t->fops->grant(t->front, 0, op, n + 1);
	assert_int_equal(op[0].status, -XENNET_ENOSPC);
	assert_int_equal(stats(t->front).grants, 0);

	t->fops->grant(t->front, 0, op, n);
	for (uint32_t i = 0; i < n; i++) {
		assert_int_equal(op[i].status, 0);
		assert_true(op[i].gref >= XENNET_GREF_FIRST);
		assert_int_equal(seen[op[i].gref]++, 0);
	}

	t->fops->ungrant(t->front, op, n);
	t->fops->free_pages(t->front, page, 1);
	free(seen);
	free(op);
}

static void only_pages_of_ours_are_granted_and_only_to_domain_0(void **state)
{
	struct pair *t = *state;
	unsigned char *page = t->fops->alloc_pages(t->front, 1);
	struct xennet_grant_op op[2] = { { .addr = page },
					 { .addr = page + 1 } };

	t->fops->grant(t->front, 0, op, 2);
	assert_int_equal(op[0].status, -XENNET_EINVAL);
	op[0].addr = t->front->memory.base; /* the grant table itself */
	t->fops->grant(t->front, 0, op, 1);
	assert_int_equal(op[0].status, -XENNET_EINVAL);
	op[0].addr = page;
	t->fops->grant(t->front, 7, op, 1);
	assert_int_equal(op[0].status, -XENNET_EGONE);
	assert_int_equal(stats(t->front).grants, 0);

	t->fops->free_pages(t->front, page, 1);
}

static void a_readonly_grant_is_not_written(void **state)
{
	struct pair *t = *state;
	char *page = t->fops->alloc_pages(t->front, 1), data[4] = "new";
	struct xennet_grant_op g = grant(t, page, true);
	struct xennet_copy_op c = { .src = { .addr = data },
				    .dst = { .gref = g.gref,
					     .domid = t->domid },
				    .len = sizeof(data) };
	struct xennet_map_op m;

	assert_int_equal(map(t, g.gref, false).status, XENNET_GNTST_GENERAL);
	t->bops->copy(t->back, &c, 1);
	assert_int_equal(c.status, XENNET_GNTST_GENERAL);
	assert_int_equal(page[0], 0);
	m = map(t, g.gref, true);
	assert_int_equal(m.status, XENNET_GNTST_OKAY);

	unmap(t, &m);
	assert_int_equal(ungrant(t, &g), 0);
	t->fops->free_pages(t->front, page, 1);
}

static void pages_that_follow_each_other_take_one_mmap(void **state)
{
	struct pair *t = *state;
	struct xennet_map_op op[BATCH];
	uint32_t grefs[BATCH];
	unsigned char *pages = map_batch(t, grefs, op, BATCH);

	for (unsigned i = 0; i < BATCH; i++)
		pages[i * XENNET_PAGE] = (unsigned char)i;
	t->bops->map(t->back, op, BATCH);
	assert_int_equal(stats(t->back).mmaps, 1);
	assert_int_equal(stats(t->back).mapped, BATCH);
	for (unsigned i = 0; i < BATCH; i++)
		assert_int_equal(*(unsigned char *)op[i].addr, i);
	t->bops->unmap(t->back, op, BATCH);
	assert_int_equal(stats(t->back).munmaps, 1);

	assert_int_equal(t->fops->unshare(t->front, pages, BATCH, grefs), 0);
}

static void pages_apart_or_of_other_access_take_their_own(void **state)
{
	struct pair *t = *state;
	struct xennet_map_op op[4], one;
	uint32_t grefs[4];
	unsigned char *pages = map_batch(t, grefs, op, 4);

	one = op[1];
	op[1] = op[2];
	op[2] = one; /* 0 2 1 3 */
	op[3].readonly = true;
	t->bops->map(t->back, op, 4);
	assert_int_equal(stats(t->back).mmaps, 4);
	pages[2 * XENNET_PAGE] = 2;
	assert_int_equal(*(unsigned char *)op[1].addr, 2);
	t->bops->unmap(t->back, op, 4);
	for (unsigned i = 0; i < 4; i++)
		assert_int_equal(op[i].status, XENNET_GNTST_OKAY);

	assert_int_equal(t->fops->unshare(t->front, pages, 4, grefs), 0);
}

static void one_bad_reference_fails_alone(void **state)
{
	static const struct {
		uint32_t gref;
		int16_t status;
	} bad[] = { { 0, XENNET_GNTST_BAD_GREF },
		    { XENNET_GREF_FIRST - 1, XENNET_GNTST_BAD_GREF },
		    { 0xffffffff, XENNET_GNTST_BAD_GREF },
		    { 500, XENNET_GNTST_GENERAL } };
	struct pair *t = *state;
	struct xennet_map_op op[5];
	struct xennet_copy_op c[5];
	uint32_t grefs[5];
	char data[5] = { 0 };
	char *pages = (char *)map_batch(t, grefs, op, 5);

	for (unsigned b = 0; b < 4; b++) {
		for (unsigned i = 0; i < 5; i++) {
			c[i] = (struct xennet_copy_op){
				.src = { .gref = i == 2 ? bad[b].gref
							: grefs[i],
					 .domid = t->domid },
				.dst = { .addr = &data[i] },
				.len = 1
			};
			pages[i * XENNET_PAGE] = (char)(b + i);
		}
		op[2].gref = bad[b].gref;
		t->bops->map(t->back, op, 5);
		t->bops->copy(t->back, c, 5);
		for (unsigned i = 0; i < 5; i++) {
			int16_t want = i == 2 ? bad[b].status : 0;

			assert_int_equal(op[i].status, want);
			assert_int_equal(c[i].status, want);
			assert_int_equal(data[i], i == 2 ? 0 : b + i);
		}
		t->bops->unmap(t->back, op, 5);
		assert_int_equal(op[2].status, XENNET_GNTST_GENERAL);
	}

	assert_int_equal(t->fops->unshare(t->front, pages, 5, grefs), 0);
}

static void a_frame_number_outside_the_memory_is_refused(void **state)
{
	static const uint32_t bad[] = { PAGES, PAGES + 1, 0x80000000,
					0xffffffff };
	struct pair *t = *state;
	void *page = t->fops->alloc_pages(t->front, 1);
	struct xennet_grant_op g = grant(t, page, false);

	for (unsigned i = 0; i < 4; i++) {
		entry(t, g.gref)->frame = bad[i];
		assert_int_equal(map(t, g.gref, false).status,
				 XENNET_GNTST_GENERAL);
		assert_int_equal(entry(t, g.gref)->word, GTF_PERMIT_ACCESS);
	}

	assert_int_equal(ungrant(t, &g), 0);
	t->fops->free_pages(t->front, page, 1);
}

static void a_grant_to_another_or_of_another_type_is_refused(void **state)
{
	struct pair *t = *state;
	void *page = t->fops->alloc_pages(t->front, 1);
	struct xennet_grant_op g = grant(t, page, false);

	entry(t, g.gref)->word = GTF_PERMIT_ACCESS | 3u << 16;
	assert_int_equal(map(t, g.gref, true).status, XENNET_GNTST_GENERAL);
	entry(t, g.gref)->word = 2;
	assert_int_equal(map(t, g.gref, true).status, XENNET_GNTST_GENERAL);
	entry(t, g.gref)->word = GTF_PERMIT_ACCESS;

	assert_int_equal(ungrant(t, &g), 0);
	t->fops->free_pages(t->front, page, 1);
}

static void G6_a_page_in_use_is_kept_out_of_use(void **state)
{
	struct pair *t = *state;
	struct xennet_map_op m[BATCH];
	uint32_t grefs[BATCH];
	unsigned char *pages = map_batch(t, grefs, m, BATCH), *all;
	unsigned rest = PAGES - t->front->memory.first - 1;

	t->bops->map(t->back, m + 5, 1);
	assert_int_equal(t->fops->unshare(t->front, pages, BATCH, grefs),
			 -XENNET_EBUSY);
	assert_int_equal(stats(t->front).quarantined, 1);
	assert_int_equal(stats(t->front).grants, 1);

	/* every other page can be had, that one cannot */
	for (unsigned i = 0; i < rest; i++) {
		all = t->fops->alloc_pages(t->front, 1);
		assert_non_null(all);
		assert_ptr_not_equal(all, pages + 5 * XENNET_PAGE);
	}
	assert_null(t->fops->alloc_pages(t->front, 1));

	unmap(t, m + 5);
	assert_ptr_equal(t->fops->alloc_pages(t->front, 1),
			 pages + 5 * XENNET_PAGE);
	assert_int_equal(stats(t->front).quarantined, 0);
}

static void pages_with_grants_may_be_freed(void **state)
{
	struct pair *t = *state;
	char *page = t->fops->alloc_pages(t->front, 1);
	struct xennet_grant_op g[2] = { grant(t, page, false),
					grant(t, page, true) };
	struct xennet_map_op m = map(t, g[1].gref, true);

	t->fops->free_pages(t->front, page, 1);
	assert_int_equal(stats(t->front).quarantined, 1);
	assert_int_equal(stats(t->front).grants, 1);
	unmap(t, &m);
	assert_int_equal(stats(t->front).quarantined, 0);
	assert_int_equal(stats(t->front).grants, 0);
}

static void pages_are_empty_when_they_are_given_out(void **state)
{
	struct pair *t = *state;
	unsigned n = PAGES - t->front->memory.first;
	unsigned char *p = t->fops->alloc_pages(t->front, n);

	memset(p, 0xaa, (size_t)n * XENNET_PAGE);
	t->fops->free_pages(t->front, p, n);
	p = t->fops->alloc_pages(t->front, n);
	assert_non_null(p);
	for (size_t i = 0; i < (size_t)n * XENNET_PAGE; i++)
		assert_int_equal(p[i], 0);
	assert_null(t->fops->alloc_pages(t->front, 1));
	t->fops->free_pages(t->front, p, n);
}

static void a_guest_cannot_shrink_its_memory(void **state)
{
	struct pair *t = *state;

	assert_int_not_equal(ftruncate(t->front->memory.memfd, 0), 0);
	assert_int_equal(errno, EPERM);
}

static void memory_is_aligned_and_empty(void **state)
{
	static const size_t size[] = { 1, 64, 100, 4095, 4096, 4097, 1 << 20 };
	struct pair *t = *state;

	for (unsigned i = 0; i < 7; i++) {
		bool whole = size[i] % XENNET_PAGE == 0;
		unsigned char *p = t->bops->alloc(t->back, size[i]);

		assert_int_equal((uintptr_t)p % XENNET_CACHE_LINE, 0);
		assert_true(!whole || (uintptr_t)p % XENNET_PAGE == 0);
		for (size_t k = 0; k < size[i]; k++)
			assert_int_equal(p[k], 0);
		t->bops->free(t->back, p, size[i]);
	}
}

static void a_ring_is_mapped_in_one_piece_or_not_at_all(void **state)
{
	struct pair *t = *state;
	struct xennet_map_op unused[3];
	uint32_t grefs[3], order[3];
	char *pages = (char *)map_batch(t, grefs, unused, 3);
	void *ring;

	for (unsigned i = 0; i < 3; i++) {
		order[i] = grefs[2 - i];
		pages[i * XENNET_PAGE] = (char)(2 - i);
	}
	assert_int_equal(t->bops->map_ring(t->back, t->domid, order, 3, &ring),
			 0);
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(((char *)ring)[i * XENNET_PAGE], i);
	((char *)ring)[0] = 'x';
	assert_int_equal(pages[2 * XENNET_PAGE], 'x');
	t->bops->unmap_ring(t->back, ring, 3);

	order[2] = 500;
	assert_int_equal(t->bops->map_ring(t->back, t->domid, order, 3, &ring),
			 -XENNET_ENOENT);
	assert_int_equal(t->bops->map_ring(t->back, 99, order, 3, &ring),
			 -XENNET_EGONE);
	assert_int_equal(t->fops->unshare(t->front, pages, 3, grefs), 0);
}

static bool pending(struct xennet_local *p, uint32_t port)
{
	struct pollfd fd = { xennet_local_evtchn_fd(p, port), POLLIN, 0 };

	return poll(&fd, 1, 0) == 1;
}

static void V1_a_fresh_port_has_an_event_pending(void **state)
{
	struct pair *t = *state;
	uint32_t f, b;

	assert_int_equal(t->fops->evtchn_alloc(t->front, 0, &f), 0);
	assert_int_equal(t->bops->evtchn_bind(t->back, t->domid, f, &b), 0);
	assert_true(pending(t->front, f));
	assert_true(pending(t->back, b));
	assert_int_equal(xennet_local_wait(t->back, &b, 1, -1), 1);
	assert_int_equal(t->bops->evtchn_rearm(t->back, b, false), 1);
	assert_int_equal(t->bops->evtchn_rearm(t->back, b, false), 0);
	assert_false(pending(t->back, b));
	assert_int_equal(xennet_local_wait(t->back, &b, 1, 0), 0);

	assert_int_equal(t->fops->evtchn_notify(t->front, f), 0);
	assert_int_equal(t->fops->evtchn_notify(t->front, f), 0);
	assert_true(pending(t->back, b));
	t->bops->evtchn_rearm(t->back, b, false);
	assert_false(pending(t->back, b));

	t->fops->evtchn_close(t->front, f);
	t->bops->evtchn_close(t->back, b);
}

static void a_channel_is_bound_once_and_again_after_a_close(void **state)
{
	struct pair *t = *state;
	uint32_t f, b;

	assert_int_equal(t->fops->evtchn_alloc(t->front, 0, &f), 0);
	assert_int_equal(t->bops->evtchn_bind(t->back, t->domid, f, &b), 0);
	assert_int_equal(t->bops->evtchn_bind(t->back, t->domid, f, &b),
			 -XENNET_EBUSY);
	t->bops->evtchn_close(t->back, b);
	assert_int_equal(t->fops->evtchn_notify(t->front, f), 0);
	assert_int_equal(t->bops->evtchn_bind(t->back, t->domid, f, &b), 0);

	t->fops->evtchn_close(t->front, f);
	assert_int_equal(t->bops->evtchn_notify(t->back, b), -XENNET_EGONE);
	t->bops->evtchn_close(t->back, b);
	assert_int_equal(t->bops->evtchn_notify(t->back, b), -XENNET_ENOENT);
	assert_int_equal(t->bops->evtchn_bind(t->back, t->domid, f, &b),
			 -XENNET_ENOENT);
	assert_int_equal(t->bops->evtchn_bind(t->back, 99, 1, &b),
			 -XENNET_ENOENT);
}

static void a_guest_has_so_many_ports_and_no_more(void **state)
{
	struct pair *t = *state;
	uint32_t f[XENNET_LOCAL_GUEST_PORTS], one;

	for (unsigned i = 1; i < XENNET_LOCAL_GUEST_PORTS; i++)
		assert_int_equal(t->fops->evtchn_alloc(t->front, 0, &f[i]), 0);
	assert_int_equal(t->fops->evtchn_alloc(t->front, 0, &one),
			 -XENNET_ENOSPC);
	for (unsigned i = 1; i < XENNET_LOCAL_GUEST_PORTS; i++)
		t->fops->evtchn_close(t->front, f[i]);
}

#define ROUNDS 300u

struct worker {
	struct pair *t;
	pthread_t thread;
	unsigned failures;
};

/* A queue's life in small: grant, copy, map, unmap, ungrant. */
static void *work(void *arg)
{
	struct worker *w = arg;
	struct pair *t = w->t;
	char *page = t->fops->alloc_pages(t->front, 8), data[8];

	for (unsigned i = 0; i < ROUNDS; i++) {
		struct xennet_grant_op g[8] = { 0 };
		struct xennet_map_op m[8] = { 0 };
		struct xennet_copy_op c[8] = { 0 };

		for (unsigned k = 0; k < 8; k++)
			g[k].addr = page + k * XENNET_PAGE;
		t->fops->grant(t->front, 0, g, 8);
		for (unsigned k = 0; k < 8; k++) {
			m[k].gref = c[k].src.gref = g[k].gref;
			m[k].domid = c[k].src.domid = t->domid;
			c[k].dst.addr = &data[k];
			c[k].len = 1;
		}
		t->bops->map(t->back, m, 8);
		t->bops->copy(t->back, c, 8);
		t->bops->unmap(t->back, m, 8);
		t->fops->ungrant(t->front, g, 8);
		for (unsigned k = 0; k < 8; k++)
			w->failures +=
				g[k].status || m[k].status || c[k].status;
	}
	t->fops->free_pages(t->front, page, 8);
	return NULL;
}

static void queues_work_side_by_side(void **state)
{
	struct worker w[3];

	for (unsigned i = 0; i < 3; i++) {
		w[i] = (struct worker){ .t = *state };
		pthread_create(&w[i].thread, NULL, work, &w[i]);
	}
	for (unsigned i = 0; i < 3; i++) {
		pthread_join(w[i].thread, NULL);
		assert_int_equal(w[i].failures, 0);
	}
}

/* One page that all use at once. */
static void *use(void *arg)
{
	struct worker *w = arg;
	struct pair *t = w->t;
	char data;

	for (unsigned i = 0; i < ROUNDS; i++) {
		struct xennet_map_op m = map(t, XENNET_GREF_FIRST, i % 2);
		struct xennet_copy_op c = { .src = { .gref = XENNET_GREF_FIRST,
						     .domid = t->domid },
					    .dst = { .addr = &data },
					    .len = 1 };

		t->bops->copy(t->back, &c, 1);
		w->failures += m.status || c.status;
		t->bops->unmap(t->back, &m, 1);
	}
	return NULL;
}

static void one_grant_is_used_by_many_at_once(void **state)
{
	struct pair *t = *state;
	void *page = t->fops->alloc_pages(t->front, 1);
	struct xennet_grant_op g = grant(t, page, false);
	struct worker w[3];

	assert_int_equal(g.gref, XENNET_GREF_FIRST);
	for (unsigned i = 0; i < 3; i++) {
		w[i] = (struct worker){ .t = t };
		pthread_create(&w[i].thread, NULL, use, &w[i]);
	}
	for (unsigned i = 0; i < 3; i++) {
		pthread_join(w[i].thread, NULL);
		assert_int_equal(w[i].failures, 0);
	}
	assert_int_equal(entry(t, g.gref)->word, GTF_PERMIT_ACCESS);
	assert_int_equal(ungrant(t, &g), 0);
	t->fops->free_pages(t->front, page, 1);
}

/* To learn what its operations cost (cost.h). */
static void domain_0_shares_with_itself(void **state)
{
	struct pair *t = *state;
	struct xennet_platform back = xennet_local_platform(t->back);
	struct xennet_copy_op c = { .src.domid = 0, .len = 5 };
	struct xennet_costs costs;
	char data[5] = "";
	uint32_t gref;
	void *page;

	assert_int_equal(
		t->bops->share(t->back, t->domid, 1, false, &page, &gref),
		-XENNET_EGONE);
	assert_int_equal(t->bops->share(t->back, 0, 1, false, &page, &gref), 0);
	memcpy(page, "there", 5);
	c.src.gref = gref;
	c.dst.addr = data;
	t->bops->copy(t->back, &c, 1);
	assert_int_equal(c.status, XENNET_GNTST_OKAY);
	assert_memory_equal(data, "there", 5);
	assert_int_equal(t->bops->unshare(t->back, page, 1, &gref), 0);
	t->bops->copy(t->back, &c, 1);
	assert_int_equal(c.status, XENNET_GNTST_GENERAL);

	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(xennet_costs_measure(&back, 0, &costs), 0);
		assert_true(costs.copy_page && costs.map && costs.scattered);
	}
	assert_int_equal(stats(t->back).grants, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(G5_a_mapped_page_is_not_revoked),
		TEST(a_grant_is_used_until_its_last_user_ends),
		TEST(G8_references_are_never_reserved_ones_nor_given_twice),
		TEST(only_pages_of_ours_are_granted_and_only_to_domain_0),
		TEST(a_readonly_grant_is_not_written),
		TEST(pages_that_follow_each_other_take_one_mmap),
		TEST(pages_apart_or_of_other_access_take_their_own),
		TEST(one_bad_reference_fails_alone),
		TEST(a_frame_number_outside_the_memory_is_refused),
		TEST(a_grant_to_another_or_of_another_type_is_refused),
		TEST(G6_a_page_in_use_is_kept_out_of_use),
		TEST(pages_with_grants_may_be_freed),
		TEST(pages_are_empty_when_they_are_given_out),
		TEST(a_guest_cannot_shrink_its_memory),
		TEST(memory_is_aligned_and_empty),
		TEST(a_ring_is_mapped_in_one_piece_or_not_at_all),
		TEST(V1_a_fresh_port_has_an_event_pending),
		TEST(a_channel_is_bound_once_and_again_after_a_close),
		TEST(a_guest_has_so_many_ports_and_no_more),
		TEST(queues_work_side_by_side),
		TEST(one_grant_is_used_by_many_at_once),
		TEST(domain_0_shares_with_itself),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
