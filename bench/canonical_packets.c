/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Packets as a driver on Xen's own macros would carry them at its best: pages
 * granted and mapped once, page i for slot i, the payload copied in by the
 * frontend and added up by the backend. What the library is compared with.
 */
#include "canonical.h"
#include "pair.h"
#include "payload.h"

#define SLOTS 256u

struct front_end {
	netif_tx_front_ring_t ring;
	unsigned char source[SLOTS][2048];
	uint64_t sum[SLOTS];
	uint64_t notified;
};

static void send(struct front_end *f, struct pair *p)
{
	unsigned i;
	int notify;

	for (i = 0; i < p->batch; i++) {
		unsigned slot = f->ring.req_prod_pvt++ % SLOTS;
		netif_tx_request_t *req = RING_GET_REQUEST(&f->ring, slot);

		memcpy(p->page[1 + slot], f->source[slot], p->size);
		p->sent_sum += f->sum[slot];
		req->gref = 8u + slot;
		req->offset = 0;
		req->flags = 0;
		req->id = (uint16_t)slot;
		req->size = (uint16_t)p->size;
	}
	p->sent += p->batch;
	RING_PUSH_REQUESTS_AND_CHECK_NOTIFY(&f->ring, notify);
	f->notified += (uint64_t)notify;
}

static void collect(struct front_end *f)
{
	RING_IDX prod = *(volatile RING_IDX *)&f->ring.sring->rsp_prod;

	xen_rmb();
	while (f->ring.rsp_cons != prod) {
		netif_tx_response_t rsp;

		RING_COPY_RESPONSE(&f->ring, f->ring.rsp_cons++, &rsp);
		if (rsp.id >= SLOTS || rsp.status != NETIF_RSP_OKAY)
			_Exit(1);
	}
}

static int front(void *arg)
{
	static struct front_end f;
	struct pair *p = arg;
	unsigned i;

	XEN_FRONT_RING_INIT(&f.ring, (netif_tx_sring_t *)(void *)p->page[0],
			    4096);
	for (i = 0; i < SLOTS; i++) {
		struct payload_sum sum = { 0, 0 };

		payload_fill(f.source[i], p->size, i);
		payload_add(&sum, f.source[i], p->size);
		f.sum[i] = sum.sum;
	}
	stage_enter(&p->stage, 0);
	while (stage_phase(&p->stage) != PHASE_STOP) {
		if (RING_FREE_REQUESTS(&f.ring) >= p->batch)
			send(&f, p);
		collect(&f);
	}
	xennet_store_release(&p->done, 1);
	return 0;
}

static unsigned receive(netif_tx_back_ring_t *r, struct pair *p,
			struct payload_sum *sum)
{
	RING_IDX prod = *(volatile RING_IDX *)&r->sring->req_prod;
	unsigned n, i;
	int notify;

	xen_rmb();
	if (RING_REQUEST_PROD_OVERFLOW(r, prod))
		_Exit(1);
	n = prod - r->req_cons;
	if (n > p->batch)
		n = p->batch;
	for (i = 0; i < n; i++) {
		netif_tx_response_t *rsp;
		netif_tx_request_t req;

		RING_COPY_REQUEST(r, r->req_cons++, &req);
		if (req.gref - 8u >= SLOTS || req.offset + req.size > 4096)
			_Exit(1);
		sum->at = 0;
		payload_add(sum, p->page[1 + req.gref - 8u] + req.offset,
			    req.size);
		rsp = RING_GET_RESPONSE(r, r->rsp_prod_pvt++);
		rsp->id = req.id;
		rsp->status = NETIF_RSP_OKAY;
	}
	if (n)
		RING_PUSH_RESPONSES_AND_CHECK_NOTIFY(r, notify);
	(void)notify;
	return n;
}

static int back(void *arg)
{
	struct pair *p = arg;
	struct meter meter = { .phase = PHASE_SETUP };
	struct payload_sum sum = { 0, 0 };
	netif_tx_back_ring_t ring;
	uint64_t received = 0;

	BACK_RING_INIT(&ring, (netif_tx_sring_t *)(void *)p->page[0], 4096);
	stage_enter(&p->stage, 1);
	for (;;) {
		bool last = xennet_load_acquire(&p->done);
		unsigned n = receive(&ring, p, &sum);

		received += n;
		meter_look(&meter, &p->stage, received);
		if (n == 0 && last)
			break;
		if (n == 0)
			xennet_relax();
	}
	p->meter = meter;
	p->received = received;
	p->received_sum = sum.sum;
	return 0;
}

const struct pair_case pair_canonical_packets = { "canonical", NULL, front,
						  back };
