/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Packets over Xen's own macros, pages granted and mapped once and each packet
 * in a page of its own: what the library is compared with. The work on the
 * payload is that of `link`: each packet is stamped with its number, copied in
 * by the frontend, and by the backend added up and found to be the next. Twice:
 *
 *   bare    page i for slot i, and nothing is looked up or kept
 *   driver  what the two ends of such a link cannot do without: the frontend
 *           takes ids from a free list and checks those that come back, the
 *           backend finds the page by its reference (in libbsd's tree, as
 *           Linux's blkback does in its own) and copies the header, here the
 *           whole packet, out of the guest's reach before it is looked at
 */
#include "canonical.h"
#include "pair.h"
#include "payload.h"
#include "source.h"
#include "tree_rb.h"

#define SLOTS 256u
#define GREF_BASE 8u
#define LONGEST 2048u

struct front_end {
	netif_tx_front_ring_t ring;
	uint16_t spare[SLOTS];
	unsigned nspare;
	bool out[SLOTS];
	uint64_t number, sum[SLOTS], notified;
	unsigned char source[SLOTS][LONGEST];
};

struct back_end {
	netif_tx_back_ring_t ring;
	uint64_t received, next, notified;
	struct payload_sum sum;
	struct rb_grants grants;
	struct rb_grant grant[SLOTS];
	unsigned char head[SLOTS][LONGEST];
};

/* The loops are compiled for each of the two, without a question per packet. */
#define ALWAYS static inline __attribute__((always_inline))

/* The whole burst first, as in source.c: a copy right behind a stamp waits. */
ALWAYS void stamp(struct front_end *f, unsigned n)
{
	unsigned i;

	for (i = 0; i < n; i++) {
		unsigned slot = (f->ring.req_prod_pvt + i) % SLOTS;
		payload_lanes number = { f->number + i, 0 };

		memcpy(f->source[slot] + SOURCE_NUMBER, &number,
		       sizeof(number));
	}
}

ALWAYS void send(struct front_end *f, struct pair *p, bool driver)
{
	unsigned i;
	int notify;

	stamp(f, p->batch);
	for (i = 0; i < p->batch; i++) {
		unsigned slot = f->ring.req_prod_pvt % SLOTS;
		netif_tx_request_t *req =
			RING_GET_REQUEST(&f->ring, f->ring.req_prod_pvt++);
		unsigned id = driver ? f->spare[--f->nspare] : slot;

		memcpy(p->page[1 + id], f->source[slot], p->size);
		p->sent_sum += f->sum[slot] + f->number++;
		if (driver)
			f->out[id] = true;
		req->gref = GREF_BASE + id;
		req->offset = 0;
		req->flags = 0;
		req->id = (uint16_t)id;
		req->size = (uint16_t)p->size;
	}
	p->sent += p->batch;
	RING_PUSH_REQUESTS_AND_CHECK_NOTIFY(&f->ring, notify);
	f->notified += (uint64_t)notify;
}

ALWAYS void collect(struct front_end *f, bool driver)
{
	RING_IDX prod = *(volatile RING_IDX *)&f->ring.sring->rsp_prod;

	xen_rmb();
	while (f->ring.rsp_cons != prod) {
		netif_tx_response_t rsp;

		RING_COPY_RESPONSE(&f->ring, f->ring.rsp_cons++, &rsp);
		if (rsp.id >= SLOTS || rsp.status != NETIF_RSP_OKAY)
			_Exit(1);
		if (!driver)
			continue;
		if (!f->out[rsp.id])
			_Exit(1);
		f->out[rsp.id] = false;
		f->spare[f->nspare++] = rsp.id;
	}
}

static void front_open(struct front_end *f, struct pair *p)
{
	unsigned i;

	XEN_FRONT_RING_INIT(&f->ring, (netif_tx_sring_t *)(void *)p->page[0],
			    4096);
	for (i = 0; i < SLOTS; i++) {
		struct payload_sum sum = { .at = 0 };

		payload_fill(f->source[i], p->size, i);
		memset(f->source[i] + SOURCE_NUMBER, 0, sizeof(payload_lanes));
		payload_add(&sum, f->source[i], p->size);
		f->sum[i] = payload_total(&sum);
		f->spare[f->nspare++] = (uint16_t)(SLOTS - 1 - i);
	}
}

ALWAYS int front(struct pair *p, bool driver)
{
	static struct front_end f;

	front_open(&f, p);
	stage_enter(&p->stage, 0);
	while (stage_phase(&p->stage) != PHASE_STOP) {
		if (RING_FREE_REQUESTS(&f.ring) >= p->batch)
			send(&f, p, driver);
		collect(&f, driver);
	}
	xennet_store_release(&p->done, 1);
	return 0;
}

static const unsigned char *find_page(struct back_end *b, uint32_t gref)
{
	struct rb_grant key = { .gref = gref };
	struct rb_grant *g = RB_FIND(rb_grants, &b->grants, &key);

	return g ? g->addr : NULL;
}

ALWAYS void take(struct back_end *b, struct pair *p,
		 const netif_tx_request_t *req, bool driver)
{
	const unsigned char *page;
	uint64_t number;

	if (req->gref - GREF_BASE >= SLOTS || req->offset + req->size > 4096 ||
	    req->size > LONGEST)
		_Exit(1);
	page = driver ? find_page(b, req->gref)
		      : p->page[1 + req->gref - GREF_BASE];
	page += req->offset;
	if (driver)
		page = memcpy(b->head[req->id % SLOTS], page, req->size);
	memcpy(&number, page + SOURCE_NUMBER, sizeof(number));
	if (number != b->next++)
		_Exit(1);
	b->sum.at = 0;
	payload_add(&b->sum, page, req->size);
}

ALWAYS unsigned receive(struct back_end *b, struct pair *p, bool driver)
{
	netif_tx_back_ring_t *r = &b->ring;
	RING_IDX prod = *(volatile RING_IDX *)&r->sring->req_prod;
	unsigned n, i;
	int notify;

	xen_rmb();
	if (RING_REQUEST_PROD_OVERFLOW(r, prod))
		_Exit(1);
	n = prod - r->req_cons;
	if (n > p->batch)
		n = p->batch;
	if (n == 0)
		return 0;
	for (i = 0; i < n; i++) {
		netif_tx_response_t *rsp;
		netif_tx_request_t req;

		RING_COPY_REQUEST(r, r->req_cons++, &req);
		take(b, p, &req, driver);
		rsp = RING_GET_RESPONSE(r, r->rsp_prod_pvt++);
		rsp->id = req.id;
		rsp->status = NETIF_RSP_OKAY;
	}
	RING_PUSH_RESPONSES_AND_CHECK_NOTIFY(r, notify);
	b->notified += (uint64_t)notify;
	return n;
}

static void back_open(struct back_end *b, struct pair *p)
{
	unsigned i;

	BACK_RING_INIT(&b->ring, (netif_tx_sring_t *)(void *)p->page[0], 4096);
	RB_INIT(&b->grants);
	for (i = 0; i < SLOTS; i++) {
		b->grant[i].gref = GREF_BASE + i;
		b->grant[i].addr = p->page[1 + i];
		RB_INSERT(rb_grants, &b->grants, &b->grant[i]);
	}
}

ALWAYS int back(struct pair *p, bool driver)
{
	struct meter meter = { .phase = PHASE_SETUP };
	static struct back_end b;

	back_open(&b, p);
	stage_enter(&p->stage, 1);
	for (;;) {
		bool last = xennet_load_acquire(&p->done);
		unsigned n = receive(&b, p, driver);

		b.received += n;
		meter_look(&meter, &p->stage, b.received);
		if (n == 0 && last)
			break;
		if (n == 0)
			xennet_relax();
	}
	p->meter = meter;
	p->received = b.received;
	p->received_sum = payload_total(&b.sum);
	return 0;
}

static int front_bare(void *arg)
{
	return front(arg, false);
}

static int back_bare(void *arg)
{
	return back(arg, false);
}

static int front_driver(void *arg)
{
	return front(arg, true);
}

static int back_driver(void *arg)
{
	return back(arg, true);
}

const struct pair_case pair_canonical_bare = { "canonical", NULL, front_bare,
					       back_bare };
const struct pair_case pair_canonical_driver = { "canonical driver", NULL,
						 front_driver, back_driver };
