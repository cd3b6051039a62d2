/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * A backend in user space: a TAP for every vif of every guest that is nobody
 * else's.
 *
 * The main thread is the control plane of all vifs (vifs.h); each queue has a
 * worker (worker.h) that alone touches it.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>
#include "explain.h"
#include "host.h"
#include "links.h"
#include "program.h"
#include "vifs.h"

#define TICK_MS 100

/* All there are, before the first of them is acted upon. Negative: the store
 * is gone. A path that is too long is not of ours. */
static int store_events(struct netback *nb, struct vifs *all)
{
	char path[XENNET_HOST_PATH];
	int n;

	do {
		n = xennet_host_event(&nb->host, path, sizeof(path));
		if (n == 1)
			vifs_event(all, path);
	} while (n == 1 || n == -XENNET_ENOSPC);
	return n;
}

static void link_news(struct vifs *all, int links)
{
	char name[IFNAMSIZ];

	while (links_next(links, name) == 1)
		vifs_link(all, name);
}

static void worker_reports(struct netback *nb, struct vifs *all)
{
	uint64_t ignored;

	if (read(nb->report, &ignored, sizeof(ignored)) == sizeof(ignored))
		vifs_report(all);
}

/* Until a signal, which it returns, or 0: the store is gone. */
static int serve(struct netback *nb, struct vifs *all, int signals)
{
	int links = links_open();
	struct pollfd fds[5] = {
		{ .fd = signals, .events = POLLIN },
		{ .fd = nb->report, .events = POLLIN },
		{ .fd = xennet_host_fd(&nb->host), .events = POLLIN },
		{ .fd = nb->ctrl, .events = POLLIN },
		{ .fd = links, .events = POLLIN },
	};
	bool more = false;
	int signal;

	for (;;) {
		poll(fds, 5, more ? 0 : all->restless ? TICK_MS : -1);
		signal = program_signal(signals);
		if (signal == SIGUSR1)
			vifs_print(all);
		else if (signal)
			return signal;
		worker_reports(nb, all);
		if (fds[3].revents)
			vifs_ctrl(all);
		if (links >= 0)
			link_news(all, links);
		if (store_events(nb, all) < 0)
			return 0;
		if (all->restless)
			vifs_tick(all);
		more = vifs_turns(all);
	}
}

/* On Xen the next netback goes on where this one ends, unless that is not
 * wanted. */
static int end(struct netback *nb, struct vifs *all, int signal)
{
	if (signal == 0)
		say("the store is gone");
	if (nb->options.xen && signal != SIGINT) {
		vifs_leave(all);
		say("ends, and leaves the vifs to the next netback");
		return signal == 0;
	}
	vifs_close(all, "netback ends");
	print_held(&nb->host);
	xennet_host_close(&nb->host);
	return signal == 0;
}

/* A few descriptors for each queue. */
static void raise_limit(void)
{
	struct rlimit r;

	if (getrlimit(RLIMIT_NOFILE, &r))
		return;
	r.rlim_cur = r.rlim_max;
	setrlimit(RLIMIT_NOFILE, &r);
}

static int check_tap(const struct options *o)
{
	int err = tap_check();

	if (err) {
		say("%s: %s", TAP_DEVICE, strerror(-err));
	} else if (o->bridge && !if_nametoindex(o->bridge)) {
		err = -ENODEV;
		say("%s: %s", o->bridge, strerror(-err));
	}
	return err;
}

/* Once: it is the same for all vifs. */
static void weigh(struct netback *nb)
{
	int err = xennet_costs_measure(&nb->host.platform, nb->host.domid,
				       &nb->costs);

	if (err) {
		say("costs: not measured, %s: the usual ones",
		    xennet_err_text(err));
		nb->costs = xennet_costs_usual;
	}
	if (nb->options.explain)
		explain_costs(&nb->costs);
}

static int start(struct netback *nb)
{
	const struct options *o = &nb->options;
	const struct xennet_platform *p = &nb->host.platform;
	int err;

	if (check_tap(o))
		return -1;
	raise_limit();
	err = host_open_back(&nb->host, o);
	if (err) {
		say("%s: %s", o->xen ? "Xen" : o->socket,
		    err == -XENNET_EBUSY ? "another netback runs"
					 : host_text(o, err));
		return err;
	}
	if (o->strategy == XENNET_BY_COST)
		weigh(nb);
	nb->report = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	nb->ctrl = epoll_create1(EPOLL_CLOEXEC);
	if (nb->report < 0 || nb->ctrl < 0) {
		say("eventfd, epoll: %s", strerror(errno));
		return -1;
	}
	snprintf(nb->dir, sizeof(nb->dir), "/local/domain/%u/backend/vif",
		 nb->host.domid);
	err = p->ops->store_watch(p->ctx, nb->dir);
	if (err)
		say("%s: %s", nb->dir, xennet_err_text(err));
	return err;
}

int main(int argc, char **argv)
{
	static struct netback nb = { .options = {
					     .tap = "vif%d.%d",
					     .strategy = XENNET_BY_COST,
					     .offer = { .flags = XENNET_F_ALL,
							.queues = 4 },
				     } };
	static struct vifs all;
	int signals = program_start("netback");

	options_read(&nb.options, argc, argv, XENNET_BACK);
	if (start(&nb))
		return 1;
	vifs_start(&all, &nb);
	vifs_event(&all, nb.dir);
	vifs_turns(&all);
	if (nb.options.xen)
		vifs_sweep(&all);
	say("waiting for guests at %s",
	    nb.options.xen ? nb.dir : nb.options.socket);
	return end(&nb, &all, serve(&nb, &all, signals));
}
