/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* The Xen platform when Xen's libraries fail. */
#include "test.h"

#include <errno.h>
#include <xennet/platform/xen.h>

#include "libxen.h"

static struct xennet_xen *xen;
static struct xennet_platform plat;

static int set_up(void **state)
{
	(void)state;
	libxen_reset();
	assert_int_equal(
		xennet_xen_open(&xen, XENNET_XEN_BACK | XENNET_XEN_FRONT), 0);
	plat = xennet_xen_platform(xen);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	xennet_xen_close(xen);
	assert_int_equal(libxen.handles, 0);
	return 0;
}

/* One of each op that can fail, with room for what it gives. */
static int do_share(void)
{
	uint32_t gref;
	void *addr;

	return plat.ops->share(plat.ctx, PEER, 1, false, &addr, &gref);
}

static int do_share_notify(void)
{
	uint32_t gref;
	void *addr;

	return plat.ops->share_notify(plat.ctx, PEER, 0, 1, &addr, &gref);
}

static int do_map_ring(void)
{
	uint32_t gref = GREF;
	void *addr;

	return plat.ops->map_ring(plat.ctx, PEER, &gref, 1, &addr);
}

static int do_map(void)
{
	struct xennet_map_op op = { .gref = GREF, .domid = PEER };

	plat.ops->map(plat.ctx, &op, 1);
	assert_null(op.addr);
	return op.status;
}

static int do_copy(void)
{
	char in[4];
	struct xennet_copy_op op = { .dst.addr = in, .len = 4 };

	op.src.gref = GREF;
	op.src.domid = PEER;
	plat.ops->copy(plat.ctx, &op, 1);
	return op.status;
}

static int do_alloc(void)
{
	uint32_t port;

	return plat.ops->evtchn_alloc(plat.ctx, PEER, &port);
}

static int do_bind(void)
{
	uint32_t port;

	return plat.ops->evtchn_bind(plat.ctx, PEER, PEER_PORT, &port);
}

static int do_read(void)
{
	char value[8];

	return plat.ops->store_read(plat.ctx, 0, "/key", value, 8);
}

static int do_write(void)
{
	return plat.ops->store_write(plat.ctx, 0, "/key", "v");
}

static int do_remove(void)
{
	return plat.ops->store_remove(plat.ctx, 0, "/key");
}

static int do_watch(void)
{
	return plat.ops->store_watch(plat.ctx, "/key");
}

static int do_begin(void)
{
	xennet_txn txn;

	return plat.ops->txn_begin(plat.ctx, &txn);
}

static int do_end(void)
{
	return plat.ops->txn_end(plat.ctx, 1, false);
}

static int do_list(void)
{
	char names[8];

	return xennet_xen_list(xen, "/dir", names, 8);
}

static int do_event(void)
{
	char path[8];

	return xennet_xen_event(xen, path, 8);
}

static void a_library_call_that_fails_leaves_nothing_behind(void **state)
{
	static const struct {
		const char *fails;
		int (*op)(void);
		int error, err;
	} table[] = {
		{ "xengntshr_share", do_share, ENOSPC, -XENNET_ENOSPC },
		{ "xengntshr_share", do_share_notify, ENOSPC, -XENNET_ENOSPC },
		{ "xengnttab_map", do_map_ring, ENOMEM, -XENNET_ENOMEM },
		{ "xengnttab_map", do_map, EINVAL, XENNET_GNTST_GENERAL },
		{ "xengnttab_grant_copy", do_copy, EFAULT,
		  XENNET_GNTST_GENERAL },
		{ "xenevtchn_open", do_alloc, EMFILE, -XENNET_ENOSPC },
		{ "xenevtchn_open", do_bind, EMFILE, -XENNET_ENOSPC },
		{ "xenevtchn_bind_unbound_port", do_alloc, ENOSPC,
		  -XENNET_ENOSPC },
		{ "xenevtchn_bind_interdomain", do_bind, EINVAL,
		  -XENNET_ENOENT },
		{ "xs_read", do_read, EACCES, -XENNET_ENOENT },
		{ "xs_read", do_read, EIO, -XENNET_EIO },
		{ "xs_write", do_write, EDQUOT, -XENNET_ENOSPC },
		{ "xs_rm", do_remove, EIO, -XENNET_EIO },
		{ "xs_watch", do_watch, EDQUOT, -XENNET_ENOSPC },
		{ "xs_transaction_start", do_begin, ENOSPC, -XENNET_ENOSPC },
		{ "xs_transaction_end", do_end, EAGAIN, -XENNET_EAGAIN },
		{ "xs_directory", do_list, EACCES, -XENNET_EACCESS },
		{ "xs_check_watch", do_event, EBADF, -XENNET_EIO },
	};
	unsigned handles = libxen.handles;
	struct xennet_xen_stats s;

	(void)state;
	for (unsigned i = 0; i < COUNT(table); i++) {
		libxen.fails = table[i].fails;
		libxen.error = table[i].error;
		assert_int_equal(table[i].op(), table[i].err);
		assert_int_equal(libxen.handles, handles);
		xennet_xen_stats(xen, &s);
		assert_int_equal(s.shared + s.mapped + s.ports, 0);
	}
}

static void what_cannot_be_taken_back_is_still_held(void **state)
{
	struct xennet_map_op op = { .gref = GREF, .domid = PEER };
	struct xennet_xen_stats s;
	uint32_t gref, port;
	void *addr;

	(void)state;
	plat.ops->map(plat.ctx, &op, 1);
	assert_int_equal(
		plat.ops->share(plat.ctx, PEER, 1, false, &addr, &gref), 0);
	assert_int_equal(
		plat.ops->evtchn_bind(plat.ctx, PEER, PEER_PORT, &port), 0);

	libxen.fails = "xengnttab_unmap";
	plat.ops->unmap(plat.ctx, &op, 1);
	assert_int_not_equal(op.status, XENNET_GNTST_OKAY);
	libxen.fails = "xengntshr_unshare";
	libxen.error = EINVAL;
	assert_int_equal(plat.ops->unshare(plat.ctx, addr, 1, &gref),
			 -XENNET_EINVAL);
	libxen.fails = "xenevtchn_notify";
	assert_int_equal(plat.ops->evtchn_notify(plat.ctx, port),
			 -XENNET_EGONE);
	xennet_xen_stats(xen, &s);
	assert_int_equal(s.mapped, 1);
	assert_int_equal(s.shared, 1);

	libxen.fails = NULL;
	plat.ops->unmap(plat.ctx, &op, 1);
	plat.ops->unshare(plat.ctx, addr, 1, &gref);
}

#define OPEN(function)                                                         \
	cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		OPEN(a_library_call_that_fails_leaves_nothing_behind),
		OPEN(what_cannot_be_taken_back_is_still_held),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
