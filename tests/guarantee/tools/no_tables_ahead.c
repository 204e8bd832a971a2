/* SPDX-License-Identifier: MIT
 * For a VMM that is linked with --wrap=memory_prefault: one whose RESERVE makes no tables ahead. */
#include "vmm/memory/memory.h"

int __wrap_memory_prefault(struct memory *memory, uint64_t arena_page, uint64_t pages,
                           struct map_call *call); /* NOLINT */

int __wrap_memory_prefault(struct memory *memory, uint64_t arena_page, uint64_t pages,
                           struct map_call *call)
{
    (void)memory;
    (void)arena_page;
    (void)pages;
    (void)call;
    return 0;
}
