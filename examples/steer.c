/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#include "steer.h"

#include <string.h>
#include <xennet/csum.h>

bool steer_asked(const struct xennet_back *b)
{
	return b && b->hash && b->hash->algorithm != XENNET_HASH_NONE &&
	       b->hash->types;
}

static void swap(unsigned char *p, unsigned n)
{
	unsigned char first[16];

	memcpy(first, p, n);
	memcpy(p, p + n, n);
	memcpy(p + n, first, n);
}

unsigned steer_answer(const struct xennet_back *b, const struct xennet_pkt *pkt)
{
	unsigned char head[XENNET_HEAD];
	struct xennet_frag frag = { head, pkt->frag[0].len };
	struct xennet_pkt answer = *pkt;
	struct xennet_l4 l4;

	if (frag.len > sizeof(head))
		frag.len = sizeof(head);
	memcpy(head, pkt->frag[0].addr, frag.len);
	answer.frag = &frag;
	answer.nfrags = 1;
	if (xennet_csum_l4(&answer, &l4) == 0) {
		if (l4.version == 4)
			swap(head + l4.l3 + 12, 4);
		else
			swap(head + l4.l3 + 8, 16);
		if (l4.l4 + 4u <= frag.len)
			swap(head + l4.l4, 2);
	}
	return xennet_back_select_queue(b, &answer);
}
