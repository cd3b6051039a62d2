/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* A frontend's control ring and its hash, with a backend driven by hand. */
#include <stdlib.h>

#include "frame.h"
#include "front_ctrl.h"
#include "front_rig.h"

#define OKAY XENNET_CTRL_SUCCESS
#define ALL XENNET_HASH_ALL

static const struct xennet_hash_config wanted = {
	.types = ALL,
	.key_len = 5,
	.key = "a key",
	.mapping_size = 6,
	.mapping = { 0, 1, 2, 3, 1, 0 },
};

/* The backend's end. */
static struct {
	struct xennet_ring ring;
	void *page;
	uint32_t port;
} ctrl;

static void offer(struct front_rig *r, const struct front_setting *s)
{
	front_rig_open(r, s);
	peer_set_uint(&r->f, BACK_DIR, "feature-ctrl-ring", 1);
	r->front.config.hash = wanted;
}

static void attach(struct front_rig *r)
{
	const struct xennet_platform *p = &r->back.platform;
	struct xennet_ring_shape shape = xennet_ctrl_shape();
	uint32_t gref = peer_get_uint(&r->f, FRONT_DIR, "ctrl-ring-ref");
	uint32_t port = peer_get_uint(&r->f, FRONT_DIR, "event-channel-ctrl");

	assert_int_equal(p->ops->map_ring(p->ctx, FRONT, &gref, 1, &ctrl.page),
			 0);
	assert_int_equal(xennet_ring_back(&ctrl.ring, ctrl.page, &shape), 0);
	assert_int_equal(p->ops->evtchn_bind(p->ctx, FRONT, port, &ctrl.port),
			 0);
}

static void detach(struct front_rig *r)
{
	const struct xennet_platform *p = &r->back.platform;

	p->ops->evtchn_close(p->ctx, ctrl.port);
	p->ops->unmap_ring(p->ctx, ctrl.page, 1);
}

static int setup(void **state)
{
	struct front_rig *r = calloc(1, sizeof(*r));

	offer(r, *state);
	assert_int_equal(front_rig_event(r), XENNET_VIF_IDLE);
	attach(r);
	peer_back_connect(&r->back);
	assert_int_equal(front_rig_event(r), XENNET_VIF_CONNECTED);
	r->q = &r->front.queue[0];
	*state = r;
	return 0;
}

static int teardown(void **state)
{
	struct front_rig *r = *state;

	detach(r);
	front_rig_close(r);
	return 0;
}

static bool next(struct xennet_ctrl_req *req)
{
	int n = xennet_ring_peek(&ctrl.ring);

	assert_true(n >= 0);
	if (n > 0)
		xennet_ctrl_get_req(&ctrl.ring, req);
	return n > 0;
}

static void put(struct front_rig *r, uint16_t id, uint16_t type,
		uint32_t status, uint32_t data)
{
	const struct xennet_platform *p = &r->back.platform;
	struct xennet_ctrl_rsp rsp = { id, type, status, data };

	xennet_ctrl_put_rsp(&ctrl.ring, &rsp);
	if (xennet_ring_push(&ctrl.ring))
		p->ops->evtchn_notify(p->ctx, ctrl.port);
}

/* Takes the next request, which is of this type, and answers it. */
static struct xennet_ctrl_req serve(struct front_rig *r, uint16_t type,
				    uint32_t status, uint32_t data)
{
	struct xennet_ctrl_req req = { 0 };

	assert_true(next(&req));
	assert_int_equal(req.type, type);
	put(r, req.id, type, status, data);
	assert_int_equal(front_rig_event(r), XENNET_VIF_IDLE);
	return req;
}

static void serve_algorithm(struct front_rig *r, uint32_t algorithm)
{
	struct xennet_ctrl_req req =
		serve(r, XENNET_CTRL_SET_HASH_ALGORITHM, OKAY, 0);

	assert_int_equal(req.data[0], algorithm);
}

static const uint16_t steps[] = {
	XENNET_CTRL_SET_HASH_ALGORITHM,	   XENNET_CTRL_SET_HASH_KEY,
	XENNET_CTRL_SET_HASH_MAPPING_SIZE, XENNET_CTRL_SET_HASH_MAPPING,
	XENNET_CTRL_SET_HASH_ALGORITHM,	   XENNET_CTRL_GET_HASH_FLAGS,
	XENNET_CTRL_SET_HASH_FLAGS,
};

/* The first n of them. */
static void serve_steps(struct front_rig *r, unsigned n)
{
	unsigned i;

	for (i = 0; i < n; i++)
		serve(r, steps[i], OKAY, ALL);
}

static void serve_all(struct front_rig *r)
{
	serve_steps(r, COUNT(steps));
}

static void the_whole_hash_is_asked_for(void **state)
{
	struct front_rig *r = *state;
	struct xennet_ctrl_req req;
	const uint32_t *entry;
	unsigned i;

	assert_int_equal(r->front.hash.state, XENNET_HASH_ASKING);
	serve_algorithm(r, XENNET_HASH_NONE);
	req = serve(r, XENNET_CTRL_SET_HASH_KEY, OKAY, 0);
	assert_int_equal(req.data[1], 5);
	assert_true(fake_grant(&r->f, FRONT, req.data[0])->readonly);
	req = serve(r, XENNET_CTRL_SET_HASH_MAPPING_SIZE, OKAY, 0);
	assert_int_equal(req.data[0], 6);
	assert_true(next(&req));
	assert_int_equal(req.type, XENNET_CTRL_SET_HASH_MAPPING);
	assert_int_equal(req.data[1], 6);
	assert_int_equal(req.data[2], 0);
	entry = fake_granted(&r->f, FRONT, req.data[0]);
	for (i = 0; i < 6; i++)
		assert_int_equal(entry[i],
				 wanted.mapping[i] % r->front.nqueues);
	put(r, req.id, req.type, OKAY, 0);
	assert_int_equal(front_rig_event(r), XENNET_VIF_IDLE);
	serve_algorithm(r, XENNET_HASH_TOEPLITZ);
	serve(r, XENNET_CTRL_GET_HASH_FLAGS, OKAY, 0x17);
	assert_int_equal(r->front.hash.state, XENNET_HASH_ASKING);
	req = serve(r, XENNET_CTRL_SET_HASH_FLAGS, OKAY, 0);
	assert_int_equal(req.data[0], 7); /* of those that it knows */
	assert_int_equal(r->front.hash.state, XENNET_HASH_ON);
	assert_false(next(&req));
}

/* At each step, of the first configuration and of a second: it ends with a
 * backend that hashes nothing. */
static void C5_a_refusal_leaves_no_algorithm(void **state)
{
	struct xennet_ctrl_req req;
	unsigned i;

	for (i = 0; i < 2 * COUNT(steps); i++) {
		unsigned at = i % COUNT(steps);
		void *rig = *state;
		struct front_rig *r;

		setup(&rig);
		r = rig;
		if (i >= COUNT(steps)) {
			serve_all(r);
			xennet_front_set_hash(&r->front, &wanted);
		}
		serve_steps(r, at);
		serve(r, steps[at], XENNET_CTRL_NOT_SUPPORTED, ALL);
		/* the algorithm is chosen by the fifth */
		if (at > 4) {
			assert_int_equal(r->front.hash.state,
					 XENNET_HASH_ASKING);
			serve_algorithm(r, XENNET_HASH_NONE);
		}
		assert_int_equal(r->front.hash.state, XENNET_HASH_REFUSED);
		assert_int_equal(r->front.hash.status,
				 XENNET_CTRL_NOT_SUPPORTED);
		assert_false(next(&req));
		assert_int_equal(front_rig_send(r, 1, 100), 1);
		teardown(&rig);
	}
}

static void C6_without_a_type_in_common_there_is_no_algorithm(void **state)
{
	struct front_rig *r = *state;
	struct xennet_ctrl_req req;

	serve_steps(r, 5);
	serve(r, XENNET_CTRL_GET_HASH_FLAGS, OKAY, ALL + 1);
	serve_algorithm(r, XENNET_HASH_NONE);
	assert_int_equal(r->front.hash.state, XENNET_HASH_REFUSED);
	assert_false(next(&req));
}

static void who_asks_for_no_hash_has_none(void **state)
{
	const struct xennet_hash_config none = { 0 };
	struct front_rig *r = calloc(1, sizeof(*r));

	front_rig_open(r, *state);
	assert_int_equal(front_rig_event(r), XENNET_VIF_IDLE);
	peer_back_connect(&r->back);
	assert_int_equal(front_rig_event(r), XENNET_VIF_CONNECTED);
	assert_int_equal(xennet_front_set_hash(&r->front, &wanted), 0);
	assert_int_equal(r->front.hash.state, XENNET_HASH_REFUSED);
	assert_int_equal(xennet_front_set_hash(&r->front, &none), 0);
	assert_int_equal(r->front.hash.state, XENNET_HASH_OFF);
	front_rig_close(r);
}

static void E8_without_a_ring_no_hash_is_asked_for_nor_taken(void **state)
{
	struct front_rig *r = calloc(1, sizeof(*r));

	front_rig_open(r, *state);
	r->front.config.hash = wanted;
	assert_int_equal(front_rig_event(r), XENNET_VIF_IDLE);
	peer_back_connect(&r->back);
	assert_int_equal(front_rig_event(r), XENNET_VIF_CONNECTED);
	assert_null(fake_node(&r->f, FRONT_DIR "/ctrl-ring-ref"));
	assert_null(fake_node(&r->f, FRONT_DIR "/event-channel-ctrl"));
	assert_int_equal(r->front.hash.state, XENNET_HASH_REFUSED);
	r->q = &r->front.queue[0];
	assert_int_equal(r->q->rx.extras, 1u << XENNET_EXTRA_GSO);
	front_rig_close(r);
}

static void keys_of_an_earlier_connection_are_removed(void **state)
{
	struct front_rig *r = calloc(1, sizeof(*r));

	front_rig_open(r, *state);
	peer_set_uint(&r->f, FRONT_DIR, "ctrl-ring-ref", 99);
	peer_set_uint(&r->f, FRONT_DIR, "event-channel-ctrl", 9);
	assert_int_equal(front_rig_event(r), XENNET_VIF_IDLE);
	assert_null(fake_node(&r->f, FRONT_DIR "/ctrl-ring-ref"));
	assert_null(fake_node(&r->f, FRONT_DIR "/event-channel-ctrl"));
	front_rig_close(r);
}

static void R1_the_ring_is_fresh_before_it_is_granted(void **state)
{
	struct front_rig *r = calloc(1, sizeof(*r));
	const struct xennet_sring *page;

	offer(r, *state);
	assert_int_equal(front_rig_event(r), XENNET_VIF_IDLE);
	page = fake_granted(&r->f, FRONT,
			    peer_get_uint(&r->f, FRONT_DIR, "ctrl-ring-ref"));
	assert_int_equal(page->req_prod, 0);
	assert_int_equal(page->req_event, 1);
	assert_int_equal(page->rsp_prod, 0);
	assert_int_equal(page->rsp_event, 1);
	front_rig_close(r);
}

/* Told, and told again: nothing keeps its next event back. */
static void kick(struct front_rig *r)
{
	const struct xennet_platform *p = &r->back.platform;

	p->ops->evtchn_notify(p->ctx, ctrl.port);
	assert_true(fake_event(&r->f, FRONT, r->front.ctrl.port));
}

static void V1_an_event_before_the_backend_connects_is_taken(void **state)
{
	struct front_rig *r = calloc(1, sizeof(*r));

	offer(r, *state);
	assert_int_equal(front_rig_event(r), XENNET_VIF_IDLE);
	attach(r);
	kick(r);
	assert_int_equal(front_rig_event(r), XENNET_VIF_IDLE);
	kick(r);
	fake_fail(&r->f, FAKE_READ, 1, -XENNET_EIO);
	assert_int_equal(front_rig_event(r), -XENNET_EIO);
	fake_fail_nothing(&r->f);
	kick(r);
	assert_int_equal(front_rig_event(r), XENNET_VIF_IDLE);
	/* an answer to nothing, so early */
	put(r, 0, XENNET_CTRL_SET_HASH_KEY, OKAY, 0);
	assert_int_equal(front_rig_event(r), XENNET_VIF_STOP);
	detach(r);
	front_rig_close(r);
}

static void T9_an_answer_to_nothing_breaks_the_vif(void **state)
{
	static const struct {
		uint16_t id, type;
	} lies[] = {
		{ 1, XENNET_CTRL_SET_HASH_ALGORITHM },
		{ 0, XENNET_CTRL_SET_HASH_KEY },
		{ 0, 0 },
		{ 8, XENNET_CTRL_SET_HASH_ALGORITHM },
		{ 0xffff, XENNET_CTRL_SET_HASH_ALGORITHM },
	};
	unsigned i;

	for (i = 0; i < COUNT(lies); i++) {
		void *rig = *state;
		struct front_rig *r;

		setup(&rig);
		r = rig;
		put(r, lies[i].id, lies[i].type, OKAY, 0);
		assert_int_equal(front_rig_event(r), XENNET_VIF_STOP);
		assert_int_equal(r->front.ctrl.broken, -XENNET_ERSP_ID);
		xennet_front_disconnect(&r->front);
		assert_int_equal(r->front.refused, -XENNET_ERSP_ID);
		teardown(&rig);
	}
}

static void R11_R12_more_answers_than_questions_break_the_vif(void **state)
{
	static const uint32_t lies[] = { 2, 129, 0x80000000u, UINT32_MAX };
	unsigned i;

	for (i = 0; i < COUNT(lies); i++) {
		void *rig = *state;
		struct front_rig *r;

		setup(&rig);
		r = rig;
		xennet_store(&((struct xennet_sring *)ctrl.page)->rsp_prod,
			     lies[i]);
		assert_int_equal(front_rig_event(r), XENNET_VIF_STOP);
		assert_true(r->front.ctrl.broken < 0);
		teardown(&rig);
	}
}

/* The same page, with the same bytes, as long as the backend may read it. */
static void C16_a_late_answer_finds_the_page_as_it_was(void **state)
{
	struct xennet_hash_config other = wanted;
	struct front_rig *r = *state;
	struct xennet_ctrl_req req, more;
	unsigned char before[XENNET_PAGE];
	const struct fake_grant *grant;
	unsigned i, grants;

	serve_steps(r, 1);
	assert_true(next(&req));
	assert_int_equal(req.type, XENNET_CTRL_SET_HASH_KEY);
	grant = fake_grant(&r->f, FRONT, req.data[0]);
	memcpy(before, fake_granted(&r->f, FRONT, req.data[0]), XENNET_PAGE);
	grants = fake_grants(&r->f, FRONT);
	/* time passes, and somebody loses patience */
	memcpy(other.key, "other", 5);
	for (i = 0; i < 100; i++) {
		assert_int_equal(xennet_front_set_hash(&r->front, &other), 0);
		assert_int_equal(front_rig_event(r), XENNET_VIF_IDLE);
		front_rig_poll(r);
	}
	assert_false(next(&more));
	assert_true(grant->live);
	assert_int_equal(fake_grants(&r->f, FRONT), grants);
	assert_memory_equal(before, fake_granted(&r->f, FRONT, req.data[0]),
			    XENNET_PAGE);
	/* late, but it comes; then what was wanted since is asked for */
	put(r, req.id, req.type, OKAY, 0);
	assert_int_equal(front_rig_event(r), XENNET_VIF_IDLE);
	serve_steps(r, 1);
	assert_true(next(&req));
	assert_memory_equal(fake_granted(&r->f, FRONT, req.data[0]), "other",
			    5);
	put(r, req.id, req.type, OKAY, 0);
	assert_int_equal(front_rig_event(r), XENNET_VIF_IDLE);
	for (i = 2; i < COUNT(steps); i++)
		serve(r, steps[i], OKAY, ALL);
	assert_int_equal(r->front.hash.state, XENNET_HASH_ON);
}

/* And what it maps at the end stays out of use until it lets go. */
static void C16_G6_a_page_that_is_never_answered_is_kept(void **state)
{
	struct front_rig *r = *state;
	const struct xennet_platform *p = &r->back.platform;
	struct xennet_map_op op = { .domid = FRONT, .readonly = true };
	struct xennet_ctrl_req req;
	const unsigned char *bytes;

	serve_steps(r, 1);
	assert_true(next(&req));
	op.gref = req.data[0];
	p->ops->map(p->ctx, &op, 1);
	assert_int_equal(op.status, 0);
	bytes = op.addr;
	xennet_front_disconnect(&r->front);
	assert_memory_equal(bytes, "a key", 6);
	p->ops->unmap(p->ctx, &op, 1);
	assert_null(fake_grant(&r->f, FRONT, op.gref));
}

static void another_hash_and_then_none(void **state)
{
	const struct xennet_hash_config none = { 0 };
	struct xennet_hash_config bad = wanted;
	struct front_rig *r = *state;
	struct xennet_ctrl_req req;

	serve_all(r);
	assert_int_equal(r->front.hash.state, XENNET_HASH_ON);
	assert_int_equal(xennet_front_set_hash(&r->front, &wanted), 0);
	serve_all(r);
	bad.types = 16;
	assert_int_equal(xennet_front_set_hash(&r->front, &bad),
			 -XENNET_EINVAL);
	bad = wanted;
	bad.key_len = XENNET_HASH_KEY + 1;
	assert_int_equal(xennet_front_set_hash(&r->front, &bad),
			 -XENNET_EINVAL);
	bad = wanted;
	bad.mapping_size = XENNET_HASH_MAPPING + 1;
	assert_int_equal(xennet_front_set_hash(&r->front, &bad),
			 -XENNET_EINVAL);
	assert_int_equal(xennet_front_set_hash(&r->front, &none), 0);
	serve_algorithm(r, XENNET_HASH_NONE);
	assert_int_equal(r->front.hash.state, XENNET_HASH_OFF);
	assert_false(next(&req));
}

static void without_a_page_for_it_there_is_no_hash(void **state)
{
	struct front_rig *r = calloc(1, sizeof(*r));
	struct xennet_ctrl_req req;

	offer(r, *state);
	assert_int_equal(front_rig_event(r), XENNET_VIF_IDLE);
	attach(r);
	peer_back_connect(&r->back);
	fake_fail(&r->f, FAKE_SHARE, 1, -XENNET_ENOMEM);
	assert_int_equal(front_rig_event(r), XENNET_VIF_CONNECTED);
	fake_fail_nothing(&r->f);
	assert_int_equal(r->front.hash.state, XENNET_HASH_REFUSED);
	assert_false(next(&req));
	detach(r);
	front_rig_close(r);
}

static struct xennet_pkt hashed_packet(unsigned char *bytes,
				       struct xennet_frag *frag, uint32_t len)
{
	struct xennet_pkt pkt = { .frag = frag, .len = len, .nfrags = 1 };

	memset(bytes, 0, len);
	frame_tcp4(bytes, len);
	frag->addr = bytes;
	frag->len = len;
	xennet_pkt_set_hash(&pkt, XENNET_HASH_IPV4_TCP, 0x12345678);
	return pkt;
}

static void E8_a_hash_is_sent_to_who_supports_toeplitz(void **state)
{
	struct front_rig *r = *state;
	unsigned char bytes[300];
	struct xennet_extra e;
	struct xennet_tx_req req;
	struct xennet_frag frag;
	struct xennet_pkt pkt = hashed_packet(bytes, &frag, 300);

	assert_int_equal(xennet_front_send(r->q, &pkt, 1), 1);
	assert_true(peer_take_req(&r->back, &req));
	assert_int_equal(req.flags, 0);
	assert_false(peer_take_req(&r->back, &req));

	serve_steps(r, 5);
	assert_int_equal(xennet_front_send(r->q, &pkt, 1), 1);
	assert_true(peer_take_req(&r->back, &req));
	assert_int_equal(req.flags, XENNET_TXF_EXTRA_INFO);
	assert_true(peer_take_extra(&r->back, &e));
	assert_int_equal(e.type, XENNET_EXTRA_HASH);
	assert_int_equal(e.flags, 0);
	assert_int_equal(e.u.hash.type, XENNET_HASH_IPV4_TCP);
	assert_int_equal(e.u.hash.algorithm, XENNET_HASH_TOEPLITZ);
	assert_memory_equal(e.u.hash.value, "\x78\x56\x34\x12", 4);

	pkt.gso_type = XENNET_GSO_TCPV4;
	pkt.gso_size = 100;
	pkt.flags |= XENNET_PKT_CSUM_BLANK;
	assert_int_equal(xennet_front_send(r->q, &pkt, 1), 1);
	assert_true(peer_take_req(&r->back, &req));
	assert_int_equal(req.flags, 11);
	assert_true(peer_take_extra(&r->back, &e));
	assert_int_equal(e.type, XENNET_EXTRA_GSO);
	assert_int_equal(e.flags, XENNET_EXTRAF_MORE);
	assert_true(peer_take_extra(&r->back, &e));
	assert_int_equal(e.type, XENNET_EXTRA_HASH);
	assert_false(peer_take_req(&r->back, &req));
}

static void put_hash(struct front_rig *r, uint8_t flags, uint8_t type,
		     uint8_t algorithm, uint32_t value)
{
	struct xennet_extra e = { .type = XENNET_EXTRA_HASH, .flags = flags };
	unsigned i;

	e.u.hash.type = type;
	e.u.hash.algorithm = algorithm;
	for (i = 0; i < 4; i++)
		e.u.hash.value[i] = (uint8_t)(value >> 8 * i);
	xennet_rx_put_extra(&r->back.q[0].rx, &e);
}

/* A packet with n hashes, of which this is the first. */
static int deliver(struct front_rig *r, uint8_t type, uint8_t algorithm,
		   unsigned n)
{
	struct xennet_rx_req req;
	int got;
	unsigned i;

	assert_true(peer_take_buffer(&r->back, &req));
	peer_put_rx(&r->back, req.id, 0, XENNET_RXF_EXTRA_INFO, 60);
	for (i = 0; i < n; i++) {
		assert_true(peer_take_buffer(&r->back, &req));
		put_hash(r, i + 1 < n, type, algorithm, 0xfedcba98);
	}
	peer_push_rx(&r->back);
	got = front_rig_poll(r);
	if (got > 0)
		xennet_front_done(r->q, r->in.pkt, (unsigned)got);
	return got;
}

static void E8_a_hash_is_taken_from_who_was_asked_for_it(void **state)
{
	struct front_rig *r = *state;

	serve_steps(r, 4);
	assert_int_equal(deliver(r, XENNET_HASH_IPV6, 1, 1), 1);
	assert_int_equal(xennet_pkt_hash_type(&r->in.pkt[0]), XENNET_HASH_IPV6);
	assert_int_equal(r->in.pkt[0].hash, 0xfedcba98);
	/* of no kind that there is: a hint less */
	assert_int_equal(deliver(r, 4, 1, 1), 1);
	assert_int_equal(xennet_pkt_hash_type(&r->in.pkt[0]), -1);
	assert_int_equal(deliver(r, 255, 1, 1), 1);
	assert_int_equal(xennet_pkt_hash_type(&r->in.pkt[0]), -1);
	assert_int_equal(deliver(r, 1, 2, 1), 1);
	assert_int_equal(xennet_pkt_hash_type(&r->in.pkt[0]), -1);
	assert_int_equal(front_rig_refused(r), 0);
}

static void E4_two_hashes_are_refused(void **state)
{
	struct front_rig *r = *state;

	serve_steps(r, 4);
	assert_int_equal(deliver(r, 1, 1, 2), 0);
	assert_int_equal(r->q->stats.reason[XENNET_EEXTRA_TWICE], 1);
	assert_int_equal(deliver(r, 1, 1, 1), 1);
}

static void E8_a_hash_that_nobody_asked_for_is_refused(void **state)
{
	struct front_rig *r = *state;

	assert_int_equal(deliver(r, 1, 1, 1), 0);
	assert_int_equal(r->q->stats.reason[XENNET_EEXTRA_TYPE], 1);
}

static void every_flow_has_its_queue(void **state)
{
	struct front_rig *r = *state;
	unsigned char bytes[300];
	struct xennet_frag frag;
	struct xennet_pkt pkt = hashed_packet(bytes, &frag, 300);
	unsigned seen = 0, i, q;

	assert_int_equal(r->front.nqueues, 4);
	for (i = 0; i < 100; i++) {
		bytes[35] = (unsigned char)i;
		q = xennet_front_select_queue(&r->front, &pkt);
		assert_in_range(q, 0, 3);
		seen |= 1u << q;
	}
	assert_int_equal(seen, 15);
}

static const struct front_setting four = { .queues = 4 };

#define CTRL_TEST_WITH(f, setting)                                             \
	{                                                                      \
#f, f, setup, teardown, (void *)&(setting)                     \
	}
#define CTRL_TEST(f)                                                           \
	CTRL_TEST_WITH(f, front_granting),                                     \
		CTRL_TEST_WITH(f, front_persistent),                           \
		CTRL_TEST_WITH(f, front_sharing)
#define PLAIN_TEST(f)                                                          \
	{                                                                      \
#f, f, NULL, NULL, (void *)&front_granting                     \
	}

/* As at the backend. */
static void V3_only_kicks_for_nothing_are_spurious(void **state)
{
	struct front_rig *r = *state;
	const struct fake_port *port =
		&r->f.domain[FRONT].port[r->front.ctrl.port];
	struct xennet_ctrl_req req = { 0 };
	unsigned before, i;

	for (i = 0; i < 10; i++) {
		kick(r);
		before = port->spurious;
		assert_int_equal(front_rig_event(r), XENNET_VIF_IDLE);
		assert_int_equal(port->spurious, before + (i > 0));
	}
	for (i = 0; i < COUNT(steps); i++) {
		assert_true(next(&req));
		put(r, req.id, req.type, OKAY, ALL);
		assert_true(fake_event(&r->f, FRONT, r->front.ctrl.port));
		before = port->spurious;
		assert_int_equal(front_rig_event(r), XENNET_VIF_IDLE);
		assert_int_equal(port->spurious, before + (i == 0));
		assert_int_equal(front_rig_event(r), XENNET_VIF_IDLE);
	}
}

/* No more are on their way than it can tell apart; an answer makes room. */
static void T9_so_many_requests_are_on_their_way_at_once(void **state)
{
	struct front_rig *r = *state;
	uint32_t i, seen = 0;

	serve_all(r);
	for (i = 0; i < XENNET_CTRL_OUT; i++)
		assert_int_equal(xennet_front_ctrl_send(
					 &r->front,
					 XENNET_CTRL_DEL_GREF_MAPPING, i, 0, 0),
				 0);
	assert_int_equal(xennet_front_ctrl_send(&r->front,
						XENNET_CTRL_DEL_GREF_MAPPING, 0,
						0, 0),
			 -XENNET_EAGAIN);
	for (i = 0; i < XENNET_CTRL_OUT; i++)
		seen |= 1u << serve(r, XENNET_CTRL_DEL_GREF_MAPPING, OKAY, 0).id;
	assert_int_equal(seen, (1u << XENNET_CTRL_OUT) - 1);
	assert_int_equal(xennet_front_ctrl_send(&r->front,
						XENNET_CTRL_DEL_GREF_MAPPING, 0,
						0, 0),
			 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CTRL_TEST_WITH(the_whole_hash_is_asked_for, four),
		CTRL_TEST(T9_so_many_requests_are_on_their_way_at_once),
		CTRL_TEST(V3_only_kicks_for_nothing_are_spurious),
		PLAIN_TEST(C5_a_refusal_leaves_no_algorithm),
		CTRL_TEST(C6_without_a_type_in_common_there_is_no_algorithm),
		PLAIN_TEST(who_asks_for_no_hash_has_none),
		PLAIN_TEST(E8_without_a_ring_no_hash_is_asked_for_nor_taken),
		PLAIN_TEST(keys_of_an_earlier_connection_are_removed),
		PLAIN_TEST(R1_the_ring_is_fresh_before_it_is_granted),
		PLAIN_TEST(V1_an_event_before_the_backend_connects_is_taken),
		PLAIN_TEST(T9_an_answer_to_nothing_breaks_the_vif),
		PLAIN_TEST(R11_R12_more_answers_than_questions_break_the_vif),
		CTRL_TEST(C16_a_late_answer_finds_the_page_as_it_was),
		CTRL_TEST(C16_G6_a_page_that_is_never_answered_is_kept),
		CTRL_TEST(another_hash_and_then_none),
		PLAIN_TEST(without_a_page_for_it_there_is_no_hash),
		CTRL_TEST(E8_a_hash_is_sent_to_who_supports_toeplitz),
		CTRL_TEST(E8_a_hash_is_taken_from_who_was_asked_for_it),
		CTRL_TEST(E4_two_hashes_are_refused),
		FRONT_TESTS(E8_a_hash_that_nobody_asked_for_is_refused),
		CTRL_TEST_WITH(every_flow_has_its_queue, four),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
