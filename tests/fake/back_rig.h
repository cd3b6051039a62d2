/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * The library's backend, connected to a hand-driven frontend. While a test
 * uses the queue, every op that sleeps is misuse.
 */
#ifndef BACK_RIG_H
#define BACK_RIG_H

#include <xennet/back.h>

#include "peer_front.h"
#include "test.h"

struct back_rig {
	struct fake f;
	struct peer_front front;
	struct xennet_back back;
	struct xennet_back_queue *q; /* the first */
	struct xennet_burst in;
	struct peer_answers answers;
};

struct back_setting {
	enum xennet_strategy strategy;
	unsigned queues, order;
	bool split;
	uint32_t flags; /* what the backend offers; 0: everything */
	uint32_t slots; /* 0: 18 */
	uint32_t pgrants, maps;
	enum xennet_layout layout;
	bool pinning; /* copies rather go to pages shared with ourselves */
};

/* For a table of tests: each once per strategy, and per way to copy. */
extern const struct back_setting back_copy, back_map, back_persistent,
	back_by_cost, back_pinning;

#define BACK_TEST_WITH(f, setting)                                             \
	{                                                                      \
#f, f, back_rig_setup, back_rig_teardown, (void *)&(setting)   \
	}
#define BACK_TEST(f) BACK_TEST_WITH(f, back_copy)
#define BACK_TESTS(f)                                                          \
	BACK_TEST_WITH(f, back_copy), BACK_TEST_WITH(f, back_map),             \
		BACK_TEST_WITH(f, back_persistent),                            \
		BACK_TEST_WITH(f, back_by_cost),                               \
		BACK_TEST_WITH(f, back_pinning)

/* *state: a setting; afterwards the rig. */
int back_rig_setup(void **state);
/* Disconnects, and fails if anything is left over. */
int back_rig_teardown(void **state);

/* The parts of setup, for tests that go wrong between them. */
void back_rig_open(struct back_rig *r, const struct back_setting *s);
int back_rig_event(struct back_rig *r);
void back_rig_close(struct back_rig *r);

/* Polls once; all packets are kept in r->in. */
int back_rig_poll(struct back_rig *r);
/* Polls, hands everything back and collects the answers. */
int back_rig_serve(struct back_rig *r);

/* Packets refused, for whatever reason. */
uint64_t back_rig_refused(const struct back_rig *r);

#endif
