/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Many packets into a TAP with one system call: io_uring, where the program
 * was built with liburing and the kernel lets us; else a call for each.
 */
#ifndef TAPBURST_H
#define TAPBURST_H

#include "tap.h"

struct tap_burst;

/* For one thread. NULL: a call for each packet it is. */
struct tap_burst *tap_burst_open(void);
void tap_burst_close(struct tap_burst *b);

/* Writes n packets, at most XENNET_BURST with XENNET_BURST_FRAGS in all, in
 * their order; err[i] is what tap_write says of each. b may be NULL. */
void tap_write_burst(struct tap_burst *b, int fd, const struct xennet_pkt *pkt,
		     unsigned n, int *err);

#endif
