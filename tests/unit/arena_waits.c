/* SPDX-License-Identifier: MIT
 * While the host keeps one call waiting for memory, all others go on, but for those on the same
 * window and a detach of what it maps. A call can be given up while it waits. */
#include "host_fakes.h"
#include "host_memory.h"
#include "no_vcpu.h"
#include "vmm/arena/accounts.h"
#include "vmm/arena/arena.h"
#include "vmm/arena/calls.h"
#include "vmm/arena/drill.h"
#include "vmm/arena/faults.h"
#include "vmm/arena/operators.h"
#include "vmm/arena/rescues.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>

#define TAG 0x54494157u

/* A vCPU whose call waits for as long as the test wants. */
static struct {
    struct arena_caller caller;
    struct arena *arena;
    struct hf_map map;
    pthread_t thread;
    sem_t waits;
    sem_t goes_on;
    _Atomic bool is_given_up;
    _Atomic bool has_waited;
    _Atomic int status;
} slow;

static struct memory *memory;
static struct arena *arena;
static struct hf_reserve first, second;

static bool wait_for_test(const struct arena_caller *caller, uint64_t nanoseconds)
{
    (void)caller;
    (void)nanoseconds;
    if (!atomic_exchange(&slow.has_waited, true)) {
        sem_post(&slow.waits);
        sem_wait(&slow.goes_on);
    }
    return !atomic_load(&slow.is_given_up);
}

static struct hf_map map_of(const struct hf_reserve *window, uint64_t offset)
{
    struct hf_extent *list = (void *)(memory->ram + (RAM_PAGES - 1) * HF_PAGE_SIZE);

    list[0] = (struct hf_extent){1, 1, HF_RAM};
    return (struct hf_map){.window = window->window,
                           .page_offset = offset,
                           .list = {(RAM_PAGES - 1) * HF_PAGE_SIZE},
                           .extents = 1,
                           .tag = TAG,
                           .cache = HF_CACHE_CACHED};
}

static void *make_slow_call(void *argument)
{
    (void)argument;
    atomic_store(&slow.status, (int)arena_map(arena, &slow.caller, &slow.map));
    return NULL;
}

/* Returns when the call waits. */
static void begin_slow_call(struct hf_map map)
{
    atomic_store(&slow.has_waited, false);
    atomic_store(&slow.is_given_up, false);
    atomic_store(&slow.status, -1);
    slow.map = map;
    /* Twice: the first refusal is answered with ballast, and not with a pause. */
    injection_set(memory_injection(memory), PRIMITIVE_MAP, 2);
    assert_int_equal(pthread_create(&slow.thread, NULL, make_slow_call, NULL), 0);
    sem_wait(&slow.waits);
}

static enum hf_status end_slow_call(bool give_up)
{
    atomic_store(&slow.is_given_up, give_up);
    sem_post(&slow.goes_on);
    pthread_join(slow.thread, NULL);
    return (enum hf_status)atomic_load(&slow.status);
}

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

static void *make_slow_remap(void *argument)
{
    struct hf_remap *remap = argument;

    atomic_store(&slow.status, (int)arena_remap(arena, &slow.caller, remap));
    return NULL;
}

/* Maps two pages of RAM where two pages of the object are, and waits with the first one done. */
static void begin_slow_remap(struct hf_remap *remap, const struct hf_object_open *object)
{
    struct hf_extent *list = (void *)(memory->ram + (RAM_PAGES - 1) * HF_PAGE_SIZE);
    struct hf_map old = map_of(&first, 0);

    old.extents = 2;
    list[0] = (struct hf_extent){0, 1, object->id};
    list[1] = (struct hf_extent){1, 1, object->id};
    assert_int_equal(arena_map(arena, &no_vcpu, &old), HF_OK);
    *remap = (struct hf_remap){.map = old, .old_offset = 0, .old_pages = 2};
    list[0] = (struct hf_extent){3, 1, HF_RAM};
    list[1] = (struct hf_extent){5, 1, HF_RAM};
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
    begin_slow_remap(&remap, &object);
    assert_int_equal(arena_detach(arena, "object", true), ARENA_BUSY);
    assert_int_equal(end_slow_call(false), HF_OK);
    const uint8_t *page = memory->arena + (first.base.value - memory->arena_base);
    assert_int_equal(page[0], 3);
    assert_int_equal(page[HF_PAGE_SIZE], 5);
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

static int setup(void **state)
{
    const struct arena_config config = {.windows = 8, .vcpus = 2};
    struct error error;

    (void)state;
    memory = make_memory();
    set_aside(memory);
    arena = arena_create(memory, &config, &error);
    assert_non_null(arena);
    slow.caller = (struct arena_caller){.vcpu_fd = -1, .wait = wait_for_test};
    assert_int_equal(sem_init(&slow.waits, 0, 0), 0);
    assert_int_equal(sem_init(&slow.goes_on, 0, 0), 0);
    first = (struct hf_reserve){.bytes = 8 * HF_PAGE_SIZE, .tag = TAG};
    second = (struct hf_reserve){.bytes = 8 * HF_PAGE_SIZE, .tag = TAG};
    assert_int_equal(arena_reserve(arena, &no_vcpu, &first), HF_OK);
    assert_int_equal(arena_reserve(arena, &no_vcpu, &second), HF_OK);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_destroy(arena);
    forget(memory);
    sem_destroy(&slow.waits);
    sem_destroy(&slow.goes_on);
    return 0;
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
        cmocka_unit_test_setup_teardown(what_it_maps_stays_attached, setup, teardown),
        cmocka_unit_test_setup_teardown(what_it_takes_away_stays_attached, setup, teardown),
        cmocka_unit_test_setup_teardown(a_drill_does_not_wait_for_a_call_that_the_host_holds, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_drill_lasts_as_long_as_a_call_that_it_holds, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_detach_is_given_up_at_the_end, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
