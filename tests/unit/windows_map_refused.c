/* SPDX-License-Identifier: MIT
 * MAP: what is refused, with which status, and that a refused MAP changes nothing. */
#include "windows_table.h"

#define PAGES 16u

/* Tries a MAP that is expected to be refused and checks that nothing has changed. */
static enum hf_status refused(struct table *table, uint64_t handle,
                              const struct map_request *request, const struct hf_extent *list,
                              uint32_t count)
{
    struct windows_totals totals = totals_of(table);
    struct window_state window = state_of(table, handle);
    uint64_t disk_extents = table->backings.object[1].extents;
    enum hf_status status = map_request(table, request, list, count);

    assert_int_not_equal(status, HF_OK);
    assert_totals(table, &totals);
    assert_state(table, &window);
    assert_int_equal(table->backings.object[1].extents, disk_extents);
    check_invariants(table->windows);
    return status;
}

static enum hf_status refused_one(struct table *table, uint64_t handle, uint64_t offset,
                                  struct hf_extent extent)
{
    struct map_request request = {
        .window = handle, .page_offset = offset, .tag = TAG, .cache = HF_CACHE_CACHED};

    return refused(table, handle, &request, &extent, 1);
}

static void a_map_in_no_window_is_refused(void **state)
{
    struct table *table = *state;
    uint64_t handle = window_of_pages(table, PAGES);
    const uint64_t handles[] = {0,
                                UINT64_MAX,
                                handle + 1,
                                handle - 1,
                                handle + ((uint64_t)1 << 32),
                                handle | (uint64_t)1 << 63,
                                WINDOWS_MAX + 1,
                                UINT32_MAX,
                                (uint64_t)1 << 32,
                                ARENA_PAGE};

    for (size_t i = 0; i < sizeof handles / sizeof handles[0]; i++)
        assert_int_equal(map_one(table, handles[i], 0, RAM(0, 1)), HF_MAP_NO_WINDOW);
}

static void a_map_with_another_tag_is_refused(void **state)
{
    struct table *table = *state;
    uint64_t handle = window_of_pages(table, PAGES);
    struct map_request request = {.window = handle, .cache = HF_CACHE_CACHED};
    struct hf_extent extent = RAM(0, 1);

    for (uint32_t bit = 0; bit < 32; bit++) {
        request.tag = TAG ^ 1u << bit;
        assert_int_equal(refused(table, handle, &request, &extent, 1), HF_MAP_WRONG_TAG);
    }
    request.tag = 0;
    assert_int_equal(refused(table, handle, &request, &extent, 1), HF_MAP_WRONG_TAG);
}

static void undefined_flags_are_refused(void **state)
{
    struct table *table = *state;
    uint64_t handle = window_of_pages(table, PAGES);
    struct map_request request = {.window = handle, .tag = TAG, .cache = HF_CACHE_CACHED};
    struct hf_extent extent = RAM(0, 1);

    for (uint32_t bit = 1; bit < 32; bit++) {
        request.flags = 1u << bit;
        assert_int_equal(refused(table, handle, &request, &extent, 1), HF_BAD_FLAGS);
    }
}

static void an_unknown_cache_type_is_refused(void **state)
{
    struct table *table = *state;
    uint64_t handle = window_of_pages(table, PAGES);
    struct map_request request = {.window = handle, .tag = TAG};
    struct hf_extent extent = RAM(0, 1);

    request.cache = HF_CACHE_WRITE_COMBINED + 1;
    assert_int_equal(refused(table, handle, &request, &extent, 1), HF_BAD_CACHE);
    request.cache = UINT32_MAX;
    assert_int_equal(refused(table, handle, &request, &extent, 1), HF_BAD_CACHE);
}

static void an_empty_list_is_refused(void **state)
{
    struct table *table = *state;
    uint64_t handle = window_of_pages(table, PAGES);
    struct map_request request = {.window = handle, .tag = TAG, .cache = HF_CACHE_CACHED};
    struct hf_extent extent = RAM(0, 1);

    assert_int_equal(refused(table, handle, &request, &extent, 0), HF_EMPTY_LIST);
    assert_int_equal(refused_one(table, handle, 0, RAM(0, 0)), HF_EMPTY_LIST);
}

static void a_list_longer_than_the_limit_is_refused(void **state)
{
    struct table *table = table_new(&(struct windows_limits){.arena_page = ARENA_PAGE,
                                                             .arena_pages = 2 * HF_LIST_MAX,
                                                             .windows = 1,
                                                             .extents = 2 * HF_LIST_MAX,
                                                             .tags = 1});
    uint64_t handle = window_of_pages(table, 2 * HF_LIST_MAX);
    struct map_request request = {.window = handle, .tag = TAG, .cache = HF_CACHE_CACHED};
    struct hf_extent *list = calloc(HF_LIST_MAX + 1, sizeof *list);

    (void)state;
    assert_non_null(list);
    for (uint32_t i = 0; i <= HF_LIST_MAX; i++)
        list[i] = RAM(i % HOLE_BEGIN, 1);
    assert_int_equal(refused(table, handle, &request, list, HF_LIST_MAX + 1), HF_TOO_LARGE);
    assert_int_equal(refused(table, handle, &request, list, UINT32_MAX), HF_TOO_LARGE);
    assert_int_equal(map_request(table, &request, list, HF_LIST_MAX), HF_OK);
    assert_int_equal(state_of(table, handle).extents, HF_LIST_MAX);
    free(list);
    table_free(table);
}

static void a_map_whose_last_extent_is_bad_maps_none(void **state)
{
    struct table *table = *state;
    uint64_t handle = window_of_pages(table, 600);
    struct map_request request = {.window = handle, .tag = TAG, .cache = HF_CACHE_CACHED};
    struct hf_extent list[500];

    for (uint32_t i = 0; i < 500; i++)
        list[i] = i % 2 ? OF(table->disk, i % DISK_PAGES, 1) : RAM(i, 1);
    list[499] = OF(table->disk, DISK_PAGES, 1);
    assert_int_equal(refused(table, handle, &request, list, 500), HF_BAD_PAGE);
    list[499] = OF(table->rom, 0, 1);
    assert_int_equal(refused(table, handle, &request, list, 500), HF_READ_ONLY);
    list[499] = RAM(0, 0);
    assert_int_equal(refused(table, handle, &request, list, 500), HF_EMPTY_LIST);
    list[499] = RAM(0, 200);
    assert_int_equal(refused(table, handle, &request, list, 500), HF_WINDOW_TOO_SMALL);
    list[499] = RAM(0, 1);
    assert_int_equal(map_request(table, &request, list, 500), HF_OK);
}

static void a_read_only_object_is_mapped_only_for_reading(void **state)
{
    struct table *table = *state;
    uint64_t handle = window_of_pages(table, PAGES);
    struct map_request request = {.window = handle, .tag = TAG, .cache = HF_CACHE_CACHED};
    struct hf_extent extent = OF(table->rom, 0, 2);

    assert_int_equal(refused(table, handle, &request, &extent, 1), HF_READ_ONLY);
    request.flags = HF_MAP_READ_ONLY;
    assert_int_equal(map_request(table, &request, &extent, 1), HF_OK);
}

static void a_list_that_reaches_beyond_the_window_is_refused(void **state)
{
    struct table *table = *state;
    uint64_t handle = window_of_pages(table, PAGES);

    assert_int_equal(refused_one(table, handle, 0, RAM(0, PAGES + 1)), HF_WINDOW_TOO_SMALL);
    assert_int_equal(refused_one(table, handle, 1, RAM(0, PAGES)), HF_WINDOW_TOO_SMALL);
    assert_int_equal(refused_one(table, handle, PAGES, RAM(0, 1)), HF_WINDOW_TOO_SMALL);
    assert_int_equal(refused_one(table, handle, PAGES + 1, RAM(0, 1)), HF_WINDOW_TOO_SMALL);
    assert_int_equal(refused_one(table, handle, UINT64_MAX, RAM(0, 1)), HF_WINDOW_TOO_SMALL);
    assert_int_equal(refused_one(table, handle, UINT64_MAX - 1, RAM(0, 3)), HF_WINDOW_TOO_SMALL);
    assert_int_equal(refused_one(table, handle, (uint64_t)1 << 32, RAM(0, 1)), HF_WINDOW_TOO_SMALL);
    assert_int_equal(map_one(table, handle, PAGES - 1, RAM(0, 1)), HF_OK);
}

static void pages_that_add_up_beyond_32_bits_are_refused(void **state)
{
    struct table *table = *state;
    uint64_t handle = window_of_pages(table, PAGES);
    struct map_request request = {.window = handle, .tag = TAG, .cache = HF_CACHE_CACHED};
    uint32_t slot = backings_attach(&table->backings, "huge", (uint64_t)1 << 45, true);
    uint32_t huge = table->backings.object[slot].id;
    /* Together 2^32 + 4 pages, which would be 4 if they wrapped around. */
    struct hf_extent list[] = {OF(huge, 0, 0x80000000u), OF(huge, 0, 0x80000000u), RAM(0, 4)};

    assert_int_equal(refused(table, handle, &request, list, 3), HF_WINDOW_TOO_SMALL);
}

static void no_more_extents_at_once_than_were_reserved(void **state)
{
    struct table *table = *state;
    struct hf_extent list[] = {RAM(0, 1), RAM(5, 1), RAM(9, 1)};
    struct map_request request = {.tag = TAG, .cache = HF_CACHE_CACHED};
    uint64_t handle;

    assert_int_equal(reserve(table, PAGES * HF_PAGE_SIZE, 0, 4, &handle), HF_OK);
    request.window = handle;
    assert_int_equal(map_list(table, handle, 0, list, 2), HF_OK);
    request.page_offset = 8;
    assert_int_equal(refused(table, handle, &request, list, 3), HF_TOO_MANY_EXTENTS);
    assert_int_equal(map_list(table, handle, 8, list, 2), HF_OK);
    request.page_offset = 12;
    assert_int_equal(refused(table, handle, &request, list, 1), HF_TOO_MANY_EXTENTS);
    assert_int_equal(unmap(table, handle, 0, 2), HF_OK);
    assert_int_equal(map_list(table, handle, 12, list, 2), HF_OK);
}

static void a_map_over_something_mapped_is_refused(void **state)
{
    struct table *table = *state;
    uint64_t handle = window_of_pages(table, PAGES);

    assert_int_equal(map_one(table, handle, 4, RAM(0, 4)), HF_OK);
    for (uint64_t offset = 1; offset < 8; offset++)
        assert_int_equal(refused_one(table, handle, offset, RAM(0, 4)), HF_MAP_OVERLAP);
    assert_int_equal(refused_one(table, handle, 0, RAM(0, PAGES)), HF_MAP_OVERLAP);
    assert_int_equal(refused_one(table, handle, 5, RAM(0, 1)), HF_MAP_OVERLAP);
    assert_int_equal(map_one(table, handle, 0, RAM(0, 4)), HF_OK);
    assert_int_equal(map_one(table, handle, 8, RAM(0, 4)), HF_OK);
}

static void the_later_extents_of_a_list_are_in_the_way_too(void **state)
{
    struct table *table = *state;
    uint64_t handle = window_of_pages(table, PAGES);
    struct hf_extent list[] = {RAM(0, 1), RAM(5, 1), RAM(9, 3)};

    assert_int_equal(map_list(table, handle, 2, list, 3), HF_OK);
    assert_int_equal(refused_one(table, handle, 6, RAM(20, 1)), HF_MAP_OVERLAP);
    assert_int_equal(refused_one(table, handle, 3, RAM(20, 1)), HF_MAP_OVERLAP);
    assert_int_equal(map_one(table, handle, 7, RAM(20, 1)), HF_OK);
    assert_int_equal(map_one(table, handle, 1, RAM(20, 1)), HF_OK);
}

static void of_several_mistakes_the_first_is_told(void **state)
{
    struct table *table = *state;
    uint64_t handle;
    struct map_request request = {.window = 0, .page_offset = 15, .tag = 1, .flags = 2, .cache = 7};
    struct hf_extent list[] = {RAM(0, 0), OF(99, 0, 1), OF(table->rom, 0, 2)};

    assert_int_equal(reserve(table, PAGES * HF_PAGE_SIZE, 0, 3, &handle), HF_OK);
    assert_int_equal(map_one(table, handle, 13, RAM(0, 1)), HF_OK);
    assert_int_equal(map_request(table, &request, list, 0), HF_MAP_NO_WINDOW);
    request.window = handle;
    assert_int_equal(refused(table, handle, &request, list, 0), HF_MAP_WRONG_TAG);
    request.tag = TAG;
    assert_int_equal(refused(table, handle, &request, list, 0), HF_BAD_FLAGS);
    request.flags = 0;
    assert_int_equal(refused(table, handle, &request, list, 0), HF_BAD_CACHE);
    request.cache = HF_CACHE_CACHED;
    assert_int_equal(refused(table, handle, &request, list, 0), HF_EMPTY_LIST);
    assert_int_equal(refused(table, handle, &request, list, 3), HF_EMPTY_LIST);
    list[0].pages = 1;
    assert_int_equal(refused(table, handle, &request, list, 3), HF_BAD_PAGE);
    list[1].object = table->disk;
    assert_int_equal(refused(table, handle, &request, list, 3), HF_READ_ONLY);
    list[2].object = table->disk;
    assert_int_equal(refused(table, handle, &request, list, 3), HF_WINDOW_TOO_SMALL);
    request.page_offset = 12;
    assert_int_equal(refused(table, handle, &request, list, 3), HF_MAP_OVERLAP);
    request.page_offset = 9;
    assert_int_equal(refused(table, handle, &request, list, 3), HF_TOO_MANY_EXTENTS);
    request.page_offset = 11;
    assert_int_equal(map_request(table, &request, list, 2), HF_OK);
}

#define TEST TABLE_TEST

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_map_in_no_window_is_refused),
        TEST(a_map_with_another_tag_is_refused),
        TEST(undefined_flags_are_refused),
        TEST(an_unknown_cache_type_is_refused),
        TEST(an_empty_list_is_refused),
        TEST(a_list_longer_than_the_limit_is_refused),
        TEST(a_map_whose_last_extent_is_bad_maps_none),
        TEST(a_read_only_object_is_mapped_only_for_reading),
        TEST(a_list_that_reaches_beyond_the_window_is_refused),
        TEST(pages_that_add_up_beyond_32_bits_are_refused),
        TEST(no_more_extents_at_once_than_were_reserved),
        TEST(a_map_over_something_mapped_is_refused),
        TEST(the_later_extents_of_a_list_are_in_the_way_too),
        TEST(of_several_mistakes_the_first_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
