/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#include <dirent.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "scale.h"

#define GUEST "memfd:xennet-guest"

static unsigned count_fds(void)
{
	DIR *d = opendir("/proc/self/fd");
	unsigned n = 0;

	if (!d)
		return 0;
	while (readdir(d))
		n++;
	closedir(d);
	return n - 3; /* . and .. and d */
}

/* A mapping begins with its addresses, in lower-case hexadecimal. */
static bool is_mapping(const char *line)
{
	size_t n = strspn(line, "0123456789abcdef");

	return n && line[n] == '-';
}

void scale_memory_look(struct scale_memory *m)
{
	FILE *f = fopen("/proc/self/smaps", "r");
	bool guest = false;
	char line[512];
	unsigned kib;

	memset(m, 0, sizeof(*m));
	m->fds = count_fds();
	while (f && fgets(line, sizeof(line), f)) {
		if (is_mapping(line)) {
			guest = strstr(line, GUEST);
			m->maps++;
		} else if (sscanf(line, "Rss: %u", &kib) == 1 && guest) {
			m->guests += kib;
		} else if (sscanf(line, "Anonymous: %u", &kib) == 1 && !guest) {
			m->own += kib;
		}
	}
	if (f)
		fclose(f);
}

/* What is whole pages holds packets: heads and pages to copy to. */
static _Atomic uint64_t tables, buffers;
static const struct xennet_ops *real;

static void count(size_t size, int64_t sign)
{
	atomic_fetch_add(size % XENNET_PAGE ? &tables : &buffers,
			 (uint64_t)(sign * (int64_t)size));
}

static void *count_alloc(void *ctx, size_t size)
{
	void *p = real->alloc(ctx, size);

	if (p)
		count(size, 1);
	return p;
}

static void count_free(void *ctx, void *p, size_t size)
{
	if (p)
		count(size, -1);
	real->free(ctx, p, size);
}

struct xennet_platform scale_counting(const struct xennet_platform *p)
{
	static struct xennet_ops ops;

	real = p->ops;
	ops = *real;
	ops.alloc = count_alloc;
	ops.free = count_free;
	return (struct xennet_platform){ &ops, p->ctx };
}

struct scale_asked scale_asked(void)
{
	return (struct scale_asked){ (double)tables / 1024,
				     (double)buffers / 1024 };
}
