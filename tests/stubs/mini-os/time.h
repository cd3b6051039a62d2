/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Nanoseconds. */
#ifndef STUB_MINI_OS_TIME_H
#define STUB_MINI_OS_TIME_H

#include <stdint.h>

typedef int64_t s_time_t;
uint64_t monotonic_clock(void);
#define NOW() ((s_time_t)monotonic_clock())
#define SECONDS(s) ((s_time_t)(s)*1000000000)
#define MILLISECS(ms) ((s_time_t)(ms)*1000000)

#endif
