/* SPDX-License-Identifier: MIT
 * RESERVE: what is refused, where windows go, what a failure leaves behind. */
#include "windows_table.h"

static enum hf_status try_reserve(struct table *table, struct reserve_request request)
{
    struct windows_totals before = totals_of(table);
    struct window *window = NULL;
    enum hf_status status = windows_reserve(table->windows, &request, &window);

    if (status == HF_OK) {
        windows_abandon(table->windows, window);
    } else {
        assert_totals(table, &before);
        assert_null(window);
    }
    check_invariants(table->windows);
    return status;
}

static void a_reserve_of_no_bytes_is_refused(void **state)
{
    assert_int_equal(try_reserve(*state, (struct reserve_request){.bytes = 0, .tag = TAG}),
                     HF_RESERVE_NOTHING);
}

static void tag_0_is_refused_and_tag_1_is_not(void **state)
{
    assert_int_equal(try_reserve(*state, (struct reserve_request){.bytes = 1, .tag = 0}),
                     HF_BAD_TAG);
    assert_int_equal(try_reserve(*state, (struct reserve_request){.bytes = 1, .tag = 1}), HF_OK);
}

static void undefined_flags_are_refused(void **state)
{
    for (uint32_t bit = 0; bit < 32; bit++) {
        struct reserve_request request = {.bytes = 1, .tag = TAG, .flags = 1u << bit};

        assert_int_equal(try_reserve(*state, request),
                         request.flags == HF_RESERVE_DIVISIBLE ? HF_OK : HF_BAD_FLAGS);
    }
}

static void two_to_the_32_pages_or_more_are_too_large(void **state)
{
    uint64_t limit = ((uint64_t)1 << 32) * HF_PAGE_SIZE;
    struct reserve_request request = {.tag = TAG, .max_extents = 1};

    request.bytes = limit;
    assert_int_equal(try_reserve(*state, request), HF_TOO_LARGE);
    request.bytes = limit - HF_PAGE_SIZE + 1;
    assert_int_equal(try_reserve(*state, request), HF_TOO_LARGE);
    request.bytes = UINT64_MAX;
    assert_int_equal(try_reserve(*state, request), HF_TOO_LARGE);
    request.bytes = limit - HF_PAGE_SIZE;
    assert_int_equal(try_reserve(*state, request), HF_NO_RESOURCES);
}

static void of_several_mistakes_the_first_is_told(void **state)
{
    struct reserve_request request = {.bytes = 0, .tag = 0, .flags = ~0u};

    assert_int_equal(try_reserve(*state, request), HF_RESERVE_NOTHING);
    request.bytes = UINT64_MAX;
    assert_int_equal(try_reserve(*state, request), HF_BAD_TAG);
    request.tag = TAG;
    assert_int_equal(try_reserve(*state, request), HF_BAD_FLAGS);
    request.flags = 0;
    assert_int_equal(try_reserve(*state, request), HF_TOO_LARGE);
}

static void bytes_are_rounded_up_to_whole_pages(void **state)
{
    struct table *table = *state;
    static const struct {
        uint64_t bytes, pages;
    } cases[] = {{1, 1}, {4095, 1}, {4096, 1}, {4097, 2}, {8192, 2}, {8193, 3}};

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint64_t handle;

        assert_int_equal(reserve(table, cases[i].bytes, 0, 0, &handle), HF_OK);
        assert_int_equal(state_of(table, handle).pages, cases[i].pages);
    }
}

static void a_new_window_is_as_it_was_asked_for(void **state)
{
    struct table *table = *state;
    uint64_t handle;

    assert_int_equal(reserve(table, 8 * HF_PAGE_SIZE, HF_RESERVE_DIVISIBLE, 5, &handle), HF_OK);
    struct window_state window = state_of(table, handle);
    assert_int_equal(window.handle, handle);
    assert_int_equal(window.arena_page, ARENA_PAGE);
    assert_int_equal(window.pages, 8);
    assert_int_equal(window.tag, TAG);
    assert_int_equal(window.flags, HF_RESERVE_DIVISIBLE);
    assert_int_equal(window.max_extents, 5);
    assert_int_equal(window.extents + window.mappings + window.mapped_pages, 0);
    assert_int_equal(window.maps + window.unmaps + window.faults, 0);
}

static void max_extents_0_means_one_a_page(void **state)
{
    struct table *table = *state;
    uint64_t handle;

    assert_int_equal(reserve(table, 7 * HF_PAGE_SIZE, 0, 0, &handle), HF_OK);
    assert_int_equal(state_of(table, handle).max_extents, 7);
}

static void more_extents_than_pages_are_not_set_aside(void **state)
{
    struct table *table = *state;
    uint64_t handle;

    assert_int_equal(reserve(table, 7 * HF_PAGE_SIZE, 0, UINT32_MAX, &handle), HF_OK);
    assert_int_equal(state_of(table, handle).max_extents, 7);
    assert_int_equal(totals_of(table).extents_reserved, 7);
}

static void windows_do_not_overlap_and_fill_the_arena_from_the_left(void **state)
{
    struct table *table = *state;
    uint64_t at = ARENA_PAGE;

    for (uint32_t i = 0; i < WINDOWS_MAX; i++) {
        uint64_t handle = window_of_pages(table, i + 1);

        assert_int_equal(state_of(table, handle).arena_page, at);
        at += i + 1;
    }
}

static void the_leftmost_gap_that_is_long_enough_is_used(void **state)
{
    struct table *table = *state;
    uint64_t handle[8];

    for (uint32_t i = 0; i < 8; i++)
        handle[i] = window_of_pages(table, 10);
    assert_int_equal(release(table, handle[1]), HF_OK);
    assert_int_equal(release(table, handle[4]), HF_OK);
    assert_int_equal(release(table, handle[5]), HF_OK);
    assert_int_equal(state_of(table, window_of_pages(table, 11)).arena_page, ARENA_PAGE + 40);
    assert_int_equal(state_of(table, window_of_pages(table, 4)).arena_page, ARENA_PAGE + 10);
    assert_int_equal(state_of(table, window_of_pages(table, 7)).arena_page, ARENA_PAGE + 51);
    assert_int_equal(state_of(table, window_of_pages(table, 6)).arena_page, ARENA_PAGE + 14);
    assert_int_equal(state_of(table, window_of_pages(table, 3)).arena_page, ARENA_PAGE + 80);
}

static void the_whole_arena_can_be_one_window_and_no_page_more(void **state)
{
    struct table *table = *state;
    uint64_t handle;

    assert_int_equal(reserve(table, (ARENA_PAGES + 1) * HF_PAGE_SIZE, 0, 1, &handle),
                     HF_NO_RESOURCES);
    assert_int_equal(reserve(table, ARENA_PAGES * HF_PAGE_SIZE, 0, 1, &handle), HF_OK);
    struct windows_totals totals = totals_of(table);
    assert_int_equal(totals.arena_free, 0);
    assert_int_equal(totals.arena_largest, 0);
    assert_int_equal(reserve(table, 1, 0, 1, &handle), HF_NO_RESOURCES);
}

static void no_more_windows_than_the_table_has(void **state)
{
    struct table *table = *state;

    for (uint32_t i = 0; i < WINDOWS_MAX; i++)
        window_of_pages(table, 1);
    assert_int_equal(try_reserve(table, (struct reserve_request){.bytes = 1, .tag = TAG}),
                     HF_NO_RESOURCES);
}

static void no_more_extents_than_the_table_has(void **state)
{
    struct table *table = table_new(&(struct windows_limits){.arena_page = ARENA_PAGE,
                                                             .arena_pages = ARENA_PAGES,
                                                             .windows = 4,
                                                             .extents = 100,
                                                             .tags = 1});
    struct reserve_request request = {.bytes = 100 * HF_PAGE_SIZE, .tag = TAG, .max_extents = 60};
    struct window *window;

    (void)state;
    assert_int_equal(windows_reserve(table->windows, &request, &window), HF_OK);
    assert_int_equal(try_reserve(table, request), HF_NO_RESOURCES);
    request.max_extents = 41;
    assert_int_equal(try_reserve(table, request), HF_NO_RESOURCES);
    request.max_extents = 0;
    assert_int_equal(try_reserve(table, request), HF_NO_RESOURCES);
    request.max_extents = 40;
    assert_int_equal(try_reserve(table, request), HF_OK);
    table_free(table);
}

static void no_more_pieces_than_the_table_has(void **state)
{
    struct table *table = table_new(&(struct windows_limits){.arena_page = 10 * PIECE_PAGES,
                                                             .arena_pages = 10 * PIECE_PAGES,
                                                             .windows = 8,
                                                             .extents = 8,
                                                             .tags = 1,
                                                             .pieces = 3});
    struct reserve_request request = {
        .bytes = 2 * PIECE_PAGES * HF_PAGE_SIZE, .tag = TAG, .max_extents = 1};

    struct window *window;

    (void)state;
    assert_int_equal(totals_of(table).pieces_max, 3);
    assert_int_equal(windows_reserve(table->windows, &request, &window), HF_OK);
    assert_int_equal(try_reserve(table, request), HF_NO_RESOURCES);
    request.bytes = (PIECE_PAGES - 1) * HF_PAGE_SIZE;
    assert_int_equal(windows_reserve(table->windows, &request, &window), HF_OK);
    assert_int_equal(totals_of(table).pieces, 3);
    request.bytes = 2 * HF_PAGE_SIZE; /* one of them in a fourth piece */
    assert_int_equal(try_reserve(table, request), HF_NO_RESOURCES);
    request.bytes = HF_PAGE_SIZE;
    assert_int_equal(windows_reserve(table->windows, &request, &window), HF_OK);
    assert_int_equal(try_reserve(table, request), HF_NO_RESOURCES);
    assert_int_equal(totals_of(table).pieces, 3);
    table_free(table);
}

/* A place that shares a piece with another window will do, where the usual one wants too many. */
static void a_place_with_fewer_pieces_is_found(void **state)
{
    struct table *table = table_new(&(struct windows_limits){.arena_page = 10 * PIECE_PAGES,
                                                             .arena_pages = 10 * PIECE_PAGES,
                                                             .windows = 8,
                                                             .extents = 8,
                                                             .tags = 1,
                                                             .pieces = 2});
    struct reserve_request one = {.bytes = HF_PAGE_SIZE, .tag = TAG, .max_extents = 1};
    struct reserve_request long_one = {
        .bytes = (PIECE_PAGES + 1) * HF_PAGE_SIZE, .tag = TAG, .max_extents = 1};
    struct window *first, *second;

    (void)state;
    assert_int_equal(windows_reserve(table->windows, &one, &first), HF_OK);
    assert_int_equal(windows_reserve(table->windows, &long_one, &second), HF_OK);
    assert_int_equal(totals_of(table).pieces, 2);
    check_invariants(table->windows);

    /* And in front of one, behind a gap that is long enough. */
    windows_abandon(table->windows, first);
    windows_abandon(table->windows, second);
    one.bytes = PIECE_PAGES * HF_PAGE_SIZE;
    assert_int_equal(windows_reserve(table->windows, &one, &first), HF_OK);
    one.bytes = HF_PAGE_SIZE;
    assert_int_equal(windows_reserve(table->windows, &one, &second), HF_OK);
    windows_abandon(table->windows, first);
    long_one.bytes = (2 * PIECE_PAGES - 1) * HF_PAGE_SIZE;
    assert_int_equal(windows_reserve(table->windows, &long_one, &first), HF_OK);
    assert_int_equal(totals_of(table).pieces, 2);
    assert_int_equal(try_reserve(table, one), HF_NO_RESOURCES);
    table_free(table);
}

static void the_arena_has_so_many_pieces(void **state)
{
    static const struct {
        uint64_t page, pages, limit, pieces;
    } arenas[] = {
        {PIECE_PAGES, PIECE_PAGES, 0, 1},         {PIECE_PAGES, PIECE_PAGES + 1, 0, 2},
        {2 * PIECE_PAGES - 1, 2, 0, 2},           {PIECE_PAGES, PIECE_PAGES, 100, 1},
        {PIECE_PAGES, 100 * PIECE_PAGES, 99, 99},
    };

    (void)state;
    for (size_t i = 0; i < sizeof arenas / sizeof arenas[0]; i++) {
        struct table *table = table_new(&(struct windows_limits){.arena_page = arenas[i].page,
                                                                 .arena_pages = arenas[i].pages,
                                                                 .windows = 1,
                                                                 .extents = 1,
                                                                 .tags = 1,
                                                                 .pieces = arenas[i].limit});
        assert_int_equal(totals_of(table).pieces_max, arenas[i].pieces);
        table_free(table);
    }
}

static void an_unpublished_window_is_not_found(void **state)
{
    struct table *table = *state;
    struct reserve_request request = {.bytes = 1, .tag = TAG};
    struct window_state window, found;
    struct window *reserved;

    assert_int_equal(windows_reserve(table->windows, &request, &reserved), HF_OK);
    window_describe(reserved, &window);
    assert_int_equal(windows_stat(table->windows, window.handle, &found), HF_STAT_NO_WINDOW);
    assert_int_equal(map_one(table, window.handle, 0, RAM(0, 1)), HF_MAP_NO_WINDOW);
    assert_int_equal(unmap(table, window.handle, 0, 1), HF_UNMAP_NO_WINDOW);
    assert_int_equal(release(table, window.handle), HF_RELEASE_NO_WINDOW);
    assert_null(windows_next(table->windows, 0));
    assert_int_equal(windows_count_fault(table->windows, window.arena_page), 0);
    assert_int_equal(totals_of(table).windows, 1);
    assert_int_equal(totals_of(table).reserves, 0);

    windows_publish(table->windows, reserved);
    assert_int_equal(windows_stat(table->windows, window.handle, &found), HF_OK);
    assert_int_equal(totals_of(table).reserves, 1);
}

static void an_abandoned_window_leaves_nothing_behind(void **state)
{
    struct table *table = *state;
    struct windows_totals before = totals_of(table);
    struct reserve_request request = {.bytes = 50 * HF_PAGE_SIZE, .tag = TAG};
    struct window_state window;
    struct window *reserved;

    assert_int_equal(windows_reserve(table->windows, &request, &reserved), HF_OK);
    window_describe(reserved, &window);
    windows_abandon(table->windows, reserved);
    assert_totals(table, &before);
    assert_int_not_equal(window_of_pages(table, 1), window.handle);
}

#define TEST TABLE_TEST

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_reserve_of_no_bytes_is_refused),
        TEST(tag_0_is_refused_and_tag_1_is_not),
        TEST(undefined_flags_are_refused),
        TEST(two_to_the_32_pages_or_more_are_too_large),
        TEST(of_several_mistakes_the_first_is_told),
        TEST(bytes_are_rounded_up_to_whole_pages),
        TEST(a_new_window_is_as_it_was_asked_for),
        TEST(max_extents_0_means_one_a_page),
        TEST(more_extents_than_pages_are_not_set_aside),
        TEST(windows_do_not_overlap_and_fill_the_arena_from_the_left),
        TEST(the_leftmost_gap_that_is_long_enough_is_used),
        TEST(the_whole_arena_can_be_one_window_and_no_page_more),
        TEST(no_more_windows_than_the_table_has),
        TEST(no_more_extents_than_the_table_has),
        TEST(no_more_pieces_than_the_table_has),
        TEST(a_place_with_fewer_pieces_is_found),
        TEST(the_arena_has_so_many_pieces),
        TEST(an_unpublished_window_is_not_found),
        TEST(an_abandoned_window_leaves_nothing_behind),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
