/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * A frontend in user space: its interface is a TAP. It waits for a backend,
 * and for the next one when that is gone; the TAP stays.
 *
 * The main thread is the control plane; each queue has a worker (worker.h)
 * that alone touches it.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include "crew.h"
#include "explain.h"
#include "groups.h"
#include "host.h"
#include "program.h"
#include "ration.h"

#define RETRY_MS 200
#define AGAIN_MS 100
#define RELEASE_MS 1000

WORKER_END(front, NULL)

struct netfront {
	struct options options;
	struct xennet_host host;
	struct xennet_front front;
	struct crew crew;
	struct ration ration;
	int refused;  /* as last said */
	int failed;   /* 0, or an error that no store event will mend */
	bool carrier; /* the TAP's, as the backend said last */
	enum xennet_hash_state hash;
	struct groups groups; /* that were asked for */
	int signals;
	char mac[18];
	char dir[64];
};

enum next { GO_ON, REJOIN, END, FAIL };

static enum next connected(struct netfront *nf)
{
	char text[FEATURE_TEXT];
	unsigned n = nf->front.nqueues;
	bool said;
	int err;

	err = crew_start(&nf->crew, nf->front.queue, n, nf->front.back.flags);
	if (err) {
		say("%s: %s", nf->crew.vif, strerror(-err));
		return FAIL;
	}
	nf->carrier = true;
	nf->groups.n = 0;
	err = crew_set_mtu(&nf->crew, nf->front.mtu, nf->front.back.flags);
	if (err)
		ration_say(&nf->ration, "no MTU of %u: %s", nf->front.mtu,
			   strerror(-err));
	said = ration_say(&nf->ration, "connected to domain %u, %u queue%s, %s",
			  nf->front.peer, n, n > 1 ? "s" : "",
			  feature_text(nf->front.back.flags, text));
	if (said && nf->options.explain)
		explain_front(nf->crew.vif, &nf->front);
	return GO_ON;
}

static void disconnected(struct netfront *nf)
{
	ration_say(&nf->ration, "disconnected");
	crew_stop(&nf->crew);
	xennet_front_disconnect(&nf->front);
}

static void note_refused(struct netfront *nf)
{
	int refused = nf->front.refused;
	char text[REFUSED_TEXT];

	if (refused && refused != nf->refused)
		ration_say(&nf->ration, "%s: refused: %s", nf->crew.vif,
			   refused_text(refused, nf->front.refused_key, text));
	nf->refused = refused;
}

static void note_hash(struct netfront *nf)
{
	static const char *const text[] = {
		[XENNET_HASH_OFF] = "off",
		[XENNET_HASH_ASKING] = "the backend is asked",
		[XENNET_HASH_ON] = "on",
		[XENNET_HASH_REFUSED] = "off, the backend does not do it",
	};
	enum xennet_hash_state state = nf->front.hash.state;

	if (state != nf->hash && state != XENNET_HASH_ASKING)
		ration_say(&nf->ration, "hash: %s", text[state]);
	nf->hash = state;
}

static void note_carrier(struct netfront *nf)
{
	if (!nf->crew.n || nf->carrier == nf->front.carrier)
		return;
	nf->carrier = nf->front.carrier;
	tap_set_carrier(&nf->crew.tap, nf->carrier);
	ration_say(&nf->ration, "carrier %s", nf->carrier ? "up" : "down");
}

static enum next vif_event(struct netfront *nf)
{
	enum next next = GO_ON;
	int event = XENNET_VIF_STOP;

	while (next == GO_ON && event > XENNET_VIF_IDLE) {
		event = xennet_front_event(&nf->front);
		if (event == XENNET_VIF_CONNECTED) {
			next = connected(nf);
		} else if (event == XENNET_VIF_STOP) {
			disconnected(nf);
		} else if (event == XENNET_VIF_GONE) {
			ration_say(&nf->ration, "the backend closed the vif");
			next = REJOIN;
		}
	}
	if (event < 0 && event != nf->front.refused && event != nf->failed)
		ration_say(&nf->ration, "store: %s", xennet_err_text(event));
	nf->failed = event < 0 && xennet_err_kind(event) == XENNET_KIND_CALL
			     ? event
			     : 0;
	note_refused(nf);
	note_hash(nf);
	note_carrier(nf);
	return next;
}

static enum next store_events(struct netfront *nf)
{
	char path[XENNET_HOST_PATH];
	bool any = false;
	int n;

	do {
		n = xennet_host_event(&nf->host, path, sizeof(path));
		any |= n == 1;
	} while (n == 1 || n == -XENNET_ENOSPC);
	if (n < 0) {
		say(nf->options.xen ? "the store is gone"
				    : "the backend is gone");
		return nf->options.xen ? FAIL : REJOIN;
	}
	return any ? vif_event(nf) : GO_ON;
}

static enum next worker_reports(struct netfront *nf)
{
	uint64_t ignored;
	int err;

	if (read(nf->crew.report, &ignored, sizeof(ignored)) < 0)
		return GO_ON;
	err = crew_ended(&nf->crew);
	if (err == -XENNET_EIO) {
		say("%s is gone", nf->crew.vif);
		return FAIL;
	}
	return err ? vif_event(nf) : GO_ON;
}

/* Where answers of the control ring are told of; -1: there is none. */
static int ctrl_fd(const struct netfront *nf)
{
	const struct xennet_front_ctrl *c = &nf->front.ctrl;

	return c->page ? xennet_host_evtchn_fd(&nf->host, c->port) : -1;
}

/* How long nothing need be looked at. */
static int patience(struct netfront *nf)
{
	if (ration_settle(&nf->ration) || nf->failed)
		return AGAIN_MS;
	return nf->options.multicast ? GROUPS_EVERY_MS : -1;
}

/* While joined: until the backend is gone or a signal says so. */
static enum next serve(struct netfront *nf)
{
	struct pollfd fds[4] = {
		{ .fd = nf->signals, .events = POLLIN },
		{ .fd = nf->crew.report, .events = POLLIN },
		{ .fd = xennet_host_fd(&nf->host), .events = POLLIN },
		{ .events = POLLIN },
	};
	enum next next = GO_ON;
	int signal;

	while (next == GO_ON) {
		fds[3].fd = ctrl_fd(nf);
		if (poll(fds, 4, patience(nf)) == 0 || fds[3].revents)
			next = vif_event(nf);
		signal = program_signal(nf->signals);
		if (signal && signal != SIGUSR1)
			return END;
		if (signal)
			crew_print(&nf->crew);
		if (next == GO_ON)
			next = worker_reports(nf);
		if (next == GO_ON)
			next = store_events(nf);
		if (next == GO_ON && nf->options.multicast && nf->crew.n)
			groups_follow(&nf->groups, &nf->crew, &nf->front);
	}
	return next;
}

static void name_dir(struct netfront *nf)
{
	snprintf(nf->dir, sizeof(nf->dir), "/local/domain/%u/device/vif/%u",
		 nf->host.domid, nf->options.vif);
}

/* The toolstack's address for this vif. Locally the first is kept for good:
 * each backend is a new toolstack. */
static int take_mac(struct netfront *nf)
{
	const struct xennet_platform *p = &nf->host.platform;
	const char *mac = nf->options.mac;
	char key[80];
	int n;

	if (!mac) {
		snprintf(key, sizeof(key), "%s/mac", nf->dir);
		n = p->ops->store_read(p->ctx, 0, key, nf->mac,
				       sizeof(nf->mac));
		if (n < 0)
			return 0;
		mac = nf->mac;
	}
	if (!nf->options.xen)
		nf->options.mac = mac;
	return tap_set_mac(&nf->crew.tap, mac);
}

/* The backend lets go of our pages once it has seen that we closed. */
static void wait_released(struct netfront *nf)
{
	struct xennet_held held;
	int i;

	for (i = 0; i < RELEASE_MS; i++) {
		xennet_host_held(&nf->host, &held);
		if (!held.kept)
			return;
		poll(NULL, 0, 1);
	}
	say("the backend keeps %llu pages", (unsigned long long)held.kept);
}

/* Or its backend's nodes have gone, are not there yet, or say nothing that is
 * a state: then they are watched. */
static bool has_backend(struct netfront *nf)
{
	const struct xennet_platform *p = &nf->host.platform;
	char key[80], path[128], state[4];
	int n;

	snprintf(key, sizeof(key), "%s/backend", nf->dir);
	n = p->ops->store_read(p->ctx, 0, key, path, 100);
	if (n < 0 || n >= 100)
		return false;
	strcat(path, "/state");
	n = p->ops->store_read(p->ctx, 0, path, state, sizeof(state));
	if (n == 1 && *state >= '1' && *state <= '8')
		return true;
	p->ops->store_watch(p->ctx, path);
	return false;
}

/* On Xen a vif may come later: its directory is watched. */
static enum next wait_for_vif(struct netfront *nf, int err, int *said)
{
	struct pollfd fds[2] = {
		{ .fd = nf->signals, .events = POLLIN },
		{ .fd = xennet_host_fd(&nf->host), .events = POLLIN },
	};
	char path[XENNET_HOST_PATH];
	int n, signal;
	bool more;

	if (err != *said)
		say("waiting for %s: %s", nf->dir,
		    err == -XENNET_ENOENT ? "no vif, or no backend for it"
					  : xennet_err_text(err));
	*said = err;
	more = ration_settle(&nf->ration);
	poll(fds, 2, err == -XENNET_ENOENT && !more ? -1 : RETRY_MS);
	signal = program_signal(nf->signals);
	if (signal && signal != SIGUSR1)
		return END;
	while ((n = xennet_host_event(&nf->host, path, sizeof(path))) == 1)
		continue;
	if (n < 0)
		say("the store is gone");
	return n < 0 ? FAIL : REJOIN;
}

static enum next session(struct netfront *nf, int *said)
{
	struct xennet_front_config config = {
		.platform = nf->host.platform,
		.domid = nf->host.domid,
		.handle = nf->options.vif,
		.offer = nf->options.offer,
		.hash = nf->options.hash,
	};
	enum next next;
	int err = take_mac(nf);

	if (err) {
		say("%s: MAC address: %s", nf->crew.tap.name, strerror(-err));
		return FAIL;
	}
	err = has_backend(nf) ? xennet_front_open(&nf->front, &config)
			      : -XENNET_ENOENT;
	if (err)
		return wait_for_vif(nf, err, said);
	*said = nf->refused = nf->failed = 0;
	ration_say(&nf->ration, "joined as domain %u, TAP %s", config.domid,
		   nf->crew.tap.name);
	next = vif_event(nf);
	if (next == GO_ON)
		next = serve(nf);
	if (next == REJOIN)
		crew_stop(&nf->crew);
	else
		crew_end(&nf->crew);
	xennet_front_close(&nf->front);
	if (next != REJOIN)
		wait_released(nf);
	return next;
}

/* Between two backends. */
static enum next pause_before_retry(struct netfront *nf)
{
	struct pollfd fd = { .fd = nf->signals, .events = POLLIN };
	int signal;

	poll(&fd, 1, RETRY_MS);
	signal = program_signal(nf->signals);
	return signal && signal != SIGUSR1 ? END : REJOIN;
}

/* Where the backend brings the platform, and takes it along when it goes. */
static enum next join(struct netfront *nf, int *said)
{
	int unused = 0, err = host_open_front(&nf->host, &nf->options);
	enum next next;

	if (err) {
		if (err != *said)
			say("waiting for a backend at %s: %s",
			    nf->options.socket, host_text(&nf->options, err));
		*said = err;
		return pause_before_retry(nf);
	}
	*said = 0;
	name_dir(nf);
	next = session(nf, &unused);
	print_held(&nf->host);
	xennet_host_close(&nf->host);
	return next == REJOIN ? pause_before_retry(nf) : next;
}

static enum next run_local(struct netfront *nf)
{
	enum next next;
	int said = 0;

	do
		next = join(nf, &said);
	while (next == REJOIN);
	return next;
}

static enum next run_xen(struct netfront *nf)
{
	const struct xennet_platform *p = &nf->host.platform;
	int said = 0, err = host_open_front(&nf->host, &nf->options);
	enum next next;

	if (err) {
		say("Xen: %s", host_text(&nf->options, err));
		return FAIL;
	}
	name_dir(nf);
	p->ops->store_watch(p->ctx, nf->dir);
	do {
		next = session(nf, &said);
		/* a backend that opens and closes sets no pace */
		if (next == REJOIN && !said)
			next = pause_before_retry(nf);
	} while (next == REJOIN);
	print_held(&nf->host);
	xennet_host_close(&nf->host);
	return next;
}

int main(int argc, char **argv)
{
	static struct netfront nf = { .options = {
					      .tap = "xen%d",
					      .offer = { .flags = XENNET_F_ALL,
							 .queues = 1 },
				      } };
	enum next next;
	int err, noqueue;

	nf.signals = program_start("netfront");
	options_read(&nf.options, argc, argv, XENNET_FRONT);
	err = tap_open(&nf.crew.tap, nf.options.tap, nf.options.offer.queues);
	if (!err)
		err = tap_set_carrier(&nf.crew.tap, false);
	if (!err && (noqueue = tap_set_noqueue(&nf.crew.tap)))
		say("%s: no noqueue: %s", nf.crew.tap.name, strerror(-noqueue));
	if (!err)
		err = tap_set_up(&nf.crew.tap);
	if (err) {
		say("TAP %s: %s", nf.options.tap, strerror(-err));
		return 1;
	}
	nf.crew.policy = nf.options.policy;
	nf.crew.report = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (nf.crew.report < 0) {
		say("eventfd: %s", strerror(errno));
		return 1;
	}
	nf.crew.end = &worker_end;
	nf.crew.announces = true;
	nf.crew.host = &nf.host;
	nf.crew.vif = nf.crew.tap.name;
	next = nf.options.xen ? run_xen(&nf) : run_local(&nf);
	crew_end(&nf.crew);
	tap_close(&nf.crew.tap);
	if (next == FAIL)
		return 1;
	say("ends");
	return 0;
}
