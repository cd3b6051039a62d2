/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#include "fairness_share.h"

#include <math.h>

/* The equal part of what those leave who demand less than `level`. */
static double next_level(const double *demand, unsigned n, double level)
{
	double left = 1;
	unsigned others = 0, i;

	for (i = 0; i < n; i++) {
		if (demand[i] < level)
			left -= demand[i];
		else
			others++;
	}
	return others ? left / others : (double)INFINITY;
}

/* The level only rises, and each time somebody more is below it. */
void max_min_shares(const double *demand, double *share, unsigned n)
{
	double level = 1.0 / n;
	unsigned i;

	for (i = 0; i < n; i++)
		level = next_level(demand, n, level);
	for (i = 0; i < n; i++)
		share[i] = demand[i] < level ? demand[i] : level;
}

double jain_index(const double *x, unsigned n)
{
	double sum = 0, squares = 0;
	unsigned i;

	for (i = 0; i < n; i++) {
		sum += x[i];
		squares += x[i] * x[i];
	}
	return sum * sum / (n * squares);
}
