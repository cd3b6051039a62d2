/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * map_ring: the pages of a ring one after another, wherever they lie in the
 * guest. Where they follow each other there, they do so in the window too, and
 * the kernel need not know one mapping more. Else an address range is reserved,
 * and each page takes its place in it.
 */
#include "internal.h"

#include <stdlib.h>
#include <sys/mman.h>

#define RING_PAGES_MAX 64u

struct ring_map {
	struct link link;
	struct domain *d;
	unsigned char *addr;
	unsigned n;
	bool placed; /* not in the window */
	uint32_t gref[];
};

static void unpin(struct ring_map *m, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		xennet_local_unpin(m->d, m->gref[i], true);
}

static int pin(struct ring_map *m, uint32_t *frame)
{
	for (unsigned i = 0; i < m->n; i++) {
		if (xennet_local_pin(m->d, m->gref[i], true, &frame[i])) {
			unpin(m, i);
			return -XENNET_ENOENT;
		}
	}
	return 0;
}

static bool neighbours(const uint32_t *frame, unsigned n)
{
	for (unsigned i = 1; i < n; i++)
		if (frame[i] != frame[0] + i)
			return false;
	return true;
}

static int place(struct xennet_local *p, struct ring_map *m,
		 const uint32_t *frame)
{
	void *at;

	m->addr = mmap(NULL, (size_t)m->n * XENNET_PAGE, PROT_NONE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (m->addr == MAP_FAILED)
		return -XENNET_ENOMEM;
	for (unsigned i = 0; i < m->n; i++) {
		at = m->addr + (size_t)i * XENNET_PAGE;
		xennet_local_count(&p->counters, COUNT_MMAPS, 1);
		if (mmap(at, XENNET_PAGE, PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_FIXED | MAP_POPULATE, m->d->memfd,
			 (off_t)frame[i] * XENNET_PAGE) == MAP_FAILED) {
			munmap(m->addr, (size_t)m->n * XENNET_PAGE);
			return -XENNET_ENOMEM;
		}
	}
	m->placed = true;
	return 0;
}

static int map_pinned(struct xennet_local *p, struct ring_map *m,
		      const uint32_t *frame)
{
	if (!neighbours(frame, m->n))
		return place(p, m, frame);
	m->addr = m->d->window + (size_t)frame[0] * XENNET_PAGE;
	m->placed = false;
	return 0;
}

static int map_all(struct xennet_local *p, struct ring_map *m)
{
	uint32_t frame[RING_PAGES_MAX];
	int err = pin(m, frame);

	if (err)
		return err;
	err = map_pinned(p, m, frame);
	if (err)
		unpin(m, m->n);
	return err;
}

static void unmap_all(struct xennet_local *p, struct ring_map *m)
{
	if (m->placed) {
		munmap(m->addr, (size_t)m->n * XENNET_PAGE);
		xennet_local_count(&p->counters, COUNT_MUNMAPS, 1);
	}
	unpin(m, m->n);
}

static uint32_t hash_of(const void *addr)
{
	return xennet_local_hash(HASH_START, &addr, sizeof(addr));
}

int xennet_local_map_ring(void *ctx, uint16_t domid, const uint32_t *grefs,
			  unsigned n, void **addr)
{
	struct xennet_local *p = ctx;
	struct held h = { .all = p->server ? &p->server->domains : NULL };
	struct ring_map *m;
	int err = -XENNET_EGONE;

	if (n == 0 || n > RING_PAGES_MAX)
		return -XENNET_EINVAL;
	m = malloc(sizeof(*m) + n * sizeof(*grefs));
	if (!m)
		return -XENNET_ENOMEM;
	memcpy(m->gref, grefs, n * sizeof(*grefs));
	m->n = n;
	m->d = xennet_local_held(&h, domid);
	if (m->d)
		err = map_all(p, m);
	if (err)
		goto put;
	pthread_mutex_lock(&p->lock);
	err = xennet_local_index_add(&p->rings, &m->link, hash_of(m->addr));
	pthread_mutex_unlock(&p->lock);
	if (err)
		goto unmap;
	xennet_local_domain_keep(m->d, n);
	xennet_local_count(&p->counters, COUNT_MAPPED, n);
	xennet_local_held_put(&h);
	*addr = m->addr;
	return 0;
unmap:
	unmap_all(p, m);
put:
	xennet_local_held_put(&h);
	free(m);
	return err;
}

static struct ring_map *take(struct xennet_local *p, const void *addr,
			     unsigned n)
{
	struct ring_map *m;
	struct link *l;

	pthread_mutex_lock(&p->lock);
	l = xennet_local_index_first(&p->rings, hash_of(addr));
	for (; l; l = xennet_local_index_next(l)) {
		m = (struct ring_map *)(void *)l;
		if (m->addr == addr && m->n == n)
			break;
	}
	if (l)
		xennet_local_index_remove(&p->rings, l);
	pthread_mutex_unlock(&p->lock);
	return (struct ring_map *)(void *)l;
}

static void end(struct xennet_local *p, struct ring_map *m)
{
	unmap_all(p, m);
	xennet_local_count(&p->counters, COUNT_MAPPED, -(int64_t)m->n);
	xennet_local_domain_put(m->d, m->n);
	free(m);
}

void xennet_local_unmap_ring(void *ctx, void *addr, unsigned n)
{
	struct ring_map *m = take(ctx, addr, n);

	if (m)
		end(ctx, m);
}

void xennet_local_rings_unmap(struct xennet_local *p)
{
	struct link *l;

	for (uint32_t i = 0; p->rings.n && i <= p->rings.mask; i++) {
		while ((l = p->rings.bucket[i])) {
			xennet_local_index_remove(&p->rings, l);
			end(p, (struct ring_map *)(void *)l);
		}
	}
}
