/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Events between processes: an eventfd that is written and slept for. */
#ifndef WIRE_H
#define WIRE_H

#include <stdint.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* A full counter wakes as well as one more would. */
static inline void wire_wake(int fd)
{
	uint64_t one = 1;
	ssize_t n = write(fd, &one, sizeof(one));

	(void)n;
}

static inline void wire_sleep(int fd)
{
	uint64_t count;
	ssize_t n = read(fd, &count, sizeof(count));

	(void)n;
}

#endif
