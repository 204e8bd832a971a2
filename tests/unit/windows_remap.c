/* SPDX-License-Identifier: MIT
 * REMAP: one MAP is replaced by another, or nothing happens. */
#include "windows_table.h"

#define PAGES 16u

/* Tries a REMAP that is expected to be refused and checks that nothing has changed. */
static enum hf_status refused(struct table *table, const struct map_request *request,
                              uint64_t old_offset, uint64_t old_pages, const struct hf_extent *list,
                              uint32_t count)
{
    struct windows_totals totals = totals_of(table);
    struct window_state window = state_of(table, request->window);
    enum hf_status status = remap_request(table, request, old_offset, old_pages, list, count);

    assert_int_not_equal(status, HF_OK);
    assert_totals(table, &totals);
    assert_state(table, &window);
    check_invariants(table->windows);
    return status;
}

static enum hf_status refused_one(struct table *table, uint64_t handle, uint64_t old_offset,
                                  uint64_t old_pages, uint64_t offset, struct hf_extent extent)
{
    struct map_request request = {
        .window = handle, .page_offset = offset, .tag = TAG, .cache = HF_CACHE_CACHED};

    return refused(table, &request, old_offset, old_pages, &extent, 1);
}

static void a_remap_is_an_unmap_and_a_map(void **state)
{
    struct table *table = *state;
    uint64_t handle = window_of_pages(table, PAGES);

    assert_int_equal(map_one(table, handle, 2, OF(table->disk, 0, 4)), HF_OK);
    assert_int_equal(remap_one(table, handle, 2, 4, 9, RAM(7, 3)), HF_OK);
    assert_int_equal(table->mapped_at, ARENA_PAGE + 9);
    assert_int_equal(table->mapped_pages, 3);
    assert_int_equal(table->backings.object[1].extents, 0);
    struct window_state window = state_of(table, handle);
    assert_int_equal(window.mappings, 1);
    assert_int_equal(window.mapped_pages, 3);
    assert_int_equal(window.maps, 2);
    assert_int_equal(window.unmaps, 1);
    assert_int_equal(totals_of(table).maps, 2);
    assert_int_equal(totals_of(table).unmaps, 1);
    assert_int_equal(unmap(table, handle, 2, 4), HF_UNMAP_NOT_MAPPED);
    assert_int_equal(unmap(table, handle, 9, 3), HF_OK);
}

static void the_new_mapping_may_lie_where_the_old_one_lay(void **state)
{
    struct table *table = *state;
    uint64_t handle = window_of_pages(table, PAGES);

    assert_int_equal(map_one(table, handle, 4, RAM(0, 4)), HF_OK);
    assert_int_equal(remap_one(table, handle, 4, 4, 4, RAM(10, 4)), HF_OK);
    assert_int_equal(remap_one(table, handle, 4, 4, 2, RAM(10, 8)), HF_OK);
    assert_int_equal(remap_one(table, handle, 2, 8, 3, RAM(10, 2)), HF_OK);
    assert_int_equal(remap_one(table, handle, 3, 2, 4, RAM(10, 2)), HF_OK);
    assert_int_equal(remap_one(table, handle, 4, 2, 0, RAM(10, PAGES)), HF_OK);
    assert_int_equal(unmap(table, handle, 0, PAGES), HF_OK);
}

static void the_new_mapping_may_not_lie_over_another(void **state)
{
    struct table *table = *state;
    uint64_t handle = window_of_pages(table, PAGES);

    assert_int_equal(map_one(table, handle, 2, RAM(0, 2)), HF_OK);
    assert_int_equal(map_one(table, handle, 6, RAM(0, 2)), HF_OK);
    assert_int_equal(map_one(table, handle, 10, RAM(0, 2)), HF_OK);
    assert_int_equal(refused_one(table, handle, 6, 2, 3, RAM(20, 1)), HF_MAP_OVERLAP);
    assert_int_equal(refused_one(table, handle, 6, 2, 3, RAM(20, 5)), HF_MAP_OVERLAP);
    assert_int_equal(refused_one(table, handle, 6, 2, 6, RAM(20, 5)), HF_MAP_OVERLAP);
    assert_int_equal(refused_one(table, handle, 6, 2, 7, RAM(20, 4)), HF_MAP_OVERLAP);
    assert_int_equal(refused_one(table, handle, 6, 2, 11, RAM(20, 1)), HF_MAP_OVERLAP);
    assert_int_equal(refused_one(table, handle, 6, 2, 0, RAM(20, PAGES)), HF_MAP_OVERLAP);
    assert_int_equal(refused_one(table, handle, 2, 2, 2, RAM(20, 5)), HF_MAP_OVERLAP);
    assert_int_equal(refused_one(table, handle, 10, 2, 7, RAM(20, 5)), HF_MAP_OVERLAP);
    assert_int_equal(remap_one(table, handle, 6, 2, 4, RAM(20, 6)), HF_OK);
}

static void the_extents_of_the_old_mapping_are_free_for_the_new_one(void **state)
{
    struct table *table = *state;
    struct hf_extent list[] = {RAM(0, 1), RAM(5, 1), RAM(9, 1), RAM(12, 1)};
    struct map_request request = {.tag = TAG, .cache = HF_CACHE_CACHED};

    assert_int_equal(reserve(table, PAGES * HF_PAGE_SIZE, 0, 3, &request.window), HF_OK);
    assert_int_equal(map_list(table, request.window, 0, list, 3), HF_OK);
    assert_int_equal(refused(table, &request, 0, 3, list, 4), HF_TOO_MANY_EXTENTS);
    assert_int_equal(remap_request(table, &request, 0, 3, list, 3), HF_OK);
    assert_int_equal(remap_request(table, &request, 0, 3, list, 1), HF_OK);
    assert_int_equal(map_list(table, request.window, 4, list, 2), HF_OK);
    assert_int_equal(refused(table, &request, 0, 1, list, 2), HF_TOO_MANY_EXTENTS);
    request.page_offset = 4;
    assert_int_equal(remap_request(table, &request, 4, 2, list, 2), HF_OK);
}

static void a_remap_that_is_refused_keeps_the_old_mapping(void **state)
{
    struct table *table = *state;
    uint64_t handle = window_of_pages(table, PAGES);

    assert_int_equal(map_one(table, handle, 2, RAM(0, 4)), HF_OK);
    assert_int_equal(refused_one(table, handle, 2, 4, 2, RAM(RAM_PAGES, 1)), HF_BAD_PAGE);
    assert_int_equal(refused_one(table, handle, 2, 4, 2, OF(table->rom, 0, 1)), HF_READ_ONLY);
    assert_int_equal(refused_one(table, handle, 2, 4, 14, RAM(0, 3)), HF_WINDOW_TOO_SMALL);
    assert_int_equal(refused_one(table, handle, 2, 4, UINT64_MAX, RAM(0, 2)), HF_WINDOW_TOO_SMALL);
    assert_int_equal(unmap(table, handle, 2, 4), HF_OK);
}

static void a_remap_in_no_window_tells_what_a_map_would(void **state)
{
    struct table *table = *state;
    uint64_t handle = window_of_pages(table, PAGES);

    assert_int_equal(remap_one(table, handle + 1, 0, 1, 0, RAM(0, 1)), HF_MAP_NO_WINDOW);
    assert_int_equal(remap_one(table, 0, UINT64_MAX, UINT64_MAX, 0, RAM(0, 0)), HF_MAP_NO_WINDOW);
}

static void a_remap_with_another_tag_tells_what_a_map_would(void **state)
{
    struct table *table = *state;
    struct map_request request = {.tag = TAG + 1, .cache = HF_CACHE_CACHED};
    struct hf_extent extent = RAM(0, 1);

    request.window = window_of_pages(table, PAGES);
    assert_int_equal(map_one(table, request.window, 0, RAM(0, 1)), HF_OK);
    assert_int_equal(refused(table, &request, 0, 1, &extent, 1), HF_MAP_WRONG_TAG);
    assert_int_equal(refused(table, &request, UINT64_MAX, 1, &extent, 1), HF_MAP_WRONG_TAG);
}

static void the_old_mapping_has_to_be_just_one_map(void **state)
{
    struct table *table = *state;
    uint64_t handle = window_of_pages(table, PAGES);
    struct hf_extent ram = RAM(20, 1);

    assert_int_equal(map_one(table, handle, 2, RAM(0, 2)), HF_OK);
    assert_int_equal(map_one(table, handle, 4, RAM(0, 2)), HF_OK);
    assert_int_equal(refused_one(table, handle, 0, PAGES + 1, 8, ram), HF_UNMAP_BEYOND);
    assert_int_equal(refused_one(table, handle, UINT64_MAX, 2, 8, ram), HF_UNMAP_BEYOND);
    assert_int_equal(refused_one(table, handle, 2, 5, 8, ram), HF_UNMAP_NOT_MAPPED);
    assert_int_equal(refused_one(table, handle, 6, 1, 8, ram), HF_UNMAP_NOT_MAPPED);
    assert_int_equal(refused_one(table, handle, 2, 0, 8, ram), HF_UNMAP_NOT_ONE_MAP);
    assert_int_equal(refused_one(table, handle, 2, 1, 8, ram), HF_UNMAP_NOT_ONE_MAP);
    assert_int_equal(refused_one(table, handle, 2, 4, 8, ram), HF_UNMAP_NOT_ONE_MAP);
    assert_int_equal(remap_one(table, handle, 2, 2, 8, ram), HF_OK);
}

static void the_old_mapping_is_checked_before_the_new_one(void **state)
{
    struct table *table = *state;
    struct map_request request = {.tag = TAG, .flags = ~0u, .cache = 99, .page_offset = UINT64_MAX};
    struct hf_extent extent = RAM(RAM_PAGES, 0);

    request.window = window_of_pages(table, PAGES);
    assert_int_equal(refused(table, &request, 0, 1, &extent, 1), HF_UNMAP_NOT_MAPPED);
    assert_int_equal(map_one(table, request.window, 0, RAM(0, 1)), HF_OK);
    assert_int_equal(refused(table, &request, 0, 1, &extent, 1), HF_BAD_FLAGS);
    request.flags = 0;
    assert_int_equal(refused(table, &request, 0, 1, &extent, 1), HF_BAD_CACHE);
    request.cache = HF_CACHE_CACHED;
    assert_int_equal(refused(table, &request, 0, 1, &extent, 0), HF_EMPTY_LIST);
    assert_int_equal(refused(table, &request, 0, 1, &extent, HF_LIST_MAX + 1), HF_TOO_LARGE);
    assert_int_equal(refused(table, &request, 0, 1, &extent, 1), HF_EMPTY_LIST);
    extent.pages = 1;
    assert_int_equal(refused(table, &request, 0, 1, &extent, 1), HF_BAD_PAGE);
    extent.first = 0;
    assert_int_equal(refused(table, &request, 0, 1, &extent, 1), HF_WINDOW_TOO_SMALL);
}

static void both_plans_tell_what_the_host_has_to_do(void **state)
{
    struct table *table = *state;
    struct map_request request = {
        .page_offset = 1, .tag = TAG, .flags = HF_MAP_READ_ONLY, .cache = HF_CACHE_NONCACHED};
    struct hf_extent extent = OF(table->rom, 3, 4);
    struct map_plan map;
    struct unmap_plan old;

    window_of_pages(table, 100);
    request.window = window_of_pages(table, PAGES);
    assert_int_equal(map_one(table, request.window, 2, RAM(0, 2)), HF_OK);
    assert_int_equal(
        windows_decide_remap(table->windows, &request, 2, 2, &extent, 1, table->runs, &map, &old),
        HF_OK);
    assert_ptr_equal(old.window, map.window);
    assert_int_equal(old.page_offset, 2);
    assert_int_equal(old.arena_page, ARENA_PAGE + 100 + 2);
    assert_int_equal(old.pages, 2);
    assert_int_equal(map.page_offset, 1);
    assert_int_equal(map.arena_page, ARENA_PAGE + 100 + 1);
    assert_int_equal(map.pages, 4);
    assert_int_equal(map.count, 1);
    assert_false(map.writable);
    assert_int_equal(map.runs[0].first, 3);
    assert_int_equal(map.cache, HF_CACHE_NONCACHED);
}

#define TEST TABLE_TEST

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_remap_is_an_unmap_and_a_map),
        TEST(the_new_mapping_may_lie_where_the_old_one_lay),
        TEST(the_new_mapping_may_not_lie_over_another),
        TEST(the_extents_of_the_old_mapping_are_free_for_the_new_one),
        TEST(a_remap_that_is_refused_keeps_the_old_mapping),
        TEST(a_remap_in_no_window_tells_what_a_map_would),
        TEST(a_remap_with_another_tag_tells_what_a_map_would),
        TEST(the_old_mapping_has_to_be_just_one_map),
        TEST(the_old_mapping_is_checked_before_the_new_one),
        TEST(both_plans_tell_what_the_host_has_to_do),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
