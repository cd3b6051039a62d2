/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench.h"

#define VIF 900u /* nobody's, on most hosts */
#define VIF_MAX 65534u

static const struct option options[] = {
	{ "quick", no_argument, NULL, 'q' },
	{ "full", no_argument, NULL, 'f' },
	{ "reps", required_argument, NULL, 'r' },
	{ "json", required_argument, NULL, 'j' },
	{ "plot", required_argument, NULL, 's' },
	{ "pcap", required_argument, NULL, 'p' },
	{ "platform", required_argument, NULL, 'P' },
	{ "vif", required_argument, NULL, 'v' },
	{ NULL, 0, NULL, 0 }
};

static int refuse(const struct bench_opts *o, const char *what,
		  const char *value)
{
	fprintf(stderr, "xennet-bench %s: %s%s%s%s\n", o->verb, what,
		value ? " '" : "", value ? value : "", value ? "'" : "");
	return BENCH_USAGE;
}

static int parse_reps(struct bench_opts *o, const char *text)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	if (*text < '0' || *text > '9' || *end || n < 1 || n > BENCH_REPS_MAX)
		return refuse(o, "--reps takes a number from 1 to 101, not",
			      text);
	o->reps = (unsigned)n;
	return 0;
}

static int parse_platform(struct bench_opts *o, const char *text)
{
	o->xen = strcmp(text, "xen") == 0;
	if (!o->xen && strcmp(text, "local") != 0)
		return refuse(o, "--platform is local or xen, not", text);
	if (strcmp(o->verb, "link") != 0 && strcmp(o->verb, "grants") != 0)
		return refuse(o, "uses no platform", NULL);
	return 0;
}

static int parse_vif(struct bench_opts *o, const char *text)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	if (*text < '0' || *text > '9' || *end || n > VIF_MAX)
		return refuse(o, "--vif takes a number up to 65534, not", text);
	o->vif = (unsigned)n;
	return 0;
}

/* What the option is about. 0, or the exit status. */
static int parse_value(struct bench_opts *o, int c, const char *text)
{
	if (c == 'r')
		return parse_reps(o, text);
	if (c == 'P')
		return parse_platform(o, text);
	return parse_vif(o, text);
}

/* Now, and not after a minute of measuring. */
static int check_writable(const struct bench_opts *o, const char *path)
{
	FILE *f = path ? fopen(path, "a") : NULL;

	if (path && !f)
		return refuse(o, "cannot write to", path);
	if (f)
		fclose(f);
	return 0;
}

/* argv[0] is the subcommand. */
int bench_opts_parse(struct bench_opts *o, int argc, char **argv)
{
	bool quick = false;
	int c;

	memset(o, 0, sizeof(*o));
	o->verb = argv[0];
	o->vif = VIF;
	opterr = 0;
	while ((c = getopt_long(argc, argv, ":", options, NULL)) != -1) {
		if (c == 'q')
			quick = true;
		else if (c == 'f')
			o->full = true;
		else if (c == 'j')
			o->json = optarg;
		else if (c == 's')
			o->plot = optarg;
		else if (c == 'p')
			o->pcap = optarg;
		else if (c == ':')
			return refuse(o, "a value is missing after",
				      argv[optind - 1]);
		else if (!strchr("rPv", c))
			return refuse(o, "no such option:", argv[optind - 1]);
		else if (parse_value(o, c, optarg))
			return BENCH_USAGE;
	}
	if (optind < argc)
		return refuse(o, "unexpected argument", argv[optind]);
	if (quick && o->full)
		return refuse(o, "--quick and --full exclude each other", NULL);
	if (o->pcap && strcmp(o->verb, "link") != 0)
		return refuse(o, "--pcap belongs to link", NULL);
	if (o->pcap && o->plot)
		return refuse(o, "--pcap and --plot exclude each other", NULL);
	if (check_writable(o, o->json) || check_writable(o, o->plot))
		return BENCH_USAGE;
	return 0;
}
