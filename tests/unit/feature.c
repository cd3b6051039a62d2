/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* What the ends say of themselves, read back, left out, and spoiled. */
#include <stdlib.h>

#include <xennet/feature.h>

#include "peer.h"
#include "test.h"

static struct fake f;

static int setup(void **state)
{
	(void)state;
	fake_open(&f);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	fake_check_clean(&f);
	fake_close(&f);
	return 0;
}

static const char *dir_of(enum xennet_end end)
{
	return end == XENNET_FRONT ? FRONT_DIR : BACK_DIR;
}

static int read_offer(enum xennet_end end, struct xennet_offer *o,
		      const char **key)
{
	struct xennet_platform reader =
		fake_platform(&f, end == XENNET_FRONT ? BACK : FRONT);

	*key = "unset";
	return xennet_offer_read(&reader, 0, dir_of(end), end, o, key);
}

static int write_offer(enum xennet_end end, const struct xennet_offer *o)
{
	struct xennet_platform writer =
		fake_platform(&f, end == XENNET_FRONT ? FRONT : BACK);

	return xennet_offer_write(&writer, 0, dir_of(end), end, o);
}

/* Features that the end has a key for. */
static uint32_t known_to(enum xennet_end end)
{
	const uint32_t backs = XENNET_F_SPLIT_EVTCHN | XENNET_F_CTRL_RING |
			       XENNET_F_MCAST | XENNET_F_MCAST_DYNAMIC |
			       XENNET_F_XDP_HEADROOM;

	return XENNET_F_ALL &
	       ~(end == XENNET_FRONT ? backs : (uint32_t)XENNET_F_RX_NOTIFY);
}

static void what_was_written_is_read_back(void **state)
{
	enum xennet_end end;
	uint32_t seed = 9, i;

	(void)state;
	for (end = XENNET_FRONT; end <= XENNET_BACK; end++)
		for (i = 0; i < 200; i++) {
			struct xennet_offer out = {
				.flags = test_random(&seed) & known_to(end),
				.queues = 1 + test_below(&seed, 64),
				.ring_order = test_below(&seed, 5),
				.slots = 18 + test_below(&seed, 47),
				.headroom = end == XENNET_FRONT
						    ? test_below(&seed, 4096)
						    : 0
			};
			struct xennet_offer in;
			const char *key;

			assert_int_equal(write_offer(end, &out), 0);
			assert_int_equal(read_offer(end, &in, &key), 0);
			assert_memory_equal(&in, &out, sizeof(in));
			assert_null(key);
		}
}

static void missing_keys_mean_what_the_protocol_says(void **state)
{
	enum xennet_end end;

	(void)state;
	for (end = XENNET_FRONT; end <= XENNET_BACK; end++) {
		struct xennet_offer o;
		const char *key;

		assert_int_equal(read_offer(end, &o, &key), 0);
		/* checksum offload is on unless it is denied */
		assert_int_equal(o.flags, XENNET_F_CSUM_V4);
		assert_int_equal(o.queues, 1);
		assert_int_equal(o.ring_order, 0);
		assert_int_equal(o.slots, XENNET_SLOTS_MIN);
	}
}

static const struct {
	const char *key;
	uint32_t flag;
	int writers; /* bits of enum xennet_end */
} flags[] = {
	{ "feature-sg", XENNET_F_SG, 3 },
	{ "feature-gso-tcpv4", XENNET_F_GSO_TCPV4, 3 },
	{ "feature-gso-tcpv6", XENNET_F_GSO_TCPV6, 3 },
	{ "feature-ipv6-csum-offload", XENNET_F_CSUM_V6, 3 },
	{ "feature-persistent", XENNET_F_PERSISTENT, 3 },
	{ "request-rx-copy", XENNET_F_RX_COPY, 1 << XENNET_FRONT },
	{ "feature-rx-notify", XENNET_F_RX_NOTIFY, 1 << XENNET_FRONT },
	{ "feature-rx-copy", XENNET_F_RX_COPY, 1 << XENNET_BACK },
	{ "feature-split-event-channels", XENNET_F_SPLIT_EVTCHN,
	  1 << XENNET_BACK },
};

static void each_key_means_its_own_feature(void **state)
{
	enum xennet_end end;
	struct xennet_offer o;
	const char *key;
	unsigned i;

	(void)state;
	for (end = XENNET_FRONT; end <= XENNET_BACK; end++)
		for (i = 0; i < COUNT(flags); i++) {
			bool counts = flags[i].writers >> end & 1;

			peer_set(&f, dir_of(end), flags[i].key, "1");
			assert_int_equal(read_offer(end, &o, &key), 0);
			assert_int_equal(o.flags,
					 XENNET_F_CSUM_V4 |
						 (counts ? flags[i].flag : 0));
			peer_set(&f, dir_of(end), flags[i].key, "0");
			assert_int_equal(read_offer(end, &o, &key), 0);
			assert_int_equal(o.flags, XENNET_F_CSUM_V4);
			peer_set(&f, dir_of(end), flags[i].key, NULL);
		}
}

static void no_csum_offload_is_meant_the_other_way_round(void **state)
{
	struct xennet_offer o;
	const char *key;

	(void)state;
	peer_set(&f, FRONT_DIR, "feature-no-csum-offload", "1");
	assert_int_equal(read_offer(XENNET_FRONT, &o, &key), 0);
	assert_int_equal(o.flags, 0);
	peer_set(&f, FRONT_DIR, "feature-no-csum-offload", "0");
	assert_int_equal(read_offer(XENNET_FRONT, &o, &key), 0);
	assert_int_equal(o.flags, XENNET_F_CSUM_V4);
}

static const char *const garbage[] = {
	"",	      "x",
	"-1",	      "+1",
	"1x",	      " 1",
	"1 ",	      "0x",
	"1.0",	      "%n%s%n",
	"4294967296", "18446744073709551617",
	"\n",	      "11111111111111111111111111111111111111111111111111"
};

static void value_that_is_no_number_is_refused_by_name(void **state)
{
	struct xennet_offer o;
	const char *key;
	unsigned i, k;

	(void)state;
	for (k = 0; k < COUNT(flags); k++)
		for (i = 0; i < COUNT(garbage); i++) {
			enum xennet_end end =
				flags[k].writers >> XENNET_FRONT & 1
					? XENNET_FRONT
					: XENNET_BACK;

			peer_set(&f, dir_of(end), flags[k].key, garbage[i]);
			assert_int_equal(read_offer(end, &o, &key),
					 -XENNET_EKEY_VALUE);
			assert_string_equal(key, flags[k].key);
			peer_set(&f, dir_of(end), flags[k].key, NULL);
		}
}

static void S3_number_of_queues_is_checked(void **state)
{
	static const char *const bad[] = { "0", "65", "4294967295" };
	struct xennet_offer o;
	const char *key;
	unsigned i;

	(void)state;
	for (i = 0; i < COUNT(garbage) + COUNT(bad); i++) {
		peer_set(&f, FRONT_DIR, "multi-queue-num-queues",
			 i < COUNT(bad) ? bad[i] : garbage[i - COUNT(bad)]);
		assert_int_equal(read_offer(XENNET_FRONT, &o, &key),
				 -XENNET_EKEY_QUEUES);
		assert_string_equal(key, "multi-queue-num-queues");
	}
	peer_set(&f, FRONT_DIR, "multi-queue-num-queues", "64");
	assert_int_equal(read_offer(XENNET_FRONT, &o, &key), 0);
	assert_int_equal(o.queues, 64);
}

static void numbers_outside_their_range_are_refused(void **state)
{
	static const struct {
		enum xennet_end end;
		const char *key, *value;
		int result;
	} cases[] = {
		{ XENNET_FRONT, "ring-page-order", "4", 0 },
		{ XENNET_FRONT, "ring-page-order", "5", -XENNET_EKEY_VALUE },
		{ XENNET_FRONT, "xennet-max-slots", "17", -XENNET_EKEY_VALUE },
		{ XENNET_FRONT, "xennet-max-slots", "18", 0 },
		{ XENNET_BACK, "xennet-max-slots", "0", -XENNET_EKEY_VALUE },
		{ XENNET_BACK, "multi-queue-max-queues", "0",
		  -XENNET_EKEY_QUEUES },
		{ XENNET_BACK, "multi-queue-max-queues", "1000", 0 },
		{ XENNET_BACK, "max-ring-page-order", "20", 0 },
	};
	struct xennet_offer o;
	const char *key;
	unsigned i;

	(void)state;
	for (i = 0; i < COUNT(cases); i++) {
		peer_set(&f, dir_of(cases[i].end), cases[i].key,
			 cases[i].value);
		assert_int_equal(read_offer(cases[i].end, &o, &key),
				 cases[i].result);
		if (cases[i].result)
			assert_string_equal(key, cases[i].key);
		peer_set(&f, dir_of(cases[i].end), cases[i].key, NULL);
	}
}

static void error_of_the_store_is_passed_on(void **state)
{
	struct xennet_offer o = { 0 };
	const char *key;
	unsigned n;

	(void)state;
	for (n = 1;; n++) {
		fake_fail(&f, FAKE_READ, n, -XENNET_EIO);
		if (!read_offer(XENNET_FRONT, &o, &key))
			break;
		assert_int_equal(read_offer(XENNET_FRONT, &o, &key), 0);
	}
	assert_true(n > 8);
	for (n = 1;; n++) {
		fake_fail(&f, FAKE_WRITE, n, -XENNET_EACCESS);
		if (!write_offer(XENNET_BACK, &o))
			break;
		assert_true(fake_failed(&f));
	}
	assert_true(n > 8);
}

#define FEATURE_TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		FEATURE_TEST(what_was_written_is_read_back),
		FEATURE_TEST(missing_keys_mean_what_the_protocol_says),
		FEATURE_TEST(each_key_means_its_own_feature),
		FEATURE_TEST(no_csum_offload_is_meant_the_other_way_round),
		FEATURE_TEST(value_that_is_no_number_is_refused_by_name),
		FEATURE_TEST(S3_number_of_queues_is_checked),
		FEATURE_TEST(numbers_outside_their_range_are_refused),
		FEATURE_TEST(error_of_the_store_is_passed_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
