/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* The local platform with hundreds of guests, and where mappings run out. */
#include "pair.h"

#define GUESTS 300u /* more than there are events to a client */

static const char *state_of(uint16_t domid)
{
	static char path[64];

	snprintf(path, sizeof(path), "/local/domain/%u/device/vif/0/state",
		 domid);
	return path;
}

static void leave_all(struct xennet_local **guest, unsigned n)
{
	while (n)
		xennet_local_leave(guest[--n]);
}

static unsigned told_of(struct xennet_local *p, bool *told)
{
	char path[XENNET_LOCAL_PATH];
	unsigned n = 0, domid;

	while (xennet_local_event(p, path, sizeof(path)) == 1) {
		if (sscanf(path, "/local/domain/%u/", &domid) != 1 ||
		    told[domid])
			continue;
		told[domid] = true;
		n++;
	}
	return n;
}

/* Each watch of each guest's state is told of, once more than fit or not. */
static void every_guest_has_its_nodes_and_is_heard(void **state)
{
	static struct xennet_local *guest[GUESTS];
	static bool told[2][DOMIDS];
	struct pair *t = *state;
	char value[16];
	unsigned i;

	for (i = 0; i < GUESTS; i++)
		guest[i] = join(t->path);
	assert_int_equal(stats(t->back).guests, GUESTS + 1);
	for (i = 0; i < GUESTS; i++)
		assert_int_equal(t->bops->store_watch(
					 t->back, state_of(xennet_local_domid(
							  guest[i]))),
				 0);
	assert_int_equal(told_of(t->back, told[0]), GUESTS);
	for (i = 0; i < GUESTS; i++)
		assert_int_equal(t->fops->store_write(
					 guest[i], 0,
					 state_of(xennet_local_domid(guest[i])),
					 "4"),
				 0);
	assert_int_equal(told_of(t->back, told[1]), GUESTS);
	for (i = 0; i < GUESTS; i++)
		assert_int_equal(t->bops->store_read(
					 t->back, 0,
					 state_of(xennet_local_domid(guest[i])),
					 value, sizeof(value)),
				 1);
	leave_all(guest, GUESTS);
}

static void a_guest_that_leaves_takes_its_nodes_and_no_others(void **state)
{
	struct pair *t = *state;
	struct xennet_local *guest[3];
	uint64_t nodes;
	char value[16];
	unsigned i;

	for (i = 0; i < 3; i++)
		guest[i] = join(t->path);
	nodes = stats(t->back).nodes;
	xennet_local_leave(guest[1]);
	assert_true(domains_become(t, 3));
	assert_true(stats(t->back).nodes < nodes);
	guest[1] = guest[2];
	for (i = 0; i < 2; i++)
		assert_int_equal(t->bops->store_read(
					 t->back, 0,
					 state_of(xennet_local_domid(guest[i])),
					 value, sizeof(value)),
				 1);
	leave_all(guest, 2);
}

static uint32_t open_channel(struct pair *t, struct xennet_local *guest)
{
	uint32_t f, b;

	assert_int_equal(t->fops->evtchn_alloc(guest, 0, &f), 0);
	assert_int_equal(
		t->bops->evtchn_bind(t->back, xennet_local_domid(guest), f, &b),
		0);
	return b;
}

/* More than a guest may have, and the lowest that is closed comes next. */
static void domain_0_has_ports_for_all(void **state)
{
	static uint32_t port[3 * XENNET_LOCAL_GUEST_PORTS / 2];
	struct pair *t = *state;
	struct xennet_local *guest[2] = { join(t->path), join(t->path) };
	unsigned n = XENNET_LOCAL_GUEST_PORTS * 3 / 4, i;

	for (i = 0; i < 2 * n; i++)
		port[i] = open_channel(t, guest[i / n]);
	assert_int_equal(stats(t->back).ports, 2 * n);
	t->bops->evtchn_close(t->back, port[7]);
	assert_int_equal(open_channel(t, guest[0]), port[7]);
	for (i = 0; i < 2 * n; i++)
		t->bops->evtchn_close(t->back, port[i]);
	leave_all(guest, 2);
}

static void a_ring_takes_no_mapping(void **state)
{
	struct pair *t = *state;
	uint32_t grefs[4];
	void *pages, *ring, *again;

	assert_int_equal(t->fops->share(t->front, 0, 4, false, &pages, grefs),
			 0);
	assert_int_equal(t->bops->map_ring(t->back, t->domid, grefs, 4, &ring),
			 0);
	assert_int_equal(t->bops->map_ring(t->back, t->domid, grefs, 1, &again),
			 0);
	assert_int_equal(stats(t->back).mmaps, 0);
	assert_int_equal(stats(t->back).mapped, 5);
	strcpy((char *)ring + 3 * XENNET_PAGE, "there");
	assert_string_equal((char *)pages + 3 * XENNET_PAGE, "there");
	t->bops->unmap_ring(t->back, ring, 4);
	assert_int_equal(stats(t->back).mapped, 1);
	/* the other still holds the page */
	assert_int_equal(t->fops->unshare(t->front, pages, 4, grefs),
			 -XENNET_EBUSY);
	t->bops->unmap_ring(t->back, again, 1);
}

static void where_mappings_run_out_a_page_is_in_the_window(void **state)
{
	struct pair *t = *state;
	struct xennet_map_op op[6];
	uint32_t grefs[6];
	void *pages;

	assert_int_equal(t->fops->share(t->front, 0, 6, false, &pages, grefs),
			 0);
	t->back->singles_max = 2;
	for (unsigned i = 0; i < 6; i++) {
		op[i] = map(t, grefs[i], false);
		assert_int_equal(op[i].status, XENNET_GNTST_OKAY);
		*(char *)op[i].addr = (char)('a' + i);
	}
	assert_int_equal(stats(t->back).mmaps, 2);
	assert_int_equal(stats(t->back).mapped, 6);
	for (unsigned i = 0; i < 6; i++)
		assert_int_equal(((char *)pages)[i * XENNET_PAGE], 'a' + i);
	t->bops->unmap(t->back, op, 6);
	for (unsigned i = 0; i < 6; i++)
		assert_int_equal(op[i].status, XENNET_GNTST_OKAY);
	assert_int_equal(stats(t->back).mapped, 0);
	/* there is room again */
	op[0] = map(t, grefs[0], false);
	assert_int_equal(stats(t->back).mmaps, 3);
	unmap(t, &op[0]);
	/* and what is not mapped is not unmapped */
	t->bops->unmap(t->back, &op[0], 1);
	assert_int_equal(op[0].status, XENNET_GNTST_GENERAL);
	assert_int_equal(t->fops->unshare(t->front, pages, 6, grefs), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_guest_has_its_nodes_and_is_heard),
		TEST(a_guest_that_leaves_takes_its_nodes_and_no_others),
		TEST(domain_0_has_ports_for_all),
		TEST(a_ring_takes_no_mapping),
		TEST(where_mappings_run_out_a_page_is_in_the_window),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
