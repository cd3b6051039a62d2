/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * The limit for bulk: one processor copies blocks into memory that it shares
 * with the other, which adds them up. As many bytes of it as a ring of 256 slots
 * has of pages.
 */
#include "pair_peers.h"
#include "sink.h"

#define BLOCKS 16u

struct stream {
	uint32_t prod XENNET_ALIGNED(128);
	uint32_t cons XENNET_ALIGNED(128);
	unsigned char block[BLOCKS][STREAM_BLOCK] XENNET_ALIGNED(4096);
};

static size_t area(unsigned size)
{
	(void)size;
	return sizeof(struct stream);
}

static int front(void *arg)
{
	struct pair *p = arg;
	struct stream *s = p->area;
	struct source src;
	uint32_t prod = 0;

	if (source_init(&src, STREAM_BLOCK, BLOCKS))
		return 1;
	stage_enter(&p->stage, 0);
	while (stage_phase(&p->stage) != PHASE_STOP) {
		if (prod - xennet_load_acquire(&s->cons) == BLOCKS) {
			xennet_relax();
			continue;
		}
		if (src.from == src.burst)
			source_stamp(&src, 0);
		source_copy(&src, src.from, 0, s->block[prod % BLOCKS],
			    STREAM_BLOCK);
		source_sent(&src, 1);
		xennet_store_release(&s->prod, ++prod);
	}
	source_end(&src, p);
	return 0;
}

static int back(void *arg)
{
	struct pair *p = arg;
	struct stream *s = p->area;
	struct sink sink = { .received = 0 };
	uint32_t cons = 0;

	stage_enter(&p->stage, 1);
	for (;;) {
		bool last = xennet_load_acquire(&p->done);

		meter_look(&sink.meter, &p->stage, sink.received);
		if (xennet_load_acquire(&s->prod) == cons) {
			if (last)
				break;
			xennet_relax();
			continue;
		}
		sink_begin(&sink, s->block[cons % BLOCKS], STREAM_BLOCK);
		xennet_store_release(&s->cons, ++cons);
	}
	sink_end(&sink, p);
	return 0;
}

const struct pair_case pair_stream = {
	.name = "limit, memcpy", .front = front, .back = back, .area = area
};
