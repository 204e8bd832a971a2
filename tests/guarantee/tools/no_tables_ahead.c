/* SPDX-License-Identifier: MIT
 * For a VMM that is linked with --wrap=memory_prefault: one whose RESERVE makes no tables ahead. */
#include "vmm/memory/memory.h"

int __wrap_memory_prefault(struct memory *memory, int vcpu_fd, uint64_t arena_page,
                           uint64_t pages); /* NOLINT */

int __wrap_memory_prefault(struct memory *memory, int vcpu_fd, uint64_t arena_page, uint64_t pages)
{
    (void)memory;
    (void)vcpu_fd;
    (void)arena_page;
    (void)pages;
    return 0;
}
