/* SPDX-License-Identifier: MIT
 * MAP: a page list becomes part of a window. */
#include "checks.h"
#include "mapped.h"

/* Checks and translates every extent and adds up their pages: at most HF_LIST_MAX times 2^32. */
static enum hf_status resolve_list(const struct windows *windows, const struct hf_extent *list,
                                   uint32_t count, bool writable, struct run *runs, uint64_t *pages)
{
    *pages = 0;
    for (uint32_t i = 0; i < count; i++) {
        enum hf_status status = backings_resolve(windows->backings, &list[i], writable, &runs[i]);

        if (status != HF_OK)
            return status;
        *pages += runs[i].pages;
    }
    return HF_OK;
}

static bool overlaps(const struct window *window, uint64_t offset, uint64_t pages,
                     const struct mapping *without)
{
    struct mapping *mapping = mappings_ending_behind(window, offset);

    if (mapping != NULL && mapping == without)
        mapping = mappings_next(mapping);
    return mapping != NULL && mapping_offset(mapping) < offset + pages;
}

enum hf_status map_check(const struct windows *windows, struct window *window,
                         const struct map_request *request, const struct hf_extent *list,
                         uint32_t count, const struct mapping *without, struct run *runs,
                         struct map_plan *plan)
{
    bool writable = !(request->flags & HF_MAP_READ_ONLY);
    uint32_t extents = window->extents - (without != NULL ? without->extents : 0);
    uint64_t pages;

    if (request->flags & ~HF_MAP_READ_ONLY)
        return HF_BAD_FLAGS;
    if (request->cache >= CACHE_TYPES)
        return HF_BAD_CACHE;
    if (count == 0)
        return HF_EMPTY_LIST;
    if (count > HF_LIST_MAX)
        return HF_TOO_LARGE;
    const enum hf_status status = resolve_list(windows, list, count, writable, runs, &pages);
    if (status != HF_OK)
        return status;
    if (request->page_offset >= window->span.pages ||
        pages > window->span.pages - request->page_offset)
        return HF_WINDOW_TOO_SMALL;
    if (overlaps(window, request->page_offset, pages, without))
        return HF_MAP_OVERLAP;
    if (count > window->max_extents - extents)
        return HF_TOO_MANY_EXTENTS;

    *plan = (struct map_plan){
        .window = window,
        .page_offset = request->page_offset,
        .arena_page = window->span.page + request->page_offset,
        .pages = pages,
        .runs = runs,
        .count = count,
        .writable = writable,
        .cache = (enum hf_cache)request->cache,
    };
    return HF_OK;
}

enum hf_status windows_decide_map(const struct windows *windows, const struct map_request *request,
                                  const struct hf_extent *list, uint32_t count, struct run *runs,
                                  struct map_plan *plan)
{
    struct window *window = windows_find(windows, request->window);

    if (window == NULL)
        return HF_MAP_NO_WINDOW;
    if (window->tag != request->tag)
        return HF_MAP_WRONG_TAG;
    return map_check(windows, window, request, list, count, NULL, runs, plan);
}

/* The mapping has its extents when this returns; the rest of it is the caller's. */
static struct mapping *enter_extents(struct windows *windows, const struct map_plan *plan)
{
    uint64_t offset = plan->page_offset;
    struct mapping *mapping = NULL;
    struct extent *last = NULL;

    for (const struct run *run = plan->runs; run < plan->runs + plan->count; run++) {
        struct extent_record *record = extents_take(&plan->window->spare);

        if (last == NULL)
            mapping = &record->mapping;
        else
            last->next = &record->extent;
        last = &record->extent;
        *last = (struct extent){
            .key = live_key(run->slot, run->first),
            .mapping = mapping,
            .offset = (uint32_t)offset,
            .pages = run->pages,
            .cache = (uint8_t)plan->cache,
            .writable = plan->writable,
        };
        live_insert(windows, last);
        offset += run->pages;
    }
    return mapping;
}

void windows_commit_map(struct windows *windows, struct map_plan *plan)
{
    struct window *window = plan->window;

    plan->cache = live_type_in_force(windows, plan->runs, plan->count, plan->cache);
    struct mapping *mapping = enter_extents(windows, plan);
    /* fanalyzer: a plan has one extent or more */
    *mapping = (struct mapping){
        .window_slot = window->slot,
        .pages = (uint32_t)plan->pages,
        .extents = plan->count,
    };
    mappings_insert(window, mapping);

    window->extents += plan->count;
    window->mapped_pages += plan->pages;
    window->mappings++;
    window->maps++;
    windows->extents += plan->count;
    windows->mapped_pages += plan->pages;
    windows->maps++;
}
