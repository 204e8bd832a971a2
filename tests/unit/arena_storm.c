/* SPDX-License-Identifier: MIT
 * A storm of hypercalls from several threads at once, as vCPUs make them, while others attach and
 * detach by force, reset, drill and look: no call is refused but for an object that is gone, and
 * every page of RAM that is mapped shows what it should. All the while the host refuses one thing
 * or another.
 *
 * Above all for ThreadSanitizer (`make tsan`). HOLDFAST_SECONDS (default: 2) says for how long. */
#define ARENA_PAGES 2048u
#include "host_fakes.h"
#include "host_memory.h"
#include "vmm/arena/accounts.h"
#include "vmm/arena/arena.h"
#include "vmm/arena/calls.h"
#include "vmm/arena/drill.h"
#include "vmm/arena/faults.h"
#include "vmm/arena/operators.h"
#include "vmm/hypercalls/hypercalls.h"
#include "vmm/memory/ballast_thread.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#define TAG                   0x4d524f54u
#define CALLERS               3u
#define WINDOWS               2u  /* of each caller */
#define PAGES                 16u /* of a window */
#define SOURCES               8u /* pages of RAM that are mapped; behind them each caller has two: */
#define ARGUMENT_PAGE(caller) (SOURCES + 2 * (caller)->number)
#define LIST_PAGE(caller)     (SOURCES + 2 * (caller)->number + 1)
#define NAMES                 2u

static const char *const names[NAMES] = {"disk", "memory"};

struct held {
    struct hf_reserve it;
    uint32_t mapped;
    struct hf_extent shown[PAGES];
};

struct caller {
    struct arena_caller it;
    uint32_t number;
    uint64_t seed;
    uint64_t era; /* of its windows; a reset begins the next */
    struct held held[WINDOWS];
};

static struct memory *memory;
static struct arena *arena;
static char path[64];
static _Atomic bool stop, resetting;
static _Atomic uint64_t wrong, maps, resets, detaches, pictures;

/* Held to read by who makes a call: a reset comes when all vCPUs are out of theirs. */
static pthread_rwlock_t machine = PTHREAD_RWLOCK_WRITER_NONRECURSIVE_INITIALIZER_NP;
static uint64_t era = 1;

static uint32_t pick(uint64_t *seed, uint32_t below)
{
    *seed = *seed * 6364136223846793005ull + 1442695040888963407ull;
    return (uint32_t)(*seed >> 33) % below;
}

static void complain(const char *what, int result)
{
    if (atomic_fetch_add(&wrong, 1) < 10)
        print_message("%s: %d\n", what, result);
}

/* Whether it is HF_OK; `other` is right as well, and anything is where a reset is about to come. */
static bool is_ok(const char *what, enum hf_status status, enum hf_status other)
{
    if (status != HF_OK && status != other && !atomic_load(&resetting))
        complain(what, status);
    return status == HF_OK;
}

/* ---- those who call ---- */

static bool wait_a_moment(const struct arena_caller *caller, uint64_t nanoseconds)
{
    (void)caller;
    (void)nanoseconds;
    sched_yield();
    return !atomic_load(&resetting);
}

static enum hf_status perform(const struct caller *caller, enum hf_call number, void *argument,
                              size_t bytes)
{
    const struct hypercalls calls = {.arena = arena, .memory = memory};
    const uint64_t gpa = ARGUMENT_PAGE(caller) * HF_PAGE_SIZE;

    memcpy(memory->ram + gpa, argument, bytes);
    const enum hf_status status = hypercalls_perform(&calls, &caller->it, number, gpa, 0);
    memcpy(argument, memory->ram + gpa, bytes);
    return status;
}

#define PERFORM(caller, number, argument) perform(caller, number, argument, sizeof *(argument))

/* Refused while the ballast is lent to others. */
static void reserve(struct caller *caller, struct held *held)
{
    struct hf_reserve call = {.bytes = PAGES * HF_PAGE_SIZE, .tag = TAG + caller->number};

    *held = (struct held){.mapped = 0};
    if (is_ok("RESERVE", PERFORM(caller, HF_CALL_RESERVE, &call), HF_NO_RESOURCES))
        held->it = call;
}

static void release(struct caller *caller, struct held *held)
{
    struct hf_release call = {.window = held->it.window, .tag = held->it.tag};

    if (held->mapped == 0 && is_ok("RELEASE", PERFORM(caller, HF_CALL_RELEASE, &call), HF_OK))
        reserve(caller, held);
}

static uint32_t object_of(const struct caller *caller)
{
    struct hf_object_open open = {.id = 0};

    strcpy(open.name, names[caller->number % NAMES]);
    is_ok("OBJECT_OPEN", PERFORM(caller, HF_CALL_OBJECT_OPEN, &open), HF_NO_OBJECT);
    return open.id;
}

static void look_at(const struct held *held)
{
    const uint8_t *page = memory->arena + (held->it.base.value - memory->arena_base);
    uint64_t number;

    for (uint32_t i = 0; i < held->mapped; i++) {
        memcpy(&number, page + i * HF_PAGE_SIZE, held->shown[i].object == HF_RAM ? 8 : 0);
        if (held->shown[i].object == HF_RAM && number != held->shown[i].first)
            complain("a page shows another one", (int)number);
    }
}

/* In place of what is mapped, if anything is. */
static void map(struct caller *caller, struct held *held)
{
    const uint32_t object = pick(&caller->seed, 2) == 0 ? object_of(caller) : 0;
    const uint32_t count = 1 + pick(&caller->seed, PAGES);
    const uint64_t list = LIST_PAGE(caller) * HF_PAGE_SIZE;
    struct hf_extent shown[PAGES];
    struct hf_remap remap = {.map = {.window = held->it.window,
                                     .list = {list},
                                     .extents = count,
                                     .tag = held->it.tag,
                                     .cache = HF_CACHE_CACHED},
                             .old_pages = held->mapped};

    for (uint32_t i = 0; i < count; i++)
        shown[i] = object != 0 && i % 4 == 1
                       ? (struct hf_extent){i % 2, 1, object}
                       : (struct hf_extent){pick(&caller->seed, SOURCES), 1, HF_RAM};
    memcpy(memory->ram + list, shown, count * sizeof *shown);
    const enum hf_status status = held->mapped > 0 ? PERFORM(caller, HF_CALL_REMAP, &remap)
                                                   : PERFORM(caller, HF_CALL_MAP, &remap.map);
    if (!is_ok(held->mapped > 0 ? "REMAP" : "MAP", status, HF_BAD_PAGE))
        return;
    memcpy(held->shown, shown, sizeof shown);
    held->mapped = count;
    atomic_fetch_add(&maps, 1);
    look_at(held);
}

static void unmap(struct caller *caller, struct held *held)
{
    struct hf_unmap call = {.window = held->it.window, .pages = held->mapped, .tag = held->it.tag};

    if (held->mapped > 0 && is_ok("UNMAP", PERFORM(caller, HF_CALL_UNMAP, &call), HF_OK))
        held->mapped = 0;
}

static void ask(const struct caller *caller, const struct held *held)
{
    const uint64_t page = held->it.base.value + HF_PAGE_SIZE;
    const uint32_t object = object_of(caller);
    struct hf_stat stat = {.window = held->it.window};
    struct hf_flush flush = {.object = object};
    struct hf_discard discard = {.pages = 1, .object = object};
    struct hf_info info = {.objects = 0};

    if (is_ok("STAT", PERFORM(caller, HF_CALL_STAT, &stat), HF_OK) && stat.mapped_pages > PAGES)
        complain("STAT tells of too many pages", (int)stat.mapped_pages);
    is_ok("INFO", PERFORM(caller, HF_CALL_INFO, &info), HF_OK);
    arena_count_fault(arena, page);
    arena_page_rights(arena, page);
    memory_fetch(memory, page, false);
    memory_lend(memory, SHORT_OF_HOST_TABLES);
    is_ok("FLUSH", PERFORM(caller, HF_CALL_FLUSH, &flush), HF_NO_OBJECT);
    is_ok("DISCARD", PERFORM(caller, HF_CALL_DISCARD, &discard), HF_NO_OBJECT);
}

static void call_any(struct caller *caller, struct held *held)
{
    switch (pick(&caller->seed, 8)) {
    case 0:
        ask(caller, held);
        break;
    case 1:
        release(caller, held);
        break;
    case 2:
    case 3:
        unmap(caller, held);
        break;
    default:
        map(caller, held);
        break;
    }
}

static void *call_all_the_time(void *argument)
{
    struct caller *caller = argument;

    while (!atomic_load(&stop)) {
        struct held *held = &caller->held[pick(&caller->seed, WINDOWS)];
        pthread_rwlock_rdlock(&machine);
        if (caller->era != era)
            memset(caller->held, 0, sizeof caller->held);
        caller->era = era;
        if (held->it.window == 0)
            reserve(caller, held);
        /* What a call that was given up has left is a reset's to put in order. */
        if (held->it.window != 0 && !atomic_load(&resetting))
            call_any(caller, held);
        pthread_rwlock_unlock(&machine);
        sched_yield();
    }
    return NULL;
}

/* ---- operators ---- */

static void *attach_and_detach(void *argument)
{
    struct object_spec spec[NAMES] = {{.bytes = 0}, {.bytes = 4 * HF_PAGE_SIZE}};
    struct error error;

    for (uint32_t turn = 0; !atomic_load(&stop); turn++) {
        struct object_spec *it = &spec[turn % NAMES];
        strcpy(it->name, names[turn % NAMES]);
        if (turn % NAMES == 0)
            strcpy(it->path, path);
        if (arena_attach(arena, it, NULL, &error) == 0)
            sched_yield();
        const enum arena_detach result =
            arena_detach(arena, names[(turn + 1) % NAMES], turn % 4 > 0);
        if (result == ARENA_DETACHED)
            atomic_fetch_add(&detaches, 1);
        clock_nanosleep(CLOCK_MONOTONIC, 0, &(struct timespec){.tv_nsec = 1000000}, NULL);
    }
    return argument;
}

static void reset(void)
{
    const struct arena_caller nobody = {.vcpu_fd = -1};

    atomic_store(&resetting, true);
    pthread_rwlock_wrlock(&machine);
    if (!arena_reset(arena, &nobody))
        complain("a reset is given up", 0);
    era++;
    atomic_store(&resetting, false);
    pthread_rwlock_unlock(&machine);
    atomic_fetch_add(&resets, 1);
}

/* At first the host itself refuses, for which the ballast is lent; later it is drills that do. */
static void *refuse_and_reset(void *argument)
{
    static const enum primitive kinds[] = {PRIMITIVE_MAP, PRIMITIVE_GUARD, PRIMITIVE_PREFAULT};
    struct injection *injection = memory_injection(memory);

    for (uint32_t turn = 0; !atomic_load(&stop); turn++) {
        if (turn < 200)
            injection_set_after(injection, kinds[turn % 3], turn % 5, 1 + turn % 7);
        else if (arena_drill_begin(arena, ARENA_DRILL_PRIMITIVES, 3) == ARENA_DRILL_BUSY &&
                 turn % 2 == 0)
            arena_drill_end(arena);
        if (turn % 20 == 19)
            reset();
        clock_nanosleep(CLOCK_MONOTONIC, 0, &(struct timespec){.tv_nsec = 1000000}, NULL);
    }
    return argument;
}

static void *look_all_the_time(void *argument)
{
    static struct arena_cell cells[64];
    struct window_state windows[CALLERS * WINDOWS + 1];
    struct object_state objects[4];
    struct tag_state tags[8];
    struct arena_accounts accounts;
    struct arena_counters counters;
    struct arena_drill_report report;
    const struct tag_amounts quota = {.extents = 1000};
    struct error error;

    while (!atomic_load(&stop)) {
        arena_picture(arena, cells, 64);
        for (uint32_t i = 0; i < 64; i++)
            if (cells[i].mapped > cells[i].reserved || cells[i].reserved > cells[i].pages)
                complain("a cell tells of more than it has", (int)i);
        if (arena_windows(arena, 0, windows, CALLERS * WINDOWS + 1) > CALLERS * WINDOWS)
            complain("there are too many windows", 0);
        arena_objects(arena, objects, 4);
        arena_tags(arena, 0, tags, 8);
        arena_accounts(arena, &accounts);
        arena_counters(arena, &counters);
        arena_drill_report(arena, &report);
        if (arena_set_quota(arena, TAG + CALLERS, &quota, &error) < 0)
            complain(error.text, 0);
        atomic_fetch_add(&pictures, 1);
        sched_yield();
    }
    return argument;
}

/* ---- the storm ---- */

static void blow(void)
{
    static struct caller callers[CALLERS];
    static void *(*const operators[])(void *) = {attach_and_detach, refuse_and_reset,
                                                 look_all_the_time};
    const char *seconds = getenv("HOLDFAST_SECONDS");
    pthread_t thread[CALLERS + 3];

    for (uint32_t i = 0; i < CALLERS; i++) {
        callers[i] = (struct caller){
            .it = {.vcpu_fd = -1, .wait = wait_a_moment}, .number = i, .seed = i + 1};
        assert_int_equal(pthread_create(&thread[i], NULL, call_all_the_time, &callers[i]), 0);
    }
    for (uint32_t i = 0; i < 3; i++)
        assert_int_equal(pthread_create(&thread[CALLERS + i], NULL, operators[i], NULL), 0);
    const int left = seconds != NULL ? atoi(seconds) : 2;
    clock_nanosleep(CLOCK_MONOTONIC, 0, &(struct timespec){.tv_sec = left > 0 ? left : 2}, NULL);
    atomic_store(&stop, true);
    for (uint32_t i = 0; i < CALLERS + 3; i++)
        pthread_join(thread[i], NULL);
}

static void nothing_is_refused_and_every_page_is_right(void **state)
{
    const struct arena_config config = {.windows = 16, .extents = 1024, .vcpus = CALLERS};
    struct arena_counters counters;
    struct error error;

    (void)state;
    memory = make_memory();
    set_aside(memory);
    arena = arena_create(memory, &config, &error);
    assert_non_null(arena);
    assert_int_equal(ballast_thread_start(&memory->ballast_thread, &memory->ballast, &error), 0);
    blow();
    arena_counters(arena, &counters);
    print_message("%lu maps, %lu rescued, %lu resets, %lu detaches, %lu pictures\n",
                  atomic_load(&maps), counters.rescued, atomic_load(&resets),
                  atomic_load(&detaches), atomic_load(&pictures));
    assert_int_equal(atomic_load(&wrong), 0);
    assert_true(atomic_load(&maps) > 0 && counters.rescued > 0 && atomic_load(&resets) > 0 &&
                atomic_load(&detaches) > 0 && atomic_load(&pictures) > 0);
    ballast_thread_stop(&memory->ballast_thread);
    for (uint32_t slot = 1; slot <= BACKINGS_OBJECTS; slot++)
        object_close(&memory->object[slot]);
    arena_destroy(arena);
    forget(memory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_refused_and_every_page_is_right),
    };

    strcpy(path, "/tmp/holdfast-storm-XXXXXX");
    const int fd = mkstemp(path);
    if (fd < 0 || ftruncate(fd, 4 * HF_PAGE_SIZE) < 0)
        return 1;
    close(fd);
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    unlink(path);
    return failed;
}
