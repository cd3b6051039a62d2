/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#include "tap.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>
#include <net/if_arp.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>
#include <xennet/csum.h>

bool tap_renamed(struct tap *t)
{
	struct ifreq r;

	if (ioctl(t->fd[0], TUNGETIFF, &r) || strcmp(t->name, r.ifr_name) == 0)
		return false;
	memcpy(t->name, r.ifr_name, sizeof(t->name));
	return true;
}

static void request(struct ifreq *r, const struct tap *t)
{
	memset(r, 0, sizeof(*r));
	memcpy(r->ifr_name, t->name, sizeof(r->ifr_name));
}

static int add_queue(struct tap *t)
{
	int header = sizeof(struct virtio_net_hdr);
	struct ifreq r;
	int err, fd = open(TAP_DEVICE, O_RDWR | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	request(&r, t);
	r.ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR | IFF_MULTI_QUEUE;
	if (ioctl(fd, TUNSETIFF, &r) || ioctl(fd, TUNSETVNETHDRSZ, &header)) {
		err = -errno;
		close(fd);
		return err;
	}
	memcpy(t->name, r.ifr_name, sizeof(t->name));
	t->fd[t->nfds++] = fd;
	return 0;
}

static int set_queue(const struct tap *t, unsigned i, int what)
{
	struct ifreq r = { .ifr_flags = (short)what };

	return ioctl(t->fd[i], TUNSETQUEUE, &r) ? -errno : 0;
}

static void close_all(struct tap *t)
{
	while (t->nfds > 0)
		close(t->fd[--t->nfds]);
}

/* An ioctl of the network, not of the device's file. */
static int net_ioctl(unsigned long what, struct ifreq *r)
{
	int err, fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	err = ioctl(fd, what, r) ? -errno : 0;
	close(fd);
	return err;
}

/* if_nametoindex does not say why there is none. */
static int index_of(const char *name)
{
	struct ifreq r;
	int err;

	memset(&r, 0, sizeof(r));
	snprintf(r.ifr_name, sizeof(r.ifr_name), "%s", name);
	err = net_ioctl(SIOCGIFINDEX, &r);
	return err ? err : r.ifr_ifindex;
}

int tap_set_up(struct tap *t)
{
	struct ifreq r;
	int err;

	request(&r, t);
	err = net_ioctl(SIOCGIFFLAGS, &r);
	if (err)
		return err;
	r.ifr_flags |= IFF_UP;
	return net_ioctl(SIOCSIFFLAGS, &r);
}

int tap_set_noqueue(struct tap *t)
{
	struct {
		struct nlmsghdr head;
		struct tcmsg tc;
		struct rtattr attr;
		char kind[sizeof("noqueue")];
	} request = {
		.head = { .nlmsg_len = sizeof(request),
			  .nlmsg_type = RTM_NEWQDISC,
			  .nlmsg_flags = NLM_F_REQUEST | NLM_F_CREATE |
					 NLM_F_REPLACE | NLM_F_ACK },
		.tc = { .tcm_family = AF_UNSPEC,
			.tcm_ifindex = (int)if_nametoindex(t->name),
			.tcm_parent = TC_H_ROOT },
		.attr = { RTA_LENGTH(sizeof("noqueue")), TCA_KIND },
		.kind = "noqueue",
	};
	struct {
		struct nlmsghdr head;
		struct nlmsgerr error;
	} reply = { .error.error = -EIO };
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);

	if (fd < 0)
		return -errno;
	if (send(fd, &request, sizeof(request), 0) < 0 ||
	    recv(fd, &reply, sizeof(reply), 0) < 0)
		reply.error.error = -errno;
	close(fd);
	return reply.error.error;
}

int tap_check(void)
{
	int fd = open(TAP_DEVICE, O_RDWR | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	close(fd);
	return 0;
}

int tap_is_there(const char *name)
{
	int index = index_of(name);

	if (index == -ENODEV)
		return 0;
	return index < 0 ? index : 1;
}

int tap_open(struct tap *t, const char *name, unsigned queues)
{
	int err = 0;

	memset(t, 0, sizeof(*t));
	snprintf(t->name, sizeof(t->name), "%s", name);
	while (!err && t->nfds < queues)
		err = add_queue(t);
	if (!err)
		err = tap_set_queues(t, 1);
	if (err)
		close_all(t);
	return err;
}

int tap_keep(struct tap *t)
{
	t->kept = true;
	return ioctl(t->fd[0], TUNSETPERSIST, 1) ? -errno : 0;
}

bool tap_is_kept(const char *name)
{
	const int all = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR | IFF_MULTI_QUEUE |
			IFF_PERSIST;
	char path[64];
	unsigned flags = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/sys/class/net/%s/tun_flags", name);
	f = fopen(path, "r");
	if (!f)
		return false;
	if (fscanf(f, "%x", &flags) != 1)
		flags = 0;
	fclose(f);
	return (flags & (unsigned)all) == (unsigned)all;
}

void tap_close(struct tap *t)
{
	if (t->nfds && t->kept && ioctl(t->fd[0], TUNSETPERSIST, 0))
		perror(t->name);
	close_all(t);
}

void tap_leave(struct tap *t)
{
	close_all(t);
}

int tap_set_queues(struct tap *t, unsigned n)
{
	int err = 0;

	if (n < 1 || n > t->nfds)
		return -EINVAL;
	while (!err && t->idle < t->nfds - n) {
		err = set_queue(t, t->nfds - 1 - t->idle, IFF_DETACH_QUEUE);
		t->idle += !err;
	}
	while (!err && t->idle > t->nfds - n) {
		err = set_queue(t, t->nfds - t->idle, IFF_ATTACH_QUEUE);
		t->idle -= !err;
	}
	return err;
}

static bool has(uint32_t flags, uint32_t all)
{
	return (flags & all) == all;
}

int tap_set_offload(struct tap *t, uint32_t flags)
{
	unsigned offload = 0;

	/* the kernel segments only what it may leave without checksum */
	if (flags & (XENNET_F_CSUM_V4 | XENNET_F_CSUM_V6))
		offload |= TUN_F_CSUM;
	if (has(flags, XENNET_F_SG | XENNET_F_CSUM_V4 | XENNET_F_GSO_TCPV4))
		offload |= TUN_F_TSO4;
	if (has(flags, XENNET_F_SG | XENNET_F_CSUM_V6 | XENNET_F_GSO_TCPV6))
		offload |= TUN_F_TSO6;
	return ioctl(t->fd[0], TUNSETOFFLOAD, offload) ? -errno : 0;
}

int tap_set_carrier(struct tap *t, bool on)
{
	int carrier = on;

	return ioctl(t->fd[0], TUNSETCARRIER, &carrier) ? -errno : 0;
}

bool tap_mac_valid(const char *mac, unsigned char b[6])
{
	int end = 0;

	return sscanf(mac, "%2hhx:%2hhx:%2hhx:%2hhx:%2hhx:%2hhx%n", &b[0],
		      &b[1], &b[2], &b[3], &b[4], &b[5], &end) == 6 &&
	       end == 17 && mac[17] == '\0' && !(b[0] & 1);
}

int tap_set_mac(struct tap *t, const char *mac)
{
	unsigned char bytes[6];
	struct ifreq r;

	if (!tap_mac_valid(mac, bytes))
		return -EINVAL;
	request(&r, t);
	r.ifr_hwaddr.sa_family = ARPHRD_ETHER;
	memcpy(r.ifr_hwaddr.sa_data, bytes, sizeof(bytes));
	/* by the device's file: it may be in another namespace by now */
	return ioctl(t->fd[0], SIOCSIFHWADDR, &r) ? -errno : 0;
}

int tap_set_mtu(struct tap *t, uint32_t mtu)
{
	struct ifreq r;

	request(&r, t);
	r.ifr_mtu = (int)mtu;
	return net_ioctl(SIOCSIFMTU, &r);
}

int tap_join_bridge(struct tap *t, const char *bridge)
{
	int err, index = index_of(t->name);
	struct ifreq r;

	if (index < 0)
		return index;
	memset(&r, 0, sizeof(r));
	snprintf(r.ifr_name, sizeof(r.ifr_name), "%s", bridge);
	r.ifr_ifindex = index;
	err = net_ioctl(SIOCBRADDIF, &r);
	return err == -EBUSY ? 0 : err;
}

/* True: what the kernel left blank is where the other end will look. */
static bool blank_found(const struct virtio_net_hdr *h,
			const struct xennet_pkt *pkt)
{
	uint16_t start, offset;

	return xennet_csum_locate(pkt, &start, &offset) == 0 &&
	       start == h->csum_start && offset == h->csum_offset;
}

int tap_read(int fd, void *buffer, struct xennet_pkt *pkt)
{
	struct virtio_net_hdr h;
	struct iovec iov[2] = { { &h, sizeof(h) }, { buffer, TAP_BUFFER } };
	ssize_t n = readv(fd, iov, 2);

	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -errno;
	if (n < (ssize_t)sizeof(h))
		return -EIO;
	pkt->len = (uint32_t)n - (uint32_t)sizeof(h);
	pkt->frag[0].addr = buffer;
	pkt->frag[0].len = pkt->len;
	pkt->nfrags = 1;
	pkt->flags = 0;
	pkt->gso_size = h.gso_size;
	switch (h.gso_type & ~VIRTIO_NET_HDR_GSO_ECN) {
	case VIRTIO_NET_HDR_GSO_TCPV4:
		pkt->gso_type = XENNET_GSO_TCPV4;
		break;
	case VIRTIO_NET_HDR_GSO_TCPV6:
		pkt->gso_type = XENNET_GSO_TCPV6;
		break;
	default:
		pkt->gso_type = XENNET_GSO_NONE;
		pkt->gso_size = 0;
	}
	if (h.flags & VIRTIO_NET_HDR_F_NEEDS_CSUM) {
		if (!blank_found(&h, pkt))
			return -EPROTO;
		pkt->flags = XENNET_PKT_CSUM_BLANK | XENNET_PKT_DATA_VALIDATED;
	} else if (h.flags & VIRTIO_NET_HDR_F_DATA_VALID) {
		pkt->flags = XENNET_PKT_DATA_VALIDATED;
	}
	return 1;
}

int tap_header(const struct xennet_pkt *pkt, struct virtio_net_hdr *h)
{
	const unsigned char *head = pkt->frag[0].addr;
	uint16_t start, offset;

	memset(h, 0, sizeof(*h));
	if (pkt->flags & XENNET_PKT_DATA_VALIDATED)
		h->flags = VIRTIO_NET_HDR_F_DATA_VALID;
	if (!(pkt->flags & XENNET_PKT_CSUM_BLANK))
		return 0;
	if (xennet_csum_locate(pkt, &start, &offset))
		return -EPROTO;
	h->flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
	h->csum_start = start;
	h->csum_offset = offset;
	if (pkt->gso_type == XENNET_GSO_NONE)
		return 0;
	h->gso_type = pkt->gso_type == XENNET_GSO_TCPV4
			      ? VIRTIO_NET_HDR_GSO_TCPV4
			      : VIRTIO_NET_HDR_GSO_TCPV6;
	h->gso_size = pkt->gso_size;
	h->hdr_len = (uint16_t)(start + (head[start + 12] >> 4) * 4);
	return 0;
}

int tap_write(int fd, const struct xennet_pkt *pkt)
{
	struct iovec iov[1 + XENNET_BURST_FRAGS];
	struct virtio_net_hdr h;
	int i, err = tap_header(pkt, &h);

	if (err)
		return err;
	iov[0].iov_base = &h;
	iov[0].iov_len = sizeof(h);
	for (i = 0; i < pkt->nfrags; i++) {
		iov[1 + i].iov_base = pkt->frag[i].addr;
		iov[1 + i].iov_len = pkt->frag[i].len;
	}
	return writev(fd, iov, 1 + pkt->nfrags) < 0 ? -errno : 0;
}
