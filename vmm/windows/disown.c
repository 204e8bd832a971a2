/* SPDX-License-Identifier: MIT
 * Who uses an object, and taking its pages out of the table when it is detached by force. */
#include "mapped.h"

/* Some extent of an object, or NULL. */
static struct extent *find_owned(const struct windows *windows, uint32_t slot)
{
    struct extent *extent = NULL;

    if (slot == BACKING_RAM)
        return NULL;
    for (uint32_t cache = 0; cache < CACHE_TYPES && extent == NULL; cache++)
        extent = live_find(windows, (enum hf_cache)cache, live_key(slot, 0), live_key(slot + 1, 0));
    return extent;
}

const struct window *windows_next_user(const struct windows *windows, uint32_t slot)
{
    const struct extent *extent = find_owned(windows, slot);

    return extent != NULL ? mapping_window(windows, extent->mapping) : NULL;
}

bool windows_unmap_has(const struct unmap_plan *plan, uint32_t slot)
{
    const struct mapping *mapping = mappings_ending_behind(plan->window, plan->page_offset);
    const struct extent *extent = mapping_first_const(mapping);

    while (extent != NULL && (extent->is_detached || live_slot(extent) != slot))
        extent = extent->next;
    return extent != NULL;
}

bool windows_disown(struct windows *windows, uint32_t slot, uint64_t *arena_page, uint64_t *pages)
{
    struct extent *extent = find_owned(windows, slot);

    if (extent == NULL)
        return false;
    live_remove(windows, extent);
    struct window *window = mapping_window(windows, extent->mapping);
    extent->is_detached = true;
    detached_insert(window, extent);
    *arena_page = window->span.page + extent->offset;
    *pages = extent->pages;
    return true;
}
