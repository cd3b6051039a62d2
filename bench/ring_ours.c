/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* TX requests and responses through xennet/ring.h. */
#include <xennet/wire.h>

#include "pair.h"

static const struct xennet_ring_shape shape = { 1, xennet_tx_slot_size,
						XENNET_STANDARD, false };

struct front_end {
	struct xennet_ring ring;
	uint16_t id;
};

struct back_end {
	struct xennet_ring ring;
};

static uint64_t notified;

static void front_open(struct front_end *f, void *page)
{
	f->id = 0;
	xennet_ring_format(page, &shape);
	xennet_ring_front(&f->ring, page, &shape);
}

static void back_open(struct back_end *b, void *page)
{
	xennet_ring_back(&b->ring, page, &shape);
}

static inline unsigned room(const struct front_end *f)
{
	return xennet_ring_free(&f->ring);
}

static inline void ask(struct front_end *f, unsigned n)
{
	while (n--) {
		struct xennet_tx_req req = { .gref = 8u + f->id, .size = 64 };

		req.id = f->id++;
		xennet_tx_put_req(&f->ring, &req);
	}
	notified += xennet_ring_push(&f->ring);
}

static inline unsigned answer(struct back_end *b, unsigned n)
{
	int there = xennet_ring_peek(&b->ring);
	struct xennet_tx_rsp rsp = { .status = XENNET_RSP_OKAY };
	struct xennet_tx_req req;
	unsigned i;

	if (there <= 0)
		return 0;
	if (n > (unsigned)there)
		n = (unsigned)there;
	for (i = 0; i < n; i++) {
		xennet_tx_get_req(&b->ring, &req);
		rsp.id = req.id;
		xennet_tx_put_rsp(&b->ring, &rsp);
	}
	notified += xennet_ring_push(&b->ring);
	return n;
}

static inline unsigned collect(struct front_end *f, uint64_t *sum)
{
	int there = xennet_ring_peek(&f->ring), i;
	struct xennet_tx_rsp rsp;

	if (there <= 0)
		return 0;
	for (i = 0; i < there; i++) {
		xennet_tx_get_rsp(&f->ring, &rsp);
		*sum += rsp.id;
	}
	return (unsigned)there;
}

#include "ring_loops.h"

const struct pair_case pair_ring = {
	.name = "xennet", .alone = alone, .front = front, .back = back
};
