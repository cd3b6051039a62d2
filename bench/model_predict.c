/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * How often each thing happens to a packet of a burst of 32 on one queue.
 *
 * - A payload crosses in lines of 64 bytes, a request and its answer in 20
 *   bytes more (as the limit of `link` counts them). A line is one of a stream
 *   of pieces of about that size; writing it here and reading it there is one
 *   price, which both ends pay, as they wait for each other.
 * - Small packets are one slot and large ones 17, of which each is an
 *   operation: into a guest's page from a source that does not begin a page,
 *   two.
 * - A call takes a burst, or as many whole packets as the ring or the
 *   library's batch of 128 operations holds.
 * - Mapped TX pages follow each other within a packet, RX buffers throughout.
 *   Up to 128 bytes of a mapped packet are copied.
 * - Where pages are not persistent the frontend grants and revokes each.
 */
#include "model.h"

#define BURST 32.0
#define HEAD 128.0
#define SLOT_BYTES 20.0
#define BATCH_OPS 128.0
#define RING 128.0 /* slots of a page, in the layouts with lines of their own */

static double slots_of(double size)
{
	return size <= 4096 ? 1 : 17;
}

static double least(double a, double b)
{
	return a < b ? a : b;
}

static double line_ns(const struct model_prices *p, double size)
{
	if (size <= HEAD)
		return p->ns[MODEL_LINE_SMALL];
	return p->ns[size <= 4096 ? MODEL_LINE_PACKET : MODEL_LINE_PAGE];
}

/* Of one direction. */
struct traffic {
	const struct model_prices *p;
	enum xennet_strategy strategy;
	double size, slots, far;
};

static double crossing(const struct traffic *t, double bytes)
{
	return bytes / 64 * line_ns(t->p, t->size) * t->far;
}

static double packets_per_call(double ops)
{
	return least(least(BURST, RING / ops), BATCH_OPS / ops);
}

static double copy(const struct traffic *t, double ops, double bytes, bool in)
{
	const double *ns = t->p->ns;

	return ns[MODEL_COPY_CALL] / packets_per_call(ops) +
	       ops * ns[MODEL_COPY_OP] +
	       bytes * ns[in ? MODEL_COPY_IN : MODEL_COPY_OUT] * t->far;
}

static double map(const struct traffic *t, double packets)
{
	const double *ns = t->p->ns;

	return (ns[MODEL_MAP_CALL] + ns[MODEL_UNMAP_CALL]) / packets +
	       t->slots * (ns[MODEL_MAP_PAGE] + ns[MODEL_UNMAP_PAGE]);
}

static double granting(const struct traffic *t)
{
	return t->strategy == XENNET_PERSISTENT
		       ? 0
		       : t->slots * t->p->ns[MODEL_GRANT];
}

static double tx_front(const struct traffic *t)
{
	return t->slots * t->p->ns[MODEL_TX_FRONT] + granting(t) +
	       crossing(t, t->size + SLOT_BYTES);
}

/* reads: it looks at every byte. */
static double tx_back(const struct traffic *t, bool reads)
{
	const double *ns = t->p->ns;
	double base = t->slots * ns[MODEL_TX_BACK];
	double sum = reads ? t->size * ns[MODEL_SUM] : 0;

	if (t->strategy == XENNET_PERSISTENT)
		return base + crossing(t, t->size + SLOT_BYTES);
	if (t->strategy == XENNET_COPY)
		return base + sum + copy(t, t->slots, t->size, true);
	base += copy(t, 1, least(t->size, HEAD), true);
	if (t->size <= HEAD)
		return base;
	return base + map(t, 1) + crossing(t, t->size);
}

static double rx_back(const struct traffic *t)
{
	const double *ns = t->p->ns;
	double base = t->slots * ns[MODEL_RX_BACK];
	double ops = t->slots > 1 ? 2 * t->slots : 1 + t->size / 4096;

	if (t->strategy == XENNET_PERSISTENT)
		return base + crossing(t, t->size + SLOT_BYTES);
	if (t->strategy == XENNET_COPY)
		return base + copy(t, ops, t->size, false);
	return base + map(t, least(BURST, BATCH_OPS / 2 / t->slots)) +
	       crossing(t, t->size);
}

static double rx_front(const struct traffic *t)
{
	return t->slots * t->p->ns[MODEL_RX_FRONT] + granting(t) +
	       crossing(t, t->size + SLOT_BYTES);
}

struct model_ends model_predict(const struct model_prices *p,
				const struct link_cell *c, double far)
{
	struct traffic tx = { p, c->strategy->tx, c->size, slots_of(c->size),
			      far };
	struct traffic rx = tx;
	struct model_ends e = { 0, 0 };

	rx.strategy = c->strategy->rx;
	if (c->direction != LINK_RX) {
		e.front += tx_front(&tx);
		e.back += tx_back(&tx, c->direction == LINK_TX);
	}
	if (c->direction != LINK_TX) {
		e.front += rx_front(&rx);
		e.back += rx_back(&rx);
	}
	return e;
}
