/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Two of Concurrency Kit's rings for one producer and one consumer: packets go
 * one way, their buffers come back the other. It has no bulk operations. So one by
 * one; or what a burst does to a ring all at once, so that its lines are fetched
 * fewer times.
 */
#include <ck_ring.h>

#include "pair_peers.h"
#include "sink.h"

#define BUFFERS 256u /* as many as a ring of one page has slots */

struct entry {
	uint32_t buffer, len;
};

CK_RING_PROTOTYPE(packets, entry)

enum { CK_SINGLY, CK_GROUPED };

/* An entry of a ring stays empty: it is one of twice the size. */
struct way {
	ck_ring_t ring XENNET_ALIGNED(128);
	struct entry entry[2 * BUFFERS] XENNET_ALIGNED(128);
};

struct link {
	struct way packets, spare;
	unsigned char buffer[] XENNET_ALIGNED(4096);
};

/* Whole lines, but not all of a power of two: they would meet in one set. */
static size_t stride(unsigned size)
{
	return (size + 127u) / 64 * 64;
}

static size_t area(unsigned size)
{
	return sizeof(struct link) + BUFFERS * stride(size);
}

static int open_rings(struct pair *p)
{
	struct link *l = p->area;
	struct entry e;

	ck_ring_init(&l->packets.ring, 2 * BUFFERS);
	ck_ring_init(&l->spare.ring, 2 * BUFFERS);
	for (e.buffer = 0; e.buffer < BUFFERS; e.buffer++)
		ck_ring_enqueue_spsc_packets(&l->spare.ring, l->spare.entry,
					     &e);
	return 0;
}

/* Up to n entries; returns how many. */
static unsigned get(struct way *w, struct entry *e, unsigned n)
{
	unsigned i;

	for (i = 0; i < n; i++)
		if (!ck_ring_dequeue_spsc_packets(&w->ring, w->entry, &e[i]))
			break;
	return i;
}

/* There is room for all the buffers there are. */
static void put(struct way *w, struct entry *e, unsigned n)
{
	unsigned i;

	for (i = 0; i < n; i++)
		ck_ring_enqueue_spsc_packets(&w->ring, w->entry, &e[i]);
}

static unsigned group(const struct pair *p)
{
	return p->how == CK_GROUPED ? p->batch : 1;
}

static int front(void *arg)
{
	struct pair *p = arg;
	struct link *l = p->area;
	size_t apart = stride(p->size);
	struct entry e[XENNET_BURST];
	struct source src;
	unsigned have = 0, want = group(p), i;

	if (source_init(&src, p->size, p->batch))
		return 1;
	stage_enter(&p->stage, 0);
	while (stage_phase(&p->stage) != PHASE_STOP) {
		have += get(&l->spare, e + have, want - have);
		if (have < want) {
			xennet_relax();
			continue;
		}
		if (src.from == src.burst)
			source_stamp(&src, 0);
		for (i = 0; i < have; i++) {
			e[i].len = p->size;
			source_copy(&src, src.from + i, 0,
				    l->buffer + e[i].buffer * apart, p->size);
		}
		put(&l->packets, e, have);
		source_sent(&src, have);
		have = 0;
	}
	source_end(&src, p);
	return 0;
}

static int back(void *arg)
{
	struct pair *p = arg;
	struct link *l = p->area;
	size_t apart = stride(p->size);
	struct sink sink = { .received = 0 };
	struct entry e[XENNET_BURST];

	stage_enter(&p->stage, 1);
	for (;;) {
		bool last = xennet_load_acquire(&p->done);
		unsigned n = get(&l->packets, e, group(p)), i;

		for (i = 0; i < n; i++)
			sink_begin(&sink, l->buffer + e[i].buffer * apart,
				   e[i].len);
		put(&l->spare, e, n);
		meter_look(&sink.meter, &p->stage, sink.received);
		if (n == 0 && last)
			break;
		if (n == 0)
			xennet_relax();
	}
	sink_end(&sink, p);
	return 0;
}

const struct pair_case pair_ck = { .name = "Concurrency Kit",
				   .front = front,
				   .back = back,
				   .area = area,
				   .open = open_rings };

const struct pair_case pair_ck_grouped = { .name = "Concurrency Kit, grouped",
					   .front = front,
					   .back = back,
					   .how = CK_GROUPED,
					   .area = area,
					   .open = open_rings };
