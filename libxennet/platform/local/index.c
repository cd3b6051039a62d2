/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * A hash table of links within things, so that the time to find one of
 * thousands of vifs is that to find one of a few. When there is no memory to
 * grow it, it is slower and nothing else.
 */
#include "internal.h"

#include <stdlib.h>

#define BUCKETS_MIN 64u

uint32_t xennet_local_hash(uint32_t hash, const void *data, size_t n)
{
	const unsigned char *p = data;

	while (n--)
		hash = (hash ^ *p++) * 16777619u;
	return hash;
}

static void grow(struct index *x)
{
	uint32_t n = x->bucket ? 2 * (x->mask + 1) : BUCKETS_MIN;
	struct link **bucket = calloc(n, sizeof(struct link *)), *l, *next;

	if (!bucket)
		return;
	for (uint32_t i = 0; x->bucket && i <= x->mask; i++) {
		for (l = x->bucket[i]; l; l = next) {
			next = l->next;
			l->next = bucket[l->hash & (n - 1)];
			bucket[l->hash & (n - 1)] = l;
		}
	}
	free(x->bucket);
	x->bucket = bucket;
	x->mask = n - 1;
}

int xennet_local_index_add(struct index *x, struct link *l, uint32_t hash)
{
	if (!x->bucket || x->n > x->mask)
		grow(x);
	if (!x->bucket)
		return -XENNET_ENOMEM;
	l->hash = hash;
	l->next = x->bucket[hash & x->mask];
	x->bucket[hash & x->mask] = l;
	x->n++;
	return 0;
}

void xennet_local_index_remove(struct index *x, struct link *l)
{
	struct link **at = &x->bucket[l->hash & x->mask];

	while (*at != l)
		at = &(*at)->next;
	*at = l->next;
	x->n--;
}

static struct link *same(struct link *l, uint32_t hash)
{
	while (l && l->hash != hash)
		l = l->next;
	return l;
}

struct link *xennet_local_index_first(const struct index *x, uint32_t hash)
{
	return x->bucket ? same(x->bucket[hash & x->mask], hash) : NULL;
}

struct link *xennet_local_index_next(const struct link *l)
{
	return same(l->next, l->hash);
}

void xennet_local_index_free(struct index *x)
{
	free(x->bucket);
	memset(x, 0, sizeof(*x));
}
