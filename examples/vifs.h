/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* All vifs of a netback: found by domain and handle, so that an event costs the
 * same however many there are; each takes its turn after one. */
#ifndef VIFS_H
#define VIFS_H

#include "vif.h"

#define VIFS_BUCKETS 1024u

struct vifs {
	const struct netback *nb;
	struct vif *bucket[VIFS_BUCKETS];
	struct vif *todo, **last;
	bool restless; /* tick in a while */
	bool unread;   /* some may be unknown */
};

void vifs_start(struct vifs *all, const struct netback *nb);

/* The path that a watch told of. */
void vifs_event(struct vifs *all, const char *path);

/* Control rings have events. */
void vifs_ctrl(struct vifs *all);

/* A worker has ended by itself. */
void vifs_report(struct vifs *all);

/* Something is new about the TAP of this name; empty: about any. */
void vifs_link(struct vifs *all, const char *name);

/* Each that something happened to has one turn. True: some want another. */
bool vifs_turns(struct vifs *all);

/* Tries again what failed, and says what was held back. */
void vifs_tick(struct vifs *all);

void vifs_print(const struct vifs *all);

/* Closes all, or leaves them to the next netback. */
void vifs_close(struct vifs *all, const char *why);
void vifs_leave(struct vifs *all);

/* Removes kept TAPs whose vif ended while no netback ran; none where the store
 * could not be read. */
void vifs_sweep(struct vifs *all);

#endif
