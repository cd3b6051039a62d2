/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#include "hotplug.h"

#include <stdio.h>
#include <string.h>

#define OWN "xennet-tap"
#define STATUS "hotplug-status"
#define ERROR "hotplug-error"

static void path_of(char path[128], const char *dir, const char *key)
{
	snprintf(path, 128, "%s/%s", dir, key);
}

static int get(const struct xennet_platform *p, const char *dir,
	       const char *key, char *value, size_t cap)
{
	char path[128];

	path_of(path, dir, key);
	return p->ops->store_read(p->ctx, 0, path, value, cap);
}

/* Not where the toolstack has removed the directory. */
static void put(const struct xennet_platform *p, const char *dir,
		const char *key, const char *value)
{
	char path[128], state[4];

	if (get(p, dir, "state", state, sizeof(state)) < 0)
		return;
	path_of(path, dir, key);
	p->ops->store_write(p->ctx, 0, path, value);
}

static void drop(const struct xennet_platform *p, const char *dir,
		 const char *key)
{
	char path[128];

	path_of(path, dir, key);
	p->ops->store_remove(p->ctx, 0, path);
}

bool hotplug_says(const struct xennet_platform *p, const char *dir,
		  const char *key, const char *value)
{
	char is[16];

	return get(p, dir, key, is, sizeof(is)) == (int)strlen(value) &&
	       strcmp(is, value) == 0;
}

bool hotplug_is_own(const struct xennet_platform *p, const char *dir, char *tap,
		    size_t cap)
{
	int n = get(p, dir, OWN, tap, cap);

	return n > 0 && (size_t)n < cap;
}

void hotplug_own(const struct xennet_platform *p, const char *dir,
		 const char *tap)
{
	put(p, dir, OWN, tap);
}

void hotplug_disown(const struct xennet_platform *p, const char *dir)
{
	drop(p, dir, OWN);
}

void hotplug_ready(const struct xennet_platform *p, const char *dir, bool wait,
		   bool anew)
{
	char status[4];

	if (!wait && !hotplug_says(p, dir, STATUS, "error"))
		put(p, dir, STATUS, "connected");
	else if (get(p, dir, STATUS, status, sizeof(status)) < 0 ||
		 (anew && !hotplug_says(p, dir, STATUS, "error")))
		put(p, dir, STATUS, "");
}

void hotplug_closed(const struct xennet_platform *p, const char *dir)
{
	put(p, dir, "state", "6");
}

void hotplug_rate(const struct xennet_platform *p, const char *dir,
		  const char *rate)
{
	put(p, dir, "rate", rate);
}

void hotplug_error(const struct xennet_platform *p, const char *dir,
		   const char *text, bool failed)
{
	put(p, dir, ERROR, text);
	if (failed)
		put(p, dir, STATUS, "error");
}

void hotplug_no_error(const struct xennet_platform *p, const char *dir)
{
	drop(p, dir, ERROR);
}
