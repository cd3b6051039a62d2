/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * The library's frontend, connected to a hand-driven backend. While a test
 * uses the queue, every op that sleeps is misuse.
 */
#ifndef FRONT_RIG_H
#define FRONT_RIG_H

#include <xennet/front.h>

#include "peer_back.h"
#include "test.h"

struct front_rig {
	struct fake f;
	struct peer_back back;
	struct xennet_front front;
	struct xennet_front_queue *q; /* the first */
	struct xennet_burst in;
};

struct front_setting {
	unsigned queues;
	bool persistent; /* pages stay granted */
	bool keep;	 /* likewise, though the backend keeps nothing */
	bool sharing;	 /* the platform cannot grant pages that it has */
	uint32_t flags;	 /* what the frontend offers; 0: everything */
	uint32_t headroom;
};

extern const struct front_setting front_granting, front_persistent,
	front_keeping, front_sharing;

#define FRONT_TEST_WITH(f, setting)                                            \
	{                                                                      \
#f, f, front_rig_setup, front_rig_teardown, (void *)&(setting) \
	}
#define FRONT_TEST(f) FRONT_TEST_WITH(f, front_granting)
#define FRONT_TESTS(f)                                                         \
	FRONT_TEST_WITH(f, front_granting),                                    \
		FRONT_TEST_WITH(f, front_persistent),                          \
		FRONT_TEST_WITH(f, front_keeping),                             \
		FRONT_TEST_WITH(f, front_sharing)

int front_rig_setup(void **state);
int front_rig_teardown(void **state);

void front_rig_open(struct front_rig *r, const struct front_setting *s);
int front_rig_event(struct front_rig *r);
void front_rig_close(struct front_rig *r);

/* Sends one packet of len bytes, byte i being peer_byte(seed, i). */
int front_rig_send(struct front_rig *r, unsigned seed, uint32_t len);
int front_rig_poll(struct front_rig *r);
uint64_t front_rig_refused(const struct front_rig *r);

#endif
