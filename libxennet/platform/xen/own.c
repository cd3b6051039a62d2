/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Memory for copies: pages granted to ourselves. Xen copies between two grants
 * by itself, where other memory of ours has to be pinned and looked up by the
 * kernel for each copy. They lie in one window of addresses, so that a page's
 * reference is found by its place.
 */
#include "internal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

/* So much is had even when others have the most of what gntalloc gives. */
#define SMALL 16u
#define LIMIT "/sys/module/xen_gntalloc/parameters/limit"
#define LIMIT_DEFAULT 1024u

static unsigned limit(void)
{
	FILE *f = fopen(LIMIT, "re");
	unsigned n;

	if (!f || fscanf(f, "%u", &n) != 1)
		n = LIMIT_DEFAULT;
	if (f)
		fclose(f);
	return n;
}

int xennet_xen_own_open(struct xennet_xen *p)
{
	void *m = mmap(NULL, (size_t)OWN_PAGES * XENNET_PAGE, PROT_NONE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (m == MAP_FAILED)
		return -XENNET_ENOMEM;
	p->own = m;
	p->own_limit = limit();
	p->own_gref = calloc(OWN_PAGES, sizeof(*p->own_gref));
	return p->own_gref ? 0 : -XENNET_ENOMEM;
}

void xennet_xen_own_close(struct xennet_xen *p)
{
	if (p->own)
		munmap(p->own, (size_t)OWN_PAGES * XENNET_PAGE);
	free(p->own_gref);
}

/* The first of n that are free one after another, or OWN_PAGES. */
static unsigned find(const struct xennet_xen *p, unsigned n)
{
	unsigned i, run = 0;

	for (i = 0; i < OWN_PAGES && run < n; i++)
		run = p->own_gref[i] ? 0 : run + 1;
	return run == n ? i - n : OWN_PAGES;
}

static void *move_in(struct xennet_xen *p, void *from, unsigned n,
		     const uint32_t *gref)
{
	size_t size = (size_t)n * XENNET_PAGE;
	unsigned at = find(p, n);
	void *to;

	if (at == OWN_PAGES)
		return NULL;
	to = mremap(from, size, size, MREMAP_MAYMOVE | MREMAP_FIXED,
		    p->own + (size_t)at * XENNET_PAGE);
	if (to == MAP_FAILED)
		return NULL;
	memcpy(p->own_gref + at, gref, n * sizeof(*gref));
	p->own_used += n;
	return to;
}

void *xennet_xen_copy_alloc(void *ctx, unsigned pages)
{
	struct xennet_xen *p = ctx;
	void *m = NULL, *from;
	uint32_t *gref;

	if (!p->gnttab || !p->gntshr || pages == 0)
		return NULL;
	gref = calloc(pages, sizeof(*gref));
	pthread_mutex_lock(&p->lock);
	if (gref &&
	    (pages <= SMALL || p->own_used + pages <= p->own_limit / 2) &&
	    xennet_xen_share(p, p->domid, pages, false, &from, gref) == 0) {
		m = move_in(p, from, pages, gref);
		if (!m)
			xennet_xen_unshare(p, from, pages, gref);
	}
	pthread_mutex_unlock(&p->lock);
	free(gref);
	return m;
}

/* What is mapped in their place takes them out, and keeps it. */
void xennet_xen_copy_free(void *ctx, void *addr, unsigned pages)
{
	size_t size = (size_t)pages * XENNET_PAGE;
	struct xennet_xen *p = ctx;
	size_t at = (size_t)((unsigned char *)addr - p->own) / XENNET_PAGE;

	pthread_mutex_lock(&p->lock);
	if (mmap(addr, size, PROT_NONE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1,
		 0) == addr) {
		memset(p->own_gref + at, 0, pages * sizeof(*p->own_gref));
		p->own_used -= pages;
		p->shared -= pages;
		p->grant_calls++;
	}
	pthread_mutex_unlock(&p->lock);
}
