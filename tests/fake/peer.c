/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#include <stdio.h>
#include <stdlib.h>

#include "peer.h"

void peer_set(struct fake *f, const char *dir, const char *key,
	      const char *value)
{
	char path[160];

	snprintf(path, sizeof(path), "%s/%s", dir, key);
	if (value)
		fake_set(f, path, value);
	else
		fake_remove(f, path);
}

void peer_set_uint(struct fake *f, const char *dir, const char *key,
		   uint32_t value)
{
	char text[12];

	snprintf(text, sizeof(text), "%u", (unsigned)value);
	peer_set(f, dir, key, text);
}

uint32_t peer_get_uint(struct fake *f, const char *dir, const char *key)
{
	char path[160];
	const char *value;

	snprintf(path, sizeof(path), "%s/%s", dir, key);
	value = fake_node(f, path);
	return value ? (uint32_t)strtoul(value, NULL, 10) : 0;
}

void peer_toolstack(struct fake *f)
{
	peer_set(f, FRONT_DIR, "backend", BACK_DIR);
	peer_set_uint(f, FRONT_DIR, "backend-id", BACK);
	peer_set_uint(f, FRONT_DIR, "handle", HANDLE);
	peer_set(f, FRONT_DIR, "mac", "00:16:3e:00:00:01");
	peer_set_uint(f, FRONT_DIR, "state", 1);
	peer_set(f, BACK_DIR, "frontend", FRONT_DIR);
	peer_set_uint(f, BACK_DIR, "frontend-id", FRONT);
	peer_set_uint(f, BACK_DIR, "handle", HANDLE);
	peer_set_uint(f, BACK_DIR, "online", 1);
	peer_set_uint(f, BACK_DIR, "state", 1);
}

uint32_t peer_gather(const struct xennet_pkt *pkt, unsigned char *to,
		     uint32_t cap)
{
	uint32_t len = 0;
	unsigned i;

	for (i = 0; i < pkt->nfrags; i++) {
		if (len + pkt->frag[i].len > cap)
			abort();
		memcpy(to + len, pkt->frag[i].addr, pkt->frag[i].len);
		len += pkt->frag[i].len;
	}
	return len;
}
