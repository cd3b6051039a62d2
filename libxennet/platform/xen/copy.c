/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Grant copies. Between two grants it is one hypercall for a batch, which our
 * kernel only passes on, if it lets us. Else it is a call of the kernel's
 * gntdev, which also copies to and from other memory of ours.
 */
#include "internal.h"

#include <errno.h>
#include <xen/xen.h>
#include <xen/grant_table.h>

#define CHUNK 128u

/* False: it is memory without a grant. */
static inline bool as_grant(const struct xennet_xen *p,
			    struct gnttab_copy_ptr *to,
			    const struct xennet_copy_end *from)
{
	to->u.ref = from->gref;
	to->domid = from->domid;
	to->offset = from->offset;
	if (!from->addr)
		return true;
	to->u.ref = xennet_xen_own_gref(p, from->addr);
	to->domid = DOMID_SELF;
	to->offset = (uint16_t)((uintptr_t)from->addr % XENNET_PAGE);
	return to->u.ref != 0;
}

static bool fill_direct(const struct xennet_xen *p, struct gnttab_copy *seg,
			const struct xennet_copy_op *op, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		if (!as_grant(p, &seg[i].source, &op[i].src) ||
		    !as_grant(p, &seg[i].dest, &op[i].dst))
			return false;
		seg[i].len = op[i].len;
		seg[i].flags = GNTCOPY_source_gref | GNTCOPY_dest_gref;
		seg[i].status = GNTST_general_error;
	}
	return true;
}

/*
 * All or none. The operations are in memory that may be away for a moment
 * (EFAULT): what was done of them before may be done again.
 */
static bool direct(struct xennet_xen *p, struct xennet_copy_op *op, unsigned n)
{
	struct gnttab_copy seg[CHUNK];

	if (!p->call || p->call_refused || !fill_direct(p, seg, op, n))
		return false;
	if (xencall3(p->call, __HYPERVISOR_grant_table_op, GNTTABOP_copy,
		     (uintptr_t)seg, n)) {
		p->call_refused = errno != EFAULT;
		return false;
	}
	for (unsigned i = 0; i < n; i++)
		op[i].status = seg[i].status;
	return true;
}

/* A grant, or memory of ours: what sets `flag` in the segment. */
static uint16_t fill_end(const struct xennet_xen *p,
			 union xengnttab_copy_ptr *to,
			 const struct xennet_copy_end *from, uint16_t flag)
{
	struct gnttab_copy_ptr grant;

	if (!as_grant(p, &grant, from)) {
		to->virt = from->addr;
		return 0;
	}
	to->foreign.ref = grant.u.ref;
	to->foreign.offset = grant.offset;
	to->foreign.domid = grant.domid;
	return flag;
}

static void fill(const struct xennet_xen *p,
		 xengnttab_grant_copy_segment_t *seg,
		 const struct xennet_copy_op *op)
{
	memset(seg, 0, sizeof(*seg));
	seg->flags = fill_end(p, &seg->source, &op->src, GNTCOPY_source_gref) |
		     fill_end(p, &seg->dest, &op->dst, GNTCOPY_dest_gref);
	seg->len = op->len;
	seg->status = XENNET_GNTST_GENERAL;
}

/* The kernel refuses a copy within our own memory; it needs no call. */
static bool is_local(struct xennet_copy_op *op)
{
	if (!op->src.addr || !op->dst.addr)
		return false;
	memmove(op->dst.addr, op->src.addr, op->len);
	op->status = XENNET_GNTST_OKAY;
	return true;
}

/*
 * One segment that the kernel cannot make sense of fails the whole call, with
 * the ones before it done perhaps. Doing those again does no harm.
 */
static void run(struct xennet_xen *p, xengnttab_grant_copy_segment_t *seg,
		unsigned n)
{
	if (n == 0 || xengnttab_grant_copy(p->gnttab, n, seg) == 0)
		return;
	for (unsigned i = 0; i < n; i++) {
		seg[i].status = XENNET_GNTST_GENERAL;
		if (xengnttab_grant_copy(p->gnttab, 1, &seg[i]))
			seg[i].status = XENNET_GNTST_GENERAL;
	}
}

static void copy_chunk(struct xennet_xen *p, struct xennet_copy_op *op,
		       unsigned n)
{
	xengnttab_grant_copy_segment_t seg[CHUNK];
	uint16_t of[CHUNK];
	unsigned nseg = 0;

	if (direct(p, op, n))
		return;
	for (unsigned i = 0; i < n; i++) {
		op[i].status = XENNET_GNTST_GENERAL;
		if (!p->gnttab || is_local(&op[i]))
			continue;
		fill(p, &seg[nseg], &op[i]);
		of[nseg++] = (uint16_t)i;
	}
	run(p, seg, nseg);
	for (unsigned i = 0; i < nseg; i++)
		op[of[i]].status = seg[i].status;
}

void xennet_xen_copy(void *ctx, struct xennet_copy_op *op, unsigned n)
{
	unsigned part;

	for (; n; op += part, n -= part) {
		part = n < CHUNK ? n : CHUNK;
		copy_chunk(ctx, op, part);
	}
}
