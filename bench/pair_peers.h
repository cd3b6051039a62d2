/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* What else moves packets from one process to another. */
#ifndef PAIR_PEERS_H
#define PAIR_PEERS_H

#include "pair.h"

#define STREAM_BLOCK 65536u

extern const struct pair_case pair_stream; /* memcpy, whatever the size */
extern const struct pair_case pair_dgram;  /* Unix datagrams */
extern const struct pair_case pair_pipe;   /* a pipe and an eventfd */
#ifdef WITH_CK
extern const struct pair_case pair_ck; /* Concurrency Kit's rings */
extern const struct pair_case pair_ck_grouped;
#endif

#endif
