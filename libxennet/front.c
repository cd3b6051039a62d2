/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* A frontend's control plane: keys, states, connect and disconnect. */
#include "alive.h"
#include "front_ctrl.h"
#include "front_hash.h"
#include "front_mcast.h"
#include "front_queue.h"
#include "front_static.h"
#include "internal.h"
#include "store.h"

/* A backend is given so long to let go of what we share. */
#define RELEASE_TRIES 100u
#define RELEASE_USEC 2000u

static int set_state(struct xennet_front *f, enum xennet_state state)
{
	int err = xennet_store_set_state(&f->config.platform, 0, f->dir, state);

	if (!err)
		f->state = state;
	return err;
}

static const char *const live_keys[] = { "state", "carrier" };

#define LIVE_KEYS (sizeof(live_keys) / sizeof(live_keys[0]))

/* No backend is known after it. */
static void unwatch_back(struct xennet_front *f)
{
	unsigned i;

	for (i = 0; i < LIVE_KEYS && *f->peer_dir; i++)
		xennet_store_unwatch(&f->config.platform, f->peer_dir,
				     live_keys[i]);
	*f->peer_dir = 0;
}

static int watch_back(struct xennet_front *f)
{
	const struct xennet_platform *p = &f->config.platform;
	unsigned i;
	int err;

	for (i = 0; i < LIVE_KEYS; i++) {
		err = xennet_store_watch(p, f->peer_dir, live_keys[i]);
		if (err)
			goto unwatch;
	}
	return 0;

unwatch:
	while (i-- > 0)
		xennet_store_unwatch(p, f->peer_dir, live_keys[i]);
	return err;
}

/* Where the toolstack says that our backend is. */
static int find_back(struct xennet_front *f)
{
	const struct xennet_platform *p = &f->config.platform;
	struct xennet_path path;
	uint32_t id;
	int n;

	n = xennet_store_get(p, f->dir, "backend-id", &id);
	if (n)
		return n;
	if (id > UINT16_MAX)
		return -XENNET_EKEY_VALUE;
	f->peer = (uint16_t)id;
	xennet_path_set(&path, f->dir);
	xennet_path_add(&path, "/backend");
	n = p->ops->store_read(p->ctx, 0, path.text, f->peer_dir,
			       sizeof(f->peer_dir));
	if (n < 0)
		return n;
	return (size_t)n < sizeof(f->peer_dir) ? 0 : -XENNET_EKEY_VALUE;
}

static int begin(struct xennet_front *f)
{
	struct xennet_path path;
	int err;

	xennet_path_set(&path, "/local/domain/");
	xennet_path_add_uint(&path, f->config.domid);
	xennet_path_add(&path, "/device/vif/");
	xennet_path_add_uint(&path, f->config.handle);
	memcpy(f->dir, path.text, sizeof(f->dir));
	f->carrier = true;
	err = find_back(f);
	if (!err)
		err = watch_back(f);
	if (err) {
		*f->peer_dir = 0;
		return err;
	}
	f->state = XENNET_STATE_INITIALISING;
	err = xennet_store_put(&f->config.platform, 0, f->dir, "state",
			       f->state);
	if (err)
		unwatch_back(f);
	return err;
}

XENNET_COLD int xennet_front_open(struct xennet_front *f,
				  const struct xennet_front_config *config)
{
	int err;

	memset(f, 0, sizeof(*f));
	f->config = *config;
	err = xennet_offer_defaults(&f->config.offer);
	if (!xennet_hash_config_valid(&config->hash))
		err = -XENNET_EINVAL;
	return err ? err : begin(f);
}

static int put_ring(struct xennet_front *f, xennet_txn txn, const char *dir,
		    const char *key, const uint32_t *gref, unsigned n)
{
	struct xennet_path name;
	unsigned i;
	int err = 0;

	if (n == 1)
		return xennet_store_put(&f->config.platform, txn, dir, key,
					gref[0]);
	for (i = 0; i < n && !err; i++) {
		xennet_path_set(&name, key);
		xennet_path_add_uint(&name, i);
		err = xennet_store_put(&f->config.platform, txn, dir, name.text,
				       gref[i]);
	}
	return err;
}

/* Keys of the other kind, left by an earlier connection, must go. */
static int put_ports(struct xennet_front *f, xennet_txn txn, const char *dir,
		     const struct xennet_front_queue *q)
{
	const struct xennet_platform *p = &f->config.platform;
	int err;

	if (q->tx.port == q->rx.port) {
		err = xennet_store_drop(p, txn, dir, "event-channel-tx");
		if (!err)
			err = xennet_store_drop(p, txn, dir,
						"event-channel-rx");
		return err ? err
			   : xennet_store_put(p, txn, dir, "event-channel",
					      q->tx.port);
	}
	err = xennet_store_drop(p, txn, dir, "event-channel");
	if (!err)
		err = xennet_store_put(p, txn, dir, "event-channel-tx",
				       q->tx.port);
	return err ? err
		   : xennet_store_put(p, txn, dir, "event-channel-rx",
				      q->rx.port);
}

static int put_queue(struct xennet_front *f, xennet_txn txn, unsigned i)
{
	const struct xennet_front_queue *q = &f->queue[i];
	struct xennet_path dir;
	int err;

	xennet_path_set(&dir, f->dir);
	if (f->nqueues > 1) {
		xennet_path_add(&dir, "/queue-");
		xennet_path_add_uint(&dir, i);
	}
	err = put_ring(f, txn, dir.text, "tx-ring-ref", q->tx.ring_gref,
		       q->npages);
	if (!err)
		err = put_ring(f, txn, dir.text, "rx-ring-ref", q->rx.ring_gref,
			       q->npages);
	return err ? err : put_ports(f, txn, dir.text, q);
}

/* With two queues or more these must not be there. */
static const char *const top_keys[] = { "tx-ring-ref",	    "rx-ring-ref",
					"event-channel",    "event-channel-tx",
					"event-channel-rx", NULL };

/* What a frontend that knows less would not write anew. */
static const char *const our_keys[] = { "ctrl-ring-ref",
					"event-channel-ctrl",
					"feature-persistent",
					"multi-queue-num-queues",
					"request-multicast-control",
					"ring-page-order",
					"xdp-headroom",
					"xennet-alive-ref",
					"xennet-max-slots",
					"xennet-sequenced-rings",
					"xennet-split-rings",
					NULL };

static int drop_keys(struct xennet_front *f, xennet_txn txn,
		     const char *const *key)
{
	int err = 0;

	while (*key && !err)
		err = xennet_store_drop(&f->config.platform, txn, f->dir,
					*key++);
	return err;
}

/* Another backend may have begun since its offer was read. */
static int check_back(struct xennet_front *f, xennet_txn txn)
{
	struct xennet_offer now;
	int err = xennet_offer_read(&f->config.platform, txn, f->peer_dir,
				    XENNET_BACK, &now, &f->refused_key);

	if (!err && memcmp(&now, &f->back, sizeof(now)) != 0)
		err = -XENNET_EAGAIN;
	return err;
}

XENNET_COLD static int write_all(void *arg, xennet_txn txn)
{
	struct xennet_front *f = (struct xennet_front *)arg;
	struct xennet_offer offer = f->config.offer;
	unsigned i;
	int err = check_back(f, txn);

	if (err)
		return err;

	offer.flags &= f->back.flags | ~(uint32_t)XENNET_F_AGREED;
	offer.queues = f->nqueues;
	offer.ring_order = f->ring_order;
	if (!(f->back.flags & XENNET_F_XDP_HEADROOM))
		offer.headroom = 0;
	err = xennet_offer_write(&f->config.platform, txn, f->dir, XENNET_FRONT,
				 &offer);
	if (!err)
		err = xennet_alive_write(f, txn);
	if (!err)
		err = xennet_front_ctrl_write(f, txn);
	if (!err)
		err = xennet_front_filter_write(f, txn);
	if (!err && f->nqueues > 1)
		err = drop_keys(f, txn, top_keys);
	for (i = 0; i < f->nqueues && !err; i++)
		err = put_queue(f, txn, i);
	return err ? err
		   : xennet_store_put(&f->config.platform, txn, f->dir, "state",
				      XENNET_STATE_CONNECTED);
}

static int publish(struct xennet_front *f)
{
	int err = xennet_store_transact(&f->config.platform, XENNET_TXN_TRIES,
					write_all, f);

	if (!err)
		f->state = XENNET_STATE_CONNECTED;
	return err;
}

static void drop_queues(struct xennet_front *f, unsigned allocated)
{
	const struct xennet_platform *p = &f->config.platform;

	xennet_front_static_end(f);
	xennet_front_ctrl_disconnect(f);
	while (f->nqueues)
		xennet_front_queue_disconnect(&f->queue[--f->nqueues]);
	p->ops->free(p->ctx, f->queue, allocated * sizeof(*f->queue));
	f->queue = NULL;
	f->live = false;
}

static uint32_t least(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

/* What is no number is no word of trust. */
static int read_trusted(struct xennet_front *f)
{
	uint32_t value = 1;
	int err = xennet_store_get(&f->config.platform, f->dir, "trusted",
				   &value);

	if (err == -XENNET_EKEY_VALUE)
		value = 0;
	else if (err && err != -XENNET_ENOENT)
		return err;
	f->trusted = value;
	return 0;
}

static int connect(struct xennet_front *f)
{
	const struct xennet_platform *p = &f->config.platform;
	unsigned n;
	int err;

	err = xennet_offer_read(p, 0, f->peer_dir, XENNET_BACK, &f->back,
				&f->refused_key);
	if (!err)
		err = read_trusted(f);
	if (!err)
		err = xennet_store_mtu(p, 0, f->dir, &f->mtu);
	if (err)
		return err;
	if (!(f->back.flags & XENNET_F_RX_COPY)) {
		f->refused_key = "feature-rx-copy";
		return -XENNET_EKEY_RX_COPY;
	}
	n = least(f->config.offer.queues, f->back.queues);
	f->ring_order = least(f->config.offer.ring_order, f->back.ring_order);
	f->queue = (struct xennet_front_queue *)p->ops->alloc(
		p->ctx, n * sizeof(*f->queue));
	if (!f->queue)
		return -XENNET_ENOMEM;
	while (f->nqueues < n) {
		err = xennet_front_queue_connect(&f->queue[f->nqueues], f);
		if (err)
			break;
		f->nqueues++;
	}
	if (!err)
		err = xennet_front_ctrl_connect(f);
	if (!err) {
		xennet_alive_share(f);
		err = publish(f);
	}
	if (err) {
		drop_queues(f, n);
		xennet_alive_unshare(f);
	}
	return err;
}

/* The backend waits for us: connect, or say why not. */
static int answer_wait(struct xennet_front *f)
{
	int err = 0;

	if (f->state != XENNET_STATE_INITIALISING)
		err = set_state(f, XENNET_STATE_INITIALISING);
	if (!err)
		err = connect(f);
	f->refused = err;
	if (!err) {
		f->refused_key = NULL;
		return XENNET_VIF_IDLE;
	}
	if (xennet_err_kind(err) != XENNET_KIND_CALL)
		set_state(f, XENNET_STATE_CLOSED);
	return err;
}

/* Why a queue stopped, or the control ring; 0: none did. */
static int broken(const struct xennet_front *f)
{
	unsigned i;

	for (i = 0; i < f->nqueues; i++)
		if (xennet_broken(&f->queue[i].broken))
			return xennet_broken(&f->queue[i].broken);
	return f->ctrl.broken;
}

/* There is a connection, or we have asked for one. */
static int event_connected(struct xennet_front *f, enum xennet_state peer)
{
	int err;

	if (broken(f))
		return XENNET_VIF_STOP;
	/* it has not seen our keys yet */
	if (peer == XENNET_STATE_INIT_WAIT && !f->live)
		return XENNET_VIF_IDLE;
	if (peer != XENNET_STATE_CONNECTED)
		return XENNET_VIF_STOP;
	err = xennet_store_carrier(&f->config.platform, f->peer_dir,
				   &f->carrier);
	if (err || f->live)
		return err;
	f->live = true;
	xennet_front_static_begin(f);
	if (f->config.hash.types)
		xennet_front_hash_start(f);
	return XENNET_VIF_CONNECTED;
}

/*
 * A backend that closes for good. While it stays online it is only at the end
 * of an earlier connection, and will see that we are here again: closing too
 * would leave both of them closed for ever.
 */
static bool is_leaving(const struct xennet_front *f, enum xennet_state peer)
{
	uint32_t online = 0;
	int err;

	if (peer < XENNET_STATE_CLOSING)
		return false;
	err = xennet_store_get(&f->config.platform, f->peer_dir, "online",
			       &online);
	return !online && (!err || err == -XENNET_ENOENT);
}

XENNET_COLD int xennet_front_event(struct xennet_front *f)
{
	enum xennet_state peer;
	int err;

	/* first: whatever follows, its next event is to come (V1) */
	xennet_front_ctrl_look(f);
	/* a resume could not find it */
	err = *f->peer_dir ? 0 : begin(f);
	if (!err)
		err = xennet_store_state(&f->config.platform, 0, f->peer_dir,
					 &peer);
	if (err)
		return err;
	if (f->queue)
		return event_connected(f, peer);
	/* a disconnect could not say so */
	if (f->state == XENNET_STATE_CONNECTED ||
	    f->state == XENNET_STATE_CLOSING) {
		err = set_state(f, XENNET_STATE_CLOSED);
		if (err)
			return err;
	}
	if (peer == XENNET_STATE_UNKNOWN)
		return XENNET_VIF_GONE;
	if (peer == f->peer_state)
		return XENNET_VIF_IDLE;
	f->peer_state = peer;
	if (peer == XENNET_STATE_INIT_WAIT)
		err = answer_wait(f);
	else if (f->state != XENNET_STATE_CLOSED && is_leaving(f, peer))
		err = set_state(f, XENNET_STATE_CLOSED);
	/* out of memory or an error of the store: it is worth another try */
	if (err < 0 && xennet_err_kind(err) == XENNET_KIND_CALL)
		f->peer_state = XENNET_STATE_UNKNOWN;
	return err ? err : XENNET_VIF_IDLE;
}

/* A backend that serves us still has our pages, and is told to let go of them
 * before we do: what it keeps is lost to us for as long. */
static void await_release(struct xennet_front *f)
{
	const struct xennet_platform *p = &f->config.platform;
	enum xennet_state peer;
	unsigned i;

	for (i = 0; i < RELEASE_TRIES; i++) {
		if (xennet_store_state(p, 0, f->peer_dir, &peer) ||
		    peer != XENNET_STATE_CONNECTED)
			return;
		if (i == 0 && set_state(f, XENNET_STATE_CLOSING))
			return;
		if (!p->ops->delay)
			return;
		p->ops->delay(p->ctx, RELEASE_USEC);
	}
}

XENNET_COLD void xennet_front_disconnect(struct xennet_front *f)
{
	if (!f->queue)
		return;
	await_release(f);
	f->refused = broken(f);
	/* what this connection was made from is no news any more */
	f->peer_state =
		f->refused ? XENNET_STATE_INIT_WAIT : XENNET_STATE_UNKNOWN;
	drop_queues(f, f->nqueues);
	set_state(f, XENNET_STATE_CLOSED);
	/* now this is no death */
	xennet_alive_unshare(f);
}

XENNET_COLD void xennet_front_close(struct xennet_front *f)
{
	xennet_front_disconnect(f);
	unwatch_back(f);
	drop_keys(f, 0, our_keys);
	set_state(f, XENNET_STATE_CLOSED);
}

XENNET_COLD int xennet_front_resume(struct xennet_front *f, uint16_t domid)
{
	if (f->queue) {
		drop_queues(f, f->nqueues);
		xennet_alive_unshare(f);
	}
	unwatch_back(f);
	f->config.domid = domid;
	f->peer_state = XENNET_STATE_UNKNOWN;
	f->refused = 0;
	f->refused_key = NULL;
	return begin(f);
}
