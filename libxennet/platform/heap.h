/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* The ops that every platform of a Linux process does alike. */
#ifndef XENNET_PLATFORM_HEAP_H
#define XENNET_PLATFORM_HEAP_H

#include <stddef.h>
#include <stdint.h>

#pragma GCC visibility push(hidden)

void *xennet_heap_alloc(void *ctx, size_t size);
void xennet_heap_free(void *ctx, void *p, size_t size);
void xennet_heap_delay(void *ctx, unsigned usec);
uint64_t xennet_heap_clock(void *ctx);

#pragma GCC visibility pop

#endif
