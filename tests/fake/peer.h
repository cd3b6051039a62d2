/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* What the two hand-driven ends of a vif have in common. */
#ifndef PEER_H
#define PEER_H

#include <xennet/queue.h>

#include "fake.h"

#define BACK 0
#define FRONT 1
#define HANDLE 3u

#define FRONT_DIR "/local/domain/1/device/vif/3"
#define BACK_DIR "/local/domain/0/backend/vif/1/3"

#define RING 256u

/* What a toolstack writes before either end starts. */
void peer_toolstack(struct fake *f);

/* dir/key or dir/queue-N/key; a NULL value removes it. */
void peer_set(struct fake *f, const char *dir, const char *key,
	      const char *value);
void peer_set_uint(struct fake *f, const char *dir, const char *key,
		   uint32_t value);
/* 0 when it is missing. */
uint32_t peer_get_uint(struct fake *f, const char *dir, const char *key);

/* A byte that tells its page and place, to see what went where. */
static inline unsigned char peer_byte(unsigned page, unsigned offset)
{
	return (unsigned char)(page * 37 + offset * 11 + (offset >> 8) * 5 + 1);
}

/* All bytes of a packet in a row; returns their number. */
uint32_t peer_gather(const struct xennet_pkt *pkt, unsigned char *to,
		     uint32_t cap);

#endif
