/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * One request to the store, of a guest or of domain 0 itself, which differ
 * only in what they may do. A guest's request is hostile: its length was
 * counted by the kernel, all else is checked here.
 */
#include "internal.h"

struct call {
	struct store *s;
	struct client *c;
	struct txn *txn;
	const char *path, *value;
	size_t len; /* of value */
	struct message *rp;
	size_t rp_len; /* of its data */
};

static int read_value(struct call *k)
{
	const char *value;
	struct node *node;
	size_t len;
	int err;

	if (!xennet_local_may_read(k->c->domid, k->path))
		return -XENNET_EACCESS;
	if (k->txn) {
		err = xennet_local_txn_read(k->s, k->txn, k->path, &value,
					    &len);
		if (err)
			return err;
	} else {
		node = xennet_local_tree_find(k->s, k->path);
		if (!node)
			return -XENNET_ENOENT;
		value = node->value ? node->value : "";
		len = node->len;
	}
	memcpy(k->rp->data, value, len);
	k->rp_len = len;
	return (int)len;
}

static int write_value(struct call *k)
{
	if (!xennet_local_may_write(k->c->domid, k->path))
		return -XENNET_EACCESS;
	if (k->len > XENNET_LOCAL_VALUE)
		return -XENNET_ENOSPC;
	if (k->txn)
		return xennet_local_txn_write(k->s, k->txn, k->path, k->value,
					      k->len);
	return xennet_local_tree_write(k->s, k->c, k->path, k->value, k->len);
}

static int remove_value(struct call *k)
{
	if (!xennet_local_may_write(k->c->domid, k->path))
		return -XENNET_EACCESS;
	if (k->txn)
		return xennet_local_txn_remove(k->s, k->txn, k->path);
	xennet_local_tree_remove(k->s, k->path);
	return 0;
}

static int list_names(struct call *k)
{
	struct node *node;
	int count = 0;
	size_t n;

	if (!xennet_local_may_read(k->c->domid, k->path))
		return -XENNET_EACCESS;
	node = xennet_local_tree_find(k->s, k->path);
	if (!node)
		return -XENNET_ENOENT;
	for (node = node->child; node; node = node->next, count++) {
		n = strlen(node->name) + 1;
		if (k->rp_len + n > XENNET_LOCAL_VALUE)
			return -XENNET_ENOSPC;
		memcpy(k->rp->data + k->rp_len, node->name, n);
		k->rp_len += n;
	}
	return count;
}

static int watch(struct call *k)
{
	if (!xennet_local_may_read(k->c->domid, k->path))
		return -XENNET_EACCESS;
	return xennet_local_watch_add(k->c, k->path, true);
}

static int with_path(struct call *k, uint32_t op)
{
	if (!xennet_local_path_ok(k->path))
		return -XENNET_EINVAL;
	switch (op) {
	case MSG_READ:
		return read_value(k);
	case MSG_WRITE:
		return write_value(k);
	case MSG_REMOVE:
		return remove_value(k);
	case MSG_LIST:
		return list_names(k);
	case MSG_WATCH:
		return watch(k);
	default:
		xennet_local_watch_remove(k->c, k->path);
		return 0;
	}
}

/* False: no request at all. */
static bool split(struct call *k, const struct message *rq, size_t len)
{
	const char *end = memchr(rq->data, 0, len - MSG_HEAD);

	if (rq->op < MSG_READ || rq->op > MSG_TXN_END)
		return false;
	if (rq->op >= MSG_TXN_BEGIN)
		return len == MSG_HEAD;
	if (!end)
		return false;
	k->path = rq->data;
	k->value = end + 1;
	k->len = len - MSG_HEAD - (size_t)(k->value - rq->data);
	return rq->op == MSG_WRITE || k->len == 0;
}

bool xennet_local_request(struct store *s, struct client *c,
			  const struct message *rq, size_t len,
			  struct message *rp, size_t *rp_len)
{
	struct call k = { .s = s, .c = c, .rp = rp };

	if (!split(&k, rq, len))
		return false;
	rp->op = MSG_REPLY;
	rp->txn = rq->txn;
	rp->arg = 0;
	if (rq->txn)
		k.txn = xennet_local_txn_find(c, rq->txn);
	if (rq->op == MSG_TXN_BEGIN)
		rp->result = xennet_local_txn_begin(s, c, &rp->txn);
	else if ((rq->txn || rq->op == MSG_TXN_END) && !k.txn)
		rp->result = -XENNET_EINVAL;
	else if (rq->op == MSG_TXN_END)
		rp->result = xennet_local_txn_end(s, c, k.txn, rq->arg);
	else
		rp->result = with_path(&k, rq->op);
	*rp_len = MSG_HEAD + (rp->result > 0 ? k.rp_len : 0);
	return true;
}
