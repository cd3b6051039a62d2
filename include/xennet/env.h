/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * What the library needs of a compiler and an operating system, at compile
 * time and free of cost. This is the only file of the core that asks where it
 * is compiled. A port replaces it with -DXENNET_ENV_H='"my_env.h"' and
 * provides every name below:
 *
 *   uint8_t ... uint64_t, uintptr_t, size_t, bool, NULL
 *   memcpy, memset, memcmp, memmove
 *   XENNET_CACHE_LINE, XENNET_ALIGNED(n)
 *   XENNET_LIKELY(x), XENNET_UNLIKELY(x), XENNET_COLD, XENNET_NOINLINE
 *   xennet_load, xennet_load_acquire, xennet_store, xennet_store_release
 *   xennet_load64, xennet_exchange64
 *   xennet_mb, xennet_copy_once, xennet_relax
 *   xennet_prefetch, xennet_prefetch_write
 */
#ifndef XENNET_ENV_H_INCLUDED
#define XENNET_ENV_H_INCLUDED

#ifdef XENNET_ENV_H
#include XENNET_ENV_H
#else

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* 128 on arm64: the largest line of its server parts. */
#if defined(__aarch64__)
#define XENNET_CACHE_LINE 128
#else
#define XENNET_CACHE_LINE 64
#endif
#define XENNET_ALIGNED(n) __attribute__((aligned(n)))
#define XENNET_LIKELY(x) __builtin_expect(!!(x), 1)
#define XENNET_UNLIKELY(x) __builtin_expect(!!(x), 0)
/* A function that is rarely called, most of them the control thread's: short
 * rather than quick. */
#define XENNET_COLD __attribute__((cold))
#define XENNET_NOINLINE __attribute__((noinline))

/* One load or store of a word that another processor may be writing. */
static inline uint32_t xennet_load(const uint32_t *p)
{
	return __atomic_load_n(p, __ATOMIC_RELAXED);
}

static inline void xennet_store(uint32_t *p, uint32_t v)
{
	__atomic_store_n(p, v, __ATOMIC_RELAXED);
}

/* Nothing after this load is done before it. */
static inline uint32_t xennet_load_acquire(const uint32_t *p)
{
	return __atomic_load_n(p, __ATOMIC_ACQUIRE);
}

/* Nothing before this store is seen after it. */
static inline void xennet_store_release(uint32_t *p, uint32_t v)
{
	__atomic_store_n(p, v, __ATOMIC_RELEASE);
}

/* Likewise of eight bytes, aligned to as many. */
static inline uint64_t xennet_load64(const uint64_t *p)
{
	return __atomic_load_n(p, __ATOMIC_RELAXED);
}

/* Puts `to` where `from` is, at once; returns what was there. */
static inline uint64_t xennet_exchange64(uint64_t *p, uint64_t from,
					 uint64_t to)
{
	__atomic_compare_exchange_n(p, &from, to, false, __ATOMIC_RELAXED,
				    __ATOMIC_RELAXED);
	return from;
}

/* Full barrier: our stores before it are seen before our loads after it. */
static inline void xennet_mb(void)
{
#if defined(__x86_64__)
	/* clang makes a seq_cst fence an mfence, at twice the time. */
	__asm__ __volatile__("lock; addl $0,-4(%%rsp)" ::: "memory", "cc");
#else
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
#endif
}

/*
 * Copies n bytes (a constant of 4, 8, 12 or 16) out of shared memory, from a
 * multiple of 4. volatile: the compiler cannot read the source a second time,
 * and need not forget what else it knows.
 */
static inline void xennet_copy_once(void *dst, const void *src, size_t n)
{
	typedef uint32_t __attribute__((may_alias)) word;
	const volatile word *from = (const volatile word *)src;
	size_t i;

	for (i = 0; i < n / 4; i++) {
		uint32_t w = from[i];

		memcpy((unsigned char *)dst + 4 * i, &w, 4);
	}
}

/* A line that will be read. */
static inline void xennet_prefetch(const void *p)
{
	__builtin_prefetch(p);
}

/* A line that will be written: fetched from the other processor once, not
 * first to be read and then again to be owned. */
static inline void xennet_prefetch_write(const void *p)
{
#if defined(__x86_64__)
	/* the builtin makes it a plain prefetch; old parts take it as a nop */
	__asm__ __volatile__("prefetchw %0" : : "m"(*(const char *)p));
#else
	__builtin_prefetch(p, 1);
#endif
}

/* In a loop that waits for another processor. */
static inline void xennet_relax(void)
{
#if defined(__x86_64__) || defined(__i386__)
	__builtin_ia32_pause();
#elif defined(__aarch64__)
	__asm__ __volatile__("yield" ::: "memory");
#endif
}

#endif /* XENNET_ENV_H */
#endif
