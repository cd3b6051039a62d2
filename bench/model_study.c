/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Published numbers, and what the model says of some of them from others.
 *
 * None of the studies says what a grant copy, a map or a line cost on its host.
 * So the host's prices are taken from its own results for small packets, and
 * the model predicts those for large ones; from one host's results those of
 * another of the same make, by its clock; and from one queue those of several,
 * since queues share nothing. A number that served to find a price is not
 * predicted.
 */
#include <stdio.h>

#include "model.h"

/* "[RFC PATCH 00/13] Persistent grant maps for xen net drivers", Joao Martins,
 * xen-devel, 12 May 2015: E5-1650 v2 (host A, 3.5 GHz), E5-2697 v2 (host B, 2.7
 * GHz), Xen 4.5. Packets: Mpps of 64, 1496 and 65535 bytes, pktgen. */
static const struct packets {
	const char *name;
	bool rx, persistent;
	double mpps[3];
} packets[] = {
	{ "2015 A tx map", false, false, { 1.24, 0.518, 0.0664 } },
	{ "2015 A tx pers.", false, true, { 1.82, 1.48, 0.2051 } },
	{ "2015 A rx copy", true, false, { 1.33, 1.03, 0.0525 } },
	{ "2015 A rx pers.", true, true, { 2.78, 1.66, 0.0978 } },
};

/* The same: iperf, one queue, Gbit/s: host A, host B. */
static const struct bulk {
	const char *name;
	double a, b;
} bulk[] = {
	{ "2015 B tx map 1q", 14.5, 10.5 },
	{ "2015 B tx pers. 1q", 21.6, 15.9 },
	{ "2015 B rx copy 1q", 20.9, 15.1 },
	{ "2015 B rx pers. 1q", 17.8, 13.3 },
	{ "2015 B guests 1q", 12.4, 12.5 },
	{ "2015 B guests pers. 1q", 18.9, 14.5 },
};

#define CLOCK_A 3.5
#define CLOCK_B 2.7

/* "Staging grants for network I/O requests", revision 4, Joao Martins, 2017
 * (xen.git, docs/misc/netif-staging-grants.pandoc): E5-2630 v4, 64-byte UDP,
 * Mpps with 1 and with 4 queues. */
static const struct queues {
	const char *name;
	double one, four;
} queues[] = {
	{ "2017 tx before 4q", 0.684, 1.89 },
	{ "2017 rx before 4q", 0.439, 1.39 },
	{ "2017 tx staged 4q", 2.49, 8.8 },
	{ "2017 rx staged 4q", 2.96, 9.92 },
};

static void row(struct bench_table *t, const char *name, const char *unit,
		double published, double model)
{
	bench_table_text(t, "study");
	bench_table_text(t, name);
	bench_table_text(t, unit);
	bench_table_number(t, published);
	bench_table_number(t, model);
	bench_table_number(t, 100 * (model / published - 1));
	bench_table_number(t, (double)NAN);
	bench_table_text(t, "-");
	bench_table_text(t, "-");
}

/*
 * The time of 64 bytes is a packet's; what 1496 bytes take more is, where pages
 * are mapped, a map of one page (nobody reads it), else bytes. A packet of 65535
 * bytes has 16 pages beside its first 128 bytes, or the bytes.
 */
static double predict_bulk(const struct packets *s)
{
	double small = 1 / s->mpps[0], large = 1 / s->mpps[1];
	double more = large - small;

	if (!s->rx && !s->persistent)
		return 1 / (small + 16 * more);
	return 1 / (small + (65535 - 64) * more / (1496 - 64));
}

void model_study_rows(struct bench_table *t)
{
	char name[32];
	unsigned i;

	for (i = 0; i < BENCH_COUNT(packets); i++) {
		snprintf(name, sizeof(name), "%s bulk", packets[i].name);
		row(t, name, "Mpps", packets[i].mpps[2],
		    predict_bulk(&packets[i]));
	}
	for (i = 0; i < 2; i++)
		row(t, i ? "2015 A rx gain bulk" : "2015 A tx gain bulk", "x",
		    packets[2 * i + 1].mpps[2] / packets[2 * i].mpps[2],
		    predict_bulk(&packets[2 * i + 1]) /
			    predict_bulk(&packets[2 * i]));
	for (i = 0; i < BENCH_COUNT(bulk); i++)
		row(t, bulk[i].name, "Gbit/s", bulk[i].b,
		    bulk[i].a * CLOCK_B / CLOCK_A);
	for (i = 0; i < BENCH_COUNT(queues); i++)
		row(t, queues[i].name, "Mpps", queues[i].four,
		    4 * queues[i].one);
}

/* What a map of a page costs there, in bytes copied. */
static double map_in_bytes(void)
{
	double map = 1 / packets[0].mpps[1] - 1 / packets[0].mpps[0];
	double copy = 1 / packets[2].mpps[1] - 1 / packets[2].mpps[0];

	return map / (copy / (1496 - 64));
}

void model_study_notes(void)
{
	printf("\nstudies\n"
	       "  2015: \"[RFC PATCH 00/13] Persistent grant maps for xen net "
	       "drivers\", J. Martins,\n"
	       "    xen-devel, 12 May 2015. Bulk packets from its 64 and 1496 "
	       "bytes; host B from\n"
	       "    host A by their clocks, 2.7 and 3.5 GHz.\n"
	       "  2017: \"Staging grants for network I/O requests\", rev. 4, "
	       "J. Martins. 4 queues from 1.\n"
	       "  Copy against map: by the prices of 2015 a map of a page "
	       "costs "
	       "on host A what a\n"
	       "    copy of %.0f bytes does: no single page is worth it. Of "
	       "the studies of that\n"
	       "    question, Santos et al., \"Bridging the gap between "
	       "software and hardware\n"
	       "    techniques for I/O virtualization\" (USENIX 2008), and "
	       "Menon et al., \"Optimizing\n"
	       "    network virtualization in Xen\" (USENIX 2006), only the "
	       "abstracts could be had:\n"
	       "    56 %% less on reception, 4.4 times the transmission, by "
	       "all that they did\n"
	       "    together. From that nothing can be predicted, and nothing "
	       "is.\n",
	       map_in_bytes());
}
