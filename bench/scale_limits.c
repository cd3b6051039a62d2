/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * What one process may have, and how many vifs that is. The local platform
 * takes, in the backend's process: two descriptors for each guest (its socket,
 * its memory) and two for each event channel; two mappings for each guest (its
 * memory, its use counts), none for a ring, and one for each page that is kept
 * mapped, of which it makes no more than half of those that there may be.
 */
#include <stdio.h>
#include <sys/resource.h>

#include "scale.h"

#define SPARE_FDS 64u
#define MEMORY_PART 0.6

/* Who has to do with one event channel per queue has no control ring. */
static unsigned per_vif(const struct scale_shape *s, unsigned guest)
{
	unsigned control = s->channels > 1;

	return guest + 2 * (s->channels * s->queues + control);
}

unsigned scale_back_fds(const struct scale_shape *s)
{
	return SPARE_FDS + s->vifs * per_vif(s, 2);
}

/* A guest's own: its memory, its socket and two to be polled. */
unsigned scale_front_fds(const struct scale_shape *s)
{
	return SPARE_FDS +
	       (s->vifs + s->fronts - 1) / s->fronts * per_vif(s, 4);
}

/* Two rings and two pools of 256 pages for each queue, and the grant table. */
unsigned scale_guest_pages(const struct scale_shape *s)
{
	unsigned pages = s->queues * 514 + 8;

	return pages + pages / 512 + 1;
}

static double read_number(const char *path, const char *format)
{
	FILE *f = fopen(path, "r");
	char line[128];
	unsigned long n = 0;

	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, format, &n) == 1)
			break;
	if (f)
		fclose(f);
	return (double)n;
}

/* As far as we are let. */
static unsigned raise_fds(void)
{
	struct rlimit r;

	if (getrlimit(RLIMIT_NOFILE, &r))
		return 0;
	r.rlim_cur = r.rlim_max;
	setrlimit(RLIMIT_NOFILE, &r);
	getrlimit(RLIMIT_NOFILE, &r);
	return (unsigned)r.rlim_cur;
}

void scale_limits_look(struct scale_limits *l)
{
	struct scale_shape s = { SCALE_VIFS_MAX, 1, 2, 1, XENNET_PERSISTENT };

	l->fds = raise_fds();
	l->maps = (unsigned)read_number("/proc/sys/vm/max_map_count", "%lu");
	l->memory = read_number("/proc/meminfo", "MemAvailable: %lu");
	/* one way for all rows, the one that the most vifs fit */
	l->channels = scale_back_fds(&s) <= l->fds ? 2 : 1;
}

/* Both ends' tables and heads, rings, and a few pages that packets touch. */
static double memory_of(const struct scale_shape *s)
{
	return (double)s->vifs * (64 + 200.0 * s->queues);
}

const char *scale_limits_meet(const struct scale_limits *l,
			      struct scale_shape *s)
{
	s->channels = l->channels;
	if (scale_back_fds(s) > l->fds)
		return "RLIMIT_NOFILE";
	if (memory_of(s) > MEMORY_PART * l->memory)
		return "memory";
	if (s->vifs * 2 > l->maps / 2)
		return "vm.max_map_count";
	for (s->fronts = 1; s->fronts <= SCALE_FRONTS_MAX; s->fronts++)
		if (scale_front_fds(s) <= l->fds)
			return NULL;
	return "RLIMIT_NOFILE";
}

void scale_limits_print(const struct scale_limits *l)
{
	struct scale_shape s = { SCALE_VIFS_MAX, 1, 2, 1, XENNET_PERSISTENT };
	unsigned all = scale_back_fds(&s);

	s.channels = 1;
	printf("\nlimits of one process, and %u vifs of one queue\n"
	       "  RLIMIT_NOFILE     %6u  they take %u descriptors, with one "
	       "event channel a queue\n"
	       "                            and no control ring, instead of "
	       "two "
	       "and one %u: so\n"
	       "                            it is the %s here\n",
	       SCALE_VIFS_MAX, l->fds, scale_back_fds(&s), all,
	       l->channels == 2 ? "latter" : "former");
	printf("  vm.max_map_count  %6u  they take %u mappings and at most %u "
	       "for pages kept\n"
	       "                            mapped; the rings of one would be "
	       "%u more\n",
	       l->maps, SCALE_VIFS_MAX * 2, l->maps / 2, SCALE_VIFS_MAX * 2);
	printf("  memory, MiB       %6.0f  both ends of 4096 x 8 queues would "
	       "take some %.0f\n",
	       l->memory / 1024,
	       memory_of(&(struct scale_shape){ .vifs = 4096, .queues = 8 }) /
		       1024);
}
