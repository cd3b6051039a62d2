/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * DPDK's devices between two processes, each end being xennet-bench-dpdk: memif
 * with its packets copied by both ends and by the consumer alone, virtio-user
 * with vhost over a split and a packed ring. The rings have as many slots as
 * ours, and as many as DPDK's programs like.
 */
#include "peers_dpdk.h"

#include <stdio.h>
#include <unistd.h>

struct command {
	const struct peers_place *place;
	struct dpdk_option option;
};

/* What the end becomes. It is pinned already, which DPDK goes by. */
static int become(struct pair *p, const char *device, const char *end)
{
	const struct command *c = p->with;
	char memory[16];
	const char *argv[] = {
		c->place->dpdk,
		memory,
		device,
		end,
		"--in-memory",
		"--no-pci",
		"--no-telemetry",
		"--iova-mode=va",
		"--log-level=*:error",
		"-m",
		DPDK_MEMORY,
		dpdk_pages(c->place),
		NULL,
	};

	snprintf(memory, sizeof(memory), "%d", p->memory);
	execv(argv[0], (char *const *)(uintptr_t)argv);
	perror(argv[0]);
	return 1;
}

static int front(void *pair)
{
	struct pair *p = pair;
	const struct command *c = p->with;

	return become(p, c->option.front, "front");
}

static int back(void *pair)
{
	struct pair *p = pair;
	const struct command *c = p->with;

	return become(p, c->option.back, "back");
}

static int measure(const struct contender *c, const struct peers_place *p,
		   const struct peers_cell *cell, unsigned ms,
		   struct pair_result *r)
{
	const struct dpdk_peer *peer = c->with;
	struct command command = { .place = p };
	struct pair_case pair = {
		.name = c->name,
		.front = front,
		.back = back,
		.with = &command,
		.how = peer->ring,
	};
	int err;

	dpdk_describe(&command.option, peer, p, cell);
	err = pair_measure(&pair, cell->burst, cell->size, ms, r);
	dpdk_clear(p);
	return err;
}

static const char *missing(const struct contender *c,
			   const struct peers_place *p,
			   const struct peers_cell *cell)
{
	const struct dpdk_peer *peer = c->with;

	if (!p->dpdk[0])
		return "built without DPDK: apt install libdpdk-dev, and "
		       "build again";
	if (peer->device->zero_copy && cell->size > 4096)
		return "net_memif overruns a full ring with chains of buffers";
	if (peer->device->zero_copy && !p->huge)
		return DPDK_NO_HUGE;
	return NULL;
}

#define WITH(device, ring)                                                     \
	&(const struct dpdk_peer)                                              \
	{                                                                      \
		device, ring                                                   \
	}

const struct contender peers_dpdk[] = {
	{ "memif, 256", PEERS_MEMIF, measure, missing, WITH(&dpdk_memif, 256) },
	{ "memif, 1024", PEERS_MEMIF, measure, missing,
	  WITH(&dpdk_memif, 1024) },
	{ "memif zero-copy, 256", PEERS_MEMIF, measure, missing,
	  WITH(&dpdk_memif_zc, 256) },
	{ "memif zero-copy, 1024", PEERS_MEMIF, measure, missing,
	  WITH(&dpdk_memif_zc, 1024) },
	{ "vhost split, 256", PEERS_VHOST, measure, missing,
	  WITH(&dpdk_split, 256) },
	{ "vhost split, 1024", PEERS_VHOST, measure, missing,
	  WITH(&dpdk_split, 1024) },
	{ "vhost packed, 256", PEERS_VHOST, measure, missing,
	  WITH(&dpdk_packed, 256) },
	{ "vhost packed, 1024", PEERS_VHOST, measure, missing,
	  WITH(&dpdk_packed, 1024) },
};

const unsigned peers_ndpdk = BENCH_COUNT(peers_dpdk);
