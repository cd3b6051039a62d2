/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * map and unmap: a real mmap of the guest's pages and a real munmap. Pages
 * that follow each other, in the guest's memory or in ours, take one call.
 *
 * The kernel gives a process so many mappings (vm.max_map_count), of which
 * thousands of vifs that each keep hundreds of pages would take more than all.
 * Half of them are for such pages; past that a page is where it is in the
 * window, which costs nothing and is as good but for its cost.
 */
#include "internal.h"

#include <stdio.h>
#include <sys/mman.h>

#define CHUNK 256u

/* handle: who, which and how. */
static uint64_t handle_of(const struct xennet_map_op *op)
{
	return (uint64_t)op->domid << 48 | (uint64_t)op->readonly << 32 |
	       op->gref;
}

static uint16_t handle_domid(uint64_t handle)
{
	return (uint16_t)(handle >> 48);
}

static bool handle_readonly(uint64_t handle)
{
	return handle >> 32 & 1;
}

#define MAPPINGS 65530u /* the kernel's default */

void xennet_local_singles_init(struct xennet_local *p)
{
	FILE *f = fopen("/proc/sys/vm/max_map_count", "re");
	unsigned n = MAPPINGS;

	if (f && fscanf(f, "%u", &n) != 1)
		n = MAPPINGS;
	if (f)
		fclose(f);
	p->singles_max = n / 2;
}

static bool in_window(const struct domain *d, const void *addr)
{
	return (uintptr_t)addr - (uintptr_t)d->window <
	       (size_t)d->npages * XENNET_PAGE;
}

/* Where n pages from this frame on are; MAP_FAILED. */
static unsigned char *place(struct xennet_local *p, struct domain *d,
			    uint32_t frame, unsigned n, int prot)
{
	uint32_t before =
		atomic_fetch_add_explicit(&p->singles, n, memory_order_relaxed);

	if (before + n > p->singles_max) {
		atomic_fetch_sub(&p->singles, n);
		return d->window + (size_t)frame * XENNET_PAGE;
	}
	xennet_local_count(&p->counters, COUNT_MMAPS, 1);
	return mmap(NULL, (size_t)n * XENNET_PAGE, prot,
		    MAP_SHARED | MAP_POPULATE, d->memfd,
		    (off_t)frame * XENNET_PAGE);
}

/* A run of pages of one domain, frame by frame. */
static void map_run(struct xennet_local *p, struct domain *d, uint32_t frame,
		    struct xennet_map_op *op, unsigned n)
{
	int prot = op->readonly ? PROT_READ : PROT_READ | PROT_WRITE;
	unsigned char *addr;

	addr = place(p, d, frame, n, prot);
	if (addr == MAP_FAILED) {
		atomic_fetch_sub(&p->singles, n);
		for (unsigned i = 0; i < n; i++) {
			xennet_local_unpin(d, op[i].gref, !op[i].readonly);
			op[i].status = XENNET_GNTST_GENERAL;
		}
		return;
	}
	xennet_local_domain_keep(d, n);
	xennet_local_count(&p->counters, COUNT_MAPPED, n);
	for (unsigned i = 0; i < n; i++) {
		op[i].addr = addr + (size_t)i * XENNET_PAGE;
		op[i].handle = handle_of(&op[i]);
	}
}

static unsigned pin_chunk(struct held *h, struct xennet_map_op *op,
			  uint32_t *frame, unsigned n)
{
	struct domain *d;
	unsigned i;

	for (i = 0; i < n && i < CHUNK && h->n < HELD; i++) {
		d = xennet_local_held(h, op[i].domid);
		op[i].addr = NULL;
		op[i].handle = 0;
		op[i].status = XENNET_GNTST_GENERAL;
		if (d)
			op[i].status = xennet_local_pin(
				d, op[i].gref, !op[i].readonly, &frame[i]);
	}
	return i;
}

static unsigned run_length(const struct xennet_map_op *op,
			   const uint32_t *frame, unsigned n)
{
	unsigned i = 1;

	while (i < n && op[i].status == XENNET_GNTST_OKAY &&
	       op[i].domid == op[0].domid && op[i].readonly == op[0].readonly &&
	       frame[i] == frame[0] + i)
		i++;
	return i;
}

static unsigned map_chunk(struct xennet_local *p, struct xennet_map_op *op,
			  unsigned n)
{
	struct held h = { .all = p->server ? &p->server->domains : NULL };
	uint32_t frame[CHUNK];
	unsigned run;

	n = pin_chunk(&h, op, frame, n);
	for (unsigned i = 0; i < n; i += run) {
		run = 1;
		if (op[i].status != XENNET_GNTST_OKAY)
			continue;
		run = run_length(op + i, frame + i, n - i);
		map_run(p, xennet_local_held(&h, op[i].domid), frame[i], op + i,
			run);
	}
	xennet_local_held_put(&h);
	return n;
}

void xennet_local_map(void *ctx, struct xennet_map_op *op, unsigned n)
{
	unsigned done;

	for (; n; op += done, n -= done)
		done = map_chunk(ctx, op, n);
}

/* The domain of a mapped page; what it has mapped keeps it. */
static struct domain *mapped_domain(struct xennet_local *p, uint64_t handle)
{
	uint16_t domid = handle_domid(handle);

	if (!p->server || domid >= DOMIDS)
		return NULL;
	return atomic_load_explicit(&p->server->domains.at[domid],
				    memory_order_acquire);
}

static bool unmap_ok(struct xennet_local *p, const struct xennet_map_op *op)
{
	return op->addr && (uintptr_t)op->addr % XENNET_PAGE == 0 &&
	       mapped_domain(p, op->handle);
}

static bool windowed(struct xennet_local *p, const struct xennet_map_op *op)
{
	return in_window(mapped_domain(p, op->handle), op->addr);
}

/* How many of op lie beside each other; from lo to *hi. */
static unsigned unmap_span(struct xennet_local *p,
			   const struct xennet_map_op *op, unsigned n,
			   uintptr_t *lo, uintptr_t *hi)
{
	uintptr_t at;
	unsigned i;

	*lo = (uintptr_t)op->addr;
	*hi = *lo + XENNET_PAGE;
	for (i = 1; i < n && unmap_ok(p, &op[i]) && !windowed(p, &op[i]); i++) {
		at = (uintptr_t)op[i].addr;
		if (at == *hi)
			*hi += XENNET_PAGE;
		else if (at + XENNET_PAGE == *lo)
			*lo = at;
		else
			break;
	}
	return i;
}

static void unmap_done(struct xennet_local *p, struct xennet_map_op *op)
{
	struct domain *d = mapped_domain(p, op->handle);

	op->status = XENNET_GNTST_GENERAL;
	if (!xennet_local_unpin(d, (uint32_t)op->handle,
				!handle_readonly(op->handle)))
		return;
	op->status = XENNET_GNTST_OKAY;
	xennet_local_count(&p->counters, COUNT_MAPPED, -1);
	xennet_local_domain_put(d, 1);
}

void xennet_local_unmap(void *ctx, struct xennet_map_op *op, unsigned n)
{
	struct xennet_local *p = ctx;
	uintptr_t lo, hi;
	unsigned run;
	int err;

	for (unsigned i = 0; i < n; i += run) {
		run = 1;
		op[i].status = XENNET_GNTST_GENERAL;
		if (!unmap_ok(p, &op[i]))
			continue;
		if (windowed(p, &op[i])) {
			unmap_done(p, &op[i]);
			continue;
		}
		run = unmap_span(p, op + i, n - i, &lo, &hi);
		/* gone from here /before/ the guest may have it back */
		err = munmap((void *)lo, hi - lo);
		atomic_fetch_sub(&p->singles, err ? 0 : run);
		xennet_local_count(&p->counters, COUNT_MUNMAPS, 1);
		for (unsigned k = 0; k < run; k++) {
			op[i + k].status = XENNET_GNTST_GENERAL;
			if (!err)
				unmap_done(p, &op[i + k]);
		}
	}
}
