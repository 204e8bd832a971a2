/* SPDX-License-Identifier: MIT
 * A vCPU that waits for the host's memory outside any call is shown as long as that lasts: which
 * one, since when, at which address if that is known, what was refused, and how often. This
 * program's madvise() stands before the kernel's. */
#include "host_fakes.h"
#include "host_memory.h"
#include "vmm/arena/arena.h"
#include "vmm/arena/faults.h"
#include "vmm/arena/rescues.h"
#include "vmm/machine/board.h"
#include "vmm/machine/fault.h"
#include "vmm/machine/retry.h"
#include "vmm/machine/vcpu.h"

#include <sys/syscall.h>

#define RIP  0x100020u
#define PAGE (3 * HF_PAGE_SIZE) /* of RAM */

static struct {
    struct machine machine;
    struct vcpu vcpu;
    struct kvm_run run;
    struct instruction_accesses accesses;
    bool host_is_short;
} it;

int madvise(void *address, size_t bytes, int advice)
{
    if (it.host_is_short && (advice == MADV_POPULATE_READ || advice == MADV_POPULATE_WRITE)) {
        errno = ENOMEM;
        return -1;
    }
    return (int)syscall(SYS_madvise, address, bytes, advice);
}

static int setup(void **state)
{
    const struct arena_config config = {.windows = 4};
    struct error error;

    (void)state;
    memset(&it, 0, sizeof it);
    it.machine.memory = make_memory();
    it.machine.arena = arena_create(it.machine.memory, &config, &error);
    assert_non_null(it.machine.arena);
    it.machine.vcpus = 4;
    it.vcpu.machine = &it.machine;
    it.vcpu.index = 3;
    it.vcpu.run = &it.run;
    it.run.s.regs.regs.rip = RIP;
    it.accesses =
        (struct instruction_accesses){.whole = true, .count = 1, .access = {{.gpa = PAGE}}};
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_destroy(it.machine.arena);
    forget(it.machine.memory);
    return 0;
}

/* What its thread does when KVM_RUN has failed. */
static enum retry fail_access(void)
{
    uint64_t gpa;

    retry_begin(&it.vcpu);
    const enum retry verdict = retry_access(&it.vcpu, it.run.s.regs.regs.rip, &it.accesses, &gpa);
    retry_end(&it.vcpu);
    return verdict;
}

static void fail_run(void)
{
    retry_begin(&it.vcpu);
    fault_no_memory(&it.vcpu);
    retry_end(&it.vcpu);
}

static void come_through(void)
{
    retry_begin(&it.vcpu);
    retry_end(&it.vcpu);
}

static struct arena_rescue only_one(void)
{
    struct arena_rescue rescue[2];
    uint32_t all;

    assert_int_equal(arena_rescues(it.machine.arena, rescue, 2, &all), 1);
    assert_int_equal(all, 1);
    assert_true(rescue->is_access);
    assert_string_equal(rescue->call, "access");
    assert_int_equal(rescue->vcpu, 3);
    assert_int_equal(rescue->window, 0);
    return *rescue;
}

static void assert_none(void)
{
    struct arena_rescue rescue;
    uint32_t all;

    assert_int_equal(arena_rescues(it.machine.arena, &rescue, 1, &all), 0);
    assert_int_equal(all, 0);
}

static void a_page_that_the_host_has_not_is_shown(void **state)
{
    (void)state;
    it.host_is_short = true;
    for (uint32_t i = 0; i < 3; i++)
        assert_int_equal(fail_access(), RETRY_NOW);
    const struct arena_rescue rescue = only_one();
    assert_string_equal(rescue.system_call, "madvise");
    assert_int_equal(rescue.error, ENOMEM);
    assert_true(rescue.has_address);
    assert_int_equal(rescue.address, PAGE);
    assert_int_equal(rescue.attempts, 3);
    it.host_is_short = false;
    come_through();
    assert_none();
}

static void a_refusal_of_kvm_is_shown_without_an_address(void **state)
{
    (void)state;
    fail_run();
    fail_run();
    const struct arena_rescue rescue = only_one();
    assert_string_equal(rescue.system_call, "KVM_RUN");
    assert_int_equal(rescue.error, ENOMEM);
    assert_false(rescue.has_address);
    assert_int_equal(rescue.attempts, 2);
    come_through();
    assert_none();
}

/* The first tries follow at once. */
static void a_page_that_kvm_does_not_reach_is_shown(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < 20; i++)
        assert_int_equal(fail_access(), RETRY_NOW);
    const struct arena_rescue rescue = only_one();
    assert_string_equal(rescue.system_call, "KVM_RUN");
    assert_int_equal(rescue.error, EFAULT);
}

static void one_instruction_waits_since_its_first_refusal(void **state)
{
    (void)state;
    fail_run();
    const uint64_t since = only_one().since_ns;
    retry_begin(&it.vcpu);
    retry_undecided(&it.vcpu); /* interrupted */
    retry_end(&it.vcpu);
    fail_run();
    assert_int_equal(only_one().since_ns, since);
    it.run.s.regs.regs.rip += 4;
    fail_run();
    assert_true(only_one().since_ns > since);
    assert_int_equal(only_one().attempts, 1);
}

/* In a guest that runs, or sleeps, without an exit nobody tells that the access has succeeded. */
static void a_wait_is_over_some_time_after_its_last_refusal(void **state)
{
    struct timespec now;

    (void)state;
    fail_run();
    const uint64_t since = only_one().since_ns;
    clock_gettime(CLOCK_MONOTONIC, &now);
    const time_t began = now.tv_sec;
    while (now.tv_sec < began + 2)
        clock_gettime(CLOCK_MONOTONIC, &now);
    assert_none();
    fail_run();
    assert_true(only_one().since_ns > since);
    assert_int_equal(only_one().attempts, 1);
}

static void what_is_given_up_is_shown_no_longer(void **state)
{
    (void)state;
    it.accesses.count = 0;
    while (fail_access() == RETRY_NOW)
        ;
    assert_none();
}

static void a_vcpu_that_is_wanted_elsewhere_does_not_wait(void **state)
{
    (void)state;
    it.host_is_short = true;
    fail_access();
    only_one();
    atomic_store(&it.machine.attention, true);
    fail_access();
    assert_none();
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_page_that_the_host_has_not_is_shown),
        TEST(a_refusal_of_kvm_is_shown_without_an_address),
        TEST(a_page_that_kvm_does_not_reach_is_shown),
        TEST(one_instruction_waits_since_its_first_refusal),
        TEST(a_wait_is_over_some_time_after_its_last_refusal),
        TEST(what_is_given_up_is_shown_no_longer),
        TEST(a_vcpu_that_is_wanted_elsewhere_does_not_wait),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
