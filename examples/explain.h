/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* What two ends agreed on, and why everything else is off: a line for each. */
#ifndef EXPLAIN_H
#define EXPLAIN_H

#include <xennet/xennet.h>

/* Of a connected vif, under this name. */
void explain_back(const char *vif, const struct xennet_back *b);
void explain_front(const char *vif, const struct xennet_front *f);

/* What the platform's operations cost, and what follows from it. */
void explain_costs(const struct xennet_costs *c);

#endif
