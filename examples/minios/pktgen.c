/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Packets as fast as they go, without sleep, to an address that nobody has; and
 * those that come are counted. One line for each size:
 *
 *	pktgen SIZE tx PACKETS/S MBIT/S rx PACKETS/S MBIT/S
 */
#include "guest.h"

#include <mini-os/os.h>
#include <mini-os/lib.h>
#include <mini-os/sched.h>
#include <mini-os/time.h>

static unsigned char bytes[65535];
static struct xennet_burst in;

/* Of an experiment (IEEE 802), so that no stack looks into it. */
static void make_packet(void)
{
	static const unsigned char head[] = { 0x02, 0, 0, 0, 0, 9 };

	memcpy(bytes, head, 6);
	memcpy(bytes + 6, mac(), 6);
	bytes[12] = 0x88;
	bytes[13] = 0xb5;
	for (unsigned i = 14; i < sizeof(bytes); i++)
		bytes[i] = (unsigned char)i;
}

static void print_rate(unsigned size, uint64_t ns, uint64_t tx, uint64_t rx,
		       uint64_t rx_bytes)
{
	uint64_t ms = ns / 1000000 + 1;

	printk("pktgen %u tx %lu %lu rx %lu %lu\n", size,
	       (unsigned long)(tx * 1000 / ms),
	       (unsigned long)(tx * size * 8 / ms / 1000),
	       (unsigned long)(rx * 1000 / ms),
	       (unsigned long)(rx_bytes * 8 / ms / 1000));
}

static struct xennet_front_queue *receive(struct xennet_front_queue *q)
{
	int n = xennet_front_poll(q, &in, XENNET_BURST);

	if (n > 0)
		xennet_front_done(q, in.pkt, (unsigned)n);
	return n < 0 ? NULL : q;
}

/* Gives way, and looks at the store; NULL: the backend has gone. */
static struct xennet_front_queue *pause_and_look(struct xennet_front_queue *q)
{
	schedule();
	return xennet_minios_wait(NULL, 0, 0) ? follow() : q;
}

static struct xennet_front_queue *generate(struct xennet_front_queue *q,
					   unsigned size, unsigned burst,
					   s_time_t length)
{
	struct xennet_frag frag = { .addr = bytes, .len = size };
	struct xennet_pkt pkt[XENNET_BURST];
	uint64_t tx = q->stats.tx_packets, rx = q->stats.rx_packets;
	uint64_t rx_bytes = q->stats.rx_bytes;
	s_time_t begin = NOW();
	int taken = 0;

	for (unsigned i = 0; i < burst; i++)
		pkt[i] = (struct xennet_pkt){ .frag = &frag,
					      .nfrags = 1,
					      .len = size };
	for (unsigned turn = 1; q && taken >= 0; turn++) {
		taken = xennet_front_send(q, pkt, burst);
		if (taken == 0)
			xennet_relax();
		q = receive(q);
		if (turn % 64)
			continue;
		if (NOW() - begin >= length)
			break;
		q = q ? pause_and_look(q) : NULL;
	}
	if (q)
		print_rate(size, (uint64_t)(NOW() - begin),
			   q->stats.tx_packets - tx, q->stats.rx_packets - rx,
			   q->stats.rx_bytes - rx_bytes);
	return q;
}

void run_pktgen(void)
{
	static const unsigned sizes[] = { 64, 1496, 65535 };
	const struct xennet_policy policy = policy_asked(true);
	unsigned only = number("size", 0), burst = number("burst", 32);
	s_time_t length = (s_time_t)SECONDS(number("seconds", 2));
	struct xennet_front_queue *q = frontend();

	make_packet();
	burst = burst < XENNET_BURST ? burst : XENNET_BURST;
	xennet_front_set_policy(q, &policy);
	for (unsigned i = 0; q && i < 3; i++)
		if (!only || only == sizes[i])
			q = generate(q, sizes[i], burst, length);
	if (!q)
		printk("pktgen: no backend any more\n");
	else
		print_stats("pktgen", &q->stats);
	printk("pktgen: done\n");
	while (q && (q = receive(q)))
		q = pause_and_look(q);
}
