/* SPDX-License-Identifier: MIT
 * The pages of an object that is detached by force: they show nothing, yet are mapped for the
 * guest. */
#include "windows_table.h"

#define PAGES 16u

static const struct window *window_at(struct table *table, uint64_t handle)
{
    return windows_next(table->windows, state_of(table, handle).arena_page);
}

static enum page_rights rights(struct table *table, uint64_t page)
{
    return windows_page_rights(table->windows, ARENA_PAGE + page);
}

static bool seen[ARENA_PAGES]; /* pages that the last disown_all() was told of */

/* Disowns all of an object and returns how many pages that were. */
static uint64_t disown_all(struct table *table, uint32_t slot)
{
    uint64_t page, pages;
    uint64_t sum = 0;

    memset(seen, 0, sizeof seen);
    while (windows_disown(table->windows, slot, &page, &pages)) {
        check_invariants(table->windows);
        for (uint64_t i = 0; i < pages; i++) {
            assert_false(seen[page - ARENA_PAGE + i]);
            seen[page - ARENA_PAGE + i] = true;
        }
        sum += pages;
    }
    return sum;
}

static void every_extent_of_a_detached_object_is_disowned_once(void **state)
{
    struct table *table = *state;
    uint64_t handle = window_of_pages(table, PAGES);
    uint64_t other = window_of_pages(table, PAGES);
    struct hf_extent list[] = {RAM(0, 1), OF(table->disk, 0, 2), OF(table->disk, 0, 2)};
    struct map_request request = {
        .window = other, .tag = TAG, .flags = HF_MAP_READ_ONLY, .cache = HF_CACHE_CACHED};
    struct hf_extent rom = OF(table->rom, 0, 2);

    assert_int_equal(map_list(table, handle, 3, list, 3), HF_OK);
    assert_int_equal(map_as(table, handle, 12, OF(table->disk, 9, 1), HF_CACHE_WRITE_COMBINED),
                     HF_OK);
    assert_int_equal(
        map_as(table, handle, 13, OF(table->disk, DISK_PAGES - 1, 1), HF_CACHE_NONCACHED), HF_OK);
    assert_int_equal(map_request(table, &request, &rom, 1), HF_OK);
    assert_int_equal(disown_all(table, backings_by_id(&table->backings, table->disk)), 6);
    for (uint32_t page = 0; page < ARENA_PAGES; page++)
        assert_int_equal(seen[page], (page >= 4 && page < 8) || page == 12 || page == 13);
    assert_int_equal(table->backings.object[1].extents, 0);
    assert_int_equal(table->backings.object[2].extents, 1);
}

static void disowned_pages_stay_mapped_for_the_guest(void **state)
{
    struct table *table = *state;
    uint64_t handle = window_of_pages(table, PAGES);
    struct hf_extent list[] = {RAM(0, 1), OF(table->disk, 0, 2)};

    assert_int_equal(map_list(table, handle, 0, list, 2), HF_OK);
    struct window_state before = state_of(table, handle);
    disown_all(table, 1);
    assert_state(table, &before);
    assert_int_equal(map_one(table, handle, 1, RAM(5, 1)), HF_MAP_OVERLAP);
    assert_int_equal(release(table, handle), HF_RELEASE_MAPPED);
    assert_int_equal(unmap(table, handle, 0, 3), HF_OK);
    assert_int_equal(release(table, handle), HF_OK);
    assert_int_equal(table->backings.object[1].extents, 0);
}

static void disowned_pages_can_be_remapped(void **state)
{
    struct table *table = *state;
    uint64_t handle = window_of_pages(table, PAGES);

    assert_int_equal(map_one(table, handle, 0, OF(table->disk, 0, 2)), HF_OK);
    disown_all(table, 1);
    assert_int_equal(remap_one(table, handle, 0, 2, 0, RAM(0, 2)), HF_OK);
    check_invariants(table->windows);
}

static void runs_tell_which_pages_are_detached(void **state)
{
    struct table *table = *state;
    static const bool detached[PAGES] = {[3] = true, [4] = true, [7] = true};
    uint64_t handle = window_of_pages(table, PAGES);
    const struct window *window = window_at(table, handle);
    struct hf_extent list[] = {RAM(0, 2), OF(table->disk, 0, 1), OF(table->disk, 9, 1), RAM(3, 2),
                               OF(table->disk, 5, 1)};
    struct mapped_run run;
    uint32_t pages = 0;

    assert_int_equal(map_list(table, handle, 1, list, 5), HF_OK);
    disown_all(table, 1);
    for (uint64_t at = 0; window_next_run(window, at, &run); at = run.page_offset + run.pages) {
        for (uint64_t page = 0; page < run.pages; page++, pages++)
            assert_int_equal(run.is_detached, detached[run.page_offset + page]);
    }
    assert_int_equal(pages, 7);
    for (uint64_t at = 1; at < 8; at++) {
        assert_true(window_next_run(window, at, &run));
        assert_true(run.page_offset <= at && at < run.page_offset + run.pages);
        assert_int_equal(run.is_detached, detached[at]);
    }
}

static void a_detached_page_has_no_rights(void **state)
{
    struct table *table = *state;
    struct hf_extent list[] = {RAM(0, 1), OF(table->disk, 0, 1), RAM(1, 1)};

    assert_int_equal(map_list(table, window_of_pages(table, PAGES), 0, list, 3), HF_OK);
    disown_all(table, 1);
    assert_int_equal(rights(table, 0), PAGE_WRITABLE);
    assert_int_equal(rights(table, 1), PAGE_NOT_MAPPED);
    assert_int_equal(rights(table, 2), PAGE_WRITABLE);
}

static void ram_is_never_disowned(void **state)
{
    struct table *table = *state;
    uint64_t page, pages;

    assert_int_equal(map_one(table, window_of_pages(table, PAGES), 0, RAM(0, 4)), HF_OK);
    assert_false(windows_disown(table->windows, BACKING_RAM, &page, &pages));
}

#define TEST TABLE_TEST

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_extent_of_a_detached_object_is_disowned_once),
        TEST(disowned_pages_stay_mapped_for_the_guest),
        TEST(disowned_pages_can_be_remapped),
        TEST(runs_tell_which_pages_are_detached),
        TEST(a_detached_page_has_no_rights),
        TEST(ram_is_never_disowned),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
