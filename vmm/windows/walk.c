/* SPDX-License-Identifier: MIT
 * Looking at the table: its windows, what is mapped in them, and where a guest faults. */
#include "mapped.h"

/* NULL for the edge of the arena, which is the span of no window. */
static struct window *window_of(const struct windows *windows, struct span *span)
{
    return span == &windows->space.edge ? NULL : window_of_span(span);
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

    if (window == NULL)
        return HF_STAT_NO_WINDOW;
    window_describe(window, state);
    return HF_OK;
}

const struct window *windows_next(const struct windows *windows, uint64_t arena_page)
{
    struct span *span = space_ending_behind(&windows->space, arena_page);

    for (; span != NULL; span = space_next(span)) {
        const struct window *window = window_of(windows, span);

        if (window != NULL && window->published && span->page >= arena_page)
            return window;
    }
    return NULL;
}

/* The run of a MAP in which the page offset lies, or its first. Its other extents are not looked
 * at: a walk over all runs takes O(log n) for each, however many of them are detached. */
static void next_run_in_map(const struct window *window, const struct mapping *mapping,
                            uint64_t offset, struct mapped_run *run)
{
    uint64_t begin = mapping_offset(mapping);
    uint64_t end = mapping_end(mapping);
    const uint64_t at = offset > begin ? offset : begin;
    struct extent *before = detached_before(window, at);

    if (before != NULL && extent_end(before) > at) {
        *run = (struct mapped_run){
            .page_offset = before->offset, .pages = before->pages, .is_detached = true};
        return;
    }
    const struct extent *after = detached_next(window, before);
    if (before != NULL && extent_end(before) > begin)
        begin = extent_end(before);
    if (after != NULL && after->offset < end)
        end = after->offset;
    *run = (struct mapped_run){.page_offset = begin, .pages = end - begin};
}

bool window_next_run(const struct window *window, uint64_t page_offset, struct mapped_run *run)
{
    const struct mapping *mapping = mappings_ending_behind(window, page_offset);

    if (mapping == NULL)
        return false;
    next_run_in_map(window, mapping, page_offset, run);
    return true;
}

/* The published window that contains a page of the arena, or NULL. */
static struct window *window_around(const struct windows *windows, uint64_t arena_page)
{
    struct span *span = space_ending_behind(&windows->space, arena_page);
    struct window *window = span != NULL ? window_of(windows, span) : NULL;

    return window != NULL && window->published && span->page <= arena_page ? window : NULL;
}

const struct window *windows_at(const struct windows *windows, uint64_t arena_page)
{
    return window_around(windows, arena_page);
}

uint64_t windows_count_fault(struct windows *windows, uint64_t arena_page)
{
    struct window *window = window_around(windows, arena_page);

    if (window == NULL)
        return 0;
    window->faults++;
    return window_handle(window);
}

enum page_rights windows_page_rights(const struct windows *windows, uint64_t arena_page)
{
    const struct window *window = window_around(windows, arena_page);

    if (window == NULL)
        return PAGE_NOT_MAPPED;
    const uint64_t offset = arena_page - window->span.page;
    const struct mapping *mapping = mappings_ending_behind(window, offset);
    const struct extent *before = detached_before(window, offset);
    if (mapping == NULL || mapping_offset(mapping) > offset ||
        (before != NULL && extent_end(before) > offset))
        return PAGE_NOT_MAPPED;
    return mapping_first_const(mapping)->writable ? PAGE_WRITABLE : PAGE_READ_ONLY;
}
