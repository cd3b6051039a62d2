/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * A guest's memory as domain 0 sees it: the whole memfd mapped once (the
 * window), checked at join so that nothing the guest does later can make an
 * access fault. It stays until the last mapped page and the last batch are
 * done, though the guest be dead.
 */
#include "internal.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#define SEALS (F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL)

static void release(struct domain *d)
{
	uint32_t dead = DOMAIN_DEAD;

	if (!atomic_compare_exchange_strong(&d->refs, &dead,
					    DOMAIN_DEAD | DOMAIN_FREED))
		return;
	munmap(d->window, (size_t)d->npages * XENNET_PAGE);
	munmap(d->pins, d->ngrants * sizeof(*d->pins));
	close(d->memfd);
	if (d->domid)
		xennet_local_count(d->counters, COUNT_DOMAINS, -1);
}

void xennet_local_domain_keep(struct domain *d, uint32_t n)
{
	atomic_fetch_add(&d->refs, n);
}

void xennet_local_domain_put(struct domain *d, uint32_t n)
{
	if (atomic_fetch_sub(&d->refs, n) - n == DOMAIN_DEAD)
		release(d);
}

/* No new use from now on. */
void xennet_local_domain_kill(struct domain *d)
{
	if (atomic_fetch_or(&d->refs, DOMAIN_DEAD) == 0)
		release(d);
}

static struct domain *get(struct domains *all, uint16_t domid)
{
	struct domain *d;

	if (!all || domid >= DOMIDS)
		return NULL;
	d = atomic_load_explicit(&all->at[domid], memory_order_acquire);
	if (!d)
		return NULL;
	if (!(atomic_fetch_add(&d->refs, 1) & DOMAIN_DEAD))
		return d;
	xennet_local_domain_put(d, 1);
	return NULL;
}

struct domain *xennet_local_held(struct held *h, uint16_t domid)
{
	struct domain *d;

	for (unsigned i = 0; i < h->n; i++)
		if (h->d[i]->domid == domid)
			return h->d[i];
	d = get(h->all, domid);
	if (d)
		h->d[h->n++] = d;
	return d;
}

void xennet_local_held_put(struct held *h)
{
	while (h->n)
		xennet_local_domain_put(h->d[--h->n], 1);
}

/*
 * -XENNET_EACCESS: not ordinary memory sealed against a change of size. Huge
 * pages may run out under an access, so they are no ordinary memory.
 */
static int check(int memfd, uint32_t *npages)
{
	int seals = fcntl(memfd, F_GET_SEALS);
	struct statfs fs;
	struct stat st;

	if (seals < 0 || (seals & SEALS) != SEALS)
		return -XENNET_EACCESS;
	if (fstatfs(memfd, &fs) != 0 || fs.f_type != TMPFS_MAGIC ||
	    fstat(memfd, &st) != 0)
		return -XENNET_EACCESS;
	if (st.st_size % XENNET_PAGE ||
	    st.st_size < (off_t)PAGES_MIN * XENNET_PAGE ||
	    st.st_size > (off_t)PAGES_MAX * XENNET_PAGE)
		return -XENNET_EINVAL;
	*npages = (uint32_t)(st.st_size / XENNET_PAGE);
	return 0;
}

static struct domain *make(struct domains *all, uint16_t domid)
{
	struct domain *d = calloc(1, sizeof(*d));

	if (!d)
		return NULL;
	d->domid = domid;
	atomic_store(&d->refs, DOMAIN_DEAD | DOMAIN_FREED);
	atomic_store(&all->at[domid], d);
	return d;
}

/* The next number that is free; long after its last use. */
static struct domain *slot(struct domains *all)
{
	struct domain *d;

	for (uint32_t i = 1; i < DOMIDS; i++) {
		all->last = (uint16_t)(all->last % (DOMIDS - 1) + 1);
		d = atomic_load(&all->at[all->last]);
		if (d && atomic_load(&d->refs) == (DOMAIN_DEAD | DOMAIN_FREED))
			return d;
		if (d)
			continue;
		return make(all, all->last);
	}
	return NULL;
}

/* Takes memfd over when it succeeds. */
int xennet_local_domain_add(struct domains *all, struct counters *counters,
			    int memfd, bool own, struct domain **out)
{
	uint32_t npages, ngrants;
	void *window, *pins;
	struct domain *d;
	int err;

	err = check(memfd, &npages);
	if (err)
		return err;
	ngrants = grant_pages(npages) * (uint32_t)GRANTS_PER_PAGE;
	window = mmap(NULL, (size_t)npages * XENNET_PAGE,
		      PROT_READ | PROT_WRITE, MAP_SHARED, memfd, 0);
	if (window == MAP_FAILED)
		return -XENNET_EACCESS;
	pins = mmap(NULL, ngrants * sizeof(struct pin), PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (pins == MAP_FAILED)
		goto unmap_window;
	d = own ? make(all, 0) : slot(all);
	if (!d)
		goto unmap_pins;
	d->memfd = memfd;
	d->npages = npages;
	d->ngrants = ngrants;
	d->window = window;
	d->pins = pins;
	d->counters = counters;
	if (!own)
		xennet_local_count(counters, COUNT_DOMAINS, 1);
	/* fields /before/ life; a late look-up may hold a use of its own */
	atomic_fetch_and(&d->refs, ~(DOMAIN_DEAD | DOMAIN_FREED));
	*out = d;
	return 0;
unmap_pins:
	munmap(pins, ngrants * sizeof(struct pin));
unmap_window:
	munmap(window, (size_t)npages * XENNET_PAGE);
	return -XENNET_ENOMEM;
}

void xennet_local_domains_free(struct domains *all)
{
	struct domain *d;

	for (uint32_t i = 0; i < DOMIDS; i++) {
		d = atomic_load(&all->at[i]);
		if (!d)
			continue;
		/* what is still mapped stays so, but nobody names it again */
		atomic_store(&d->refs, DOMAIN_DEAD | (atomic_load(&d->refs) &
						      DOMAIN_FREED));
		release(d);
		free(d);
	}
}
