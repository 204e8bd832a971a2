/* SPDX-License-Identifier: MIT
 * The guard: what stands behind the arena's pages where nothing is mapped. */
#include "layout.h"
#include "vmm/log.h"
#include "vmm/memory/relief.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

static struct log_limit refused_lines;

static bool guard_once(struct memory *memory, uint8_t *hva, size_t bytes, struct map_effort *effort)
{
    if (strikes(memory, PRIMITIVE_GUARD, effort))
        return false;
    return mmap(hva, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1,
                0) != MAP_FAILED;
}

void memory_guard(struct memory *memory, uint64_t arena_page, uint64_t pages,
                  struct map_effort *effort)
{
    uint8_t *hva = arena_hva(memory, arena_page);
    const size_t bytes = pages * HF_PAGE_SIZE;

    for (uint32_t attempt = 0; !guard_once(memory, hva, bytes, effort); attempt++) {
        /* Not strerror(), which may allocate. */
        if (!effort->played)
            log_limited(&refused_lines,
                        "the host refuses to close %zu bytes of the arena: %s; again", bytes,
                        strerrordesc_np(errno));
        effort->refusals++;
        relief_step(ballast_for(memory, effort->played), attempt);
    }
}
