/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Pages of others: hypercalls, one for a batch. They are mapped where Mini-OS
 * has addresses left. Nothing reserves these but what is mapped there, and no
 * other thread runs in between.
 */
#include "internal.h"

#include <mini-os/os.h>
#include <mini-os/mm.h>
#include <mini-os/gnttab.h>
#include <mini-os/gntmap.h>

#define CHUNK 64u
#define TABLE (512ul * XENNET_PAGE) /* what a page of page table maps */

static struct gntmap rings; /* knows the handles of a ring's pages */

/* Addresses for n pages, with their page tables; 0: there are none. */
static unsigned long find_room(unsigned n)
{
	unsigned long at = allocate_ondemand(n, 1), a = at;

	for (; at && a < at + n * XENNET_PAGE; a = (a | (TABLE - 1)) + 1)
		if (!need_pgt(a))
			return 0;
	return at;
}

int xennet_minios_map_ring(void *ctx, uint16_t domid, const uint32_t *grefs,
			   unsigned n, void **addr)
{
	uint32_t dom = domid;

	if (!find_room(n))
		return -XENNET_ENOMEM;
	/* which finds the same room, and does not write to grefs */
	*addr = gntmap_map_grant_refs(&rings, n, &dom, 0,
				      (uint32_t *)(uintptr_t)grefs, 1);
	return *addr ? 0 : -XENNET_ENOENT;
}

void xennet_minios_unmap_ring(void *ctx, void *addr, unsigned n)
{
	gntmap_munmap(&rings, (unsigned long)addr, (int)n);
}

static void map(struct xennet_map_op *op, unsigned n)
{
	struct gnttab_map_grant_ref req[CHUNK];
	unsigned long at = find_room(n);

	for (unsigned i = 0; i < n; i++) {
		req[i].host_addr = at + i * XENNET_PAGE;
		req[i].flags = GNTMAP_host_map;
		req[i].flags |= op[i].readonly ? GNTMAP_readonly : 0;
		req[i].ref = op[i].gref;
		req[i].dom = op[i].domid;
		req[i].status = GNTST_general_error;
	}
	/* should the call itself fail, the statuses tell how far it came */
	if (at)
		HYPERVISOR_grant_table_op(GNTTABOP_map_grant_ref, req, n);
	for (unsigned i = 0; i < n; i++) {
		op[i].status = req[i].status;
		op[i].addr = op[i].status ? NULL
					  : (void *)(uintptr_t)req[i].host_addr;
		op[i].handle = req[i].handle;
	}
}

static void unmap(struct xennet_map_op *op, unsigned n)
{
	struct gnttab_unmap_grant_ref req[CHUNK];

	for (unsigned i = 0; i < n; i++) {
		req[i].host_addr = (uintptr_t)op[i].addr;
		req[i].dev_bus_addr = 0;
		req[i].handle = (grant_handle_t)op[i].handle;
		req[i].status = GNTST_general_error;
	}
	HYPERVISOR_grant_table_op(GNTTABOP_unmap_grant_ref, req, n);
	for (unsigned i = 0; i < n; i++)
		op[i].status = req[i].status;
}

void xennet_minios_map(void *ctx, struct xennet_map_op *op, unsigned n)
{
	for (; n > CHUNK; op += CHUNK, n -= CHUNK)
		map(op, CHUNK);
	map(op, n);
}

void xennet_minios_unmap(void *ctx, struct xennet_map_op *op, unsigned n)
{
	for (; n > CHUNK; op += CHUNK, n -= CHUNK)
		unmap(op, CHUNK);
	unmap(op, n);
}

static unsigned long frame_of(const void *addr)
{
#ifdef HAVE_LIBC /* then not all of our memory lies in a row */
	return virtual_to_mfn((unsigned long)addr);
#else
	return virt_to_mfn((unsigned long)addr);
#endif
}

/* Xen does not take for ours what we have mapped of others. */
static bool is_mapped(const void *addr)
{
	unsigned long from = (unsigned long)addr - VIRT_DEMAND_AREA;

	return addr && from / XENNET_PAGE < DEMAND_MAP_PAGES;
}

/* Its type has no name everywhere. */
#define SET_END(to, from)                                                      \
	do {                                                                   \
		(to).domid = (from).addr ? DOMID_SELF : (from).domid;          \
		(to).offset = (from).offset;                                   \
		(to).u.ref = (from).gref;                                      \
		if (!(from).addr)                                              \
			break;                                                 \
		(to).offset = (uintptr_t)(from).addr % XENNET_PAGE;            \
		(to).u.gmfn = frame_of((from).addr);                           \
	} while (0)

static void copy(struct xennet_copy_op *op, unsigned n)
{
	static unsigned char bounce[XENNET_PAGE] XENNET_ALIGNED(XENNET_PAGE);
	struct gnttab_copy seg[CHUNK];

	for (unsigned i = 0; i < n; i++) {
		struct xennet_copy_end src = op[i].src;

		if (is_mapped(src.addr)) /* it is alone */
			src.addr = memcpy(bounce, src.addr, op[i].len);
		SET_END(seg[i].source, src);
		SET_END(seg[i].dest, op[i].dst);
		seg[i].flags = (src.addr ? 0 : GNTCOPY_source_gref) |
			       (op[i].dst.addr ? 0 : GNTCOPY_dest_gref);
		seg[i].len = op[i].len;
		seg[i].status = GNTST_general_error;
	}
	HYPERVISOR_grant_table_op(GNTTABOP_copy, seg, n);
	for (unsigned i = 0; i < n; i++)
		op[i].status = seg[i].status;
}

void xennet_minios_copy(void *ctx, struct xennet_copy_op *op, unsigned n)
{
	unsigned part;

	for (; n; op += part, n -= part) {
		for (part = 0; part < n && part < CHUNK; part++)
			if (is_mapped(op[part].src.addr))
				break;
		part += part == 0;
		copy(op, part);
	}
}
