/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* A backend's control plane: keys, states, connect and disconnect. */
#include "alive.h"
#include "back_ctrl.h"
#include "back_live.h"
#include "back_queue.h"
#include "internal.h"
#include "rate.h"
#include "store.h"

#define HOTPLUG "hotplug-status"

static int set_state(struct xennet_back *b, enum xennet_state state)
{
	int err = xennet_store_set_state(&b->config.platform, 0, b->dir, state);

	if (!err)
		b->state = state;
	return err;
}

static void paths(struct xennet_back *b)
{
	struct xennet_path dir, peer;

	xennet_path_set(&dir, "/local/domain/");
	xennet_path_add_uint(&dir, b->config.domid);
	xennet_path_add(&dir, "/backend/vif/");
	xennet_path_add_uint(&dir, b->config.peer);
	xennet_path_add(&dir, "/");
	xennet_path_add_uint(&dir, b->config.handle);
	memcpy(b->dir, dir.text, sizeof(b->dir));

	xennet_path_set(&peer, "/local/domain/");
	xennet_path_add_uint(&peer, b->config.peer);
	xennet_path_add(&peer, "/device/vif/");
	xennet_path_add_uint(&peer, b->config.handle);
	memcpy(b->peer_dir, peer.text, sizeof(b->peer_dir));
}

static int check_config(struct xennet_back_config *c)
{
	/* a batch must find room for all its pages */
	if (c->pgrants &&
	    (c->pgrants < XENNET_BATCH || c->pgrants > XENNET_PGRANTS_MAX))
		return -XENNET_EINVAL;
	if (c->statics > XENNET_PGRANTS_MAX && c->statics != XENNET_NO_STATICS)
		return -XENNET_EINVAL;
	return xennet_offer_defaults(&c->offer);
}

XENNET_COLD static int write_offer(void *arg, xennet_txn txn)
{
	struct xennet_back *b = (struct xennet_back *)arg;
	const struct xennet_platform *p = &b->config.platform;
	struct xennet_path state;
	char text[2];
	int err;

	/* what the toolstack has removed stays removed */
	xennet_path_set(&state, b->dir);
	xennet_path_add(&state, "/state");
	err = p->ops->store_read(p->ctx, txn, state.text, text, sizeof(text));
	if (err < 0)
		return err == -XENNET_ENOENT ? 0 : err;
	err = xennet_offer_write(p, txn, b->dir, XENNET_BACK, &b->config.offer);
	if (!err)
		err = xennet_store_put(p, txn, b->dir, "carrier", b->carrier);
	return err ? err
		   : xennet_store_put(p, txn, b->dir, "state",
				      XENNET_STATE_INIT_WAIT);
}

static int offer(struct xennet_back *b)
{
	int err;

	err = xennet_store_transact(&b->config.platform, XENNET_TXN_TRIES,
				    write_offer, b);
	if (!err)
		b->state = XENNET_STATE_INIT_WAIT;
	b->taken_over = false;
	return err;
}

/* 0: the toolstack is taking the vif away. Where it says nothing: missing. */
static int online(const struct xennet_back *b, uint32_t missing)
{
	uint32_t value = missing;
	int err;

	err = xennet_store_get(&b->config.platform, b->dir, "online", &value);
	return err && err != -XENNET_ENOENT ? err : value != 0;
}

/* What we write in a connection. */
static bool is_connected(enum xennet_state s)
{
	return s == XENNET_STATE_CONNECTED || s == XENNET_STATE_RECONFIGURED;
}

static bool is_ready(const struct xennet_back *b, enum xennet_state peer)
{
	return peer == XENNET_STATE_INITIALISED ||
	       peer == XENNET_STATE_CONNECTED ||
	       /* in the midst of the connection that is to be taken over */
	       (peer == XENNET_STATE_RECONFIGURING && b->taken_over &&
		b->state == XENNET_STATE_INIT_WAIT);
}

/*
 * A frontend that an earlier backend served is not to notice; one whose vif is
 * being taken away is waited for; any other is offered what we have.
 */
static int begin(struct xennet_back *b)
{
	bool served = is_connected(b->state) &&
		      (b->peer_state == XENNET_STATE_CONNECTED ||
		       b->peer_state == XENNET_STATE_RECONFIGURING);
	int on = served ? 1 : online(b, 1);

	if (on < 0 && xennet_err_kind(on) == XENNET_KIND_CALL)
		return on;
	if (on == 0)
		return set_state(b, XENNET_STATE_CLOSING);
	b->state = XENNET_STATE_INIT_WAIT;
	b->taken_over = served;
	/* it still has to be connected to, unless it begins again before */
	if (is_ready(b, b->peer_state))
		b->peer_state = XENNET_STATE_UNKNOWN;
	return served ? xennet_store_carrier(&b->config.platform, b->dir,
					     &b->carrier)
		      : offer(b);
}

XENNET_COLD int xennet_back_open(struct xennet_back *b,
				 const struct xennet_back_config *config)
{
	const struct xennet_platform *p = &b->config.platform;
	int err;

	memset(b, 0, sizeof(*b));
	b->config = *config;
	b->carrier = true;
	err = check_config(&b->config);
	if (err)
		return err;
	paths(b);
	err = xennet_store_state(p, 0, b->dir, &b->state);
	if (!err)
		err = xennet_store_state(p, 0, b->peer_dir, &b->peer_state);
	if (err)
		return err;
	err = xennet_store_watch(p, b->peer_dir, "state");
	if (err)
		return err;
	err = xennet_store_watch(p, b->dir, XENNET_RATE_KEY);
	if (err)
		goto unwatch_state;
	err = xennet_live_watch(b);
	if (err)
		goto unwatch_rate;
	err = begin(b);
	if (!err)
		return 0;

	xennet_live_unwatch(b);
unwatch_rate:
	xennet_store_unwatch(p, b->dir, XENNET_RATE_KEY);
unwatch_state:
	xennet_store_unwatch(p, b->peer_dir, "state");
	return err;
}

/* A key that must be there. */
static int need(struct xennet_back *b, const char *dir, const char *key,
		uint32_t *value)
{
	int err = xennet_store_get_in(&b->config.platform, b->txn, dir, key,
				      value);

	b->refused_key = key;
	return err == -XENNET_ENOENT ? -XENNET_EKEY_MISSING : err;
}

/* Reserved references are granted to others than a backend (G8). */
static int need_gref(struct xennet_back *b, const char *dir, const char *key,
		     uint32_t *gref)
{
	int err = need(b, dir, key, gref);

	return !err && *gref < XENNET_GREF_FIRST ? -XENNET_EKEY_VALUE : err;
}

static int read_grefs(struct xennet_back *b, const char *dir, const char *key,
		      uint32_t *gref)
{
	uint32_t i, n = 1u << b->front.ring_order;
	struct xennet_path name;
	int err = 0;

	if (n == 1)
		return need_gref(b, dir, key, gref);
	for (i = 0; i < n && !err; i++) {
		xennet_path_set(&name, key);
		xennet_path_add_uint(&name, i);
		err = need_gref(b, dir, name.text, &gref[i]);
	}
	b->refused_key = key;
	return err;
}

/* Two channels, or, unless both are there, the one for both (S5). */
static int read_ports(struct xennet_back *b, const char *dir,
		      struct xennet_back_link *link)
{
	int err = -XENNET_ENOENT;

	if (b->config.offer.flags & XENNET_F_SPLIT_EVTCHN) {
		err = need(b, dir, "event-channel-tx", &link->tx_port);
		if (!err)
			err = need(b, dir, "event-channel-rx", &link->rx_port);
		if (err != -XENNET_EKEY_MISSING)
			return err;
	}
	err = need(b, dir, "event-channel", &link->tx_port);
	link->rx_port = link->tx_port;
	return err;
}

static int connect_queue(struct xennet_back *b, unsigned i)
{
	struct xennet_back_link link;
	struct xennet_path dir;
	int err;

	xennet_path_set(&dir, b->peer_dir);
	if (b->front.queues > 1) {
		xennet_path_add(&dir, "/queue-");
		xennet_path_add_uint(&dir, i);
	}
	err = read_grefs(b, dir.text, "tx-ring-ref", link.tx_gref);
	if (!err)
		err = read_grefs(b, dir.text, "rx-ring-ref", link.rx_gref);
	if (!err)
		err = read_ports(b, dir.text, &link);
	if (err)
		return err;
	b->refused_key = NULL;
	return xennet_back_queue_connect(&b->queue[i], b, &link);
}

static void drop_queues(struct xennet_back *b)
{
	const struct xennet_platform *p = &b->config.platform;

	if (!b->queue)
		return;
	xennet_back_ctrl_disconnect(b);
	xennet_alive_unmap(b);
	while (b->nqueues)
		xennet_back_queue_disconnect(&b->queue[--b->nqueues]);
	p->ops->free(p->ctx, b->queue, b->front.queues * sizeof(*b->queue));
	b->queue = NULL;
}

static int check_front(struct xennet_back *b)
{
	if (b->front.queues > b->config.offer.queues) {
		b->refused_key = "multi-queue-num-queues";
		return -XENNET_EKEY_QUEUES;
	}
	if (b->front.ring_order > b->config.offer.ring_order) {
		b->refused_key = "ring-page-order";
		return -XENNET_EKEY_VALUE;
	}
	if (!(b->front.flags & XENNET_F_RX_COPY)) {
		b->refused_key = "request-rx-copy";
		return -XENNET_EKEY_RX_COPY;
	}
	if (!(b->config.offer.flags & XENNET_F_XDP_HEADROOM))
		b->front.headroom = 0;
	if (b->front.headroom >= XENNET_PAGE) {
		b->refused_key = "xdp-headroom";
		return -XENNET_EKEY_VALUE;
	}
	return 0;
}

static int make_queues(struct xennet_back *b)
{
	const struct xennet_platform *p = &b->config.platform;
	enum xennet_state peer;
	int err;

	err = xennet_store_state(p, b->txn, b->peer_dir, &peer);
	if (!err && !is_ready(b, peer))
		err = -XENNET_EAGAIN;
	if (!err)
		err = xennet_offer_read(p, b->txn, b->peer_dir, XENNET_FRONT,
					&b->front, &b->refused_key);
	if (!err)
		err = check_front(b);
	if (err)
		return err;
	b->queue = (struct xennet_back_queue *)p->ops->alloc(
		p->ctx, b->front.queues * sizeof(*b->queue));
	if (!b->queue)
		return -XENNET_ENOMEM;
	while (b->nqueues < b->front.queues) {
		err = connect_queue(b, b->nqueues);
		if (err)
			break;
		b->nqueues++;
	}
	if (!err)
		err = xennet_live_begin(b);
	if (!err)
		err = xennet_alive_map(b);
	if (!err)
		err = xennet_back_ctrl_connect(b);
	return err ? err : xennet_rate_follow(b);
}

XENNET_COLD static int try_connect(void *arg, xennet_txn txn)
{
	struct xennet_back *b = (struct xennet_back *)arg;

	drop_queues(b);
	b->txn = txn;
	b->refused = make_queues(b);
	if (b->refused && xennet_err_kind(b->refused) == XENNET_KIND_CALL)
		return b->refused;
	return xennet_store_set_state(&b->config.platform, txn, b->dir,
				      b->refused ? XENNET_STATE_CLOSED
						 : XENNET_STATE_CONNECTED);
}

/*
 * In one transaction from the frontend's first key to our state, a refusal too:
 * a frontend that is killed and begins again in between is never served, nor
 * refused, by half of its old keys and half of its new ones.
 */
static int connect(struct xennet_back *b)
{
	int err = xennet_store_transact(&b->config.platform,
					XENNET_TXN_TRIES_DEAR, try_connect, b);

	b->txn = 0;
	if (!err) {
		err = b->refused;
		b->state = err ? XENNET_STATE_CLOSED : XENNET_STATE_CONNECTED;
	}
	b->refused = err;
	if (err)
		drop_queues(b);
	else
		b->refused_key = NULL;
	return err ? err : XENNET_VIF_CONNECTED;
}

static void unwatch_hotplug(struct xennet_back *b)
{
	if (b->hotplug_watched)
		xennet_store_unwatch(&b->config.platform, b->dir, HOTPLUG);
	b->hotplug_watched = false;
}

/* 1: the interface is where it belongs, or nobody says that it will be (S6). */
static int hotplugged(struct xennet_back *b)
{
	static const char good[] = "connected", bad[] = "error";
	char text[sizeof(good)];
	int err, len;

	len = xennet_store_text(&b->config.platform, b->dir, HOTPLUG, text,
				sizeof(text));
	if (len == -XENNET_ENOENT || (len == sizeof(good) - 1 &&
				      memcmp(text, good, sizeof(good)) == 0)) {
		unwatch_hotplug(b);
		return 1;
	}
	if (len < 0)
		return len;
	b->refused = 0;
	if (len == sizeof(bad) - 1 && memcmp(text, bad, sizeof(bad)) == 0) {
		b->refused = -XENNET_EKEY_HOTPLUG;
		b->refused_key = HOTPLUG;
	}
	if (b->hotplug_watched)
		return 0;
	err = xennet_store_watch(&b->config.platform, b->dir, HOTPLUG);
	b->hotplug_watched = !err;
	return err;
}

/* The frontend is ready: connect to it, or say why not. */
static int answer_ready(struct xennet_back *b)
{
	int err = hotplugged(b);

	if (err < 1) {
		/* it is as ready at the next event */
		b->peer_state = XENNET_STATE_UNKNOWN;
		return err;
	}
	return connect(b);
}

/* The frontend has moved to b->peer_state while there is no connection. */
static int follow(struct xennet_back *b)
{
	int err = 0;

	if (is_ready(b, b->peer_state)) {
		if (b->state != XENNET_STATE_INIT_WAIT)
			err = offer(b);
		return err ? err : answer_ready(b);
	}
	switch (b->peer_state) {
	case XENNET_STATE_INITIALISING:
		err = offer(b);
		break;
	case XENNET_STATE_CLOSING:
		err = set_state(b, XENNET_STATE_CLOSING);
		break;
	case XENNET_STATE_CLOSED:
		err = set_state(b, XENNET_STATE_CLOSED);
		break;
	default:
		break;
	}
	return err ? err : XENNET_VIF_IDLE;
}

/* Why a queue stopped, or the control ring; 0: none did. */
static int broken(const struct xennet_back *b)
{
	unsigned i;

	for (i = 0; i < b->nqueues; i++)
		if (xennet_broken(&b->queue[i].broken))
			return xennet_broken(&b->queue[i].broken);
	return b->ctrl.broken;
}

/* Nothing is left to serve, now or later. */
static bool is_gone(const struct xennet_back *b, enum xennet_state peer)
{
	if (peer != XENNET_STATE_UNKNOWN && peer != XENNET_STATE_CLOSED)
		return false;
	return online(b, 0) == 0;
}

static int event_connected(struct xennet_back *b, enum xennet_state peer)
{
	int n;

	if (!xennet_live_stays(b, peer) || broken(b))
		return XENNET_VIF_STOP;
	n = xennet_live_event(b, peer);
	if (n == XENNET_VIF_IDLE)
		n = xennet_rate_follow(b);
	/* last: a guest may ask at every event */
	return n == XENNET_VIF_IDLE ? xennet_back_ctrl_event(b) : n;
}

XENNET_COLD int xennet_back_event(struct xennet_back *b)
{
	enum xennet_state peer;
	int err;

	err = xennet_store_state(&b->config.platform, 0, b->peer_dir, &peer);
	if (err)
		return err;
	if (b->queue)
		return event_connected(b, peer);
	/* a disconnect could not say so */
	if (is_connected(b->state)) {
		err = set_state(b, XENNET_STATE_CLOSING);
		if (err)
			return err;
	}
	if (is_gone(b, peer))
		return XENNET_VIF_GONE;
	if (peer == b->peer_state)
		return XENNET_VIF_IDLE;
	b->peer_state = peer;
	err = follow(b);
	/* out of memory or an error of the store: it is worth another try */
	if (err < 0 && xennet_err_kind(err) == XENNET_KIND_CALL)
		b->peer_state = XENNET_STATE_UNKNOWN;
	return err;
}

XENNET_COLD static int write_carrier(void *arg, xennet_txn txn)
{
	struct xennet_back *b = (struct xennet_back *)arg;
	const struct xennet_platform *p = &b->config.platform;
	enum xennet_state state;
	int err = xennet_store_state(p, txn, b->dir, &state);

	/* what the toolstack has removed stays removed */
	if (err || state == XENNET_STATE_UNKNOWN)
		return err;
	return xennet_store_put(p, txn, b->dir, "carrier", b->carrier);
}

XENNET_COLD int xennet_back_set_carrier(struct xennet_back *b, bool on)
{
	bool was = b->carrier;
	int err;

	b->carrier = on;
	err = xennet_store_transact(&b->config.platform, XENNET_TXN_TRIES,
				    write_carrier, b);
	if (err)
		b->carrier = was;
	return err;
}

XENNET_COLD void xennet_back_disconnect(struct xennet_back *b)
{
	int err;

	if (!b->queue)
		return;
	/* a frontend that broke the protocol has to begin again */
	err = broken(b);
	if (err)
		b->refused = err == -XENNET_EGONE ? 0 : err;
	drop_queues(b);
	set_state(b, XENNET_STATE_CLOSING);
}

XENNET_COLD void xennet_back_close(struct xennet_back *b)
{
	xennet_back_disconnect(b);
	unwatch_hotplug(b);
	xennet_live_unwatch(b);
	xennet_store_unwatch(&b->config.platform, b->dir, XENNET_RATE_KEY);
	xennet_store_unwatch(&b->config.platform, b->peer_dir, "state");
	set_state(b, XENNET_STATE_CLOSED);
}
