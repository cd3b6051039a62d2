/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * The store's tree. Each node has the generation of its last change, unique
 * in the store's life, by which transactions see that it changed.
 */
#include "internal.h"

#include <stdlib.h>

static struct node *new_node(struct store *s, struct node *parent,
			     struct client *owner, const char *name, size_t n)
{
	struct node *node = calloc(1, sizeof(*node) + n + 1);

	if (!node)
		return NULL;
	memcpy(node->name, name, n);
	node->generation = ++s->generation;
	node->owner = owner;
	node->parent = parent;
	s->nodes++;
	if (owner)
		owner->nodes++;
	if (!parent)
		return node;
	node->next = parent->child;
	parent->child = node;
	return node;
}

static struct node *child(const struct node *node, const char *name, size_t n)
{
	struct node *c = node->child;

	while (c && (strncmp(c->name, name, n) != 0 || c->name[n]))
		c = c->next;
	return c;
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
		node = child(node, path, n);
	return node;
}

/* How many nodes a write of path would make. */
unsigned xennet_local_tree_missing(struct store *s, const char *path)
{
	struct node *node = s->root;
	unsigned missing = 0;
	size_t n;

	for (; (n = next_name(&path)) != 0; path += n) {
		if (node)
			node = child(node, path, n);
		if (!node)
			missing++;
	}
	return missing;
}

static void fire(struct store *s, const char *path, bool removed)
{
	for (struct client *c = s->clients; c; c = c->next)
		xennet_local_watch_fire(c, path, removed);
}

/* Everything below node, and node itself unless it is the root. */
static void remove_node(struct store *s, struct node *node)
{
	struct node **at;

	while (node->child)
		remove_node(s, node->child);
	if (!node->parent)
		return;
	for (at = &node->parent->child; *at != node; at = &(*at)->next)
		;
	*at = node->next;
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
		next = child(node, path, n);
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
	unsigned missing = xennet_local_tree_missing(s, path);
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
	fire(s, path, false);
	return 0;
}

void xennet_local_tree_remove(struct store *s, const char *path)
{
	struct node *node = xennet_local_tree_find(s, path);

	if (!node)
		return;
	remove_node(s, node);
	fire(s, path, true);
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
}
