/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * XenStore. A watch's token is its path. The queue of events is never freed:
 * Mini-OS remembers a watch that failed, and its queue, for ever.
 */
#include "internal.h"

#include <mini-os/os.h>
#include <mini-os/xenbus.h>
#include <mini-os/xmalloc.h>
#include <xen/io/xs_wire.h>

static xenbus_event_queue events;

int xennet_minios_err(const char *name, int number)
{
	static const struct {
		char name[7];
		uint8_t number; /* Xen's errno.h; 0: Xen does not say it */
		uint8_t err;
	} table[] = {
		{ "EPERM", 1, XENNET_EACCESS },
		{ "ENOENT", 2, XENNET_ENOENT },
		{ "ESRCH", 3, XENNET_EGONE },
		{ "E2BIG", 0, XENNET_ENOSPC },
		{ "EAGAIN", 0, XENNET_EAGAIN },
		{ "ENOMEM", 12, XENNET_ENOMEM },
		{ "EACCES", 13, XENNET_EACCESS },
		{ "EBUSY", 16, XENNET_EBUSY },
		{ "EINVAL", 22, XENNET_EINVAL },
		{ "EQUOTA", 0, XENNET_ENOSPC },
		{ "ENOSPC", 28, XENNET_ENOSPC },
		{ "ENOSYS", 38, XENNET_ENOSYS },
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (name ? !strcmp(name, table[i].name)
			 : number == -table[i].number)
			return -table[i].err;
	return -XENNET_EIO;
}

/* Frees it; NULL is no error. */
static int said(char *name)
{
	int err = name ? xennet_minios_err(name, 0) : 0;

	free(name);
	return err;
}

/* Mini-OS stops for good at a message that is larger than its ring. */
static bool fits(const char *path, const char *value)
{
	return strlen(path) + strlen(value) + 2 <=
	       XENSTORE_RING_SIZE - sizeof(struct xsd_sockmsg);
}

int xennet_minios_read(void *ctx, xennet_txn txn, const char *path, char *value,
		       size_t cap)
{
	char *whole = NULL;
	size_t len, n;
	int err;

	err = fits(path, "") ? said(xenbus_read(txn, path, &whole))
			     : -XENNET_ENOSPC;
	/* what is gone from where only domain 0 may look */
	if (err)
		return err == -XENNET_EACCESS ? -XENNET_ENOENT : err;
	len = strlen(whole);
	if (cap) {
		n = len < cap ? len : cap - 1;
		memcpy(value, whole, n);
		value[n] = 0;
	}
	free(whole);
	return (int)len;
}

int xennet_minios_write(void *ctx, xennet_txn txn, const char *path,
			const char *value)
{
	return fits(path, value) ? said(xenbus_write(txn, path, value))
				 : -XENNET_ENOSPC;
}

int xennet_minios_remove(void *ctx, xennet_txn txn, const char *path)
{
	int err = fits(path, "") ? said(xenbus_rm(txn, path)) : -XENNET_ENOSPC;

	return err == -XENNET_ENOENT ? 0 : err;
}

int xennet_minios_watch(void *ctx, const char *path)
{
	return fits(path, path) ? said(xenbus_watch_path_token(XBT_NIL, path,
							       path, &events))
				: -XENNET_ENOSPC;
}

void xennet_minios_unwatch(void *ctx, const char *path)
{
	said(xenbus_unwatch_path_token(XBT_NIL, path, path));
}

bool xennet_minios_fired(void)
{
	return events;
}

void xennet_minios_forget(void)
{
	struct xenbus_event *event;

	while ((event = events)) {
		events = event->next;
		free(event);
	}
}

int xennet_minios_txn_begin(void *ctx, xennet_txn *txn)
{
	xenbus_transaction_t t = XBT_NIL;
	int err = said(xenbus_transaction_start(&t));

	*txn = (xennet_txn)t;
	return err;
}

int xennet_minios_txn_end(void *ctx, xennet_txn txn, bool abort)
{
	int again = 0, err = said(xenbus_transaction_end(txn, abort, &again));

	return again ? -XENNET_EAGAIN : err;
}
