/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#include "minios.h"

#include <mini-os/os.h>
#include <mini-os/mm.h>
#include <mini-os/gnttab.h>
#include <mini-os/gntmap.h>
#include <mini-os/events.h>
#include <mini-os/xmalloc.h>
#include <mini-os/sched.h>
#include <mini-os/wait.h>
#include <mini-os/xenbus.h>
#include <sys/mman.h>

#include "machine.h"

#define PAGES 4096u
#define WATCHES 16u
#define RING 1024u /* XENSTORE_RING_SIZE */
#define AREA (DEMAND_MAP_PAGES * XENNET_PAGE)
#define TABLE (512ul * XENNET_PAGE) /* what a page of page table maps */

struct stub stub;
unsigned long stub_demand_area;
struct wait_queue_head xenbus_watch_queue;

static void *area;
static unsigned char *memory; /* what alloc_pages gives */
static bool taken[PAGES];

/* A page of others, by its place in the demand area. */
static struct {
	bool present;
	void *addr;
	uint64_t handle;
} mapped[DEMAND_MAP_PAGES];
static bool table[DEMAND_MAP_PAGES / 512]; /* is there */

static struct {
	evtchn_handler_t handler;
	void *data;
} action[FAKE_PORTS];

static struct {
	char *path;
	xenbus_event_queue *events;
} watch[WATCHES];

static struct fake_domain *self(void)
{
	return &stub.fake->domain[stub.domid];
}

static void before(struct fake *f, enum fake_op op, void *arg)
{
	(void)f, (void)op, (void)arg;
	stub_deliver();
}

void stub_open(struct fake *f, uint16_t domid)
{
	stub = (struct stub){ .fake = f, .domid = domid };
	memory = fake_op_alloc_pages(self(), PAGES);
	area = mmap(NULL, AREA + TABLE, PROT_NONE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	stub_demand_area = ((unsigned long)area + TABLE - 1) & ~(TABLE - 1);
	f->before = before;
}

void stub_close(void)
{
	if (stub.pages || stub.objects)
		fake_misuse(stub.fake, "%u pages, %u objects left over",
			    stub.pages, stub.objects);
	for (unsigned i = 0; i < WATCHES; i++)
		if (watch[i].path)
			fake_misuse(stub.fake, "watch of %s", watch[i].path);
	fake_op_free_pages(self(), memory, PAGES);
	munmap(area, AREA + TABLE);
	memset(table, 0, sizeof(table));
	stub.fake->before = NULL;
}

/* --- memory */

static bool is_full(void)
{
	if (stub.fake->atomic)
		fake_misuse(stub.fake, "allocates in the data path");
	return stub.full && --stub.full == 0;
}

int get_order(unsigned long size)
{
	int order = 0;

	while ((unsigned long)XENNET_PAGE << order < size)
		order++;
	return order;
}

static bool is_free(unsigned at, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		if (at + i >= PAGES || taken[at + i])
			return false;
	return true;
}

unsigned long alloc_pages(int order)
{
	unsigned n = 1u << order, at = 0;

	if (is_full())
		return 0;
	while (at < PAGES && !is_free(at, n))
		at += n;
	if (at >= PAGES)
		return 0;
	memset(taken + at, true, n);
	memset(memory + at * XENNET_PAGE, 0xdb, n * XENNET_PAGE);
	stub.pages += n;
	return (unsigned long)(memory + at * XENNET_PAGE);
}

void free_pages(void *pointer, int order)
{
	size_t at = (size_t)((unsigned char *)pointer - memory) / XENNET_PAGE;

	for (unsigned i = 0; i < 1u << order; i++) {
		if (at + i >= PAGES || !taken[at + i])
			fake_misuse(stub.fake, "frees a page that is free");
		taken[at + i] = false;
		stub.pages--;
	}
}

void *_xmalloc(size_t size, size_t align)
{
	void *p = NULL;

	if (is_full() || posix_memalign(&p, align, size))
		return NULL;
	memset(p, 0xdb, size);
	stub.objects++;
	return p;
}

void xfree(const void *p)
{
	stub.objects -= p != NULL;
	free((void *)(uintptr_t)p);
}

/* --- grants */

grant_ref_t gnttab_grant_access(domid_t domid, unsigned long frame,
				int readonly)
{
	struct xennet_grant_op op = { .addr = (void *)(frame * XENNET_PAGE),
				      .readonly = readonly };

	fake_op_grant(self(), domid, &op, 1);
	return op.gref;
}

int gnttab_end_access(grant_ref_t ref)
{
	struct xennet_grant_op op = { .gref = ref };

	op.addr = fake_granted(stub.fake, stub.domid, ref);
	fake_op_ungrant(self(), &op, 1);
	return op.status == 0;
}

unsigned long allocate_ondemand(unsigned long n, unsigned long alignment)
{
	unsigned long at = 0, i;

	(void)alignment;
	for (; !stub.no_room && at + n <= DEMAND_MAP_PAGES; at += i + 1) {
		for (i = 0; i < n && !mapped[at + i].present; i++)
			continue;
		if (i == n)
			return stub_demand_area + at * XENNET_PAGE;
	}
	return 0;
}

uint64_t *need_pgt(unsigned long va)
{
	static uint64_t entry;
	unsigned long at = (va - stub_demand_area) / XENNET_PAGE;

	if (stub.no_tables || at >= DEMAND_MAP_PAGES)
		return NULL;
	table[at / 512] = true;
	return &entry;
}

/* As Xen: at an address that has a page table. */
static int16_t map_one(struct gnttab_map_grant_ref *req)
{
	struct xennet_map_op op = { .gref = req->ref,
				    .domid = req->dom,
				    .readonly = req->flags & GNTMAP_readonly };
	unsigned long at = (req->host_addr - stub_demand_area) / XENNET_PAGE;
	void *here = (void *)(uintptr_t)req->host_addr;
	uint32_t frame;

	if (at >= DEMAND_MAP_PAGES || !table[at / 512] || mapped[at].present)
		return GNTST_general_error;
	fake_op_map(self(), &op, 1);
	if (op.status)
		return op.status;
	frame = stub.fake->map[(uint32_t)op.handle].frame;
	if (mmap(here, XENNET_PAGE,
		 op.readonly ? PROT_READ : PROT_READ | PROT_WRITE,
		 MAP_SHARED | MAP_FIXED, stub.fake->memory,
		 (off_t)frame * XENNET_PAGE) == MAP_FAILED)
		abort();
	mapped[at].present = true;
	mapped[at].addr = op.addr;
	mapped[at].handle = op.handle;
	req->handle = (grant_handle_t)at;
	return GNTST_okay;
}

static int16_t unmap_one(const struct gnttab_unmap_grant_ref *req)
{
	unsigned long at = req->handle;
	struct xennet_map_op op = { 0 };

	if (at >= DEMAND_MAP_PAGES || !mapped[at].present ||
	    req->host_addr != stub_demand_area + at * XENNET_PAGE ||
	    req->dev_bus_addr) {
		fake_misuse(stub.fake, "unmaps what is not mapped");
		return GNTST_bad_handle;
	}
	op.addr = mapped[at].addr;
	op.handle = mapped[at].handle;
	fake_op_unmap(self(), &op, 1);
	if (op.status)
		return op.status;
	mapped[at].present = false;
	mmap((void *)(uintptr_t)req->host_addr, XENNET_PAGE, PROT_NONE,
	     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	return GNTST_okay;
}

/* Xen takes for a domain's own no frame that it has mapped of another. */
static bool own(unsigned long frame)
{
	return frame - (stub_demand_area >> 12) >= DEMAND_MAP_PAGES;
}

static int16_t copy_one(const struct gnttab_copy *seg)
{
	struct xennet_copy_op op = { .len = seg->len };

	op.src.gref = seg->source.u.ref;
	op.src.domid = seg->source.domid;
	op.src.offset = seg->source.offset;
	op.dst.gref = seg->dest.u.ref;
	op.dst.domid = seg->dest.domid;
	op.dst.offset = seg->dest.offset;
	if (!(seg->flags & GNTCOPY_source_gref)) {
		if (op.src.domid != DOMID_SELF || !own(seg->source.u.gmfn))
			return GNTST_bad_page;
		op.src.addr = (unsigned char *)(seg->source.u.gmfn << 12) +
			      op.src.offset;
	}
	if (!(seg->flags & GNTCOPY_dest_gref)) {
		if (op.dst.domid != DOMID_SELF || !own(seg->dest.u.gmfn))
			return GNTST_bad_page;
		op.dst.addr = (unsigned char *)(seg->dest.u.gmfn << 12) +
			      op.dst.offset;
	}
	fake_op_copy(self(), &op, 1);
	return op.status;
}

int HYPERVISOR_grant_table_op(unsigned cmd, void *op, unsigned count)
{
	struct gnttab_unmap_grant_ref *unmap = op;
	struct gnttab_map_grant_ref *map = op;
	struct gnttab_copy *copy = op;

	stub.hypercalls++;
	if (stub.call_fails) {
		stub.call_fails = false;
		return -14;
	}
	for (unsigned i = 0; i < count; i++) {
		if (cmd == GNTTABOP_map_grant_ref)
			map[i].status = map_one(&map[i]);
		else if (cmd == GNTTABOP_unmap_grant_ref)
			unmap[i].status = unmap_one(&unmap[i]);
		else if (cmd == GNTTABOP_copy)
			copy[i].status = copy_one(&copy[i]);
		else
			return -38;
	}
	return 0;
}

void *gntmap_map_grant_refs(struct gntmap *map, uint32_t count,
			    uint32_t *domids, int stride, uint32_t *refs,
			    int writable)
{
	unsigned long at = allocate_ondemand(count, 1);

	for (uint32_t i = 0; at && i < count; i++) {
		struct gnttab_map_grant_ref req = {
			.host_addr = at + i * XENNET_PAGE,
			.flags = writable ? 0 : GNTMAP_readonly,
			.ref = refs[i],
			.dom = (domid_t)domids[i * (unsigned)stride],
		};

		if (map_one(&req) == GNTST_okay)
			continue;
		gntmap_munmap(map, at, (int)i);
		return NULL;
	}
	return (void *)at;
}

int gntmap_munmap(struct gntmap *map, unsigned long start, int count)
{
	(void)map;
	for (int i = 0; i < count; i++, start += XENNET_PAGE) {
		struct gnttab_unmap_grant_ref req = { .host_addr = start };

		req.handle = (grant_handle_t)((start - stub_demand_area) /
					      XENNET_PAGE);
		if (unmap_one(&req))
			return -22;
	}
	return 0;
}

/* --- events */

void stub_deliver(void)
{
	for (uint32_t port = 1; port < FAKE_PORTS; port++) {
		if (!action[port].handler ||
		    !fake_event(stub.fake, stub.domid, port))
			continue;
		self()->port[port].masked = false;
		stub.handled++;
		action[port].handler(port, NULL, action[port].data);
	}
}

void mask_evtchn(uint32_t port)
{
	self()->port[port].masked = true;
}

void unmask_evtchn(uint32_t port)
{
	self()->port[port].masked = false;
	stub_deliver();
}

static int opened(int err, uint32_t at, evtchn_handler_t handler, void *data,
		  evtchn_port_t *port)
{
	if (err)
		return err == -XENNET_ENOENT ? -22 : -5;
	self()->port[at].masked = true;
	action[at].handler = handler;
	action[at].data = data;
	*port = stub.far_port ? at + STUB_FAR : at;
	stub.far_port = false;
	return 0;
}

int evtchn_alloc_unbound(domid_t pal, evtchn_handler_t handler, void *data,
			 evtchn_port_t *port)
{
	uint32_t at;
	int err;

	if (stub.evtchn_error)
		return stub.evtchn_error;
	err = fake_op_evtchn_alloc(self(), pal, &at);
	return opened(err, at, handler, data, port);
}

int evtchn_bind_interdomain(domid_t pal, evtchn_port_t remote_port,
			    evtchn_handler_t handler, void *data,
			    evtchn_port_t *local_port)
{
	uint32_t at;
	int err;

	if (stub.evtchn_error)
		return stub.evtchn_error;
	err = fake_op_evtchn_bind(self(), pal, remote_port, &at);
	return opened(err, at, handler, data, local_port);
}

void unbind_evtchn(evtchn_port_t port)
{
	port %= STUB_FAR;
	action[port].handler = NULL;
	fake_op_evtchn_close(self(), port);
}

int notify_remote_via_evtchn(evtchn_port_t port)
{
	return fake_op_notify(self(), port) ? -22 : 0;
}

/* --- time, and waiting */

uint64_t monotonic_clock(void)
{
	return stub.fake->now;
}

void msleep(uint32_t millisecs)
{
	stub.fake->now += millisecs * 1000000ull;
}

void wake_up(struct wait_queue_head *head)
{
	head->woken++;
}

static void fire(unsigned i)
{
	size_t len = strlen(watch[i].path) + 1;
	struct xenbus_event *event = malloc(sizeof(*event) + len);

	event->path = event->token = (char *)(event + 1);
	memcpy(event->path, watch[i].path, len);
	event->next = *watch[i].events;
	*watch[i].events = event;
	wake_up(&xenbus_watch_queue);
}

bool stub_sleep(s_time_t deadline)
{
	unsigned woken = xenbus_watch_queue.woken;

	stub_deliver();
	if (fake_changed(stub.fake, stub.domid))
		for (unsigned i = 0; i < WATCHES; i++)
			if (watch[i].path)
				fire(i);
	if (xenbus_watch_queue.woken != woken)
		return true;
	if (deadline && (uint64_t)deadline > stub.fake->now)
		stub.fake->now = (uint64_t)deadline;
	if (!deadline)
		fake_misuse(stub.fake, "sleeps for ever");
	return false;
}

/* --- the store */

/* It dies of a message that is larger than its ring. */
static void message(const char *path, const char *value)
{
	if (16 + strlen(path) + 1 + strlen(value) + 1 > RING)
		fake_misuse(stub.fake, "a message larger than the ring");
}

static char *said(int err)
{
	static const char *const name[XENNET_ERR_COUNT] = {
		[XENNET_ENOENT] = "ENOENT", [XENNET_EAGAIN] = "EAGAIN",
		[XENNET_EINVAL] = "EINVAL", [XENNET_EACCESS] = "EACCES",
		[XENNET_ENOMEM] = "ENOMEM",
	};
	const char *says = stub.says;

	stub.says = NULL;
	if (!says && err < 0)
		says = name[-err] ? name[-err] : "EIO";
	return says ? strdup(says) : NULL;
}

char *xenbus_read(xenbus_transaction_t xbt, const char *path, char **value)
{
	char text[4096];
	char *error;

	message(path, "");
	error = said(fake_op_read(self(), (xennet_txn)xbt, path, text,
				  sizeof(text)));
	*value = error ? NULL : strdup(text);
	return error;
}

char *xenbus_write(xenbus_transaction_t xbt, const char *path,
		   const char *value)
{
	message(path, value);
	return said(fake_op_write(self(), (xennet_txn)xbt, path, value));
}

char *xenbus_rm(xenbus_transaction_t xbt, const char *path)
{
	message(path, "");
	return said(fake_op_remove(self(), (xennet_txn)xbt, path));
}

char *xenbus_watch_path_token(xenbus_transaction_t xbt, const char *path,
			      const char *token, xenbus_event_queue *events)
{
	char *error = said(stub.says ? 0 : fake_op_watch(self(), path));
	unsigned i = 0;

	(void)xbt;
	message(path, token);
	while (i < WATCHES - 1 && watch[i].path)
		i++;
	if (!error) {
		watch[i].path = strdup(path);
		watch[i].events = events;
	}
	return error;
}

char *xenbus_unwatch_path_token(xenbus_transaction_t xbt, const char *path,
				const char *token)
{
	(void)xbt;
	message(path, token);
	fake_op_unwatch(self(), path);
	for (unsigned i = 0; i < WATCHES; i++) {
		if (!watch[i].path || strcmp(watch[i].path, path) != 0)
			continue;
		free(watch[i].path);
		watch[i].path = NULL;
		break;
	}
	return said(0);
}

char *xenbus_transaction_start(xenbus_transaction_t *xbt)
{
	xennet_txn txn = 0;
	int err = stub.says ? 0 : fake_op_txn_begin(self(), &txn);

	*xbt = txn;
	return said(err);
}

char *xenbus_transaction_end(xenbus_transaction_t xbt, int abort, int *retry)
{
	int err = fake_op_txn_end(self(), (xennet_txn)xbt, abort);

	*retry = err == -XENNET_EAGAIN;
	return *retry ? NULL : said(err);
}
