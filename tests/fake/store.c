/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * XenStore. A transaction keeps what it wrote to itself; if somebody else has
 * changed what it read or wrote, it has to start again, as in xenstored.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>

#include "machine.h"

static char *copy(const char *s, size_t len)
{
	char *p = malloc(len + 1);

	if (!p)
		abort();
	p[len] = '\0';
	return memcpy(p, s, len);
}

static struct fake_node *find(const struct fake_nodes *list, const char *path)
{
	unsigned i;

	for (i = 0; i < list->n; i++)
		if (strcmp(list->node[i].path, path) == 0)
			return &list->node[i];
	return NULL;
}

static void put(struct fake_nodes *list, const char *path, const char *value,
		size_t len)
{
	struct fake_node *node = find(list, path);

	if (!node) {
		list->node = realloc(list->node, (list->n + 1) * sizeof(*node));
		if (!list->node)
			abort();
		node = &list->node[list->n++];
		*node = (struct fake_node){ .path = copy(path, strlen(path)) };
	}
	free(node->value);
	node->value = value ? copy(value, len) : NULL;
	node->len = len;
}

static void drop(struct fake_nodes *list, unsigned i)
{
	free(list->node[i].path);
	free(list->node[i].value);
	list->node[i] = list->node[--list->n];
}

static void drop_all(struct fake_nodes *list)
{
	while (list->n > 0)
		drop(list, list->n - 1);
	free(list->node);
	list->node = NULL;
}

static bool below(const char *path, const char *dir)
{
	size_t n = strlen(dir);

	return strncmp(path, dir, n) == 0 &&
	       (path[n] == '\0' || path[n] == '/');
}

static void fire(struct fake *f, const char *path)
{
	unsigned i, k;

	for (i = 0; i < FAKE_TXNS; i++)
		for (k = 0; f->txn[i].open && k < f->txn[i].touched.n; k++)
			f->txn[i].stale |=
				below(f->txn[i].touched.node[k].path, path);
	for (i = 0; i < FAKE_WATCHES; i++)
		if (f->watch[i].path && (below(path, f->watch[i].path) ||
					 below(f->watch[i].path, path)))
			f->domain[f->watch[i].domid].changed = true;
}

const char *fake_node(const struct fake *f, const char *path)
{
	struct fake_node *node = find(&f->store, path);

	return node ? node->value : NULL;
}

void fake_set_bytes(struct fake *f, const char *path, const void *bytes,
		    size_t len)
{
	put(&f->store, path, bytes, len);
	fire(f, path);
}

void fake_set(struct fake *f, const char *path, const char *value)
{
	fake_set_bytes(f, path, value, strlen(value));
}

/* A node goes with everything below it. */
void fake_remove(struct fake *f, const char *path)
{
	unsigned i = 0;

	while (i < f->store.n)
		if (below(f->store.node[i].path, path))
			drop(&f->store, i);
		else
			i++;
	fire(f, path);
}

bool fake_changed(struct fake *f, uint16_t domid)
{
	bool changed = f->domain[domid].changed;

	f->domain[domid].changed = false;
	return changed;
}

static struct fake_txn *transaction(struct fake *f, xennet_txn txn)
{
	if (txn == 0 || txn > FAKE_TXNS || !f->txn[txn - 1].open) {
		fake_misuse(f, "no transaction %u", (unsigned)txn);
		return NULL;
	}
	return &f->txn[txn - 1];
}

static const struct fake_node *see(struct fake *f, struct fake_txn *t,
				   const char *path)
{
	struct fake_node *own = t ? find(&t->wrote, path) : NULL;

	if (t)
		put(&t->touched, path, NULL, 0);
	return own ? own : find(&f->store, path);
}

int fake_op_read(void *ctx, xennet_txn txn, const char *path, char *value,
		 size_t cap)
{
	struct fake *f = fake_of(ctx);
	int err = fake_sleeping(f, FAKE_READ);
	const struct fake_node *found;
	size_t len;

	memset(value, 0xdb, cap);
	if (err)
		return err;
	found = see(f, txn ? transaction(f, txn) : NULL, path);
	if (!found || !found->value)
		return -XENNET_ENOENT;
	len = found->len;
	if (cap > 0) {
		memcpy(value, found->value, len < cap ? len : cap - 1);
		value[len < cap ? len : cap - 1] = '\0';
	}
	return (int)len;
}

/* A domain writes below its own directory, as xenstored would have it. */
static bool allowed(void *ctx, const char *path)
{
	char home[40];

	snprintf(home, sizeof(home), "/local/domain/%u", fake_domid(ctx));
	if (below(path, home))
		return true;
	fake_misuse(fake_of(ctx), "domain %u writes %s", fake_domid(ctx), path);
	return false;
}

int fake_op_write(void *ctx, xennet_txn txn, const char *path,
		  const char *value)
{
	struct fake *f = fake_of(ctx);
	int err = fake_sleeping(f, FAKE_WRITE);
	struct fake_txn *t;

	if (err)
		return err;
	if (!allowed(ctx, path))
		return -XENNET_EACCESS;
	if (!txn) {
		fake_set(f, path, value);
		return 0;
	}
	t = transaction(f, txn);
	if (!t)
		return -XENNET_EINVAL;
	put(&t->touched, path, NULL, 0);
	put(&t->wrote, path, value, strlen(value));
	return 0;
}

static void remove_in(struct fake *f, struct fake_txn *t, const char *path)
{
	unsigned i;

	put(&t->touched, path, NULL, 0);
	put(&t->wrote, path, NULL, 0);
	for (i = 0; i < f->store.n; i++)
		if (below(f->store.node[i].path, path))
			put(&t->wrote, f->store.node[i].path, NULL, 0);
	for (i = 0; i < t->wrote.n; i++)
		if (below(t->wrote.node[i].path, path))
			put(&t->wrote, t->wrote.node[i].path, NULL, 0);
}

int fake_op_remove(void *ctx, xennet_txn txn, const char *path)
{
	struct fake *f = fake_of(ctx);
	int err = fake_sleeping(f, FAKE_REMOVE);
	struct fake_txn *t;

	if (err)
		return err;
	if (!allowed(ctx, path))
		return -XENNET_EACCESS;
	if (!txn) {
		fake_remove(f, path);
		return 0;
	}
	t = transaction(f, txn);
	if (!t)
		return -XENNET_EINVAL;
	remove_in(f, t, path);
	return 0;
}

int fake_op_watch(void *ctx, const char *path)
{
	struct fake *f = fake_of(ctx);
	int err = fake_sleeping(f, FAKE_WATCH);
	unsigned i = 0;

	if (err)
		return err;
	while (i < FAKE_WATCHES && f->watch[i].path)
		i++;
	if (i == FAKE_WATCHES)
		abort();
	f->watch[i] = (struct fake_watch){ fake_domid(ctx),
					   copy(path, strlen(path)) };
	f->domain[fake_domid(ctx)].changed = true;
	return 0;
}

void fake_op_unwatch(void *ctx, const char *path)
{
	struct fake *f = fake_of(ctx);
	unsigned i;

	fake_sleeping(f, FAKE_UNWATCH);
	for (i = 0; i < FAKE_WATCHES; i++)
		if (f->watch[i].path && f->watch[i].domid == fake_domid(ctx) &&
		    strcmp(f->watch[i].path, path) == 0)
			break;
	if (i == FAKE_WATCHES) {
		fake_misuse(f, "unwatch of %s, not watched", path);
		return;
	}
	free(f->watch[i].path);
	f->watch[i].path = NULL;
}

int fake_op_txn_begin(void *ctx, xennet_txn *txn)
{
	struct fake *f = fake_of(ctx);
	int err = fake_sleeping(f, FAKE_TXN_BEGIN);
	unsigned i = 0;

	*txn = ~(xennet_txn)0;
	if (err)
		return err;
	while (i < FAKE_TXNS && f->txn[i].open)
		i++;
	if (i == FAKE_TXNS)
		abort();
	f->txn[i].open = true;
	f->txn[i].stale = false;
	*txn = i + 1;
	return 0;
}

static void commit(struct fake *f, struct fake_txn *t)
{
	unsigned i;

	for (i = 0; i < t->wrote.n; i++)
		if (t->wrote.node[i].value)
			fake_set(f, t->wrote.node[i].path,
				 t->wrote.node[i].value);
		else
			fake_remove(f, t->wrote.node[i].path);
}

int fake_op_txn_end(void *ctx, xennet_txn txn, bool abandon)
{
	struct fake *f = fake_of(ctx);
	int err = fake_sleeping(f, FAKE_TXN_END);
	struct fake_txn *t = transaction(f, txn);

	if (!t)
		return -XENNET_EINVAL;
	t->open = false;
	if (!abandon && !err && t->stale)
		err = -XENNET_EAGAIN;
	if (!abandon && !err)
		commit(f, t);
	drop_all(&t->touched);
	drop_all(&t->wrote);
	return err;
}

void fake_store_free(struct fake *f)
{
	unsigned i;

	drop_all(&f->store);
	for (i = 0; i < FAKE_TXNS; i++) {
		drop_all(&f->txn[i].touched);
		drop_all(&f->txn[i].wrote);
	}
	for (i = 0; i < FAKE_WATCHES; i++)
		free(f->watch[i].path);
}

const char *fake_store_unclean(struct fake *f)
{
	unsigned i;

	for (i = 0; i < FAKE_TXNS; i++)
		if (f->txn[i].open)
			fake_misuse(f, "transaction %u left open", i + 1);
	for (i = 0; i < FAKE_WATCHES; i++)
		if (f->watch[i].path)
			fake_misuse(f, "watch of %s left over",
				    f->watch[i].path);
	return f->misuse[0] ? f->misuse : NULL;
}
