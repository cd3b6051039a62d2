/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* What an interface does at either end: the kernel's packets as the library's
 * and back, what they may be, its NAPI, and counters. */
#ifndef XENNET_EXAMPLES_LINUX_VIF_H
#define XENNET_EXAMPLES_LINUX_VIF_H

#include <linux/etherdevice.h>
#include <linux/ethtool.h>
#include <linux/hrtimer.h>
#include <linux/if_vlan.h>
#include <linux/netdevice.h>
#include <xen/xenbus.h>
#include <xennet/csum.h>
#include <xennet/xennet.h>

/* What a peer is sent at once. */
#define BATCH 32

/* Of the control thread. */
#define RETRY (HZ / 10)
#define EVENTS_IN_A_TURN 4

/* A packet's fragments, with those of its list. */
#define FRAGS_MAX 128

/* A shorter packet is in one piece. */
#define LINEAR 2048u

#define VIF_FEATURES                                                           \
	(NETIF_F_SG | NETIF_F_IP_CSUM | NETIF_F_IPV6_CSUM | NETIF_F_TSO |      \
	 NETIF_F_TSO6)

/* --- from the peer */

static inline bool set_checksum(struct sk_buff *skb,
				const struct xennet_pkt *pkt)
{
	u16 start, offset;

	if (!(pkt->flags & XENNET_PKT_CSUM_BLANK)) {
		if (pkt->flags & XENNET_PKT_DATA_VALIDATED)
			skb->ip_summed = CHECKSUM_UNNECESSARY;
		return true;
	}
	return xennet_csum_locate(pkt, &start, &offset) == 0 &&
	       skb_partial_csum_set(skb, start - ETH_HLEN, offset);
}

static inline void set_gso(struct sk_buff *skb, const struct xennet_pkt *pkt)
{
	struct skb_shared_info *info = skb_shinfo(skb);

	if (!pkt->gso_type)
		return;
	info->gso_size = pkt->gso_size;
	info->gso_type = pkt->gso_type == XENNET_GSO_TCPV4 ? SKB_GSO_TCPV4
							   : SKB_GSO_TCPV6;
	/* the peer's word: its headers are looked at, segments counted */
	info->gso_type |= SKB_GSO_DODGY;
	info->gso_segs = 0;
}

static inline void copy_linear(struct sk_buff *skb,
			       const struct xennet_pkt *pkt)
{
	unsigned int i;

	for (i = 0; i < pkt->nfrags; i++)
		skb_put_data(skb, pkt->frag[i].addr, pkt->frag[i].len);
}

static inline struct sk_buff *copy_paged(const struct xennet_pkt *pkt)
{
	unsigned int i, at = 0;
	struct sk_buff *skb;
	int err;

	skb = alloc_skb_with_frags(NET_SKB_PAD + NET_IP_ALIGN + XENNET_HEAD,
				   pkt->len - XENNET_HEAD,
				   PAGE_ALLOC_COSTLY_ORDER, &err,
				   GFP_ATOMIC | __GFP_NOWARN);
	if (!skb)
		return NULL;
	skb_reserve(skb, NET_SKB_PAD + NET_IP_ALIGN);
	skb_put(skb, XENNET_HEAD);
	skb->data_len = pkt->len - XENNET_HEAD;
	skb->len = pkt->len;
	for (i = 0; i < pkt->nfrags; i++) {
		skb_store_bits(skb, at, pkt->frag[i].addr, pkt->frag[i].len);
		at += pkt->frag[i].len;
	}
	return skb;
}

/* Everything is copied: what follows the head is the peer's as well. */
static inline struct sk_buff *copied(struct napi_struct *napi,
				     const struct xennet_pkt *pkt)
{
	struct sk_buff *skb;

	if (pkt->len > LINEAR)
		return copy_paged(pkt);
	skb = napi_alloc_skb(napi, pkt->len);
	if (skb)
		copy_linear(skb, pkt);
	return skb;
}

/* With what its packet says of it, as the stack wants it. NULL, and it is
 * freed, unless it is NULL: no header is where a checksum is to be. */
static inline struct sk_buff *finished(struct sk_buff *skb,
				       struct napi_struct *napi,
				       const struct xennet_pkt *pkt,
				       unsigned int queue)
{
	if (!skb)
		return NULL;
	skb->protocol = eth_type_trans(skb, napi->dev);
	skb_record_rx_queue(skb, queue);
	set_gso(skb, pkt);
	if (set_checksum(skb, pkt))
		return skb;
	kfree_skb(skb);
	return NULL;
}

static inline struct sk_buff *skb_from(struct napi_struct *napi,
				       const struct xennet_pkt *pkt,
				       unsigned int queue)
{
	return finished(copied(napi, pkt), napi, pkt, queue);
}

/* --- to the peer */

static inline struct xennet_frag *add_frags(struct xennet_frag *to,
					    const struct sk_buff *skb)
{
	const struct skb_shared_info *info = skb_shinfo(skb);
	int i;

	if (likely(skb_headlen(skb))) {
		to->addr = skb->data;
		(to++)->len = skb_headlen(skb);
	}
	for (i = 0; i < info->nr_frags; i++) {
		to->addr = skb_frag_address(&info->frags[i]);
		(to++)->len = skb_frag_size(&info->frags[i]);
	}
	return to;
}

/* Its data stays where it is. */
static inline void describe(struct xennet_pkt *pkt, struct xennet_frag *frag,
			    const struct sk_buff *skb)
{
	const struct skb_shared_info *info = skb_shinfo(skb);
	const struct sk_buff *part;

	memset(pkt, 0, sizeof(*pkt));
	pkt->frag = frag;
	pkt->len = skb->len;
	frag = add_frags(frag, skb);
	skb_walk_frags(skb, part)
		frag = add_frags(frag, part);
	pkt->nfrags = frag - pkt->frag;
	if (skb->ip_summed == CHECKSUM_PARTIAL)
		pkt->flags = XENNET_PKT_CSUM_BLANK | XENNET_PKT_DATA_VALIDATED;
	else if (skb->ip_summed == CHECKSUM_UNNECESSARY)
		pkt->flags = XENNET_PKT_DATA_VALIDATED;
	if (!skb_is_gso(skb))
		return;
	pkt->gso_size = info->gso_size;
	pkt->gso_type = info->gso_type & SKB_GSO_TCPV4 ? XENNET_GSO_TCPV4
						       : XENNET_GSO_TCPV6;
}

/* On their way: [first] to [n - 1] are unsent. */
struct outgoing {
	struct sk_buff *skb[BATCH];
	unsigned int first, n, nfrags;
	u32 done; /* bytes that were sent, or dropped */
	struct xennet_pkt pkt[BATCH];
	struct xennet_frag frag[BATCH * (MAX_SKB_FRAGS + 1)];
};

static inline bool has_room(const struct outgoing *out)
{
	return out->n < BATCH &&
	       out->nfrags <= ARRAY_SIZE(out->frag) - FRAGS_MAX;
}

static inline struct xennet_pkt *add_outgoing(struct outgoing *out,
					      struct sk_buff *skb)
{
	struct xennet_pkt *pkt = &out->pkt[out->n];

	out->skb[out->n++] = skb;
	describe(pkt, &out->frag[out->nfrags], skb);
	out->nfrags += pkt->nfrags;
	return pkt;
}

static inline void begin_anew(struct outgoing *out)
{
	out->first = out->n = out->nfrags = 0;
}

/* The first n of the unsent are done with; none if negative. So many packets
 * and bytes reached the peer: it can be unable to take one. */
static inline void note_sent(struct outgoing *out, int n,
			     struct net_device *dev, int budget, u64 packets,
			     u64 bytes)
{
	if (n <= 0)
		return;
	dev_sw_netstats_tx_add(dev, packets, bytes);
	for (; unlikely(packets < n); packets++)
		dev_core_stats_tx_dropped_inc(dev);
	for (; n; n--) {
		out->done += out->pkt[out->first].len;
		napi_consume_skb(out->skb[out->first++], budget);
	}
	if (out->first == out->n)
		begin_anew(out);
}

static inline void drop_first(struct outgoing *out, struct net_device *dev)
{
	out->done += out->skb[out->first]->len;
	kfree_skb(out->skb[out->first++]);
	dev_core_stats_tx_dropped_inc(dev);
	if (out->first == out->n)
		begin_anew(out);
}

static inline void drop_outgoing(struct outgoing *out, struct net_device *dev)
{
	while (out->n)
		drop_first(out, dev);
}

/* --- a queue's NAPI, and a timer that calls it */

static inline void begin_napi(struct napi_struct *napi)
{
	napi_enable(napi);
	local_bh_disable();
	napi_schedule(napi);
	local_bh_enable();
}

static inline void end_napi(struct napi_struct *napi, struct hrtimer *timer)
{
	napi_disable(napi);
	hrtimer_cancel(timer);
}

/* Until it is scheduled; in so long, if not 0, the timer does that. It is
 * started first: end_napi() cancels it once no NAPI runs. */
static inline int complete_napi(struct napi_struct *napi, int done,
				struct hrtimer *timer, u32 usec)
{
	if (usec)
		hrtimer_start(timer, ns_to_ktime((u64)usec * NSEC_PER_USEC),
			      HRTIMER_MODE_REL);
	napi_complete_done(napi, done);
	return done;
}

/* --- the interface */

struct vif;

static inline struct vif *vif_of(const struct net_device *dev)
{
	return *(struct vif **)netdev_priv(dev);
}

/* Before it is registered. dev's private part is a pointer's. */
static inline int set_up_interface(struct net_device *dev, struct vif *v,
				   struct xenbus_device *xbdev)
{
	*(struct vif **)netdev_priv(dev) = v;
	SET_NETDEV_DEV(dev, &xbdev->dev);
	dev->hw_features = VIF_FEATURES;
	dev->features = VIF_FEATURES | NETIF_F_RXCSUM;
	dev->min_mtu = ETH_MIN_MTU;
	dev->max_mtu = ETH_MAX_MTU - VLAN_ETH_HLEN;
	netif_carrier_off(dev);
	netif_tx_stop_all_queues(dev); /* netpoll asks for no carrier */
	dev->tstats = netdev_alloc_pcpu_stats(struct pcpu_sw_netstats);
	return dev->tstats ? 0 : -ENOMEM;
}

static inline void free_interface(struct net_device *dev)
{
	free_percpu(dev->tstats);
	free_netdev(dev);
}

/* What the control thread makes of its last event: what the peer said (of this
 * key, or NULL) is refused, what the platform could not do is tried again. */
static inline void look_again(struct workqueue_struct *wq,
			      struct delayed_work *control,
			      struct net_device *dev, int event,
			      const char *key)
{
	bool refused = event < 0 && xennet_err_kind(event) != XENNET_KIND_CALL;

	if (refused && net_ratelimit())
		netdev_err(dev, "refused: %s, %s (%s)\n",
			   xennet_err_name(event), xennet_err_text(event),
			   key ?: "-");
	if (event > XENNET_VIF_IDLE && event != XENNET_VIF_PAUSE)
		mod_delayed_work(wq, control, 0);
	else if (event != XENNET_VIF_IDLE && !refused)
		queue_delayed_work(wq, control, RETRY); /* or sooner */
}

/* With rtnl: as the toolstack says, if it does, but no more than this peer can be
 * sent. The next may have what such a one did not let it be. */
static inline void set_mtu(struct net_device *dev, u32 flags, u32 mtu,
			   u32 *clipped)
{
	u32 was = *clipped && dev->mtu == ETH_DATA_LEN ? *clipped : dev->mtu;

	dev->max_mtu = flags & XENNET_F_SG ? ETH_MAX_MTU - VLAN_ETH_HLEN
					   : ETH_DATA_LEN;
	mtu = mtu ?: was;
	*clipped = mtu > dev->max_mtu ? mtu : 0;
	dev_set_mtu(dev, min(mtu, dev->max_mtu));
}

/* Of these what a peer that says XENNET_F_* can receive. */
static inline netdev_features_t features_for(u32 flags,
					     netdev_features_t features)
{
	if (!(flags & XENNET_F_SG))
		features &= ~(NETIF_F_SG | NETIF_F_FRAGLIST);
	if (!(flags & XENNET_F_CSUM_V4))
		features &= ~NETIF_F_IP_CSUM;
	if (!(flags & XENNET_F_CSUM_V6))
		features &= ~NETIF_F_IPV6_CSUM;
	if (!(flags & (XENNET_F_GSO_TCPV4 | XENNET_F_GSO_TCPV4_PREFIX)))
		features &= ~NETIF_F_TSO;
	if (!(flags & (XENNET_F_GSO_TCPV6 | XENNET_F_GSO_TCPV6_PREFIX)))
		features &= ~NETIF_F_TSO6;
	return features;
}

static inline void get_channels(struct net_device *dev,
				struct ethtool_channels *c)
{
	c->max_combined = dev->num_tx_queues;
	c->combined_count = dev->real_num_tx_queues;
}

/* --- counters, of all queues together */

#define COUNTERS(X)                                                            \
	X(tx_packets)                                                          \
	X(tx_bytes)                                                            \
	X(rx_packets)                                                          \
	X(rx_bytes)                                                            \
	X(tx_acked)                                                            \
	X(copied)                                                              \
	X(copy_calls)                                                          \
	X(copy_ops)                                                            \
	X(map_calls)                                                           \
	X(map_ops)                                                             \
	X(unmap_calls)                                                         \
	X(unmap_ops)                                                           \
	X(grant_calls)                                                         \
	X(ungrant_calls)                                                       \
	X(notified)                                                            \
	X(notify_spared)                                                       \
	X(notify_asked)                                                        \
	X(woken)                                                               \
	X(woken_idle)

#define COUNTER_NAME(name) #name,
static const char *const counter_names[] = { COUNTERS(COUNTER_NAME) };

#define NCOUNTERS ((int)ARRAY_SIZE(counter_names))

static inline int count_of_counters(struct net_device *dev, int set)
{
	return set == ETH_SS_STATS ? NCOUNTERS + XENNET_ERR_COUNT - 1
				   : -EOPNOTSUPP;
}

/* "refused_" is what was refused and why. */
static inline void name_counters(struct net_device *dev, u32 set, u8 *text)
{
	int i;

	if (set != ETH_SS_STATS)
		return;
	for (i = 0; i < NCOUNTERS; i++)
		ethtool_sprintf(&text, "%s", counter_names[i]);
	for (i = 1; i < XENNET_ERR_COUNT; i++)
		ethtool_sprintf(&text, "refused_%s", xennet_err_name(i));
}

static inline void add_counters(u64 *data, const struct xennet_stats *s)
{
	int i;

#define COUNTER_ADD(name) *data++ += READ_ONCE(s->name);
	COUNTERS(COUNTER_ADD)
	for (i = 1; i < XENNET_ERR_COUNT; i++)
		*data++ += READ_ONCE(s->reason[i]);
}

#endif
