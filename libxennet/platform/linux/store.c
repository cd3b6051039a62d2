// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * XenStore. Whatever a vif watches lies below the device's own directory or its
 * other end's: so there are two watches, for as long as the device is open, and
 * none has to be ended from a work item that remove() waits for.
 */
#include "internal.h"

/* Called as an event comes in; none is queued, for a callback. However many a
 * guest makes, they take no memory, nor time of other devices' events. */
static bool note(struct xenbus_watch *watch, const char *path,
		 const char *token)
{
	struct xennet_linux *p = container_of(watch, struct watch, watch)->p;

	p->changed(p->arg);
	return false;
}

/* The path is a copy: xenbus forgets its own before it says that the domain
 * was restored. */
static int watch(struct xennet_linux *p, struct watch *w, const char *dir)
{
	int err;

	w->p = p;
	w->watch.node = kstrdup(dir, GFP_KERNEL);
	w->watch.will_handle = note;
	if (!w->watch.node)
		return -XENNET_ENOMEM;
	err = register_xenbus_watch(&w->watch);
	if (!err)
		return 0;
	kfree(w->watch.node);
	w->watch.node = NULL;
	return xennet_linux_err(err);
}

static void unwatch(struct watch *w)
{
	if (!w->watch.node)
		return;
	unregister_xenbus_watch(&w->watch);
	kfree(w->watch.node);
	w->watch.node = NULL;
}

int xennet_linux_watch(struct xennet_linux *p)
{
	int err = watch(p, &p->ours, p->dev->nodename)
			  ?: watch(p, &p->theirs, p->dev->otherend);

	if (err)
		xennet_linux_unwatch(p);
	return err;
}

void xennet_linux_unwatch(struct xennet_linux *p)
{
	unwatch(&p->theirs);
	unwatch(&p->ours);
}

static struct xenbus_transaction within(xennet_txn txn)
{
	return (struct xenbus_transaction){ .id = txn };
}

static int read(void *ctx, xennet_txn txn, const char *path, char *value,
		size_t cap)
{
	unsigned int len;
	char *whole = xenbus_read(within(txn), path, "", &len);

	/* what is gone from where only domain 0 may look */
	if (IS_ERR(whole) && PTR_ERR(whole) == -EACCES)
		return -XENNET_ENOENT;
	if (IS_ERR(whole))
		return xennet_linux_err(PTR_ERR(whole));
	strscpy_pad(value, whole, cap);
	kfree(whole);
	return len;
}

static int write(void *ctx, xennet_txn txn, const char *path, const char *value)
{
	struct xennet_linux *p = ctx;

	if (p->left)
		return 0;
	return xennet_linux_err(xenbus_write(within(txn), path, "", value));
}

static int remove(void *ctx, xennet_txn txn, const char *path)
{
	struct xennet_linux *p = ctx;
	int err = p->left ? 0 : xenbus_rm(within(txn), path, "");

	return err == -ENOENT ? 0 : xennet_linux_err(err);
}

static int watch_path(void *ctx, const char *path)
{
	struct xennet_linux *p = ctx;

	p->changed(p->arg);
	return 0;
}

static void unwatch_path(void *ctx, const char *path)
{
}

static int begin(void *ctx, xennet_txn *txn)
{
	struct xenbus_transaction t;
	int err = xenbus_transaction_start(&t);

	*txn = err ? 0 : t.id;
	return xennet_linux_err(err);
}

static int end(void *ctx, xennet_txn txn, bool abort)
{
	return xennet_linux_err(xenbus_transaction_end(within(txn), abort));
}

void xennet_linux_store_init(struct xennet_ops *ops)
{
	ops->store_read = read;
	ops->store_write = write;
	ops->store_remove = remove;
	ops->store_watch = watch_path;
	ops->store_unwatch = unwatch_path;
	ops->txn_begin = begin;
	ops->txn_end = end;
}
