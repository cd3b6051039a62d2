/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * One vif of netback, from the toolstack's first node to the last: taken if it
 * is nobody else's, given a TAP, connected as often as its guest likes, and let
 * go of when both the toolstack and the guest are done with it.
 */
#ifndef VIF_H
#define VIF_H

#include <xennet/xennet.h>
#include "crew.h"
#include "options.h"
#include "pace.h"
#include "ration.h"

/* What all vifs have in common. */
struct netback {
	struct xennet_costs costs; /* of the platform */
	struct options options;
	struct xennet_host host;
	char dir[64]; /* of all backend directories */
	int ctrl;     /* epoll of the control rings' ports, once each */
	int report;   /* eventfd, written when a worker ends by itself */
};

enum vif_life {
	VIF_NEW,  /* not looked at yet */
	VIF_OPEN, /* ours */
	VIF_SHUT  /* ours, and failed: stays so until the toolstack takes it */
};

struct vif {
	struct vif *next; /* of vifs.h, with todo */
	struct vif *todo;
	bool waiting;

	const struct netback *nb;
	unsigned domid;
	uint32_t handle;
	char name[32], dir[64];
	enum vif_life life;
	struct xennet_back back;
	struct crew crew;
	int refused; /* as last said, with its key */
	const char *refused_key;
	int failed; /* 0, or an error that no store event will mend */
	int waits;  /* 0, or why it has no TAP yet, or, connected, no workers */
	struct pace pace; /* of what it asks over its control ring */
	bool ctrl_waits;  /* for its next turn */
	struct ration ration;
};

enum vif_next {
	VIF_REST,  /* until something happens to it */
	VIF_AGAIN, /* after the others had their turns */
	VIF_OVER   /* free it */
};

/* NULL: no memory. */
struct vif *vif_new(const struct netback *nb, unsigned domid, uint32_t handle);

/* Something may have happened to it. */
enum vif_next vif_turn(struct vif *v);

/* Its control ring's port has told. True: that takes a turn. */
bool vif_kicked(struct vif *v);

/* Its TAP has gone up or down, which its next turn tells the guest. */
bool vif_port_changed(const struct vif *v);

/* Closes it, for good. */
void vif_end(struct vif *v, const char *why);

/* Stops serving it, and leaves it to the next netback. */
void vif_leave(struct vif *v);

#endif
