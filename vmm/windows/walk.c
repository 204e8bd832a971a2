/* SPDX-License-Identifier: MIT
 * Looking at the table, counting faults in it, and taking a detached object's pages out of it. */
#include "internal.h"

/* A span other than the edge is the first member of its window. */
static struct window *window_of(const struct windows *windows, struct span *span)
{
    return span == &windows->space.edge ? NULL : (struct window *)span;
}

void window_describe(const struct window *window, struct window_state *state)
{
    *state = (struct window_state){
        .handle = window_handle(window),
        .arena_page = window->span.page,
        .pages = window->span.pages,
        .mapped_pages = window->mapped_pages,
        .tag = window->tag,
        .flags = window->flags,
        .max_extents = window->max_extents,
        .extents = window->extents,
        .mappings = window->mappings,
        .maps = window->maps,
        .unmaps = window->unmaps,
        .faults = window->faults,
    };
}

enum hf_status windows_stat(const struct windows *windows, uint64_t handle,
                            struct window_state *state)
{
    const struct window *window = windows_find(windows, handle);

    if (!window)
        return HF_STAT_NO_WINDOW;
    window_describe(window, state);
    return HF_OK;
}

const struct window *windows_next(const struct windows *windows, uint64_t arena_page)
{
    struct span *span = space_ending_behind(&windows->space, arena_page);

    for (; span; span = space_next(span)) {
        const struct window *window = window_of(windows, span);

        if (window && window->published && span->page >= arena_page)
            return window;
    }
    return NULL;
}

/* The pages of one MAP from offset on, as far as they are alike in being gone or not. */
static void next_run_in_map(const struct extent *head, uint64_t offset, struct mapped_run *run)
{
    const struct extent *extent = head;

    if (!head->some_gone) {
        *run = (struct mapped_run){.page_offset = head->offset, .pages = head->map_pages};
        return;
    }
    *run = (struct mapped_run){.page_offset = head->offset, .gone = head->gone};
    for (; extent; extent = extent->next) {
        if (extent->gone != run->gone) {
            if (run->page_offset + run->pages > offset)
                return;
            *run = (struct mapped_run){.page_offset = extent->offset, .gone = extent->gone};
        }
        run->pages += extent->pages;
    }
}

bool window_next_run(const struct window *window, uint64_t page_offset, struct mapped_run *run)
{
    const struct extent *head = mappings_ending_behind(window, page_offset);

    if (!head)
        return false;
    next_run_in_map(head, page_offset, run);
    return true;
}

/* The published window that contains a page of the arena, or NULL. */
static struct window *window_around(const struct windows *windows, uint64_t arena_page)
{
    struct span *span = space_ending_behind(&windows->space, arena_page);
    struct window *window = span ? window_of(windows, span) : NULL;

    return window && window->published && span->page <= arena_page ? window : NULL;
}

uint64_t windows_count_fault(struct windows *windows, uint64_t arena_page)
{
    struct window *window = window_around(windows, arena_page);

    if (!window)
        return 0;
    window->faults++;
    return window_handle(window);
}

enum page_rights windows_page_rights(const struct windows *windows, uint64_t arena_page)
{
    const struct window *window = window_around(windows, arena_page);

    if (!window)
        return PAGE_NOT_MAPPED;
    const uint64_t offset = arena_page - window->span.page;
    const struct extent *head = mappings_ending_behind(window, offset);
    struct mapped_run run;
    if (!head || head->offset > offset)
        return PAGE_NOT_MAPPED;
    next_run_in_map(head, offset, &run);
    if (run.gone)
        return PAGE_NOT_MAPPED;
    return head->writable ? PAGE_WRITABLE : PAGE_READ_ONLY;
}

bool windows_disown(struct windows *windows, uint32_t slot, uint64_t *arena_page, uint64_t *pages)
{
    struct extent *extent = NULL;

    if (slot == BACKING_RAM)
        return false;
    for (uint32_t cache = 0; cache < CACHE_TYPES && !extent; cache++)
        extent = live_find(windows, (enum hf_cache)cache, live_key(slot, 0), live_key(slot + 1, 0));
    if (!extent)
        return false;
    live_remove(windows, extent);
    extent->gone = true;
    extent->head->some_gone = true;
    *arena_page = extent->head->window->span.page + extent->offset;
    *pages = extent->pages;
    return true;
}
