/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#ifndef XENNET_FRONT_MCAST_H
#define XENNET_FRONT_MCAST_H

#include <xennet/front.h>

/* Writes what xennet_front_filter has set. Sleeps. */
int xennet_front_filter_write(const struct xennet_front *f, xennet_txn txn);

#endif
