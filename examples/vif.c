/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#include "vif.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include "explain.h"
#include "hotplug.h"
#include "program.h"
#include "tapname.h"

#define BRIDGED_MAC "fe:ff:ff:ff:ff:ff"
#define EVENTS_IN_A_TURN 4

static int drop(void *q, unsigned budget)
{
	return xennet_back_drop(q, budget);
}

WORKER_END(back, drop)

struct vif *vif_new(const struct netback *nb, unsigned domid, uint32_t handle)
{
	struct vif *v = calloc(1, sizeof(*v));

	if (!v)
		return NULL;
	v->nb = nb;
	v->domid = domid;
	v->handle = handle;
	snprintf(v->name, sizeof(v->name), "vif%u.%u", domid, handle);
	snprintf(v->dir, sizeof(v->dir), "%.40s/%u/%u", nb->dir, domid, handle);
	v->crew.end = &worker_end;
	v->crew.host = &nb->host;
	v->crew.vif = v->name;
	v->crew.back = &v->back;
	v->crew.report = nb->report;
	v->crew.policy = nb->options.policy;
	return v;
}

static const struct xennet_platform *platform(const struct vif *v)
{
	return &v->nb->host.platform;
}

static bool online(const struct vif *v)
{
	return hotplug_says(platform(v), v->dir, "online", "1");
}

static int join_bridge(struct vif *v)
{
	const char *bridge = v->nb->options.bridge;
	int err;

	if (!bridge)
		return 0;
	err = tap_set_mac(&v->crew.tap, BRIDGED_MAC);
	return err ? err : tap_join_bridge(&v->crew.tap, bridge);
}

/* A script that sets the TAP up may want to rename it first, while it is
 * down. */
static int make_tap(struct vif *v)
{
	struct tap *t = &v->crew.tap;
	int err = tap_set_carrier(t, false);

	if (err)
		return err;
	err = tap_set_noqueue(t);
	if (err)
		say("%s: %s: no noqueue: %s", v->name, t->name, strerror(-err));
	return 0;
}

/* One that was there may have an answer due at once, before any link event:
 * its carrier stays. What fails leaves it as it was. */
static int open_tap(struct vif *v, const char *name, bool there)
{
	const struct options *o = &v->nb->options;
	struct tap *t = &v->crew.tap;
	int err = tap_open(t, name, o->offer.queues);

	if (err)
		return err;
	if (!there)
		err = make_tap(v);
	if (!err && o->xen)
		err = tap_keep(t);
	if (!err && !o->wait_script)
		err = tap_set_up(t);
	if (!err)
		err = join_bridge(v);
	if (err && there)
		tap_leave(t);
	else if (err)
		tap_close(t);
	return err;
}

/* It is nobody's, also to the next netback: said first, since once it is
 * closed the toolstack may remove the directory. */
static void let_go(struct vif *v)
{
	hotplug_disown(platform(v), v->dir);
	if (v->life == VIF_OPEN) {
		crew_end(&v->crew);
		xennet_back_close(&v->back);
	} else {
		hotplug_closed(platform(v), v->dir);
	}
	tap_close(&v->crew.tap);
}

/* What it cannot have of us, for good. The guest sees Closed. */
static void shut(struct vif *v, const char *what, const char *why)
{
	char text[160];

	snprintf(text, sizeof(text), "%s: %s", what, why);
	hotplug_error(platform(v), v->dir, text, v->life == VIF_NEW);
	let_go(v);
	v->life = VIF_SHUT;
	v->failed = v->waits = 0;
	v->ctrl_waits = false;
	ration_end(&v->ration);
	say("%s: closed, %s", v->name, text);
}

/* What there may be enough of in a while. */
static bool passes(int err)
{
	return err == -ENOMEM || err == -ENOBUFS || err == -EMFILE ||
	       err == -ENFILE || err == -EAGAIN || err == -EINTR;
}

static void wait_for(struct vif *v, const char *what, int err, const char *why)
{
	if (err != v->waits)
		ration_say(&v->ration, "%s: %s: %s; tries again", v->name, what,
			   why);
	v->waits = err;
}

static int open_back(struct vif *v, bool anew)
{
	const struct options *o = &v->nb->options;
	struct xennet_back_config config = {
		.platform = *platform(v),
		.domid = v->nb->host.domid,
		.peer = (uint16_t)v->domid,
		.handle = v->handle,
		.offer = o->offer,
		.tx = o->strategy,
		.rx = o->strategy,
		.costs = v->nb->costs,
		.statics = o->statics,
	};

	hotplug_ready(platform(v), v->dir, o->wait_script, anew);
	if (o->rate)
		hotplug_rate(platform(v), v->dir, o->rate);
	return xennet_back_open(&v->back, &config);
}

/* It is as before: one that an earlier netback served is never given up, since
 * its guest may be connected. */
static void adopt_failed(struct vif *v, const char *what, int err,
			 const char *why, bool own, bool later)
{
	if (!own && !later) {
		shut(v, what, why);
		return;
	}
	wait_for(v, what, err, why);
	if (!own)
		hotplug_disown(platform(v), v->dir);
}

/* Ours before it has a TAP, so that a TAP without a vif is never left. */
static void adopt(struct vif *v, char name[64], bool own)
{
	int there, err;

	if (!own) {
		tap_name(name, 64, v->nb->options.tap, v->domid, v->handle);
		hotplug_own(platform(v), v->dir, name);
	}
	there = err =
		strlen(name) < IFNAMSIZ ? tap_is_there(name) : -ENAMETOOLONG;
	if (there > 0)
		err = own ? 0 : -EEXIST;
	if (!err)
		err = open_tap(v, name, there);
	if (err) {
		adopt_failed(v, "TAP", err, strerror(-err), own, passes(err));
		return;
	}
	err = open_back(v, own && !there);
	if (err) {
		if (own)
			tap_leave(&v->crew.tap);
		else
			tap_close(&v->crew.tap);
		adopt_failed(v, "open", err, xennet_err_text(err), own,
			     xennet_err_kind(err) == XENNET_KIND_CALL);
		return;
	}
	v->life = VIF_OPEN;
	v->waits = 0;
	say("%s: %s, TAP %s%s", v->name, own ? "here again" : "here",
	    v->crew.tap.name, own && !there ? ", made anew" : "");
}

static void connected(struct vif *v)
{
	char text[FEATURE_TEXT];
	unsigned n = v->back.nqueues;
	bool said;
	int err;

	err = crew_start(&v->crew, v->back.queue, n, v->back.front.flags);
	if (passes(err)) {
		wait_for(v, "cannot serve", err, strerror(-err));
		return;
	}
	if (err) {
		shut(v, "cannot serve", strerror(-err));
		return;
	}
	v->waits = 0;
	hotplug_no_error(platform(v), v->dir);
	/* a script sets that, too */
	err = v->nb->options.wait_script ? 0
					 : crew_set_mtu(&v->crew, v->back.mtu,
							v->back.front.flags);
	if (err)
		ration_say(&v->ration, "%s: no MTU of %u: %s", v->name,
			   v->back.mtu, strerror(-err));
	said = ration_say(
		&v->ration, "%s: connected, %u queue%s, %u-page rings, %s",
		v->name, n, n > 1 ? "s" : "", 1u << v->back.front.ring_order,
		feature_text(v->back.front.flags, text));
	if (said && v->nb->options.explain)
		explain_back(v->name, &v->back);
}

static void disconnected(struct vif *v)
{
	ration_say(&v->ration, "%s: disconnected", v->name);
	crew_stop(&v->crew);
	xennet_back_disconnect(&v->back);
	v->waits = 0;
}

/* A script's own error is in the store already. */
static void note_refused(struct vif *v)
{
	const char *key = v->back.refused_key;
	int refused = v->back.refused;
	char text[REFUSED_TEXT];

	if (refused && (refused != v->refused || key != v->refused_key)) {
		refused_text(refused, key, text);
		ration_say(&v->ration, "%s: refused: %s", v->name, text);
		if (refused != -XENNET_EKEY_HOTPLUG)
			hotplug_error(platform(v), v->dir, text, false);
	}
	v->refused = refused;
	v->refused_key = key;
}

bool vif_port_changed(const struct vif *v)
{
	return v->life == VIF_OPEN && v->crew.n &&
	       v->back.carrier == crew_port_down(&v->crew);
}

/* What no store event will mend is tried again. */
static void note_failed(struct vif *v, int event)
{
	if (event < 0 && event != v->back.refused && event != v->failed)
		ration_say(&v->ration, "%s: store: %s", v->name,
			   xennet_err_text(event));
	v->failed = event < 0 && xennet_err_kind(event) == XENNET_KIND_CALL
			    ? event
			    : 0;
}

/* What a guest asks over its control ring stops its own workers, and takes time
 * of all. */
static int serve_ctrl(struct vif *v)
{
	v->ctrl_waits = !pace_begin(&v->pace, now_ms());
	if (v->ctrl_waits)
		return XENNET_VIF_IDLE;
	crew_pause(&v->crew);
	xennet_back_ctrl(&v->back);
	crew_go_on(&v->crew);
	pace_end(&v->pace, now_ms());
	return XENNET_VIF_PAUSE;
}

/* Its port tells once, and then, after each turn, again. */
static void watch_ctrl(const struct vif *v)
{
	struct epoll_event e = { .events = EPOLLIN | EPOLLONESHOT };
	int fd;

	if (!v->back.ctrl.page || v->ctrl_waits)
		return;
	e.data.u64 = (uint64_t)v->domid << 32 | v->handle;
	fd = xennet_host_evtchn_fd(&v->nb->host, v->back.ctrl.port);
	if (epoll_ctl(v->nb->ctrl, EPOLL_CTL_MOD, fd, &e) && errno == ENOENT)
		epoll_ctl(v->nb->ctrl, EPOLL_CTL_ADD, fd, &e);
}

bool vif_kicked(struct vif *v)
{
	v->ctrl_waits = !pace_has(&v->pace, now_ms());
	if (v->ctrl_waits)
		return false;
	if (xennet_back_ctrl_event(&v->back) != XENNET_VIF_IDLE)
		return true;
	/* it was for nothing: as dear as a pause */
	pace_begin(&v->pace, now_ms());
	pace_end(&v->pace, now_ms());
	watch_ctrl(v);
	return false;
}

static enum vif_next serve(struct vif *v)
{
	int i, event = XENNET_VIF_STOP, carrier = 0;

	if (crew_ended(&v->crew) == -XENNET_EIO) {
		shut(v, v->crew.tap.name, "the TAP is gone");
		return VIF_AGAIN;
	}
	/* a script has: the next netback shall find it */
	if (tap_renamed(&v->crew.tap))
		hotplug_own(platform(v), v->dir, v->crew.tap.name);
	if (v->waits)
		connected(v);
	if (v->life != VIF_OPEN)
		return VIF_AGAIN;
	if (vif_port_changed(v))
		carrier = xennet_back_set_carrier(&v->back,
						  !crew_port_down(&v->crew));
	v->ctrl_waits = false;
	for (i = 0; i < EVENTS_IN_A_TURN && event > XENNET_VIF_IDLE &&
		    event != XENNET_VIF_PAUSE;
	     i++) {
		event = xennet_back_event(&v->back);
		if (event == XENNET_VIF_CONNECTED)
			connected(v);
		else if (event == XENNET_VIF_STOP)
			disconnected(v);
		else if (event == XENNET_VIF_PAUSE)
			event = serve_ctrl(v);
		else if (event == XENNET_VIF_GONE)
			break;
		if (v->life != VIF_OPEN)
			return VIF_AGAIN;
		note_refused(v);
	}
	note_failed(v, event < 0 ? event : carrier);
	if (event == XENNET_VIF_GONE) {
		vif_end(v, "the frontend is gone");
		return VIF_OVER;
	}
	watch_ctrl(v);
	return event > XENNET_VIF_IDLE ? VIF_AGAIN : VIF_REST;
}

/* Nobody's yet, or ours from an earlier life, and perhaps still connected. */
static enum vif_next look(struct vif *v)
{
	enum vif_next next = VIF_AGAIN;
	char name[64];

	if (hotplug_is_own(platform(v), v->dir, name, sizeof(name)))
		adopt(v, name, true);
	else if (hotplug_says(platform(v), v->dir, "state", "1") && online(v))
		adopt(v, name, false);
	else
		return VIF_OVER;
	if (v->life == VIF_NEW)
		return VIF_REST;
	if (v->life == VIF_OPEN)
		next = serve(v);
	if (next != VIF_OVER && v->life == VIF_OPEN && !v->crew.n)
		tap_set_carrier(&v->crew.tap, false);
	return next;
}

enum vif_next vif_turn(struct vif *v)
{
	switch (v->life) {
	case VIF_NEW:
		return look(v);
	case VIF_OPEN:
		return serve(v);
	case VIF_SHUT:
		if (online(v))
			return VIF_REST;
		vif_end(v, NULL);
	}
	return VIF_OVER;
}

void vif_end(struct vif *v, const char *why)
{
	ration_end(&v->ration);
	let_go(v);
	if (why)
		say("%s: closed: %s", v->name, why);
}

void vif_leave(struct vif *v)
{
	crew_end(&v->crew);
}
