/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Announcements, against the same frames as another program wrote them. */
#include <xennet/announce.h>

#include "link.h"

static const unsigned char mac[6] = { 0x00, 0x16, 0x3e, 0x01, 0x02, 0x03 };
static const unsigned char ip[4] = { 10, 9, 0, 2 };

static void arp_announces_an_address(void **state)
{
	static const unsigned char want[XENNET_ANNOUNCE_LEN] = {
		0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x00, 0x16, 0x3e,
		0x01, 0x02, 0x03, 0x08, 0x06, 0x00, 0x01, 0x08, 0x00,
		0x06, 0x04, 0x00, 0x01, 0x00, 0x16, 0x3e, 0x01, 0x02,
		0x03, 0x0a, 0x09, 0x00, 0x02, 0x00, 0x00, 0x00, 0x00,
		0x00, 0x00, 0x0a, 0x09, 0x00, 0x02
	};
	unsigned char frame[XENNET_ANNOUNCE_LEN];

	(void)state;
	memset(frame, 0xa5, sizeof(frame));
	xennet_announce(frame, mac, ip);
	assert_memory_equal(frame, want, sizeof(want));
}

static void rarp_announces_a_mac(void **state)
{
	static const unsigned char want[XENNET_ANNOUNCE_LEN] = {
		0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x00, 0x16, 0x3e,
		0x01, 0x02, 0x03, 0x80, 0x35, 0x00, 0x01, 0x08, 0x00,
		0x06, 0x04, 0x00, 0x03, 0x00, 0x16, 0x3e, 0x01, 0x02,
		0x03, 0x00, 0x00, 0x00, 0x00, 0x00, 0x16, 0x3e, 0x01,
		0x02, 0x03, 0x00, 0x00, 0x00, 0x00
	};
	unsigned char frame[XENNET_ANNOUNCE_LEN];

	(void)state;
	memset(frame, 0xa5, sizeof(frame));
	xennet_announce(frame, mac, NULL);
	assert_memory_equal(frame, want, sizeof(want));
}

static void S13_announcement_is_a_packet_like_any(void **state)
{
	static const struct link_setting setting = { .strategy = XENNET_COPY };
	static struct link l;
	unsigned char frame[XENNET_ANNOUNCE_LEN];
	struct xennet_frag frag = { frame, sizeof(frame) };
	struct xennet_pkt pkt = { .frag = &frag,
				  .len = sizeof(frame),
				  .nfrags = 1 };

	(void)state;
	link_open(&l, &setting);
	xennet_announce(frame, mac, ip);
	assert_int_equal(xennet_front_send(&l.front.queue[0], &pkt, 1), 1);
	assert_int_equal(xennet_back_poll(&l.back.queue[0], &l.in, 4), 1);
	assert_int_equal(l.in.pkt[0].len, sizeof(frame));
	assert_memory_equal(l.in.pkt[0].frag[0].addr, frame, sizeof(frame));
	xennet_back_done(&l.back.queue[0], l.in.pkt, 1);
	link_close(&l);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(arp_announces_an_address),
		TEST(rarp_announces_a_mac),
		TEST(S13_announcement_is_a_packet_like_any),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
