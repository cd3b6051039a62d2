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
	c->last_missed = &c->missed;
}

void xennet_local_client_add(struct store *s, struct client *c)
{
	c->store = s;
	c->next = s->clients;
	if (c->next)
		c->next->prev = c;
	s->clients = c;
}

void xennet_local_client_remove(struct store *s, struct client *c)
{
	if (c->prev)
		c->prev->next = c->next;
	else
		s->clients = c->next;
	if (c->next)
		c->next->prev = c->prev;
}

static void miss(struct client *c, struct watch *w)
{
	if (!w->missed) {
		w->missed = true;
		w->next_missed = NULL;
		*c->last_missed = w;
		c->last_missed = &w->next_missed;
	}
	c->kick(c);
}

static void unmiss(struct client *c, struct watch *w)
{
	struct watch **at = &c->missed;

	if (!w->missed)
		return;
	while (*at != w)
		at = &(*at)->next_missed;
	*at = w->next_missed;
	if (!*at)
		c->last_missed = at;
	w->missed = false;
}

/* Whether path itself waits now, for all watches of the client. */
static bool queue(struct client *c, struct watch *w, const char *path)
{
	size_t n = strlen(path) + 1;
	struct event *e;

	if (w->missed)
		return false;
	for (e = c->events; e; e = e->next)
		if (strcmp(e->path, path) == 0)
			return true;
	e = c->nevents < EVENTS_MAX ? malloc(sizeof(*e) + n) : NULL;
	if (!e) {
		miss(c, w);
		return false;
	}
	memcpy(e->path, path, n);
	e->next = NULL;
	*c->last = e;
	c->last = &e->next;
	c->nevents++;
	c->kick(c);
	return true;
}

static uint32_t hash_of(const char *path, size_t len)
{
	return xennet_local_hash(HASH_START, path, len);
}

/* The next watch from l on whose path is these len characters. */
static struct watch *match(struct link *l, const char *path, size_t len)
{
	struct watch *w;

	for (; l; l = xennet_local_index_next(l)) {
		w = (struct watch *)(void *)l;
		if (w->len == len && memcmp(w->path, path, len) == 0)
			return w;
	}
	return NULL;
}

static struct watch *find(struct client *c, const char *path)
{
	size_t len = strlen(path);
	struct watch *w = c->watches;

	if (!c->store) {
		while (w && strcmp(w->path, path) != 0)
			w = w->next;
		return w;
	}
	w = match(xennet_local_index_first(&c->store->watches,
					   hash_of(path, len)),
		  path, len);
	while (w && w->client != c)
		w = match(xennet_local_index_next(&w->link), path, len);
	return w;
}

/* tell: an event at once, as XenStore does. */
int xennet_local_watch_add(struct client *c, const char *path, bool tell)
{
	size_t len = strlen(path);
	struct watch *w;

	if (c->domid && c->nwatches >= XENNET_LOCAL_QUOTA_WATCHES)
		return -XENNET_ENOSPC;
	if (find(c, path))
		return 0;
	w = calloc(1, sizeof(*w) + len + 1);
	if (!w)
		return -XENNET_ENOMEM;
	memcpy(w->path, path, len);
	w->len = len;
	w->client = c;
	if (c->store && xennet_local_index_add(&c->store->watches, &w->link,
					       hash_of(path, len))) {
		free(w);
		return -XENNET_ENOMEM;
	}
	w->next = c->watches;
	if (w->next)
		w->next->prev = w;
	c->watches = w;
	c->nwatches++;
	if (tell)
		queue(c, w, path);
	return 0;
}

static void drop(struct client *c, struct watch *w)
{
	if (w->prev)
		w->prev->next = w->next;
	else
		c->watches = w->next;
	if (w->next)
		w->next->prev = w->prev;
	if (c->store)
		xennet_local_index_remove(&c->store->watches, &w->link);
	unmiss(c, w);
	c->nwatches--;
	free(w);
}

void xennet_local_watch_remove(struct client *c, const char *path)
{
	struct watch *w = find(c, path);

	if (w)
		drop(c, w);
}

/* Those of every client at the first len characters of path. */
static void fire_at(struct store *s, const char *path, size_t len,
		    uint32_t hash)
{
	struct watch *w =
		match(xennet_local_index_first(&s->watches, hash), path, len);

	while (w) {
		if (w->client->told != s->fires && queue(w->client, w, path))
			w->client->told = s->fires;
		w = match(xennet_local_index_next(&w->link), path, len);
	}
}

/* A node that goes takes those below it along: their watches fire too. */
static void fire_below(struct store *s, const char *path)
{
	struct client *c;
	struct watch *w;
	size_t len = strlen(path);

	for (c = s->clients; c; c = c->next)
		for (w = c->watches; w; w = w->next)
			if (w->len > len && w->path[len] == '/' &&
			    memcmp(w->path, path, len) == 0)
				queue(c, w, w->path);
}

void xennet_local_watch_fire(struct store *s, const char *path, bool removed)
{
	uint32_t hash = HASH_START;
	size_t i;

	s->fires++;
	for (i = 0; path[i]; i++) {
		if (i && path[i] == '/')
			fire_at(s, path, i, hash);
		hash = xennet_local_hash(hash, path + i, 1);
	}
	fire_at(s, path, i, hash);
	if (removed)
		fire_below(s, path);
}

/* A guest has been told of path, which one of its watches asked for. */
void xennet_local_watch_tell(struct client *c, const char *path)
{
	struct watch *w;

	for (w = c->watches; w; w = w->next)
		if (xennet_local_path_under(path, w->path))
			queue(c, w, path);
}

const char *xennet_local_watch_peek(const struct client *c)
{
	if (c->events)
		return c->events->path;
	return c->missed ? c->missed->path : NULL;
}

/* Takes away what peek told. */
void xennet_local_watch_pop(struct client *c)
{
	struct event *e = c->events;

	if (!e) {
		if (c->missed)
			unmiss(c, c->missed);
		return;
	}
	c->events = e->next;
	if (!c->events)
		c->last = &c->events;
	c->nevents--;
	free(e);
}

void xennet_local_client_clear(struct client *c)
{
	xennet_local_txn_drop_all(c);
	while (c->watches)
		drop(c, c->watches);
	while (c->events)
		xennet_local_watch_pop(c);
}
