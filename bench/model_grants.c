/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * What the platform's operations cost: one process is the guest, on the other
 * processor, and owns every line anew before it is copied or mapped.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <xennet/platform/local.h>
#include <xennet/xennet.h>

#include "model.h"
#include "payload.h"

#define PAGES 64u
#define BATCH 32u
#define ROUNDS 60u
#define EVENTS 200u
#define NAP_MS 25u
#define BUFFER 16384u

enum order {
	ORDER_NONE,
	ORDER_OWN,
	ORDER_GRANT,
	ORDER_ECHO,
	ORDER_NAP,
	ORDER_END
};

struct shared {
	uint32_t given XENNET_ALIGNED(128); /* counts orders */
	uint32_t order, bytes;
	uint32_t done XENNET_ALIGNED(128);
	struct site site;
	const struct bench_opts *o;
	uint16_t domid;
	uint32_t gref[PAGES], port;
	struct model_prices prices;
	double grant_ns;
};

static int complain(const char *what, int err)
{
	fprintf(stderr, "xennet-bench model: %s: %s\n", what,
		xennet_err_text(err));
	return BENCH_FAILED;
}

static double median(double *value, unsigned n)
{
	return bench_percentile(value, n, 0.5);
}

/* The guest. */

static double time_grants(const struct xennet_platform *p)
{
	struct xennet_grant_op op[BATCH] = { 0 };
	unsigned char *pages = p->ops->alloc_pages(p->ctx, BATCH);
	double ns[ROUNDS];
	unsigned i, k;

	for (k = 0; k < BATCH; k++)
		op[k].addr = pages + (size_t)k * XENNET_PAGE;
	for (i = 0; i < ROUNDS; i++) {
		uint64_t since = clock_ns();

		p->ops->grant(p->ctx, 0, op, BATCH);
		p->ops->ungrant(p->ctx, op, BATCH);
		ns[i] = (double)(clock_ns() - since) / BATCH;
	}
	p->ops->free_pages(p->ctx, pages, BATCH);
	return median(ns, ROUNDS);
}

static void echo(struct xennet_local *local, const struct xennet_platform *p,
		 uint32_t port)
{
	unsigned i;

	for (i = 0; i < EVENTS; i++) {
		while (xennet_local_wait(local, &port, 1, 1000) == 1 &&
		       p->ops->evtchn_rearm(p->ctx, port, false) != 1)
			;
		p->ops->evtchn_notify(p->ctx, port);
	}
}

static void obey(struct shared *s, struct xennet_local *local,
		 const struct xennet_platform *p, unsigned char *pages)
{
	switch (s->order) {
	case ORDER_OWN:
		memset(pages, (int)s->given, s->bytes);
		break;
	case ORDER_GRANT:
		s->grant_ns = time_grants(p);
		break;
	case ORDER_ECHO:
		p->ops->evtchn_rearm(p->ctx, s->port, false);
		xennet_store_release(&s->done, s->given);
		echo(local, p, s->port);
		return;
	case ORDER_NAP:
		xennet_store_release(&s->done, s->given);
		clock_sleep_ms(NAP_MS);
		return;
	default:
		break;
	}
	xennet_store_release(&s->done, s->given);
}

static int guest(void *arg)
{
	struct shared *s = arg;
	struct xennet_local *local;
	struct xennet_platform p;
	uint32_t seen, order;
	void *pages;
	int err = -XENNET_EGONE;
	unsigned ms;

	for (ms = 0; ms < 5000 && err == -XENNET_EGONE; ms++) {
		err = xennet_local_join(&local, s->site.socket, NULL);
		if (err)
			clock_sleep_ms(1);
	}
	if (err)
		return complain("the guest cannot join", err);
	p = xennet_local_platform(local);
	s->domid = xennet_local_domid(local);
	err = p.ops->share(p.ctx, 0, PAGES, false, &pages, s->gref);
	if (!err)
		err = p.ops->evtchn_alloc(p.ctx, 0, &s->port);
	if (err)
		return complain("the guest", err);
	xennet_store_release(&s->done, 1);
	for (seen = 1, order = ORDER_NONE; order != ORDER_END;) {
		if (xennet_load_acquire(&s->given) == seen) {
			xennet_relax();
			continue;
		}
		seen = s->given;
		order = s->order;
		obey(s, local, &p, pages);
	}
	return 0;
}

/* The backend. */

struct backend {
	struct shared *s;
	struct xennet_local *local;
	struct xennet_platform p;
	unsigned char *own;
	uint32_t port;
	int failed;
};

static void give(struct backend *b, enum order order, unsigned bytes)
{
	struct shared *s = b->s;

	s->order = order;
	s->bytes = bytes;
	xennet_store_release(&s->given, s->given + 1);
	while (xennet_load_acquire(&s->done) != s->given)
		xennet_relax();
}

static double time_copy(struct backend *b, unsigned n, unsigned len, bool in)
{
	struct xennet_copy_op op[PAGES];
	double ns[ROUNDS];
	unsigned i, k;

	for (i = 0; i < ROUNDS; i++) {
		uint64_t since;

		memset(op, 0, sizeof(op));
		for (k = 0; k < n; k++) {
			struct xennet_copy_end *far =
				in ? &op[k].src : &op[k].dst;
			struct xennet_copy_end *near =
				in ? &op[k].dst : &op[k].src;

			far->gref = b->s->gref[k];
			far->domid = b->s->domid;
			near->addr = b->own + (size_t)k * XENNET_PAGE;
			op[k].len = (uint16_t)len;
		}
		give(b, ORDER_OWN, n * XENNET_PAGE);
		since = clock_ns();
		b->failed += xennet_copy_run(&b->p, op, n) != 0;
		ns[i] = (double)(clock_ns() - since);
	}
	return median(ns, ROUNDS);
}

/* Least squares of relative errors: call + n * (op + len * byte). */
static void fit(double (*point)[3], unsigned n, double *x)
{
	double a[3][4] = { { 0 } };
	unsigned i, r, c, k;

	for (i = 0; i < n; i++) {
		double ns = point[i][2];
		double row[4] = { 1 / ns, point[i][0] / ns,
				  point[i][0] * point[i][1] / ns, 1 };

		for (r = 0; r < 3; r++)
			for (c = 0; c < 4; c++)
				a[r][c] += row[r] * row[c];
	}
	for (k = 0; k < 3; k++)
		for (r = 0; r < 3; r++)
			for (c = 4; r != k && c-- > k;)
				a[r][c] -= a[k][c] * a[r][k] / a[k][k];
	for (k = 0; k < 3; k++)
		x[k] = a[k][3] / a[k][k];
}

static void price_copies(struct backend *b)
{
	static const unsigned counts[] = { 4, 16, 64 };
	static const unsigned lengths[] = { 64, 1024, 4096 };
	double point[9][3], x[2][3], *ns = b->s->prices.ns;
	unsigned in, c, l, n;

	for (in = 0; in < 2; in++) {
		n = 0;
		for (c = 0; c < BENCH_COUNT(counts); c++) {
			for (l = 0; l < BENCH_COUNT(lengths); l++) {
				point[n][0] = counts[c];
				point[n][1] = lengths[l];
				point[n++][2] =
					time_copy(b, counts[c], lengths[l], in);
			}
		}
		fit(point, n, x[in]);
	}
	ns[MODEL_COPY_CALL] = (x[0][0] + x[1][0]) / 2;
	ns[MODEL_COPY_OP] = (x[0][1] + x[1][1]) / 2;
	ns[MODEL_COPY_IN] = x[1][2];
	ns[MODEL_COPY_OUT] = x[0][2];
}

/* n pages mapped, read and unmapped: ns of both. Every second page: each is a
 * call of its own. */
static void time_map(struct backend *b, unsigned n, unsigned stride,
		     double *map, double *unmap)
{
	struct xennet_map_op op[BATCH];
	double there[ROUNDS], back[ROUNDS];
	volatile unsigned char *at;
	uint64_t t[3];
	unsigned i, k;

	for (i = 0; i < ROUNDS; i++) {
		memset(op, 0, sizeof(op));
		for (k = 0; k < n; k++) {
			op[k].gref = b->s->gref[k * stride];
			op[k].domid = b->s->domid;
			op[k].readonly = true;
		}
		t[0] = clock_ns();
		b->failed += xennet_map_run(&b->p, op, n) != 0;
		t[1] = clock_ns();
		for (k = 0; k < n && op[k].addr; k++) {
			at = op[k].addr;
			(void)at[0];
		}
		t[2] = clock_ns();
		b->failed += xennet_unmap_run(&b->p, op, n) != 0;
		back[i] = (double)(clock_ns() - t[2]);
		there[i] = (double)(t[1] - t[0]);
	}
	*map = median(there, ROUNDS);
	*unmap = median(back, ROUNDS);
}

static void price_maps(struct backend *b)
{
	double map[2], unmap[2], *ns = b->s->prices.ns;

	time_map(b, BATCH, 1, &map[0], &unmap[0]);
	time_map(b, BATCH, 2, &map[1], &unmap[1]);
	ns[MODEL_MAP_CALL] = (map[1] - map[0]) / (BATCH - 1);
	ns[MODEL_MAP_PAGE] = map[1] / BATCH - ns[MODEL_MAP_CALL];
	ns[MODEL_UNMAP_CALL] = (unmap[1] - unmap[0]) / (BATCH - 1);
	ns[MODEL_UNMAP_PAGE] = unmap[1] / BATCH - ns[MODEL_UNMAP_CALL];
}

static uint32_t spin_over;

/* Keeps the address space in use on the guest's processor. */
static void *spin(void *arg)
{
	cores_pin(0);
	xennet_store_release(arg, 1);
	while (!xennet_load_acquire(&spin_over))
		xennet_relax();
	return NULL;
}

static void price_shoot(struct backend *b)
{
	double alone, map, unmap;
	uint32_t running = 0;
	pthread_t thread;

	time_map(b, 1, 1, &map, &alone);
	spin_over = 0;
	give(b, ORDER_NAP, 0);
	if (pthread_create(&thread, NULL, spin, &running))
		return;
	while (!xennet_load_acquire(&running))
		xennet_relax();
	time_map(b, 1, 1, &map, &unmap);
	xennet_store_release(&spin_over, 1);
	pthread_join(thread, NULL);
	b->s->prices.ns[MODEL_SHOOT] = unmap - alone;
}

static void price_events(struct backend *b)
{
	double *ns = b->s->prices.ns, took[EVENTS];
	uint64_t since = clock_ns();
	unsigned i;

	for (i = 0; i < EVENTS; i++)
		b->p.ops->evtchn_notify(b->p.ctx, b->port);
	ns[MODEL_EVENT_SEND] = (double)(clock_ns() - since) / EVENTS;
	b->p.ops->evtchn_rearm(b->p.ctx, b->port, false);
	give(b, ORDER_ECHO, 0);
	for (i = 0; i < EVENTS; i++) {
		since = clock_ns();
		b->p.ops->evtchn_notify(b->p.ctx, b->port);
		while (xennet_local_wait(b->local, &b->port, 1, 1000) == 1 &&
		       b->p.ops->evtchn_rearm(b->p.ctx, b->port, false) != 1)
			;
		took[i] = (double)(clock_ns() - since) / 2;
	}
	ns[MODEL_EVENT_WAKE] = median(took, EVENTS);
}

static void price_bytes(struct backend *b)
{
	double *ns = b->s->prices.ns, copy[ROUNDS], add[ROUNDS];
	struct payload_sum sum = { .at = 0 };
	unsigned i, k;

	for (i = 0; i < ROUNDS; i++) {
		uint64_t since = clock_ns(), between;

		for (k = 0; k < 8; k++)
			memcpy(b->own + BUFFER, b->own, BUFFER);
		between = clock_ns();
		for (k = 0; k < 8; k++)
			payload_words(&sum, b->own + BUFFER, BUFFER);
		copy[i] = (double)(between - since) / (8 * BUFFER);
		add[i] = (double)(clock_ns() - between) / (8 * BUFFER);
	}
	b->failed += payload_total(&sum) == 1; /* it is used */
	ns[MODEL_MEMCPY] = median(copy, ROUNDS);
	ns[MODEL_SUM] = median(add, ROUNDS);
}

static int backend(void *arg)
{
	static struct backend b;
	int err;

	b.s = arg;
	err = xennet_local_serve(&b.local, b.s->site.socket);
	if (err)
		return complain("the backend cannot serve", err);
	while (xennet_load_acquire(&b.s->done) != 1)
		clock_sleep_ms(1);
	b.p = xennet_local_platform(b.local);
	err = b.p.ops->evtchn_bind(b.p.ctx, b.s->domid, b.s->port, &b.port);
	if (err)
		return complain("the backend", err);
	b.own = b.p.ops->alloc(b.p.ctx, (size_t)PAGES * XENNET_PAGE);
	memset(b.own, 1, (size_t)PAGES * XENNET_PAGE);
	give(&b, ORDER_GRANT, 0);
	b.s->prices.ns[MODEL_GRANT] = b.s->grant_ns;
	price_bytes(&b);
	price_copies(&b);
	price_maps(&b);
	price_events(&b);
	price_shoot(&b);
	give(&b, ORDER_END, 0);
	xennet_local_leave(b.local);
	return b.failed ? complain("a grant operation failed", -XENNET_EIO) : 0;
}

int model_price_grants(struct model_prices *p, const struct bench_opts *o)
{
	struct shared *s = cores_shared(sizeof(*s));
	int err = site_begin(&s->site, o, 0), i;

	s->given = 1; /* to have come */
	if (!err) {
		err = cores_both(guest, backend, s) ? BENCH_FAILED : 0;
		site_end(&s->site);
	}
	for (i = 0; !err && i <= MODEL_EVENT_WAKE; i++)
		p->ns[i] = s->prices.ns[i];
	p->ns[MODEL_MEMCPY] = s->prices.ns[MODEL_MEMCPY];
	p->ns[MODEL_SUM] = s->prices.ns[MODEL_SUM];
	cores_unshared(s, sizeof(*s));
	return err;
}
