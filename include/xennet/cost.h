/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * What the ways to a guest's bytes cost a backend on a platform, and from how
 * many bytes on one of them is the cheaper.
 *
 * Bytes out of a page that stays mapped cost a memcpy or less, which is part of
 * every other way too: where the frontend agrees to persistent grants there is
 * nothing to weigh. Else a slot is copied by the platform, at a price for the
 * operation and for each byte, or its page is mapped and unmapped, at a price
 * for the page.
 */
#ifndef XENNET_COST_H
#define XENNET_COST_H

#include <xennet/ops.h>

/* Nanoseconds of one operation in a batch. */
struct xennet_costs {
	uint32_t copy_few;  /* bytes: XENNET_COST_FEW */
	uint32_t copy_page; /* 0: all of this is unknown */
	uint32_t map;	    /* and look, and unmap; pages beside each other */
	uint32_t scattered; /* the same; pages of which none are */
	uint32_t memcpy_page;
};

#define XENNET_COST_FEW 64u

/* No slot is so large. */
#define XENNET_COST_NEVER (XENNET_PAGE + 1u)

#ifdef __cplusplus
extern "C" {
#endif

/* What is reckoned with where nothing was measured: Xen's user space, where a
 * page mapped costs as much as several copied. */
extern const struct xennet_costs xennet_costs_usual;

/*
 * Measures them in pages shared with ourselves, domid, in a few milliseconds.
 * Once per platform is enough. An error: what was needed could not be had
 * (-XENNET_EINVAL: the platform has no clock, or one too coarse), and *c is
 * zeroed. Sleeps.
 */
int xennet_costs_measure(const struct xennet_platform *p, uint16_t domid,
			 struct xennet_costs *c);

/*
 * The least bytes of a slot for which it is cheaper to map its page at this
 * price, and then to pay so much per page of bytes, than to copy them;
 * XENNET_COST_NEVER. 0: whatever the size.
 */
uint32_t xennet_cost_map_from(const struct xennet_costs *c, uint32_t map,
			      uint32_t bytes_page);

#ifdef __cplusplus
}
#endif

/*
 * From how many bytes on a backend maps a slot by XENNET_BY_COST: what it takes
 * from the guest is used in place, what it gives is copied into the page. Which
 * pages lie beside each other it cannot know before it has them, so that it
 * reckons with those that do not.
 */
static inline uint32_t xennet_cost_tx(const struct xennet_costs *c)
{
	return xennet_cost_map_from(c, c->scattered, 0);
}

static inline uint32_t xennet_cost_rx(const struct xennet_costs *c)
{
	return xennet_cost_map_from(c, c->scattered, c->memcpy_page);
}

#endif
