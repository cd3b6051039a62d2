/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * One end of a Xen shared ring (ring.h, in its standard layout, bit for bit),
 * of 1 to 16 pages. Header only; good for any Xen protocol, not only netif.
 *
 *	XENNET_RING_MESSAGES(my_tx, struct my_req, struct my_rsp)
 *
 *	xennet_ring_format(page, 1);                       the frontend, once
 *	xennet_ring_front(&r, page, 1, my_tx_slot_size);
 *	while (xennet_ring_free(&r) && ...)
 *		my_tx_put_req(&r, &req);
 *	if (xennet_ring_push(&r))
 *		notify the peer;
 *
 *	n = xennet_ring_peek(&r);                          the backend
 *	while (n-- > 0)
 *		my_tx_get_req(&r, &req);
 *	if (xennet_ring_arm(&r, 1) == 0)
 *		sleep until the peer notifies;
 *
 * The other end has written whatever it likes. So: its index is read in one
 * function (peek), which refuses what cannot be true; a message is copied out
 * once, before it is looked at; our own indices are kept privately and never
 * read back. Indices are 32 bits and run freely: compare differences only.
 *
 * One struct serves either end. They differ in credit, which says how many
 * messages the peer may be ahead of ours: none for the frontend's peer (each
 * response answers a request), the whole ring for the backend's.
 *
 * A ring belongs to one thread at a time. Nothing here sleeps.
 */
#ifndef XENNET_RING_H
#define XENNET_RING_H

#include <xennet/env.h>
#include <xennet/err.h>

#define XENNET_RING_PAGE 4096u
#define XENNET_RING_PAGES_MAX 16u

/* The first 64 bytes of the first page; slots follow it. */
struct xennet_sring {
	uint32_t req_prod;  /* written by the frontend */
	uint32_t req_event; /* backend: notify when req_prod passes this */
	uint32_t rsp_prod;  /* written by the backend */
	uint32_t rsp_event; /* frontend: notify when rsp_prod passes this */
	uint8_t pvt[4];
	uint8_t pad[44];
};

struct xennet_ring {
	/* in the shared pages */
	uint32_t *my_prod;
	uint32_t *my_event; /* we ask to be notified */
	const uint32_t *peer_prod;
	const uint32_t *peer_event; /* the peer asks */
	unsigned char *slots;

	/* ours alone */
	uint32_t size;
	uint32_t credit;
	uint32_t prod; /* the next message of ours */
	uint32_t pub;  /* how far the peer has been told */
	uint32_t cons; /* the next message of the peer's */
	uint32_t seen; /* its producer index, read once and checked */
};

/* Slots in a ring of n pages: the largest power of two that fits (R2). */
static inline uint32_t xennet_ring_slots(unsigned npages, uint32_t stride)
{
	uint32_t fit = (uint32_t)((npages * XENNET_RING_PAGE -
				   sizeof(struct xennet_sring)) /
				  stride);

	while (fit & (fit - 1))
		fit &= fit - 1;
	return fit;
}

/* Empties pages that the peer cannot see yet (R1). Frontend only. */
static inline void xennet_ring_format(void *pages, unsigned npages)
{
	struct xennet_sring *s = (struct xennet_sring *)pages;

	memset(pages, 0, npages * XENNET_RING_PAGE);
	s->req_event = 1;
	s->rsp_event = 1;
}

static inline void xennet_ring_at(struct xennet_ring *r, void *pages,
				  unsigned npages, uint32_t stride)
{
	memset(r, 0, sizeof(*r));
	r->slots = (unsigned char *)pages + sizeof(struct xennet_sring);
	r->size = xennet_ring_slots(npages, stride);
}

/* The frontend's end of freshly formatted pages. */
static inline void xennet_ring_front(struct xennet_ring *r, void *pages,
				     unsigned npages, uint32_t stride)
{
	struct xennet_sring *s = (struct xennet_sring *)pages;

	xennet_ring_at(r, pages, npages, stride);
	r->my_prod = &s->req_prod;
	r->my_event = &s->rsp_event;
	r->peer_prod = &s->rsp_prod;
	r->peer_event = &s->req_event;
}

/*
 * The backend's end, from where the ring stands (R15): requests that an
 * earlier backend took and never answered come again.
 * -XENNET_ERING_AHEAD: the indices cannot be true.
 */
static inline int xennet_ring_back(struct xennet_ring *r, void *pages,
				   unsigned npages, uint32_t stride)
{
	struct xennet_sring *s = (struct xennet_sring *)pages;
	uint32_t rsp = xennet_load(&s->rsp_prod);

	xennet_ring_at(r, pages, npages, stride);
	r->my_prod = &s->rsp_prod;
	r->my_event = &s->req_event;
	r->peer_prod = &s->req_prod;
	r->peer_event = &s->rsp_event;
	r->credit = r->size;
	r->prod = r->pub = r->cons = r->seen = rsp;
	if (xennet_load(r->peer_prod) - rsp > r->size)
		return -XENNET_ERING_AHEAD;
	return 0;
}

/* Messages that can be put now. The backend's: requests not answered (R17). */
static inline uint32_t xennet_ring_free(const struct xennet_ring *r)
{
	return r->cons + r->size - r->credit - r->prod;
}

/* Messages known to be there to get. */
static inline uint32_t xennet_ring_known(const struct xennet_ring *r)
{
	return r->seen - r->cons;
}

/*
 * Reads the peer's producer index, once, and returns how many messages can be
 * got. An error is final: the peer is broken.
 */
static inline int xennet_ring_peek(struct xennet_ring *r)
{
	/* its index /before/ its slots; pairs with its release in push */
	uint32_t prod = xennet_load_acquire(r->peer_prod);

	if (XENNET_UNLIKELY(prod - r->cons > r->pub + r->credit - r->cons)) {
		if (r->seen - prod <= r->size)
			return -XENNET_ERING_BACK;
		return r->credit ? -XENNET_ERING_AHEAD : -XENNET_ERING_UNASKED;
	}
	if (XENNET_UNLIKELY(prod - r->cons < r->seen - r->cons))
		return -XENNET_ERING_BACK;
	r->seen = prod;
	return (int)(prod - r->cons);
}

/*
 * Tells the peer of what was put since the last push. True: it asked to be
 * notified (R5), so notify it.
 */
static inline bool xennet_ring_push(struct xennet_ring *r)
{
	uint32_t old = r->pub; /* private: the shared copy may lie (R6) */
	uint32_t now = r->prod;

	if (old == now)
		return false;
	r->pub = now;
	xennet_store_release(r->my_prod, now); /* slots /before/ index */
	/* index /before/ its event; pairs with the barrier in its arm */
	xennet_mb();
	return now - xennet_load(r->peer_event) < now - old;
}

/*
 * Before sleeping: asks to be notified once the peer has put `ahead` more
 * messages than were seen, and looks again (R7). Returns what peek returns;
 * sleep only on 0. -XENNET_EINVAL: not even a full ring would reach that (R8).
 */
static inline int xennet_ring_arm(struct xennet_ring *r, uint32_t ahead)
{
	uint32_t known = xennet_ring_known(r);
	int n;

	if (ahead == 0 || ahead > r->size)
		return -XENNET_EINVAL;
	xennet_store(r->my_event, r->seen + ahead);
	/* our event /before/ its index; pairs with the barrier in its push */
	xennet_mb();
	n = xennet_ring_peek(r);
	if (n < 0)
		return n;
	/* fewer new ones than asked for: it will notify when they are there */
	return (uint32_t)n - known >= ahead ? n : 0;
}

/*
 * Makes, for a protocol whose requests and responses are these types:
 * NAME_slot_size, and NAME_{put,get,look}_{req,rsp}. get takes the next
 * message, look copies the one at an index that peek has covered. put zeroes
 * what the message leaves of its slot (R16). Types: 4, 8, 12 or 16 bytes, with
 * no padding.
 *
 * For speed: fill the message in a local variable, and in a loop over many use
 * a local copy of the ring. Then both live in registers, and no slot is put
 * together in memory first, which costs more than everything else here.
 */
#define XENNET_RING_MESSAGES(name, req_t, rsp_t)                               \
	enum {                                                                 \
		name##_slot_size = sizeof(req_t) > sizeof(rsp_t)               \
					   ? sizeof(req_t)                     \
					   : sizeof(rsp_t)                     \
	};                                                                     \
	XENNET_RING_MESSAGE(name, req, req_t)                                  \
	XENNET_RING_MESSAGE(name, rsp, rsp_t)

#define XENNET_RING_MESSAGE(name, kind, type)                                  \
	static inline unsigned char *name##_slot_##kind(                       \
		const struct xennet_ring *r, uint32_t index)                   \
	{                                                                      \
		size_t at = index & (r->size - 1);                             \
		return r->slots + at * name##_slot_size;                       \
	}                                                                      \
	static inline void name##_put_##kind(struct xennet_ring *r,            \
					     const type *m)                    \
	{                                                                      \
		unsigned char *slot = name##_slot_##kind(r, r->prod++);        \
		*(type *)(void *)slot = *m;                                    \
		memset(slot + sizeof(*m), 0, name##_slot_size - sizeof(*m));   \
	}                                                                      \
	static inline void name##_look_##kind(const struct xennet_ring *r,     \
					      uint32_t index, type *m)         \
	{                                                                      \
		xennet_copy_once(m, name##_slot_##kind(r, index), sizeof(*m)); \
	}                                                                      \
	static inline void name##_get_##kind(struct xennet_ring *r, type *m)   \
	{                                                                      \
		name##_look_##kind(r, r->cons++, m);                           \
	}

#endif
