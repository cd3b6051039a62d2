/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * grant and ungrant: writes to our own table, no system call and no lock.
 * Free references are a list without locks: a batch is taken by one
 * compare-exchange and given back by one. Whoever walks the list meanwhile
 * may read links that mean something else by then (a frame); the count beside
 * the head makes its compare-exchange fail.
 */
#include "internal.h"

#define HEAD_COUNT (1ull << 32)

static struct grant_entry *entry_of(struct memory *m, uint32_t gref)
{
	return (struct grant_entry *)(void *)m->base + gref;
}

/* n references into op[].gref, or none. */
static bool gref_take(struct memory *m, struct xennet_grant_op *op, unsigned n)
{
	uint64_t head = atomic_load(&m->free), now;
	uint32_t gref;
	unsigned i;

	for (;;) {
		gref = (uint32_t)head;
		for (i = 0; i < n && gref && gref < m->ngrants; i++) {
			op[i].gref = gref;
			gref = atomic_load_explicit(&m->link[gref],
						    memory_order_relaxed);
		}
		now = head;
		if (i == n &&
		    atomic_compare_exchange_strong(
			    &m->free, &now,
			    ((head & ~0xffffffffull) + HEAD_COUNT) | gref))
			return true;
		if (i < n) {
			now = atomic_load(&m->free);
			if (now == head)
				return false;
		}
		head = now;
	}
}

/* A chain from first to last, linked already. */
void xennet_local_gref_put(struct memory *m, uint32_t first, uint32_t last)
{
	uint64_t head = atomic_load(&m->free);

	do
		atomic_store_explicit(&m->link[last], (uint32_t)head,
				      memory_order_relaxed);
	while (!atomic_compare_exchange_weak(
		&m->free, &head,
		((head & ~0xffffffffull) + HEAD_COUNT) | first));
}

static int check(struct memory *m, uint16_t domid,
		 const struct xennet_grant_op *op, unsigned n)
{
	if (domid != 0)
		return -XENNET_EGONE;
	for (unsigned i = 0; i < n; i++)
		if (!xennet_local_frame(m, op[i].addr))
			return -XENNET_EINVAL;
	return 0;
}

static void grant_one(struct memory *m, uint16_t domid,
		      struct xennet_grant_op *op)
{
	uint32_t frame = xennet_local_frame(m, op->addr);
	uint32_t flags = GTF_PERMIT_ACCESS | (op->readonly ? GTF_READONLY : 0);

	atomic_store_explicit(&m->link[op->gref], frame | LINK_GRANTED,
			      memory_order_relaxed);
	atomic_fetch_add_explicit(&m->granted[frame], 1, memory_order_relaxed);
	atomic_store_explicit(&entry_of(m, op->gref)->frame, frame,
			      memory_order_relaxed);
	/* frame and page /before/ flags; pairs with the peer's mark */
	atomic_store_explicit(&entry_of(m, op->gref)->word,
			      (uint32_t)domid << 16 | flags,
			      memory_order_release);
	op->status = 0;
}

void xennet_local_grant(void *ctx, uint16_t domid, struct xennet_grant_op *op,
			unsigned n)
{
	struct memory *m = &((struct xennet_local *)ctx)->memory;
	int err = check(m, domid, op, n);

	if (!err && n && !gref_take(m, op, n))
		err = -XENNET_ENOSPC;
	for (unsigned i = 0; err && i < n; i++) {
		op[i].gref = XENNET_GREF_INVALID;
		op[i].status = (int16_t)err;
	}
	if (err)
		return;
	for (unsigned i = 0; i < n; i++)
		grant_one(m, domid, &op[i]);
	xennet_local_count(m->counters, COUNT_GRANTS, n);
}

/*
 * Ends a grant (G5): flags to 0 in one step, unless the peer reads or writes.
 * The reference is the caller's to give back.
 */
int xennet_local_revoke(struct memory *m, uint32_t gref)
{
	struct grant_entry *e = entry_of(m, gref);
	uint32_t w = atomic_load_explicit(&e->word, memory_order_relaxed);
	uint32_t frame;

	do {
		if ((w & GTF_TYPE_MASK) != GTF_PERMIT_ACCESS)
			return -XENNET_ENOENT;
		if (w & (GTF_READING | GTF_WRITING))
			return -XENNET_EBUSY;
	} while (!atomic_compare_exchange_weak(&e->word, &w, 0));
	frame = atomic_load(&m->link[gref]) & ~LINK_GRANTED;
	atomic_fetch_sub(&m->granted[frame], 1);
	xennet_local_count(m->counters, COUNT_GRANTS, -1);
	return 0;
}

void xennet_local_ungrant(void *ctx, struct xennet_grant_op *op, unsigned n)
{
	struct memory *m = &((struct xennet_local *)ctx)->memory;
	uint32_t first = 0, last = 0;

	for (unsigned i = 0; i < n; i++) {
		uint32_t gref = op[i].gref;

		op[i].status = -XENNET_ENOENT;
		if (gref < XENNET_GREF_FIRST || gref >= m->ngrants)
			continue;
		op[i].status = (int16_t)xennet_local_revoke(m, gref);
		if (op[i].status)
			continue;
		atomic_store_explicit(&m->link[gref], first,
				      memory_order_relaxed);
		first = gref;
		last = last ? last : gref;
	}
	if (first)
		xennet_local_gref_put(m, first, last);
}

int xennet_local_share(void *ctx, uint16_t domid, unsigned n, bool readonly,
		       void **addr, uint32_t *grefs)
{
	struct xennet_grant_op op = { .readonly = readonly };
	unsigned char *pages;
	unsigned i;

	if (n == 0)
		return -XENNET_EINVAL;
	pages = xennet_local_alloc_pages(ctx, n);
	if (!pages)
		return -XENNET_ENOMEM;
	for (i = 0; i < n; i++) {
		op.addr = pages + (size_t)i * XENNET_PAGE;
		xennet_local_grant(ctx, domid, &op, 1);
		if (op.status)
			goto unshare;
		grefs[i] = op.gref;
	}
	*addr = pages;
	return 0;
unshare:
	xennet_local_unshare(ctx, pages, i, grefs);
	xennet_local_free_pages(ctx, pages + (size_t)i * XENNET_PAGE, n - i);
	return op.status;
}

int xennet_local_unshare(void *ctx, void *addr, unsigned n,
			 const uint32_t *grefs)
{
	struct xennet_grant_op op = { .addr = addr };
	int err = 0;

	for (unsigned i = 0; i < n; i++) {
		op.gref = grefs[i];
		xennet_local_ungrant(ctx, &op, 1);
		if (op.status && err != -XENNET_EBUSY)
			err = op.status;
	}
	if (n)
		xennet_local_free_pages(ctx, addr, n);
	return err;
}
