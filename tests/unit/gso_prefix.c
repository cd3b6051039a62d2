/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Frontends of the days before segment sizes went in extra info: a slot before
 * the packet has it. The slot is as Linux 3's netback wrote it.
 */
#include <stdlib.h>

#include "back_rig.h"
#include "link.h"

#define PREFIX XENNET_RXF_GSO_PREFIX
#define MORE XENNET_RXF_MORE_DATA
#define CSUM (XENNET_RXF_CSUM_BLANK | XENNET_RXF_DATA_VALIDATED)

static unsigned char bytes[20000];

/* What the frontend says of segments, 4 and 6: plain, with prefix. */
static struct back_rig *open_rig(const struct back_setting *s, unsigned plain,
				 unsigned prefix)
{
	struct back_rig *r = calloc(1, sizeof(*r));

	back_rig_open(r, s);
	peer_front_publish(&r->front);
	peer_set_uint(&r->f, FRONT_DIR, "feature-gso-tcpv4", plain & 1);
	peer_set_uint(&r->f, FRONT_DIR, "feature-gso-tcpv6", plain >> 1);
	peer_set_uint(&r->f, FRONT_DIR, "feature-gso-tcpv4-prefix", prefix & 1);
	peer_set_uint(&r->f, FRONT_DIR, "feature-gso-tcpv6-prefix",
		      prefix >> 1);
	peer_front_state(&r->front, XENNET_STATE_CONNECTED);
	assert_int_equal(back_rig_event(r), XENNET_VIF_CONNECTED);
	r->q = &r->back.queue[0];
	r->f.atomic = true;
	return r;
}

static int setup(void **state)
{
	*state = open_rig(*state, 0, 3);
	return 0;
}

static struct xennet_pkt packet(struct xennet_frag *frag, uint32_t len,
				uint8_t gso_type)
{
	struct xennet_pkt pkt = { .frag = frag, .len = len, .nfrags = 1 };
	uint32_t i;

	for (i = 0; i < len; i++)
		bytes[i] = (unsigned char)(i * 13 + (i >> 8) + 1);
	frag->addr = bytes;
	frag->len = len;
	if (gso_type) {
		pkt.gso_type = gso_type;
		pkt.gso_size = (uint16_t)(1000 + gso_type);
		pkt.flags = XENNET_PKT_CSUM_BLANK;
	}
	return pkt;
}

static int send_one(struct back_rig *r, uint32_t len, uint8_t gso_type)
{
	struct xennet_frag frag;
	struct xennet_pkt pkt = packet(&frag, len, gso_type);

	return xennet_back_send(r->q, &pkt, 1);
}

static void assert_slot(struct back_rig *r, uint16_t id, uint16_t offset,
			uint16_t flags, int16_t status)
{
	struct xennet_rx_rsp rsp;

	assert_true(peer_take_rx(&r->front, &rsp));
	assert_int_equal(rsp.id, id);
	assert_int_equal(rsp.offset, offset);
	assert_int_equal(rsp.flags, flags);
	assert_int_equal(rsp.status, status);
}

static void E5_X2_prefix_comes_before_the_packet(void **state)
{
	struct back_rig *r = *state;
	unsigned i;

	for (i = 0; i < 6; i++)
		peer_post(&r->front, (uint16_t)(40 + i), 2 * i);
	assert_int_equal(send_one(r, 9000, XENNET_GSO_TCPV4), 1);
	assert_int_equal(send_one(r, 3000, XENNET_GSO_TCPV6), 1);

	assert_slot(r, 40, 1001, PREFIX | MORE, 4);
	assert_slot(r, 41, 0, CSUM | MORE, 4096);
	assert_slot(r, 42, 0, MORE, 4096);
	assert_slot(r, 43, 0, 0, 808);
	assert_memory_equal(r->front.rx_data + 2 * XENNET_PAGE, bytes, 4096);
	assert_memory_equal(r->front.rx_data + 4 * XENNET_PAGE, bytes + 4096,
			    4096);
	assert_memory_equal(r->front.rx_data + 6 * XENNET_PAGE, bytes + 8192,
			    808);
	assert_slot(r, 44, 1002, PREFIX | MORE, 2);
	assert_true(xennet_ring_peek(&r->front.q[0].rx) == 1);
	assert_int_equal(r->q->stats.rx_packets, 2);
	assert_int_equal(back_rig_refused(r), 0);
}

static void E5_packets_without_segments_have_none(void **state)
{
	struct back_rig *r = *state;
	struct xennet_rx_rsp rsp;

	peer_post_many(&r->front, 2);
	assert_int_equal(send_one(r, 5000, XENNET_GSO_NONE), 1);
	assert_true(peer_take_rx(&r->front, &rsp));
	assert_int_equal(rsp.flags, MORE);
	assert_int_equal(rsp.status, 4096);
}

static void X4_prefix_counts_among_the_slots(void **state)
{
	struct back_rig *r = *state;
	unsigned slots;

	for (slots = 1; slots <= 4; slots++) {
		uint32_t len = slots * XENNET_PAGE - 10;
		uint32_t used = r->front.q[0].rx_page->rsp_prod;

		peer_post_many(&r->front, slots);
		assert_int_equal(send_one(r, len, XENNET_GSO_TCPV4), 0);
		assert_int_equal(r->front.q[0].rx_page->rsp_prod, used);
		peer_post_many(&r->front, 1);
		assert_int_equal(send_one(r, len, XENNET_GSO_TCPV4), 1);
		assert_int_equal(r->front.q[0].rx_page->rsp_prod,
				 used + slots + 1);
		while (xennet_ring_peek(&r->front.q[0].rx) > 0)
			r->front.q[0].rx.cons++;
	}
}

static void X1_X6_bursts_of_either_kind_keep_their_bytes(void **state)
{
	struct back_rig *r = *state;
	struct xennet_pkt pkt[12];
	struct xennet_frag frag[12];
	struct xennet_rx_rsp rsp;
	unsigned i, prefixes = 0;

	for (i = 0; i < 12; i++)
		pkt[i] = packet(&frag[i], 400 + i * 900, i % 3);
	peer_post_many(&r->front, 60);
	assert_int_equal(xennet_back_send(r->q, pkt, 12), 12);
	for (i = 0; i < 12; i++) {
		uint32_t at = 0;

		if (pkt[i].gso_type) {
			assert_true(peer_take_rx(&r->front, &rsp));
			assert_int_equal(rsp.flags, PREFIX | MORE);
			assert_int_equal(rsp.offset, pkt[i].gso_size);
			prefixes++;
		}
		do {
			assert_true(peer_take_rx(&r->front, &rsp));
			assert_true(rsp.status > 0);
			assert_memory_equal(r->front.rx_data +
						    rsp.id * XENNET_PAGE +
						    rsp.offset,
					    bytes + at, rsp.status);
			at += (uint32_t)rsp.status;
		} while (rsp.flags & MORE);
		assert_int_equal(at, pkt[i].len);
	}
	assert_int_equal(prefixes, 8);
	/* a page that cannot be written to is an error of its slot alone */
	xennet_rx_put_req(&r->front.q[0].rx,
			  &(struct xennet_rx_req){ 1, 0, 4000 });
	xennet_rx_put_req(&r->front.q[0].rx,
			  &(struct xennet_rx_req){ 2, 0, 4000 });
	xennet_ring_push(&r->front.q[0].rx);
	while (peer_take_rx(&r->front, &rsp))
		continue;
	i = (unsigned)r->q->stats.rx_packets;
	while (r->q->stats.reason[XENNET_EPKT_GREF] == 0)
		assert_int_equal(send_one(r, 300, XENNET_GSO_TCPV4), 1);
	assert_int_equal(r->q->broken, 0);
}

/* Extra info, where the frontend takes that too; nothing for the other type. */
static void E5_prefix_is_for_who_says_nothing_else(void **state)
{
	unsigned plain, prefix, type;

	for (plain = 0; plain < 4; plain++)
		for (prefix = 0; prefix < 4; prefix++) {
			struct back_rig *r = open_rig(*state, plain, prefix);
			uint64_t refused = 0;

			peer_post_many(&r->front, 10);
			for (type = XENNET_GSO_TCPV4; type <= XENNET_GSO_TCPV6;
			     type++) {
				struct xennet_rx_rsp rsp;
				unsigned bit = type;

				assert_int_equal(
					send_one(r, 300, (uint8_t)type), 1);
				if (!((plain | prefix) & bit)) {
					refused++;
					continue;
				}
				assert_true(peer_take_rx(&r->front, &rsp));
				assert_int_equal(
					rsp.flags,
					plain & bit
						? CSUM | XENNET_RXF_EXTRA_INFO
						: PREFIX | MORE);
				assert_true(peer_take_rx(&r->front, &rsp));
			}
			assert_int_equal(r->q->stats.reason[XENNET_EGSO_TYPE],
					 refused);
			back_rig_close(r);
		}
}

/* Ours is no such frontend. */
static void E5_our_frontend_does_not_ask_for_it(void **state)
{
	static const struct link_setting s = { .strategy = XENNET_COPY };
	static struct link l;

	(void)state;
	link_open(&l, &s);
	assert_null(fake_node(&l.f, FRONT_DIR "/feature-gso-tcpv4-prefix"));
	assert_null(fake_node(&l.f, FRONT_DIR "/feature-gso-tcpv6-prefix"));
	assert_int_equal(l.back.front.flags & XENNET_F_LEGACY, 0);
	link_close(&l);
}

#define PREFIX_TEST(f, setting)                                                \
	{                                                                      \
#f, f, setup, back_rig_teardown, (void *)&(setting)            \
	}
#define PREFIX_TESTS(f)                                                        \
	PREFIX_TEST(f, back_copy), PREFIX_TEST(f, back_map),                   \
		PREFIX_TEST(f, back_persistent), PREFIX_TEST(f, back_by_cost)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		PREFIX_TEST(E5_X2_prefix_comes_before_the_packet, back_copy),
		PREFIX_TEST(E5_X2_prefix_comes_before_the_packet, back_map),
		PREFIX_TESTS(E5_packets_without_segments_have_none),
		PREFIX_TESTS(X4_prefix_counts_among_the_slots),
		PREFIX_TESTS(X1_X6_bursts_of_either_kind_keep_their_bytes),
		{ "E5_prefix_is_for_who_says_nothing_else",
		  E5_prefix_is_for_who_says_nothing_else, NULL, NULL,
		  (void *)&back_copy },
		TEST(E5_our_frontend_does_not_ask_for_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
