/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* The machine as a whole: its ops table, counting, failing, leak check. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "machine.h"

static const char *const op_name[FAKE_OPS] = {
	[FAKE_ALLOC] = "alloc",
	[FAKE_FREE] = "free",
	[FAKE_ALLOC_PAGES] = "alloc_pages",
	[FAKE_FREE_PAGES] = "free_pages",
	[FAKE_SHARE] = "share",
	[FAKE_UNSHARE] = "unshare",
	[FAKE_SHARE_NOTIFY] = "share_notify",
	[FAKE_GRANT] = "grant",
	[FAKE_UNGRANT] = "ungrant",
	[FAKE_MAP_RING] = "map_ring",
	[FAKE_UNMAP_RING] = "unmap_ring",
	[FAKE_MAP] = "map",
	[FAKE_UNMAP] = "unmap",
	[FAKE_COPY] = "copy",
	[FAKE_EVTCHN_ALLOC] = "evtchn_alloc",
	[FAKE_EVTCHN_BIND] = "evtchn_bind",
	[FAKE_EVTCHN_CLOSE] = "evtchn_close",
	[FAKE_NOTIFY] = "evtchn_notify",
	[FAKE_REARM] = "evtchn_rearm",
	[FAKE_READ] = "store_read",
	[FAKE_WRITE] = "store_write",
	[FAKE_REMOVE] = "store_remove",
	[FAKE_WATCH] = "store_watch",
	[FAKE_UNWATCH] = "store_unwatch",
	[FAKE_TXN_BEGIN] = "txn_begin",
	[FAKE_TXN_END] = "txn_end",
	[FAKE_DELAY] = "delay",
};

const char *fake_op_name(enum fake_op op)
{
	return op_name[op];
}

void fake_misuse(struct fake *f, const char *format, ...)
{
	va_list args;

	if (f->misuse[0])
		return;
	va_start(args, format);
	vsnprintf(f->misuse, sizeof(f->misuse), format, args);
	va_end(args);
}

void fake_call(struct fake *f, enum fake_op op)
{
	f->calls[op]++;
	if (f->before)
		f->before(f, op, f->arg);
}

int fake_status(struct fake *f, enum fake_op op, uint32_t gref)
{
	struct fake_failure *fail = &f->failure;

	f->ops[op]++;
	if (fail->op != op || fail->times == 0)
		return 0;
	if (fail->hits == 0) {
		if (--fail->nth > 0)
			return 0;
		fail->gref = gref;
	} else if (fail->gref != gref) {
		return 0;
	}
	fail->hits++;
	fail->times--;
	return fail->status;
}

int fake_sleeping(struct fake *f, enum fake_op op)
{
	fake_call(f, op);
	if (f->atomic)
		fake_misuse(f, "%s sleeps in the data path", op_name[op]);
	return fake_status(f, op, 0);
}

const struct xennet_costs fake_costs = { .copy_few = 100,
					 .copy_page = 4000,
					 .map = 200,
					 .scattered = 300,
					 .memcpy_page = 100 };

static void op_delay(void *ctx, unsigned usec)
{
	struct fake *f = fake_of(ctx);

	fake_call(f, FAKE_DELAY);
	fake_status(f, FAKE_DELAY, 0);
	f->now += (uint64_t)usec * 1000;
}

static uint64_t op_clock(void *ctx)
{
	return fake_of(ctx)->now;
}

#define SHARING_OPS                                                            \
	.alloc = fake_op_alloc, .free = fake_op_free, .share = fake_op_share,  \
	.unshare = fake_op_unshare, .map_ring = fake_op_map_ring,              \
	.unmap_ring = fake_op_unmap_ring, .map = fake_op_map,                  \
	.unmap = fake_op_unmap, .copy = fake_op_copy,                          \
	.evtchn_alloc = fake_op_evtchn_alloc,                                  \
	.evtchn_bind = fake_op_evtchn_bind,                                    \
	.evtchn_close = fake_op_evtchn_close, .evtchn_notify = fake_op_notify, \
	.evtchn_rearm = fake_op_rearm, .store_read = fake_op_read,             \
	.store_write = fake_op_write, .store_remove = fake_op_remove,          \
	.store_watch = fake_op_watch, .store_unwatch = fake_op_unwatch,        \
	.txn_begin = fake_op_txn_begin, .txn_end = fake_op_txn_end,            \
	.delay = op_delay, .clock = op_clock

static const struct xennet_ops sharing_ops = {
	SHARING_OPS,
	.share_notify = fake_op_share_notify,
};

static const struct xennet_ops granting_ops = {
	SHARING_OPS,
	.alloc_pages = fake_op_alloc_pages,
	.free_pages = fake_op_free_pages,
	.grant = fake_op_grant,
	.ungrant = fake_op_ungrant,
};

static const struct xennet_ops pinning_ops = {
	SHARING_OPS,
	.alloc_pages = fake_op_alloc_pages,
	.free_pages = fake_op_free_pages,
	.grant = fake_op_grant,
	.ungrant = fake_op_ungrant,
	.copy_alloc = fake_op_copy_alloc,
	.copy_free = fake_op_copy_free,
};

static struct fake_domain *domain(struct fake *f, uint16_t domid)
{
	if (domid >= FAKE_DOMAINS)
		abort();
	return &f->domain[domid];
}

struct xennet_platform fake_platform(struct fake *f, uint16_t domid)
{
	return (struct xennet_platform){ &granting_ops, domain(f, domid) };
}

struct xennet_platform fake_pinning_platform(struct fake *f, uint16_t domid)
{
	return (struct xennet_platform){ &pinning_ops, domain(f, domid) };
}

struct xennet_platform fake_sharing_platform(struct fake *f, uint16_t domid)
{
	return (struct xennet_platform){ &sharing_ops, domain(f, domid) };
}

void fake_fail_times(struct fake *f, enum fake_op op, unsigned nth,
		     unsigned times, int status)
{
	f->failure = (struct fake_failure){
		.op = op, .nth = nth, .times = times, .status = status
	};
}

void fake_fail(struct fake *f, enum fake_op op, unsigned nth, int status)
{
	fake_fail_times(f, op, nth, 1, status);
}

bool fake_failed(const struct fake *f)
{
	return f->failure.hits > 0;
}

void fake_fail_nothing(struct fake *f)
{
	f->failure = (struct fake_failure){ .times = 0 };
}

static const char *left(struct fake *f, const char *what, unsigned n)
{
	if (n > 0)
		fake_misuse(f, "%u %s left over", n, what);
	return n > 0 ? f->misuse : NULL;
}

static const char *domain_unclean(struct fake *f, uint16_t domid)
{
	return left(f, "grants", fake_grants(f, domid));
}

const char *fake_unclean(struct fake *f)
{
	const char *why = f->misuse[0] ? f->misuse : NULL;
	uint16_t d;

	if (!why)
		why = left(f, "allocations", f->nallocs);
	if (!why)
		why = left(f, "mappings", fake_maps(f));
	for (d = 0; d < FAKE_DOMAINS && !why; d++)
		why = domain_unclean(f, d);
	if (!why)
		why = left(f, "pages", fake_pages(f));
	if (!why)
		why = left(f, "ports", fake_ports(f));
	return why ? why : fake_store_unclean(f);
}
