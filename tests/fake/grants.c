/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Grant tables: share, grant, map and copy, with Xen's own checks. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <sys/mman.h>

#include "machine.h"

/* grant_table.h */
#define BAD_DOMAIN (-2)
#define BAD_HANDLE (-4)
#define DENIED (-8)
#define BAD_COPY_ARG (-10)
#define NO_SPACE (-13)

/* What a failed op leaves in its outputs: nothing that can be used. */
#define WILD ((void *)(uintptr_t)0x10)

const struct fake_grant *fake_grant(const struct fake *f, uint16_t domid,
				    uint32_t gref)
{
	if (domid >= FAKE_DOMAINS || gref >= f->domain[domid].grant_end)
		return NULL;
	if (!f->domain[domid].grant[gref].live)
		return NULL;
	return &f->domain[domid].grant[gref];
}

void *fake_granted(const struct fake *f, uint16_t domid, uint32_t gref)
{
	const struct fake_grant *g = fake_grant(f, domid, gref);

	return g ? fake_frame_addr(f, g->frame) : NULL;
}

unsigned fake_grants(const struct fake *f, uint16_t domid)
{
	unsigned i, n = 0;

	for (i = 0; i < f->domain[domid].grant_end; i++)
		n += f->domain[domid].grant[i].live;
	return n;
}

unsigned fake_maps(const struct fake *f)
{
	return f->nmaps;
}

/* The lowest free reference: consecutive, as an operating system's are. */
static uint32_t new_grant(struct fake_domain *d, uint16_t peer, uint32_t frame,
			  bool readonly)
{
	uint32_t gref = d->grant_hint;

	while (gref < FAKE_GRANTS && d->grant[gref].live)
		gref++;
	if (gref == FAKE_GRANTS)
		abort();
	d->grant_hint = gref + 1;
	if (d->grant_end <= gref)
		d->grant_end = gref + 1;
	d->grant[gref] =
		(struct fake_grant){ true, readonly, false, peer, 0, frame };
	return gref;
}

static void end_grant(struct fake_domain *d, uint32_t gref)
{
	d->grant[gref].live = false;
	if (gref < d->grant_hint)
		d->grant_hint = gref;
}

int fake_op_share(void *ctx, uint16_t domid, unsigned n, bool readonly,
		  void **addr, uint32_t *grefs)
{
	struct fake *f = fake_of(ctx);
	int err = fake_sleeping(f, FAKE_SHARE);
	int first;
	unsigned i;

	*addr = WILD;
	memset(grefs, 0xdb, n * sizeof(*grefs));
	if (err)
		return err;
	first = fake_frames_take(f, fake_domid(ctx), n, FAKE_PAGE_SHARED);
	if (first < 0)
		return -XENNET_ENOMEM;
	for (i = 0; i < n; i++)
		grefs[i] = new_grant(ctx, domid, (uint32_t)first + i, readonly);
	*addr = fake_frame_addr(f, (uint32_t)first);
	return 0;
}

/* Only the first byte is ever asked for. */
int fake_op_share_notify(void *ctx, uint16_t domid, uint32_t offset,
			 uint32_t port, void **addr, uint32_t *gref)
{
	struct fake *f = fake_of(ctx);
	int err = fake_sleeping(f, FAKE_SHARE_NOTIFY);

	*addr = WILD;
	if (err)
		return err;
	err = fake_op_share(ctx, domid, 1, false, addr, gref);
	if (err)
		return err;
	if (offset)
		fake_misuse(f, "the fake knows no offset but 0");
	f->frame[fake_frame_at(f, *addr)].port = port;
	return 0;
}

static void tell(struct fake_domain *d, uint32_t frame)
{
	uint32_t port = d->fake->frame[frame].port;

	d->fake->frame[frame].port = 0;
	*fake_frame_addr(d->fake, frame) = 0;
	if (d->port[port].open)
		fake_op_notify(d, port);
}

/* Does something to every grant of a run of pages. */
static unsigned for_grants(struct fake *f, uint32_t first,
			   unsigned (*each)(struct fake_domain *d,
					    uint32_t gref))
{
	struct fake_domain *d = &f->domain[f->frame[first].owner];
	uint32_t gref;
	unsigned n = 0;

	for (gref = 0; gref < d->grant_end; gref++)
		if (d->grant[gref].live &&
		    d->grant[gref].frame - first < f->frame[first].run)
			n += each(d, gref);
	return n;
}

static unsigned count_maps(struct fake_domain *d, uint32_t gref)
{
	return d->grant[gref].maps;
}

static unsigned revoke(struct fake_domain *d, uint32_t gref)
{
	end_grant(d, gref);
	return 1;
}

bool fake_pages_release(struct fake *f, uint32_t first)
{
	if (for_grants(f, first, count_maps) > 0) {
		f->frame[first].state = FAKE_PAGE_LIMBO;
		return false;
	}
	for_grants(f, first, revoke);
	fake_frames_give(f, first);
	return true;
}

static void leave_limbo(struct fake *f, uint32_t frame)
{
	while (f->frame[frame].run == 0)
		frame--;
	if (f->frame[frame].state == FAKE_PAGE_LIMBO)
		fake_pages_release(f, frame);
}

int fake_op_unshare(void *ctx, void *addr, unsigned n, const uint32_t *grefs)
{
	struct fake_domain *d = ctx;
	struct fake *f = d->fake;
	int err = fake_sleeping(f, FAKE_UNSHARE);
	int first = fake_frame_at(f, addr);
	unsigned i;

	if (first < 0 || f->frame[first].state != FAKE_PAGE_SHARED ||
	    f->frame[first].run != n || f->frame[first].owner != d->id) {
		fake_misuse(f, "unshare of what was not shared");
		return -XENNET_EINVAL;
	}
	for (i = 0; i < n; i++)
		if (!fake_grant(f, d->id, grefs[i]) ||
		    d->grant[grefs[i]].frame != (uint32_t)first + i) {
			fake_misuse(f, "unshare with somebody else's grefs");
			return -XENNET_EINVAL;
		}
	if (f->frame[first].port)
		tell(d, (uint32_t)first);
	return fake_pages_release(f, (uint32_t)first) ? err : -XENNET_EBUSY;
}

void fake_op_grant(void *ctx, uint16_t domid, struct xennet_grant_op *op,
		   unsigned n)
{
	struct fake_domain *d = ctx;
	struct fake *f = d->fake;
	unsigned i;
	int frame;

	fake_call(f, FAKE_GRANT);
	for (i = 0; i < n; i++) {
		op[i].status = (int16_t)fake_status(f, FAKE_GRANT, 0);
		op[i].gref = XENNET_GREF_INVALID;
		frame = fake_frame_at(f, op[i].addr);
		if (op[i].status)
			continue;
		if (frame < 0 || f->frame[frame].state != FAKE_PAGE_OWNED ||
		    f->frame[frame].owner != d->id ||
		    (uintptr_t)op[i].addr % XENNET_PAGE) {
			fake_misuse(f, "grant of a page of somebody else");
			op[i].status = -XENNET_EINVAL;
			continue;
		}
		op[i].gref =
			new_grant(d, domid, (uint32_t)frame, op[i].readonly);
	}
}

void fake_op_ungrant(void *ctx, struct xennet_grant_op *op, unsigned n)
{
	struct fake_domain *d = ctx;
	struct fake *f = d->fake;
	unsigned i;

	fake_call(f, FAKE_UNGRANT);
	for (i = 0; i < n; i++) {
		op[i].status =
			(int16_t)fake_status(f, FAKE_UNGRANT, op[i].gref);
		if (!fake_grant(f, d->id, op[i].gref)) {
			fake_misuse(f, "ungrant of gref %u, not granted",
				    (unsigned)op[i].gref);
			op[i].status = -XENNET_ENOENT;
			continue;
		}
		if (!op[i].status && d->grant[op[i].gref].maps > 0)
			op[i].status = -XENNET_EBUSY;
		if (op[i].status)
			d->grant[op[i].gref].kept = true;
		else
			end_grant(d, op[i].gref);
	}
}

/* The grant that a peer names; 0 or why it cannot be used. */
static int check(struct fake *f, uint16_t by, uint16_t domid, uint32_t gref,
		 bool write, struct fake_grant **grant)
{
	const struct fake_grant *g = fake_grant(f, domid, gref);

	if (gref < XENNET_GREF_FIRST)
		fake_misuse(f, "use of the reserved gref %u", (unsigned)gref);
	if (domid >= FAKE_DOMAINS) {
		fake_misuse(f, "no domain %u", domid);
		return BAD_DOMAIN;
	}
	if (!g || g->peer != by)
		return XENNET_GNTST_BAD_GREF;
	if (g->readonly && write)
		return DENIED;
	*grant = &f->domain[domid].grant[gref];
	return 0;
}

/* n addresses in a row, so that a batch of a ring's pages is contiguous. */
static int find_window(struct fake *f, unsigned n)
{
	uint32_t tried = 0, at = f->map_next;
	unsigned i;

	while (tried <= FAKE_MAPS) {
		if (at + n > FAKE_MAPS)
			at = 0;
		for (i = 0; i < n && !f->map[at + i].live; i++)
			;
		if (i == n) {
			f->map_next = at + n;
			if (f->map_end < at + n)
				f->map_end = at + n;
			return (int)at;
		}
		at += i + 1;
		tried += i + 1;
	}
	return -1;
}

static void *window_addr(struct fake *f, uint32_t slot)
{
	return f->window + (size_t)slot * XENNET_PAGE;
}

static int map_at(struct fake *f, uint16_t by, uint32_t slot,
		  struct xennet_map_op *op)
{
	struct fake_grant *g;
	int status = check(f, by, op->domid, op->gref, !op->readonly, &g);

	if (status)
		return status;
	if (mmap(window_addr(f, slot), XENNET_PAGE,
		 op->readonly ? PROT_READ : PROT_READ | PROT_WRITE,
		 MAP_SHARED | MAP_FIXED, f->memory,
		 (off_t)g->frame * XENNET_PAGE) == MAP_FAILED)
		abort();
	g->maps++;
	if (++f->nmaps > f->most_maps)
		f->most_maps = f->nmaps;
	f->map[slot] =
		(struct fake_map){ true,     op->readonly, by,	    op->domid,
				   op->gref, ++f->map_gen, g->frame };
	op->addr = window_addr(f, slot);
	op->handle = (uint64_t)f->map_gen << 32 | slot;
	return 0;
}

static void unmap_at(struct fake *f, uint32_t slot)
{
	struct fake_map *m = &f->map[slot];

	if (mmap(window_addr(f, slot), XENNET_PAGE, PROT_NONE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE, -1,
		 0) == MAP_FAILED)
		abort();
	m->live = false;
	f->nmaps--;
	if (--f->domain[m->of].grant[m->gref].maps == 0)
		leave_limbo(f, m->frame);
}

void fake_op_map(void *ctx, struct xennet_map_op *op, unsigned n)
{
	struct fake *f = fake_of(ctx);
	int slot = find_window(f, n), status;
	unsigned i;

	fake_call(f, FAKE_MAP);
	for (i = 0; i < n; i++) {
		op[i].addr = WILD;
		op[i].handle = ~(uint64_t)0;
		status = fake_status(f, FAKE_MAP, op[i].gref);
		if (!status && slot < 0)
			status = NO_SPACE;
		if (!status)
			status = map_at(f, fake_domid(ctx), (uint32_t)slot + i,
					&op[i]);
		op[i].status = (int16_t)status;
	}
}

static int unmap_one(struct fake *f, uint16_t by, struct xennet_map_op *op)
{
	uint32_t slot = (uint32_t)op->handle;
	struct fake_map *m = slot < FAKE_MAPS ? &f->map[slot] : NULL;

	if (!m || !m->live || m->gen != op->handle >> 32 || m->by != by ||
	    op->addr != window_addr(f, slot)) {
		fake_misuse(f, "unmap of what is not mapped");
		return BAD_HANDLE;
	}
	unmap_at(f, slot);
	return 0;
}

void fake_op_unmap(void *ctx, struct xennet_map_op *op, unsigned n)
{
	struct fake *f = fake_of(ctx);
	unsigned i;
	int status;

	fake_call(f, FAKE_UNMAP);
	for (i = 0; i < n; i++) {
		status = fake_status(f, FAKE_UNMAP, op[i].gref);
		if (!status)
			status = unmap_one(f, fake_domid(ctx), &op[i]);
		op[i].status = (int16_t)status;
	}
}

int fake_op_map_ring(void *ctx, uint16_t domid, const uint32_t *grefs,
		     unsigned n, void **addr)
{
	struct fake *f = fake_of(ctx);
	int err = fake_sleeping(f, FAKE_MAP_RING);
	int slot = find_window(f, n);
	unsigned i;

	*addr = WILD;
	if (err || slot < 0)
		return err ? err : -XENNET_ENOSPC;
	for (i = 0; i < n; i++) {
		struct xennet_map_op op = { .gref = grefs[i], .domid = domid };

		if (map_at(f, fake_domid(ctx), (uint32_t)slot + i, &op))
			break;
	}
	if (i == n) {
		*addr = window_addr(f, (uint32_t)slot);
		return 0;
	}
	while (i-- > 0)
		unmap_at(f, (uint32_t)slot + i);
	return -XENNET_ENOENT;
}

void fake_op_unmap_ring(void *ctx, void *addr, unsigned n)
{
	struct fake *f = fake_of(ctx);
	uintptr_t at = (uintptr_t)addr - (uintptr_t)f->window;
	uint32_t slot = (uint32_t)(at / XENNET_PAGE);
	unsigned i;

	fake_sleeping(f, FAKE_UNMAP_RING);
	for (i = 0; i < n; i++) {
		if (at / XENNET_PAGE + i >= FAKE_MAPS ||
		    !f->map[slot + i].live ||
		    f->map[slot + i].by != fake_domid(ctx)) {
			fake_misuse(f, "unmap_ring of what is not mapped");
			return;
		}
		unmap_at(f, slot + i);
	}
}

void fake_unmap_all(struct fake *f, uint16_t domid)
{
	uint32_t slot;

	for (slot = 0; slot < f->map_end; slot++)
		if (f->map[slot].live && f->map[slot].by == domid)
			unmap_at(f, slot);
}

static bool mapped_readonly(struct fake *f, const void *addr)
{
	uintptr_t at = (uintptr_t)addr - (uintptr_t)f->window;

	if (at >= (size_t)FAKE_MAPS * XENNET_PAGE)
		return false;
	return f->map[at / XENNET_PAGE].readonly;
}

/* Where one side of a copy is, in *at; 0 or a status. */
static int copy_side(struct fake *f, uint16_t by,
		     const struct xennet_copy_end *end, uint16_t len,
		     bool write, unsigned char **at)
{
	struct fake_grant *g;
	unsigned offset =
		end->addr ? (uintptr_t)end->addr % XENNET_PAGE : end->offset;
	int status;

	if (offset + len > XENNET_PAGE) {
		fake_misuse(f, "copy across a page: %u + %u", offset, len);
		return BAD_COPY_ARG;
	}
	if (end->addr) {
		if (write && mapped_readonly(f, end->addr)) {
			fake_misuse(f, "copy into a read-only mapping");
			return DENIED;
		}
		*at = end->addr;
		return 0;
	}
	status = check(f, by, end->domid, end->gref, write, &g);
	if (status)
		return status;
	*at = fake_frame_addr(f, g->frame) + end->offset;
	return 0;
}

static int copy_one(struct fake *f, uint16_t by, struct xennet_copy_op *op)
{
	unsigned char *src, *dst;
	int status = copy_side(f, by, &op->src, op->len, false, &src);

	if (!status)
		status = copy_side(f, by, &op->dst, op->len, true, &dst);
	if (status)
		return status;
	memmove(dst, src, op->len);
	f->copied += op->len;
	return 0;
}

void fake_op_copy(void *ctx, struct xennet_copy_op *op, unsigned n)
{
	struct fake *f = fake_of(ctx);
	unsigned i;
	int status;

	fake_call(f, FAKE_COPY);
	for (i = 0; i < n; i++) {
		status = fake_status(f, FAKE_COPY,
				     op[i].src.addr ? op[i].dst.gref
						    : op[i].src.gref);
		if (!status)
			status = copy_one(f, fake_domid(ctx), &op[i]);
		op[i].status = (int16_t)status;
	}
}
