/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* A backend on Xen: drops what the guest sends. */
#include <poll.h>
#include <stdlib.h>
#include <xennet/platform/xen.h>
#include <xennet/xennet.h>

#define AGAIN_MS 100

int main(int argc, char **argv) /* GUEST VIF */
{
	static struct xennet_back back;
	static struct xennet_burst in;
	struct xennet_back_config config = {
		.tx = XENNET_COPY,
		.offer.flags = XENNET_F_ALL & ~XENNET_F_CTRL_RING,
	};
	int n, event = XENNET_VIF_IDLE;
	char path[XENNET_HOST_PATH];
	struct xennet_xen *xen;
	struct xennet_host h;
	bool look;

	if (argc != 3 || xennet_xen_open(&xen, XENNET_XEN_BACK))
		return 1;
	h = xennet_xen_host(xen);
	config.platform = h.platform;
	config.domid = h.domid;
	config.peer = (uint16_t)atoi(argv[1]);
	config.handle = (uint32_t)atoi(argv[2]);
	if (xennet_back_open(&back, &config))
		return 1;
	while (event != XENNET_VIF_GONE) {
		struct xennet_back_queue *q = back.queue;
		struct pollfd fds[3] = { { xennet_host_fd(&h), POLLIN, 0 } };
		int limit = -1; /* ms */

		n = q ? xennet_back_poll(q, &in, XENNET_BURST) : 0;
		if (n > 0)
			xennet_back_done(q, in.pkt, (unsigned)n);
		else if (n == 0 && q)
			n = xennet_back_arm(q);
		if (n == 0 && q) {
			fds[1].fd = xennet_host_evtchn_fd(&h, q->tx.port);
			fds[2].fd = xennet_host_evtchn_fd(&h, q->rx.port);
			fds[1].events = fds[2].events = POLLIN;
			limit = q->notify.usec ? 1 : -1;
		}
		if (n == 0)
			poll(fds, q ? 3 : 1, event < 0 ? AGAIN_MS : limit);
		if (n == 0 && q)
			xennet_back_wake(q);
		look = n < 0 || event < 0; /* broken, or to be tried again */
		while ((n = xennet_host_event(&h, path, sizeof(path))) == 1)
			look = true;
		if (n < 0)
			break; /* the store is gone */
		while (look) {
			event = xennet_back_event(&back);
			if (event == XENNET_VIF_STOP)
				xennet_back_disconnect(&back);
			look = event > XENNET_VIF_IDLE &&
			       event != XENNET_VIF_GONE;
		}
	}
	xennet_back_close(&back);
	xennet_host_close(&h);
	return 0;
}
