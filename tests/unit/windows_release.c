/* SPDX-License-Identifier: MIT
 * RELEASE, handles after it, and reset. */
#include "windows_table.h"

static void a_release_of_no_window_is_refused(void **state)
{
    struct table *table = *state;
    uint64_t handle = window_of_pages(table, 4);

    assert_int_equal(release(table, 0), HF_RELEASE_NO_WINDOW);
    assert_int_equal(release(table, handle + 1), HF_RELEASE_NO_WINDOW);
    assert_int_equal(release(table, handle + ((uint64_t)1 << 32)), HF_RELEASE_NO_WINDOW);
    assert_int_equal(release(table, UINT64_MAX), HF_RELEASE_NO_WINDOW);
    assert_int_equal(totals_of(table).windows, 1);
}

static void a_release_with_another_tag_is_refused(void **state)
{
    struct table *table = *state;
    uint64_t handle = window_of_pages(table, 4);

    assert_int_equal(release_with(table, handle, TAG + 1), HF_RELEASE_WRONG_TAG);
    assert_int_equal(release_with(table, handle, 0), HF_RELEASE_WRONG_TAG);
    assert_int_equal(map_one(table, handle, 0, RAM(0, 1)), HF_OK);
    assert_int_equal(release_with(table, handle, 0), HF_RELEASE_WRONG_TAG);
    assert_int_equal(unmap(table, handle, 0, 1), HF_OK);
    assert_int_equal(release(table, handle), HF_OK);
}

static void a_window_in_which_something_is_mapped_is_not_released(void **state)
{
    struct table *table = *state;
    uint64_t handle = window_of_pages(table, 4);

    assert_int_equal(map_one(table, handle, 1, RAM(0, 1)), HF_OK);
    assert_int_equal(map_one(table, handle, 3, RAM(0, 1)), HF_OK);
    assert_int_equal(release(table, handle), HF_RELEASE_MAPPED);
    assert_int_equal(unmap(table, handle, 1, 1), HF_OK);
    assert_int_equal(release(table, handle), HF_RELEASE_MAPPED);
    assert_int_equal(unmap(table, handle, 3, 1), HF_OK);
    assert_int_equal(release(table, handle), HF_OK);
}

static void a_release_gives_everything_back(void **state)
{
    struct table *table = *state;
    struct windows_totals before = totals_of(table);
    uint64_t handle[8];

    for (int i = 0; i < 8; i++) {
        handle[i] = window_of_pages(table, 100);
        assert_int_equal(map_one(table, handle[i], 10, RAM(0, 50)), HF_OK);
        assert_int_equal(unmap(table, handle[i], 10, 50), HF_OK);
    }
    for (int i = 0; i < 8; i++) {
        assert_int_equal(release(table, handle[3 * i % 8]), HF_OK);
        check_invariants(table->windows);
    }
    before.reserves = before.releases = 8;
    before.maps = before.unmaps = 8;
    assert_totals(table, &before);
    window_of_pages(table, ARENA_PAGES);
}

static void a_released_window_is_found_by_no_call(void **state)
{
    struct table *table = *state;
    uint64_t handle = window_of_pages(table, 4);
    struct window_state window;

    assert_int_equal(release(table, handle), HF_OK);
    assert_int_equal(release(table, handle), HF_RELEASE_NO_WINDOW);
    assert_int_equal(map_one(table, handle, 0, RAM(0, 1)), HF_MAP_NO_WINDOW);
    assert_int_equal(unmap(table, handle, 0, 1), HF_UNMAP_NO_WINDOW);
    assert_int_equal(remap_one(table, handle, 0, 1, 0, RAM(0, 1)), HF_MAP_NO_WINDOW);
    assert_int_equal(windows_stat(table->windows, handle, &window), HF_STAT_NO_WINDOW);
}

static void a_stale_handle_does_not_find_its_slots_next_owner(void **state)
{
    struct table *table = *state;
    uint64_t stale = window_of_pages(table, 4);
    uint64_t handle;

    assert_int_equal(release(table, stale), HF_OK);
    do {
        handle = window_of_pages(table, 4);
    } while ((uint32_t)handle != (uint32_t)stale);
    assert_int_equal(map_one(table, stale, 0, RAM(0, 1)), HF_MAP_NO_WINDOW);
    assert_int_equal(map_one(table, handle, 0, RAM(0, 1)), HF_OK);
}

static void a_handle_is_not_given_out_twice(void **state)
{
    struct table *table = *state;
    static uint64_t handles[1000];

    for (int i = 0; i < 1000; i++) {
        handles[i] = window_of_pages(table, 1);
        assert_int_not_equal(handles[i], 0);
        for (int j = 0; j < i; j++)
            assert_int_not_equal(handles[i], handles[j]);
        if (i % 50 == 49)
            windows_reset(table->windows);
        else
            assert_int_equal(release(table, handles[i]), HF_OK);
    }
}

static void a_slot_is_used_again_as_late_as_possible(void **state)
{
    struct table *table = *state;
    uint64_t stale[WINDOWS_MAX];

    /* One after the other: each in another slot. */
    for (uint32_t i = 0; i < WINDOWS_MAX; i++) {
        stale[i] = window_of_pages(table, 1);
        for (uint32_t j = 0; j < i; j++)
            assert_int_not_equal((uint32_t)stale[i], (uint32_t)stale[j]);
        assert_int_equal(release(table, stale[i]), HF_OK);
    }
    /* Then in the order in which they became free. */
    for (uint32_t i = 0; i < WINDOWS_MAX; i++)
        assert_int_equal((uint32_t)window_of_pages(table, 1), (uint32_t)stale[i]);
}

static void a_slot_whose_handles_are_used_up_is_not_used_again(void **state)
{
    struct table *table = table_new(&(struct windows_limits){
        .arena_page = ARENA_PAGE, .arena_pages = 8, .windows = 2, .extents = 8, .tags = 1});
    uint64_t first = window_of_pages(table, 1);
    uint64_t second = window_of_pages(table, 1);

    (void)state;
    assert_int_equal(release(table, first), HF_OK);
    table->windows->slots[(uint32_t)first - 1].generation = UINT32_MAX;
    uint64_t last = window_of_pages(table, 1);
    assert_int_equal(last >> 32, UINT32_MAX);
    assert_int_equal(release(table, last), HF_OK);
    assert_int_equal(totals_of(table).windows_max, 1);
    assert_int_equal(reserve(table, 1, 0, 0, &last), HF_NO_RESOURCES);
    assert_int_equal(release(table, second), HF_OK);
    assert_int_equal((uint32_t)window_of_pages(table, 1), (uint32_t)second);
    table_free(table);
}

static void a_reset_releases_everything(void **state)
{
    struct table *table = *state;
    struct windows_totals before = totals_of(table);
    uint64_t handle[WINDOWS_MAX];
    struct reserve_request request = {.bytes = 1, .tag = TAG};
    struct window *unpublished;

    for (uint32_t i = 0; i < WINDOWS_MAX - 1; i++) {
        handle[i] = window_of_pages(table, 10 + i);
        assert_int_equal(map_one(table, handle[i], i % 5, RAM(i, 1 + i % 3)), HF_OK);
        assert_int_equal(map_one(table, handle[i], 9, OF(table->disk, i, 1)), HF_OK);
    }
    assert_int_equal(release(table, handle[3]), HF_RELEASE_MAPPED);
    assert_int_equal(windows_reserve(table->windows, &request, &unpublished), HF_OK);
    windows_reset(table->windows);
    check_invariants(table->windows);
    assert_totals(table, &before);
    assert_int_equal(table->backings.object[1].extents, 0);
    assert_null(windows_next(table->windows, 0));
}

static void handles_from_before_a_reset_stay_dead(void **state)
{
    struct table *table = *state;
    uint64_t stale[WINDOWS_MAX];

    for (uint32_t i = 0; i < WINDOWS_MAX; i++)
        stale[i] = window_of_pages(table, 1);
    windows_reset(table->windows);
    for (uint32_t i = 0; i < WINDOWS_MAX; i++)
        assert_int_equal(map_one(table, stale[i], 0, RAM(0, 1)), HF_MAP_NO_WINDOW);
    for (uint32_t i = 0; i < WINDOWS_MAX; i++)
        window_of_pages(table, 1);
    for (uint32_t i = 0; i < WINDOWS_MAX; i++)
        assert_int_equal(map_one(table, stale[i], 0, RAM(0, 1)), HF_MAP_NO_WINDOW);
}

static void after_a_reset_no_page_has_a_cache_type(void **state)
{
    struct table *table = *state;

    assert_int_equal(map_as(table, window_of_pages(table, 1), 0, RAM(0, 1), HF_CACHE_NONCACHED),
                     HF_OK);
    windows_reset(table->windows);
    assert_int_equal(map_as(table, window_of_pages(table, 1), 0, RAM(0, 1), HF_CACHE_CACHED),
                     HF_OK);
    assert_int_equal(table->cache, HF_CACHE_CACHED);
}

static void a_table_can_be_filled_again_after_a_reset(void **state)
{
    struct table *table = *state;

    for (int round = 0; round < 3; round++) {
        uint64_t handle = 0;

        for (uint32_t i = 0; i < WINDOWS_MAX; i++) {
            handle = window_of_pages(table, EXTENTS_MAX / WINDOWS_MAX);
            assert_int_equal(map_one(table, handle, 0, RAM(i, 2)), HF_OK);
        }
        assert_int_equal(totals_of(table).extents_reserved, EXTENTS_MAX);
        assert_int_equal(unmap(table, handle, 0, 2), HF_OK);
        assert_int_equal(release(table, handle), HF_OK);
        windows_reset(table->windows);
        check_invariants(table->windows);
    }
}

static void free_space_is_known_while_many_windows_come_and_go(void **state)
{
    enum { COUNT = 500 };
    struct table *table = table_new(&(struct windows_limits){.arena_page = ARENA_PAGE,
                                                             .arena_pages = 4 * COUNT,
                                                             .windows = COUNT,
                                                             .extents = COUNT,
                                                             .tags = 1});
    uint64_t handle[COUNT];

    (void)state;
    for (uint32_t i = 0; i < COUNT; i++) {
        assert_int_equal(reserve(table, (1 + i * 7 % 4) * HF_PAGE_SIZE, 0, 1, &handle[i]), HF_OK);
        check_invariants(table->windows);
    }
    for (uint32_t i = 0; i < COUNT; i++) {
        assert_int_equal(release(table, handle[i * 173 % COUNT]), HF_OK);
        check_invariants(table->windows);
    }
    assert_int_equal(totals_of(table).arena_largest, 4 * COUNT);
    table_free(table);
}

static void a_handle_beyond_the_last_slot_is_not_found(void **state)
{
    struct table *table = table_new(&(struct windows_limits){
        .arena_page = ARENA_PAGE, .arena_pages = 8, .windows = 1, .extents = 1, .tags = 1});
    uint64_t handle = window_of_pages(table, 1);

    (void)state;
    /* Behind the last slot lies the record of this extent, which must not pass for a window. */
    assert_int_equal(map_one(table, handle, 0, RAM(0, 1)), HF_OK);
    for (uint64_t generation = 0; generation < 4; generation++) {
        for (uint64_t slot = 1; slot < 4; slot++)
            assert_int_equal(release(table, generation << 32 | (slot + 1)), HF_RELEASE_NO_WINDOW);
    }
    table_free(table);
}

#define TEST TABLE_TEST

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_release_of_no_window_is_refused),
        TEST(a_release_with_another_tag_is_refused),
        TEST(a_window_in_which_something_is_mapped_is_not_released),
        TEST(a_release_gives_everything_back),
        TEST(a_released_window_is_found_by_no_call),
        TEST(a_stale_handle_does_not_find_its_slots_next_owner),
        TEST(a_handle_is_not_given_out_twice),
        TEST(a_slot_is_used_again_as_late_as_possible),
        TEST(a_slot_whose_handles_are_used_up_is_not_used_again),
        TEST(a_reset_releases_everything),
        TEST(handles_from_before_a_reset_stay_dead),
        TEST(after_a_reset_no_page_has_a_cache_type),
        TEST(a_table_can_be_filled_again_after_a_reset),
        TEST(free_space_is_known_while_many_windows_come_and_go),
        TEST(a_handle_beyond_the_last_slot_is_not_found),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
