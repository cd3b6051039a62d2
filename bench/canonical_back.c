/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#include "canonical_packets.h"
#include "payload.h"
#include "source.h"
#include "tree_rb.h"

struct back_end {
	netif_tx_back_ring_t ring;
	uint64_t received, next;
	unsigned left; /* of a packet of several slots */
	bool asked;    /* for an event with the next request */
	struct payload_sum sum;
	struct rb_grants grants;
	struct rb_grant grant[CANONICAL_SLOTS];
	unsigned char head[CANONICAL_SLOTS][CANONICAL_HEAD];
};

static const unsigned char *find_page(struct back_end *b, uint32_t gref)
{
	struct rb_grant key = { .gref = gref };
	struct rb_grant *g = RB_FIND(rb_grants, &b->grants, &key);

	return g ? g->addr : NULL;
}

/* The beginning of a packet. */
CANONICAL_ALWAYS void begin(struct back_end *b, const unsigned char *data)
{
	uint64_t number;

	memcpy(&number, data + SOURCE_NUMBER, sizeof(number));
	if (number != b->next++)
		_Exit(1);
	b->sum.at = 0;
}

CANONICAL_ALWAYS void use(struct back_end *b, const unsigned char *page,
			  unsigned len, unsigned slot, bool first, unsigned how)
{
	unsigned char *head = b->head[slot % CANONICAL_SLOTS];
	unsigned n = len < CANONICAL_HEAD ? len : CANONICAL_HEAD;

	if (!(how & CANONICAL_DRIVER) || !first) {
		if (first)
			begin(b, page);
		payload_add(&b->sum, page, len);
		return;
	}
	payload_copy(head, page, n);
	begin(b, head);
	payload_add(&b->sum, head, n);
	payload_add(&b->sum, page + n, len - n);
}

/* Returns whether this was the packet's last slot. */
CANONICAL_ALWAYS bool take(struct back_end *b, struct pair *p,
			   const netif_tx_request_t *req, unsigned how)
{
	unsigned len = req->size, slot = req->gref - CANONICAL_GREF;
	bool first = !(how & CANONICAL_BULK) || b->left == 0;
	const unsigned char *page;

	if (how & CANONICAL_BULK) {
		b->left = first ? len : b->left;
		len = canonical_piece(b->left);
		b->left -= len;
		if (!(req->flags & NETTXF_more_data) != (b->left == 0))
			_Exit(1);
	}
	if (slot >= CANONICAL_SLOTS || req->offset + len > 4096)
		_Exit(1);
	page = how & CANONICAL_DRIVER ? find_page(b, req->gref)
				      : p->page[1 + slot];
	use(b, page + req->offset, len, req->id, first, how);
	return !(how & CANONICAL_BULK) || b->left == 0;
}

CANONICAL_ALWAYS void answer(netif_tx_back_ring_t *r, uint16_t id)
{
	netif_tx_response_t *rsp = RING_GET_RESPONSE(r, r->rsp_prod_pvt++);

	rsp->id = id;
	rsp->status = NETIF_RSP_OKAY;
}

/* Asks to be told of the next request, unless there is one by now. */
CANONICAL_ALWAYS void ask(struct back_end *b)
{
	int more;

	if (b->asked)
		return;
	RING_FINAL_CHECK_FOR_REQUESTS(&b->ring, more);
	b->asked = !more;
}

/* At most a burst of packets; returns how many ended. */
CANONICAL_ALWAYS unsigned receive(struct back_end *b, struct pair *p,
				  unsigned how)
{
	netif_tx_back_ring_t *r = &b->ring;
	RING_IDX prod = *(volatile RING_IDX *)&r->sring->req_prod;
	unsigned ended = 0;
	int notify;

	xen_rmb();
	if (RING_REQUEST_PROD_OVERFLOW(r, prod))
		_Exit(1);
	if (r->req_cons == prod) {
		if (how & CANONICAL_ASK)
			ask(b);
		return 0;
	}
	b->asked = false;
	while (r->req_cons != prod && ended < p->batch) {
		netif_tx_request_t req;

		RING_COPY_REQUEST(r, r->req_cons++, &req);
		ended += take(b, p, &req, how);
		answer(r, req.id);
	}
	RING_PUSH_RESPONSES_AND_CHECK_NOTIFY(r, notify);
	canonical_event(p, 1, notify, how);
	return ended;
}

static void back_open(struct back_end *b, struct pair *p)
{
	unsigned i;

	BACK_RING_INIT(&b->ring, (netif_tx_sring_t *)(void *)p->page[0], 4096);
	RB_INIT(&b->grants);
	for (i = 0; i < CANONICAL_SLOTS; i++) {
		b->grant[i].gref = CANONICAL_GREF + i;
		b->grant[i].addr = p->page[1 + i];
		RB_INSERT(rb_grants, &b->grants, &b->grant[i]);
	}
	b->asked = true; /* a new ring asks */
}

CANONICAL_ALWAYS int back(struct pair *p, unsigned how)
{
	struct meter meter = { .phase = PHASE_SETUP };
	static struct back_end b;

	back_open(&b, p);
	stage_enter(&p->stage, 1);
	for (;;) {
		bool last = xennet_load_acquire(&p->done);
		RING_IDX before = b.ring.req_cons;

		b.received += receive(&b, p, how);
		meter_look(&meter, &p->stage, b.received);
		if (b.ring.req_cons != before)
			continue;
		if (last)
			break;
		if ((how & CANONICAL_WAKE) && b.asked)
			wire_sleep(p->wire[1]);
		else
			xennet_relax();
	}
	p->meter = meter;
	p->received = b.received;
	p->received_sum = payload_total(&b.sum);
	return 0;
}

int canonical_back(void *pair)
{
	struct pair *p = pair;

	switch (canonical_how(p)) {
		CANONICAL_CASES(back);
	}
	return 1;
}
