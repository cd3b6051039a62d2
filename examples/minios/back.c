/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* A driver domain: sends every packet of another guest back to it. */
#include "guest.h"

#include <mini-os/os.h>
#include <mini-os/lib.h>
#include <mini-os/sched.h>
#include <mini-os/xenbus.h>
#include <mini-os/xmalloc.h>

static struct xennet_back back;

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

/* The first guest that the toolstack has given us. */
static void find_guest(struct xennet_back_config *config)
{
	char path[40];
	unsigned peer;

	while (!first_number("backend/vif", &peer))
		msleep(100);
	config->peer = (uint16_t)peer;
	snprintf(path, sizeof(path), "backend/vif/%u", peer);
	while (!first_number(path, &config->handle))
		msleep(100);
}

/* Whether it may say more at once. */
static bool follow_back(void)
{
	int event = xennet_back_event(&back);

	if (event == XENNET_VIF_PAUSE)
		xennet_back_ctrl(&back);
	if (event == XENNET_VIF_CONNECTED)
		printk("back: connected\n");
	if (event == XENNET_VIF_STOP) {
		print_stats("back", &back.queue->stats);
		xennet_back_disconnect(&back);
	}
	if (event == XENNET_VIF_GONE)
		printk("back: the guest has gone\n");
	if (back.refused)
		printk("back: refused: %s\n", xennet_err_text(back.refused));
	return event > XENNET_VIF_IDLE && event != XENNET_VIF_GONE;
}

static int serve(struct xennet_back_queue *q)
{
	static struct xennet_burst in;
	int n = xennet_back_poll(q, &in, XENNET_BURST);

	if (n > 0) {
		xennet_back_send(q, in.pkt, (unsigned)n);
		xennet_back_done(q, in.pkt, (unsigned)n);
	}
	return n;
}

void run_back(void)
{
	struct xennet_back_config config = {
		.platform = xennet_minios_platform(),
		.domid = xenbus_get_self_id(),
		.tx = number("strategy", XENNET_PERSISTENT),
		.rx = number("strategy", XENNET_PERSISTENT),
	};
	bool more = false;

	find_guest(&config);
	/* until the toolstack has written it all */
	while (xennet_back_open(&back, &config))
		msleep(100);
	printk("back: for domain %u\n", config.peer);
	for (unsigned turn = 1;; turn++) {
		struct xennet_back_queue *q = back.queue;
		int n = q ? serve(q) : 0;

		if (n > 0 && turn % 64) {
			continue;
		} else if (n > 0) {
			schedule();
			if (!xennet_minios_wait(NULL, 0, 0) && !more)
				continue;
		} else if (!q || n < 0) {
			xennet_minios_wait(NULL, 0, more ? 0 : 1000);
		} else if (xennet_back_arm(q) == 0) {
			const uint32_t ports[] = { q->tx.port, q->rx.port,
						   back.ctrl.port };

			int limit = q->notify.usec ? 1 : -1; /* ms */

			xennet_minios_wait(ports, back.ctrl.page ? 3 : 2,
					   more ? 0 : limit);
			xennet_back_wake(q);
		}
		more = follow_back();
	}
}
