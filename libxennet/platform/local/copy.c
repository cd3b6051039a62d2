/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * copy: by the kernel, a batch per call, as Xen's is one hypercall. Every end
 * is an address of ours (a grant's is in the window), so process_vm_readv on
 * our own process takes all directions together, whatever the ptrace policy
 * and with no pid of a peer that may be another's by now. ns per operation of
 * 64/1496/4096 bytes, this function alone: 363/374/402 in batches of 64 and
 * 871/881/931 for one; with a pread each on the memfd 359/371/395 and
 * 400/410/430. So one is a pread, as is all where process_vm_readv is
 * forbidden (seccomp). (The peer's pid instead of ours: 2 % more.)
 */
#include "internal.h"

#include <errno.h>
#include <sys/uio.h>
#include <unistd.h>

#define CHUNK 256u

struct end {
	struct domain *d; /* NULL: local */
	uint32_t gref;
	unsigned char *addr;
};

struct chunk {
	unsigned n; /* operations that can be tried */
	struct xennet_copy_op *op[CHUNK];
	struct end src[CHUNK], dst[CHUNK];
	struct iovec from[CHUNK], to[CHUNK];
};

static int16_t resolve(struct held *h, const struct xennet_copy_end *e,
		       unsigned len, bool write, struct end *end)
{
	uintptr_t in_page = (uintptr_t)e->addr % XENNET_PAGE;
	uint32_t frame;
	int16_t status;

	end->d = NULL;
	end->gref = e->gref;
	end->addr = e->addr;
	if (e->addr)
		return in_page + len <= XENNET_PAGE ? XENNET_GNTST_OKAY
						    : XENNET_GNTST_GENERAL;
	end->d = xennet_local_held(h, e->domid);
	if (!end->d || e->offset + len > XENNET_PAGE)
		return XENNET_GNTST_GENERAL;
	status = xennet_local_pin(end->d, e->gref, write, &frame);
	if (status == XENNET_GNTST_OKAY)
		end->addr = end->d->window + (size_t)frame * XENNET_PAGE +
			    e->offset;
	return status;
}

static void let_go(const struct end *end, bool write)
{
	if (end->d)
		xennet_local_unpin(end->d, end->gref, write);
}

static void prepare(struct held *h, struct xennet_copy_op *op, struct chunk *c)
{
	struct end *src = &c->src[c->n], *dst = &c->dst[c->n];

	op->status = resolve(h, &op->src, op->len, false, src);
	if (op->status != XENNET_GNTST_OKAY)
		return;
	op->status = resolve(h, &op->dst, op->len, true, dst);
	if (op->status != XENNET_GNTST_OKAY || op->len == 0) {
		let_go(src, false);
		if (op->status == XENNET_GNTST_OKAY)
			let_go(dst, true);
		return;
	}
	c->from[c->n].iov_base = src->addr;
	c->to[c->n].iov_base = dst->addr;
	c->from[c->n].iov_len = c->to[c->n].iov_len = op->len;
	c->op[c->n++] = op;
}

/* Where addr is in the guest's memfd. */
static off_t place(const struct end *end)
{
	return end->addr - end->d->window;
}

static void copy_by_file(struct xennet_local *p, struct chunk *c, unsigned i)
{
	ssize_t r;

	for (; i < c->n; i++) {
		struct end *src = &c->src[i], *dst = &c->dst[i];
		size_t len = c->op[i]->len;

		if (src->d)
			r = pread(src->d->memfd, dst->addr, len, place(src));
		else if (dst->d)
			r = pwrite(dst->d->memfd, src->addr, len, place(dst));
		else
			r = memmove(dst->addr, src->addr, len) ? (ssize_t)len
							       : -1;
		if (r != (ssize_t)len)
			c->op[i]->status = XENNET_GNTST_GENERAL;
		xennet_local_count(&p->counters, COUNT_COPY_CALLS, 1);
	}
}

static void copy_by_vm(struct xennet_local *p, struct chunk *c)
{
	unsigned i = 0;
	ssize_t r;

	while (i < c->n) {
		r = process_vm_readv(p->pid, c->to + i, c->n - i, c->from + i,
				     c->n - i, 0);
		xennet_local_count(&p->counters, COUNT_COPY_CALLS, 1);
		if (r < 0 && errno != EFAULT) {
			if (errno == EPERM || errno == ENOSYS)
				atomic_store(&p->copy_by,
					     XENNET_LOCAL_COPY_FILE);
			copy_by_file(p, c, i);
			return;
		}
		/* whole operations, then the one that could not be done */
		for (; i < c->n && r >= (ssize_t)c->to[i].iov_len; i++)
			r -= (ssize_t)c->to[i].iov_len;
		if (i < c->n)
			c->op[i++]->status = XENNET_GNTST_GENERAL;
	}
}

static unsigned copy_chunk(struct xennet_local *p, struct xennet_copy_op *op,
			   unsigned n)
{
	struct held h = { .all = p->server ? &p->server->domains : NULL };
	struct chunk c;
	unsigned i;

	c.n = 0;
	for (i = 0; i < n && i < CHUNK && h.n + 2 <= HELD; i++)
		prepare(&h, &op[i], &c);
	if (c.n > 1 &&
	    atomic_load_explicit(&p->copy_by, memory_order_relaxed) ==
		    XENNET_LOCAL_COPY_VM)
		copy_by_vm(p, &c);
	else
		copy_by_file(p, &c, 0);
	for (unsigned k = 0; k < c.n; k++) {
		let_go(&c.src[k], false);
		let_go(&c.dst[k], true);
	}
	xennet_local_held_put(&h);
	return i;
}

void xennet_local_copy(void *ctx, struct xennet_copy_op *op, unsigned n)
{
	struct xennet_local *p = ctx;
	unsigned done;

	xennet_local_count(&p->counters, COUNT_COPIES, n);
	for (; n; op += done, n -= done)
		done = copy_chunk(p, op, n);
}

void xennet_local_copy_by(struct xennet_local *p, enum xennet_local_copy how)
{
	atomic_store(&p->copy_by, (int)how);
}
