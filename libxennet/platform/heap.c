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

/* A page or more comes from the kernel, which gives it page by page as it is
 * touched: of the tables of an idle vif much never is. */
static size_t pages(size_t size)
{
	return (size + XENNET_PAGE - 1) & ~(size_t)(XENNET_PAGE - 1);
}

static size_t lines(size_t size)
{
	return size ? (size + XENNET_CACHE_LINE - 1) &
			       ~(size_t)(XENNET_CACHE_LINE - 1)
		    : XENNET_CACHE_LINE;
}

void *xennet_heap_alloc(void *ctx, size_t size)
{
	void *p;

	(void)ctx;
	if (size >= XENNET_PAGE) {
		if (pages(size) < size)
			return NULL;
		p = mmap(NULL, pages(size), PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		return p == MAP_FAILED ? NULL : p;
	}
	p = aligned_alloc(XENNET_CACHE_LINE, lines(size));
	if (p)
		memset(p, 0, size);
	return p;
}

void xennet_heap_free(void *ctx, void *p, size_t size)
{
	(void)ctx;
	if (p && size >= XENNET_PAGE)
		munmap(p, pages(size));
	else
		free(p);
}

void xennet_heap_delay(void *ctx, unsigned usec)
{
	struct timespec ts = { usec / 1000000, usec % 1000000 * 1000L };

	(void)ctx;
	nanosleep(&ts, NULL);
}

uint64_t xennet_heap_clock(void *ctx)
{
	struct timespec ts;

	(void)ctx;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}
