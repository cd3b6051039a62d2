/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* The Mini-OS platform, over a Mini-OS that stubs/minios.c plays. */
#include "test.h"

#include <mini-os/wait.h>
#include <xennet/platform/minios.h>

#include "minios.h"

#define DOM 1
#define PEER 0
#define HOME "/local/domain/1/"
#define MANY 130u /* more than in a call */

static struct fake f;
static struct xennet_platform plat, peer;

static int set_up(void **state)
{
	(void)state;
	fake_open(&f);
	stub_open(&f, DOM);
	plat = xennet_minios_platform();
	peer = fake_platform(&f, PEER);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	stub_close();
	fake_check_clean(&f);
	fake_close(&f);
	return 0;
}

static bool all_zero(const unsigned char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (p[i])
			return false;
	return true;
}

static void memory_is_zero_and_aligned_and_no_more_than_asked(void **state)
{
	static const size_t size[] = { 1, 100, 4095, 4096, 4097, 20480 };
	void *p[COUNT(size)];

	(void)state;
	for (unsigned i = 0; i < COUNT(size); i++) {
		p[i] = plat.ops->alloc(plat.ctx, size[i]);
		assert_non_null(p[i]);
		assert_true(all_zero(p[i], size[i]));
		assert_int_equal((uintptr_t)p[i] % XENNET_CACHE_LINE, 0);
		if (size[i] % XENNET_PAGE == 0)
			assert_int_equal((uintptr_t)p[i] % XENNET_PAGE, 0);
	}
	assert_int_equal(stub.pages, 1 + 2 + 5);
	assert_int_equal(stub.objects, 3);
	for (unsigned i = 0; i < COUNT(size); i++)
		plat.ops->free(plat.ctx, p[i], size[i]);
	plat.ops->free(plat.ctx, NULL, 5);
	plat.ops->free(plat.ctx, NULL, 5000);
}

static void no_memory_is_null(void **state)
{
	(void)state;
	stub.full = 1;
	assert_null(plat.ops->alloc(plat.ctx, 8));
	stub.full = 1;
	assert_null(plat.ops->alloc(plat.ctx, 8192));
}

static void *share(unsigned n, bool readonly, uint32_t *grefs)
{
	void *p = NULL;

	assert_int_equal(
		plat.ops->share(plat.ctx, PEER, n, readonly, &p, grefs), 0);
	return p;
}

static struct xennet_map_op peer_maps(uint32_t gref, bool readonly)
{
	struct xennet_map_op op = { .gref = gref,
				    .domid = DOM,
				    .readonly = readonly };

	peer.ops->map(peer.ctx, &op, 1);
	return op;
}

static void the_peer_sees_what_is_shared_until_it_is_not(void **state)
{
	struct xennet_map_op op;
	uint32_t grefs[3];
	unsigned char *p = share(3, false, grefs);

	(void)state;
	assert_true(all_zero(p, 3 * XENNET_PAGE));
	op = peer_maps(grefs[2], false);
	assert_int_equal(op.status, 0);
	p[2 * XENNET_PAGE + 7] = 5;
	((unsigned char *)op.addr)[8] = 6;
	assert_int_equal(((unsigned char *)op.addr)[7], 5);
	assert_int_equal(p[2 * XENNET_PAGE + 8], 6);
	peer.ops->unmap(peer.ctx, &op, 1);

	assert_int_equal(plat.ops->unshare(plat.ctx, p, 3, grefs), 0);
	assert_int_equal(stub.pages, 0);
	assert_int_not_equal(peer_maps(grefs[0], false).status, 0);
}

static void what_is_shared_to_be_read_cannot_be_written(void **state)
{
	struct xennet_map_op op;
	uint32_t gref;
	void *p = share(1, true, &gref);

	(void)state;
	assert_int_not_equal(peer_maps(gref, false).status, 0);
	op = peer_maps(gref, true);
	assert_int_equal(op.status, 0);
	peer.ops->unmap(peer.ctx, &op, 1);
	assert_int_equal(plat.ops->unshare(plat.ctx, p, 1, &gref), 0);
}

static void a_page_in_use_stays_out_of_use_until_the_peer_lets_go(void **state)
{
	uint32_t grefs[3], other;
	unsigned char *p = share(3, false, grefs);
	struct xennet_map_op op = peer_maps(grefs[1], false);
	void *q;

	(void)state;
	assert_int_equal(plat.ops->unshare(plat.ctx, p, 3, grefs),
			 -XENNET_EBUSY);
	assert_int_equal(stub.pages, 1);
	((unsigned char *)op.addr)[0] = 1; /* it still is what it was */

	q = share(1, false, &other);
	assert_int_equal(stub.pages, 2);
	assert_int_equal(plat.ops->unshare(plat.ctx, q, 1, &other), 0);

	peer.ops->unmap(peer.ctx, &op, 1);
	q = share(1, false, &other);
	assert_int_equal(stub.pages, 1);
	assert_int_equal(plat.ops->unshare(plat.ctx, q, 1, &other), 0);

	/* and is forgotten, whatever else is kept after it */
	p = share(3, false, grefs);
	op = peer_maps(grefs[2], false);
	assert_int_equal(plat.ops->unshare(plat.ctx, p, 3, grefs),
			 -XENNET_EBUSY);
	q = share(1, false, &other);
	assert_int_equal(stub.pages, 2);
	peer.ops->unmap(peer.ctx, &op, 1);
	assert_int_equal(plat.ops->unshare(plat.ctx, q, 1, &other), 0);
	q = share(1, false, &other);
	assert_int_equal(stub.pages, 1);
	assert_int_equal(plat.ops->unshare(plat.ctx, q, 1, &other), 0);
}

static void grants_run_out_before_mini_os_waits_for_one(void **state)
{
	static uint32_t grefs[XENNET_MINIOS_GRANTS];
	uint32_t gref;
	void *p = share(XENNET_MINIOS_GRANTS - 1, false, grefs), *q;

	(void)state;
	assert_int_equal(plat.ops->share(plat.ctx, PEER, 2, false, &q, grefs),
			 -XENNET_ENOSPC);
	q = share(1, false, &gref);
	assert_int_equal(plat.ops->share(plat.ctx, PEER, 1, false, &q, &gref),
			 -XENNET_ENOSPC);
	plat.ops->unshare(plat.ctx, q, 1, &gref);
	plat.ops->unshare(plat.ctx, p, XENNET_MINIOS_GRANTS - 1, grefs);
}

static void a_share_that_fails_leaves_nothing(void **state)
{
	uint32_t gref;
	void *p;

	(void)state;
	assert_int_equal(plat.ops->share(plat.ctx, PEER, 0, false, &p, &gref),
			 -XENNET_EINVAL);
	stub.full = 1;
	assert_int_equal(plat.ops->share(plat.ctx, PEER, 1, false, &p, &gref),
			 -XENNET_ENOMEM);
	assert_int_equal(fake_grants(&f, DOM), 0);
}

/* Pages of the peer's, granted to us. */
static unsigned char *theirs;
static uint32_t their_gref[MANY];

static void peer_shares(unsigned n)
{
	void *p;

	assert_int_equal(
		peer.ops->share(peer.ctx, DOM, n, false, &p, their_gref), 0);
	theirs = p;
}

static void peer_unshares(unsigned n)
{
	assert_int_equal(peer.ops->unshare(peer.ctx, theirs, n, their_gref), 0);
}

/* G2, G7 */
static void a_large_batch_of_maps_takes_few_calls(void **state)
{
	static struct xennet_map_op op[MANY];

	(void)state;
	peer_shares(MANY);
	for (unsigned i = 0; i < MANY; i++) {
		theirs[i * XENNET_PAGE + 3] = (unsigned char)(i * 7);
		op[i] = (struct xennet_map_op){ .gref = their_gref[i],
						.domid = PEER,
						.readonly = i & 1 };
	}
	op[5].gref = their_gref[MANY - 1] + 1;
	plat.ops->map(plat.ctx, op, MANY);
	assert_in_range(stub.hypercalls, 1, 3);
	for (unsigned i = 0; i < MANY; i++) {
		const unsigned char *at = op[i].addr;

		assert_int_equal(op[i].status == 0, i != 5);
		assert_int_equal(!at, i == 5);
		if (at)
			assert_int_equal(at[3], (unsigned char)(i * 7));
	}
	((unsigned char *)op[2].addr)[9] = 1;
	assert_int_equal(theirs[2 * XENNET_PAGE + 9], 1);

	op[5] = op[6];
	plat.ops->unmap(plat.ctx, op, 5);
	plat.ops->unmap(plat.ctx, op + 6, MANY - 6);
	for (unsigned i = 0; i < MANY; i++)
		assert_int_equal(op[i].status, 0);
	peer_unshares(MANY);
}

static void map_fails_where_there_is_no_room_or_no_call(void **state)
{
	struct xennet_map_op op = { .domid = PEER };

	(void)state;
	peer_shares(1);
	op.gref = their_gref[0];
	stub.no_room = true;
	plat.ops->map(plat.ctx, &op, 1);
	assert_int_equal(op.status, XENNET_GNTST_GENERAL);
	stub.no_room = false;
	stub.no_tables = true;
	plat.ops->map(plat.ctx, &op, 1);
	assert_int_equal(op.status, XENNET_GNTST_GENERAL);
	stub.no_tables = false;
	/* it was not tried at some other address */
	assert_int_equal(stub.hypercalls, 0);
	stub.call_fails = true;
	plat.ops->map(plat.ctx, &op, 1);
	assert_int_equal(op.status, XENNET_GNTST_GENERAL);

	plat.ops->map(plat.ctx, &op, 1);
	assert_int_equal(op.status, 0);
	fake_fail(&f, FAKE_UNMAP, 1, XENNET_GNTST_GENERAL);
	plat.ops->unmap(plat.ctx, &op, 1);
	assert_int_equal(op.status, XENNET_GNTST_GENERAL);
	plat.ops->unmap(plat.ctx, &op, 1);
	assert_int_equal(op.status, 0);
	peer_unshares(1);
}

static void a_ring_is_mapped_in_a_row_or_not_at_all(void **state)
{
	unsigned char *at;
	void *p, *q;

	(void)state;
	peer_shares(16);
	assert_int_equal(plat.ops->map_ring(plat.ctx, PEER, their_gref, 16, &p),
			 0);
	assert_int_equal(plat.ops->map_ring(plat.ctx, PEER, their_gref, 1, &q),
			 0);
	at = p;
	for (unsigned i = 0; i < 16; i++) {
		at[i * XENNET_PAGE] = (unsigned char)(i + 1);
		assert_int_equal(theirs[i * XENNET_PAGE], i + 1);
	}
	assert_int_equal(*(unsigned char *)q, 1);
	plat.ops->unmap_ring(plat.ctx, p, 16);
	plat.ops->unmap_ring(plat.ctx, q, 1);
	assert_int_equal(fake_maps(&f), 0);

	their_gref[15]++;
	assert_int_equal(plat.ops->map_ring(plat.ctx, PEER, their_gref, 16, &p),
			 -XENNET_ENOENT);
	their_gref[15]--;
	stub.no_room = true;
	assert_int_equal(plat.ops->map_ring(plat.ctx, PEER, their_gref, 1, &p),
			 -XENNET_ENOMEM);
	peer_unshares(16);
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

/* G2, G7 */
static void copies_go_both_ways_each_with_its_status(void **state)
{
	static struct xennet_copy_op op[MANY];
	static unsigned char in[MANY][16];
	char b[16] = "to the peer";

	(void)state;
	peer_shares(MANY);
	for (unsigned i = 0; i < MANY; i++) {
		theirs[i * XENNET_PAGE + 100] = (unsigned char)(i * 3 + 1);
		op[i] = copy_in(in[i] + 2, their_gref[i], 100, 1);
	}
	op[1] = copy_out(b, their_gref[1], 4080, 16);
	op[2].src.gref = their_gref[MANY - 1] + 1;
	op[3] = copy_in(in[1], 0, 0, 16);
	op[3].src = (struct xennet_copy_end){ .addr = b };
	plat.ops->copy(plat.ctx, op, MANY);
	assert_in_range(stub.hypercalls, 1, 3);
	for (unsigned i = 0; i < MANY; i++)
		assert_int_equal(op[i].status == 0, i != 2);
	for (unsigned i = 4; i < MANY; i++)
		assert_int_equal(in[i][2], (unsigned char)(i * 3 + 1));
	assert_string_equal((char *)theirs + XENNET_PAGE + 4080, b);
	assert_memory_equal(in[1], b, 16);

	stub.call_fails = true;
	plat.ops->copy(plat.ctx, op, 1);
	assert_int_equal(op[0].status, XENNET_GNTST_GENERAL);
	plat.ops->copy(plat.ctx, op, 0);
	peer_unshares(MANY);
}

static void copies_come_from_mapped_pages_too(void **state)
{
	struct xennet_map_op map = { .domid = PEER, .readonly = true };
	struct xennet_copy_op op[4];
	char mine[8] = "mine";

	(void)state;
	peer_shares(3);
	memcpy(theirs + 50, "another", 8);
	map.gref = their_gref[0];
	plat.ops->map(plat.ctx, &map, 1);
	op[0] = copy_out(mine, their_gref[1], 0, 8);
	op[1] = copy_out((char *)map.addr + 50, their_gref[1], 8, 8);
	op[2] = copy_out((char *)map.addr + 52, their_gref[1], 16, 6);
	op[3] = copy_out(mine, their_gref[2], 0, 8);
	plat.ops->copy(plat.ctx, op, 4);
	for (unsigned i = 0; i < 4; i++)
		assert_int_equal(op[i].status, 0);
	assert_string_equal((char *)theirs + XENNET_PAGE, "mine");
	assert_string_equal((char *)theirs + XENNET_PAGE + 8, "another");
	assert_string_equal((char *)theirs + XENNET_PAGE + 16, "other");
	assert_string_equal((char *)theirs + 2 * XENNET_PAGE, "mine");
	plat.ops->unmap(plat.ctx, &map, 1);
	peer_unshares(3);
}

static uint32_t port, peer_port;

static void join(void)
{
	assert_int_equal(plat.ops->evtchn_alloc(plat.ctx, PEER, &port), 0);
	assert_int_equal(peer.ops->evtchn_bind(peer.ctx, DOM, port, &peer_port),
			 0);
	plat.ops->evtchn_rearm(plat.ctx, port, false);
}

static void part(void)
{
	plat.ops->evtchn_close(plat.ctx, port);
	peer.ops->evtchn_close(peer.ctx, peer_port);
}

static void an_event_is_taken_once_and_a_storm_is_one(void **state)
{
	unsigned handled;

	(void)state;
	join();
	handled = stub.handled;
	assert_int_equal(plat.ops->evtchn_rearm(plat.ctx, port, false), 0);
	for (unsigned i = 0; i < 5; i++) {
		peer.ops->evtchn_notify(peer.ctx, peer_port);
		stub_deliver();
	}
	assert_int_equal(stub.handled, handled + 1);
	assert_int_equal(xennet_minios_wait(&port, 1, -1), 1);
	assert_int_equal(xennet_minios_wait(&port, 1, -1), 1);
	/* and the next is let through at once */
	assert_int_equal(plat.ops->evtchn_rearm(plat.ctx, port, false), 1);
	assert_int_equal(stub.handled, handled + 2);
	assert_int_equal(plat.ops->evtchn_rearm(plat.ctx, port, true), 1);
	assert_int_equal(plat.ops->evtchn_rearm(plat.ctx, port, true), 0);
	part();
}

static void the_peer_is_notified(void **state)
{
	(void)state;
	join();
	fake_event(&f, PEER, peer_port);
	peer.ops->evtchn_rearm(peer.ctx, peer_port, false);
	assert_false(fake_event(&f, PEER, peer_port));
	assert_int_equal(plat.ops->evtchn_notify(plat.ctx, port), 0);
	assert_true(fake_event(&f, PEER, peer_port));
	fake_fail(&f, FAKE_NOTIFY, 1, -XENNET_EGONE);
	assert_int_equal(plat.ops->evtchn_notify(plat.ctx, port),
			 -XENNET_EGONE);
	part();
	assert_int_equal(plat.ops->evtchn_notify(plat.ctx, port),
			 -XENNET_ENOENT);
	assert_int_equal(plat.ops->evtchn_rearm(plat.ctx, port, false),
			 -XENNET_ENOENT);
	assert_int_equal(plat.ops->evtchn_notify(plat.ctx, 5000),
			 -XENNET_ENOENT);
	assert_int_equal(xennet_minios_wait(&port, 1, -1), -XENNET_ENOENT);
	plat.ops->evtchn_close(plat.ctx, port);
}

static void a_port_that_is_bound_has_an_event(void **state)
{
	uint32_t theirs_port, ours;

	(void)state;
	peer.ops->evtchn_alloc(peer.ctx, DOM, &theirs_port);
	assert_int_equal(
		plat.ops->evtchn_bind(plat.ctx, PEER, theirs_port, &ours), 0);
	assert_int_equal(xennet_minios_wait(&ours, 1, 0), 1);
	assert_int_equal(
		plat.ops->evtchn_bind(plat.ctx, PEER, theirs_port, &port),
		-XENNET_ENOENT);
	plat.ops->evtchn_close(plat.ctx, ours);
	peer.ops->evtchn_close(peer.ctx, theirs_port);
}

static void a_port_that_cannot_be_had_says_why(void **state)
{
	static const struct {
		int xen, err;
	} row[] = {
		{ -1, XENNET_EACCESS }, { -3, XENNET_EGONE },
		{ -12, XENNET_ENOMEM }, { -13, XENNET_EACCESS },
		{ -22, XENNET_EINVAL }, { -28, XENNET_ENOSPC },
		{ -38, XENNET_ENOSYS }, { -5, XENNET_EIO },
	};

	(void)state;
	for (unsigned i = 0; i < COUNT(row); i++) {
		stub.evtchn_error = row[i].xen;
		assert_int_equal(plat.ops->evtchn_alloc(plat.ctx, PEER, &port),
				 -row[i].err);
	}
	stub.evtchn_error = -28;
	assert_int_equal(plat.ops->evtchn_bind(plat.ctx, PEER, 1, &port),
			 -XENNET_ENOSPC);
}

static void a_port_beyond_the_handlers_is_given_back(void **state)
{
	(void)state;
	stub.far_port = true;
	assert_int_equal(plat.ops->evtchn_alloc(plat.ctx, PEER, &port),
			 -XENNET_ENOSPC);
}

static void a_wait_ends_in_time(void **state)
{
	uint64_t begin = f.now;

	(void)state;
	join();
	while (plat.ops->evtchn_rearm(plat.ctx, port, false) == 1)
		continue;
	assert_int_equal(xennet_minios_wait(&port, 1, 0), 0);
	assert_int_equal(f.now, begin);
	assert_int_equal(xennet_minios_wait(&port, 1, 20), 0);
	assert_int_equal(f.now, begin + 20000000);
	/* an event ends it at once */
	peer.ops->evtchn_notify(peer.ctx, peer_port);
	assert_int_equal(xennet_minios_wait(&port, 1, 20), 1);
	assert_int_equal(f.now, begin + 20000000);
	plat.ops->delay(plat.ctx, 1500);
	assert_int_equal(plat.ops->clock(plat.ctx), begin + 22000000);
	part();
}

static void a_wait_says_what_came(void **state)
{
	uint32_t theirs_port, ports[2];

	(void)state;
	join();
	while (plat.ops->evtchn_rearm(plat.ctx, port, false) == 1)
		continue;
	peer.ops->evtchn_alloc(peer.ctx, DOM, &theirs_port);
	ports[0] = port;
	plat.ops->evtchn_bind(plat.ctx, PEER, theirs_port, &ports[1]);
	assert_int_equal(xennet_minios_wait(ports, 2, -1), 1 << 1);
	assert_int_equal(plat.ops->store_watch(plat.ctx, HOME "a"), 0);
	stub_sleep(1);
	assert_int_equal(xennet_minios_wait(ports, 2, -1),
			 1 << 1 | XENNET_MINIOS_STORE);
	assert_int_equal(xennet_minios_wait(ports, 2, 0), 1 << 1);
	peer.ops->evtchn_notify(peer.ctx, peer_port);
	stub_deliver();
	assert_int_equal(xennet_minios_wait(ports, 2, 0), 1 << 0 | 1 << 1);
	plat.ops->store_unwatch(plat.ctx, HOME "a");
	plat.ops->evtchn_close(plat.ctx, ports[1]);
	peer.ops->evtchn_close(peer.ctx, theirs_port);
	part();
}

static void a_watch_ends_a_wait(void **state)
{
	(void)state;
	assert_int_equal(plat.ops->store_watch(plat.ctx, HOME "a"), 0);
	assert_int_equal(plat.ops->store_watch(plat.ctx, HOME "b"), 0);
	assert_int_equal(xennet_minios_wait(NULL, 0, -1), XENNET_MINIOS_STORE);
	assert_int_equal(xennet_minios_wait(NULL, 0, 10), 0);
	fake_set(&f, HOME "a", "1");
	assert_int_equal(xennet_minios_wait(NULL, 0, -1), XENNET_MINIOS_STORE);
	assert_int_equal(xennet_minios_wait(NULL, 0, 10), 0);
	plat.ops->store_unwatch(plat.ctx, HOME "a");
	plat.ops->store_unwatch(plat.ctx, HOME "b");
	fake_set(&f, HOME "a", "2");
	assert_int_equal(xennet_minios_wait(NULL, 0, 10), 0);
	stub.says = "ENOSPC";
	assert_int_equal(plat.ops->store_watch(plat.ctx, HOME "a"),
			 -XENNET_ENOSPC);
}

static int reads(const char *path, char *text, size_t cap)
{
	return plat.ops->store_read(plat.ctx, 0, path, text, cap);
}

static void values_are_read_whole_or_in_part(void **state)
{
	char text[6] = "?????";

	(void)state;
	assert_int_equal(reads(HOME "a", text, 6), -XENNET_ENOENT);
	assert_int_equal(plat.ops->store_write(plat.ctx, 0, HOME "a", "12345"),
			 0);
	assert_int_equal(reads(HOME "a", text, 6), 5);
	assert_string_equal(text, "12345");
	assert_int_equal(reads(HOME "a", text, 4), 5);
	assert_string_equal(text, "123");
	assert_int_equal(reads(HOME "a", NULL, 0), 5);
	stub.says = "EACCES"; /* not ours to see, or not there any more */
	assert_int_equal(reads(HOME "a", text, 6), -XENNET_ENOENT);
	assert_int_equal(plat.ops->store_remove(plat.ctx, 0, HOME "a"), 0);
	assert_int_equal(plat.ops->store_remove(plat.ctx, 0, HOME "a"), 0);
	stub.says = "ENOENT"; /* nor is what it was in */
	assert_int_equal(plat.ops->store_remove(plat.ctx, 0, HOME "a"), 0);
	assert_int_equal(reads(HOME "a", text, 6), -XENNET_ENOENT);
}

static void every_error_of_the_store_has_its_name(void **state)
{
	static const struct {
		const char *says;
		int err;
	} row[] = {
		{ "ENOENT", XENNET_ENOENT },  { "EAGAIN", XENNET_EAGAIN },
		{ "EACCES", XENNET_EACCESS }, { "EPERM", XENNET_EACCESS },
		{ "EINVAL", XENNET_EINVAL },  { "ENOMEM", XENNET_ENOMEM },
		{ "ENOSPC", XENNET_ENOSPC },  { "EQUOTA", XENNET_ENOSPC },
		{ "E2BIG", XENNET_ENOSPC },   { "EBUSY", XENNET_EBUSY },
		{ "ENOSYS", XENNET_ENOSYS },  { "EROFS", XENNET_EIO },
		{ "No reply", XENNET_EIO },
	};
	xennet_txn txn;

	(void)state;
	for (unsigned i = 0; i < COUNT(row); i++) {
		stub.says = row[i].says;
		assert_int_equal(
			plat.ops->store_write(plat.ctx, 0, HOME "a", "1"),
			-row[i].err);
		stub.says = row[i].says;
		assert_int_equal(plat.ops->txn_begin(plat.ctx, &txn),
				 -row[i].err);
	}
}

static void what_mini_os_would_die_of_is_refused(void **state)
{
	char path[1100], text[4];

	(void)state;
	memset(path, 'a', sizeof(path));
	memcpy(path, HOME, sizeof(HOME) - 1);
	path[1006] = 0;
	assert_int_equal(reads(path, text, 4), -XENNET_ENOENT);
	assert_int_equal(plat.ops->store_write(plat.ctx, 0, path, "1"),
			 -XENNET_ENOSPC);
	path[1006] = 'a';
	path[1007] = 0;
	assert_int_equal(reads(path, text, 4), -XENNET_ENOSPC);
	assert_int_equal(plat.ops->store_remove(plat.ctx, 0, path),
			 -XENNET_ENOSPC);
	path[600] = 0;
	assert_int_equal(plat.ops->store_watch(plat.ctx, path), -XENNET_ENOSPC);
}

static void a_transaction_is_done_again_or_not_at_all(void **state)
{
	xennet_txn txn;
	char text[4];

	(void)state;
	for (int again = 1; again >= 0; again--) {
		assert_int_equal(plat.ops->txn_begin(plat.ctx, &txn), 0);
		plat.ops->store_write(plat.ctx, txn, HOME "a", "1");
		assert_int_equal(reads(HOME "a", text, 4), -XENNET_ENOENT);
		if (again)
			fake_fail(&f, FAKE_TXN_END, 1, -XENNET_EAGAIN);
		assert_int_equal(plat.ops->txn_end(plat.ctx, txn, false),
				 again ? -XENNET_EAGAIN : 0);
	}
	assert_int_equal(reads(HOME "a", text, 4), 1);
	assert_int_equal(plat.ops->txn_begin(plat.ctx, &txn), 0);
	plat.ops->store_remove(plat.ctx, txn, HOME "a");
	assert_int_equal(plat.ops->txn_end(plat.ctx, txn, true), 0);
	assert_int_equal(reads(HOME "a", text, 4), 1);
	plat.ops->store_remove(plat.ctx, 0, HOME "a");
}

/* Those that replace Mini-OS's own, by their own names. */
void *xennet_memcpy(void *to, const void *from, size_t n);
void *xennet_memmove(void *to, const void *from, size_t n);
void *xennet_memset(void *to, int value, size_t n);

static void memory_is_moved_and_set_right(void **state)
{
	static unsigned char is[2000], was[2000], want[2000];
	uint32_t seed = 1;

	(void)state;
	for (unsigned turn = 0; turn < 3000; turn++) {
		unsigned n = test_below(&seed, turn & 1 ? 20 : 400);
		unsigned to = test_below(&seed, 500);
		unsigned from = test_below(&seed, 500);

		if (turn % 3 == 0)
			from += 1000; /* it need not know overlaps */
		for (unsigned i = 0; i < sizeof(is); i++)
			is[i] = (unsigned char)test_random(&seed);
		memcpy(was, is, sizeof(is));
		memcpy(want, is, sizeof(is));
		for (unsigned i = 0; i < n; i++)
			want[to + i] = turn % 3 == 2 ? 0xa5 : was[from + i];
		if (turn % 3 == 0)
			xennet_memcpy(is + to, is + from, n);
		else if (turn % 3 == 1)
			xennet_memmove(is + to, is + from, n);
		else
			xennet_memset(is + to, 0xa5, n);
		assert_memory_equal(is, want, sizeof(is));
	}
}

int main(void)
{
#define ROW(function)                                                          \
	cmocka_unit_test_setup_teardown(function, set_up, tear_down)
	static const struct CMUnitTest tests[] = {
		ROW(memory_is_zero_and_aligned_and_no_more_than_asked),
		ROW(no_memory_is_null),
		ROW(the_peer_sees_what_is_shared_until_it_is_not),
		ROW(what_is_shared_to_be_read_cannot_be_written),
		ROW(a_page_in_use_stays_out_of_use_until_the_peer_lets_go),
		ROW(grants_run_out_before_mini_os_waits_for_one),
		ROW(a_share_that_fails_leaves_nothing),
		ROW(a_large_batch_of_maps_takes_few_calls),
		ROW(map_fails_where_there_is_no_room_or_no_call),
		ROW(a_ring_is_mapped_in_a_row_or_not_at_all),
		ROW(copies_go_both_ways_each_with_its_status),
		ROW(copies_come_from_mapped_pages_too),
		ROW(an_event_is_taken_once_and_a_storm_is_one),
		ROW(the_peer_is_notified),
		ROW(a_port_that_is_bound_has_an_event),
		ROW(a_port_that_cannot_be_had_says_why),
		ROW(a_port_beyond_the_handlers_is_given_back),
		ROW(a_wait_ends_in_time),
		ROW(a_wait_says_what_came),
		ROW(a_watch_ends_a_wait),
		ROW(values_are_read_whole_or_in_part),
		ROW(every_error_of_the_store_has_its_name),
		ROW(what_mini_os_would_die_of_is_refused),
		ROW(a_transaction_is_done_again_or_not_at_all),
		TEST(memory_is_moved_and_set_right),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
