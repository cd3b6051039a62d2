/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Pages of ours for others, and pages of others here. */
#include "internal.h"

#include <errno.h>
#include <sys/mman.h>

int xennet_xen_share(void *ctx, uint16_t domid, unsigned n, bool readonly,
		     void **addr, uint32_t *grefs)
{
	struct xennet_xen *p = ctx;
	void *pages;

	if (!p->gntshr)
		return -XENNET_ENOSYS;
	if (n == 0 || n > INT32_MAX)
		return -XENNET_EINVAL;
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

	if (p->gnttab && xengnttab_unmap(p->gnttab, addr, n) == 0)
		p->mapped -= n;
}

/*
 * One call for each page. Several pages of one call could be unmapped only
 * all together, but each must be gone before its request is answered: a
 * frontend that finds its page still mapped then stops for good.
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
}
