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
#include "options.h"
#include "program.h"

#define RETRY_MS 200
#define AGAIN_MS 100
#define RELEASE_MS 1000
#define PAGES_MAX (1u << 20)

WORKER_END(front)

struct netfront {
	struct options options;
	struct xennet_local *local;
	struct xennet_front front;
	struct crew crew;
	int refused; /* as last said */
	int failed;  /* 0, or an error that no store event will mend */
	int signals;
	char mac[18];
};

enum next { GO_ON, REJOIN, END, FAIL };

static enum next connected(struct netfront *nf)
{
	char text[FEATURE_TEXT];
	unsigned n = nf->front.nqueues;
	int err;

	err = crew_start(&nf->crew, nf->front.queue, n, nf->front.back.flags);
	if (err) {
		say("%s: %s", nf->crew.vif, strerror(-err));
		return FAIL;
	}
	say("connected to domain %u, %u queue%s, %s", nf->front.peer, n,
	    n > 1 ? "s" : "", feature_text(nf->front.back.flags, text));
	return GO_ON;
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
			crew_stop(&nf->crew);
			xennet_front_disconnect(&nf->front);
			say("disconnected");
		} else if (event == XENNET_VIF_GONE) {
			say("the backend closed the vif");
			next = REJOIN;
		}
	}
	if (event < 0 && event != nf->front.refused && event != nf->failed)
		say("store: %s", xennet_err_text(event));
	nf->failed = event < 0 && xennet_err_kind(event) == XENNET_KIND_CALL
			     ? event
			     : 0;
	if (nf->front.refused && nf->front.refused != nf->refused)
		say_refused(nf->crew.vif, nf->front.refused,
			    nf->front.refused_key);
	nf->refused = nf->front.refused;
	return next;
}

static enum next store_events(struct netfront *nf)
{
	char path[XENNET_LOCAL_PATH];
	bool any = false;
	int n;

	while ((n = xennet_local_event(nf->local, path, sizeof(path))) == 1)
		any = true;
	if (n < 0) {
		say("the backend is gone");
		return REJOIN;
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

/* While joined: until the backend is gone or a signal says so. */
static enum next serve(struct netfront *nf)
{
	struct pollfd fds[3] = {
		{ .fd = nf->signals, .events = POLLIN },
		{ .fd = nf->crew.report, .events = POLLIN },
		{ .fd = xennet_local_fd(nf->local), .events = POLLIN },
	};
	enum next next = GO_ON;
	int signal;

	while (next == GO_ON) {
		if (poll(fds, 3, nf->failed ? AGAIN_MS : -1) == 0)
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
	}
	return next;
}

/* The toolstack's address for this vif, kept for good. */
static int take_mac(struct netfront *nf)
{
	struct xennet_platform p = xennet_local_platform(nf->local);
	char key[64];
	int n;

	if (!nf->options.mac) {
		snprintf(key, sizeof(key), "/local/domain/%u/device/vif/0/mac",
			 xennet_local_domid(nf->local));
		n = p.ops->store_read(p.ctx, 0, key, nf->mac, sizeof(nf->mac));
		if (n < 0)
			return 0;
		nf->options.mac = nf->mac;
	}
	return tap_set_mac(&nf->crew.tap, nf->options.mac);
}

/* The backend lets go of our pages once it has seen that we closed. */
static void wait_released(struct netfront *nf)
{
	struct xennet_local_stats s;
	int i;

	for (i = 0; i < RELEASE_MS; i++) {
		xennet_local_stats(nf->local, &s);
		if (!s.quarantined)
			return;
		poll(NULL, 0, 1);
	}
	say("the backend keeps %llu pages", (unsigned long long)s.quarantined);
}

static enum next session(struct netfront *nf)
{
	struct xennet_front_config config = {
		.platform = xennet_local_platform(nf->local),
		.domid = xennet_local_domid(nf->local),
		.offer = nf->options.offer,
	};
	enum next next;
	int err = take_mac(nf);

	if (err) {
		say("%s: MAC address: %s", nf->crew.tap.name, strerror(-err));
		return FAIL;
	}
	err = xennet_front_open(&nf->front, &config);
	if (err) {
		say("vif: %s", xennet_err_text(err));
		return REJOIN;
	}
	nf->refused = nf->failed = 0;
	nf->crew.local = nf->local;
	say("joined as domain %u, TAP %s", config.domid, nf->crew.tap.name);
	next = vif_event(nf);
	if (next == GO_ON)
		next = serve(nf);
	crew_stop(&nf->crew);
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

/* Twice what the queues take: a backend may be slow to let go of the pages of
 * an earlier connection. */
static unsigned memory_pages(const struct xennet_offer *o)
{
	unsigned n = 1u << o->ring_order;
	unsigned queue = 2 * n + xennet_ring_slots(n, xennet_tx_slot_size) +
			 xennet_ring_slots(n, xennet_rx_slot_size);
	unsigned pages = 1024 + 2 * o->queues * queue;

	return pages < PAGES_MAX ? pages : PAGES_MAX;
}

static enum next join(struct netfront *nf, int *said)
{
	struct xennet_local_guest guest = {
		.pages = memory_pages(&nf->options.offer),
		.mac = nf->options.mac,
	};
	enum next next;
	int err = xennet_local_join(&nf->local, nf->options.socket, &guest);

	if (err) {
		if (err != *said)
			say("waiting for a backend at %s: %s",
			    nf->options.socket, xennet_err_text(err));
		*said = err;
		return pause_before_retry(nf);
	}
	*said = 0;
	next = session(nf);
	print_held(nf->local);
	xennet_local_leave(nf->local);
	return next == REJOIN ? pause_before_retry(nf) : next;
}

int main(int argc, char **argv)
{
	static struct netfront nf = { .options = {
					      .socket = "/run/xennet.sock",
					      .tap = "xen%d",
					      .offer = { .flags = XENNET_F_ALL,
							 .queues = 1 },
				      } };
	enum next next;
	int err, said = 0;

	nf.signals = program_start("netfront");
	options_read(&nf.options, argc, argv, XENNET_FRONT);
	err = tap_open(&nf.crew.tap, nf.options.tap);
	if (err) {
		say("TAP %s: %s", nf.options.tap, strerror(-err));
		return 1;
	}
	nf.crew.report = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	nf.crew.end = &worker_end;
	nf.crew.vif = nf.crew.tap.name;
	do
		next = join(&nf, &said);
	while (next < END);
	tap_close(&nf.crew.tap);
	say("ends");
	return next == FAIL;
}
