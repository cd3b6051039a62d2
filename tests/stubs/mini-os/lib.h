/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* What there is of a C library, and the console. */
#ifndef STUB_MINI_OS_LIB_H
#define STUB_MINI_OS_LIB_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void printk(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
