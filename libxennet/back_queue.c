/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#include "back_queue.h"

#include "alive.h"
#include "back_grant.h"
#include "back_static.h"
#include "chain.h"
#include "internal.h"
#include "notify.h"
#include "rate.h"

/* Buffers that nobody tells of are looked for so often (X14). */
#define LOOK_USEC 1000u

/* A TX ring's tables, in one piece of memory. */
struct layout {
	size_t slot, page, spare, late, grants, total;
};

static uint32_t quota(const struct xennet_back *b, uint32_t ring_size)
{
	return b->config.pgrants ? b->config.pgrants : ring_size;
}

/* Of a queue that has its rings. */
static enum xennet_strategy agreed(const struct xennet_back_queue *q,
				   const struct xennet_back *b,
				   enum xennet_strategy wanted)
{
	uint32_t n = quota(b, q->tx.ring.size) + quota(b, q->rx.ring.size);
	bool persistent =
		b->front.flags & b->config.offer.flags & XENNET_F_PERSISTENT &&
		n <= xennet_back_share(b);

	if (wanted == XENNET_BY_COST && persistent)
		return XENNET_PERSISTENT;
	if (wanted == XENNET_PERSISTENT && !persistent)
		return XENNET_COPY;
	return wanted;
}

/* From how many bytes of a slot on its page is mapped, not copied. */
static uint32_t map_from(enum xennet_strategy strategy, uint32_t by_cost)
{
	if (strategy == XENNET_BY_COST)
		return by_cost;
	return strategy == XENNET_COPY ? XENNET_COST_NEVER : 0;
}

static unsigned heads_pages(uint32_t size)
{
	return (unsigned)((size * XENNET_HEAD + XENNET_PAGE - 1) / XENNET_PAGE);
}

static unsigned keeps(enum xennet_strategy strategy)
{
	return strategy == XENNET_PERSISTENT ? XENNET_KEEPS_PERSISTENT : 0;
}

static struct layout tx_layout(const struct xennet_back_tx *tx,
			       uint32_t ngrants, bool in_order)
{
	uint32_t size = tx->ring.size;
	struct layout l;

	l.slot = 0;
	l.page = l.slot + size * sizeof(struct xennet_back_slot);
	l.spare = l.page + (tx->map_from ? size * sizeof(void *) : 0);
	l.spare = xennet_line_up(l.spare);
	l.late = xennet_line_up(l.spare + size * sizeof(uint16_t));
	l.grants = xennet_line_up(l.late + (in_order ? size : 0));
	l.total = l.grants;
	if (ngrants)
		l.total += XENNET_PGRANTS_SIZE(ngrants);
	return l;
}

/* What copies go to. Whole pages are page aligned, and so no head crosses one
 * (G1). */
static unsigned char *target_alloc(const struct xennet_back_queue *q,
				   unsigned pages, bool *near)
{
	const struct xennet_platform *p = q->platform;
	void *m = NULL;

	if (p->ops->copy_alloc && q->tx.strategy != XENNET_PERSISTENT)
		m = p->ops->copy_alloc(p->ctx, pages);
	*near = m != NULL;
	if (!m)
		m = p->ops->alloc(p->ctx, (size_t)pages * XENNET_PAGE);
	return (unsigned char *)m;
}

static void target_free(const struct xennet_back_queue *q, void *m,
			unsigned pages, bool near)
{
	const struct xennet_platform *p = q->platform;

	if (near)
		p->ops->copy_free(p->ctx, m, pages);
	else
		p->ops->free(p->ctx, m, (size_t)pages * XENNET_PAGE);
}

static int heads_alloc(struct xennet_back_queue *q)
{
	struct xennet_back_tx *tx = &q->tx;

	tx->head = target_alloc(q, heads_pages(tx->ring.size), &tx->head_near);
	return tx->head ? 0 : -XENNET_ENOMEM;
}

static void heads_free(struct xennet_back_queue *q)
{
	struct xennet_back_tx *tx = &q->tx;

	target_free(q, tx->head, heads_pages(tx->ring.size), tx->head_near);
}

static int pages_alloc(struct xennet_back_queue *q, unsigned char **page)
{
	struct xennet_back_tx *tx = &q->tx;
	uint32_t i;

	if (!tx->map_from)
		return 0;
	tx->page = page;
	page[0] = target_alloc(q, tx->ring.size, &tx->page_near);
	if (!page[0])
		return -XENNET_ENOMEM;
	for (i = 1; i < tx->ring.size; i++)
		page[i] = page[i - 1] + XENNET_PAGE;
	return 0;
}

static void pages_free(struct xennet_back_queue *q)
{
	struct xennet_back_tx *tx = &q->tx;
	uint32_t i, n = tx->swapped ? 1 : tx->ring.size;

	for (i = 0; tx->page && i < tx->ring.size; i += n)
		target_free(q, tx->page[i], n, tx->page_near);
}

static int tx_alloc(struct xennet_back_queue *q, uint32_t ngrants)
{
	const struct xennet_platform *p = q->platform;
	struct xennet_back_tx *tx = &q->tx;
	bool in_order = tx->ring.get_stamps;
	struct layout l = tx_layout(tx, ngrants, in_order);
	unsigned char *m;
	uint32_t i;
	int err;

	m = (unsigned char *)p->ops->alloc(p->ctx, l.total);
	if (!m)
		return -XENNET_ENOMEM;
	err = heads_alloc(q);
	if (err)
		goto free_tables;
	err = pages_alloc(q, (unsigned char **)(void *)(m + l.page));
	if (err)
		goto free_heads;
	tx->slot = (struct xennet_back_slot *)(void *)(m + l.slot);
	tx->spare = (uint16_t *)(void *)(m + l.spare);
	tx->in_order = in_order;
	tx->late = m + l.late;
	for (i = 0; i < tx->ring.size; i++)
		tx->spare[i] = (uint16_t)(tx->ring.size - 1 - i);
	tx->nspare = tx->ring.size;
	if (ngrants)
		xennet_pgrants_init(&tx->grants, m + l.grants, ngrants);
	return 0;

free_heads:
	heads_free(q);
free_tables:
	p->ops->free(p->ctx, m, l.total);
	return err;
}

static void tx_free(struct xennet_back_queue *q)
{
	const struct xennet_platform *p = q->platform;
	struct xennet_back_tx *tx = &q->tx;
	struct layout l = tx_layout(tx, tx->grants.cap, tx->in_order);

	pages_free(q);
	heads_free(q);
	p->ops->free(p->ctx, tx->slot, l.total);
}

static int rx_alloc(struct xennet_back_queue *q, uint32_t ngrants)
{
	const struct xennet_platform *p = q->platform;
	void *memory;

	if (!ngrants)
		return 0;
	memory = p->ops->alloc(p->ctx, XENNET_PGRANTS_SIZE(ngrants));
	if (!memory)
		return -XENNET_ENOMEM;
	xennet_pgrants_init(&q->rx.grants, memory, ngrants);
	return 0;
}

static void rx_free(struct xennet_back_queue *q)
{
	const struct xennet_platform *p = q->platform;

	if (q->rx.grants.cap)
		p->ops->free(p->ctx, q->rx.grants.node,
			     XENNET_PGRANTS_SIZE(q->rx.grants.cap));
}

/* Unmaps every persistent page; the tree is of no use after it. */
static void drop_grants(struct xennet_back_queue *q, struct xennet_pgrants *t)
{
	unsigned n = 0, i;

	for (i = 1; i <= t->cap; i++) {
		if (!t->node[i].addr)
			continue;
		xennet_back_unmap_op(q, &q->map[n++], t->node[i].addr,
				     t->node[i].handle);
		if (n == XENNET_BATCH) {
			xennet_back_unmap(q, q->map, n);
			n = 0;
		}
	}
	xennet_back_unmap(q, q->map, n);
}

/* Ends the mappings of packets that were never handed back. */
static void drop_slots(struct xennet_back_queue *q)
{
	struct xennet_back_tx *tx = &q->tx;
	uint32_t i;

	for (i = 0; i < tx->ring.size && tx->mapped; i++) {
		if (!tx->slot[i].addr)
			continue;
		xennet_back_unmap_op(q, &q->map[0], tx->slot[i].addr,
				     tx->slot[i].handle);
		xennet_back_unmap(q, q->map, 1);
		tx->slot[i].addr = NULL;
		tx->mapped--;
	}
}

static int blame(int err, int key)
{
	return xennet_platforms_fault(err) ? err : key;
}

static int map_ring(struct xennet_back_queue *q, struct xennet_ring *r,
		    const uint32_t *grefs,
		    const struct xennet_ring_shape *shape, void **pages)
{
	const struct xennet_platform *p = q->platform;
	int err;

	err = p->ops->map_ring(p->ctx, q->peer, grefs, shape->npages, pages);
	if (err)
		return blame(err, -XENNET_EKEY_RING);
	err = xennet_attach_back(r, *pages, shape);
	if (err)
		p->ops->unmap_ring(p->ctx, *pages, shape->npages);
	return err;
}

static void unmap_ring(struct xennet_back_queue *q, void *pages)
{
	const struct xennet_platform *p = q->platform;

	p->ops->unmap_ring(p->ctx, pages, q->npages);
}

static int bind(struct xennet_back_queue *q,
		const struct xennet_back_link *link)
{
	const struct xennet_platform *p = q->platform;
	int err;

	err = p->ops->evtchn_bind(p->ctx, q->peer, link->tx_port, &q->tx.port);
	if (err)
		return blame(err, -XENNET_EKEY_EVTCHN);
	q->rx.port = q->tx.port;
	if (link->rx_port == link->tx_port)
		return 0;
	err = p->ops->evtchn_bind(p->ctx, q->peer, link->rx_port, &q->rx.port);
	if (!err)
		return 0;
	p->ops->evtchn_close(p->ctx, q->tx.port);
	return blame(err, -XENNET_EKEY_EVTCHN);
}

/* Segment sizes go in a prefix only to who cannot take them otherwise. */
static uint32_t rx_flags(uint32_t front)
{
	static const uint32_t gso[] = { XENNET_F_GSO_TCPV4,
					XENNET_F_GSO_TCPV6 };
	static const uint32_t prefix[] = { XENNET_F_GSO_TCPV4_PREFIX,
					   XENNET_F_GSO_TCPV6_PREFIX };
	unsigned i;

	for (i = 0; i < 2; i++) {
		if (front & gso[i])
			front &= ~prefix[i];
		else if (front & prefix[i])
			front |= gso[i];
	}
	return front;
}

static void agree_on_memory(struct xennet_back_queue *q,
			    const struct xennet_back *b)
{
	const struct xennet_costs *costs = b->config.costs.copy_page
						   ? &b->config.costs
						   : &xennet_costs_usual;

	q->tx.strategy = agreed(q, b, b->config.tx);
	q->rx.strategy = agreed(q, b, b->config.rx);
	q->tx.keeps = keeps(q->tx.strategy);
	q->rx.keeps = keeps(q->rx.strategy);
	q->tx.map_from = map_from(q->tx.strategy, xennet_cost_tx(costs));
	q->rx.map_from = map_from(q->rx.strategy, xennet_cost_rx(costs));
}

static void agree(struct xennet_back_queue *q, struct xennet_back *b)
{
	uint32_t ours = b->config.offer.flags;

	q->platform = &b->config.platform;
	q->domid = b->config.domid;
	q->peer = b->config.peer;
	q->npages = 1u << b->front.ring_order;
	q->rate = &b->rate;
	q->tx.unmetered = XENNET_BURST;
	q->tx.slots_max = ours & XENNET_F_SG ? b->config.offer.slots : 1;
	q->tx.gso_mask = xennet_gso_mask(ours);
	q->tx.extras = XENNET_SEEN(GSO);
	if (ours & XENNET_F_CTRL_RING)
		q->tx.extras |= XENNET_SEEN(HASH);
	if (ours & XENNET_F_MCAST) {
		q->tx.extras |= XENNET_SEEN_MCAST;
		q->mcast = &b->mcast;
	}
	q->rx.flags = rx_flags(b->front.flags);
	q->rx.headroom = b->front.headroom;
	q->rx.slots_max = b->front.slots < XENNET_SLOTS_MAX ? b->front.slots
							    : XENNET_SLOTS_MAX;
}

XENNET_COLD int xennet_back_queue_connect(struct xennet_back_queue *q,
					  struct xennet_back *b,
					  const struct xennet_back_link *link)
{
	struct xennet_ring_shape tx, rx;
	enum xennet_layout layout;
	uint32_t n;
	int err;

	agree(q, b);
	layout = xennet_agreed_layout(b->front.flags);
	tx = xennet_tx_shape(q->npages, layout);
	rx = xennet_rx_shape(q->npages, layout);
	err = map_ring(q, &q->tx.ring, link->tx_gref, &tx, &q->tx.pages);
	if (err)
		return err;
	err = map_ring(q, &q->rx.ring, link->rx_gref, &rx, &q->rx.pages);
	if (err)
		goto unmap_tx;
	agree_on_memory(q, b);
	n = quota(b, q->tx.ring.size);
	err = tx_alloc(q, q->tx.strategy == XENNET_PERSISTENT ? n : 0);
	if (err)
		goto unmap_rx;
	n = quota(b, q->rx.ring.size);
	err = rx_alloc(q, q->rx.strategy == XENNET_PERSISTENT ? n : 0);
	if (err)
		goto free_tx;
	err = bind(q, link);
	if (err)
		goto free_rx;
	xennet_back_tx_resume(q);
	return 0;

free_rx:
	rx_free(q);
free_tx:
	tx_free(q);
unmap_rx:
	unmap_ring(q, q->rx.pages);
unmap_tx:
	unmap_ring(q, q->tx.pages);
	return err;
}

XENNET_COLD void xennet_back_queue_disconnect(struct xennet_back_queue *q)
{
	const struct xennet_platform *p = q->platform;

	if (q->rx.port != q->tx.port)
		p->ops->evtchn_close(p->ctx, q->rx.port);
	p->ops->evtchn_close(p->ctx, q->tx.port);
	drop_slots(q);
	drop_grants(q, &q->tx.grants);
	drop_grants(q, &q->rx.grants);
	drop_grants(q, &q->statics);
	xennet_back_static_free(q);
	rx_free(q);
	tx_free(q);
	unmap_ring(q, q->rx.pages);
	unmap_ring(q, q->tx.pages);
}

static struct xennet_awaited awaited(struct xennet_back_queue *q)
{
	struct xennet_awaited a = { &q->tx.ring, &q->rx.ring, q->tx.port,
				    q->rx.port, q->rx.wanting };

	return a;
}

XENNET_COLD void xennet_back_set_policy(struct xennet_back_queue *q,
					const struct xennet_policy *policy)
{
	struct xennet_awaited a = awaited(q);

	xennet_notify_set(&q->notify, &a, policy, q->platform);
}

/* For requests, and buffers if those are wanted. */
XENNET_COLD static int arm_both(struct xennet_back_queue *q)
{
	struct xennet_awaited a = awaited(q);
	uint32_t known = xennet_ring_known(&q->tx.ring);
	bool lost = xennet_alive_lost(q->alive);
	int n = xennet_notify_arm(&q->notify, &a, q->platform, &q->stats);

	/* its last messages are served first */
	if (lost && n >= 0 && xennet_peek(&q->tx.ring) <= (int)known)
		return -XENNET_EGONE;
	return n;
}

/* More requests make no difference now: only buffers end the sleep early. */
XENNET_COLD static int arm_without_credit(struct xennet_back_queue *q)
{
	struct xennet_ring *rx = &q->rx.ring;
	int n;

	q->notify.usec =
		xennet_load(&q->tx.unmetered) ? 0 : xennet_rate_wait(q);
	if (!q->notify.usec)
		return 1;
	/* what it may not send yet is not waited for */
	if (xennet_alive_lost(q->alive))
		return -XENNET_EGONE;
	n = q->rx.wanting ? xennet_arm(rx, 1) : 0;
	if (n > 0)
		xennet_ring_disarm(rx);
	return n;
}

XENNET_COLD int xennet_back_arm(struct xennet_back_queue *q)
{
	int n;

	if (q->broken)
		return q->broken;
	xennet_settle(q->platform, &q->tx.ring, q->tx.port, &q->stats);
	xennet_settle(q->platform, &q->rx.ring, q->rx.port, &q->stats);
	n = xennet_ring_known(&q->tx.ring) && !q->tx.partial
		    ? arm_without_credit(q)
		    : arm_both(q);
	if (n < 0)
		return xennet_break(&q->broken, n);
	if (q->rx.wanting && !(q->rx.flags & XENNET_F_RX_NOTIFY) &&
	    q->notify.usec - 1 >= LOOK_USEC)
		q->notify.usec = LOOK_USEC;
	return n > 0;
}

void xennet_back_wake(struct xennet_back_queue *q)
{
	struct xennet_awaited a = awaited(q);

	q->notify.usec = 0;
	xennet_notify_wake(&a, q->platform, &q->progress, &q->stats);
}
