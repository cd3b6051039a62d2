/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Before everything else (-include): without a libc Mini-OS has no memmove, and
 * moves bytes one at a time. The compiler's own calls come here, too.
 */
#ifndef XENNET_MINIOS_MEM_H
#define XENNET_MINIOS_MEM_H

#include <stddef.h>

#ifndef HAVE_LIBC
void *memcpy(void *to, const void *from, size_t n) __asm__("xennet_memcpy");
void *memmove(void *to, const void *from, size_t n) __asm__("xennet_memmove");
void *memset(void *to, int byte, size_t n) __asm__("xennet_memset");
#endif

#endif
