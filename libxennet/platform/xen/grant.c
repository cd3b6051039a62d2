/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Pages of ours for others, and pages of others here. */
#include "internal.h"

#include <errno.h>
#include <sys/mman.h>

/* What Xen's library makes of it on Linux: a device call and an mmap to map,
 * two and a munmap to unmap; a share takes one more than a map. */
#define MAP_CALLS 2u
#define UNMAP_CALLS 3u
#define SHARE_CALLS 3u
#define UNSHARE_CALLS 1u
#define NOTIFY_CALLS 1u

int xennet_xen_share(void *ctx, uint16_t domid, unsigned n, bool readonly,
		     void **addr, uint32_t *grefs)
{
	struct xennet_xen *p = ctx;
	void *pages;

	if (!p->gntshr)
		return -XENNET_ENOSYS;
	if (n == 0 || n > INT32_MAX)
		return -XENNET_EINVAL;
	p->grant_calls += SHARE_CALLS;
	pages = xengntshr_share_pages(p->gntshr, domid, (int)n, grefs,
				      !readonly);
	if (!pages)
		return xennet_xen_err(errno);
	p->shared += n;
	*addr = pages;
	return 0;
}

int xennet_xen_unshare(void *ctx, void *addr, unsigned n, const uint32_t *grefs)
{
	struct xennet_xen *p = ctx;

	(void)grefs;
	if (!p->gntshr)
		return -XENNET_ENOSYS;
	p->grant_calls += UNSHARE_CALLS;
	if (xengntshr_unshare(p->gntshr, addr, n))
		return xennet_xen_err(errno);
	p->shared -= n;
	return 0;
}

int xennet_xen_map_ring(void *ctx, uint16_t domid, const uint32_t *grefs,
			unsigned n, void **addr)
{
	struct xennet_xen *p = ctx;
	void *pages;

	if (!p->gnttab)
		return -XENNET_ENOSYS;
	p->grant_calls += MAP_CALLS;
	/* it does not write to them */
	pages = xengnttab_map_domain_grant_refs(p->gnttab, n, domid,
						(uint32_t *)(uintptr_t)grefs,
						PROT_READ | PROT_WRITE);
	/* EINVAL is all that the kernel says of a bad reference or domain */
	if (!pages)
		return errno == EINVAL ? -XENNET_ENOENT : xennet_xen_err(errno);
	p->mapped += n;
	*addr = pages;
	return 0;
}

void xennet_xen_unmap_ring(void *ctx, void *addr, unsigned n)
{
	struct xennet_xen *p = ctx;

	if (!p->gnttab)
		return;
	p->grant_calls += UNMAP_CALLS;
	if (xengnttab_unmap(p->gnttab, addr, n) == 0)
		p->mapped -= n;
}

/* The event needs a port that the kernel knows; the kernel holds it open until
 * it has sent it. */
int xennet_xen_share_notify(void *ctx, uint16_t domid, uint32_t offset,
			    uint32_t port, void **addr, uint32_t *gref)
{
	struct xennet_xen *p = ctx;
	void *page;

	if (!p->gntshr)
		return -XENNET_ENOSYS;
	if (offset >= XENNET_PAGE)
		return -XENNET_EINVAL;
	p->grant_calls += SHARE_CALLS + NOTIFY_CALLS;
	page = xengntshr_share_page_notify(p->gntshr, domid, gref, true, offset,
					   port);
	if (!page)
		return xennet_xen_err(errno);
	p->shared++;
	*addr = page;
	return 0;
}

/*
 * One call for each page. Several pages of one call could be unmapped only
 * all together, but each must be gone before its request is answered: a
 * frontend that finds its page still mapped then stops for good. Persistent
 * pages could wait, but cost this once.
 */
void xennet_xen_map(void *ctx, struct xennet_map_op *op, unsigned n)
{
	struct xennet_xen *p = ctx;
	unsigned mapped = 0;

	for (unsigned i = 0; i < n; i++) {
		int prot = op[i].readonly ? PROT_READ : PROT_READ | PROT_WRITE;

		op[i].handle = 0;
		op[i].addr = NULL;
		if (p->gnttab)
			op[i].addr = xengnttab_map_grant_ref(
				p->gnttab, op[i].domid, op[i].gref, prot);
		op[i].status =
			op[i].addr ? XENNET_GNTST_OKAY : XENNET_GNTST_GENERAL;
		mapped += op[i].addr != NULL;
	}
	p->mapped += mapped;
	p->grant_calls += n * MAP_CALLS;
}

void xennet_xen_unmap(void *ctx, struct xennet_map_op *op, unsigned n)
{
	struct xennet_xen *p = ctx;
	unsigned unmapped = 0;

	for (unsigned i = 0; i < n; i++) {
		op[i].status = XENNET_GNTST_GENERAL;
		if (!p->gnttab || !op[i].addr ||
		    xengnttab_unmap(p->gnttab, op[i].addr, 1))
			continue;
		op[i].status = XENNET_GNTST_OKAY;
		unmapped++;
	}
	p->mapped -= unmapped;
	p->grant_calls += n * UNMAP_CALLS;
}
