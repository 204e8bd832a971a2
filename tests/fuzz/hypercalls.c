/* SPDX-License-Identifier: MIT
 * Hypercalls with arguments that are random, or right but for a few bits, while an operator
 * attaches, detaches and resets: each is answered with a status of the ABI, one that is refused
 * changes nothing, the window table's invariants hold after each call, and the host's side follows
 * the table.
 *
 * HOLDFAST_SEED repeats a run, HOLDFAST_SECONDS (default: 5) says for how long. */
#include "vmm/hypercalls/hypercalls.h"
#include "shapes.h"
#include "tests/unit/host_memory.h"
#include "tests/unit/no_vcpu.h"
#include "tests/unit/windows_invariants.h"
#include "vmm/arena/room.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define SAMPLES    2u    /* pages that are looked at after each call */
#define FULL_LOOK  1024u /* calls between two looks at all pages */
#define ARGUMENTS  (RAM_PAGES - 1)
#define MORE_CALLS 4u /* numbers behind the last call */

static struct memory *memory;
static struct arena *arena;
static struct hypercalls hypercalls;
static uint64_t seed;
static uint64_t calls;
static uint64_t answered[HF_NOT_SUPPORTED + 1]; /* by status */
static uint64_t succeeded[HF_CALL_DISCARD + 1];

static void attach(const char *name, bool read_only, uint64_t bytes)
{
    struct object_spec spec = {.bytes = bytes, .read_only = read_only};
    struct error error;

    strcpy(spec.name, name);
    (void)arena_attach(arena, &spec, NULL, &error); /* may be there already */
}

/* What operators do between calls. */
static void intervene(void)
{
    const char *name = pick(2) == 0 ? SHAPES_WRITABLE : SHAPES_READ_ONLY;
    const struct tag_amounts quota = {2 + pick(8), 20 + pick(100), 10 + pick(60)};
    struct error error;

    switch (pick(16)) {
    case 0:
        arena_reset(arena, &no_vcpu);
        if (pick(4) != 0) /* else it goes on with handles that are dead */
            shapes_forget_all();
        return;
    case 1:
    case 2:
        arena_detach(arena, name, pick(2) == 0);
        return;
    case 3:
        (void)arena_set_quota(arena, shapes_tag(), &quota, &error);
        return;
    default:
        attach(SHAPES_WRITABLE, false, SHAPES_OBJECT_PAGES * HF_PAGE_SIZE);
        attach(SHAPES_READ_ONLY, true, SHAPES_OBJECT_PAGES * HF_PAGE_SIZE - 5);
    }
}

static void look_at(uint64_t page)
{
    uint8_t *at = memory->arena + page * HF_PAGE_SIZE;
    const enum page_rights rights = windows_page_rights(arena->windows, ARENA_PAGE + page);

    assert_int_equal(readable(at), rights != PAGE_NOT_MAPPED);
    if (rights != PAGE_NOT_MAPPED)
        assert_int_equal(writable(at), rights == PAGE_WRITABLE);
}

static bool may_change_something(enum hf_status status)
{
    return status == HF_OK || status == HF_HOST_FAILURE || status == HF_IO_ERROR;
}

static void one_call(void)
{
    uint8_t before[HF_PAGE_SIZE];
    uint8_t *page = memory->ram + ARGUMENTS * HF_PAGE_SIZE;
    uint64_t call = 1 + pick(HF_CALL_DISCARD);
    uint64_t gpa = ARGUMENTS * HF_PAGE_SIZE;
    struct windows_totals totals;
    struct windows_totals after;

    shapes_make((enum hf_call)call, page, memory->ram);
    if (pick(50) == 0)
        call = pick(2) == 0 ? pick(HF_CALL_DISCARD + MORE_CALLS) : shapes_number();
    if (pick(50) == 0)
        gpa = shapes_number();
    const uint8_t cpl = pick(100) == 0 ? 3 : 0;

    memcpy(before, page, sizeof before);
    windows_totals(arena->windows, &totals);
    const enum hf_status status = hypercalls_perform(&hypercalls, &no_vcpu, call, gpa, cpl);
    windows_totals(arena->windows, &after);
    if (hf_status_name(status)[0] == '?')
        fail_msg("call %llu is answered 0x%x", (unsigned long long)call, (unsigned)status);
    answered[status]++;
    check_invariants(arena->windows);
    if (!may_change_something(status)) {
        assert_memory_equal(&totals, &after, sizeof totals);
        assert_memory_equal(before, page, sizeof before);
    }
    if (status == HF_OK) {
        assert_true(call <= HF_CALL_DISCARD && cpl == 0);
        succeeded[call]++;
        if (gpa == ARGUMENTS * HF_PAGE_SIZE)
            shapes_learn((enum hf_call)call, page);
    }
}

static void make_arena(void)
{
    const struct arena_config config = {.windows = 8, .extents = 64};
    struct error error;

    memory = make_memory();
    arena = arena_create(memory, &config, &error);
    assert_non_null(arena);
    hypercalls = (struct hypercalls){arena, memory, HF_FEATURE_PIO};
}

static time_t now_s(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec;
}

static void nothing_a_guest_says_breaks_the_table(void **state)
{
    const char *wanted = getenv("HOLDFAST_SEED");
    const char *seconds = getenv("HOLDFAST_SECONDS");
    const time_t end = now_s() + (seconds != NULL ? atoi(seconds) : 5);
    struct arena_counters counters;

    (void)state;
    seed = wanted != NULL ? strtoull(wanted, NULL, 0) : 0x2545f4914f6cdd1du;
    shapes_seed(seed);
    make_arena();
    while (calls % FULL_LOOK != 0 || now_s() < end) {
        if (calls % 64 == 0)
            intervene();
        one_call();
        calls++;
        for (unsigned i = 0; i < SAMPLES; i++)
            look_at(pick(ARENA_PAGES));
        for (uint64_t page = 0; calls % FULL_LOOK == 0 && page < ARENA_PAGES; page++)
            look_at(page);
    }
    arena_counters(arena, &counters);
    assert_int_equal(counters.calls, calls);
    assert_int_equal(counters.calls - counters.refused, answered[HF_OK]);
    assert_int_equal(answered[HF_HOST_FAILURE] + answered[HF_IO_ERROR], 0);
    assert_int_equal(answered[HF_NOT_SUPPORTED], 0); /* memfds can */

    /* Else the calls are too wrong to come far. */
    for (unsigned call = HF_CALL_INFO; call <= HF_CALL_DISCARD; call++)
        assert_true(succeeded[call] > 0);

    arena_reset(arena, &no_vcpu);
    arena_counters(arena, &counters);
    assert_int_equal(counters.totals.arena_free, ARENA_PAGES);
    assert_int_equal(counters.totals.extents_reserved, 0);
    for (uint64_t page = 0; page < ARENA_PAGES; page++)
        look_at(page);
}

static int tell(void **state)
{
    (void)state;
    printf("HOLDFAST_SEED=0x%llx: %llu calls, %llu OK\n", (unsigned long long)seed,
           (unsigned long long)calls, (unsigned long long)answered[HF_OK]);
    for (unsigned status = HF_RESERVE_NOTHING; status <= HF_NOT_SUPPORTED; status++)
        if (answered[status] > 0)
            printf("%10llu %s\n", (unsigned long long)answered[status],
                   hf_status_name((int)status));
    for (uint32_t slot = 1; slot <= BACKINGS_OBJECTS; slot++)
        object_close(&memory->object[slot]);
    arena_destroy(arena);
    forget(memory);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(nothing_a_guest_says_breaks_the_table, tell),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
