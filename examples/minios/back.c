/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* A driver domain: sends every packet of another guest back to it, or drops it.
 */
#include "guest.h"

#include <mini-os/os.h>
#include <mini-os/lib.h>
#include <mini-os/sched.h>
#include <mini-os/xenbus.h>
#include <mini-os/xmalloc.h>

static struct xennet_back back;
static bool gone;
static char home[80]; /* its nodes, which are ours to remove */

/* The first name there, which is a number; false: there is none. */
static bool first_number(const char *path, unsigned *n)
{
	char **names;
	char *error = xenbus_ls(XBT_NIL, path, &names);
	bool found = !error && names[0];

	if (found)
		*n = (unsigned)strtoul(names[0], NULL, 10);
	for (int i = 0; !error && names[i]; i++)
		free(names[i]);
	free(names);
	free(error);
	return found;
}

/* The first guest that the toolstack has given us. There is no script to wait
 * for here: its part is said to be done. */
static void find_guest(struct xennet_back_config *config)
{
	char path[40], state[100];
	unsigned peer;

	while (!first_number("backend/vif", &peer))
		msleep(100);
	config->peer = (uint16_t)peer;
	snprintf(path, sizeof(path), "backend/vif/%u", peer);
	while (!first_number(path, &config->handle))
		msleep(100);
	snprintf(home, sizeof(home), "%s/%u", path, config->handle);
	snprintf(state, sizeof(state), "%s/hotplug-status", home);
	free(xenbus_write(XBT_NIL, state, "connected"));
}

/* Whether it may say more at once. */
static bool follow_back(void)
{
	struct xennet_policy policy = policy_asked(false);
	int event = xennet_back_event(&back);

	if (event == XENNET_VIF_PAUSE)
		xennet_back_ctrl(&back);
	if (event == XENNET_VIF_CONNECTED) {
		xennet_back_set_policy(back.queue, &policy);
		printk("back: connected\n");
	}
	if (event == XENNET_VIF_STOP) {
		print_stats("back", &back.queue->stats);
		xennet_back_disconnect(&back);
	}
	gone = event == XENNET_VIF_GONE;
	if (event < 0)
		printk("back: %s\n", xennet_err_text(event));
	if (back.refused)
		printk("back: refused: %s\n", xennet_err_text(back.refused));
	return event > XENNET_VIF_IDLE && event != XENNET_VIF_GONE;
}

static int serve(struct xennet_back_queue *q, bool drop)
{
	static struct xennet_burst in;
	int n = xennet_back_poll(q, &in, XENNET_BURST);

	if (n <= 0)
		return n;
	if (!drop)
		xennet_back_send(q, in.pkt, (unsigned)n);
	xennet_back_done(q, in.pkt, (unsigned)n);
	return n;
}

enum { TX, RX, CTRL };

/* Sleeps, or only looks: what has come of the ports' events and the store's. */
static int wait(const struct xennet_back_queue *q, int timeout_ms)
{
	const uint32_t ports[] = { q->tx.port, q->rx.port, back.ctrl.port };

	return xennet_minios_wait(ports, back.ctrl.page ? 3 : 2, timeout_ms);
}

/* What there is besides packets, of which so many came this time. */
static int look(struct xennet_back_queue *q, int packets, unsigned turn,
		bool more)
{
	int came = 0, n = packets ? packets : xennet_back_arm(q);
	int limit = q->notify.usec ? 1 : -1; /* ms */

	if (n == 0) {
		came = wait(q, more ? 0 : limit);
		xennet_back_wake(q);
		return came;
	}
	if (packets == 0)
		xennet_relax();
	if (turn % 64 == 0) {
		schedule();
		came = wait(q, 0);
	}
	return n < 0 ? XENNET_MINIOS_STORE : came;
}

void run_back(void)
{
	struct xennet_back_config config = {
		.platform = xennet_minios_platform(),
		.domid = xenbus_get_self_id(),
		.tx = number("strategy", XENNET_PERSISTENT),
		.rx = number("strategy", XENNET_PERSISTENT),
	};
	bool drop = number("drop", 0), more = false;

	find_guest(&config);
	/* until the toolstack has written it all */
	while (xennet_back_open(&back, &config))
		msleep(100);
	printk("back: for domain %u\n", config.peer);
	for (unsigned turn = 1; !gone; turn++) {
		struct xennet_back_queue *q = back.queue;
		int came = XENNET_MINIOS_STORE;

		if (q)
			came = look(q, serve(q, drop), turn, more);
		else
			xennet_minios_wait(NULL, 0, more ? 0 : 1000);
		if (more || came & (XENNET_MINIOS_STORE | 1 << CTRL))
			more = follow_back();
	}
	xennet_back_close(&back);
	free(xenbus_rm(XBT_NIL, home));
	printk("back: the guest has gone\n");
}
