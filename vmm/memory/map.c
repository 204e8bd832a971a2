/* SPDX-License-Identifier: MIT
 * The map path: what stands behind the arena's pages changes here and nowhere else. System calls
 * on memory set aside; no allocation, no descriptor opened. */
#include "layout.h"
#include "vmm/memory/rescue.h"

#include <errno.h>
#include <sys/mman.h>

static bool map_once(struct memory *memory, uint8_t *hva, const struct run *run, bool writable,
                     struct map_call *call)
{
    if (should_fail(memory, PRIMITIVE_MAP, call))
        return false;
    return mmap(hva, (size_t)run->pages * HF_PAGE_SIZE,
                writable ? PROT_READ | PROT_WRITE : PROT_READ, MAP_SHARED | MAP_FIXED,
                run->slot == BACKING_RAM ? memory->ram_fd : memory->object[run->slot].fd,
                (off_t)(run->first * HF_PAGE_SIZE)) != MAP_FAILED;
}

static enum map_result map_run(struct memory *memory, uint64_t arena_page, const struct run *run,
                               bool writable, struct map_call *call)
{
    uint8_t *hva = arena_hva(memory, arena_page);

    for (uint32_t attempt = 0; !map_once(memory, hva, run, writable, call); attempt++) {
        const int cause = errno;
        const bool by_drill = call->by_drill;
        const bool injected = call->injected;
        if (!rescue_may_help(cause)) {
            call->cause = cause;
            return MAP_REFUSED;
        }
        /* The refusal may have left a hole: closed before anything else happens. */
        if (!memory_guard(memory, arena_page, run->pages, call))
            return MAP_GIVEN_UP;
        call->by_drill = by_drill;
        call->injected = injected;
        rescue_note(call, "mmap", cause, attempt);
        if (!rescue_step(call, ballast_for(memory, by_drill), attempt))
            return MAP_GIVEN_UP;
    }
    return MAP_DONE;
}

enum map_result memory_map(struct memory *memory, uint64_t arena_page, const struct run *runs,
                           uint32_t count, bool writable, struct map_call *call)
{
    uint64_t done = 0;

    for (uint32_t i = 0; i < count; i++) {
        const enum map_result result = map_run(memory, arena_page + done, &runs[i], writable, call);
        done += runs[i].pages;
        if (result == MAP_DONE)
            continue;
        const int cause = call->cause;
        if (result == MAP_REFUSED && !memory_guard(memory, arena_page, done, call))
            return MAP_GIVEN_UP;
        call->cause = cause;
        return result;
    }
    memory_fill(memory, arena_page, runs, count, call);
    return MAP_DONE;
}

enum memory_presence memory_fetch(struct memory *memory, uint64_t gpa, bool write)
{
    uint8_t *hva = arena_hva(memory, gpa / HF_PAGE_SIZE);
    unsigned char resident;

    if (madvise(hva, HF_PAGE_SIZE, write ? MADV_POPULATE_WRITE : MADV_POPULATE_READ) == 0)
        return MEMORY_PRESENT;
    if (!rescue_may_help(errno))
        return MEMORY_ABSENT;
    return mincore(hva, HF_PAGE_SIZE, &resident) == 0 && (resident & 1) != 0
               ? MEMORY_SHORT_OF_TABLES
               : MEMORY_SHORT;
}
