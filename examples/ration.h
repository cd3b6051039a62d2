/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Lines of the log that a guest can cause as often as it likes: some at a time,
 * and how many there were besides. All zeroes to begin with.
 */
#ifndef RATION_H
#define RATION_H

#include <stdbool.h>
#include <time.h>

#define RATION_LINES 10u
#define RATION_SECONDS 10
#define RATION_TEXT 256

struct ration {
	time_t since;
	unsigned said, more;
	char last[RATION_TEXT]; /* of those that were not said */
};

/* Whether it was said. */
bool ration_say(struct ration *r, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Says what is due. True: there is more, call again in a while. */
bool ration_settle(struct ration *r);

/* Nothing more will come. */
void ration_end(struct ration *r);

#endif
