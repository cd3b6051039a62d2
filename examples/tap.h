/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * A Linux TAP device of one or more queues, whose packets carry a
 * virtio_net_hdr: what that says of checksums and segmentation goes into a
 * xennet_pkt and comes out of one, and nothing is computed.
 *
 * Results: 0 or more, or -errno.
 */
#ifndef TAP_H
#define TAP_H

#include <linux/virtio_net.h>
#include <net/if.h>
#include <sys/uio.h>
#include <xennet/xennet.h>

/* One netif packet; a longer one is cut and refused by the library. */
#define TAP_BUFFER (XENNET_MAX_TX_SIZE + 1u)

#define TAP_DEVICE "/dev/net/tun"

struct tap {
	char name[IFNAMSIZ]; /* as it was when last looked at */
	int fd[XENNET_QUEUES_MAX];
	unsigned nfds;
	unsigned idle; /* of them, the last: detached */
	bool kept;
};

/* Whether there can be any. */
int tap_check(void);

/* 1, 0, or an error. */
int tap_is_there(const char *name);

/* Makes the device, or takes one that was kept. One queue is in use; all that
 * may ever be are opened now, while its name is sure to be this one's: later it
 * may be another's, in another namespace or after a renaming. */
int tap_open(struct tap *t, const char *name, unsigned queues);

/* It outlives this process, with its addresses and in its bridge; close ends it
 * all the same, and leave does not. */
int tap_keep(struct tap *t);
void tap_close(struct tap *t);
void tap_leave(struct tap *t);

/* Whether it has another name than when last looked at: name is the new one. */
bool tap_renamed(struct tap *t);

/* Whether a device of this name was kept. */
bool tap_is_kept(const char *name);

int tap_set_up(struct tap *t);

/* Before it is first up: no queueing discipline. The kernel would keep one for
 * each of 256 queues, megabytes, and nothing waits in them: what a TAP has no
 * room for it drops. Whoever wants to shape may still set one. */
int tap_set_noqueue(struct tap *t);

/* How many of those opened are in use: at least one. */
int tap_set_queues(struct tap *t, unsigned n);

/* What may be read from it: that which an end with these XENNET_F_* takes. */
int tap_set_offload(struct tap *t, uint32_t flags);
int tap_set_carrier(struct tap *t, bool on);
int tap_set_mac(struct tap *t, const char *mac);
int tap_set_mtu(struct tap *t, uint32_t mtu);

/* One that is in a bridge stays in that. */
int tap_join_bridge(struct tap *t, const char *bridge);

/* "xx:xx:xx:xx:xx:xx" of a unicast address. */
bool tap_mac_valid(const char *mac, unsigned char bytes[6]);

/* 1: a packet in buffer, described by pkt and its one fragment. 0: none. */
int tap_read(int fd, void *buffer, struct xennet_pkt *pkt);

/* What goes before it. -EPROTO: its checksum is blank, and in no place that we
 * know. */
int tap_header(const struct xennet_pkt *pkt, struct virtio_net_hdr *h);

/* With its header. */
int tap_write(int fd, const struct xennet_pkt *pkt);

#endif
