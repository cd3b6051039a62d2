/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Two queues share no cache line that either writes: neither their structs,
 * which lie in one array, nor their tables, nor their rings and packets' pages.
 */
#include "link.h"

#include <stdlib.h>

#define LINE XENNET_CACHE_LINE
#define QUEUES 4u
#define AREAS_MAX (QUEUES * 16u)

_Static_assert(_Alignof(struct xennet_back_queue) % LINE == 0,
	       "a backend's queue begins a line");
_Static_assert(sizeof(struct xennet_back_queue) % LINE == 0,
	       "and the next one does");
_Static_assert(_Alignof(struct xennet_front_queue) % LINE == 0,
	       "a frontend's queue begins a line");
_Static_assert(sizeof(struct xennet_front_queue) % LINE == 0,
	       "and the next one does");

/* Of one queue, in whole lines. */
struct area {
	uintptr_t from, to;
	unsigned queue;
};

struct areas {
	struct area area[AREAS_MAX];
	unsigned n, queue;
};

static void add(struct areas *a, const void *p, size_t bytes)
{
	struct area *area = &a->area[a->n];

	if (!p || !bytes)
		return;
	assert_true(a->n++ < AREAS_MAX);
	area->from = (uintptr_t)p & ~(uintptr_t)(LINE - 1);
	area->to = ((uintptr_t)p + bytes + LINE - 1) & ~(uintptr_t)(LINE - 1);
	area->queue = a->queue;
}

static void add_back(struct areas *a, const struct xennet_back_queue *q)
{
	const struct xennet_back_tx *tx = &q->tx;
	size_t n = tx->ring.size;

	add(a, q, sizeof(*q));
	add(a, tx->slot, n * sizeof(*tx->slot));
	add(a, tx->spare, n * sizeof(*tx->spare));
	add(a, tx->head, n * XENNET_HEAD);
	if (tx->page)
		add(a, tx->page[0], n * XENNET_PAGE);
	if (tx->grants.cap)
		add(a, tx->grants.node, XENNET_PGRANTS_SIZE(tx->grants.cap));
	if (q->rx.grants.cap)
		add(a, q->rx.grants.node,
		    XENNET_PGRANTS_SIZE(q->rx.grants.cap));
}

static void add_front(struct areas *a, const struct xennet_front_queue *q)
{
	const struct xennet_front_tx *tx = &q->tx;
	const struct xennet_front_rx *rx = &q->rx;
	size_t n = tx->ring.size, m = rx->ring.size;

	add(a, q, sizeof(*q));
	add(a, tx->pool, n * XENNET_PAGE);
	add(a, tx->id, n * sizeof(*tx->id));
	add(a, tx->gref, n * sizeof(*tx->gref));
	add(a, tx->page, n * sizeof(*tx->page));
	add(a, tx->avail, n / 64 * sizeof(*tx->avail));
	add(a, tx->spare, n * sizeof(*tx->spare));
	add(a, rx->pool, m * XENNET_PAGE);
	add(a, rx->buf, m * sizeof(*rx->buf));
	add(a, rx->gref, m * sizeof(*rx->gref));
	add(a, rx->posted, m * sizeof(*rx->posted));
	add(a, rx->spare, m * sizeof(*rx->spare));
	add(a, rx->head, m * XENNET_HEAD);
}

static void check(const struct areas *a)
{
	unsigned i, k;

	for (i = 0; i < a->n; i++) {
		for (k = 0; k < i; k++) {
			const struct area *one = &a->area[i];
			const struct area *two = &a->area[k];

			if (one->queue != two->queue && one->from < two->to &&
			    two->from < one->to)
				fail_msg("queues %u and %u share a line",
					 one->queue, two->queue);
		}
	}
}

/* A ring is whole pages; no two of all queues are the same. */
static void check_rings(const struct xennet_front *f)
{
	uint32_t gref[2 * QUEUES];
	unsigned n = 0, i, k;

	for (i = 0; i < f->nqueues; i++) {
		gref[n++] = f->queue[i].tx.ring_gref[0];
		gref[n++] = f->queue[i].rx.ring_gref[0];
	}
	for (i = 0; i < n; i++)
		for (k = 0; k < i; k++)
			assert_int_not_equal(gref[i], gref[k]);
}

static void check_strategy(enum xennet_strategy strategy, bool pinning)
{
	struct link_setting s = { .strategy = strategy,
				  .queues = QUEUES,
				  .pinning = pinning };
	struct link *l = calloc(1, sizeof(*l));
	struct areas back = { .n = 0 }, front = { .n = 0 };
	unsigned i;

	assert_non_null(l);
	link_open(l, &s);
	assert_int_equal(l->back.nqueues, QUEUES);
	for (i = 0; i < QUEUES; i++) {
		back.queue = front.queue = i;
		add_back(&back, &l->back.queue[i]);
		add_front(&front, &l->front.queue[i]);
	}
	check(&back);
	check(&front);
	check_rings(&l->front);
	link_close(l);
	free(l);
}

static void queues_share_no_line_that_is_written(void **state)
{
	(void)state;
	check_strategy(XENNET_COPY, false);
	check_strategy(XENNET_COPY, true);
	check_strategy(XENNET_MAP, false);
	check_strategy(XENNET_PERSISTENT, false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(queues_share_no_line_that_is_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
