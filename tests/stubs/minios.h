/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Plays Mini-OS, in one domain of a fake machine: defines the functions of
 * mini-os/ over the primitives of fake.h. What the real one dies of, or
 * waits for without an end, is misuse; so is what is left over.
 */
#ifndef STUB_MINIOS_H
#define STUB_MINIOS_H

#include "fake.h"

struct stub {
	struct fake *fake;
	uint16_t domid;
	unsigned pages, objects; /* in use: of alloc_pages, of the heap */
	unsigned hypercalls, handled;
	int full;	  /* allocations until memory is full; 0: never */
	bool no_room;	  /* no addresses for others' pages */
	bool no_tables;	  /* nor page tables */
	bool call_fails;  /* the next hypercall, whole */
	int evtchn_error; /* of the next open; Xen's, negative */
	bool far_port;	  /* the next port's number is STUB_FAR more */
	const char *says; /* the store's next answer, an error */
};

#define STUB_FAR 1024u /* Mini-OS has handlers for so many */

extern struct stub stub;

/* The fake is open; and still is at the end, when all is checked. */
void stub_open(struct fake *f, uint16_t domid);
void stub_close(void);

/* Events that have come go to their handlers. */
void stub_deliver(void);

#endif
