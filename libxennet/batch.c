/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
#include <xennet/batch.h>

/* eagain: a page of the peer is paged out; the hypervisor is fetching it. */
#define EAGAIN_TRIES 32
#define EAGAIN_USEC 64

static void end_at(struct xennet_copy_end *e,
		   const struct xennet_copy_end *from, uint32_t done)
{
	*e = *from;
	if (e->addr)
		e->addr = (unsigned char *)from->addr + done;
	else
		e->offset = (uint16_t)(from->offset + done);
}

/* How far it is from there to the end of its page. */
static uint32_t room(const struct xennet_copy_end *e)
{
	if (!e->addr)
		return XENNET_PAGE - e->offset;
	return XENNET_PAGE - (uint32_t)((uintptr_t)e->addr & (XENNET_PAGE - 1));
}

unsigned xennet_copy_split(struct xennet_copy_op *op, unsigned cap,
			   const struct xennet_copy_end *src,
			   const struct xennet_copy_end *dst, uint32_t len)
{
	uint32_t done = 0;
	unsigned n = 0;

	while (done < len) {
		uint32_t part = len - done;

		if (n == cap)
			return 0;
		end_at(&op[n].src, src, done);
		end_at(&op[n].dst, dst, done);
		if (part > room(&op[n].src))
			part = room(&op[n].src);
		if (part > room(&op[n].dst))
			part = room(&op[n].dst);
		op[n].len = (uint16_t)part;
		op[n].status = XENNET_GNTST_GENERAL;
		done += part;
		n++;
	}
	return n;
}

/* Of a batch as a whole: all its pages are fetched meanwhile. */
XENNET_COLD static bool again(const struct xennet_platform *p, unsigned try)
{
	if (try >= EAGAIN_TRIES)
		return false;
	if (p->ops->delay)
		p->ops->delay(p->ctx, EAGAIN_USEC);
	return true;
}

unsigned xennet_copy_run(const struct xennet_platform *p,
			 struct xennet_copy_op *op, unsigned n)
{
	unsigned i, try = 0, failed, due;

	p->ops->copy(p->ctx, op, n);
	do {
		failed = due = 0;
		for (i = 0; i < n; i++) {
			if (try && op[i].status == XENNET_GNTST_EAGAIN)
				p->ops->copy(p->ctx, &op[i], 1);
			failed += op[i].status != XENNET_GNTST_OKAY;
			due += op[i].status == XENNET_GNTST_EAGAIN;
		}
	} while (due && again(p, try++));
	return failed;
}

unsigned xennet_map_run(const struct xennet_platform *p,
			struct xennet_map_op *op, unsigned n)
{
	unsigned i, try = 0, failed, due;

	p->ops->map(p->ctx, op, n);
	do {
		failed = due = 0;
		for (i = 0; i < n; i++) {
			if (try && op[i].status == XENNET_GNTST_EAGAIN)
				p->ops->map(p->ctx, &op[i], 1);
			if (op[i].status == XENNET_GNTST_OKAY)
				continue;
			op[i].addr = NULL;
			failed++;
			due += op[i].status == XENNET_GNTST_EAGAIN;
		}
	} while (due && again(p, try++));
	return failed;
}

unsigned xennet_unmap_run(const struct xennet_platform *p,
			  struct xennet_map_op *op, unsigned n)
{
	unsigned i, failed = 0;

	p->ops->unmap(p->ctx, op, n);
	for (i = 0; i < n; i++)
		failed += op[i].status != XENNET_GNTST_OKAY;
	return failed;
}
