/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Threads: there is one. */
#ifndef STUB_MINI_OS_SCHED_H
#define STUB_MINI_OS_SCHED_H

#include <stdint.h>

void msleep(uint32_t millisecs);
void schedule(void);

struct thread;
struct thread *create_thread(char *name, void (*function)(void *), void *data);

#endif
