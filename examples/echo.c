/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* A whole backend: sends every packet of the first guest back to it. */
#include <xennet/platform/local.h>
#include <xennet/xennet.h>

#define VIFS "/local/domain/0/backend/vif"

static struct xennet_back back;
static struct xennet_burst in;

int main(int argc, char **argv)
{
	struct xennet_back_config config = { .peer = 1 };
	struct xennet_back_queue *q = NULL;
	struct xennet_local *local;
	char path[XENNET_LOCAL_PATH];
	int n, event;

	if (argc != 2 || xennet_local_serve(&local, argv[1]))
		return 2;
	while (xennet_local_list(local, VIFS "/1", path, sizeof(path)) < 1)
		xennet_local_wait(local, NULL, 0, 100);
	config.platform = xennet_local_platform(local);
	if (xennet_back_open(&back, &config))
		return 1;
	for (;;) {
		while (xennet_local_event(local, path, sizeof(path)) == 1)
			continue;
		event = xennet_back_event(&back);
		if (event == XENNET_VIF_GONE)
			break;
		if (event == XENNET_VIF_STOP)
			xennet_back_disconnect(&back);
		q = back.queue;
		n = q ? xennet_back_poll(q, &in, XENNET_BURST) : 0;
		if (n > 0) {
			xennet_back_send(q, in.pkt, (unsigned)n);
			xennet_back_done(q, in.pkt, (unsigned)n);
		} else if (!q || xennet_back_arm(q) == 0) {
			xennet_local_wait(local, q ? &q->tx.port : NULL, !!q,
					  -1);
		}
		if (q)
			xennet_back_wake(q);
	}
	xennet_back_close(&back);
	xennet_local_leave(local);
	return 0;
}
