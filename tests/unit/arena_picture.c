/* SPDX-License-Identifier: MIT
 * The picture of the arena, in any number of cells: what each of its pages is, whatever is
 * detached, and whatever happens between two steps. */
#include "arena_steps.h"

#define PAGES 512u
#define MOST  4096u /* cells */

static struct arena_cell cells[MOST];
static struct hf_reserve windows[4];

/* What each page of the arena is, by the test's own books. */
static bool reserved[ARENA_PAGES];
static bool mapped[ARENA_PAGES];

static uint64_t first_page(const struct hf_reserve *window)
{
    return (window->base.value - storage.memory->arena_base) / HF_PAGE_SIZE;
}

static void note(bool *pages, uint64_t from, uint64_t count, bool value)
{
    memset(pages + from, value, count);
}

static uint64_t sum(const bool *pages, uint64_t from, uint64_t to)
{
    uint64_t count = 0;

    for (uint64_t page = from; page < to; page++)
        count += pages[page];
    return count;
}

static void assert_picture(uint32_t count)
{
    arena_picture(storage.arena, cells, count);
    for (uint32_t i = 0; i < count; i++) {
        const uint64_t from = (uint64_t)ARENA_PAGES * i / count;
        const uint64_t to = (uint64_t)ARENA_PAGES * (i + 1) / count;
        assert_int_equal(cells[i].pages, to - from);
        assert_int_equal(cells[i].reserved, sum(reserved, from, to));
        assert_int_equal(cells[i].mapped, sum(mapped, from, to));
    }
}

/* Windows with room between them, three of them with MAPs by turns of RAM and of "disk". */
static int set_up(void **state)
{
    set_up_steps(state);
    memset(reserved, 0, sizeof reserved);
    memset(mapped, 0, sizeof mapped);
    const uint32_t disk = attach("disk", "", 2 * PAGES * HF_PAGE_SIZE, false);
    for (uint32_t i = 0; i < 4; i++) {
        windows[i] = reserve_pages(3 * PAGES + i);
        note(reserved, first_page(&windows[i]), 3 * PAGES + i, true);
    }
    for (uint32_t i = 0; i < 3; i++) {
        map_by_turns(&windows[i], 7, PAGES, disk);
        map_by_turns(&windows[i], 2 * PAGES + i, PAGES, disk);
        note(mapped, first_page(&windows[i]) + 7, PAGES, true);
        note(mapped, first_page(&windows[i]) + 2 * PAGES + i, PAGES, true);
    }
    return 0;
}

static void detach(void)
{
    assert_int_equal(arena_detach(storage.arena, "disk", true), ARENA_DETACHED);
    for (uint32_t i = 0; i < 3; i++) {
        for (uint64_t page = 1; page < PAGES; page += 2) {
            mapped[first_page(&windows[i]) + 7 + page] = false;
            mapped[first_page(&windows[i]) + 2 * PAGES + i + page] = false;
        }
    }
    rests.count = 0;
}

static void assert_pictures(void)
{
    static const uint32_t counts[] = {1, 2, 7, 64, 1000, MOST};

    for (uint32_t i = 0; i < sizeof counts / sizeof counts[0]; i++)
        assert_picture(counts[i]);
}

static void each_cell_tells_what_its_pages_are(void **state)
{
    (void)state;
    assert_pictures();
    assert_int_equal(rests.count, 0); /* a few runs: one step */
}

static void detached_pages_are_reserved_but_not_mapped(void **state)
{
    (void)state;
    detach();
    assert_pictures();
}

static void a_look_at_many_runs_is_taken_in_steps(void **state)
{
    (void)state;
    detach();
    assert_picture(64);
    assert_int_equal(rests.count, 6 * PAGES / ARENA_STEP_LOOKS);
}

static void release_all(void)
{
    const struct hf_extent ram = {.first = 0, .pages = 16, .object = HF_RAM};

    if (rests.count != 1)
        return;
    for (uint32_t i = 0; i < 3; i++) {
        assert_int_equal(unmap(&windows[i], 7, PAGES), HF_OK);
        assert_int_equal(unmap(&windows[i], 2 * PAGES + i, PAGES), HF_OK);
        assert_int_equal(release(&windows[i]), HF_OK);
    }
    /* Over all of the places that have become free, in part looked at. */
    struct hf_reserve large = reserve_pages(9 * PAGES);
    assert_int_equal(map_list(&large, 1, &ram, 1), HF_OK);
}

static void no_page_counts_twice_when_windows_change_between_two_steps(void **state)
{
    (void)state;
    detach();
    rests.during = release_all;
    arena_picture(storage.arena, cells, MOST);
    assert_true(rests.count >= 1);
    for (uint32_t i = 0; i < MOST; i++) {
        assert_true(cells[i].reserved <= cells[i].pages);
        assert_true(cells[i].mapped <= cells[i].reserved);
    }
    /* The window that nobody has touched is there. */
    assert_int_equal(cells[first_page(&windows[3]) / (ARENA_PAGES / MOST) + 1].reserved,
                     ARENA_PAGES / MOST);
}

static void unmap_and_map_one(void)
{
    static struct hf_extent list[] = {{.first = 0, .pages = 16, .object = HF_RAM},
                                      {.first = 0, .pages = 16, .object = HF_RAM}};

    if (rests.count != 1)
        return;
    assert_int_equal(unmap(&windows[0], 7, PAGES), HF_OK);
    for (uint64_t offset = 7; offset < 7 + PAGES; offset += 32)
        assert_int_equal(map_list(&windows[0], offset, list, 2), HF_OK);
}

static void no_page_counts_twice_when_maps_change_between_two_steps(void **state)
{
    (void)state;
    detach();
    rests.during = unmap_and_map_one;
    arena_picture(storage.arena, cells, 1);
    assert_int_equal(cells[0].reserved, sum(reserved, 0, ARENA_PAGES));
    /* The first 255 pages were looked at before, 128 of them mapped; behind is all mapped now. */
    assert_int_equal(cells[0].mapped,
                     sum(mapped, 0, ARENA_PAGES) + (PAGES - 255) - (PAGES / 2 - 128));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, take_down_storage)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(each_cell_tells_what_its_pages_are),
        TEST(detached_pages_are_reserved_but_not_mapped),
        TEST(a_look_at_many_runs_is_taken_in_steps),
        TEST(no_page_counts_twice_when_windows_change_between_two_steps),
        TEST(no_page_counts_twice_when_maps_change_between_two_steps),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
