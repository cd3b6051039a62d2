/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#include <stdio.h>
#include <unistd.h>

#include "peers_dpdk.h"

#define BUFFER 2048u	  /* memif's default */
#define BUFFER_BULK 4096u /* as many bytes under way as in our ring */

static void describe_memif(char *option, size_t room, const char *options,
			   unsigned ring, const struct peers_place *p,
			   const struct peers_cell *cell)
{
	unsigned log = 0;

	while (1u << log < ring)
		log++;
	snprintf(option, room,
		 "net_memif0,%s,socket=%s/memif,socket-abstract=no,rsize=%u,"
		 "bsize=%u",
		 options, p->site.dir, log,
		 cell->size <= BUFFER ? BUFFER : BUFFER_BULK);
}

/* The front is virtio-user, and has options; vhost takes what it is given. */
static void describe_vhost(char *option, size_t room, const char *options,
			   unsigned ring, const struct peers_place *p,
			   const struct peers_cell *cell)
{
	(void)cell;
	if (options)
		snprintf(option, room,
			 "net_virtio_user0,mac=02:00:00:00:00:01,"
			 "path=%s/vhost,queue_size=%u,%s",
			 p->site.dir, ring, options);
	else
		snprintf(option, room, "net_vhost0,iface=%s/vhost,queues=1",
			 p->site.dir);
}

void dpdk_describe(struct dpdk_option *o, const struct dpdk_peer *peer,
		   const struct peers_place *p, const struct peers_cell *cell)
{
	const struct dpdk_device *d = peer->device;

	d->describe(o->front, sizeof(o->front), d->front, peer->ring, p, cell);
	d->describe(o->back, sizeof(o->back), d->back, peer->ring, p, cell);
}

static void remove_socket(const struct peers_place *p, const char *name)
{
	char path[96];

	snprintf(path, sizeof(path), "%s/%s", p->site.dir, name);
	unlink(path);
}

void dpdk_clear(const struct peers_place *p)
{
	remove_socket(p, "memif");
	remove_socket(p, "vhost");
}

/* vhost is told of the memory file by file, and takes only so many. */
const char *dpdk_pages(const struct peers_place *p)
{
	return p->huge ? "--single-file-segments" : "--no-huge";
}

const struct dpdk_device dpdk_memif = {
	.front = "role=client",
	.back = "role=server",
	.describe = describe_memif,
};

const struct dpdk_device dpdk_memif_zc = {
	.front = "role=client,zero-copy=yes",
	.back = "role=server",
	.describe = describe_memif,
	.zero_copy = true,
};

const struct dpdk_device dpdk_split = {
	.front = "packed_vq=0,in_order=1,mrg_rxbuf=0",
	.describe = describe_vhost,
};

const struct dpdk_device dpdk_packed = {
	.front = "packed_vq=1,in_order=1,mrg_rxbuf=0,vectorized=1",
	.describe = describe_vhost,
};
