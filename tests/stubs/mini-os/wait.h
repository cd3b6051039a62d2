/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Wait queues: there is one. */
#ifndef STUB_MINI_OS_WAIT_H
#define STUB_MINI_OS_WAIT_H

#include <stdbool.h>

#include <mini-os/time.h>

struct wait_queue_head {
	unsigned woken;
};

void wake_up(struct wait_queue_head *head);

/* Lets happen what can; false: that was the deadline. 0: there is none. */
bool stub_sleep(s_time_t deadline);

#define wait_event_deadline(queue, condition, deadline)                        \
	do {                                                                   \
		(void)(queue);                                                 \
	} while (!(condition) && stub_sleep(deadline))

#endif
