/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* A backend and a guest in one process, and what tests ask of them. */
#ifndef PAIR_H
#define PAIR_H

#include "platform/local/internal.h"

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
/* after those that it needs */
#include <cmocka.h>

#define TEST(function)                                                         \
	cmocka_unit_test_setup_teardown(function, setup, teardown)
#define PAGES 256u
#define BATCH 64u

struct pair {
	struct xennet_local *back, *front;
	const struct xennet_ops *bops, *fops;
	uint16_t domid;
	char path[64];
};

static inline struct xennet_local_stats stats(struct xennet_local *p)
{
	struct xennet_local_stats s;

	xennet_local_stats(p, &s);
	return s;
}

static inline struct xennet_local *join(const char *path)
{
	struct xennet_local_guest opts = { .pages = PAGES };
	struct xennet_local *p;

	assert_int_equal(xennet_local_join(&p, path, &opts), 0);
	return p;
}

static inline int setup(void **state)
{
	struct pair *t = calloc(1, sizeof(*t));

	snprintf(t->path, sizeof(t->path), "/tmp/xennet-test-%d.sock",
		 (int)getpid());
	assert_int_equal(xennet_local_serve(&t->back, t->path), 0);
	t->front = join(t->path);
	t->bops = xennet_local_platform(t->back).ops;
	t->fops = xennet_local_platform(t->front).ops;
	t->domid = xennet_local_domid(t->front);
	*state = t;
	return 0;
}

/* Waits until the backend holds n domains; false after a second. */
static inline bool domains_become(struct pair *t, uint64_t n)
{
	for (int i = 0; i < 100 && stats(t->back).domains != n; i++)
		usleep(10000);
	return stats(t->back).domains == n;
}

/* Every test ends with nothing mapped, granted, quarantined or open. */
static inline int teardown(void **state)
{
	struct pair *t = *state;
	struct xennet_local_stats s;

	if (t->front) {
		s = stats(t->front);
		assert_int_equal(s.grants, 0);
		assert_int_equal(s.quarantined, 0);
		assert_int_equal(s.ports, 0);
		xennet_local_leave(t->front);
	}
	assert_true(domains_become(t, 0));
	s = stats(t->back);
	assert_int_equal(s.guests, 0);
	assert_int_equal(s.mapped, 0);
	assert_int_equal(s.ports, 0);
	xennet_local_leave(t->back);
	free(t);
	return 0;
}

static inline struct xennet_grant_op grant(struct pair *t, void *page, bool ro)
{
	struct xennet_grant_op op = { .addr = page, .readonly = ro };

	t->fops->grant(t->front, 0, &op, 1);
	assert_int_equal(op.status, 0);
	return op;
}

static inline int ungrant(struct pair *t, struct xennet_grant_op *op)
{
	t->fops->ungrant(t->front, op, 1);
	return op->status;
}

static inline struct xennet_map_op map(struct pair *t, uint32_t gref, bool ro)
{
	struct xennet_map_op op = { .gref = gref,
				    .domid = t->domid,
				    .readonly = ro };

	t->bops->map(t->back, &op, 1);
	return op;
}

static inline void unmap(struct pair *t, struct xennet_map_op *op)
{
	t->bops->unmap(t->back, op, 1);
	assert_int_equal(op->status, XENNET_GNTST_OKAY);
}

static inline struct grant_entry *entry(struct pair *t, uint32_t gref)
{
	return (struct grant_entry *)(void *)t->front->memory.base + gref;
}

#define FRONT "/local/domain/%u/device/vif/0/%s"
#define BACK "/local/domain/0/backend/vif/%u/0/%s"

static inline const char *at(const char *format, unsigned domid,
			     const char *key)
{
	static char path[4][128];
	static unsigned i;

	i = (i + 1) % 4;
	snprintf(path[i], sizeof(path[i]), format, domid, key);
	return path[i];
}

static inline int read_key(struct xennet_local *p, const char *path,
			   char *value)
{
	return xennet_local_platform(p).ops->store_read(p, 0, path, value, 64);
}

static inline int write_key(struct xennet_local *p, const char *path,
			    const char *v)
{
	return xennet_local_platform(p).ops->store_write(p, 0, path, v);
}

/* Waits up to a second for the event of this path. */
static inline bool event_comes(struct xennet_local *p, const char *path)
{
	struct pollfd fd = { xennet_local_fd(p), POLLIN, 0 };
	char got[XENNET_LOCAL_PATH];

	while (poll(&fd, 1, 1000) == 1)
		if (xennet_local_event(p, got, sizeof(got)) != 1 ||
		    strcmp(got, path) == 0)
			return strcmp(got, path) == 0;
	return false;
}

static inline unsigned drain(struct xennet_local *p)
{
	char path[XENNET_LOCAL_PATH];
	unsigned n = 0;

	while (xennet_local_event(p, path, sizeof(path)) == 1)
		n++;
	return n;
}

/* Shares n pages; makes the operations that map them. */
static inline unsigned char *map_batch(struct pair *t, uint32_t *grefs,
				       struct xennet_map_op *op, unsigned n)
{
	void *addr;

	assert_int_equal(t->fops->share(t->front, 0, n, false, &addr, grefs),
			 0);
	for (unsigned i = 0; i < n; i++)
		op[i] = (struct xennet_map_op){ .gref = grefs[i],
						.domid = t->domid };
	return addr;
}

#endif
