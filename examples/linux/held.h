/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Packets whose pages become fragments of the kernel's.
 *
 * Taken: what Xen has copied for us; the library gets other pages for them.
 *
 * Held: the guest's own, mapped, which it can still change: so the stack copies
 * them before it keeps or delivers them here, and what only passes through is
 * never copied. Such a packet is the library's again once its last skb is gone,
 * wherever that happens.
 */
#ifndef XENNET_EXAMPLES_LINUX_HELD_H
#define XENNET_EXAMPLES_LINUX_HELD_H

#include <linux/llist.h>
#include <linux/skbuff.h>

#include "compat.h"
#include "vif.h"

/* For those that are taken from a queue. */
struct fresh {
	struct xennet_back_queue *queue;
	struct page *page[BATCH];
	unsigned int n;
};

/* Many at once: one by one they cost as much as a copy. */
static inline struct page *fresh_page(struct fresh *f)
{
	if (!f->n) {
		memset(f->page, 0, sizeof(f->page));
		f->n = alloc_pages_bulk_array(GFP_ATOMIC | __GFP_NOWARN, BATCH,
					      f->page);
	}
	return f->n ? f->page[--f->n] : NULL;
}

static inline void free_fresh(struct fresh *f)
{
	while (f->n)
		__free_page(f->page[--f->n]);
}

struct held {
	struct ubuf_info ubuf;
	struct llist_node node;
	struct holder *holder;
	struct xennet_pkt pkt;
};

/* A queue's. */
struct holder {
	struct napi_struct *napi;
	struct held *all;
	struct llist_node *spare;
	unsigned int out;	 /* of all, not spare */
	struct llist_head freed; /* by whoever; the others are the worker's */
};

static inline void hold_again(struct holder *to, struct held *h)
{
	h->node.next = to->spare;
	to->spare = &h->node;
}

/* Room for n. Without memory for it nothing is held. */
static inline void holder_init(struct holder *to, struct napi_struct *napi,
			       unsigned int n)
{
	to->napi = napi;
	to->spare = NULL;
	to->out = 0;
	init_llist_head(&to->freed);
	to->all = kvcalloc(n, sizeof(*to->all), GFP_KERNEL);
	while (to->all && n--)
		hold_again(to, &to->all[n]);
}

/* When nothing is out. */
static inline void holder_free(struct holder *to)
{
	kvfree(to->all);
	to->all = NULL;
	to->spare = NULL;
}

/* The holder's memory outlives this: who frees it waits for softirqs first. */
static void held_is_free(struct sk_buff *skb, struct ubuf_info *ubuf,
			 bool uncopied)
{
	struct held *h = container_of(ubuf, struct held, ubuf);
	struct holder *to = h->holder;

	if (!refcount_dec_and_test(&ubuf->refcnt))
		return;
	local_bh_disable();
	if (llist_add(&h->node, &to->freed))
		napi_schedule(to->napi);
	local_bh_enable();
}

UBUF_OPS(held_ops, held_is_free)

/* Takes the page at this address for a fresh one; or, without any, shares it.
 * NULL: there is none to be had. */
static inline struct page *page_for(struct fresh *fresh,
				    const struct xennet_pkt *pkt, void *at)
{
	struct page *page =
		is_vmalloc_addr(at) ? vmalloc_to_page(at) : virt_to_page(at);
	struct page *other;

	if (!fresh) {
		get_page(page); /* which the stack puts */
		return page;
	}
	other = fresh_page(fresh);
	if (!other)
		return NULL;
	if (xennet_back_swap(fresh->queue, pkt, at, page_address(other)))
		return page;
	fresh->page[fresh->n++] = other;
	return NULL;
}

/* A fragment for each page; false: for some there is none. */
static inline bool skb_add_parts(struct sk_buff *skb, struct fresh *fresh,
				 const struct xennet_pkt *pkt, void *at,
				 u32 len)
{
	struct skb_shared_info *info = skb_shinfo(skb);
	struct page *page;
	u32 n;

	for (; len; at += n, len -= n) {
		n = min_t(u32, len, PAGE_SIZE - offset_in_page(at));
		if (info->nr_frags == MAX_SKB_FRAGS)
			return false;
		page = page_for(fresh, pkt, at);
		if (!page)
			return false;
		__skb_fill_page_desc_noacc(info, info->nr_frags++, page,
					   offset_in_page(at), n);
		skb->len += n;
		skb->data_len += n;
		skb->truesize += PAGE_SIZE;
	}
	return true;
}

/* Of a packet of more than XENNET_HEAD bytes; those are copied. */
static inline bool skb_add_pages(struct sk_buff *skb, struct fresh *fresh,
				 const struct xennet_pkt *pkt)
{
	struct xennet_frag *f = pkt->frag;
	u32 own = min(f->len, XENNET_HEAD);
	unsigned int i;

	skb_put_data(skb, f->addr, own);
	if (!skb_add_parts(skb, fresh, pkt, f->addr + own, f->len - own))
		return false;
	for (i = 1; i < pkt->nfrags; i++)
		if (!skb_add_parts(skb, fresh, pkt, f[i].addr, f[i].len))
			return false;
	return true;
}

/* What cannot be taken is copied. NULL: no memory. */
static inline struct sk_buff *take(struct napi_struct *napi,
				   struct fresh *fresh,
				   const struct xennet_pkt *pkt)
{
	struct sk_buff *skb = napi_alloc_skb(napi, XENNET_HEAD), *copy;

	if (!skb || skb_add_pages(skb, fresh, pkt))
		return skb;
	copy = copied(napi, pkt);
	kfree_skb(skb); /* with those pages that were taken */
	return copy;
}

/* NULL: it cannot be held. */
static inline struct sk_buff *hold(struct holder *to,
				   const struct xennet_pkt *pkt)
{
	struct sk_buff *skb;
	struct held *h;

	if (!to->spare)
		return NULL;
	skb = napi_alloc_skb(to->napi, XENNET_HEAD);
	if (!skb)
		return NULL;
	if (!skb_add_pages(skb, NULL, pkt)) {
		kfree_skb(skb);
		return NULL;
	}
	h = container_of(to->spare, struct held, node);
	to->spare = to->spare->next;
	to->out++;
	h->holder = to;
	h->pkt = *pkt;
	h->ubuf.flags = SKBFL_ZEROCOPY_FRAG;
	ubuf_set_ops(&h->ubuf, held_ops);
	refcount_set(&h->ubuf.refcnt, 1);
	skb_zcopy_init(skb, &h->ubuf);
	return skb;
}

/* Hands back those that are free by now, oldest first. */
static inline void hand_back(struct holder *from, struct xennet_back_queue *q)
{
	struct llist_node *list = llist_del_all(&from->freed);
	struct xennet_pkt pkt[BATCH];
	struct held *h, *next;
	unsigned int n = 0;

	list = llist_reverse_order(list);
	llist_for_each_entry_safe(h, next, list, node) {
		pkt[n++] = h->pkt;
		hold_again(from, h);
		from->out--;
		if (n == BATCH) {
			xennet_back_done(q, pkt, n);
			n = 0;
		}
	}
	if (n)
		xennet_back_done(q, pkt, n);
}

#endif
