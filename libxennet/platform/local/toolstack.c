/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * What a toolstack does for a vif: writes the nodes of both ends before the
 * guest runs, the backend's first, and cleans up after it.
 */
#include "internal.h"

#include <stdio.h>
#include <stdlib.h>

#define TOP_MAX 64u
#define COUNT_OF(a) (sizeof(a) / sizeof((a)[0]))

static void back_path(char *top, uint16_t domid, unsigned vif)
{
	snprintf(top, TOP_MAX, "/local/domain/0/backend/vif/%u/%u", domid, vif);
}

static void front_path(char *top, uint16_t domid, unsigned vif)
{
	snprintf(top, TOP_MAX, "/local/domain/%u/device/vif/%u", domid, vif);
}

struct writer {
	struct store *s;
	struct client *dom0;
	const char *top;
	int err;
};

static void put(struct writer *w, const char *key, const char *value)
{
	char path[TOP_MAX + 32];

	if (w->err)
		return;
	snprintf(path, sizeof(path), "%s/%s", w->top, key);
	w->err = xennet_local_tree_write(w->s, w->dom0, path, value,
					 strlen(value));
}

static void put_number(struct writer *w, const char *key, unsigned n)
{
	char value[16];

	snprintf(value, sizeof(value), "%u", n);
	put(w, key, value);
}

static int mac_of(char *out, size_t cap, uint16_t domid, unsigned vif,
		  const char *mac)
{
	unsigned b[6];
	int end = 0;

	if (!mac[0]) {
		snprintf(out, cap, "00:16:3e:%02x:%02x:%02x", domid >> 8,
			 domid & 255u, vif);
		return 0;
	}
	if (sscanf(mac, "%2x:%2x:%2x:%2x:%2x:%2x%n", &b[0], &b[1], &b[2], &b[3],
		   &b[4], &b[5], &end) != 6 ||
	    mac[end] || strlen(mac) != 17)
		return -XENNET_EINVAL;
	snprintf(out, cap, "%02x:%02x:%02x:%02x:%02x:%02x", b[0], b[1], b[2],
		 b[3], b[4], (b[5] + vif) & 255);
	return 0;
}

static int create_vif(struct store *s, struct client *dom0, uint16_t domid,
		      unsigned vif, const char *mac)
{
	char back[TOP_MAX], front[TOP_MAX], addr[24];
	struct writer w = { s, dom0, back, 0 };

	w.err = mac_of(addr, sizeof(addr), domid, vif, mac);
	back_path(back, domid, vif);
	front_path(front, domid, vif);
	put(&w, "frontend", front);
	put_number(&w, "frontend-id", domid);
	put(&w, "online", "1");
	put(&w, "mac", addr);
	put_number(&w, "handle", vif);
	put(&w, "type", "vif");
	put(&w, "state", "1");
	w.top = front;
	put(&w, "backend", back);
	put(&w, "backend-id", "0");
	put_number(&w, "handle", vif);
	put(&w, "mac", addr);
	put(&w, "mtu", "1500");
	put(&w, "trusted", "1");
	put(&w, "state", "1");
	return w.err;
}

static void remove_all(struct store *s, uint16_t domid)
{
	char top[TOP_MAX];

	snprintf(top, sizeof(top), "/local/domain/0/backend/vif/%u", domid);
	xennet_local_tree_remove(s, top);
	snprintf(top, sizeof(top), "/local/domain/%u", domid);
	xennet_local_tree_remove(s, top);
}

int xennet_local_toolstack_create(struct store *s, struct client *dom0,
				  uint16_t domid, unsigned vifs,
				  const char *mac)
{
	int err = 0;

	remove_all(s, domid);
	for (unsigned i = 0; i < vifs && !err; i++)
		err = create_vif(s, dom0, domid, i, mac);
	if (err)
		remove_all(s, domid);
	return err;
}

/* True: the vif's nodes of domain 0 are not there any more. */
static bool reap_vif(struct store *s, uint16_t domid, unsigned vif)
{
	char top[TOP_MAX], path[TOP_MAX + 8];
	struct node *state;

	back_path(top, domid, vif);
	snprintf(path, sizeof(path), "%s/state", top);
	state = xennet_local_tree_find(s, path);
	if (state && state->value && strcmp(state->value, "6") != 0)
		return false;
	xennet_local_tree_remove(s, top);
	return true;
}

static bool reap(struct store *s, const struct dead *dead)
{
	unsigned left = 0;

	for (unsigned i = 0; i < dead->vifs; i++)
		left += !reap_vif(s, dead->domid, i);
	if (left == 0)
		remove_all(s, dead->domid);
	return left == 0;
}

/* After a write of domain 0: what it has closed of the dead goes. */
void xennet_local_toolstack_reap(struct xennet_local *p)
{
	struct server *s = p->server;
	unsigned kept = 0;

	for (unsigned i = 0; i < s->ndead; i++)
		if (!reap(&s->store, &s->dead[i]))
			s->dead[kept++] = s->dead[i];
	s->ndead = kept;
}

/* What no backend closes goes in the end all the same, the oldest first. */
static void wait_for_close(struct server *s, struct dead dead)
{
	if (s->ndead == COUNT_OF(s->dead)) {
		remove_all(&s->store, s->dead[0].domid);
		memmove(s->dead, s->dead + 1, --s->ndead * sizeof(dead));
	}
	s->dead[s->ndead++] = dead;
}

void xennet_local_toolstack_died(struct xennet_local *p, uint16_t domid,
				 unsigned vifs)
{
	struct dead dead = { domid, (uint16_t)vifs };
	char top[TOP_MAX];
	struct writer w = { &p->server->store, &p->self, top, 0 };

	for (unsigned i = 0; i < vifs; i++) {
		back_path(top, domid, i);
		if (xennet_local_tree_find(w.s, top))
			put(&w, "online", "0");
	}
	snprintf(top, sizeof(top), "/local/domain/%u", domid);
	xennet_local_tree_remove(w.s, top);
	if (!reap(w.s, &dead))
		wait_for_close(p->server, dead);
}
