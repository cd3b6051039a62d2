/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * What the files of the local platform share. From the bottom up: counters,
 * wire (messages), index, path, tree, watch, txn, request (the store); domain,
 * pin, map, mapring, copy (domain 0's side of a guest's memory); memory, grant
 * (the guest's side); own; evtchn; toolstack, serve, guest, join; ops.
 */
#ifndef XENNET_LOCAL_INTERNAL_H
#define XENNET_LOCAL_INTERNAL_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <pthread.h>
#include <stdatomic.h>
#include <sys/types.h>
#include <xennet/platform/local.h>

#pragma GCC visibility push(hidden)

/* Counters: several cells, so that queue threads do not share a line. */
enum counter {
	COUNT_GRANTS,
	COUNT_MAPPED,
	COUNT_QUARANTINED,
	COUNT_PORTS,
	COUNT_GUESTS,
	COUNT_DOMAINS,
	COUNT_COPIES,
	COUNT_COPY_CALLS,
	COUNT_MMAPS,
	COUNT_MUNMAPS,
	COUNT_NOTIFIES,
	COUNT_REFUSED,
	COUNTERS
};

#define COUNTER_CELLS 8u

struct counters {
	struct {
		_Atomic uint64_t n[COUNTERS];
	} XENNET_ALIGNED(2 * XENNET_CACHE_LINE) cell[COUNTER_CELLS];
};

void xennet_local_count(struct counters *c, enum counter which, int64_t by);
uint64_t xennet_local_counted(struct counters *c, enum counter which);

/* Messages: one struct both ways; `data` as long as the packet says. */
#define MSG_DATA (XENNET_LOCAL_PATH + XENNET_LOCAL_VALUE)
#define MSG_HEAD 16u
#define MSG_FDS 2u
#define MSG_VERSION 1u

enum msg_op {
	MSG_JOIN = 1, /* arg: vifs, txn: version; data: mac or none; memfd */
	MSG_READ,     /* data: path 0 */
	MSG_WRITE,    /* data: path 0 value */
	MSG_REMOVE,
	MSG_LIST,
	MSG_WATCH,
	MSG_UNWATCH,
	MSG_TXN_BEGIN,
	MSG_TXN_END,	  /* arg: abort */
	MSG_EVTCHN_ALLOC, /* reply: result is the port, two eventfds */
	MSG_EVTCHN_CLOSE, /* arg: port */
	MSG_REPLY,	  /* result, txn, data */
	MSG_EVENT	  /* data: path 0 */
};

struct message {
	uint32_t op;
	int32_t result;
	uint32_t txn;
	uint32_t arg;
	char data[MSG_DATA];
};

struct fds {
	unsigned n;
	int fd[MSG_FDS];
};

int xennet_local_send(int sock, const struct message *m, size_t len,
		      const struct fds *fds, int flags);
int xennet_local_recv(int sock, struct message *m, struct fds *fds, int flags);
void xennet_local_close_fds(struct fds *fds);

/* A thing that can be found by a hash, which it begins with. */
struct link {
	struct link *next;
	uint32_t hash;
};

struct index {
	struct link **bucket;
	uint32_t mask, n;
};

#define HASH_START 2166136261u

uint32_t xennet_local_hash(uint32_t hash, const void *data, size_t n);
int xennet_local_index_add(struct index *x, struct link *l, uint32_t hash);
void xennet_local_index_remove(struct index *x, struct link *l);
struct link *xennet_local_index_first(const struct index *x, uint32_t hash);
struct link *xennet_local_index_next(const struct link *l);
void xennet_local_index_free(struct index *x);

/* Paths. */
bool xennet_local_path_ok(const char *path);
bool xennet_local_path_under(const char *path, const char *top);
bool xennet_local_may_read(uint16_t domid, const char *path);
bool xennet_local_may_write(uint16_t domid, const char *path);

/* One who uses the store: domain 0 itself, or a guest. */
struct watch {
	struct link link; /* by path, where there is a store */
	struct client *client;
	struct watch *next, *prev;
	struct watch *next_missed;
	bool missed; /* an event that did not fit: tell of path instead */
	size_t len;  /* of path */
	char path[];
};

struct event {
	struct event *next;
	char path[];
};

struct client {
	struct store *store; /* NULL: a guest's own list */
	struct client *next, *prev;
	uint16_t domid;
	unsigned nodes; /* that it made */
	unsigned nwatches;
	unsigned nevents;
	unsigned ntxns;
	uint64_t told; /* of the fire whose path waits in events */
	struct watch *watches;
	struct watch *missed, **last_missed;
	struct event *events, **last;
	struct txn *txns;
	void (*kick)(struct client *c); /* events wait */
};

/* The tree. Everything here is under the platform's lock. */
struct node {
	struct link link; /* by parent and name */
	struct node *parent, *child, *next, *prev;
	struct client *owner;
	uint64_t generation;
	size_t len;
	char *value;
	char name[];
};

struct store {
	struct node *root;
	struct client *clients;
	struct index names, watches;
	uint64_t generation;
	uint64_t fires; /* of watches, so far */
	xennet_txn last_txn;
	unsigned nodes;
};

int xennet_local_tree_init(struct store *s);
void xennet_local_tree_free(struct store *s);
struct node *xennet_local_tree_find(struct store *s, const char *path);
unsigned xennet_local_tree_missing(struct store *s, const char *path,
				   const char *other);
int xennet_local_tree_write(struct store *s, struct client *c, const char *path,
			    const char *value, size_t len);
void xennet_local_tree_remove(struct store *s, const char *path);

void xennet_local_client_add(struct store *s, struct client *c);
void xennet_local_client_remove(struct store *s, struct client *c);
void xennet_local_client_init(struct client *c, uint16_t domid,
			      void (*kick)(struct client *c));
void xennet_local_client_clear(struct client *c);
int xennet_local_watch_add(struct client *c, const char *path, bool tell);
void xennet_local_watch_remove(struct client *c, const char *path);
void xennet_local_watch_fire(struct store *s, const char *path, bool removed);
void xennet_local_watch_tell(struct client *c, const char *path);
const char *xennet_local_watch_peek(const struct client *c);
void xennet_local_watch_pop(struct client *c);

struct txn *xennet_local_txn_find(struct client *c, xennet_txn id);
int xennet_local_txn_begin(struct store *s, struct client *c, xennet_txn *id);
int xennet_local_txn_read(struct store *s, struct txn *t, const char *path,
			  const char **value, size_t *len);
int xennet_local_txn_write(struct store *s, struct txn *t, const char *path,
			   const char *value, size_t len);
int xennet_local_txn_remove(struct store *s, struct txn *t, const char *path);
int xennet_local_txn_end(struct store *s, struct client *c, struct txn *t,
			 bool abort);
void xennet_local_txn_drop_all(struct client *c);

/* One store request, from a guest or from ourselves. */
bool xennet_local_request(struct store *s, struct client *c,
			  const struct message *rq, size_t len,
			  struct message *rp, size_t *rp_len);

/* A grant entry: Xen's version 1, flags and domid in its first word. */
struct grant_entry {
	_Atomic uint32_t word;
	_Atomic uint32_t frame;
};

enum {
	GTF_PERMIT_ACCESS = 1,
	GTF_TYPE_MASK = 3,
	GTF_READONLY = 4,
	GTF_READING = 8,
	GTF_WRITING = 16
};

#define GRANTS_PER_PAGE (XENNET_PAGE / sizeof(struct grant_entry))
#define PAGES_MIN 16u
#define PAGES_MAX (1u << 20)

/* One grant for each page and some more; how many pages they take. */
static inline uint32_t grant_pages(uint32_t npages)
{
	return (uint32_t)((npages + XENNET_GREF_FIRST) / GRANTS_PER_PAGE + 1);
}

/*
 * A guest's memory as domain 0 sees it. refs: uses now, of a page mapped or
 * of a batch under way; the window goes when it is dead and nobody uses it.
 */
#define DOMAIN_DEAD 0x80000000u
#define DOMAIN_FREED 0x40000000u
#define DOMIDS 0x7ff0u

struct pin {
	_Atomic uint32_t word;
	uint32_t frame;
};

struct domain {
	_Atomic uint32_t refs;
	uint16_t domid;
	uint32_t npages, ngrants;
	int memfd;
	unsigned char *window;
	struct pin *pins;
	struct counters *counters;
	struct guest *guest; /* under the lock; NULL: dead */
};

struct domains {
	uint16_t last;
	_Atomic(struct domain *) at[DOMIDS];
};

/* own: domain 0 itself; else a guest, which is given a number. */
int xennet_local_domain_add(struct domains *all, struct counters *counters,
			    int memfd, bool own, struct domain **d);
void xennet_local_domain_kill(struct domain *d);
void xennet_local_domain_keep(struct domain *d, uint32_t n);
void xennet_local_domain_put(struct domain *d, uint32_t n);
void xennet_local_domains_free(struct domains *all);

/* The domains that one batch uses. */
#define HELD 8u

struct held {
	struct domains *all;
	unsigned n;
	struct domain *d[HELD];
};

struct domain *xennet_local_held(struct held *h, uint16_t domid);
void xennet_local_held_put(struct held *h);

int16_t xennet_local_pin(struct domain *d, uint32_t gref, bool write,
			 uint32_t *frame);
bool xennet_local_unpin(struct domain *d, uint32_t gref, bool write);

/* A domain's own memory. */
#define LINK_GRANTED 0x80000000u

struct memory {
	pthread_mutex_t lock; /* state, hint, nquarantined */
	int memfd;
	uint32_t npages, first, ngrants;
	uint32_t hint, nquarantined;
	unsigned char *base;
	unsigned char *state;	   /* of each page */
	_Atomic uint32_t *granted; /* how often each page is */
	_Atomic uint32_t *link;	   /* of each gref: next free, or frame */
	_Atomic uint64_t free;	   /* the list's head, with a count (ABA) */
	struct counters *counters;
};

int xennet_local_memory_init(struct memory *m, uint32_t npages,
			     struct counters *counters);
void xennet_local_memory_free(struct memory *m);
uint32_t xennet_local_frame(const struct memory *m, const void *addr);
int xennet_local_revoke(struct memory *m, uint32_t gref);
void xennet_local_gref_put(struct memory *m, uint32_t first, uint32_t last);
void *xennet_local_alloc_pages(void *ctx, unsigned n);
void xennet_local_free_pages(void *ctx, void *p, unsigned n);
void xennet_local_sweep(struct memory *m);

/* Event channels. A channel is domain 0's, under the lock but for gone. */
struct channel {
	unsigned refs;
	int to_back, to_front;
	bool bound;
	atomic_bool gone; /* the guest closed it, or died */
};

struct port {
	int in, out;
	bool open;
	struct channel *channel;
};

int xennet_local_ports_init(struct xennet_local *p, uint32_t n);
void xennet_local_ports_close(struct xennet_local *p);
struct channel *xennet_local_channel_new(void);
void xennet_local_channel_put(struct channel *ch);

/* A guest as domain 0 sees it: its socket. */
struct guest {
	struct client client;
	struct guest *next, *prev;
	struct xennet_local *p;
	struct domain *domain; /* NULL: has not joined */
	int sock;
	uint32_t interest; /* of epoll */
	unsigned vifs;
	struct answer *answer;	   /* waits to be sent, or NULL */
	struct channel **channels; /* by port */
	uint32_t nchannels;
};

void xennet_local_guest_accept(struct xennet_local *p, int sock);
bool xennet_local_guest_ready(struct guest *g);
void xennet_local_guest_bury(struct guest *g);

/* What a toolstack writes. */
int xennet_local_toolstack_create(struct store *s, struct client *dom0,
				  uint16_t domid, unsigned vifs,
				  const char *mac);
void xennet_local_toolstack_died(struct xennet_local *p, uint16_t domid,
				 unsigned vifs);
void xennet_local_toolstack_reap(struct xennet_local *p);

/* A domain that died, and whose backend has not closed all its vifs. */
struct dead {
	uint16_t domid;
	uint16_t vifs;
};

struct server {
	struct store store;
	struct domains domains;
	struct guest *guests;
	unsigned nguests;
	struct dead dead[256];
	unsigned ndead;
	int listener, epoll, stop, spare;
	pthread_t thread;
	char path[108];
};

#define GUESTS_MAX 8192u

struct xennet_local {
	pthread_mutex_t lock; /* the control plane */
	uint16_t domid;
	atomic_bool gone; /* a guest's: no backend any more */
	_Atomic int copy_by;
	pid_t pid;
	int event_fd; /* readable: self has events */
	int fd;	      /* what the user polls */
	int sock;     /* a guest's */
	struct client self;
	struct memory memory;  /* a guest's; domain 0's, once it shares some */
	struct server *server; /* domain 0's */
	const struct xennet_ops *ops;
	struct index rings; /* by address */
	struct port *ports;
	uint32_t nports;
	uint32_t ports_low;	  /* none below is closed */
	uint32_t ports_end;	  /* none from here on was ever open */
	_Atomic uint32_t singles; /* pages in mappings of their own */
	uint32_t singles_max;
	struct counters counters;
};

extern const struct xennet_ops xennet_local_guest_ops;
extern const struct xennet_ops xennet_local_back_ops;

struct xennet_local *xennet_local_new(uint16_t domid, uint32_t nports);
void xennet_local_delete(struct xennet_local *p);
int xennet_local_call(struct xennet_local *p, const struct message *rq,
		      size_t len, struct message *rp, struct fds *fds);
int xennet_local_drain(struct xennet_local *p);

/* The ops that are not in ops.c. */
void xennet_local_map(void *ctx, struct xennet_map_op *op, unsigned n);
void xennet_local_unmap(void *ctx, struct xennet_map_op *op, unsigned n);
int xennet_local_map_ring(void *ctx, uint16_t domid, const uint32_t *grefs,
			  unsigned n, void **addr);
void xennet_local_unmap_ring(void *ctx, void *addr, unsigned n);
void xennet_local_rings_unmap(struct xennet_local *p);
void xennet_local_singles_init(struct xennet_local *p);
void xennet_local_copy(void *ctx, struct xennet_copy_op *op, unsigned n);
void xennet_local_grant(void *ctx, uint16_t domid, struct xennet_grant_op *op,
			unsigned n);
void xennet_local_ungrant(void *ctx, struct xennet_grant_op *op, unsigned n);
int xennet_local_own_share(void *ctx, uint16_t domid, unsigned n, bool readonly,
			   void **addr, uint32_t *grefs);
int xennet_local_share(void *ctx, uint16_t domid, unsigned n, bool readonly,
		       void **addr, uint32_t *grefs);
int xennet_local_unshare(void *ctx, void *addr, unsigned n,
			 const uint32_t *grefs);
int xennet_local_evtchn_alloc(void *ctx, uint16_t domid, uint32_t *port);
int xennet_local_evtchn_bind(void *ctx, uint16_t domid, uint32_t remote,
			     uint32_t *port);
void xennet_local_evtchn_close(void *ctx, uint32_t port);
int xennet_local_evtchn_notify(void *ctx, uint32_t port);
int xennet_local_evtchn_rearm(void *ctx, uint32_t port, bool spurious);

#pragma GCC visibility pop

#endif
