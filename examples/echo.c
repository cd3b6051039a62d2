/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* A whole backend: sends every packet of the first guest back to it, as far as
 * the guest has room for it. */
#include <xennet/platform/local.h>
#include <xennet/xennet.h>

int main(int argc, char **argv)
{
	static struct xennet_back back;
	static struct xennet_burst in;
	struct xennet_back_config config = { .peer = 1 };
	char text[XENNET_LOCAL_PATH];
	struct xennet_local *local;
	int n, event;

	if (argc != 2 || xennet_local_serve(&local, argv[1]))
		return 2;
	config.platform = xennet_local_platform(local);
	while (xennet_local_list(local, "/local/domain/0/backend/vif/1", text,
				 sizeof(text)) < 1)
		xennet_local_wait(local, NULL, 0, 100);
	if (xennet_back_open(&back, &config))
		return 1;
	do {
		struct xennet_back_queue *q;

		while (xennet_local_event(local, text, sizeof(text)) == 1)
			continue;
		event = xennet_back_event(&back);
		if (event == XENNET_VIF_STOP)
			xennet_back_disconnect(&back);
		if (event == XENNET_VIF_PAUSE)
			xennet_back_ctrl(&back);
		q = back.queue;
		n = q ? xennet_back_poll(q, &in, XENNET_BURST) : 0;
		if (n > 0) {
			xennet_back_send(q, in.pkt, (unsigned)n);
			xennet_back_done(q, in.pkt, (unsigned)n);
		} else if (event > XENNET_VIF_IDLE) {
			continue;
		} else if (!q) {
			xennet_local_wait(local, NULL, 0, -1);
		} else if (xennet_back_arm(q) == 0) {
			const uint32_t ports[] = { q->tx.port, back.ctrl.port };

			xennet_local_wait(local, ports, back.ctrl.page ? 2 : 1,
					  q->notify.usec ? 1 : -1);
			xennet_back_wake(q);
		}
	} while (event != XENNET_VIF_GONE);
	xennet_back_close(&back);
	xennet_local_leave(local);
	return 0;
}
