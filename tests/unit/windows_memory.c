/* SPDX-License-Identifier: MIT
 * Which pages of its own memory the table touches, and when: all that a MAP needs must be there
 * once RESERVE has returned, because a fresh page may not be had any more. */
#include "windows_table.h"

#include <sys/mman.h>

#define PAGE    4096u
#define EXTENTS 20000u

static const struct windows_limits limits = {.arena_page = ARENA_PAGE,
                                             .arena_pages = 100000,
                                             .windows = 1000,
                                             .extents = EXTENTS,
                                             .tags = 1000};

struct mapped_table {
    struct table table;
    char *memory; /* of whole pages */
    size_t bytes;
    unsigned char *present;
};

/* How far from an alignment of 64 the table has to begin for some record of an extent to lie
 * across two pages. */
static size_t shift(struct windows_limits records)
{
    records.extents = 0;
    struct table *table = table_new(&records);
    const uintptr_t offset = (uintptr_t)table->windows->records - (uintptr_t)table->windows;
    table_free(table);
    return offset % sizeof(struct extent_record) == 0 ? 64 : 0;
}

static int setup(void **state)
{
    struct mapped_table *mapped = calloc(1, sizeof *mapped);

    assert_non_null(mapped);
    struct table *table = &mapped->table;
    mapped->bytes = (64 + windows_bytes(&limits) + PAGE - 1) / PAGE * PAGE;
    mapped->present = calloc(1, mapped->bytes / PAGE);
    assert_non_null(mapped->present);
    mapped->memory =
        mmap(NULL, mapped->bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_ptr_not_equal(mapped->memory, MAP_FAILED);
    assert_int_equal(madvise(mapped->memory, mapped->bytes, MADV_NOHUGEPAGE), 0);
    backings_init(&table->backings, RAM_PAGES, HOLE_BEGIN, HOLE_END);
    table->windows = windows_create(mapped->memory + shift(limits), &limits, &table->backings);
    *state = mapped;
    return 0;
}

static int teardown(void **state)
{
    struct mapped_table *mapped = *state;

    assert_int_equal(munmap(mapped->memory, mapped->bytes), 0);
    free(mapped->present);
    free(mapped);
    return 0;
}

static size_t pages_present(struct mapped_table *mapped)
{
    size_t count = 0;

    assert_int_equal(mincore(mapped->memory, mapped->bytes, mapped->present), 0);
    for (size_t i = 0; i < mapped->bytes / PAGE; i++)
        count += mapped->present[i] & 1;
    return count;
}

static void an_empty_table_touches_a_page_or_two(void **state)
{
    struct mapped_table *mapped = *state;
    struct window_state window;

    windows_stat(mapped->table.windows, 500, &window);
    assert_in_range(pages_present(mapped), 1, 2);
}

static void a_reserve_touches_the_records_that_it_sets_aside(void **state)
{
    struct mapped_table *mapped = *state;
    size_t before = pages_present(mapped);
    uint64_t handle;

    assert_int_equal(reserve(&mapped->table, 5000 * HF_PAGE_SIZE, 0, 1000, &handle), HF_OK);
    assert_in_range(pages_present(mapped) - before, 1000 * sizeof(struct extent_record) / PAGE,
                    1000 * sizeof(struct extent_record) / PAGE + 3);
}

static void map_and_unmap_and_remap_and_release_touch_no_fresh_page(void **state)
{
    struct mapped_table *mapped = *state;
    struct table *table = &mapped->table;
    struct hf_extent list[700];
    struct map_request request = {.tag = TAG, .cache = HF_CACHE_CACHED};
    uint64_t handle[9];

    for (int i = 0; i < 9; i++)
        assert_int_equal(reserve(table, 777 * HF_PAGE_SIZE, 0, 700 + (uint32_t)i, &handle[i]),
                         HF_OK);
    for (uint32_t i = 0; i < 700; i++)
        list[i] = RAM(i, 1);
    const size_t before = pages_present(mapped);
    for (int i = 0; i < 9; i++)
        assert_int_equal(map_list(table, handle[i], 0, list, 700), HF_OK);
    for (int i = 0; i < 9; i++) {
        request.window = handle[i];
        request.page_offset = 77;
        assert_int_equal(remap_request(table, &request, 0, 700, list, 700), HF_OK);
    }
    for (int i = 0; i < 9; i++) {
        assert_int_equal(unmap(table, handle[i], 77, 700), HF_OK);
        assert_int_equal(release(table, handle[i]), HF_OK);
    }
    assert_int_equal(pages_present(mapped), before);
}

static void a_record_that_lies_across_two_pages_is_there_as_a_whole(void **state)
{
    struct mapped_table *mapped = *state;

    for (uint32_t i = 0; i < 2 * PAGE / sizeof(struct extent_record); i++) {
        uint64_t handle;

        assert_int_equal(reserve(&mapped->table, 1, 0, 1, &handle), HF_OK);
        const size_t before = pages_present(mapped);
        assert_int_equal(map_one(&mapped->table, handle, 0, RAM(i, 1)), HF_OK);
        assert_int_equal(pages_present(mapped), before);
    }
}

static void released_records_are_used_before_fresh_ones(void **state)
{
    struct mapped_table *mapped = *state;
    uint64_t handle;

    assert_int_equal(reserve(&mapped->table, 5000 * HF_PAGE_SIZE, 0, 1000, &handle), HF_OK);
    assert_int_equal(release(&mapped->table, handle), HF_OK);
    const size_t before = pages_present(mapped);
    assert_int_equal(reserve(&mapped->table, 5000 * HF_PAGE_SIZE, 0, 1000, &handle), HF_OK);
    assert_in_range(pages_present(mapped), before, before + 1); /* the window's own record */
}

static void a_reset_touches_no_fresh_page(void **state)
{
    struct mapped_table *mapped = *state;
    uint64_t handle;

    assert_int_equal(reserve(&mapped->table, 5000 * HF_PAGE_SIZE, 0, 1000, &handle), HF_OK);
    assert_int_equal(map_one(&mapped->table, handle, 0, RAM(0, 700)), HF_OK);
    const size_t before = pages_present(mapped);
    windows_reset(mapped->table.windows);
    assert_int_equal(reserve(&mapped->table, 5000 * HF_PAGE_SIZE, 0, 1000, &handle), HF_OK);
    assert_in_range(pages_present(mapped), before, before + 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_empty_table_touches_a_page_or_two),
        TEST(a_reserve_touches_the_records_that_it_sets_aside),
        TEST(map_and_unmap_and_remap_and_release_touch_no_fresh_page),
        TEST(a_record_that_lies_across_two_pages_is_there_as_a_whole),
        TEST(released_records_are_used_before_fresh_ones),
        TEST(a_reset_touches_no_fresh_page),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
