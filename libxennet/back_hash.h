/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * What a frontend says over the control ring of how packets to it are hashed,
 * and steered by that. Each function serves one type of request (back_ctrl.c),
 * whole or not at all.
 */
#ifndef XENNET_BACK_HASH_H
#define XENNET_BACK_HASH_H

#include <xennet/back.h>

/* Makes b->hash, of about 5 KiB, unless it is there: nothing is hashed, to
 * begin with. Of a vif whose workers rest. False: no memory. Sleeps, as close. */
bool xennet_back_hash_open(struct xennet_back *b);
void xennet_back_hash_close(struct xennet_back *b);

uint32_t xennet_back_hash_algorithm(struct xennet_back *b,
				    const uint32_t data[3], uint32_t *answer);
uint32_t xennet_back_hash_get_flags(struct xennet_back *b,
				    const uint32_t data[3], uint32_t *answer);
uint32_t xennet_back_hash_set_flags(struct xennet_back *b,
				    const uint32_t data[3], uint32_t *answer);
uint32_t xennet_back_hash_key(struct xennet_back *b, const uint32_t data[3],
			      uint32_t *answer);
uint32_t xennet_back_hash_get_size(struct xennet_back *b,
				   const uint32_t data[3], uint32_t *answer);
uint32_t xennet_back_hash_set_size(struct xennet_back *b,
				   const uint32_t data[3], uint32_t *answer);
uint32_t xennet_back_hash_mapping(struct xennet_back *b, const uint32_t data[3],
				  uint32_t *answer);

#endif
