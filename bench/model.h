/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * What a packet costs, as a sum of few costs.
 *
 * Two processors work in a pipeline, one for each end, so a packet takes what
 * the slower end takes. What an end does is counted (model_predict.c says how
 * often each thing happens to a packet), and each thing has a price, which is
 * measured here with nothing else around it. No price is fitted to the rates
 * that are then predicted.
 */
#ifndef MODEL_H
#define MODEL_H

#include "bench.h"
#include "link_rows.h"

/* In ns. */
enum model_cost {
	MODEL_GRANT,	 /* a page granted and revoked */
	MODEL_COPY_CALL, /* a copy: each call, */
	MODEL_COPY_OP,	 /* each operation, */
	MODEL_COPY_IN,	 /* each byte that comes from the guest, */
	MODEL_COPY_OUT,	 /* or goes to it */
	MODEL_MAP_CALL,	 /* neighbouring pages mapped, and unmapped */
	MODEL_MAP_PAGE,
	MODEL_UNMAP_CALL,
	MODEL_UNMAP_PAGE,
	MODEL_SHOOT, /* an unmap more, with a second processor in use */
	MODEL_EVENT_SEND,
	MODEL_EVENT_WAKE,  /* from the send to the one who slept */
	MODEL_LINE_PING,   /* a line there, waited for */
	MODEL_LINE_SMALL,  /* one of a stream of packets of 64 bytes, */
	MODEL_LINE_PACKET, /* of 1472, */
	MODEL_LINE_PAGE,   /* and of pages */
	MODEL_MEMCPY,	   /* a byte, in our own cache */
	MODEL_SUM,	   /* a byte read and added, likewise */
	MODEL_TX_FRONT,	   /* a packet of 64 bytes, all of it in our cache: */
	MODEL_TX_BACK,	   /* what the library does at each end */
	MODEL_RX_FRONT,
	MODEL_RX_BACK,
	MODEL_COSTS
};

struct model_prices {
	double ns[MODEL_COSTS];
	double far; /* a line from afar, in lines from nearby */
};

extern const char *const model_cost_names[MODEL_COSTS];

/* Each fills in its own. 0, or BENCH_FAILED: what is wrong has been said. */
int model_price_grants(struct model_prices *p, const struct bench_opts *o);
int model_price_ends(struct model_prices *p, const struct bench_opts *o);
int model_price_lines(struct model_prices *p);

/* The ratio of a line between sockets to one within; 0: there is one socket. */
double model_far_measured(void);

/* By far times as much for lines. */
struct model_ends {
	double front, back; /* ns per packet */
};

struct model_ends model_predict(const struct model_prices *p,
				const struct link_cell *c, double far);
static inline double model_slower(struct model_ends e)
{
	return e.front > e.back ? e.front : e.back;
}

/* Published numbers, and what the model makes of some of them out of others:
 * rows of the table. Then what was not found, to stdout. */
void model_study_rows(struct bench_table *t);
void model_study_notes(void);

#endif
