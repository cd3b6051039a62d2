/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Where packets of a `source` end: read, added up, found to be the next. */
#ifndef SINK_H
#define SINK_H

#include <stdio.h>
#include <stdlib.h>

#include "pair.h"
#include "payload.h"
#include "source.h"

struct sink {
	struct payload_sum sum;
	struct meter meter;
	uint64_t received;
};

static inline __attribute__((noreturn, cold)) void
sink_refuse(const struct sink *s, uint64_t number, size_t len)
{
	fprintf(stderr,
		"xennet-bench: packet %llu came as number %llu, of %zu bytes\n",
		(unsigned long long)s->received - 1, (unsigned long long)number,
		len);
	_Exit(1);
}

/* The first piece of a packet, which has the number. */
static inline void sink_begin(struct sink *s, const unsigned char *data,
			      size_t len)
{
	uint64_t number;

	memcpy(&number, data + SOURCE_NUMBER, sizeof(number));
	if (XENNET_UNLIKELY(number != s->received++))
		sink_refuse(s, number, len);
	s->sum.at = 0;
	payload_add(&s->sum, data, len);
}

static inline void sink_more(struct sink *s, const unsigned char *data,
			     size_t len)
{
	payload_add(&s->sum, data, len);
}

static inline void sink_end(const struct sink *s, struct pair *p)
{
	p->meter = s->meter;
	p->received = s->received;
	p->received_sum = payload_total(&s->sum);
}

/* The producer's last words. */
static inline void source_end(const struct source *s, struct pair *p)
{
	p->sent = s->number;
	p->sent_sum = s->sum;
	xennet_store_release(&p->done, 1);
}

#endif
