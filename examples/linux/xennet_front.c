// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * A netfront: the network interface of a vif. The functions of a queue are
 * called under the lock of its transmit queue, by NAPI and by whoever sends.
 * What is sent is copied, so that no packet waits for an answer; one that finds
 * no room waits in the queue until there is.
 */
#include <linux/module.h>
#include <linux/rtnetlink.h>
#include <xennet/platform/linux.h>

#include "compat.h"
#include "vif.h"

#define ANNOUNCEMENTS 5

/* Nobody tells when a page that the backend holds on to is free. */
#define BUSY_USEC 10000

static unsigned int queues;
module_param(queues, uint, 0444);
MODULE_PARM_DESC(queues, "at most; 0: as there are processors");

static unsigned int ring_order = 2;
module_param(ring_order, uint, 0444);
MODULE_PARM_DESC(ring_order, "2^N pages of each ring, 0 to 4, at most");

static bool persistent = true;
module_param(persistent, bool, 0644);
MODULE_PARM_DESC(persistent,
		 "pages stay granted; mapped, if the backend agrees");

static bool statics;
module_param_named(static, statics, bool, 0644);
MODULE_PARM_DESC(static, "pages are listed to the backend once instead");

static bool hash;
module_param(hash, bool, 0444);
MODULE_PARM_DESC(hash, "have the backend choose queues by addresses and ports");

struct queue {
	struct vif *vif;
	struct xennet_front_queue *front;
	struct netdev_queue *txq;
	struct napi_struct napi;
	struct hrtimer timer;
	bool asleep; /* since it was armed */

	struct outgoing out;
	struct xennet_burst in;
};

struct vif {
	struct xennet_front front;
	struct xennet_linux *platform;
	struct xenbus_device *xbdev;
	struct net_device *dev;
	struct delayed_work control;
	bool resting;		  /* the control thread: the driver is at it */
	bool connected;		  /* and has queues; with rtnl */
	bool running;		  /* their NAPI is enabled; with rtnl */
	u32 mtu;		  /* the toolstack's, as last set */
	u32 clipped;		  /* with rtnl */
	unsigned int unannounced; /* so many times */
	unsigned long announce;	  /* then, next */
	struct queue *queue;
	unsigned int nqueues; /* in use */
};

static void control_soon(void *arg)
{
	struct vif *v = arg;

	mod_delayed_work(system_unbound_wq, &v->control, 0);
}

static void lock(struct queue *q) __acquires(q)
{
	__netif_tx_lock(q->txq, smp_processor_id());
}

static void unlock(struct queue *q) __releases(q)
{
	__netif_tx_unlock(q->txq);
}

/* --- to the backend */

/* Locked. How many were sent; negative: the queue is broken. */
static int flush(struct queue *q, int budget)
{
	const struct xennet_stats *stats = &q->front->stats;
	u64 packets = stats->tx_packets, bytes = stats->tx_bytes;
	struct outgoing *out = &q->out;
	int n = xennet_front_send(q->front, out->pkt + out->first,
				  out->n - out->first);

	note_sent(out, n, q->vif->dev, budget, stats->tx_packets - packets,
		  stats->tx_bytes - bytes);
	return n;
}

/* Locked. 0: an event tells when there is more to do. */
static int arm(struct queue *q)
{
	int n = xennet_front_arm(q->front);

	q->asleep = n == 0;
	return n;
}

/* The first that does not fit stops the queue, and NAPI goes on from there: it
 * runs, or is woken when there is room, or looks for it from time to time. */
static netdev_tx_t vif_xmit(struct sk_buff *skb, struct net_device *dev)
{
	struct queue *q = &vif_of(dev)->queue[skb_get_queue_mapping(skb)];

	skb_tx_timestamp(skb);
	add_outgoing(&q->out, skb);
	if (netdev_xmit_more() && has_room(&q->out))
		return NETDEV_TX_OK;
	flush(q, 0);
	if (q->out.n) {
		netif_tx_stop_queue(q->txq);
		if (q->asleep && (arm(q) || q->front->tx.nbusy))
			napi_schedule(&q->napi);
	}
	return NETDEV_TX_OK;
}

/* Locked. What found no room. */
static int flush_waiting(struct queue *q, int budget)
{
	int n;

	if (!netif_tx_queue_stopped(q->txq))
		return 0;
	n = flush(q, budget);
	if (!q->out.n)
		netif_tx_wake_queue(q->txq);
	return n;
}

/* --- from the backend */

static void deliver(struct queue *q, int n)
{
	struct net_device *dev = q->vif->dev;
	struct sk_buff *skb;
	int i;

	for (i = 0; i < n; i++) {
		skb = skb_from(&q->napi, &q->in.pkt[i], q - q->vif->queue);
		if (!skb) {
			dev_core_stats_rx_dropped_inc(dev);
			continue;
		}
		dev_sw_netstats_rx_add(dev, q->in.pkt[i].len);
		napi_gro_receive(&q->napi, skb);
	}
	lock(q);
	xennet_front_done(q->front, q->in.pkt, n);
	unlock(q);
}

/* How much was done; 0: nothing, and it is armed. */
static int turn(struct queue *q, int budget)
{
	int came, done;

	lock(q);
	if (q->asleep)
		xennet_front_wake(q->front);
	q->asleep = false;
	came = xennet_front_poll(q->front, &q->in, budget);
	done = came < 0 ? came : flush_waiting(q, budget);
	if (came == 0 && done == 0)
		done = arm(q);
	unlock(q);
	if (came > 0)
		deliver(q, came);
	return done < 0 ? done : max(came, done);
}

/* --- a queue's NAPI */

/* It is the control thread that finds out why. */
static int ended(struct queue *q, int done)
{
	napi_complete_done(&q->napi, done);
	control_soon(q->vif);
	return done;
}

static u32 sleep_usec(const struct queue *q)
{
	const struct xennet_front_queue *f = q->front;

	if (f->notify.usec)
		return f->notify.usec;
	return f->tx.nbusy || f->rx.nbusy || f->rx.nspare ? BUSY_USEC : 0;
}

static int serve(struct napi_struct *napi, int budget)
{
	struct queue *q = container_of(napi, struct queue, napi);
	int n, done = 0;

	while (done < budget) {
		n = turn(q, budget - done);
		if (n < 0)
			return ended(q, done);
		if (n == 0)
			return complete_napi(&q->napi, done, &q->timer,
					     sleep_usec(q));
		done += n;
	}
	return budget;
}

static void woken(void *arg)
{
	struct queue *q = arg;

	napi_schedule(&q->napi);
}

static enum hrtimer_restart timed(struct hrtimer *timer)
{
	woken(container_of(timer, struct queue, timer));
	return HRTIMER_NORESTART;
}

/* With rtnl, as all that follows up to the interface's operations. Nobody but its
 * NAPI lets a queue have packets: flush_waiting. */
static void start(struct vif *v)
{
	unsigned int i;

	for (i = 0; i < v->nqueues; i++) {
		struct queue *q = &v->queue[i];

		q->asleep = true;
		begin_napi(&q->napi);
		local_bh_disable();
		xennet_linux_listen(v->platform, q->front->tx.port, woken, q);
		xennet_linux_listen(v->platform, q->front->rx.port, woken, q);
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
	for (i = 0; i < v->nqueues; i++)
		end_napi(&v->queue[i].napi, &v->queue[i].timer);
	netif_tx_disable(v->dev); /* now: NAPI would let more come */
	for (i = 0; i < v->nqueues; i++)
		drop_outgoing(&v->queue[i].out, v->dev);
}

/* --- the interface */

static int vif_up(struct net_device *dev)
{
	struct vif *v = vif_of(dev);

	if (v->connected)
		start(v);
	return 0;
}

static int vif_down(struct net_device *dev)
{
	stop(vif_of(dev));
	return 0;
}

/* What this backend can receive. */
static netdev_features_t vif_fix_features(struct net_device *dev,
					  netdev_features_t features)
{
	const struct vif *v = vif_of(dev);

	return features_for(v->connected ? v->front.back.flags : XENNET_F_ALL,
			    features);
}

static const struct net_device_ops vif_ops = {
	.ndo_open = vif_up,
	.ndo_stop = vif_down,
	.ndo_start_xmit = vif_xmit,
	.ndo_fix_features = vif_fix_features,
	.ndo_get_stats64 = dev_get_tstats64,
	.ndo_set_mac_address = eth_mac_addr,
	.ndo_validate_addr = eth_validate_addr,
};

static void get_counters(struct net_device *dev, struct ethtool_stats *stats,
			 u64 *data)
{
	const struct vif *v = vif_of(dev);
	unsigned int i;

	memset(data, 0, stats->n_stats * sizeof(*data));
	for (i = 0; v->connected && i < v->nqueues; i++)
		add_counters(data, &v->front.queue[i].stats);
}

static const struct ethtool_ops vif_ethtool = {
	.get_link = ethtool_op_get_link,
	.get_ts_info = ethtool_op_get_ts_info,
	.get_channels = get_channels,
	.get_sset_count = count_of_counters,
	.get_strings = name_counters,
	.get_ethtool_stats = get_counters,
};

static int make_queues(struct vif *v)
{
	unsigned int i;

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
	}
	return 0;
}

/* --- its control thread */

static void connected(struct vif *v)
{
	unsigned int i, n = v->front.nqueues;

	if (v->front.ctrl.page)
		xennet_linux_listen(v->platform, v->front.ctrl.port,
				    control_soon, v);
	rtnl_lock();
	v->nqueues = n;
	for (i = 0; i < n; i++)
		v->queue[i].front = &v->front.queue[i];
	netif_set_real_num_queues(v->dev, n, n);
	v->connected = true;
	netdev_update_features(v->dev);
	set_mtu(v->dev, v->front.back.flags,
		v->front.mtu == v->mtu ? 0 : v->front.mtu, &v->clipped);
	v->mtu = v->front.mtu;
	if (netif_running(v->dev))
		start(v);
	rtnl_unlock();
	if (net_ratelimit())
		netdev_info(v->dev, "connected to domain %u, %u queue%s\n",
			    v->front.peer, n, n > 1 ? "s" : "");
}

static void disconnected(struct vif *v)
{
	rtnl_lock();
	netif_carrier_off(v->dev);
	stop(v);
	v->connected = false;
	rtnl_unlock();
	v->unannounced = 0;
}

static void set_carrier(struct vif *v)
{
	bool on = v->connected && v->front.carrier;

	if (on == netif_carrier_ok(v->dev))
		return;
	if (on)
		netif_carrier_on(v->dev);
	else
		netif_carrier_off(v->dev);
	v->unannounced = on ? ANNOUNCEMENTS : 0;
	v->announce = jiffies + RETRY;
}

/* Whoever looks for us is told where we are now; again and again, as Linux opens
 * the way out a while after the carrier came, here as at the backend. */
static void announce(struct vif *v)
{
	unsigned long now = jiffies;

	if (!v->unannounced)
		return;
	if (!time_before(now, v->announce)) {
		netdev_notify_peers(v->dev);
		v->announce = now + (RETRY << (ANNOUNCEMENTS - v->unannounced));
		v->unannounced--;
	}
	if (v->unannounced)
		queue_delayed_work(system_unbound_wq, &v->control,
				   v->announce - now);
}

static void control(struct work_struct *work)
{
	struct vif *v =
		container_of(to_delayed_work(work), struct vif, control);
	int i, event = XENNET_VIF_STOP;

	if (smp_load_acquire(&v->resting)) /* go_on */
		return;
	for (i = 0; i < EVENTS_IN_A_TURN && event > XENNET_VIF_IDLE; i++) {
		event = xennet_front_event(&v->front);
		if (event == XENNET_VIF_CONNECTED)
			connected(v);
		if (event == XENNET_VIF_STOP) {
			disconnected(v);
			xennet_front_disconnect(&v->front);
			complete(&v->xbdev->down);
		}
		if (event == XENNET_VIF_GONE)
			return;
	}
	/* xenbus waits for it: as the driver is loaded, and at a shutdown */
	v->xbdev->state = (enum xenbus_state)v->front.state;
	set_carrier(v);
	look_again(system_unbound_wq, &v->control, v->dev, event,
		   v->front.refused_key);
	announce(v);
}

static void rest(struct vif *v)
{
	WRITE_ONCE(v->resting, true);
	cancel_delayed_work_sync(&v->control);
	disconnected(v);
}

static void go_on(struct vif *v)
{
	smp_store_release(&v->resting, false); /* control */
	control_soon(v);
}

/* --- the device */

/* The queues in turn, by a key that nobody can guess. */
static void want_hash(struct xennet_hash_config *h)
{
	unsigned int i;

	h->types = XENNET_HASH_ALL;
	h->key_len = XENNET_HASH_KEY;
	get_random_bytes(h->key, XENNET_HASH_KEY);
	h->mapping_size = XENNET_HASH_MAPPING;
	for (i = 0; i < XENNET_HASH_MAPPING; i++)
		h->mapping[i] = i;
}

static int open_front(struct vif *v)
{
	struct xennet_front_config config = {
		.platform = xennet_linux_platform(v->platform),
		.domid = xennet_linux_domid(v->platform),
		.offer.flags = XENNET_F_ALL,
		.offer.queues = v->dev->num_tx_queues,
		.keep_granted = persistent, /* skb_from copies everything */
		.offer.ring_order = min(ring_order, XENNET_RING_ORDER_MAX),
	};

	if (kstrtouint(kbasename(v->xbdev->nodename), 10, &config.handle))
		return -EINVAL;
	if (!persistent || statics)
		config.offer.flags &= ~XENNET_F_PERSISTENT;
	if (statics)
		config.offer.flags |= XENNET_F_STATIC;
	if (hash)
		want_hash(&config.hash);
	return xennet_front_open(&v->front, &config) ? -EIO : 0;
}

static int set_mac(struct vif *v)
{
	char *text = xenbus_read(XBT_NIL, v->xbdev->nodename, "mac", NULL);
	u8 mac[ETH_ALEN];
	bool valid;

	if (IS_ERR(text))
		return PTR_ERR(text);
	valid = mac_pton(text, mac) && is_valid_ether_addr(mac);
	kfree(text);
	if (!valid)
		return -EINVAL;
	eth_hw_addr_set(v->dev, mac);
	return 0;
}

static int make_interface(struct vif *v)
{
	unsigned int n = min(queues ?: num_online_cpus(), XENNET_QUEUES_MAX);
	struct net_device *dev = alloc_etherdev_mqs(sizeof(v), n, n);
	int err;

	if (!dev)
		return -ENOMEM;
	v->dev = dev;
	dev->netdev_ops = &vif_ops;
	dev->ethtool_ops = &vif_ethtool;
	netif_set_tso_max_size(dev, XENNET_MAX_TX_SIZE - VLAN_ETH_HLEN);
	err = set_up_interface(dev, v, v->xbdev);
	if (!err)
		err = set_mac(v);
	if (!err)
		err = make_queues(v);
	return err ? err : register_netdev(dev);
}

/* The interface's end looks at the queues' NAPI. */
static void free_vif(struct vif *v)
{
	if (v->platform)
		xennet_linux_close(v->platform);
	if (v->dev && v->dev->reg_state == NETREG_REGISTERED)
		unregister_netdev(v->dev);
	/* it has nothing to do any more, but may have been asked */
	cancel_delayed_work_sync(&v->control);
	if (v->dev)
		free_interface(v->dev);
	kvfree(v->queue);
	kvfree(v);
}

static int front_probe(struct xenbus_device *xbdev,
		       const struct xenbus_device_id *id)
{
	struct vif *v = kvzalloc(sizeof(*v), GFP_KERNEL);
	int err;

	if (!v)
		return -ENOMEM;
	v->xbdev = xbdev;
	v->resting = true;
	v->mtu = XENNET_MTU_USUAL; /* without a key it stays as it is */
	INIT_DELAYED_WORK(&v->control, control);
	err = make_interface(v);
	if (!err && xennet_linux_open(&v->platform, xbdev, control_soon, v))
		err = -EIO;
	if (!err)
		err = open_front(v);
	if (err) {
		free_vif(v);
		xenbus_dev_error(xbdev, err, "no frontend");
		return err;
	}
	dev_set_drvdata(&xbdev->dev, v);
	go_on(v);
	return 0;
}

static void front_remove(struct xenbus_device *xbdev)
{
	struct vif *v = dev_get_drvdata(&xbdev->dev);

	rest(v);
	xennet_front_close(&v->front);
	free_vif(v);
}

/* Restored, here or elsewhere. A suspend that was cancelled is none. */
static int front_resume(struct xenbus_device *xbdev)
{
	struct vif *v = dev_get_drvdata(&xbdev->dev);
	int err;

	rest(v);
	/* what it was connected to is gone: it rests, until it is unbound */
	if (xennet_linux_resume(v->platform))
		return -EIO;
	err = xennet_front_resume(&v->front, xennet_linux_domid(v->platform));
	go_on(v);
	return err ? -EIO : 0;
}

static const struct xenbus_device_id front_ids[] = { { "vif" }, { "" } };

static struct xenbus_driver front_driver = {
	.name = "xennet_front",
	.ids = front_ids,
	.allow_rebind = true,
	.probe = front_probe,
	.remove = front_remove,
	.resume = front_resume,
};

module_driver(front_driver, xenbus_register_frontend, xenbus_unregister_driver);
MODULE_DESCRIPTION("Xen network frontend of libxennet");
MODULE_LICENSE("Dual MIT/GPL");
