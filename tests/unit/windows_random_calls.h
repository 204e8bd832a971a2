/* SPDX-License-Identifier: MIT
 * One random call after the other, right or wrong, to the table and to the plain model of it. */
#ifndef HOLDFAST_TESTS_WINDOWS_RANDOM_CALLS_H
#define HOLDFAST_TESTS_WINDOWS_RANDOM_CALLS_H

#include "windows_random_objects.h"

static inline void forget(struct model_window *window)
{
    memset(&model.owner[window->base], 0, window->pages);
    model.totals.arena_free += window->pages;
    model.totals.extents_reserved -= window->max_extents;
    model.totals.windows--;
    stale_handles[below(STALE)] = window->handle;
    window->handle = 0;
    model_tag_find(&model, window->tag)->since = ++model.time;
}

static inline enum hf_status expect_reserve(const struct reserve_request *request,
                                            struct model_window *entry)
{
    enum hf_status status =
        model_reserve(&model, request, &entry->pages, &entry->max_extents, &entry->base);

    if (status != HF_OK && status != HF_NO_RESOURCES)
        return status;
    return model_tag_reserve(&model, request->tag, entry->pages, entry->max_extents, status);
}

static inline void try_reserve(void)
{
    struct reserve_request request = {.bytes = below(24 * 4096) + 1,
                                      .tag = any_tag(),
                                      .flags = (uint32_t)below(2),
                                      .max_extents = (uint32_t)below(30)};
    struct model_window entry = {0};
    struct window *window;
    struct window_state state;
    uint32_t index = 0;

    if (one_in(8))
        request.bytes = below(700 * 4096);
    if (one_in(20))
        request.bytes = wild() * (one_in(2) ? 4096 : 1);
    if (one_in(40))
        request.tag = 0;
    if (one_in(40))
        request.flags = (uint32_t)random_64();
    if (one_in(40))
        request.max_extents = (uint32_t)wild();
    const enum hf_status expected = expect_reserve(&request, &entry);
    assert_int_equal(windows_reserve(table.windows, &request, &window), expected);
    if (expected != HF_OK)
        return;

    window_describe(window, &state);
    assert_int_equal(state.arena_page, MODEL_BASE + entry.base);
    assert_int_equal(windows_stat(table.windows, state.handle, &state), HF_STAT_NO_WINDOW);
    for (uint32_t i = 0; i < STALE; i++)
        assert_int_not_equal(stale_handles[i], state.handle);
    while (model.window[index].handle)
        index++;
    entry.handle = state.handle;
    entry.tag = request.tag;
    entry.flags = request.flags;
    model.window[index] = entry;
    memset(&model.owner[entry.base], (int)index + 1, entry.pages);
    model.totals.arena_free -= entry.pages;
    model.totals.extents_reserved += entry.max_extents;
    model.totals.windows++;
    if (one_in(10)) {
        windows_abandon(table.windows, window);
        forget(&model.window[index]);
        model_tag_find(&model, request.tag)->state.refused++;
        return;
    }
    windows_publish(table.windows, window);
    model.totals.reserves++;
    model_tag_publish(&model, request.tag);
    compare_window(&model.window[index]);
}

static inline void expect_mapped(struct model_window *window, const struct map_request *request,
                                 const struct hf_extent *list, uint32_t count)
{
    uint64_t pages = 0;

    for (uint32_t i = 0; i < count; i++)
        pages += list[i].pages;
    assert_int_equal(table.cache, model_enter(&model, window, request, list, count));
    assert_int_equal(table.mapped_at, MODEL_BASE + window->base + request->page_offset);
    assert_int_equal(table.mapped_pages, pages);
}

static inline void try_map(void)
{
    struct hf_extent list[LIST_MOST];
    struct model_window *window;
    struct map_request request = {.window = random_handle(&window)};
    uint32_t count = random_list(list, window);

    request = random_map(request.window, window);
    const enum hf_status expected = window == NULL ? HF_MAP_NO_WINDOW
                                    : request.tag != window->tag
                                        ? HF_MAP_WRONG_TAG
                                        : model_map(&model, window, &request, list, count, 0, 0);
    assert_int_equal(map_request(&table, &request, list, count), expected);
    if (expected == HF_OK)
        expect_mapped(window, &request, list, count);
    if (window != NULL)
        compare_window(window);
}

static inline void try_unmap(void)
{
    struct model_window *window;
    uint64_t handle = random_handle(&window);
    uint32_t tag = random_tag(window);
    uint64_t offset, pages;
    uint32_t map = 0;

    random_range(window, &offset, &pages);
    const enum hf_status expected = window == NULL ? HF_UNMAP_NO_WINDOW
                                    : tag != window->tag
                                        ? HF_UNMAP_WRONG_TAG
                                        : model_unmap(&model, window, offset, pages, &map);
    assert_int_equal(unmap_with(&table, handle, offset, pages, tag), expected);
    if (expected == HF_OK)
        model_remove(&model, window, map);
    if (window != NULL)
        compare_window(window);
}

static inline void try_remap(void)
{
    struct hf_extent list[LIST_MOST];
    struct model_window *window;
    struct map_request request = {.window = random_handle(&window)};
    uint32_t count = random_list(list, window);
    uint64_t offset, pages;
    uint32_t map = 0;

    request = random_map(request.window, window);
    random_range(window, &offset, &pages);
    if (one_in(2))
        request.page_offset = offset;
    enum hf_status expected = window == NULL ? HF_MAP_NO_WINDOW
                              : request.tag != window->tag
                                  ? HF_MAP_WRONG_TAG
                                  : model_unmap(&model, window, offset, pages, &map);
    if (expected == HF_OK)
        expected = model_map(&model, window, &request, list, count, map,
                             model_extents_of(&model, window, map));
    assert_int_equal(remap_request(&table, &request, offset, pages, list, count), expected);
    if (expected == HF_OK) {
        model_remove(&model, window, map);
        expect_mapped(window, &request, list, count);
    }
    if (window != NULL)
        compare_window(window);
}

static inline void unmap_everything(struct model_window *window)
{
    for (uint64_t offset = 0; offset < window->pages; offset++) {
        uint32_t map = model.page[window->base + offset].map;
        uint64_t end = offset;

        if (map == 0)
            continue;
        while (end < window->pages && model.page[window->base + end].map == map)
            end++;
        assert_int_equal(unmap_with(&table, window->handle, offset, end - offset, window->tag),
                         HF_OK);
        model_remove(&model, window, map);
    }
}

static inline void try_release(void)
{
    struct model_window *window;
    uint64_t handle = random_handle(&window);
    uint32_t tag = random_tag(window);

    if (window != NULL && one_in(2))
        unmap_everything(window);
    const enum hf_status expected = window == NULL                         ? HF_RELEASE_NO_WINDOW
                                    : tag != window->tag                   ? HF_RELEASE_WRONG_TAG
                                    : model_state(&model, window).mappings ? HF_RELEASE_MAPPED
                                                                           : HF_OK;

    assert_int_equal(release_with(&table, handle, tag), expected);
    if (expected == HF_OK) {
        forget(window);
        model.totals.releases++;
    }
}

static inline void try_fault(void)
{
    uint64_t page = one_in(10) ? wild() : MODEL_BASE - 2 + below(MODEL_PAGES + 4);
    struct model_window *window = NULL;

    if (page >= MODEL_BASE && page - MODEL_BASE < MODEL_PAGES && model.owner[page - MODEL_BASE])
        window = &model.window[model.owner[page - MODEL_BASE] - 1];
    compare_rights(page);
    assert_int_equal(windows_count_fault(table.windows, page), window != NULL ? window->handle : 0);
    if (window != NULL) {
        window->faults++;
        compare_window(window);
    }
}

static inline void try_quota(void)
{
    uint32_t tag = any_tag();
    struct tag_amounts quota = {0};

    if (!one_in(3))
        quota.windows = below(12);
    if (one_in(3))
        quota.pages = one_in(8) ? wild() : below(200);
    if (one_in(3))
        quota.extents = below(100);
    assert_int_equal(windows_set_quota(table.windows, tag, &quota),
                     model_tag_quota(&model, tag, &quota));
}

static inline void try_rescued(void)
{
    const struct model_window *expected = random_window();
    const uint64_t took = below(1000);

    if (expected == NULL)
        return;
    const struct window *window = windows_next(table.windows, MODEL_BASE + expected->base);
    struct tag_state *tag = &model_tag_find(&model, expected->tag)->state;

    windows_count_rescued(table.windows, window, took);
    tag->rescued++;
    if (took > tag->longest_rescue)
        tag->longest_rescue = took;
}

static inline void reset(void)
{
    windows_reset(table.windows);
    for (uint32_t i = 0; i < MODEL_WINDOWS; i++) {
        if (model.window[i].handle)
            forget(&model.window[i]);
    }
    memset(model.page, 0, sizeof model.page);
    memset(model.uses, 0, sizeof model.uses);
    model_tags_reset(&model);
    model.totals.mapped_pages = 0;
    model.totals.extents = 0;
    model.totals.reserves = model.totals.releases = 0;
    model.totals.maps = model.totals.unmaps = 0;
    compare_everything();
}

static inline void one_operation(bool growing)
{
    const struct {
        uint32_t share;
        void (*operation)(void);
    } operations[] = {
        {growing ? 80 : 20, try_reserve},
        {20, try_fault},
        {growing ? 400 : 250, try_map},
        {growing ? 200 : 300, try_unmap},
        {growing ? 20 : 60, try_release},
        {5, try_quota},
        {5, try_rescued},
        {1000, try_remap},
    };
    uint64_t lot = below(1000);

    if (going != 0 && one_in(100)) {
        step_detach();
        return;
    }
    if (going == 0 && one_in(1000)) {
        begin_detach();
        return;
    }
    if (one_in(20000)) {
        reset();
        return;
    }
    for (uint32_t i = 0; i < sizeof operations / sizeof operations[0]; i++) {
        if (lot < operations[i].share) {
            operations[i].operation();
            return;
        }
        lot -= operations[i].share;
    }
}

/* A fresh table and a fresh model, both with all objects. */
static inline void begin_run(void)
{
    const struct windows_limits limits = {.arena_page = MODEL_BASE,
                                          .arena_pages = MODEL_PAGES,
                                          .windows = MODEL_WINDOWS,
                                          .extents = MODEL_EXTENTS,
                                          .tags = MODEL_TAGS,
                                          .pieces = MODEL_PIECES};

    memset(&model, 0, sizeof model);
    memset(stale_handles, 0, sizeof stale_handles);
    memset(stale_ids, 0, sizeof stale_ids);
    going = 0;
    table_make(&table, &limits);
    backings_init(&table.backings, MODEL_RAM, MODEL_BELOW, MODEL_ABOVE);
    for (uint32_t slot = 1; slot < MODEL_SLOTS; slot++)
        attach(slot);
    model.totals = totals_of(&table);
}

/* One call, or what an operator does. growing: mostly such as take, and not such as give back. */
static inline void one_step(bool growing)
{
    one_operation(growing);
    model.totals.arena_largest = model_largest(&model);
    model.totals.pieces = model_pieces(&model);
    assert_totals(&table, &model.totals);
    compare_tags();
}

static inline void end_run(void)
{
    compare_everything();
    free(table.memory);
}

#endif
