/* SPDX-License-Identifier: MIT
 * Looking at the table: windows and runs in order, faults, rights. */
#include "windows_table.h"

#define PAGES 16u

static const struct window *window_at(struct table *table, uint64_t handle)
{
    return windows_next(table->windows, state_of(table, handle).arena_page);
}

static void windows_come_in_order_of_address(void **state)
{
    struct table *table = *state;
    uint64_t at = 0;
    uint32_t count = 0;
    const struct window *window;

    for (uint32_t i = 0; i < 10; i++)
        window_of_pages(table, 4);
    assert_int_equal(release(table, window_of_pages(table, 4)), HF_OK);
    while ((window = windows_next(table->windows, at)) != NULL) {
        struct window_state found;

        window_describe(window, &found);
        assert_int_equal(found.arena_page, ARENA_PAGE + 4 * count);
        at = found.arena_page + 1;
        count++;
    }
    assert_int_equal(count, 10);
}

static void next_tells_the_first_window_whose_base_lies_there_or_behind(void **state)
{
    struct table *table = *state;
    uint64_t first = window_of_pages(table, 4);
    uint64_t between = window_of_pages(table, 4);
    uint64_t second = window_of_pages(table, 4);
    struct window_state found;

    assert_int_equal(release(table, between), HF_OK);
    window_describe(windows_next(table->windows, 0), &found);
    assert_int_equal(found.handle, first);
    window_describe(windows_next(table->windows, ARENA_PAGE), &found);
    assert_int_equal(found.handle, first);
    for (uint64_t page = ARENA_PAGE + 1; page <= ARENA_PAGE + 8; page++) {
        window_describe(windows_next(table->windows, page), &found);
        assert_int_equal(found.handle, second);
    }
    assert_null(windows_next(table->windows, ARENA_PAGE + 9));
    assert_null(windows_next(table->windows, UINT64_MAX));
}

static void an_empty_window_has_no_runs(void **state)
{
    struct table *table = *state;
    const struct window *window = window_at(table, window_of_pages(table, PAGES));
    struct mapped_run run;

    assert_false(window_next_run(window, 0, &run));
}

static void runs_come_in_order_of_their_place(void **state)
{
    struct table *table = *state;
    uint64_t handle = window_of_pages(table, PAGES);
    const struct window *window = window_at(table, handle);
    bool mapped[PAGES] = {false};
    struct hf_extent list[] = {RAM(9, 1), RAM(3, 2), RAM(0, 1)};
    struct mapped_run run;
    uint64_t at = 0;

    assert_int_equal(map_list(table, handle, 10, list, 3), HF_OK);
    assert_int_equal(map_list(table, handle, 1, list, 2), HF_OK);
    assert_int_equal(map_list(table, handle, 4, list, 1), HF_OK);
    while (window_next_run(window, at, &run)) {
        assert_true(run.page_offset >= at);
        assert_true(run.pages > 0);
        assert_false(run.is_detached);
        for (uint64_t page = 0; page < run.pages; page++)
            mapped[run.page_offset + page] = true;
        at = run.page_offset + run.pages;
    }
    for (uint32_t page = 0; page < PAGES; page++)
        assert_int_equal(mapped[page], (page >= 1 && page <= 4) || (page >= 10 && page <= 13));
}

static void a_run_is_found_from_any_of_its_pages(void **state)
{
    struct table *table = *state;
    uint64_t handle = window_of_pages(table, PAGES);
    const struct window *window = window_at(table, handle);
    struct mapped_run run;

    assert_int_equal(map_one(table, handle, 4, RAM(0, 3)), HF_OK);
    for (uint64_t page = 0; page < 7; page++) {
        assert_true(window_next_run(window, page, &run));
        assert_int_equal(run.page_offset, 4);
        assert_int_equal(run.pages, 3);
    }
    assert_false(window_next_run(window, 7, &run));
    assert_false(window_next_run(window, UINT64_MAX, &run));
}

static void a_fault_counts_in_the_window_that_contains_it(void **state)
{
    struct table *table = *state;
    uint64_t first = window_of_pages(table, 4);
    uint64_t between = window_of_pages(table, 4);
    uint64_t second = window_of_pages(table, 4);

    assert_int_equal(release(table, between), HF_OK);
    assert_int_equal(windows_count_fault(table->windows, ARENA_PAGE), first);
    assert_int_equal(windows_count_fault(table->windows, ARENA_PAGE + 3), first);
    assert_int_equal(windows_count_fault(table->windows, ARENA_PAGE + 4), 0);
    assert_int_equal(windows_count_fault(table->windows, ARENA_PAGE + 7), 0);
    assert_int_equal(windows_count_fault(table->windows, ARENA_PAGE + 11), second);
    assert_int_equal(windows_count_fault(table->windows, ARENA_PAGE + 12), 0);
    assert_int_equal(windows_count_fault(table->windows, ARENA_PAGE - 1), 0);
    assert_int_equal(windows_count_fault(table->windows, 0), 0);
    assert_int_equal(windows_count_fault(table->windows, UINT64_MAX), 0);
    assert_int_equal(state_of(table, first).faults, 2);
    assert_int_equal(state_of(table, second).faults, 1);
}

static enum page_rights rights(struct table *table, uint64_t page)
{
    return windows_page_rights(table->windows, ARENA_PAGE + page);
}

static void a_page_has_the_rights_of_its_map(void **state)
{
    struct table *table = *state;
    uint64_t handle = window_of_pages(table, PAGES);
    struct hf_extent list[] = {RAM(9, 1), RAM(3, 2)};
    struct map_request request = {.window = handle,
                                  .page_offset = 6,
                                  .tag = TAG,
                                  .flags = HF_MAP_READ_ONLY,
                                  .cache = HF_CACHE_CACHED};

    assert_int_equal(map_list(table, handle, 2, list, 2), HF_OK);
    assert_int_equal(map_request(table, &request, list, 2), HF_OK);
    for (uint64_t page = 0; page < PAGES + 2; page++)
        assert_int_equal(rights(table, page), page >= 2 && page < 5   ? PAGE_WRITABLE
                                              : page >= 6 && page < 9 ? PAGE_READ_ONLY
                                                                      : PAGE_NOT_MAPPED);
    assert_int_equal(remap_request(table, &request, 6, 3, list, 1), HF_OK);
    assert_int_equal(rights(table, 6), PAGE_READ_ONLY);
    assert_int_equal(remap_one(table, handle, 6, 1, 6, RAM(0, 1)), HF_OK);
    assert_int_equal(rights(table, 6), PAGE_WRITABLE);
    assert_int_equal(unmap(table, handle, 6, 1), HF_OK);
    assert_int_equal(rights(table, 6), PAGE_NOT_MAPPED);
}

static void a_page_in_no_window_has_no_rights(void **state)
{
    struct table *table = *state;

    assert_int_equal(map_one(table, window_of_pages(table, PAGES), 0, RAM(0, PAGES)), HF_OK);
    assert_int_equal(windows_page_rights(table->windows, ARENA_PAGE - 1), PAGE_NOT_MAPPED);
    assert_int_equal(windows_page_rights(table->windows, ARENA_PAGE + PAGES), PAGE_NOT_MAPPED);
    assert_int_equal(windows_page_rights(table->windows, 0), PAGE_NOT_MAPPED);
    assert_int_equal(windows_page_rights(table->windows, UINT64_MAX), PAGE_NOT_MAPPED);
}

#define TEST TABLE_TEST

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(windows_come_in_order_of_address),
        TEST(next_tells_the_first_window_whose_base_lies_there_or_behind),
        TEST(an_empty_window_has_no_runs),
        TEST(runs_come_in_order_of_their_place),
        TEST(a_run_is_found_from_any_of_its_pages),
        TEST(a_fault_counts_in_the_window_that_contains_it),
        TEST(a_page_has_the_rights_of_its_map),
        TEST(a_page_in_no_window_has_no_rights),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
