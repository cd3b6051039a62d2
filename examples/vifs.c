/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#include "vifs.h"

#include <inttypes.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include "program.h"
#include "tapname.h"

/* Room for the names of 32,752 domains. */
#define NAMES_MAX (256u << 10)

void vifs_start(struct vifs *all, const struct netback *nb)
{
	all->nb = nb;
	all->last = &all->todo;
}

static struct vif **bucket(struct vifs *all, unsigned domid, uint32_t handle)
{
	return &all->bucket[(domid * 31 + handle) % VIFS_BUCKETS];
}

static struct vif *find(struct vifs *all, unsigned domid, uint32_t handle)
{
	struct vif *v = *bucket(all, domid, handle);

	while (v && (v->domid != domid || v->handle != handle))
		v = v->next;
	return v;
}

static void mark(struct vifs *all, struct vif *v)
{
	if (v->waiting)
		return;
	v->waiting = true;
	v->todo = NULL;
	*all->last = v;
	all->last = &v->todo;
}

static void mark_new(struct vifs *all, unsigned domid, uint32_t handle)
{
	struct vif **head = bucket(all, domid, handle);
	struct vif *v = vif_new(all->nb, domid, handle);

	if (!v) {
		say("vif%u.%u: no memory", domid, handle);
		all->unread = true;
		return;
	}
	v->next = *head;
	*head = v;
	mark(all, v);
}

static void forget(struct vifs *all, struct vif *v)
{
	struct vif **link = bucket(all, v->domid, v->handle);

	while (*link != v)
		link = &(*link)->next;
	*link = v->next;
	free(v);
}

/* Calls do_it for every vif; do_it may not forget one. */
static void each(struct vifs *all, void (*do_it)(struct vifs *, struct vif *))
{
	struct vif *v;
	unsigned i;

	for (i = 0; i < VIFS_BUCKETS; i++)
		for (v = all->bucket[i]; v; v = v->next)
			do_it(all, v);
}

/* Calls do_it with each number that has a directory below dir. */
static void each_number(struct vifs *all, const char *dir, unsigned domid,
			void (*do_it)(struct vifs *, unsigned, uint32_t))
{
	char *names = malloc(NAMES_MAX), *name, *end;
	int i, n = -XENNET_ENOMEM;
	unsigned long number;

	if (names)
		n = xennet_host_list(&all->nb->host, dir, names, NAMES_MAX);
	if (n < 0 && n != -XENNET_ENOENT) {
		say("%s: %s", dir, xennet_err_text(n));
		all->unread = true;
	}
	for (name = names, i = 0; i < n; i++, name += strlen(name) + 1) {
		number = strtoul(name, &end, 10);
		if (*name && !*end && number <= UINT32_MAX)
			do_it(all, domid, (uint32_t)number);
	}
	free(names);
}

static void look_at_vif(struct vifs *all, unsigned domid, uint32_t handle)
{
	struct vif *v = find(all, domid, handle);

	if (v)
		mark(all, v);
	else
		mark_new(all, domid, handle);
}

static void look_at_domain(struct vifs *all, unsigned unused, uint32_t domid)
{
	char dir[96];

	(void)unused;
	snprintf(dir, sizeof(dir), "%s/%" PRIu32, all->nb->dir, domid);
	if (domid <= UINT16_MAX)
		each_number(all, dir, domid, look_at_vif);
}

/* Its directory is gone, or new. */
static void mark_domain(struct vifs *all, unsigned domid)
{
	struct vif *v;
	unsigned i;

	for (i = 0; i < VIFS_BUCKETS; i++)
		for (v = all->bucket[i]; v; v = v->next)
			if (v->domid == domid)
				mark(all, v);
}

/* The known ones first: a new one may want the TAP of one that has gone. */
static void look_at_all(struct vifs *all)
{
	each(all, mark);
	each_number(all, all->nb->dir, 0, look_at_domain);
}

/* Below a vif's directory most is of our own writing. */
static bool matters(const char *key)
{
	return strcmp(key, "") == 0 || strcmp(key, "/state") == 0 ||
	       strcmp(key, "/online") == 0 || strcmp(key, "/rate") == 0 ||
	       strcmp(key, "/hotplug-status") == 0;
}

static void back_event(struct vifs *all, const char *rest)
{
	unsigned domid;
	uint32_t handle;
	int end = 0;

	switch (sscanf(rest, "/%u/%" SCNu32 "%n", &domid, &handle, &end)) {
	case 2:
		if (domid <= UINT16_MAX && matters(rest + end))
			look_at_vif(all, domid, handle);
		break;
	case 1:
		mark_domain(all, domid);
		look_at_domain(all, 0, domid);
		break;
	default:
		look_at_all(all);
	}
}

void vifs_event(struct vifs *all, const char *path)
{
	size_t n = strlen(all->nb->dir);
	unsigned domid;
	uint32_t handle;
	struct vif *v;

	if (strncmp(path, all->nb->dir, n) == 0) {
		back_event(all, path + n);
		return;
	}
	if (sscanf(path, "/local/domain/%u/device/vif/%" SCNu32, &domid,
		   &handle) != 2)
		return;
	v = find(all, domid, handle);
	if (v)
		mark(all, v);
}

void vifs_ctrl(struct vifs *all)
{
	struct epoll_event e[64];
	int i, n = epoll_wait(all->nb->ctrl, e, 64, 0);
	struct vif *v;

	for (i = 0; i < n; i++) {
		v = find(all, (unsigned)(e[i].data.u64 >> 32),
			 (uint32_t)e[i].data.u64);
		if (v && vif_kicked(v))
			mark(all, v);
		if (v && v->ctrl_waits)
			all->restless = true;
	}
}

static void mark_ended(struct vifs *all, struct vif *v)
{
	if (crew_ended(&v->crew) || vif_port_changed(v))
		mark(all, v);
}

void vifs_report(struct vifs *all)
{
	each(all, mark_ended);
}

void vifs_link(struct vifs *all, const char *name)
{
	struct vif *v;
	unsigned i;

	for (i = 0; i < VIFS_BUCKETS; i++)
		for (v = all->bucket[i]; v; v = v->next)
			if (!*name || strcmp(v->crew.tap.name, name) == 0)
				crew_look(&v->crew);
}

/* Only what is not there for certain is gone. */
static bool has_gone(struct vifs *all, unsigned domid, uint32_t handle)
{
	char dir[96], keys[4];

	snprintf(dir, sizeof(dir), "%s/%u/%" PRIu32, all->nb->dir, domid,
		 handle);
	return !find(all, domid, handle) &&
	       xennet_host_list(&all->nb->host, dir, keys, sizeof(keys)) ==
		       -XENNET_ENOENT;
}

static bool is_orphan(struct vifs *all, const char *name)
{
	unsigned domid;
	uint32_t handle;

	return tap_name_read(name, all->nb->options.tap, &domid, &handle) &&
	       has_gone(all, domid, handle) && tap_is_kept(name);
}

void vifs_sweep(struct vifs *all)
{
	struct if_nameindex *list = all->unread ? NULL : if_nameindex(), *i;
	struct tap tap;

	for (i = list; i && i->if_name; i++) {
		if (!is_orphan(all, i->if_name) ||
		    tap_open(&tap, i->if_name, 1))
			continue;
		say("%s: removed, its vif is gone", i->if_name);
		tap.kept = true;
		tap_close(&tap);
	}
	if (list)
		if_freenameindex(list);
}

bool vifs_turns(struct vifs *all)
{
	struct vif *v, *todo = all->todo;
	bool left = false; /* a TAP that was kept, and never had back */
	enum vif_next next;

	all->todo = NULL;
	all->last = &all->todo;
	while ((v = todo)) {
		todo = v->todo;
		v->waiting = false;
		next = vif_turn(v);
		if (v->failed || v->waits || v->ration.more || v->ctrl_waits)
			all->restless = true;
		left |= next == VIF_OVER && v->waits;
		if (next == VIF_AGAIN)
			mark(all, v);
		else if (next == VIF_OVER)
			forget(all, v);
	}
	if (left && all->nb->options.xen)
		vifs_sweep(all);
	return all->todo;
}

static void tick(struct vifs *all, struct vif *v)
{
	if (v->failed || v->waits ||
	    (v->ctrl_waits && pace_has(&v->pace, now_ms())))
		mark(all, v);
	if (v->ctrl_waits)
		all->restless = true;
	if (ration_settle(&v->ration))
		all->restless = true;
}

void vifs_tick(struct vifs *all)
{
	all->restless = false;
	each(all, tick);
}

void vifs_print(const struct vifs *all)
{
	struct vif *v;
	unsigned i;

	for (i = 0; i < VIFS_BUCKETS; i++)
		for (v = all->bucket[i]; v; v = v->next)
			crew_print(&v->crew);
}

static void leave(struct vifs *all, struct vif *v)
{
	(void)all;
	vif_leave(v);
}

void vifs_leave(struct vifs *all)
{
	each(all, leave);
}

void vifs_close(struct vifs *all, const char *why)
{
	struct vif *v;
	unsigned i;

	for (i = 0; i < VIFS_BUCKETS; i++)
		while ((v = all->bucket[i])) {
			if (v->life != VIF_NEW)
				vif_end(v, why);
			forget(all, v);
		}
}
