/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * The loops around a pair of rings, for whichever ring was defined before this
 * is included (once per file), so that two rings differ in nothing else:
 *
 *   struct front_end, struct back_end
 *   front_open(f, page), back_open(b, page)
 *   room(f)             requests that may be put now
 *   ask(f, n)           puts n requests, publishes them
 *   answer(b, n)        answers up to n requests, returns how many
 *   collect(f, sum)     takes every response there is, returns how many
 */
static double alone(struct pair *p, unsigned ms)
{
	uint64_t since, count = 0, now;
	struct front_end f;
	struct back_end b;
	unsigned i;

	front_open(&f, p->page[0]);
	back_open(&b, p->page[0]);
	since = clock_ns();
	do {
		for (i = 0; i < 256; i++) {
			ask(&f, p->batch);
			answer(&b, p->batch);
			count += collect(&f, &p->received_sum);
		}
		now = clock_ns();
	} while (now - since < (uint64_t)ms * 1000000);
	return 1e3 * (double)count / (double)(now - since);
}

static int front(void *arg)
{
	struct pair *p = arg;
	struct meter meter = { .phase = PHASE_SETUP };
	uint64_t sent = 0, received = 0, sum = 0;
	struct front_end f;

	front_open(&f, p->page[0]);
	stage_enter(&p->stage, 0);
	while (meter_look(&meter, &p->stage, received) != PHASE_STOP) {
		if (room(&f) >= p->batch) {
			ask(&f, p->batch);
			sent += p->batch;
		}
		received += collect(&f, &sum);
	}
	while (received < sent)
		received += collect(&f, &sum);
	p->meter = meter;
	p->sent = sent;
	p->received = received;
	xennet_store_release(&p->done, 1);
	return 0;
}

static int back(void *arg)
{
	struct pair *p = arg;
	struct back_end b;

	back_open(&b, p->page[0]);
	stage_enter(&p->stage, 1);
	while (!xennet_load_acquire(&p->done))
		if (answer(&b, p->batch) == 0)
			xennet_relax();
	return 0;
}
