/* SPDX-License-Identifier: MIT
 * For a test that is linked with --wrap=memory_guard and --wrap=memory_map: a MAP that the host has
 * refused is tried again without closing the hole first. */
#include "vmm/memory/memory.h"

int __real_memory_map(struct memory *memory, int vcpu_fd, uint64_t arena_page,
                      const struct run *runs, uint32_t count, bool writable,
                      struct map_effort *effort);
int __wrap_memory_map(struct memory *memory, int vcpu_fd, uint64_t arena_page,
                      const struct run *runs, uint32_t count, bool writable,
                      struct map_effort *effort);
void __real_memory_guard(struct memory *memory, uint64_t arena_page, uint64_t pages,
                         struct map_effort *effort);
void __wrap_memory_guard(struct memory *memory, uint64_t arena_page, uint64_t pages,
                         struct map_effort *effort);

static bool mapping;

int __wrap_memory_map(struct memory *memory, int vcpu_fd, uint64_t arena_page,
                      const struct run *runs, uint32_t count, bool writable,
                      struct map_effort *effort)
{
    mapping = true;
    const int result =
        __real_memory_map(memory, vcpu_fd, arena_page, runs, count, writable, effort);
    mapping = false;
    return result;
}

void __wrap_memory_guard(struct memory *memory, uint64_t arena_page, uint64_t pages,
                         struct map_effort *effort)
{
    if (!mapping)
        __real_memory_guard(memory, arena_page, pages, effort);
}
