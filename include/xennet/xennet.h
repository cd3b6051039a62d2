/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* The whole library, in the order in which a packet meets it. */
#ifndef XENNET_XENNET_H
#define XENNET_XENNET_H

#include <xennet/env.h>
#include <xennet/err.h>
#include <xennet/ops.h>
#include <xennet/ring.h>
#include <xennet/wire.h>
#include <xennet/pkt.h>
#include <xennet/hash.h>
#include <xennet/batch.h>
#include <xennet/pgrant.h>
#include <xennet/feature.h>
#include <xennet/queue.h>
#include <xennet/ctrl.h>
#include <xennet/front.h>
#include <xennet/back.h>
#include <xennet/announce.h>
#include <xennet/cost.h>
#include <xennet/explain.h>

#endif
