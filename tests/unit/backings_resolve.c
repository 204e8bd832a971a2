/* SPDX-License-Identifier: MIT
 * What a guest may put behind a window page, and what it may not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "vmm/windows/backings.h"

#define RAM_PAGES  1000u
#define HOLE_BEGIN 600u
#define HOLE_END   5000u

static struct backings backings;
static struct run run;

static int setup(void **state)
{
    (void)state;
    backings_init(&backings, RAM_PAGES, HOLE_BEGIN, HOLE_END);
    memset(&run, 0xff, sizeof run);
    return 0;
}

static enum hf_status resolve(uint64_t first, uint32_t pages, uint32_t object)
{
    struct hf_extent extent = {.first = first, .pages = pages, .object = object};

    return backings_resolve(&backings, &extent, true, &run);
}

static void expect_run(uint64_t first, uint32_t pages, uint32_t slot)
{
    assert_int_equal(run.first, first);
    assert_int_equal(run.pages, pages);
    assert_int_equal(run.slot, slot);
}

static uint32_t attach(const char *name, uint64_t pages)
{
    return backings_attach(&backings, name, pages * HF_PAGE_SIZE, true);
}

static uint32_t id_of(uint32_t slot)
{
    return backings.object[slot].id;
}

static void ram_below_the_hole_is_found(void **state)
{
    (void)state;
    assert_int_equal(resolve(0, HOLE_BEGIN, HF_RAM), HF_OK);
    expect_run(0, HOLE_BEGIN, BACKING_RAM);
    assert_int_equal(resolve(HOLE_BEGIN - 1, 1, HF_RAM), HF_OK);
    expect_run(HOLE_BEGIN - 1, 1, BACKING_RAM);
}

static void ram_above_the_hole_follows_that_below_it(void **state)
{
    (void)state;
    assert_int_equal(resolve(HOLE_END, RAM_PAGES - HOLE_BEGIN, HF_RAM), HF_OK);
    expect_run(HOLE_BEGIN, RAM_PAGES - HOLE_BEGIN, BACKING_RAM);
    assert_int_equal(resolve(HOLE_END + 7, 2, HF_RAM), HF_OK);
    expect_run(HOLE_BEGIN + 7, 2, BACKING_RAM);
}

static void an_extent_that_touches_the_hole_is_refused(void **state)
{
    (void)state;
    assert_int_equal(resolve(HOLE_BEGIN, 1, HF_RAM), HF_BAD_PAGE);
    assert_int_equal(resolve(HOLE_BEGIN - 1, 2, HF_RAM), HF_BAD_PAGE);
    assert_int_equal(resolve(HOLE_END - 1, 1, HF_RAM), HF_BAD_PAGE);
    assert_int_equal(resolve(HOLE_END - 1, 2, HF_RAM), HF_BAD_PAGE);
    assert_int_equal(resolve(0, HOLE_END + 1, HF_RAM), HF_BAD_PAGE);
}

static void an_extent_beyond_the_ram_is_refused(void **state)
{
    uint64_t end = HOLE_END + (RAM_PAGES - HOLE_BEGIN);

    (void)state;
    assert_int_equal(resolve(end - 1, 1, HF_RAM), HF_OK);
    assert_int_equal(resolve(end - 1, 2, HF_RAM), HF_BAD_PAGE);
    assert_int_equal(resolve(end, 1, HF_RAM), HF_BAD_PAGE);
}

static void numbers_near_the_greatest_do_not_wrap_around(void **state)
{
    uint32_t id = id_of(attach("disk", 10));

    (void)state;
    assert_int_equal(resolve(UINT64_MAX, 1, HF_RAM), HF_BAD_PAGE);
    assert_int_equal(resolve(UINT64_MAX, 2, HF_RAM), HF_BAD_PAGE);
    assert_int_equal(resolve(UINT64_MAX - 5, 8, HF_RAM), HF_BAD_PAGE);
    assert_int_equal(resolve(1, UINT32_MAX, HF_RAM), HF_BAD_PAGE);
    assert_int_equal(resolve(UINT64_MAX, 2, id), HF_BAD_PAGE);
    assert_int_equal(resolve(UINT64_MAX - 5, 8, id), HF_BAD_PAGE);
    assert_int_equal(resolve(1, UINT32_MAX, id), HF_BAD_PAGE);
}

static void an_extent_without_pages_is_an_empty_list(void **state)
{
    (void)state;
    assert_int_equal(resolve(0, 0, HF_RAM), HF_EMPTY_LIST);
    assert_int_equal(resolve(UINT64_MAX, 0, 77), HF_EMPTY_LIST);
}

static void ram_that_ends_below_the_hole_has_nothing_above_it(void **state)
{
    (void)state;
    backings_init(&backings, 100, HOLE_BEGIN, HOLE_END);
    assert_int_equal(resolve(99, 1, HF_RAM), HF_OK);
    assert_int_equal(resolve(100, 1, HF_RAM), HF_BAD_PAGE);
    assert_int_equal(resolve(HOLE_END, 1, HF_RAM), HF_BAD_PAGE);
}

static void ram_without_a_hole_is_one_piece(void **state)
{
    (void)state;
    backings_init(&backings, RAM_PAGES, HOLE_BEGIN, HOLE_BEGIN);
    assert_int_equal(resolve(HOLE_BEGIN - 1, 2, HF_RAM), HF_OK);
    expect_run(HOLE_BEGIN - 1, 2, BACKING_RAM);
    assert_int_equal(resolve(0, RAM_PAGES, HF_RAM), HF_OK);
    assert_int_equal(resolve(0, RAM_PAGES + 1, HF_RAM), HF_BAD_PAGE);
}

static void an_object_is_found_by_its_id(void **state)
{
    uint32_t slot = attach("disk", 10);

    (void)state;
    assert_int_not_equal(slot, BACKING_RAM);
    assert_int_equal(resolve(3, 7, id_of(slot)), HF_OK);
    expect_run(3, 7, slot);
    assert_int_equal(resolve(3, 8, id_of(slot)), HF_BAD_PAGE);
    assert_int_equal(resolve(10, 1, id_of(slot)), HF_BAD_PAGE);
    assert_int_equal(resolve(0, 1, id_of(slot) + 1), HF_BAD_PAGE);
}

static void a_last_page_that_is_not_full_counts(void **state)
{
    uint32_t slot = backings_attach(&backings, "odd", 2 * HF_PAGE_SIZE + 1, true);

    (void)state;
    assert_int_equal(backings.object[slot].bytes, 2 * HF_PAGE_SIZE + 1);
    assert_int_equal(backings.object[slot].pages, 3);
    assert_int_equal(resolve(2, 1, id_of(slot)), HF_OK);
    assert_int_equal(resolve(3, 1, id_of(slot)), HF_BAD_PAGE);
}

static void a_read_only_object_can_only_be_read(void **state)
{
    uint32_t slot = backings_attach(&backings, "rom", 4 * HF_PAGE_SIZE, false);
    struct hf_extent extent = {.first = 1, .pages = 2, .object = id_of(slot)};

    (void)state;
    assert_int_equal(backings_resolve(&backings, &extent, true, &run), HF_READ_ONLY);
    assert_int_equal(backings_resolve(&backings, &extent, false, &run), HF_OK);
    expect_run(1, 2, slot);
    extent.first = 3;
    assert_int_equal(backings_resolve(&backings, &extent, true, &run), HF_BAD_PAGE);
}

static void a_detached_object_is_not_found(void **state)
{
    uint32_t slot = attach("disk", 10);
    uint32_t id = id_of(slot);

    (void)state;
    backings_detach(&backings, slot);
    assert_int_equal(resolve(0, 1, id), HF_BAD_PAGE);
    assert_int_equal(backings_by_id(&backings, id), 0);
    assert_int_equal(backings_by_name(&backings, "disk"), 0);
    assert_int_equal(backings.attached, 0);
}

static void a_pin_keeps_the_slot_and_its_count_of_extents(void **state)
{
    uint32_t slot = attach("disk", 10);

    (void)state;
    backings.object[slot].extents = 3;
    backings_pin(&backings, slot);
    assert_false(backings_detach(&backings, slot));
    assert_int_equal(backings_by_name(&backings, "disk"), 0);
    assert_int_equal(backings.object[slot].extents, 3);
    assert_int_not_equal(attach("disk", 10), slot);
    backings.object[slot].extents = 0;
    assert_true(backings_unpin(&backings, slot));
    assert_int_equal(attach("more", 10), slot);
}

static void a_name_names_its_object(void **state)
{
    uint32_t disk = attach("disk", 1);
    uint32_t disk2 = attach("disk2", 1);

    (void)state;
    assert_int_equal(backings_by_name(&backings, "disk"), disk);
    assert_int_equal(backings_by_name(&backings, "disk2"), disk2);
    assert_int_equal(backings_by_name(&backings, "dis"), 0);
    assert_int_equal(backings_by_name(&backings, ""), 0);
}

static void an_id_is_not_used_twice(void **state)
{
    uint32_t last = 0;

    (void)state;
    for (int i = 0; i < 1000; i++) {
        uint32_t slot = attach("disk", 1);

        assert_true(id_of(slot) > last);
        last = id_of(slot);
        backings_detach(&backings, slot);
    }
}

static void no_object_is_attached_once_the_ids_are_used_up(void **state)
{
    (void)state;
    backings.next_id = BACKINGS_ID_LAST;
    const uint32_t slot = attach("last", 1);
    assert_int_equal(id_of(slot), BACKINGS_ID_LAST);
    assert_int_equal(attach("one more", 1), 0);
    backings_detach(&backings, slot);
    assert_int_equal(attach("one more", 1), 0);
    assert_int_equal(backings.attached, 0);
}

static void all_slots_can_be_used_and_no_more(void **state)
{
    uint32_t slot;

    (void)state;
    for (uint32_t i = 0; i < BACKINGS_OBJECTS; i++) {
        char name[16];

        snprintf(name, sizeof name, "object%u", i);
        assert_int_not_equal(attach(name, 1), 0);
    }
    assert_int_equal(attach("one more", 1), 0);
    assert_int_equal(backings.attached, BACKINGS_OBJECTS);

    /* Every other one goes, and what is left is still found; the freed slots serve again. */
    for (slot = 1; slot <= BACKINGS_OBJECTS; slot += 2)
        backings_detach(&backings, slot);
    assert_int_equal(attach("again", 1), 1);
    for (slot = 2; slot <= BACKINGS_OBJECTS; slot += 2)
        assert_int_equal(backings_by_id(&backings, id_of(slot)), slot);
    assert_int_equal(backings_by_id(&backings, id_of(1)), 1);
    assert_int_equal(backings_by_name(&backings, "again"), 1);
}

static void an_object_larger_than_a_tree_key_can_tell_is_refused(void **state)
{
    (void)state;
    assert_int_equal(backings_attach(&backings, "huge", UINT64_MAX, true), 0);
    assert_int_equal(attach("huge", BACKING_PAGES_MAX + 1), 0);
    assert_int_not_equal(attach("large", BACKING_PAGES_MAX), 0);
}

static void a_name_that_fills_its_field_is_kept(void **state)
{
    char name[HF_OBJECT_NAME_MAX];

    (void)state;
    memset(name, 'n', sizeof name);
    name[sizeof name - 1] = '\0';
    assert_int_not_equal(attach(name, 1), 0);
    assert_int_equal(backings_by_name(&backings, name), 1);
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(ram_below_the_hole_is_found),
        TEST(ram_above_the_hole_follows_that_below_it),
        TEST(an_extent_that_touches_the_hole_is_refused),
        TEST(an_extent_beyond_the_ram_is_refused),
        TEST(numbers_near_the_greatest_do_not_wrap_around),
        TEST(an_extent_without_pages_is_an_empty_list),
        TEST(ram_that_ends_below_the_hole_has_nothing_above_it),
        TEST(ram_without_a_hole_is_one_piece),
        TEST(an_object_is_found_by_its_id),
        TEST(a_last_page_that_is_not_full_counts),
        TEST(a_read_only_object_can_only_be_read),
        TEST(a_detached_object_is_not_found),
        TEST(a_pin_keeps_the_slot_and_its_count_of_extents),
        TEST(a_name_names_its_object),
        TEST(an_id_is_not_used_twice),
        TEST(no_object_is_attached_once_the_ids_are_used_up),
        TEST(all_slots_can_be_used_and_no_more),
        TEST(an_object_larger_than_a_tree_key_can_tell_is_refused),
        TEST(a_name_that_fills_its_field_is_kept),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
