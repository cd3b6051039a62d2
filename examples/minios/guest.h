/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* What the roles of the Mini-OS example share. */
#ifndef GUEST_H
#define GUEST_H

#include <xennet/platform/minios.h>
#include <xennet/xennet.h>

/* KEY=VALUE of the kernel's command line; or what it is otherwise. */
const char *argument(const char *key, const char *otherwise);
unsigned number(const char *key, unsigned otherwise);

/* poll=1: a worker that never sleeps. */
struct xennet_policy policy_asked(bool polls);

/* Opens the vif that handle=N names, and waits for its backend. */
struct xennet_front_queue *frontend(void);

/* Does what the store asks of it; NULL: there is no backend now. */
struct xennet_front_queue *follow(void);

/* Of the vif. */
const unsigned char *mac(void);

/* One line for each counter that is not zero. */
void print_stats(const char *role, const struct xennet_stats *s);

void run_pktgen(void);
void run_echo(void);
void run_back(void);

#endif
