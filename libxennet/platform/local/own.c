/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Domain 0's own memory, of which it shares pages with itself, as it would on
 * Xen: to learn what its operations cost. It has none before it is asked.
 */
#include "internal.h"

#include <fcntl.h>
#include <unistd.h>

/* What cost.h wants, four times. */
#define OWN_PAGES 256u

static int own_memory(struct xennet_local *p)
{
	struct domain *d;
	int err, fd;

	err = xennet_local_memory_init(&p->memory, OWN_PAGES, &p->counters);
	if (err)
		return err;
	fd = fcntl(p->memory.memfd, F_DUPFD_CLOEXEC, 0);
	err = fd < 0 ? -XENNET_ENOMEM
		     : xennet_local_domain_add(&p->server->domains,
					       &p->counters, fd, true, &d);
	if (!err)
		return 0;
	if (fd >= 0)
		close(fd);
	xennet_local_memory_free(&p->memory);
	p->memory.base = NULL;
	return err;
}

int xennet_local_own_share(void *ctx, uint16_t domid, unsigned n, bool readonly,
			   void **addr, uint32_t *grefs)
{
	struct xennet_local *p = ctx;
	int err = p->memory.base ? 0 : own_memory(p);

	return err ? err
		   : xennet_local_share(ctx, domid, n, readonly, addr, grefs);
}
