/* SPDX-License-Identifier: MIT
 * Random arguments for the window table: mostly good ones, now and then any kind of bad. */
#ifndef HOLDFAST_TESTS_WINDOWS_CHANCE_H
#define HOLDFAST_TESTS_WINDOWS_CHANCE_H

#include "chance.h"
#include "windows_model_calls.h"
#include "windows_model_tags.h"
#include "windows_table.h"

#define STALE     64u /* handles and ids that were good once */
#define LIST_MOST 24u

static struct model model;
static uint64_t stale_handles[STALE];
static uint32_t stale_ids[STALE];
static const uint32_t tags[] = {1, TAG, 0xffffffffu, 2, 0x7fffffffu, 0x80000000u};

/* A number that may hurt: near 0, 2^32, 2^52 or 2^64. */
static inline uint64_t wild(void)
{
    static const uint64_t edges[] = {0, (uint64_t)1 << 31, (uint64_t)1 << 32, (uint64_t)1 << 40,
                                     (uint64_t)1 << 52};

    return edges[below(sizeof edges / sizeof edges[0])] + below(9) - 4;
}

static inline struct model_window *random_window(void)
{
    for (int i = 0; i < 8; i++) {
        struct model_window *window = &model.window[below(MODEL_WINDOWS)];

        if (window->handle)
            return window;
    }
    return NULL;
}

/* A handle, mostly a good one, whose window is *window then. */
static inline uint64_t random_handle(struct model_window **window)
{
    uint64_t handle = one_in(2) ? stale_handles[below(STALE)] : wild();

    *window = random_window();
    if (*window != NULL && !one_in(25))
        return (*window)->handle;
    *window = model_find(&model, handle);
    return handle;
}

/* Mostly one of three, so that windows of one owner meet; now and then one too many. */
static inline uint32_t any_tag(void)
{
    return tags[one_in(30) ? below(6) : below(3)];
}

static inline uint32_t random_tag(const struct model_window *window)
{
    if (window != NULL && !one_in(30))
        return window->tag;
    return one_in(4) ? 0 : any_tag();
}

static inline struct hf_extent random_extent(void)
{
    struct hf_extent extent = {.pages = (uint32_t)below(4) + 1};
    uint32_t slot = (uint32_t)below(MODEL_SLOTS);

    if (slot > 0 && model.object[slot].id) {
        extent.object = model.object[slot].id;
        extent.first = below(model.object[slot].pages);
        if (extent.first + extent.pages > model.object[slot].pages)
            extent.pages = 1;
    } else {
        extent.first = below(MODEL_RAM);
        if (extent.first >= MODEL_BELOW)
            extent.first += MODEL_ABOVE - MODEL_BELOW;
        if ((extent.first + extent.pages - 1) % MODEL_ABOVE >= MODEL_RAM - MODEL_BELOW)
            extent.pages = 1;
    }
    if (one_in(120))
        extent.first = wild();
    if (one_in(120))
        extent.pages = (uint32_t)wild();
    if (one_in(200))
        extent.object = stale_ids[below(STALE)];
    return extent;
}

static inline uint32_t random_list(struct hf_extent list[LIST_MOST],
                                   const struct model_window *window)
{
    uint32_t count = (uint32_t)(one_in(12) ? below(LIST_MOST + 1) : below(4) + 1);

    if (window != NULL && window->pages < count && !one_in(10))
        count = 1;
    for (uint32_t i = 0; i < count; i++)
        list[i] = random_extent();
    return count;
}

/* Mostly the offset of a page that is mapped, or of one that is not. */
static inline uint64_t random_offset(const struct model_window *window, bool mapped)
{
    if (window == NULL || one_in(40))
        return wild();
    for (int i = 0; i < 6; i++) {
        const uint64_t offset = below(window->pages);
        if ((model.page[window->base + offset].map != 0) == mapped)
            return offset;
    }
    return below(window->pages + 1);
}

static inline struct map_request random_map(uint64_t handle, const struct model_window *window)
{
    struct map_request request = {.window = handle,
                                  .page_offset = random_offset(window, false),
                                  .tag = random_tag(window),
                                  .flags = (uint32_t)below(2),
                                  .cache = (uint32_t)below(3)};

    if (one_in(60))
        request.flags = (uint32_t)random_64();
    if (one_in(60))
        request.cache = (uint32_t)wild();
    return request;
}

/* Mostly the place of one MAP. */
static inline void random_range(const struct model_window *window, uint64_t *offset,
                                uint64_t *pages)
{
    *offset = random_offset(window, !one_in(8));
    *pages = one_in(40) ? wild() : below(6);
    if (window != NULL && *offset < window->pages && !one_in(6)) {
        const struct model_page *page = &model.page[window->base];
        uint64_t end = *offset;

        while (*offset > 0 && page[*offset - 1].map == page[*offset].map)
            --*offset;
        while (end < window->pages && page[end].map == page[*offset].map)
            end++;
        *pages = end - *offset;
    }
}

#endif
