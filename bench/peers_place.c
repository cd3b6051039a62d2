/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "peers.h"

#define HUGE "/sys/kernel/mm/hugepages/hugepages-2048kB/"
#define HUGE_PAGES 160ul /* of 2 MiB: 128 MiB for either end, and some */

static unsigned long read_number(const char *path)
{
	FILE *f = fopen(path, "r");
	unsigned long n = 0;

	if (!f)
		return 0;
	if (fscanf(f, "%lu", &n) != 1)
		n = 0;
	fclose(f);
	return n;
}

static void write_number(const char *path, unsigned long n)
{
	FILE *f = fopen(path, "w");

	if (!f)
		return;
	fprintf(f, "%lu\n", n);
	fclose(f);
}

/* As many as are wanted, if we may; what others have stays theirs. */
static void huge_begin(struct peers_place *p)
{
	unsigned long spare = read_number(HUGE "free_hugepages");

	p->huge_before = read_number(HUGE "nr_hugepages");
	if (spare < HUGE_PAGES)
		write_number(HUGE "nr_hugepages",
			     p->huge_before + HUGE_PAGES - spare);
	p->huge = read_number(HUGE "free_hugepages") >= HUGE_PAGES;
}

static void huge_end(const struct peers_place *p)
{
	if (read_number(HUGE "nr_hugepages") != p->huge_before)
		write_number(HUGE "nr_hugepages", p->huge_before);
}

/* Beside this program. */
static void find_own(char *path, size_t room)
{
	char self[128];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	path[0] = 0;
	if (n <= 0)
		return;
	self[n] = 0;
	if ((size_t)snprintf(path, room, "%s/xennet-bench-dpdk",
			     dirname(self)) >= room ||
	    access(path, X_OK))
		path[0] = 0;
}

static void find_in_path(char *path, size_t room, const char *name)
{
	const char *dirs = getenv("PATH");

	for (; dirs && *dirs;
	     dirs += strcspn(dirs, ":"), dirs += *dirs == ':') {
		int n = (int)strcspn(dirs, ":");

		if ((size_t)snprintf(path, room, "%.*s/%s", n, dirs, name) <
			    room &&
		    access(path, X_OK) == 0)
			return;
	}
	path[0] = 0;
}

int peers_place_begin(struct peers_place *p, const struct bench_opts *o)
{
	int err = site_begin(&p->site, o, 0);

	if (err)
		return err;
	find_own(p->dpdk, sizeof(p->dpdk));
	find_in_path(p->testpmd, sizeof(p->testpmd), "dpdk-testpmd");
	if (p->dpdk[0] || p->testpmd[0])
		huge_begin(p);
	return 0;
}

void peers_place_end(const struct peers_place *p)
{
	if (p->dpdk[0] || p->testpmd[0])
		huge_end(p);
	site_end(&p->site);
}
