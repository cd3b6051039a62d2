/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Xen's own headers, with the barriers that they ask of their user. */
#ifndef CANONICAL_H
#define CANONICAL_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <xennet/env.h>

/* An older interface would replace the barriers below by its own names. */
#define __XEN_INTERFACE_VERSION__ 0x00040d00

#define xen_mb() xennet_mb()
#if defined(__x86_64__) || defined(__i386__)
/* Loads are not passed by loads, nor stores by stores: see to the compiler. */
#define xen_rmb() __asm__ __volatile__("" ::: "memory")
#define xen_wmb() __asm__ __volatile__("" ::: "memory")
#else
#define xen_rmb() __atomic_thread_fence(__ATOMIC_ACQUIRE)
#define xen_wmb() __atomic_thread_fence(__ATOMIC_RELEASE)
#endif

#include <xen/xen.h>
#include <xen/io/netif.h>

#endif
