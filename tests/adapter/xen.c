/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* The Xen platform, over libraries that libxen.c plays. */
#include "test.h"

#include <errno.h>
#include <xennet/platform/xen.h>

#include "libxen.h"

#define BOTH (XENNET_XEN_BACK | XENNET_XEN_FRONT)

static struct xennet_xen *xen;
static struct xennet_platform plat;

static int set_up(void **state)
{
	(void)state;
	libxen_reset();
	assert_int_equal(xennet_xen_open(&xen, BOTH), 0);
	plat = xennet_xen_platform(xen);
	return 0;
}

static int tear_down(void **state)
{
	struct xennet_xen_stats s;

	(void)state;
	xennet_xen_stats(xen, &s);
	xennet_xen_close(xen);
	assert_int_equal(libxen.handles, 0);
	assert_int_equal(s.mapped + s.shared, 0);
	return 0;
}

static struct xennet_copy_op copy_in(void *to, uint32_t gref, uint16_t offset,
				     uint16_t len)
{
	struct xennet_copy_op op = { .len = len, .status = 99 };

	op.dst.addr = to;
	op.src.gref = gref;
	op.src.domid = PEER;
	op.src.offset = offset;
	return op;
}

static struct xennet_copy_op copy_out(void *from, uint32_t gref,
				      uint16_t offset, uint16_t len)
{
	struct xennet_copy_op op = { .len = len, .status = 99 };

	op.src.addr = from;
	op.dst.gref = gref;
	op.dst.domid = PEER;
	op.dst.offset = offset;
	return op;
}

static void copies_both_ways_in_one_call(void **state)
{
	char in[8] = "", out[8] = "to peer";
	struct xennet_copy_op op[2] = { copy_in(in, GREF, 100, 8),
					copy_out(out, GREF + 1, 4088, 8) };

	(void)state;
	memcpy(libxen.page[0] + 100, "to  you", 8);
	plat.ops->copy(plat.ctx, op, 2);

	assert_string_equal(in, "to  you");
	assert_string_equal(libxen.page[1] + 4088, "to peer");
	assert_int_equal(libxen.copy_calls, 1);
}

/* G7 */
static void a_large_batch_takes_few_calls_and_all_of_it_is_done(void **state)
{
	static unsigned char to[GRANTS];
	struct xennet_copy_op op[GRANTS];

	(void)state;
	for (unsigned i = 0; i < GRANTS; i++) {
		libxen.page[i][3] = (unsigned char)(i * 7);
		op[i] = copy_in(&to[i], GREF + i, 3, 1);
	}
	plat.ops->copy(plat.ctx, op, GRANTS);

	for (unsigned i = 0; i < GRANTS; i++) {
		assert_int_equal(op[i].status, XENNET_GNTST_OKAY);
		assert_int_equal(to[i], (unsigned char)(i * 7));
	}
	assert_in_range(libxen.copy_calls, 1, 3);
}

/* G2 */
static void each_copy_has_its_own_status(void **state)
{
	char b[4] = "abc";
	struct xennet_copy_op op[4] = { copy_in(b, GREF, 0, 4),
					copy_in(b, 5, 0, 4),
					copy_out(b, GREF_READONLY, 0, 4),
					copy_out(b, GREF, 0, 4) };

	(void)state;
	plat.ops->copy(plat.ctx, op, 4);

	assert_int_equal(op[0].status, XENNET_GNTST_OKAY);
	assert_int_equal(op[1].status, XENNET_GNTST_BAD_GREF);
	assert_int_not_equal(op[2].status, XENNET_GNTST_OKAY);
	assert_int_equal(op[3].status, XENNET_GNTST_OKAY);
	assert_int_equal(libxen.copy_calls, 1);
}

/* G2: where the kernel fails the whole call for one of them */
static void a_copy_that_fails_the_call_fails_alone(void **state)
{
	char in[3][4] = { "", "", "" };
	struct xennet_copy_op op[3] = { copy_in(in[0], GREF, 0, 4),
					copy_in(in[1], GREF, 4094, 4),
					copy_in(in[2], GREF + 1, 0, 4) };

	(void)state;
	memcpy(libxen.page[0], "one", 4);
	memcpy(libxen.page[1], "two", 4);
	plat.ops->copy(plat.ctx, op, 3);

	assert_int_equal(op[0].status, XENNET_GNTST_OKAY);
	assert_int_equal(op[1].status, XENNET_GNTST_GENERAL);
	assert_int_equal(op[2].status, XENNET_GNTST_OKAY);
	assert_string_equal(in[0], "one");
	assert_string_equal(in[2], "two");
}

/* Both ways, over the second page of ours. */
static void copy_own(unsigned char *own)
{
	struct xennet_copy_op op[2] = { copy_in(own + 4096 + 7, GREF, 0, 4),
					copy_out(own + 4096 + 8, GREF + 1, 9,
						 2) };

	memcpy(libxen.page[0], "abcd", 4);
	memset(libxen.page[1], 0, 16);
	plat.ops->copy(plat.ctx, op, 2);
	assert_int_equal(op[0].status, XENNET_GNTST_OKAY);
	assert_int_equal(op[1].status, XENNET_GNTST_OKAY);
	assert_memory_equal(own + 4096 + 7, "abcd", 4);
	assert_memory_equal(libxen.page[1] + 9, "bc", 2);
}

static void memory_for_copies_takes_a_hypercall_a_batch(void **state)
{
	unsigned char *own = plat.ops->copy_alloc(plat.ctx, 3);

	(void)state;
	assert_non_null(own);
	copy_own(own);
	assert_int_equal(libxen.hypercalls, 1);
	assert_int_equal(libxen.copy_calls, 0);
	plat.ops->copy_free(plat.ctx, own, 3);
}

static void other_memory_in_a_batch_takes_the_kernels_call(void **state)
{
	unsigned char *own = plat.ops->copy_alloc(plat.ctx, 1), in[4];
	struct xennet_copy_op op[2] = { copy_in(own, GREF, 0, 4),
					copy_in(in, GREF, 0, 4) };

	(void)state;
	assert_non_null(own);
	memcpy(libxen.page[0], "abcd", 4);
	plat.ops->copy(plat.ctx, op, 2);
	assert_memory_equal(own, "abcd", 4);
	assert_memory_equal(in, "abcd", 4);
	assert_int_equal(libxen.hypercalls, 0);
	assert_int_equal(libxen.copy_calls, 1);
	plat.ops->copy_free(plat.ctx, own, 1);
}

static void a_refused_hypercall_is_not_tried_again(void **state)
{
	unsigned char *own = plat.ops->copy_alloc(plat.ctx, 3);

	(void)state;
	assert_non_null(own);
	libxen.fails = "xencall3";
	libxen.error = EFAULT;
	copy_own(own);
	libxen.error = EPERM;
	copy_own(own);
	assert_int_equal(libxen.hypercalls, 2);
	assert_int_equal(libxen.copy_calls, 2);
	libxen.fails = NULL;
	copy_own(own);
	assert_int_equal(libxen.hypercalls, 2);
	assert_int_equal(libxen.copy_calls, 3);
	plat.ops->copy_free(plat.ctx, own, 3);
}

static void memory_for_copies_is_given_back(void **state)
{
	void *first = plat.ops->copy_alloc(plat.ctx, 3);
	void *second = plat.ops->copy_alloc(plat.ctx, 2);
	struct xennet_xen_stats s;

	(void)state;
	assert_ptr_equal(second, (char *)first + 3 * 4096);
	plat.ops->copy_free(plat.ctx, first, 3);
	assert_ptr_equal(plat.ops->copy_alloc(plat.ctx, 1), first);
	plat.ops->copy_free(plat.ctx, first, 1);
	plat.ops->copy_free(plat.ctx, second, 2);
	xennet_xen_stats(xen, &s);
	assert_int_equal(s.shared, 0);
	/* there are not so many */
	assert_null(plat.ops->copy_alloc(plat.ctx, GRANTS + 1));
}

static void a_copy_within_our_memory_takes_no_call(void **state)
{
	char from[4] = "abc", to[4] = "";
	struct xennet_copy_op op = { .len = 4, .status = 99 };

	(void)state;
	op.src.addr = from;
	op.dst.addr = to;
	plat.ops->copy(plat.ctx, &op, 1);

	assert_int_equal(op.status, XENNET_GNTST_OKAY);
	assert_string_equal(to, "abc");
	assert_int_equal(libxen.copy_calls, 0);
}

static uint64_t mapped(void)
{
	struct xennet_xen_stats s;

	xennet_xen_stats(xen, &s);
	return s.mapped;
}

/* G4, and pages go one by one in any order: their requests are answered so */
static void maps_what_can_be_mapped_and_unmaps_any_of_it(void **state)
{
	struct xennet_map_op op[4] = {
		{ .gref = GREF, .domid = PEER },
		{ .gref = 5, .domid = PEER },
		{ .gref = GREF_READONLY, .domid = PEER, .readonly = true },
		{ .gref = GREF_READONLY, .domid = PEER },
	};

	(void)state;
	plat.ops->map(plat.ctx, op, 4);

	assert_int_equal(op[0].status, XENNET_GNTST_OKAY);
	assert_int_not_equal(op[1].status, XENNET_GNTST_OKAY);
	assert_int_equal(op[2].status, XENNET_GNTST_OKAY);
	assert_int_not_equal(op[3].status, XENNET_GNTST_OKAY);
	assert_int_equal(*(uint32_t *)op[0].addr, GREF);
	assert_int_equal(mapped(), 2);

	plat.ops->unmap(plat.ctx, &op[2], 1);
	assert_int_equal(op[2].status, XENNET_GNTST_OKAY);
	assert_int_equal(mapped(), 1);
	plat.ops->unmap(plat.ctx, &op[0], 2);
	assert_int_equal(op[0].status, XENNET_GNTST_OKAY);
	assert_int_not_equal(op[1].status, XENNET_GNTST_OKAY);
}

static void a_ring_is_mapped_whole_or_not_at_all(void **state)
{
	uint32_t good[2] = { GREF + 1, GREF }, bad[2] = { GREF, 5 };
	uint32_t *pages;
	void *addr;

	(void)state;
	assert_int_equal(plat.ops->map_ring(plat.ctx, PEER, bad, 2, &addr),
			 -XENNET_ENOENT);
	assert_int_equal(mapped(), 0);

	assert_int_equal(plat.ops->map_ring(plat.ctx, PEER, good, 2, &addr), 0);
	pages = addr;
	assert_int_equal(pages[0], GREF + 1);
	assert_int_equal(pages[1024], GREF);
	plat.ops->unmap_ring(plat.ctx, addr, 2);
}

static void shares_until_the_kernel_has_no_more(void **state)
{
	uint32_t grefs[GRANTS + 1];
	void *addr;

	(void)state;
	assert_int_equal(plat.ops->share(plat.ctx, PEER, GRANTS + 1, false,
					 &addr, grefs),
			 -XENNET_ENOSPC);
	assert_int_equal(
		plat.ops->share(plat.ctx, PEER, 2, false, &addr, grefs), 0);
	assert_int_equal(grefs[1], GREF + 1);
	assert_int_equal(plat.ops->unshare(plat.ctx, addr, 2, grefs), 0);
}

/* The page of a share, or of a mapping, ends; so does a process. */
static void a_page_that_ends_is_told(void **state)
{
	unsigned char *page;
	uint32_t port, gref;
	void *addr;

	(void)state;
	assert_int_equal(plat.ops->evtchn_alloc(plat.ctx, PEER, &port), 0);
	assert_int_equal(
		plat.ops->share_notify(plat.ctx, PEER, 9, port, &addr, &gref),
		0);
	page = addr;
	assert_int_equal(gref, GREF);
	page[9] = 1;
	assert_int_equal(xennet_xen_wait(xen, &port, 1, 0), 0);
	assert_int_equal(plat.ops->unshare(plat.ctx, addr, 1, &gref), 0);
	assert_int_equal(page[9], 0);
	assert_int_equal(xennet_xen_wait(xen, &port, 1, 0), 1);
}

static void a_byte_outside_the_page_is_refused(void **state)
{
	uint32_t gref;
	void *addr;

	(void)state;
	assert_int_equal(
		plat.ops->share_notify(plat.ctx, PEER, 4096, 1, &addr, &gref),
		-XENNET_EINVAL);
	assert_null(libxen.told);
}

/* V4 */
static void rearm_lets_the_next_event_through_after_the_first(void **state)
{
	uint32_t port;

	(void)state;
	assert_int_equal(plat.ops->evtchn_alloc(plat.ctx, PEER, &port), 0);
	libxen_event(port);
	libxen_event(port);

	assert_int_equal(xennet_xen_wait(xen, &port, 1, 0), 1);
	plat.ops->evtchn_rearm(plat.ctx, port, false);
	assert_int_equal(xennet_xen_wait(xen, &port, 1, 0), 1);
	plat.ops->evtchn_rearm(plat.ctx, port, false);
	assert_int_equal(xennet_xen_wait(xen, &port, 1, 0), 0);
}

static void rearm_without_an_event_neither_sleeps_nor_unmasks(void **state)
{
	uint32_t port;

	(void)state;
	assert_int_equal(plat.ops->evtchn_alloc(plat.ctx, PEER, &port), 0);
	plat.ops->evtchn_rearm(plat.ctx, port, true);

	assert_int_equal(libxen.unmasks, 0);
}

static void an_event_wakes_who_waits_for_its_port_alone(void **state)
{
	uint32_t a, b;

	(void)state;
	assert_int_equal(plat.ops->evtchn_alloc(plat.ctx, PEER, &a), 0);
	assert_int_equal(plat.ops->evtchn_alloc(plat.ctx, PEER, &b), 0);
	libxen_event(b);

	assert_int_not_equal(xennet_xen_evtchn_fd(xen, a),
			     xennet_xen_evtchn_fd(xen, b));
	assert_int_equal(xennet_xen_wait(xen, &a, 1, 0), 0);
	assert_int_equal(xennet_xen_wait(xen, &b, 1, 0), 1);
}

static void a_port_is_bound_once_and_free_after_close(void **state)
{
	uint32_t port, other;

	(void)state;
	assert_int_equal(
		plat.ops->evtchn_bind(plat.ctx, PEER, PEER_PORT, &port), 0);
	assert_int_equal(
		plat.ops->evtchn_bind(plat.ctx, PEER, PEER_PORT, &other),
		-XENNET_ENOENT);
	assert_int_equal(
		plat.ops->evtchn_bind(plat.ctx, PEER + 1, PEER_PORT, &other),
		-XENNET_EGONE);
	assert_int_equal(plat.ops->evtchn_notify(plat.ctx, port), 0);

	plat.ops->evtchn_close(plat.ctx, port);
	assert_int_equal(plat.ops->evtchn_notify(plat.ctx, port),
			 -XENNET_ENOENT);
	assert_int_equal(xennet_xen_evtchn_fd(xen, port), -XENNET_ENOENT);
	assert_int_equal(
		plat.ops->evtchn_bind(plat.ctx, PEER, PEER_PORT, &port), 0);
}

static void system_calls_are_counted_over_all_ports_open_or_closed(void **state)
{
	struct xennet_xen_stats s;
	uint32_t a, b;

	(void)state;
	assert_int_equal(plat.ops->evtchn_alloc(plat.ctx, PEER, &a), 0);
	assert_int_equal(plat.ops->evtchn_bind(plat.ctx, PEER, PEER_PORT, &b),
			 0);
	plat.ops->evtchn_notify(plat.ctx, b);
	plat.ops->evtchn_notify(plat.ctx, b);
	libxen_event(a);
	assert_int_equal(plat.ops->evtchn_rearm(plat.ctx, a, false), 1);
	/* no event: a read */
	assert_int_equal(plat.ops->evtchn_rearm(plat.ctx, b, false), 0);
	plat.ops->evtchn_close(plat.ctx, a);

	xennet_xen_stats(xen, &s);
	assert_int_equal(s.ports, 1);
	assert_int_equal(s.notify_calls, 2);
	assert_int_equal(s.read_calls, 2);
	assert_int_equal(s.unmask_calls, 1);
	assert_int_equal(s.grant_calls, 0);
	assert_int_equal(s.store_calls, 1); /* which domain this is */
}

static void a_value_that_does_not_fit_is_cut_and_its_length_told(void **state)
{
	char value[4];

	(void)state;
	assert_int_equal(plat.ops->store_read(plat.ctx, 0, "/key", value, 4),
			 5);
	assert_string_equal(value, "val");
	assert_int_equal(plat.ops->store_read(plat.ctx, 0, "/none", value, 4),
			 -XENNET_ENOENT);
}

static void the_store_says_why_not(void **state)
{
	const struct xennet_ops *ops = plat.ops;

	(void)state;
	assert_int_equal(ops->store_write(plat.ctx, 0, "/key", "v"), 0);
	assert_int_equal(ops->store_write(plat.ctx, 0, "/not/mine", "v"),
			 -XENNET_EACCESS);
	assert_int_equal(ops->store_remove(plat.ctx, 0, "/none"), 0);
	assert_int_equal(ops->store_remove(plat.ctx, 0, "/not/mine"),
			 -XENNET_EACCESS);
	assert_int_equal(ops->store_watch(plat.ctx, "/key"), 0);
	assert_int_equal(ops->store_watch(plat.ctx, "/key"), 0);
}

/* S12 */
static void a_transaction_in_conflict_is_to_be_done_again(void **state)
{
	xennet_txn txn;

	(void)state;
	libxen.conflicts = 1;
	assert_int_equal(plat.ops->txn_begin(plat.ctx, &txn), 0);
	assert_int_equal(plat.ops->txn_end(plat.ctx, txn, false),
			 -XENNET_EAGAIN);
	assert_int_equal(plat.ops->txn_begin(plat.ctx, &txn), 0);
	assert_int_equal(plat.ops->txn_end(plat.ctx, txn, false), 0);
}

static void an_event_tells_its_path(void **state)
{
	char path[8];

	(void)state;
	assert_int_equal(xennet_xen_event(xen, path, sizeof(path)), 0);
	libxen.fired = "/a/path";
	assert_int_equal(xennet_xen_event(xen, path, sizeof(path)), 1);
	assert_string_equal(path, "/a/path");
	libxen.fired = "/a/longer/path";
	assert_int_equal(xennet_xen_event(xen, path, sizeof(path)),
			 -XENNET_ENOSPC);
}

static void a_list_holds_all_names_or_fails(void **state)
{
	char names[8];

	(void)state;
	assert_int_equal(xennet_xen_list(xen, "/dir", names, 8), 2);
	assert_memory_equal(names, "one\0two", 8);
	assert_int_equal(xennet_xen_list(xen, "/dir", names, 7),
			 -XENNET_ENOSPC);
	assert_int_equal(xennet_xen_list(xen, "/none", names, 8),
			 -XENNET_ENOENT);
}

static void an_end_that_was_not_asked_for_is_not_there(void **state)
{
	struct xennet_xen *p;
	uint32_t gref = GREF;
	void *addr;

	(void)state;
	libxen_reset();
	libxen.fails = "xengntshr_open";
	libxen.error = ENOENT;
	assert_int_equal(xennet_xen_open(&p, XENNET_XEN_BACK), 0);
	assert_int_equal(xennet_xen_domid(p), 5);
	plat = xennet_xen_platform(p);
	assert_int_equal(
		plat.ops->share(plat.ctx, PEER, 1, false, &addr, &gref),
		-XENNET_ENOSYS);
	assert_null(plat.ops->grant);
	xennet_xen_close(p);
	assert_int_equal(libxen.handles, 0);
}

static void open_says_what_is_missing_and_leaves_nothing_open(void **state)
{
	static const struct {
		const char *fails;
		int error, err;
	} table[] = {
		{ "xenevtchn_open", ENOENT, -XENNET_ENOENT },
		{ "xengnttab_open", ENOENT, -XENNET_ENOENT },
		{ "xengntshr_open", ENOENT, -XENNET_ENOENT },
		{ "xengnttab_open", EACCES, -XENNET_EACCESS },
		{ "xs_open", ENOENT, -XENNET_EGONE },
		{ "xs_read", EACCES, -XENNET_EIO },
	};
	static const char *const domids[] = { NULL, "", "x", "7x", "65536" };
	struct xennet_xen *p;

	(void)state;
	for (unsigned i = 0; i < COUNT(table); i++) {
		libxen_reset();
		libxen.fails = table[i].fails;
		libxen.error = table[i].error;
		assert_int_equal(xennet_xen_open(&p, BOTH), table[i].err);
		assert_int_equal(libxen.handles, 0);
	}
	for (unsigned i = 0; i < COUNT(domids); i++) {
		libxen_reset();
		libxen.domid = domids[i];
		assert_int_equal(xennet_xen_open(&p, BOTH), -XENNET_EIO);
		assert_int_equal(libxen.handles, 0);
	}
	assert_int_equal(xennet_xen_open(&p, 0), -XENNET_EINVAL);
}

#define OPEN(function)                                                         \
	cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		OPEN(copies_both_ways_in_one_call),
		OPEN(a_large_batch_takes_few_calls_and_all_of_it_is_done),
		OPEN(each_copy_has_its_own_status),
		OPEN(a_copy_that_fails_the_call_fails_alone),
		OPEN(a_copy_within_our_memory_takes_no_call),
		OPEN(memory_for_copies_takes_a_hypercall_a_batch),
		OPEN(other_memory_in_a_batch_takes_the_kernels_call),
		OPEN(a_refused_hypercall_is_not_tried_again),
		OPEN(memory_for_copies_is_given_back),
		OPEN(maps_what_can_be_mapped_and_unmaps_any_of_it),
		OPEN(a_ring_is_mapped_whole_or_not_at_all),
		OPEN(shares_until_the_kernel_has_no_more),
		OPEN(a_page_that_ends_is_told),
		OPEN(a_byte_outside_the_page_is_refused),
		OPEN(system_calls_are_counted_over_all_ports_open_or_closed),
		OPEN(rearm_lets_the_next_event_through_after_the_first),
		OPEN(rearm_without_an_event_neither_sleeps_nor_unmasks),
		OPEN(an_event_wakes_who_waits_for_its_port_alone),
		OPEN(a_port_is_bound_once_and_free_after_close),
		OPEN(a_value_that_does_not_fit_is_cut_and_its_length_told),
		OPEN(the_store_says_why_not),
		OPEN(a_transaction_in_conflict_is_to_be_done_again),
		OPEN(an_event_tells_its_path),
		OPEN(a_list_holds_all_names_or_fails),
		TEST(an_end_that_was_not_asked_for_is_not_there),
		TEST(open_says_what_is_missing_and_leaves_nothing_open),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
