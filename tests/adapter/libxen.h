/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Plays libxengnttab, libxencall, libxenevtchn and libxenstore for one program:
 * defines their functions, so that theirs are never called. Grants are pages of an
 * array, and what the kernel refuses is refused with the same errno.
 */
#ifndef LIBXEN_H
#define LIBXEN_H

#include <stdbool.h>
#include <stdint.h>
#include <xenevtchn.h>
#include <xengnttab.h>
#include <xenstore.h>

/* The peer, its grants (the last one read-only), and its one port. */
#define PEER 7u
#define GRANTS 300u
#define GREF 8u
#define GREF_READONLY (GREF + GRANTS - 1)
#define PEER_PORT 33u

/* What the domain has granted to itself. */
#define OWN_GREF 5000u

struct libxen {
	const char *fails; /* the function that fails, or NULL */
	int error;	   /* its errno */
	const char *domid; /* what the store says, or NULL */
	unsigned handles;  /* open now, of any library */
	unsigned copy_calls, hypercalls, segments, map_calls, unmasks;
	unsigned char *own; /* another view of its own grants */
	unsigned nown;
	bool bound;	   /* the peer's port */
	int conflicts;	   /* transactions that will have to be done again */
	const char *fired; /* the path of a watch event that waits */
	void *told;	   /* the page whose end is told, if there is one */
	uint32_t told_offset, told_port;
	unsigned watches;
	unsigned char page[GRANTS][4096] __attribute__((aligned(4096)));
};

extern struct libxen libxen;

void libxen_reset(void);

/* An event comes for the port. */
void libxen_event(uint32_t port);

#endif
