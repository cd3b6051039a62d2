// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * A netback: a network interface, vifDOMAIN.VIF, for each vif of a guest. A
 * queue is served by its NAPI instance, both ways; what is sent to the guest
 * waits for that in a ring of its own.
 *
 * Who may touch what:
 *
 *   of a vif
 *	back, open, pace	the control work; probe before it, remove after
 *	leaving			remove writes it, the control work reads it
 *	connected, nqueues	the control work with rtnl; to read, with rtnl
 *				or as that work
 *	running			with rtnl
 *	hashed			as connected; senders read it, see hash_no_more
 *	nstalled		NAPI with lock; with rtnl while none is enabled
 *   of a queue
 *	back, asleep, out, in,	its NAPI; with rtnl while that is disabled
 *	waits, since, stalled,
 *	went, fresh, held
 *	called			events and the timer set it, NAPI clears it
 *	came			senders, with the lock of their queue
 *	waiting			senders put, so locked; NAPI takes
 *
 * xennet_back_select_queue is for senders, too. What debugfs and ethtool show
 * of a queue's own may be older than the rest.
 */
#include <linux/debugfs.h>
#include <linux/module.h>
#include <linux/ptr_ring.h>
#include <linux/rtnetlink.h>
#include <linux/seq_file.h>
#include <xennet/platform/linux.h>

#include "../pace.h"
#include "compat.h"
#include "held.h"
#include "vif.h"

/* Packets for the guest, of a queue; no more come from so many bytes on. */
#define WAITING 512
#define WAITING_BYTES (512u << 10)
#define LOOK_AGAIN (60 * HZ)
#define HELD_LOOK 20 /* ms, for packets that others still have */
#define HELD_WARN (10 * HZ)
#define QUEUES 8
#define QUEUE_LEN 32 /* as xen-netback's */

#define BRIDGED_MAC                                                            \
	{                                                                      \
		0xfe, 0xff, 0xff, 0xff, 0xff, 0xff                             \
	}

static unsigned int queues;
module_param(queues, uint, 0444);
MODULE_PARM_DESC(queues,
		 "offered to a guest; 0: as there are processors, 8 at most");

static unsigned int ring_order = 2;
module_param(ring_order, uint, 0444);
MODULE_PARM_DESC(ring_order, "pages of a ring, log2, offered at most; 0 to 4");

static unsigned int maps = 8192;
module_param(maps, uint, 0444);
MODULE_PARM_DESC(maps, "pages of its guest's that a vif keeps mapped at most");

static bool persistent = true;
module_param(persistent, bool, 0444);
MODULE_PARM_DESC(persistent, "offer to keep pages mapped");

/* Named as xen-netback's. */
static unsigned int rx_drain_timeout_msecs = 10000;
module_param(rx_drain_timeout_msecs, uint, 0444);
MODULE_PARM_DESC(rx_drain_timeout_msecs,
		 "so long a packet waits for a buffer of the guest's");

static unsigned int rx_stall_timeout_msecs = 60000;
module_param(rx_stall_timeout_msecs, uint, 0444);
MODULE_PARM_DESC(rx_stall_timeout_msecs,
		 "so long without a buffer, and the carrier is off; 0: never");

static unsigned int zerocopy;
module_param(zerocopy, uint, 0644);
MODULE_PARM_DESC(
	zerocopy,
	"of vifs to come: so many bytes of a slot are mapped; 0: none");

struct queue {
	struct vif *vif;
	struct xennet_back_queue *back;
	struct netdev_queue *txq;
	struct napi_struct napi;
	struct hrtimer timer;
	bool asleep; /* since it was armed */
	bool called; /* by an event or a timer */

	/* of the guest, since it had fewer buffers than were needed */
	bool waits;
	bool stalled;	     /* and for too long */
	unsigned long since; /* it last took something; if it waits */

	u32 came ____cacheline_aligned_in_smp; /* bytes, of the senders */
	struct ptr_ring waiting;
	u32 went;	     /* and of these, to the guest or nowhere */
	struct outgoing out; /* from there */
	struct xennet_burst in;
	struct fresh fresh;
	struct holder held;
};

struct vif {
	struct xennet_back back;
	struct xennet_linux *platform;
	struct xenbus_device *xbdev;
	struct net_device *dev;
	struct delayed_work control;
	bool open;	  /* back is */
	bool leaving;	  /* the driver: nothing is to be done any more */
	bool connected;	  /* and has queues; with rtnl */
	bool running;	  /* their NAPI is enabled; with rtnl */
	bool hashed;	  /* as the guest asked for */
	u32 clipped;	  /* an MTU; with rtnl */
	struct pace pace; /* of what it asks over its control ring */
	struct dentry *debug;
	struct queue *queue;
	unsigned int nqueues;  /* in use */
	unsigned int zerocopy; /* as it was when this began */
	spinlock_t lock;
	unsigned int nstalled; /* of them */
};

/* Anybody may ask for a device's uevent, at any time. */
static DEFINE_SPINLOCK(named);

static struct workqueue_struct *controls;
static struct dentry *debug;

static void control_soon(void *arg)
{
	struct vif *v = arg;

	mod_delayed_work(controls, &v->control, 0);
}

/* --- from the guest */

/* What was mapped for a packet alone. */
static bool is_mapped(const struct queue *q, const struct xennet_pkt *pkt)
{
	return pkt->flags & XENNET_PKT_SHARED && !q->back->tx.keeps;
}

/* Its memory is the library's again soon. */
static struct sk_buff *take_or_copy(struct queue *q,
				    const struct xennet_pkt *pkt)
{
	if (pkt->len > LINEAR && !(pkt->flags & XENNET_PKT_SHARED))
		return take(&q->napi, &q->fresh, pkt);
	return copied(&q->napi, pkt);
}

static int from_guest(struct queue *q, int budget)
{
	struct xennet_pkt *pkt, *done = q->in.pkt;
	struct net_device *dev = q->vif->dev;
	unsigned int number = q - q->vif->queue;
	struct sk_buff *skb;
	LIST_HEAD(list);
	int n;

	if (!llist_empty(&q->held.freed))
		hand_back(&q->held, q->back);
	n = xennet_back_poll(q->back, &q->in,
			     min_t(unsigned int, budget, XENNET_BURST));
	if (n <= 0)
		return n;
	for (pkt = q->in.pkt; pkt < q->in.pkt + n; pkt++) {
		skb = is_mapped(q, pkt) ? hold(&q->held, pkt) : NULL;
		if (!skb) {
			skb = take_or_copy(q, pkt);
			*done++ = *pkt;
		}
		skb = finished(skb, &q->napi, pkt, number);
		if (skb) {
			dev_sw_netstats_rx_add(dev, pkt->len);
			list_add_tail(&skb->list, &list);
		} else {
			dev_core_stats_rx_dropped_inc(dev);
		}
	}
	xennet_back_done(q->back, q->in.pkt, done - q->in.pkt);
	netif_receive_skb_list(&list);
	return n;
}

/* --- to the guest */

static void fill(struct queue *q)
{
	struct xennet_pkt *pkt;
	struct sk_buff *skb;

	if (q->out.first)
		return;
	while (has_room(&q->out)) {
		skb = __ptr_ring_consume(&q->waiting);
		if (!skb)
			break;
		pkt = add_outgoing(&q->out, skb);
		if (q->vif->hashed) /* which goes along */
			xennet_back_select_queue(&q->vif->back, pkt);
	}
}

static void drop_waiting(struct queue *q)
{
	struct sk_buff *skb;

	drop_outgoing(&q->out, q->vif->dev);
	while ((skb = __ptr_ring_consume(&q->waiting))) {
		q->out.done += skb->len;
		kfree_skb(skb);
		dev_core_stats_tx_dropped_inc(q->vif->dev);
	}
	WRITE_ONCE(q->went, q->out.done);
}

/* What is left of a full ring is room enough only when all has been taken:
 * the last few places are cleared later. */
static void let_more_come(struct queue *q)
{
	if (netif_tx_queue_stopped(q->txq) && __ptr_ring_empty(&q->waiting) &&
	    READ_ONCE(q->came) - q->went < WAITING_BYTES / 2)
		netif_tx_wake_queue(q->txq);
}

static unsigned long *arrival(struct sk_buff *skb)
{
	return (unsigned long *)skb->cb;
}

static unsigned long expiry(struct sk_buff *skb)
{
	return *arrival(skb) + msecs_to_jiffies(rx_drain_timeout_msecs);
}

static unsigned long stall(const struct queue *q)
{
	return q->since + msecs_to_jiffies(rx_stall_timeout_msecs);
}

static void set_stalled(struct queue *q, bool stalled)
{
	struct vif *v = q->vif;

	spin_lock(&v->lock);
	q->stalled = stalled;
	if (stalled && !v->nstalled++)
		netif_carrier_off(v->dev);
	if (!stalled && !--v->nstalled)
		netif_carrier_on(v->dev);
	spin_unlock(&v->lock);
}

/* Nobody waits for longer: it may be another guest whose pages these are. */
static int drop_old(struct queue *q)
{
	struct outgoing *out = &q->out;
	int n = 0;

	for (; out->first < out->n; n++) {
		if (time_before(jiffies, expiry(out->skb[out->first])))
			break;
		drop_first(out, q->vif->dev);
	}
	return n;
}

/* A guest without buffers, or that was so before; how many were dropped. */
static int mind_stall(struct queue *q, bool sent)
{
	struct outgoing *out = &q->out;
	bool posts =
		sent || (!out->n && xennet_ring_peek(&q->back->rx.ring) > 0);

	if (posts || !q->waits)
		q->since = jiffies;
	q->waits = !posts || out->n;
	if (posts && q->stalled)
		set_stalled(q, false);
	if (rx_stall_timeout_msecs && !q->stalled && q->waits &&
	    !time_before(jiffies, stall(q))) {
		set_stalled(q, true);
		drop_waiting(q);
	}
	return drop_old(q);
}

static unsigned long sooner(unsigned long a, unsigned long b)
{
	return time_before(a, b) ? a : b;
}

/* When that is to be looked at again: in microseconds; 0: never. */
static u32 next_stall(const struct queue *q)
{
	const struct outgoing *out = &q->out;
	unsigned long now = jiffies, at = now + LOOK_AGAIN;
	bool stalls = rx_stall_timeout_msecs && !q->stalled && q->waits;

	if (!out->n && !stalls)
		return 0;
	if (out->n)
		at = sooner(at, expiry(out->skb[out->first]));
	if (stalls)
		at = sooner(at, stall(q));
	return time_after(at, now) ? jiffies_to_usecs(at - now) : 1;
}

static int send(struct queue *q, int budget)
{
	const struct xennet_stats *stats = &q->back->stats;
	u64 packets = stats->rx_packets, bytes = stats->rx_bytes;
	struct outgoing *out = &q->out;
	int n;

	if (out->first == out->n)
		return 0;
	n = xennet_back_send(q->back, out->pkt + out->first,
			     out->n - out->first);
	note_sent(out, n, q->vif->dev, budget, stats->rx_packets - packets,
		  stats->rx_bytes - bytes);
	return n;
}

static int to_guest(struct queue *q, int budget)
{
	int n;

	fill(q);
	n = send(q, budget);
	if (unlikely(q->out.n || q->waits) && n >= 0)
		n += mind_stall(q, n > 0);
	WRITE_ONCE(q->went, q->out.done);
	let_more_come(q);
	return n;
}

/* --- a queue's worker */

/* It is the control thread that finds out why. */
static int ended(struct queue *q, int done)
{
	napi_complete_done(&q->napi, done);
	control_soon(q->vif);
	return done;
}

static int sleep(struct queue *q, int done)
{
	u32 usec = min_not_zero(q->back->notify.usec, next_stall(q));

	q->asleep = true;
	return complete_napi(&q->napi, done, &q->timer, usec);
}

/* A packet sent while this ran has it run again, and went with the others. To
 * be woken for nothing would delay the next event. */
static bool has_reason(const struct queue *q)
{
	return READ_ONCE(q->called) || !llist_empty(&q->held.freed) ||
	       !__ptr_ring_empty((struct ptr_ring *)&q->waiting);
}

static int serve(struct napi_struct *napi, int budget)
{
	struct queue *q = container_of(napi, struct queue, napi);
	int in, out, n, done = 0;

	if (q->asleep && budget) {
		if (!has_reason(q)) {
			let_more_come(q);
			return sleep(q, 0);
		}
		q->asleep = false;
		WRITE_ONCE(q->called, false);
		xennet_back_wake(q->back);
	}
	while (done < budget) {
		in = from_guest(q, budget - done);
		out = in < 0 ? in : to_guest(q, budget);
		if (out < 0)
			return ended(q, done);
		n = in || out ? 1 : xennet_back_arm(q->back);
		if (n < 0)
			return ended(q, done);
		if (n == 0)
			return sleep(q, done);
		done += max3(in, out, 1);
	}
	return budget;
}

static void woken(void *arg)
{
	struct queue *q = arg;

	WRITE_ONCE(q->called, true);
	napi_schedule(&q->napi);
}

static enum hrtimer_restart timed(struct hrtimer *timer)
{
	woken(container_of(timer, struct queue, timer));
	return HRTIMER_NORESTART;
}

/* With rtnl, as all that follows up to the interface's operations. */
static void go_on(struct vif *v)
{
	unsigned int i;

	for (i = 0; i < v->nqueues; i++) {
		struct queue *q = &v->queue[i];

		q->asleep = q->called = true;
		begin_napi(&q->napi);
	}
}

static void pause(struct vif *v)
{
	unsigned int i;

	for (i = 0; i < v->nqueues; i++)
		end_napi(&v->queue[i].napi, &v->queue[i].timer);
}

/* Nobody but its NAPI lets a queue have packets: let_more_come. */
static void start(struct vif *v)
{
	unsigned int i;

	v->nstalled = 0;
	for (i = 0; i < v->nqueues; i++)
		v->queue[i].waits = v->queue[i].stalled = false;
	netif_carrier_on(v->dev);
	go_on(v);
	for (i = 0; i < v->nqueues; i++) {
		struct queue *q = &v->queue[i];

		local_bh_disable();
		xennet_linux_listen(v->platform, q->back->tx.port, woken, q);
		xennet_linux_listen(v->platform, q->back->rx.port, woken, q);
		local_bh_enable();
	}
	v->running = true;
}

static void stop(struct vif *v)
{
	unsigned int i;

	if (!v->running)
		return;
	v->running = false;
	pause(v);
	netif_tx_disable(v->dev); /* now: NAPI would let more come */
	for (i = 0; i < v->nqueues; i++)
		drop_waiting(&v->queue[i]);
}

/* From now on nobody looks at how the guest wants its packets hashed. */
static void hash_no_more(struct vif *v)
{
	WRITE_ONCE(v->hashed, false);
	synchronize_net(); /* vif_select_queue */
}

static void hash_again(struct vif *v)
{
	const struct xennet_hash *h = v->back.hash;

	smp_store_release(&v->hashed, /* vif_select_queue */
			  h && h->algorithm != XENNET_HASH_NONE);
}

/* --- the interface */

/* Up and down are said to the guest, too: tell_carrier. */
static int vif_up(struct net_device *dev)
{
	struct vif *v = vif_of(dev);

	if (v->connected)
		start(v);
	control_soon(v);
	return 0;
}

static int vif_down(struct net_device *dev)
{
	struct vif *v = vif_of(dev);

	stop(v);
	control_soon(v);
	return 0;
}

static bool is_full(const struct queue *q)
{
	return __ptr_ring_full((struct ptr_ring *)&q->waiting) ||
	       q->came - READ_ONCE(q->went) >= WAITING_BYTES;
}

/* Whether a packet has no more fragments than there is room for. */
static bool is_describable(const struct sk_buff *skb)
{
	unsigned int n = skb_shinfo(skb)->nr_frags + 1;
	const struct sk_buff *part;

	skb_walk_frags(skb, part) {
		if (skb_has_frag_list(part))
			return false;
		n += skb_shinfo(part)->nr_frags + 1;
	}
	return n <= FRAGS_MAX;
}

static netdev_tx_t vif_xmit(struct sk_buff *skb, struct net_device *dev)
{
	struct vif *v = vif_of(dev);
	struct queue *q = &v->queue[skb_get_queue_mapping(skb)];

	if (skb_has_frag_list(skb) && !is_describable(skb) &&
	    skb_linearize(skb)) {
		dev_core_stats_tx_dropped_inc(dev);
		dev_kfree_skb_any(skb);
		return NETDEV_TX_OK;
	}
	skb_tx_timestamp(skb);
	*arrival(skb) = jiffies;
	WRITE_ONCE(q->came, q->came + skb->len);
	if (__ptr_ring_produce(&q->waiting, skb)) {
		WRITE_ONCE(q->came, q->came - skb->len);
		dev_core_stats_tx_dropped_inc(dev);
		dev_kfree_skb_any(skb);
		return NETDEV_TX_OK;
	}
	if (is_full(q)) {
		netif_tx_stop_queue(q->txq);
		smp_mb__after_atomic(); /* let_more_come */
		if (!is_full(q))
			netif_tx_start_queue(q->txq);
	}
	napi_schedule(&q->napi);
	return NETDEV_TX_OK;
}

static u16 vif_select_queue(struct net_device *dev, struct sk_buff *skb,
			    struct net_device *sb_dev)
{
	struct vif *v = vif_of(dev);
	struct xennet_frag frag = { skb->data, skb_headlen(skb) };
	struct xennet_pkt pkt = { .frag = &frag, .nfrags = 1, .len = frag.len };
	u16 queue;

	rcu_read_lock();		  /* hash_no_more */
	if (smp_load_acquire(&v->hashed)) /* hash_again */
		queue = xennet_back_select_queue(&v->back, &pkt);
	else
		queue = netdev_pick_tx(dev, skb, sb_dev);
	rcu_read_unlock();
	return queue;
}

/* What this guest can receive. */
static netdev_features_t vif_fix_features(struct net_device *dev,
					  netdev_features_t features)
{
	const struct vif *v = vif_of(dev);

	return features_for(v->connected ? v->back.front.flags : XENNET_F_ALL,
			    features);
}

static const struct net_device_ops vif_ops = {
	.ndo_open = vif_up,
	.ndo_stop = vif_down,
	.ndo_start_xmit = vif_xmit,
	.ndo_select_queue = vif_select_queue,
	.ndo_fix_features = vif_fix_features,
	.ndo_get_stats64 = dev_get_tstats64,
	.ndo_set_mac_address = eth_mac_addr,
	.ndo_validate_addr = eth_validate_addr,
};

/* --- ethtool */

static void get_counters(struct net_device *dev, struct ethtool_stats *stats,
			 u64 *data)
{
	const struct vif *v = vif_of(dev);
	unsigned int i;

	memset(data, 0, stats->n_stats * sizeof(*data));
	for (i = 0; v->connected && i < v->nqueues; i++)
		add_counters(data, &v->back.queue[i].stats);
}

static int get_rxnfc(struct net_device *dev, struct ethtool_rxnfc *info,
		     u32 *rules)
{
	info->data = dev->real_num_rx_queues;
	return info->cmd == ETHTOOL_GRXRINGS ? 0 : -EOPNOTSUPP;
}

/* How the guest wants what it receives spread over its queues. */
static u32 get_indir_size(struct net_device *dev)
{
	const struct vif *v = vif_of(dev);

	return v->hashed ? v->back.hash->size : 0;
}

static void get_indir(struct net_device *dev, u32 *indir, u8 *func)
{
	const struct vif *v = vif_of(dev);
	u32 i, n = indir ? get_indir_size(dev) : 0;

	*func = v->hashed ? ETH_RSS_HASH_TOP : ETH_RSS_HASH_UNKNOWN;
	for (i = 0; i < n; i++)
		indir[i] = v->back.hash->mapping[i];
}

GET_RXFH(get_rxfh, get_indir)

static const struct ethtool_ops vif_ethtool = {
	.get_link = ethtool_op_get_link,
	.get_ts_info = ethtool_op_get_ts_info,
	.get_channels = get_channels,
	.get_sset_count = count_of_counters,
	.get_strings = name_counters,
	.get_ethtool_stats = get_counters,
	.get_rxnfc = get_rxnfc,
	.get_rxfh_indir_size = get_indir_size,
	.get_rxfh = get_rxfh,
};

/* --- debugfs */

static void show_ring(struct seq_file *out, const char *name,
		      const struct xennet_ring *r)
{
	seq_printf(out, "  %s: %u slots, event at %u\n", name, r->size,
		   READ_ONCE(r->event));
	seq_printf(out, "    ours %u, told %u; of the guest's %u taken of %u\n",
		   READ_ONCE(r->prod), READ_ONCE(r->pub), READ_ONCE(r->cons),
		   READ_ONCE(r->seen));
	seq_printf(out, "    shared: %u, event %u; the guest's %u, event %u\n",
		   READ_ONCE(*r->my_prod), READ_ONCE(*r->my_event),
		   READ_ONCE(*r->peer_prod), READ_ONCE(*r->peer_event));
}

static void show_tree(struct seq_file *out, const char *name,
		      const struct xennet_pgrants *t)
{
	seq_printf(out, "  %s: %u of %u\n", name, READ_ONCE(t->count), t->cap);
}

static void show_queue(struct seq_file *out, struct queue *q)
{
	const struct xennet_back_queue *back = q->back;

	seq_printf(out, "queue %u: NAPI %lx%s, %u packets unsent%s\n",
		   (unsigned int)(q - q->vif->queue), READ_ONCE(q->napi.state),
		   READ_ONCE(q->asleep) ? ", asleep" : "",
		   READ_ONCE(q->out.n) - READ_ONCE(q->out.first),
		   ptr_ring_empty_bh(&q->waiting) ? "" : ", others wait");
	seq_printf(out, "  %u bytes wait%s, %u packets held\n",
		   READ_ONCE(q->came) - READ_ONCE(q->went),
		   READ_ONCE(q->stalled) ? ", stalled" : "",
		   READ_ONCE(q->held.out));
	show_ring(out, "tx ring", &back->tx.ring);
	show_ring(out, "rx ring", &back->rx.ring);
	show_tree(out, "tx persistent", &back->tx.grants);
	show_tree(out, "rx persistent", &back->rx.grants);
	show_tree(out, "static", &back->statics);
}

static int vif_show(struct seq_file *out, void *unused)
{
	struct vif *v = out->private;
	unsigned int i;

	rtnl_lock();
	for (i = 0; v->connected && i < v->nqueues; i++)
		show_queue(out, &v->queue[i]);
	rtnl_unlock();
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(vif);

static void free_queues(struct vif *v)
{
	unsigned int i;

	for (i = 0; v->queue && i < v->dev->num_tx_queues; i++) {
		netif_napi_del(&v->queue[i].napi);
		ptr_ring_cleanup(&v->queue[i].waiting, NULL);
		free_fresh(&v->queue[i].fresh);
	}
	kvfree(v->queue);
}

static int make_queues(struct vif *v)
{
	unsigned int i;
	int err;

	v->queue =
		kvcalloc(v->dev->num_tx_queues, sizeof(*v->queue), GFP_KERNEL);
	if (!v->queue)
		return -ENOMEM;
	for (i = 0; i < v->dev->num_tx_queues; i++) {
		struct queue *q = &v->queue[i];

		q->vif = v;
		q->txq = netdev_get_tx_queue(v->dev, i);
		hrtimer_setup(&q->timer, timed, CLOCK_MONOTONIC,
			      HRTIMER_MODE_REL);
		netif_napi_add(v->dev, &q->napi, serve);
		err = ptr_ring_init(&q->waiting, WAITING, GFP_KERNEL);
		if (err)
			return err;
	}
	return 0;
}

/* --- its control thread */

/* What may be mapped at once: each page of both rings, by either agreement; or
 * of one for as long as its packet is in use. */
static void reserve(struct vif *v, bool statics)
{
	u32 flags = v->back.front.flags & v->back.config.offer.flags;
	unsigned int tx = v->back.nqueues * v->back.queue->tx.ring.size;
	unsigned int rx = v->back.nqueues * v->back.queue->rx.ring.size;
	unsigned int ways = !!(flags & XENNET_F_PERSISTENT) + statics;
	unsigned int n = min(ways * (tx + rx), maps);

	if (v->zerocopy && !(flags & XENNET_F_PERSISTENT))
		n += tx;
	if (n && xennet_linux_reserve(v->platform, n) && net_ratelimit())
		netdev_warn(v->dev, "too few pages to keep %u mapped\n", n);
}

static void connected(struct vif *v)
{
	unsigned int i, n = v->back.nqueues;

	reserve(v, false);
	rtnl_lock();
	v->nqueues = n;
	for (i = 0; i < n; i++) {
		struct queue *q = &v->queue[i];

		q->back = &v->back.queue[i];
		q->fresh.queue = q->back;
		if (v->zerocopy)
			holder_init(&q->held, &q->napi, q->back->tx.ring.size);
	}
	netif_set_real_num_queues(v->dev, n, n);
	v->connected = true;
	netdev_update_features(v->dev);
	set_mtu(v->dev, v->back.front.flags,
		v->back.mtu == XENNET_MTU_USUAL ? 0 : v->back.mtu, &v->clipped);
	hash_again(v);
	if (v->back.ctrl.page)
		xennet_linux_listen(v->platform, v->back.ctrl.port,
				    control_soon, v);
	netif_carrier_on(v->dev);
	if (netif_running(v->dev))
		start(v);
	rtnl_unlock();
	if (net_ratelimit())
		netdev_info(v->dev, "connected, %u queue%s\n", n,
			    n > 1 ? "s" : "");
}

/* Without rtnl, which those who have its packets may need to drop them. */
static void wait_for_held(struct queue *q)
{
	unsigned long warn = jiffies + HELD_WARN;

	for (;;) {
		hand_back(&q->held, q->back);
		if (!q->held.out)
			break;
		if (time_after(jiffies, warn)) {
			warn += HELD_WARN;
			netdev_warn(q->vif->dev, "%u packets still in use\n",
				    q->held.out);
		}
		msleep(HELD_LOOK);
	}
	holder_free(&q->held);
}

static void disconnected(struct vif *v)
{
	unsigned int i;

	rtnl_lock();
	stop(v);
	netif_carrier_off(v->dev);
	hash_no_more(v);
	v->connected = false;
	rtnl_unlock();
	for (i = 0; i < v->nqueues; i++)
		wait_for_held(&v->queue[i]);
}

static s64 now_ms(void)
{
	return ktime_to_ms(ktime_get());
}

/* What the guest asks over its control ring. */
static void paused(struct vif *v)
{
	rtnl_lock();
	if (v->running)
		pause(v);
	hash_no_more(v);
	reserve(v, true);
	xennet_back_ctrl(&v->back);
	hash_again(v);
	if (v->running)
		go_on(v);
	rtnl_unlock();
}

/* An interface that is down is a port that is down. */
static int tell_carrier(struct vif *v)
{
	bool up = netif_running(v->dev);

	return up == v->back.carrier ? 0
				     : xennet_back_set_carrier(&v->back, up);
}

static void control(struct work_struct *work)
{
	struct vif *v =
		container_of(to_delayed_work(work), struct vif, control);
	int i, event = XENNET_VIF_STOP;

	if (READ_ONCE(v->leaving))
		return;
	if (!smp_load_acquire(&v->open)) /* back_probe */
		return;
	for (i = 0; v->open && i < EVENTS_IN_A_TURN && event > XENNET_VIF_IDLE;
	     i++) {
		event = xennet_back_event(&v->back);
		if (event == XENNET_VIF_CONNECTED)
			connected(v);
		if (event == XENNET_VIF_STOP) {
			disconnected(v);
			xennet_back_disconnect(&v->back);
		}
		if (event == XENNET_VIF_PAUSE) {
			if (!pace_begin(&v->pace, now_ms()))
				break;
			paused(v);
			pace_end(&v->pace, now_ms());
		}
		if (event == XENNET_VIF_GONE) {
			v->open = false;
			xennet_back_close(&v->back);
		}
	}
	if (!v->open)
		return;
	if (tell_carrier(v))
		queue_delayed_work(controls, &v->control, RETRY);
	look_again(controls, &v->control, v->dev, event, v->back.refused_key);
}

/* --- the device */

static int open_back(struct vif *v)
{
	struct xennet_back_config config = {
		.platform = xennet_linux_platform(v->platform),
		.domid = xennet_linux_domid(v->platform),
		.peer = v->xbdev->otherend_id,
		.tx = v->zerocopy ? XENNET_BY_COST : XENNET_PERSISTENT,
		.rx = XENNET_PERSISTENT,
		/* the price of a mapping, in bytes copied */
		.costs.copy_page = XENNET_PAGE - XENNET_COST_FEW,
		.costs.map = v->zerocopy,
		.costs.scattered = v->zerocopy,
		.offer.flags = XENNET_F_ALL,
		.offer.queues = v->dev->num_tx_queues,
		.offer.ring_order = min(ring_order, XENNET_RING_ORDER_MAX),
		.statics = persistent ? 0 : XENNET_NO_STATICS,
		.maps = maps,
	};

	if (kstrtouint(kbasename(v->xbdev->nodename), 10, &config.handle))
		return -EINVAL;
	if (!persistent)
		config.offer.flags &= ~XENNET_F_PERSISTENT;
	return xennet_back_open(&v->back, &config) ? -EIO : 0;
}

static int make_interface(struct vif *v)
{
	unsigned int n = queues ?: min(num_online_cpus(), QUEUES);
	static const u8 mac[ETH_ALEN] = BRIDGED_MAC;
	char name[IFNAMSIZ];
	struct net_device *dev;
	int err;

	snprintf(name, sizeof(name), "vif%d.%s", v->xbdev->otherend_id,
		 kbasename(v->xbdev->nodename));
	n = min(n, XENNET_QUEUES_MAX);
	dev = alloc_netdev_mqs(sizeof(v), name, NET_NAME_UNKNOWN, ether_setup,
			       n, n);
	if (!dev)
		return -ENOMEM;
	v->dev = dev;
	dev->netdev_ops = &vif_ops;
	dev->ethtool_ops = &vif_ethtool;
	dev->tx_queue_len = QUEUE_LEN;
	eth_hw_addr_set(dev, mac);
	err = set_up_interface(dev, v, v->xbdev);
	if (!IS_ENABLED(CONFIG_HIGHMEM)) { /* nobody looks for that in a list */
		dev->hw_features |= NETIF_F_FRAGLIST;
		dev->features |= NETIF_F_FRAGLIST;
	}
	if (!err)
		err = make_queues(v);
	return err ? err : register_netdev(dev);
}

static void free_vif(struct vif *v)
{
	if (v->platform)
		xennet_linux_close(v->platform);
	if (v->dev) {
		if (v->dev->reg_state == NETREG_REGISTERED)
			unregister_netdev(v->dev);
		/* it has nothing to do any more, but may have been asked */
		cancel_delayed_work_sync(&v->control);
		free_queues(v);
		debugfs_remove(v->debug);
		free_interface(v->dev);
	}
	kvfree(v);
}

static int back_probe(struct xenbus_device *xbdev,
		      const struct xenbus_device_id *id)
{
	struct vif *v = kvzalloc(sizeof(*v), GFP_KERNEL);
	int err;

	if (!v)
		return -ENOMEM;
	v->xbdev = xbdev;
	v->zerocopy = READ_ONCE(zerocopy);
	spin_lock_init(&v->lock);
	INIT_DELAYED_WORK(&v->control, control);
	err = make_interface(v);
	if (!err && xennet_linux_open(&v->platform, xbdev, control_soon, v))
		err = -EIO;
	if (!err)
		err = open_back(v);
	if (err) {
		free_vif(v);
		xenbus_dev_error(xbdev, err, "no backend");
		return err;
	}
	smp_store_release(&v->open, true); /* control */
	v->debug = debugfs_create_file(dev_name(&xbdev->dev), 0400, debug, v,
				       &vif_fops);
	dev_set_drvdata(&xbdev->dev, v);
	kobject_uevent(&xbdev->dev.kobj, KOBJ_ONLINE);
	control_soon(v);
	return 0;
}

/* A vif that stays is left to the next driver as it is: its guest does not
 * notice. What that would not write anew, if it is Linux's, goes. */
static void leave(struct vif *v)
{
	static const char *const keys[] = {
		"feature-persistent",
		"max-ring-page-order",
		"xennet-max-slots",
		"xennet-split-rings",
		"carrier",
		"xennet-sequenced-rings",
	};
	unsigned int i;

	xennet_linux_leave(v->platform);
	for (i = 0; i < ARRAY_SIZE(keys); i++)
		xenbus_rm(XBT_NIL, v->xbdev->nodename, keys[i]);
}

static void back_remove(struct xenbus_device *xbdev)
{
	struct vif *v = dev_get_drvdata(&xbdev->dev);

	kobject_uevent(&xbdev->dev.kobj, KOBJ_OFFLINE);
	spin_lock(&named);
	dev_set_drvdata(&xbdev->dev, NULL);
	spin_unlock(&named);
	WRITE_ONCE(v->leaving, true);
	cancel_delayed_work_sync(&v->control);
	disconnected(v);
	if (xenbus_read_unsigned(xbdev->nodename, "online", 0))
		leave(v);
	if (v->open)
		xennet_back_close(&v->back);
	v->open = false;
	free_vif(v);
}

/* For a toolstack that has udev run its scripts; as xen-netback's. */
static int back_uevent(UEVENT_CONST struct xenbus_device *xbdev,
		       struct kobj_uevent_env *env)
{
	char *script, name[IFNAMSIZ];
	const struct vif *v;
	int err = 0;

	spin_lock(&named);
	v = dev_get_drvdata(&xbdev->dev);
	if (v)
		strscpy(name, v->dev->name, sizeof(name));
	spin_unlock(&named);
	if (!v)
		return 0;
	script = xenbus_read(XBT_NIL, xbdev->nodename, "script", NULL);
	if (!IS_ERR(script)) {
		err = add_uevent_var(env, "script=%s", script);
		kfree(script);
	}
	return err ?: add_uevent_var(env, "vif=%s", name);
}

static const struct xenbus_device_id back_ids[] = { { "vif" }, { "" } };

static struct xenbus_driver back_driver = {
	.name = "xennet_back",
	.ids = back_ids,
	.allow_rebind = true,
	.probe = back_probe,
	.remove = back_remove,
	.uevent = back_uevent,
};

static int __init begin(void)
{
	int err;

	controls = alloc_workqueue("xennet_back", WQ_UNBOUND, 0);
	if (!controls)
		return -ENOMEM;
	debug = debugfs_create_dir("xennet_back", NULL);
	err = xenbus_register_backend(&back_driver);
	if (err) {
		debugfs_remove(debug);
		destroy_workqueue(controls);
	}
	return err;
}

static void __exit end(void)
{
	xenbus_unregister_driver(&back_driver);
	debugfs_remove(debug);
	destroy_workqueue(controls);
}

module_init(begin);
module_exit(end);
MODULE_DESCRIPTION("Xen network backend of libxennet");
MODULE_LICENSE("Dual MIT/GPL");
