/* SPDX-License-Identifier: MIT
 * Quotas by tag and the accounts behind them. */
#include "windows_table.h"

#define OTHER 0x72656874u /* "ther" */

/* RESERVE for a tag, published where it succeeds. */
static enum hf_status reserve_as(struct table *table, uint32_t tag, uint64_t pages,
                                 uint32_t extents, uint64_t *handle)
{
    const struct reserve_request request = {
        .bytes = pages * HF_PAGE_SIZE, .tag = tag, .max_extents = extents};
    struct window *window;
    struct window_state state;
    enum hf_status status = windows_reserve(table->windows, &request, &window);

    check_invariants(table->windows);
    if (status != HF_OK)
        return status;
    window_describe(window, &state);
    windows_publish(table->windows, window);
    *handle = state.handle;
    return HF_OK;
}

static void set_quota(struct table *table, uint32_t tag, struct tag_amounts quota)
{
    assert_true(windows_set_quota(table->windows, tag, &quota));
    check_invariants(table->windows);
}

static bool knows(struct table *table, uint32_t tag, struct tag_state *state)
{
    return windows_next_tag(table->windows, tag, state) && state->tag == tag;
}

static struct tag_state tag_of(struct table *table, uint32_t tag)
{
    struct tag_state state;

    assert_true(knows(table, tag, &state));
    return state;
}

static void assert_amounts(struct tag_amounts amounts, uint64_t windows, uint64_t pages,
                           uint64_t extents)
{
    assert_int_equal(amounts.windows, windows);
    assert_int_equal(amounts.pages, pages);
    assert_int_equal(amounts.extents, extents);
}

static void what_a_tag_holds_follows_its_windows(void **state)
{
    struct table *table = *state;
    uint64_t handle[3];

    assert_int_equal(reserve_as(table, TAG, 10, 4, &handle[0]), HF_OK);
    assert_int_equal(reserve_as(table, TAG, 20, 0, &handle[1]), HF_OK);
    assert_int_equal(reserve_as(table, OTHER, 7, 1, &handle[2]), HF_OK);
    assert_amounts(tag_of(table, TAG).held, 2, 30, 24);
    assert_amounts(tag_of(table, OTHER).held, 1, 7, 1);
    assert_int_equal(release_with(table, handle[1], TAG), HF_OK);
    assert_amounts(tag_of(table, TAG).held, 1, 10, 4);
    assert_int_equal(release_with(table, handle[0], TAG), HF_OK);
    assert_amounts(tag_of(table, TAG).held, 0, 0, 0);
    assert_amounts(tag_of(table, TAG).high, 2, 30, 24);
    assert_amounts(tag_of(table, OTHER).high, 1, 7, 1);
}

static void each_quota_is_kept_to_the_last_one(void **state)
{
    struct table *table = *state;
    static const struct tag_amounts quotas[] = {{.windows = 3}, {.pages = 30}, {.extents = 15}};
    uint64_t handle;

    for (size_t i = 0; i < sizeof quotas / sizeof quotas[0]; i++) {
        windows_reset(table->windows);
        set_quota(table, TAG, quotas[i]);
        for (int j = 0; j < 3; j++)
            assert_int_equal(reserve_as(table, TAG, 10, 5, &handle), HF_OK);
        assert_int_equal(reserve_as(table, TAG, 1, 1, &handle), HF_NO_RESOURCES);
        assert_int_equal(tag_of(table, TAG).refused, 1);
        assert_int_equal(reserve_as(table, OTHER, 100, 0, &handle), HF_OK);
    }
}

static void a_refused_reserve_leaves_every_account_as_it_was(void **state)
{
    struct table *table = *state;
    uint64_t handle;

    set_quota(table, TAG, (struct tag_amounts){.windows = 5, .pages = 20, .extents = 9});
    assert_int_equal(reserve_as(table, TAG, 10, 5, &handle), HF_OK);
    struct windows_totals before = totals_of(table);
    assert_int_equal(reserve_as(table, TAG, 11, 1, &handle), HF_NO_RESOURCES);
    assert_int_equal(reserve_as(table, TAG, 10, 5, &handle), HF_NO_RESOURCES);
    assert_int_equal(reserve_as(table, TAG, UINT32_MAX, 1, &handle), HF_NO_RESOURCES);
    assert_totals(table, &before);
    assert_amounts(tag_of(table, TAG).held, 1, 10, 5);
    assert_amounts(tag_of(table, TAG).high, 1, 10, 5);
    assert_int_equal(tag_of(table, TAG).refused, 3);
    assert_int_equal(reserve_as(table, TAG, 10, 4, &handle), HF_OK);
}

static void a_short_budget_and_a_failure_of_the_host_count_as_refused_too(void **state)
{
    struct table *table = *state;
    const struct reserve_request request = {.bytes = 1, .tag = TAG};
    struct window *window;
    uint64_t handle;

    assert_int_equal(reserve_as(table, TAG, ARENA_PAGES + 1, 1, &handle), HF_NO_RESOURCES);
    assert_int_equal(windows_reserve(table->windows, &request, &window), HF_OK);
    windows_abandon(table->windows, window);
    check_invariants(table->windows);
    assert_int_equal(tag_of(table, TAG).refused, 2);
    assert_amounts(tag_of(table, TAG).held, 0, 0, 0);
    assert_amounts(tag_of(table, TAG).high, 0, 0, 0);
}

static void bad_arguments_make_no_account(void **state)
{
    struct table *table = *state;
    struct tag_state tag;
    uint64_t handle;

    assert_int_equal(reserve_as(table, TAG, 0, 1, &handle), HF_RESERVE_NOTHING);
    assert_int_equal(reserve_as(table, 0, 1, 1, &handle), HF_BAD_TAG);
    assert_int_equal(reserve_as(table, TAG, (uint64_t)1 << 32, 1, &handle), HF_TOO_LARGE);
    assert_false(windows_next_tag(table->windows, 0, &tag));
}

static void a_quota_below_what_is_held_takes_nothing_away(void **state)
{
    struct table *table = *state;
    uint64_t handle[3];

    for (int i = 0; i < 3; i++)
        assert_int_equal(reserve_as(table, TAG, 4, 1, &handle[i]), HF_OK);
    set_quota(table, TAG, (struct tag_amounts){.windows = 2});
    assert_amounts(tag_of(table, TAG).held, 3, 12, 3);
    assert_int_equal(reserve_as(table, TAG, 1, 1, &handle[0]), HF_NO_RESOURCES);
    assert_int_equal(release_with(table, handle[0], TAG), HF_OK);
    assert_int_equal(reserve_as(table, TAG, 1, 1, &handle[0]), HF_NO_RESOURCES);
    assert_int_equal(release_with(table, handle[1], TAG), HF_OK);
    assert_int_equal(reserve_as(table, TAG, 1, 1, &handle[0]), HF_OK);
}

static void without_a_quota_there_is_no_limit_again(void **state)
{
    struct table *table = *state;
    struct tag_state tag;
    uint64_t handle;

    set_quota(table, TAG, (struct tag_amounts){.windows = 1});
    assert_int_equal(reserve_as(table, TAG, 1, 1, &handle), HF_OK);
    assert_int_equal(reserve_as(table, TAG, 1, 1, &handle), HF_NO_RESOURCES);
    set_quota(table, TAG, (struct tag_amounts){0});
    assert_int_equal(reserve_as(table, TAG, 1, 1, &handle), HF_OK);

    /* A tag that was there for its quota only is gone with it. */
    set_quota(table, OTHER, (struct tag_amounts){.extents = 1});
    assert_true(knows(table, OTHER, &tag));
    set_quota(table, OTHER, (struct tag_amounts){0});
    assert_false(knows(table, OTHER, &tag));
    set_quota(table, OTHER, (struct tag_amounts){0});
}

static void the_end_of_a_quota_leaves_the_counters(void **state)
{
    struct table *table = *state;
    uint64_t handle;

    set_quota(table, TAG, (struct tag_amounts){.windows = 1});
    assert_int_equal(reserve_as(table, TAG, 1, 1, &handle), HF_OK);
    assert_int_equal(release_with(table, handle, TAG), HF_OK);
    set_quota(table, TAG, (struct tag_amounts){0});
    assert_amounts(tag_of(table, TAG).high, 1, 1, 1);
    set_quota(table, OTHER, (struct tag_amounts){.pages = 1});
    assert_int_equal(reserve_as(table, OTHER, 2, 1, &handle), HF_NO_RESOURCES);
    set_quota(table, OTHER, (struct tag_amounts){0});
    assert_int_equal(tag_of(table, OTHER).refused, 1);
}

static void the_tag_idle_for_the_longest_time_makes_room(void **state)
{
    struct table *table = *state;
    struct tag_state tag;
    uint64_t handle[TAGS_MAX + 1];

    for (uint32_t i = 0; i < TAGS_MAX; i++)
        assert_int_equal(reserve_as(table, 100 + i, 1, 1, &handle[i]), HF_OK);
    assert_int_equal(release_with(table, handle[2], 102), HF_OK);
    assert_int_equal(release_with(table, handle[1], 101), HF_OK);
    assert_int_equal(reserve_as(table, 200, 1, 1, &handle[4]), HF_OK);
    assert_false(knows(table, 102, &tag));
    assert_true(knows(table, 101, &tag));
    /* A refusal is the latest that is known of 101, so that 200 is the one to go. */
    assert_int_equal(release_with(table, handle[4], 200), HF_OK);
    assert_int_equal(reserve_as(table, 101, ARENA_PAGES + 1, 1, &handle[1]), HF_NO_RESOURCES);
    assert_int_equal(reserve_as(table, 300, 1, 1, &handle[2]), HF_OK);
    assert_false(knows(table, 200, &tag));
    assert_int_equal(tag_of(table, 101).refused, 1);
}

static void tags_with_windows_or_quotas_are_not_displaced(void **state)
{
    struct table *table = *state;
    const struct tag_amounts quota = {.pages = 1000};
    uint64_t handle[TAGS_MAX];

    for (uint32_t i = 0; i < TAGS_MAX - 1; i++)
        assert_int_equal(reserve_as(table, 100 + i, 1, 1, &handle[i]), HF_OK);
    set_quota(table, 200, quota);
    struct windows_totals before = totals_of(table);
    assert_int_equal(reserve_as(table, 300, 1, 1, &handle[3]), HF_NO_RESOURCES);
    assert_false(windows_set_quota(table->windows, 300, &quota));
    assert_totals(table, &before);
    assert_int_equal(reserve_as(table, 200, 1, 1, &handle[3]), HF_OK);
    assert_int_equal(reserve_as(table, 101, 1, 1, &handle[3]), HF_OK);
    assert_int_equal(release_with(table, handle[0], 100), HF_OK);
    assert_int_equal(reserve_as(table, 300, 1, 1, &handle[0]), HF_OK);
}

static void a_reset_keeps_quotas_and_nothing_else(void **state)
{
    struct table *table = *state;
    struct tag_state tag;
    uint64_t handle;

    set_quota(table, TAG, (struct tag_amounts){.windows = 1, .extents = 70});
    assert_int_equal(reserve_as(table, TAG, 5, 5, &handle), HF_OK);
    assert_int_equal(reserve_as(table, TAG, 5, 5, &handle), HF_NO_RESOURCES);
    windows_count_rescued(table->windows, windows_next(table->windows, 0), 70);
    windows_count_rescued(table->windows, windows_next(table->windows, 0), 30);
    assert_int_equal(tag_of(table, TAG).rescued, 2);
    assert_int_equal(tag_of(table, TAG).longest_rescue, 70);
    assert_int_equal(reserve_as(table, OTHER, 5, 5, &handle), HF_OK);
    windows_reset(table->windows);
    check_invariants(table->windows);

    assert_false(knows(table, OTHER, &tag));
    tag = tag_of(table, TAG);
    assert_amounts(tag.quota, 1, 0, 70);
    assert_amounts(tag.held, 0, 0, 0);
    assert_amounts(tag.high, 0, 0, 0);
    assert_int_equal(tag.refused + tag.rescued + tag.longest_rescue, 0);
    assert_int_equal(reserve_as(table, TAG, 5, 5, &handle), HF_OK);
    assert_int_equal(reserve_as(table, TAG, 5, 5, &handle), HF_NO_RESOURCES);
}

static void tags_come_in_order_and_each_once(void **state)
{
    struct table *table = *state;
    static const uint32_t in[TAGS_MAX] = {UINT32_MAX, 1, 0x80000000u, 0x7fffffffu};
    static const uint32_t out[TAGS_MAX] = {1, 0x7fffffffu, 0x80000000u, UINT32_MAX};
    struct tag_state tag = {0};

    for (uint32_t i = 0; i < TAGS_MAX; i++)
        set_quota(table, in[i], (struct tag_amounts){.pages = i + 1});
    for (uint32_t i = 0; i < TAGS_MAX; i++) {
        assert_true(windows_next_tag(table->windows, tag.tag + 1, &tag));
        assert_int_equal(tag.tag, out[i]);
    }
}

static void a_piece_of_2_mib_counts_once_however_many_windows_are_in_it(void **state)
{
    struct table *table = *state;
    uint64_t handle[4];

    assert_int_equal(reserve_as(table, TAG, 10, 1, &handle[0]), HF_OK);
    assert_int_equal(reserve_as(table, TAG, 10, 1, &handle[1]), HF_OK);
    assert_int_equal(totals_of(table).pieces, 1);
    assert_int_equal(reserve_as(table, TAG, 500, 1, &handle[2]), HF_OK);
    assert_int_equal(totals_of(table).pieces, 2);
    assert_int_equal(reserve_as(table, TAG, 1024, 1, &handle[3]), HF_OK);
    assert_int_equal(totals_of(table).pieces, 4);
    assert_int_equal(release(table, handle[2]), HF_OK);
    assert_int_equal(totals_of(table).pieces, 3);
    assert_int_equal(release(table, handle[0]), HF_OK);
    assert_int_equal(totals_of(table).pieces, 3);
    assert_int_equal(release(table, handle[1]), HF_OK);
    assert_int_equal(totals_of(table).pieces, 2);
    assert_int_equal(release(table, handle[3]), HF_OK);
    assert_int_equal(totals_of(table).pieces, 0);

    /* Neighbours that meet where a piece begins share none. */
    assert_int_equal(reserve_as(table, TAG, 512, 1, &handle[0]), HF_OK);
    assert_int_equal(reserve_as(table, TAG, 512, 1, &handle[1]), HF_OK);
    assert_int_equal(reserve_as(table, TAG, 1, 1, &handle[2]), HF_OK);
    assert_int_equal(totals_of(table).pieces, 3);
    assert_int_equal(release(table, handle[1]), HF_OK);
    assert_int_equal(totals_of(table).pieces, 2);
}

#define TEST TABLE_TEST

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_a_tag_holds_follows_its_windows),
        TEST(each_quota_is_kept_to_the_last_one),
        TEST(a_refused_reserve_leaves_every_account_as_it_was),
        TEST(a_short_budget_and_a_failure_of_the_host_count_as_refused_too),
        TEST(bad_arguments_make_no_account),
        TEST(a_quota_below_what_is_held_takes_nothing_away),
        TEST(without_a_quota_there_is_no_limit_again),
        TEST(the_end_of_a_quota_leaves_the_counters),
        TEST(the_tag_idle_for_the_longest_time_makes_room),
        TEST(tags_with_windows_or_quotas_are_not_displaced),
        TEST(a_reset_keeps_quotas_and_nothing_else),
        TEST(tags_come_in_order_and_each_once),
        TEST(a_piece_of_2_mib_counts_once_however_many_windows_are_in_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
