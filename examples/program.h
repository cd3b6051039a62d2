/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* What netfront and netback share besides the carrying of packets. */
#ifndef PROGRAM_H
#define PROGRAM_H

#include <stdint.h>
#include <xennet/platform/host.h>

/* Of the control thread: busy workers (WORKER_NICE) must not keep it waiting. */
#define PROGRAM_NICE (-11)

/* First of all: the name that say() puts in front. SIGTERM, SIGINT and SIGUSR1
 * wait from here on. The result is readable when one came. */
int program_start(const char *name);

/* The next signal that came, or 0. */
int program_signal(int fd);

/* Milliseconds, of a clock that only goes on. */
int64_t now_ms(void);

/* One line on stderr, with the time and the program's name before it. */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Why there is no connection: err, of the key, which may be NULL. "KEY_QUEUES,
 * an impossible ... (multi-queue-num-queues)". */
#define REFUSED_TEXT 160
const char *refused_text(int err, const char *key, char text[REFUSED_TEXT]);

/* "sg gso4 ..." of XENNET_F_*, for a line of the log. */
#define FEATURE_TEXT 128
const char *feature_text(uint32_t flags, char text[FEATURE_TEXT]);

/* What the platform still holds, "PROGRAM mapped 0" and so on, on stdout. */
void print_held(const struct xennet_host *host);

#endif
