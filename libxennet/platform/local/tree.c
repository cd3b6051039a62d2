/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * The store's tree. Each node has the generation of its last change, unique
 * in the store's life, by which transactions see that it changed.
 */
#include "internal.h"

#include <stdlib.h>

static uint32_t hash_of(const struct node *parent, const char *name, size_t n)
{
	uint32_t hash = xennet_local_hash(HASH_START, &parent, sizeof(parent));

	return xennet_local_hash(hash, name, n);
}

static struct node *new_node(struct store *s, struct node *parent,
			     struct client *owner, const char *name, size_t n)
{
	struct node *node = calloc(1, sizeof(*node) + n + 1);

	if (!node)
		return NULL;
	memcpy(node->name, name, n);
	if (xennet_local_index_add(&s->names, &node->link,
				   hash_of(parent, name, n))) {
		free(node);
		return NULL;
	}
	node->generation = ++s->generation;
	node->owner = owner;
	node->parent = parent;
	s->nodes++;
	if (owner)
		owner->nodes++;
	if (!parent)
		return node;
	node->next = parent->child;
	if (node->next)
		node->next->prev = node;
	parent->child = node;
	return node;
}

static struct node *child(struct store *s, const struct node *parent,
			  const char *name, size_t n)
{
	struct link *l =
		xennet_local_index_first(&s->names, hash_of(parent, name, n));
	struct node *node;

	for (; l; l = xennet_local_index_next(l)) {
		node = (struct node *)(void *)l;
		if (node->parent == parent &&
		    strncmp(node->name, name, n) == 0 && !node->name[n])
			return node;
	}
	return NULL;
}

/* The next name of a path that is valid, and its length; 0 at the end. */
static size_t next_name(const char **path)
{
	if (**path != '/')
		return 0;
	(*path)++;
	return strcspn(*path, "/");
}

struct node *xennet_local_tree_find(struct store *s, const char *path)
{
	struct node *node = s->root;
	size_t n;

	for (; node && (n = next_name(&path)) != 0; path += n)
		node = child(s, node, path, n);
	return node;
}

/* How many nodes a write of path would make that one of other would not. */
unsigned xennet_local_tree_missing(struct store *s, const char *path,
				   const char *other)
{
	struct node *node = s->root;
	unsigned missing = 0;
	bool both = true;
	size_t n;

	for (; (n = next_name(&path)) != 0; path += n) {
		both = both && next_name(&other) == n &&
		       memcmp(path, other, n) == 0;
		if (both)
			other += n;
		if (node)
			node = child(s, node, path, n);
		if (!node && !both)
			missing++;
	}
	return missing;
}

/* Everything below node, and node itself unless it is the root. */
static void remove_node(struct store *s, struct node *node)
{
	while (node->child)
		remove_node(s, node->child);
	if (!node->parent)
		return;
	if (node->prev)
		node->prev->next = node->next;
	else
		node->parent->child = node->next;
	if (node->next)
		node->next->prev = node->prev;
	xennet_local_index_remove(&s->names, &node->link);
	if (node->owner)
		node->owner->nodes--;
	s->nodes--;
	free(node->value);
	free(node);
}

static struct node *make(struct store *s, struct client *c, const char *path)
{
	struct node *node = s->root, *next;
	size_t n;

	for (; (n = next_name(&path)) != 0; path += n) {
		next = child(s, node, path, n);
		if (!next)
			next = new_node(s, node, c, path, n);
		if (!next)
			return NULL;
		node = next;
	}
	return node;
}

int xennet_local_tree_write(struct store *s, struct client *c, const char *path,
			    const char *value, size_t len)
{
	unsigned missing = xennet_local_tree_missing(s, path, "");
	struct node *node;
	char *copy;

	if (c->domid && c->nodes + missing > XENNET_LOCAL_QUOTA_NODES)
		return -XENNET_ENOSPC;
	copy = malloc(len + 1);
	if (!copy)
		return -XENNET_ENOMEM;
	memcpy(copy, value, len);
	copy[len] = 0;
	node = make(s, c, path);
	if (!node) {
		free(copy);
		return -XENNET_ENOMEM;
	}
	free(node->value);
	node->value = copy;
	node->len = len;
	node->generation = ++s->generation;
	xennet_local_watch_fire(s, path, false);
	return 0;
}

void xennet_local_tree_remove(struct store *s, const char *path)
{
	struct node *node = xennet_local_tree_find(s, path);

	if (!node)
		return;
	remove_node(s, node);
	xennet_local_watch_fire(s, path, true);
}

int xennet_local_tree_init(struct store *s)
{
	s->root = new_node(s, NULL, NULL, "", 0);
	return s->root ? 0 : -XENNET_ENOMEM;
}

void xennet_local_tree_free(struct store *s)
{
	if (!s->root)
		return;
	remove_node(s, s->root);
	free(s->root);
	xennet_local_index_free(&s->names);
	xennet_local_index_free(&s->watches);
}
