/* SPDX-License-Identifier: MIT
 * A drill makes primitives fail, every call goes through all the same, and when it has ended
 * nothing is left of it. */
#include "host_memory.h"
#include "no_vcpu.h"
#include "vmm/arena/arena.h"
#include "vmm/arena/calls.h"
#include "vmm/arena/drill.h"
#include "vmm/arena/operators.h"
#include "vmm/memory/ballast.h"

#define TAG     0x54455354u
#define PIECE   (1u << 20)
#define MAP     (1u << PRIMITIVE_MAP)
#define GUARD   (1u << PRIMITIVE_GUARD)
#define RUN     (1u << PRIMITIVE_RUN)
#define REACH   (1u << PRIMITIVE_REACH)
#define AT_HAND (MAP | GUARD | RUN | REACH)

struct drilled {
    struct memory *memory;
    struct arena *arena;
    struct hf_reserve window;
};

static int setup(void **state)
{
    static struct drilled drilled;
    const struct arena_config config = {.windows = 4};
    struct error error;

    drilled.memory = make_memory();
    drilled.memory->guarantee = GUARANTEE_BEST_EFFORT;
    assert_int_equal(
        ballast_init(&drilled.memory->ballast, PIECE, false, &drilled.memory->injection), 0);
    drilled.arena = arena_create(drilled.memory, &config, &error);
    assert_non_null(drilled.arena);
    drilled.window = (struct hf_reserve){.bytes = 8 * HF_PAGE_SIZE, .tag = TAG};
    assert_int_equal(arena_reserve(drilled.arena, &no_vcpu, &drilled.window), HF_OK);
    assert_true(drilled.memory->ballast.held > 0);
    *state = &drilled;
    return 0;
}

static int teardown(void **state)
{
    struct drilled *drilled = *state;

    for (int i = 0; i < PRIMITIVES; i++)
        assert_int_equal(drilled->memory->injection.left[i], 0);
    assert_false(drilled->memory->ballast.lent);
    assert_int_equal(drilled->memory->ballast.times_lent, 0);
    arena_destroy(drilled->arena);
    ballast_free(&drilled->memory->ballast);
    forget(drilled->memory);
    return 0;
}

static enum hf_status map_page(struct drilled *drilled, uint64_t offset, uint32_t object)
{
    struct hf_extent *list = (void *)drilled->memory->ram;
    struct hf_map call = {.window = drilled->window.window,
                          .page_offset = offset,
                          .extents = 1,
                          .tag = TAG,
                          .cache = HF_CACHE_CACHED};

    *list = (struct hf_extent){.first = 1 + offset, .pages = 1, .object = object};
    return arena_map(drilled->arena, &no_vcpu, &call);
}

static enum hf_status unmap_page(struct drilled *drilled, uint64_t offset)
{
    const struct hf_unmap call = {
        .window = drilled->window.window, .page_offset = offset, .pages = 1, .tag = TAG};

    return arena_unmap(drilled->arena, &no_vcpu, &call);
}

static struct arena_drill_report report_of(struct drilled *drilled)
{
    struct arena_drill_report report;

    arena_drill_report(drilled->arena, &report);
    return report;
}

static uint64_t rescued(struct drilled *drilled)
{
    struct tag_state tag;

    assert_int_equal(arena_tags(drilled->arena, 0, &tag, 1), 1);
    return tag.rescued;
}

static void calls_go_through_and_are_counted(void **state)
{
    struct drilled *drilled = *state;

    assert_int_equal(arena_drill_begin(drilled->arena, MAP | GUARD, 3), ARENA_DRILL_BEGUN);
    struct arena_drill_report report = report_of(drilled);
    assert_true(report.running);
    assert_int_equal(report.asked[PRIMITIVE_MAP], 3);
    assert_int_equal(report.done[PRIMITIVE_MAP] + report.calls, 0);

    /* The range is closed after each failure, which fails, too. */
    assert_int_equal(map_page(drilled, 0, HF_RAM), HF_OK);
    report = report_of(drilled);
    assert_false(report.running);
    assert_int_equal(report.done[PRIMITIVE_MAP], 3);
    assert_int_equal(report.done[PRIMITIVE_GUARD], 3);
    assert_int_equal(report.calls, 1);
    assert_int_equal(report.failed, 0);
    assert_int_equal(report.refusals, 6);
    assert_int_equal(report.rescued, 1);
    assert_true(report.longest_ns > 6 * 100000);
    assert_int_equal(rescued(drilled), 1);

    assert_int_equal(unmap_page(drilled, 0), HF_OK);
    assert_int_equal(report_of(drilled).calls, 1);
    assert_int_equal(rescued(drilled), 1);
}

static void only_what_is_named_fails(void **state)
{
    struct drilled *drilled = *state;

    assert_int_equal(arena_drill_begin(drilled->arena, GUARD, 2), ARENA_DRILL_BEGUN);
    assert_int_equal(map_page(drilled, 0, HF_RAM), HF_OK);
    assert_int_equal(report_of(drilled).refusals, 0);
    assert_int_equal(report_of(drilled).calls, 1);
    assert_int_equal(unmap_page(drilled, 0), HF_OK);
    assert_int_equal(report_of(drilled).refusals, 2);
    assert_int_equal(report_of(drilled).calls, 2);
    assert_false(report_of(drilled).running);
}

static void the_end_takes_back_what_has_not_failed(void **state)
{
    struct drilled *drilled = *state;

    assert_int_equal(arena_drill_begin(drilled->arena, AT_HAND, 5), ARENA_DRILL_BEGUN);
    assert_true(injection_should_fail(&drilled->memory->injection, PRIMITIVE_RUN));
    arena_drill_end(drilled->arena);
    struct arena_drill_report report = report_of(drilled);
    assert_false(report.running);
    assert_int_equal(report.done[PRIMITIVE_RUN], 1);
    assert_int_equal(report.done[PRIMITIVE_MAP], 0);
    assert_int_equal(report.asked[PRIMITIVE_MAP], 5);
    assert_int_equal(map_page(drilled, 0, HF_RAM), HF_OK);
    assert_int_equal(report_of(drilled).calls + report_of(drilled).refusals, 0);
}

static void a_reset_ends_a_drill(void **state)
{
    struct drilled *drilled = *state;

    assert_int_equal(arena_drill_begin(drilled->arena, AT_HAND, 5), ARENA_DRILL_BEGUN);
    arena_reset(drilled->arena, &no_vcpu);
    assert_false(report_of(drilled).running);
    assert_int_equal(report_of(drilled).refusals, 0);
}

static void there_is_one_drill_at_a_time(void **state)
{
    struct drilled *drilled = *state;

    assert_int_equal(arena_drill_begin(drilled->arena, MAP, 5), ARENA_DRILL_BEGUN);
    assert_int_equal(arena_drill_begin(drilled->arena, GUARD, 9), ARENA_DRILL_BUSY);
    assert_int_equal(drilled->memory->injection.left[PRIMITIVE_MAP], 5);
    assert_int_equal(drilled->memory->injection.left[PRIMITIVE_GUARD], 0);
    arena_drill_end(drilled->arena);
    assert_int_equal(arena_drill_begin(drilled->arena, GUARD, 9), ARENA_DRILL_BEGUN);
    assert_int_equal(report_of(drilled).asked[PRIMITIVE_MAP], 0);
    arena_drill_end(drilled->arena);
}

static void no_drill_asks_for_more_than_its_bound(void **state)
{
    struct drilled *drilled = *state;

    assert_int_equal(arena_drill_begin(drilled->arena, MAP, UINT32_MAX), ARENA_DRILL_BEGUN);
    assert_int_equal(drilled->memory->injection.left[PRIMITIVE_MAP], ARENA_DRILL_MOST);
    arena_drill_end(drilled->arena);
}

/* Ballast and scratch page are RESERVE's; and there is no KVM here that could make entries. */
static void what_is_not_on_the_map_path_cannot_be_drilled(void **state)
{
    struct drilled *drilled = *state;

    assert_int_equal(arena_drill_begin(drilled->arena,
                                       1u << PRIMITIVE_BALLAST | 1u << PRIMITIVE_SCRATCH |
                                           1u << PRIMITIVE_PREFAULT,
                                       5),
                     ARENA_DRILL_NOTHING);
    assert_int_equal(arena_drill_begin(drilled->arena, ~0u, 5), ARENA_DRILL_BEGUN);
    for (int i = 0; i < PRIMITIVES; i++)
        assert_int_equal(drilled->memory->injection.left[i], (AT_HAND >> i & 1) != 0 ? 5 : 0);
    arena_drill_end(drilled->arena);
}

static void a_real_failure_is_told(void **state)
{
    struct drilled *drilled = *state;
    const struct object_spec spec = {.name = "gone", .bytes = 16 * HF_PAGE_SIZE};
    struct hf_object_open open = {.name = "gone"};
    struct error error;
    int ends[2];

    assert_int_equal(arena_attach(drilled->arena, &spec, NULL, &error), 0);
    assert_int_equal(arena_object_open(drilled->arena, &open), HF_OK);
    assert_int_equal(pipe(ends), 0);
    dup2(ends[0], drilled->memory->object[1].fd); /* nothing that could be mapped */
    assert_int_equal(arena_drill_begin(drilled->arena, MAP, 2), ARENA_DRILL_BEGUN);
    assert_int_equal(map_page(drilled, 0, open.id), HF_HOST_FAILURE);
    assert_int_equal(report_of(drilled).failed, 1);
    assert_int_equal(report_of(drilled).calls, 0);
    assert_int_equal(report_of(drilled).refusals, 2);
    assert_int_equal(report_of(drilled).rescued, 0);
    assert_int_equal(rescued(drilled), 0);
    close(ends[0]);
    close(ends[1]);
    object_close(&drilled->memory->object[1]);
}

static void no_reserve_is_refused_for_a_drill(void **state)
{
    struct drilled *drilled = *state;
    struct hf_reserve more = {.bytes = 8 * HF_PAGE_SIZE, .tag = TAG};

    assert_int_equal(arena_drill_begin(drilled->arena, ~0u, 5), ARENA_DRILL_BEGUN);
    assert_int_equal(arena_reserve(drilled->arena, &no_vcpu, &more), HF_OK);
    arena_drill_end(drilled->arena);
}

/* A call that has failed on and on for a drill sees at once that it has ended. */
static void outside_of_a_drill_the_ballast_is_lent(void **state)
{
    struct drilled *drilled = *state;

    injection_set(&drilled->memory->injection, PRIMITIVE_MAP, 1);
    assert_int_equal(map_page(drilled, 0, HF_RAM), HF_OK);
    assert_int_equal(drilled->memory->ballast.times_lent, 1);
    drilled->memory->ballast.times_lent = 0;
    assert_int_equal(ballast_resize(&drilled->memory->ballast), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(calls_go_through_and_are_counted),
        TEST(only_what_is_named_fails),
        TEST(the_end_takes_back_what_has_not_failed),
        TEST(a_reset_ends_a_drill),
        TEST(there_is_one_drill_at_a_time),
        TEST(no_drill_asks_for_more_than_its_bound),
        TEST(what_is_not_on_the_map_path_cannot_be_drilled),
        TEST(a_real_failure_is_told),
        TEST(no_reserve_is_refused_for_a_drill),
        TEST(outside_of_a_drill_the_ballast_is_lent),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
