/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* The heap. */
#ifndef STUB_MINI_OS_XMALLOC_H
#define STUB_MINI_OS_XMALLOC_H

#include <stdlib.h>

void *_xmalloc(size_t size, size_t align);
void xfree(const void *p);

#endif
