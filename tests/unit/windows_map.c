/* SPDX-License-Identifier: MIT
 * MAP: what a mapping is and where it lies. */
#include "windows_table.h"

#define PAGES 16u

static void a_map_shows_its_pages_where_it_was_asked_to(void **state)
{
    struct table *table = *state;
    struct hf_extent list[] = {RAM(5, 2), OF(0, 7, 3), RAM(HOLE_END + 1, 1)};

    window_of_pages(table, 3);
    const uint64_t handle = window_of_pages(table, PAGES);
    list[1].object = table->disk;
    assert_int_equal(map_list(table, handle, 4, list, 3), HF_OK);
    struct window_state window = state_of(table, handle);
    assert_int_equal(table->mapped_at, window.arena_page + 4);
    assert_int_equal(table->mapped_pages, 6);
    assert_int_equal(window.mapped_pages, 6);
    assert_int_equal(window.extents, 3);
    assert_int_equal(window.mappings, 1);
    assert_int_equal(window.maps, 1);
    assert_int_equal(window.unmaps, 0);

    assert_int_equal(table->runs[0].slot, BACKING_RAM);
    assert_int_equal(table->runs[0].first, 5);
    assert_int_equal(table->runs[1].first, 7);
    assert_int_equal(table->runs[1].pages, 3);
    assert_int_equal(table->runs[1].slot, backings_by_id(&table->backings, table->disk));
    assert_int_equal(table->runs[2].first, HOLE_BEGIN + 1);
}

static void the_plan_tells_what_the_host_has_to_do(void **state)
{
    struct table *table = *state;
    uint64_t handle = window_of_pages(table, PAGES);
    struct map_request request = {.window = handle,
                                  .page_offset = 3,
                                  .tag = TAG,
                                  .flags = HF_MAP_READ_ONLY,
                                  .cache = HF_CACHE_WRITE_COMBINED};
    struct hf_extent list[] = {RAM(1, 2), RAM(9, 1)};
    struct map_plan plan;

    assert_int_equal(windows_decide_map(table->windows, &request, list, 2, table->runs, &plan),
                     HF_OK);
    assert_int_equal(plan.page_offset, 3);
    assert_int_equal(plan.arena_page, ARENA_PAGE + 3);
    assert_int_equal(plan.pages, 3);
    assert_ptr_equal(plan.runs, table->runs);
    assert_int_equal(plan.count, 2);
    assert_false(plan.writable);
    assert_int_equal(plan.cache, HF_CACHE_WRITE_COMBINED);
    request.flags = 0;
    assert_int_equal(windows_decide_map(table->windows, &request, list, 2, table->runs, &plan),
                     HF_OK);
    assert_true(plan.writable);
}

static void deciding_changes_nothing(void **state)
{
    struct table *table = *state;
    uint64_t handle = window_of_pages(table, PAGES);
    struct windows_totals totals = totals_of(table);
    struct window_state window = state_of(table, handle);
    struct map_request request = {.window = handle, .tag = TAG, .cache = HF_CACHE_CACHED};
    struct hf_extent extent = RAM(0, 4);
    struct map_plan plan;

    for (int i = 0; i < 100; i++) {
        assert_int_equal(
            windows_decide_map(table->windows, &request, &extent, 1, table->runs, &plan), HF_OK);
    }
    assert_totals(table, &totals);
    assert_state(table, &window);
}

static void parts_of_a_window_are_mapped_independently(void **state)
{
    struct table *table = *state;
    uint64_t handle = window_of_pages(table, PAGES);

    for (uint32_t i = 0; i < PAGES; i++)
        assert_int_equal(map_one(table, handle, i * 7 % PAGES, RAM(i, 1)), HF_OK);
    assert_int_equal(state_of(table, handle).mappings, PAGES);
    for (uint32_t i = 0; i < PAGES; i++) {
        assert_int_equal(unmap(table, handle, i * 5 % PAGES, 1), HF_OK);
        check_invariants(table->windows);
    }
    assert_int_equal(state_of(table, handle).mappings, 0);
}

static void one_page_may_be_mapped_many_times(void **state)
{
    struct table *table = *state;
    uint64_t handle = window_of_pages(table, PAGES);
    uint64_t other = window_of_pages(table, PAGES);
    struct hf_extent list[] = {RAM(3, 1), RAM(3, 1), RAM(2, 3)};

    assert_int_equal(map_list(table, handle, 0, list, 3), HF_OK);
    assert_int_equal(map_list(table, other, 0, list, 3), HF_OK);
    check_invariants(table->windows);
    assert_int_equal(unmap(table, handle, 0, 5), HF_OK);
    check_invariants(table->windows);
    assert_int_equal(state_of(table, other).extents, 3);
}

#define TEST TABLE_TEST

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_map_shows_its_pages_where_it_was_asked_to),
        TEST(the_plan_tells_what_the_host_has_to_do),
        TEST(deciding_changes_nothing),
        TEST(parts_of_a_window_are_mapped_independently),
        TEST(one_page_may_be_mapped_many_times),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
