/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Memory of ours, and what others may see of it. */
#include "internal.h"

#include <mini-os/os.h>
#include <mini-os/mm.h>
#include <mini-os/gnttab.h>
#include <mini-os/xmalloc.h>

/* Mini-OS's grant table has so many entries. */
#define GREFS 2048u

/* Pages that are ours again once their peer lets go, by grant. To remember one
 * takes no memory. */
static void *kept[GREFS];
static unsigned nkept, ngrants;

static void put_pages(void *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free_pages((unsigned char *)p + i * XENNET_PAGE, 0);
}

/* Mini-OS gives powers of two; what is too much goes back at once. */
static void *take_pages(size_t n)
{
	int order = get_order(n * XENNET_PAGE);
	unsigned char *p = (unsigned char *)alloc_pages(order);

	if (!p)
		return NULL;
	put_pages(p + n * XENNET_PAGE, ((size_t)1 << order) - n);
	return memset(p, 0, n * XENNET_PAGE);
}

static size_t pages_of(size_t size)
{
	return size / XENNET_PAGE + (size % XENNET_PAGE != 0);
}

void *xennet_minios_alloc(void *ctx, size_t size)
{
	void *p;

	if (size >= XENNET_PAGE)
		return take_pages(pages_of(size));
	p = _xmalloc(size, XENNET_CACHE_LINE);
	return p ? memset(p, 0, size) : NULL;
}

void xennet_minios_free(void *ctx, void *p, size_t size)
{
	if (size < XENNET_PAGE)
		xfree(p);
	else if (p)
		put_pages(p, pages_of(size));
}

static bool revoke(uint32_t gref)
{
	bool revoked = gnttab_end_access(gref);

	ngrants -= revoked;
	return revoked;
}

static void reap(void)
{
	for (uint32_t gref = 0; nkept && gref < GREFS; gref++) {
		if (!kept[gref] || !revoke(gref))
			continue;
		put_pages(kept[gref], 1);
		kept[gref] = NULL;
		nkept--;
	}
}

int xennet_minios_share(void *ctx, uint16_t domid, unsigned n, bool readonly,
			void **addr, uint32_t *grefs)
{
	unsigned char *p;

	if (n == 0)
		return -XENNET_EINVAL;
	reap();
	if (n > XENNET_MINIOS_GRANTS - ngrants)
		return -XENNET_ENOSPC;
	p = take_pages(n);
	if (!p)
		return -XENNET_ENOMEM;
	for (unsigned i = 0; i < n; i++) {
		unsigned long at = (unsigned long)p + i * XENNET_PAGE;

		grefs[i] =
			gnttab_grant_access(domid, virt_to_mfn(at), readonly);
	}
	ngrants += n;
	*addr = p;
	return 0;
}

int xennet_minios_unshare(void *ctx, void *addr, unsigned n,
			  const uint32_t *grefs)
{
	unsigned char *page = addr;
	int err = 0;

	for (unsigned i = 0; i < n; i++, page += XENNET_PAGE) {
		if (revoke(grefs[i])) {
			put_pages(page, 1);
			continue;
		}
		err = -XENNET_EBUSY;
		if (grefs[i] >= GREFS) /* a larger table than we know */
			continue;
		kept[grefs[i]] = page;
		nkept++;
	}
	return err;
}
