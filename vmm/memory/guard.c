/* SPDX-License-Identifier: MIT
 * The guard: what stands behind the arena's pages where nothing is mapped. */
#include "layout.h"
#include "vmm/memory/rescue.h"

#include <errno.h>
#include <sys/mman.h>

static bool guard_once(struct memory *memory, uint8_t *hva, size_t bytes, struct map_call *call)
{
    if (should_fail(memory, PRIMITIVE_GUARD, call))
        return false;
    return mmap(hva, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1,
                0) != MAP_FAILED;
}

bool memory_guard(struct memory *memory, uint64_t arena_page, uint64_t pages, struct map_call *call)
{
    uint8_t *hva = arena_hva(memory, arena_page);
    const size_t bytes = pages * HF_PAGE_SIZE;

    for (uint32_t attempt = 0; !guard_once(memory, hva, bytes, call); attempt++) {
        rescue_note(call, "mmap", errno, attempt);
        if (!rescue_step(call, ballast_for(memory, call->by_drill), attempt))
            return false;
    }
    return true;
}
