/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* Pages, and addresses for others' pages. */
#ifndef STUB_MINI_OS_MM_H
#define STUB_MINI_OS_MM_H

#include <stdint.h>

unsigned long alloc_pages(int order); /* 0: none */
void free_pages(void *pointer, int order);
int get_order(unsigned long size);

/* Of memory in a row: its frame is its address. */
#define virt_to_mfn(virt) ((unsigned long)(virt) >> 12)

extern unsigned long stub_demand_area;
#define VIRT_DEMAND_AREA stub_demand_area
#define DEMAND_MAP_PAGES 2048ul

unsigned long allocate_ondemand(unsigned long n, unsigned long alignment);
uint64_t *need_pgt(unsigned long va);

#endif
