/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* XenStore. A watch's token is its path. */
#include "internal.h"

#include <errno.h>
#include <stdlib.h>

static struct xs_handle *store(struct xennet_xen *p)
{
	p->store_calls++;
	return p->store;
}

int xennet_xen_store_read(void *ctx, xennet_txn txn, const char *path,
			  char *value, size_t cap)
{
	struct xennet_xen *p = ctx;
	unsigned len;
	size_t n;
	char *whole = xs_read(store(p), txn, path, &len);

	/* what is gone from where only domain 0 may look */
	if (!whole && errno == EACCES)
		return -XENNET_ENOENT;
	if (!whole)
		return xennet_xen_err(errno);
	if (cap) {
		n = len < cap ? len : cap - 1;
		memcpy(value, whole, n);
		value[n] = 0;
	}
	free(whole);
	return (int)len;
}

int xennet_xen_store_write(void *ctx, xennet_txn txn, const char *path,
			   const char *value)
{
	struct xennet_xen *p = ctx;

	if (xs_write(store(p), txn, path, value, (unsigned)strlen(value)))
		return 0;
	return xennet_xen_err(errno);
}

int xennet_xen_store_remove(void *ctx, xennet_txn txn, const char *path)
{
	struct xennet_xen *p = ctx;

	if (xs_rm(store(p), txn, path) || errno == ENOENT)
		return 0;
	return xennet_xen_err(errno);
}

int xennet_xen_store_watch(void *ctx, const char *path)
{
	struct xennet_xen *p = ctx;

	if (xs_watch(store(p), path, path) || errno == EEXIST)
		return 0;
	return xennet_xen_err(errno);
}

void xennet_xen_store_unwatch(void *ctx, const char *path)
{
	struct xennet_xen *p = ctx;

	xs_unwatch(store(p), path, path);
}

int xennet_xen_txn_begin(void *ctx, xennet_txn *txn)
{
	struct xennet_xen *p = ctx;

	*txn = xs_transaction_start(store(p));
	return *txn ? 0 : xennet_xen_err(errno);
}

int xennet_xen_txn_end(void *ctx, xennet_txn txn, bool abort)
{
	struct xennet_xen *p = ctx;

	if (xs_transaction_end(store(p), txn, abort))
		return 0;
	return xennet_xen_err(errno);
}

int xennet_xen_fd(const struct xennet_xen *p)
{
	return xs_fileno(p->store);
}

int xennet_xen_event(struct xennet_xen *p, char *path, size_t cap)
{
	char **event = xs_check_watch(p->store);
	size_t n;

	if (!event)
		return errno == EAGAIN ? 0 : -XENNET_EIO;
	n = strlen(event[XS_WATCH_PATH]) + 1;
	if (n <= cap)
		memcpy(path, event[XS_WATCH_PATH], n);
	free(event);
	return n <= cap ? 1 : -XENNET_ENOSPC;
}

int xennet_xen_list(struct xennet_xen *p, const char *path, char *names,
		    size_t cap)
{
	unsigned i, count;
	size_t n, used = 0;
	char **entry = xs_directory(store(p), 0, path, &count);

	if (!entry)
		return xennet_xen_err(errno);
	for (i = 0; i < count; i++, used += n) {
		n = strlen(entry[i]) + 1;
		if (n > cap - used)
			break;
		memcpy(names + used, entry[i], n);
	}
	free(entry);
	return i == count ? (int)count : -XENNET_ENOSPC;
}
