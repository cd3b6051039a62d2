/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Multicast control: the list of a backend, against a frontend that asks for
 * anything; what a frontend asks, against a backend that answers anything; and
 * both together, over every layout.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdlib.h>

#include "back_rig.h"
#include "front_rig.h"
#include "link.h"
#include "mcast.h"

#define MORE XENNET_TXF_MORE_DATA
#define EXTRA XENNET_TXF_EXTRA_INFO
#define ASKED "request-multicast-control"

struct mac {
	unsigned char byte[6];
};

static const struct mac nodes = { { 0x33, 0x33, 0, 0, 0, 1 } };
static const struct mac everyone = { { 255, 255, 255, 255, 255, 255 } };
static const struct mac somebody = { { 0, 0x16, 0x3e, 0, 0, 1 } };

static struct mac group(unsigned n)
{
	struct mac m = { { 1, 0, 0x5e, 0, (unsigned char)(n >> 8),
			   (unsigned char)n } };

	return m;
}

static void put_mcast(struct back_rig *r, uint8_t type, struct mac mac)
{
	struct xennet_extra e = { .type = type };

	memcpy(e.u.mcast.addr, mac.byte, 6);
	xennet_tx_put_extra(&r->front.q[0].tx, &e);
}

/* Asks in a dummy packet of `size` bytes, with a reference that is none. */
static int ask(struct back_rig *r, uint8_t type, struct mac mac, uint16_t size)
{
	struct xennet_tx_req req = { 0, 0, EXTRA, 9, size };

	xennet_tx_put_req(&r->front.q[0].tx, &req);
	put_mcast(r, type, mac);
	peer_push_tx(&r->front);
	assert_int_equal(back_rig_serve(r), 0);
	assert_int_equal(r->answers.null, 1);
	assert_int_equal(r->answers.okay + r->answers.error, 1);
	assert_int_equal(r->answers.of[9], 1);
	return r->answers.okay == 1;
}

static int join(struct back_rig *r, struct mac mac)
{
	return ask(r, XENNET_EXTRA_MCAST_ADD, mac, 14);
}

static int leave(struct back_rig *r, struct mac mac)
{
	return ask(r, XENNET_EXTRA_MCAST_DEL, mac, 14);
}

static void E7_request_is_answered_and_is_no_packet(void **state)
{
	static const uint16_t sizes[] = { 0, 1, 14, 60, 0xffff };
	struct back_rig *r = *state;
	unsigned i;

	for (i = 0; i < COUNT(sizes); i++) {
		assert_true(ask(r, XENNET_EXTRA_MCAST_ADD, group(i), sizes[i]));
		assert_true(ask(r, XENNET_EXTRA_MCAST_DEL, group(i), sizes[i]));
	}
	assert_int_equal(back_rig_refused(r), 0);
	assert_int_equal(r->q->stats.tx_packets, 0);
	/* nobody has looked at the page */
	assert_int_equal(r->f.calls[FAKE_COPY] + r->f.calls[FAKE_MAP], 0);
}

static void E7_request_among_packets_is_answered(void **state)
{
	struct back_rig *r = *state;

	peer_put_req(&r->front, 1, 0, 0, 100, 0);
	peer_put_req(&r->front, 2, 0, 0, 14, EXTRA | MORE);
	put_mcast(r, XENNET_EXTRA_MCAST_ADD, nodes);
	peer_put_req(&r->front, 3, 1, 0, 4, MORE);
	peer_put_req(&r->front, 4, 1, 0, 4, 0);
	peer_put_req(&r->front, 5, 2, 0, 100, 0);
	peer_push_tx(&r->front);
	assert_int_equal(back_rig_serve(r), 2);
	assert_int_equal(r->answers.okay, 5);
	assert_int_equal(r->answers.null, 1);
	assert_true(join(r, nodes));
	assert_int_equal(back_rig_refused(r), 0);
}

static void E7_who_only_drops_packets_listens_too(void **state)
{
	struct back_rig *r = *state;

	peer_put_req(&r->front, 1, 0, 0, 100, 0);
	peer_put_req(&r->front, 2, 0, 0, 14, EXTRA);
	put_mcast(r, XENNET_EXTRA_MCAST_ADD, nodes);
	peer_put_req(&r->front, 3, 0, 0, 300, 0);
	peer_push_tx(&r->front);
	assert_int_equal(xennet_back_drop(r->q, 10), 2);
	peer_take_answers(&r->front, &r->answers);
	assert_int_equal(r->answers.dropped, 2);
	assert_int_equal(r->answers.okay, 1);
	assert_int_equal(r->answers.null, 1);
}

static void E7_list_holds_64_groups_each_once(void **state)
{
	struct back_rig *r = *state;
	unsigned i;

	for (i = 0; i < 65; i++)
		assert_true(join(r, group(7)));
	for (i = 100; i < 163; i++)
		assert_true(join(r, group(i)));
	assert_false(join(r, group(200)));
	assert_int_equal(r->q->stats.reason[XENNET_EMCAST], 1);
	/* of what is in the list there is no need for room */
	assert_true(join(r, group(7)));
	assert_true(join(r, group(162)));

	assert_true(leave(r, group(300)));
	assert_false(join(r, group(200)));
	assert_true(leave(r, group(130)));
	assert_true(join(r, group(200)));
	assert_false(join(r, group(130)));
	/* a hole before its entry is no second one */
	assert_true(leave(r, group(7)));
	assert_true(join(r, group(200)));
	assert_int_equal(r->back.mcast.group[0], 0);
	assert_int_equal(r->q->broken, 0);
}

static void E7_address_of_no_group_is_refused(void **state)
{
	static const struct mac zero;
	struct back_rig *r = *state;

	assert_false(join(r, somebody));
	assert_false(join(r, zero));
	assert_true(leave(r, zero));
	assert_true(join(r, everyone));
}

static void E4_E7_nothing_else_comes_with_a_request(void **state)
{
	static const uint8_t pairs[][2] = {
		{ XENNET_EXTRA_MCAST_ADD, XENNET_EXTRA_MCAST_ADD },
		{ XENNET_EXTRA_MCAST_ADD, XENNET_EXTRA_MCAST_DEL },
		{ XENNET_EXTRA_MCAST_DEL, XENNET_EXTRA_MCAST_ADD },
		{ XENNET_EXTRA_GSO, XENNET_EXTRA_MCAST_ADD },
		{ XENNET_EXTRA_MCAST_DEL, XENNET_EXTRA_GSO },
	};
	struct back_rig *r = *state;
	unsigned i, k;

	for (i = 0; i < COUNT(pairs); i++) {
		peer_put_req(&r->front, 1, 0, 0, 100, EXTRA);
		for (k = 0; k < 2; k++) {
			struct xennet_extra e = { .type = pairs[i][k],
						  .flags = !k };

			e.u.gso.size = 0x101; /* a group's, too */
			e.u.gso.type = XENNET_GSO_TCPV4;
			xennet_tx_put_extra(&r->front.q[0].tx, &e);
		}
		peer_push_tx(&r->front);
		assert_int_equal(back_rig_serve(r), 0);
		assert_int_equal(r->answers.error, 1);
		assert_int_equal(r->answers.null, 2);
		assert_int_equal(r->q->stats.reason[XENNET_EEXTRA_TWICE],
				 i + 1);
	}
	assert_int_equal(r->back.mcast.group[0], 0);
}

static int send_to(struct back_rig *r, struct mac mac)
{
	unsigned char bytes[60] = { 0 };
	/* the address lies in four pieces, one of them empty */
	struct xennet_frag frag[] = { { bytes, 1 },
				      { bytes + 1, 0 },
				      { bytes + 1, 4 },
				      { bytes + 5, 55 } };
	struct xennet_pkt pkt = { .frag = frag, .len = 60, .nfrags = 4 };
	uint64_t before = r->q->stats.rx_packets;
	uint64_t refused = r->q->stats.reason[XENNET_EPKT_MCAST];

	memcpy(bytes, mac.byte, 6);
	peer_post(&r->front, (uint16_t)(before % RING), before % RING);
	assert_int_equal(xennet_back_send(r->q, &pkt, 1), 1);
	assert_int_equal(r->q->stats.rx_packets - before +
				 r->q->stats.reason[XENNET_EPKT_MCAST] -
				 refused,
			 1);
	return r->q->stats.rx_packets != before;
}

static void filter(struct back_rig *r, const char *value)
{
	r->f.atomic = false;
	peer_set(&r->f, FRONT_DIR, ASKED, value);
	r->f.atomic = true;
	assert_int_equal(fake_changed(&r->f, BACK), true);
	assert_int_equal(back_rig_event(r), XENNET_VIF_IDLE);
}

static void E7_list_is_looked_at_when_asked_for(void **state)
{
	struct back_rig *r = *state;

	fake_changed(&r->f, BACK);
	assert_true(join(r, group(1)));
	assert_true(send_to(r, group(2)));

	filter(r, "1");
	assert_false(send_to(r, group(2)));
	assert_true(send_to(r, group(1)));
	assert_true(send_to(r, somebody));
	assert_true(send_to(r, everyone));
	/* what Linux's netback lets through without being asked: nothing */
	assert_false(send_to(r, nodes));
	assert_true(join(r, nodes));
	assert_true(send_to(r, nodes));
	assert_true(leave(r, group(1)));
	assert_false(send_to(r, group(1)));

	filter(r, "0");
	assert_true(send_to(r, group(2)));
}

static void S9_E7_request_is_followed_while_connected(void **state)
{
	static const struct {
		const char *value;
		bool asked;
	} values[] = {
		{ "1", true },		{ "0", false },
		{ "2", true },		{ "x", false },
		{ "1", true },		{ "", false },
		{ "1", true },		{ "-1", false },
		{ "1", true },		{ NULL, false },
		{ "4294967295", true }, { "4294967296", false },
	};
	struct back_rig *r = *state;
	unsigned i;

	for (i = 0; i < COUNT(values); i++) {
		filter(r, values[i].value);
		assert_int_equal(send_to(r, nodes), !values[i].asked);
	}
}

static void error_of_the_store_leaves_the_filter(void **state)
{
	struct back_rig *r = *state;

	filter(r, "1");
	peer_set(&r->f, FRONT_DIR, ASKED, "0");
	fake_fail(&r->f, FAKE_READ, 2, -XENNET_EIO);
	assert_int_equal(back_rig_event(r), -XENNET_EIO);
	assert_false(send_to(r, nodes));
	assert_int_equal(back_rig_event(r), XENNET_VIF_IDLE);
	assert_true(send_to(r, nodes));
}

static const struct back_setting not_dynamic = {
	.flags = XENNET_F_ALL & ~XENNET_F_MCAST_DYNAMIC
};
static const struct back_setting no_lists = { .flags = XENNET_F_ALL &
						       ~XENNET_F_MCAST };

static void S9_E7_request_is_sampled_where_that_was_said(void **state)
{
	struct back_rig *r = *state;

	assert_int_equal(peer_get_uint(&r->f, BACK_DIR,
				       "feature-dynamic-multicast-control"),
			 0);
	fake_changed(&r->f, BACK);
	peer_set(&r->f, FRONT_DIR, ASKED, "1");
	assert_false(fake_changed(&r->f, BACK));
	assert_int_equal(back_rig_event(r), XENNET_VIF_IDLE);
	assert_true(send_to(r, nodes));
}

static void reconnect(struct back_rig *r)
{
	unsigned i;

	r->f.atomic = false;
	for (i = 0; i < 2; i++) {
		peer_front_state(&r->front, i ? XENNET_STATE_INITIALISING
					      : XENNET_STATE_CLOSED);
		if (back_rig_event(r) == XENNET_VIF_STOP)
			xennet_back_disconnect(&r->back);
		assert_int_equal(back_rig_event(r), XENNET_VIF_IDLE);
	}
	peer_front_close(&r->front);
	peer_front_open(&r->front, &r->f, 1, 0, false, XENNET_STANDARD);
	peer_front_publish(&r->front);
	peer_front_state(&r->front, XENNET_STATE_CONNECTED);
	assert_int_equal(back_rig_event(r), XENNET_VIF_CONNECTED);
	r->q = &r->back.queue[0];
	r->f.atomic = true;
}

static void E7_connection_begins_with_its_own_key_and_no_groups(void **state)
{
	struct back_rig *r = *state;

	assert_true(join(r, group(1)));
	peer_set(&r->f, FRONT_DIR, ASKED, "1");
	reconnect(r);
	assert_false(send_to(r, group(1)));
	peer_set(&r->f, FRONT_DIR, ASKED, "0");
	reconnect(r);
	assert_true(send_to(r, group(1)));
}

static void S1_E7_who_keeps_no_lists_ignores_the_request(void **state)
{
	struct back_rig *r = *state;
	unsigned i;

	assert_int_equal(
		peer_get_uint(&r->f, BACK_DIR, "feature-multicast-control"), 0);
	peer_set(&r->f, FRONT_DIR, ASKED, "1");
	assert_int_equal(back_rig_event(r), XENNET_VIF_IDLE);
	reconnect(r);
	assert_true(send_to(r, nodes));
	for (i = XENNET_EXTRA_MCAST_ADD; i <= XENNET_EXTRA_MCAST_DEL; i++) {
		assert_false(ask(r, (uint8_t)i, nodes, 14));
		assert_int_equal(r->q->stats.reason[XENNET_EEXTRA_TYPE], i - 1);
	}
}

/* Two that add the same groups at the same time. */
static struct xennet_mcast shared;
static pthread_barrier_t together;

#define ROUNDS 1000u

static void *add_all(void *arg)
{
	unsigned *failed = arg, round, i;

	for (round = 0; round < ROUNDS; round++) {
		pthread_barrier_wait(&together);
		for (i = 0; i < XENNET_MCAST_MAX; i++)
			*failed +=
				xennet_mcast_add(&shared, group(i).byte) != 0;
		pthread_barrier_wait(&together);
	}
	return NULL;
}

static void
E7_workers_that_join_the_same_groups_take_an_entry_each(void **state)
{
	unsigned failed[2] = { 0 }, round, i;
	pthread_t thread[2];

	(void)state;
	pthread_barrier_init(&together, NULL, 3);
	for (i = 0; i < 2; i++)
		assert_int_equal(
			pthread_create(&thread[i], NULL, add_all, &failed[i]),
			0);
	for (round = 0; round < ROUNDS; round++) {
		uint64_t found = 0;

		memset(&shared, 0, sizeof(shared));
		pthread_barrier_wait(&together);
		pthread_barrier_wait(&together);
		for (i = 0; i < XENNET_MCAST_MAX; i++)
			found |= 1ull << (shared.group[i] & 63);
		assert_int_equal(found, UINT64_MAX);
	}
	for (i = 0; i < 2; i++)
		pthread_join(thread[i], NULL);
	assert_int_equal(failed[0] + failed[1], 0);
	pthread_barrier_destroy(&together);
}

static void E7_group_listed_twice_is_left_at_once(void **state)
{
	struct mac m = group(5);
	unsigned i, n = 0;

	(void)state;
	memset(&shared, 0, sizeof(shared));
	assert_int_equal(xennet_mcast_add(&shared, m.byte), 0);
	shared.group[9] = shared.group[0];
	xennet_mcast_del(&shared, m.byte);
	for (i = 0; i < XENNET_MCAST_MAX; i++)
		n += shared.group[i] != 0;
	assert_int_equal(n, 0);
}

/* The frontend's end. */

static void open_front(struct front_rig *r, const struct front_setting *s,
		       bool lists, bool dynamic)
{
	front_rig_open(r, s);
	if (lists)
		peer_set(&r->f, BACK_DIR, "feature-multicast-control", "1");
	if (dynamic)
		peer_set(&r->f, BACK_DIR, "feature-dynamic-multicast-control",
			 "1");
}

static void connect_front(struct front_rig *r)
{
	assert_int_equal(front_rig_event(r), XENNET_VIF_IDLE);
	peer_back_connect(&r->back);
	assert_int_equal(front_rig_event(r), XENNET_VIF_CONNECTED);
	r->q = &r->front.queue[0];
	r->f.atomic = true;
}

static int front_setup(void **state)
{
	struct front_rig *r = calloc(1, sizeof(*r));

	open_front(r, *state, true, true);
	connect_front(r);
	*state = r;
	return 0;
}

/* What it asked for; its answer is this status. */
static void answer(struct front_rig *r, uint8_t type, struct mac mac,
		   int16_t status)
{
	struct xennet_tx_req req;
	struct xennet_extra e;

	assert_true(peer_take_req(&r->back, &req));
	assert_int_equal(req.flags, EXTRA);
	assert_true(req.size > 0);
	assert_true(req.offset + req.size <= (int)XENNET_PAGE);
	assert_true(fake_grant(&r->f, FRONT, req.gref)->live);
	assert_true(fake_grant(&r->f, FRONT, req.gref)->readonly);
	assert_true(peer_take_extra(&r->back, &e));
	assert_int_equal(e.type, type);
	assert_int_equal(e.flags, 0);
	assert_memory_equal(e.u.mcast.addr, mac.byte, 6);
	peer_answer(&r->back, req.id, status);
	peer_answer(&r->back, 0, XENNET_RSP_NULL);
	assert_int_equal(front_rig_poll(r), 0);
	assert_int_equal(r->q->broken, 0);
}

static void E7_answers_are_counted(void **state)
{
	static const int16_t errors[] = { XENNET_RSP_ERROR, XENNET_RSP_DROPPED,
					  5, -77 };
	struct front_rig *r = *state;
	unsigned i;

	for (i = 0; i < 300; i++) {
		assert_int_equal(xennet_front_mcast_add(r->q, nodes.byte), 0);
		answer(r, XENNET_EXTRA_MCAST_ADD, nodes, XENNET_RSP_OKAY);
		assert_int_equal(xennet_front_mcast_del(r->q, nodes.byte), 0);
		answer(r, XENNET_EXTRA_MCAST_DEL, nodes, XENNET_RSP_OKAY);
	}
	assert_int_equal(r->q->stats.mcast_okay, 600);
	for (i = 0; i < COUNT(errors); i++) {
		assert_int_equal(xennet_front_mcast_add(r->q, nodes.byte), 0);
		answer(r, XENNET_EXTRA_MCAST_ADD, nodes, errors[i]);
		assert_int_equal(r->q->stats.reason[XENNET_EMCAST], i + 1);
	}
	/* none of them was a packet, and packets go as before */
	assert_int_equal(r->q->stats.tx_packets + r->q->stats.tx_acked, 0);
	assert_int_equal(front_rig_refused(r), 0);
	assert_int_equal(front_rig_send(r, 1, 100), 1);
	assert_int_equal(r->q->tx.nspare, RING - 1);
}

static void E7_what_cannot_be_asked_is_said_at_once(void **state)
{
	struct front_rig *r = *state;
	unsigned n = 0;
	int err;

	assert_int_equal(xennet_front_mcast_add(r->q, somebody.byte),
			 -XENNET_EINVAL);
	assert_int_equal(xennet_front_mcast_add(r->q, nodes.byte), 0);
	answer(r, XENNET_EXTRA_MCAST_ADD, nodes, XENNET_RSP_OKAY);
	while (!(err = xennet_front_mcast_add(r->q, nodes.byte)))
		n++;
	assert_int_equal(err, -XENNET_ENOSPC);
	assert_int_equal(n, RING / 2);
	/* room is waited for, and told of */
	while (fake_event(&r->f, FRONT, r->q->tx.port))
		xennet_front_wake(r->q);
	assert_int_equal(xennet_front_arm(r->q), 0);
	answer(r, XENNET_EXTRA_MCAST_ADD, nodes, XENNET_RSP_OKAY);
	assert_true(fake_event(&r->f, FRONT, r->q->tx.port));
	assert_int_equal(xennet_front_mcast_add(r->q, nodes.byte), 0);
}

static void E7_pages_that_cannot_be_granted_are_waited_for(void **state)
{
	struct front_rig *r = *state;

	fake_fail_times(&r->f, FAKE_GRANT, 1, 2, -XENNET_ENOSPC);
	assert_int_equal(xennet_front_mcast_add(r->q, nodes.byte),
			 -XENNET_ENOSPC);
	fake_fail_nothing(&r->f);
	assert_int_equal(xennet_front_mcast_add(r->q, nodes.byte), 0);
	r->q->broken = -XENNET_ERSP_ID;
	assert_int_equal(xennet_front_mcast_del(r->q, nodes.byte),
			 -XENNET_ERSP_ID);
	r->q->broken = 0;
}

static void S1_E7_backend_without_lists_is_not_asked(void **state)
{
	struct front_rig *r = calloc(1, sizeof(*r));

	(void)state;
	open_front(r, &front_granting, false, false);
	assert_int_equal(xennet_front_filter(&r->front, true), 0);
	connect_front(r);
	assert_int_equal(xennet_front_mcast_add(r->q, nodes.byte),
			 -XENNET_ENOSYS);
	assert_int_equal(xennet_front_filter(&r->front, false), -XENNET_ESTATE);
	front_rig_close(r);
}

static void E7_filter_is_asked_for_in_time(void **state)
{
	struct front_rig *r = calloc(1, sizeof(*r));

	(void)state;
	open_front(r, &front_granting, true, false);
	assert_int_equal(xennet_front_filter(&r->front, true), 0);
	assert_null(fake_node(&r->f, FRONT_DIR "/" ASKED));
	connect_front(r);
	assert_int_equal(peer_get_uint(&r->f, FRONT_DIR, ASKED), 1);
	/* it will not look again */
	assert_int_equal(xennet_front_filter(&r->front, false), -XENNET_ESTATE);
	assert_int_equal(peer_get_uint(&r->f, FRONT_DIR, ASKED), 1);
	front_rig_close(r);

	r = calloc(1, sizeof(*r));
	open_front(r, &front_granting, true, true);
	connect_front(r);
	assert_int_equal(peer_get_uint(&r->f, FRONT_DIR, ASKED), 0);
	r->f.atomic = false;
	assert_int_equal(xennet_front_filter(&r->front, true), 0);
	assert_int_equal(peer_get_uint(&r->f, FRONT_DIR, ASKED), 1);
	assert_int_equal(xennet_front_filter(&r->front, false), 0);
	assert_int_equal(peer_get_uint(&r->f, FRONT_DIR, ASKED), 0);
	fake_fail(&r->f, FAKE_WRITE, 1, -XENNET_EIO);
	assert_int_equal(xennet_front_filter(&r->front, true), -XENNET_EIO);
	front_rig_close(r);
}

/* Both ends. */

static struct link l;

static unsigned count_groups(void)
{
	unsigned i, n = 0;

	for (i = 0; i < XENNET_MCAST_MAX; i++)
		n += l.back.mcast.group[i] != 0;
	return n;
}

static void send_group(unsigned queue, struct mac mac)
{
	unsigned char bytes[60] = { 0 };
	struct xennet_frag frag = { bytes, 60 };
	struct xennet_pkt pkt = { .frag = &frag, .len = 60, .nfrags = 1 };

	memcpy(bytes, mac.byte, 6);
	assert_int_equal(xennet_back_send(&l.back.queue[queue], &pkt, 1), 1);
}

static uint64_t kept_back(unsigned queue)
{
	return l.back.queue[queue].stats.reason[XENNET_EPKT_MCAST];
}

/* Among packets that are under way; joined on one queue, received on another. */
static void E7_frontend_joins_and_leaves(void **state)
{
	static const struct link_setting settings[] = {
		{ .strategy = XENNET_COPY, .queues = 2 },
		{ .strategy = XENNET_MAP, .queues = 2 },
		{ .strategy = XENNET_PERSISTENT, .queues = 2, .order = 1 },
		{ .strategy = XENNET_COPY, .queues = 2, .sharing = true },
	};
	unsigned i, k;

	(void)state;
	for (i = 0; i < COUNT(settings); i++) {
		struct xennet_front_queue *q;

		link_open(&l, &settings[i]);
		assert_int_equal(xennet_front_filter(&l.front, true), 0);
		link_follow(&l);
		q = &l.front.queue[0];
		for (k = 0; k < 65; k++) {
			struct mac m = group(k);

			assert_int_equal(link_send(&l, 0, LINK_TX, 1), 1);
			assert_int_equal(xennet_front_mcast_add(q, m.byte), 0);
			assert_int_equal(link_send(&l, 0, LINK_TX, 1), 1);
			link_run(&l, 0, LINK_TX, 1);
		}
		assert_int_equal(q->stats.mcast_okay, 64);
		assert_int_equal(q->stats.reason[XENNET_EMCAST], 1);
		assert_int_equal(link_refused(&q->stats), 0);
		assert_int_equal(l.flow[0][LINK_TX].received, 3 * 65);
		assert_int_equal(count_groups(), 64);

		send_group(1, group(3));
		assert_int_equal(kept_back(1), 0);
		send_group(1, group(64));
		assert_int_equal(kept_back(1), 1);
		assert_int_equal(xennet_front_mcast_del(q, group(3).byte), 0);
		link_run(&l, 0, LINK_TX, 40);
		send_group(1, group(3));
		assert_int_equal(kept_back(1), 2);
		assert_int_equal(count_groups(), 63);
		assert_int_equal(
			xennet_front_poll(&l.front.queue[1], &l.in, 64), 1);
		xennet_front_done(&l.front.queue[1], l.in.pkt, 1);
		link_close(&l);
	}
}

/* Its predecessor knew the groups. */
static void E7_successor_filters_nothing(void **state)
{
	const struct link_setting s = { .strategy = XENNET_COPY };

	(void)state;
	link_open(&l, &s);
	assert_int_equal(xennet_front_filter(&l.front, true), 0);
	assert_int_equal(xennet_front_mcast_add(&l.front.queue[0], nodes.byte),
			 0);
	link_follow(&l);
	link_run(&l, 0, LINK_TX, 10);
	send_group(0, group(1));
	assert_int_equal(kept_back(0), 1);

	fake_crash(&l.f, BACK);
	memset(&l.back, 0, sizeof(l.back));
	assert_int_equal(link_open_back(&l), 0);
	assert_int_equal(xennet_back_event(&l.back), XENNET_VIF_CONNECTED);
	send_group(0, group(1));
	assert_int_equal(kept_back(0), 0);
	assert_int_equal(xennet_front_poll(&l.front.queue[0], &l.in, 64), 1);
	xennet_front_done(&l.front.queue[0], l.in.pkt, 1);

	/* a connection of its own is another matter */
	xennet_front_close(&l.front);
	fake_changed(&l.f, FRONT); /* which has no events any more */
	link_follow(&l);
	assert_int_equal(link_open_front(&l), 0);
	assert_int_equal(xennet_front_filter(&l.front, true), 0);
	link_follow(&l);
	assert_true(l.connected);
	send_group(0, group(1));
	assert_int_equal(kept_back(0), 1);
	link_close(&l);
}

/* Nor does it where a killed one left a change of the headroom half done. */
static void D1_E7_successor_within_a_reconfiguration(void **state)
{
	static const struct {
		enum xennet_state back, front;
	} left[] = {
		{ XENNET_STATE_CONNECTED, XENNET_STATE_RECONFIGURING },
		{ XENNET_STATE_RECONFIGURED, XENNET_STATE_RECONFIGURING },
		{ XENNET_STATE_RECONFIGURED, XENNET_STATE_CONNECTED },
	};
	struct back_rig *r = *state;
	unsigned i;

	peer_set(&r->f, FRONT_DIR, ASKED, "1");
	assert_int_equal(back_rig_event(r), XENNET_VIF_IDLE);
	assert_true(join(r, nodes));
	r->f.atomic = false;
	for (i = 0; i < COUNT(left); i++) {
		struct xennet_back_config config = r->back.config;

		peer_front_state(&r->front, XENNET_STATE_RECONFIGURING);
		if (left[i].back == XENNET_STATE_RECONFIGURED)
			assert_int_equal(back_rig_event(r), XENNET_VIF_IDLE);
		peer_front_state(&r->front, left[i].front);
		fake_crash(&r->f, BACK);
		assert_int_equal(peer_get_uint(&r->f, BACK_DIR, "state"),
				 left[i].back);

		assert_int_equal(xennet_back_open(&r->back, &config), 0);
		assert_int_equal(back_rig_event(r), XENNET_VIF_CONNECTED);
		r->q = &r->back.queue[0];
		assert_true(send_to(r, nodes));
		if (left[i].front == XENNET_STATE_RECONFIGURING) {
			assert_int_equal(back_rig_event(r), XENNET_VIF_IDLE);
			assert_int_equal(
				peer_get_uint(&r->f, BACK_DIR, "state"),
				XENNET_STATE_RECONFIGURED);
			peer_front_state(&r->front, XENNET_STATE_CONNECTED);
		}
		assert_int_equal(back_rig_event(r), XENNET_VIF_IDLE);
		assert_int_equal(peer_get_uint(&r->f, BACK_DIR, "state"),
				 XENNET_STATE_CONNECTED);
		assert_true(send_to(r, nodes));
	}
	/* that is so once: who is let go of has to begin again */
	peer_front_state(&r->front, XENNET_STATE_RECONFIGURING);
	xennet_back_disconnect(&r->back);
	for (i = 0; i < 3; i++)
		assert_int_equal(back_rig_event(r), XENNET_VIF_IDLE);
	assert_int_equal(peer_get_uint(&r->f, BACK_DIR, "state"),
			 XENNET_STATE_CLOSING);
}

#define FRONT_MCAST_TEST_WITH(f, setting)                                      \
	{                                                                      \
#f, f, front_setup, front_rig_teardown, (void *)&(setting)     \
	}
#define FRONT_MCAST_TESTS(f)                                                   \
	FRONT_MCAST_TEST_WITH(f, front_granting),                              \
		FRONT_MCAST_TEST_WITH(f, front_persistent),                    \
		FRONT_MCAST_TEST_WITH(f, front_sharing)
int main(void)
{
	static const struct CMUnitTest tests[] = {
		BACK_TESTS(E7_request_is_answered_and_is_no_packet),
		BACK_TESTS(E7_request_among_packets_is_answered),
		BACK_TESTS(E7_who_only_drops_packets_listens_too),
		BACK_TESTS(E7_list_holds_64_groups_each_once),
		BACK_TEST(E7_address_of_no_group_is_refused),
		BACK_TESTS(E4_E7_nothing_else_comes_with_a_request),
		BACK_TESTS(E7_list_is_looked_at_when_asked_for),
		BACK_TEST(S9_E7_request_is_followed_while_connected),
		BACK_TEST(error_of_the_store_leaves_the_filter),
		BACK_TEST_WITH(S9_E7_request_is_sampled_where_that_was_said,
			       not_dynamic),
		BACK_TEST_WITH(
			E7_connection_begins_with_its_own_key_and_no_groups,
			not_dynamic),
		BACK_TEST(E7_connection_begins_with_its_own_key_and_no_groups),
		BACK_TEST_WITH(S1_E7_who_keeps_no_lists_ignores_the_request,
			       no_lists),
		TEST(E7_workers_that_join_the_same_groups_take_an_entry_each),
		TEST(E7_group_listed_twice_is_left_at_once),
		FRONT_MCAST_TESTS(E7_answers_are_counted),
		FRONT_MCAST_TESTS(E7_what_cannot_be_asked_is_said_at_once),
		FRONT_MCAST_TEST_WITH(
			E7_pages_that_cannot_be_granted_are_waited_for,
			front_granting),
		TEST(S1_E7_backend_without_lists_is_not_asked),
		TEST(E7_filter_is_asked_for_in_time),
		LINK_TEST_WITH(E7_frontend_joins_and_leaves, link_standard),
		LINK_TEST_WITH(E7_frontend_joins_and_leaves, link_split),
		LINK_TEST_WITH(E7_frontend_joins_and_leaves, link_sequenced),
		LINK_TEST_WITH(E7_frontend_joins_and_leaves,
			       link_sequenced_polling),
		TEST(E7_successor_filters_nothing),
		BACK_TEST(D1_E7_successor_within_a_reconfiguration),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
