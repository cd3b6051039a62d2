/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* What an interface has to announce: its MAC address, and its IPv4 addresses. */
#ifndef ANNOUNCE_H
#define ANNOUNCE_H

#include <xennet/announce.h>

/* Writes up to max frames, each so many bytes after the one before. Returns how
 * many. */
unsigned announce(const char *interface, unsigned char *frame, size_t apart,
		  unsigned max);

#endif
