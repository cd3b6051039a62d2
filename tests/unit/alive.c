/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* A frontend's process may die without a word in the store. */
#include <stdlib.h>

#include "back_rig.h"
#include "link.h"

#define KEY "xennet-alive-ref"

static const struct link_setting setting = { .strategy = XENNET_COPY,
					     .queues = 2,
					     .sharing = true };
static struct link l;

static uint32_t alive_ref(void)
{
	return peer_get_uint(&l.f, FRONT_DIR, KEY);
}

/* What the frontend's kernel does. */
static void front_dies(void)
{
	const struct xennet_platform *p = &l.front.config.platform;

	memset(fake_granted(&l.f, FRONT, alive_ref()), 0, 1);
	p->ops->evtchn_notify(p->ctx, l.front.queue[0].tx.port);
}

/* As a worker that was woken. */
static int back_turn(unsigned queue)
{
	struct xennet_back_queue *q = &l.back.queue[queue];
	int n;

	l.f.atomic = true;
	xennet_back_wake(q);
	n = xennet_back_poll(q, &l.in, XENNET_BURST);
	if (n > 0)
		xennet_back_done(q, l.in.pkt, (unsigned)n);
	else if (n == 0)
		n = xennet_back_arm(q);
	l.f.atomic = false;
	return n;
}

static void live_frontend_is_served(void **state)
{
	(void)state;
	link_open(&l, &setting);
	assert_int_equal(*(uint32_t *)fake_granted(&l.f, FRONT, alive_ref()),
			 1);
	link_run(&l, 0, LINK_TX, 300);
	link_run(&l, 1, LINK_RX, 300);
	assert_int_equal(back_turn(0), 0);
	assert_int_equal(back_turn(1), 0);
	link_close(&l);
}

static void dead_frontend_is_let_go_of_at_once(void **state)
{
	unsigned port;

	(void)state;
	link_open(&l, &setting);
	link_run(&l, 0, LINK_TX, 100);
	port = l.back.queue[0].tx.port;
	fake_event(&l.f, BACK, port);
	assert_int_equal(back_turn(0), 0);
	assert_false(fake_event(&l.f, BACK, port));

	front_dies();

	assert_true(fake_event(&l.f, BACK, port));
	assert_int_equal(back_turn(0), -XENNET_EGONE);
	assert_int_equal(xennet_back_event(&l.back), XENNET_VIF_STOP);
	xennet_back_disconnect(&l.back);
	assert_int_equal(fake_maps(&l.f), 0);
	/* nobody did anything wrong, and the next one is awaited */
	assert_int_equal(l.back.refused, 0);
	assert_int_equal(xennet_back_event(&l.back), XENNET_VIF_IDLE);

	xennet_front_close(&l.front);
	assert_int_equal(link_open_front(&l), 0);
	link_follow(&l);
	assert_non_null(l.back.queue);
	link_run(&l, 1, LINK_TX, 10);
	link_close(&l);
}

/* What it sent before is delivered. */
static void last_packets_of_the_dead_arrive(void **state)
{
	(void)state;
	link_open(&l, &setting);
	assert_int_equal(link_send(&l, 0, LINK_TX, 5), 5);
	front_dies();
	assert_int_equal(link_receive(&l, 0, LINK_TX), 5);
	assert_int_equal(back_turn(0), -XENNET_EGONE);
	link_close(&l);
}

/* But not what a rate holds back: it might be for ever. */
static void dead_frontend_without_credit_is_let_go_of(void **state)
{
	(void)state;
	link_prepare(&l, &setting);
	peer_set(&l.f, BACK_DIR, "rate", "0,50000");
	assert_int_equal(link_open_back(&l), 0);
	assert_int_equal(link_open_front(&l), 0);
	link_follow(&l);
	assert_int_equal(link_send(&l, 0, LINK_TX, 5), 5);
	assert_int_equal(back_turn(0), 0);
	assert_true(l.back.queue[0].notify.usec > 0);

	front_dies();
	assert_int_equal(back_turn(0), -XENNET_EGONE);
	assert_int_equal(xennet_back_event(&l.back), XENNET_VIF_STOP);
	link_close(&l);
}

/* Whichever of both the backend sees first. */
static void closing_is_no_death(void **state)
{
	(void)state;
	link_open(&l, &setting);
	xennet_front_disconnect(&l.front);
	assert_int_equal(peer_get_uint(&l.f, FRONT_DIR, "state"),
			 XENNET_STATE_CLOSED);
	assert_int_equal(xennet_back_event(&l.back), XENNET_VIF_STOP);
	xennet_back_disconnect(&l.back);
	assert_int_equal(l.back.refused, 0);
	link_close(&l);
}

static void without_the_page_there_is_a_connection(void **state)
{
	(void)state;
	link_prepare(&l, &setting);
	peer_set(&l.f, FRONT_DIR, KEY, "99");
	fake_fail(&l.f, FAKE_SHARE_NOTIFY, 1, -XENNET_ENOSPC);
	assert_int_equal(link_open_back(&l), 0);
	assert_int_equal(link_open_front(&l), 0);
	link_follow(&l);
	assert_true(fake_failed(&l.f));
	assert_null(fake_node(&l.f, FRONT_DIR "/" KEY));
	assert_non_null(l.back.queue);
	assert_null(l.back.alive);
	link_run(&l, 0, LINK_TX, 100);
	link_close(&l);
}

static void bad_reference_is_refused(void **state)
{
	static const struct {
		const char *value;
		int err;
	} cases[] = { { "", -XENNET_EKEY_VALUE },
		      { "x", -XENNET_EKEY_VALUE },
		      { "7", -XENNET_EKEY_VALUE },
		      { "-1", -XENNET_EKEY_VALUE } };
	unsigned i;

	(void)state;
	for (i = 0; i < COUNT(cases); i++) {
		struct back_rig *r = calloc(1, sizeof(*r));

		back_rig_open(r, &back_copy);
		peer_front_publish(&r->front);
		peer_set(&r->f, FRONT_DIR, KEY, cases[i].value);
		peer_front_state(&r->front, XENNET_STATE_CONNECTED);
		assert_int_equal(back_rig_event(r), cases[i].err);
		assert_string_equal(r->back.refused_key, KEY);
		assert_null(r->back.queue);
		assert_int_equal(fake_maps(&r->f), 0);
		back_rig_close(r);
	}
}

/* The page's word; ABSENT: there is none. */
#define ABSENT 0xabcdefu

/* What a killed frontend left is no reason not to serve the next, nor is it
 * kept mapped. */
static void stale_reference_is_ignored(void **state)
{
	static const uint32_t words[] = { ABSENT, 0, 2, 0x101, 0xffffffff };
	unsigned i, maps;

	(void)state;
	for (i = 0; i < COUNT(words); i++) {
		struct back_rig *r = calloc(1, sizeof(*r));
		const struct xennet_platform *p = &r->front.platform;
		uint32_t gref, *word;
		void *page;

		back_rig_open(r, &back_copy);
		peer_front_publish(&r->front);
		peer_front_state(&r->front, XENNET_STATE_CONNECTED);
		assert_int_equal(back_rig_event(r), XENNET_VIF_CONNECTED);
		maps = fake_maps(&r->f);
		xennet_back_disconnect(&r->back);
		back_rig_event(r);

		assert_int_equal(
			p->ops->share(p->ctx, BACK, 1, false, &page, &gref), 0);
		word = page;
		*word = words[i];
		peer_set_uint(&r->f, FRONT_DIR, KEY,
			      words[i] == ABSENT ? 9999 : gref);
		peer_front_state(&r->front, XENNET_STATE_INITIALISING);
		back_rig_event(r);
		peer_front_state(&r->front, XENNET_STATE_CONNECTED);
		assert_int_equal(back_rig_event(r), XENNET_VIF_CONNECTED);
		assert_int_equal(r->back.refused, 0);
		assert_null(r->back.alive);
		assert_int_equal(fake_maps(&r->f), maps);
		*word = 0;
		assert_int_equal(xennet_back_arm(&r->back.queue[0]), 0);
		p->ops->unshare(p->ctx, page, 1, &gref);
		back_rig_close(r);
	}
}

static void platform_without_room_for_it_is_asked_again(void **state)
{
	struct back_rig *r = calloc(1, sizeof(*r));

	(void)state;
	back_rig_open(r, &back_copy);
	peer_front_publish(&r->front);
	peer_set(&r->f, FRONT_DIR, KEY, "9999");
	peer_front_state(&r->front, XENNET_STATE_CONNECTED);
	fake_fail(&r->f, FAKE_MAP_RING, 3, -XENNET_ENOMEM);
	assert_int_equal(back_rig_event(r), -XENNET_ENOMEM);
	assert_int_equal(fake_maps(&r->f), 0);
	assert_int_equal(back_rig_event(r), XENNET_VIF_CONNECTED);
	back_rig_close(r);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		LINK_TESTS(live_frontend_is_served),
		LINK_TESTS(dead_frontend_is_let_go_of_at_once),
		LINK_TESTS(last_packets_of_the_dead_arrive),
		LINK_TESTS(dead_frontend_without_credit_is_let_go_of),
		LINK_TESTS(closing_is_no_death),
		LINK_TESTS(without_the_page_there_is_a_connection),
		LINK_TESTS(bad_reference_is_refused),
		TEST(stale_reference_is_ignored),
		TEST(platform_without_room_for_it_is_asked_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
