/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * From the backend: responses off the RX ring, checked, their pages taken back
 * where they are granted per use, delivered as packets in place, and posted
 * again when the packets come back.
 *
 * As at the other end, a poll has three passes: take, revoke, deliver.
 */
#include <xennet/front.h>

#include "chain.h"
#include "front_queue.h"
#include "internal.h"

enum { IDLE, POSTED, HELD, BUSY };

#define NEXT(q, b) ((q)->rx.buf[b].next)

static unsigned char *page_of(const struct xennet_front_rx *rx, uint16_t b)
{
	return rx->pool + (size_t)b * XENNET_PAGE;
}

static void recycle(struct xennet_front_rx *rx, uint16_t b)
{
	rx->buf[b].state = IDLE;
	rx->spare[rx->nspare++] = b;
}

static uint16_t buf_of(const struct xennet_front_rx *rx, const void *page)
{
	return (uint16_t)(((const unsigned char *)page - rx->pool) /
			  XENNET_PAGE);
}

/* Revokes the n grants noted; a page that is still in use becomes BUSY. */
static void revoke(struct xennet_front_queue *q, unsigned n)
{
	struct xennet_front_rx *rx = &q->rx;
	unsigned i;

	if (!n)
		return;
	q->stats.ungrant_calls++;
	q->platform->ops->ungrant(q->platform->ctx, q->op, n);
	for (i = 0; i < n; i++) {
		uint16_t b = buf_of(rx, q->op[i].addr);

		if (!q->op[i].status) {
			rx->gref[b] = XENNET_GREF_INVALID;
			continue;
		}
		rx->nbusy += rx->buf[b].state != BUSY;
		rx->buf[b].state = BUSY;
	}
}

static void note_revoke(struct xennet_front_queue *q, unsigned i, uint16_t b)
{
	q->op[i].addr = page_of(&q->rx, b);
	q->op[i].gref = q->rx.gref[b];
	q->op[i].status = -XENNET_EIO;
}

/* Tries the pages again that the backend would not let go of. */
XENNET_COLD static void retry_busy(struct xennet_front_queue *q)
{
	struct xennet_front_rx *rx = &q->rx;
	unsigned n = 0, i;

	for (i = 0; i < rx->ring.size && n < XENNET_BATCH; i++) {
		uint16_t b = rx->retry++ & (uint16_t)(rx->ring.size - 1);

		if (rx->buf[b].state == BUSY)
			note_revoke(q, n++, b);
	}
	revoke(q, n);
	for (i = 0; i < n; i++) {
		if (q->op[i].status)
			continue;
		rx->nbusy--;
		recycle(rx, buf_of(rx, q->op[i].addr));
	}
}

/* Grants n of the spare buffers; those that could not be stay spare. */
static unsigned grant(struct xennet_front_queue *q, unsigned n)
{
	struct xennet_front_rx *rx = &q->rx;
	uint16_t failed[XENNET_BATCH];
	unsigned i, nfailed = 0, first = rx->nspare - n;

	for (i = 0; i < n; i++) {
		q->op[i].addr = page_of(rx, rx->spare[first + i]);
		q->op[i].readonly = false;
		q->op[i].status = -XENNET_EIO;
	}
	q->stats.grant_calls++;
	q->platform->ops->grant(q->platform->ctx, q->peer, q->op, n);
	for (i = 0; i < n; i++) {
		uint16_t b = rx->spare[first + i];

		if (q->op[i].status) {
			failed[nfailed++] = b;
			continue;
		}
		rx->gref[b] = q->op[i].gref;
		rx->spare[first + i - nfailed] = b;
	}
	for (i = 0; i < nfailed; i++)
		rx->spare[rx->nspare - nfailed + i] = failed[i];
	return n - nfailed;
}

/* Posts the n buffers that lie in the stack from `first` on. */
static void put(struct xennet_front_rx *rx, unsigned first, unsigned n)
{
	unsigned i;

	for (i = first; i < first + n; i++) {
		uint16_t b = rx->spare[i];
		struct xennet_rx_req req = { b, 0, rx->gref[b] };

		rx->buf[b].state = POSTED;
		rx->posted[rx->ring.prod & (rx->ring.size - 1)] = b;
		xennet_rx_put_req(&rx->ring, &req);
	}
	memmove(&rx->spare[first], &rx->spare[first + n],
		(rx->nspare - first - n) * sizeof(rx->spare[0]));
	rx->nspare -= n;
}

void xennet_front_post(struct xennet_front_queue *q)
{
	struct xennet_front_rx *rx = &q->rx;
	unsigned n, granted;

	if (rx->nbusy)
		retry_busy(q);
	while (rx->nspare && xennet_ring_free(&rx->ring)) {
		n = xennet_ring_free(&rx->ring);
		if (n > rx->nspare)
			n = rx->nspare;
		if (n > XENNET_BATCH)
			n = XENNET_BATCH;
		granted = q->persistent ? n : grant(q, n);
		put(rx, rx->nspare - n, granted);
		if (granted < n)
			break;
	}
	xennet_publish(q->platform, &rx->ring, rx->port, &q->stats,
		       xennet_polls(&q->notify));
}

/*
 * A buffer comes off the ring, with what the response says it holds. Its grant
 * is one more of the *nops to revoke before anybody looks at the page.
 */
static void hold(struct xennet_front_queue *q, unsigned *nops, uint16_t b,
		 uint16_t offset, uint16_t size)
{
	struct xennet_front_buf *buf = &q->rx.buf[b];

	buf->state = HELD;
	buf->next = b;
	buf->offset = offset;
	buf->size = size;
	q->rx.ring.cons++;
	if (q->persistent)
		return;
	note_revoke(q, (*nops)++, b);
	if (*nops == XENNET_BATCH) {
		revoke(q, *nops);
		*nops = 0;
	}
}

static uint16_t posted(const struct xennet_front_rx *rx)
{
	return rx->posted[rx->ring.cons & (rx->ring.size - 1)];
}

/*
 * Takes a chain's buffers off the ring, linked from the first on. False: an id
 * is not that of the request in its place.
 */
static bool take(struct xennet_front_queue *q, unsigned *nops,
		 const struct xennet_chain *c)
{
	struct xennet_front_rx *rx = &q->rx;
	uint16_t last = posted(rx), b;
	unsigned i;

	for (i = 0; i < c->slots; i++) {
		const struct xennet_chain_data *d;

		b = posted(rx);
		/* the first response, the extras, the other responses */
		if (i && i <= c->extras) {
			hold(q, nops, b, 0, 0);
		} else {
			d = &c->data[i ? i - c->extras : 0];
			if (d->id != b)
				return false;
			hold(q, nops, b, d->offset, d->size);
		}
		NEXT(q, last) = b;
		last = b;
	}
	rx->skip_extra = c->rest_extra;
	rx->skip_data = c->rest_data;
	return true;
}

/* Passes over one slot of a chain that was refused before its end was there. */
XENNET_COLD static void skip(struct xennet_front_queue *q, unsigned *nops)
{
	struct xennet_front_rx *rx = &q->rx;
	struct xennet_extra extra;
	struct xennet_rx_rsp rsp;

	if (rx->skip_extra) {
		xennet_rx_look_extra(&rx->ring, rx->ring.cons, &extra);
		rx->skip_extra = extra.flags & XENNET_EXTRAF_MORE;
	} else {
		xennet_rx_look_rsp(&rx->ring, rx->ring.cons, &rsp);
		rx->skip_data = rsp.flags & XENNET_RXF_MORE_DATA;
	}
	hold(q, nops, posted(rx), 0, 0);
}

/* The buffers of a packet, from `b` on, may be posted again. */
static void release(struct xennet_front_queue *q, uint16_t b)
{
	struct xennet_front_rx *rx = &q->rx;
	uint16_t next = NEXT(q, b);

	for (;;) {
		if (rx->buf[b].state == HELD)
			recycle(rx, b);
		if (next == b)
			break;
		b = next;
		next = NEXT(q, b);
	}
}

/*
 * Puts the fragments together. The head is copied when the backend can still
 * write to the page, or when the first page holds less than a head, or less
 * than the headroom before it.
 */
static void assemble(struct xennet_front_queue *q, struct xennet_pkt *pkt,
		     uint32_t headroom)
{
	struct xennet_front_rx *rx = &q->rx;
	uint16_t b = pkt->token;
	unsigned char *head =
		rx->head + (size_t)b * xennet_front_head_size(headroom);
	uint32_t want = pkt->len < XENNET_HEAD ? pkt->len : XENNET_HEAD;
	uint32_t done = 0, h;

	pkt->nfrags = 0;
	if (!q->persistent && rx->buf[b].size >= want &&
	    rx->buf[b].offset >= headroom)
		want = 0;
	if (want)
		xennet_add_frag(pkt, head, want);
	for (;; b = NEXT(q, b)) {
		unsigned char *data = page_of(rx, b) + rx->buf[b].offset;

		h = want - done;
		if (h > rx->buf[b].size)
			h = rx->buf[b].size;
		if (h) {
			memcpy(head + done, data, h);
			q->stats.copied += h;
		}
		done += h;
		if (rx->buf[b].size > h)
			xennet_add_frag(pkt, data + h, rx->buf[b].size - h);
		if (NEXT(q, b) == b)
			break;
	}
	if (q->persistent && pkt->len > want)
		pkt->flags |= XENNET_PKT_SHARED;
}

static bool any_busy(struct xennet_front_queue *q, uint16_t b)
{
	while (q->rx.buf[b].state != BUSY) {
		if (NEXT(q, b) == b)
			return false;
		b = NEXT(q, b);
	}
	return true;
}

/* Refused packets have no length. */
static unsigned deliver(struct xennet_front_queue *q, struct xennet_burst *b,
			unsigned n)
{
	const uint32_t headroom = q->rx.headroom;
	struct xennet_frag *frag = b->frag;
	unsigned i, kept = 0;

	for (i = 0; i < n; i++) {
		struct xennet_pkt *pkt = &b->pkt[i];
		bool busy = q->rx.nbusy && any_busy(q, pkt->token);

		if (busy && pkt->len)
			xennet_count(&q->stats, XENNET_EPKT_PAGE_BUSY);
		if (busy || !pkt->len) {
			release(q, pkt->token);
			continue;
		}
		pkt->frag = frag;
		assemble(q, pkt, headroom);
		if (pkt->gso_type) {
			int err = xennet_check_gso(pkt);

			if (err) {
				xennet_count(&q->stats, err);
				release(q, pkt->token);
				continue;
			}
		}
		frag += pkt->nfrags;
		q->stats.rx_packets++;
		q->stats.rx_bytes += pkt->len;
		if (kept != i)
			b->pkt[kept] = *pkt;
		kept++;
	}
	return kept;
}

/* Takes one packet, good or refused; false: the backend is broken. */
static bool take_one(struct xennet_front_queue *q, unsigned *nops,
		     const struct xennet_chain *c, struct xennet_pkt *pkt)
{
	pkt->token = posted(&q->rx);
	pkt->len = c->err ? 0 : c->len;
	pkt->flags = c->flags;
	pkt->gso_type = c->gso_type;
	pkt->gso_size = c->gso_size;
	pkt->hash = c->hash;
	if (!take(q, nops, c)) {
		xennet_break(&q->broken, -XENNET_ERSP_ID);
		return false;
	}
	if (c->err)
		xennet_count(&q->stats, c->err);
	return true;
}

static unsigned take_all(struct xennet_front_queue *q, struct xennet_burst *b,
			 unsigned budget)
{
	struct xennet_front_rx *rx = &q->rx;
	struct xennet_chain_rules rules = { rx->slots_max, rx->gso_mask,
					    xennet_load(&rx->extras) };
	struct xennet_chain c;
	unsigned n = 0, nfrags = 0, nops = 0;

	while (n < budget && xennet_ring_known(&rx->ring)) {
		if (rx->skip_extra || rx->skip_data) {
			b->pkt[n].token = posted(rx);
			b->pkt[n++].len = 0;
			skip(q, &nops);
			continue;
		}
		xennet_chain_rx(&rx->ring, &rules, &c);
		if (nfrags + c.ndata + 1 > XENNET_BURST_FRAGS ||
		    !take_one(q, &nops, &c, &b->pkt[n]))
			break;
		n++;
		nfrags += c.ndata + 1;
	}
	revoke(q, nops);
	return n;
}

/*
 * Answers in order are only a number, on a line of its own: half a ring of them
 * is fetched as quickly as one, and as long as more is sent there is no hurry.
 */
static bool reap_is_due(struct xennet_front_tx *tx)
{
	uint32_t polled = tx->polled;

	tx->polled = tx->ring.pub;
	return !tx->in_order || tx->ring.pub == polled ||
	       xennet_ring_free(&tx->ring) < tx->ring.size / 2;
}

int xennet_front_poll(struct xennet_front_queue *q, struct xennet_burst *b,
		      unsigned budget)
{
	int n;

	if (q->broken)
		return q->broken;
	if (xennet_polls(&q->notify)) {
		xennet_look_again(q->platform, &q->tx.ring, q->tx.port,
				  &q->stats);
		xennet_look_again(q->platform, &q->rx.ring, q->rx.port,
				  &q->stats);
	}
	if (reap_is_due(&q->tx) && xennet_front_reap(q) < 0)
		return q->broken;
	n = (int)xennet_ring_known(&q->rx.ring);
	if ((unsigned)n < budget)
		n = xennet_ring_peek(&q->rx.ring);
	if (n < 0)
		return xennet_break(&q->broken, n);
	if (n > 0) {
		q->progress = true;
		n = (int)take_all(
			q, b, budget < XENNET_BURST ? budget : XENNET_BURST);
		n = (int)deliver(q, b, (unsigned)n);
	}
	if (q->rx.nspare || q->rx.nbusy)
		xennet_front_post(q);
	return n || !q->broken ? n : q->broken;
}

/* What the receiver wrote before packets in place is not for the backend, which
 * gets their pages again (X12). */
XENNET_COLD static void wipe_headroom(const struct xennet_front_rx *rx,
				      const struct xennet_pkt *pkt, unsigned n)
{
	while (n--) {
		uint16_t b = pkt[n].token;
		uint16_t offset = rx->buf[b].offset;

		if (offset >= rx->headroom)
			memset(page_of(rx, b) + offset - rx->headroom, 0,
			       rx->headroom);
	}
}

void xennet_front_done(struct xennet_front_queue *q,
		       const struct xennet_pkt *pkt, unsigned n)
{
	unsigned i;

	if (q->rx.headroom && !q->persistent)
		wipe_headroom(&q->rx, pkt, n);
	for (i = 0; i < n; i++)
		release(q, pkt[i].token);
	xennet_front_post(q);
}
