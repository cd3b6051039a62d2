/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * The limit: what two processors can hand each other when there is nothing to
 * do but hand it over. 256 lines of 64 bytes, written whole and read whole,
 * published (and given back) every `batch` lines.
 */
#include "pair.h"
#include "payload.h"

#define LINES 256u

struct stream {
	uint32_t prod XENNET_ALIGNED(128);
	uint32_t cons XENNET_ALIGNED(128);
	unsigned char line[LINES][64] XENNET_ALIGNED(128);
};

static struct stream *stream(struct pair *p)
{
	return (struct stream *)(void *)p->page;
}

static int front(void *arg)
{
	struct pair *p = arg;
	struct stream *s = stream(p);
	unsigned char source[LINES][64];
	uint64_t sum[LINES];
	uint32_t prod = 0, i;

	for (i = 0; i < LINES; i++) {
		struct payload_sum one = { .at = 0 };

		payload_fill(source[i], sizeof(source[i]), i);
		payload_words(&one, source[i], sizeof(source[i]));
		sum[i] = payload_total(&one);
	}
	stage_enter(&p->stage, 0);
	while (stage_phase(&p->stage) != PHASE_STOP) {
		while (LINES - (prod - xennet_load_acquire(&s->cons)) <
		       p->batch)
			xennet_relax();
		for (i = 0; i < p->batch; i++, prod++) {
			memcpy(s->line[prod % LINES], source[prod % LINES], 64);
			p->sent_sum += sum[prod % LINES];
		}
		p->sent += p->batch;
		xennet_store_release(&s->prod, prod);
	}
	xennet_store_release(&p->done, 1);
	return 0;
}

static int back(void *arg)
{
	struct pair *p = arg;
	struct stream *s = stream(p);
	struct meter meter = { .phase = PHASE_SETUP };
	struct payload_sum sum = { .at = 0 };
	uint64_t received = 0;
	uint32_t cons = 0, i;

	stage_enter(&p->stage, 1);
	for (;;) {
		bool last = xennet_load_acquire(&p->done);

		meter_look(&meter, &p->stage, received);
		if (xennet_load_acquire(&s->prod) - cons < p->batch) {
			if (last)
				break;
			xennet_relax();
			continue;
		}
		for (i = 0; i < p->batch; i++, cons++)
			payload_words(&sum, s->line[cons % LINES], 64);
		received += p->batch;
		xennet_store_release(&s->cons, cons);
	}
	p->meter = meter;
	p->received = received;
	p->received_sum = payload_total(&sum);
	return 0;
}

const struct pair_case pair_limit = { .name = "limit",
				      .front = front,
				      .back = back };
