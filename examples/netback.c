/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * A backend in user space: a TAP for every vif of every guest that joins.
 *
 * The main thread is the control plane of all vifs; each queue has a worker
 * (worker.h) that alone touches it.
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

#define BACKENDS "/local/domain/0/backend/vif"
#define BRIDGED_MAC "fe:ff:ff:ff:ff:ff"
#define AGAIN_MS 100

WORKER_END(back)

struct vif {
	struct vif *next;
	struct xennet_back back;
	struct crew crew;
	int refused; /* as last said */
	int failed;  /* 0, or an error that no store event will mend */
	bool open, gone;
	char name[32], path[64];
};

struct netback {
	struct options options;
	struct xennet_local *local;
	struct xennet_platform platform;
	struct vif *vifs;
	int report;
};

/* The peer, or a queue's thread, cannot go on: this vif is over. */
static void give_up(struct vif *v, const char *what, const char *why)
{
	say("%s: %s: %s", v->name, what, why);
	crew_stop(&v->crew);
	xennet_back_close(&v->back);
	v->open = false;
}

static void connected(struct vif *v)
{
	char text[FEATURE_TEXT];
	unsigned n = v->back.nqueues;
	int err;

	err = crew_start(&v->crew, v->back.queue, n, v->back.front.flags);
	if (err) {
		give_up(v, "cannot serve", strerror(-err));
		return;
	}
	say("%s: connected, %u queue%s, %u-page rings, %s", v->name, n,
	    n > 1 ? "s" : "", 1u << v->back.front.ring_order,
	    feature_text(v->back.front.flags, text));
}

static void vif_event(struct vif *v)
{
	int event = XENNET_VIF_STOP;

	while (v->open && event > XENNET_VIF_IDLE) {
		event = xennet_back_event(&v->back);
		if (event == XENNET_VIF_CONNECTED) {
			connected(v);
		} else if (event == XENNET_VIF_STOP) {
			crew_stop(&v->crew);
			xennet_back_disconnect(&v->back);
			say("%s: disconnected", v->name);
		} else if (event == XENNET_VIF_GONE) {
			give_up(v, "closed", "the frontend is gone");
			v->gone = true;
		}
	}
	if (event < 0 && event != v->back.refused && event != v->failed)
		say("%s: store: %s", v->name, xennet_err_text(event));
	v->failed = event < 0 && xennet_err_kind(event) == XENNET_KIND_CALL
			    ? event
			    : 0;
	if (v->back.refused && v->back.refused != v->refused)
		say_refused(v->name, v->back.refused, v->back.refused_key);
	v->refused = v->back.refused;
}

/* The first %d of the pattern is the domain, the second the vif. */
static void name_tap(char *name, size_t cap, const char *pattern,
		     unsigned domid, unsigned handle)
{
	const char *first = strstr(pattern, "%d");
	const char *second = first ? strstr(first + 2, "%d") : NULL;

	if (!first)
		snprintf(name, cap, "%s", pattern);
	else if (!second)
		snprintf(name, cap, "%.*s%u%s", (int)(first - pattern), pattern,
			 domid, first + 2);
	else
		snprintf(name, cap, "%.*s%u%.*s%u%s", (int)(first - pattern),
			 pattern, domid, (int)(second - first - 2), first + 2,
			 handle, second + 2);
}

static int open_tap(struct netback *nb, struct vif *v, unsigned domid,
		    unsigned handle)
{
	char name[64];
	struct vif *other;
	int err;

	name_tap(name, sizeof(name), nb->options.tap, domid, handle);
	for (other = v->next; other; other = other->next)
		if (strcmp(other->crew.tap.name, name) == 0)
			return -EBUSY;
	if (strlen(name) >= IFNAMSIZ)
		return -ENAMETOOLONG;
	err = tap_open(&v->crew.tap, name);
	if (err || !nb->options.bridge)
		return err;
	err = tap_set_mac(&v->crew.tap, BRIDGED_MAC);
	if (!err)
		err = tap_join_bridge(&v->crew.tap, nb->options.bridge);
	if (err)
		tap_close(&v->crew.tap);
	return err;
}

/* It stays in the list while it is online, so that this is said once. */
static void refuse_vif(struct netback *nb, struct vif *v, const char *what,
		       const char *why)
{
	char key[96];

	say("%s: %s: %s", v->name, what, why);
	snprintf(key, sizeof(key), "%s/state", v->path);
	nb->platform.ops->store_write(nb->platform.ctx, 0, key, "6");
}

static void add_vif(struct netback *nb, unsigned domid, unsigned handle)
{
	struct xennet_back_config config = {
		.platform = nb->platform,
		.peer = (uint16_t)domid,
		.handle = handle,
		.offer = nb->options.offer,
		.tx = nb->options.strategy,
		.rx = nb->options.strategy,
	};
	struct vif *v = calloc(1, sizeof(*v));
	int err;

	if (!v) {
		say("vif%u.%u: no memory", domid, handle);
		return;
	}
	v->crew.end = &worker_end;
	v->crew.local = nb->local;
	v->crew.vif = v->name;
	v->crew.report = nb->report;
	snprintf(v->name, sizeof(v->name), "vif%u.%u", domid, handle);
	snprintf(v->path, sizeof(v->path), BACKENDS "/%u/%u", domid, handle);
	v->next = nb->vifs;
	nb->vifs = v;
	err = open_tap(nb, v, domid, handle);
	if (err) {
		refuse_vif(nb, v, "TAP", strerror(-err));
		return;
	}
	err = xennet_back_open(&v->back, &config);
	if (err) {
		refuse_vif(nb, v, "open", xennet_err_text(err));
		return;
	}
	v->open = true;
	say("%s: here, TAP %s", v->name, v->crew.tap.name);
	vif_event(v);
}

static bool online(struct netback *nb, const char *path)
{
	char key[96], value[4];

	snprintf(key, sizeof(key), "%s/online", path);
	return nb->platform.ops->store_read(nb->platform.ctx, 0, key, value,
					    sizeof(value)) == 1 &&
	       value[0] == '1';
}

static void look_for_vif(struct netback *nb, const char *domid,
			 const char *handle)
{
	struct vif *v;
	char path[64];

	snprintf(path, sizeof(path), BACKENDS "/%.8s/%.12s", domid, handle);
	for (v = nb->vifs; v; v = v->next)
		if (strcmp(v->path, path) == 0)
			return;
	if (online(nb, path))
		add_vif(nb, (unsigned)strtoul(domid, NULL, 10),
			(unsigned)strtoul(handle, NULL, 10));
}

static void look_for_vifs(struct netback *nb)
{
	static char domids[XENNET_LOCAL_VALUE], handles[XENNET_LOCAL_VALUE];
	char path[64], *d, *h;
	int i, j, nd, nh;

	nd = xennet_local_list(nb->local, BACKENDS, domids, sizeof(domids));
	for (d = domids, i = 0; i < nd; i++, d += strlen(d) + 1) {
		snprintf(path, sizeof(path), BACKENDS "/%.8s", d);
		nh = xennet_local_list(nb->local, path, handles,
				       sizeof(handles));
		for (h = handles, j = 0; j < nh; j++, h += strlen(h) + 1)
			look_for_vif(nb, d, h);
	}
}

static void forget_gone(struct netback *nb)
{
	struct vif **link = &nb->vifs, *v;

	while ((v = *link)) {
		if (!v->gone && (v->open || online(nb, v->path))) {
			link = &v->next;
			continue;
		}
		*link = v->next;
		tap_close(&v->crew.tap);
		free(v);
	}
}

static void store_events(struct netback *nb)
{
	char path[XENNET_LOCAL_PATH];
	bool any = false;
	struct vif *v;

	/* which path it was does not matter: every vif looks at its own */
	while (xennet_local_event(nb->local, path, sizeof(path)) == 1)
		any = true;
	if (!any)
		return;
	for (v = nb->vifs; v; v = v->next)
		vif_event(v);
	/* before the new ones, which may want the same TAP */
	forget_gone(nb);
	look_for_vifs(nb);
}

static void worker_reports(struct netback *nb)
{
	uint64_t ignored;
	struct vif *v;
	int err;

	if (read(nb->report, &ignored, sizeof(ignored)) < 0)
		return;
	for (v = nb->vifs; v; v = v->next) {
		err = crew_ended(&v->crew);
		if (err == -XENNET_EIO)
			give_up(v, "closed", "its TAP is gone");
		else if (err)
			vif_event(v);
	}
}

static void print_all(struct netback *nb)
{
	struct vif *v;

	for (v = nb->vifs; v; v = v->next)
		crew_print(&v->crew);
}

static bool any_failed(const struct netback *nb)
{
	const struct vif *v;

	for (v = nb->vifs; v; v = v->next)
		if (v->failed)
			return true;
	return false;
}

static void try_again(struct netback *nb)
{
	struct vif *v;

	for (v = nb->vifs; v; v = v->next)
		if (v->failed)
			vif_event(v);
	forget_gone(nb);
}

static void serve(struct netback *nb, int signals)
{
	struct pollfd fds[3] = {
		{ .fd = signals, .events = POLLIN },
		{ .fd = nb->report, .events = POLLIN },
		{ .fd = xennet_local_fd(nb->local), .events = POLLIN },
	};
	int signal;

	for (;;) {
		if (poll(fds, 3, any_failed(nb) ? AGAIN_MS : -1) == 0)
			try_again(nb);
		signal = program_signal(signals);
		if (signal == SIGUSR1)
			print_all(nb);
		else if (signal)
			return;
		worker_reports(nb);
		store_events(nb);
	}
}

static void close_all(struct netback *nb)
{
	struct vif *v;

	for (v = nb->vifs; v; v = v->next) {
		if (v->open)
			give_up(v, "closed", "netback ends");
		v->gone = true;
	}
	forget_gone(nb);
}

int main(int argc, char **argv)
{
	struct netback nb = { .options = {
				      .socket = "/run/xennet.sock",
				      .tap = "vif%d.%d",
				      .strategy = XENNET_PERSISTENT,
				      .offer = { .flags = XENNET_F_ALL,
						 .queues = 4 },
			      } };
	int err, signals = program_start("netback");

	options_read(&nb.options, argc, argv, XENNET_BACK);
	err = tap_check(nb.options.bridge);
	if (err) {
		say("%s: %s", err == -ENODEV ? nb.options.bridge : TAP_DEVICE,
		    strerror(-err));
		return 1;
	}
	err = xennet_local_serve(&nb.local, nb.options.socket);
	if (err) {
		say("%s: %s", nb.options.socket, xennet_err_text(err));
		return 1;
	}
	nb.platform = xennet_local_platform(nb.local);
	nb.report = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	nb.platform.ops->store_watch(nb.platform.ctx, BACKENDS);
	say("waiting for guests at %s", nb.options.socket);
	serve(&nb, signals);
	close_all(&nb);
	print_held(nb.local);
	xennet_local_leave(nb.local);
	return 0;
}
