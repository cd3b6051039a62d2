/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* TX requests and responses through Xen's ring.h, as its comments advise. */
#include "canonical.h"
#include "pair.h"

struct front_end {
	netif_tx_front_ring_t ring;
	uint16_t id;
};

struct back_end {
	netif_tx_back_ring_t ring;
};

static uint64_t notified;

static void front_open(struct front_end *f, void *page)
{
	f->id = 0;
	XEN_FRONT_RING_INIT(&f->ring, (netif_tx_sring_t *)page, 4096);
}

static void back_open(struct back_end *b, void *page)
{
	BACK_RING_INIT(&b->ring, (netif_tx_sring_t *)page, 4096);
}

static inline unsigned room(const struct front_end *f)
{
	return RING_FREE_REQUESTS(&f->ring);
}

static inline void ask(struct front_end *f, unsigned n)
{
	int notify;

	while (n--) {
		netif_tx_request_t *req =
			RING_GET_REQUEST(&f->ring, f->ring.req_prod_pvt++);

		req->gref = 8u + f->id;
		req->offset = 0;
		req->flags = 0;
		req->id = f->id++;
		req->size = 64;
	}
	RING_PUSH_REQUESTS_AND_CHECK_NOTIFY(&f->ring, notify);
	notified += (uint64_t)notify;
}

static inline unsigned answer(struct back_end *b, unsigned n)
{
	RING_IDX prod = *(volatile RING_IDX *)&b->ring.sring->req_prod;
	unsigned i;
	int notify;

	xen_rmb();
	if (RING_REQUEST_PROD_OVERFLOW(&b->ring, prod))
		return 0;
	if (n > prod - b->ring.req_cons)
		n = prod - b->ring.req_cons;
	if (n == 0)
		return 0;
	for (i = 0; i < n; i++) {
		netif_tx_response_t *rsp;
		netif_tx_request_t req;

		RING_COPY_REQUEST(&b->ring, b->ring.req_cons++, &req);
		rsp = RING_GET_RESPONSE(&b->ring, b->ring.rsp_prod_pvt++);
		rsp->id = req.id;
		rsp->status = NETIF_RSP_OKAY;
	}
	RING_PUSH_RESPONSES_AND_CHECK_NOTIFY(&b->ring, notify);
	notified += (uint64_t)notify;
	return n;
}

static inline unsigned collect(struct front_end *f, uint64_t *sum)
{
	RING_IDX prod = *(volatile RING_IDX *)&f->ring.sring->rsp_prod;
	unsigned n = prod - f->ring.rsp_cons, i;

	xen_rmb();
	if (RING_RESPONSE_PROD_OVERFLOW(&f->ring, prod))
		return 0;
	for (i = 0; i < n; i++) {
		netif_tx_response_t rsp;

		RING_COPY_RESPONSE(&f->ring, f->ring.rsp_cons++, &rsp);
		*sum += rsp.id;
	}
	return n;
}

#include "ring_loops.h"

const struct pair_case pair_canonical = {
	.name = "canonical", .alone = alone, .front = front, .back = back
};
