/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * The local platform: a backend and its frontends as processes (or threads)
 * on one Linux box, without Xen, through the same ops.
 *
 *	xennet_local_serve(&back, "/tmp/xennet.sock");    the backend's process
 *	xennet_local_join(&front, "/tmp/xennet.sock", NULL);   each frontend's
 *	plat = xennet_local_platform(front);       give this to the library
 *	poll xennet_local_fd(front) and the fds of its ports, or
 *	xennet_local_wait(front, ports, nports, timeout_ms);
 *	while (xennet_local_event(front, path, sizeof(path)) == 1) ...
 *	xennet_local_leave(front);
 *
 * The backend's process is domain 0. One thread of its own keeps the store
 * and the meeting socket; it sleeps when nobody calls. A frontend's domain is
 * a memfd, whose first pages are its grant table in Xen's version 1 layout;
 * an event channel is two eventfds. At join the toolstack's nodes of each vif
 * are written, the backend's first; at a guest's death its nodes are removed
 * and its backend nodes get online=0.
 *
 * Costs are real: a map is an mmap, a copy is a system call a batch, a
 * notification is a write. But when half of vm.max_map_count pages are mapped,
 * a further map is only an address.
 *
 * Of domain 0's descriptors (RLIMIT_NOFILE) a guest takes two, and two for each
 * of its event channels; of its mappings two, and one for a page that is mapped.
 * At most 8192 guests.
 *
 * What is trusted: nothing on the socket, and nothing in a guest's memory.
 * But the processes are of one user, and obey the grant table by choice:
 * domain 0 can reach all of a guest's memory, as on Xen. A guest that fills
 * its eventfd and makes it block can stop the thread that notifies it; the
 * one that binds its channel, only if it does so between a poll there and the
 * write after it. The store and the other guests' sockets are served on, but
 * what waits for that thread waits with it: of the control thread, every vif.
 *
 * Only guests grant, and only to domain 0: there share and evtchn_alloc are
 * -XENNET_ENOSYS, and evtchn_bind is so in a guest.
 *
 * Threads: the ops as ops.h says. What is below is for the control thread,
 * but evtchn_fd, wait and stats, which any thread may call.
 */
#ifndef XENNET_PLATFORM_LOCAL_H
#define XENNET_PLATFORM_LOCAL_H

#include <xennet/platform/host.h>

/* The longest path, with its 0, and the longest value, without. */
#define XENNET_LOCAL_PATH 1024u
#define XENNET_LOCAL_VALUE 4096u

/* Ports of one domain are 1 to XENNET_LOCAL_PORTS - 1; of a guest, fewer. */
#define XENNET_LOCAL_PORTS 65536u
#define XENNET_LOCAL_GUEST_PORTS 256u

/* What a guest may have in the store. */
#define XENNET_LOCAL_QUOTA_NODES 4000u
#define XENNET_LOCAL_QUOTA_WATCHES 128u
#define XENNET_LOCAL_QUOTA_TXNS 10u

/*
 * And a transaction: keys, and bytes of their paths and values. All of it is
 * looked up at once while nobody else is served. The largest connection, of
 * XENNET_QUEUES_MAX queues with rings of XENNET_RING_PAGES_MAX pages, is some
 * 2300 keys and 150 KiB.
 */
#define XENNET_LOCAL_QUOTA_TXN_KEYS 4000u
#define XENNET_LOCAL_QUOTA_TXN_BYTES (256u << 10)

struct xennet_local;

/* A guest to be. 0 and NULL: the default. */
struct xennet_local_guest {
	unsigned pages;	 /* memory: 16384 (64 MiB, backed when touched) */
	unsigned vifs;	 /* 1; at most 16 */
	const char *mac; /* of vif 0, the next have the next; 00:16:3e:... */
};

struct xennet_local_stats {
	uint64_t grants;      /* live now */
	uint64_t mapped;      /* pages mapped now */
	uint64_t quarantined; /* pages kept out of use now */
	uint64_t ports;	      /* open now */
	uint64_t guests;      /* joined now (domain 0) */
	uint64_t domains;     /* whose memory is held now (domain 0) */
	uint64_t nodes;	      /* in the store now (domain 0) */
	uint64_t copies;      /* operations since the start */
	uint64_t copy_calls;  /* system calls for them */
	uint64_t mmaps;	      /* system calls to map grants */
	uint64_t munmaps;     /* system calls to unmap them */
	uint64_t notifies;    /* system calls to notify */
	uint64_t refused;     /* guests cut off for what they sent (domain 0) */
};

/* How a copy is done. */
enum xennet_local_copy {
	XENNET_LOCAL_COPY_VM,  /* process_vm_readv for a batch of two or more */
	XENNET_LOCAL_COPY_FILE /* pread and pwrite, an operation per call */
};

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Becomes domain 0 and listens at socket_path (mode 0600); a stale socket
 * there is replaced. -XENNET_EBUSY: another backend listens.
 * -XENNET_EINVAL: the path is too long. -XENNET_ENOMEM, -XENNET_EIO.
 */
int xennet_local_serve(struct xennet_local **p, const char *socket_path);

/*
 * Becomes a guest of the backend there. opts may be NULL.
 * -XENNET_EGONE: nobody listens. -XENNET_EINVAL: opts are outside their
 * range. -XENNET_ENOSPC: too many guests. -XENNET_ENOMEM, -XENNET_EIO.
 */
int xennet_local_join(struct xennet_local **p, const char *socket_path,
		      const struct xennet_local_guest *opts);

/* Ends either. Unmap and close first: nothing may use p after it. */
void xennet_local_leave(struct xennet_local *p);

struct xennet_platform xennet_local_platform(struct xennet_local *p);

/* For a program that does not care which platform it runs on. */
struct xennet_host xennet_local_host(struct xennet_local *p);

/* 0 for the backend. */
uint16_t xennet_local_domid(const struct xennet_local *p);

/* Readable while a watch event waits, or the backend is gone. */
int xennet_local_fd(const struct xennet_local *p);

/*
 * 1 and the path that changed: the next fired watch. 0: none.
 * -XENNET_EGONE: the backend's process is gone. -XENNET_ENOSPC: the path is
 * longer than cap - 1; the event waits on. A watch fires once when it is
 * set. When too many paths changed, the watch's own path stands for them.
 */
int xennet_local_event(struct xennet_local *p, char *path, size_t cap);

/* Readable while the port has an event pending. -XENNET_ENOENT. */
int xennet_local_evtchn_fd(const struct xennet_local *p, uint32_t port);

/*
 * Sleeps until a port has an event, or xennet_local_fd is readable, at most
 * timeout_ms (-1: for ever). At most 256 ports. 1: something is there.
 * 0: nothing. -XENNET_ENOENT: no such port.
 */
int xennet_local_wait(struct xennet_local *p, const uint32_t *ports, unsigned n,
		      int timeout_ms);

/*
 * The names below path, each ended by 0, in names; returns how many.
 * -XENNET_ENOENT; -XENNET_ENOSPC: more than cap or XENNET_LOCAL_VALUE bytes.
 */
int xennet_local_list(struct xennet_local *p, const char *path, char *names,
		      size_t cap);

void xennet_local_stats(struct xennet_local *p, struct xennet_local_stats *s);

/* For comparison; FILE is also what a refused process_vm_readv ends in. */
void xennet_local_copy_by(struct xennet_local *p, enum xennet_local_copy how);

#ifdef __cplusplus
}
#endif
#endif
