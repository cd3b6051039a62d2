/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* What is fair, and how fair something was. */
#ifndef FAIRNESS_SHARE_H
#define FAIRNESS_SHARE_H

/*
 * The max-min fair division of one among n: who demands less than an equal
 * part gets what he demands, and what is left is divided among the others in
 * the same way. demand: INFINITY for everything.
 */
void max_min_shares(const double *demand, double *share, unsigned n);

/* Jain's index: (sum of x)^2 / (n * sum of x^2); 1 when all are equal, 1/n
 * when one has everything. NAN when nobody has anything. */
double jain_index(const double *x, unsigned n);

#endif
