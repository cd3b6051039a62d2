// SPDX-License-Identifier: MIT OR GPL-2.0-only
/* Pages of others: mapped here, or copied by the hypervisor, a batch with one
 * hypercall. */
#include "internal.h"

#include <asm/xen/hypercall.h>
#include <linux/module.h>
#include <linux/percpu.h>

#define CHUNK 64u

/* A hypercall's operations: too many for a stack. A processor's, with softirqs
 * off. The lock is never waited for, but where those do not exclude each other,
 * as in kernels for real time. */
struct scratch {
	spinlock_t lock;
	union {
		struct gnttab_copy copy[CHUNK];
		struct gnttab_map_grant_ref map[CHUNK];
		struct gnttab_unmap_grant_ref unmap[CHUNK];
	};
	struct page *page[CHUNK];
};

static struct scratch __percpu *scratch;

static struct scratch *get_scratch(void) __acquires(scratch)
{
	struct scratch *s;

	local_bh_disable();
	s = this_cpu_ptr(scratch);
	spin_lock(&s->lock);
	return s;
}

static void put_scratch(struct scratch *s) __releases(scratch)
{
	spin_unlock(&s->lock);
	local_bh_enable();
}

/* --- copies */

/* One end of a copy; the flag, if it is a grant. A page that is itself mapped
 * from a domain is named as that granted it. */
static u16 fill_end(struct gnttab_copy_ptr *to,
		    const struct xennet_copy_end *from, u16 flag)
{
	struct xen_page_foreign *foreign;
	struct page *page;

	to->u.ref = from->gref;
	to->domid = from->domid;
	to->offset = from->offset;
	if (!from->addr)
		return flag;
	to->offset = offset_in_page(from->addr);
	page = page_of(from->addr);
	/* one that is swapped has the flag as well */
	foreign = PagePrivate(page) ? xen_page_foreign(page) : NULL;
	if (foreign) {
		to->u.ref = foreign->gref;
		to->domid = foreign->domid;
		return flag;
	}
	to->u.gmfn = xen_page_to_gfn(page);
	to->domid = DOMID_SELF;
	return 0;
}

static void copy_chunk(struct gnttab_copy *seg, struct xennet_copy_op *op,
		       unsigned int n)
{
	unsigned int i;
	int err;

	for (i = 0; i < n; i++) {
		seg[i].flags = fill_end(&seg[i].source, &op[i].src,
					GNTCOPY_source_gref);
		seg[i].flags |=
			fill_end(&seg[i].dest, &op[i].dst, GNTCOPY_dest_gref);
		seg[i].len = op[i].len;
		seg[i].status = XENNET_GNTST_GENERAL;
	}
	err = HYPERVISOR_grant_table_op(GNTTABOP_copy, seg, n);
	for (i = 0; i < n; i++)
		op[i].status = err ? XENNET_GNTST_GENERAL : seg[i].status;
}

static void copy(void *ctx, struct xennet_copy_op *op, unsigned int n)
{
	struct scratch *s = get_scratch();
	unsigned int part;

	for (; n; op += part, n -= part) {
		part = min(n, CHUNK);
		copy_chunk(s->copy, op, part);
	}
	put_scratch(s);
}

/* --- maps */

static void give(struct xennet_linux *p, struct page **page, unsigned int n)
{
	gnttab_page_cache_put(&p->pool, page, n);
	atomic_add(n, &p->nfree);
}

/* An empty cache would allocate, and sleep: what it has is counted. */
static unsigned int take(struct xennet_linux *p, struct page **page,
			 unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n && atomic_dec_if_positive(&p->nfree) >= 0; i++)
		gnttab_page_cache_get(&p->pool, &page[i]);
	return i;
}

int xennet_linux_reserve(struct xennet_linux *p, unsigned int pages)
{
	struct page *page[CHUNK];
	unsigned int n;

	for (; p->reserved < pages; p->reserved += n) {
		n = min(pages - p->reserved, CHUNK);
		if (gnttab_alloc_pages(n, page))
			return -XENNET_ENOMEM;
		give(p, page, n);
	}
	return 0;
}
EXPORT_SYMBOL_GPL(xennet_linux_reserve);

/* What could not be unmapped stays out of use, for good. */
void xennet_linux_pool_free(struct xennet_linux *p)
{
	unsigned int lost = p->reserved - atomic_read(&p->nfree);

	if (lost)
		dev_err(&p->dev->dev, "%u pages stay mapped\n", lost);
	gnttab_page_cache_shrink(&p->pool, 0);
}

static u32 how(bool readonly)
{
	return GNTMAP_host_map | (readonly ? GNTMAP_readonly : 0);
}

static void map_chunk(struct xennet_linux *p, struct scratch *s,
		      struct xennet_map_op *op, unsigned int n)
{
	unsigned int i;
	int err;

	for (i = 0; i < n; i++)
		gnttab_set_map_op(&s->map[i],
				  (unsigned long)page_address(s->page[i]),
				  how(op[i].readonly), op[i].gref, op[i].domid);
	err = gnttab_map_refs(s->map, NULL, s->page, n);
	for (i = 0; i < n; i++) {
		op[i].status = s->map[i].status;
		if (op[i].status == GNTST_okay && !err) {
			op[i].addr = page_address(s->page[i]);
			op[i].handle = s->map[i].handle;
			continue;
		}
		/* of one that is mapped the kernel has lost track */
		if (op[i].status != GNTST_okay)
			give(p, &s->page[i], 1);
		else
			op[i].status = XENNET_GNTST_GENERAL;
	}
}

static void map(void *ctx, struct xennet_map_op *op, unsigned int n)
{
	struct scratch *s = get_scratch();
	struct xennet_linux *p = ctx;
	unsigned int i, part;

	for (i = 0; i < n; i++) {
		op[i].addr = NULL;
		op[i].status = XENNET_GNTST_GENERAL;
	}
	for (; n; op += part, n -= part) {
		part = take(p, s->page, min(n, CHUNK));
		if (!part)
			break;
		map_chunk(p, s, op, part);
	}
	put_scratch(s);
}

static void unmap_chunk(struct xennet_linux *p, struct scratch *s,
			struct xennet_map_op *op, unsigned int n)
{
	unsigned int i, free = 0;
	int err;

	for (i = 0; i < n; i++) {
		s->page[i] = virt_to_page(op[i].addr);
		gnttab_set_unmap_op(&s->unmap[i], (unsigned long)op[i].addr,
				    how(op[i].readonly), op[i].handle);
	}
	err = gnttab_unmap_refs(s->unmap, NULL, s->page, n);
	for (i = 0; i < n; i++) {
		op[i].status = err ? XENNET_GNTST_GENERAL : s->unmap[i].status;
		if (op[i].status == GNTST_okay)
			s->page[free++] = s->page[i];
	}
	give(p, s->page, free);
}

static void unmap(void *ctx, struct xennet_map_op *op, unsigned int n)
{
	struct scratch *s = get_scratch();
	unsigned int part;

	for (; n; op += part, n -= part) {
		part = min(n, CHUNK);
		unmap_chunk(ctx, s, op, part);
	}
	put_scratch(s);
}

/* Of the other end's domain, which domid is. */
static int map_ring(void *ctx, uint16_t domid, const uint32_t *grefs,
		    unsigned int n, void **addr)
{
	struct xennet_linux *p = ctx;

	if (domid != p->dev->otherend_id || n > XENBUS_MAX_RING_GRANTS)
		return -XENNET_EINVAL;
	return xennet_linux_err(
		xenbus_map_ring_valloc(p->dev, (grant_ref_t *)grefs, n, addr));
}

static void unmap_ring(void *ctx, void *addr, unsigned int n)
{
	struct xennet_linux *p = ctx;

	xenbus_unmap_ring_vfree(p->dev, addr);
}

int xennet_linux_map_init(struct xennet_ops *ops)
{
	int cpu;

	ops->map_ring = map_ring;
	ops->unmap_ring = unmap_ring;
	ops->map = map;
	ops->unmap = unmap;
	ops->copy = copy;
	scratch = alloc_percpu(struct scratch);
	if (!scratch)
		return -ENOMEM;
	for_each_possible_cpu(cpu)
		spin_lock_init(&per_cpu_ptr(scratch, cpu)->lock);
	return 0;
}

static void __exit end(void)
{
	free_percpu(scratch);
}
module_exit(end);
