/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#include <xennet/cost.h>

#include "internal.h"

/* Pages in a batch: those of two packets of 64 KiB. */
#define PAGES 32u
#define MEMORY ((size_t)PAGES * XENNET_PAGE)

/* The best of so many, or of those that this time is enough for. */
#define TRIES 8u
#define ENOUGH_NS 500000u

/* Two runs of pages that we have granted ourselves, and memory to copy to. */
struct bench {
	const struct xennet_platform *p;
	uint16_t domid;
	unsigned char *granted;
	unsigned char *memory;
	uint32_t gref[2 * PAGES];
	struct xennet_copy_op copy[PAGES];
	struct xennet_map_op map[PAGES];
	int err;
};

const struct xennet_costs xennet_costs_usual = { .copy_few = 300,
						 .copy_page = 600,
						 .map = 5000,
						 .scattered = 5000,
						 .memcpy_page = 100 };

XENNET_COLD static void copy(struct bench *b, uint32_t len)
{
	unsigned i;

	memset(b->copy, 0, sizeof(b->copy));
	for (i = 0; i < PAGES; i++) {
		b->copy[i].src.gref = b->gref[i];
		b->copy[i].src.domid = b->domid;
		b->copy[i].dst.addr = b->memory + (size_t)i * XENNET_PAGE;
		b->copy[i].len = (uint16_t)len;
		b->copy[i].status = XENNET_GNTST_GENERAL;
	}
	if (xennet_copy_run(b->p, b->copy, PAGES))
		b->err = -XENNET_EIO;
}

XENNET_COLD static void copy_few(struct bench *b)
{
	copy(b, XENNET_COST_FEW);
}

XENNET_COLD static void copy_page(struct bench *b)
{
	copy(b, XENNET_PAGE);
}

/* Unmaps those that were mapped, whatever became of the others. */
XENNET_COLD static void unmap(struct bench *b)
{
	unsigned i, n = 0;

	for (i = 0; i < PAGES; i++)
		if (b->map[i].addr)
			b->map[n++] = b->map[i];
	if (xennet_unmap_run(b->p, b->map, n) || n < PAGES)
		b->err = -XENNET_EIO;
}

XENNET_COLD static void map(struct bench *b, unsigned stride)
{
	unsigned i;

	memset(b->map, 0, sizeof(b->map));
	for (i = 0; i < PAGES; i++) {
		b->map[i].gref = b->gref[(size_t)i * stride];
		b->map[i].domid = b->domid;
		b->map[i].readonly = true;
		b->map[i].status = XENNET_GNTST_GENERAL;
	}
	xennet_map_run(b->p, b->map, PAGES);
	for (i = 0; i < PAGES; i++)
		if (b->map[i].addr)
			xennet_load((const uint32_t *)b->map[i].addr);
	unmap(b);
}

XENNET_COLD static void map_beside(struct bench *b)
{
	map(b, 1);
}

XENNET_COLD static void map_scattered(struct bench *b)
{
	map(b, 2);
}

XENNET_COLD static void plain(struct bench *b)
{
	memcpy(b->memory, b->granted, MEMORY);
}

XENNET_COLD static uint64_t now(const struct bench *b)
{
	return b->p->ops->clock(b->p->ctx);
}

/* Per operation; the first turn only warms up. */
XENNET_COLD static uint32_t best(struct bench *b, void (*way)(struct bench *b))
{
	uint64_t begin = now(b), least = UINT64_MAX, from, took = 0;
	unsigned i;

	for (i = 0; i <= TRIES && !b->err && now(b) - begin <= ENOUGH_NS; i++) {
		from = now(b);
		way(b);
		took = now(b) - from;
		if (i && took < least)
			least = took;
	}
	if (took < least)
		least = took;
	least = (least + PAGES - 1) / PAGES;
	return least < UINT32_MAX ? (uint32_t)least : UINT32_MAX;
}

XENNET_COLD static int measure(struct bench *b, struct xennet_costs *c)
{
	c->copy_few = best(b, copy_few);
	c->copy_page = best(b, copy_page);
	c->map = best(b, map_beside);
	c->scattered = best(b, map_scattered);
	c->memcpy_page = best(b, plain);
	if (!b->err && (!c->copy_page || !c->map || !c->scattered))
		b->err = -XENNET_EINVAL;
	return b->err;
}

XENNET_COLD static int run(struct bench *b, struct xennet_costs *c)
{
	const struct xennet_ops *ops = b->p->ops;
	void *pages;
	int err;

	err = ops->share(b->p->ctx, b->domid, 2 * PAGES, false, &pages,
			 b->gref);
	if (err)
		return err;
	b->granted = (unsigned char *)pages;
	/* pages that are there, which zeroes need not be */
	memset(pages, 1, 2 * MEMORY);
	err = measure(b, c);
	ops->unshare(b->p->ctx, pages, 2 * PAGES, b->gref);
	return err;
}

/* With memory of the kind that a queue copies to. */
XENNET_COLD static int run_near(struct bench *b, struct xennet_costs *c)
{
	const struct xennet_ops *ops = b->p->ops;
	void *near = ops->copy_alloc ? ops->copy_alloc(b->p->ctx, PAGES) : NULL;
	void *memory = near ? near : ops->alloc(b->p->ctx, MEMORY);
	int err;

	if (!memory)
		return -XENNET_ENOMEM;
	b->memory = (unsigned char *)memory;
	err = run(b, c);
	if (near)
		ops->copy_free(b->p->ctx, near, PAGES);
	else
		ops->free(b->p->ctx, memory, MEMORY);
	return err;
}

XENNET_COLD int xennet_costs_measure(const struct xennet_platform *p,
				     uint16_t domid, struct xennet_costs *c)
{
	struct bench *b;
	int err;

	memset(c, 0, sizeof(*c));
	if (!p->ops->clock)
		return -XENNET_EINVAL;
	b = (struct bench *)p->ops->alloc(p->ctx, sizeof(*b));
	if (!b)
		return -XENNET_ENOMEM;
	b->p = p;
	b->domid = domid;
	err = run_near(b, c);
	p->ops->free(p->ctx, b, sizeof(*b));
	if (err)
		memset(c, 0, sizeof(*c));
	return err;
}

/* What so many bytes cost at so much per page, in 1/4096 ns. */
static uint64_t price(uint32_t per_page, uint32_t bytes)
{
	return (uint64_t)per_page * bytes;
}

XENNET_COLD uint32_t xennet_cost_map_from(const struct xennet_costs *c,
					  uint32_t map, uint32_t bytes_page)
{
	uint32_t more =
		c->copy_page > c->copy_few ? c->copy_page - c->copy_few : 0;
	/* of a page of bytes, and what they cost whatever their number */
	uint64_t rate =
		price(more, XENNET_PAGE) / (XENNET_PAGE - XENNET_COST_FEW);
	uint64_t once = price(c->copy_few, XENNET_PAGE);
	uint64_t few = rate * XENNET_COST_FEW;
	uint64_t fixed = once > few ? once - few : 0;
	uint64_t mapped = price(map, XENNET_PAGE), bytes;

	if (fixed > mapped && rate >= bytes_page)
		return 0;
	if (rate <= bytes_page || fixed > mapped)
		return XENNET_COST_NEVER;
	bytes = (mapped - fixed) / (rate - bytes_page) + 1;
	return bytes < XENNET_COST_NEVER ? (uint32_t)bytes : XENNET_COST_NEVER;
}
