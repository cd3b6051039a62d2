/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#include "tapvhost.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/vhost.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define DEVICE "/dev/vhost-net"
#define TX 1u /* vhost-net's queue from the guest */

/* A power of two; a burst takes a descriptor for each header and fragment. */
#define SIZE 512u
#define NEED (XENNET_BURST + XENNET_BURST_FRAGS)

/* A second descriptor costs more than to copy so much behind the header. */
#define SMALL XENNET_HEAD

/* All of our memory is the guest's, at the same addresses: as far as a process
 * is given any without asking for more. */
#define BEGIN 0x1000ull
#if defined(__aarch64__)
#define END (1ull << 48)
#else
#define END 0x7ffffffff000ull
#endif

struct avail {
	uint16_t flags;
	_Atomic uint16_t idx;
	uint16_t ring[SIZE];
	_Atomic uint16_t used_event; /* the place it shall signal */
};

struct used {
	uint16_t flags;
	_Atomic uint16_t idx;
	struct vring_used_elem ring[SIZE];
	_Atomic uint16_t avail_event; /* the place we shall kick */
};

/* How a packet begins in the queue. */
struct begin {
	struct virtio_net_hdr header;
	unsigned char data[SMALL];
};

struct tap_vhost {
	struct vring_desc desc[SIZE]; /* aligned as malloc does */
	struct avail avail;
	struct used used;
	struct begin begin[SIZE];
	uint16_t ndesc[SIZE]; /* of the packet at each place */
	uint16_t put, reaped; /* places */
	uint16_t next, nfree; /* descriptors, which are used in turn */
	int fd, kick, call;
};

/* In the order that vhost asks for; it keeps the queue stopped until it has a
 * backend. */
static int set_up(struct tap_vhost *v, int tap)
{
	union {
		struct vhost_memory head;
		char room[sizeof(struct vhost_memory) +
			  sizeof(struct vhost_memory_region)];
	} memory = { { .nregions = 1 } };
	uint64_t features = 1ull << VIRTIO_RING_F_EVENT_IDX;
	struct vhost_vring_state size = { TX, SIZE }, base = { TX, 0 };
	struct vhost_vring_addr addr = {
		.index = TX,
		.desc_user_addr = (uintptr_t)v->desc,
		.avail_user_addr = (uintptr_t)&v->avail,
		.used_user_addr = (uintptr_t)&v->used,
	};
	struct vhost_vring_file kick = { TX, v->kick }, call = { TX, v->call };
	struct vhost_vring_file backend = { TX, tap };

	memory.head.regions[0] =
		(struct vhost_memory_region){ BEGIN, END - BEGIN, BEGIN, 0 };
	if (ioctl(v->fd, VHOST_SET_OWNER) ||
	    ioctl(v->fd, VHOST_SET_FEATURES, &features) ||
	    ioctl(v->fd, VHOST_SET_MEM_TABLE, &memory) ||
	    ioctl(v->fd, VHOST_SET_VRING_NUM, &size) ||
	    ioctl(v->fd, VHOST_SET_VRING_BASE, &base) ||
	    ioctl(v->fd, VHOST_SET_VRING_ADDR, &addr) ||
	    ioctl(v->fd, VHOST_SET_VRING_KICK, &kick) ||
	    ioctl(v->fd, VHOST_SET_VRING_CALL, &call) ||
	    ioctl(v->fd, VHOST_NET_SET_BACKEND, &backend))
		return -errno;
	return 0;
}

struct tap_vhost *tap_vhost_open(int tap)
{
	struct tap_vhost *v = calloc(1, sizeof(*v));

	if (!v)
		return NULL;
	v->nfree = SIZE;
	v->fd = open(DEVICE, O_RDWR | O_CLOEXEC);
	v->kick = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	v->call = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (v->fd >= 0 && v->kick >= 0 && v->call >= 0 && set_up(v, tap) == 0)
		return v;
	tap_vhost_close(v);
	return NULL;
}

/* It reads from our memory until its descriptor is closed. */
void tap_vhost_close(struct tap_vhost *v)
{
	if (!v)
		return;
	if (v->fd >= 0)
		close(v->fd);
	if (v->kick >= 0)
		close(v->kick);
	if (v->call >= 0)
		close(v->call);
	free(v);
}

/* The place up to which all is in the TAP. */
static uint16_t done(struct tap_vhost *v)
{
	return atomic_load_explicit(&v->used.idx, memory_order_acquire);
}

static void reap(struct tap_vhost *v)
{
	uint16_t used = done(v);

	for (; v->reaped != used; v->reaped++)
		v->nfree = (uint16_t)(v->nfree + v->ndesc[v->reaped % SIZE]);
}

bool tap_vhost_room(struct tap_vhost *v)
{
	if (v->nfree < NEED)
		reap(v);
	return v->nfree >= NEED;
}

static struct vring_desc *take(struct tap_vhost *v, const void *addr,
			       size_t len)
{
	struct vring_desc *d = &v->desc[v->next++ % SIZE];

	v->nfree--;
	d->addr = (uintptr_t)addr;
	d->len = (uint32_t)len;
	d->flags = VRING_DESC_F_NEXT;
	d->next = v->next % SIZE;
	return d;
}

/* 1: its bytes must stay. 0, or -errno. */
static int put_one(struct tap_vhost *v, const struct xennet_pkt *pkt)
{
	unsigned at = v->put % SIZE;
	struct begin *b = &v->begin[at];
	bool small = pkt->len <= SMALL && pkt->nfrags == 1;
	size_t len = sizeof(b->header);
	struct vring_desc *d;
	int i, err = tap_header(pkt, &b->header);

	if (err)
		return err;
	v->avail.ring[at] = v->next % SIZE;
	v->ndesc[at] = (uint16_t)(small ? 1 : 1 + pkt->nfrags);
	if (small) {
		memcpy(b->data, pkt->frag[0].addr, pkt->len);
		len += pkt->len;
	}
	d = take(v, b, len);
	for (i = 0; !small && i < pkt->nfrags; i++)
		d = take(v, pkt->frag[i].addr, pkt->frag[i].len);
	d->flags = 0;
	v->put++;
	return !small;
}

/* Whether place lies in what was put since `before`. */
static bool passed(uint16_t place, uint16_t before, uint16_t now)
{
	return (uint16_t)(now - place - 1) < (uint16_t)(now - before);
}

/* vhost writes the place at which it will sleep, then looks once more. */
static void kick(struct tap_vhost *v, uint16_t before)
{
	uint64_t one = 1;
	uint16_t event;

	xennet_mb(); /* our place /before/ its wish; pairs with its look */
	event = atomic_load_explicit(&v->used.avail_event,
				     memory_order_relaxed);
	if (passed(event, before, v->put) &&
	    write(v->kick, &one, sizeof(one)) < 0)
		perror(DEVICE);
}

uint16_t tap_vhost_put(struct tap_vhost *v, const struct xennet_pkt *pkt,
		       unsigned n, int *err)
{
	uint16_t before = v->put, stays = done(v);

	for (unsigned i = 0; i < n; i++) {
		err[i] = put_one(v, &pkt[i]);
		if (err[i] <= 0)
			continue;
		err[i] = 0;
		stays = v->put;
	}
	atomic_store_explicit(&v->avail.idx, v->put, memory_order_release);
	kick(v, before);
	return stays;
}

bool tap_vhost_has(struct tap_vhost *v, uint16_t place)
{
	return (int16_t)(done(v) - place) >= 0;
}

bool tap_vhost_idle(struct tap_vhost *v)
{
	return done(v) == v->put;
}

uint16_t tap_vhost_half(struct tap_vhost *v)
{
	return (uint16_t)(v->put - (uint16_t)(v->put - done(v)) / 2);
}

bool tap_vhost_arm(struct tap_vhost *v, uint16_t place)
{
	atomic_store_explicit(&v->avail.used_event, (uint16_t)(place - 1),
			      memory_order_relaxed);
	xennet_mb(); /* our place /before/ its wish; pairs with its look */
	return !tap_vhost_has(v, place);
}

int tap_vhost_fd(const struct tap_vhost *v)
{
	return v->call;
}

void tap_vhost_wake(struct tap_vhost *v)
{
	uint64_t ignored;

	if (read(v->call, &ignored, sizeof(ignored)) < 0 && errno != EAGAIN)
		perror(DEVICE);
}
