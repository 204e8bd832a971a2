/* SPDX-License-Identifier: MIT
 * The map path: what stands behind the arena's pages changes here and nowhere else. System calls
 * on memory set aside; no allocation, no descriptor opened. */
#include "layout.h"
#include "vmm/log.h"
#include "vmm/memory/relief.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

static struct log_limit refused_lines;

static bool map_once(struct memory *memory, uint8_t *hva, const struct run *run, bool writable,
                     struct map_effort *effort)
{
    if (strikes(memory, PRIMITIVE_MAP, effort))
        return false;
    return mmap(hva, (size_t)run->pages * HF_PAGE_SIZE,
                writable ? PROT_READ | PROT_WRITE : PROT_READ, MAP_SHARED | MAP_FIXED,
                run->slot == BACKING_RAM ? memory->ram_fd : memory->object[run->slot].fd,
                (off_t)(run->first * HF_PAGE_SIZE)) != MAP_FAILED;
}

static bool map_run(struct memory *memory, uint64_t arena_page, const struct run *run,
                    bool writable, struct map_effort *effort)
{
    uint8_t *hva = arena_hva(memory, arena_page);

    for (uint32_t attempt = 0; !map_once(memory, hva, run, writable, effort); attempt++) {
        const int cause = errno;
        const bool played = effort->played;
        if (!played)
            log_limited(&refused_lines, "the host refuses to map %u pages: %s", run->pages,
                        strerrordesc_np(cause));
        if (!relief_may_help(cause))
            return false;
        /* The refusal may have left a hole: closed before anything else happens. */
        memory_guard(memory, arena_page, run->pages, effort);
        effort->refusals++;
        relief_step(ballast_for(memory, played), attempt);
    }
    return true;
}

int memory_map(struct memory *memory, int vcpu_fd, uint64_t arena_page, const struct run *runs,
               uint32_t count, bool writable, struct map_effort *effort)
{
    uint64_t done = 0;

    for (uint32_t i = 0; i < count; i++) {
        if (!map_run(memory, arena_page + done, &runs[i], writable, effort)) {
            memory_guard(memory, arena_page, done + runs[i].pages, effort);
            return -1;
        }
        done += runs[i].pages;
    }
    memory_fill(memory, vcpu_fd, arena_page, runs, count, effort);
    return 0;
}

enum memory_presence memory_fetch(struct memory *memory, uint64_t gpa, bool write)
{
    uint8_t *hva = arena_hva(memory, gpa / HF_PAGE_SIZE);

    if (madvise(hva, HF_PAGE_SIZE, write ? MADV_POPULATE_WRITE : MADV_POPULATE_READ) == 0)
        return MEMORY_PRESENT;
    return relief_may_help(errno) ? MEMORY_SHORT : MEMORY_ABSENT;
}

void memory_relieve(struct memory *memory, uint32_t attempt, bool played)
{
    relief_step(ballast_for(memory, played), attempt);
}
