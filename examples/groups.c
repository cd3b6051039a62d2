/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#include "groups.h"

#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

/* Whether the interface takes everything, as one in a bridge does; or there is
 * none of this name here. */
static bool takes_all(const char *interface)
{
	struct ifreq r = { 0 };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool known;

	if (fd < 0)
		return true;
	snprintf(r.ifr_name, sizeof(r.ifr_name), "%s", interface);
	known = ioctl(fd, SIOCGIFFLAGS, &r) == 0;
	close(fd);
	return !known || r.ifr_flags & (IFF_PROMISC | IFF_ALLMULTI);
}

static bool add(struct groups *g, const char *hex)
{
	unsigned char *mac = g->mac[g->n];

	if (g->n == XENNET_MCAST_MAX)
		return false;
	g->n += sscanf(hex, "%2hhx%2hhx%2hhx%2hhx%2hhx%2hhx", &mac[0], &mac[1],
		       &mac[2], &mac[3], &mac[4], &mac[5]) == 6 &&
		mac[0] & 1;
	return true;
}

void groups_read(struct groups *g, const char *interface)
{
	char text[256], name[64], hex[64];
	FILE *f = fopen("/proc/net/dev_mcast", "r");

	g->n = 0;
	g->all = !f || takes_all(interface);
	if (!f)
		return;
	while (fgets(text, sizeof(text), f))
		if (sscanf(text, "%*d %63s %*d %*d %63s", name, hex) == 2 &&
		    strcmp(name, interface) == 0 && !add(g, hex))
			g->all = true;
	fclose(f);
}

static bool has(const struct groups *g, const unsigned char *mac)
{
	unsigned i;

	for (i = 0; i < g->n; i++)
		if (memcmp(g->mac[i], mac, 6) == 0)
			return true;
	return false;
}

/* What is not asked for, since the ring is full, is missing the next time. */
static void ask(struct groups *asked, const struct groups *now,
		struct xennet_front_queue *q)
{
	unsigned i;

	for (i = 0; i < asked->n;)
		if (has(now, asked->mac[i]) ||
		    xennet_front_mcast_del(q, asked->mac[i]))
			i++;
		else
			memcpy(asked->mac[i], asked->mac[--asked->n], 6);
	for (i = 0; i < now->n && asked->n < XENNET_MCAST_MAX; i++)
		if (!has(asked, now->mac[i]) &&
		    xennet_front_mcast_add(q, now->mac[i]) == 0)
			memcpy(asked->mac[asked->n++], now->mac[i], 6);
}

static bool same(const struct groups *a, const struct groups *b)
{
	unsigned i;

	for (i = 0; i < a->n; i++)
		if (!has(b, a->mac[i]))
			return false;
	return a->n == b->n;
}

void groups_follow(struct groups *asked, struct crew *c, struct xennet_front *f)
{
	struct groups now;

	if (!(f->back.flags & XENNET_F_MCAST))
		return;
	groups_read(&now, c->tap.name);
	if (!same(asked, &now)) {
		crew_pause(c);
		ask(asked, &now, f->queue);
		crew_go_on(c);
	}
	/* what has not been joined yet is not to be missed, nor what was
	 * refused on this connection, whichever it was */
	now.all |= !same(asked, &now) ||
		   xennet_load64(&f->queue->stats.reason[XENNET_EMCAST]);
	if (f->filter == now.all)
		xennet_front_filter(f, !now.all);
}
