/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Watches of one client and the events that wait for it. Bounded whatever
 * the others write (S11): a path waits once, and past a limit the watch's own
 * path stands for all that did not fit.
 */
#include "internal.h"

#include <stdlib.h>

#define EVENTS_MAX 256u

void xennet_local_client_init(struct client *c, uint16_t domid,
			      void (*kick)(struct client *c))
{
	memset(c, 0, sizeof(*c));
	c->domid = domid;
	c->kick = kick;
	c->last = &c->events;
}

void xennet_local_client_add(struct store *s, struct client *c)
{
	c->next = s->clients;
	s->clients = c;
}

void xennet_local_client_remove(struct store *s, struct client *c)
{
	struct client **at = &s->clients;

	while (*at && *at != c)
		at = &(*at)->next;
	if (*at)
		*at = c->next;
}

void xennet_local_client_clear(struct client *c)
{
	xennet_local_txn_drop_all(c);
	while (c->watches)
		xennet_local_watch_remove(c, c->watches->path);
	while (c->events)
		xennet_local_watch_pop(c);
}

static void queue(struct client *c, struct watch *w, const char *path)
{
	size_t n = strlen(path) + 1;
	struct event *e;

	for (e = c->events; e; e = e->next)
		if (strcmp(e->path, path) == 0)
			return;
	e = c->nevents < EVENTS_MAX ? malloc(sizeof(*e) + n) : NULL;
	if (!e) {
		w->missed = true;
		c->kick(c);
		return;
	}
	memcpy(e->path, path, n);
	e->next = NULL;
	*c->last = e;
	c->last = &e->next;
	c->nevents++;
	c->kick(c);
}

/* tell: an event at once, as XenStore does. */
int xennet_local_watch_add(struct client *c, const char *path, bool tell)
{
	size_t n = strlen(path) + 1;
	struct watch *w;

	if (c->domid && c->nwatches >= XENNET_LOCAL_QUOTA_WATCHES)
		return -XENNET_ENOSPC;
	for (w = c->watches; w; w = w->next)
		if (strcmp(w->path, path) == 0)
			return 0;
	w = malloc(sizeof(*w) + n);
	if (!w)
		return -XENNET_ENOMEM;
	memcpy(w->path, path, n);
	w->missed = false;
	w->next = c->watches;
	c->watches = w;
	c->nwatches++;
	if (tell)
		queue(c, w, path);
	return 0;
}

void xennet_local_watch_remove(struct client *c, const char *path)
{
	struct watch **at = &c->watches, *w;

	while (*at && strcmp((*at)->path, path) != 0)
		at = &(*at)->next;
	w = *at;
	if (!w)
		return;
	*at = w->next;
	c->nwatches--;
	free(w);
}

/* A node that goes takes those below it along: their watches fire too. */
void xennet_local_watch_fire(struct client *c, const char *path, bool removed)
{
	struct watch *w;

	for (w = c->watches; w; w = w->next) {
		if (xennet_local_path_under(path, w->path))
			queue(c, w, path);
		else if (removed && xennet_local_path_under(w->path, path))
			queue(c, w, w->path);
	}
}

const char *xennet_local_watch_peek(const struct client *c)
{
	struct watch *w = c->watches;

	if (c->events)
		return c->events->path;
	while (w && !w->missed)
		w = w->next;
	return w ? w->path : NULL;
}

/* Takes away what peek told. */
void xennet_local_watch_pop(struct client *c)
{
	struct event *e = c->events;
	struct watch *w = c->watches;

	if (!e) {
		while (w && !w->missed)
			w = w->next;
		if (w)
			w->missed = false;
		return;
	}
	c->events = e->next;
	if (!c->events)
		c->last = &c->events;
	c->nevents--;
	free(e);
}
