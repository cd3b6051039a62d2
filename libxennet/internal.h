/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Shared by the queues of both ends. */
#ifndef XENNET_INTERNAL_H
#define XENNET_INTERNAL_H

#include <xennet/queue.h>

static inline void xennet_count(struct xennet_stats *s, int err)
{
	s->reason[err < 0 ? -err : err]++;
}

/*
 * A queue's `broken`: set once by its worker, and looked at by the control
 * thread while that runs.
 */
static inline int xennet_break(int *broken, int err)
{
	xennet_store((uint32_t *)broken, (uint32_t)err);
	return err;
}

static inline int xennet_broken(const int *broken)
{
	return (int)xennet_load((const uint32_t *)broken);
}

/* What the platform lacks is not the peer's fault. */
static inline bool xennet_platforms_fault(int err)
{
	return err == -XENNET_ENOMEM || err == -XENNET_ENOSPC ||
	       err == -XENNET_EIO;
}

/* 1 << each GSO type that these XENNET_F_* include. */
static inline uint32_t xennet_gso_mask(uint32_t flags)
{
	return (flags & XENNET_F_GSO_TCPV4 ? 1u << XENNET_GSO_TCPV4 : 0) |
	       (flags & XENNET_F_GSO_TCPV6 ? 1u << XENNET_GSO_TCPV6 : 0);
}

/* Memory of a queue's tables, one after another, each on lines of its own. */
static inline size_t xennet_line_up(size_t n)
{
	return (n + XENNET_CACHE_LINE - 1) & ~(size_t)(XENNET_CACHE_LINE - 1);
}

static inline void xennet_notify(const struct xennet_platform *p, uint32_t port,
				 struct xennet_stats *s)
{
	s->notified++;
	if (p->ops->evtchn_notify(p->ctx, port))
		xennet_count(s, XENNET_EGONE);
}

/* Who never sleeps, or settles before it, pushes without a barrier. */
static inline bool xennet_polls(const struct xennet_notifier *n)
{
	return n->now == XENNET_NOTIFY_POLL;
}

/* Those of ring.h, where a call costs nothing that counts. */
int xennet_peek(struct xennet_ring *r);
int xennet_arm(struct xennet_ring *r, uint32_t ahead);
void xennet_attach_front(struct xennet_ring *r, void *pages,
			 const struct xennet_ring_shape *shape);
int xennet_attach_back(struct xennet_ring *r, void *pages,
		       const struct xennet_ring_shape *shape);

/* Publishes what was put, and tells the peer if it asked for that. */
void xennet_publish_now(const struct xennet_platform *p, struct xennet_ring *r,
			uint32_t port, struct xennet_stats *s, bool lazily);

static inline void xennet_publish(const struct xennet_platform *p,
				  struct xennet_ring *r, uint32_t port,
				  struct xennet_stats *s, bool lazily)
{
	if (r->prod != r->pub)
		xennet_publish_now(p, r, port, s, lazily);
}

/*
 * Within a send: so much is there to be copied that the peer begins with it
 * while we go on. Told of all at the end, each end would wait for the other.
 */
static inline void xennet_publish_early(const struct xennet_platform *p,
					struct xennet_ring *r, uint32_t port,
					struct xennet_stats *s, bool lazily)
{
	if (r->prod - r->pub >= r->size / 16)
		xennet_publish(p, r, port, s, lazily);
}

/* With each poll: a sleeper that a lazy push came too early to see. */
static inline void xennet_look_again(const struct xennet_platform *p,
				     struct xennet_ring *r, uint32_t port,
				     struct xennet_stats *s)
{
	if (r->pub != r->sure && xennet_ring_look_again(r))
		xennet_notify(p, port, s);
}

/* Before the worker sleeps: what a lazy push may have missed. */
void xennet_settle(const struct xennet_platform *p, struct xennet_ring *r,
		   uint32_t port, struct xennet_stats *s);

/*
 * XENNET_PKT_CSUM_BLANK and XENNET_PKT_DATA_VALIDATED of a packet are the bits
 * of a TX request, and a blank checksum is as good as a valid one.
 */
static inline uint8_t xennet_csum_flags(uint16_t flags)
{
	return (uint8_t)((flags & 3) | (flags & 1) << 1);
}

/* The extra info of a packet. */
static inline void xennet_extra_gso(struct xennet_extra *e,
				    const struct xennet_pkt *pkt, bool more)
{
	memset(e, 0, sizeof(*e));
	e->type = XENNET_EXTRA_GSO;
	e->flags = more ? XENNET_EXTRAF_MORE : 0;
	e->u.gso.type = pkt->gso_type;
	e->u.gso.size = pkt->gso_size;
}

static inline void xennet_extra_hash(struct xennet_extra *e,
				     const struct xennet_pkt *pkt, bool more)
{
	memset(e, 0, sizeof(*e));
	e->type = XENNET_EXTRA_HASH;
	e->flags = more ? XENNET_EXTRAF_MORE : 0;
	e->u.hash.type = (uint8_t)xennet_pkt_hash_type(pkt);
	e->u.hash.algorithm = XENNET_HASH_TOEPLITZ;
	e->u.hash.value[0] = (uint8_t)pkt->hash;
	e->u.hash.value[1] = (uint8_t)(pkt->hash >> 8);
	e->u.hash.value[2] = (uint8_t)(pkt->hash >> 16);
	e->u.hash.value[3] = (uint8_t)(pkt->hash >> 24);
}

static inline void xennet_extra_xdp(struct xennet_extra *e, uint16_t headroom)
{
	memset(e, 0, sizeof(*e));
	e->type = XENNET_EXTRA_XDP;
	e->u.xdp.headroom = headroom;
}

/* A TX request as three words: so it stays in registers. */
struct xennet_tx_words {
	uint32_t gref, offset_flags, id_size;
};

static inline struct xennet_tx_words
xennet_tx_look_words(const struct xennet_ring *r, uint32_t index)
{
	struct xennet_tx_words w;

	xennet_copy_once(&w, xennet_tx_slot_req(r, index), sizeof(w));
	return w;
}

static inline void xennet_tx_put_words(struct xennet_ring *r,
				       struct xennet_tx_words w)
{
	unsigned char *slot = xennet_tx_slot_req(r, r->prod);

	*(struct xennet_tx_words *)(void *)slot = w;
	xennet_ring_put_stamp(r, slot);
	r->prod++;
}

/* Whether a packet has a blank checksum that such a peer may not complete. */
bool xennet_lacks_csum(uint32_t flags, const struct xennet_pkt *pkt);

/* E5, E6: a packet with a GSO type is what that says; one whose checksum is not
 * blank is made so. 0, or XENNET_EGSO_PROTO. */
int xennet_check_gso(struct xennet_pkt *pkt);

/* What stops a peer with these XENNET_F_* from receiving a packet; or 0. */
int xennet_unfit(uint32_t flags, const struct xennet_pkt *pkt);

/* Adds bytes to the end of a packet; to its last fragment if they follow it.
 * Not to a head: a peer's page may lie after the last one of them. */
static inline void xennet_add_frag(struct xennet_pkt *pkt, unsigned char *addr,
				   uint32_t len)
{
	struct xennet_frag *f = pkt->frag + pkt->nfrags;

	if (pkt->nfrags && (unsigned char *)f[-1].addr + f[-1].len == addr &&
	    f[-1].len > XENNET_HEAD) {
		f[-1].len += len;
		return;
	}
	f->addr = addr;
	f->len = len;
	pkt->nfrags++;
}

/* memcpy, without a call for small packets: two copies, which may overlap. */
static inline void xennet_copy_bytes(void *to, const void *from, uint32_t len)
{
	const unsigned char *src = (const unsigned char *)from;
	unsigned char *dst = (unsigned char *)to;

	if (len - 32 <= 32) {
		memcpy(dst, src, 32);
		memcpy(dst + len - 32, src + len - 32, 32);
	} else if (len - 64 <= 64) {
		memcpy(dst, src, 64);
		memcpy(dst + len - 64, src + len - 64, 64);
	} else {
		memcpy(dst, src, len);
	}
}

/* Walks the bytes of a packet. */
struct xennet_cursor {
	const struct xennet_frag *frag;
	uint32_t done; /* of frag */
};

/* Takes up to len of the next bytes, as far as they lie in one piece. */
static inline uint32_t xennet_cursor_take(struct xennet_cursor *c, uint32_t len,
					  void **addr)
{
	uint32_t part;

	while (c->done == c->frag->len) {
		c->frag++;
		c->done = 0;
	}
	part = c->frag->len - c->done;
	if (part > len)
		part = len;
	*addr = (unsigned char *)c->frag->addr + c->done;
	c->done += part;
	return part;
}

/* Copies the next len bytes, which the packet has. They may be in a static page
 * of the peer's, and so may `to` be: in the same. */
static inline void xennet_cursor_copy(struct xennet_cursor *c, void *to,
				      uint32_t len)
{
	unsigned char *out = (unsigned char *)to;
	uint32_t part;
	void *from;

	for (; len; len -= part, out += part) {
		part = xennet_cursor_take(c, len, &from);
		memmove(out, from, part);
	}
}

static inline void xennet_cursor_skip(struct xennet_cursor *c, uint32_t len)
{
	void *from;

	while (len)
		len -= xennet_cursor_take(c, len, &from);
}

#endif
