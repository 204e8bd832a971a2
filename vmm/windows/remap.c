/* SPDX-License-Identifier: MIT
 * REMAP: an UNMAP and a MAP in one window, of which both happen or neither. */
#include "checks.h"

enum hf_status windows_decide_remap(const struct windows *windows,
                                    const struct map_request *request, uint64_t old_offset,
                                    uint64_t old_pages, const struct hf_extent *list,
                                    uint32_t count, struct run *runs, struct map_plan *map,
                                    struct unmap_plan *unmap)
{
    struct window *window = windows_find(windows, request->window);
    const struct mapping *old;

    if (window == NULL)
        return HF_MAP_NO_WINDOW;
    if (window->tag != request->tag)
        return HF_MAP_WRONG_TAG;
    const enum hf_status status = unmap_check(window, old_offset, old_pages, &old, unmap);
    if (status != HF_OK)
        return status;
    return map_check(windows, window, request, list, count, old, runs, map);
}

/* The old mapping goes first, so that its pages have no say in the new one's cache type. */
void windows_commit_remap(struct windows *windows, struct map_plan *map,
                          const struct unmap_plan *unmap)
{
    windows_commit_unmap(windows, unmap);
    windows_commit_map(windows, map);
}

uint32_t windows_remap_rest(const struct unmap_plan *old, const struct map_plan *new,
                            struct arena_part rest[2])
{
    const uint64_t old_end = old->arena_page + old->pages;
    const uint64_t new_end = new->arena_page + new->pages;
    uint32_t count = 0;

    if (new_end <= old->arena_page || old_end <= new->arena_page) {
        rest[count++] = (struct arena_part){old->arena_page, old->pages};
        return count;
    }
    if (old->arena_page < new->arena_page)
        rest[count++] = (struct arena_part){old->arena_page, new->arena_page - old->arena_page};
    if (new_end < old_end)
        rest[count++] = (struct arena_part){new_end, old_end - new_end};
    return count;
}
