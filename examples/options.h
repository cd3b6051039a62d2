/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* The command line of netfront and netback. */
#ifndef OPTIONS_H
#define OPTIONS_H

#include <xennet/xennet.h>

struct options {
	bool xen;	    /* else the local platform */
	const char *socket; /* local */
	uint32_t vif;	    /* netfront, Xen: which */
	const char *tap;
	const char *bridge; /* netback; NULL: none */
	bool wait_script;   /* netback, Xen: not ours to connect */
	bool explain;
	const char *rate;	       /* netback, local; NULL: none */
	const char *mac;	       /* netfront; NULL: the toolstack's */
	enum xennet_strategy strategy; /* netback */
	uint32_t statics;	       /* netback, of its configuration */
	struct xennet_policy policy;
	struct xennet_hash_config hash; /* netfront */
	bool multicast; /* netfront: groups that the TAP joined alone */
	struct xennet_offer offer;
};

/* Fills in what argv says over the defaults that o holds. Anything wrong: one
 * line and exit status 2. */
void options_read(struct options *o, int argc, char **argv,
		  enum xennet_end end);

#endif
