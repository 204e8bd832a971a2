/* SPDX-License-Identifier: MIT
 * UNMAP: exactly one earlier MAP goes, or nothing. */
#include "windows_table.h"

#define PAGES 16u

static enum hf_status refused(struct table *table, uint64_t handle, uint64_t offset, uint64_t pages)
{
    struct windows_totals totals = totals_of(table);
    struct window_state window = state_of(table, handle);
    enum hf_status status = unmap(table, handle, offset, pages);

    assert_int_not_equal(status, HF_OK);
    assert_totals(table, &totals);
    assert_state(table, &window);
    check_invariants(table->windows);
    return status;
}

static void an_unmap_leaves_nothing_of_the_map(void **state)
{
    struct table *table = *state;
    uint64_t handle = window_of_pages(table, PAGES);
    struct hf_extent list[] = {RAM(5, 2), OF(table->disk, 7, 3), RAM(9, 1)};
    struct windows_totals before = totals_of(table);

    assert_int_equal(map_list(table, handle, 4, list, 3), HF_OK);
    assert_int_equal(table->backings.object[1].extents, 1);
    assert_int_equal(unmap(table, handle, 4, 6), HF_OK);
    assert_int_equal(table->backings.object[1].extents, 0);
    before.maps = before.unmaps = 1;
    assert_totals(table, &before);
    assert_int_equal(state_of(table, handle).extents, 0);
    assert_int_equal(state_of(table, handle).mappings, 0);
    assert_int_equal(state_of(table, handle).mapped_pages, 0);
    assert_int_equal(state_of(table, handle).maps, 1);
    assert_int_equal(state_of(table, handle).unmaps, 1);
}

static void the_plan_tells_what_the_host_has_to_do(void **state)
{
    struct table *table = *state;
    uint64_t handle = window_of_pages(table, PAGES);
    struct unmap_request request = {.window = handle, .page_offset = 5, .pages = 3, .tag = TAG};
    struct unmap_plan plan;

    assert_int_equal(map_one(table, handle, 5, RAM(0, 3)), HF_OK);
    assert_int_equal(windows_decide_unmap(table->windows, &request, &plan), HF_OK);
    assert_int_equal(plan.page_offset, 5);
    assert_int_equal(plan.arena_page, ARENA_PAGE + 5);
    assert_int_equal(plan.pages, 3);
    assert_int_equal(state_of(table, handle).mappings, 1);
}

static void an_unmap_in_no_window_is_refused(void **state)
{
    struct table *table = *state;
    uint64_t handle = window_of_pages(table, PAGES);

    assert_int_equal(map_one(table, handle, 0, RAM(0, 1)), HF_OK);
    assert_int_equal(unmap(table, 0, 0, 1), HF_UNMAP_NO_WINDOW);
    assert_int_equal(unmap(table, handle + 1, 0, 1), HF_UNMAP_NO_WINDOW);
    assert_int_equal(unmap(table, handle + ((uint64_t)1 << 32), 0, 1), HF_UNMAP_NO_WINDOW);
    assert_int_equal(unmap(table, UINT64_MAX, 0, 1), HF_UNMAP_NO_WINDOW);
}

static void an_unmap_with_another_tag_is_refused(void **state)
{
    struct table *table = *state;
    uint64_t handle = window_of_pages(table, PAGES);

    assert_int_equal(map_one(table, handle, 0, RAM(0, 1)), HF_OK);
    assert_int_equal(unmap_with(table, handle, 0, 1, TAG + 1), HF_UNMAP_WRONG_TAG);
    assert_int_equal(unmap_with(table, handle, 0, 1, 0), HF_UNMAP_WRONG_TAG);
    assert_int_equal(unmap_with(table, handle, UINT64_MAX, UINT64_MAX, 0), HF_UNMAP_WRONG_TAG);
    assert_int_equal(state_of(table, handle).mappings, 1);
}

static void an_unmap_beyond_the_window_is_refused(void **state)
{
    struct table *table = *state;
    uint64_t handle = window_of_pages(table, PAGES);

    assert_int_equal(map_one(table, handle, 0, RAM(0, PAGES)), HF_OK);
    assert_int_equal(refused(table, handle, 0, PAGES + 1), HF_UNMAP_BEYOND);
    assert_int_equal(refused(table, handle, 1, PAGES), HF_UNMAP_BEYOND);
    assert_int_equal(refused(table, handle, PAGES, 1), HF_UNMAP_BEYOND);
    assert_int_equal(refused(table, handle, UINT64_MAX, 1), HF_UNMAP_BEYOND);
    assert_int_equal(refused(table, handle, UINT64_MAX, 2), HF_UNMAP_BEYOND);
    assert_int_equal(refused(table, handle, 1, UINT64_MAX), HF_UNMAP_BEYOND);
    assert_int_equal(refused(table, handle, UINT64_MAX, 0), HF_UNMAP_BEYOND);
    assert_int_equal(refused(table, handle, 0, ((uint64_t)1 << 32) + PAGES), HF_UNMAP_BEYOND);
}

static void an_unmap_of_no_pages_is_not_one_map(void **state)
{
    struct table *table = *state;
    uint64_t handle = window_of_pages(table, PAGES);

    assert_int_equal(refused(table, handle, 0, 0), HF_UNMAP_NOT_ONE_MAP);
    assert_int_equal(refused(table, handle, PAGES, 0), HF_UNMAP_NOT_ONE_MAP);
    assert_int_equal(map_one(table, handle, 0, RAM(0, 1)), HF_OK);
    assert_int_equal(refused(table, handle, 0, 0), HF_UNMAP_NOT_ONE_MAP);
}

static void an_unmap_of_pages_some_of_which_are_not_mapped_is_refused(void **state)
{
    struct table *table = *state;
    uint64_t handle = window_of_pages(table, PAGES);

    assert_int_equal(refused(table, handle, 0, 1), HF_UNMAP_NOT_MAPPED);
    assert_int_equal(map_one(table, handle, 2, RAM(0, 3)), HF_OK);
    assert_int_equal(map_one(table, handle, 5, RAM(0, 2)), HF_OK);
    assert_int_equal(map_one(table, handle, 8, RAM(0, 2)), HF_OK);
    assert_int_equal(refused(table, handle, 1, 2), HF_UNMAP_NOT_MAPPED);
    assert_int_equal(refused(table, handle, 1, 4), HF_UNMAP_NOT_MAPPED);
    assert_int_equal(refused(table, handle, 5, 3), HF_UNMAP_NOT_MAPPED);
    assert_int_equal(refused(table, handle, 2, 8), HF_UNMAP_NOT_MAPPED);
    assert_int_equal(refused(table, handle, 7, 1), HF_UNMAP_NOT_MAPPED);
    assert_int_equal(refused(table, handle, 8, 3), HF_UNMAP_NOT_MAPPED);
    assert_int_equal(refused(table, handle, 10, 6), HF_UNMAP_NOT_MAPPED);
    assert_int_equal(refused(table, handle, 0, PAGES), HF_UNMAP_NOT_MAPPED);
}

static void an_unmap_of_less_than_a_map_is_refused(void **state)
{
    struct table *table = *state;
    uint64_t handle = window_of_pages(table, PAGES);
    struct hf_extent list[] = {RAM(0, 2), RAM(8, 2)};

    assert_int_equal(map_list(table, handle, 4, list, 2), HF_OK);
    assert_int_equal(refused(table, handle, 4, 1), HF_UNMAP_NOT_ONE_MAP);
    assert_int_equal(refused(table, handle, 4, 2), HF_UNMAP_NOT_ONE_MAP);
    assert_int_equal(refused(table, handle, 4, 3), HF_UNMAP_NOT_ONE_MAP);
    assert_int_equal(refused(table, handle, 5, 3), HF_UNMAP_NOT_ONE_MAP);
    assert_int_equal(refused(table, handle, 6, 2), HF_UNMAP_NOT_ONE_MAP);
    assert_int_equal(unmap(table, handle, 4, 4), HF_OK);
}

static void an_unmap_of_more_than_a_map_is_refused(void **state)
{
    struct table *table = *state;
    uint64_t handle = window_of_pages(table, PAGES);

    assert_int_equal(map_one(table, handle, 0, RAM(0, 2)), HF_OK);
    assert_int_equal(map_one(table, handle, 2, RAM(2, 2)), HF_OK);
    assert_int_equal(map_one(table, handle, 4, RAM(4, 2)), HF_OK);
    assert_int_equal(refused(table, handle, 0, 4), HF_UNMAP_NOT_ONE_MAP);
    assert_int_equal(refused(table, handle, 0, 6), HF_UNMAP_NOT_ONE_MAP);
    assert_int_equal(refused(table, handle, 1, 2), HF_UNMAP_NOT_ONE_MAP);
    assert_int_equal(refused(table, handle, 1, 5), HF_UNMAP_NOT_ONE_MAP);
    assert_int_equal(unmap(table, handle, 2, 2), HF_OK);
    assert_int_equal(refused(table, handle, 0, 6), HF_UNMAP_NOT_MAPPED);
}

static void a_map_is_unmapped_once(void **state)
{
    struct table *table = *state;
    uint64_t handle = window_of_pages(table, PAGES);

    assert_int_equal(map_one(table, handle, 0, RAM(0, 2)), HF_OK);
    assert_int_equal(unmap(table, handle, 0, 2), HF_OK);
    assert_int_equal(refused(table, handle, 0, 2), HF_UNMAP_NOT_MAPPED);
}

static void unmapped_pages_can_be_mapped_for_ever(void **state)
{
    struct table *table = *state;
    uint64_t handle = window_of_pages(table, PAGES);
    struct hf_extent list[PAGES];

    for (uint32_t i = 0; i < PAGES; i++)
        list[i] = RAM(2 * i, 1);
    for (int i = 0; i < 1000; i++) {
        assert_int_equal(map_list(table, handle, 0, list, PAGES), HF_OK);
        assert_int_equal(unmap(table, handle, 0, PAGES), HF_OK);
    }
    assert_int_equal(state_of(table, handle).maps, 1000);
    assert_int_equal(state_of(table, handle).unmaps, 1000);
}

#define TEST TABLE_TEST

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_unmap_leaves_nothing_of_the_map),
        TEST(the_plan_tells_what_the_host_has_to_do),
        TEST(an_unmap_in_no_window_is_refused),
        TEST(an_unmap_with_another_tag_is_refused),
        TEST(an_unmap_beyond_the_window_is_refused),
        TEST(an_unmap_of_no_pages_is_not_one_map),
        TEST(an_unmap_of_pages_some_of_which_are_not_mapped_is_refused),
        TEST(an_unmap_of_less_than_a_map_is_refused),
        TEST(an_unmap_of_more_than_a_map_is_refused),
        TEST(a_map_is_unmapped_once),
        TEST(unmapped_pages_can_be_mapped_for_ever),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
