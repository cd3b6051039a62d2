/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * A machine with a few domains in one process and one thread, for tests: the
 * platform that refuses, counts and remembers.
 *
 *	struct fake f;
 *
 *	fake_open(&f);
 *	front = fake_platform(&f, FRONT);
 *	fake_fail(&f, FAKE_COPY, 3, XENNET_GNTST_GENERAL);
 *	...
 *	assert_null(fake_unclean(&f));
 *	fake_close(&f);
 *
 * Its memory is one memfd. A mapping is a real one at an address of its own,
 * so that a use after unmap, or a write through a read-only mapping, ends the
 * program. What the library must never do (unmap twice, copy across a page,
 * free a page that is granted, sleep in the data path ...) is remembered as
 * misuse: the first is the answer of fake_unclean().
 */
#ifndef FAKE_H
#define FAKE_H

#include <xennet/cost.h>

#define FAKE_DOMAINS 4u
#define FAKE_FRAMES 16384u
#define FAKE_GRANTS 16384u
#define FAKE_MAPS 16384u
#define FAKE_PORTS 256u
#define FAKE_TXNS 4u
#define FAKE_WATCHES 32u
#define FAKE_ALLOCS 1024u

enum fake_op {
	FAKE_ALLOC,
	FAKE_FREE,
	FAKE_ALLOC_PAGES,
	FAKE_FREE_PAGES,
	FAKE_SHARE,
	FAKE_UNSHARE,
	FAKE_SHARE_NOTIFY,
	FAKE_GRANT,
	FAKE_UNGRANT,
	FAKE_MAP_RING,
	FAKE_UNMAP_RING,
	FAKE_MAP,
	FAKE_UNMAP,
	FAKE_COPY,
	FAKE_EVTCHN_ALLOC,
	FAKE_EVTCHN_BIND,
	FAKE_EVTCHN_CLOSE,
	FAKE_NOTIFY,
	FAKE_REARM,
	FAKE_READ,
	FAKE_WRITE,
	FAKE_REMOVE,
	FAKE_WATCH,
	FAKE_UNWATCH,
	FAKE_TXN_BEGIN,
	FAKE_TXN_END,
	FAKE_DELAY,
	FAKE_OPS
};

enum fake_page {
	FAKE_PAGE_FREE,
	FAKE_PAGE_OWNED,  /* of alloc_pages */
	FAKE_PAGE_SHARED, /* of share */
	FAKE_PAGE_LIMBO	  /* given back while the peer used it */
};

struct fake_frame {
	uint8_t state;
	bool used; /* so that it is not zero any more */
	uint16_t owner;
	uint32_t run;  /* pages of the allocation that begins here */
	uint32_t port; /* share_notify: its owner's; else 0 */
};

struct fake_grant {
	bool live, readonly;
	bool kept; /* ungrant was refused */
	uint16_t peer;
	uint16_t maps;
	uint32_t frame;
};

struct fake_map {
	bool live, readonly;
	uint16_t by, of;
	uint32_t gref, gen, frame;
};

struct fake_port {
	bool open, bound, pending, masked;
	uint16_t peer;
	uint32_t peer_port;
	unsigned sent, spurious;
};

struct fake_alloc {
	void *p;
	size_t size;
	uint16_t owner;
};

struct fake;

struct fake_domain {
	struct fake *fake;
	uint16_t id;
	bool changed; /* a watch has fired */
	struct fake_grant *grant;
	uint32_t grant_hint, grant_end; /* none from there on */
	struct fake_port port[FAKE_PORTS];
};

struct fake_node {
	char *path;
	char *value; /* NULL: removed (in a transaction only) */
	size_t len;  /* any bytes, and a NUL after them */
};

struct fake_nodes {
	struct fake_node *node;
	unsigned n;
};

struct fake_txn {
	bool open;
	bool stale; /* somebody else changed what it read or wrote */
	struct fake_nodes touched; /* paths alone */
	struct fake_nodes wrote;
};

struct fake_watch {
	uint16_t domid; /* 0 may watch too: path says whether it is used */
	char *path;
};

struct fake_failure {
	enum fake_op op;
	unsigned nth, times;
	int status;
	uint32_t gref;
	unsigned hits;
};

struct fake {
	struct fake_domain domain[FAKE_DOMAINS];

	int memory;
	unsigned char *frames; /* every frame, for their owners */
	unsigned char *window; /* addresses for mappings */
	struct fake_frame *frame;
	struct fake_map *map;
	uint32_t map_next, map_end, map_gen;
	unsigned nmaps, most_maps; /* now, and ever */
	uint32_t frame_next, frame_end;
	struct fake_alloc alloc[FAKE_ALLOCS];
	unsigned nallocs;

	struct fake_nodes store;
	struct fake_txn txn[FAKE_TXNS];
	struct fake_watch watch[FAKE_WATCHES];
	uint64_t now; /* what the clock says; delays move it, and tests */

	unsigned calls[FAKE_OPS]; /* invocations */
	unsigned ops[FAKE_OPS];	  /* operations in them */
	uint64_t copied;
	struct fake_failure failure;
	bool atomic; /* a sleeping op would be misuse */
	char misuse[160];

	/* Called before every op; may do what a peer could do just then. */
	void (*before)(struct fake *f, enum fake_op op, void *arg);
	void *arg;
};

/* By them a slot is mapped from a few hundred bytes on, below it is copied. */
extern const struct xennet_costs fake_costs;

/* Ends the program when the host has no memory for it. */
void fake_open(struct fake *f);
void fake_close(struct fake *f);

struct xennet_platform fake_platform(struct fake *f, uint16_t domid);

/* One whose copies rather go to pages that are shared with ourselves. */
struct xennet_platform fake_pinning_platform(struct fake *f, uint16_t domid);

/* One that cannot grant memory that it has: alloc_pages .. ungrant are NULL. */
struct xennet_platform fake_sharing_platform(struct fake *f, uint16_t domid);

/*
 * From now on the nth operation of this kind fails: with this status, or, of
 * an op that returns a pointer, by returning NULL. _times: so do the next ones
 * that name the same grant.
 */
void fake_fail(struct fake *f, enum fake_op op, unsigned nth, int status);
void fake_fail_times(struct fake *f, enum fake_op op, unsigned nth,
		     unsigned times, int status);
bool fake_failed(const struct fake *f);
void fake_fail_nothing(struct fake *f);

const char *fake_op_name(enum fake_op op);

/* NULL, or what is left over or was done wrong. */
const char *fake_unclean(struct fake *f);

/* What the hypervisor does when a domain ends: its mappings go. */
void fake_unmap_all(struct fake *f, uint16_t domid);

/* A backend's process is killed: its mappings, ports, memory, shares and
 * watches go. */
void fake_crash(struct fake *f, uint16_t domid);

/* What is in use; the shapes of the leak check. */
unsigned fake_pages(const struct fake *f);
unsigned fake_grants(const struct fake *f, uint16_t domid);
unsigned fake_maps(const struct fake *f);
unsigned fake_ports(const struct fake *f);

const struct fake_grant *fake_grant(const struct fake *f, uint16_t domid,
				    uint32_t gref);
/* The owner's address of a granted page. */
void *fake_granted(const struct fake *f, uint16_t domid, uint32_t gref);

/* An event has come and was not taken; taking it masks the port. */
bool fake_event(struct fake *f, uint16_t domid, uint32_t port);

/* The store, seen by the toolstack. NULL: no such node. */
const char *fake_node(const struct fake *f, const char *path);
void fake_set(struct fake *f, const char *path, const char *value);
void fake_set_bytes(struct fake *f, const char *path, const void *bytes,
		    size_t len);
void fake_remove(struct fake *f, const char *path);

/* A watch of this domain has fired since the last call. */
bool fake_changed(struct fake *f, uint16_t domid);

#endif
