/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * XDP headroom: a backend that leaves it, a frontend that asked for it and
 * gets it from whatever backend, and both together.
 */
#include <stdlib.h>

#include "back_rig.h"
#include "front_rig.h"
#include "link.h"

#define KEY "xdp-headroom"
#define MORE XENNET_RXF_MORE_DATA
#define EXTRA XENNET_RXF_EXTRA_INFO

static unsigned char bytes[70000];

/* The backend's end. */

static struct back_rig *open_back(const struct back_setting *s,
				  const char *headroom)
{
	struct back_rig *r = calloc(1, sizeof(*r));

	back_rig_open(r, s);
	peer_front_publish(&r->front);
	peer_set(&r->f, FRONT_DIR, KEY, headroom);
	peer_front_state(&r->front, XENNET_STATE_CONNECTED);
	return r;
}

static void connect_back(struct back_rig *r)
{
	assert_int_equal(back_rig_event(r), XENNET_VIF_CONNECTED);
	r->q = &r->back.queue[0];
	r->f.atomic = true;
}

static int back_setup(void **state)
{
	struct back_rig *r = open_back(*state, "256");

	connect_back(r);
	*state = r;
	return 0;
}

static struct xennet_pkt packet(struct xennet_frag *frag, uint32_t len)
{
	struct xennet_pkt pkt = { .frag = frag, .len = len, .nfrags = 1 };
	uint32_t i;

	for (i = 0; i < len; i++)
		bytes[i] = (unsigned char)(i * 13 + (i >> 8) + 1);
	frag->addr = bytes;
	frag->len = len;
	return pkt;
}

static int send_one(struct back_rig *r, uint32_t len)
{
	struct xennet_frag frag;
	struct xennet_pkt pkt = packet(&frag, len);

	return xennet_back_send(r->q, &pkt, 1);
}

static unsigned char *rx_page(struct back_rig *r, unsigned page)
{
	return r->front.rx_data + page * XENNET_PAGE;
}

/* Fills the pages of n buffers with 0xdb and posts them. */
static void post(struct back_rig *r, unsigned n)
{
	unsigned at = r->front.q[0].rx.prod, i;

	for (i = at; i < at + n; i++) {
		memset(rx_page(r, i % RING), 0xdb, XENNET_PAGE);
		peer_post(&r->front, (uint16_t)(i % RING), i % RING);
	}
}

static unsigned used(const struct back_rig *r)
{
	return r->front.q[0].rx_page->rsp_prod;
}

/* The next slot, extra info. */
static void assert_extra(struct back_rig *r, const unsigned char want[8])
{
	struct xennet_rx_rsp slot;

	assert_true(peer_take_rx(&r->front, &slot));
	assert_memory_equal(&slot, want, 8);
}

/*
 * The next responses are one packet: its data at the headroom in each page,
 * the headroom itself in an extra after the first slot. Nothing else of the
 * page was touched. Returns how many slots it took.
 */
static unsigned assert_arrived(struct back_rig *r, uint32_t len,
			       uint32_t headroom)
{
	const unsigned char extra[8] = { 5, 0, (unsigned char)headroom,
					 (unsigned char)(headroom >> 8) };
	unsigned slots = 0;
	uint32_t at = 0, i;

	while (at < len) {
		struct xennet_rx_rsp rsp;
		const unsigned char *page;

		assert_true(peer_take_rx(&r->front, &rsp));
		page = rx_page(r, rsp.id);
		assert_int_equal(rsp.offset, headroom);
		assert_true(rsp.status > 0);
		assert_true(rsp.offset + rsp.status <= (int)XENNET_PAGE);
		for (i = 0; i < headroom; i++)
			assert_int_equal(page[i], 0xdb);
		for (i = headroom + (uint32_t)rsp.status; i < XENNET_PAGE; i++)
			assert_int_equal(page[i], 0xdb);
		assert_memory_equal(page + headroom, bytes + at, rsp.status);
		at += (uint32_t)rsp.status;
		assert_int_equal(rsp.flags & MORE, at < len ? MORE : 0);
		assert_int_equal(rsp.flags & EXTRA, slots ? 0 : EXTRA);
		if (!slots++) {
			assert_extra(r, extra);
			slots++;
		}
	}
	assert_int_equal(at, len);
	return slots;
}

static void D3_X1_data_is_at_the_headroom_of_every_page(void **state)
{
	static const uint32_t lengths[] = { 14,	  60,	1514, 3839,  3840,
					    3841, 4096, 9000, 46080, 65535 };
	struct back_rig *r = *state;
	unsigned i;

	for (i = 0; i < COUNT(lengths); i++) {
		unsigned slots = (lengths[i] + 3839) / 3840 + 1;

		post(r, slots);
		assert_int_equal(send_one(r, lengths[i]), 1);
		assert_int_equal(assert_arrived(r, lengths[i], 256), slots);
	}
	assert_int_equal(back_rig_refused(r), 0);
}

static void D3_any_headroom_below_a_page_is_left(void **state)
{
	static const char *const values[] = { "1",    "64",   "100",
					      "2048", "4000", "4095" };
	unsigned i;

	for (i = 0; i < COUNT(values); i++) {
		struct back_rig *r = open_back(*state, values[i]);
		uint32_t room = XENNET_PAGE - (uint32_t)atoi(values[i]);
		uint32_t len = room > 100 ? 1000 : 16;

		connect_back(r);
		post(r, (len + room - 1) / room + 1);
		assert_int_equal(send_one(r, len), 1);
		assert_arrived(r, len, XENNET_PAGE - room);
		assert_int_equal(used(r), (len + room - 1) / room + 1);
		back_rig_close(r);
	}
}

/* In the order of their types, each but the last says that more come. */
static void D4_X4_slots_are_counted_with_headroom_and_extras(void **state)
{
	static const unsigned char gso[8] = { 1, 1, 0xe8, 3, 1 };
	static const unsigned char hash[8] = { 4, 1, 1, 1, 4, 3, 2, 1 };
	static const unsigned char xdp[8] = { 5, 0, 0, 1 };
	struct back_rig *r = *state;
	struct xennet_frag frag;
	unsigned slots;

	r->q->rx.hash_types = 1u << XENNET_HASH_IPV4_TCP;
	for (slots = 1; slots <= 17; slots++) {
		struct xennet_pkt pkt = packet(&frag, slots * 3840 - 10);
		unsigned need = slots + 3, before = used(r), i;
		struct xennet_rx_rsp rsp;

		if (pkt.len > 65535)
			break;
		pkt.gso_type = XENNET_GSO_TCPV4;
		pkt.gso_size = 1000;
		pkt.flags = XENNET_PKT_CSUM_BLANK;
		xennet_pkt_set_hash(&pkt, XENNET_HASH_IPV4_TCP, 0x01020304);
		post(r, need - 1);
		assert_int_equal(xennet_back_send(r->q, &pkt, 1), 0);
		assert_int_equal(used(r), before);
		post(r, 1);
		assert_int_equal(xennet_back_send(r->q, &pkt, 1), 1);
		assert_int_equal(used(r), before + need);

		assert_true(peer_take_rx(&r->front, &rsp));
		assert_int_equal(rsp.flags & EXTRA, EXTRA);
		assert_extra(r, gso);
		assert_extra(r, hash);
		assert_extra(r, xdp);
		for (i = 1; i < slots; i++) {
			assert_int_equal(rsp.flags & MORE, MORE);
			assert_true(peer_take_rx(&r->front, &rsp));
			assert_int_equal(rsp.flags & EXTRA, 0);
		}
		assert_int_equal(rsp.flags & MORE, 0);
	}
	assert_int_equal(slots, 18);
}

static void D4_X10_what_can_never_fit_is_counted(void **state)
{
	struct back_rig *r = *state;

	post(r, 60);
	r->q->rx.slots_max = 3;
	assert_int_equal(send_one(r, 3 * 3840 + 1), 1);
	assert_int_equal(r->q->stats.reason[XENNET_EPKT_LONG], 1);
	r->q->rx.flags &= ~(uint32_t)XENNET_F_SG;
	assert_int_equal(send_one(r, 3841), 1);
	assert_int_equal(r->q->stats.reason[XENNET_EPKT_NO_SG], 1);
	assert_int_equal(used(r), 0);
	assert_int_equal(send_one(r, 3840), 1);
	assert_int_equal(assert_arrived(r, 3840, 256), 2);
}

static void X6_failed_copy_is_of_its_own_slot(void **state)
{
	struct back_rig *r = *state;
	struct xennet_rx_rsp rsp;
	unsigned slot;

	for (slot = 0; slot < 4; slot++) {
		post(r, slot);
		xennet_rx_put_req(&r->front.q[0].rx,
				  &(struct xennet_rx_req){ 7, 0, 4000 });
		post(r, 3 - slot);
		if (slot == 3)
			xennet_ring_push(&r->front.q[0].rx);
		assert_int_equal(send_one(r, 9000), 1);
		assert_int_equal(r->q->broken, 0);
		while (peer_take_rx(&r->front, &rsp))
			continue;
		assert_int_equal(used(r), 4 * (slot + 1));
	}
	/* extra info needs no page */
	assert_int_equal(r->q->stats.rx_packets, 1);
	assert_int_equal(r->q->stats.reason[XENNET_EPKT_GREF], 3);
}

static void D1_no_headroom_unless_both_say_so(void **state)
{
	static const struct back_setting without = {
		.flags = XENNET_F_ALL & ~XENNET_F_XDP_HEADROOM
	};
	static const struct {
		const struct back_setting *s;
		const char *value;
	} cases[] = { { &without, "256" },
		      { &without, "4096" },
		      { &without, NULL },
		      { &back_copy, NULL },
		      { &back_copy, "0" } };
	unsigned i;

	(void)state;
	for (i = 0; i < COUNT(cases); i++) {
		struct back_rig *r = open_back(cases[i].s, cases[i].value);
		struct xennet_rx_rsp rsp;

		assert_int_equal(
			peer_get_uint(&r->f, BACK_DIR, "feature-xdp-headroom"),
			cases[i].s == &back_copy);
		connect_back(r);
		post(r, 1);
		assert_int_equal(send_one(r, 4096), 1);
		assert_true(peer_take_rx(&r->front, &rsp));
		assert_int_equal(rsp.offset, 0);
		assert_int_equal(rsp.flags, 0);
		assert_int_equal(rsp.status, 4096);
		back_rig_close(r);
	}
}

static void D2_S1_headroom_of_a_page_or_more_is_refused(void **state)
{
	static const char *const values[] = { "4096",  "4097",	"32767",
					      "65535", "65536", "4294967295",
					      "",      "x",	"-1",
					      "256 ",  "0x100" };
	unsigned i;

	(void)state;
	for (i = 0; i < COUNT(values); i++) {
		struct back_rig *r = open_back(&back_copy, values[i]);

		assert_int_equal(back_rig_event(r), -XENNET_EKEY_VALUE);
		assert_string_equal(r->back.refused_key, KEY);
		assert_int_equal(peer_get_uint(&r->f, BACK_DIR, "state"),
				 XENNET_STATE_CLOSED);
		back_rig_close(r);
	}
}

static void state_becomes(struct back_rig *r, enum xennet_state state)
{
	peer_front_state(&r->front, state);
	assert_int_equal(back_rig_event(r), XENNET_VIF_IDLE);
}

static unsigned back_state(struct back_rig *r)
{
	return peer_get_uint(&r->f, BACK_DIR, "state");
}

/* A program is attached to, and detached from, a live interface. */
static void D1_S9_headroom_may_change_by_reconfiguring(void **state)
{
	static const uint32_t values[] = { 256, 0, 128, 256, 0 };
	struct back_rig *r = open_back(&back_copy, NULL);
	unsigned i, late;

	(void)state;
	connect_back(r);
	for (i = 0; i < 2 * COUNT(values); i++) {
		uint32_t value = values[i / 2];
		struct xennet_rx_rsp rsp;

		/* Linux writes the state first, and may be seen in between */
		late = i & 1;
		peer_set_uint(&r->f, FRONT_DIR, KEY, late ? 77 : value);
		state_becomes(r, XENNET_STATE_RECONFIGURING);
		assert_int_equal(back_state(r), XENNET_STATE_RECONFIGURED);
		if (!late && value) {
			post(r, 2);
			assert_int_equal(send_one(r, 60), 1);
			assert_arrived(r, 60, value);
		}
		peer_set_uint(&r->f, FRONT_DIR, KEY, value);
		state_becomes(r, XENNET_STATE_CONNECTED);
		assert_int_equal(back_state(r), XENNET_STATE_CONNECTED);
		post(r, value ? 2 : 1);
		assert_int_equal(send_one(r, 60), 1);
		if (value) {
			assert_arrived(r, 60, value);
		} else {
			assert_true(peer_take_rx(&r->front, &rsp));
			assert_int_equal(rsp.flags | rsp.offset, 0);
		}
		/* without that, the key means nothing any more */
		peer_set_uint(&r->f, FRONT_DIR, KEY, 55);
		state_becomes(r, XENNET_STATE_CONNECTED);
		assert_int_equal(r->q->rx.headroom, value);
	}
	back_rig_close(r);
}

static void D2_reconfiguring_to_nonsense_ends_the_connection(void **state)
{
	static const char *const values[] = { "4096", "x", "" };
	unsigned i;

	(void)state;
	for (i = 0; i < COUNT(values); i++) {
		struct back_rig *r = open_back(&back_copy, "256");

		connect_back(r);
		peer_set(&r->f, FRONT_DIR, KEY, values[i]);
		peer_front_state(&r->front, XENNET_STATE_RECONFIGURING);
		assert_int_equal(back_rig_event(r), XENNET_VIF_STOP);
		r->f.atomic = false;
		xennet_back_disconnect(&r->back);
		assert_int_equal(r->back.refused, -XENNET_EKEY_VALUE);
		assert_string_equal(r->back.refused_key, KEY);
		assert_int_equal(back_rig_event(r), XENNET_VIF_IDLE);
		assert_int_equal(back_state(r), XENNET_STATE_CLOSING);
		back_rig_close(r);
	}
}

static void reconfiguring_survives_a_failing_store(void **state)
{
	struct back_rig *r = open_back(&back_copy, "256");
	unsigned n;

	(void)state;
	connect_back(r);
	peer_set(&r->f, FRONT_DIR, KEY, "128");
	peer_front_state(&r->front, XENNET_STATE_RECONFIGURING);
	for (n = 1;; n++) {
		fake_fail(&r->f, FAKE_READ, n, -XENNET_EIO);
		if (back_rig_event(r) == XENNET_VIF_IDLE)
			break;
	}
	assert_true(n > 2);
	assert_int_equal(back_state(r), XENNET_STATE_RECONFIGURED);
	assert_int_equal(r->q->rx.headroom, 128);
	state_becomes(r, XENNET_STATE_CONNECTED);
	peer_front_state(&r->front, XENNET_STATE_RECONFIGURING);
	fake_fail(&r->f, FAKE_WRITE, 1, -XENNET_EIO);
	assert_int_equal(back_rig_event(r), -XENNET_EIO);
	assert_int_equal(back_state(r), XENNET_STATE_CONNECTED);
	assert_int_equal(back_rig_event(r), XENNET_VIF_IDLE);
	assert_int_equal(back_state(r), XENNET_STATE_RECONFIGURED);
	/* and so does the end, from there */
	r->q->broken = -XENNET_ERING_AHEAD;
	assert_int_equal(back_rig_event(r), XENNET_VIF_STOP);
	r->f.atomic = false;
	fake_fail(&r->f, FAKE_WRITE, 1, -XENNET_EIO);
	xennet_back_disconnect(&r->back);
	assert_int_equal(back_state(r), XENNET_STATE_RECONFIGURED);
	back_rig_event(r);
	assert_int_equal(back_state(r), XENNET_STATE_CLOSING);
	back_rig_close(r);
}

static void D1_who_leaves_none_is_not_reconfigured(void **state)
{
	static const struct back_setting without = {
		.flags = XENNET_F_ALL & ~XENNET_F_XDP_HEADROOM
	};
	struct back_rig *r = open_back(&without, "256");

	(void)state;
	connect_back(r);
	peer_front_state(&r->front, XENNET_STATE_RECONFIGURING);
	assert_int_equal(back_rig_event(r), XENNET_VIF_STOP);
	back_rig_close(r);
}

/* The frontend's end. */

#define HEADROOM 256u

static void offer_headroom(struct front_rig *r, bool on)
{
	peer_set_uint(&r->f, BACK_DIR, "feature-xdp-headroom", on);
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
	struct front_setting s = *(const struct front_setting *)*state;
	struct front_rig *r = calloc(1, sizeof(*r));

	s.headroom = HEADROOM;
	front_rig_open(r, &s);
	offer_headroom(r, true);
	connect_front(r);
	*state = r;
	return 0;
}

/* Slot i of a packet: size bytes at this offset in its page; and how a
 * response tells of them. */
static void put_slot(struct front_rig *r, unsigned i, uint16_t at,
		     uint16_t size, uint16_t offset, uint16_t status,
		     uint16_t flags)
{
	struct xennet_rx_req req;
	unsigned char *page;
	unsigned k;

	assert_true(peer_take_buffer(&r->back, &req));
	page = fake_granted(&r->f, FRONT, req.gref);
	for (k = 0; k < size; k++)
		page[at + k] = peer_byte(i, k);
	peer_put_rx(&r->back, req.id, offset, flags, (int16_t)status);
}

static void put_extra(struct front_rig *r, uint8_t type, uint16_t headroom)
{
	struct xennet_extra e = { .type = type };
	struct xennet_rx_req req;

	assert_true(peer_take_buffer(&r->back, &req));
	e.u.xdp.headroom = headroom;
	e.u.xdp.pad[0] = e.u.xdp.pad[1] = 0xffff;
	xennet_rx_put_extra(&r->back.q[0].rx, &e);
}

enum form {
	OURS,  /* offset: the headroom; status: the length */
	LINUX, /* offset: 0; status: headroom and length */
	NONE   /* no headroom, nor extra */
};

static void put_packet(struct front_rig *r, unsigned n, uint16_t size,
		       enum form form)
{
	uint16_t h = form == NONE ? 0 : HEADROOM;
	unsigned i;

	for (i = 0; i < n; i++) {
		put_slot(r, i, h, size, form == OURS ? h : 0,
			 form == LINUX ? h + size : size,
			 (i + 1 < n ? MORE : 0) | (!i && h ? EXTRA : 0));
		if (!i && h)
			put_extra(r, XENNET_EXTRA_XDP, h);
	}
}

/* Packet i of the last poll is that. */
static void assert_packet(struct front_rig *r, unsigned i, unsigned n,
			  uint16_t size)
{
	static unsigned char data[0x20000];
	const struct xennet_pkt *pkt = &r->in.pkt[i];
	unsigned slot, k;
	uint32_t at = 0;

	assert_int_equal(pkt->len, n * size);
	assert_int_equal(peer_gather(pkt, data, sizeof(data)), pkt->len);
	for (slot = 0; slot < n; slot++)
		for (k = 0; k < size; k++)
			assert_int_equal(data[at++], peer_byte(slot, k));
}

/* So many bytes before each packet are ours to write, whatever they held. */
static void D3_each_packet_has_its_headroom_in_any_form(void **state)
{
	static const struct {
		unsigned n;
		uint16_t size;
	} shapes[] = { { 1, 14 },   { 1, 60 },	 { 1, 128 },  { 1, 129 },
		       { 1, 1514 }, { 1, 3840 }, { 2, 14 },   { 3, 3840 },
		       { 14, 1 },   { 2, 64 },	 { 17, 3840 } };
	struct front_rig *r = *state;
	unsigned i, form;

	assert_int_equal(peer_get_uint(&r->f, FRONT_DIR, KEY), HEADROOM);
	for (form = OURS; form <= NONE; form++) {
		for (i = 0; i < COUNT(shapes); i++)
			put_packet(r, shapes[i].n, shapes[i].size, form);
		peer_push_rx(&r->back);
		assert_int_equal(front_rig_poll(r), COUNT(shapes));
		for (i = 0; i < COUNT(shapes); i++)
			memset((char *)r->in.pkt[i].frag[0].addr - HEADROOM,
			       0xee, HEADROOM);
		for (i = 0; i < COUNT(shapes); i++)
			assert_packet(r, i, shapes[i].n, shapes[i].size);
		xennet_front_done(r->q, r->in.pkt, COUNT(shapes));
		assert_int_equal(r->q->rx.ring.prod - r->q->rx.ring.cons, RING);
	}
	assert_int_equal(front_rig_refused(r), 0);
}

/* Every buffer at once: none of the heads is another's headroom. */
static void D3_headroom_is_nobody_elses(void **state)
{
	struct front_rig *r = *state;
	unsigned i;

	for (i = 0; i < 60; i++)
		put_packet(r, 1, 100, i % 3);
	peer_push_rx(&r->back);
	assert_int_equal(front_rig_poll(r), 60);
	for (i = 0; i < 60; i++)
		memset((char *)r->in.pkt[i].frag[0].addr - HEADROOM, 0xee,
		       HEADROOM);
	for (i = 0; i < 60; i++)
		assert_packet(r, i, 1, 100);
	xennet_front_done(r->q, r->in.pkt, 60);

	/* whole pages, one after the other in memory */
	for (i = 0; i < 60; i++)
		put_packet(r, 1, XENNET_PAGE, NONE);
	peer_push_rx(&r->back);
	assert_int_equal(front_rig_poll(r), 60);
	for (i = 0; i < 60; i++)
		memset((char *)r->in.pkt[i].frag[0].addr - HEADROOM, 0xee,
		       HEADROOM);
	for (i = 0; i < 60; i++)
		assert_packet(r, i, 1, XENNET_PAGE);
	xennet_front_done(r->q, r->in.pkt, 60);
}

/* What the receiver wrote there is gone when the backend has the page again. */
static void X12_headroom_is_not_shown_to_the_backend(void **state)
{
	static const unsigned char zeroes[HEADROOM];
	struct front_rig *r = *state;
	unsigned turn, i;

	for (turn = 0; turn < 2 * RING; turn += 3) {
		put_packet(r, 1, 1000, OURS);
		put_packet(r, 1, 1000, LINUX);
		put_slot(r, 0, 3096, 1000, 3096, 1000, 0);
		peer_push_rx(&r->back);
		assert_int_equal(front_rig_poll(r), 3);
		for (i = 0; i < 3; i++)
			memset((char *)r->in.pkt[i].frag[0].addr - HEADROOM,
			       0xee, HEADROOM);
		xennet_front_done(r->q, r->in.pkt, 3);
	}
	for (i = 0; i < RING; i++) {
		const unsigned char *page = r->q->rx.pool + i * XENNET_PAGE;

		assert_non_null(fake_grant(&r->f, FRONT, r->q->rx.gref[i]));
		assert_memory_equal(page, zeroes, HEADROOM);
		assert_memory_not_equal(page + 3096 - HEADROOM, "\xee", 1);
	}
}

static void assert_dropped(struct front_rig *r, enum xennet_err why)
{
	uint64_t before = r->q->stats.reason[why];

	peer_push_rx(&r->back);
	assert_int_equal(front_rig_poll(r), 0);
	assert_int_equal(r->q->stats.reason[why], before + 1);
	assert_int_equal(r->q->rx.ring.prod - r->q->rx.ring.cons, RING);
	assert_int_equal(r->q->broken, 0);
}

static void D5_headroom_and_length_fit_the_page(void **state)
{
	static const struct {
		uint16_t offset, status, headroom;
		enum xennet_err why; /* XENNET_OK: it is fine */
	} cases[] = {
		{ 0, 4096, 256, XENNET_OK },
		{ 256, 3840, 256, XENNET_OK },
		{ 300, 3796, 256, XENNET_OK },
		{ 100, 3996, 256, XENNET_OK },
		{ 256, 3841, 256, XENNET_EPKT_RANGE },
		{ 0, 4097, 256, XENNET_EPKT_RANGE },
		{ 1, 4096, 256, XENNET_EPKT_RANGE },
		{ 0xffff, 60, 256, XENNET_EPKT_RANGE },
		{ 0, 255, 256, XENNET_EPKT_RANGE },
		{ 0, 256, 256, XENNET_EPKT_SHORT },
		{ 0, 269, 256, XENNET_EPKT_SHORT },
		{ 0, 270, 256, XENNET_OK },
		{ 0, 0, 256, XENNET_EPKT_RANGE },
		{ 0, 4096, 4082, XENNET_OK },
		{ 0, 4096, 4096, XENNET_EPKT_SHORT },
		{ 0, 4096, 4097, XENNET_EPKT_RANGE },
		{ 0, 4096, 0x8000, XENNET_EPKT_RANGE },
		{ 0, 4096, 0xffff, XENNET_EPKT_RANGE },
		{ 0, 60, 0, XENNET_OK },
	};
	struct front_rig *r = *state;
	unsigned i;

	for (i = 0; i < COUNT(cases); i++) {
		uint32_t from = cases[i].offset < cases[i].headroom
					? cases[i].headroom
					: cases[i].offset;
		uint32_t end = (uint32_t)cases[i].offset + cases[i].status;

		put_slot(r, 0, 0, 0, cases[i].offset, cases[i].status, EXTRA);
		put_extra(r, XENNET_EXTRA_XDP, cases[i].headroom);
		if (cases[i].why) {
			assert_dropped(r, cases[i].why);
			continue;
		}
		peer_push_rx(&r->back);
		assert_int_equal(front_rig_poll(r), 1);
		assert_int_equal(r->in.pkt[0].len, end - from);
		xennet_front_done(r->q, r->in.pkt, 1);
	}
}

/* In a later slot, too. */
static void D5_every_slot_has_the_headroom(void **state)
{
	struct front_rig *r = *state;

	put_slot(r, 0, 0, 0, 256, 1000, EXTRA | MORE);
	put_extra(r, XENNET_EXTRA_XDP, 256);
	put_slot(r, 1, 0, 0, 0, 255, 0);
	assert_dropped(r, XENNET_EPKT_RANGE);
}

static void D1_E2_headroom_comes_from_who_was_asked_alone(void **state)
{
	static const struct {
		uint32_t asked;
		bool offered;
	} cases[] = { { 0, true }, { 256, false }, { 0, false } };
	unsigned i;

	(void)state;
	for (i = 0; i < COUNT(cases); i++) {
		struct front_setting s = { .headroom = cases[i].asked };
		struct front_rig *r = calloc(1, sizeof(*r));

		front_rig_open(r, &s);
		offer_headroom(r, cases[i].offered);
		connect_front(r);
		assert_int_equal(peer_get_uint(&r->f, FRONT_DIR, KEY), 0);
		put_packet(r, 1, 100, OURS);
		assert_dropped(r, XENNET_EEXTRA_TYPE);
		/* what was promised is kept all the same */
		put_packet(r, 1, 1000, NONE);
		peer_push_rx(&r->back);
		assert_int_equal(front_rig_poll(r), 1);
		memset((char *)r->in.pkt[0].frag[0].addr - cases[i].asked, 0xee,
		       cases[i].asked);
		assert_packet(r, 0, 1, 1000);
		xennet_front_done(r->q, r->in.pkt, 1);
		front_rig_close(r);
	}
}

static void D2_no_headroom_of_a_page_is_asked_for(void **state)
{
	struct xennet_front_config c = { 0 };
	struct xennet_front f;

	(void)state;
	c.offer.headroom = XENNET_PAGE;
	assert_int_equal(xennet_front_open(&f, &c), -XENNET_EINVAL);
}

/* Both ends. */

static struct link l;

static void D1_D3_D4_both_ends_agree(void **state)
{
	static const struct link_setting settings[] = {
		{ .strategy = XENNET_COPY, .headroom = 256 },
		{ .strategy = XENNET_MAP, .headroom = 192, .order = 1 },
		{ .strategy = XENNET_PERSISTENT, .headroom = 256 },
		{ .strategy = XENNET_COPY, .headroom = 1, .sharing = true },
		{ .strategy = XENNET_BY_COST,
		  .headroom = 2000,
		  .longest = 30000,
		  .front_flags = XENNET_F_ALL & ~XENNET_F_PERSISTENT },
		{ .strategy = XENNET_COPY,
		  .headroom = 256,
		  .back_flags = XENNET_F_ALL & ~XENNET_F_XDP_HEADROOM },
		{ .strategy = XENNET_COPY,
		  .headroom = 256,
		  .longest = 3840,
		  .front_flags = XENNET_F_ALL & ~XENNET_F_SG },
	};
	unsigned i;

	(void)state;
	for (i = 0; i < COUNT(settings); i++) {
		bool agreed = settings[i].back_flags == 0;

		link_open(&l, &settings[i]);
		assert_int_equal(l.back.front.headroom,
				 agreed ? settings[i].headroom : 0);
		link_run(&l, 0, LINK_RX, 500);
		link_run(&l, 0, LINK_TX, 200);
		assert_int_equal(l.flow[0][LINK_RX].received, 500);
		assert_int_equal(l.flow[0][LINK_TX].received, 200);
		assert_int_equal(link_refused(&l.front.queue[0].stats), 0);
		assert_int_equal(link_refused(&l.back.queue[0].stats), 0);
		link_close(&l);
	}
}

#define BACK_HEADROOM_TEST(f, setting)                                         \
	{                                                                      \
#f, f, back_setup, back_rig_teardown, (void *)&(setting)       \
	}
#define BACK_HEADROOM_TESTS(f)                                                 \
	BACK_HEADROOM_TEST(f, back_copy), BACK_HEADROOM_TEST(f, back_map),     \
		BACK_HEADROOM_TEST(f, back_persistent),                        \
		BACK_HEADROOM_TEST(f, back_by_cost),                           \
		BACK_HEADROOM_TEST(f, back_pinning)
#define SETTING_TEST(f, setting)                                               \
	{                                                                      \
#f, f, NULL, NULL, (void *)&(setting)                          \
	}
#define FRONT_HEADROOM_TEST(f, setting)                                        \
	{                                                                      \
#f, f, front_setup, front_rig_teardown, (void *)&(setting)     \
	}
#define FRONT_HEADROOM_TESTS(f)                                                \
	FRONT_HEADROOM_TEST(f, front_granting),                                \
		FRONT_HEADROOM_TEST(f, front_persistent),                      \
		FRONT_HEADROOM_TEST(f, front_sharing)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		BACK_HEADROOM_TESTS(
			D3_X1_data_is_at_the_headroom_of_every_page),
		SETTING_TEST(D3_any_headroom_below_a_page_is_left, back_copy),
		SETTING_TEST(D3_any_headroom_below_a_page_is_left,
			     back_persistent),
		BACK_HEADROOM_TESTS(
			D4_X4_slots_are_counted_with_headroom_and_extras),
		BACK_HEADROOM_TEST(D4_X10_what_can_never_fit_is_counted,
				   back_copy),
		BACK_HEADROOM_TESTS(X6_failed_copy_is_of_its_own_slot),
		TEST(D1_no_headroom_unless_both_say_so),
		TEST(D2_S1_headroom_of_a_page_or_more_is_refused),
		TEST(D1_S9_headroom_may_change_by_reconfiguring),
		TEST(D2_reconfiguring_to_nonsense_ends_the_connection),
		TEST(reconfiguring_survives_a_failing_store),
		TEST(D1_who_leaves_none_is_not_reconfigured),
		FRONT_HEADROOM_TESTS(
			D3_each_packet_has_its_headroom_in_any_form),
		FRONT_HEADROOM_TESTS(D3_headroom_is_nobody_elses),
		FRONT_HEADROOM_TESTS(X12_headroom_is_not_shown_to_the_backend),
		FRONT_HEADROOM_TESTS(D5_headroom_and_length_fit_the_page),
		FRONT_HEADROOM_TESTS(D5_every_slot_has_the_headroom),
		TEST(D1_E2_headroom_comes_from_who_was_asked_alone),
		TEST(D2_no_headroom_of_a_page_is_asked_for),
		LINK_TESTS(D1_D3_D4_both_ends_agree),
		LINK_POLLING_TESTS(D1_D3_D4_both_ends_agree),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
