/* SPDX-License-Identifier: MIT
 * Looking at a MAP of a million extents of which every second one is detached, and at many MAPs.
 * Each look takes the time of a search in a tree. If it went along the MAP's list, or from MAP to
 * MAP, a test here would take minutes to hours. */
#include "windows_table.h"

#define EXTENTS (1u << 20)
#define MANY    (1u << 18)
#define FEW     4096u
#define PIECE   256u /* of the few, those of a second MAP */

static struct run runs[EXTENTS];

static struct table *big_table(void)
{
    const struct windows_limits limits = {.arena_page = ARENA_PAGE,
                                          .arena_pages = EXTENTS,
                                          .windows = WINDOWS_MAX,
                                          .extents = EXTENTS,
                                          .tags = TAGS_MAX};

    return table_new(&limits);
}

/* Makes one MAP of many extents of one page, by turns RAM and the disk. No guest's list is that
 * long: what a MAP is does not depend on it. */
static void map_by_turns(struct table *table, uint64_t handle, uint64_t offset, uint32_t count)
{
    const uint32_t slot = backings_by_id(&table->backings, table->disk);
    struct map_plan plan = {
        .window = windows_find(table->windows, handle),
        .page_offset = offset,
        .pages = count,
        .runs = runs,
        .count = count,
        .writable = true,
        .cache = HF_CACHE_CACHED,
    };

    for (uint32_t i = 0; i < count; i++)
        runs[i] =
            (struct run){.first = i % DISK_PAGES, .pages = 1, .slot = i % 2 ? slot : BACKING_RAM};
    windows_commit_map(table->windows, &plan);
}

static void disown_disk(struct table *table)
{
    const uint32_t slot = backings_by_id(&table->backings, table->disk);
    uint64_t page, pages;

    while (windows_disown(table->windows, slot, &page, &pages)) {
        assert_int_equal(pages, 1);
        assert_int_equal((page - ARENA_PAGE) % 2, 1);
    }
    assert_int_equal(table->backings.object[slot].extents, 0);
}

/* A window of one MAP, half of which is detached. The first two tests only look at it. */
static int half_detached(void **state)
{
    struct table *table = big_table();

    map_by_turns(table, window_of_pages(table, EXTENTS), 0, EXTENTS);
    disown_disk(table);
    *state = table;
    return 0;
}

static void a_walk_over_a_million_runs_is_linear(void **state)
{
    struct table *table = *state;
    const struct window *window = windows_next(table->windows, ARENA_PAGE);
    struct mapped_run run;
    uint64_t count = 0;

    for (uint64_t at = 0; window_next_run(window, at, &run); at++) {
        assert_int_equal(run.page_offset, at);
        assert_int_equal(run.pages, 1);
        assert_int_equal(run.is_detached, at % 2 == 1);
        count++;
    }
    assert_int_equal(count, EXTENTS);
}

static void the_rights_of_a_million_pages_are_found_at_once(void **state)
{
    struct table *table = *state;

    for (uint64_t page = 0; page < EXTENTS; page++)
        assert_int_equal(windows_page_rights(table->windows, ARENA_PAGE + page),
                         page % 2 == 1 ? PAGE_NOT_MAPPED : PAGE_WRITABLE);
    assert_int_equal(windows_page_rights(table->windows, ARENA_PAGE + EXTENTS), PAGE_NOT_MAPPED);
}

static void a_walk_over_detached_neighbours_is_linear(void **state)
{
    struct table *table = big_table();
    const uint64_t handle = window_of_pages(table, MANY);
    const uint32_t slot = backings_by_id(&table->backings, table->disk);
    struct map_plan plan = {.window = windows_find(table->windows, handle),
                            .pages = MANY,
                            .runs = runs,
                            .count = MANY,
                            .cache = HF_CACHE_CACHED};
    struct mapped_run run;
    uint64_t pages = 0;
    uint64_t count = 0;

    (void)state;
    for (uint32_t i = 0; i < MANY; i++)
        runs[i] = (struct run){.first = i % DISK_PAGES, .pages = 1, .slot = slot};
    windows_commit_map(table->windows, &plan);
    while (windows_disown(table->windows, slot, &(uint64_t){0}, &(uint64_t){0}))
        count++;
    assert_int_equal(count, MANY);
    /* From each page, not only from where the last run has ended. */
    for (uint64_t at = 0; window_next_run(plan.window, at, &run); at++) {
        assert_true(run.is_detached && run.page_offset <= at && at < run.page_offset + run.pages);
        pages++;
    }
    assert_int_equal(pages, MANY);
    table_free(table);
}

/* An UNMAP over many MAPs is a guest's mistake, which it may make again and again. */
static void an_unmap_over_many_maps_is_refused_at_once(void **state)
{
    struct table *table = big_table();
    const uint64_t handle = window_of_pages(table, MANY + 1);

    (void)state;
    for (uint64_t page = 0; page < MANY; page++)
        assert_int_equal(map_one(table, handle, page, RAM(page % HOLE_BEGIN, 1)), HF_OK);
    for (uint64_t page = 1; page < MANY; page++) {
        assert_int_equal(unmap(table, handle, page / 2, MANY - page / 2), HF_UNMAP_NOT_ONE_MAP);
        assert_int_equal(unmap(table, handle, page / 2, MANY - page / 2 + 1), HF_UNMAP_NOT_MAPPED);
    }
    table_free(table);
}

/* A short MAP behind a half detached one comes and goes: nothing of it is found afterwards. */
static void what_is_unmapped_is_no_longer_detached(void **state)
{
    struct table *table = big_table();
    const uint64_t handle = window_of_pages(table, FEW);
    const struct window *window = windows_find(table->windows, handle);
    struct mapped_run run;

    (void)state;
    map_by_turns(table, handle, 0, FEW - PIECE);
    for (uint32_t round = 0; round < 3; round++) {
        map_by_turns(table, handle, FEW - PIECE, PIECE);
        disown_disk(table);
        assert_true(window_next_run(window, FEW - 1, &run));
        assert_true(run.is_detached);
        assert_int_equal(unmap(table, handle, FEW - PIECE, PIECE), HF_OK);
        assert_false(window_next_run(window, FEW - PIECE, &run));
        check_invariants(table->windows);
    }
    assert_int_equal(unmap(table, handle, 0, FEW - PIECE), HF_OK);
    assert_int_equal(release(table, handle), HF_OK);
    check_invariants(table->windows);
    table_free(table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_walk_over_a_million_runs_is_linear),
        cmocka_unit_test(the_rights_of_a_million_pages_are_found_at_once),
        cmocka_unit_test(a_walk_over_detached_neighbours_is_linear),
        cmocka_unit_test(an_unmap_over_many_maps_is_refused_at_once),
        cmocka_unit_test(what_is_unmapped_is_no_longer_detached),
    };

    return cmocka_run_group_tests(tests, half_detached, table_teardown);
}
