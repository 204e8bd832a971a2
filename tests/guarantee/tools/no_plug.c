/* SPDX-License-Identifier: MIT
 * For a test that is linked with --wrap=memory_guard and --wrap=memory_map: a MAP that the host has
 * refused is tried again without closing the hole first. */
#include "vmm/memory/memory.h"

enum map_result __real_memory_map(struct memory *memory, uint64_t arena_page,
                                  const struct run *runs, uint32_t count, bool writable,
                                  struct map_call *call);
enum map_result __wrap_memory_map(struct memory *memory, uint64_t arena_page,
                                  const struct run *runs, uint32_t count, bool writable,
                                  struct map_call *call);
bool __real_memory_guard(struct memory *memory, uint64_t arena_page, uint64_t pages,
                         struct map_call *call);
bool __wrap_memory_guard(struct memory *memory, uint64_t arena_page, uint64_t pages,
                         struct map_call *call);

static bool mapping;

enum map_result __wrap_memory_map(struct memory *memory, uint64_t arena_page,
                                  const struct run *runs, uint32_t count, bool writable,
                                  struct map_call *call)
{
    mapping = true;
    const enum map_result result =
        __real_memory_map(memory, arena_page, runs, count, writable, call);
    mapping = false;
    return result;
}

bool __wrap_memory_guard(struct memory *memory, uint64_t arena_page, uint64_t pages,
                         struct map_call *call)
{
    return mapping || __real_memory_guard(memory, arena_page, pages, call);
}
