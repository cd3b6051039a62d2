/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Both ends of the library, joined over the fake platform, and packets that
 * say what they should look like: whoever receives one rebuilds it from the
 * number in its first bytes and compares.
 */
#ifndef LINK_H
#define LINK_H

#include <xennet/back.h>
#include <xennet/front.h>

#include "peer.h"
#include "test.h"

#define LINK_QUEUES 8u
#define LINK_PATIENCE 10000u /* rounds without an end */

struct link_setting {
	enum xennet_strategy strategy;
	unsigned queues, order;		  /* 0: one */
	uint32_t front_flags, back_flags; /* 0: everything */
	bool sharing;	  /* the frontend's platform can only share */
	bool pinning;	  /* the backend's copies rather go to its own grants */
	uint32_t longest; /* packets; 0: as long as can be */
	uint32_t statics; /* of the backend's configuration */
	uint32_t headroom; /* of what the frontend receives */
	uint32_t hash;	   /* types that the frontend asks for */
	bool hashed;	   /* packets have hashes */
};

enum link_direction { LINK_TX, LINK_RX };

/* What a whole table of settings is gone through with. */
struct link_kind {
	enum xennet_layout layout;
	bool polling; /* neither end asks for events */
};

extern const struct link_kind link_standard, link_split, link_sequenced,
	link_standard_polling, link_split_polling, link_sequenced_polling;

/* *state: a kind, of every link that is prepared from now on. */
int link_setup(void **state);

/* For a table of tests: once in each layout; and with both ends polling. */
#define LINK_TEST_WITH(f, kind)                                                \
	{                                                                      \
#f, f, link_setup, NULL, (void *)&(kind)                       \
	}
#define LINK_TESTS(f)                                                          \
	LINK_TEST_WITH(f, link_standard), LINK_TEST_WITH(f, link_split),       \
		LINK_TEST_WITH(f, link_sequenced)
#define LINK_POLLING_TESTS(f)                                                  \
	LINK_TEST_WITH(f, link_standard_polling),                              \
		LINK_TEST_WITH(f, link_split_polling),                         \
		LINK_TEST_WITH(f, link_sequenced_polling)

struct link_flow {
	uint32_t sent, next; /* numbers: taken by send, expected by poll */
	uint32_t received;
};

struct link {
	struct fake f;
	struct link_setting s;
	struct xennet_front front;
	struct xennet_back back;
	struct link_flow flow[LINK_QUEUES][2];
	struct xennet_burst in;
	int front_error, back_error; /* the last that events told */
	bool connected;
};

/* The fake and what a toolstack writes. */
void link_prepare(struct link *l, const struct link_setting *s);
/* Each end; 0 or an error. */
int link_open_back(struct link *l);
int link_open_front(struct link *l);
/* Lets both follow each other's states until nothing changes. */
void link_follow(struct link *l);
/* All of it, with success. */
void link_open(struct link *l, const struct link_setting *s);
/* Closes both and fails if anything is left over. */
void link_close(struct link *l);

/* Offers a burst of n packets; returns how many were taken, or an error. */
int link_send(struct link *l, unsigned queue, enum link_direction d,
	      unsigned n);
/* Polls once and compares; returns the number, or an error. */
int link_receive(struct link *l, unsigned queue, enum link_direction d);
/* Sends n packets and receives what arrives; fails when it gets stuck. */
void link_run(struct link *l, unsigned queue, enum link_direction d,
	      unsigned n);

/* Refusals of one packet each, at one end of a queue. */
uint64_t link_refused(const struct xennet_stats *s);

#endif
