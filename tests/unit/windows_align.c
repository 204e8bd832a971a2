/* SPDX-License-Identifier: MIT
 * Where RESERVE puts windows whose base has to be divisible by something. */
#include "windows_table.h"

#define MIB_2 512u /* pages */

static struct table *arena(uint64_t page, uint64_t pages)
{
    return table_new(&(struct windows_limits){
        .arena_page = page, .arena_pages = pages, .windows = 64, .extents = 64, .tags = 1});
}

/* A window with one extent: where it lies, or 0 if there was no room. */
static uint64_t base_of(struct table *table, uint64_t pages, uint32_t flags)
{
    uint64_t handle;
    enum hf_status status = reserve(table, pages * HF_PAGE_SIZE, flags, 1, &handle);

    if (status == HF_NO_RESOURCES)
        return 0;
    assert_int_equal(status, HF_OK);
    check_invariants(table->windows);
    return state_of(table, handle).arena_page;
}

static void a_divisible_base_is_divisible_by_the_length(void **state)
{
    static const uint64_t lengths[] = {1, 2, 3, 5, 7, 8, 12, 64, 100, 511, 512, 513, 1000, 4096};

    (void)state;
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        struct table *table = arena(0x100003, 3 * 4096);

        for (int window = 0; window < 2; window++) {
            uint64_t base = base_of(table, lengths[i], HF_RESERVE_DIVISIBLE);

            assert_int_not_equal(base, 0);
            assert_int_equal(base % lengths[i], 0);
        }
        table_free(table);
    }
}

static void a_divisible_window_finds_an_exact_gap(void **state)
{
    struct table *table = arena(0x100000 - 1, 1 + 100);
    uint64_t first = 0x100000 - 0x100000 % 100 + 100; /* divisible by 100 */
    struct table *exact = arena(first, 100);

    (void)state;
    assert_int_equal(base_of(exact, 100, HF_RESERVE_DIVISIBLE), first);
    assert_int_equal(base_of(table, 64, HF_RESERVE_DIVISIBLE), 0x100000);
    table_free(exact);
    table_free(table);
}

static void a_gap_without_an_aligned_fit_is_passed_over(void **state)
{
    /* Gaps of 8 pages, of which only the third begins at a multiple of 8. */
    struct table *table = arena(0x100001, 8 + 1 + 8 + 5 + 8 + 1);
    uint64_t gap[3];

    (void)state;
    gap[0] = base_of(table, 8, 0);
    base_of(table, 1, 0);
    gap[1] = base_of(table, 8, 0);
    base_of(table, 5 + 1, 0);
    gap[2] = base_of(table, 8, 0);
    assert_int_equal(base_of(table, 1, 0), 0);
    assert_int_equal(gap[2] % 8, 0);
    for (int i = 0; i < 3; i++) {
        struct window_state window;

        window_describe(windows_next(table->windows, gap[i]), &window);
        assert_int_equal(release(table, window.handle), HF_OK);
    }
    assert_int_equal(base_of(table, 8, HF_RESERVE_DIVISIBLE), gap[2]);
    assert_int_equal(base_of(table, 8, HF_RESERVE_DIVISIBLE), 0);
    assert_int_equal(base_of(table, 8, 0), gap[0]);
    table_free(table);
}

static void a_divisible_window_is_refused_where_none_fits(void **state)
{
    struct table *table = arena(0x100001, 2 * 64 - 2);

    (void)state;
    assert_int_equal(base_of(table, 64, HF_RESERVE_DIVISIBLE), 0);
    table_free(table);
    table = arena(0x100001, 2 * 64 - 1);
    assert_int_equal(base_of(table, 64, HF_RESERVE_DIVISIBLE), 0x100040);
    table_free(table);
}

static void windows_of_2_mib_and_more_begin_at_2_mib(void **state)
{
    struct table *table = arena(0x100000, 16 * MIB_2);

    (void)state;
    assert_int_equal(base_of(table, 3, 0), 0x100000);
    assert_int_equal(base_of(table, MIB_2, 0), 0x100000 + MIB_2);
    assert_int_equal(base_of(table, MIB_2 + 1, 0), 0x100000 + 2 * MIB_2);
    assert_int_equal(base_of(table, MIB_2, 0), 0x100000 + 4 * MIB_2);
    assert_int_equal(base_of(table, MIB_2 - 3, 0), 0x100003);
    table_free(table);
}

static void a_large_window_prefers_a_gap_with_an_aligned_place(void **state)
{
    /* A gap of just 512 pages at an odd place, then an aligned one of just 512. */
    struct table *table = arena(0x100000 + 1, MIB_2 + 511 + MIB_2);
    struct window_state window;

    (void)state;
    const uint64_t odd = base_of(table, 511, 0);
    base_of(table, 1, 0);
    base_of(table, 511, 0);
    const uint64_t aligned = base_of(table, MIB_2, 0);
    assert_int_equal(aligned, 0x100000 + 2 * MIB_2);
    window_describe(windows_next(table->windows, aligned), &window);
    assert_int_equal(release(table, window.handle), HF_OK);
    window_describe(windows_next(table->windows, odd), &window);
    assert_int_equal(release(table, window.handle), HF_OK);
    window_describe(windows_next(table->windows, odd + 511), &window);
    assert_int_equal(release(table, window.handle), HF_OK);

    assert_int_equal(base_of(table, MIB_2, 0), aligned);
    assert_int_equal(base_of(table, MIB_2, 0), odd);
    table_free(table);
}

static void a_large_window_goes_anywhere_rather_than_nowhere(void **state)
{
    struct table *table = arena(0x100001, MIB_2);

    (void)state;
    assert_int_equal(base_of(table, MIB_2, 0), 0x100001);
    table_free(table);
}

static void an_arena_of_a_tebibyte_can_be_used_whole(void **state)
{
    uint64_t pages = (uint64_t)1 << 28;
    struct table *table = arena(pages, pages);

    (void)state;
    assert_int_equal(base_of(table, pages, HF_RESERVE_DIVISIBLE), pages);
    assert_int_equal(base_of(table, 1, 0), 0);
    table_free(table);
}

static void the_longest_window_does_not_overflow_the_search(void **state)
{
    struct table *table = arena(((uint64_t)1 << 40) - 5, 5);

    (void)state;
    assert_int_equal(base_of(table, UINT32_MAX, HF_RESERVE_DIVISIBLE), 0);
    assert_int_equal(base_of(table, UINT32_MAX, 0), 0);
    table_free(table);
    table = arena(1, ((uint64_t)1 << 40) - 1);
    assert_int_equal(base_of(table, UINT32_MAX, HF_RESERVE_DIVISIBLE), UINT32_MAX);
    table_free(table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_divisible_base_is_divisible_by_the_length),
        cmocka_unit_test(a_divisible_window_finds_an_exact_gap),
        cmocka_unit_test(a_gap_without_an_aligned_fit_is_passed_over),
        cmocka_unit_test(a_divisible_window_is_refused_where_none_fits),
        cmocka_unit_test(windows_of_2_mib_and_more_begin_at_2_mib),
        cmocka_unit_test(a_large_window_prefers_a_gap_with_an_aligned_place),
        cmocka_unit_test(a_large_window_goes_anywhere_rather_than_nowhere),
        cmocka_unit_test(an_arena_of_a_tebibyte_can_be_used_whole),
        cmocka_unit_test(the_longest_window_does_not_overflow_the_search),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
