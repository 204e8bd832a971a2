/* SPDX-License-Identifier: MIT
 * Whatever allocation of RESERVE fails, and whether it fails once or for good: RESERVE is refused,
 * every account is as it was, and nothing is left behind in the arena or open. */
#define ARENA_PAGES 4096u
#include "host_fakes.h"
#include "host_memory.h"
#include "no_vcpu.h"
#include "vmm/arena/arena.h"
#include "vmm/arena/calls.h"
#include "vmm/arena/operators.h"

#include <dirent.h>
#include <stdio.h>

#define TAG    0x54455354u
#define PIECES 3u
#define FAULTS (PIECES + 1) /* one more, for the pages that KVM keeps ready for the vCPU */

struct accounts {
    struct windows_totals totals;
    struct memory_account ballast;
    uint32_t descriptors;
};

static uint32_t descriptors(void)
{
    DIR *directory = opendir("/proc/self/fd");
    uint32_t count = 0;

    assert_non_null(directory);
    while (readdir(directory) != NULL)
        count++;
    closedir(directory);
    return count;
}

static struct accounts read_accounts(struct arena *arena, const struct memory *memory)
{
    struct arena_counters counters;
    struct accounts accounts;

    memset(&accounts, 0, sizeof accounts);
    arena_counters(arena, &counters);
    accounts.totals = counters.totals;
    memory_accounts(memory, &accounts.ballast);
    accounts.descriptors = descriptors();
    return accounts;
}

static void assert_unchanged(const struct accounts *before, const struct accounts *after)
{
    assert_int_equal(after->totals.windows, before->totals.windows);
    assert_int_equal(after->totals.arena_free, before->totals.arena_free);
    assert_int_equal(after->totals.arena_largest, before->totals.arena_largest);
    assert_int_equal(after->totals.extents_reserved, before->totals.extents_reserved);
    assert_int_equal(after->ballast.wanted, before->ballast.wanted);
    assert_int_equal(after->ballast.held, before->ballast.held);
    assert_int_equal(after->descriptors, before->descriptors);
}

static void assert_all_guard(const struct memory *memory)
{
    for (uint64_t page = 0; page < ARENA_PAGES; page++)
        assert_false(readable(memory->arena + page * HF_PAGE_SIZE));
}

/* Every allocation of a kind in turn, until RESERVE has come through without meeting it. Returns
 * how many there are. */
static uint32_t fail_each(struct arena *arena, struct memory *memory, enum primitive primitive,
                          uint32_t times)
{
    for (uint32_t n = 0;; n++) {
        struct hf_reserve call = {.bytes = (uint64_t)PIECES * PIECE_PAGES * HF_PAGE_SIZE,
                                  .tag = TAG,
                                  .max_extents = 1600};
        memory_resize_ballast(memory);
        const struct accounts before = read_accounts(arena, memory);
        injection_set_after(memory_injection(memory), primitive, n, times);
        const enum hf_status status = arena_reserve(arena, &no_vcpu, &call);
        injection_set(memory_injection(memory), primitive, 0);
        if (status == HF_OK) {
            const struct hf_release release = {.window = call.window, .tag = TAG};
            assert_int_equal(arena_release(arena, &no_vcpu, &release), HF_OK);
            return n;
        }
        assert_int_equal(status, HF_NO_RESOURCES);
        const struct accounts after = read_accounts(arena, memory);
        assert_unchanged(&before, &after);
        assert_all_guard(memory);
    }
}

static void a_reserve_that_finds_nothing_leaves_nothing(void **state)
{
    static const struct {
        enum primitive primitive;
        uint32_t allocations;
    } kinds[] = {{PRIMITIVE_BALLAST, 1}, {PRIMITIVE_SCRATCH, FAULTS}, {PRIMITIVE_PREFAULT, FAULTS}};
    const struct arena_config config = {.windows = 4};
    struct memory *memory = make_memory();
    struct error error;
    struct arena *arena = arena_create(memory, &config, &error);

    (void)state;
    assert_non_null(arena);
    set_aside(memory);
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        /* As many as there are, so that no test of a kind is passed by meeting none. */
        assert_int_equal(fail_each(arena, memory, kinds[i].primitive, 1), kinds[i].allocations);
        assert_int_equal(fail_each(arena, memory, kinds[i].primitive, UINT32_MAX),
                         kinds[i].allocations);
    }
    arena_destroy(arena);
    forget(memory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_reserve_that_finds_nothing_leaves_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
