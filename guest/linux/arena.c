// SPDX-License-Identifier: MIT OR GPL-2.0-only
/*
 * The arena in the kernel's address space. One mapping, made when the module is
 * loaded, so that neither a map nor a reserve touches the kernel's page tables.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/io.h>
#include <linux/ioport.h>
#include <linux/pfn.h>
#include <linux/printk.h>
#include <asm/processor.h>

#include "holdfast/abi.h"
#include "arena.h"

static struct resource *claimed;
static phys_addr_t arena_base;
static void *arena;

int __init hf_arena_init(phys_addr_t base, u64 pages)
{
	u64 end = 1ULL << boot_cpu_data.x86_phys_bits;

	if (!pages || base % HF_PAGE_SIZE || base >= end ||
	    pages > (end - base) / HF_PAGE_SIZE) {
		pr_err("the arena (%llu pages at %pa) lies beyond the processor's %u bits of address\n",
		       pages, &base, boot_cpu_data.x86_phys_bits);
		return -EINVAL;
	}
	claimed = request_mem_region(base, pages * HF_PAGE_SIZE,
				     "Holdfast arena");
	if (!claimed) {
		pr_err("something else lies in the arena (%llu pages at %pa); see /proc/iomem\n",
		       pages, &base);
		return -EBUSY;
	}
	/*
	 * Fails where the processor's MTRRs make the arena another type than
	 * cached, and so honours the only type that this module maps with.
	 */
	arena = memremap(base, pages * HF_PAGE_SIZE, MEMREMAP_WB);
	if (!arena) {
		pr_err("the arena (%llu pages at %pa) cannot be mapped as cached memory\n",
		       pages, &base);
		release_mem_region(base, pages * HF_PAGE_SIZE);
		return -ENOMEM;
	}
	arena_base = base;
	return 0;
}

void hf_arena_exit(void)
{
	memunmap(arena);
	release_mem_region(claimed->start, resource_size(claimed));
}

void *hf_arena_address(phys_addr_t phys)
{
	return arena + (phys - arena_base);
}

u64 hf_arena_page(phys_addr_t phys)
{
	return PFN_DOWN(phys - arena_base);
}
