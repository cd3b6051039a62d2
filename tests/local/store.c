/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* The local platform's store: values, watches, transactions, limits. */
#include "pair.h"

#include <xennet/feature.h>
#include <xennet/ring.h>

static void values_are_read_back_whole_or_cut(void **state)
{
	struct pair *t = *state;
	const char *path = at(FRONT, t->domid, "key");
	char big[XENNET_LOCAL_VALUE + 2], value[XENNET_LOCAL_VALUE + 1];

	memset(big, 'x', sizeof(big));
	big[XENNET_LOCAL_VALUE + 1] = 0;
	assert_int_equal(write_key(t->front, path, big), -XENNET_EINVAL);
	big[XENNET_LOCAL_VALUE] = 0;
	assert_int_equal(write_key(t->front, path, big), 0);
	assert_int_equal(
		t->bops->store_read(t->back, 0, path, value, sizeof(value)),
		XENNET_LOCAL_VALUE);
	assert_string_equal(value, big);
	assert_int_equal(t->fops->store_read(t->front, 0, path, value, 4),
			 XENNET_LOCAL_VALUE);
	assert_string_equal(value, "xxx");
	assert_int_equal(write_key(t->back, path, ""), 0);
	assert_int_equal(read_key(t->front, path, value), 0);
	assert_string_equal(value, "");
}

static void keys_that_are_removed_are_gone_with_all_below(void **state)
{
	struct pair *t = *state;
	const char *top = at(FRONT, t->domid, "queue-0");
	const char *key = at(FRONT, t->domid, "queue-0/tx-ring-ref");
	char value[64];

	assert_int_equal(write_key(t->front, key, "8"), 0);
	assert_int_equal(t->fops->store_remove(t->front, 0, top), 0);
	assert_int_equal(read_key(t->front, key, value), -XENNET_ENOENT);
	assert_int_equal(read_key(t->back, top, value), -XENNET_ENOENT);
	assert_int_equal(t->fops->store_remove(t->front, 0, top), 0);
}

static void bad_paths_are_refused(void **state)
{
	static const char *const bad[] = {
		"", "/", "relative", "/a//b", "/a/", "/a b", "/%n", "/a/../b"
	};
	struct pair *t = *state;
	char long_path[XENNET_LOCAL_PATH + 2];

	for (unsigned i = 0; i < 8; i++)
		assert_int_equal(write_key(t->back, bad[i], "x"),
				 -XENNET_EINVAL);
	memset(long_path, 'a', sizeof(long_path));
	long_path[0] = '/';
	long_path[XENNET_LOCAL_PATH] = 0;
	assert_int_equal(write_key(t->back, long_path, "x"), -XENNET_EINVAL);
	long_path[XENNET_LOCAL_PATH - 1] = 0;
	assert_int_equal(write_key(t->back, long_path, "x"), 0);
}

static void a_guest_sees_and_writes_its_own_alone(void **state)
{
	struct pair *t = *state;
	struct xennet_local *other = join(t->path);
	unsigned domid = xennet_local_domid(other);
	xennet_txn txn;
	char value[64];

	assert_int_equal(write_key(t->front, at(FRONT, domid, "state"), "4"),
			 -XENNET_EACCESS);
	assert_int_equal(read_key(t->front, at(FRONT, domid, "state"), value),
			 -XENNET_EACCESS);
	assert_int_equal(write_key(t->front, at(BACK, t->domid, "state"), "4"),
			 -XENNET_EACCESS);
	assert_int_equal(read_key(t->front, at(BACK, t->domid, "state"), value),
			 1);
	assert_int_equal(read_key(t->front, at(BACK, domid, "state"), value),
			 -XENNET_EACCESS);
	assert_int_equal(t->fops->store_watch(t->front, "/local/domain"),
			 -XENNET_EACCESS);
	assert_int_equal(t->fops->store_remove(t->front, 0, "/local/domain/1"),
			 -XENNET_EACCESS);
	/* 1 is not at the start of 10's name */
	assert_int_equal(write_key(t->front, "/local/domain/10/a", "x"),
			 -XENNET_EACCESS);

	assert_int_equal(t->fops->txn_begin(t->front, &txn), 0);
	assert_int_equal(t->fops->store_write(t->front, txn,
					      at(BACK, t->domid, "state"), "4"),
			 -XENNET_EACCESS);
	assert_int_equal(t->fops->txn_end(t->front, txn, true), 0);
	/* the other's transactions are not ours */
	assert_int_equal(t->bops->txn_begin(t->back, &txn), 0);
	assert_int_equal(t->fops->txn_end(t->front, txn, false),
			 -XENNET_EINVAL);
	assert_int_equal(t->bops->txn_end(t->back, txn, true), 0);
	xennet_local_leave(other);
}

static void a_watch_fires_at_once_and_for_all_below(void **state)
{
	struct pair *t = *state;
	const char *top = "/local/domain/0/backend/vif/1/0";
	const char *key = at(BACK, t->domid, "hotplug-status");

	assert_int_equal(t->fops->store_watch(t->front, top), 0);
	assert_true(event_comes(t->front, top));
	assert_int_equal(drain(t->front), 0);

	assert_int_equal(write_key(t->back, key, "connected"), 0);
	assert_true(event_comes(t->front, key));
	assert_int_equal(
		t->bops->store_remove(t->back, 0, "/local/domain/0/backend"),
		0);
	assert_true(event_comes(t->front, top));

	t->fops->store_unwatch(t->front, top);
	assert_int_equal(write_key(t->back, key, "again"), 0);
	assert_int_equal(drain(t->front), 0);
}

static void the_backend_sees_what_a_guest_writes(void **state)
{
	struct pair *t = *state;
	const char *key = at(FRONT, t->domid, "state");

	assert_int_equal(t->bops->store_watch(t->back, key), 0);
	assert_true(event_comes(t->back, key));
	assert_int_equal(write_key(t->front, key, "4"), 0);
	assert_true(event_comes(t->back, key));
	assert_int_equal(xennet_local_wait(t->back, NULL, 0, 0), 0);
}

static void S11_events_that_nobody_takes_are_coalesced(void **state)
{
	struct pair *t = *state;
	char top[64], key[128], first[XENNET_LOCAL_PATH];

	snprintf(top, sizeof(top), "/local/domain/%u/device", t->domid);
	assert_int_equal(t->bops->store_watch(t->back, top), 0);
	drain(t->back);
	for (unsigned i = 0; i < 1000; i++)
		assert_int_equal(
			write_key(t->front, at(FRONT, t->domid, "state"), "4"),
			0);
	assert_int_equal(drain(t->back), 1);

	/* as many paths as it likes: the watch itself stands for the rest */
	for (unsigned i = 0; i < 1500; i++) {
		snprintf(key, sizeof(key), "%s/k%u", top, i);
		assert_int_equal(write_key(t->front, key, "x"), 0);
		assert_int_equal(t->fops->store_remove(t->front, 0, key), 0);
	}
	assert_in_range(t->back->self.nevents, 1, 256);
	while (t->back->self.nevents)
		assert_int_equal(
			xennet_local_event(t->back, first, sizeof(first)), 1);
	assert_int_equal(xennet_local_event(t->back, first, sizeof(first)), 1);
	assert_string_equal(first, top);
	assert_int_equal(xennet_local_event(t->back, first, sizeof(first)), 0);
	assert_int_equal(xennet_local_wait(t->back, NULL, 0, 0), 0);
	assert_int_equal(write_key(t->front, key, "x"), 0);
	assert_true(event_comes(t->back, key));
}

static void a_path_that_does_not_fit_is_not_lost(void **state)
{
	struct pair *t = *state;
	char path[64];

	assert_int_equal(t->bops->store_watch(t->back, "/a/path"), 0);
	assert_int_equal(xennet_local_event(t->back, path, 7), -XENNET_ENOSPC);
	assert_int_equal(xennet_local_event(t->back, path, 8), 1);
	assert_string_equal(path, "/a/path");
}

static void a_transaction_is_seen_when_it_ends(void **state)
{
	struct pair *t = *state;
	const char *a = at(FRONT, t->domid, "a"), *b = at(FRONT, t->domid, "b");
	const char *top = at(FRONT, t->domid, "b/c");
	xennet_txn txn;
	char value[64];

	assert_int_equal(write_key(t->front, top, "old"), 0);
	assert_int_equal(t->fops->txn_begin(t->front, &txn), 0);
	assert_int_equal(t->fops->store_write(t->front, txn, a, "new"), 0);
	assert_int_equal(t->fops->store_remove(t->front, txn, b), 0);
	assert_int_equal(t->fops->store_read(t->front, txn, a, value, 64), 3);
	assert_string_equal(value, "new");
	assert_int_equal(t->fops->store_read(t->front, txn, top, value, 64),
			 -XENNET_ENOENT);
	assert_int_equal(read_key(t->back, a, value), -XENNET_ENOENT);
	assert_int_equal(read_key(t->back, top, value), 3);

	assert_int_equal(t->fops->txn_end(t->front, txn, false), 0);
	assert_int_equal(read_key(t->back, a, value), 3);
	assert_int_equal(read_key(t->back, top, value), -XENNET_ENOENT);
	assert_int_equal(t->fops->txn_end(t->front, txn, false),
			 -XENNET_EINVAL);
}

static void an_aborted_transaction_leaves_nothing(void **state)
{
	struct pair *t = *state;
	const char *a = at(FRONT, t->domid, "a");
	xennet_txn txn;
	char value[64];

	assert_int_equal(t->fops->txn_begin(t->front, &txn), 0);
	assert_int_equal(t->fops->store_write(t->front, txn, a, "new"), 0);
	assert_int_equal(t->fops->txn_end(t->front, txn, true), 0);
	assert_int_equal(read_key(t->front, a, value), -XENNET_ENOENT);
}

enum touch { READ, READ_ABSENT, WRITE, REMOVE };

/* Another changes a key that the transaction touched so. */
static int end_after_conflict(struct pair *t, enum touch touch, bool conflict)
{
	const char *key =
		at(FRONT, t->domid, touch == READ_ABSENT ? "none" : "mtu");
	const char *changed = conflict ? key : at(FRONT, t->domid, "mac");
	xennet_txn txn;
	char value[64];

	assert_int_equal(t->fops->txn_begin(t->front, &txn), 0);
	if (touch == WRITE)
		t->fops->store_write(t->front, txn, key, "1");
	else if (touch == REMOVE)
		t->fops->store_remove(t->front, txn, key);
	else
		t->fops->store_read(t->front, txn, key, value, 64);
	assert_int_equal(write_key(t->back, changed, "2"), 0);
	return t->fops->txn_end(t->front, txn, false);
}

static void a_transaction_fails_if_what_it_touched_has_changed(void **state)
{
	for (int touch = READ; touch <= REMOVE; touch++) {
		struct pair *t = *state;

		t->bops->store_remove(t->back, 0, at(FRONT, t->domid, "none"));
		assert_int_equal(end_after_conflict(t, touch, false), 0);
		t->bops->store_write(t->back, 0, at(FRONT, t->domid, "mtu"),
				     "1500");
		assert_int_equal(end_after_conflict(t, touch, true),
				 -XENNET_EAGAIN);
	}
}

static void a_guest_cannot_fill_the_store(void **state)
{
	struct pair *t = *state;
	char key[128], value[64];
	xennet_txn txn;
	unsigned n = 0;
	int err = 0;

	for (; !err && n < 5000; n++) {
		snprintf(key, sizeof(key), "/local/domain/%u/x%u", t->domid, n);
		err = write_key(t->front, key, "x");
	}
	assert_int_equal(err, -XENNET_ENOSPC);
	assert_int_equal(n - 1, XENNET_LOCAL_QUOTA_NODES);
	/* nor by a transaction, which then does nothing at all */
	assert_int_equal(t->fops->txn_begin(t->front, &txn), 0);
	assert_int_equal(t->fops->store_write(t->front, txn, key, "x"), 0);
	assert_int_equal(t->fops->store_write(t->front, txn,
					      at(FRONT, t->domid, "mtu"), "9"),
			 0);
	assert_int_equal(t->fops->txn_end(t->front, txn, false),
			 -XENNET_ENOSPC);
	assert_int_equal(read_key(t->front, at(FRONT, t->domid, "mtu"), value),
			 4);

	snprintf(key, sizeof(key), "/local/domain/%u/x0", t->domid);
	assert_int_equal(t->fops->store_remove(t->front, 0, key), 0);
	assert_int_equal(write_key(t->front, key, "x"), 0);
}

static void a_guest_has_so_many_watches_and_transactions(void **state)
{
	struct pair *t = *state;
	char key[128];
	xennet_txn txn[XENNET_LOCAL_QUOTA_TXNS], one;

	for (unsigned i = 0; i < XENNET_LOCAL_QUOTA_WATCHES; i++) {
		snprintf(key, sizeof(key), "/local/domain/%u/w%u", t->domid, i);
		assert_int_equal(t->fops->store_watch(t->front, key), 0);
	}
	assert_int_equal(
		t->fops->store_watch(t->front, at(FRONT, t->domid, "state")),
		-XENNET_ENOSPC);
	for (unsigned i = 0; i < XENNET_LOCAL_QUOTA_TXNS; i++)
		assert_int_equal(t->fops->txn_begin(t->front, &txn[i]), 0);
	assert_int_equal(t->fops->txn_begin(t->front, &one), -XENNET_ENOSPC);
	for (unsigned i = 0; i < XENNET_LOCAL_QUOTA_TXN_KEYS; i++)
		assert_int_equal(
			t->fops->store_write(t->front, txn[0], key, "x"), 0);
	assert_int_equal(t->fops->store_write(t->front, txn[0], key, "x"),
			 -XENNET_ENOSPC);
}

static void the_largest_connection_is_one_transaction(void **state)
{
	/* two rings, three ports at most */
	const unsigned each = 2 * XENNET_RING_PAGES_MAX + 3;
	struct pair *t = *state;
	char key[128];
	xennet_txn txn;

	assert_int_equal(t->fops->txn_begin(t->front, &txn), 0);
	for (unsigned i = 0; i < XENNET_QUEUES_MAX * each + 50; i++) {
		snprintf(key, sizeof(key),
			 "/local/domain/%u/device/vif/%u/queue-%u/"
			 "tx-ring-ref-%03u",
			 t->domid, 15, i / each, i % each);
		assert_int_equal(
			t->fops->store_write(t->front, txn, key, "4294967295"),
			0);
	}
	assert_int_equal(t->fops->txn_end(t->front, txn, false), 0);
}

/* Writes until it may not. */
static size_t written(struct pair *t, xennet_txn txn, const char *path,
		      const char *value)
{
	size_t n = 0;

	while (!t->fops->store_write(t->front, txn, path, value))
		n += strlen(path) + 1 + strlen(value);
	assert_int_equal(t->fops->store_write(t->front, txn, path, value),
			 -XENNET_ENOSPC);
	return n;
}

static void a_transaction_has_so_many_bytes(void **state)
{
	struct pair *t = *state;
	char value[XENNET_LOCAL_VALUE + 1] = { 0 }, path[XENNET_LOCAL_PATH];
	size_t n = (size_t)snprintf(path, sizeof(path), "/local/domain/%u",
				    t->domid);
	const size_t most = XENNET_LOCAL_QUOTA_TXN_BYTES;
	xennet_txn txn;

	memset(value, 'x', XENNET_LOCAL_VALUE);
	assert_int_equal(t->fops->txn_begin(t->front, &txn), 0);
	assert_in_range(written(t, txn, at(FRONT, t->domid, "a"), value),
			most - 2 * XENNET_LOCAL_VALUE, most);
	assert_int_equal(t->fops->txn_end(t->front, txn, true), 0);

	for (; n + 2 < sizeof(path); n += 2)
		memcpy(path + n, "/a", 3);
	assert_int_equal(t->fops->txn_begin(t->front, &txn), 0);
	assert_in_range(written(t, txn, path, ""), most - sizeof(path), most);
	assert_int_equal(t->fops->txn_end(t->front, txn, true), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(values_are_read_back_whole_or_cut),
		TEST(keys_that_are_removed_are_gone_with_all_below),
		TEST(bad_paths_are_refused),
		TEST(a_guest_sees_and_writes_its_own_alone),
		TEST(a_watch_fires_at_once_and_for_all_below),
		TEST(the_backend_sees_what_a_guest_writes),
		TEST(S11_events_that_nobody_takes_are_coalesced),
		TEST(a_path_that_does_not_fit_is_not_lost),
		TEST(a_transaction_is_seen_when_it_ends),
		TEST(an_aborted_transaction_leaves_nothing),
		TEST(a_transaction_fails_if_what_it_touched_has_changed),
		TEST(a_guest_cannot_fill_the_store),
		TEST(a_guest_has_so_many_watches_and_transactions),
		TEST(the_largest_connection_is_one_transaction),
		TEST(a_transaction_has_so_many_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
