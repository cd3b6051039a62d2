/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#include "back_hash.h"

#include <xennet/batch.h>

#include "internal.h"

XENNET_COLD bool xennet_back_hash_open(struct xennet_back *b)
{
	const struct xennet_platform *p = &b->config.platform;

	if (!b->hash)
		b->hash = (struct xennet_hash *)p->ops->alloc(p->ctx,
							      sizeof(*b->hash));
	return b->hash != NULL;
}

XENNET_COLD void xennet_back_hash_close(struct xennet_back *b)
{
	const struct xennet_platform *p = &b->config.platform;

	if (b->hash)
		p->ops->free(p->ctx, b->hash, sizeof(*b->hash));
	b->hash = NULL;
}

/* The queues send hashes of these types from now on. */
static void tell_queues(struct xennet_back *b)
{
	bool on = b->hash->algorithm != XENNET_HASH_NONE;
	unsigned i;

	for (i = 0; i < b->nqueues; i++)
		b->queue[i].rx.hash_types = on ? b->hash->types : 0;
}

/* The first len bytes of a page of the frontend's, which it may be writing. */
static bool fetch(struct xennet_back *b, uint32_t gref, void *to, uint32_t len)
{
	struct xennet_copy_end src = { 0 }, dst = { 0 };
	struct xennet_copy_op op[2];
	unsigned n;

	/* reserved references are granted to others than a backend (G8) */
	if (gref < XENNET_GREF_FIRST)
		return false;
	src.gref = gref;
	src.domid = b->config.peer;
	dst.addr = to;
	n = xennet_copy_split(op, 2, &src, &dst, len);
	return xennet_copy_run(&b->config.platform, op, n) == 0;
}

XENNET_COLD uint32_t xennet_back_hash_algorithm(struct xennet_back *b,
						const uint32_t data[3],
						uint32_t *answer)
{
	(void)answer;
	if (data[0] != XENNET_HASH_NONE && data[0] != XENNET_HASH_TOEPLITZ)
		return XENNET_CTRL_INVALID_PARAMETER;
	b->hash->algorithm = data[0];
	tell_queues(b);
	return XENNET_CTRL_SUCCESS;
}

XENNET_COLD uint32_t xennet_back_hash_get_flags(struct xennet_back *b,
						const uint32_t data[3],
						uint32_t *answer)
{
	(void)data;
	if (b->hash->algorithm == XENNET_HASH_NONE)
		return XENNET_CTRL_NOT_SUPPORTED;
	*answer = XENNET_HASH_ALL;
	return XENNET_CTRL_SUCCESS;
}

XENNET_COLD uint32_t xennet_back_hash_set_flags(struct xennet_back *b,
						const uint32_t data[3],
						uint32_t *answer)
{
	(void)answer;
	if (b->hash->algorithm == XENNET_HASH_NONE ||
	    data[0] & ~XENNET_HASH_ALL)
		return XENNET_CTRL_INVALID_PARAMETER;
	b->hash->types = data[0];
	tell_queues(b);
	return XENNET_CTRL_SUCCESS;
}

XENNET_COLD uint32_t xennet_back_hash_key(struct xennet_back *b,
					  const uint32_t data[3],
					  uint32_t *answer)
{
	uint8_t key[XENNET_HASH_KEY];
	uint32_t len = data[1];

	(void)answer;
	if (len > sizeof(key))
		return XENNET_CTRL_BUFFER_OVERFLOW;
	if (len && !fetch(b, data[0], key, len))
		return XENNET_CTRL_INVALID_PARAMETER;
	xennet_hash_set_key(b->hash, key, len);
	return XENNET_CTRL_SUCCESS;
}

XENNET_COLD uint32_t xennet_back_hash_get_size(struct xennet_back *b,
					       const uint32_t data[3],
					       uint32_t *answer)
{
	(void)b, (void)data;
	*answer = XENNET_HASH_MAPPING;
	return XENNET_CTRL_SUCCESS;
}

XENNET_COLD uint32_t xennet_back_hash_set_size(struct xennet_back *b,
					       const uint32_t data[3],
					       uint32_t *answer)
{
	(void)answer;
	if (data[0] > XENNET_HASH_MAPPING)
		return XENNET_CTRL_INVALID_PARAMETER;
	b->hash->size = data[0];
	memset(b->hash->mapping, 0, sizeof(b->hash->mapping));
	return XENNET_CTRL_SUCCESS;
}

XENNET_COLD uint32_t xennet_back_hash_mapping(struct xennet_back *b,
					      const uint32_t data[3],
					      uint32_t *answer)
{
	uint32_t entry[XENNET_HASH_MAPPING], n = data[1], at = data[2], i;

	(void)answer;
	if (n > XENNET_HASH_MAPPING)
		return XENNET_CTRL_BUFFER_OVERFLOW;
	/* neither sum nor difference wraps (XSA-270) */
	if (n > b->hash->size || at > b->hash->size - n)
		return XENNET_CTRL_INVALID_PARAMETER;
	if (n && !fetch(b, data[0], entry, n * (uint32_t)sizeof(entry[0])))
		return XENNET_CTRL_INVALID_PARAMETER;
	for (i = 0; i < n; i++)
		if (entry[i] >= b->nqueues)
			return XENNET_CTRL_INVALID_PARAMETER;
	for (i = 0; i < n; i++)
		b->hash->mapping[at + i] = (uint8_t)entry[i];
	return XENNET_CTRL_SUCCESS;
}

unsigned xennet_back_select_queue(const struct xennet_back *b,
				  struct xennet_pkt *pkt)
{
	if (!b->hash || b->hash->algorithm == XENNET_HASH_NONE ||
	    !b->hash->types)
		return xennet_flow_queue(pkt, b->nqueues);
	xennet_hash_packet(b->hash, pkt);
	return xennet_hash_queue(b->hash, pkt, b->nqueues);
}
