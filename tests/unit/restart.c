/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* An end that is killed and begins again while the other reads its keys. */
#include <stdlib.h>

#include "back_rig.h"
#include "front_rig.h"

/* At the nth call of any op: once. */
struct moment {
	unsigned nth;
	void (*happens)(void *);
	void *arg;
};

static void pass(struct fake *f, enum fake_op op, void *arg)
{
	struct moment *m = arg;

	(void)f, (void)op;
	if (m->nth && --m->nth == 0)
		m->happens(m->arg);
}

static void front_begins_again(void *arg)
{
	struct peer_front *next = arg;

	peer_front_state(next, XENNET_STATE_INITIALISING);
	peer_set(next->f, FRONT_DIR, "queue-0", NULL);
	peer_set(next->f, FRONT_DIR, "queue-1", NULL);
	peer_front_publish(next);
	peer_front_state(next, XENNET_STATE_CONNECTED);
}

static void assert_served(struct back_rig *r, const struct peer_front *next)
{
	unsigned i;

	for (i = 0; i < next->nqueues; i++) {
		const struct fake_port *port = r->f.domain[FRONT].port;

		assert_true(port[next->q[i].tx_port].bound);
		assert_int_equal(port[next->q[i].tx_port].peer_port,
				 r->back.queue[i].tx.port);
	}
	/* its ring and no other */
	peer_put_req((struct peer_front *)next, 1, 1, 0, 100, 0);
	peer_push_tx((struct peer_front *)next);
	r->q = &r->back.queue[0];
	assert_int_equal(back_rig_poll(r), 1);
	xennet_back_done(r->q, r->in.pkt, 1);
}

static const struct back_setting two = { .strategy = XENNET_COPY, .queues = 2 };

/* False: connecting takes fewer than nth calls. */
static bool front_killed_at(unsigned nth)
{
	struct back_rig *r = calloc(1, sizeof(*r));
	struct peer_front next;
	struct moment m = { nth, front_begins_again, &next };

	back_rig_open(r, &two);
	peer_front_publish(&r->front);
	peer_front_state(&r->front, XENNET_STATE_CONNECTED);
	peer_front_open(&next, &r->f, 2, 0, true, XENNET_STANDARD);
	r->f.before = pass;
	r->f.arg = &m;

	assert_int_equal(back_rig_event(r), XENNET_VIF_CONNECTED);

	r->f.before = NULL;
	if (m.nth == 0)
		assert_served(r, &next);
	xennet_back_disconnect(&r->back);
	peer_front_close(&next);
	back_rig_close(r);
	return m.nth == 0;
}

static void S8_S12_frontend_begins_again_while_its_keys_are_read(void **state)
{
	unsigned nth = 1;

	(void)state;
	while (front_killed_at(nth))
		nth++;
	assert_true(nth > 40);
}

/* What is missing in the middle of it is no reason to refuse. */
static void front_keys_vanish(void *arg)
{
	struct back_rig *r = arg;

	peer_front_state(&r->front, XENNET_STATE_INITIALISING);
	peer_set(&r->f, FRONT_DIR, "queue-1", NULL);
}

static void S8_frontend_that_leaves_meanwhile_is_not_refused(void **state)
{
	unsigned nth;
	bool came;

	(void)state;
	for (nth = 1;; nth++) {
		struct back_rig *r = calloc(1, sizeof(*r));
		struct moment m = { nth, front_keys_vanish, r };
		int event;

		back_rig_open(r, &two);
		peer_front_publish(&r->front);
		peer_front_state(&r->front, XENNET_STATE_CONNECTED);
		r->f.before = pass;
		r->f.arg = &m;
		event = back_rig_event(r);
		r->f.before = NULL;
		came = m.nth == 0;
		if (came) {
			assert_true(event == -XENNET_EAGAIN ||
				    event == XENNET_VIF_IDLE);
			assert_null(r->back.queue);
			assert_int_equal(fake_maps(&r->f), 0);
			assert_int_equal(
				peer_get_uint(&r->f, BACK_DIR, "state"),
				XENNET_STATE_INIT_WAIT);
			peer_front_publish(&r->front);
			peer_front_state(&r->front, XENNET_STATE_CONNECTED);
			event = back_rig_event(r);
		}
		assert_int_equal(event, XENNET_VIF_CONNECTED);
		back_rig_close(r);
		if (!came)
			break;
	}
	assert_true(nth > 40);
}

static void write_state(struct fake *f, enum fake_op op, void *arg)
{
	struct back_rig *r = arg;

	if (op != FAKE_TXN_END)
		return;
	f->before = NULL;
	peer_front_state(&r->front, XENNET_STATE_CONNECTED);
	f->before = write_state;
}

/* Nobody has all of its rings mapped over and over at one event. */
static void S12_frontend_that_writes_on_is_connected_to_later(void **state)
{
	static const struct back_setting four = { .strategy = XENNET_COPY,
						  .queues = 4,
						  .order = 2 };
	struct back_rig *r = calloc(1, sizeof(*r));
	unsigned i, before;

	(void)state;
	back_rig_open(r, &four);
	peer_front_publish(&r->front);
	peer_front_state(&r->front, XENNET_STATE_CONNECTED);
	r->f.before = write_state;
	r->f.arg = r;
	for (i = 0; i < 5; i++) {
		before = r->f.calls[FAKE_MAP_RING];
		assert_int_equal(back_rig_event(r), -XENNET_EAGAIN);
		assert_int_equal(r->f.calls[FAKE_MAP_RING] - before, 2 * 4 * 2);
		assert_null(r->back.queue);
		assert_int_equal(fake_maps(&r->f), 0);
	}
	assert_int_equal(peer_get_uint(&r->f, BACK_DIR, "state"),
			 XENNET_STATE_INIT_WAIT);
	r->f.before = NULL;
	assert_int_equal(back_rig_event(r), XENNET_VIF_CONNECTED);
	back_rig_close(r);
}

static void back_offers_less(void *arg)
{
	struct fake *f = arg;

	peer_set(f, BACK_DIR, "feature-sg", "0");
	peer_set(f, BACK_DIR, "feature-split-event-channels", "0");
}

/* False: connecting takes fewer than nth calls. */
static bool back_killed_at(unsigned nth)
{
	static const struct front_setting setting = { .queues = 2 };
	struct front_rig *r = calloc(1, sizeof(*r));
	struct moment m = { nth, back_offers_less, &r->f };
	struct xennet_offer offer;
	const char *key;
	unsigned tries = 0;
	bool came;

	front_rig_open(r, &setting);
	r->f.before = pass;
	r->f.arg = &m;
	while (front_rig_event(r) == -XENNET_EAGAIN)
		assert_true(++tries < 3);
	r->f.before = NULL;
	came = m.nth == 0;

	assert_int_equal(peer_get_uint(&r->f, FRONT_DIR, "state"),
			 XENNET_STATE_CONNECTED);
	assert_int_equal(xennet_offer_read(&r->back.platform, 0, BACK_DIR,
					   XENNET_BACK, &offer, &key),
			 0);
	assert_memory_equal(&r->front.back, &offer, sizeof(offer));
	assert_int_equal(r->front.queue[0].tx.port == r->front.queue[0].rx.port,
			 came);
	front_rig_close(r);
	return came;
}

static void S7_S12_backend_begins_again_while_its_keys_are_read(void **state)
{
	unsigned nth = 1;

	(void)state;
	while (back_killed_at(nth))
		nth++;
	assert_true(nth > 40);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(S8_S12_frontend_begins_again_while_its_keys_are_read),
		TEST(S8_frontend_that_leaves_meanwhile_is_not_refused),
		TEST(S12_frontend_that_writes_on_is_connected_to_later),
		TEST(S7_S12_backend_begins_again_while_its_keys_are_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
