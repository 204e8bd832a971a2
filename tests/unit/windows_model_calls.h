/* SPDX-License-Identifier: MIT
 * What each call says to the plain model of the window table, and what it does to it. */
#ifndef HOLDFAST_TESTS_WINDOWS_MODEL_CALLS_H
#define HOLDFAST_TESTS_WINDOWS_MODEL_CALLS_H

#include "windows_model.h"

/* ---- expectations ---- */

static inline enum hf_status model_reserve(const struct model *model,
                                           const struct reserve_request *request, uint64_t *pages,
                                           uint32_t *extents, uint64_t *base)
{
    unsigned __int128 whole = ((unsigned __int128)request->bytes + 4095) / 4096;

    if (request->bytes == 0)
        return HF_RESERVE_NOTHING;
    if (request->tag == 0)
        return HF_BAD_TAG;
    if (request->flags > 1)
        return HF_BAD_FLAGS;
    if (whole >= (unsigned __int128)1 << 32)
        return HF_TOO_LARGE;
    *pages = (uint64_t)whole;
    *extents = (uint32_t)(request->max_extents == 0 || request->max_extents > *pages
                              ? *pages
                              : request->max_extents);
    if ((uint64_t)model->totals.extents_reserved + *extents > MODEL_EXTENTS ||
        model->totals.windows == MODEL_WINDOWS || !model_place(model, *pages, request->flags, base))
        return HF_NO_RESOURCES;
    const uint64_t left = MODEL_PIECES - model->totals.pieces;
    return model_new_pieces(model, *base, *pages) <= left ||
                   model_place_within(model, *pages, request->flags, left, base)
               ? HF_OK
               : HF_NO_RESOURCES;
}

/* Where one page of an extent comes from. false: from nowhere. */
static inline bool model_resolve(const struct model *model, uint32_t object,
                                 unsigned __int128 number, uint32_t *slot, uint64_t *page)
{
    if (object == HF_RAM) {
        *slot = 0;
        *page = (uint64_t)number;
        if (number >= MODEL_ABOVE)
            *page -= MODEL_ABOVE - MODEL_BELOW;
        return number < MODEL_BELOW ||
               (number >= MODEL_ABOVE && number < MODEL_ABOVE + (MODEL_RAM - MODEL_BELOW));
    }
    for (uint32_t i = 1; i < MODEL_SLOTS; i++) {
        if (model->object[i].id == object) {
            *slot = i;
            *page = (uint64_t)number;
            return number < model->object[i].pages;
        }
    }
    return false;
}

static inline enum hf_status model_extent(const struct model *model, const struct hf_extent *extent,
                                          bool writable)
{
    uint32_t slot;
    uint64_t page;

    if (extent->pages == 0)
        return HF_EMPTY_LIST;
    for (unsigned __int128 i = 0; i < extent->pages; i++) {
        if (!model_resolve(model, extent->object, extent->first + i, &slot, &page))
            return HF_BAD_PAGE;
    }
    return writable && slot > 0 && !model->object[slot].writable ? HF_READ_ONLY : HF_OK;
}

/* What MAP says once window and tag are right. old: a MAP that counts as gone, or 0. */
static inline enum hf_status model_map(const struct model *model, const struct model_window *window,
                                       const struct map_request *request,
                                       const struct hf_extent *list, uint32_t count, uint32_t old,
                                       uint32_t old_extents)
{
    uint64_t pages = 0;

    if (request->flags > 1)
        return HF_BAD_FLAGS;
    if (request->cache > 2)
        return HF_BAD_CACHE;
    if (count == 0)
        return HF_EMPTY_LIST;
    for (uint32_t i = 0; i < count; i++) {
        enum hf_status status = model_extent(model, &list[i], request->flags == 0);

        if (status != HF_OK)
            return status;
        pages += list[i].pages;
    }
    if ((unsigned __int128)request->page_offset + pages > window->pages)
        return HF_WINDOW_TOO_SMALL;
    for (uint64_t i = 0; i < pages; i++) {
        uint32_t map = model->page[window->base + request->page_offset + i].map;

        if (map != 0 && map != old)
            return HF_MAP_OVERLAP;
    }
    if (model_state(model, window).extents - old_extents + count > window->max_extents)
        return HF_TOO_MANY_EXTENTS;
    return HF_OK;
}

/* What UNMAP says once window and tag are right; which MAP it is. */
static inline enum hf_status model_unmap(const struct model *model,
                                         const struct model_window *window, uint64_t offset,
                                         uint64_t pages, uint32_t *map)
{
    if ((unsigned __int128)offset + pages > window->pages)
        return HF_UNMAP_BEYOND;
    if (pages == 0)
        return HF_UNMAP_NOT_ONE_MAP;
    const struct model_page *first = &model->page[window->base + offset];
    for (uint64_t i = 0; i < pages; i++) {
        if (first[i].map == 0)
            return HF_UNMAP_NOT_MAPPED;
    }
    *map = first->map;
    if (first[pages - 1].map != *map || (offset > 0 && first[-1].map == *map) ||
        (offset + pages < window->pages && first[pages].map == *map))
        return HF_UNMAP_NOT_ONE_MAP;
    return HF_OK;
}

/* ---- changes ---- */

static inline void model_use(struct model *model, const struct model_page *page, int by)
{
    model->uses[page->slot][page->page][page->cache] += (uint32_t)by;
}

static inline enum hf_cache model_type(const struct model *model, const struct hf_extent *list,
                                       uint32_t count, uint32_t asked)
{
    static const enum hf_cache order[] = {HF_CACHE_NONCACHED, HF_CACHE_WRITE_COMBINED,
                                          HF_CACHE_CACHED};
    uint32_t slot;
    uint64_t page;

    for (int type = 0; type < 3; type++) {
        for (uint32_t i = 0; i < count; i++) {
            for (uint32_t j = 0; j < list[i].pages; j++) {
                model_resolve(model, list[i].object, list[i].first + j, &slot, &page);
                if (model->uses[slot][page][order[type]] > 0)
                    return order[type];
            }
        }
    }
    return (enum hf_cache)asked;
}

/* Returns the type in force. */
static inline enum hf_cache model_enter(struct model *model, struct model_window *window,
                                        const struct map_request *request,
                                        const struct hf_extent *list, uint32_t count)
{
    enum hf_cache cache = model_type(model, list, count, request->cache);
    struct model_page *page = &model->page[window->base + request->page_offset];
    uint32_t map = ++model->serial;

    for (uint32_t i = 0; i < count; i++) {
        uint32_t extent = ++model->serial;

        for (uint32_t j = 0; j < list[i].pages; j++, page++) {
            *page = (struct model_page){
                .map = map, .extent = extent, .cache = cache, .writable = request->flags == 0};
            model_resolve(model, list[i].object, list[i].first + j, &page->slot, &page->page);
            model_use(model, page, 1);
            model->totals.mapped_pages++;
        }
    }
    window->maps++;
    model->totals.maps++;
    model->totals.extents += count;
    return cache;
}

static inline uint32_t model_extents_of(const struct model *model,
                                        const struct model_window *window, uint32_t map)
{
    uint32_t extents = 0;
    uint32_t last = 0;

    for (uint64_t i = 0; i < window->pages; i++) {
        const struct model_page *page = &model->page[window->base + i];

        extents += page->map == map && page->extent != last;
        last = page->extent;
    }
    return extents;
}

static inline void model_remove(struct model *model, struct model_window *window, uint32_t map)
{
    model->totals.extents -= model_extents_of(model, window, map);
    for (uint64_t i = 0; i < window->pages; i++) {
        struct model_page *page = &model->page[window->base + i];

        if (page->map != map)
            continue;
        if (!page->is_detached)
            model_use(model, page, -1);
        *page = (struct model_page){0};
        model->totals.mapped_pages--;
    }
    window->unmaps++;
    model->totals.unmaps++;
}

#endif
