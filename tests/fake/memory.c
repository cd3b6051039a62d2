/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Memory: the heap of each domain, and pages that can be granted. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "machine.h"

#define MEMORY_SIZE ((size_t)FAKE_FRAMES * XENNET_PAGE)
#define WINDOW_SIZE ((size_t)FAKE_MAPS * XENNET_PAGE)

/* What freed memory reads as, where it can still be read. */
#define POISON 0xdb

static void die(const char *what)
{
	perror(what);
	abort();
}

static void *reserve(size_t size, int fd)
{
	void *p = mmap(NULL, size, PROT_NONE,
		       fd < 0 ? MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE
			      : MAP_SHARED | MAP_NORESERVE,
		       fd, 0);

	if (p == MAP_FAILED)
		die("mmap");
	return p;
}

static void *table(size_t n, size_t size)
{
	void *p = calloc(n, size);

	if (!p)
		die("calloc");
	return p;
}

void fake_open(struct fake *f)
{
	uint16_t d;

	memset(f, 0, sizeof(*f));
	f->memory = memfd_create("fake", MFD_CLOEXEC);
	if (f->memory < 0 || ftruncate(f->memory, (off_t)MEMORY_SIZE) < 0)
		die("memfd");
	f->frames = reserve(MEMORY_SIZE, f->memory);
	f->window = reserve(WINDOW_SIZE, -1);
	f->frame = table(FAKE_FRAMES, sizeof(*f->frame));
	f->map = table(FAKE_MAPS, sizeof(*f->map));
	for (d = 0; d < FAKE_DOMAINS; d++) {
		f->domain[d].fake = f;
		f->domain[d].id = d;
		f->domain[d].grant_hint = XENNET_GREF_FIRST;
		f->domain[d].grant =
			table(FAKE_GRANTS, sizeof(struct fake_grant));
	}
}

void fake_close(struct fake *f)
{
	uint16_t d;

	while (f->nallocs > 0)
		free(f->alloc[--f->nallocs].p);
	for (d = 0; d < FAKE_DOMAINS; d++)
		free(f->domain[d].grant);
	fake_store_free(f);
	free(f->map);
	free(f->frame);
	munmap(f->window, WINDOW_SIZE);
	munmap(f->frames, MEMORY_SIZE);
	close(f->memory);
}

void *fake_op_alloc(void *ctx, size_t size)
{
	struct fake *f = fake_of(ctx);
	size_t align =
		size % XENNET_PAGE == 0 ? XENNET_PAGE : XENNET_CACHE_LINE;
	void *p;

	if (fake_sleeping(f, FAKE_ALLOC))
		return NULL;
	if (f->nallocs == FAKE_ALLOCS || posix_memalign(&p, align, size))
		die("alloc");
	memset(p, 0, size);
	f->alloc[f->nallocs++] =
		(struct fake_alloc){ p, size, fake_domid(ctx) };
	return p;
}

void fake_op_free(void *ctx, void *p, size_t size)
{
	struct fake *f = fake_of(ctx);
	unsigned i;

	fake_sleeping(f, FAKE_FREE);
	for (i = 0; i < f->nallocs; i++)
		if (f->alloc[i].p == p)
			break;
	if (i == f->nallocs || f->alloc[i].owner != fake_domid(ctx)) {
		fake_misuse(f, "free of what was not allocated");
		return;
	}
	if (f->alloc[i].size != size)
		fake_misuse(f, "free of %zu bytes that were %zu", size,
			    f->alloc[i].size);
	memset(p, POISON, f->alloc[i].size);
	free(p);
	f->alloc[i] = f->alloc[--f->nallocs];
}

unsigned char *fake_frame_addr(const struct fake *f, uint32_t frame)
{
	return f->frames + (size_t)frame * XENNET_PAGE;
}

int fake_frame_at(const struct fake *f, const void *addr)
{
	uintptr_t at = (uintptr_t)addr - (uintptr_t)f->frames;

	return at < MEMORY_SIZE ? (int)(at / XENNET_PAGE) : -1;
}

static unsigned free_run(const struct fake *f, uint32_t first, unsigned n)
{
	unsigned i;

	for (i = 0; i < n && first + i < FAKE_FRAMES; i++)
		if (f->frame[first + i].state != FAKE_PAGE_FREE)
			break;
	return i;
}

/* Freed frames rest until the end of memory is reached. */
static int find_run(struct fake *f, unsigned n)
{
	uint32_t at = f->frame_next, tried = 0, run;

	while (tried <= FAKE_FRAMES) {
		run = free_run(f, at, n);
		if (run == n) {
			f->frame_next = at + n;
			return (int)at;
		}
		tried += run + 1;
		at = at + run + 1 < FAKE_FRAMES ? at + run + 1 : 0;
	}
	return -1;
}

int fake_frames_take(struct fake *f, uint16_t owner, unsigned n,
		     enum fake_page state)
{
	int first = n > 0 ? find_run(f, n) : -1;
	unsigned i;

	if (first < 0)
		return -1;
	for (i = 0; i < n; i++) {
		f->frame[(unsigned)first + i].state = (uint8_t)state;
		f->frame[(unsigned)first + i].owner = owner;
	}
	if (f->frame_end < (unsigned)first + n)
		f->frame_end = (unsigned)first + n;
	f->frame[first].run = n;
	if (mprotect(fake_frame_addr(f, (uint32_t)first), n * XENNET_PAGE,
		     PROT_READ | PROT_WRITE))
		die("mprotect");
	for (i = 0; i < n; i++)
		if (f->frame[(unsigned)first + i].used)
			memset(fake_frame_addr(f, (unsigned)first + i), 0,
			       XENNET_PAGE);
	return first;
}

void fake_frames_give(struct fake *f, uint32_t first)
{
	unsigned n = f->frame[first].run, i;

	/* nobody reads them by mistake now */
	if (mprotect(fake_frame_addr(f, first), n * XENNET_PAGE, PROT_NONE))
		die("mprotect");
	for (i = 0; i < n; i++)
		f->frame[first + i] = (struct fake_frame){ .used = true };
}

unsigned fake_pages(const struct fake *f)
{
	unsigned i, n = 0;

	for (i = 0; i < f->frame_end; i++)
		n += f->frame[i].state != FAKE_PAGE_FREE;
	return n;
}

void *fake_op_alloc_pages(void *ctx, unsigned n)
{
	struct fake *f = fake_of(ctx);
	int first;

	if (fake_sleeping(f, FAKE_ALLOC_PAGES))
		return NULL;
	first = fake_frames_take(f, fake_domid(ctx), n, FAKE_PAGE_OWNED);
	return first < 0 ? NULL : fake_frame_addr(f, (uint32_t)first);
}

/* The run of pages that this domain was given at p, or -1. */
static int owned_run(struct fake *f, uint16_t domid, void *p, unsigned n)
{
	int first = fake_frame_at(f, p);
	struct fake_frame *frame;

	if (first < 0 || (uintptr_t)p % XENNET_PAGE)
		return -1;
	frame = &f->frame[first];
	if (frame->state != FAKE_PAGE_OWNED || frame->owner != domid ||
	    frame->run != n)
		return -1;
	return first;
}

/* Pages may go with their grants only if those could not be revoked. */
static bool forgotten_grant(const struct fake_domain *d, uint32_t first,
			    unsigned n)
{
	uint32_t gref;

	for (gref = 0; gref < d->grant_end; gref++)
		if (d->grant[gref].live && !d->grant[gref].kept &&
		    d->grant[gref].frame - first < n)
			return true;
	return false;
}

void fake_op_free_pages(void *ctx, void *p, unsigned n)
{
	struct fake *f = fake_of(ctx);
	int first = owned_run(f, fake_domid(ctx), p, n);

	fake_sleeping(f, FAKE_FREE_PAGES);
	if (first < 0) {
		fake_misuse(f, "free_pages of what alloc_pages did not give");
		return;
	}
	if (forgotten_grant(ctx, (uint32_t)first, n))
		fake_misuse(f, "free_pages of a page that is granted");
	fake_pages_release(f, (uint32_t)first);
}

void *fake_op_copy_alloc(void *ctx, unsigned n)
{
	struct fake *f = fake_of(ctx);
	void *p = fake_op_alloc_pages(ctx, n);
	unsigned i;

	for (i = 0; p && i < n; i++)
		f->frame[(unsigned)fake_frame_at(f, p) + i].run = 1;
	return p;
}

void fake_op_copy_free(void *ctx, void *p, unsigned n)
{
	unsigned i;

	for (i = 0; i < n; i++)
		fake_op_free_pages(ctx, (unsigned char *)p + i * XENNET_PAGE,
				   1);
}
