/* SPDX-License-Identifier: MIT
 * While the host keeps a MAP or a REMAP waiting for memory, the object that it maps or takes away
 * stays attached; a detach that waits itself is given up at the end. */
#include "slow_call.h"
#include "vmm/arena/operators.h"

static void what_it_maps_stays_attached(void **state)
{
    const struct object_spec spec = {.name = "object", .bytes = HF_PAGE_SIZE};
    struct hf_object_open opened = {.name = "object"};
    struct hf_map map = map_of(&first, 0);
    struct hf_extent *list = (void *)(memory->ram + (RAM_PAGES - 1) * HF_PAGE_SIZE);
    struct error error;

    (void)state;
    assert_int_equal(arena_attach(arena, &spec, NULL, &error), 0);
    assert_int_equal(arena_object_open(arena, &opened), HF_OK);
    list[0] = (struct hf_extent){0, 1, opened.id};
    begin_slow_call(map);
    assert_int_equal(arena_detach(arena, "object", false), ARENA_BUSY);
    assert_int_equal(arena_detach(arena, "object", true), ARENA_BUSY);
    assert_int_equal(end_slow_call(false), HF_OK);
    assert_int_equal(arena_detach(arena, "object", false), ARENA_IN_USE);
    assert_int_equal(arena_detach(arena, "object", true), ARENA_DETACHED);
}

static void *make_slow_remap(void *argument)
{
    struct hf_remap *remap = argument;

    atomic_store(&slow.status, (int)arena_remap(arena, &slow.caller, remap));
    return NULL;
}

/* Maps two pages where two others are, and waits with the first one done. */
static void begin_slow_remap(struct hf_remap *remap, const struct hf_extent from[2],
                             const struct hf_extent to[2])
{
    struct hf_extent *list = (void *)(memory->ram + (RAM_PAGES - 1) * HF_PAGE_SIZE);
    struct hf_map old = map_of(&first, 0);

    old.extents = 2;
    memcpy(list, from, 2 * sizeof *from);
    assert_int_equal(arena_map(arena, &no_vcpu, &old), HF_OK);
    *remap = (struct hf_remap){.map = old, .old_offset = 0, .old_pages = 2};
    memcpy(list, to, 2 * sizeof *to);
    atomic_store(&slow.has_waited, false);
    atomic_store(&slow.is_given_up, false);
    injection_set_after(memory_injection(memory), PRIMITIVE_MAP, 1, 2);
    assert_int_equal(pthread_create(&slow.thread, NULL, make_slow_remap, remap), 0);
    sem_wait(&slow.waits);
}

static void what_it_takes_away_stays_attached(void **state)
{
    const struct object_spec spec = {.name = "object", .bytes = 2 * HF_PAGE_SIZE};
    struct hf_object_open object = {.name = "object"};
    struct hf_remap remap;
    struct error error;

    (void)state;
    assert_int_equal(arena_attach(arena, &spec, NULL, &error), 0);
    assert_int_equal(arena_object_open(arena, &object), HF_OK);
    begin_slow_remap(&remap, (const struct hf_extent[]){{0, 1, object.id}, {1, 1, object.id}},
                     (const struct hf_extent[]){{3, 1, HF_RAM}, {5, 1, HF_RAM}});
    assert_int_equal(arena_detach(arena, "object", true), ARENA_BUSY);
    assert_int_equal(end_slow_call(false), HF_OK);
    const uint8_t *page = memory->arena + (first.base.value - memory->arena_base);
    assert_int_equal(page[0], 3);
    assert_int_equal(page[HF_PAGE_SIZE], 5);
    assert_int_equal(arena_detach(arena, "object", false), ARENA_DETACHED);
}

/* The table has none of its pages, and the host has one of them in the arena, until the reset. */
static void what_a_call_that_was_given_up_has_mapped_stays_attached(void **state)
{
    const struct object_spec spec = {.name = "object", .bytes = 2 * HF_PAGE_SIZE};
    struct hf_object_open object = {.name = "object"};
    struct hf_remap remap;
    struct error error;

    (void)state;
    assert_int_equal(arena_attach(arena, &spec, NULL, &error), 0);
    assert_int_equal(arena_object_open(arena, &object), HF_OK);
    begin_slow_remap(&remap, (const struct hf_extent[]){{3, 1, HF_RAM}, {5, 1, HF_RAM}},
                     (const struct hf_extent[]){{0, 1, object.id}, {1, 1, object.id}});
    assert_int_not_equal(end_slow_call(true), HF_OK);
    injection_set(memory_injection(memory), PRIMITIVE_MAP, 0);
    assert_int_equal(arena_detach(arena, "object", true), ARENA_BUSY);
    assert_true(arena_reset(arena, &no_vcpu));
    assert_int_equal(arena_detach(arena, "object", false), ARENA_DETACHED);
}

static void *detach_by_force(void *argument)
{
    (void)argument;
    arena_detach(arena, "object", true);
    return NULL;
}

/* Nothing would ever end a detach otherwise, and with it the VMM. */
static void a_detach_is_given_up_at_the_end(void **state)
{
    const struct object_spec spec = {.name = "object", .bytes = HF_PAGE_SIZE};
    struct hf_object_open object = {.name = "object"};
    struct hf_extent *list = (void *)(memory->ram + (RAM_PAGES - 1) * HF_PAGE_SIZE);
    struct hf_map map = map_of(&first, 0);
    struct error error;
    pthread_t thread;

    (void)state;
    assert_int_equal(arena_attach(arena, &spec, NULL, &error), 0);
    assert_int_equal(arena_object_open(arena, &object), HF_OK);
    list[0] = (struct hf_extent){0, 1, object.id};
    assert_int_equal(arena_map(arena, &no_vcpu, &map), HF_OK);
    injection_set(memory_injection(memory), PRIMITIVE_GUARD, UINT32_MAX);
    assert_int_equal(pthread_create(&thread, NULL, detach_by_force, NULL), 0);
    while (atomic_load(&memory_injection(memory)->injected) < 3)
        sched_yield();
    arena_give_up(arena);
    pthread_join(thread, NULL);
    injection_set(memory_injection(memory), PRIMITIVE_GUARD, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_it_maps_stays_attached, setup, teardown),
        cmocka_unit_test_setup_teardown(what_it_takes_away_stays_attached, setup, teardown),
        cmocka_unit_test_setup_teardown(what_a_call_that_was_given_up_has_mapped_stays_attached,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(a_detach_is_given_up_at_the_end, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
