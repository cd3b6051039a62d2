/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#include "links.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int links_open(void)
{
	struct sockaddr_nl all = { .nl_family = AF_NETLINK,
				   .nl_groups = RTMGRP_LINK };
	int err,
		fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK,
			    NETLINK_ROUTE);

	if (fd < 0)
		return -errno;
	if (bind(fd, (struct sockaddr *)&all, sizeof(all)) == 0)
		return fd;
	err = -errno;
	close(fd);
	return err;
}

static void read_name(const struct nlmsghdr *h, char name[IFNAMSIZ])
{
	const struct ifinfomsg *link = NLMSG_DATA(h);
	const struct rtattr *a = IFLA_RTA(link);
	int len = (int)IFLA_PAYLOAD(h);

	for (; RTA_OK(a, len); a = RTA_NEXT(a, len))
		if (a->rta_type == IFLA_IFNAME && RTA_PAYLOAD(a) <= IFNAMSIZ)
			memcpy(name, RTA_DATA(a), RTA_PAYLOAD(a));
}

/* The kernel puts one message into each datagram of this group. */
int links_next(int fd, char name[IFNAMSIZ])
{
	_Alignas(struct nlmsghdr) char buffer[8192];
	const struct nlmsghdr *h = (const struct nlmsghdr *)(void *)buffer;
	ssize_t n;

	do
		n = recv(fd, buffer, sizeof(buffer), 0);
	while (n < 0 && errno == EINTR);
	memset(name, 0, IFNAMSIZ);
	if (n < 0) /* too many for the socket: whichever they were */
		return errno == ENOBUFS;
	if (NLMSG_OK(h, (size_t)n) && h->nlmsg_type == RTM_NEWLINK)
		read_name(h, name);
	return 1;
}
