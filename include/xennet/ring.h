/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * One end of a Xen shared ring, of 1 to 16 pages: in Xen's standard layout
 * (ring.h), bit for bit, or in one that both ends have agreed on, which keeps
 * what different processors write on different lines. Header only; good for
 * any Xen protocol, not only netif.
 *
 *	XENNET_RING_MESSAGES(my_tx, struct my_req, struct my_rsp)
 *	static const struct xennet_ring_shape shape = { 1, my_tx_slot_size };
 *
 *	xennet_ring_format(page, &shape);                  the frontend, once
 *	xennet_ring_front(&r, page, &shape);
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

enum xennet_layout {
	/* Xen's: indices at 0, 4, 8, 12, slots from 64, one after another */
	XENNET_STANDARD,
	/* each index alone on its line, no slot on two: see xennet_sring_split */
	XENNET_SPLIT,
	/*
	 * As split, and messages of one direction are stamped: the last word of
	 * a slot is the message's index plus one. The consumer finds them in
	 * the slots themselves and does not read the producer's index.
	 */
	XENNET_SEQUENCED
};

/* What both ends of a ring must know alike. */
struct xennet_ring_shape {
	unsigned npages;    /* 1 to XENNET_RING_PAGES_MAX */
	uint32_t slot_size; /* of a message: NAME_slot_size */
	enum xennet_layout layout;
	bool stamped_rsp; /* if sequenced: responses are, not requests */
};

/* Where the indices are, at the start of the first page. */
struct xennet_sring {
	uint32_t req_prod;  /* written by the frontend */
	uint32_t req_event; /* backend: notify when req_prod passes this */
	uint32_t rsp_prod;  /* written by the backend */
	uint32_t rsp_event; /* frontend: notify when rsp_prod passes this */
	uint8_t pvt[4];
	uint8_t pad[44];
};

/* A line for each, and for its neighbour that processors fetch with it. */
struct xennet_sring_split {
	uint32_t req_prod;
	uint32_t pad0[31];
	uint32_t rsp_prod;
	uint32_t rsp_mark; /* the protocol's own, written by the backend */
	uint32_t pad1[30];
	uint32_t req_event;
	uint32_t pad2[31];
	uint32_t rsp_event;
	uint32_t pad3[31];
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
	uint32_t stride; /* bytes from slot to slot */
	bool put_stamps; /* our messages are stamped */
	bool get_stamps; /* the peer's are */
	bool single;	 /* its messages come singly */
	uint32_t credit;
	uint32_t prod;	/* the next message of ours */
	uint32_t pub;	/* how far the peer has been told */
	uint32_t sure;	/* how far it needs no more notifying */
	uint32_t cons;	/* the next message of the peer's */
	uint32_t seen;	/* its producer index, read once and checked */
	uint32_t event; /* the message that we asked to be notified of */
};

/* Bytes before the slots. */
static inline uint32_t xennet_ring_head(const struct xennet_ring_shape *s)
{
	return s->layout == XENNET_STANDARD
		       ? (uint32_t)sizeof(struct xennet_sring)
		       : (uint32_t)sizeof(struct xennet_sring_split);
}

/* Standard: the message. Else a power of two, with room for a stamp. */
static inline uint32_t xennet_ring_stride(const struct xennet_ring_shape *s)
{
	uint32_t need = s->slot_size, stride = 4;

	if (s->layout == XENNET_STANDARD)
		return need;
	if (s->layout == XENNET_SEQUENCED)
		need += 4;
	while (stride < need)
		stride *= 2;
	return stride;
}

/* Slots in a ring: the largest power of two that fits (R2). */
static inline uint32_t xennet_ring_slots(const struct xennet_ring_shape *s)
{
	uint32_t fit = (s->npages * XENNET_RING_PAGE - xennet_ring_head(s)) /
		       xennet_ring_stride(s);

	while (fit & (fit - 1))
		fit &= fit - 1;
	return fit;
}

/* Empties pages that the peer cannot see yet (R1). Frontend only. */
static inline void xennet_ring_format(void *pages,
				      const struct xennet_ring_shape *s)
{
	memset(pages, 0, s->npages * XENNET_RING_PAGE);
	if (s->layout == XENNET_STANDARD) {
		struct xennet_sring *h = (struct xennet_sring *)pages;

		h->req_event = 1;
		h->rsp_event = 1;
	} else {
		struct xennet_sring_split *h =
			(struct xennet_sring_split *)pages;

		h->req_event = 1;
		h->rsp_event = 1;
	}
}

/* The ring as an end sees it that puts requests, or as one that gets them. */
static inline void xennet_ring_at(struct xennet_ring *r, void *pages,
				  const struct xennet_ring_shape *s, bool front)
{
	struct xennet_sring_split *split = (struct xennet_sring_split *)pages;
	struct xennet_sring *std = (struct xennet_sring *)pages;
	bool standard = s->layout == XENNET_STANDARD;
	uint32_t *req = standard ? &std->req_prod : &split->req_prod;
	uint32_t *rsp = standard ? &std->rsp_prod : &split->rsp_prod;
	uint32_t *req_event = standard ? &std->req_event : &split->req_event;
	uint32_t *rsp_event = standard ? &std->rsp_event : &split->rsp_event;
	bool stamps = s->layout == XENNET_SEQUENCED;

	memset(r, 0, sizeof(*r));
	r->slots = (unsigned char *)pages + xennet_ring_head(s);
	r->size = xennet_ring_slots(s);
	r->stride = xennet_ring_stride(s);
	r->put_stamps = stamps && front != s->stamped_rsp;
	r->get_stamps = stamps && front == s->stamped_rsp;
	r->my_prod = front ? req : rsp;
	r->my_event = front ? rsp_event : req_event;
	r->peer_prod = front ? rsp : req;
	r->peer_event = front ? req_event : rsp_event;
	r->event = 1;
}

/* The frontend's end of freshly formatted pages. */
static inline void xennet_ring_front(struct xennet_ring *r, void *pages,
				     const struct xennet_ring_shape *s)
{
	xennet_ring_at(r, pages, s, true);
}

static inline uint32_t *xennet_ring_stamp(const struct xennet_ring *r,
					  uint32_t index)
{
	size_t at = (size_t)(index & (r->size - 1)) * r->stride;

	return (uint32_t *)(void *)(r->slots + at + r->stride - 4);
}

/*
 * Stamped responses were published before their index, which a killed backend
 * may not have written: where it really stood.
 */
static inline uint32_t xennet_ring_stamped(const struct xennet_ring *r,
					   uint32_t rsp, uint32_t req)
{
	uint32_t n;

	for (n = 0; n < r->size && rsp != req; n++, rsp++)
		if (xennet_load(xennet_ring_stamp(r, rsp)) != rsp + 1)
			break;
	return rsp;
}

/*
 * The backend's end, from where the ring stands (R15): requests that an
 * earlier backend took and never answered come again; of what it published,
 * the frontend may not have been notified.
 * -XENNET_ERING_AHEAD: the indices cannot be true.
 */
static inline int xennet_ring_back(struct xennet_ring *r, void *pages,
				   const struct xennet_ring_shape *s)
{
	uint32_t rsp, req, i;

	xennet_ring_at(r, pages, s, false);
	rsp = xennet_load(r->my_prod);
	req = xennet_load(r->peer_prod);
	if (r->put_stamps)
		rsp = xennet_ring_stamped(r, rsp, req);
	if (req - rsp > r->size)
		return -XENNET_ERING_AHEAD;
	if (r->put_stamps) {
		/* of a batch whose first stamp, the last to come, did not */
		for (i = rsp; i != req; i++)
			xennet_store(xennet_ring_stamp(r, i), i);
		xennet_store_release(r->my_prod, rsp);
	}
	r->credit = r->size;
	r->prod = r->pub = r->cons = r->seen = rsp;
	r->sure = rsp - r->size;
	r->event = rsp + 1;
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
 * A stamp spares us a line, but while we look at it the peer waits for that
 * line to write to its other slots. So many messages at once, and its index is
 * the better place to look.
 */
#define XENNET_RING_FEW 8u

/* Looks for messages in the slots, beginning after those seen. */
static inline int xennet_ring_peek_stamps(struct xennet_ring *r)
{
	uint32_t i = r->seen, end = r->pub + r->credit;

	/* a stamp /before/ its message; pairs with the release in push */
	while (i != end &&
	       xennet_load_acquire(xennet_ring_stamp(r, i)) == i + 1)
		i++;
	if (i != r->seen)
		r->single = i - r->seen < XENNET_RING_FEW;
	r->seen = i;
	return (int)(i - r->cons);
}

/* An index that is behind what was seen: a lie, unless that was seen in stamps,
 * after which it is written. */
static inline int xennet_ring_behind(const struct xennet_ring *r)
{
	return r->get_stamps ? (int)xennet_ring_known(r) : -XENNET_ERING_BACK;
}

/*
 * Reads the peer's producer index, once, and returns how many messages can be
 * got. An error is final: the peer is broken.
 */
static inline int xennet_ring_peek(struct xennet_ring *r)
{
	uint32_t prod;

	if (r->get_stamps && r->single)
		return xennet_ring_peek_stamps(r);
	/* its index /before/ its slots; pairs with its release in push */
	prod = xennet_load_acquire(r->peer_prod);
	if (XENNET_UNLIKELY(prod - r->cons > r->pub + r->credit - r->cons)) {
		if (r->seen - prod <= r->size)
			return xennet_ring_behind(r);
		return r->credit ? -XENNET_ERING_AHEAD : -XENNET_ERING_UNASKED;
	}
	if (XENNET_UNLIKELY(prod - r->cons < r->seen - r->cons))
		return xennet_ring_behind(r);
	if (prod != r->seen)
		r->single = prod - r->seen < XENNET_RING_FEW;
	r->seen = prod;
	return (int)(prod - r->cons);
}

/* Makes what was put visible to the peer. */
static inline void xennet_ring_publish(struct xennet_ring *r)
{
	/* slots /before/ index, or before the stamp of the first of them */
	if (r->put_stamps)
		xennet_store_release(xennet_ring_stamp(r, r->pub), r->pub + 1);
	xennet_store_release(r->my_prod, r->prod);
	r->pub = r->prod;
}

/* The protocol's own word beside rsp_prod, in the layouts that have it. */
static inline uint32_t *xennet_ring_mark(const struct xennet_ring *r)
{
	return &((struct xennet_sring_split *)(void *)r->slots - 1)->rsp_mark;
}

/* Whether the peer asks to be notified of something that was published. */
static inline bool xennet_ring_asked(const struct xennet_ring *r,
				     uint32_t event)
{
	return r->pub - event < r->pub - r->sure;
}

/*
 * Tells the peer of what was put since the last push. True: it asked to be
 * notified (R5), so notify it.
 */
static inline bool xennet_ring_push(struct xennet_ring *r)
{
	bool asked;

	if (r->pub == r->prod)
		return false;
	xennet_ring_publish(r);
	/* index /before/ its event; pairs with the barrier in its arm */
	xennet_mb();
	asked = xennet_ring_asked(r, xennet_load(r->peer_event));
	r->sure = r->pub;
	return asked;
}

/* Whether the peer asks by now to be notified of what was pushed lazily. */
static inline bool xennet_ring_look_again(struct xennet_ring *r)
{
	uint32_t event = xennet_load(r->peer_event);

	if (XENNET_UNLIKELY(xennet_ring_asked(r, event))) {
		r->sure = event; /* once for each that it asks */
		return true;
	}
	/* no sleeper is further behind than the ring; and this must not wrap */
	if (XENNET_UNLIKELY(r->pub - r->sure > 1u << 31))
		r->sure = r->pub - r->size;
	return false;
}

/*
 * A push without the barrier, which at one message a push costs more than the
 * message. A peer that goes to sleep at this very moment may be missed until
 * the next push, look_again or settle: only for who looks again as long as it
 * is awake, and settles before it sleeps.
 */
static inline bool xennet_ring_push_lazily(struct xennet_ring *r)
{
	if (r->pub == r->prod)
		return false;
	xennet_ring_publish(r);
	return xennet_ring_look_again(r);
}

/* Makes up for the barriers that were left out. True: notify. */
static inline bool xennet_ring_settle(struct xennet_ring *r)
{
	bool asked;

	if (r->sure == r->pub)
		return false;
	/* index /before/ its event; pairs with the barrier in its arm */
	xennet_mb();
	asked = xennet_ring_asked(r, xennet_load(r->peer_event));
	r->sure = r->pub;
	return asked;
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
	r->event = r->seen + ahead;
	xennet_store(r->my_event, r->event);
	/* our event /before/ its index; pairs with the barrier in its push */
	xennet_mb();
	n = xennet_ring_peek(r);
	if (n < 0)
		return n;
	/* fewer new ones than asked for: it will notify when they are there */
	return (uint32_t)n - known >= ahead ? n : 0;
}

/* Messages that the peer can put after those seen, whatever we do. */
static inline uint32_t xennet_ring_reach(const struct xennet_ring *r)
{
	return r->pub + r->credit - r->seen;
}

/* Whether it has put what arm asked for, and so has notified or is about to. A
 * hint: its index is taken on trust. */
static inline bool xennet_ring_due(const struct xennet_ring *r)
{
	return (int32_t)(xennet_load(r->peer_prod) - r->event) >= 0;
}

/* Awake: asks for nothing before the next arm. No message is half of all
 * indices away. */
static inline void xennet_ring_disarm(struct xennet_ring *r)
{
	r->event = r->seen + 0x80000000u;
	xennet_store(r->my_event, r->event);
}

/* The first message since the last push gets its stamp last, by publish, so
 * that the peer sees all of them or none. */
static inline void xennet_ring_put_stamp(struct xennet_ring *r,
					 unsigned char *slot)
{
	if (r->put_stamps && r->prod != r->pub)
		xennet_store((uint32_t *)(void *)(slot + r->stride - 4),
			     r->prod + 1);
}

/*
 * Makes, for a protocol whose requests and responses are these types:
 * NAME_slot_size, and NAME_{put,get,look}_{req,rsp}. get takes the next
 * message, look copies the one at an index that peek has covered. put zeroes
 * what the message leaves of NAME_slot_size (R16). Types: 4, 8, 12 or 16 bytes,
 * with no padding.
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
		return r->slots + at * r->stride;                              \
	}                                                                      \
	static inline void name##_fill_##kind(unsigned char *slot,             \
					      const type *m)                   \
	{                                                                      \
		*(type *)(void *)slot = *m;                                    \
		memset(slot + sizeof(*m), 0, name##_slot_size - sizeof(*m));   \
	}                                                                      \
	static inline void name##_put_##kind(struct xennet_ring *r,            \
					     const type *m)                    \
	{                                                                      \
		unsigned char *slot = name##_slot_##kind(r, r->prod);          \
		name##_fill_##kind(slot, m);                                   \
		xennet_ring_put_stamp(r, slot);                                \
		r->prod++;                                                     \
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
