/* SPDX-License-Identifier: MIT
 * The entries of a fresh mapping, made with it instead of at each page's first touch, which costs
 * an exit and a fault of the host. A part of the map path: system calls on memory set aside. */
#include "layout.h"
#include "vmm/memory/rescue.h"

#include <errno.h>
#include <sys/mman.h>

#define STRETCHES_MOST 16u /* of one run: each takes two system calls */

/* Makes the host's page tables for a stretch; false if the first touch will have to, as with a
 * kernel before 5.14. MAP_POPULATE would do it as well, but keeps a failure to itself, which the
 * guest would then meet at its first touch. */
static bool populate_read(struct memory *memory, uint64_t arena_page, uint64_t pages,
                          enum patience patience, struct map_call *call)
{
    uint8_t *hva = arena_hva(memory, arena_page);

    for (uint32_t attempt = 0; madvise(hva, pages * HF_PAGE_SIZE, MADV_POPULATE_READ) < 0;
         attempt++) {
        if (errno == EINTR)
            continue;
        if (patience == ONCE || !rescue_may_help(errno))
            return false;
        call->by_drill = false;
        call->injected = false;
        rescue_note(call, "madvise", errno, attempt);
        if (!rescue_step(call, &memory->ballast, attempt))
            return false;
    }
    return true;
}

static void fill_stretch(struct memory *memory, uint64_t arena_page, uint64_t pages,
                         enum patience patience, struct map_call *call)
{
    if (pages > 0 && populate_read(memory, arena_page, pages, patience, call) &&
        memory->can_prefault)
        memory_prefault_present(memory, arena_page, pages, patience, call);
}

/* Pages of a file, of an object or of RAM that was not made may have to be read or made; only those
 * that the host has in memory are filled. One that it gives up meanwhile is read here. Never waits:
 * others may use memory->resident then. */
static void fill_resident(struct memory *memory, uint32_t slot, uint64_t arena_page, uint64_t pages,
                          struct map_call *call)
{
    const uint8_t *resident = memory->resident;
    uint64_t from = 0, to;

    if ((slot != BACKING_RAM && !memory->object[slot].residency_told) ||
        mincore(arena_hva(memory, arena_page), pages * HF_PAGE_SIZE, memory->resident) < 0)
        return;
    for (uint32_t stretch = 0; from < pages && stretch < STRETCHES_MOST; stretch++) {
        while (from < pages && (resident[from] & 1) == 0)
            from++;
        for (to = from; to < pages && (resident[to] & 1) != 0;)
            to++;
        fill_stretch(memory, arena_page + from, to - from, ONCE, call);
        from = to;
    }
}

static uint64_t pages_of(const struct run *runs, uint32_t count)
{
    uint64_t pages = 0;

    for (uint32_t i = 0; i < count; i++)
        pages += runs[i].pages;
    return pages;
}

bool memory_is_made(const struct memory *memory, uint32_t slot)
{
    const struct object *object = &memory->object[slot];

    /* Others may take pages out of a file, also on tmpfs. */
    return slot == BACKING_RAM ? memory->ram_made : object->kind == OBJECT_MEMFD && object->made;
}

void memory_fill(struct memory *memory, uint64_t arena_page, const struct run *runs, uint32_t count,
                 struct map_call *call)
{
    uint64_t from = arena_page; /* where a stretch of pages that were made begins */
    uint64_t to = arena_page;

    if (pages_of(runs, count) > MEMORY_FILL_MOST)
        return;
    for (uint32_t i = 0; i < count; i++) {
        if (!memory_is_made(memory, runs[i].slot)) {
            fill_stretch(memory, from, to - from, UNTIL_DONE, call);
            fill_resident(memory, runs[i].slot, to, runs[i].pages, call);
            from = to + runs[i].pages;
        }
        to += runs[i].pages;
    }
    fill_stretch(memory, from, to - from, UNTIL_DONE, call);
}
