/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#include <stdio.h>
#include <string.h>

#include "bench.h"

static const struct verb {
	const char *name, *what;
	int (*run)(const struct bench_opts *o);
} verbs[] = {
	{ "link", "packets between two processes, by grant strategy",
	  bench_link },
	{ "ring", "rings alone, against Xen's own macros and a bare stream",
	  bench_ring },
	{ "layouts", "the layout of the rings alone, by burst", bench_layouts },
	{ "grants", "copy, map, page flip and memcpy by size: where each wins",
	  bench_grants },
	{ "tree", "persistent grants: the tree against others", bench_tree },
	{ "fairness", "who gets how much when vifs want more than there is",
	  bench_fairness },
	{ "latency",
	  "how long one packet takes, and what its notification costs",
	  bench_latency },
	{ "scale", "many queues and vifs: rate, memory, idle ones, connecting",
	  bench_scale },
	{ "peers", "the library beside ring.h, DPDK, other rings, sockets",
	  bench_peers },
	{ "model", "what a packet costs: prices, predictions, 100 Gbit/s",
	  bench_model },
};

static void usage(FILE *to)
{
	size_t i;

	fprintf(to, "usage: xennet-bench SUBCOMMAND [OPTIONS]\n");
	for (i = 0; i < BENCH_COUNT(verbs); i++)
		fprintf(to, "  %-8s %s\n", verbs[i].name, verbs[i].what);
	fprintf(to,
		"options\n"
		"  --quick      a selection, in less than a minute (default)\n"
		"  --full       every combination\n"
		"  --reps N     repetitions of each row (1 to 101)\n"
		"  --json FILE  also write the rows as JSON\n"
		"  --plot FILE  also draw them, as SVG; wants gnuplot\n"
		"  --pcap FILE  link: replay a capture both ways and "
		"compare\n"
		"  --platform P link, grants: local (default), or xen with "
		"this "
		"domain as both\n"
		"               ends\n"
		"  --vif N      on xen: the number of the first of two vifs "
		"(900)\n");
}

static bool asks_for_help(char **argv)
{
	while (*++argv)
		if (strcmp(*argv, "--help") == 0 || strcmp(*argv, "-h") == 0)
			return true;
	return false;
}

int main(int argc, char **argv)
{
	struct bench_opts o;
	size_t i;
	int err;

	if (argc < 2) {
		fprintf(stderr, "xennet-bench: which subcommand? "
				"(--help lists them)\n");
		return BENCH_USAGE;
	}
	if (asks_for_help(argv)) {
		usage(stdout);
		return 0;
	}
	for (i = 0; i < BENCH_COUNT(verbs); i++)
		if (strcmp(argv[1], verbs[i].name) == 0)
			break;
	if (i == BENCH_COUNT(verbs)) {
		fprintf(stderr,
			"xennet-bench: no such subcommand: '%s' "
			"(--help lists them)\n",
			argv[1]);
		return BENCH_USAGE;
	}
	err = bench_opts_parse(&o, argc - 1, argv + 1);
	return err ? err : verbs[i].run(&o);
}
