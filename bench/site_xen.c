/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#include "site_xen.h"

#include <stdio.h>
#include <string.h>
#ifdef WITH_XEN
#include <xennet/platform/xen.h>

#define LIMIT "/sys/module/xen_gntalloc/parameters/limit"
#define ANY_STATE "6" /* not 1: that is where the kernel's drivers come in */

static int complain(const char *verb, int err)
{
	const char *what = xennet_err_text(err);

	if (err == -XENNET_ENOENT)
		what = "no Xen here: /dev/xen lacks evtchn, gntdev or "
		       "gntalloc";
	else if (err == -XENNET_EACCESS)
		what = "/dev/xen may not be opened: be root";
	else if (err == -XENNET_EGONE)
		what = "no xenstored answers";
	fprintf(stderr, "xennet-bench %s: %s\n", verb, what);
	return BENCH_FAILED;
}

/* 0: it is not known. */
static unsigned page_limit(void)
{
	FILE *f = fopen(LIMIT, "r");
	unsigned limit = 0;

	if (!f)
		return 0;
	if (fscanf(f, "%u", &limit) != 1)
		limit = 0;
	fclose(f);
	return limit;
}

int site_xen_begin(struct site *s, const struct bench_opts *o, unsigned pages)
{
	unsigned limit = page_limit();
	struct xennet_xen *xen;
	int err = xennet_xen_open(&xen, XENNET_XEN_BACK | XENNET_XEN_FRONT);

	if (err)
		return complain(o->verb, err);
	xennet_xen_close(xen);
	if (limit && limit < pages) {
		fprintf(stderr,
			"xennet-bench %s: grants %u pages at once, but the "
			"kernel allows %u: echo %u >%s\n",
			o->verb, pages, limit, pages, LIMIT);
		return BENCH_FAILED;
	}
	s->xen = true;
	s->vif = o->vif;
	return 0;
}

/* What is written in one end's directory. */
struct node {
	const struct xennet_platform *p;
	char dir[64];
	int err;
};

static void put(struct node *n, const char *key, const char *value)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", n->dir, key);
	if (!n->err)
		n->err = n->p->ops->store_write(n->p->ctx, 0, path, value);
}

static void name_dirs(struct node *back, struct node *front,
		      const struct xennet_host *h, unsigned vif)
{
	snprintf(back->dir, sizeof(back->dir),
		 "/local/domain/%u/backend/vif/%u/%u", h->domid, h->domid, vif);
	snprintf(front->dir, sizeof(front->dir),
		 "/local/domain/%u/device/vif/%u", h->domid, vif);
	back->p = front->p = &h->platform;
	back->err = front->err = 0;
}

static int plug(const struct xennet_host *h, unsigned vif)
{
	struct node back, front;
	char us[8], handle[16];

	name_dirs(&back, &front, h, vif);
	snprintf(us, sizeof(us), "%u", h->domid);
	snprintf(handle, sizeof(handle), "%u", vif);
	put(&front, "backend", back.dir);
	put(&front, "backend-id", us);
	put(&front, "handle", handle);
	put(&front, "mac", "00:16:3e:00:00:01");
	put(&front, "state", ANY_STATE);
	put(&back, "frontend", front.dir);
	put(&back, "frontend-id", us);
	put(&back, "handle", handle);
	put(&back, "online", "1");
	put(&back, "state", ANY_STATE);
	return front.err ? front.err : back.err;
}

/* And the directory above, if nothing else is in it. */
static void clear(const struct xennet_host *h, char *dir)
{
	char other[16];

	h->platform.ops->store_remove(h->platform.ctx, 0, dir);
	*strrchr(dir, '/') = 0;
	if (xennet_host_list(h, dir, other, sizeof(other)) == 0)
		h->platform.ops->store_remove(h->platform.ctx, 0, dir);
}

static void unplug(const struct xennet_host *h, unsigned vif)
{
	struct node back, front;

	name_dirs(&back, &front, h, vif);
	clear(h, back.dir);
	clear(h, front.dir);
}

int site_xen_plug(const struct site *s, unsigned n)
{
	struct xennet_host h;
	unsigned i;
	int err = site_xen_back(&h);

	if (err)
		return complain("store", err);
	for (i = 0; i < n && !err; i++)
		err = plug(&h, s->vif + i);
	xennet_host_close(&h);
	return err ? complain("the vif's nodes", err) : 0;
}

void site_xen_unplug(const struct site *s, unsigned n)
{
	struct xennet_host h;
	unsigned i;

	if (site_xen_back(&h))
		return;
	for (i = 0; i < n; i++)
		unplug(&h, s->vif + i);
	xennet_host_close(&h);
}

static int open_end(struct xennet_host *h, unsigned end)
{
	struct xennet_xen *xen;
	int err = xennet_xen_open(&xen, end);

	if (!err)
		*h = xennet_xen_host(xen);
	return err;
}

int site_xen_back(struct xennet_host *h)
{
	return open_end(h, XENNET_XEN_BACK);
}

int site_xen_front(struct xennet_host *h)
{
	return open_end(h, XENNET_XEN_FRONT);
}

void site_xen_calls(const struct xennet_host *h, struct site_calls *c)
{
	struct xennet_xen_stats s;

	xennet_xen_stats(h->p, &s);
	c->grant = s.grant_calls;
	c->event = s.notify_calls + s.read_calls + s.unmask_calls;
}
#else
int site_xen_begin(struct site *s, const struct bench_opts *o, unsigned pages)
{
	(void)s, (void)pages;
	fprintf(stderr,
		"xennet-bench %s: built without Xen's libraries: "
		"--platform xen needs libxen-dev\n",
		o->verb);
	return BENCH_FAILED;
}

/* Nobody comes here after that. */
int site_xen_plug(const struct site *s, unsigned n)
{
	(void)s, (void)n;
	return BENCH_FAILED;
}

void site_xen_unplug(const struct site *s, unsigned n)
{
	(void)s, (void)n;
}

int site_xen_back(struct xennet_host *h)
{
	(void)h;
	return -XENNET_ENOSYS;
}

int site_xen_front(struct xennet_host *h)
{
	(void)h;
	return -XENNET_ENOSYS;
}

void site_xen_calls(const struct xennet_host *h, struct site_calls *c)
{
	(void)h, (void)c;
}
#endif
