/* SPDX-License-Identifier: MIT
 * Hypercalls with arguments that are right but for a few bits, or random, while an operator
 * attaches, detaches and resets: each is answered with a status of the ABI, one that is refused
 * changes nothing, the window table's invariants hold after each call, and the host's side follows
 * the table. */
#include "vmm/hypercalls/hypercalls.h"
#include "shapes.h"
#include "target.h"
#include "tests/unit/host_memory.h"
#include "tests/unit/no_vcpu.h"
#include "tests/unit/windows_invariants.h"
#include "vmm/arena/room.h"

#include <stdio.h>

#define SAMPLES          2u  /* pages that are looked at after each call */
#define CALLS_IN_BETWEEN 16u /* of two things that an operator does */
#define CALLS_MOST       512u
#define ARGUMENTS        (RAM_PAGES - 1)
#define MORE_CALLS       4u /* numbers behind the last call */

static struct memory *memory;
static struct arena *arena;
static struct hypercalls hypercalls;
static uint64_t answered[HF_NOT_SUPPORTED + 1]; /* by status */
static uint64_t succeeded[HF_CALL_DISCARD + 1];

static void attach(const char *name, bool read_only, uint64_t bytes)
{
    struct object_spec spec = {.bytes = bytes, .read_only = read_only};
    struct error error;

    strcpy(spec.name, name);
    (void)arena_attach(arena, &spec, NULL, &error); /* may be there already */
}

static void attach_both(void)
{
    attach(SHAPES_WRITABLE, false, SHAPES_OBJECT_PAGES * HF_PAGE_SIZE);
    attach(SHAPES_READ_ONLY, true, SHAPES_OBJECT_PAGES * HF_PAGE_SIZE - 5);
}

static void set_quota(uint32_t tag, const struct tag_amounts *quota)
{
    struct error error;

    (void)arena_set_quota(arena, tag, quota, &error);
}

/* What operators do between calls. */
static void intervene(void)
{
    const char *name = one_in(2) ? SHAPES_WRITABLE : SHAPES_READ_ONLY;

    switch (below(16)) {
    case 0:
        arena_reset(arena, &no_vcpu);
        if (!one_in(4)) /* else it goes on with handles that are dead */
            shapes_forget_all();
        return;
    case 1:
    case 2:
        arena_detach(arena, name, one_in(2));
        return;
    case 3:
        set_quota(shapes_tag(),
                  &(struct tag_amounts){2 + below(8), 20 + below(100), 10 + below(60)});
        return;
    default:
        attach_both();
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

static void look_at_all(void)
{
    for (uint64_t page = 0; page < ARENA_PAGES; page++)
        look_at(page);
}

static bool may_change_something(enum hf_status status)
{
    return status == HF_OK || status == HF_HOST_FAILURE || status == HF_IO_ERROR;
}

static void one_call(void)
{
    uint8_t before[HF_PAGE_SIZE];
    uint8_t *page = memory->ram + ARGUMENTS * HF_PAGE_SIZE;
    uint64_t call = 1 + below(HF_CALL_DISCARD);
    uint64_t gpa = ARGUMENTS * HF_PAGE_SIZE;
    struct windows_totals totals;
    struct windows_totals after;

    shapes_make((enum hf_call)call, page, memory->ram);
    if (one_in(50))
        call = one_in(2) ? below(HF_CALL_DISCARD + MORE_CALLS) : shapes_number();
    if (one_in(50))
        gpa = shapes_number();
    const uint8_t cpl = one_in(100) ? 3 : 0;

    memcpy(before, page, sizeof before);
    windows_totals(arena->windows, &totals);
    const enum hf_status status = hypercalls_perform(&hypercalls, &no_vcpu, call, gpa, cpl);
    windows_totals(arena->windows, &after);
    if (hf_status_name(status)[0] == '?')
        fail_msg("call %llu is answered 0x%x", (unsigned long long)call, (unsigned)status);
    answered[status]++;
    check_invariants(arena->windows);
    if (!may_change_something(status)) {
        assert_totals_equal(&after, &totals);
        assert_memory_equal(before, page, sizeof before);
    }
    if (status == HF_OK) {
        assert_true(call <= HF_CALL_DISCARD && cpl == 0);
        succeeded[call]++;
        if (gpa == ARGUMENTS * HF_PAGE_SIZE)
            shapes_learn((enum hf_call)call, page);
    }
}

int LLVMFuzzerInitialize(int *count, char ***arguments)
{
    const struct arena_config config = {.windows = 8, .extents = 64};
    struct error error;

    (void)count, (void)arguments;
    memory = make_memory();
    arena = arena_create(memory, &config, &error);
    assert_non_null(arena);
    hypercalls = (struct hypercalls){arena, memory, HF_FEATURE_PIO};
    return 0;
}

/* The arena stays, for to make one takes longer than an input. */
static void begin(void)
{
    const struct tag_amounts none = {0};

    memset(&shapes, 0, sizeof shapes);
    memset(memory->ram, 0, memory->ram_bytes);
    for (uint32_t tag = 1; tag <= 2; tag++)
        set_quota(tag, &none);
    attach_both();
}

static void everything_can_be_given_back(void)
{
    struct arena_counters counters;

    look_at_all();
    arena_reset(arena, &no_vcpu);
    arena_counters(arena, &counters);
    assert_int_equal(counters.totals.arena_free, ARENA_PAGES);
    assert_int_equal(counters.totals.extents_reserved, 0);
    look_at_all();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct arena_counters before, after;
    uint64_t calls = 0;

    chance_take_input(bytes, size);
    begin();
    arena_counters(arena, &before);
    const uint64_t ok = answered[HF_OK];
    for (; chance_left > 0 && calls < CALLS_MOST; calls++) {
        if (calls % CALLS_IN_BETWEEN == CALLS_IN_BETWEEN - 1)
            intervene();
        one_call();
        for (unsigned i = 0; i < SAMPLES; i++)
            look_at(below(ARENA_PAGES));
    }
    arena_counters(arena, &after);
    assert_int_equal(after.calls - before.calls, calls);
    assert_int_equal(after.calls - after.refused - (before.calls - before.refused),
                     answered[HF_OK] - ok);
    assert_int_equal(answered[HF_HOST_FAILURE] + answered[HF_IO_ERROR], 0);
    assert_int_equal(answered[HF_NOT_SUPPORTED], 0); /* memfds can */
    everything_can_be_given_back();
    return 0;
}

void fuzz_reached(void)
{
    for (unsigned call = HF_CALL_INFO; call <= HF_CALL_DISCARD; call++)
        assert_true(succeeded[call] > 0);
    for (unsigned status = HF_OK; status <= HF_NOT_SUPPORTED; status++)
        if (answered[status] > 0)
            printf("%10llu %s\n", (unsigned long long)answered[status],
                   hf_status_name((int)status));
}
