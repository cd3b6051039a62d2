/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* The tree of mapped grants against the plainest model of one. */
#include <stdlib.h>

#include "test.h"

#include <xennet/pgrant.h>

#define CAP 200u
#define GREFS 700u

struct tree {
	struct xennet_pgrants t;
	void *memory;
	unsigned cap;
	struct xennet_pgrant *model[GREFS]; /* by gref */
};

static struct tree *new_tree(unsigned cap)
{
	struct tree *tree = calloc(1, sizeof(*tree));

	tree->cap = cap;
	tree->memory = calloc(1, XENNET_PGRANTS_SIZE(cap));
	xennet_pgrants_init(&tree->t, tree->memory, cap);
	return tree;
}

static void free_tree(struct tree *tree)
{
	free(tree->memory);
	free(tree);
}

/* Black nodes on the way down, the same on every way; no two reds in a row. */
static unsigned check_node(const struct xennet_pgrants *t, unsigned n,
			   uint64_t low, uint64_t high, unsigned *count)
{
	const struct xennet_pgrant *node = &t->node[n];
	unsigned left, right;

	if (n == 0)
		return 1;
	assert_true(node->gref > low && node->gref < high);
	assert_true(!node->red ||
		    (!t->node[node->left].red && !t->node[node->right].red));
	assert_true(node->left == 0 || t->node[node->left].parent == n);
	assert_true(node->right == 0 || t->node[node->right].parent == n);
	left = check_node(t, node->left, low, node->gref, count);
	right = check_node(t, node->right, node->gref, high, count);
	assert_int_equal(left, right);
	++*count;
	return left + !node->red;
}

static void check_tree(const struct xennet_pgrants *t)
{
	unsigned count = 0;

	assert_false(t->node[0].red);
	check_node(t, t->root, 0, (uint64_t)UINT32_MAX + 1, &count);
	assert_int_equal(count, t->count);
}

static void insert(struct tree *tree, uint32_t gref)
{
	struct xennet_pgrant *g = xennet_pgrant_insert(&tree->t, gref);

	if (tree->t.count == tree->cap && !g)
		return;
	assert_non_null(g);
	assert_int_equal(g->gref, gref);
	assert_null(g->addr);
	assert_int_equal(g->holds, 0);
	tree->model[gref] = g;
}

static void remove_one(struct tree *tree, uint32_t gref)
{
	xennet_pgrant_remove(&tree->t, tree->model[gref]);
	tree->model[gref] = NULL;
}

static void tree_agrees_with_a_plain_table(void **state)
{
	struct tree *tree = new_tree(CAP);
	uint32_t seed = 3, gref, i;

	(void)state;
	for (i = 0; i < 60000; i++) {
		gref = 1 + test_below(&seed, GREFS - 1);
		if (tree->model[gref] && test_below(&seed, 2))
			remove_one(tree, gref);
		else if (!tree->model[gref])
			insert(tree, gref);
		gref = 1 + test_below(&seed, GREFS - 1);
		assert_ptr_equal(xennet_pgrant_find(&tree->t, gref),
				 tree->model[gref]);
		assert_ptr_equal(xennet_pgrant_lookup(&tree->t, gref),
				 tree->model[gref]);
		if (i % 16 == 0)
			check_tree(&tree->t);
	}

	free_tree(tree);
}

static void every_order_of_removal_keeps_the_tree(void **state)
{
	struct tree *tree = new_tree(64);
	uint32_t seed = 7, round, i, gref;

	(void)state;
	for (round = 0; round < 100; round++) {
		for (i = 1; i <= 64; i++)
			insert(tree, round % 2 ? i : 65 - i);
		check_tree(&tree->t);
		while (tree->t.count > 0) {
			gref = 1 + test_below(&seed, 64);
			if (tree->model[gref])
				remove_one(tree, gref);
			check_tree(&tree->t);
		}
	}

	free_tree(tree);
}

static void sizes_at_the_edges_hold_what_they_promise(void **state)
{
	static const unsigned caps[] = {
		1, 2, 3, 255, 256, 257, XENNET_PGRANTS_MAX
	};
	unsigned i, n;

	(void)state;
	for (i = 0; i < COUNT(caps); i++) {
		struct tree *tree = new_tree(caps[i]);

		for (n = 0; n < caps[i]; n++)
			assert_non_null(
				xennet_pgrant_insert(&tree->t, n * 2 + 8));
		assert_null(xennet_pgrant_insert(&tree->t, 3));
		assert_int_equal(tree->t.count, caps[i]);
		check_tree(&tree->t);
		for (n = 0; n < caps[i]; n++)
			assert_non_null(
				xennet_pgrant_find(&tree->t, n * 2 + 8));
		assert_null(xennet_pgrant_find(&tree->t, 9));
		free_tree(tree);
	}
}

/* References that share the low bits by which the hint is chosen. */
static void hints_that_collide_find_the_right_grant(void **state)
{
	struct tree *tree = new_tree(16);
	struct xennet_pgrant *g[16];
	unsigned i, round;

	(void)state;
	for (i = 0; i < 16; i++)
		g[i] = xennet_pgrant_insert(&tree->t, 64 + i * 16);

	for (round = 0; round < 3; round++)
		for (i = 0; i < 16; i++)
			assert_ptr_equal(
				xennet_pgrant_find(&tree->t, 64 + i * 16),
				g[i]);

	free_tree(tree);
}

static void hint_of_what_was_removed_finds_nothing(void **state)
{
	struct tree *tree = new_tree(16);
	uint32_t gref;

	(void)state;
	for (gref = 16; gref < 32; gref++)
		xennet_pgrant_insert(&tree->t, gref);
	for (gref = 16; gref < 32; gref++)
		xennet_pgrant_remove(&tree->t,
				     xennet_pgrant_find(&tree->t, gref));

	for (gref = 0; gref < 64; gref++)
		assert_null(xennet_pgrant_find(&tree->t, gref));

	free_tree(tree);
}

static void G8_reference_zero_is_never_found(void **state)
{
	struct tree *tree = new_tree(4);

	(void)state;
	assert_null(xennet_pgrant_find(&tree->t, XENNET_GREF_INVALID));
	xennet_pgrant_insert(&tree->t, 8);
	xennet_pgrant_insert(&tree->t, 12);
	assert_null(xennet_pgrant_find(&tree->t, XENNET_GREF_INVALID));
	xennet_pgrant_remove(&tree->t, xennet_pgrant_find(&tree->t, 12));
	assert_null(xennet_pgrant_find(&tree->t, XENNET_GREF_INVALID));

	free_tree(tree);
}

static void purge_takes_the_least_recently_used(void **state)
{
	static const uint32_t used[] = { 14, 9, 11, 16, 8, 10, 15, 13, 12 };
	struct tree *tree = new_tree(16);
	struct xennet_map_op op[4];
	unsigned i;

	(void)state;
	for (i = 0; i < COUNT(used); i++) {
		struct xennet_pgrant *g = xennet_pgrant_insert(&tree->t, 8 + i);

		g->addr = (char *)NULL + 4096 * (8 + i);
		g->handle = 1000 + g->gref;
	}
	tree->t.clock = 0xfffffffc; /* runs through the end of 32 bits */
	for (i = 0; i < COUNT(used); i++) {
		xennet_pgrant_tick(&tree->t);
		xennet_pgrant_find(&tree->t, used[i]);
	}

	assert_int_equal(xennet_pgrant_purge(&tree->t, op, 4), 4);

	for (i = 0; i < 4; i++) {
		assert_int_equal(op[i].gref, used[i]);
		assert_int_equal(op[i].handle, 1000 + used[i]);
		assert_ptr_equal(op[i].addr, (char *)NULL + 4096 * used[i]);
		assert_null(xennet_pgrant_find(&tree->t, used[i]));
	}
	assert_int_equal(tree->t.count, COUNT(used) - 4);
	check_tree(&tree->t);
	free_tree(tree);
}

static void purge_leaves_what_is_held(void **state)
{
	struct tree *tree = new_tree(4);
	struct xennet_map_op op[4];
	uint32_t gref;

	(void)state;
	for (gref = 8; gref < 12; gref++) {
		struct xennet_pgrant *g = xennet_pgrant_insert(&tree->t, gref);

		g->holds = gref != 10;
		xennet_pgrant_tick(&tree->t);
	}

	assert_int_equal(xennet_pgrant_purge(&tree->t, op, 4), 1);
	assert_int_equal(op[0].gref, 10);
	assert_int_equal(xennet_pgrant_purge(&tree->t, op, 4), 0);
	assert_non_null(xennet_pgrant_insert(&tree->t, 99));
	assert_null(xennet_pgrant_insert(&tree->t, 100));

	free_tree(tree);
}

static void purge_leaves_what_was_found_since_the_last_tick(void **state)
{
	struct tree *tree = new_tree(4);
	struct xennet_map_op op[4];
	uint32_t gref;

	(void)state;
	for (gref = 8; gref < 12; gref++)
		xennet_pgrant_insert(&tree->t, gref);
	xennet_pgrant_tick(&tree->t);
	xennet_pgrant_find(&tree->t, 8);
	xennet_pgrant_find(&tree->t, 11);

	assert_int_equal(xennet_pgrant_purge(&tree->t, op, 4), 2);

	assert_non_null(xennet_pgrant_find(&tree->t, 8));
	assert_non_null(xennet_pgrant_find(&tree->t, 11));
	free_tree(tree);
}

static void a_grant_costs_at_most_64_bytes(void **state)
{
	static const unsigned caps[] = { 64, 256, 1024, 4096 };
	unsigned i;

	(void)state;
	for (i = 0; i < COUNT(caps); i++)
		assert_true(XENNET_PGRANTS_SIZE(caps[i]) <= 64 * caps[i]);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(tree_agrees_with_a_plain_table),
		TEST(every_order_of_removal_keeps_the_tree),
		TEST(sizes_at_the_edges_hold_what_they_promise),
		TEST(hints_that_collide_find_the_right_grant),
		TEST(hint_of_what_was_removed_finds_nothing),
		TEST(G8_reference_zero_is_never_found),
		TEST(purge_takes_the_least_recently_used),
		TEST(purge_leaves_what_is_held),
		TEST(purge_leaves_what_was_found_since_the_last_tick),
		TEST(a_grant_costs_at_most_64_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
