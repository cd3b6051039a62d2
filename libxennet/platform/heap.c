/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "heap.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <xennet/ops.h>

void *xennet_heap_alloc(void *ctx, size_t size)
{
	size_t whole = (size + XENNET_CACHE_LINE - 1) &
		       ~(size_t)(XENNET_CACHE_LINE - 1);
	void *p;

	(void)ctx;
	if (whole < size)
		return NULL;
	if (size && size % XENNET_PAGE == 0) {
		p = mmap(NULL, size, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		return p == MAP_FAILED ? NULL : p;
	}
	p = aligned_alloc(XENNET_CACHE_LINE, whole ? whole : XENNET_CACHE_LINE);
	if (p)
		memset(p, 0, size);
	return p;
}

void xennet_heap_free(void *ctx, void *p, size_t size)
{
	(void)ctx;
	if (p && size && size % XENNET_PAGE == 0)
		munmap(p, size);
	else
		free(p);
}

void xennet_heap_delay(void *ctx, unsigned usec)
{
	struct timespec ts = { usec / 1000000, usec % 1000000 * 1000L };

	(void)ctx;
	nanosleep(&ts, NULL);
}
