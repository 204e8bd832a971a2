/* SPDX-License-Identifier: MIT
 * A detach by force takes the pages away in steps: between two, every other call is served, and
 * none finds the object. */
#include "arena_steps.h"
#include "no_vcpu.h"

#include <semaphore.h>
#include <stdatomic.h>

#define PAGES 512u /* of a window; the object has every second one */
#define STEPS (PAGES / 2 / ARENA_STEP_EXTENTS)

static uint32_t disk;
static struct hf_reserve window;
static struct hf_reserve other;

static void map_disk(void)
{
    disk = attach("disk", "", PAGES * HF_PAGE_SIZE, false);
    window = reserve_pages(PAGES);
    other = reserve_pages(1);
    map_by_turns(&window, 0, PAGES, disk);
}

static void detach(void)
{
    assert_int_equal(arena_detach(storage.arena, "disk", true), ARENA_DETACHED);
}

static uint64_t extents_of(uint32_t slot)
{
    return storage.arena->backings.object[slot].extents;
}

static void *map_and_unmap(void *argument)
{
    const struct hf_extent ram = {.first = 7, .pages = 1, .object = HF_RAM};
    enum hf_status *status = argument;

    *status = map_list(&other, 0, &ram, 1);
    if (*status == HF_OK)
        *status = unmap(&other, 0, 1);
    return NULL;
}

static void another_thread_maps(void)
{
    enum hf_status status = HF_UNKNOWN_CALL;
    pthread_t thread;

    assert_int_equal(extents_of(1), PAGES / 2 - rests.count * ARENA_STEP_EXTENTS);
    assert_int_equal(pthread_create(&thread, NULL, map_and_unmap, &status), 0);
    pthread_join(thread, NULL);
    assert_int_equal(status, HF_OK);
}

static void another_thread_maps_between_two_steps(void **state)
{
    (void)state;
    map_disk();
    rests.during = another_thread_maps;
    detach();
    assert_int_equal(rests.count, STEPS);
    for (uint32_t page = 0; page < PAGES; page++)
        assert_int_equal(readable(at(&window, page)), page % 2 == 0);
    assert_int_equal(unmap(&window, 0, PAGES), HF_OK);
    assert_int_equal(release(&window), HF_OK);
    assert_int_equal(storage.memory->object[1].fd, -1);
}

static void nobody_finds_it(void)
{
    const struct hf_extent extent = {.first = 0, .pages = 1, .object = disk};
    struct hf_object_open open = {.name = "disk"};
    struct hf_discard discard = {.object = disk, .first = 0, .pages = 1};
    struct object_state objects[1];
    struct hf_info info;

    assert_int_equal(map_list(&other, 0, &extent, 1), HF_BAD_PAGE);
    assert_int_equal(arena_object_open(storage.arena, &open), HF_NO_OBJECT);
    assert_int_equal(arena_flush(storage.arena, &(struct hf_flush){.object = disk}), HF_NO_OBJECT);
    assert_int_equal(arena_discard(storage.arena, &no_vcpu, &discard), HF_NO_OBJECT);
    assert_int_equal(arena_detach(storage.arena, "disk", true), ARENA_NO_OBJECT);
    assert_int_equal(arena_detach(storage.arena, "disk", false), ARENA_NO_OBJECT);
    assert_int_equal(arena_objects(storage.arena, objects, 1), 0);
    arena_info(storage.arena, &info);
    assert_int_equal(info.objects, 0);
    assert_true(is_open(storage.memory->object[1].fd));
}

static void no_call_finds_an_object_that_is_going(void **state)
{
    (void)state;
    map_disk();
    rests.during = nobody_finds_it;
    detach();
    assert_int_equal(rests.count, STEPS);
}

static uint32_t successor;

static void attach_again(void)
{
    const struct hf_extent extent = {.first = 1, .pages = 1};
    struct hf_extent list = extent;

    if (rests.count != 1)
        return;
    successor = attach("disk", storage.path, 0, false);
    assert_int_not_equal(successor, disk);
    list.object = successor;
    assert_int_equal(map_list(&other, 0, &list, 1), HF_OK);
}

static void a_successor_of_the_same_name_is_left_alone(void **state)
{
    (void)state;
    map_disk();
    rests.during = attach_again;
    detach();
    assert_int_equal(rests.count, STEPS);
    assert_int_equal(at(&other, 0)[0], 'x');
    assert_int_equal(extents_of(2), 1);
    assert_int_equal(storage.memory->object[1].fd, -1);
    assert_int_equal(arena_detach(storage.arena, "disk", false), ARENA_IN_USE);
}

static void unmap_and_map_ram(void)
{
    static struct hf_extent list[PAGES];

    if (rests.count != 1)
        return;
    assert_int_equal(unmap(&window, 0, PAGES), HF_OK);
    assert_int_equal(extents_of(1), 0);
    for (uint32_t i = 0; i < PAGES; i++)
        list[i] = (struct hf_extent){.first = 9, .pages = 1, .object = HF_RAM};
    assert_int_equal(map_list(&window, 0, list, PAGES), HF_OK);
}

static void what_is_mapped_in_its_place_meanwhile_stays(void **state)
{
    (void)state;
    map_disk();
    rests.during = unmap_and_map_ram;
    detach();
    assert_int_equal(rests.count, 1);
    for (uint32_t page = 0; page < PAGES; page++)
        assert_int_equal(at(&window, page)[0], 9);
    assert_int_equal(storage.memory->object[1].fd, -1);
}

static void reset(void)
{
    if (rests.count == 1)
        arena_reset(storage.arena, &no_vcpu);
}

static void a_reset_meanwhile_ends_it(void **state)
{
    (void)state;
    map_disk();
    rests.during = reset;
    detach();
    assert_int_equal(rests.count, 1);
    assert_int_equal(extents_of(1), 0);
    assert_int_equal(storage.memory->object[1].fd, -1);
    attach("disk", storage.path, 0, false);
    assert_true(storage.memory->object[1].fd >= 0);
}

#define REMAPPED 100u

/* A REMAP of the window that the host keeps waiting with all pages done but the last. */
static struct {
    pthread_t thread;
    sem_t waits;
    sem_t goes_on;
    enum hf_status status;
} remap;

static bool wait_for_detach(const struct arena_caller *caller, uint64_t nanoseconds)
{
    (void)caller;
    (void)nanoseconds;
    sem_post(&remap.waits);
    sem_wait(&remap.goes_on);
    return true;
}

static void *remap_to_ram(void *argument)
{
    const struct arena_caller caller = {.vcpu_fd = -1, .wait = wait_for_detach};
    struct hf_remap call = {
        .map = {.window = window.window, .extents = REMAPPED, .tag = TAG, .cache = HF_CACHE_CACHED},
        .old_pages = PAGES,
    };
    struct hf_extent list[REMAPPED];

    for (uint32_t i = 0; i < REMAPPED; i++)
        list[i] = (struct hf_extent){.first = 9, .pages = 1, .object = HF_RAM};
    memcpy(storage.memory->ram, list, sizeof list);
    remap.status = arena_remap(storage.arena, &caller, &call);
    return argument;
}

static void remap_between_two_steps(void)
{
    if (rests.count == 1) {
        injection_set_after(memory_injection(storage.memory), PRIMITIVE_MAP, REMAPPED - 1, 1);
        assert_int_equal(pthread_create(&remap.thread, NULL, remap_to_ram, NULL), 0);
        sem_wait(&remap.waits);
    } else if (rests.count == STEPS - 1) {
        sem_post(&remap.goes_on);
        pthread_join(remap.thread, NULL);
    }
}

static void what_a_REMAP_puts_there_meanwhile_stays(void **state)
{
    (void)state;
    assert_int_equal(sem_init(&remap.waits, 0, 0), 0);
    assert_int_equal(sem_init(&remap.goes_on, 0, 0), 0);
    map_disk();
    rests.during = remap_between_two_steps;
    detach();
    assert_int_equal(remap.status, HF_OK);
    for (uint32_t page = 0; page < REMAPPED; page++) {
        assert_true(readable(at(&window, page)));
        assert_int_equal(at(&window, page)[0], 9);
    }
    assert_int_equal(storage.memory->object[1].fd, -1);
    sem_destroy(&remap.waits);
    sem_destroy(&remap.goes_on);
}

static void a_step_ends_when_it_has_taken_64_MiB(void **state)
{
    struct hf_extent list[4];

    (void)state;
    disk = attach("disk", "", 4ull * ARENA_STEP_PAGES * HF_PAGE_SIZE, false);
    window = reserve_pages(4ull * ARENA_STEP_PAGES);
    for (uint32_t i = 0; i < 4; i++)
        list[i] = (struct hf_extent){
            .first = (uint64_t)i * ARENA_STEP_PAGES, .pages = ARENA_STEP_PAGES, .object = disk};
    assert_int_equal(map_list(&window, 0, list, 4), HF_OK);
    detach();
    assert_int_equal(rests.count, 4);
}

static _Atomic bool stop;
static _Atomic uint32_t maps;

static void *map_all_the_time(void *argument)
{
    enum hf_status *status = argument;

    while (*status == HF_OK && !atomic_load(&stop)) {
        map_and_unmap(status);
        atomic_fetch_add(&maps, 1);
    }
    return NULL;
}

/* The lock's next owner is not the one who has waited for it: a detach that took it again at once
 * would keep the mapper waiting from the first step to the last. */
static void who_waits_for_the_lock_gets_it(void **state)
{
    enum hf_status status = HF_OK;
    pthread_t thread;

    (void)state;
    disk = attach("disk", "", PAGES * HF_PAGE_SIZE, false);
    other = reserve_pages(1);
    struct hf_reserve windows[3];
    for (uint32_t i = 0; i < 3; i++) {
        windows[i] = reserve_pages(2 * PAGES);
        map_by_turns(&windows[i], 0, PAGES, disk);
        map_by_turns(&windows[i], PAGES, PAGES, disk);
    }
    assert_int_equal(pthread_create(&thread, NULL, map_all_the_time, &status), 0);
    while (atomic_load(&maps) == 0)
        sched_yield();
    const uint32_t before = atomic_load(&maps);
    detach();
    const uint32_t during = atomic_load(&maps) - before;
    atomic_store(&stop, true);
    pthread_join(thread, NULL);
    assert_int_equal(status, HF_OK);
    print_message("%u steps, %u maps\n", rests.count, during);
    assert_int_equal(rests.count, 6 * STEPS);
    assert_true(during >= STEPS);
}

#define TEST STEPS_TEST

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(another_thread_maps_between_two_steps),
        TEST(no_call_finds_an_object_that_is_going),
        TEST(a_successor_of_the_same_name_is_left_alone),
        TEST(what_is_mapped_in_its_place_meanwhile_stays),
        TEST(a_reset_meanwhile_ends_it),
        TEST(what_a_REMAP_puts_there_meanwhile_stays),
        TEST(a_step_ends_when_it_has_taken_64_MiB),
        TEST(who_waits_for_the_lock_gets_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
