/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Transactions, optimistic: what is read or written is noted with the
 * generation that its path had (0: absent), writes wait in the log, and the
 * end applies them unless one of the paths has changed.
 */
#include "internal.h"

#include <stdlib.h>

enum kind { KEY_READ, KEY_WRITE, KEY_REMOVE };

struct key {
	struct key *next; /* the one before it */
	enum kind kind;
	uint64_t generation;
	size_t len;
	char *value;
	char path[];
};

struct txn {
	struct txn *next;
	xennet_txn id;
	unsigned n;
	size_t bytes;	 /* of paths, each with its 0, and values */
	struct key *log; /* newest first */
};

static uint64_t generation(struct store *s, const char *path)
{
	struct node *node = xennet_local_tree_find(s, path);

	return node ? node->generation : 0;
}

struct txn *xennet_local_txn_find(struct client *c, xennet_txn id)
{
	struct txn *t = c->txns;

	while (t && t->id != id)
		t = t->next;
	return t;
}

int xennet_local_txn_begin(struct store *s, struct client *c, xennet_txn *id)
{
	struct txn *t;

	if (c->domid && c->ntxns >= XENNET_LOCAL_QUOTA_TXNS)
		return -XENNET_ENOSPC;
	t = calloc(1, sizeof(*t));
	if (!t)
		return -XENNET_ENOMEM;
	do
		*id = ++s->last_txn;
	while (*id == 0 || xennet_local_txn_find(c, *id));
	t->id = *id;
	t->next = c->txns;
	c->txns = t;
	c->ntxns++;
	return 0;
}

static int note(struct store *s, struct txn *t, enum kind kind,
		const char *path, const char *value, size_t len)
{
	size_t n = strlen(path) + 1;
	struct key *k;

	if (t->n >= XENNET_LOCAL_QUOTA_TXN_KEYS ||
	    t->bytes + n + len > XENNET_LOCAL_QUOTA_TXN_BYTES)
		return -XENNET_ENOSPC;
	k = malloc(sizeof(*k) + n + len);
	if (!k)
		return -XENNET_ENOMEM;
	memcpy(k->path, path, n);
	k->value = k->path + n;
	if (len)
		memcpy(k->value, value, len);
	k->len = len;
	k->kind = kind;
	k->generation = generation(s, path);
	k->next = t->log;
	t->log = k;
	t->n++;
	t->bytes += n + len;
	return 0;
}

int xennet_local_txn_read(struct store *s, struct txn *t, const char *path,
			  const char **value, size_t *len)
{
	struct node *node;
	bool noted = false;
	int err;

	for (struct key *k = t->log; k; k = k->next) {
		bool same = strcmp(k->path, path) == 0;

		if (k->kind == KEY_WRITE && same) {
			*value = k->value;
			*len = k->len;
			return 0;
		}
		if (k->kind == KEY_REMOVE &&
		    xennet_local_path_under(path, k->path))
			return -XENNET_ENOENT;
		noted |= same;
	}
	err = noted ? 0 : note(s, t, KEY_READ, path, NULL, 0);
	if (err)
		return err;
	node = xennet_local_tree_find(s, path);
	if (!node)
		return -XENNET_ENOENT;
	*value = node->value ? node->value : "";
	*len = node->len;
	return 0;
}

int xennet_local_txn_write(struct store *s, struct txn *t, const char *path,
			   const char *value, size_t len)
{
	return note(s, t, KEY_WRITE, path, value, len);
}

int xennet_local_txn_remove(struct store *s, struct txn *t, const char *path)
{
	return note(s, t, KEY_REMOVE, path, NULL, 0);
}

static void drop(struct client *c, struct txn *t)
{
	struct txn **at = &c->txns;
	struct key *k;

	while (*at != t)
		at = &(*at)->next;
	*at = t->next;
	c->ntxns--;
	while ((k = t->log)) {
		t->log = k->next;
		free(k);
	}
	free(t);
}

void xennet_local_txn_drop_all(struct client *c)
{
	while (c->txns)
		drop(c, c->txns);
}

/*
 * Before anything is applied: whether all of it can be. Keys of one directory
 * come together: it is counted once.
 */
static int check(struct store *s, struct client *c, struct txn *t)
{
	const char *other = "";
	unsigned missing = 0;

	for (struct key *k = t->log; k; k = k->next) {
		if (generation(s, k->path) != k->generation)
			return -XENNET_EAGAIN;
		if (k->kind != KEY_WRITE)
			continue;
		missing += xennet_local_tree_missing(s, k->path, other);
		other = k->path;
	}
	if (c->domid && c->nodes + missing > XENNET_LOCAL_QUOTA_NODES)
		return -XENNET_ENOSPC;
	return 0;
}

/* Oldest first. */
static struct key *reverse(struct key *k)
{
	struct key *list = NULL, *next;

	for (; k; k = next) {
		next = k->next;
		k->next = list;
		list = k;
	}
	return list;
}

static int apply(struct store *s, struct client *c, struct txn *t)
{
	int err = 0;

	t->log = reverse(t->log);
	for (struct key *k = t->log; k && !err; k = k->next) {
		if (k->kind == KEY_WRITE)
			err = xennet_local_tree_write(s, c, k->path, k->value,
						      k->len);
		else if (k->kind == KEY_REMOVE)
			xennet_local_tree_remove(s, k->path);
	}
	return err;
}

/* The transaction is over, whatever the result. */
int xennet_local_txn_end(struct store *s, struct client *c, struct txn *t,
			 bool abort)
{
	int err = 0;

	if (!abort)
		err = check(s, c, t);
	if (!abort && !err)
		err = apply(s, c, t);
	drop(c, t);
	return err;
}
