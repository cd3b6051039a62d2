/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* The packets of a capture file, in memory. */
#ifndef CAPTURE_H
#define CAPTURE_H

#include <stddef.h>
#include <stdint.h>

struct capture_packet {
	size_t at; /* in bytes */
	uint32_t len;
};

struct capture {
	struct capture_packet *packet;
	size_t n;
	unsigned char *bytes;
	size_t nbytes;
	size_t too_short, too_long; /* left out: not 14 to 65535 bytes */
	size_t cut;		    /* recorded in part; that part is there */
};

/* 0, or the exit status: what is wrong has been said. */
int capture_read(struct capture *c, const char *path);
void capture_free(struct capture *c);

#endif
