/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Both ends say the same of what they agreed on, and each says why. */
#include <xennet/explain.h>

#include "link.h"

#define LINES 64

struct lines {
	struct xennet_explained line[LINES];
	unsigned n;
};

static struct link l;
static struct lines back, front;

static void keep(void *arg, const struct xennet_explained *e)
{
	struct lines *to = arg;

	assert_true(to->n < LINES);
	to->line[to->n++] = *e;
}

static void explain(void)
{
	back.n = front.n = 0;
	xennet_back_explain(&l.back, keep, &back);
	xennet_front_explain(&l.front, keep, &front);
}

static const struct xennet_explained *find(const struct lines *in,
					   const char *feature)
{
	unsigned i;

	for (i = 0; i < in->n; i++)
		if (strcmp(in->line[i].feature, feature) == 0)
			return &in->line[i];
	fail_msg("no line for %s", feature);
	return NULL;
}

static void assert_sound(const struct xennet_explained *e)
{
	if (e->counted) {
		assert_true(e->agreed <= e->offered && e->agreed <= e->asked);
		assert_non_null(e->instead);
		return;
	}
	assert_true(e->offered <= 1 && e->asked <= 1 && e->agreed <= 3);
	/* nothing is off, or half on, without a reason */
	assert_int_equal(e->why == NULL, e->agreed == 3);
	assert_int_equal(e->agreed == 3, e->offered && e->asked);
}

/* Each features that there is a flag for, left out by one end or both. */
static const struct {
	const char *feature;
	uint32_t flag;
	unsigned alone; /* agreed, if only the backend says so */
} flags[] = {
	{ "sg", XENNET_F_SG, XENNET_FROM_GUEST },
	{ "gso-tcpv4", XENNET_F_GSO_TCPV4, XENNET_FROM_GUEST },
	{ "gso-tcpv6", XENNET_F_GSO_TCPV6, XENNET_FROM_GUEST },
	{ "csum-ipv4", XENNET_F_CSUM_V4, XENNET_FROM_GUEST },
	{ "csum-ipv6", XENNET_F_CSUM_V6, XENNET_FROM_GUEST },
	{ "split-event-channels", XENNET_F_SPLIT_EVTCHN, 0 },
	{ "persistent", XENNET_F_PERSISTENT, 0 },
	{ "split-rings", XENNET_F_SPLIT_RINGS, 0 },
	{ "sequenced-rings", XENNET_F_SEQUENCED_RINGS, 0 },
	{ "ctrl-ring", XENNET_F_CTRL_RING, 0 },
};

static void a_line_says_who_left_a_feature_out(void **state)
{
	unsigned i, who;

	(void)state;
	for (i = 0; i < COUNT(flags); i++)
		for (who = 0; who < 4; who++) {
			struct link_setting s = { .strategy = XENNET_COPY };
			const struct xennet_explained *b, *f;
			bool offered = !(who & 1), asked = !(who & 2);
			unsigned want = offered && asked ? 3 : 0;

			s.back_flags =
				XENNET_F_ALL & ~(offered ? 0 : flags[i].flag);
			s.front_flags =
				XENNET_F_ALL & ~(asked ? 0 : flags[i].flag);
			link_open(&l, &s);
			explain();
			b = find(&back, flags[i].feature);
			f = find(&front, flags[i].feature);
			if (flags[i].alone)
				want = offered | asked << 1;
			assert_int_equal(b->agreed, want);
			assert_int_equal(f->agreed, want);
			assert_int_equal(f->offered, offered);
			assert_int_equal(b->offered, offered);
			assert_int_equal(f->asked, asked);
			assert_sound(b);
			assert_sound(f);
			link_close(&l);
		}
}

static void numbers_are_the_lesser_of_two(void **state)
{
	struct link_setting s = { .strategy = XENNET_COPY,
				  .queues = 4,
				  .order = 1 };

	(void)state;
	link_prepare(&l, &s);
	assert_int_equal(link_open_back(&l), 0);
	l.s.queues = 2;
	l.s.order = 3;
	assert_int_equal(link_open_front(&l), 0);
	link_follow(&l);
	assert_true(l.connected);
	explain();
	assert_int_equal(find(&back, "queues")->agreed, 2);
	assert_int_equal(find(&front, "queues")->agreed, 2);
	assert_int_equal(find(&front, "queues")->offered, 4);
	assert_int_equal(find(&front, "queues")->asked, 2);
	assert_int_equal(find(&back, "ring-page-order")->agreed, 1);
	assert_int_equal(find(&front, "ring-page-order")->agreed, 1);
	assert_int_equal(find(&front, "ring-page-order")->asked, 3);
	assert_int_equal(find(&back, "slots")->agreed, 18);
	assert_int_equal(find(&front, "hash")->asked, 0);
	link_close(&l);
}

static void assert_asked(const char *feature, bool asked)
{
	explain();
	assert_int_equal(find(&back, feature)->asked, asked);
	assert_int_equal(find(&front, feature)->asked, asked);
	assert_int_equal(find(&back, feature)->agreed, asked ? 3 : 0);
	assert_int_equal(find(&front, feature)->agreed, asked ? 3 : 0);
	assert_sound(find(&back, feature));
	assert_sound(find(&front, feature));
}

/* By a number, over the control ring, or when there is a connection already. */
static void what_no_flag_asks_for_has_its_line(void **state)
{
	static const char *const features[] = { "hash", "static-grants",
						"xdp-headroom",
						"multicast-control" };
	const struct link_setting plain = { .strategy = XENNET_COPY };
	const struct link_setting all = {
		.strategy = XENNET_COPY,
		.front_flags =
			(XENNET_F_ALL & ~XENNET_F_PERSISTENT) | XENNET_F_STATIC,
		.headroom = 256,
		.hash = XENNET_HASH_ALL,
	};
	const struct xennet_hash_config none = { 0 };
	unsigned i;

	(void)state;
	link_open(&l, &plain);
	for (i = 0; i < COUNT(features); i++)
		assert_asked(features[i], false);
	link_close(&l);

	link_open(&l, &all);
	assert_int_equal(xennet_front_filter(&l.front, true), 0);
	link_follow(&l);
	for (i = 0; i < COUNT(features); i++)
		assert_asked(features[i], true);

	assert_int_equal(xennet_front_set_hash(&l.front, &none), 0);
	assert_int_equal(xennet_front_filter(&l.front, false), 0);
	link_follow(&l);
	assert_asked("hash", false);
	assert_asked("multicast-control", false);
	link_close(&l);
}

/* A ring that is not offered has nothing to say. */
static void without_a_control_ring_its_features_are_not_offered(void **state)
{
	const struct link_setting s = { .strategy = XENNET_COPY,
					.back_flags = XENNET_F_ALL &
						      ~XENNET_F_CTRL_RING,
					.hash = XENNET_HASH_ALL };

	(void)state;
	link_open(&l, &s);
	explain();
	assert_int_equal(find(&back, "hash")->offered, 0);
	assert_int_equal(find(&front, "hash")->offered, 0);
	assert_int_equal(find(&front, "hash")->asked, 1);
	assert_int_equal(find(&back, "static-grants")->offered, 0);
	link_close(&l);
}

/* In whatever state; and every line is one that can be true. */
static void there_is_an_answer_at_any_time(void **state)
{
	const struct link_setting s = { .strategy = XENNET_PERSISTENT };
	unsigned stage, i;

	(void)state;
	for (stage = 0; stage < 4; stage++) {
		link_prepare(&l, &s);
		assert_int_equal(link_open_back(&l), 0);
		assert_int_equal(link_open_front(&l), 0);
		if (stage == 1)
			xennet_front_event(&l.front);
		if (stage > 1)
			link_follow(&l);
		if (stage == 3)
			xennet_front_disconnect(&l.front);
		explain();
		assert_int_equal(back.n, front.n);
		assert_true(back.n > 15);
		for (i = 0; i < back.n; i++) {
			assert_string_equal(back.line[i].feature,
					    front.line[i].feature);
			assert_sound(&back.line[i]);
			assert_sound(&front.line[i]);
			if (stage == 2 && !back.line[i].counted)
				assert_int_equal(back.line[i].agreed,
						 front.line[i].agreed);
		}
		link_close(&l);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		LINK_TEST_WITH(a_line_says_who_left_a_feature_out,
			       link_sequenced),
		TEST(numbers_are_the_lesser_of_two),
		TEST(what_no_flag_asks_for_has_its_line),
		TEST(without_a_control_ring_its_features_are_not_offered),
		TEST(there_is_an_answer_at_any_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
