/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * A red-black tree whose links are 16-bit node numbers. Node 0 is the leaf
 * below every leaf: black, and its parent is scratch space while a node is
 * taken out.
 */
#include <xennet/pgrant.h>

#define LEAF 0u

XENNET_COLD void xennet_pgrants_init(struct xennet_pgrants *t, void *memory,
				     unsigned cap)
{
	t->node = (struct xennet_pgrant *)memory;
	t->hint = (uint16_t *)(t->node + cap + 1);
	t->hint_mask = (uint32_t)xennet_pgrants_hints(cap) - 1;
	t->clock = 0;
	t->root = LEAF;
	t->count = 0;
	t->cap = (uint16_t)cap;
	t->spare = 1;
}

struct xennet_pgrant *xennet_pgrant_lookup(struct xennet_pgrants *t,
					   uint32_t gref)
{
	const struct xennet_pgrant *node = t->node;
	uint16_t n = t->root;

	while (n != LEAF && node[n].gref != gref)
		n = gref < node[n].gref ? node[n].left : node[n].right;
	if (n == LEAF)
		return NULL;
	t->hint[gref & t->hint_mask] = n;
	return &t->node[n];
}

/* Puts `with` where `n` hangs below its parent. */
static void replace(struct xennet_pgrants *t, uint16_t n, uint16_t with)
{
	struct xennet_pgrant *node = t->node;
	uint16_t parent = node[n].parent;

	if (parent == LEAF)
		t->root = with;
	else if (node[parent].left == n)
		node[parent].left = with;
	else
		node[parent].right = with;
	node[with].parent = parent;
}

static uint16_t *child(struct xennet_pgrant *n, bool right)
{
	return right ? &n->right : &n->left;
}

/* Turns the edge between n and its child on the other side of `right`. */
static void rotate(struct xennet_pgrants *t, uint16_t n, bool right)
{
	struct xennet_pgrant *node = t->node;
	uint16_t up = *child(&node[n], !right);
	uint16_t across = *child(&node[up], right);

	*child(&node[n], !right) = across;
	if (across != LEAF)
		node[across].parent = n;
	replace(t, n, up);
	*child(&node[up], right) = n;
	node[n].parent = up;
}

static void rebalance_added(struct xennet_pgrants *t, uint16_t n)
{
	struct xennet_pgrant *node = t->node;

	while (node[node[n].parent].red) {
		uint16_t parent = node[n].parent;
		uint16_t top = node[parent].parent;
		bool right = node[top].right == parent;
		uint16_t uncle = *child(&node[top], !right);

		if (node[uncle].red) {
			node[parent].red = node[uncle].red = 0;
			node[top].red = 1;
			n = top;
			continue;
		}
		if (n == *child(&node[parent], !right)) {
			rotate(t, parent, right);
			parent = n;
		}
		node[parent].red = 0;
		node[top].red = 1;
		rotate(t, top, !right);
		break;
	}
	node[t->root].red = 0;
}

XENNET_COLD struct xennet_pgrant *xennet_pgrant_insert(struct xennet_pgrants *t,
						       uint32_t gref)
{
	struct xennet_pgrant *node = t->node;
	uint16_t parent = LEAF, at = t->root, n = t->spare;

	if (t->count == t->cap)
		return NULL;
	while (at != LEAF) {
		parent = at;
		at = gref < node[at].gref ? node[at].left : node[at].right;
	}
	/* a node that was never used leads to the next of its kind */
	t->spare = node[n].right ? node[n].right : (uint16_t)(n + 1);
	t->count++;
	memset(&node[n], 0, sizeof(node[n]));
	node[n].gref = gref;
	node[n].used = t->clock;
	node[n].parent = parent;
	node[n].red = 1;
	if (parent == LEAF)
		t->root = n;
	else
		*child(&node[parent], gref > node[parent].gref) = n;
	rebalance_added(t, n);
	t->hint[gref & t->hint_mask] = n;
	return &node[n];
}

/* One black node is missing on every path through n. */
static void rebalance_removed(struct xennet_pgrants *t, uint16_t n)
{
	struct xennet_pgrant *node = t->node;

	while (n != t->root && !node[n].red) {
		uint16_t parent = node[n].parent;
		bool right = node[parent].right == n;
		uint16_t sibling = *child(&node[parent], !right);
		uint16_t *near, *far;

		if (node[sibling].red) {
			node[sibling].red = 0;
			node[parent].red = 1;
			rotate(t, parent, right);
			sibling = *child(&node[parent], !right);
		}
		near = child(&node[sibling], right);
		far = child(&node[sibling], !right);
		if (!node[*near].red && !node[*far].red) {
			node[sibling].red = 1;
			n = parent;
			continue;
		}
		if (!node[*far].red) {
			node[*near].red = 0;
			node[sibling].red = 1;
			rotate(t, sibling, !right);
			sibling = *child(&node[parent], !right);
			far = child(&node[sibling], !right);
		}
		node[sibling].red = node[parent].red;
		node[parent].red = 0;
		node[*far].red = 0;
		rotate(t, parent, right);
		n = t->root;
	}
	node[n].red = 0;
}

/* Unlinks n, which has two children, by moving its successor there. */
static uint16_t unlink_inner(struct xennet_pgrants *t, uint16_t n, bool *red)
{
	struct xennet_pgrant *node = t->node;
	uint16_t next = node[n].right, below;

	while (node[next].left != LEAF)
		next = node[next].left;
	*red = node[next].red;
	below = node[next].right;
	if (node[next].parent == n) {
		node[below].parent = next;
	} else {
		replace(t, next, below);
		node[next].right = node[n].right;
		node[node[next].right].parent = next;
	}
	replace(t, n, next);
	node[next].left = node[n].left;
	node[node[next].left].parent = next;
	node[next].red = node[n].red;
	return below;
}

XENNET_COLD void xennet_pgrant_remove(struct xennet_pgrants *t,
				      struct xennet_pgrant *g)
{
	struct xennet_pgrant *node = t->node;
	uint16_t n = (uint16_t)(g - node), below;
	bool red = g->red;

	if (g->left == LEAF || g->right == LEAF) {
		below = g->left == LEAF ? g->right : g->left;
		replace(t, n, below);
	} else {
		below = unlink_inner(t, n, &red);
	}
	if (!red)
		rebalance_removed(t, below);
	node[LEAF].parent = LEAF;

	/* the one hint that can lead here does not any more */
	if (t->hint[g->gref & t->hint_mask] == n)
		t->hint[g->gref & t->hint_mask] = LEAF;
	memset(g, 0, sizeof(*g));
	g->right = t->spare;
	t->spare = n;
	t->count--;
}

static bool in_use(const struct xennet_pgrants *t,
		   const struct xennet_pgrant *g)
{
	return g->gref == XENNET_GREF_INVALID || g->holds ||
	       g->used == t->clock;
}

/*
 * Puts a node among the n oldest so far, the oldest first; op.handle is the
 * age meanwhile. Returns how many there are now.
 */
static unsigned rank(struct xennet_map_op *op, unsigned count, unsigned n,
		     uint32_t gref, uint32_t age)
{
	unsigned i;

	if (count == n && op[n - 1].handle >= age)
		return n;
	i = count < n ? count : n - 1;
	for (; i > 0 && op[i - 1].handle < age; i--)
		op[i] = op[i - 1];
	op[i].gref = gref;
	op[i].handle = age;
	return count < n ? count + 1 : n;
}

XENNET_COLD unsigned xennet_pgrant_purge(struct xennet_pgrants *t,
					 struct xennet_map_op *op, unsigned n)
{
	unsigned i, count = 0;

	for (i = 1; i <= t->cap && n; i++) {
		const struct xennet_pgrant *g = &t->node[i];

		if (!in_use(t, g))
			count = rank(op, count, n, g->gref, t->clock - g->used);
	}
	for (i = 0; i < count; i++) {
		struct xennet_pgrant *g = xennet_pgrant_lookup(t, op[i].gref);

		memset(&op[i], 0, sizeof(op[i]));
		op[i].addr = g->addr;
		op[i].handle = g->handle;
		op[i].gref = g->gref;
		xennet_pgrant_remove(t, g);
	}
	return count;
}
