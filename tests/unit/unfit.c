/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* What a receiver must be able to do for a packet, before it is sent. */
#include "internal.h"
#include "test.h"

static struct xennet_frag frag;

static struct xennet_pkt packet(uint32_t len)
{
	static unsigned char bytes[70000];
	struct xennet_pkt pkt = { .frag = &frag, .len = len, .nfrags = 1 };

	frag.addr = bytes;
	frag.len = len;
	return pkt;
}

static void T14_a_blank_checksum_goes_only_to_who_completes_it(void **state)
{
	static const struct {
		uint8_t version;
		uint32_t flags;
		int err;
	} cases[] = {
		{ 4, XENNET_F_CSUM_V4, 0 },
		{ 4, XENNET_F_CSUM_V6, XENNET_EPKT_NO_CSUM },
		{ 4, 0, XENNET_EPKT_NO_CSUM },
		{ 6, XENNET_F_CSUM_V6, 0 },
		{ 6, XENNET_F_CSUM_V4, XENNET_EPKT_NO_CSUM },
		{ 6, XENNET_F_CSUM_V4 | XENNET_F_CSUM_V6, 0 },
	};
	unsigned char udp4[60] = { 0 }, udp6[70] = { 0 };
	unsigned i;

	(void)state;
	udp4[12] = 0x08;
	udp4[14] = 0x45;
	udp4[17] = 46;
	udp4[23] = 17;
	udp6[12] = 0x86;
	udp6[13] = 0xdd;
	udp6[14] = 0x60;
	udp6[19] = 16;
	udp6[20] = 17;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		bool v4 = cases[i].version == 4;
		struct xennet_pkt pkt = packet(v4 ? 60 : 70);

		frag.addr = v4 ? udp4 : udp6;
		assert_int_equal(xennet_unfit(cases[i].flags, &pkt), 0);
		pkt.flags = XENNET_PKT_CSUM_BLANK;
		assert_int_equal(xennet_unfit(cases[i].flags, &pkt),
				 cases[i].err);
	}
}

static void T14_a_blank_checksum_of_no_known_place_needs_both(void **state)
{
	struct xennet_pkt pkt = packet(60);

	(void)state;
	pkt.flags = XENNET_PKT_CSUM_BLANK;

	assert_int_equal(xennet_unfit(XENNET_F_CSUM_V4, &pkt),
			 XENNET_EPKT_NO_CSUM);
	assert_int_equal(xennet_unfit(XENNET_F_ALL, &pkt), 0);
}

static void X11_more_than_a_page_needs_scatter_gather(void **state)
{
	struct xennet_pkt page = packet(XENNET_PAGE);
	struct xennet_pkt more = packet(XENNET_PAGE + 1);

	(void)state;
	assert_int_equal(xennet_unfit(0, &page), 0);
	assert_int_equal(xennet_unfit(0, &more), XENNET_EPKT_NO_SG);
	assert_int_equal(xennet_unfit(XENNET_F_SG, &more), 0);
}

static void E5_segmentation_goes_only_to_who_agreed_to_its_type(void **state)
{
	struct xennet_pkt pkt = packet(2000);

	(void)state;
	pkt.gso_type = XENNET_GSO_TCPV4;
	pkt.gso_size = 1448;
	assert_int_equal(xennet_unfit(XENNET_F_GSO_TCPV4, &pkt), 0);
	assert_int_equal(xennet_unfit(XENNET_F_GSO_TCPV6, &pkt),
			 XENNET_EGSO_TYPE);
	pkt.gso_type = XENNET_GSO_TCPV6 + 1;
	assert_int_equal(xennet_unfit(XENNET_F_ALL, &pkt), XENNET_EGSO_TYPE);
}

static void E5_segments_have_a_size(void **state)
{
	struct xennet_pkt pkt = packet(2000);

	(void)state;
	pkt.gso_type = XENNET_GSO_TCPV4;

	assert_int_equal(xennet_unfit(XENNET_F_ALL, &pkt), XENNET_EGSO_SIZE);
}

static void T14_fragments_do_not_hide_what_a_packet_is(void **state)
{
	unsigned char ethernet[14] = { [12] = 0x08 }, rest[46] = { 0x45 };
	struct xennet_frag frags[] = { { ethernet, 0 },
				       { ethernet, 14 },
				       { rest, 46 } };
	struct xennet_pkt pkt = { .frag = frags, .len = 60, .nfrags = 3 };

	(void)state;
	pkt.flags = XENNET_PKT_CSUM_BLANK;

	assert_int_equal(xennet_unfit(XENNET_F_CSUM_V4, &pkt), 0);
	assert_int_equal(xennet_unfit(XENNET_F_CSUM_V6, &pkt),
			 XENNET_EPKT_NO_CSUM);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			T14_a_blank_checksum_goes_only_to_who_completes_it),
		cmocka_unit_test(
			T14_a_blank_checksum_of_no_known_place_needs_both),
		cmocka_unit_test(X11_more_than_a_page_needs_scatter_gather),
		cmocka_unit_test(
			E5_segmentation_goes_only_to_who_agreed_to_its_type),
		cmocka_unit_test(E5_segments_have_a_size),
		cmocka_unit_test(T14_fragments_do_not_hide_what_a_packet_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
