/* SPDX-License-Identifier: MIT
 * Each MAP, UNMAP and REMAP that goes through is counted once, in the bucket of the time it took,
 * for two looks at the clock; and one look at the arena tells all of one moment. */
#include "host_memory.h"
#include "no_vcpu.h"
#include "vmm/arena/arena.h"
#include "vmm/arena/calls.h"
#include "vmm/arena/drill.h"
#include "vmm/arena/look.h"

#include <time.h>

#define TAG   0x54455354u
#define CALLS 100u

static _Thread_local uint64_t clock_looks;

/* In place of the C library's. */
int clock_gettime(clockid_t clock, struct timespec *now)
{
    clock_looks++;
    return (int)syscall(SYS_clock_gettime, clock, now);
}

struct timed {
    struct memory *memory;
    struct arena *arena;
    struct hf_reserve window;
};

static int setup(void **state)
{
    static struct timed timed;
    const struct arena_config config = {.windows = 4};
    struct error error;

    timed.memory = make_memory();
    timed.arena = arena_create(timed.memory, &config, &error);
    assert_non_null(timed.arena);
    timed.window = (struct hf_reserve){.bytes = 8 * HF_PAGE_SIZE, .tag = TAG};
    assert_int_equal(arena_reserve(timed.arena, &no_vcpu, &timed.window), HF_OK);
    *state = &timed;
    return 0;
}

static int teardown(void **state)
{
    struct timed *timed = *state;

    arena_destroy(timed->arena);
    forget(timed->memory);
    return 0;
}

static enum hf_status map_page(struct timed *timed, uint64_t offset)
{
    struct hf_extent *list = (void *)timed->memory->ram;
    struct hf_map call = {.window = timed->window.window,
                          .page_offset = offset,
                          .extents = 1,
                          .tag = TAG,
                          .cache = HF_CACHE_CACHED};

    *list = (struct hf_extent){.first = 1 + offset, .pages = 1};
    return arena_map(timed->arena, &no_vcpu, &call);
}

static enum hf_status unmap_page(struct timed *timed, uint64_t offset)
{
    const struct hf_unmap call = {
        .window = timed->window.window, .page_offset = offset, .pages = 1, .tag = TAG};

    return arena_unmap(timed->arena, &no_vcpu, &call);
}

static enum hf_status remap_page(struct timed *timed, uint64_t from, uint64_t to)
{
    struct hf_extent *list = (void *)timed->memory->ram;
    struct hf_remap call = {.map = {.window = timed->window.window,
                                    .page_offset = to,
                                    .extents = 1,
                                    .tag = TAG,
                                    .cache = HF_CACHE_CACHED},
                            .old_offset = from,
                            .old_pages = 1};

    *list = (struct hf_extent){.first = 1 + to, .pages = 1};
    return arena_remap(timed->arena, &no_vcpu, &call);
}

static struct arena_look look_at(struct timed *timed)
{
    struct tag_state tags[4];
    struct arena_look look;

    arena_look(timed->arena, &look, tags, 4);
    assert_int_equal(look.tags, 1);
    assert_int_equal(tags[0].tag, TAG);
    return look;
}

static uint64_t all_of(const struct latency *latency)
{
    uint64_t all = 0;

    for (uint32_t i = 0; i <= LATENCY_BOUNDS; i++)
        all += latency->count[i];
    return all;
}

static void the_bounds_rise(void **state)
{
    (void)state;
    for (uint32_t i = 1; i < LATENCY_BOUNDS; i++)
        assert_true(latency_bounds[i] > latency_bounds[i - 1]);
}

static void each_call_that_goes_through_is_counted_among_its_kind(void **state)
{
    struct timed *timed = *state;

    for (uint32_t i = 0; i < CALLS; i++) {
        assert_int_equal(map_page(timed, 0), HF_OK);
        assert_int_equal(remap_page(timed, 0, 1), HF_OK);
        assert_int_equal(remap_page(timed, 1, 2), HF_OK);
        assert_int_equal(unmap_page(timed, 2), HF_OK);
    }
    const struct arena_look look = look_at(timed);
    assert_int_equal(all_of(&look.latency[LATENCY_MAP]), CALLS);
    assert_int_equal(all_of(&look.latency[LATENCY_REMAP]), 2 * CALLS);
    assert_int_equal(all_of(&look.latency[LATENCY_UNMAP]), CALLS);
    for (uint32_t i = 0; i < LATENCY_CALLS; i++)
        assert_true(look.latency[i].sum_ns > 0);
    assert_int_equal(look.counters.totals.windows, 1);
    assert_int_equal(look.accounts.windows.held, 1);
}

static void a_call_that_is_refused_is_not_counted(void **state)
{
    struct timed *timed = *state;

    assert_true(map_page(timed, 99) != HF_OK);
    assert_true(unmap_page(timed, 0) != HF_OK);
    const struct arena_look look = look_at(timed);
    for (uint32_t i = 0; i < LATENCY_CALLS; i++)
        assert_int_equal(all_of(&look.latency[i]) + look.latency[i].sum_ns, 0);
}

static void a_reset_leaves_what_was_counted(void **state)
{
    struct timed *timed = *state;

    assert_int_equal(map_page(timed, 0), HF_OK);
    assert_true(arena_reset(timed->arena, &no_vcpu));
    struct tag_state tags[4];
    struct arena_look look;
    arena_look(timed->arena, &look, tags, 4);
    assert_int_equal(all_of(&look.latency[LATENCY_MAP]), 1);
    assert_int_equal(look.counters.totals.maps, 0);
}

/* Each failure of a drill makes the call wait for 100 us at least. */
static void a_call_that_waits_is_in_a_bucket_behind_its_wait(void **state)
{
    struct timed *timed = *state;

    assert_int_equal(arena_drill_begin(timed->arena, 1u << PRIMITIVE_MAP, 3), ARENA_DRILL_BEGUN);
    assert_int_equal(map_page(timed, 0), HF_OK);
    const struct arena_look look = look_at(timed);
    const struct latency *map = &look.latency[LATENCY_MAP];
    assert_true(map->sum_ns > 300000);
    for (uint32_t i = 0; i < LATENCY_BOUNDS && latency_bounds[i] <= 200000; i++)
        assert_int_equal(map->count[i], 0);
    assert_int_equal(all_of(map), 1);
}

static void the_time_is_read_twice_for_a_call(void **state)
{
    struct timed *timed = *state;

    clock_looks = 0;
    assert_int_equal(map_page(timed, 0), HF_OK);
    assert_int_equal(clock_looks, 2);
    assert_int_equal(remap_page(timed, 0, 1), HF_OK);
    assert_int_equal(clock_looks, 4);
    assert_int_equal(unmap_page(timed, 1), HF_OK);
    assert_int_equal(clock_looks, 6);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_bounds_rise),
        TEST(each_call_that_goes_through_is_counted_among_its_kind),
        TEST(a_call_that_is_refused_is_not_counted),
        TEST(a_reset_leaves_what_was_counted),
        TEST(a_call_that_waits_is_in_a_bucket_behind_its_wait),
        TEST(the_time_is_read_twice_for_a_call),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
