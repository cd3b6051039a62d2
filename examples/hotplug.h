/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * What netback leaves in a vif's backend directory besides the protocol, for
 * the toolstack, for people, and for the next netback. docs/XEN.md has the
 * keys. A store that fails is not this file's trouble: the vif meets it next.
 */
#ifndef HOTPLUG_H
#define HOTPLUG_H

#include <stdbool.h>
#include <stddef.h>
#include <xennet/ops.h>

/* Whether dir/key says just this. */
bool hotplug_says(const struct xennet_platform *p, const char *dir,
		  const char *key, const char *value);

/* Ours, since an earlier life perhaps: the TAP's name then. */
bool hotplug_is_own(const struct xennet_platform *p, const char *dir, char *tap,
		    size_t cap);
void hotplug_own(const struct xennet_platform *p, const char *dir,
		 const char *tap);
void hotplug_disown(const struct xennet_platform *p, const char *dir);

/* The TAP is there; with wait, its script has yet to run, and whatever one said
 * of another TAP than this, made anew, is void. A script that failed is not
 * overruled. */
void hotplug_ready(const struct xennet_platform *p, const char *dir, bool wait,
		   bool anew);

/* State Closed, of a vif that was never opened. */
void hotplug_closed(const struct xennet_platform *p, const char *dir);

/* Of a platform whose toolstack has no word for it. */
void hotplug_rate(const struct xennet_platform *p, const char *dir,
		  const char *rate);

/* What is wrong, for people; failed: with what is ours, for good. */
void hotplug_error(const struct xennet_platform *p, const char *dir,
		   const char *text, bool failed);
void hotplug_no_error(const struct xennet_platform *p, const char *dir);

#endif
