/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Answers ARP and ping, for ip=A.B.C.D. */
#include "guest.h"

#include <mini-os/os.h>
#include <mini-os/lib.h>

#define FRAME 1600u /* no longer packet is answered */

static unsigned char self[4];

static bool is(const unsigned char *at, const void *what, size_t n)
{
	return memcmp(at, what, n) == 0;
}

/* To whom it came from. */
static void turn_ethernet(unsigned char *p)
{
	memcpy(p, p + 6, 6);
	memcpy(p + 6, mac(), 6);
}

static bool answer_arp(unsigned char *p, uint32_t len)
{
	static const unsigned char asks[] = { 0, 1, 8, 0, 6, 4, 0, 1 };

	if (len < 42 || !is(p + 14, asks, 8) || !is(p + 38, self, 4))
		return false;
	turn_ethernet(p);
	p[21] = 2; /* a reply */
	memcpy(p + 32, p + 22, 10);
	memcpy(p + 22, mac(), 6);
	memcpy(p + 28, self, 4);
	return true;
}

/* Both addresses are in the header's sum, in whatever order. */
static bool answer_ping(unsigned char *p, uint32_t len)
{
	unsigned head = 14 + (p[14] & 15) * 4u, sum;

	if (len < head + 8 || p[14] >> 4 != 4 || p[23] != 1 ||
	    !is(p + 30, self, 4) || p[head] != 8)
		return false;
	turn_ethernet(p);
	memcpy(p + 30, p + 26, 4);
	memcpy(p + 26, self, 4);
	p[head] = 0; /* a reply, whose sum is the request's plus 8 << 8 */
	sum = (p[head + 2] << 8 | p[head + 3]) + 0x800u;
	sum += sum >> 16;
	p[head + 2] = (unsigned char)(sum >> 8);
	p[head + 3] = (unsigned char)sum;
	return true;
}

static bool answer(unsigned char *p, uint32_t len)
{
	static const unsigned char arp[] = { 8, 6 }, ip[] = { 8, 0 };

	if (len < 34)
		return false;
	return is(p + 12, arp, 2)  ? answer_arp(p, len)
	       : is(p + 12, ip, 2) ? answer_ping(p, len)
				   : false;
}

/* The backend may still write what it has sent: nothing is looked at in place.
 */
static bool copy(unsigned char *to, const struct xennet_pkt *pkt)
{
	if (pkt->len > FRAME)
		return false;
	for (unsigned i = 0; i < pkt->nfrags; i++) {
		memcpy(to, pkt->frag[i].addr, pkt->frag[i].len);
		to += pkt->frag[i].len;
	}
	return true;
}

static int serve(struct xennet_front_queue *q)
{
	static unsigned char bytes[XENNET_BURST][FRAME];
	static struct xennet_frag frag[XENNET_BURST];
	static struct xennet_pkt out[XENNET_BURST];
	static struct xennet_burst in;
	int got = xennet_front_poll(q, &in, XENNET_BURST), taken = 0;
	unsigned n = 0;

	for (int i = 0; i < got; i++) {
		uint32_t len = in.pkt[i].len;

		if (!copy(bytes[n], &in.pkt[i]) || !answer(bytes[n], len))
			continue;
		frag[n] = (struct xennet_frag){ .addr = bytes[n], .len = len };
		out[n] = (struct xennet_pkt){ .frag = &frag[n],
					      .nfrags = 1,
					      .len = len };
		n++;
	}
	if (got > 0)
		xennet_front_done(q, in.pkt, (unsigned)got);
	if (n)
		taken = xennet_front_send(q, out, n);
	return taken < 0 ? taken : got;
}

void run_echo(void)
{
	const char *ip = argument("ip", "10.9.0.2");
	struct xennet_front_queue *q = frontend();

	for (int i = 0; i < 4; i++) {
		char *end;

		self[i] = (unsigned char)strtoul(ip, &end, 10);
		ip = *end ? end + 1 : end;
	}
	printk("echo: %u.%u.%u.%u\n", self[0], self[1], self[2], self[3]);
	for (;;) {
		int got = q ? serve(q) : -1, came = 0;

		if (got == 0 && xennet_front_arm(q) == 0) {
			const uint32_t ports[] = { q->tx.port, q->rx.port };

			came = xennet_minios_wait(ports, 2, -1);
			xennet_front_wake(q);
		} else if (got < 0) {
			xennet_minios_wait(NULL, 0, 100);
			came = XENNET_MINIOS_STORE;
		}
		if (came & XENNET_MINIOS_STORE)
			q = follow();
	}
}
