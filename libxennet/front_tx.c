/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * To the backend: packets copied into pages of the pool, several small ones to
 * a page, their requests on the TX ring, and the answers that free them.
 *
 * The lowest free page is taken first: the pages in use stay few and in the
 * cache, and a large packet lies in neighbours, which the backend can map as
 * one.
 */
#include <xennet/front.h>

#include "front_queue.h"
#include "internal.h"

/* What became of an id: nothing; the backend has its request; or that is no
 * request, but extra info in the id's place; or it asks for something. */
enum { SPARE, OUT, OUT_EXTRA, OUT_ASKED };

/* Packets begin on a cache line, so that no two share one. */
#define LINE 64u

/* How many lines of the pool, and how many slots of the ring, are fetched
 * before they are written. */
#define LINES_AHEAD 16u
#define SLOTS_AHEAD 32

static uint32_t line_up(uint32_t n)
{
	return (n + LINE - 1) & ~(LINE - 1);
}

static int unfit(const struct xennet_front_tx *tx, const struct xennet_pkt *pkt)
{
	if (pkt->len > XENNET_MAX_TX_SIZE)
		return XENNET_EPKT_LONG;
	return xennet_unfit(tx->flags, pkt);
}

static void free_page(struct xennet_front_tx *tx, uint32_t page)
{
	tx->avail[page / 64] |= 1ull << page % 64;
}

/* The lowest free page; npages: none. */
static uint32_t find_page(const struct xennet_front_tx *tx)
{
	uint32_t i;

	for (i = 0; i * 64 < tx->npages; i++)
		if (tx->avail[i])
			return i * 64 + (uint32_t)__builtin_ctzll(tx->avail[i]);
	return tx->npages;
}

/* Revokes the grants noted in q->op[0..n-1], of pages that nobody uses. */
static void revoke(struct xennet_front_queue *q, unsigned n)
{
	struct xennet_front_tx *tx = &q->tx;
	unsigned i;

	if (!n)
		return;
	q->stats.ungrant_calls++;
	q->platform->ops->ungrant(q->platform->ctx, q->op, n);
	for (i = 0; i < n; i++) {
		uint32_t page =
			(uint32_t)(((unsigned char *)q->op[i].addr - tx->pool) /
				   XENNET_PAGE);

		if (q->op[i].status) {
			if (!tx->page[page].busy)
				xennet_count(&q->stats, XENNET_EBUSY);
			tx->nbusy += !tx->page[page].busy;
			tx->page[page].busy = 1;
			continue;
		}
		tx->nbusy -= tx->page[page].busy;
		tx->page[page].busy = 0;
		tx->gref[page] = XENNET_GREF_INVALID;
		free_page(tx, page);
	}
}

static void note_revoke(struct xennet_front_queue *q, unsigned i, uint32_t page)
{
	q->op[i].addr = q->tx.pool + (size_t)page * XENNET_PAGE;
	q->op[i].gref = q->tx.gref[page];
	q->op[i].status = -XENNET_EIO;
}

/* Tries the pages again that the backend would not let go of. */
XENNET_COLD static void retry_busy(struct xennet_front_queue *q)
{
	struct xennet_front_tx *tx = &q->tx;
	unsigned n = 0, i;

	for (i = 0; i < tx->npages && n < XENNET_BATCH; i++) {
		uint32_t page = tx->retry++ & (tx->npages - 1);

		if (tx->page[page].busy)
			note_revoke(q, n++, page);
	}
	revoke(q, n);
}

/* So many users less. True: q->op[n] has become a grant to revoke. */
static bool leave_page(struct xennet_front_queue *q, uint32_t page,
		       unsigned users, unsigned n)
{
	struct xennet_front_tx *tx = &q->tx;

	tx->page[page].users -= (uint16_t)users;
	if (tx->page[page].users)
		return false;
	if (page == tx->packing) {
		tx->fill = 0;
		return false;
	}
	if (q->persistent) {
		free_page(tx, page);
		return false;
	}
	note_revoke(q, n, page);
	return true;
}

static void count_asked(struct xennet_front_queue *q, int16_t status)
{
	if (status == XENNET_RSP_OKAY)
		q->stats.mcast_okay++;
	else
		xennet_count(&q->stats, XENNET_EMCAST);
}

static void count_answer(struct xennet_front_queue *q,
			 struct xennet_front_id id, int16_t status)
{
	if (!id.first) {
		if (id.out == OUT_ASKED)
			count_asked(q, status);
		return;
	}
	q->stats.tx_acked++;
	if (status == XENNET_RSP_NULL)
		xennet_count(&q->stats, XENNET_EPKT_NULL);
	else if (status != XENNET_RSP_OKAY)
		xennet_count(&q->stats, XENNET_EPKT_STATUS);
}

/* Takes n answers off a ring where they lie, in whatever order. */
static int reap_slots(struct xennet_front_queue *q, int n)
{
	struct xennet_front_tx *tx = &q->tx;
	unsigned nops = 0;
	int i;

	for (i = 0; i < n; i++) {
		struct xennet_front_id id;
		struct xennet_tx_rsp rsp;

		/* the next requests go there */
		if (i + SLOTS_AHEAD < n)
			xennet_prefetch_write(xennet_tx_slot_req(
				&tx->ring, tx->ring.cons + SLOTS_AHEAD));
		xennet_tx_get_rsp(&tx->ring, &rsp);
		if (rsp.status == XENNET_RSP_NULL && tx->extras) {
			tx->extras--;
			continue;
		}
		if (rsp.id >= tx->ring.size || !tx->id[rsp.id].out)
			return -XENNET_ERSP_ID;
		id = tx->id[rsp.id];
		tx->id[rsp.id].out = SPARE;
		tx->spare[tx->nspare++] = rsp.id;
		count_answer(q, id, rsp.status);
		nops += leave_page(q, id.page, 1, nops);
		if (nops == XENNET_BATCH) {
			revoke(q, nops);
			nops = 0;
		}
	}
	revoke(q, nops);
	return n;
}

/* What the answer in this place says; of no fault it says nothing. */
static int16_t place_status(const struct xennet_ring *r, uint32_t index)
{
	struct xennet_tx_req req;

	/* an answer is told from our request by the zeroes after it (R16) */
	xennet_tx_look_req(r, index, &req);
	if (req.offset | req.flags | req.id | req.size)
		return XENNET_RSP_OKAY;
	return (int16_t)(req.gref >> 16);
}

/* How many of the n places from index on are one like the other: whole packets
 * in the same page. */
static unsigned alike(const struct xennet_front_tx *tx, uint32_t index,
		      unsigned n)
{
	uint32_t mask = tx->ring.size - 1;
	struct xennet_front_id first = tx->id[index & mask];
	unsigned i = 1;

	if (!first.first)
		return 1;
	while (i < n && tx->id[(index + i) & mask].page == first.page &&
	       tx->id[(index + i) & mask].first)
		i++;
	return i;
}

/* Takes n answers that say by their number alone what they answer. */
static int reap_in_order(struct xennet_front_queue *q, int n)
{
	struct xennet_front_tx *tx = &q->tx;
	struct xennet_ring *r = &tx->ring;
	uint32_t mark = xennet_load(xennet_ring_mark(r));
	unsigned nops = 0, run;
	int i;

	for (i = 0; i < n; i += (int)run, r->cons += run) {
		struct xennet_front_id id = tx->id[r->cons & (r->size - 1)];

		run = 1;
		if (id.out == OUT_EXTRA)
			continue;
		/* a mark that is further ahead than the ring is long past */
		if (mark - r->cons - 1 < r->size) {
			count_answer(q, id, place_status(r, r->cons));
		} else if (XENNET_UNLIKELY(id.out == OUT_ASKED)) {
			count_asked(q, XENNET_RSP_OKAY);
		} else {
			run = alike(tx, r->cons, (unsigned)(n - i));
			q->stats.tx_acked += run * id.first;
		}
		nops += leave_page(q, id.page, run, nops);
		if (nops == XENNET_BATCH) {
			revoke(q, nops);
			nops = 0;
		}
	}
	revoke(q, nops);
	return n;
}

int xennet_front_reap(struct xennet_front_queue *q)
{
	struct xennet_front_tx *tx = &q->tx;
	int n = xennet_ring_peek(&tx->ring);

	if (n > 0)
		n = tx->in_order ? reap_in_order(q, n) : reap_slots(q, n);
	if (n < 0)
		return xennet_break(&q->broken, n);
	tx->answered |= n > 0;
	q->progress |= n > 0;
	return n;
}

/* Grants the n pages taken, unless they are granted for good. */
static int grant(struct xennet_front_queue *q, const uint32_t *page, unsigned n)
{
	struct xennet_front_tx *tx = &q->tx;
	unsigned i, failed = 0;

	if (q->persistent)
		return 0;
	for (i = 0; i < n; i++) {
		q->op[i].addr = tx->pool + (size_t)page[i] * XENNET_PAGE;
		q->op[i].readonly = true;
		q->op[i].status = -XENNET_EIO;
	}
	q->stats.grant_calls++;
	q->platform->ops->grant(q->platform->ctx, q->peer, q->op, n);
	for (i = 0; i < n; i++) {
		tx->gref[page[i]] =
			q->op[i].status ? XENNET_GREF_INVALID : q->op[i].gref;
		failed += q->op[i].status != 0;
	}
	return failed ? -XENNET_ENOSPC : 0;
}

/* Gives pages back that nothing was put into. */
static void untake(struct xennet_front_queue *q, const uint32_t *page,
		   unsigned n)
{
	unsigned i, nops = 0;

	for (i = 0; i < n; i++) {
		if (q->persistent || !q->tx.gref[page[i]])
			free_page(&q->tx, page[i]);
		else
			note_revoke(q, nops++, page[i]);
	}
	revoke(q, nops);
}

/* Takes n pages and grants them. -XENNET_ENOSPC: there are not as many. */
static int take_pages(struct xennet_front_queue *q, uint32_t *page, unsigned n)
{
	struct xennet_front_tx *tx = &q->tx;
	unsigned i;
	int err = 0;

	for (i = 0; i < n; i++) {
		page[i] = find_page(tx);
		if (page[i] == tx->npages)
			break;
		tx->avail[page[i] / 64] &= ~(1ull << page[i] % 64);
	}
	if (i == n)
		err = grant(q, page, n);
	if (i == n && !err)
		return 0;
	untake(q, page, i);
	return -XENNET_ENOSPC;
}

/* The id of the next request, and then of those after it. */
static uint16_t next_id(const struct xennet_front_tx *tx, unsigned after)
{
	if (tx->in_order)
		return (uint16_t)((tx->ring.prod + after) &
				  (tx->ring.size - 1));
	return tx->spare[tx->nspare - 1 - after];
}

static void take_ids(struct xennet_front_tx *tx, unsigned n)
{
	if (!tx->in_order)
		tx->nspare -= n;
}

static void put_req(struct xennet_front_queue *q, uint32_t page,
		    uint32_t offset, uint32_t size, uint16_t flags, bool first)
{
	struct xennet_front_tx *tx = &q->tx;
	uint16_t id = next_id(tx, 0);
	struct xennet_tx_req req;

	take_ids(tx, 1);
	tx->page[page].users++;
	tx->id[id].page = (uint16_t)page;
	tx->id[id].out = OUT;
	tx->id[id].first = first;
	req.gref = tx->gref[page];
	req.offset = (uint16_t)offset;
	req.flags = flags;
	req.id = id;
	req.size = (uint16_t)size;
	xennet_tx_put_req(&tx->ring, &req);
}

/* Whether its hash goes along. Asked once per packet: it may change. */
static bool hashed(const struct xennet_front_tx *tx,
		   const struct xennet_pkt *pkt)
{
	return pkt->flags & XENNET_PKT_HASH && xennet_load(&tx->hashes);
}

static void put_extra(struct xennet_front_queue *q,
		      const struct xennet_extra *e)
{
	struct xennet_front_tx *tx = &q->tx;

	if (tx->in_order) {
		struct xennet_front_id *id = &tx->id[next_id(tx, 0)];

		id->out = OUT_EXTRA;
		id->first = 0;
	} else {
		tx->extras++;
	}
	xennet_tx_put_extra(&tx->ring, e);
}

static void put_extras(struct xennet_front_queue *q,
		       const struct xennet_pkt *pkt, bool hash)
{
	struct xennet_extra e;

	if (pkt->gso_type) {
		xennet_extra_gso(&e, pkt, hash);
		put_extra(q, &e);
	}
	if (hash) {
		xennet_extra_hash(&e, pkt, false);
		put_extra(q, &e);
	}
}

/*
 * Packs into this page from now on, if it has more room. The one before has
 * packets in it, whose last answer frees it.
 */
static void repack(struct xennet_front_tx *tx, uint32_t page, uint32_t fill)
{
	fill = line_up(fill);
	if (tx->packing < tx->npages && fill >= tx->fill)
		return;
	tx->packing = page;
	tx->fill = fill;
}

/* Neighbours are filled as one: a long copy need not fetch what it overwrites,
 * and what it costs to begin it is paid once. */
static void fill_pages(const struct xennet_front_tx *tx,
		       const struct xennet_pkt *pkt, const uint32_t *page,
		       unsigned n)
{
	struct xennet_cursor c = { pkt->frag, 0 };
	uint32_t left = pkt->len, part;
	unsigned i, run;

	for (i = 0; i < n; i += run, left -= part) {
		for (run = 1; i + run < n; run++)
			if (page[i + run] != page[i] + run)
				break;
		part = run * XENNET_PAGE;
		if (part > left)
			part = left;
		xennet_cursor_copy(&c, tx->pool + (size_t)page[i] * XENNET_PAGE,
				   part);
	}
}

/* Into n pages of its own. */
static void put_pages(struct xennet_front_queue *q,
		      const struct xennet_pkt *pkt, bool hash,
		      const uint32_t *page, unsigned n)
{
	uint16_t flags = xennet_csum_flags(pkt->flags);
	uint32_t left = pkt->len, part = 0;
	unsigned i;

	if (pkt->gso_type || hash)
		flags |= XENNET_TXF_EXTRA_INFO;
	fill_pages(&q->tx, pkt, page, n);
	for (i = 0; i < n; i++, left -= part) {
		uint16_t more = i + 1 < n ? XENNET_TXF_MORE_DATA : 0;

		part = left < XENNET_PAGE ? left : XENNET_PAGE;
		if (i == 0) {
			put_req(q, page[0], 0, pkt->len, flags | more, true);
			put_extras(q, pkt, hash);
		} else {
			put_req(q, page[i], 0, part, more, false);
		}
	}
	repack(&q->tx, page[n - 1], part);
}

static uint32_t room(const struct xennet_front_tx *tx)
{
	uint32_t free = xennet_ring_free(&tx->ring);

	return free < tx->nspare ? free : tx->nspare;
}

/* Whether a packet can go into what is left of the current page. */
static inline bool packs(const struct xennet_front_tx *tx,
			 const struct xennet_pkt *pkt, uint32_t fill)
{
	return pkt->len <= XENNET_PAGE - fill &&
	       pkt->len >= XENNET_ETH_HEADER && !pkt->gso_type &&
	       !(pkt->flags & (XENNET_PKT_CSUM_BLANK | XENNET_PKT_HASH) &&
		 (hashed(tx, pkt) || xennet_lacks_csum(tx->flags, pkt)));
}

/* Out of the way of the fast path, which has few registers to spare. */
XENNET_NOINLINE static void copy_frags(unsigned char *to,
				       const struct xennet_pkt *pkt)
{
	struct xennet_cursor c = { pkt->frag, 0 };

	xennet_cursor_copy(&c, to, pkt->len);
}

/*
 * Packs as many of the packets as the current page and the ring have room for,
 * up to n, of which no more than `left` fit the ring. Inlined for either kind of
 * ids.
 */
static inline __attribute__((always_inline)) unsigned
send_packed_as(struct xennet_front_queue *q, const struct xennet_pkt *pkt,
	       unsigned n, unsigned left, bool in_order)
{
	struct xennet_front_tx *tx = &q->tx;
	const struct xennet_front_id mine = { (uint16_t)tx->packing, OUT, 1 };
	const uint16_t *spare = tx->spare + tx->nspare;
	unsigned char *page = tx->pool + (size_t)tx->packing * XENNET_PAGE;
	bool ends = tx->fill + (n + LINES_AHEAD) * LINE > XENNET_PAGE;
	uint32_t after = ends ? find_page(tx) : tx->npages;
	unsigned char *next = after < tx->npages
				      ? tx->pool + (size_t)after * XENNET_PAGE
				      : page;
	uint32_t fill = tx->fill, bytes = 0, gref = tx->gref[tx->packing];
	struct xennet_ring r = tx->ring;
	unsigned i;

	r.put_stamps = in_order;
	for (i = 0; i < n && packs(tx, &pkt[i], fill); i++) {
		uint32_t len = pkt[i].len;
		uint16_t id =
			in_order ? (uint16_t)(r.prod & (r.size - 1)) : *--spare;
		struct xennet_tx_words w;

		if (in_order && i + SLOTS_AHEAD < left)
			xennet_prefetch_write(
				xennet_tx_slot_req(&r, r.prod + SLOTS_AHEAD));
		if (fill + LINES_AHEAD * LINE < XENNET_PAGE)
			xennet_prefetch_write(page + fill + LINES_AHEAD * LINE);
		else
			xennet_prefetch_write(next +
					      (fill + LINES_AHEAD * LINE) %
						      XENNET_PAGE);
		if (XENNET_LIKELY(pkt[i].nfrags == 1))
			xennet_copy_bytes(page + fill, pkt[i].frag->addr, len);
		else
			copy_frags(page + fill, &pkt[i]);
		tx->id[id] = mine;
		w.gref = gref;
		w.offset_flags =
			fill | (uint32_t)xennet_csum_flags(pkt[i].flags) << 16;
		w.id_size = id | len << 16;
		xennet_tx_put_words(&r, w);
		fill = line_up(fill + len);
		bytes += len;
	}
	tx->ring.prod = r.prod;
	tx->fill = fill;
	take_ids(tx, i);
	tx->page[tx->packing].users += (uint16_t)i;
	q->stats.tx_packets += i;
	q->stats.tx_bytes += bytes;
	q->stats.copied += bytes;
	return i;
}

/*
 * This is the fast path: a page for many packets, whose lines follow each
 * other, and few stores besides the packet's own, for those wait in the
 * processor's queue behind lines that the backend has to give up first.
 */
static unsigned send_packed(struct xennet_front_queue *q,
			    const struct xennet_pkt *pkt, unsigned n)
{
	unsigned left = room(&q->tx);

	if (q->tx.packing == q->tx.npages)
		return 0;
	if (n > left)
		n = left;
	return q->tx.in_order ? send_packed_as(q, pkt, n, left, true)
			      : send_packed_as(q, pkt, n, left, false);
}

/* As take_pages, after a second try. */
static int find_pages(struct xennet_front_queue *q, uint32_t *page, unsigned n)
{
	int err = take_pages(q, page, n);

	if (!err)
		return 0;
	if (q->tx.nbusy)
		retry_busy(q);
	if (xennet_front_reap(q) < 0)
		return q->broken;
	return take_pages(q, page, n);
}

/* Sends one packet in pages of its own. -XENNET_ENOSPC: there are too few. */
static int send_pages(struct xennet_front_queue *q,
		      const struct xennet_pkt *pkt, bool hash)
{
	uint32_t page[XENNET_MAX_TX_SIZE / XENNET_PAGE + 1];
	unsigned n = (pkt->len + XENNET_PAGE - 1) / XENNET_PAGE;
	int err = find_pages(q, page, n);

	if (err)
		return err;
	put_pages(q, pkt, hash, page, n);
	q->stats.tx_packets++;
	q->stats.tx_bytes += pkt->len;
	q->stats.copied += pkt->len;
	return 0;
}

/* Makes sure that n slots can be put. */
static int make_room(struct xennet_front_queue *q, unsigned n)
{
	if (room(&q->tx) >= n)
		return 0;
	if (xennet_front_reap(q) < 0)
		return q->broken;
	return room(&q->tx) >= n ? 0 : -XENNET_ENOSPC;
}

/*
 * Its data slot is for show: a page of ours, which nobody is to look at, and a
 * size, which every request has.
 */
XENNET_COLD int xennet_front_ask(struct xennet_front_queue *q,
				 const struct xennet_extra *e)
{
	struct xennet_front_tx *tx = &q->tx;
	uint32_t page;
	uint16_t id;
	int err;

	if (q->broken)
		return q->broken;
	err = make_room(q, 2);
	if (!err)
		err = find_pages(q, &page, 1);
	tx->wanting |= err < 0;
	if (err) {
		tx->answered = false;
		return err;
	}
	id = next_id(tx, 0);
	put_req(q, page, 0, XENNET_ETH_HEADER, XENNET_TXF_EXTRA_INFO, false);
	tx->id[id].out = OUT_ASKED;
	put_extra(q, e);
	xennet_publish(q->platform, &tx->ring, tx->port, &q->stats,
		       xennet_polls(&q->notify));
	q->progress = true;
	return 0;
}

static int send_one(struct xennet_front_queue *q, const struct xennet_pkt *pkt)
{
	unsigned slots = (pkt->len + XENNET_PAGE - 1) / XENNET_PAGE;
	bool hash = hashed(&q->tx, pkt);
	int err = unfit(&q->tx, pkt);

	if (err) {
		xennet_count(&q->stats, err);
		return 1;
	}
	err = make_room(q, slots + (pkt->gso_type != XENNET_GSO_NONE) + hash);
	if (err)
		return err;
	if (send_packed(q, pkt, 1))
		return 1;
	err = send_pages(q, pkt, hash);
	return err ? err : 1;
}

int xennet_front_send(struct xennet_front_queue *q,
		      const struct xennet_pkt *pkt, unsigned n)
{
	unsigned i = 0;
	int one;

	if (q->broken)
		return q->broken;
	q->tx.wanting = false;
	for (;;) {
		i += send_packed(q, &pkt[i], n - i);
		if (i == n)
			break;
		one = send_one(q, &pkt[i]);
		q->tx.wanting = one < 0;
		q->tx.answered = false;
		if (one < 0)
			break;
		i++;
		xennet_publish_early(q->platform, &q->tx.ring, q->tx.port,
				     &q->stats, xennet_polls(&q->notify));
	}
	xennet_publish(q->platform, &q->tx.ring, q->tx.port, &q->stats,
		       xennet_polls(&q->notify));
	q->progress |= i > 0;
	return q->broken ? q->broken : (int)i;
}
