/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#include "mem.h"

#ifndef HAVE_LIBC

/* volatile: or the compiler makes such a loop a call of what it is in. */
typedef volatile unsigned char byte;
typedef volatile unsigned long __attribute__((may_alias, aligned(1))) word;
#define W sizeof(word)

void *memcpy(void *to, const void *from, size_t n)
{
	const byte *s = from;
	byte *d = to;

#if defined(__x86_64__)
	if (n >= 256) {
		size_t words = n / W;

		__asm__ __volatile__("rep movsq"
				     : "+D"(d), "+S"(s), "+c"(words)
				     :
				     : "memory");
		n %= W;
	}
#endif
	for (; n >= W; n -= W, d += W, s += W)
		*(word *)d = *(const word *)s;
	for (; n; n--)
		*d++ = *s++;
	return to;
}

void *memmove(void *to, const void *from, size_t n)
{
	const byte *s = from;
	byte *d = to;

	/* forwards it would read what it has written */
	if ((size_t)(d - s) >= n)
		return memcpy(to, from, n);
	while (n--)
		d[n] = s[n];
	return to;
}

void *memset(void *to, int value, size_t n)
{
	unsigned long all = ~0ul / 255 * (unsigned char)value;
	byte *d = to;

	for (; n >= W; n -= W, d += W)
		*(word *)d = all;
	for (; n; n--)
		*d++ = (unsigned char)value;
	return to;
}

#endif
