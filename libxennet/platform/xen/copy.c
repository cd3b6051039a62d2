/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Grant copies: a batch is a call, and the kernel's hypercalls are few. */
#include "internal.h"

#define CHUNK 128u

/* A grant, or memory of ours; which of both is in the segment's flags. */
static void fill_end(union xengnttab_copy_ptr *to,
		     const struct xennet_copy_end *from)
{
	if (from->addr) {
		to->virt = from->addr;
		return;
	}
	to->foreign.ref = from->gref;
	to->foreign.offset = from->offset;
	to->foreign.domid = from->domid;
}

static void fill(xengnttab_grant_copy_segment_t *seg,
		 const struct xennet_copy_op *op)
{
	memset(seg, 0, sizeof(*seg));
	fill_end(&seg->source, &op->src);
	fill_end(&seg->dest, &op->dst);
	if (!op->src.addr)
		seg->flags |= GNTCOPY_source_gref;
	if (!op->dst.addr)
		seg->flags |= GNTCOPY_dest_gref;
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

	for (unsigned i = 0; i < n; i++) {
		op[i].status = XENNET_GNTST_GENERAL;
		if (!p->gnttab || is_local(&op[i]))
			continue;
		fill(&seg[nseg], &op[i]);
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
