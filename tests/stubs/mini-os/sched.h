/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Threads: there is one. */
#ifndef STUB_MINI_OS_SCHED_H
#define STUB_MINI_OS_SCHED_H

#include <stdint.h>

void msleep(uint32_t millisecs);

#endif
