/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#include "rate.h"

#include "chain.h"
#include "store.h"

/* Credit comes so many times a period, and is counted in as many parts of a
 * byte: a part of the period brings as many of them as the period bytes. */
#define PARTS 16

/* Shorter periods are doubled until they are not. */
#define PERIOD_MIN_USEC 1000u

/* Nobody sleeps longer: the limit may have been lifted. */
#define WAIT_MAX_USEC 100000u

/* "BYTES,USEC" in digits; a period of 0 is none. */
static bool parse(const char *text, unsigned len, uint32_t *bytes,
		  uint32_t *usec)
{
	unsigned i = 0;

	while (i < len && text[i] != ',')
		i++;
	return i < len && !xennet_store_number(text, i, bytes) &&
	       !xennet_store_number(text + i + 1, len - i - 1, usec) && *usec;
}

/* A clock without division: 64 ns. */
static uint64_t ticks(const struct xennet_back_queue *q)
{
	return q->platform->ops->clock(q->platform->ctx) >> 6;
}

static void publish(struct xennet_back *b, uint32_t bytes, uint32_t slice)
{
	struct xennet_back_rate *r = &b->rate;
	unsigned i;

	xennet_store(&r->version, r->version + 1);
	xennet_mb();
	xennet_store(&r->bytes, bytes);
	xennet_store(&r->slice, slice);
	xennet_store_release(&r->version, r->version + 1);
	for (i = 0; i < b->front.queues; i++)
		xennet_store(&b->queue[i].tx.unmetered,
			     slice ? 0 : XENNET_BURST);
}

XENNET_COLD int xennet_rate_follow(struct xennet_back *b)
{
	const struct xennet_platform *p = &b->config.platform;
	uint32_t bytes = 0, usec, slice = 0, n = b->front.queues;
	char text[24];
	int len = xennet_store_text(p, b->dir, XENNET_RATE_KEY, text,
				    sizeof(text));

	if (len < 0 && len != -XENNET_ENOENT)
		return len;
	if (len > 0 && (size_t)len < sizeof(text) && p->ops->clock &&
	    parse(text, (unsigned)len, &bytes, &usec)) {
		for (; usec < PERIOD_MIN_USEC; usec *= 2)
			bytes = bytes > UINT32_MAX / 2 ? UINT32_MAX : bytes * 2;
		slice = (uint32_t)((uint64_t)usec * 1000 / PARTS >> 6);
	}
	bytes = bytes / n + (bytes % n != 0);
	if (b->rate.bytes != bytes || b->rate.slice != slice ||
	    b->queue[0].tx.unmetered != (slice ? 0 : XENNET_BURST))
		publish(b, bytes, slice);
	return 0;
}

/* The limit as it is now, unless it is being changed: then as it was. */
XENNET_COLD static void look(struct xennet_back_queue *q, uint64_t now)
{
	const struct xennet_back_rate *r = q->rate;
	struct xennet_back_credit *c = &q->tx.credit;
	uint32_t version = xennet_load_acquire(&r->version);
	uint32_t bytes = xennet_load_acquire(&r->bytes);
	uint32_t slice = xennet_load_acquire(&r->slice);

	if (version == c->version || version & 1 ||
	    version != xennet_load(&r->version))
		return;
	c->version = version;
	c->bytes = bytes;
	c->slice = slice;
	c->since = now;
	c->charged = q->stats.tx_bytes;
	/* what looks like a debt may have come before there was a limit */
	c->left = 0;
}

XENNET_COLD static void settle(struct xennet_back_queue *q)
{
	struct xennet_back_credit *c = &q->tx.credit;
	uint64_t now = ticks(q), passed;
	uint32_t n;

	look(q, now);
	c->left -= (int64_t)(q->stats.tx_bytes - c->charged) * PARTS;
	c->charged = q->stats.tx_bytes;
	passed = now - c->since;
	/* the first look may have met a change */
	if (passed < c->slice || !c->slice)
		return;
	n = (uint32_t)(passed > UINT32_MAX ? UINT32_MAX : passed) / c->slice;
	c->since += (uint64_t)n * c->slice;
	c->left += (int64_t)n * c->bytes;
	if (c->left > (int64_t)c->bytes * PARTS)
		c->left = (int64_t)c->bytes * PARTS;
}

/* How many of the packets that are there, with the one that uses the credit
 * up. At what stops the count the poll looks itself. */
XENNET_COLD static unsigned affordable(const struct xennet_back_tx *tx,
				       unsigned budget)
{
	struct xennet_chain_rules rules = { tx->slots_max, tx->gso_mask,
					    tx->extras };
	struct xennet_ring r = tx->ring;
	int64_t left = tx->credit.left;
	struct xennet_chain c;
	unsigned n;

	for (n = 0; n < budget && left > 0 && xennet_ring_known(&r); n++) {
		if (!xennet_chain_tx(&r, &rules, &c) || c.err)
			break;
		left -= (int64_t)c.len * PARTS;
		r.cons += c.slots;
	}
	return n ? n : 1;
}

XENNET_COLD unsigned xennet_rate_budget(struct xennet_back_queue *q,
					unsigned budget)
{
	struct xennet_back_tx *tx = &q->tx;

	if (budget > XENNET_BURST)
		budget = XENNET_BURST;
	if (xennet_load(&tx->unmetered))
		return budget;
	settle(q);
	if (tx->credit.left <= 0) {
		/* whatever is on the ring, it is the credit that lacks */
		tx->partial = false;
		return 0;
	}
	return affordable(tx, budget);
}

XENNET_COLD uint32_t xennet_rate_wait(struct xennet_back_queue *q)
{
	const struct xennet_back_credit *c = &q->tx.credit;
	uint64_t wait;

	settle(q);
	if (c->left > 0)
		return 0;
	if (!c->bytes)
		return WAIT_MAX_USEC;
	wait = (uint64_t)((uint32_t)-c->left / c->bytes + 1) * c->slice;
	/* a little more than 64 ns each */
	wait = wait / 16 + wait / 512 + 1;
	return wait < WAIT_MAX_USEC ? (uint32_t)wait : WAIT_MAX_USEC;
}
