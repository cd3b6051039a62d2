/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * KASAN for Linux as a PV domain of Xen, which Linux has none for: debug.sh
 * puts this in place of arch/x86/mm/kasan_init_64.c.
 *
 * There is no shadow until kasan_init(), and none of what nobody allocates:
 * kasan_arch_covers() says where there is one. So no page table is there twice,
 * nor before the kernel has those that Xen agreed to.
 */
#include <linux/kasan.h>
#include <linux/memblock.h>
#include <linux/mm.h>
#include <linux/pgtable.h>
#include <linux/sched/task.h>
#include <asm/pgalloc.h>
#include <asm/sections.h>
#include <asm/xen/page.h>
#include <xen/xen.h>

unsigned long kasan_linear;

/* None that kmemleak would look through. */
static void *__init zeroed_page(void)
{
	void *page = memblock_alloc_try_nid(PAGE_SIZE, PAGE_SIZE, 0,
					    MEMBLOCK_ALLOC_NOLEAKTRACE,
					    NUMA_NO_NODE);

	if (!page)
		panic("no memory for a shadow");
	return page;
}

static p4d_t *__init top_of(unsigned long at)
{
	p4d_t *p4d = p4d_offset(pgd_offset_k(at), at);

	if (p4d_none(*p4d))
		p4d_populate(&init_mm, p4d, zeroed_page());
	return p4d;
}

static void __init map_shadow(unsigned long at)
{
	pud_t *pud = pud_offset(top_of(at), at);
	pmd_t *pmd;
	pte_t *pte;

	if (pud_none(*pud))
		pud_populate(&init_mm, pud, zeroed_page());
	pmd = pmd_offset(pud, at);
	if (pmd_none(*pmd))
		pmd_populate_kernel(&init_mm, pmd, zeroed_page());
	pte = pte_offset_kernel(pmd, at);
	if (pte_none(*pte))
		set_pte_at(&init_mm, at, pte,
			   pfn_pte(PFN_DOWN(__pa(zeroed_page())), PAGE_KERNEL));
}

static void __init cover(const void *from, const void *to)
{
	unsigned long at = (unsigned long)kasan_mem_to_shadow(from);
	unsigned long end = (unsigned long)kasan_mem_to_shadow(to);

	for (at &= PAGE_MASK; at < end; at += PAGE_SIZE)
		map_shadow(at);
}

/* What is vmalloc's gets its shadow as it comes: every process' page tables
 * have the same tops from the beginning. */
static void __init cover_later(unsigned long from, unsigned long to)
{
	unsigned long at = (unsigned long)kasan_mem_to_shadow((void *)from);
	unsigned long end = (unsigned long)kasan_mem_to_shadow((void *)to);

	for (at &= PGDIR_MASK; at < end; at += PGDIR_SIZE)
		top_of(at);
}

void __init kasan_early_init(void)
{
}

void __init kasan_init(void)
{
	unsigned long linear = max_pfn << PAGE_SHIFT;

	cover((void *)PAGE_OFFSET, (void *)PAGE_OFFSET + linear);
	cover(_text, _end);
	cover_later(VMALLOC_START, VMALLOC_END);
	if (xen_pv_domain())
		cover(xen_p2m_addr, xen_p2m_addr + xen_p2m_size);
	init_task.kasan_depth = 0;
	WRITE_ONCE(kasan_linear, linear);
	pr_info("KernelAddressSanitizer initialized\n");
}
