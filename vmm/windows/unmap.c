/* SPDX-License-Identifier: MIT
 * UNMAP: exactly what one MAP made goes away. */
#include "checks.h"
#include "mapped.h"

enum hf_status unmap_check(struct window *window, uint64_t offset, uint64_t pages,
                           const struct mapping **mapping, struct unmap_plan *plan)
{
    if (pages > window->span.pages || offset > window->span.pages - pages)
        return HF_UNMAP_BEYOND;
    if (pages == 0)
        return HF_UNMAP_NOT_ONE_MAP;
    if (!mappings_cover(window, offset, pages))
        return HF_UNMAP_NOT_MAPPED;
    const struct mapping *found = mappings_ending_behind(window, offset);
    if (mapping_offset(found) != offset || found->pages != pages)
        return HF_UNMAP_NOT_ONE_MAP;

    *plan = (struct unmap_plan){
        .window = window,
        .page_offset = offset,
        .arena_page = window->span.page + offset,
        .pages = pages,
    };
    *mapping = found;
    return HF_OK;
}

enum hf_status windows_decide_unmap(const struct windows *windows,
                                    const struct unmap_request *request, struct unmap_plan *plan)
{
    struct window *window = windows_find(windows, request->window);
    const struct mapping *mapping;

    if (window == NULL)
        return HF_UNMAP_NO_WINDOW;
    if (window->tag != request->tag)
        return HF_UNMAP_WRONG_TAG;
    return unmap_check(window, request->page_offset, request->pages, &mapping, plan);
}

void windows_commit_unmap(struct windows *windows, const struct unmap_plan *plan)
{
    struct window *window = plan->window;
    struct mapping *mapping = mappings_ending_behind(window, plan->page_offset);
    const uint32_t extents = mapping->extents;
    struct extent *next;

    mappings_remove(window, mapping);
    for (struct extent *extent = mapping_first(mapping); extent != NULL; extent = next) {
        next = extent->next;
        if (extent->is_detached)
            detached_remove(window, extent);
        else
            live_remove(windows, extent);
        extents_put(&window->spare, extent);
    }

    window->extents -= extents;
    window->mapped_pages -= plan->pages;
    window->mappings--;
    window->unmaps++;
    windows->extents -= extents;
    windows->mapped_pages -= plan->pages;
    windows->unmaps++;
}
