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

static inline payload_lanes payload_look(const unsigned char *p)
{
	payload_lanes lanes;

	memcpy(&lanes, p, sizeof(lanes));
	return lanes;
}

/* n: a multiple of 8. The sum stays in registers: in memory it would cost more
 * than the bytes. */
static inline void payload_words(struct payload_sum *s, const unsigned char *p,
				 size_t n)
{
	payload_lanes sum = s->lanes;
	uint64_t last;

	for (; n >= 64; n -= 64, p += 64)
		sum += (payload_look(p) + payload_look(p + 16)) +
		       (payload_look(p + 32) + payload_look(p + 48));
	s->lanes = sum;
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
