/* SPDX-License-Identifier: MIT
 * For a VMM that is linked with --wrap=memory_map: one whose host refuses every MAP for want of
 * memory from the first one on, and never gives in. */
#include "vmm/memory/memory.h"

enum map_result __real_memory_map(struct memory *memory, uint64_t arena_page,
                                  const struct run *runs, uint32_t count, bool writable,
                                  struct map_call *call);
enum map_result __wrap_memory_map(struct memory *memory, uint64_t arena_page,
                                  const struct run *runs, uint32_t count, bool writable,
                                  struct map_call *call);

enum map_result __wrap_memory_map(struct memory *memory, uint64_t arena_page,
                                  const struct run *runs, uint32_t count, bool writable,
                                  struct map_call *call)
{
    injection_set(memory_injection(memory), PRIMITIVE_MAP, UINT32_MAX);
    return __real_memory_map(memory, arena_page, runs, count, writable, call);
}
