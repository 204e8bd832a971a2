/* SPDX-License-Identifier: MIT
 * While the host keeps one call waiting for memory, all others go on, but for those on the same
 * window. A call can be given up while it waits. */
#include "slow_call.h"
#include "vmm/arena/accounts.h"
#include "vmm/arena/drill.h"
#include "vmm/arena/faults.h"
#include "vmm/arena/operators.h"
#include "vmm/arena/rescues.h"

static void others_go_on(void **state)
{
    struct hf_map other = map_of(&second, 0);
    struct hf_reserve third = {.bytes = HF_PAGE_SIZE, .tag = TAG};
    struct hf_stat stat = {.window = first.window};
    struct arena_accounts accounts;
    struct arena_counters counters;
    struct window_state states[4];
    struct hf_info info;

    (void)state;
    begin_slow_call(map_of(&first, 0));
    assert_int_equal(arena_map(arena, &no_vcpu, &other), HF_OK);
    const struct hf_unmap unmap = {second.window, 0, 1, TAG, 0};
    assert_int_equal(arena_unmap(arena, &no_vcpu, &unmap), HF_OK);
    assert_int_equal(arena_stat(arena, &stat), HF_OK);
    assert_int_equal(stat.mappings, 0);
    arena_info(arena, &info);
    arena_accounts(arena, &accounts);
    arena_counters(arena, &counters);
    assert_int_equal(arena_windows(arena, 0, states, 4), 2);
    assert_int_equal(arena_page_rights(arena, first.base.value), PAGE_NOT_MAPPED);
    assert_int_equal(arena_reserve(arena, &no_vcpu, &third), HF_OK);
    assert_int_equal(atomic_load(&slow.status), -1);
    assert_int_equal(end_slow_call(false), HF_OK);
    assert_int_equal(arena_page_rights(arena, first.base.value), PAGE_WRITABLE);
}

/* What the windows that are there have been promised is not there, either. */
static void a_reserve_that_finds_the_ballast_lent_does_not_wait(void **state)
{
    struct hf_reserve third = {.bytes = HF_PAGE_SIZE, .tag = TAG};
    struct arena_accounts before;
    struct arena_accounts after;

    (void)state;
    begin_slow_call(map_of(&first, 0));
    arena_accounts(arena, &before);
    injection_set(memory_injection(memory), PRIMITIVE_BALLAST, UINT32_MAX);
    assert_int_equal(arena_reserve(arena, &no_vcpu, &third), HF_NO_RESOURCES);
    assert_int_equal(atomic_load(&slow.status), -1);
    arena_accounts(arena, &after);
    assert_int_equal(after.windows.held, before.windows.held);
    assert_int_equal(after.extents.held, before.extents.held);
    assert_int_equal(after.ballast.held, before.ballast.held);
    injection_set(memory_injection(memory), PRIMITIVE_BALLAST, 0);
    assert_int_equal(end_slow_call(false), HF_OK);
    assert_int_equal(arena_reserve(arena, &no_vcpu, &third), HF_OK);
}

static void the_call_that_waits_is_shown(void **state)
{
    struct arena_rescue rescue[2];
    struct tag_state tag;
    uint32_t all;

    (void)state;
    assert_int_equal(arena_rescues(arena, rescue, 2, &all), 0);
    assert_int_equal(all, 0);
    begin_slow_call(map_of(&first, 0));
    assert_int_equal(arena_rescues(arena, rescue, 2, &all), 1);
    assert_int_equal(all, 1);
    assert_string_equal(rescue->call, "MAP");
    assert_int_equal(rescue->window, first.window);
    assert_int_equal(rescue->address, first.base.value);
    assert_int_equal(rescue->tag, TAG);
    assert_string_equal(rescue->system_call, "mmap");
    assert_int_equal(rescue->error, ENOMEM);
    assert_int_equal(rescue->attempts, 2);
    assert_true(rescue->injected && rescue->has_lent);
    const uint64_t waited = rescue->waited_ns;
    assert_int_equal(arena_rescues(arena, rescue, 2, &all), 1);
    assert_true(rescue->waited_ns >= waited);
    assert_int_equal(end_slow_call(false), HF_OK);
    assert_int_equal(arena_rescues(arena, rescue, 2, &all), 0);
    assert_int_equal(all, 0);
    assert_int_equal(arena_tags(arena, TAG, &tag, 1), 1);
    assert_int_equal(tag.rescued, 1);
    assert_true(tag.longest_rescue >= waited);
}

static void a_call_that_is_given_up_is_shown_no_longer(void **state)
{
    struct arena_rescue rescue;
    uint32_t all;

    (void)state;
    begin_slow_call(map_of(&first, 0));
    assert_int_equal(arena_rescues(arena, &rescue, 0, &all), 0);
    assert_int_equal(all, 1);
    end_slow_call(true);
    assert_int_equal(arena_rescues(arena, &rescue, 1, &all), 0);
    assert_int_equal(all, 0);
}

struct patient {
    struct arena_caller caller;
    _Atomic uint32_t waits;
};

static bool count_wait(const struct arena_caller *caller, uint64_t nanoseconds)
{
    struct patient *patient = caller->who;

    (void)nanoseconds;
    atomic_fetch_add(&patient->waits, 1);
    sched_yield();
    return true;
}

static struct patient patient = {.caller = {.vcpu_fd = -1, .who = &patient, .wait = count_wait}};

static void *unmap_first(void *argument)
{
    const struct hf_unmap unmap = {first.window, 0, 1, TAG, 0};

    *(int *)argument = (int)arena_unmap(arena, &patient.caller, &unmap);
    return NULL;
}

/* A page that is mapped already, so that the UNMAP has something to do. */
static void calls_on_the_same_window_wait(void **state)
{
    struct hf_map page = map_of(&first, 0);
    pthread_t thread;
    int status = -1;

    (void)state;
    assert_int_equal(arena_map(arena, &no_vcpu, &page), HF_OK);
    begin_slow_call(map_of(&first, 1));
    atomic_store(&patient.waits, 0);
    assert_int_equal(pthread_create(&thread, NULL, unmap_first, &status), 0);
    while (atomic_load(&patient.waits) < 3)
        sched_yield();
    assert_int_equal(end_slow_call(false), HF_OK);
    pthread_join(thread, NULL);
    assert_int_equal(status, HF_OK);
}

static void a_call_is_given_up(void **state)
{
    struct arena_counters before;
    struct arena_counters after;
    struct hf_map again = map_of(&first, 0);

    (void)state;
    arena_counters(arena, &before);
    begin_slow_call(map_of(&first, 0));
    assert_int_not_equal(end_slow_call(true), HF_OK);
    arena_counters(arena, &after);
    assert_int_equal(after.rescued, before.rescued);
    injection_set(memory_injection(memory), PRIMITIVE_MAP, 0);
    /* A reset follows, and then everything is as at the beginning. */
    assert_true(arena_reset(arena, &no_vcpu));
    first = (struct hf_reserve){.bytes = 8 * HF_PAGE_SIZE, .tag = TAG};
    assert_int_equal(arena_reserve(arena, &no_vcpu, &first), HF_OK);
    again.window = first.window;
    assert_int_equal(arena_map(arena, &no_vcpu, &again), HF_OK);
}

static bool drill_is_on(void)
{
    struct arena_drill_report report;

    arena_drill_report(arena, &report);
    return report.running;
}

static void a_drill_does_not_wait_for_a_call_that_the_host_holds(void **state)
{
    struct hf_map other = map_of(&second, 0);

    (void)state;
    begin_slow_call(map_of(&first, 0));
    assert_int_equal(arena_drill_begin(arena, 1u << PRIMITIVE_MAP, 2), ARENA_DRILL_BEGUN);
    assert_true(drill_is_on());
    assert_int_equal(arena_map(arena, &no_vcpu, &other), HF_OK);
    assert_false(drill_is_on());
    assert_int_equal(end_slow_call(false), HF_OK);
}

static void a_drill_lasts_as_long_as_a_call_that_it_holds(void **state)
{
    struct hf_map page = map_of(&first, 0);

    (void)state;
    atomic_store(&slow.has_waited, false);
    atomic_store(&slow.is_given_up, false);
    slow.map = page;
    assert_int_equal(arena_drill_begin(arena, 1u << PRIMITIVE_MAP, 1), ARENA_DRILL_BEGUN);
    assert_int_equal(pthread_create(&slow.thread, NULL, make_slow_call, NULL), 0);
    sem_wait(&slow.waits);
    assert_int_equal(atomic_load(&memory_injection(memory)->left[PRIMITIVE_MAP]), 0);
    assert_true(drill_is_on());
    assert_int_equal(end_slow_call(false), HF_OK);
    assert_false(drill_is_on());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(others_go_on, setup, teardown),
        cmocka_unit_test_setup_teardown(a_reserve_that_finds_the_ballast_lent_does_not_wait, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(the_call_that_waits_is_shown, setup, teardown),
        cmocka_unit_test_setup_teardown(a_call_that_is_given_up_is_shown_no_longer, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(calls_on_the_same_window_wait, setup, teardown),
        cmocka_unit_test_setup_teardown(a_call_is_given_up, setup, teardown),
        cmocka_unit_test_setup_teardown(a_drill_does_not_wait_for_a_call_that_the_host_holds, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_drill_lasts_as_long_as_a_call_that_it_holds, setup,
                                        teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
