/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#include "libxen.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>
#include <xen/xen.h>
#include <xen/grant_table.h>
#include <xencall.h>

struct libxen libxen;

struct xengntdev_handle {
	int unused;
};

struct xencall_handle {
	int unused;
};

struct xenevtchn_handle {
	int fd;
	int port;
	bool masked, pending;
};

struct xs_handle {
	int unused;
};

static struct xenevtchn_handle *ports[64];

void libxen_reset(void)
{
	memset(&libxen, 0, sizeof(libxen));
	libxen.domid = "5";
}

static bool fails(const char *function)
{
	errno = libxen.error;
	return libxen.fails && strcmp(libxen.fails, function) == 0;
}

static void *opened(const char *function, size_t size)
{
	void *h = fails(function) ? NULL : calloc(1, size);

	libxen.handles += h != NULL;
	return h;
}

static int closed(void *h)
{
	libxen.handles--;
	free(h);
	return 0;
}

/* libxengnttab */

xengnttab_handle *xengnttab_open(struct xentoollog_logger *logger,
				 unsigned flags)
{
	(void)logger, (void)flags;
	return opened(__func__, sizeof(xengnttab_handle));
}

int xengnttab_close(xengnttab_handle *h)
{
	return closed(h);
}

static unsigned char *page_of(uint32_t domid, uint32_t ref, bool write)
{
	if (domid == DOMID_SELF && ref >= OWN_GREF &&
	    ref < OWN_GREF + libxen.nown)
		return libxen.own + (ref - OWN_GREF) * 4096ul;
	if (domid != PEER || ref < GREF || ref >= GREF + GRANTS ||
	    (write && ref == GREF_READONLY))
		return NULL;
	return libxen.page[ref - GREF];
}

/* Mapped pages are others than the granted: enough to tell what is mapped. */
void *xengnttab_map_domain_grant_refs(xengnttab_handle *h, uint32_t count,
				      uint32_t domid, uint32_t *refs, int prot)
{
	uint32_t *at;

	(void)h;
	libxen.map_calls++;
	if (fails("xengnttab_map"))
		return NULL;
	for (uint32_t i = 0; i < count; i++) {
		if (page_of(domid, refs[i], prot & PROT_WRITE))
			continue;
		errno = EINVAL;
		return NULL;
	}
	at = mmap(NULL, count * 4096ul, PROT_READ | PROT_WRITE,
		  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	for (uint32_t i = 0; i < count; i++)
		at[i * 1024] = refs[i];
	at[1] = count;
	return at;
}

void *xengnttab_map_grant_ref(xengnttab_handle *h, uint32_t domid, uint32_t ref,
			      int prot)
{
	return xengnttab_map_domain_grant_refs(h, 1, domid, &ref, prot);
}

static void set_told(void *page, uint32_t offset, uint32_t port)
{
	libxen.told = page;
	libxen.told_offset = offset;
	libxen.told_port = port;
}

/* The page ends: its byte is cleared, then the event is sent. */
static void tell(void *page)
{
	if (!page || libxen.told != page)
		return;
	((unsigned char *)page)[libxen.told_offset] = 0;
	libxen.told = NULL;
	libxen_event(libxen.told_port);
}

/* As the kernel: what one call mapped, or nothing. */
int xengnttab_unmap(xengnttab_handle *h, void *start, uint32_t count)
{
	(void)h;
	if (fails(__func__))
		return -1;
	tell(start);
	if (((uint32_t *)start)[1] != count) {
		errno = EINVAL;
		return -1;
	}
	return munmap(start, count * 4096ul);
}

static bool in_page(const xengnttab_grant_copy_segment_t *s)
{
	if (s->flags & GNTCOPY_source_gref &&
	    s->source.foreign.offset + s->len > 4096)
		return false;
	if (s->flags & GNTCOPY_dest_gref &&
	    s->dest.foreign.offset + s->len > 4096)
		return false;
	return s->flags != 0;
}

static void copy_one(xengnttab_grant_copy_segment_t *s)
{
	unsigned char *from = s->source.virt, *to = s->dest.virt;

	if (s->flags & GNTCOPY_source_gref)
		from = page_of(s->source.foreign.domid, s->source.foreign.ref,
			       false);
	if (s->flags & GNTCOPY_dest_gref)
		to = page_of(s->dest.foreign.domid, s->dest.foreign.ref, true);
	s->status = from && to ? GNTST_okay : GNTST_bad_gntref;
	if (s->status)
		return;
	if (s->flags & GNTCOPY_source_gref)
		from += s->source.foreign.offset;
	if (s->flags & GNTCOPY_dest_gref)
		to += s->dest.foreign.offset;
	memmove(to, from, s->len);
}

/* A segment over the end of a page, or without a grant: the call fails. */
int xengnttab_grant_copy(xengnttab_handle *h, uint32_t count,
			 xengnttab_grant_copy_segment_t *segs)
{
	(void)h;
	libxen.copy_calls++;
	if (fails(__func__))
		return -1;
	for (uint32_t i = 0; i < count; i++) {
		if (!in_page(&segs[i])) {
			errno = EINVAL;
			return -1;
		}
		libxen.segments++;
		copy_one(&segs[i]);
	}
	return 0;
}

/* libxencall: as Xen does it, each segment has its status. */

xencall_handle *xencall_open(struct xentoollog_logger *logger, unsigned flags)
{
	(void)logger, (void)flags;
	return opened(__func__, sizeof(xencall_handle));
}

int xencall_close(xencall_handle *h)
{
	return closed(h);
}

static unsigned char *granted(const struct gnttab_copy_ptr *p, uint16_t len,
			      bool write)
{
	unsigned char *page = page_of(p->domid, p->u.ref, write);

	return page && p->offset + len <= 4096 ? page + p->offset : NULL;
}

int xencall3(xencall_handle *h, unsigned int op, uint64_t cmd, uint64_t arg,
	     uint64_t count)
{
	struct gnttab_copy *seg = (void *)(uintptr_t)arg;

	(void)h;
	libxen.hypercalls++;
	if (fails(__func__) || op != __HYPERVISOR_grant_table_op ||
	    cmd != GNTTABOP_copy)
		return -1;
	for (; count; count--, seg++) {
		void *from = granted(&seg->source, seg->len, false);
		void *to = granted(&seg->dest, seg->len, true);

		seg->status = from && to ? GNTST_okay : GNTST_bad_gntref;
		if (from && to)
			memmove(to, from, seg->len);
	}
	return 0;
}

xengntshr_handle *xengntshr_open(struct xentoollog_logger *logger,
				 unsigned flags)
{
	(void)logger, (void)flags;
	return opened(__func__, sizeof(xengntshr_handle));
}

int xengntshr_close(xengntshr_handle *h)
{
	return closed(h);
}

/* The program may move its view of them. */
static void *share_own(unsigned count, uint32_t *refs)
{
	void *m = mmap(NULL, count * 4096ul, PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	libxen.own = mremap(m, 0, count * 4096ul, MREMAP_MAYMOVE);
	libxen.nown = count;
	for (unsigned i = 0; i < count; i++)
		refs[i] = OWN_GREF + i;
	return m;
}

void *xengntshr_share_pages(xengntshr_handle *h, uint32_t domid, int count,
			    uint32_t *refs, int writable)
{
	(void)h, (void)writable;
	if (fails("xengntshr_share"))
		return NULL;
	if (count > (int)GRANTS) {
		errno = ENOSPC;
		return NULL;
	}
	if (domid != PEER)
		return share_own((unsigned)count, refs);
	for (int i = 0; i < count; i++)
		refs[i] = GREF + (uint32_t)i;
	return libxen.page;
}

void *xengntshr_share_page_notify(xengntshr_handle *h, uint32_t domid,
				  uint32_t *ref, int writable, uint32_t offset,
				  evtchn_port_t port)
{
	void *page = xengntshr_share_pages(h, domid, 1, ref, writable);

	if (page)
		set_told(page, offset, port);
	return page;
}

int xengntshr_unshare(xengntshr_handle *h, void *start, uint32_t count)
{
	(void)h, (void)count;
	if (fails(__func__))
		return -1;
	tell(start);
	return 0;
}

/* libxenevtchn */

xenevtchn_handle *xenevtchn_open(struct xentoollog_logger *logger,
				 unsigned int flags)
{
	xenevtchn_handle *h = opened(__func__, sizeof(xenevtchn_handle));

	(void)logger, (void)flags;
	if (h)
		h->fd = eventfd(0, 0);
	return h;
}

int xenevtchn_close(xenevtchn_handle *h)
{
	if (ports[h->port] == h) {
		ports[h->port] = NULL;
		libxen.bound = false;
	}
	close(h->fd);
	return closed(h);
}

int xenevtchn_fd(xenevtchn_handle *h)
{
	return h->fd;
}

static int new_port(xenevtchn_handle *h)
{
	h->port = 1;
	while (ports[h->port])
		h->port++;
	ports[h->port] = h;
	return h->port;
}

xenevtchn_port_or_error_t xenevtchn_bind_unbound_port(xenevtchn_handle *h,
						      uint32_t domid)
{
	if (fails(__func__))
		return -1;
	if (domid == PEER)
		return new_port(h);
	errno = ESRCH;
	return -1;
}

xenevtchn_port_or_error_t xenevtchn_bind_interdomain(xenevtchn_handle *h,
						     uint32_t domid,
						     evtchn_port_t remote)
{
	if (fails(__func__))
		return -1;
	if (domid == PEER && remote == PEER_PORT && !libxen.bound) {
		libxen.bound = true;
		return new_port(h);
	}
	errno = domid == PEER ? EINVAL : ESRCH;
	return -1;
}

static void deliver(xenevtchn_handle *h)
{
	if (!h->pending || h->masked)
		return;
	h->pending = false;
	h->masked = true;
	eventfd_write(h->fd, 1);
}

void libxen_event(uint32_t port)
{
	ports[port]->pending = true;
	deliver(ports[port]);
}

int xenevtchn_notify(xenevtchn_handle *h, evtchn_port_t port)
{
	if (fails(__func__))
		return -1;
	return h->port == (int)port && libxen.bound ? 0 : -1;
}

xenevtchn_port_or_error_t xenevtchn_pending(xenevtchn_handle *h)
{
	eventfd_t n;

	return eventfd_read(h->fd, &n) ? -1 : h->port;
}

int xenevtchn_unmask(xenevtchn_handle *h, evtchn_port_t port)
{
	(void)port;
	libxen.unmasks++;
	h->masked = false;
	deliver(h);
	return 0;
}

/* libxenstore: "domid", "/key" with the value "value", and "/dir" */

struct xs_handle *xs_open(unsigned long flags)
{
	(void)flags;
	return opened(__func__, sizeof(struct xs_handle));
}

void xs_close(struct xs_handle *h)
{
	closed(h);
}

void *xs_read(struct xs_handle *h, xs_transaction_t t, const char *path,
	      unsigned int *len)
{
	const char *value = NULL;

	(void)h, (void)t;
	if (fails(__func__))
		return NULL;
	if (strcmp(path, "domid") == 0)
		value = libxen.domid;
	else if (strcmp(path, "/key") == 0)
		value = "value";
	errno = ENOENT;
	if (!value)
		return NULL;
	*len = (unsigned)strlen(value);
	return strdup(value);
}

bool xs_write(struct xs_handle *h, xs_transaction_t t, const char *path,
	      const void *data, unsigned int len)
{
	(void)h, (void)t, (void)data, (void)len;
	if (fails(__func__))
		return false;
	errno = EACCES;
	return strcmp(path, "/key") == 0;
}

bool xs_rm(struct xs_handle *h, xs_transaction_t t, const char *path)
{
	(void)h, (void)t;
	if (fails(__func__))
		return false;
	errno = strcmp(path, "/not/mine") == 0 ? EACCES : ENOENT;
	return strcmp(path, "/key") == 0;
}

bool xs_watch(struct xs_handle *h, const char *path, const char *token)
{
	(void)h, (void)path, (void)token;
	if (fails(__func__))
		return false;
	errno = EEXIST;
	return libxen.watches++ == 0;
}

bool xs_unwatch(struct xs_handle *h, const char *path, const char *token)
{
	(void)h;
	libxen.watches = 0;
	return strcmp(path, token) == 0;
}

int xs_fileno(struct xs_handle *h)
{
	(void)h;
	return -1;
}

/* One allocation, pointers before the strings, as theirs. */
char **xs_check_watch(struct xs_handle *h)
{
	size_t n = libxen.fired ? strlen(libxen.fired) + 1 : 0;
	char **event;

	(void)h;
	if (fails(__func__))
		return NULL;
	errno = EAGAIN;
	if (!n)
		return NULL;
	event = malloc(2 * sizeof(*event) + n);
	event[XS_WATCH_PATH] = event[XS_WATCH_TOKEN] = (char *)(event + 2);
	memcpy(event + 2, libxen.fired, n);
	libxen.fired = NULL;
	return event;
}

char **xs_directory(struct xs_handle *h, xs_transaction_t t, const char *path,
		    unsigned int *num)
{
	static const char names[] = "one\0two";
	char **entry;

	(void)h, (void)t;
	if (fails(__func__))
		return NULL;
	errno = ENOENT;
	if (strcmp(path, "/dir") != 0)
		return NULL;
	entry = malloc(2 * sizeof(*entry) + sizeof(names));
	memcpy(entry + 2, names, sizeof(names));
	entry[0] = (char *)(entry + 2);
	entry[1] = entry[0] + 4;
	*num = 2;
	return entry;
}

xs_transaction_t xs_transaction_start(struct xs_handle *h)
{
	(void)h;
	return fails(__func__) ? 0 : 1;
}

bool xs_transaction_end(struct xs_handle *h, xs_transaction_t t, bool abort)
{
	(void)h, (void)t, (void)abort;
	if (fails(__func__))
		return false;
	errno = EAGAIN;
	return libxen.conflicts-- <= 0;
}
