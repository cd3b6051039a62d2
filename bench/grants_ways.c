/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#include "grants.h"

#include <sys/mman.h>
#include <unistd.h>

#define FLIP_BYTES ((size_t)GRANTS_PAGES * XENNET_PAGE)

static unsigned pages_of(unsigned size)
{
	return (size + XENNET_PAGE - 1) / XENNET_PAGE;
}

static void use(struct grants_field *f, const unsigned char *data,
		unsigned size)
{
	payload_words(&f->sum, data, size);
}

/* The items one after another, each from the beginning of a page. */
static void use_all(struct grants_field *f, const unsigned char *data,
		    unsigned items, unsigned size)
{
	unsigned i;

	for (i = 0; i < items; i++)
		use(f, data + (size_t)i * pages_of(size) * XENNET_PAGE, size);
}

/* The hypervisor copies: a call for as many as a batch holds. */
static void fetch_copy(struct grants_field *f, unsigned items, unsigned size)
{
	unsigned pages = items * pages_of(size), n = 0, i;
	struct xennet_copy_op op[XENNET_BATCH];

	for (i = 0; i < pages; i++) {
		unsigned done = i % pages_of(size) * XENNET_PAGE;
		unsigned len = size - done;

		memset(&op[n], 0, sizeof(op[n]));
		op[n].src.gref = f->gref[i];
		op[n].src.domid = f->guest;
		op[n].dst.addr = f->private + (size_t)i * XENNET_PAGE;
		op[n].len = (uint16_t)(len < XENNET_PAGE ? len : XENNET_PAGE);
		if (++n < XENNET_BATCH && i + 1 < pages)
			continue;
		f->failed += xennet_copy_run(&f->platform, op, n);
		n = 0;
	}
	use_all(f, f->private, items, size);
}

/* The bytes of page number `page`, mapped at data. */
static void use_page(struct grants_field *f, const void *data, unsigned page,
		     unsigned size)
{
	unsigned done = page % pages_of(size) * XENNET_PAGE;
	unsigned len = size - done;

	use(f, data, len < XENNET_PAGE ? len : XENNET_PAGE);
}

/* Maps a batch, reads it in place, unmaps it. */
static void map_batch(struct grants_field *f, struct xennet_map_op *op,
		      const unsigned *page, unsigned n, unsigned size)
{
	unsigned i;

	f->failed += xennet_map_run(&f->platform, op, n);
	for (i = 0; i < n; i++)
		if (op[i].addr)
			use_page(f, op[i].addr, page[i], size);
	f->failed += xennet_unmap_run(&f->platform, op, n);
}

/* stride: neighbours in the batch are this many pages apart. */
static void fetch_mapping(struct grants_field *f, unsigned items, unsigned size,
			  unsigned stride)
{
	unsigned pages = items * pages_of(size), page[XENNET_BATCH], n = 0, i;
	struct xennet_map_op op[XENNET_BATCH];

	for (i = 0; i < pages; i++) {
		memset(&op[n], 0, sizeof(op[n]));
		op[n].gref = f->gref[i * stride % (GRANTS_PAGES - 1)];
		op[n].domid = f->guest;
		op[n].readonly = true;
		page[n] = i;
		if (++n < XENNET_BATCH && i + 1 < pages)
			continue;
		map_batch(f, op, page, n, size);
		n = 0;
	}
}

static void fetch_map(struct grants_field *f, unsigned items, unsigned size)
{
	fetch_mapping(f, items, size, 1);
}

static void fetch_map_scattered(struct grants_field *f, unsigned items,
				unsigned size)
{
	fetch_mapping(f, items, size, 2);
}

/*
 * The page flip: each page is moved into the receiver in place of one of its
 * own, read, and moved back when the receiver hands it on; a page that leaves
 * the receiver is zeroed, or it would tell the sender what it held.
 */
static void fetch_flip(struct grants_field *f, unsigned items, unsigned size)
{
	unsigned pages = items * pages_of(size), i;

	for (i = 0; i < pages; i++) {
		unsigned char *at = f->flip + (size_t)i * XENNET_PAGE;
		void *p;

		memset(at, 0, XENNET_PAGE);
		p = mmap(at, XENNET_PAGE, PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_FIXED | MAP_POPULATE, f->flip_fd,
			 (off_t)i * XENNET_PAGE);
		f->failed += p == MAP_FAILED;
	}
	use_all(f, f->flip, items, size);
	for (i = 0; i < pages; i++) {
		void *p =
			mmap(f->flip + (size_t)i * XENNET_PAGE, XENNET_PAGE,
			     PROT_READ | PROT_WRITE,
			     MAP_SHARED | MAP_FIXED | MAP_POPULATE, f->flip_fd,
			     (off_t)(GRANTS_PAGES + i) * XENNET_PAGE);

		f->failed += p == MAP_FAILED;
	}
}

static void fetch_memcpy(struct grants_field *f, unsigned items, unsigned size)
{
	unsigned pages = items * pages_of(size), i;

	for (i = 0; i < pages; i++) {
		unsigned done = i % pages_of(size) * XENNET_PAGE;
		unsigned len = size - done;

		memcpy(f->private + (size_t)i * XENNET_PAGE, f->mapped[i],
		       len < XENNET_PAGE ? len : XENNET_PAGE);
	}
	use_all(f, f->private, items, size);
}

const struct grants_way grants_ways[] = {
	[GRANTS_COPY] = { "copy_ns", fetch_copy },
	[GRANTS_MAP] = { "map_ns", fetch_map },
	[GRANTS_MAP_SCATTERED] = { "map_scattered_ns", fetch_map_scattered },
	[GRANTS_FLIP] = { "flip_ns", fetch_flip },
	[GRANTS_MEMCPY] = { "memcpy_ns", fetch_memcpy },
};

static int map_all(struct grants_field *f)
{
	static struct xennet_map_op op[GRANTS_PAGES];
	unsigned i;

	for (i = 0; i < GRANTS_PAGES; i++) {
		op[i].gref = f->gref[i];
		op[i].domid = f->guest;
		op[i].readonly = true;
	}
	if (xennet_map_run(&f->platform, op, GRANTS_PAGES))
		return -XENNET_EIO;
	for (i = 0; i < GRANTS_PAGES; i++)
		f->mapped[i] = op[i].addr;
	return 0;
}

int grants_field_init(struct grants_field *f)
{
	int err = map_all(f);

	if (err)
		return err;
	f->private = mmap(NULL, FLIP_BYTES, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	f->flip_fd = memfd_create("flip", 0);
	if (f->flip_fd < 0 || ftruncate(f->flip_fd, 2 * (off_t)FLIP_BYTES))
		return -XENNET_ENOMEM;
	/* until then the receiver's own pages, the second half, are there */
	f->flip =
		mmap(NULL, FLIP_BYTES, PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_POPULATE, f->flip_fd, (off_t)FLIP_BYTES);
	return f->flip == MAP_FAILED || f->private == MAP_FAILED
		       ? -XENNET_ENOMEM
		       : 0;
}
