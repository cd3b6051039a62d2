/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Extra info from a frontend that may say anything. */
#include "back_rig.h"
#include "frame.h"

#define MORE XENNET_TXF_MORE_DATA
#define EXTRA XENNET_TXF_EXTRA_INFO
#define BLANK XENNET_TXF_CSUM_BLANK

/* Page 0 holds a frame of this kind; page 1 goes on. */
static void put_frame(struct back_rig *r,
		      unsigned (*frame)(unsigned char *, uint32_t),
		      uint32_t len)
{
	memset(r->front.tx_data, 0, XENNET_PAGE);
	frame(r->front.tx_data, len);
}

static void assert_all_refused(struct back_rig *r, unsigned data,
			       unsigned extras, enum xennet_err why)
{
	uint64_t before = r->q->stats.reason[why];
	struct peer_answers sum = { 0 };
	unsigned i;

	peer_push_tx(&r->front);
	for (i = 0; i < 4; i++) {
		assert_int_equal(back_rig_serve(r), 0);
		sum.error += r->answers.error;
		sum.null += r->answers.null;
		sum.okay += r->answers.okay + r->answers.other;
	}

	assert_int_equal(sum.error, data);
	assert_int_equal(sum.null, extras);
	assert_int_equal(sum.okay, 0);
	assert_int_equal(r->q->stats.reason[why], before + 1);
}

static void E1_extras_follow_the_first_slot(void **state)
{
	struct back_rig *r = *state;

	put_frame(r, frame_tcp4, 300);
	peer_put_req(&r->front, 1, 0, 0, 300, EXTRA | MORE | BLANK);
	peer_put_gso(&r->front, XENNET_GSO_TCPV4, 100);
	peer_put_req(&r->front, 2, 1, 50, 100, MORE);
	peer_put_req(&r->front, 3, 2, 60, 50, 0);
	peer_push_tx(&r->front);

	assert_int_equal(back_rig_serve(r), 1);

	assert_int_equal(r->in.pkt[0].len, 300);
	assert_int_equal(r->in.pkt[0].gso_type, XENNET_GSO_TCPV4);
	assert_int_equal(r->in.pkt[0].gso_size, 100);
	assert_int_equal(r->answers.okay, 3);
	assert_int_equal(r->answers.null, 1);
}

static void E1_extra_flag_of_a_later_slot_means_nothing(void **state)
{
	struct back_rig *r = *state;

	peer_put_req(&r->front, 1, 0, 0, 300, MORE);
	peer_put_req(&r->front, 2, 1, 0, 100, EXTRA);
	peer_put_req(&r->front, 3, 2, 0, 77, 0);
	peer_push_tx(&r->front);

	assert_int_equal(back_rig_serve(r), 2);

	assert_int_equal(r->in.pkt[0].len, 300);
	assert_int_equal(r->in.pkt[1].len, 77);
	assert_int_equal(r->answers.okay, 3);
}

/* The chain goes on while MORE says so, whatever more_data says. */
static void E1_E4_more_flag_alone_continues_the_extras(void **state)
{
	struct back_rig *r = *state;
	unsigned length, more_data;

	for (length = 2; length < 12; length++)
		for (more_data = 0; more_data < 2; more_data++) {
			unsigned i;

			peer_put_req(&r->front, 1, 0, 0, 300,
				     EXTRA | (more_data ? MORE : 0));
			for (i = 0; i < length; i++)
				peer_put_extra(&r->front, XENNET_EXTRA_GSO,
					       i + 1 < length);
			if (more_data)
				peer_put_req(&r->front, 2, 1, 0, 100, 0);
			peer_push_tx(&r->front);
			assert_int_equal(back_rig_serve(r), 0);
			assert_int_equal(r->answers.error, 1 + more_data);
			assert_int_equal(r->answers.null, length);
		}
	assert_int_equal(back_rig_refused(r), 20);
}

static const struct back_setting gso_only = { .flags = XENNET_F_ALL &
						       ~XENNET_F_MCAST };

static void E2_types_not_agreed_on_are_refused(void **state)
{
	static const uint8_t types[] = { 0,   2,   3,	5,   6,	 7,
					 127, 128, 254, 255, 33, 34 };
	struct back_rig *r = *state;
	unsigned i;

	for (i = 0; i < COUNT(types); i++) {
		peer_put_req(&r->front, 1, 0, 0, 300, EXTRA | MORE);
		peer_put_extra(&r->front, types[i], 0);
		peer_put_req(&r->front, 2, 1, 0, 100, 0);
		assert_all_refused(r, 2, 1, XENNET_EEXTRA_TYPE);

		peer_put_req(&r->front, 1, 0, 0, 300, EXTRA);
		peer_put_extra(&r->front, types[i], XENNET_EXTRAF_MORE);
		peer_put_gso(&r->front, XENNET_GSO_TCPV4, 100);
		assert_all_refused(r, 1, 2, XENNET_EEXTRA_TYPE);
	}
}

static void put_hash(struct back_rig *r, uint8_t flags, uint8_t type,
		     uint8_t algorithm)
{
	struct xennet_extra e = { .type = XENNET_EXTRA_HASH, .flags = flags };

	e.u.hash.type = type;
	e.u.hash.algorithm = algorithm;
	memcpy(e.u.hash.value, "\x78\x56\x34\x12", 4);
	xennet_tx_put_extra(&r->front.q[0].tx, &e);
}

static void E8_a_hash_is_taken_with_its_packet(void **state)
{
	static const struct {
		uint8_t type, algorithm;
		int is;
	} cases[] = {
		{ XENNET_HASH_IPV4, 1, XENNET_HASH_IPV4 },
		{ XENNET_HASH_IPV6_TCP, 1, XENNET_HASH_IPV6_TCP },
		{ XENNET_HASH_TYPES, 1, -1 }, /* none that we know */
		{ 255, 1, -1 },
		{ XENNET_HASH_IPV4, 0, -1 },
		{ XENNET_HASH_IPV4, 2, -1 },
	};
	struct back_rig *r = *state;
	unsigned i;

	put_frame(r, frame_tcp4, 300);
	for (i = 0; i < COUNT(cases); i++) {
		peer_put_req(&r->front, 1, 0, 0, 300, EXTRA | MORE | BLANK);
		peer_put_gso(&r->front, XENNET_GSO_TCPV4, 100);
		xennet_tx_slot_extra(&r->front.q[0].tx,
				     r->front.q[0].tx.prod - 1)[1] =
			XENNET_EXTRAF_MORE;
		put_hash(r, 0, cases[i].type, cases[i].algorithm);
		peer_put_req(&r->front, 2, 1, 50, 100, 0);
		peer_push_tx(&r->front);
		assert_int_equal(back_rig_serve(r), 1);
		assert_int_equal(xennet_pkt_hash_type(&r->in.pkt[0]),
				 cases[i].is);
		if (cases[i].is >= 0)
			assert_int_equal(r->in.pkt[0].hash, 0x12345678);
		assert_int_equal(r->in.pkt[0].gso_type, XENNET_GSO_TCPV4);
		assert_int_equal(r->answers.okay, 2);
		assert_int_equal(r->answers.null, 2);
	}
}

static void E4_two_hashes_are_refused(void **state)
{
	struct back_rig *r = *state;

	peer_put_req(&r->front, 1, 0, 0, 300, EXTRA);
	put_hash(r, XENNET_EXTRAF_MORE, XENNET_HASH_IPV4, 1);
	put_hash(r, 0, XENNET_HASH_IPV4, 1);
	assert_all_refused(r, 1, 2, XENNET_EEXTRA_TWICE);
}

static void E8_without_a_control_ring_a_hash_is_refused(void **state)
{
	struct back_rig *r = *state;

	peer_put_req(&r->front, 1, 0, 0, 300, EXTRA);
	put_hash(r, 0, XENNET_HASH_IPV4, 1);
	assert_all_refused(r, 1, 1, XENNET_EEXTRA_TYPE);
}

static const struct back_setting no_ctrl = {
	.strategy = XENNET_COPY, .flags = XENNET_F_ALL & ~XENNET_F_CTRL_RING
};

static void E3_chain_of_extras_longer_than_the_ring_ends(void **state)
{
	struct back_rig *r = *state;
	unsigned i, nulls = 0, errors = 0;

	peer_put_req(&r->front, 1, 0, 0, 300, EXTRA | MORE);
	for (i = 0; i < 300; i++) {
		peer_put_extra(&r->front, XENNET_EXTRA_GSO, i < 299);
		if (xennet_ring_free(&r->front.q[0].tx) > 1 && i < 299)
			continue;
		peer_push_tx(&r->front);
		assert_int_equal(back_rig_serve(r), 0);
		nulls += r->answers.null;
		errors += r->answers.error;
	}
	peer_put_req(&r->front, 2, 1, 0, 100, 0);
	peer_push_tx(&r->front);
	assert_int_equal(back_rig_serve(r), 0);

	assert_int_equal(nulls, 300);
	assert_int_equal(errors + r->answers.error, 2);
	assert_int_equal(back_rig_refused(r), 1);
}

static void E3_extra_that_is_not_there_yet_is_waited_for(void **state)
{
	struct back_rig *r = *state;

	put_frame(r, frame_tcp4, 300);
	peer_put_req(&r->front, 1, 0, 0, 300, EXTRA | BLANK);
	peer_push_tx(&r->front);
	assert_int_equal(back_rig_serve(r), 0);
	assert_int_equal(r->answers.okay + r->answers.error, 0);

	peer_put_gso(&r->front, XENNET_GSO_TCPV4, 100);
	peer_push_tx(&r->front);
	assert_int_equal(back_rig_serve(r), 1);
}

static void E4_same_extra_twice_is_refused(void **state)
{
	struct back_rig *r = *state;

	peer_put_req(&r->front, 1, 0, 0, 300, EXTRA);
	peer_put_extra(&r->front, XENNET_EXTRA_GSO, XENNET_EXTRAF_MORE);
	peer_put_extra(&r->front, XENNET_EXTRA_GSO, 0);
	peer_push_tx(&r->front);
	assert_int_equal(back_rig_serve(r), 0);
	assert_int_equal(r->answers.null, 2);

	put_frame(r, frame_tcp4, 300);
	peer_put_req(&r->front, 1, 0, 0, 300, EXTRA | BLANK);
	peer_put_gso(&r->front, XENNET_GSO_TCPV4, 100);
	((struct xennet_extra *)(void *)xennet_tx_slot_extra(
		 &r->front.q[0].tx, r->front.q[0].tx.prod - 1))
		->flags = XENNET_EXTRAF_MORE;
	peer_put_gso(&r->front, XENNET_GSO_TCPV4, 100);
	assert_all_refused(r, 1, 2, XENNET_EEXTRA_TWICE);
}

static void E5_segment_size_and_type_are_checked(void **state)
{
	static const struct {
		uint8_t type;
		uint16_t size;
		enum xennet_err why;
	} bad[] = {
		{ XENNET_GSO_TCPV4, 0, XENNET_EGSO_SIZE },
		{ XENNET_GSO_TCPV6, 0, XENNET_EGSO_SIZE },
		{ XENNET_GSO_TCPV4, 7, XENNET_EGSO_SIZE },
		{ XENNET_GSO_TCPV6, 65535, XENNET_EGSO_SIZE },
		{ XENNET_GSO_NONE, 100, XENNET_EGSO_TYPE },
		{ 3, 100, XENNET_EGSO_TYPE },
		{ 31, 100, XENNET_EGSO_TYPE },
		{ 32, 100, XENNET_EGSO_TYPE },
		{ 33, 100, XENNET_EGSO_TYPE },
		{ 255, 100, XENNET_EGSO_TYPE },
	};
	struct back_rig *r = *state;
	unsigned i;

	put_frame(r, frame_tcp4, 300);
	for (i = 0; i < COUNT(bad); i++) {
		peer_put_req(&r->front, 1, 0, 0, 300, EXTRA | BLANK);
		peer_put_gso(&r->front, bad[i].type, bad[i].size);
		assert_all_refused(r, 1, 1, bad[i].why);
	}
}

static const struct back_setting gso_v4_only = { .flags = XENNET_F_ALL &
							  ~XENNET_F_GSO_TCPV6 };

static void E5_type_that_was_not_offered_is_refused(void **state)
{
	struct back_rig *r = *state;

	assert_int_equal(peer_get_uint(&r->f, BACK_DIR, "feature-gso-tcpv6"),
			 0);
	put_frame(r, frame_tcp6, 300);
	peer_put_req(&r->front, 1, 0, 0, 300, EXTRA | BLANK);
	peer_put_gso(&r->front, XENNET_GSO_TCPV6, 100);

	assert_all_refused(r, 1, 1, XENNET_EGSO_TYPE);
}

static void E5_packet_must_be_what_its_type_says(void **state)
{
	static const struct {
		unsigned (*frame)(unsigned char *to, uint32_t len);
		uint8_t type;
		bool good;
	} frames[] = {
		{ frame_tcp4, XENNET_GSO_TCPV4, true },
		{ frame_tcp6, XENNET_GSO_TCPV6, true },
		{ frame_tcp4, XENNET_GSO_TCPV6, false },
		{ frame_tcp6, XENNET_GSO_TCPV4, false },
		{ frame_udp4, XENNET_GSO_TCPV4, false },
		{ frame_udp4, XENNET_GSO_TCPV6, false },
	};
	struct back_rig *r = *state;
	unsigned i;

	for (i = 0; i < COUNT(frames); i++) {
		put_frame(r, frames[i].frame, 300);
		peer_put_req(&r->front, 1, 0, 0, 300, EXTRA | BLANK);
		peer_put_gso(&r->front, frames[i].type, 100);
		if (!frames[i].good) {
			assert_all_refused(r, 1, 1, XENNET_EGSO_PROTO);
			continue;
		}
		peer_push_tx(&r->front);
		assert_int_equal(back_rig_serve(r), 1);
		assert_int_equal(r->in.pkt[0].gso_type, frames[i].type);
		assert_int_equal(r->answers.okay, 1);
		assert_int_equal(r->answers.null, 1);
	}
}

static void E5_headers_that_are_cut_off_are_refused(void **state)
{
	struct back_rig *r = *state;
	uint16_t len;

	for (len = 14; len < 54; len++) {
		put_frame(r, frame_tcp4, len);
		peer_put_req(&r->front, 1, 0, 0, len, EXTRA | BLANK);
		peer_put_gso(&r->front, XENNET_GSO_TCPV4, 100);
		assert_all_refused(r, 1, 1, XENNET_EGSO_PROTO);
	}
}

static void E6_missing_blank_flag_is_mended(void **state)
{
	static const uint16_t flags[] = { 0, XENNET_TXF_DATA_VALIDATED, BLANK,
					  BLANK | XENNET_TXF_DATA_VALIDATED };
	struct back_rig *r = *state;
	unsigned char sum[COUNT(flags)][2];
	unsigned i;

	for (i = 0; i < COUNT(flags); i++) {
		put_frame(r, frame_tcp4, 300);
		/* the sum of 10.0.0.1, 10.0.0.2, 6 and 266 */
		r->front.tx_data[50] = 0x15;
		r->front.tx_data[51] = 0x13;
		peer_put_req(&r->front, 1, 0, 0, 300, EXTRA | flags[i]);
		peer_put_gso(&r->front, XENNET_GSO_TCPV4, 100);
		peer_push_tx(&r->front);

		assert_int_equal(back_rig_poll(r), 1);
		assert_true(r->in.pkt[0].flags & XENNET_PKT_CSUM_BLANK);
		memcpy(sum[i], (uint8_t *)r->in.pkt[0].frag[0].addr + 50, 2);
		assert_memory_equal(sum[i], sum[0], 2);
		assert_int_equal(r->front.tx_data[50], 0x15);
		xennet_back_done(r->q, r->in.pkt, 1);
		peer_take_answers(&r->front, &r->answers);
	}
}

static void E9_padding_is_ignored_when_read(void **state)
{
	struct back_rig *r = *state;
	unsigned char *slot;

	put_frame(r, frame_tcp4, 300);
	peer_put_req(&r->front, 1, 0, 0, 300, EXTRA | BLANK | 0x7ff0);
	peer_put_gso(&r->front, XENNET_GSO_TCPV4, 100);
	slot = xennet_tx_slot_extra(&r->front.q[0].tx,
				    r->front.q[0].tx.prod - 1);
	memset(slot + 5, 0xff, 7); /* pad, features, the rest of the slot */
	slot[1] = 0xfe;		   /* every flag but MORE */
	peer_push_tx(&r->front);

	assert_int_equal(back_rig_serve(r), 1);
	assert_int_equal(r->in.pkt[0].gso_size, 100);
}

static void R16_E9_rest_of_an_answers_slot_is_zero(void **state)
{
	struct back_rig *r = *state;
	static const unsigned char zero[8];
	unsigned char *slots = (unsigned char *)r->front.q[0].tx_page + 64;
	unsigned i;

	put_frame(r, frame_tcp4, 300);
	for (i = 0; i < 6; i += 2) {
		peer_put_req(&r->front, 1, 0, 0, i ? 300 : 5, EXTRA | BLANK);
		peer_put_gso(&r->front, XENNET_GSO_TCPV4, 100);
		memset(slots + (i + 1) * 12 + 6, 0xdb, 6);
	}
	peer_push_tx(&r->front);
	back_rig_serve(r);

	for (i = 0; i < 6; i++)
		assert_memory_equal(slots + i * 12 + 4, zero, 8);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		BACK_TESTS(E8_a_hash_is_taken_with_its_packet),
		BACK_TESTS(E4_two_hashes_are_refused),
		BACK_TEST_WITH(E8_without_a_control_ring_a_hash_is_refused,
			       no_ctrl),
		BACK_TESTS(E1_extras_follow_the_first_slot),
		BACK_TESTS(E1_extra_flag_of_a_later_slot_means_nothing),
		BACK_TESTS(E1_E4_more_flag_alone_continues_the_extras),
		BACK_TEST_WITH(E2_types_not_agreed_on_are_refused, gso_only),
		BACK_TESTS(E3_chain_of_extras_longer_than_the_ring_ends),
		BACK_TESTS(E3_extra_that_is_not_there_yet_is_waited_for),
		BACK_TESTS(E4_same_extra_twice_is_refused),
		BACK_TESTS(E5_segment_size_and_type_are_checked),
		BACK_TEST_WITH(E5_type_that_was_not_offered_is_refused,
			       gso_v4_only),
		BACK_TESTS(E5_packet_must_be_what_its_type_says),
		BACK_TESTS(E5_headers_that_are_cut_off_are_refused),
		BACK_TESTS(E6_missing_blank_flag_is_mended),
		BACK_TESTS(E9_padding_is_ignored_when_read),
		BACK_TESTS(R16_E9_rest_of_an_answers_slot_is_zero),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
