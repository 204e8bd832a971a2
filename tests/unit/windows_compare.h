/* SPDX-License-Identifier: MIT
 * Compares the window table with the plain model of it. */
#ifndef HOLDFAST_TESTS_WINDOWS_COMPARE_H
#define HOLDFAST_TESTS_WINDOWS_COMPARE_H

#include "windows_chance.h"

static struct table table;

static inline void compare_window(const struct model_window *window)
{
    struct window_state expected = model_state(&model, window);

    assert_state(&table, &expected);
}

static inline void compare_page(const struct model_window *window, uint64_t offset,
                                const struct mapped_run *run)
{
    const struct model_page *page = &model.page[window->base + offset];
    bool in_run =
        run != NULL && offset >= run->page_offset && offset - run->page_offset < run->pages;

    assert_int_equal(page->map != 0, in_run);
    if (in_run)
        assert_int_equal(page->is_detached, run->is_detached);
}

static inline void compare_runs(const struct window *window, const struct model_window *expected)
{
    struct mapped_run run;
    uint64_t at = 0;

    while (window_next_run(window, at, &run)) {
        assert_true(run.pages > 0 && run.page_offset + run.pages > at);
        for (; at < run.page_offset + run.pages; at++)
            compare_page(expected, at, &run);
    }
    for (; at < expected->pages; at++)
        compare_page(expected, at, NULL);
}

static inline void compare_rights(uint64_t arena_page)
{
    enum page_rights expected = PAGE_NOT_MAPPED;

    if (arena_page >= MODEL_BASE && arena_page - MODEL_BASE < MODEL_PAGES) {
        const struct model_page *page = &model.page[arena_page - MODEL_BASE];

        if (page->map && !page->is_detached)
            expected = page->writable ? PAGE_WRITABLE : PAGE_READ_ONLY;
    }
    assert_int_equal(windows_page_rights(table.windows, arena_page), expected);
}

static inline void compare_amounts(const struct tag_amounts *amounts,
                                   const struct tag_amounts *expected)
{
    assert_int_equal(amounts->windows, expected->windows);
    assert_int_equal(amounts->pages, expected->pages);
    assert_int_equal(amounts->extents, expected->extents);
}

static inline void compare_tags(void)
{
    struct tag_state state;
    uint32_t tags_seen = 0;

    for (uint64_t from = 0;
         from <= UINT32_MAX && windows_next_tag(table.windows, (uint32_t)from, &state);
         from = (uint64_t)state.tag + 1) {
        const struct model_tag *expected = model_tag_find(&model, state.tag);
        const struct tag_amounts held = model_tag_held(&model, state.tag);

        assert_non_null(expected);
        assert_true(state.tag >= from);
        compare_amounts(&state.held, &held);
        compare_amounts(&state.high, &expected->state.high);
        compare_amounts(&state.quota, &expected->state.quota);
        assert_int_equal(state.refused, expected->state.refused);
        assert_int_equal(state.rescued, expected->state.rescued);
        assert_int_equal(state.longest_rescue, expected->state.longest_rescue);
        tags_seen++;
    }
    assert_int_equal(tags_seen, model_tags_used(&model));
}

static inline void compare_everything(void)
{
    const struct window *window;
    uint32_t windows = 0;

    for (uint64_t page = MODEL_BASE; page < MODEL_BASE + MODEL_PAGES; page++)
        compare_rights(page);

    for (uint64_t at = 0; (window = windows_next(table.windows, at)) != NULL; windows++) {
        struct window_state state;

        window_describe(window, &state);
        const struct model_window *expected = model_find(&model, state.handle);
        assert_non_null(expected);
        compare_window(expected);
        compare_runs(window, expected);
        at = state.arena_page + 1;
    }
    assert_int_equal(windows, model.totals.windows);
    check_invariants(table.windows);
}

#endif
