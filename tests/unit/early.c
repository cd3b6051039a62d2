/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* A peer is told of bulk while more of it is being sent. */
#include <stdlib.h>

#include "link.h"

#define BULK 65535u
#define BURST 8u

static struct link l;
static unsigned char *data;
static struct xennet_frag frag;
static struct xennet_pkt pkt[BURST];

static void open(uint32_t len)
{
	static const struct link_setting setting = {
		.strategy = XENNET_PERSISTENT
	};
	unsigned i;

	link_open(&l, &setting);
	data = calloc(1, len);
	frag.addr = data;
	frag.len = len;
	memset(pkt, 0, sizeof(pkt));
	for (i = 0; i < BURST; i++) {
		pkt[i].frag = &frag;
		pkt[i].len = len;
		pkt[i].nfrags = 1;
	}
}

static void close(void)
{
	free(data);
	/* packets that were never polled are the closing ends' to end */
	link_close(&l);
}

static uint64_t pushes(const struct xennet_stats *s)
{
	return s->notified + s->notify_spared;
}

static void bulk_is_told_of_packet_by_packet(void **state)
{
	uint64_t front, back;

	(void)state;
	open(BULK);
	front = pushes(&l.front.queue[0].stats);
	back = pushes(&l.back.queue[0].stats);
	assert_int_equal(xennet_front_send(&l.front.queue[0], pkt, BURST),
			 BURST);
	assert_true(pushes(&l.front.queue[0].stats) - front >= BURST);
	assert_int_equal(xennet_back_send(&l.back.queue[0], pkt, BURST), BURST);
	assert_true(pushes(&l.back.queue[0].stats) - back >= 2);
	close();
}

static void small_packets_are_told_of_once(void **state)
{
	uint64_t front, back;

	(void)state;
	open(60);
	front = pushes(&l.front.queue[0].stats);
	back = pushes(&l.back.queue[0].stats);
	assert_int_equal(xennet_front_send(&l.front.queue[0], pkt, BURST),
			 BURST);
	assert_int_equal(xennet_back_send(&l.back.queue[0], pkt, BURST), BURST);
	assert_int_equal(pushes(&l.front.queue[0].stats) - front, 1);
	assert_int_equal(pushes(&l.back.queue[0].stats) - back, 1);
	close();
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(bulk_is_told_of_packet_by_packet),
		cmocka_unit_test(small_packets_are_told_of_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
