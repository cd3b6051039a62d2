/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Ethernet frames whose headers are right, for what looks at headers. */
#ifndef FRAME_H
#define FRAME_H

#include <xennet/env.h>

/* Writes headers for a frame of len bytes in all; returns their length. */
unsigned frame_tcp4(unsigned char *to, uint32_t len);
unsigned frame_tcp6(unsigned char *to, uint32_t len);
unsigned frame_udp4(unsigned char *to, uint32_t len);

#endif
