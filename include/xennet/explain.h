/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Of each feature, what either end said, what came of it, and why no more: what
 * a log is to say of a connection. Called by the control thread; does not
 * sleep. Before there is a connection it tells what is known so far.
 */
#ifndef XENNET_EXPLAIN_H
#define XENNET_EXPLAIN_H

#include <xennet/back.h>
#include <xennet/front.h>

enum { XENNET_FROM_GUEST = 1, XENNET_TO_GUEST = 2 };

struct xennet_explained {
	const char *feature;
	uint32_t offered; /* by the backend: 0 or 1, or how many */
	uint32_t asked;	  /* by the frontend */
	/* the ways it is in use, XENNET_FROM_GUEST | XENNET_TO_GUEST; or how
	 * many */
	uint32_t agreed;
	const char *why; /* it is not in use, or one way only; else NULL */
	/* what the ends do then, or NULL; of what is counted, its unit */
	const char *instead;
	bool counted;
};

typedef void xennet_explain_fn(void *arg, const struct xennet_explained *line);

#ifdef __cplusplus
extern "C" {
#endif

/* Calls line once for each feature, in an order that stays the same. */
void xennet_back_explain(const struct xennet_back *b, xennet_explain_fn *line,
			 void *arg);
void xennet_front_explain(const struct xennet_front *f, xennet_explain_fn *line,
			  void *arg);

#ifdef __cplusplus
}
#endif
#endif
