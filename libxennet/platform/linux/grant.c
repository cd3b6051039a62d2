// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* Pages of ours for others. A page's private field has its reference, so that
 * free_pages knows those that could not be revoked. */
#include "internal.h"

static void *at(void *pages, unsigned int i)
{
	return pages + i * PAGE_SIZE;
}

#define HOW (GFP_KERNEL | __GFP_ZERO | __GFP_NOWARN)

/* Whose private field is whatever their last owner left. */
static void *ours(void *pages, unsigned int n)
{
	unsigned int i;

	for (i = 0; pages && i < n; i++)
		set_page_private(page_of(at(pages, i)), 0);
	return pages;
}

/* In the linear map. Each has a count of its own: they may be let go one by
 * one, and a copy finds their frames without a walk. */
static void *get_linear(void *ctx, unsigned int n)
{
	return ours(alloc_pages_exact(n * PAGE_SIZE, HOW | __GFP_NORETRY), n);
}

/* Or from here and there, where no memory is of that length. */
static void *get_pages(void *ctx, unsigned int n)
{
	return get_linear(ctx, n) ?: ours(__vmalloc(n * PAGE_SIZE, HOW), n);
}

static void put_pages(void *ctx, void *p, unsigned int n)
{
	bool linear = !is_vmalloc_addr(p);
	struct page *page;
	unsigned int i;
	grant_ref_t ref;

	for (i = 0; i < n; i++) {
		page = page_of(at(p, i));
		ref = page_private(page);
		set_page_private(page, 0);
		if (!linear)
			get_page(page); /* vfree lets go of it as well */
		if (ref)
			gnttab_end_foreign_access(ref, page);
		else
			put_page(page);
	}
	if (!linear)
		vfree(p);
}

/* The lock of the kernel's free references is taken once. */
static void grant(void *ctx, uint16_t domid, struct xennet_grant_op *op,
		  unsigned int n)
{
	struct page *page;
	grant_ref_t free;
	int err = gnttab_alloc_grant_references(n, &free);

	for (; n--; op++) {
		op->status = xennet_linux_err(err);
		op->gref = XENNET_GREF_INVALID;
		if (err)
			continue;
		op->gref = gnttab_claim_grant_reference(&free);
		page = page_of(op->addr);
		gnttab_grant_foreign_access_ref(
			op->gref, domid, xen_page_to_gfn(page), op->readonly);
		set_page_private(page, op->gref);
	}
}

static void ungrant(void *ctx, struct xennet_grant_op *op, unsigned int n)
{
	for (; n--; op++) {
		bool ended = gnttab_try_end_foreign_access(op->gref);

		op->status = ended ? 0 : -XENNET_EBUSY;
		if (ended)
			set_page_private(page_of(op->addr), 0);
	}
}

static int share(void *ctx, uint16_t domid, unsigned int n, bool readonly,
		 void **addr, uint32_t *grefs)
{
	struct xennet_grant_op op = { .readonly = readonly };
	void *pages = get_pages(ctx, n);
	unsigned int i;

	if (!pages)
		return -XENNET_ENOMEM;
	for (i = 0; i < n && !op.status; i++) {
		op.addr = at(pages, i);
		grant(ctx, domid, &op, 1);
		grefs[i] = op.gref;
	}
	/* nobody was told of those that are granted */
	if (op.status)
		put_pages(ctx, pages, n);
	else
		*addr = pages;
	return op.status;
}

static int unshare(void *ctx, void *addr, unsigned int n, const uint32_t *grefs)
{
	unsigned int i;
	int err = 0;

	for (i = 0; i < n; i++) {
		if (gnttab_try_end_foreign_access(grefs[i]))
			set_page_private(page_of(at(addr, i)), 0);
		else
			err = -XENNET_EBUSY;
	}
	put_pages(ctx, addr, n);
	return err;
}

void xennet_linux_grant_init(struct xennet_ops *ops)
{
	ops->alloc_pages = get_pages;
	ops->copy_alloc = get_linear;
	ops->free_pages = ops->copy_free = put_pages;
	ops->share = share;
	ops->unshare = unshare;
	ops->grant = grant;
	ops->ungrant = ungrant;
}
