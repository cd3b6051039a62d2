/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * map_ring: the pages of a ring one after another, wherever they lie in the
 * guest. The address range is reserved first; each page then takes its place.
 */
#include "internal.h"

#include <stdlib.h>
#include <sys/mman.h>

struct ring_map {
	struct ring_map *next;
	struct domain *d;
	unsigned char *addr;
	unsigned n;
	uint32_t gref[];
};

static int place(struct xennet_local *p, struct ring_map *m, unsigned i)
{
	uint32_t frame;
	void *at = m->addr + (size_t)i * XENNET_PAGE;

	if (xennet_local_pin(m->d, m->gref[i], true, &frame))
		return -XENNET_ENOENT;
	xennet_local_count(&p->counters, COUNT_MMAPS, 1);
	if (mmap(at, XENNET_PAGE, PROT_READ | PROT_WRITE,
		 MAP_SHARED | MAP_FIXED | MAP_POPULATE, m->d->memfd,
		 (off_t)frame * XENNET_PAGE) != MAP_FAILED)
		return 0;
	xennet_local_unpin(m->d, m->gref[i], true);
	return -XENNET_ENOMEM;
}

/* The range and the first n pages in it. */
static void unplace(struct xennet_local *p, struct ring_map *m, unsigned n)
{
	munmap(m->addr, (size_t)m->n * XENNET_PAGE);
	xennet_local_count(&p->counters, COUNT_MUNMAPS, 1);
	for (unsigned i = 0; i < n; i++)
		xennet_local_unpin(m->d, m->gref[i], true);
}

static int map_all(struct xennet_local *p, struct ring_map *m)
{
	unsigned i;
	int err = 0;

	m->addr = mmap(NULL, (size_t)m->n * XENNET_PAGE, PROT_NONE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (m->addr == MAP_FAILED)
		return -XENNET_ENOMEM;
	for (i = 0; i < m->n && !err; i++)
		err = place(p, m, i);
	if (!err)
		return 0;
	unplace(p, m, i - 1);
	return err;
}

int xennet_local_map_ring(void *ctx, uint16_t domid, const uint32_t *grefs,
			  unsigned n, void **addr)
{
	struct xennet_local *p = ctx;
	struct held h = { .all = p->server ? &p->server->domains : NULL };
	struct ring_map *m;
	int err = -XENNET_EGONE;

	if (n == 0)
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
	xennet_local_domain_keep(m->d, n);
	xennet_local_count(&p->counters, COUNT_MAPPED, n);
	pthread_mutex_lock(&p->lock);
	m->next = p->rings;
	p->rings = m;
	pthread_mutex_unlock(&p->lock);
	xennet_local_held_put(&h);
	*addr = m->addr;
	return 0;
put:
	xennet_local_held_put(&h);
	free(m);
	return err;
}

static struct ring_map *take(struct xennet_local *p, const void *addr)
{
	struct ring_map **at = &p->rings, *m;

	pthread_mutex_lock(&p->lock);
	while (*at && (*at)->addr != addr)
		at = &(*at)->next;
	m = *at;
	if (m)
		*at = m->next;
	pthread_mutex_unlock(&p->lock);
	return m;
}

void xennet_local_unmap_ring(void *ctx, void *addr, unsigned n)
{
	struct xennet_local *p = ctx;
	struct ring_map *m = take(p, addr);

	(void)n;
	if (!m)
		return;
	unplace(p, m, m->n);
	xennet_local_count(&p->counters, COUNT_MAPPED, -(int64_t)m->n);
	xennet_local_domain_put(m->d, m->n);
	free(m);
}

void xennet_local_rings_unmap(struct xennet_local *p)
{
	while (p->rings)
		xennet_local_unmap_ring(p, p->rings->addr, p->rings->n);
}
