/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#include "frame.h"

#define ETH 14u
#define IP4 20u
#define IP6 40u
#define TCP 20u
#define UDP 8u

static void put16(unsigned char *to, uint32_t v)
{
	to[0] = (unsigned char)(v >> 8);
	to[1] = (unsigned char)v;
}

static void eth(unsigned char *to, uint32_t type)
{
	static const unsigned char macs[12] = { 0, 0x16, 0x3e, 0, 0, 2,
						0, 0x16, 0x3e, 0, 0, 1 };

	memcpy(to, macs, sizeof(macs));
	put16(to + 12, type);
}

static void ip4(unsigned char *ip, uint32_t len, unsigned char proto)
{
	static const unsigned char addresses[8] = { 10, 0, 0, 1, 10, 0, 0, 2 };
	uint32_t sum = 0, i;

	memset(ip, 0, IP4);
	ip[0] = 0x45;
	put16(ip + 2, len > 0xffff ? 0 : len);
	ip[8] = 64;
	ip[9] = proto;
	memcpy(ip + 12, addresses, sizeof(addresses));
	for (i = 0; i < IP4; i += 2)
		sum += (uint32_t)ip[i] << 8 | ip[i + 1];
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	put16(ip + 10, ~sum & 0xffff);
}

static void tcp(unsigned char *to)
{
	memset(to, 0, TCP);
	put16(to, 5001);
	put16(to + 2, 80);
	to[12] = TCP / 4 << 4;
	to[13] = 0x10;
}

unsigned frame_tcp4(unsigned char *to, uint32_t len)
{
	eth(to, 0x0800);
	ip4(to + ETH, len - ETH, 6);
	tcp(to + ETH + IP4);
	return ETH + IP4 + TCP;
}

unsigned frame_udp4(unsigned char *to, uint32_t len)
{
	eth(to, 0x0800);
	ip4(to + ETH, len - ETH, 17);
	memset(to + ETH + IP4, 0, UDP);
	put16(to + ETH + IP4, 5001);
	put16(to + ETH + IP4 + 2, 53);
	put16(to + ETH + IP4 + 4, len - ETH - IP4);
	return ETH + IP4 + UDP;
}

unsigned frame_tcp6(unsigned char *to, uint32_t len)
{
	unsigned char *ip = to + ETH;

	eth(to, 0x86dd);
	memset(ip, 0, IP6);
	ip[0] = 0x60;
	put16(ip + 4, len - ETH - IP6);
	ip[6] = 6;
	ip[7] = 64;
	ip[8] = ip[24] = 0xfd;
	ip[23] = 1;
	ip[39] = 2;
	tcp(ip + IP6);
	return ETH + IP6 + TCP;
}
