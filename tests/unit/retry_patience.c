/* SPDX-License-Identifier: MIT
 * How long an instruction that the host fails is tried again: what a drill plays never counts, and
 * what has come through in between begins anew. */
#include "host_fakes.h"
#include "host_memory.h"
#include "vmm/arena/arena.h"
#include "vmm/arena/faults.h"
#include "vmm/machine/board.h"
#include "vmm/machine/retry.h"
#include "vmm/machine/vcpu.h"

#define RIP      0x100020u
#define TRIES    5000u /* of a page that is there */
#define FEW      16u   /* where it is not known what the instruction touches */
#define LONG_AGO 3600

struct tried {
    struct machine machine;
    struct vcpu vcpu;
    struct kvm_run run;
    struct instruction_accesses accesses;
};

static int setup(void **state)
{
    static struct tried tried;
    const struct arena_config config = {.windows = 4};
    struct error error;

    memset(&tried, 0, sizeof tried);
    tried.machine.memory = make_memory();
    tried.machine.arena = arena_create(tried.machine.memory, &config, &error);
    assert_non_null(tried.machine.arena);
    tried.vcpu.machine = &tried.machine;
    tried.vcpu.run = &tried.run;
    tried.accesses =
        (struct instruction_accesses){.whole = true, .count = 1, .access = {{.gpa = 0}}};
    *state = &tried;
    return 0;
}

static int teardown(void **state)
{
    struct tried *tried = *state;

    arena_destroy(tried->machine.arena);
    forget(tried->machine.memory);
    return 0;
}

static enum retry again(struct tried *tried)
{
    uint64_t gpa;

    return retry_access(&tried->vcpu, RIP, &tried->accesses, &gpa);
}

static void a_failure_that_stays_is_told_in_the_end(void **state)
{
    struct tried *tried = *state;

    for (uint32_t i = 0; i < TRIES; i++)
        assert_int_equal(again(tried), RETRY_NOW);
    assert_int_equal(again(tried), RETRY_NO_USE);
}

static void nothing_found_is_not_present(void **state)
{
    struct tried *tried = *state;

    tried->accesses.count = 0;
    for (uint32_t i = 0; i < FEW; i++)
        assert_int_equal(again(tried), RETRY_NOW);
    assert_int_equal(again(tried), RETRY_NO_USE);
}

static void a_list_that_is_not_whole_is_not_trusted(void **state)
{
    struct tried *tried = *state;

    tried->accesses.whole = false;
    for (uint32_t i = 0; i < FEW; i++)
        assert_int_equal(again(tried), RETRY_NOW);
    assert_int_equal(again(tried), RETRY_NO_USE);
}

/* The page that a mask may leave out is told of when nothing else is to blame. */
static void a_possible_access_is_told_soon(void **state)
{
    struct tried *tried = *state;
    uint64_t gpa = 0;

    tried->accesses.access[tried->accesses.count++] =
        (struct instruction_access){.gpa = ARENA_PAGE * HF_PAGE_SIZE, .certainty = ACCESS_POSSIBLE};
    for (uint32_t i = 0; i < FEW; i++)
        assert_int_equal(again(tried), RETRY_NOW);
    assert_int_equal(retry_access(&tried->vcpu, RIP, &tried->accesses, &gpa), RETRY_NOT_ALLOWED);
    assert_int_equal(gpa, ARENA_PAGE * HF_PAGE_SIZE);
}

static void a_guess_is_not_told(void **state)
{
    struct tried *tried = *state;
    uint64_t gpa = 0;

    tried->accesses.whole = false;
    tried->accesses.access[0] =
        (struct instruction_access){.gpa = ARENA_PAGE * HF_PAGE_SIZE, .certainty = ACCESS_GUESSED};
    for (uint32_t i = 0; i < FEW; i++)
        assert_int_equal(again(tried), RETRY_NOW);
    assert_int_equal(retry_access(&tried->vcpu, RIP, &tried->accesses, &gpa), RETRY_NO_USE);
    assert_int_equal(gpa, ARENA_GPA_UNKNOWN);
}

/* It is RESERVE's and MAP's. */
static void no_ballast_is_lent_while_pages_are_present(void **state)
{
    struct tried *tried = *state;
    struct memory_account ballast;

    set_aside(tried->machine.memory);
    memory_account(tried->machine.memory, 16, 1);
    assert_int_equal(memory_resize_ballast(tried->machine.memory), 0);
    for (uint32_t i = 0; i < TRIES; i++)
        assert_int_equal(again(tried), RETRY_NOW);
    memory_accounts(tried->machine.memory, &ballast);
    assert_int_equal(ballast.times_lent, 0);
}

/* A pause or a reset is not kept waiting, and what it costs in tries is not counted. */
static void attention_comes_first(void **state)
{
    struct tried *tried = *state;

    tried->accesses.count = 0;
    atomic_store(&tried->machine.attention, true);
    for (uint32_t i = 0; i < 3 * FEW; i++)
        assert_int_equal(again(tried), RETRY_NOW);
    assert_int_equal(tried->vcpu.tries, 0);
}

/* However many drills hit the one instruction at which a guest leaves KVM_RUN. */
static void drills_never_count(void **state)
{
    struct tried *tried = *state;

    tried->vcpu.by_drill = true;
    for (uint32_t i = 0; i < 3 * TRIES; i++)
        assert_int_equal(again(tried), RETRY_NOW);
    assert_int_equal(tried->vcpu.tries, 0);
}

/* The registers may be those of an instruction that has been through, or of before a reset. */
static void a_drill_finds_no_fault_with_the_guest(void **state)
{
    struct tried *tried = *state;

    tried->accesses.access[0].gpa = ARENA_PAGE * HF_PAGE_SIZE; /* not mapped */
    assert_int_equal(again(tried), RETRY_NOT_ALLOWED);
    tried->vcpu.by_drill = true;
    assert_int_equal(again(tried), RETRY_NOW);
}

/* The OUT of a guest's calls may fail once in each of thousands of calls. */
static void what_comes_through_each_time_does_not_count(void **state)
{
    struct tried *tried = *state;

    for (uint32_t i = 0; i < 2 * TRIES; i++) {
        assert_int_equal(again(tried), RETRY_NOW);
        retry_came_through(&tried->vcpu, RIP);
    }
}

/* A guest takes interrupts between the tries; their handlers make calls. */
static void what_a_handler_does_does_not_begin_it_anew(void **state)
{
    struct tried *tried = *state;

    tried->accesses.count = 0;
    for (uint32_t i = 0; i < FEW; i++) {
        assert_int_equal(again(tried), RETRY_NOW);
        retry_came_through(&tried->vcpu, RIP + 0x1000);
        retry_came_through(&tried->vcpu, RIP - 0x1000);
    }
    assert_int_equal(again(tried), RETRY_NO_USE);
}

static void what_came_through_long_ago_does_not_count(void **state)
{
    struct tried *tried = *state;

    for (uint32_t i = 0; i < 2 * TRIES; i++) {
        assert_int_equal(again(tried), RETRY_NOW);
        tried->vcpu.tried_at -= i % 100 == 0 ? LONG_AGO : 0;
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_failure_that_stays_is_told_in_the_end),
        TEST(nothing_found_is_not_present),
        TEST(a_list_that_is_not_whole_is_not_trusted),
        TEST(a_possible_access_is_told_soon),
        TEST(a_guess_is_not_told),
        TEST(no_ballast_is_lent_while_pages_are_present),
        TEST(attention_comes_first),
        TEST(drills_never_count),
        TEST(a_drill_finds_no_fault_with_the_guest),
        TEST(what_comes_through_each_time_does_not_count),
        TEST(what_a_handler_does_does_not_begin_it_anew),
        TEST(what_came_through_long_ago_does_not_count),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
