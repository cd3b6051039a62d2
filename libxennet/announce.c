/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#include <xennet/announce.h>

/* Offsets: Ethernet's header, then the message of RFC 826 and 903. */
enum {
	TYPE = 12,
	SENDER = 22,
	TARGET = 32,
};

XENNET_COLD void xennet_announce(unsigned char frame[XENNET_ANNOUNCE_LEN],
				 const unsigned char mac[6],
				 const unsigned char *ip)
{
	/* type, Ethernet, IPv4, their lengths, request */
	static const unsigned char arp[] = { 8, 6, 0, 1, 8, 0, 6, 4, 0, 1 };
	/* the same, "request reverse" */
	static const unsigned char rarp[] = {
		0x80, 0x35, 0, 1, 8, 0, 6, 4, 0, 3
	};

	memset(frame, 0, XENNET_ANNOUNCE_LEN);
	memset(frame, 0xff, 6);
	memcpy(frame + 6, mac, 6);
	memcpy(frame + TYPE, ip ? arp : rarp, sizeof(arp));
	memcpy(frame + SENDER, mac, 6);
	if (ip) {
		memcpy(frame + SENDER + 6, ip, 4);
		memcpy(frame + TARGET + 6, ip, 4);
	} else {
		memcpy(frame + TARGET, mac, 6);
	}
}
