/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* XenStore; errors are its names, to be freed; NULL: none. */
#ifndef STUB_MINI_OS_XENBUS_H
#define STUB_MINI_OS_XENBUS_H

#include <xen/xen.h>

typedef unsigned long xenbus_transaction_t;
#define XBT_NIL ((xenbus_transaction_t)0)

struct xenbus_event {
	char *path, *token; /* behind it */
	struct xenbus_event *next;
};
typedef struct xenbus_event *xenbus_event_queue;

extern struct wait_queue_head xenbus_watch_queue;

char *xenbus_read(xenbus_transaction_t xbt, const char *path, char **value);
char *xenbus_write(xenbus_transaction_t xbt, const char *path,
		   const char *value);
char *xenbus_rm(xenbus_transaction_t xbt, const char *path);
char *xenbus_watch_path_token(xenbus_transaction_t xbt, const char *path,
			      const char *token, xenbus_event_queue *events);
char *xenbus_unwatch_path_token(xenbus_transaction_t xbt, const char *path,
				const char *token);
/* To be freed, with each of its names; ended by NULL. */
char *xenbus_ls(xenbus_transaction_t xbt, const char *prefix, char ***contents);
domid_t xenbus_get_self_id(void);
char *xenbus_transaction_start(xenbus_transaction_t *xbt);
/* *retry is set, and there is no error, when it must be done again. */
char *xenbus_transaction_end(xenbus_transaction_t xbt, int abort, int *retry);

#endif
