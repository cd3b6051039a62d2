/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Grants of others. */
#ifndef STUB_MINI_OS_GNTMAP_H
#define STUB_MINI_OS_GNTMAP_H

#include <stdint.h>

struct gntmap {
	int nentries;
	struct gntmap_entry *entries;
};

void *gntmap_map_grant_refs(struct gntmap *map, uint32_t count,
			    uint32_t *domids, int domids_stride, uint32_t *refs,
			    int writable);
int gntmap_munmap(struct gntmap *map, unsigned long start_address, int count);

#endif
