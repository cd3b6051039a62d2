/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Answers to the guest's requests, on the queue's ring or on a copy of it. */
#ifndef XENNET_BACK_ANSWER_H
#define XENNET_BACK_ANSWER_H

#include <xennet/back.h>

static inline void xennet_back_put_rsp(struct xennet_ring *r, uint16_t id,
				       int16_t status)
{
	struct xennet_tx_rsp rsp;

	rsp.id = id;
	rsp.status = status;
	xennet_tx_put_rsp(r, &rsp);
}

/* What a request at this index, with this id, is answered by: see xennet_back_respond. */
static inline uint16_t xennet_back_key(const struct xennet_back_tx *tx,
				       uint32_t index, uint16_t id)
{
	return tx->in_order ? (uint16_t)(index & (tx->ring.size - 1)) : id;
}

/*
 * Sequenced rings: the request in this place was not served. That is all that
 * is said in a slot; of the others the index says enough.
 */
void xennet_back_put_fault(struct xennet_ring *r, uint16_t place,
			   int16_t status);

/*
 * Answers a request. key is its id; or, where rings are sequenced, its place,
 * and the answer counts once all before it are answered.
 */
static inline void xennet_back_respond(struct xennet_back_tx *tx,
				       struct xennet_ring *r, uint16_t key,
				       int16_t status)
{
	if (!tx->in_order) {
		xennet_back_put_rsp(r, key, status);
		return;
	}
	if (status < 0)
		xennet_back_put_fault(r, key, status);
	tx->late[key] = 1;
	tx->nlate++;
}

/* Sequenced rings: the index goes over all that is answered. */
static inline void xennet_back_advance(struct xennet_back_tx *tx,
				       struct xennet_ring *r)
{
	uint32_t mask = r->size - 1;

	for (; tx->nlate && tx->late[r->prod & mask]; tx->nlate--)
		tx->late[r->prod++ & mask] = 0;
}

#endif
