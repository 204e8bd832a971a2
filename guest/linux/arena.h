/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/* The kernel's view of the arena: mapped once, cached, for all windows. */
#ifndef HOLDFAST_LINUX_ARENA_H
#define HOLDFAST_LINUX_ARENA_H

#include <linux/types.h>

/*
 * Claims the arena in the machine's resources and maps it. -EBUSY if something
 * else lies there, -EINVAL if the processor does not reach it, -ENOMEM. May
 * sleep. Costs a page of tables for each 512 GiB where the processor has pages
 * of 1 GiB, for each GiB where it has not.
 */
int hf_arena_init(phys_addr_t base, u64 pages);
void hf_arena_exit(void);

/* The kernel's address of a place in the arena. Any context; cannot fail. */
void *hf_arena_address(phys_addr_t phys);

/* How many pages lie before it in the arena. Any context; cannot fail. */
u64 hf_arena_page(phys_addr_t phys);

#endif
