/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * The environment with a peer in it that acts between any two accesses to
 * shared memory. A test program that defines XENNET_ENV_H as this file, and
 * includes the code to be tested as source, is told of each access by
 * shim_hook: before it (SHIM_LOAD ... SHIM_BARRIER), and after what was read
 * is safe (SHIM_LOADED, SHIM_COPIED), when the peer may change the source.
 */
#ifndef SHIM_ENV_H
#define SHIM_ENV_H

#undef XENNET_ENV_H
#undef XENNET_ENV_H_INCLUDED
#define xennet_load plain_load
#define xennet_load_acquire plain_load_acquire
#define xennet_store plain_store
#define xennet_store_release plain_store_release
#define xennet_mb plain_mb
#define xennet_copy_once plain_copy_once
#include <xennet/env.h>
#undef xennet_load
#undef xennet_load_acquire
#undef xennet_store
#undef xennet_store_release
#undef xennet_mb
#undef xennet_copy_once

enum shim_access {
	SHIM_LOAD,
	SHIM_LOADED,
	SHIM_STORE,
	SHIM_PUBLISH, /* a store with release */
	SHIM_BARRIER,
	SHIM_COPY,
	SHIM_COPIED
};

static void (*shim_hook)(enum shim_access access, const void *where);

static inline void shim_tell(enum shim_access access, const void *where)
{
	if (shim_hook)
		shim_hook(access, where);
}

static inline uint32_t xennet_load(const uint32_t *p)
{
	uint32_t v;

	shim_tell(SHIM_LOAD, p);
	v = plain_load(p);
	shim_tell(SHIM_LOADED, p);
	return v;
}

static inline uint32_t xennet_load_acquire(const uint32_t *p)
{
	uint32_t v;

	shim_tell(SHIM_LOAD, p);
	v = plain_load_acquire(p);
	shim_tell(SHIM_LOADED, p);
	return v;
}

static inline void xennet_store(uint32_t *p, uint32_t v)
{
	shim_tell(SHIM_STORE, p);
	plain_store(p, v);
}

static inline void xennet_store_release(uint32_t *p, uint32_t v)
{
	shim_tell(SHIM_PUBLISH, p);
	plain_store_release(p, v);
}

static inline void xennet_mb(void)
{
	shim_tell(SHIM_BARRIER, NULL);
	plain_mb();
}

static inline void xennet_copy_once(void *dst, const void *src, size_t n)
{
	shim_tell(SHIM_COPY, src);
	plain_copy_once(dst, src, n);
	shim_tell(SHIM_COPIED, src);
}

#endif
