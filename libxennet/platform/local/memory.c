/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * A guest's own memory: a sealed memfd, its grant table first, the rest given
 * out by pages. A page is given out empty: its old content is punched out of
 * the memfd when it comes back. One that is still granted when it comes back
 * is quarantined until its grants can be revoked (G6).
 */
#include "internal.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

enum { PAGE_FREE, PAGE_USED, PAGE_QUARANTINED };

static int make_memfd(uint32_t npages)
{
	int fd = memfd_create("xennet-guest", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd < 0)
		return -1;
	if (ftruncate(fd, (off_t)npages * XENNET_PAGE) == 0 &&
	    fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) ==
		    0)
		return fd;
	close(fd);
	return -1;
}

static void chain_grefs(struct memory *m)
{
	for (uint32_t g = XENNET_GREF_FIRST; g + 1 < m->ngrants; g++)
		atomic_store(&m->link[g], g + 1);
	atomic_store(&m->link[m->ngrants - 1], 0);
	atomic_store(&m->free, XENNET_GREF_FIRST);
}

int xennet_local_memory_init(struct memory *m, uint32_t npages,
			     struct counters *counters)
{
	m->npages = npages;
	m->counters = counters;
	m->first = m->hint = grant_pages(npages);
	m->ngrants = m->first * (uint32_t)GRANTS_PER_PAGE;
	m->state = calloc(npages, 1);
	m->granted = calloc(npages, sizeof(*m->granted));
	m->link = calloc(m->ngrants, sizeof(*m->link));
	m->memfd = make_memfd(npages);
	if (!m->state || !m->granted || !m->link || m->memfd < 0)
		goto fail;
	m->base = mmap(NULL, (size_t)npages * XENNET_PAGE,
		       PROT_READ | PROT_WRITE, MAP_SHARED, m->memfd, 0);
	if (m->base == MAP_FAILED)
		goto fail;
	chain_grefs(m);
	pthread_mutex_init(&m->lock, NULL);
	return 0;
fail:
	m->base = NULL;
	xennet_local_memory_free(m);
	return -XENNET_ENOMEM;
}

void xennet_local_memory_free(struct memory *m)
{
	if (m->base) {
		munmap(m->base, (size_t)m->npages * XENNET_PAGE);
		pthread_mutex_destroy(&m->lock);
	}
	if (m->memfd >= 0)
		close(m->memfd);
	free(m->link);
	free(m->granted);
	free(m->state);
}

/* 0, which is the grant table's: no page that was given out. */
uint32_t xennet_local_frame(const struct memory *m, const void *addr)
{
	uintptr_t off = (uintptr_t)addr - (uintptr_t)m->base;

	if (off % XENNET_PAGE || off / XENNET_PAGE >= m->npages ||
	    off / XENNET_PAGE < m->first)
		return 0;
	return (uint32_t)(off / XENNET_PAGE);
}

static void empty(struct memory *m, uint32_t first, uint32_t n)
{
	memset(m->state + first, PAGE_FREE, n);
	if (fallocate(m->memfd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
		      (off_t)first * XENNET_PAGE, (off_t)n * XENNET_PAGE))
		memset(m->base + (size_t)first * XENNET_PAGE, 0,
		       (size_t)n * XENNET_PAGE);
}

/* What the peer let go of since: revoked, then free. */
static void sweep(struct memory *m)
{
	uint32_t frame;

	for (uint32_t g = XENNET_GREF_FIRST; g < m->ngrants; g++) {
		/* to a page in quarantine it stays so: nobody else ends it */
		frame = atomic_load(&m->link[g]);
		if (!(frame & LINK_GRANTED))
			continue;
		if (m->state[frame & ~LINK_GRANTED] == PAGE_QUARANTINED &&
		    xennet_local_revoke(m, g) == 0)
			xennet_local_gref_put(m, g, g);
	}
	for (frame = m->first; frame < m->npages; frame++) {
		if (m->state[frame] != PAGE_QUARANTINED ||
		    atomic_load(&m->granted[frame]))
			continue;
		empty(m, frame, 1);
		m->nquarantined--;
		xennet_local_count(m->counters, COUNT_QUARANTINED, -1);
	}
}

void xennet_local_sweep(struct memory *m)
{
	pthread_mutex_lock(&m->lock);
	if (m->nquarantined)
		sweep(m);
	pthread_mutex_unlock(&m->lock);
}

/* The first of n free pages in [from, to); 0: there are none. */
static uint32_t find(const struct memory *m, uint32_t from, uint32_t to,
		     unsigned n)
{
	uint32_t run = 0;

	for (uint32_t f = from; f < to; f++) {
		run = m->state[f] == PAGE_FREE ? run + 1 : 0;
		if (run == n)
			return f + 1 - n;
	}
	return 0;
}

void *xennet_local_alloc_pages(void *ctx, unsigned n)
{
	struct memory *m = &((struct xennet_local *)ctx)->memory;
	uint32_t frame = 0;

	if (n == 0)
		return NULL;
	pthread_mutex_lock(&m->lock);
	if (m->nquarantined)
		sweep(m);
	frame = find(m, m->hint, m->npages, n);
	if (!frame)
		frame = find(m, m->first, m->npages, n);
	if (frame) {
		memset(m->state + frame, PAGE_USED, n);
		m->hint = frame + n;
	}
	pthread_mutex_unlock(&m->lock);
	return frame ? m->base + (size_t)frame * XENNET_PAGE : NULL;
}

/* Pages not granted any more are free at once, together. */
static uint32_t free_run(struct memory *m, uint32_t frame, uint32_t n)
{
	uint32_t run = 0;

	while (run < n && !atomic_load(&m->granted[frame + run]))
		run++;
	if (run) {
		empty(m, frame, run);
		return run;
	}
	m->state[frame] = PAGE_QUARANTINED;
	m->nquarantined++;
	xennet_local_count(m->counters, COUNT_QUARANTINED, 1);
	return 1;
}

void xennet_local_free_pages(void *ctx, void *p, unsigned n)
{
	struct memory *m = &((struct xennet_local *)ctx)->memory;
	uint32_t frame = xennet_local_frame(m, p), done;

	if (!frame || n > m->npages - frame)
		return;
	pthread_mutex_lock(&m->lock);
	for (; n; frame += done, n -= done)
		done = free_run(m, frame, n);
	if (m->nquarantined)
		sweep(m);
	pthread_mutex_unlock(&m->lock);
}
