/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* What <xennet/env.h> asks for, of the Linux kernel. */
#ifndef XENNET_LINUX_ENV_H
#define XENNET_LINUX_ENV_H

#include <asm/barrier.h>
#include <linux/atomic.h>
#include <linux/cache.h>
#include <linux/compiler.h>
#include <linux/limits.h>
#include <linux/string.h>
#include <linux/types.h>
#include <vdso/processor.h>

#define UINT16_MAX U16_MAX
#define UINT32_MAX U32_MAX
#define UINT64_MAX U64_MAX

/* As it was compiled for, which is the largest of its processors'. */
#define XENNET_CACHE_LINE L1_CACHE_BYTES
#define XENNET_ALIGNED(n) __aligned(n)
#define XENNET_LIKELY(x) likely(x)
#define XENNET_UNLIKELY(x) unlikely(x)
#define XENNET_COLD __cold
#define XENNET_NOINLINE noinline

/*
 * A ring is shared with another domain, on another processor perhaps where
 * this kernel runs on one: virt_* barriers, which do not go away there.
 */
#define xennet_load(p) READ_ONCE(*(p))
#define xennet_store(p, v) WRITE_ONCE(*(p), v)
#define xennet_load_acquire(p) virt_load_acquire(p)
#define xennet_store_release(p, v) virt_store_release(p, v)
#define xennet_load64(p) READ_ONCE(*(p))
#define xennet_exchange64(p, from, to) cmpxchg64_relaxed(p, from, to)
#define xennet_mb() virt_mb()
#define xennet_relax() cpu_relax()
#define xennet_prefetch(p) __builtin_prefetch(p)

/* Of which the builtin makes a plain prefetch; old parts take it as a nop. */
#ifdef CONFIG_X86_64
#define xennet_prefetch_write(p)                                               \
	asm volatile("prefetchw %0" : : "m"(*(const char *)(p)))
#else
#define xennet_prefetch_write(p) __builtin_prefetch(p, 1)
#endif

static inline void xennet_copy_once(void *dst, const void *src, size_t n)
{
	const volatile uint32_t *from = src;
	size_t i;

	for (i = 0; i < n / 4; i++) {
		uint32_t w = from[i];

		memcpy((unsigned char *)dst + 4 * i, &w, 4);
	}
}

#endif
