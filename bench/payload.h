/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * The work on every payload, the same in every measurement: its consumer reads
 * each byte once and adds it up as 64-bit words, in the order of the packet
 * whatever its fragments are. The sum is also the check.
 */
#ifndef PAYLOAD_H
#define PAYLOAD_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef uint64_t payload_lanes __attribute__((vector_size(16)));

/* Add up in lanes; see payload_total. */
struct payload_sum {
	payload_lanes lanes;
	uint64_t bytes; /* those outside whole words */
	size_t at;	/* bytes of this packet so far */
};

/* n: a multiple of 8. */
static inline void payload_words(struct payload_sum *s, const unsigned char *p,
				 size_t n)
{
	payload_lanes word[4];
	uint64_t last;

	for (; n >= sizeof(word); n -= sizeof(word), p += sizeof(word)) {
		memcpy(word, p, sizeof(word));
		s->lanes += (word[0] + word[1]) + (word[2] + word[3]);
	}
	for (; n; n -= sizeof(last), p += sizeof(last)) {
		memcpy(&last, p, sizeof(last));
		s->bytes += last;
	}
}

static inline void payload_byte(struct payload_sum *s, unsigned char byte)
{
	s->bytes += (uint64_t)byte << (s->at++ % 8 * 8);
}

/* The next n bytes of the packet. Set at to 0 before its first. */
static inline void payload_add(struct payload_sum *s, const void *data,
			       size_t n)
{
	const unsigned char *p = (const unsigned char *)data;
	size_t whole;

	for (; n && s->at % 8; n--)
		payload_byte(s, *p++);
	whole = n & ~(size_t)7;
	payload_words(s, p, whole);
	s->at += whole;
	for (p += whole, n -= whole; n; n--)
		payload_byte(s, *p++);
}

static inline uint64_t payload_total(const struct payload_sum *s)
{
	return s->lanes[0] + s->lanes[1] + s->bytes;
}

/* memcpy, without a call for the most common of small packets: what the
 * library does, so that no other way of packets has to go without. */
static inline void payload_copy(void *to, const void *from, size_t n)
{
	unsigned char low[32], high[32];

	if (n - 32 > 32) {
		memcpy(to, from, n);
		return;
	}
	memcpy(low, from, 32);
	memcpy(high, (const unsigned char *)from + n - 32, 32);
	memcpy(to, low, 32);
	memcpy((unsigned char *)to + n - 32, high, 32);
}

/* Bytes that differ from packet to packet. */
static inline void payload_fill(void *data, size_t n, uint64_t seed)
{
	unsigned char *p = (unsigned char *)data;
	uint64_t x = seed * 2 + 1;

	while (n--) {
		x = x * 6364136223846793005u + 1442695040888963407u;
		*p++ = (unsigned char)(x >> 56);
	}
}

#endif
