/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#include "canonical_packets.h"
#include "source.h"

struct front_end {
	netif_tx_front_ring_t ring;
	uint16_t spare[CANONICAL_SLOTS];
	unsigned nspare;
	bool out[CANONICAL_SLOTS];
	bool asked; /* for an event with the next response */
	struct source source;
};

CANONICAL_ALWAYS netif_tx_request_t *put(struct front_end *f, struct pair *p,
					 unsigned at, unsigned len,
					 unsigned how)
{
	unsigned slot = f->ring.req_prod_pvt % CANONICAL_SLOTS;
	netif_tx_request_t *req =
		RING_GET_REQUEST(&f->ring, f->ring.req_prod_pvt++);
	unsigned id = how & CANONICAL_DRIVER ? f->spare[--f->nspare] : slot;

	if (how & CANONICAL_BULK)
		source_copy(&f->source, f->source.from, at, p->page[1 + id],
			    len);
	else
		payload_copy(p->page[1 + id],
			     f->source.frag[f->source.from][0].addr, len);
	if (how & CANONICAL_DRIVER)
		f->out[id] = true;
	req->gref = CANONICAL_GREF + id;
	req->offset = 0;
	req->flags = 0;
	req->id = (uint16_t)id;
	req->size = (uint16_t)len;
	return req;
}

/* The first slot tells the size of all. */
CANONICAL_ALWAYS void put_chain(struct front_end *f, struct pair *p,
				unsigned how)
{
	netif_tx_request_t *req;
	unsigned at, len;

	for (at = 0; at < p->size; at += len) {
		len = canonical_piece(p->size - at);
		req = put(f, p, at, len, how);
		if (at == 0)
			req->size = (uint16_t)p->size;
		if (at + len < p->size)
			req->flags = NETTXF_more_data;
	}
}

/* As much of the burst as there is room for: of small packets, all or none. */
CANONICAL_ALWAYS void send(struct front_end *f, struct pair *p, unsigned how)
{
	unsigned slots = (p->size + 4095) / 4096;
	unsigned room = RING_FREE_REQUESTS(&f->ring) / slots, rest;
	int notify;

	if (f->source.from == f->source.burst)
		source_stamp(&f->source, 0);
	rest = f->source.burst - f->source.from;
	if (!(how & CANONICAL_BULK) && room < rest)
		return;
	if (room > rest)
		room = rest;
	if (room == 0)
		return;
	for (; room; room--) {
		if (how & CANONICAL_BULK)
			put_chain(f, p, how);
		else
			put(f, p, 0, p->size, how);
		source_sent(&f->source, 1);
	}
	RING_PUSH_REQUESTS_AND_CHECK_NOTIFY(&f->ring, notify);
	canonical_event(p, 0, notify, how);
}

CANONICAL_ALWAYS void collect_one(struct front_end *f, unsigned how)
{
	netif_tx_response_t rsp;

	RING_COPY_RESPONSE(&f->ring, f->ring.rsp_cons++, &rsp);
	if (rsp.id >= CANONICAL_SLOTS || rsp.status != NETIF_RSP_OKAY)
		_Exit(1);
	if (!(how & CANONICAL_DRIVER))
		return;
	if (!f->out[rsp.id])
		_Exit(1);
	f->out[rsp.id] = false;
	f->spare[f->nspare++] = rsp.id;
}

/* Returns whether there was any. */
CANONICAL_ALWAYS bool collect(struct front_end *f, unsigned how)
{
	RING_IDX prod = *(volatile RING_IDX *)&f->ring.sring->rsp_prod;
	bool any = f->ring.rsp_cons != prod;
	int more = 0;

	xen_rmb();
	while (f->ring.rsp_cons != prod)
		collect_one(f, how);
	if ((how & CANONICAL_ASK) && (any || !f->asked)) {
		RING_FINAL_CHECK_FOR_RESPONSES(&f->ring, more);
		f->asked = !more;
	}
	return any;
}

static int front_open(struct front_end *f, struct pair *p)
{
	unsigned i;

	XEN_FRONT_RING_INIT(&f->ring, (netif_tx_sring_t *)(void *)p->page[0],
			    4096);
	for (i = 0; i < CANONICAL_SLOTS; i++)
		f->spare[f->nspare++] = (uint16_t)(CANONICAL_SLOTS - 1 - i);
	f->asked = true; /* a new ring asks */
	return source_init(&f->source, p->size, p->batch);
}

CANONICAL_ALWAYS int front(struct pair *p, unsigned how)
{
	static struct front_end f;

	if (front_open(&f, p))
		return 1;
	stage_enter(&p->stage, 0);
	while (stage_phase(&p->stage) != PHASE_STOP) {
		RING_IDX before = f.ring.req_prod_pvt;

		send(&f, p, how);
		if (!collect(&f, how) && (how & CANONICAL_WAKE) && f.asked &&
		    f.ring.req_prod_pvt == before)
			wire_sleep(p->wire[0]);
	}
	p->sent = f.source.number;
	p->sent_sum = f.source.sum;
	xennet_store_release(&p->done, 1);
	if (how & CANONICAL_WAKE)
		wire_wake(p->wire[1]);
	return 0;
}

int canonical_front(void *pair)
{
	struct pair *p = pair;

	switch (canonical_how(p)) {
		CANONICAL_CASES(front);
	}
	return 1;
}
