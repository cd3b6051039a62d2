/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#include "announce.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <linux/if_packet.h>
#include <string.h>

static const struct ifaddrs *next(const struct ifaddrs *i, const char *name,
				  int family)
{
	while (i && (!i->ifa_addr || i->ifa_addr->sa_family != family ||
		     strcmp(i->ifa_name, name) != 0))
		i = i->ifa_next;
	return i;
}

unsigned announce(const char *interface, unsigned char *frame, size_t apart,
		  unsigned max)
{
	const struct ifaddrs *i;
	struct ifaddrs *all;
	const unsigned char *mac, *ip;
	unsigned n = 0;

	if (getifaddrs(&all))
		return 0;
	i = next(all, interface, AF_PACKET);
	if (i) {
		mac = ((const struct sockaddr_ll *)(void *)i->ifa_addr)
			      ->sll_addr;
		xennet_announce(frame, mac, NULL);
		n = 1;
		for (i = next(all, interface, AF_INET); i && n < max; n++) {
			ip = (const unsigned char *)&(
				     (const struct sockaddr_in *)(void *)
					     i->ifa_addr)
				     ->sin_addr;
			xennet_announce(frame + n * apart, mac, ip);
			i = next(i->ifa_next, interface, AF_INET);
		}
	}
	freeifaddrs(all);
	return n;
}
