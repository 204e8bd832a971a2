/* SPDX-License-Identifier: MIT
 * A small window table for tests, with RAM and two objects, and each call in one line. */
#ifndef HOLDFAST_TESTS_WINDOWS_TABLE_H
#define HOLDFAST_TESTS_WINDOWS_TABLE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "vmm/windows/windows.h"
#include "windows_invariants.h"

#define ARENA_PAGE  0x100000u
#define ARENA_PAGES 4096u
#define WINDOWS_MAX 16u
#define EXTENTS_MAX 4096u
#define TAGS_MAX    4u

#define RAM_PAGES  1024u
#define HOLE_BEGIN 768u
#define HOLE_END   0x10000u
#define DISK_PAGES 101u /* the last one holds one byte */
#define ROM_PAGES  50u

#define TAG 0x54736554u /* "TesT" */

/* An extent as a guest writes it. */
#define RAM(first_page, count)                                                                     \
    ((struct hf_extent){.first = (first_page), .pages = (count), .object = HF_RAM})
#define OF(object_id, first_page, count)                                                           \
    ((struct hf_extent){.first = (first_page), .pages = (count), .object = (object_id)})

struct table {
    struct backings backings;
    void *memory;
    struct windows *windows;
    uint32_t disk; /* ids */
    uint32_t rom;
    struct run runs[HF_LIST_MAX];
    enum hf_cache cache;   /* in force after the last MAP or REMAP */
    uint64_t mapped_at;    /* arena page of the last MAP or REMAP */
    uint64_t mapped_pages; /* and its pages */
};

static inline void table_make(struct table *table, const struct windows_limits *limits)
{
    size_t bytes = windows_bytes(limits);

    /* Exactly so many bytes: the sanitizer sees a step beyond. */
    assert_int_equal(posix_memalign(&table->memory, 64, bytes), 0);
    memset(table->memory, 0, bytes);
    backings_init(&table->backings, RAM_PAGES, HOLE_BEGIN, HOLE_END);
    table->disk = table->backings
                      .object[backings_attach(&table->backings, "disk",
                                              (DISK_PAGES - 1) * HF_PAGE_SIZE + 1, true)]
                      .id;
    table->rom =
        table->backings
            .object[backings_attach(&table->backings, "rom", ROM_PAGES * HF_PAGE_SIZE, false)]
            .id;
    table->windows = windows_create(table->memory, limits, &table->backings);
}

static inline struct table *table_new(const struct windows_limits *limits)
{
    struct table *table = calloc(1, sizeof *table);

    assert_non_null(table);
    table_make(table, limits);
    return table;
}

static inline void table_free(struct table *table)
{
    check_invariants(table->windows);
    free(table->memory);
    free(table);
}

static inline int table_setup(void **state)
{
    *state = table_new(&(struct windows_limits){.arena_page = ARENA_PAGE,
                                                .arena_pages = ARENA_PAGES,
                                                .windows = WINDOWS_MAX,
                                                .extents = EXTENTS_MAX,
                                                .tags = TAGS_MAX});
    return 0;
}

static inline int table_teardown(void **state)
{
    table_free(*state);
    return 0;
}

#define TABLE_TEST(name) cmocka_unit_test_setup_teardown(name, table_setup, table_teardown)

/* Reserves and publishes; the handle goes to *handle. */
static inline enum hf_status reserve(struct table *table, uint64_t bytes, uint32_t flags,
                                     uint32_t max_extents, uint64_t *handle)
{
    struct reserve_request request = {
        .bytes = bytes, .tag = TAG, .flags = flags, .max_extents = max_extents};
    struct window *window;
    struct window_state state;
    enum hf_status status = windows_reserve(table->windows, &request, &window);

    if (status != HF_OK)
        return status;
    window_describe(window, &state);
    windows_publish(table->windows, window);
    *handle = state.handle;
    return HF_OK;
}

/* A window that the test needs. */
static inline uint64_t window_of_pages(struct table *table, uint64_t pages)
{
    uint64_t handle = 0;

    assert_int_equal(reserve(table, pages * HF_PAGE_SIZE, 0, 0, &handle), HF_OK);
    return handle;
}

static inline struct window_state state_of(struct table *table, uint64_t handle)
{
    struct window_state state;

    assert_int_equal(windows_stat(table->windows, handle, &state), HF_OK);
    return state;
}

static inline struct windows_totals totals_of(struct table *table)
{
    struct windows_totals totals;

    windows_totals(table->windows, &totals);
    return totals;
}

/* Fails unless the totals are still these. */
static inline void assert_totals(struct table *table, const struct windows_totals *expected)
{
    const struct windows_totals totals = totals_of(table);

    assert_totals_equal(&totals, expected);
}

/* Fails unless the window is still in this state. */
static inline void assert_state(struct table *table, const struct window_state *expected)
{
    struct window_state state = state_of(table, expected->handle);

    assert_int_equal(state.arena_page, expected->arena_page);
    assert_int_equal(state.pages, expected->pages);
    assert_int_equal(state.mapped_pages, expected->mapped_pages);
    assert_int_equal(state.tag, expected->tag);
    assert_int_equal(state.flags, expected->flags);
    assert_int_equal(state.max_extents, expected->max_extents);
    assert_int_equal(state.extents, expected->extents);
    assert_int_equal(state.mappings, expected->mappings);
    assert_int_equal(state.maps, expected->maps);
    assert_int_equal(state.unmaps, expected->unmaps);
    assert_int_equal(state.faults, expected->faults);
}

static inline enum hf_status map_request(struct table *table, const struct map_request *request,
                                         const struct hf_extent *list, uint32_t count)
{
    struct map_plan plan;
    enum hf_status status =
        windows_decide_map(table->windows, request, list, count, table->runs, &plan);

    if (status != HF_OK)
        return status;
    windows_commit_map(table->windows, &plan);
    table->cache = plan.cache;
    table->mapped_at = plan.arena_page;
    table->mapped_pages = plan.pages;
    return HF_OK;
}

static inline enum hf_status map_list(struct table *table, uint64_t handle, uint64_t offset,
                                      const struct hf_extent *list, uint32_t count)
{
    struct map_request request = {
        .window = handle, .page_offset = offset, .tag = TAG, .cache = HF_CACHE_CACHED};

    return map_request(table, &request, list, count);
}

static inline enum hf_status map_one(struct table *table, uint64_t handle, uint64_t offset,
                                     struct hf_extent extent)
{
    return map_list(table, handle, offset, &extent, 1);
}

static inline enum hf_status map_as(struct table *table, uint64_t handle, uint64_t offset,
                                    struct hf_extent extent, enum hf_cache cache)
{
    struct map_request request = {
        .window = handle, .page_offset = offset, .tag = TAG, .cache = (uint32_t)cache};

    return map_request(table, &request, &extent, 1);
}

static inline enum hf_status unmap_with(struct table *table, uint64_t handle, uint64_t offset,
                                        uint64_t pages, uint32_t tag)
{
    struct unmap_request request = {
        .window = handle, .page_offset = offset, .pages = pages, .tag = tag};
    struct unmap_plan plan;
    enum hf_status status = windows_decide_unmap(table->windows, &request, &plan);

    if (status == HF_OK)
        windows_commit_unmap(table->windows, &plan);
    return status;
}

static inline enum hf_status unmap(struct table *table, uint64_t handle, uint64_t offset,
                                   uint64_t pages)
{
    return unmap_with(table, handle, offset, pages, TAG);
}

static inline enum hf_status remap_request(struct table *table, const struct map_request *request,
                                           uint64_t old_offset, uint64_t old_pages,
                                           const struct hf_extent *list, uint32_t count)
{
    struct map_plan map;
    struct unmap_plan old;
    enum hf_status status = windows_decide_remap(table->windows, request, old_offset, old_pages,
                                                 list, count, table->runs, &map, &old);

    if (status != HF_OK)
        return status;
    windows_commit_remap(table->windows, &map, &old);
    table->cache = map.cache;
    table->mapped_at = map.arena_page;
    table->mapped_pages = map.pages;
    return HF_OK;
}

static inline enum hf_status remap_one(struct table *table, uint64_t handle, uint64_t old_offset,
                                       uint64_t old_pages, uint64_t offset, struct hf_extent extent)
{
    struct map_request request = {
        .window = handle, .page_offset = offset, .tag = TAG, .cache = HF_CACHE_CACHED};

    return remap_request(table, &request, old_offset, old_pages, &extent, 1);
}

static inline enum hf_status release_with(struct table *table, uint64_t handle, uint32_t tag)
{
    struct window *window;
    enum hf_status status = windows_decide_release(table->windows, handle, tag, &window);

    if (status == HF_OK)
        windows_commit_release(table->windows, window);
    return status;
}

static inline enum hf_status release(struct table *table, uint64_t handle)
{
    return release_with(table, handle, TAG);
}

#endif
