/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Ways in which a backend gets at what lies in a guest's pages: a platform's
 * operations and the page flip. Each way ends when every byte was read once.
 */
#ifndef GRANTS_H
#define GRANTS_H

#include <xennet/queue.h>

#include "payload.h"

#define GRANTS_ITEMS_MAX 64u
#define GRANTS_SIZE_MAX 65536u
#define GRANTS_PAGES (GRANTS_ITEMS_MAX * GRANTS_SIZE_MAX / XENNET_PAGE)

struct grants_field {
	struct xennet_platform platform;
	uint16_t guest;
	uint32_t gref[GRANTS_PAGES];
	unsigned char *mapped[GRANTS_PAGES]; /* the guest's, for good */
	unsigned char *private;		     /* as many of our own */
	int flip_fd;			     /* pages that change hands */
	unsigned char *flip;		     /* where the receiver wants them */
	struct payload_sum sum;
	unsigned failed;
};

struct grants_way {
	const char *name; /* a column */
	/* `items` packets of size bytes, each beginning a page */
	void (*fetch)(struct grants_field *f, unsigned items, unsigned size);
};

extern const struct grants_way grants_ways[];

enum {
	GRANTS_COPY,
	GRANTS_MAP,
	GRANTS_MAP_SCATTERED,
	GRANTS_FLIP,
	GRANTS_MEMCPY,
	GRANTS_WAYS
};

/* 0, or -XENNET_E*. gref, platform and guest are set. */
int grants_field_init(struct grants_field *f);

#endif
