/* SPDX-License-Identifier: MIT
 * The cache type in force: pages that are mapped already keep theirs. */
#include "windows_table.h"

#define PAGES 16u

static const enum hf_cache types[] = {HF_CACHE_NONCACHED, HF_CACHE_CACHED, HF_CACHE_WRITE_COMBINED};

static enum hf_cache type_of(struct table *table, uint64_t handle, uint64_t offset,
                             struct hf_extent extent, enum hf_cache asked)
{
    assert_int_equal(map_as(table, handle, offset, extent, asked), HF_OK);
    check_invariants(table->windows);
    return table->cache;
}

static void a_page_that_is_not_mapped_gets_the_type_asked_for(void **state)
{
    struct table *table = *state;
    uint64_t handle = window_of_pages(table, PAGES);

    for (uint32_t i = 0; i < 3; i++) {
        assert_int_equal(type_of(table, handle, i, RAM(i, 1), types[i]), types[i]);
    }
}

static void a_mapped_page_keeps_its_type_in_every_window(void **state)
{
    struct table *table = *state;
    uint64_t first = window_of_pages(table, PAGES);
    uint64_t second = window_of_pages(table, PAGES);

    for (uint32_t i = 0; i < 3; i++) {
        for (uint32_t j = 0; j < 3; j++) {
            struct hf_extent page = RAM(10 * i + j, 1);

            assert_int_equal(type_of(table, first, 0, page, types[i]), types[i]);
            assert_int_equal(type_of(table, second, 0, page, types[j]), types[i]);
            assert_int_equal(type_of(table, first, 1, page, types[j]), types[i]);
            assert_int_equal(unmap(table, first, 0, 1), HF_OK);
            assert_int_equal(unmap(table, first, 1, 1), HF_OK);
            assert_int_equal(unmap(table, second, 0, 1), HF_OK);
        }
    }
}

static void the_type_is_gone_with_the_last_mapping(void **state)
{
    struct table *table = *state;
    uint64_t handle = window_of_pages(table, PAGES);
    struct hf_extent page = OF(table->disk, 7, 1);

    type_of(table, handle, 0, page, HF_CACHE_NONCACHED);
    type_of(table, handle, 1, page, HF_CACHE_CACHED);
    assert_int_equal(unmap(table, handle, 0, 1), HF_OK);
    /* The second mapping was asked for as cached but has the type in force. */
    assert_int_equal(type_of(table, handle, 2, page, HF_CACHE_CACHED), HF_CACHE_NONCACHED);
    assert_int_equal(unmap(table, handle, 1, 1), HF_OK);
    assert_int_equal(unmap(table, handle, 2, 1), HF_OK);
    assert_int_equal(type_of(table, handle, 0, page, HF_CACHE_WRITE_COMBINED),
                     HF_CACHE_WRITE_COMBINED);
}

static void where_types_differ_the_strictest_is_in_force(void **state)
{
    struct table *table = *state;
    uint64_t handle = window_of_pages(table, PAGES);

    type_of(table, handle, 0, RAM(0, 1), HF_CACHE_CACHED);
    type_of(table, handle, 1, RAM(1, 1), HF_CACHE_WRITE_COMBINED);
    type_of(table, handle, 2, RAM(2, 1), HF_CACHE_NONCACHED);
    assert_int_equal(type_of(table, handle, 3, RAM(0, 2), HF_CACHE_NONCACHED),
                     HF_CACHE_WRITE_COMBINED);
    assert_int_equal(unmap(table, handle, 3, 2), HF_OK);
    assert_int_equal(type_of(table, handle, 3, RAM(0, 3), HF_CACHE_CACHED), HF_CACHE_NONCACHED);
}

static void a_list_counts_as_a_whole(void **state)
{
    struct table *table = *state;
    uint64_t handle = window_of_pages(table, PAGES);
    struct hf_extent list[] = {RAM(0, 1), OF(table->disk, 3, 4), RAM(50, 2)};
    struct map_request request = {
        .window = handle, .page_offset = 1, .tag = TAG, .cache = HF_CACHE_CACHED};

    type_of(table, handle, 0, RAM(51, 1), HF_CACHE_WRITE_COMBINED);
    assert_int_equal(map_request(table, &request, list, 3), HF_OK);
    assert_int_equal(table->cache, HF_CACHE_WRITE_COMBINED);
    assert_int_equal(type_of(table, handle, 8, OF(table->disk, 6, 1), HF_CACHE_CACHED),
                     HF_CACHE_WRITE_COMBINED);
}

static void any_page_of_an_extent_counts(void **state)
{
    struct table *table = *state;
    uint64_t handle = window_of_pages(table, PAGES);

    type_of(table, handle, 0, RAM(20, 4), HF_CACHE_NONCACHED);
    for (uint64_t first = 15; first < 28; first++) {
        bool touches = first + 3 > 20 && first < 24;

        assert_int_equal(type_of(table, handle, 8, RAM(first, 3), HF_CACHE_CACHED),
                         touches ? HF_CACHE_NONCACHED : HF_CACHE_CACHED);
        assert_int_equal(unmap(table, handle, 8, 3), HF_OK);
    }
}

static void a_long_extent_hides_behind_no_short_one(void **state)
{
    struct table *table = *state;
    uint64_t handle = window_of_pages(table, 200);

    /* The long one begins first; many short ones lie between it and the page asked about. */
    type_of(table, handle, 0, RAM(100, 60), HF_CACHE_NONCACHED);
    for (uint32_t i = 0; i < 20; i++)
        type_of(table, handle, 60 + i, RAM(101 + i, 1), HF_CACHE_NONCACHED);
    assert_int_equal(type_of(table, handle, 100, RAM(159, 1), HF_CACHE_CACHED), HF_CACHE_NONCACHED);
    assert_int_equal(type_of(table, handle, 101, RAM(160, 1), HF_CACHE_CACHED), HF_CACHE_CACHED);
    assert_int_equal(unmap(table, handle, 0, 60), HF_OK);
    assert_int_equal(type_of(table, handle, 0, RAM(121, 38), HF_CACHE_CACHED), HF_CACHE_CACHED);
}

static void the_same_page_number_of_another_backing_does_not_count(void **state)
{
    struct table *table = *state;
    uint64_t handle = window_of_pages(table, PAGES);
    struct map_request request = {.window = handle,
                                  .page_offset = 2,
                                  .tag = TAG,
                                  .flags = HF_MAP_READ_ONLY,
                                  .cache = HF_CACHE_CACHED};
    struct hf_extent rom = OF(table->rom, 5, 1);

    type_of(table, handle, 0, RAM(5, 1), HF_CACHE_NONCACHED);
    assert_int_equal(type_of(table, handle, 1, OF(table->disk, 5, 1), HF_CACHE_WRITE_COMBINED),
                     HF_CACHE_WRITE_COMBINED);
    assert_int_equal(map_request(table, &request, &rom, 1), HF_OK);
    assert_int_equal(table->cache, HF_CACHE_CACHED);
}

static void the_last_page_of_a_backing_is_not_the_next_ones_first(void **state)
{
    struct table *table = *state;
    uint64_t handle = window_of_pages(table, PAGES);
    uint32_t large = backings_attach(&table->backings, "large", (uint64_t)1 << 52, true);
    uint32_t next = backings_attach(&table->backings, "next", HF_PAGE_SIZE, true);
    uint32_t large_id = table->backings.object[large].id;
    uint32_t next_id = table->backings.object[next].id;

    assert_int_equal(next, large + 1);
    type_of(table, handle, 0, OF(large_id, BACKING_PAGES_MAX - 2, 2), HF_CACHE_NONCACHED);
    assert_int_equal(type_of(table, handle, 2, OF(next_id, 0, 1), HF_CACHE_CACHED),
                     HF_CACHE_CACHED);
    assert_int_equal(
        type_of(table, handle, 3, OF(large_id, BACKING_PAGES_MAX - 1, 1), HF_CACHE_CACHED),
        HF_CACHE_NONCACHED);
}

static void neighbours_across_the_hole_are_different_pages(void **state)
{
    struct table *table = *state;
    uint64_t handle = window_of_pages(table, PAGES);

    /* Neighbours in the RAM's memory object, though not for the guest. */
    type_of(table, handle, 0, RAM(HOLE_END, 1), HF_CACHE_NONCACHED);
    assert_int_equal(type_of(table, handle, 1, RAM(HOLE_BEGIN - 1, 1), HF_CACHE_CACHED),
                     HF_CACHE_CACHED);
    assert_int_equal(type_of(table, handle, 2, RAM(HOLE_END, 2), HF_CACHE_CACHED),
                     HF_CACHE_NONCACHED);
}

static void the_old_mapping_of_a_remap_has_no_say(void **state)
{
    struct table *table = *state;
    uint64_t handle = window_of_pages(table, PAGES);

    type_of(table, handle, 0, RAM(0, 4), HF_CACHE_NONCACHED);
    assert_int_equal(remap_one(table, handle, 0, 4, 0, RAM(1, 4)), HF_OK);
    assert_int_equal(table->cache, HF_CACHE_CACHED);
}

static void another_mapping_of_the_old_pages_has_a_say_in_a_remap(void **state)
{
    struct table *table = *state;
    uint64_t handle = window_of_pages(table, PAGES);

    type_of(table, handle, 0, RAM(0, 4), HF_CACHE_NONCACHED);
    type_of(table, handle, 8, RAM(2, 1), HF_CACHE_NONCACHED);
    assert_int_equal(remap_one(table, handle, 0, 4, 0, RAM(1, 4)), HF_OK);
    assert_int_equal(table->cache, HF_CACHE_NONCACHED);
}

static void pages_of_a_forcibly_detached_object_have_no_say(void **state)
{
    struct table *table = *state;
    uint64_t handle = window_of_pages(table, PAGES);
    uint32_t slot = backings_by_id(&table->backings, table->disk);
    uint64_t page, pages;

    type_of(table, handle, 0, OF(table->disk, 0, 4), HF_CACHE_NONCACHED);
    while (windows_disown(table->windows, slot, &page, &pages)) {
    }
    backings_detach(&table->backings, slot);
    const uint32_t again = backings_attach(&table->backings, "disk", 8 * HF_PAGE_SIZE, true);
    assert_int_equal(again, slot);
    assert_int_equal(
        type_of(table, handle, 8, OF(table->backings.object[again].id, 0, 4), HF_CACHE_CACHED),
        HF_CACHE_CACHED);
    assert_int_equal(unmap(table, handle, 0, 4), HF_OK);
    assert_int_equal(table->backings.object[again].extents, 1);
}

#define TEST TABLE_TEST

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_page_that_is_not_mapped_gets_the_type_asked_for),
        TEST(a_mapped_page_keeps_its_type_in_every_window),
        TEST(the_type_is_gone_with_the_last_mapping),
        TEST(where_types_differ_the_strictest_is_in_force),
        TEST(a_list_counts_as_a_whole),
        TEST(any_page_of_an_extent_counts),
        TEST(a_long_extent_hides_behind_no_short_one),
        TEST(the_same_page_number_of_another_backing_does_not_count),
        TEST(the_last_page_of_a_backing_is_not_the_next_ones_first),
        TEST(neighbours_across_the_hole_are_different_pages),
        TEST(the_old_mapping_of_a_remap_has_no_say),
        TEST(another_mapping_of_the_old_pages_has_a_say_in_a_remap),
        TEST(pages_of_a_forcibly_detached_object_have_no_say),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
