// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* Pages of ours for others. A page's private field has its reference, so that
 * free_pages knows those that could not be revoked. */
#include "internal.h"

static struct page *page_at(void *p, unsigned int i)
{
	return virt_to_page((unsigned char *)p + (size_t)i * XENNET_PAGE);
}

void *xennet_linux_alloc_pages(void *ctx, unsigned int n)
{
	/* each with a count of its own: they may be let go one by one */
	void *p = alloc_pages_exact((size_t)n * XENNET_PAGE,
				    GFP_KERNEL | __GFP_ZERO | __GFP_NOWARN);
	unsigned int i;

	/* which is whatever their last owner left */
	for (i = 0; p && i < n; i++)
		set_page_private(page_at(p, i), 0);
	return p;
}

void xennet_linux_free_pages(void *ctx, void *p, unsigned int n)
{
	struct page *page;
	unsigned int i;
	grant_ref_t ref;

	for (i = 0; i < n; i++) {
		page = page_at(p, i);
		ref = page_private(page);
		set_page_private(page, 0);
		if (ref)
			gnttab_end_foreign_access(ref, page);
		else
			__free_page(page);
	}
}

/* The lock of the kernel's free references is taken once. */
void xennet_linux_grant(void *ctx, uint16_t domid, struct xennet_grant_op *op,
			unsigned int n)
{
	grant_ref_t free;
	int err = gnttab_alloc_grant_references(n, &free);

	for (; n--; op++) {
		op->status = xennet_linux_err(err);
		op->gref = XENNET_GREF_INVALID;
		if (err)
			continue;
		op->gref = gnttab_claim_grant_reference(&free);
		gnttab_grant_foreign_access_ref(
			op->gref, domid, virt_to_gfn(op->addr), op->readonly);
		set_page_private(virt_to_page(op->addr), op->gref);
	}
}

void xennet_linux_ungrant(void *ctx, struct xennet_grant_op *op, unsigned int n)
{
	for (; n--; op++) {
		op->status = -XENNET_EBUSY;
		if (!gnttab_try_end_foreign_access(op->gref))
			continue;
		set_page_private(virt_to_page(op->addr), 0);
		op->status = 0;
	}
}

int xennet_linux_share(void *ctx, uint16_t domid, unsigned int n, bool readonly,
		       void **addr, uint32_t *grefs)
{
	unsigned char *pages = xennet_linux_alloc_pages(ctx, n);
	struct xennet_grant_op op = { .readonly = readonly };
	unsigned int i;

	if (!pages)
		return -XENNET_ENOMEM;
	for (i = 0; i < n; i++) {
		op.addr = pages + (size_t)i * XENNET_PAGE;
		xennet_linux_grant(ctx, domid, &op, 1);
		if (op.status)
			break;
		grefs[i] = op.gref;
	}
	if (i == n) {
		*addr = pages;
		return 0;
	}
	/* nobody was told of those that are granted */
	xennet_linux_free_pages(ctx, pages, n);
	return op.status;
}

int xennet_linux_unshare(void *ctx, void *addr, unsigned int n,
			 const uint32_t *grefs)
{
	struct xennet_grant_op op = {};
	unsigned int i;
	int err = 0;

	for (i = 0; i < n; i++) {
		op.addr = (unsigned char *)addr + (size_t)i * XENNET_PAGE;
		op.gref = grefs[i];
		xennet_linux_ungrant(ctx, &op, 1);
		if (op.status)
			err = op.status;
	}
	xennet_linux_free_pages(ctx, addr, n);
	return err;
}
