/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Round trips of two processes with nothing between them. */
#include "latency.h"
#include "wire.h"

#define ENDED UINT32_MAX

/* Waits for word to become n; false: the other has ended. */
static bool await(const uint32_t *word, uint32_t n)
{
	uint32_t got;

	do
		got = xennet_load_acquire(word);
	while (got != n && got != ENDED);
	return got == n;
}

static int two_lines_front(void *shared)
{
	struct latency_shared *s = shared;
	uint64_t now;
	uint32_t n = 0;

	stage_enter(&s->link.stage, 0);
	for (now = clock_ns(); stage_phase(&s->link.stage) != PHASE_STOP;
	     now = latency_note(s, now)) {
		xennet_store_release(&s->line[0][0].word, ++n);
		await(&s->line[1][0].word, n);
	}
	xennet_store_release(&s->line[0][0].word, ENDED);
	return 0;
}

static int two_lines_back(void *shared)
{
	struct latency_shared *s = shared;
	uint32_t n = 0;

	stage_enter(&s->link.stage, 1);
	while (await(&s->line[0][0].word, ++n))
		xennet_store_release(&s->line[1][0].word, n);
	return 0;
}

/* A payload of one line, where the slot says that it is. */
static void put(struct latency_line *way, const unsigned char *payload,
		uint32_t n)
{
	memcpy(&way[2], payload, LATENCY_SIZE);
	xennet_store(&way[1].word, 2);
	xennet_store_release(&way[0].word, n);
}

static bool get(const struct latency_line *way, unsigned char *payload,
		uint32_t n)
{
	if (!await(&way[0].word, n))
		return false;
	memcpy(payload, &way[xennet_load(&way[1].word)], LATENCY_SIZE);
	return true;
}

static int three_lines_front(void *shared)
{
	struct latency_shared *s = shared;
	unsigned char payload[LATENCY_SIZE] = { 0 };
	uint64_t now;
	uint32_t n = 0;

	stage_enter(&s->link.stage, 0);
	for (now = clock_ns(); stage_phase(&s->link.stage) != PHASE_STOP;
	     now = latency_note(s, now)) {
		++n;
		memcpy(payload, &n, sizeof(n));
		put(s->line[0], payload, n);
		get(s->line[1], payload, n);
		if (memcmp(payload, &n, sizeof(n)) != 0)
			return BENCH_FAILED;
	}
	xennet_store_release(&s->line[0][0].word, ENDED);
	return 0;
}

static int three_lines_back(void *shared)
{
	struct latency_shared *s = shared;
	unsigned char payload[LATENCY_SIZE];
	uint32_t n = 0;

	stage_enter(&s->link.stage, 1);
	while (get(s->line[0], payload, ++n))
		put(s->line[1], payload, n);
	return 0;
}

static int eventfds_front(void *shared)
{
	struct latency_shared *s = shared;
	uint64_t now;

	stage_enter(&s->link.stage, 0);
	for (now = clock_ns(); stage_phase(&s->link.stage) != PHASE_STOP;
	     now = latency_note(s, now)) {
		wire_wake(s->wire[0]);
		wire_sleep(s->wire[1]);
	}
	xennet_store_release(&s->over, 1);
	wire_wake(s->wire[0]);
	return 0;
}

static int eventfds_back(void *shared)
{
	struct latency_shared *s = shared;

	stage_enter(&s->link.stage, 1);
	while (!xennet_load_acquire(&s->over)) {
		wire_sleep(s->wire[0]);
		wire_wake(s->wire[1]);
	}
	return 0;
}

int (*const latency_two_lines[2])(void *) = { two_lines_front, two_lines_back };
int (*const latency_three_lines[2])(void *) = { three_lines_front,
						three_lines_back };
int (*const latency_eventfds[2])(void *) = { eventfds_front, eventfds_back };
