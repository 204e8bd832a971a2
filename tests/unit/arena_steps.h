/* SPDX-License-Identifier: MIT
 * For tests of operators' calls that work in steps: what happens between two of them. This
 * program's nanosleep() stands in for the C library's; the steps wait with it. */
#ifndef HOLDFAST_TEST_ARENA_STEPS_H
#define HOLDFAST_TEST_ARENA_STEPS_H

#define ARENA_PAGES (128u << 10)
#define EXTENTS     4096u
#include "no_vcpu.h"
#include "storage_arena.h"

#include <sched.h>
#include <time.h>

/* Between two steps. */
static struct {
    uint32_t count;
    void (*during)(void); /* for tests of one thread, or of threads that end in it */
} rests;

int nanosleep(const struct timespec *time, struct timespec *left)
{
    (void)left;
    rests.count++;
    if (rests.during != NULL) {
        assert_true(nothing_is_held());
        rests.during();
    }
    return clock_nanosleep(CLOCK_MONOTONIC, 0, time, NULL);
}

static inline int set_up_steps(void **state)
{
    rests.count = 0;
    rests.during = NULL;
    return set_up_storage(state);
}

static inline struct hf_reserve reserve_pages(uint64_t pages)
{
    struct hf_reserve reserve = {
        .bytes = pages * HF_PAGE_SIZE, .tag = TAG, .max_extents = EXTENTS / 4};

    assert_int_equal(arena_reserve(storage.arena, &no_vcpu, &reserve), HF_OK);
    return reserve;
}

/* The list is in RAM, as a guest's. */
static inline enum hf_status map_list(const struct hf_reserve *window, uint64_t offset,
                                      const struct hf_extent *list, uint32_t count)
{
    struct hf_map map = {.window = window->window,
                         .page_offset = offset,
                         .list = {0},
                         .extents = count,
                         .tag = TAG,
                         .cache = HF_CACHE_CACHED};

    assert_true(count * sizeof *list <= RAM_PAGES * HF_PAGE_SIZE);
    memcpy(storage.memory->ram, list, count * sizeof *list);
    return arena_map(storage.arena, &no_vcpu, &map);
}

static inline enum hf_status unmap(const struct hf_reserve *window, uint64_t offset, uint64_t pages)
{
    return arena_unmap(
        storage.arena, &no_vcpu,
        &(struct hf_unmap){
            .window = window->window, .page_offset = offset, .pages = pages, .tag = TAG});
}

static inline enum hf_status release(const struct hf_reserve *window)
{
    return arena_release(storage.arena, &no_vcpu,
                         &(struct hf_release){.window = window->window, .tag = TAG});
}

/* Maps one page each, by turns of RAM and of the object. */
static inline void map_by_turns(const struct hf_reserve *window, uint64_t offset, uint32_t count,
                                uint32_t object)
{
    static struct hf_extent list[EXTENTS];

    for (uint32_t i = 0; i < count; i++)
        list[i] = i % 2 == 0 ? (struct hf_extent){.first = 15, .pages = 1, .object = HF_RAM}
                             : (struct hf_extent){.first = i, .pages = 1, .object = object};
    assert_int_equal(map_list(window, offset, list, count), HF_OK);
}

static inline uint8_t *at(const struct hf_reserve *window, uint64_t offset)
{
    return storage.memory->arena + (window->base.value - storage.memory->arena_base) +
           offset * HF_PAGE_SIZE;
}

#define STEPS_TEST(name) cmocka_unit_test_setup_teardown(name, set_up_steps, take_down_storage)

#endif
