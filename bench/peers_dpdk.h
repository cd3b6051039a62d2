/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* A pair of DPDK's devices, one for each of two processes. */
#ifndef PEERS_DPDK_H
#define PEERS_DPDK_H

#include "peers.h"

struct dpdk_device {
	const char *front, *back; /* options */
	void (*describe)(char *option, size_t room, const char *options,
			 unsigned ring, const struct peers_place *p,
			 const struct peers_cell *cell);
	bool zero_copy;
};

/* What a contender is `with`. */
struct dpdk_peer {
	const struct dpdk_device *device;
	unsigned ring; /* slots */
};

/* The devices as the two ends want them. */
struct dpdk_option {
	char front[200], back[200];
};

void dpdk_describe(struct dpdk_option *o, const struct dpdk_peer *peer,
		   const struct peers_place *p, const struct peers_cell *cell);

/* What they leave behind, and the next would find. */
void dpdk_clear(const struct peers_place *p);

/* Of one processor: where and how DPDK has its memory. */
#define DPDK_MEMORY "128" /* MiB */
const char *dpdk_pages(const struct peers_place *p);
#define DPDK_NO_HUGE                                                           \
	"no huge pages: as root, echo 160 >/proc/sys/vm/nr_hugepages"

extern const struct dpdk_device dpdk_memif, dpdk_memif_zc;
extern const struct dpdk_device dpdk_split, dpdk_packed;

#endif
